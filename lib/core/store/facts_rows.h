/* A customer's facts as rows of their tables, which facts_schema.c describes. */
#ifndef CORE_STORE_FACTS_ROWS_H
#define CORE_STORE_FACTS_ROWS_H

#include "core/fold/fold.h"

#include <sqlite3.h>

/* Values of one row, bound from the left. */
struct cells {
	const struct fold *f;
	sqlite3_stmt *st; /* an INSERT with a parameter for every column */
	int at;
};

bool facts_any(const struct fold *f, size_t table);
/* Binds the rows of a table, one after the other, and has each of them run; its nonzero ends it. */
int facts_rows(struct cells *k, size_t table, int64_t generation, int64_t customer,
	int (*run)(void *ctx, sqlite3_stmt *st, struct buf *err), void *ctx, struct buf *err);

#endif
