/* Conditions that only compare, join and add up what they read and constants, evaluated here: to
 * the value that SQLite gives, or not at all. */
#include "base/die.h"
#include "base/mem.h"
#include "core/conditions_part.h"
#include "core/tokens.h"

#include <math.h>
#include <stdlib.h>

#define DEPTH_MAX 200 /* of parentheses and operators that are nested */
#define ARGUMENTS_MAX 8
#define WHOLE_MAX (INT64_C(1) << 53) /* up to it a double holds them all */

enum quick_op {
	QUICK_CONSTANT,
	QUICK_COLUMN,
	QUICK_CALL,
	QUICK_FIRST, /* that is not NULL: coalesce */
	QUICK_ADD,
	QUICK_SUBTRACT,
	QUICK_MULTIPLY,
	QUICK_DIVIDE,
	QUICK_OR, /* from here on they give a truth */
	QUICK_AND,
	QUICK_NOT,
	QUICK_TEST, /* a column against a constant */
	QUICK_COMPARE,
	QUICK_SAME, /* IS */
	QUICK_NULL,
	QUICK_TRUE,
	QUICK_FALSE,
	QUICK_IN
};

/* How what is on the left of a comparison may stand to what is on the right. */
#define BELOW 1
#define EQUAL 2
#define ABOVE 4

/* Small: an event comes by each of hundreds. */
struct node {
	enum quick_op op;
	int16_t column;
	uint8_t pass;		  /* of a comparison: BELOW, EQUAL, ABOVE */
	bool truth;		  /* a constant: TRUE or FALSE, which IS takes for a question */
	const struct node *a, *b; /* operands */
	union {
		struct expr_value value; /* of a constant */
		struct {		 /* of a call, and of IN what is looked for in */
			const struct condition_function *function;
			struct expr_value *list;
			size_t list_n, list_cap;
		};
	};
};

struct quick {
	char *text; /* the condition; texts of constants are in it */
	const struct node *root;
	struct node *v;
	size_t n, max;
};

/* ---- reading ---- */

struct reader {
	struct conditions *c;
	struct quick *q;
	const struct token *at;
	int depth;
};

static const struct node *read_or(struct reader *r);

static struct node *add_node(struct reader *r, enum quick_op op)
{
	struct node *n;

	if (r->q->n == r->q->max)
		BUG("a condition with more operators than words");
	n = &r->q->v[r->q->n++];
	n->op = op;
	return n;
}

/* NULL where an operand is. */
static const struct node *pair(
	struct reader *r, enum quick_op op, const struct node *a, const struct node *b)
{
	struct node *n;

	if (!a || !b)
		return NULL;
	n = add_node(r, op);
	n->a = a;
	n->b = b;
	return n;
}

static const struct node *single(struct reader *r, enum quick_op op, const struct node *a)
{
	return pair(r, op, a, a);
}

static const struct node *negate_if(struct reader *r, bool negated, const struct node *a)
{
	return negated ? single(r, QUICK_NOT, a) : a;
}

static bool take_word(struct reader *r, const char *word)
{
	bool is = token_is(r->at, word);

	r->at += is;
	return is;
}

static bool take_mark(struct reader *r, char mark)
{
	bool is = token_mark(r->at, mark) && r->at->s.len == 1;

	r->at += is;
	return is;
}

static bool read_number(struct reader *r, struct str s, bool minus, struct expr_value *out)
{
	bool plain = s.len <= 18;

	for (size_t i = 0; i < s.len; i++)
		plain &= s.s[i] >= '0' && s.s[i] <= '9';
	if (!plain)
		return condition_number(r->c, s, minus, out);
	*out = (struct expr_value){.type = EXPR_INT};
	str_int(s, &out->n);
	out->n = minus ? -out->n : out->n;
	return true;
}

/* A constant that is one token, or a number with a sign. */
static bool read_constant(struct reader *r, struct expr_value *out, bool *truth)
{
	const struct token *t = r->at;
	bool minus = take_mark(r, '-');

	*truth = token_is(r->at, "true") || token_is(r->at, "false");
	*out = (struct expr_value){.type = EXPR_NULL};
	if (r->at->kind == TOKEN_NUMBER) {
		if (!read_number(r, r->at->s, minus, out))
			return false;
	} else if (minus) {
		r->at = t;
		return false;
	} else if (r->at->kind == TOKEN_TEXT) {
		*out = (struct expr_value){.type = EXPR_TEXT, .text = r->at->s};
	} else if (*truth) {
		*out = (struct expr_value){.type = EXPR_INT, .n = token_is(r->at, "true")};
	} else if (!token_is(r->at, "null")) {
		return false;
	}
	r->at++;
	return true;
}

/* Constants with a comma between, behind an opening parenthesis. */
static bool read_list(struct reader *r, struct node *into)
{
	bool truth;

	do
		if (!read_constant(r, VEC_ADD(into, list, list_n, list_cap), &truth))
			return false;
	while (take_mark(r, ','));
	return take_mark(r, ')');
}

static const struct node *read_first(struct reader *r)
{
	const struct node *a = read_or(r);

	if (take_mark(r, ','))
		return pair(r, QUICK_FIRST, a, read_first(r));
	return take_mark(r, ')') ? a : NULL;
}

static const struct node *read_call(struct reader *r, const struct token *name)
{
	struct node *n;

	if (token_is(name, "coalesce") || token_is(name, "ifnull"))
		return read_first(r);
	n = add_node(r, QUICK_CALL);
	n->function = condition_function_of(name->s);
	if (!n->function || !read_list(r, n) || n->list_n > ARGUMENTS_MAX)
		return NULL;
	return n;
}

static const struct node *read_operand(struct reader *r)
{
	const struct token *name = r->at;
	struct node *n = add_node(r, QUICK_CONSTANT);
	const struct node *within;

	if (read_constant(r, &n->value, &n->truth))
		return n;
	if (take_mark(r, '(')) {
		within = read_or(r);
		return take_mark(r, ')') ? within : NULL;
	}
	if (name->kind != TOKEN_NAME)
		return NULL;
	r->at++;
	if (take_mark(r, '('))
		return read_call(r, name);
	n->op = QUICK_COLUMN;
	n->column = (int16_t)conditions_column(name->s);
	return n->column < 0 ? NULL : n;
}

static const struct node *read_product(struct reader *r)
{
	const struct node *n = read_operand(r);

	for (;;) {
		if (take_mark(r, '*'))
			n = pair(r, QUICK_MULTIPLY, n, read_operand(r));
		else if (take_mark(r, '/'))
			n = pair(r, QUICK_DIVIDE, n, read_operand(r));
		else
			return n;
	}
}

static const struct node *read_sum(struct reader *r)
{
	const struct node *n = read_product(r);

	for (;;) {
		if (take_mark(r, '+'))
			n = pair(r, QUICK_ADD, n, read_product(r));
		else if (take_mark(r, '-'))
			n = pair(r, QUICK_SUBTRACT, n, read_product(r));
		else
			return n;
	}
}

static uint8_t mirrored(uint8_t pass)
{
	return (uint8_t)((pass & EQUAL) | (pass & BELOW ? ABOVE : 0) | (pass & ABOVE ? BELOW : 0));
}

/* NULL where an operand is. */
static const struct node *comparison(
	struct reader *r, uint8_t pass, const struct node *a, const struct node *b)
{
	bool turned = a && b && a->op == QUICK_CONSTANT && b->op == QUICK_COLUMN;
	const struct node *left = turned ? b : a, *right = turned ? a : b;
	struct node *n;

	if (!a || !b)
		return NULL;
	n = add_node(r, QUICK_COMPARE);
	n->pass = turned ? mirrored(pass) : pass;
	n->a = left;
	n->b = right;
	if (left->op == QUICK_COLUMN && right->op == QUICK_CONSTANT) {
		n->op = QUICK_TEST;
		n->column = left->column;
		n->value = right->value;
	}
	return n;
}

static uint8_t pass_of(struct str op)
{
	if (str_is(op, "<"))
		return BELOW;
	if (str_is(op, "<="))
		return BELOW | EQUAL;
	if (str_is(op, ">"))
		return ABOVE;
	if (str_is(op, ">="))
		return ABOVE | EQUAL;
	return str_is(op, "<>") || str_is(op, "!=") ? BELOW | ABOVE : EQUAL;
}

static bool at_order(const struct reader *r)
{
	return r->at->kind == TOKEN_COMPARE && (r->at->s.s[0] == '<' || r->at->s.s[0] == '>') &&
	       !str_is(r->at->s, "<>");
}

static const struct node *read_ordered(struct reader *r)
{
	const struct node *n = read_sum(r);

	while (at_order(r)) {
		uint8_t pass = pass_of(r->at++->s);

		n = comparison(r, pass, n, read_sum(r));
	}
	return n;
}

static const struct node *read_in(struct reader *r, const struct node *a)
{
	struct node *n = add_node(r, QUICK_IN);

	n->a = a;
	return a && take_mark(r, '(') && read_list(r, n) ? n : NULL;
}

/* Of a column: what is asked for twice would cost the square of its depth, and more. */
static const struct node *read_between(struct reader *r, const struct node *a)
{
	const struct node *low = read_ordered(r);

	if (!a || a->op != QUICK_COLUMN || !take_word(r, "and"))
		return NULL;
	return pair(r, QUICK_AND, comparison(r, ABOVE | EQUAL, a, low),
		comparison(r, BELOW | EQUAL, a, read_ordered(r)));
}

static const struct node *read_is(struct reader *r, const struct node *a)
{
	bool negated = take_word(r, "not");
	const struct node *b = read_ordered(r);

	if (!b)
		return NULL;
	if (b->op == QUICK_CONSTANT && b->truth)
		return negate_if(r, negated, single(r, b->value.n ? QUICK_TRUE : QUICK_FALSE, a));
	return negate_if(r, negated, pair(r, QUICK_SAME, a, b));
}

/* What stands behind NOT where that is behind an operand. */
static const struct node *read_not(struct reader *r, const struct node *a)
{
	if (take_word(r, "null"))
		return negate_if(r, true, single(r, QUICK_NULL, a));
	if (take_word(r, "in"))
		return negate_if(r, true, read_in(r, a));
	return take_word(r, "between") ? negate_if(r, true, read_between(r, a)) : NULL;
}

static const struct node *read_equal(struct reader *r)
{
	const struct node *n = read_ordered(r);

	for (;;) {
		if (r->at->kind == TOKEN_COMPARE && !at_order(r)) {
			uint8_t pass = pass_of(r->at++->s);

			n = comparison(r, pass, n, read_ordered(r));
		} else if (take_word(r, "is")) {
			n = read_is(r, n);
		} else if (take_word(r, "in")) {
			n = read_in(r, n);
		} else if (take_word(r, "between")) {
			n = read_between(r, n);
		} else if (take_word(r, "not")) {
			n = read_not(r, n);
		} else if (take_word(r, "isnull")) {
			n = single(r, QUICK_NULL, n);
		} else if (take_word(r, "notnull")) {
			n = negate_if(r, true, single(r, QUICK_NULL, n));
		} else {
			return n;
		}
	}
}

static const struct node *read_negated(struct reader *r)
{
	const struct node *n = NULL;

	if (++r->depth < DEPTH_MAX)
		n = take_word(r, "not") ? negate_if(r, true, read_negated(r)) : read_equal(r);
	r->depth--;
	return n;
}

/* Leaning to the right: what is on the left decides most, and has nothing beneath it. */
static const struct node *read_and(struct reader *r)
{
	const struct node *n = read_negated(r);

	return take_word(r, "and") ? pair(r, QUICK_AND, n, read_and(r)) : n;
}

static const struct node *read_or(struct reader *r)
{
	const struct node *n = read_and(r);

	return take_word(r, "or") ? pair(r, QUICK_OR, n, read_or(r)) : n;
}

struct quick *quick_read(struct conditions *c, const char *sql)
{
	struct quick *q = mem_zero(1, sizeof(*q));
	struct reader r = {.c = c, .q = q};
	struct tokens words = {.v = NULL};

	q->text = mem_string(sql);
	tokens_cut(&words, q->text);
	/* An operator and an operand of each word, and of BETWEEN one more. */
	q->max = 3 * words.n;
	q->v = mem_zero(q->max, sizeof(*q->v));
	r.at = words.v;
	q->root = read_or(&r);
	if (r.at->kind != TOKEN_END)
		q->root = NULL;
	tokens_release(&words);
	if (q->root)
		return q;
	quick_free(q);
	return NULL;
}

void quick_free(struct quick *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->n; i++)
		if (q->v[i].op == QUICK_CALL || q->v[i].op == QUICK_IN)
			free(q->v[i].list);
	free(q->v);
	free(q->text);
	free(q);
}

/* ---- evaluating ---- */

/* SQL's truths; UNSURE: SQLite is to say. */
enum truth { NO, YES, UNKNOWN, UNSURE };

/* A double does not hold each whole number. */
static int compare_mixed(int64_t n, double real)
{
	int64_t whole;

	if (n >= -WHOLE_MAX && n <= WHOLE_MAX)
		return ((double)n > real) - ((double)n < real);
	if (real < -0x1p63)
		return 1;
	if (real >= 0x1p63)
		return -1;
	whole = (int64_t)real;
	if (n != whole)
		return n < whole ? -1 : 1;
	return (real < (double)whole) - (real > (double)whole);
}

static int compare_text(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n ? memcmp(a.s, b.s, n) : 0;

	if (order)
		return order < 0 ? -1 : 1;
	return (a.len > b.len) - (a.len < b.len);
}

/* -1, 0 or 1. Of values that are not NULL: numbers by their size, before texts by their bytes. */
static int compare(const struct expr_value *a, const struct expr_value *b)
{
	if (a->type == EXPR_TEXT || b->type == EXPR_TEXT)
		return a->type != b->type ? (a->type == EXPR_TEXT) - (b->type == EXPR_TEXT)
					  : compare_text(a->text, b->text);
	if (a->type == EXPR_INT)
		return b->type == EXPR_INT ? (a->n > b->n) - (a->n < b->n)
					   : compare_mixed(a->n, b->real);
	if (b->type == EXPR_INT)
		return -compare_mixed(b->n, a->real);
	return (a->real > b->real) - (a->real < b->real);
}

static bool equal(const struct expr_value *a, const struct expr_value *b)
{
	if (a->type == EXPR_TEXT && b->type == EXPR_TEXT)
		return str_eq(a->text, b->text);
	return compare(a, b) == 0;
}

/* Of values that are not NULL. */
static inline bool passes(uint8_t pass, const struct expr_value *a, const struct expr_value *b)
{
	if ((pass == EQUAL || pass == (BELOW | ABOVE)) && a->type == EXPR_TEXT)
		return equal(a, b) == (pass == EQUAL);
	return pass >> (compare(a, b) + 1) & 1;
}

static inline enum truth test_column(struct conditions *c, const struct node *n)
{
	const struct expr_value *v = condition_known(c, n->column);

	if (v->type == EXPR_NULL || n->value.type == EXPR_NULL)
		return UNKNOWN;
	return passes(n->pass, v, &n->value);
}

static enum truth judge(struct conditions *c, const struct node *n);
static const struct expr_value *compute(
	struct conditions *c, const struct node *n, struct expr_value *room);

/* NULL: SQLite is to say. The value may lie in room. */
static inline const struct expr_value *value_of(
	struct conditions *c, const struct node *n, struct expr_value *room)
{
	if (n->op == QUICK_CONSTANT)
		return &n->value;
	return n->op == QUICK_COLUMN ? condition_known(c, n->column) : compute(c, n, room);
}

/* What number a text is, if any, is SQLite's to say. */
static enum truth truth_of_value(struct conditions *c, const struct node *n)
{
	struct expr_value room;
	const struct expr_value *v = value_of(c, n, &room);

	if (!v || v->type == EXPR_TEXT)
		return UNSURE;
	if (v->type == EXPR_NULL)
		return UNKNOWN;
	return v->type == EXPR_INT ? v->n != 0 : v->real != 0;
}

static inline enum truth truth_of(struct conditions *c, const struct node *n)
{
	if (n->op == QUICK_TEST)
		return test_column(c, n);
	return n->op >= QUICK_OR ? judge(c, n) : truth_of_value(c, n);
}

/* One that is `stop` decides all that are joined by the operator. */
static enum truth joined(struct conditions *c, const struct node *n, enum truth stop)
{
	enum quick_op op = n->op;
	enum truth so_far = stop == YES ? NO : YES;

	for (const struct node *at = n;;) {
		enum truth is = truth_of(c, at->op == op ? at->a : at);

		if (is == stop || is == UNSURE)
			return is;
		so_far = is == UNKNOWN ? is : so_far;
		if (at->op != op)
			return so_far;
		at = at->b;
	}
}

static enum truth within(const struct node *n, const struct expr_value *v)
{
	enum truth found = NO;

	if (v->type == EXPR_NULL)
		return UNKNOWN;
	for (size_t i = 0; i < n->list_n && found != YES; i++) {
		if (n->list[i].type == EXPR_NULL)
			found = UNKNOWN;
		else if (equal(v, &n->list[i]))
			found = YES;
	}
	return found;
}

static enum truth compare_pair(struct conditions *c, const struct node *n)
{
	struct expr_value rooms[2];
	const struct expr_value *a = value_of(c, n->a, &rooms[0]),
				*b = a ? value_of(c, n->b, &rooms[1]) : NULL;
	bool null;

	if (!b)
		return UNSURE;
	null = a->type == EXPR_NULL || b->type == EXPR_NULL;
	if (n->op == QUICK_SAME)
		return null ? a->type == b->type : equal(a, b);
	return null ? UNKNOWN : passes(n->pass, a, b);
}

/* Of one operand. */
static enum truth test(struct conditions *c, const struct node *n)
{
	static const enum truth not [] = {YES, NO, UNKNOWN, UNSURE};
	struct expr_value room;
	const struct expr_value *v;
	enum truth is;

	if (n->op == QUICK_NULL || n->op == QUICK_IN) {
		v = value_of(c, n->a, &room);
		if (!v)
			return UNSURE;
		return n->op == QUICK_IN ? within(n, v) : v->type == EXPR_NULL;
	}
	is = truth_of(c, n->a);
	if (n->op == QUICK_NOT)
		return not [is];
	if (is == UNSURE)
		return UNSURE;
	return is == (n->op == QUICK_TRUE ? YES : NO);
}

/* Whole numbers stay whole where they have room. */
static bool add_up_whole(enum quick_op op, int64_t a, int64_t b, int64_t *out)
{
	switch (op) {
	case QUICK_ADD:
		return !__builtin_add_overflow(a, b, out);
	case QUICK_SUBTRACT:
		return !__builtin_sub_overflow(a, b, out);
	case QUICK_MULTIPLY:
		return !__builtin_mul_overflow(a, b, out);
	default:
		if (b == 0 || (a == INT64_MIN && b == -1))
			return false;
		*out = a / b;
		return true;
	}
}

static double add_up_real(enum quick_op op, double a, double b)
{
	switch (op) {
	case QUICK_ADD:
		return a + b;
	case QUICK_SUBTRACT:
		return a - b;
	case QUICK_MULTIPLY:
		return a * b;
	default:
		return b == 0 ? (double)NAN : a / b;
	}
}

static const struct expr_value *add_up(
	struct conditions *c, const struct node *n, struct expr_value *room)
{
	struct expr_value rooms[2];
	const struct expr_value *a = value_of(c, n->a, &rooms[0]),
				*b = a ? value_of(c, n->b, &rooms[1]) : NULL;
	double real;

	if (!b || a->type == EXPR_TEXT || b->type == EXPR_TEXT)
		return NULL;
	*room = (struct expr_value){.type = EXPR_NULL};
	if (a->type == EXPR_NULL || b->type == EXPR_NULL)
		return room;
	room->type = EXPR_INT;
	if (a->type == EXPR_INT && b->type == EXPR_INT && add_up_whole(n->op, a->n, b->n, &room->n))
		return room;
	real = add_up_real(n->op, a->type == EXPR_INT ? (double)a->n : a->real,
		b->type == EXPR_INT ? (double)b->n : b->real);
	*room = (struct expr_value){.type = isnan(real) ? EXPR_NULL : EXPR_REAL, .real = real};
	return room;
}

static const struct expr_value *first_of(
	struct conditions *c, const struct node *n, struct expr_value *room)
{
	const struct expr_value *v = value_of(c, n->a, room);

	return v && v->type == EXPR_NULL ? value_of(c, n->b, room) : v;
}

static enum truth judge(struct conditions *c, const struct node *n)
{
	switch (n->op) {
	case QUICK_OR:
		return joined(c, n, YES);
	case QUICK_AND:
		return joined(c, n, NO);
	case QUICK_TEST:
		return test_column(c, n);
	case QUICK_COMPARE:
	case QUICK_SAME:
		return compare_pair(c, n);
	default:
		return test(c, n);
	}
}

/* What is neither a constant nor a column. */
static const struct expr_value *compute(
	struct conditions *c, const struct node *n, struct expr_value *room)
{
	enum truth is;

	switch (n->op) {
	case QUICK_CALL:
		*room = (struct expr_value){.type = EXPR_NULL};
		return n->function->call(c, (int)n->list_n, n->list, room) == 0 ? room : NULL;
	case QUICK_FIRST:
		return first_of(c, n, room);
	case QUICK_ADD:
	case QUICK_SUBTRACT:
	case QUICK_MULTIPLY:
	case QUICK_DIVIDE:
		return add_up(c, n, room);
	default:
		is = judge(c, n);
		*room = (struct expr_value){
			.type = is == UNKNOWN ? EXPR_NULL : EXPR_INT, .n = is == YES};
		return is == UNSURE ? NULL : room;
	}
}

bool quick_value(const struct quick *q, struct conditions *c, struct expr_value *out)
{
	struct expr_value room;
	const struct expr_value *v = value_of(c, q->root, &room);

	if (v)
		*out = *v;
	return v != NULL;
}
