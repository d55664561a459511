/*
 * A journey file made as small as what it holds: the runs of each index become one, facts that are
 * neither shown nor being built go, and the file is written anew without what is free. What the log
 * says, its tree, and the facts that are shown stay as they are.
 */
#ifndef CORE_STORE_COMPACT_H
#define CORE_STORE_COMPACT_H

#include "core/store/store.h"

struct compact {
	/* Called again and again while it works, with what it does; NULL: nobody is told. */
	void (*tick)(void *ctx, const char *what);
	void *ctx;
	int64_t before, after; /* bytes of the file and its write-ahead log */
};

/*
 * Outside of any transaction. Every step is a transaction of its own: a failure, or the end of the
 * process, leaves the file sound at any point, and a disk that is too small leaves it as it was or
 * with the first steps done. STORE_BUSY where another writer holds the file, or a reader keeps what
 * it was in the write-ahead log.
 */
int store_compact(struct store *s, struct compact *c, struct buf *err);

#endif
