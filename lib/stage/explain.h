/* jmetrics --explain: the rows behind one figure, as they are read: none is held but for a page of
 * the table. */
#ifndef STAGE_EXPLAIN_H
#define STAGE_EXPLAIN_H

#include "stage/measure.h"

/* Which rows are listed; all are counted. */
enum explain_which { EXPLAIN_ALL, EXPLAIN_HIT, EXPLAIN_MISS };

/* "hit", "miss" or "all"; -1 and a reason for another. */
int explain_which_of(const char *name, enum explain_which *which, struct buf *err);

/*
 * Lists the rows of m->metrics[0], and appends their totals as one line: what the figure has as
 * numerator and n. Where the metric is not observable there are no rows, and the line says so.
 * Status as measure_all's.
 */
int explain(struct sqlite3 *db, const struct measure *m, enum explain_which which,
	enum report_format format, struct out *out, struct buf *totals, struct buf *err);

#endif
