/*
 * Customers folded from the log and written as facts, a few in a transaction. While some are
 * written, the next are folded by threads beside, each out of a connection of its own.
 */
#ifndef STAGE_REFOLD_H
#define STAGE_REFOLD_H

#include "core/ontology.h"
#include "core/store/facts.h"

#define REFOLD_MOVED 1 /* the generation is no more the one to write to */

struct refold {
	struct store *store;
	const struct ontology *ontology;
	int64_t generation;
	bool building;	 /* it is one that we claimed, not the one that is shown */
	uint64_t folded; /* customers so far */
};

/* All customers. Status as the store's, or REFOLD_MOVED. */
int refold_all(struct refold *r, struct buf *err);
/* Some, whose numbers ascend, as they were when the log ended at as_of. */
int refold_these(
	struct refold *r, const int64_t *customers, size_t n, int64_t as_of, struct buf *err);
/* Those that are touched at the time, with the mark that says so. */
int refold_touched(struct refold *r, struct buf *err);

#endif
