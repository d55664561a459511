/*
 * Whether a log is what was recorded: every row is read in order, its record put together and
 * hashed anew, and held against its leaf, its columns and the tree. In the memory of one record,
 * but for a few bytes for each stretch of erased ones.
 */
#ifndef CORE_STORE_VERIFY_H
#define CORE_STORE_VERIFY_H

#include "core/store/store.h"
#include "core/store/tree.h"

struct verify {
	const struct proof_head *kept; /* of this log, from elsewhere; NULL: there is none */
	/* Told of each fault, in words that begin with where it is; nonzero ends it and is
	 * returned. */
	int (*fault)(void *ctx, const char *what, struct buf *err);
	void *ctx;
	/* What came of it. */
	int64_t records, erased, faults;
	struct proof_head head; /* of the records as they were read, where there is no fault */
};

/* Within a transaction. 0 also where there are faults. */
int store_verify(struct store *s, struct verify *v, struct buf *err);

#endif
