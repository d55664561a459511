/*
 * Customers with their records, a few at a time, held until they are folded. They come out of one
 * pass over the whole log (sorted.h): everybody, or who was touched before it. As they were then;
 * what moved since has touched them.
 */
#ifndef STAGE_HELD_H
#define STAGE_HELD_H

#include "core/journey.h"
#include "core/store/facts.h"

/* Of those that are folded together: customers, and about as many records where one has fewer. */
#define STEP_CUSTOMERS 2048
#define STEP_RECORDS 40000

/* Zeroed: empty; held_release. */
struct held {
	struct buf bodies;
	struct held_record {
		int64_t seq, order;
		size_t at, len;
	} * v;
	size_t n, cap;
	size_t *ends; /* of each one's records */
	size_t end_n, end_cap;
};

static inline size_t held_count(const struct held *h, size_t i)
{
	return h->ends[i] - (i ? h->ends[i - 1] : 0);
}
/* Adds one's records to a fold. */
int held_load(
	const struct held *h, size_t i, struct fold *f, struct event *scratch, struct buf *err);
void held_release(struct held *h);

struct harvest;

/* Reads the log. Status as the store's; harvest_free all the same. */
int harvest_open(struct harvest **out, struct store *s, bool touched, struct buf *err);
void harvest_free(struct harvest *x);
/* How many erasures there had been before. */
int64_t harvest_erasures(const struct harvest *x);
/* The next customers, whose numbers ascend: at most *n, fewer where there are so many records
 * before the last. */
int harvest_next(struct harvest *x, struct held *h, struct touched *out, size_t *n, size_t records,
	struct buf *err);

#endif
