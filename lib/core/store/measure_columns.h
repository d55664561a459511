/* What metrics ask of rows, by columns. For the files beside it. */
#ifndef CORE_STORE_MEASURE_COLUMNS_H
#define CORE_STORE_MEASURE_COLUMNS_H

#include "core/store/gather.h"

/* measure_rows. *done false: nothing was read, since the facts are not there by columns, or an
 * expression is one that SQLite must evaluate. */
int measure_columns(struct sqlite3 *db, struct gather *g, bool *done, struct buf *err);
/* Whether a condition, which SQLite has taken, is true of any row. *done as above. */
int measure_some(struct sqlite3 *db, const struct shape *shape, const char *sql, bool *some,
	bool *done, struct buf *err);

#endif
