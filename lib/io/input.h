/* One export to read: a file or stdin, whose first bytes can be looked at before anything is taken.
 */
#ifndef IO_INPUT_H
#define IO_INPUT_H

#include "io/lines.h"

#define INPUT_HEAD ((size_t)64 << 10)

struct input {
	const char
		*name; /* for messages and data.origin: the path as given, or "<stdin>"; borrowed */
	int fd;
	bool seekable;
	struct buf head; /* the first INPUT_HEAD bytes, or all where there are fewer */
	bool whole;	 /* head is all there is */
};

/* path "-" is stdin. -1 and a reason: not there, not readable, a directory. */
int input_open(struct input *in, const char *path, struct buf *err);
/*
 * Begins to read lines from the first byte; borrows in, which must outlive l. May be called again
 * only where the input is seekable: see input_spool. Close with lines_close.
 */
int input_lines(struct input *in, struct lines *l, size_t max, struct buf *err);
/* Reads the next bytes from the first on, as read(2): 0 at the end, -1 and a reason. For readers
 * that have no lines. */
int64_t input_read(struct input *in, char *into, size_t room, struct buf *err);
/* Back to the first byte; the input must be seekable. */
int input_rewind(struct input *in, struct buf *err);
/* Makes the input seekable: what cannot seek is copied to an unlinked file in $TMPDIR (else /tmp).
 * Before reading. */
int input_spool(struct input *in, struct buf *err);
void input_close(struct input *in);
/* A new unlinked file in $TMPDIR (else /tmp), to be read and written: its descriptor, or -1 and a
 * reason. */
int input_temporary(struct buf *err);

#endif
