/* Reading formulas, by SQLite's precedence of operators. What is not known is refused. */
#include "base/mem.h"
#include "core/store/formula_part.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#define DEPTH 60    /* of nested parentheses and the like */
#define IN_MOST 256 /* constants of a list: SQLite looks a value up among more in less time */

struct reader {
	struct formulas *f;
	const char *p;
	int depth;
};

static int read_or(struct reader *r);

/* ---- words ---- */

static void blank(struct reader *r)
{
	while (isspace((unsigned char)*r->p))
		r->p++;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (c & 0x80);
}

static size_t word_length(const char *p)
{
	size_t n = 0;

	while (in_word(p[n]))
		n++;
	return n;
}

static bool takes_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	blank(r);
	if (word_length(r->p) != n || strncasecmp(r->p, word, n) != 0)
		return false;
	r->p += n;
	return true;
}

static bool takes(struct reader *r, const char *mark)
{
	size_t n = strlen(mark);

	blank(r);
	if (strncmp(r->p, mark, n) != 0)
		return false;
	r->p += n;
	return true;
}

static int read_number(struct reader *r)
{
	struct node n = {.op = OP_REAL, .type = FORMULA_REAL, .of = {-1, -1, -1}};
	size_t digits = strspn(r->p, "0123456789"), length = digits;
	int64_t whole;

	if (r->p[length] == '.')
		length += 1 + strspn(r->p + length + 1, "0123456789");
	if (in_word(r->p[length]) || r->p[length] == '.' || length > 15)
		return -1;
	if (length == digits) {
		if (!str_int((struct str){r->p, length}, &whole))
			return -1;
		r->p += length;
		return formula_constant(r->f, whole);
	}
	n.is.real = strtod(r->p, NULL);
	/* One that a double has not exactly SQLite may read as its neighbour. */
	if (ldexp(n.is.real, 20) != floor(ldexp(n.is.real, 20)))
		return -1;
	r->p += length;
	return formula_node(r->f, &n);
}

static int read_text(struct reader *r)
{
	struct node n = {.op = OP_TEXT, .type = FORMULA_TEXT, .of = {-1, -1, -1}};
	struct buf text = BUF_INIT;

	for (r->p++; *r->p && (*r->p != '\'' || r->p[1] == '\''); r->p++) {
		r->p += *r->p == '\'';
		buf_byte(&text, *r->p);
	}
	if (!*r->p) {
		buf_release(&text);
		return -1;
	}
	r->p++;
	n.is.number = codes_of(r->f->codes, buf_str(&text));
	buf_release(&text);
	return formula_node(r->f, &n);
}

static int read_parameter(struct reader *r)
{
	size_t n = 1 + word_length(r->p + 1);

	for (size_t i = 0; i < r->f->parameter_n; i++) {
		const struct formula_parameter *p = &r->f->parameters[i];

		if (strlen(p->name) == n && strncmp(p->name, r->p, n) == 0) {
			r->p += n;
			return formula_constant(r->f, p->value);
		}
	}
	return -1;
}

/* A name in quotation marks, or by itself; .len 0: there is none. */
static struct str read_name(struct reader *r)
{
	struct str name = {r->p, word_length(r->p)};

	if (*r->p == '"') {
		const char *end = strchr(r->p + 1, '"');

		if (!end || end[1] == '"')
			return (struct str){NULL, 0};
		name = (struct str){r->p + 1, (size_t)(end - r->p - 1)};
		r->p = end + 1;
		return name;
	}
	r->p += name.len;
	return name;
}

static int value(struct reader *r)
{
	return takes_word(r, "null") ? FORMULA_NULL : read_or(r);
}

/* From behind CASE on. */
static int read_case(struct reader *r)
{
	int when, then, otherwise;

	if (!takes_word(r, "when"))
		return -1;
	when = read_or(r);
	if (when < 0 || !takes_word(r, "then"))
		return -1;
	then = value(r);
	blank(r);
	if (strncasecmp(r->p, "when", 4) == 0 && !in_word(r->p[4])) {
		if (++r->depth > DEPTH)
			return -1;
		otherwise = read_case(r);
		r->depth--;
		return formula_choose(r->f, when, then, otherwise);
	}
	if (takes_word(r, "else"))
		otherwise = value(r);
	else
		otherwise = FORMULA_NULL;
	return takes_word(r, "end") ? formula_choose(r->f, when, then, otherwise) : -1;
}

/* The arguments behind an opening parenthesis; how many, or -1. */
static int read_arguments(struct reader *r, int of[FORMULA_ARGUMENTS])
{
	for (int n = 0; n < FORMULA_ARGUMENTS;) {
		of[n] = read_or(r);
		if (of[n++] < 0)
			return -1;
		if (takes(r, ")"))
			return n;
		if (!takes(r, ","))
			return -1;
	}
	return -1;
}

static int call(struct reader *r, struct str name)
{
	static const struct {
		const char *name;
		enum formula_op op;
	} locals[] = {{"local_day", OP_DAY}, {"local_week", OP_WEEK}, {"local_month", OP_MONTH},
		{"local_time", OP_TIME}};
	int of[FORMULA_ARGUMENTS], n = read_arguments(r, of);
	char word[16] = "";

	if (n < 1 || name.len >= sizeof(word))
		return -1;
	for (size_t i = 0; i < name.len; i++)
		word[i] = (char)tolower((unsigned char)name.s[i]);
	if (n >= 2 && (strcmp(word, "coalesce") == 0 || (n == 2 && strcmp(word, "ifnull") == 0)))
		return formula_coalesce(r->f, of, n);
	if (n == 3 && strcmp(word, "iif") == 0)
		return formula_choose(r->f, of[0], of[1], of[2]);
	if (n == 2 && strcmp(word, "instr") == 0)
		return formula_instr(r->f, of[0], of[1]);
	for (size_t i = 0; n == 1 && i < sizeof(locals) / sizeof(locals[0]); i++)
		if (strcmp(word, locals[i].name) == 0)
			return formula_local(r->f, locals[i].op, of[0]);
	return -1;
}

static int read_named(struct reader *r)
{
	static const char *const words[] = {"null", "not", "exists", "cast", "true", "false",
		"current_date", "current_time", "current_timestamp", "raise"};
	bool quoted = *r->p == '"';
	struct str name = read_name(r);

	if (!name.len)
		return -1;
	if (!quoted && name.len == 4 && strncasecmp(name.s, "case", 4) == 0)
		return read_case(r);
	for (size_t i = 0; !quoted && i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == name.len && strncasecmp(words[i], name.s, name.len) == 0)
			return -1;
	if (takes(r, "("))
		return quoted ? -1 : call(r, name);
	if (takes(r, ".")) {
		if (name.len != 1 || (*name.s != 'f' && *name.s != 'F'))
			return -1;
		blank(r);
		name = read_name(r);
	}
	return formula_column(r->f, name);
}

static int read_one(struct reader *r)
{
	int inner;

	blank(r);
	if (*r->p == '\'')
		return read_text(r);
	if (isdigit((unsigned char)*r->p))
		return read_number(r);
	if (*r->p == ':')
		return read_parameter(r);
	if (*r->p != '(')
		return read_named(r);
	r->p++;
	inner = read_or(r);
	return inner < 0 || !takes(r, ")") ? -1 : inner;
}

static int read_sign(struct reader *r)
{
	int a;

	if (!takes(r, "-"))
		return read_one(r);
	/* Of the least number of all there is no other; a real's zero has a sign. */
	a = ++r->depth > DEPTH ? -1 : read_sign(r);
	r->depth--;
	return a < 0 || r->f->v[a].type == FORMULA_REAL
		       ? -1
		       : formula_arithmetic(r->f, OP_SUBTRACT, formula_constant(r->f, 0), a);
}

static int read_product(struct reader *r)
{
	int a = read_sign(r);

	while (a >= 0)
		if (takes(r, "*"))
			a = formula_arithmetic(r->f, OP_MULTIPLY, a, read_sign(r));
		else if (takes(r, "/"))
			a = formula_arithmetic(r->f, OP_DIVIDE, a, read_sign(r));
		else if (takes(r, "%"))
			a = formula_arithmetic(r->f, OP_REMAINDER, a, read_sign(r));
		else
			break;
	return a;
}

/* -> and ->> are none of them. */
static bool minus(struct reader *r)
{
	blank(r);
	return r->p[0] == '-' && r->p[1] != '>' && takes(r, "-");
}

static int read_sum(struct reader *r)
{
	int a = read_product(r);

	while (a >= 0)
		if (takes(r, "+"))
			a = formula_arithmetic(r->f, OP_ADD, a, read_product(r));
		else if (minus(r))
			a = formula_arithmetic(r->f, OP_SUBTRACT, a, read_product(r));
		else
			break;
	return a;
}

static int read_order(struct reader *r)
{
	int a = read_sum(r);

	while (a >= 0)
		if (takes(r, "<=")) {
			a = formula_compare(r->f, a, read_sum(r), true);
		} else if (takes(r, ">=")) {
			int b = read_sum(r);

			a = formula_compare(r->f, b, a, true);
		} else if (!strncmp(r->p, "<>", 2) || !strncmp(r->p, "<<", 2) ||
			   !strncmp(r->p, ">>", 2)) {
			break;
		} else if (takes(r, "<")) {
			a = formula_compare(r->f, a, read_sum(r), false);
		} else if (takes(r, ">")) {
			int b = read_sum(r);

			a = formula_compare(r->f, b, a, false);
		} else {
			break;
		}
	return a;
}

/* From behind IS on. */
static int read_is(struct reader *r, int a)
{
	bool not = takes_word(r, "not");
	const char *before;

	blank(r);
	before = r->p;
	if (takes_word(r, "distinct"))
		return -1;
	r->p = before;
	a = takes_word(r, "null") ? formula_is_null(r->f, a)
				  : formula_equal(r->f, OP_IS, a, read_order(r));
	return not ? formula_negate(r->f, a) : a;
}

/* From behind IN on: constants alone, and not many. */
static int read_in(struct reader *r, int a)
{
	int any = -1, n = 0;

	if (!takes(r, "("))
		return -1;
	do {
		int one = n++ < IN_MOST ? read_sign(r) : -1;

		if (one < 0 || r->f->v[one].op < OP_NUMBER || r->f->v[one].op > OP_TEXT)
			return -1;
		one = formula_equal(r->f, OP_EQUAL, a, one);
		any = any < 0 ? one : formula_join(r->f, OP_OR, any, one);
		if (any < 0)
			return -1;
	} while (takes(r, ","));
	return takes(r, ")") ? any : -1;
}

static int read_between(struct reader *r, int a)
{
	int low = read_order(r), high;

	if (!takes_word(r, "and"))
		return -1;
	high = read_order(r);
	return formula_join(r->f, OP_AND, formula_compare(r->f, low, a, true),
		formula_compare(r->f, a, high, true));
}

/* What a word at p makes of the operand before it; -1 also where it is none of these: *other. */
static int read_word(struct reader *r, int a, bool *other)
{
	bool not ;

	if (takes_word(r, "is"))
		return read_is(r, a);
	if (takes_word(r, "isnull"))
		return formula_is_null(r->f, a);
	if (takes_word(r, "notnull"))
		return formula_negate(r->f, formula_is_null(r->f, a));
	not = takes_word(r, "not");
	if (not &&takes_word(r, "null"))
		return formula_negate(r->f, formula_is_null(r->f, a));
	if (takes_word(r, "in"))
		a = read_in(r, a);
	else if (takes_word(r, "between"))
		a = read_between(r, a);
	else {
		*other = !not ;
		return -1;
	}
	return not ? formula_negate(r->f, a) : a;
}

static int read_equal(struct reader *r)
{
	int a = read_order(r), next;
	bool other = false;

	while (a >= 0)
		if (takes(r, "==") || takes(r, "=")) {
			a = formula_equal(r->f, OP_EQUAL, a, read_order(r));
		} else if (takes(r, "!=") || takes(r, "<>")) {
			a = formula_equal(r->f, OP_DIFFERS, a, read_order(r));
		} else {
			next = read_word(r, a, &other);
			if (other)
				break;
			a = next;
		}
	return a;
}

static int read_not(struct reader *r)
{
	int a;

	if (!takes_word(r, "not"))
		return read_equal(r);
	a = ++r->depth > DEPTH ? -1 : read_not(r);
	r->depth--;
	return formula_negate(r->f, a);
}

static int read_and(struct reader *r)
{
	int a = read_not(r);

	while (a >= 0 && takes_word(r, "and"))
		a = formula_join(r->f, OP_AND, a, read_not(r));
	return a;
}

static int read_or(struct reader *r)
{
	int a = ++r->depth > DEPTH ? -1 : read_and(r);

	while (a >= 0 && takes_word(r, "or"))
		a = formula_join(r->f, OP_OR, a, read_and(r));
	r->depth--;
	return a;
}

int formula_read(struct formulas *f, const char *sql)
{
	struct reader r = {f, sql, 0};
	int a = read_or(&r);

	blank(&r);
	return *r.p ? -1 : a;
}
