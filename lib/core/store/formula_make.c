/* Making formulas' nodes: what goes with what, by their types and the size of numbers. */
#include "core/store/formula_part.h"

#include <strings.h>

/* ---- nodes ---- */

static const struct node *at(const struct formulas *f, int i)
{
	return &f->v[i];
}

static int make(struct formulas *f, enum formula_op op, enum formula_type type, int a, int b, int c)
{
	/* What is no sum or product is a truth, or a place in a text. */
	const struct node n = {.op = op, .type = type, .of = {a, b, c}, .most = INT32_MAX};

	return formula_node(f, &n);
}

static int make1(struct formulas *f, enum formula_op op, enum formula_type type, int a)
{
	return a < 0 ? -1 : make(f, op, type, a, -1, -1);
}

static int make2(struct formulas *f, enum formula_op op, enum formula_type type, int a, int b)
{
	return a < 0 || b < 0 ? -1 : make(f, op, type, a, b, -1);
}

/* As a whole number or a real, or -1. */
static int number_of(struct formulas *f, int a)
{
	if (a < 0 || at(f, a)->type == FORMULA_TEXT)
		return -1;
	return at(f, a)->type == FORMULA_BOOL ? make1(f, OP_COUNT, FORMULA_INT, a) : a;
}

static int real_of(struct formulas *f, int a)
{
	return a < 0 || at(f, a)->type == FORMULA_REAL ? a : make1(f, OP_EXACT, FORMULA_REAL, a);
}

int formula_truth_of(struct formulas *f, int node)
{
	if (node < 0 || f->v[node].type == FORMULA_TEXT)
		return -1;
	return f->v[node].type == FORMULA_BOOL ? node : make1(f, OP_TRUTH, FORMULA_BOOL, node);
}

/* Two of one type: both texts, both numbers, or both reals. false: they are not alike. */
static bool alike(struct formulas *f, int *a, int *b)
{
	if (*a < 0 || *b < 0)
		return false;
	if (at(f, *a)->type == FORMULA_TEXT && at(f, *b)->type == FORMULA_TEXT)
		return true;
	*a = number_of(f, *a);
	*b = number_of(f, *b);
	if (*a < 0 || *b < 0)
		return false;
	if (at(f, *a)->type == FORMULA_REAL || at(f, *b)->type == FORMULA_REAL) {
		*a = real_of(f, *a);
		*b = real_of(f, *b);
	}
	return true;
}

/* ---- what stands by itself ---- */

int formula_constant(struct formulas *f, int64_t number)
{
	struct node n = {.op = OP_NUMBER, .type = FORMULA_INT, .of = {-1, -1, -1}};

	if (number < -FORMULA_MOST || number > FORMULA_MOST)
		return -1;
	n.is.number = number;
	n.most = number < 0 ? -number : number;
	return formula_node(f, &n);
}

int formula_column(struct formulas *f, struct str name)
{
	static const enum formula_type types[] = {[COLUMN_INT] = FORMULA_INT,
		[COLUMN_TEXT] = FORMULA_TEXT,
		[COLUMN_REAL] = FORMULA_REAL};
	const struct layout *l = f->layout;

	for (size_t i = 0; i < l->n; i++)
		if (strlen(l->v[i].name) == name.len &&
			strncasecmp(l->v[i].name, name.s, name.len) == 0) {
			struct node n = {.op = OP_COLUMN,
				.type = types[l->v[i].type],
				.of = {-1, -1, -1},
				.most = COLUMN_MOST};

			n.is.column = i;
			return formula_node(f, &n);
		}
	return -1;
}

/* ---- calls and choices ---- */

static int choice(struct formulas *f, int when, int then, int otherwise)
{
	struct node n = {.op = OP_CHOOSE, .type = at(f, then)->type, .of = {when, then, otherwise}};
	int64_t a = at(f, then)->most, b = at(f, otherwise)->most;

	n.most = a > b ? a : b;
	return formula_node(f, &n);
}

static int null(struct formulas *f, enum formula_type type)
{
	return make(f, OP_NULL, type, -1, -1, -1);
}

int formula_choose(struct formulas *f, int when, int then, int otherwise)
{
	when = when < 0 ? -1 : formula_truth_of(f, when);
	if (then == FORMULA_NULL && otherwise >= 0)
		then = null(f, at(f, otherwise)->type);
	else if (otherwise == FORMULA_NULL && then >= 0)
		otherwise = null(f, at(f, then)->type);
	if (when < 0 || then < 0 || otherwise < 0)
		return -1;
	/* One row's whole number and another's real are no one type. */
	if ((at(f, then)->type == FORMULA_REAL) != (at(f, otherwise)->type == FORMULA_REAL))
		return -1;
	if (at(f, then)->type != at(f, otherwise)->type && !alike(f, &then, &otherwise))
		return -1;
	return choice(f, when, then, otherwise);
}

int formula_coalesce(struct formulas *f, const int *of, int count)
{
	int a = of[0], b = count > 2 ? formula_coalesce(f, of + 1, count - 1) : of[1];
	struct node n = {.op = OP_COALESCE, .of = {-1, -1, -1}};

	if (a < 0 || b < 0 ||
		(at(f, a)->type == FORMULA_REAL) != (at(f, b)->type == FORMULA_REAL) ||
		!alike(f, &a, &b))
		return -1;
	n.type = at(f, a)->type;
	n.of[0] = a;
	n.of[1] = b;
	n.most = at(f, a)->most > at(f, b)->most ? at(f, a)->most : at(f, b)->most;
	return formula_node(f, &n);
}

int formula_local(struct formulas *f, enum formula_op op, int a)
{
	return a < 0 || at(f, a)->type != FORMULA_INT ? -1 : make1(f, op, FORMULA_TEXT, a);
}

/* ---- operators ---- */

int formula_instr(struct formulas *f, int in, int what)
{
	return f->v[in].type == FORMULA_TEXT && f->v[what].op == OP_TEXT
		       ? make2(f, OP_INSTR, FORMULA_INT, in, what)
		       : -1;
}

int formula_arithmetic(struct formulas *f, enum formula_op op, int a, int b)
{
	struct node n = {.op = op, .type = FORMULA_INT, .of = {-1, -1, -1}};
	int64_t most;

	a = number_of(f, a);
	b = number_of(f, b);
	if (a < 0 || b < 0 || !alike(f, &a, &b))
		return -1;
	n.of[0] = a;
	n.of[1] = b;
	n.type = at(f, a)->type;
	if (n.type == FORMULA_REAL)
		return op == OP_REMAINDER ? -1 : formula_node(f, &n);
	most = at(f, a)->most;
	if (op == OP_ADD || op == OP_SUBTRACT)
		most += at(f, b)->most;
	else if (op == OP_MULTIPLY && __builtin_mul_overflow(most, at(f, b)->most, &most))
		return -1;
	n.most = most;
	return most > FORMULA_MOST ? -1 : formula_node(f, &n);
}

/* Of texts by their order, with a constant on one side. */
static int compare_texts(struct formulas *f, int a, int b, bool equal)
{
	if (at(f, b)->op == OP_TEXT)
		return make2(f, equal ? OP_TEXT_LESS_EQUAL : OP_TEXT_LESS, FORMULA_BOOL, a, b);
	if (at(f, a)->op == OP_TEXT)
		return make2(f, equal ? OP_TEXT_MORE_EQUAL : OP_TEXT_MORE, FORMULA_BOOL, b, a);
	return -1;
}

/* a < b, or with equal a <= b. */
int formula_compare(struct formulas *f, int a, int b, bool equal)
{
	if (!alike(f, &a, &b))
		return -1;
	if (at(f, a)->type == FORMULA_TEXT)
		return compare_texts(f, a, b, equal);
	return make2(f, equal ? OP_LESS_EQUAL : OP_LESS, FORMULA_BOOL, a, b);
}

int formula_equal(struct formulas *f, enum formula_op op, int a, int b)
{
	return alike(f, &a, &b) ? make2(f, op, FORMULA_BOOL, a, b) : -1;
}

int formula_negate(struct formulas *f, int a)
{
	return make1(f, OP_NOT, FORMULA_BOOL, a < 0 ? -1 : formula_truth_of(f, a));
}

int formula_is_null(struct formulas *f, int a)
{
	return make1(f, OP_IS_NULL, FORMULA_BOOL, a);
}

int formula_join(struct formulas *f, enum formula_op op, int a, int b)
{
	a = a < 0 ? -1 : formula_truth_of(f, a);
	return make2(f, op, FORMULA_BOOL, a, b < 0 ? -1 : formula_truth_of(f, b));
}
