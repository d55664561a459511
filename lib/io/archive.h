/*
 * Archives (zip, tar) and files that are only compressed (gzip, bzip2, xz, zstd), read through
 * libarchive entry after entry, in the order in which the entries stand. Nothing is unpacked: no
 * file gets an entry's name, which is only a name for messages, and no more of an entry is held
 * than a block. Archives may lie in archives.
 *
 * An archive that gives far more than it has is refused: see struct unpack_limits. What an archive
 * within another gives counts for the outermost.
 */
#ifndef IO_ARCHIVE_H
#define IO_ARCHIVE_H

#include "io/input.h"

/* What an archive may give: `floor` bytes and `ratio` more for each byte of its own, but never more
 * than `total`. */
struct unpack_limits {
	uint64_t floor, ratio, total;
};
/* 64 MiB, 256, 256 GiB: more than honest exports need. */
extern const struct unpack_limits unpack_limits;

struct unpack;

enum unpack_what {
	UNPACK_FILE,
	UNPACK_FOLDER,
	UNPACK_OTHER, /* a link, a device: it has no content of its own */
};

/* Borrowed until the next one. */
struct unpack_entry {
	const char *path; /* within the archive: UTF-8, without "./" or '/' before it; may hold ".."
			   */
	const char *name; /* with the archive's name before it */
	enum unpack_what what;
};

/* Whether the first bytes are those of an archive or a compressed file. A zip that is a document
 * (of an office program, an e-book) is none. */
bool unpack_is(struct str head);
/*
 * Opens an input that unpack_is; spools it where it cannot seek. Borrows it, and leaves its
 * position alone. `within`: the archive whose entry it is, or NULL. NULL and a reason on failure.
 * Close with unpack_close.
 */
struct unpack *unpack_open(struct input *in, struct unpack *within,
	const struct unpack_limits *limits, struct buf *err);
void unpack_close(struct unpack *u); /* NULL is allowed */
/* The archive's name, as its input has it. */
const char *unpack_name(const struct unpack *u);
/* Whether it is a compressed file and no archive: its one entry has the file's name without the
 * suffix. */
bool unpack_is_single(const struct unpack *u);
/*
 * The next entry: 1; 0 at the end, or where the reason why nothing further can be read has been
 * given with the entry before; -1 and the reason at the end of a damaged archive, whose sound
 * entries have been given.
 */
int unpack_next(struct unpack *u, struct unpack_entry *e, struct buf *err);
/*
 * Opens the entry given last, a UNPACK_FILE, as an input that cannot seek; it borrows u, and ends
 * with the next entry. Close it with input_close. -1 and a reason (encrypted, damaged, too large)
 * on failure, which input_read and its kin may meet later too; the next entries can be read.
 */
int unpack_input(struct unpack *u, struct input *out, struct buf *err);

/* An entry that unpack_named found. */
struct unpack_found {
	char *path;	 /* as of unpack_entry */
	uint64_t number; /* its place, from 1 */
};
/*
 * The first few thousand files whose names without folders are among `names`, compared without
 * case, in their order; borrowed as long as u lives. How many there are. The archive is gone
 * through anew the first time that these names are asked for.
 */
size_t unpack_named(
	struct unpack *u, const char *const *names, size_t n, const struct unpack_found **found);
/* Opens one of those, seekable and for itself. 0, or -1 and a reason. */
int unpack_again(struct unpack *u, uint64_t number, struct input *out, struct buf *err);

#endif
