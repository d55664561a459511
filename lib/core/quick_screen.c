/* Many conditions at once, by the columns that they test against constants: of each column it is
 * known beforehand which of them a value rules out. What is ruled out is not evaluated. */
#include "base/mem.h"
#include "core/conditions_part.h"
#include "core/quick_part.h"

#include <stdlib.h>

/* What is beyond these is asked of the condition itself. */
#define TERMS_MAX 16	   /* of one condition */
#define CONSTANTS_MAX 2048 /* of all */

/* A part of a condition that has to be true, else the condition is not. */
struct part {
	int column;
	uint64_t bit;		       /* of its condition */
	enum quick_op op;	       /* TEST, IN or NULL */
	bool negated;		       /* of NULL */
	uint8_t pass;		       /* of TEST */
	const struct expr_value *list; /* constants; borrowed of the condition */
	size_t list_n;
};

/*
 * A column's constants, ascending, cut its values into cells: below the first, the first itself,
 * between it and the second, and so on.
 */
struct cut {
	int column;
	uint64_t about; /* conditions that test it */
	uint64_t null;	/* those that NULL does not rule out */
	uint64_t *cell; /* the same of each cell */
	struct expr_value *at;
	size_t n, cap;
	double *real; /* the constants where all are reals, else NULL */
};

struct screen {
	struct part *term;
	size_t term_n, term_cap, constants;
	struct cut *v;
	size_t n, cap;
	uint64_t all, sure;
};

static const struct expr_value zero = {.type = EXPR_REAL, .real = 0};

/* ---- terms ---- */

static bool is_number(int column)
{
	return conditions_kind_of(column, NULL) < KIND_WORD;
}

/* false: it is none that a column alone decides. */
static bool read_term(const struct node *n, struct part *t)
{
	if (n->op == QUICK_NOT) {
		t->negated = true;
		n = n->a;
		if (n->op != QUICK_NULL && n->op != QUICK_COLUMN)
			return false;
	}
	t->op = n->op;
	t->column = n->op == QUICK_IN || n->op == QUICK_NULL ? n->a->column : n->column;
	switch (n->op) {
	case QUICK_TEST:
		t->pass = n->pass;
		t->list = &n->value;
		t->list_n = 1;
		return true;
	case QUICK_COLUMN:
		*t = (struct part){.op = QUICK_TEST,
			.column = n->column,
			.pass = t->negated ? EQUAL : BELOW | ABOVE,
			.list = &zero,
			.list_n = 1};
		return is_number(n->column);
	case QUICK_IN:
		t->list = n->list;
		t->list_n = n->list_n;
		return n->a->op == QUICK_COLUMN;
	default:
		return n->op == QUICK_NULL && n->a->op == QUICK_COLUMN;
	}
}

/* Whether its terms are all that there is to it. */
static bool read_terms(struct screen *s, const struct node *n, uint64_t bit, size_t *left)
{
	bool whole = true;

	for (;; n = n->b) {
		const struct node *one = n->op == QUICK_AND ? n->a : n;
		struct part t = {.op = QUICK_CONSTANT};

		if (one->op == QUICK_AND) {
			whole &= read_terms(s, one, bit, left);
		} else if (*left && read_term(one, &t) &&
			   s->constants + t.list_n <= CONSTANTS_MAX) {
			--*left;
			s->constants += t.list_n;
			t.bit = bit;
			*VEC_ADD(s, term, term_n, term_cap) = t;
		} else {
			whole = false;
		}
		if (n->op != QUICK_AND)
			return whole;
	}
}

/* ---- cuts ---- */

static struct cut *cut_of(struct screen *s, int column)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].column == column)
			return &s->v[i];
	*VEC_ADD(s, v, n, cap) = (struct cut){.column = column, .null = s->all};
	return &s->v[s->n - 1];
}

static void sort_constants(struct cut *c)
{
	size_t kept = 0;
	bool real = true;

	quick_sort(c->at, c->n);
	for (size_t i = 0; i < c->n; i++)
		if (!kept || quick_compare(&c->at[kept - 1], &c->at[i]) != 0)
			c->at[kept++] = c->at[i];
	c->n = kept;
	c->cell = mem_zero(2 * c->n + 1, sizeof(*c->cell));
	c->real = mem_zero(c->n + 1, sizeof(*c->real));
	for (size_t i = 0; i < c->n; i++) {
		real &= c->at[i].type == EXPR_REAL;
		c->real[i] = c->at[i].real;
	}
	if (real)
		return;
	free(c->real);
	c->real = NULL;
}

static size_t cell_of_any(const struct cut *c, const struct expr_value *v)
{
	size_t from = 0, to = c->n;

	while (from < to) {
		size_t middle = (from + to) / 2;
		int order = quick_compare(&c->at[middle], v);

		if (order == 0)
			return 2 * middle + 1;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return 2 * from;
}

/* Without a branch: where a value falls is what nobody foresees. */
static size_t cell_of_real(const struct cut *c, double v)
{
	const double *at = c->real;
	size_t n = c->n;

	while (n > 1) {
		at += at[n / 2 - 1] < v ? n / 2 : 0;
		n -= n / 2;
	}
	at += n && *at < v;
	return 2 * (size_t)(at - c->real) + (at < c->real + c->n && *at == v);
}

static inline size_t cell_of(const struct cut *c, const struct expr_value *v)
{
	return c->real && v->type == EXPR_REAL ? cell_of_real(c, v->real) : cell_of_any(c, v);
}

/* Says of each cell whether the term holds there. */
static void try_cells(const struct cut *c, const struct part *t, bool *holds)
{
	size_t is;

	memset(holds, t->op == QUICK_NULL && t->negated, 2 * c->n + 1);
	for (size_t i = 0; i < t->list_n; i++) {
		if (t->list[i].type == EXPR_NULL)
			continue;
		is = cell_of_any(c, &t->list[i]);
		if (t->op == QUICK_IN)
			holds[is] = true;
		else
			for (size_t k = 0; k < 2 * c->n + 1; k++)
				holds[k] = t->pass >> ((k > is) - (k < is) + 1) & 1;
	}
}

static void apply(struct cut *c, const struct part *t)
{
	bool *holds = mem_zero(2 * c->n + 1, sizeof(*holds));

	c->about |= t->bit;
	if (t->op != QUICK_NULL || t->negated)
		c->null &= ~t->bit;
	try_cells(c, t, holds);
	for (size_t i = 0; i < 2 * c->n + 1; i++)
		if (!holds[i])
			c->cell[i] &= ~t->bit;
	free(holds);
}

static void make_cuts(struct screen *s)
{
	for (size_t i = 0; i < s->term_n; i++) {
		struct cut *c = cut_of(s, s->term[i].column);

		for (size_t k = 0; k < s->term[i].list_n; k++)
			if (s->term[i].list[k].type != EXPR_NULL)
				*VEC_ADD(c, at, n, cap) = s->term[i].list[k];
	}
	for (size_t i = 0; i < s->n; i++) {
		sort_constants(&s->v[i]);
		for (size_t k = 0; k < 2 * s->v[i].n + 1; k++)
			s->v[i].cell[k] = s->all;
	}
	for (size_t i = 0; i < s->term_n; i++)
		apply(cut_of(s, s->term[i].column), &s->term[i]);
}

/* Those first that rule out most. */
static int by_conditions(const void *pa, const void *pb)
{
	const struct cut *a = pa, *b = pb;
	int of_a = __builtin_popcountll(a->about), of_b = __builtin_popcountll(b->about);

	return of_a != of_b ? of_b - of_a : a->column - b->column;
}

struct screen *screen_new(struct quick *const *of, size_t n)
{
	struct screen *s = mem_zero(1, sizeof(*s));

	for (size_t i = 0; i < n; i++) {
		uint64_t bit = UINT64_C(1) << i;
		size_t left = TERMS_MAX;

		s->all |= bit;
		if (of[i] && read_terms(s, of[i]->root, bit, &left))
			s->sure |= bit;
	}
	make_cuts(s);
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_conditions);
	free(s->term);
	s->term = NULL;
	return s;
}

void screen_free(struct screen *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].at);
		free(s->v[i].cell);
		free(s->v[i].real);
	}
	free(s->v);
	free(s);
}

uint64_t screen_sure(const struct screen *s)
{
	return s->sure;
}

uint64_t screen_left(const struct screen *s, struct conditions *c)
{
	uint64_t left = s->all;

	for (size_t i = 0; i < s->n && left; i++) {
		const struct cut *cut = &s->v[i];
		const struct expr_value *v;

		if (!(left & cut->about))
			continue;
		v = quick_known(&c->row, cut->column);
		left &= v->type == EXPR_NULL ? cut->null : cut->cell[cell_of(cut, v)];
	}
	return left;
}
