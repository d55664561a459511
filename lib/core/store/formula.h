/*
 * The common forms of SQL expressions over a fact's columns, evaluated for many rows at once: what
 * metrics are mostly made of. Each gives what SQLite gives, or is not taken: then SQLite is asked.
 * Taken are columns, numbers, texts and the parameters; AND, OR, NOT; comparisons, IS, IN, BETWEEN;
 * + - * / %; CASE WHEN, coalesce, ifnull, iif; instr of a constant; local_day and its like. Texts
 * are compared with texts and numbers with numbers alone. What several have in common is evaluated
 * once.
 */
#ifndef CORE_STORE_FORMULA_H
#define CORE_STORE_FORMULA_H

#include "core/store/frame.h"

struct formulas;

enum formula_type {
	FORMULA_BOOL, /* uint8_t: 0, 1 or FORMULA_UNKNOWN */
	FORMULA_INT,  /* int64_t, or COLUMN_NULL */
	FORMULA_TEXT, /* a text's code as int64_t, or COLUMN_NULL */
	FORMULA_REAL, /* double, or NaN for NULL */
};
#define FORMULA_UNKNOWN 2 /* neither true nor false: NULL */

/* A number that expressions may name. */
struct formula_parameter {
	const char *name; /* with its colon */
	int64_t value;
};

/* Borrows all. Free with formulas_free. */
struct formulas *formulas_new(const struct layout *l, struct codes *codes,
	const struct formula_parameter *parameters, size_t n);
void formulas_free(struct formulas *f);
/* The number of an expression that SQLite has taken, or -1: it is none of these forms. */
int formulas_add(struct formulas *f, const char *sql);
/* The same as a condition. */
int formulas_condition(struct formulas *f, const char *sql);
enum formula_type formulas_type(const struct formulas *f, int number);
/* The columns that they name, by number in the layout: until the next one is added. */
const size_t *formulas_columns(struct formulas *f, size_t *n);
/* Evaluates all over the rows of a frame that was opened with these columns. */
void formulas_eval(struct formulas *f, const struct frame *rows, size_t n);
/* What one gave; until it is evaluated again. */
const uint8_t *formulas_truth(const struct formulas *f, int number);  /* of FORMULA_BOOL */
const int64_t *formulas_number(const struct formulas *f, int number); /* _INT, _TEXT */
const double *formulas_real(const struct formulas *f, int number);    /* of FORMULA_REAL */

#endif
