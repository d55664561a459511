/*
 * Whether a journey file is whole: that SQLite finds it sound, that its indexes hold an entry for
 * each of what they lead to, and that who is who agrees with the records. What the records say is
 * for store_verify, and the schema for schema_verify.
 */
#ifndef CORE_STORE_FSCK_H
#define CORE_STORE_FSCK_H

#include "core/store/store.h"

struct fsck {
	/* As that of struct verify. */
	int (*fault)(void *ctx, const char *what, struct buf *err);
	void *ctx;
	int64_t faults;
};

/* Within a transaction. 0 also where there are faults. */
int store_fsck(struct store *s, struct fsck *f, struct buf *err);

#endif
