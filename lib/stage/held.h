/* Records of some customers, held until they are folded. */
#ifndef STAGE_HELD_H
#define STAGE_HELD_H

#include "core/journey.h"
#include "core/store/sorted.h"

/* Zeroed: empty; held_release. */
struct held {
	struct buf bodies;
	struct held_record {
		int64_t seq, order;
		size_t at, len;
	} * v;
	size_t n, cap;
	int64_t *customers;
	size_t customer_n, customer_cap;
	size_t *ends; /* of each one's records */
	size_t end_n, end_cap;
};

/* Takes the next customers of all, at most `most`, and no other where there are so many records
 * already. */
int held_take(struct held *h, struct sorted *from, size_t most, size_t records, struct buf *err);
/* Adds one's records to a fold. */
int held_load(
	const struct held *h, size_t i, struct fold *f, struct event *scratch, struct buf *err);
void held_release(struct held *h);

#endif
