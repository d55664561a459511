/* SQL's grammar as far as quick.h says. What is not understood is left to SQLite, whole. */
#include "base/die.h"
#include "base/mem.h"
#include "core/quick_part.h"
#include "core/tokens.h"

#include <stdlib.h>

#define DEPTH_MAX 200 /* of parentheses and operators that are nested */

struct reader {
	const struct quick_scope *scope;
	struct quick *q;
	const struct token *at;
	int depth;
	size_t calls; /* of functions that are not pure, so far */
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

/*
 * AND and OR. SQLite evaluates what is on the right also where what is on the left decides, but not
 * where it jumps by them: a call that may fail, or does something, is its own.
 */
static const struct node *both(struct reader *r, enum quick_op op, size_t calls,
	const struct node *a, const struct node *b)
{
	return r->calls == calls ? pair(r, op, a, b) : NULL;
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
		return r->scope->number && r->scope->number(r->scope->ctx, s, minus, out);
	*out = (struct expr_value){.type = EXPR_INT};
	str_int(s, &out->n);
	out->n = minus ? -out->n : out->n;
	return true;
}

/* Both may be columns too. */
static bool is_truth(const struct reader *r)
{
	return (token_is(r->at, "true") || token_is(r->at, "false")) &&
	       r->scope->column(r->scope->ctx, r->at->s) < 0;
}

/* A constant that is one token, or a number with a sign. */
static bool read_constant(struct reader *r, struct expr_value *out, bool *truth)
{
	const struct token *t = r->at;
	bool minus = take_mark(r, '-');

	*truth = is_truth(r);
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

static const struct node *read_unless(struct reader *r)
{
	const struct node *a = read_or(r), *b = take_mark(r, ',') ? read_or(r) : NULL;

	return take_mark(r, ')') ? pair(r, QUICK_UNLESS, a, b) : NULL;
}

static const struct node *choice(
	struct reader *r, const struct node *by, const struct node *a, const struct node *b)
{
	return pair(r, QUICK_CHOOSE, by, pair(r, QUICK_PAIR, a, b));
}

static const struct node *read_iif(struct reader *r)
{
	const struct node *by = read_or(r), *a = take_mark(r, ',') ? read_or(r) : NULL,
			  *b = take_mark(r, ',') ? read_or(r) : NULL;

	return take_mark(r, ')') ? choice(r, by, a, b) : NULL;
}

static struct quick_call *add_call(struct node *n)
{
	n->call = mem_zero(1, sizeof(*n->call));
	buf_init(&n->call->kept);
	return n->call;
}

static bool read_arguments(struct reader *r, struct quick_call *call)
{
	if (take_mark(r, ')'))
		return true;
	do
		if (call->n == QUICK_ARGUMENTS || !(call->argument[call->n++] = read_or(r)))
			return false;
	while (take_mark(r, ','));
	return take_mark(r, ')');
}

static const struct node *read_call(struct reader *r, const struct token *name)
{
	const struct quick_scope *scope = r->scope;
	struct node *n;

	if (token_is(name, "coalesce") || token_is(name, "ifnull"))
		return read_first(r);
	if (token_is(name, "iif"))
		return read_iif(r);
	if (token_is(name, "nullif"))
		return read_unless(r);
	n = add_node(r, QUICK_CALL);
	if (!read_arguments(r, add_call(n)) ||
		!scope->function(scope->ctx, name->s, n->call->n, &n->call->function))
		return NULL;
	n->call->stays = scope->pure;
	r->calls += !scope->pure;
	return n;
}

static const struct node *add_null(struct reader *r)
{
	struct node *n = add_node(r, QUICK_CONSTANT);

	n->value = (struct expr_value){.type = EXPR_NULL};
	return n;
}

static const struct node *comparison(
	struct reader *r, uint8_t pass, const struct node *a, const struct node *b);

/* From a WHEN on, or from what stands behind the last. NULL of base: each WHEN is a condition. */
static const struct node *read_cases(struct reader *r, const struct node *base)
{
	const struct node *by, *then, *otherwise;

	if (take_word(r, "when")) {
		by = read_or(r);
		by = base ? comparison(r, EQUAL, base, by) : by;
		then = take_word(r, "then") ? read_or(r) : NULL;
		return choice(r, by, then, read_cases(r, base));
	}
	otherwise = take_word(r, "else") ? read_or(r) : add_null(r);
	return take_word(r, "end") ? otherwise : NULL;
}

/* What is compared with each case is looked at again for it: a column or a constant. */
static const struct node *read_case(struct reader *r)
{
	const struct node *base;

	if (token_is(r->at, "when"))
		return read_cases(r, NULL);
	base = read_or(r);
	return base && base->op <= QUICK_COLUMN ? read_cases(r, base) : NULL;
}

static const struct node *read_operand(struct reader *r);

/* As SQLite takes it: off 0, which is the node's constant. */
static const struct node *negative(struct reader *r, struct node *zero)
{
	zero->value = (struct expr_value){.type = EXPR_INT};
	return pair(r, QUICK_SUBTRACT, zero, read_operand(r));
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
	if (take_mark(r, '-'))
		return negative(r, n);
	if (take_word(r, "case"))
		return read_case(r);
	if (name->kind != TOKEN_NAME)
		return NULL;
	r->at++;
	if (take_mark(r, '('))
		return read_call(r, name);
	n->op = QUICK_COLUMN;
	n->column = (int16_t)r->scope->column(r->scope->ctx, name->s);
	return n->column < 0 ? NULL : n;
}

static bool take_join(struct reader *r)
{
	bool is = token_mark(r->at, '|') && token_mark(r->at + 1, '|');

	r->at += is ? 2 : 0;
	return is;
}

static const struct node *read_joined(struct reader *r)
{
	const struct node *a = read_operand(r);

	while (a && take_join(r)) {
		struct node *n = add_node(r, QUICK_JOIN);

		add_call(n);
		n->a = a;
		n->b = read_operand(r);
		a = n->b ? n : NULL;
	}
	return a;
}

static const struct node *read_product(struct reader *r)
{
	const struct node *n = read_joined(r);

	for (;;) {
		if (take_mark(r, '*'))
			n = pair(r, QUICK_MULTIPLY, n, read_joined(r));
		else if (take_mark(r, '/'))
			n = pair(r, QUICK_DIVIDE, n, read_joined(r));
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

static bool is_exact(int64_t n)
{
	return n >= -QUICK_WHOLE_MAX && n <= QUICK_WHOLE_MAX;
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
		/* As columns have them, nearly all. */
		if (n->value.type == EXPR_INT && is_exact(n->value.n))
			n->value =
				(struct expr_value){.type = EXPR_REAL, .real = (double)n->value.n};
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

/* NULL apart, and the others so that one is found among thousands. */
static void sort_list(struct node *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->list_n; i++) {
		if (n->list[i].type == EXPR_NULL)
			n->null = true;
		else
			n->list[kept++] = n->list[i];
	}
	n->list_n = kept;
	quick_sort(n->list, n->list_n);
}

static const struct node *read_in(struct reader *r, const struct node *a)
{
	struct node *n = add_node(r, QUICK_IN);

	n->a = a;
	if (!a || !take_mark(r, '(') || !read_list(r, n))
		return NULL;
	sort_list(n);
	return n;
}

/* Of a column: what is asked for twice would cost the square of its depth, and more. */
static const struct node *read_between(struct reader *r, const struct node *a)
{
	size_t calls = r->calls;
	const struct node *low = read_ordered(r);

	if (!a || a->op != QUICK_COLUMN || !take_word(r, "and"))
		return NULL;
	return both(r, QUICK_AND, calls, comparison(r, ABOVE | EQUAL, a, low),
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
	size_t calls = r->calls;
	const struct node *n = read_negated(r);

	return take_word(r, "and") ? both(r, QUICK_AND, calls, n, read_and(r)) : n;
}

static const struct node *read_or(struct reader *r)
{
	size_t calls = r->calls;
	const struct node *n = read_and(r);

	return take_word(r, "or") ? both(r, QUICK_OR, calls, n, read_or(r)) : n;
}

struct quick *quick_read(const struct quick_scope *scope, const char *sql)
{
	struct quick *q = mem_zero(1, sizeof(*q));
	struct reader r = {.scope = scope, .q = q};
	struct tokens words = {.v = NULL};

	q->text = mem_string(sql);
	tokens_cut(&words, q->text);
	/* An operator and an operand of each word, and of BETWEEN and WHEN one more. */
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

static void free_call(struct quick_call *call)
{
	buf_release(&call->kept);
	free(call);
}

void quick_free(struct quick *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->n; i++)
		if (q->v[i].op == QUICK_IN)
			free(q->v[i].list);
		else if (q->v[i].op == QUICK_CALL || q->v[i].op == QUICK_JOIN)
			free_call(q->v[i].call);
	free(q->v);
	free(q->text);
	free(q);
}
