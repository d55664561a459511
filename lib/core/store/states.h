/*
 * What a row is to each of several metrics, asked in few columns: a condition that several have in
 * common is evaluated once a row, and what decides first is asked first, as query_state does for
 * one.
 */
#ifndef CORE_STORE_STATES_H
#define CORE_STORE_STATES_H

#include "core/store/measure.h"

#include <sqlite3.h>

struct states;

/* Borrows the metrics. */
struct states *states_new(const struct metric *const *metrics, size_t n);
void states_free(struct states *s);
/* Appends the columns, ", " behind each. */
void states_put(struct buf *sql, const struct states *s);
/* Reads them, the first at *at, which goes past them, to the row of each metric's states. What is
 * valued and counts is ROW_MISS, whether it has a value or not. */
void states_take(const struct states *s, sqlite3_stmt *st, int *at, uint8_t **out, size_t row);

#endif
