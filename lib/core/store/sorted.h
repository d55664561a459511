/*
 * All records of the log, one customer's after the other's: one pass over it, by two threads where
 * it is long, and a sort (io/sorter.h), where to look up the records of a few customers at a time
 * would read most of its pages again for each few.
 */
#ifndef CORE_STORE_SORTED_H
#define CORE_STORE_SORTED_H

#include "core/store/store.h"

struct sorted;

struct sorted_record {
	int64_t customer, seq, order;
	struct str body;
};

/* Reads the log as it stands. 0, or a status as the store's and a reason: sorted_free all the same.
 */
int sorted_open(struct sorted **out, struct store *s, struct buf *err);
void sorted_free(struct sorted *x);
/* How many erasures there had been before it was read. */
int64_t sorted_erasures(const struct sorted *x);
/* The record at hand: by customer, then by sequence; borrowed until the next. NULL: at the end. */
const struct sorted_record *sorted_at(const struct sorted *x);
int sorted_next(struct sorted *x, struct buf *err);

#endif
