/*
 * Cuts the records out of a JSON document of any size, in the memory of one record: the elements of
 * the arrays at a path, of a top-level array, or the values of a sequence (JSON lines, objects one
 * behind the other, or a single object). What lies around the records is checked as far as
 * brackets, names, colons and commas go; a record's inside is for json_parse to check.
 */
#ifndef IO_JSONSCAN_H
#define IO_JSONSCAN_H

#include "io/input.h"

enum jsonscan_status {
	JSONSCAN_END = 0,
	JSONSCAN_ONE = 1,
	JSONSCAN_BAD = 2,    /* this record cannot be read; the next call goes on behind it */
	JSONSCAN_LONG = 3,   /* likewise: it exceeds max; spill got its bytes, raw is empty */
	JSONSCAN_BROKEN = 4, /* the document is broken here and nothing behind it can be read; raw:
				what is at hand of it, behind what spill got */
};

#define JSONSCAN_PATH 16 /* objects and arrays that a path opens */

struct jsonscan {
	struct str raw; /* the record as it stands; borrowed until the next call; JSON_PADDING bytes
			   behind it are readable */
	uint64_t line;	/* where it begins, from 1 */
	uint64_t offset; /* of its first byte */
	const char *why; /* BAD, LONG, BROKEN: the reason; until the next call */
	/*
	 * Set after opening, or NULL: gets the bytes of a record that exceeds max, one piece after
	 * the other from its first byte on, with line and offset set. -1 and a reason stop the
	 * reading.
	 */
	int (*spill)(void *ctx, const struct jsonscan *s, struct str piece, struct buf *err);
	void *ctx;
	/* The array (from 0, in the order of the input) of the record, among those that the path
	 * leads to. */
	uint64_t array;
	struct jsonscan_state *state;
};

/*
 * Begins at the first byte; borrows in. path: names with '.' between them, "[]" behind the name of
 * an array whose elements the path goes through, or NULL. -1 and a reason: no path or one too long,
 * or reading fails. Close with jsonscan_close, also then.
 */
int jsonscan_open(
	struct jsonscan *s, struct input *in, const char *path, size_t max, struct buf *err);
/* The next record, as jsonscan_status says; -1 and a reason when reading fails. */
int jsonscan_next(struct jsonscan *s, struct buf *err);
void jsonscan_close(struct jsonscan *s);

/*
 * What lies around the records, read from the first byte to the last: appends to out the objects
 * and arrays that the path goes through, with those members of theirs that `wanted` asks for (level
 * 0 is the document itself, and each "[]" passed is one more), and with [] for each array of
 * records. Documents stand in one array. The input must be seekable, and is not wound back. A
 * document that is broken gives what is before the break. -1 and a reason: more than max, or
 * reading fails.
 */
int jsonscan_around(struct input *in, const char *path, size_t max,
	bool (*wanted)(void *ctx, size_t level, struct str name), void *ctx, struct buf *out,
	struct buf *err);

#endif
