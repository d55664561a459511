#include "core/quick_part.h"

#include <math.h>
#include <stdlib.h>

#define LIST_SHORT 8 /* one after the other is faster up to here */

#define KEPT_MAX ((size_t)64 << 10) /* bytes of a text that is kept: longer ones are SQLite's */

/* SQL's truths; UNSURE: SQLite is to say. */
enum truth { NO, YES, UNKNOWN, UNSURE };

/* A double does not hold each whole number. */
static int compare_mixed(int64_t n, double real)
{
	int64_t whole;

	if (n >= -QUICK_WHOLE_MAX && n <= QUICK_WHOLE_MAX)
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

int quick_compare(const struct expr_value *a, const struct expr_value *b)
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
	return quick_compare(a, b) == 0;
}

/* Of values that are not NULL. */
static inline bool passes(uint8_t pass, const struct expr_value *a, const struct expr_value *b)
{
	if ((pass == EQUAL || pass == (BELOW | ABOVE)) && a->type == EXPR_TEXT)
		return equal(a, b) == (pass == EQUAL);
	return pass >> (quick_compare(a, b) + 1) & 1;
}

static inline enum truth test_column(struct quick_row *c, const struct node *n)
{
	const struct expr_value *v = quick_known(c, n->column);

	if (v->type == EXPR_REAL && n->value.type == EXPR_REAL)
		return n->pass >> ((v->real > n->value.real) - (v->real < n->value.real) + 1) & 1;
	if (v->type == EXPR_NULL || n->value.type == EXPR_NULL)
		return UNKNOWN;
	return passes(n->pass, v, &n->value);
}

static enum truth judge(struct quick_row *c, const struct node *n);
static const struct expr_value *compute(
	struct quick_row *c, const struct node *n, struct expr_value *room);

/* NULL: SQLite is to say. The value may lie in room. */
static inline const struct expr_value *value_of(
	struct quick_row *c, const struct node *n, struct expr_value *room)
{
	if (n->op == QUICK_CONSTANT)
		return &n->value;
	return n->op == QUICK_COLUMN ? quick_known(c, n->column) : compute(c, n, room);
}

/* What number a text is, if any, is SQLite's to say. */
static enum truth truth_of_value(struct quick_row *c, const struct node *n)
{
	struct expr_value room;
	const struct expr_value *v = value_of(c, n, &room);

	if (!v || v->type == EXPR_TEXT)
		return UNSURE;
	if (v->type == EXPR_NULL)
		return UNKNOWN;
	return v->type == EXPR_INT ? v->n != 0 : v->real != 0;
}

static inline enum truth truth_of(struct quick_row *c, const struct node *n)
{
	if (n->op == QUICK_TEST)
		return test_column(c, n);
	return n->op >= QUICK_OR ? judge(c, n) : truth_of_value(c, n);
}

/* One that is `stop` decides all that are joined by the operator. */
static enum truth joined(struct quick_row *c, const struct node *n, enum truth stop)
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

static int by_value(const void *a, const void *b)
{
	return quick_compare(a, b);
}

void quick_sort(struct expr_value *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), by_value);
}

static bool listed(const struct node *n, const struct expr_value *v)
{
	if (n->list_n > LIST_SHORT)
		return bsearch(v, n->list, n->list_n, sizeof(*v), by_value) != NULL;
	for (size_t i = 0; i < n->list_n; i++)
		if (equal(v, &n->list[i]))
			return true;
	return false;
}

static enum truth within(const struct node *n, const struct expr_value *v)
{
	if (v->type == EXPR_NULL)
		return UNKNOWN;
	if (listed(n, v))
		return YES;
	return n->null ? UNKNOWN : NO;
}

static enum truth compare_pair(struct quick_row *c, const struct node *n)
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
static enum truth test(struct quick_row *c, const struct node *n)
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
	struct quick_row *c, const struct node *n, struct expr_value *room)
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
	struct quick_row *c, const struct node *n, struct expr_value *room)
{
	const struct expr_value *v = value_of(c, n->a, room);

	return v && v->type == EXPR_NULL ? value_of(c, n->b, room) : v;
}

static const struct expr_value *unless_equal(
	struct quick_row *c, const struct node *n, struct expr_value *room)
{
	struct expr_value other;
	const struct expr_value *a = value_of(c, n->a, room),
				*b = a ? value_of(c, n->b, &other) : NULL;

	if (!b || a->type == EXPR_NULL || b->type == EXPR_NULL || !equal(a, b))
		return b ? a : NULL;
	*room = (struct expr_value){.type = EXPR_NULL};
	return room;
}

static const struct expr_value *choose(
	struct quick_row *c, const struct node *n, struct expr_value *room)
{
	while (n->op == QUICK_CHOOSE) {
		enum truth is = truth_of(c, n->a);

		if (is == UNSURE)
			return NULL;
		n = is == YES ? n->b->a : n->b->b;
	}
	return value_of(c, n, room);
}

/* What a function gave: SQL has no number that is none. */
static const struct expr_value *given(struct quick_call *call, struct expr_value *v)
{
	if (v->type == EXPR_REAL && isnan(v->real))
		v->type = EXPR_NULL;
	if (v->type != EXPR_TEXT || call->stays)
		return v;
	if (v->text.len > KEPT_MAX)
		return NULL;
	buf_clear(&call->kept);
	buf_put(&call->kept, v->text);
	v->text = buf_str(&call->kept);
	return v;
}

static const struct expr_value *call(
	struct quick_row *c, const struct node *n, struct expr_value *room)
{
	struct expr_value argv[QUICK_ARGUMENTS];
	const struct quick_function *f = &n->call->function;
	const struct expr_value *v;

	for (size_t i = 0; i < n->call->n; i++) {
		v = value_of(c, n->call->argument[i], room);
		if (!v)
			return NULL;
		argv[i] = *v;
	}
	*room = (struct expr_value){.type = EXPR_NULL};
	if (f->call(f->ctx, c->row, (int)n->call->n, argv, room) != 0)
		return NULL;
	return given(n->call, room);
}

/* How SQLite writes a real is its own. */
static bool put_text(struct buf *out, const struct expr_value *v)
{
	if (v->type == EXPR_TEXT && out->len + v->text.len > KEPT_MAX)
		return false;
	if (v->type == EXPR_INT)
		buf_int(out, v->n);
	else if (v->type == EXPR_TEXT)
		buf_put(out, v->text);
	return v->type != EXPR_REAL;
}

static const struct expr_value *join(
	struct quick_row *c, const struct node *n, struct expr_value *room)
{
	struct buf *kept = &n->call->kept;
	struct expr_value rooms[2];
	const struct expr_value *a = value_of(c, n->a, &rooms[0]),
				*b = a ? value_of(c, n->b, &rooms[1]) : NULL;

	if (!b)
		return NULL;
	*room = (struct expr_value){.type = EXPR_NULL};
	if (a->type == EXPR_NULL || b->type == EXPR_NULL)
		return room;
	buf_clear(kept);
	if (!put_text(kept, a) || !put_text(kept, b))
		return NULL;
	*room = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(kept)};
	return room;
}

static enum truth judge(struct quick_row *c, const struct node *n)
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
	struct quick_row *c, const struct node *n, struct expr_value *room)
{
	enum truth is;

	switch (n->op) {
	case QUICK_CALL:
		return call(c, n, room);
	case QUICK_JOIN:
		return join(c, n, room);
	case QUICK_FIRST:
		return first_of(c, n, room);
	case QUICK_UNLESS:
		return unless_equal(c, n, room);
	case QUICK_CHOOSE:
		return choose(c, n, room);
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

bool quick_value(const struct quick *q, struct quick_row *c, struct expr_value *out)
{
	struct expr_value room;
	const struct expr_value *v;
	enum truth is;

	if (q->root->op >= QUICK_OR) {
		is = truth_of(c, q->root);
		out->type = is == UNKNOWN ? EXPR_NULL : EXPR_INT;
		out->n = is == YES;
		return is != UNSURE;
	}
	v = value_of(c, q->root, &room);
	if (v)
		*out = *v;
	return v != NULL;
}
