/*
 * Cuts the records out of a JSON document of any size, in the memory of one record: the elements of
 * the array at a path, of a top-level array, or the values of a sequence (JSON lines, objects one
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

#define JSONSCAN_PATH 16 /* names in a path */

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
	struct jsonscan_state *state;
};

/*
 * Begins at the first byte; borrows in. path: names with '.' between them, or NULL. -1 and a
 * reason: too many names in the path, or reading fails. Close with jsonscan_close, also then.
 */
int jsonscan_open(
	struct jsonscan *s, struct input *in, const char *path, size_t max, struct buf *err);
/* The next record, as jsonscan_status says; -1 and a reason when reading fails. */
int jsonscan_next(struct jsonscan *s, struct buf *err);
void jsonscan_close(struct jsonscan *s);

#endif
