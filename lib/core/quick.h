/*
 * SQL expressions that are evaluated without SQLite: to the value that SQLite gives, or not at all.
 * They compare, join, choose and add up what they read, constants and what functions give. What
 * their names mean is the user's to say.
 */
#ifndef CORE_QUICK_H
#define CORE_QUICK_H

#include "core/store/expr.h"

#define QUICK_ARGUMENTS 8 /* of a function, at most */

struct quick;

struct quick_function {
	expr_call *call;
	void *ctx;
};

struct quick_scope {
	void *ctx;
	/* The number of a column; -1: there is none. */
	int (*column)(void *ctx, struct str name);
	bool (*function)(void *ctx, struct str name, size_t argc, struct quick_function *out);
	/* The value of a number that is not written in at most 18 digits alone; NULL: none has one.
	 */
	bool (*number)(void *ctx, struct str text, bool minus, struct expr_value *out);
	/* Functions do nothing but give a value, whose text stays as long as the row: one need not
	 * be called where AND or OR is decided without it, as SQLite calls it. */
	bool pure;
};

/* What expressions read. */
struct quick_row {
	struct expr_value *known; /* by column */
	bool *is_known;
	/* Asks for a column that is not known yet, and makes it so. */
	const struct expr_value *(*ask)(struct quick_row *r, int column);
	void *ctx; /* for ask */
	void *row; /* for functions */
};

static inline const struct expr_value *quick_known(struct quick_row *r, int column)
{
	return r->is_known[column] ? &r->known[column] : r->ask(r, column);
}

/* Of one that SQLite has compiled. NULL: it is not understood. Free with quick_free. */
struct quick *quick_read(const struct quick_scope *scope, const char *sql);
void quick_free(struct quick *q); /* NULL is allowed */
/* false: only SQLite can say what it is of this row, or that it fails. Text is borrowed of the row
 * and until the expression is evaluated again. */
bool quick_value(const struct quick *q, struct quick_row *r, struct expr_value *out);

#endif
