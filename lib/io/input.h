/*
 * One export to read: a file, stdin or an entry of an archive, whose first bytes can be looked at
 * before anything is taken. One that begins with a byte order mark of UTF-16 is read as UTF-8: its
 * lines are those of the file, offsets are those of its text in UTF-8.
 */
#ifndef IO_INPUT_H
#define IO_INPUT_H

#include "io/lines.h"

#define INPUT_HEAD ((size_t)64 << 10)

#define INPUT_NEVER INT64_MIN

struct unpack; /* an archive that is read: io/archive.h */
struct utf16;

struct input {
	const char *name;    /* for messages and data.origin: the path as given, "<stdin>", or that
				of an archive, a slash and the entry's path; borrowed, or of path */
	struct buf path;     /* holds the name where nobody else does */
	int fd;		     /* -1: read from */
	struct source from;  /* an entry's bytes, until it is spooled */
	struct utf16 *utf16; /* what decodes it; NULL: it is not UTF-16 */
	struct unpack *archive; /* that it is an entry of; borrowed; NULL: none */
	bool seekable;
	int64_t changed; /* the file's own time, ms since 1970, or INPUT_NEVER */
	struct buf head; /* the first INPUT_HEAD bytes, or all where there are fewer */
	bool whole;	 /* head is all there is */
};

/* path "-" is stdin. -1 and a reason: not there, not readable, a directory. Borrows the path. */
int input_open(struct input *in, const char *path, struct buf *err);
/* Takes the first bytes in, of one that another part opens. */
int input_peek(struct input *in, struct buf *err);
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
/*
 * Siblings of an input: files that lie beside it, in its folder on disk or in that of the same
 * archive, and never those of one in the other. `names` are names without a folder, compared
 * without case; an earlier one wins over a later one. Where none is beside it, the folder above is
 * looked into; the top folder of an archive has none, and stdin has no siblings.
 *
 * input_beside finds: 1 and *name replaced by the sibling's name as messages show it (the same for
 * all inputs that find the same file: a key for what was read of it); 0: there is none.
 * input_open_beside opens what it finds: 1, to be closed with input_close, and seekable as files
 * are; 0: there is none; -1 and a reason.
 *
 * All inputs with one input_folder find the same: ask once a folder. An archive is gone through
 * for its names once for each list of names, and once more for each sibling that is opened.
 */
int input_beside(const struct input *in, const char *const *names, size_t n, struct buf *name);
int input_open_beside(const struct input *in, const char *const *names, size_t n, struct input *out,
	struct buf *err);
/* The name of its folder, without the last slash; empty where its name has none. */
struct str input_folder(const struct input *in);
/* A new unlinked file in $TMPDIR (else /tmp), to be read and written: its descriptor, or -1 and a
 * reason. */
int input_temporary(struct buf *err);

#endif
