/* Reading formulas, by SQLite's precedence of operators. What is not known is refused. */
#include "base/mem.h"
#include "core/store/formula_part.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#define DEPTH 60 /* of nested parentheses and the like */

struct reader {
	struct formulas *f;
	const char *p;
	int depth;
};

static int read_or(struct reader *r);

/* ---- nodes ---- */

static const struct node *at(const struct reader *r, int i)
{
	return &r->f->v[i];
}

static int make(struct reader *r, enum formula_op op, enum formula_type type, int a, int b, int c)
{
	/* What is no sum or product is a truth, or a place in a text. */
	const struct node n = {.op = op, .type = type, .of = {a, b, c}, .most = INT32_MAX};

	return formula_node(r->f, &n);
}

static int make1(struct reader *r, enum formula_op op, enum formula_type type, int a)
{
	return a < 0 ? -1 : make(r, op, type, a, -1, -1);
}

static int make2(struct reader *r, enum formula_op op, enum formula_type type, int a, int b)
{
	return a < 0 || b < 0 ? -1 : make(r, op, type, a, b, -1);
}

/* As a whole number or a real, or -1. */
static int number_of(struct reader *r, int a)
{
	if (a < 0 || at(r, a)->type == FORMULA_TEXT)
		return -1;
	return at(r, a)->type == FORMULA_BOOL ? make1(r, OP_COUNT, FORMULA_INT, a) : a;
}

static int real_of(struct reader *r, int a)
{
	return a < 0 || at(r, a)->type == FORMULA_REAL ? a : make1(r, OP_EXACT, FORMULA_REAL, a);
}

int formula_truth_of(struct formulas *f, int node)
{
	struct reader r = {f, NULL, 0};

	if (node < 0 || f->v[node].type == FORMULA_TEXT)
		return -1;
	return f->v[node].type == FORMULA_BOOL ? node : make1(&r, OP_TRUTH, FORMULA_BOOL, node);
}

/* Two of one type: both texts, both numbers, or both reals. false: they are not alike. */
static bool alike(struct reader *r, int *a, int *b)
{
	if (*a < 0 || *b < 0)
		return false;
	if (at(r, *a)->type == FORMULA_TEXT && at(r, *b)->type == FORMULA_TEXT)
		return true;
	*a = number_of(r, *a);
	*b = number_of(r, *b);
	if (*a < 0 || *b < 0)
		return false;
	if (at(r, *a)->type == FORMULA_REAL || at(r, *b)->type == FORMULA_REAL) {
		*a = real_of(r, *a);
		*b = real_of(r, *b);
	}
	return true;
}

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

/* ---- what stands by itself ---- */

static int constant(struct reader *r, int64_t number)
{
	struct node n = {.op = OP_NUMBER, .type = FORMULA_INT, .of = {-1, -1, -1}};

	if (number < -FORMULA_MOST || number > FORMULA_MOST)
		return -1;
	n.is.number = number;
	n.most = number < 0 ? -number : number;
	return formula_node(r->f, &n);
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
		return constant(r, whole);
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
	if (*r->p++ == '\0') {
		buf_release(&text);
		return -1;
	}
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
			return constant(r, p->value);
		}
	}
	return -1;
}

static int column(struct reader *r, struct str name)
{
	static const enum formula_type types[] = {[COLUMN_INT] = FORMULA_INT,
		[COLUMN_TEXT] = FORMULA_TEXT,
		[COLUMN_REAL] = FORMULA_REAL};
	const struct layout *l = r->f->layout;

	for (size_t i = 0; i < l->n; i++)
		if (strlen(l->v[i].name) == name.len &&
			strncasecmp(l->v[i].name, name.s, name.len) == 0) {
			struct node n = {.op = OP_COLUMN,
				.type = types[l->v[i].type],
				.of = {-1, -1, -1},
				.most = COLUMN_MOST};

			n.is.column = i;
			return formula_node(r->f, &n);
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

/* ---- calls and choices ---- */

static int choice(struct reader *r, int when, int then, int otherwise)
{
	struct node n = {.op = OP_CHOOSE, .type = at(r, then)->type, .of = {when, then, otherwise}};
	int64_t a = at(r, then)->most, b = at(r, otherwise)->most;

	n.most = a > b ? a : b;
	return formula_node(r->f, &n);
}

static int null(struct reader *r, enum formula_type type)
{
	return make(r, OP_NULL, type, -1, -1, -1);
}

/* The second where the first holds, else the third. -2: NULL, of the other's type. */
static int choose(struct reader *r, int when, int then, int otherwise)
{
	when = when < 0 ? -1 : formula_truth_of(r->f, when);
	if (then == -2 && otherwise >= 0)
		then = null(r, at(r, otherwise)->type);
	else if (otherwise == -2 && then >= 0)
		otherwise = null(r, at(r, then)->type);
	if (when < 0 || then < 0 || otherwise < 0)
		return -1;
	/* One row's whole number and another's real are no one type. */
	if ((at(r, then)->type == FORMULA_REAL) != (at(r, otherwise)->type == FORMULA_REAL))
		return -1;
	if (at(r, then)->type != at(r, otherwise)->type && !alike(r, &then, &otherwise))
		return -1;
	return choice(r, when, then, otherwise);
}

static int value(struct reader *r)
{
	return takes_word(r, "null") ? -2 : read_or(r);
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
		return choose(r, when, then, otherwise);
	}
	if (takes_word(r, "else"))
		otherwise = value(r);
	else
		otherwise = -2;
	return takes_word(r, "end") ? choose(r, when, then, otherwise) : -1;
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

static int coalesce(struct reader *r, const int *of, int count)
{
	int a = of[0], b = count > 2 ? coalesce(r, of + 1, count - 1) : of[1];
	struct node n = {.op = OP_COALESCE, .of = {-1, -1, -1}};

	if (a < 0 || b < 0 ||
		(at(r, a)->type == FORMULA_REAL) != (at(r, b)->type == FORMULA_REAL) ||
		!alike(r, &a, &b))
		return -1;
	n.type = at(r, a)->type;
	n.of[0] = a;
	n.of[1] = b;
	n.most = at(r, a)->most > at(r, b)->most ? at(r, a)->most : at(r, b)->most;
	return formula_node(r->f, &n);
}

static int local(struct reader *r, enum formula_op op, int a)
{
	return a < 0 || at(r, a)->type != FORMULA_INT ? -1 : make1(r, op, FORMULA_TEXT, a);
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
		return coalesce(r, of, n);
	if (n == 3 && strcmp(word, "iif") == 0)
		return choose(r, of[0], of[1], of[2]);
	if (n == 2 && strcmp(word, "instr") == 0 && at(r, of[0])->type == FORMULA_TEXT &&
		at(r, of[1])->op == OP_TEXT)
		return make2(r, OP_INSTR, FORMULA_INT, of[0], of[1]);
	for (size_t i = 0; n == 1 && i < sizeof(locals) / sizeof(locals[0]); i++)
		if (strcmp(word, locals[i].name) == 0)
			return local(r, locals[i].op, of[0]);
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
	return column(r, name);
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

/* ---- operators ---- */

static int arithmetic(struct reader *r, enum formula_op op, int a, int b)
{
	struct node n = {.op = op, .type = FORMULA_INT, .of = {-1, -1, -1}};
	int64_t most;

	a = number_of(r, a);
	b = number_of(r, b);
	if (a < 0 || b < 0 || !alike(r, &a, &b))
		return -1;
	n.of[0] = a;
	n.of[1] = b;
	n.type = at(r, a)->type;
	if (n.type == FORMULA_REAL)
		return op == OP_REMAINDER ? -1 : formula_node(r->f, &n);
	most = at(r, a)->most;
	if (op == OP_ADD || op == OP_SUBTRACT)
		most += at(r, b)->most;
	else if (op == OP_MULTIPLY && __builtin_mul_overflow(most, at(r, b)->most, &most))
		return -1;
	n.most = most;
	return most > FORMULA_MOST ? -1 : formula_node(r->f, &n);
}

static int read_sign(struct reader *r)
{
	int a;

	if (!takes(r, "-"))
		return read_one(r);
	/* Of the least number of all there is no other; a real's zero has a sign. */
	a = ++r->depth > DEPTH ? -1 : number_of(r, read_sign(r));
	r->depth--;
	return a < 0 || at(r, a)->type != FORMULA_INT
		       ? -1
		       : arithmetic(r, OP_SUBTRACT, constant(r, 0), a);
}

static int read_product(struct reader *r)
{
	int a = read_sign(r);

	while (a >= 0)
		if (takes(r, "*"))
			a = arithmetic(r, OP_MULTIPLY, a, read_sign(r));
		else if (takes(r, "/"))
			a = arithmetic(r, OP_DIVIDE, a, read_sign(r));
		else if (takes(r, "%"))
			a = arithmetic(r, OP_REMAINDER, a, read_sign(r));
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
			a = arithmetic(r, OP_ADD, a, read_product(r));
		else if (minus(r))
			a = arithmetic(r, OP_SUBTRACT, a, read_product(r));
		else
			break;
	return a;
}

/* Of texts by their order, with a constant on one side. */
static int compare_texts(struct reader *r, int a, int b, bool equal)
{
	if (at(r, b)->op == OP_TEXT)
		return make2(r, equal ? OP_TEXT_LESS_EQUAL : OP_TEXT_LESS, FORMULA_BOOL, a, b);
	if (at(r, a)->op == OP_TEXT)
		return make2(r, equal ? OP_TEXT_MORE_EQUAL : OP_TEXT_MORE, FORMULA_BOOL, b, a);
	return -1;
}

/* a < b, or with equal a <= b. */
static int compare(struct reader *r, int a, int b, bool equal)
{
	if (!alike(r, &a, &b))
		return -1;
	if (at(r, a)->type == FORMULA_TEXT)
		return compare_texts(r, a, b, equal);
	return make2(r, equal ? OP_LESS_EQUAL : OP_LESS, FORMULA_BOOL, a, b);
}

static int read_order(struct reader *r)
{
	int a = read_sum(r);

	while (a >= 0)
		if (takes(r, "<=")) {
			a = compare(r, a, read_sum(r), true);
		} else if (takes(r, ">=")) {
			int b = read_sum(r);

			a = compare(r, b, a, true);
		} else if (!strncmp(r->p, "<>", 2) || !strncmp(r->p, "<<", 2) ||
			   !strncmp(r->p, ">>", 2)) {
			break;
		} else if (takes(r, "<")) {
			a = compare(r, a, read_sum(r), false);
		} else if (takes(r, ">")) {
			int b = read_sum(r);

			a = compare(r, b, a, false);
		} else {
			break;
		}
	return a;
}

static int equal(struct reader *r, enum formula_op op, int a, int b)
{
	return alike(r, &a, &b) ? make2(r, op, FORMULA_BOOL, a, b) : -1;
}

static int negate(struct reader *r, int a)
{
	return make1(r, OP_NOT, FORMULA_BOOL, a < 0 ? -1 : formula_truth_of(r->f, a));
}

static int is_null(struct reader *r, int a)
{
	return make1(r, OP_IS_NULL, FORMULA_BOOL, a);
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
	a = takes_word(r, "null") ? is_null(r, a) : equal(r, OP_IS, a, read_order(r));
	return not ? negate(r, a) : a;
}

/* From behind IN on: constants alone. */
static int read_in(struct reader *r, int a)
{
	int any = -1;

	if (!takes(r, "("))
		return -1;
	do {
		int one = read_sign(r);

		if (one < 0 || at(r, one)->op < OP_NUMBER || at(r, one)->op > OP_TEXT)
			return -1;
		one = equal(r, OP_EQUAL, a, one);
		any = any < 0 ? one : make2(r, OP_OR, FORMULA_BOOL, any, one);
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
	return make2(r, OP_AND, FORMULA_BOOL, compare(r, low, a, true), compare(r, a, high, true));
}

/* What a word at p makes of the operand before it; -1 also where it is none of these: *other. */
static int read_word(struct reader *r, int a, bool *other)
{
	bool not ;

	if (takes_word(r, "is"))
		return read_is(r, a);
	if (takes_word(r, "isnull"))
		return is_null(r, a);
	if (takes_word(r, "notnull"))
		return negate(r, is_null(r, a));
	not = takes_word(r, "not");
	if (not &&takes_word(r, "null"))
		return negate(r, is_null(r, a));
	if (takes_word(r, "in"))
		a = read_in(r, a);
	else if (takes_word(r, "between"))
		a = read_between(r, a);
	else {
		*other = !not ;
		return -1;
	}
	return not ? negate(r, a) : a;
}

static int read_equal(struct reader *r)
{
	int a = read_order(r), next;
	bool other = false;

	while (a >= 0)
		if (takes(r, "==") || takes(r, "=")) {
			a = equal(r, OP_EQUAL, a, read_order(r));
		} else if (takes(r, "!=") || takes(r, "<>")) {
			a = equal(r, OP_DIFFERS, a, read_order(r));
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
	return negate(r, a);
}

static int join(struct reader *r, enum formula_op op, int a, int b)
{
	a = a < 0 ? -1 : formula_truth_of(r->f, a);
	return make2(r, op, FORMULA_BOOL, a, b < 0 ? -1 : formula_truth_of(r->f, b));
}

static int read_and(struct reader *r)
{
	int a = read_not(r);

	while (a >= 0 && takes_word(r, "and"))
		a = join(r, OP_AND, a, read_not(r));
	return a;
}

static int read_or(struct reader *r)
{
	int a = ++r->depth > DEPTH ? -1 : read_and(r);

	while (a >= 0 && takes_word(r, "or"))
		a = join(r, OP_OR, a, read_and(r));
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
