/*
 * Rows that a program has, as a table that a statement reads: INSERT INTO t SELECT c0, c1 FROM
 * given. SQLite adds many rows by one statement in two thirds of the time that a statement a row
 * takes.
 */
#ifndef CORE_STORE_GIVEN_H
#define CORE_STORE_GIVEN_H

#include "base/buf.h"

#include <sqlite3.h>
#include <stddef.h>

/* Says what stands in a row, from 0, and column; what it is made of stays until the row is added.
 */
typedef void given_put(void *ctx, size_t row, int column, sqlite3_context *out);

/* What a column may be besides a number; a text without a pointer is empty, and 0 is NULL. */
void given_text(sqlite3_context *out, struct str s);
void given_or_null(sqlite3_context *out, int64_t n);

struct given {
	size_t n; /* rows */
	given_put *put;
	void *ctx;
};

#define GIVEN_COLUMNS 64

/* Makes the table `given` of a connection: its columns are c0, c1 and on, its rows those of `rows`
 * when a statement runs. An SQLite code. */
int given_make(sqlite3 *db, const struct given *rows);

#endif
