/* The text of what is asked of a fact for metrics: its rows, what each is to a metric, its groups.
 * For the files beside it. */
#ifndef CORE_STORE_QUERY_H
#define CORE_STORE_QUERY_H

#include "core/store/asking.h"
#include "core/store/measure.h"

#define QUERY_DEPTH (SANDBOX_DEPTH + 60) /* nested as states.c does around an expression */

/* The row's state as a number of enum measure_state; what is valued and counts is ROW_MISS, whether
 * it has a value or not: see query_valued. */
void query_state(struct buf *sql, const struct metric *m);
/* Of that the part that is asked of rows which count, as a number shifted by so many bits; and
 * WHEN ... THEN number for those that are left out. */
void query_counted(struct buf *sql, const struct metric *m, int shift);
void query_left_out(struct buf *sql, const struct metric *m, long long number);
/* The state of a row of what is valued, by the columns of its value and its weight. */
enum measure_state query_valued(
	sqlite3_stmt *st, const struct metric *m, enum measure_state state, int value, int weight);
/* Each dimension, and ", " behind it. */
void query_dimensions(struct buf *sql, const struct measure_query *q);
/* Whether the row is of the side. */
void query_side(struct buf *sql, const struct measure_query *q, int side);
/* FROM and WHERE; more may follow behind AND. */
void query_from(struct buf *sql, const struct measure_query *q);

/* asking_begin, with the query's parameters. */
int query_begin(struct asking *a, struct sqlite3 *db, const struct buf *sql,
	const struct measure_query *q, struct buf *err);
void query_bind(sqlite3_stmt *st, const char *name, int64_t value); /* where it is named */
/* A row's value or weight. Of a row that counts it must be a number: -1 and "file:line: reason". */
int query_number(sqlite3_stmt *st, int at, const struct metric *m, const struct metric_sql *e,
	bool counts, double *out, struct buf *err);
/* A column of the current row, .s NULL where it is NULL; borrowed until the next. */
struct str query_text(sqlite3_stmt *st, int at);

#endif
