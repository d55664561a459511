/* What the files of the expressions share. Nobody else includes it. */
#ifndef CORE_STORE_EXPR_PART_H
#define CORE_STORE_EXPR_PART_H

#include "core/quick.h"
#include "core/store/expr.h"

#include <sqlite3.h>

struct expression {
	char *sql, *file;
	int line, column;
	bool *reads;		 /* by column: whether it names it */
	struct quick *quick;	 /* NULL: it is not evaluated without SQLite */
	sqlite3_stmt *by_itself; /* made on first use */
	struct expr_value value; /* what it gave by itself */
};

struct function {
	char *name;
	int argc; /* -1: any number */
	bool once;
	expr_call *call;
	void *ctx;
	struct expr_set *set;
};

struct column {
	char *name, *refused;
	bool named; /* by an expression of the set */
};

struct expr_set {
	sqlite3 *db;
	expr_get *get;
	void *row; /* the current one */
	struct column *column;
	size_t column_n, column_cap;
	struct function **function; /* each by itself: SQLite keeps its address */
	size_t function_n, function_cap;
	struct expression *expression;
	size_t expression_n, expression_cap;
	struct expr_value *result;
	/* Where all of them can do without SQLite. */
	bool looked, quick;
	struct quick_row quick_row;
	int *asked; /* the columns that are named */
	size_t asked_n;
	sqlite3_stmt *all, *first; /* made on first use; NULL after a further expr_add */
	int selects;		   /* of the statement being compiled */
	bool own;		   /* it is one of ours */
	bool *reads;		   /* what that names; NULL: nobody asks */
	int ticks;
	struct buf why;	   /* the authorizer's reason */
	const char *odd;   /* the column that is its reason */
	char *missing;	   /* see expr_missing */
	struct buf broken; /* why no expression can be compiled at all */
};

/*
 * Evaluates all expressions over one row without SQLite. false: SQLite is to do it, for some cannot
 * be, or not over this row.
 */
bool expr_quick(struct expr_set *set, void *row);
void expr_quick_forget(struct expr_set *set);

#endif
