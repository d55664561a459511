/* Evaluating formulas: each node over all rows before the next. */
#include "base/mem.h"
#include "core/store/formula_part.h"
#include "core/store/measure.h"

#include <math.h>
#include <stdlib.h>

struct formulas *formulas_new(const struct layout *l, struct codes *codes,
	const struct formula_parameter *parameters, size_t n)
{
	struct formulas *f = mem_zero(1, sizeof(*f));

	f->layout = l;
	f->codes = codes;
	f->parameters = parameters;
	f->parameter_n = n;
	return f;
}

void formulas_free(struct formulas *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].table);
		free(f->v[i].out);
	}
	free(f->v);
	free(f->columns);
	free(f);
}

/* ---- nodes ---- */

/* Of what it is the bits are compared, of a real as well. */
static bool same(const struct node *a, const struct node *b)
{
	return a->op == b->op && a->type == b->type && a->most == b->most &&
	       memcmp(a->of, b->of, sizeof(a->of)) == 0 && a->is.number == b->is.number;
}

/* Constants do not change. */
static void fill(const struct node *n)
{
	for (size_t i = 0; i < FRAME_ROWS; i++)
		if (n->type == FORMULA_BOOL)
			((uint8_t *)n->out)[i] = FORMULA_UNKNOWN;
		else if (n->type == FORMULA_REAL)
			((double *)n->out)[i] = n->op == OP_NULL ? (double)NAN : n->is.real;
		else
			((int64_t *)n->out)[i] = n->op == OP_NULL ? COLUMN_NULL : n->is.number;
}

int formula_node(struct formulas *f, const struct node *like)
{
	struct node *n;

	for (size_t i = 0; i < f->n; i++)
		if (same(&f->v[i], like))
			return (int)i;
	n = VEC_ADD(f, v, n, cap);
	*n = *like;
	n->out = mem_zero(FRAME_ROWS, n->type == FORMULA_BOOL ? sizeof(uint8_t) : sizeof(int64_t));
	if (n->op > OP_COLUMN && n->op <= OP_NULL)
		fill(n);
	return (int)f->n - 1;
}

int formulas_add(struct formulas *f, const char *sql)
{
	return formula_read(f, sql);
}

int formulas_condition(struct formulas *f, const char *sql)
{
	return formula_truth_of(f, formulas_add(f, sql));
}

enum formula_type formulas_type(const struct formulas *f, int number)
{
	return f->v[number].type;
}

const size_t *formulas_columns(struct formulas *f, size_t *n)
{
	f->column_n = 0;
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].op == OP_COLUMN)
			*VEC_ADD(f, columns, column_n, column_cap) = f->v[i].is.column;
	*n = f->column_n;
	return f->columns;
}

/* ---- by rows ---- */

/*
 * As many rows as there can be, whether they are or not: what is behind the last is never looked
 * at, and the compiler does several at once where it knows how many there are. What chooses a clone
 * runs before a sanitizer is there, and would call it.
 */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) &&                  \
	!defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

#define INT(x) ((const int64_t *)(x)->out)
#define BOOL(x) ((const uint8_t *)(x)->out)
#define REAL(x) ((const double *)(x)->out)
#define NONE(x) ((x) == COLUMN_NULL)

/* to[i] of a and b, the rows' values, both of which are there. */
#define PAIRS(of, none, to, null, expression)                                                      \
	do {                                                                                       \
		const of *va = x->out, *vb = y->out;                                               \
		for (size_t i = 0; i < FRAME_ROWS; i++) {                                          \
			of a = va[i], b = vb[i];                                                   \
			to[i] = none(a) || none(b) ? (null) : (expression);                        \
		}                                                                                  \
	} while (0)
#define TRUTHS(expression)                                                                         \
	do {                                                                                       \
		if (x->type == FORMULA_REAL)                                                       \
			PAIRS(double, isnan, out, FORMULA_UNKNOWN, expression);                    \
		else                                                                               \
			PAIRS(int64_t, NONE, out, FORMULA_UNKNOWN, expression);                    \
	} while (0)
#define NUMBERS(expression) PAIRS(int64_t, NONE, out, COLUMN_NULL, expression)

WIDE static void compare(const struct node *n, const struct node *x, const struct node *y)
{
	uint8_t *out = n->out;

	switch (n->op) {
	case OP_EQUAL:
		TRUTHS(a == b);
		break;
	case OP_DIFFERS:
		TRUTHS(a != b);
		break;
	case OP_LESS:
		TRUTHS(a < b);
		break;
	default:
		TRUTHS(a <= b);
		break;
	}
}

/* Sums and products are of a size that they have: formula_read.c sees to it. */
WIDE static void calculate(const struct node *n, const struct node *x, const struct node *y)
{
	int64_t *out = n->out;

	switch (n->op) {
	case OP_ADD:
		NUMBERS(a + b);
		break;
	case OP_SUBTRACT:
		NUMBERS(a - b);
		break;
	case OP_MULTIPLY:
		NUMBERS(a * b);
		break;
	case OP_DIVIDE:
		NUMBERS(b == 0 ? COLUMN_NULL : a / b);
		break;
	default:
		NUMBERS(b == 0 ? COLUMN_NULL : a % b);
		break;
	}
}

/* NaN stands for NULL, and is what comes of one. */
static void calculate_reals(const struct node *n, const struct node *x, const struct node *y)
{
	const double *a = x->out, *b = y->out;
	double *out = n->out;

	for (size_t i = 0; i < FRAME_ROWS; i++)
		switch (n->op) {
		case OP_ADD:
			out[i] = a[i] + b[i];
			break;
		case OP_SUBTRACT:
			out[i] = a[i] - b[i];
			break;
		case OP_MULTIPLY:
			out[i] = a[i] * b[i];
			break;
		default:
			out[i] = b[i] == 0 ? (double)NAN : a[i] / b[i];
			break;
		}
}

static bool null_at(const struct node *x, size_t i)
{
	if (x->type == FORMULA_BOOL)
		return BOOL(x)[i] == FORMULA_UNKNOWN;
	return x->type == FORMULA_REAL ? isnan(REAL(x)[i]) : NONE(INT(x)[i]);
}

WIDE static void is(const struct node *n, const struct node *x, const struct node *y)
{
	uint8_t *out = n->out;

	for (size_t i = 0; i < FRAME_ROWS; i++)
		if (x->type == FORMULA_REAL)
			out[i] = REAL(x)[i] == REAL(y)[i] || (null_at(x, i) && null_at(y, i));
		else
			out[i] = INT(x)[i] == INT(y)[i];
}

/* false, true and unknown are 0, 1 and 2: where neither decides, the greater. */
WIDE static void join(const struct node *n, const struct node *x, const struct node *y)
{
	const uint8_t decides = n->op == OP_OR, *a = x->out, *b = y->out;
	uint8_t *restrict out = n->out;

	for (size_t i = 0; i < FRAME_ROWS; i++) {
		uint8_t greater = a[i] > b[i] ? a[i] : b[i];
		uint8_t decided = (uint8_t) - ((a[i] == decides) | (b[i] == decides));

		out[i] = (greater & (uint8_t)~decided) | (decides & decided);
	}
}

WIDE static void choose(
	const struct node *n, const struct node *when, const struct node *x, const struct node *y)
{
	const union column_value *a = x->out, *b = y->out;
	union column_value *out = n->out;
	uint8_t *truth = n->out;

	for (size_t i = 0; i < FRAME_ROWS; i++)
		if (n->type == FORMULA_BOOL)
			truth[i] = BOOL(when)[i] == 1 ? BOOL(x)[i] : BOOL(y)[i];
		else
			out[i] = BOOL(when)[i] == 1 ? a[i] : b[i];
}

static void coalesce(const struct node *n, const struct node *x, const struct node *y)
{
	const union column_value *a = x->out, *b = y->out;
	union column_value *out = n->out;

	for (size_t i = 0; i < FRAME_ROWS; i++)
		out[i] = null_at(x, i) ? b[i] : a[i];
}

/* A truth of what is of any type. */
static void judge(const struct node *n, const struct node *x)
{
	uint8_t *out = n->out;

	for (size_t i = 0; i < FRAME_ROWS; i++)
		if (n->op == OP_IS_NULL)
			out[i] = null_at(x, i);
		else if (null_at(x, i))
			out[i] = FORMULA_UNKNOWN;
		else if (n->op == OP_NOT)
			out[i] = !BOOL(x)[i];
		else if (x->type == FORMULA_REAL)
			out[i] = REAL(x)[i] != 0;
		else
			out[i] = INT(x)[i] != 0;
}

static void convert(const struct node *n, const struct node *x)
{
	union column_value *out = n->out;

	for (size_t i = 0; i < FRAME_ROWS; i++)
		if (n->op == OP_EXACT)
			out[i].real = NONE(INT(x)[i]) ? (double)NAN : (double)INT(x)[i];
		else
			out[i].n = null_at(x, i) ? COLUMN_NULL : BOOL(x)[i];
}

/* ---- by what a text is ---- */

static int64_t instr(struct str in, struct str what)
{
	const char *found = !what.len ? in.s
			    : in.len  ? memmem(in.s, in.len, what.s, what.len)
				      : NULL;
	int64_t place = 1;

	for (const char *p = in.s; found && p < found; p++)
		place += ((unsigned char)*p & 0xc0) != 0x80;
	return found ? place : 0;
}

static int64_t of_text(enum formula_op op, struct str text, struct str constant)
{
	int order;

	if (op == OP_INSTR)
		return instr(text, constant);
	order = str_cmp(text, constant);
	return op == OP_TEXT_LESS	  ? order < 0
	       : op == OP_TEXT_LESS_EQUAL ? order <= 0
	       : op == OP_TEXT_MORE	  ? order > 0
					  : order >= 0;
}

static void by_text(struct formulas *f, struct node *n, size_t rows)
{
	const struct node *x = &f->v[n->of[0]];
	struct str constant = codes_text(f->codes, f->v[n->of[1]].is.number);
	uint8_t *truth = n->out;
	int64_t *out = n->out;

	while (n->table_n < f->codes->n) {
		int64_t one =
			of_text(n->op, codes_text(f->codes, (int64_t)n->table_n + 1), constant);

		*VEC_ADD(n, table, table_n, table_cap) = one;
	}
	for (size_t i = 0; i < rows; i++) {
		bool none = NONE(INT(x)[i]);

		if (n->type == FORMULA_BOOL)
			truth[i] = none ? FORMULA_UNKNOWN : (uint8_t)n->table[INT(x)[i] - 1];
		else
			out[i] = none ? COLUMN_NULL : n->table[INT(x)[i] - 1];
	}
}

static void by_time(struct formulas *f, const struct node *n, size_t rows)
{
	static const char *const kinds[] = {"day", "week", "month", "time"};
	const struct node *x = &f->v[n->of[0]];
	int64_t *out = n->out;
	char text[64];

	for (size_t i = 0; i < rows; i++) {
		out[i] = COLUMN_NULL;
		if (NONE(INT(x)[i]))
			continue;
		measure_period(kinds[n->op - OP_DAY], INT(x)[i], text, sizeof(text));
		out[i] = codes_of(f->codes, str_of(text));
	}
}

/* ---- all ---- */

static void evaluate(struct formulas *f, struct node *n, size_t rows)
{
	const struct node *x, *y;

	if (n->op <= OP_NULL)
		return;
	/* Those of one argument do not look at the second. */
	x = &f->v[n->of[0]];
	y = n->of[1] < 0 ? x : &f->v[n->of[1]];
	if (n->op >= OP_ADD && n->op <= OP_REMAINDER && n->type == FORMULA_REAL)
		calculate_reals(n, x, y);
	else if (n->op >= OP_ADD && n->op <= OP_REMAINDER)
		calculate(n, x, y);
	else if (n->op >= OP_EQUAL && n->op <= OP_LESS_EQUAL)
		compare(n, x, y);
	else if (n->op == OP_IS)
		is(n, x, y);
	else if (n->op == OP_IS_NULL || n->op == OP_NOT || n->op == OP_TRUTH)
		judge(n, x);
	else if (n->op == OP_AND || n->op == OP_OR)
		join(n, x, y);
	else if (n->op == OP_CHOOSE)
		choose(n, x, y, &f->v[n->of[2]]);
	else if (n->op == OP_COALESCE)
		coalesce(n, x, y);
	else if (n->op >= OP_DAY && n->op <= OP_TIME)
		by_time(f, n, rows);
	else if (n->op == OP_COUNT || n->op == OP_EXACT)
		convert(n, x);
	else
		by_text(f, n, rows);
}

void formulas_eval(struct formulas *f, const struct frame *rows, size_t n)
{
	size_t place = 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].op == OP_COLUMN)
			memcpy(f->v[i].out, frame_column(rows, place++), n * sizeof(int64_t));
		else
			evaluate(f, &f->v[i], n);
}

const uint8_t *formulas_truth(const struct formulas *f, int number)
{
	return f->v[number].out;
}

const int64_t *formulas_number(const struct formulas *f, int number)
{
	return f->v[number].out;
}

const double *formulas_real(const struct formulas *f, int number)
{
	return f->v[number].out;
}
