/* The records of several people, found together: what leads to them is read once, in the order in
 * which it lies on file. */
#ifndef CORE_STORE_CROWD_H
#define CORE_STORE_CROWD_H

#include "core/store/store.h"

struct crowd {
	int64_t *seqs; /* one person's behind the other's, each one's in order */
	size_t seq_n, seq_cap;
	size_t *ends; /* of each person's */
	size_t end_n, end_cap;
};

/*
 * Of *n people as of a sequence; one with neither identifier nor session has none. *n becomes less
 * where all have more records than should be held; it stays above 0. Within a read transaction.
 * Zeroed: empty; crowd_release.
 */
int crowd_find(struct store *s, const struct person *people, size_t *n, int64_t as_of,
	struct crowd *out, struct buf *err);
/* How many records one of them has. */
static inline size_t crowd_count(const struct crowd *c, size_t i)
{
	return c->ends[i] - (i ? c->ends[i - 1] : 0);
}
/* One's records, by sequence, with their labels as of then. */
int crowd_visit(struct store *s, const struct crowd *c, size_t i, int64_t as_of, store_visit *visit,
	void *ctx, struct buf *err);
void crowd_release(struct crowd *c);

#endif
