/*
 * A file that others write on: at its end it is waited for more. Where another stands in its place
 * (rotation), or it has become shorter than what was read (truncation), it has ended, and is to be
 * opened anew and read from its begin.
 */
#ifndef IO_FOLLOW_H
#define IO_FOLLOW_H

#include "io/lines.h"
#include "io/watch.h"

struct follow {
	const char *path; /* borrowed */
	struct lines *in;
	struct watch watch;
	uint64_t dev, ino; /* of the file that is open */
	bool stopped;	   /* asked to stop: what stands behind the last LF is not to be used */
	bool gone;	   /* nobody reads what we write: stopped likewise */
};

/* reader: the descriptor that somebody should be reading, or -1. */
void follow_open(struct follow *f, const char *path, int reader);
/* The lines have just been opened; from now on they wait. -1 and a reason where it is no regular
 * file. */
int follow_lines(struct follow *f, struct lines *in, struct buf *err);
void follow_close(struct follow *f);

#endif
