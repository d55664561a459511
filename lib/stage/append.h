/* jlog append: records into the log, committed before they are passed on. */
#ifndef STAGE_APPEND_H
#define STAGE_APPEND_H

#include "core/ontology.h"
#include "core/pipe.h"
#include "core/store/batch.h"

struct append {
	struct store *store;
	const struct ontology *ontology;
	bool pass_on;	  /* new records go to pipe.out with customer, sequence and recordedtime */
	int64_t expect;	  /* where the log must stand before the first batch, and then as each left
			     it; -1:   anywhere */
	bool fast;	  /* one sync, at the end */
	bool moved;	  /* it stood elsewhere, which ended the run */
	struct pipe pipe; /* ledger, out, max_line and follow set by the caller */
};

/*
 * Reads all paths (n 0: stdin). Batches take what has arrived: many records with a backlog, one
 * when live; no write transaction is held while waiting for input or output. Duplicates by (source,
 * id) are counted and not passed on. 0, -1 and a reason, or STORE_BUSY when another writer held the
 * file past the wait: what was counted as written is in the log.
 */
int append(struct append *a, char *const *paths, size_t n, struct buf *err);

#endif
