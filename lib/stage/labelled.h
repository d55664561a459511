/*
 * Texts and what they are about, from files of several forms: event records, {"text","intent"} a
 * line, CSV with a column `text` and one of `intent`, `category` or `label`, and a JSON document
 * whose members are parts, lists of [text, intent].
 */
#ifndef STAGE_LABELLED_H
#define STAGE_LABELLED_H

#include "base/buf.h"

/* Borrowed, until the next one. */
struct labelled {
	struct str text, intent; /* intent: empty where the text is out of scope */
	const char *path;
	uint64_t line; /* 0: the file has none */
};

struct labelled_reader {
	const char *out_of_scope; /* the label that says so, beside an empty one and null */
	size_t max_line;
	uint64_t read, skipped; /* skipped: without a text or a label, or not a customer's */
	/* -1 and a reason end the reading. */
	int (*each)(void *ctx, const struct labelled *one, struct buf *err);
	void *ctx;
};

/* A path may name parts of a document behind its last '#', with commas between. -1 and
 * "file:line: reason". */
int labelled_read(struct labelled_reader *r, char *const *paths, size_t n, struct buf *err);

#endif
