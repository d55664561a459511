/* Output that is checked: every write, flush and close says whether it arrived. */
#ifndef IO_OUT_H
#define IO_OUT_H

#include "base/buf.h"

#include <sys/types.h>

struct out {
	int fd;
	const char *name; /* as messages show it; borrowed */
	char *part;	  /* where it is written until it is whole: out_beside */
	struct buf pending;
	uint64_t waiting, lost; /* records of out_record: pending, and those that a failed flush did
				   not write */
	uint64_t tail; /* bytes that were written behind the last LF: the beginning of a record */
};

void out_stdout(struct out *o);
/* Creates or appends to a file (mode 0600), whose last line is ended where it has no LF. A file
 * that does not begin as what is added does (up to 16 bytes) was meant for something else, and is
 * left alone. -1 and a reason on failure. */
int out_append(struct out *o, const char *path, const char *begins, struct buf *err);
struct stat;
/* Whether it goes to the regular file that this tells of. */
bool out_is(const struct out *o, const struct stat *other);
/* Creates a file (mode 0600) or empties the one that is there. -1 and a reason on failure. */
int out_create(struct out *o, const char *path, struct buf *err);
/* Buffered; written when 64 KiB have gathered. -1 and a reason on failure. */
int out_put(struct out *o, struct str s, struct buf *err);
/* Counts a record that out_put gives in pieces, the last of which ends in LF. */
void out_begin(struct out *o);
/* One record, which holds no LF, and its LF: counted as lost where a flush fails to write it. */
int out_record(struct out *o, struct str record, struct buf *err);
/*
 * Where a regular file takes only a part (a full disk), it is cut behind the last LF: no half a
 * record stays. What was pending is gone then.
 */
int out_flush(struct out *o, struct buf *err);
/* What was flushed is on the disk, where there is one beneath. */
int out_sync(struct out *o, struct buf *err);
/* Flushes and closes, and tells what close said. */
int out_close(struct out *o, struct buf *err);
/*
 * A file that comes in whole or not at all: written beside its place, under a name of its own, and
 * out_whole puts it there. What is no file (a pipe, a device, a link) is written to as it is. path:
 * the same, and valid, for both. mode: 0600, or 0666 for what holds nothing of any person, of which
 * the umask takes its part; a file that is there keeps its own.
 */
int out_beside(struct out *o, const char *path, mode_t mode, struct buf *err);
/* Closes it; where `whole` is false or something fails, what was in its place stays. -1 and a
 * reason on failure. */
int out_whole(struct out *o, const char *path, bool whole, struct buf *err);

#endif
