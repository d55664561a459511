/* The rows behind a figure, one by one, with the records that they are called by. */
#ifndef CORE_STORE_EXPLAIN_H
#define CORE_STORE_EXPLAIN_H

#include "core/store/measure.h"

/* A number that the row has: of a fact's row, and so of a record. */
struct explain_id {
	const char *column;
	bool has;
	int64_t sequence;
	struct buf event; /* the record's id; empty where there is none, or it was not asked for */
};

/* Borrowed until the visit ends. */
struct explain_row {
	struct str who;
	int64_t began; /* ms */
	bool has_began;
	const struct str *dimensions; /* .s NULL: none */
	enum measure_state state;     /* never ROW_OUTSIDE nor ROW_IDLE */
	double value, weight;	      /* of what is valued and ROW_MISS */
	const bool *reasons;	      /* whether each of the metric's holds */
	const struct explain_id *ids; /* in the view's order */
	size_t id_n;
};

typedef int explain_visit(void *ctx, const struct explain_row *row, struct buf *err);
/* By customer; events: with the records' ids. The metric was checked; visit's nonzero ends it and
 * is returned. Status as measure_rows'. */
int explain_rows(struct sqlite3 *db, const struct measure_query *q, const struct metric *metric,
	bool events, explain_visit *visit, void *ctx, struct buf *err);

#endif
