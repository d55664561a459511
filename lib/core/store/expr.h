/*
 * The one language in which users write logic: SQL expressions over named columns, compiled once by
 * SQLite. Adapter maps, routing rules and metric filters use it. Sandboxed: an allow-list of pure
 * functions, no subqueries, no tables, values of at most 1 MiB, a limit on steps.
 */
#ifndef CORE_STORE_EXPR_H
#define CORE_STORE_EXPR_H

#include "base/buf.h"
#include "io/yaml.h"

enum expr_type { EXPR_NULL, EXPR_INT, EXPR_REAL, EXPR_TEXT };

struct expr_value {
	enum expr_type type;
	int64_t n;	 /* EXPR_INT */
	double real;	 /* EXPR_REAL */
	struct str text; /* EXPR_TEXT; the giver keeps it until the next row */
};

struct expr_column {
	const char *name;
	const char *refused; /* not NULL: naming it is an error, and this is the reason */
};

/* Gives a column of the current row; called only for columns that an expression names, when it is
 * needed. */
typedef void expr_get(void *row, int column, struct expr_value *out);
/* A function: fills out (text must stay valid until the next call of the same function); nonzero:
 * the value is an error. */
typedef int expr_call(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out);

struct expr_set;

/* columns and their names are copied. Free with expr_free. */
struct expr_set *expr_new(const struct expr_column *columns, size_t n, expr_get *get);
void expr_free(struct expr_set *set);
/* Adds a pure function; argc -1: any number. */
void expr_function(struct expr_set *set, const char *name, int argc, expr_call *call, void *ctx);
/* The same, for one that counts what its calls cost: it is called once for a value. Others may be
 * called again, where SQLite is to say what could not be said without it. */
void expr_function_once(
	struct expr_set *set, const char *name, int argc, expr_call *call, void *ctx);
/* Where an expression stands. */
struct expr_place {
	const char *file;
	int line, column; /* from 1; column 0: not known */
	bool exact;	  /* each character of the expression is one of that line */
	const struct yaml
		*scalar; /* its text is the expression; NULL: not known. Borrowed for the call */
};

/*
 * Compiles one expression; gives its number (0, 1, ...). -1 and "file:line:column: reason" where it
 * is no expression, names an unknown or refused column or a function that is not allowed, or holds
 * a subquery.
 */
int expr_add(struct expr_set *set, const char *sql, struct expr_place at, struct buf *err);
/* The column that there is not, where the last expr_add failed for that; else NULL. Borrowed until
 * the next. */
const char *expr_missing(const struct expr_set *set);
/* Whether any expression of the set names the column. */
bool expr_names(const struct expr_set *set, int column);
/*
 * Evaluates all expressions over one row, in one statement, or without SQLite where core/quick.h
 * understands them all. Values are borrowed until the next
 * call. -1 and a reason
 * ("file:line: reason" of the failing expression where it is known).
 */
int expr_eval(struct expr_set *set, void *row, struct buf *err);
/* Evaluates one by itself. NULL and a reason on failure. Borrowed until the next call. */
const struct expr_value *expr_one(struct expr_set *set, int number, void *row, struct buf *err);
const char *expr_text(const struct expr_set *set, int number);
/* Whether one names the column. */
bool expr_reads(const struct expr_set *set, int number, int column);
const struct expr_value *expr_result(const struct expr_set *set, int number);
/* Whether a value is true as SQL says: a number that is not 0. NULL is not. */
bool expr_true(const struct expr_value *v);
/*
 * The number of the first expression, in the order in which they were added, that is true over the
 * row; those behind it are not evaluated. -1: none. -2 and a reason on failure.
 */
int expr_first(struct expr_set *set, void *row, struct buf *err);
/* The names of functions that expressions may use, NULL-terminated (for --columns and the manual).
 */
const char *const *expr_functions(void);

#endif
