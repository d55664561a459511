/* Rows of a reading, gathered until a batch of them is full. For the files beside it. */
#ifndef CORE_STORE_GATHER_H
#define CORE_STORE_GATHER_H

#include "core/store/measure.h"

#define NUMBER_MOST 1e15 /* of a row, so that no sum of them overflows */

struct gather {
	const struct measure_query *q;
	const struct metric *const *metrics;
	size_t metric_n;
	measure_visit *visit;
	void *ctx;
	struct codes texts;
	size_t n; /* rows so far */
	int64_t cluster[MEASURE_ROWS];
	uint16_t ends[MEASURE_ROWS];
	size_t end_n;
	uint8_t assumed[MEASURE_ROWS], in[2][MEASURE_ROWS];
	int64_t **dimensions;
	uint8_t **states;
	double **values, **weights;  /* NULL where the metric has none */
	int64_t customer, customers; /* of the row before; how many there were */
};

/* Borrows all. Free with gather_free. */
struct gather *gather_new(const struct measure_query *q, const struct metric *const *metrics,
	size_t n, measure_visit *visit, void *ctx);
void gather_free(struct gather *g);
/* The customer of the row at hand; one that says none (known false) is one of its own. */
void gather_customer(struct gather *g, int64_t customer, bool known);
/* Visits what is there, and begins anew. */
int gather_flush(struct gather *g, struct buf *err);
/* A row's value or weight is none: -1 and "file:line: reason". */
int gather_no_number(const struct metric *m, const struct metric_sql *e, struct buf *err);

#endif
