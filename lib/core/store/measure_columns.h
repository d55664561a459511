/* measure_rows by columns. For the files beside it. */
#ifndef CORE_STORE_MEASURE_COLUMNS_H
#define CORE_STORE_MEASURE_COLUMNS_H

#include "core/store/gather.h"

/* *done false: nothing was read, since the facts are not there by columns, or an expression is one
 * that SQLite must evaluate. */
int measure_columns(struct sqlite3 *db, struct gather *g, bool *done, struct buf *err);

#endif
