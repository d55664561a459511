/* Output that is checked: every write, flush and close says whether it arrived. */
#ifndef IO_OUT_H
#define IO_OUT_H

#include "base/buf.h"

struct out {
	int fd;
	const char *name; /* as messages show it; borrowed */
	struct buf pending;
};

void out_stdout(struct out *o);
/* Creates or appends to a file (mode 0600). -1 and a reason on failure. */
int out_append(struct out *o, const char *path, struct buf *err);
/* Buffered; written when 64 KiB have gathered. -1 and a reason on failure. */
int out_put(struct out *o, struct str s, struct buf *err);
int out_flush(struct out *o, struct buf *err);
/* What was flushed is on the disk, where there is one beneath. */
int out_sync(struct out *o, struct buf *err);
/* Flushes and closes, and tells what close said. */
int out_close(struct out *o, struct buf *err);

#endif
