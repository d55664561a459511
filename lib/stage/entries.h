/* The inputs that an opened input stands for: itself, or the entries of an archive. */
#ifndef STAGE_ENTRIES_H
#define STAGE_ENTRIES_H

#include "io/archive.h"

#define ENTRIES_DEPTH 2 /* an archive within an archive is read, one within that is not */

struct entries {
	void *ctx;
	/* One to read; closed behind it. A negative status ends the walk. */
	int (*visit)(void *ctx, struct input *in, struct buf *err);
	/* One that cannot be read, an archive or an entry; the others follow. */
	void (*unread)(void *ctx, const char *why);
	/* What is passed over and may surprise. */
	void (*note)(void *ctx, const char *name, const char *what);
	/* An archive without entries. */
	void (*empty)(void *ctx, const char *name);
};

/*
 * Visits in, or, where it is an archive by its content, its entries as they stand in it. Names that
 * begin with a dot, of folders too, are passed over, as are folders; links and devices are noted.
 * Leaves in to the caller. 0, or the status that ended the walk.
 */
int entries_walk(const struct entries *e, struct input *in, struct buf *err);

#endif
