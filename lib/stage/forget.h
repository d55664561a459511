/* jlog forget, hold and expire: who is erased, who must not be, and whose time is over. */
#ifndef STAGE_FORGET_H
#define STAGE_FORGET_H

#include "core/ontology.h"
#include "core/store/erase.h"
#include "core/store/store.h"
#include "io/out.h"

struct forget {
	struct store *store;
	struct erasing *erasing; /* of this store */
	struct ontology *ontology;
	struct out *out; /* the records that tell of it, or with dry_run what would go */
	const char *why; /* NULL: none was given */
	bool dry_run, quiet;
	/* After it. */
	uint64_t customers, records, held;
};

/*
 * Erases one customer, as store_find_customer takes her (see core/store/erase.h), and says so with
 * a record `erased`, in one transaction; the bytes are gone when it returns 0, and with them the
 * backups that the tools made of the file, of which it is told. So are those of an erasure that was
 * broken off between its transaction and the writing anew of the file. The record is written to
 * `out` after that. Who is held is left alone and told: `held` counts her. Status as the store's.
 */
int forget_customer(struct forget *f, const char *who, struct buf *err);
/* The same, each in a transaction of its own, for all customers of whom nothing was heard for a
 * span (ms); why NULL: that. How many they were is told. */
int forget_expired(struct forget *f, int64_t older_than, struct buf *err);
/* Places a hold on a customer, or releases the one that stands; a record says so. One that stands
 * already, or none, is left as it is. 1, and the reason in err, where she was erased. */
int forget_hold(struct forget *f, const char *who, bool release, struct buf *err);

#endif
