/*
 * Rows that come in any order and are wanted group by group, however many they are: a temporary
 * SQLite database as that of scratch.h. Groups come in the order in which each was first met, the
 * rows of one in the order in which they were added.
 */
#ifndef CORE_STORE_SPILL_H
#define CORE_STORE_SPILL_H

#include "base/buf.h"

struct spill;

struct spill_row {
	struct str text;
	uint64_t line, offset; /* the caller's own */
	int64_t group;	       /* set by spill_next: the same for all rows of a group */
};

/* NULL and a reason where it cannot be made. Free with spill_free. */
struct spill *spill_new(struct buf *err);
void spill_free(struct spill *s);
/* Adds a row to the group of that key; an empty key is a group of this row alone. -1 and a reason:
 * the disk is full, say. */
int spill_add(struct spill *s, struct str key, const struct spill_row *row, struct buf *err);
/* After the last spill_add: 1 and the next row, whose text is borrowed until the next call; 0:
 * there is none; -1 and a reason. */
int spill_next(struct spill *s, struct spill_row *row, struct buf *err);

#endif
