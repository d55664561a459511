/*
 * Records put in the order of a number, equal ones as they came, however many: an external merge
 * sort in bounded memory. What does not fit goes to unlinked files in $TMPDIR (else /tmp).
 */
#ifndef IO_SORTER_H
#define IO_SORTER_H

#include "base/buf.h"

struct sorter;

#define SORTER_HOLD ((size_t)8 << 20)

/* hold: bytes of records that are kept in memory before they go to a file; with the blocks of the
 * files, which are fewer than 32 for each power of 32, it is all that is used. */
struct sorter *sorter_new(size_t hold);
void sorter_free(struct sorter *s); /* NULL is allowed */
/* Takes one in. -1 and a reason: the disk is full, say. Not after sorter_next. */
int sorter_put(struct sorter *s, int64_t key, struct str record, struct buf *err);
/* 1 and the next in order, borrowed until the next call; 0 at the end; -1 and a reason. */
int sorter_next(struct sorter *s, struct str *record, struct buf *err);

#endif
