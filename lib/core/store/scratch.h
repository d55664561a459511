/*
 * A map from byte strings to byte strings that may outgrow memory: it is held there as long as it
 * takes no more than it may, and goes then to a temporary SQLite database, whose file (in
 * $SQLITE_TMPDIR or $TMPDIR) nobody else sees and which is gone with the process.
 */
#ifndef CORE_STORE_SCRATCH_H
#define CORE_STORE_SCRATCH_H

#include "base/buf.h"

struct scratch;

/* kib: the memory that it takes at most, about. Free with scratch_free. */
struct scratch *scratch_new(unsigned kib);
void scratch_free(struct scratch *s);
/* Sets or replaces the value of key. -1 and a reason: the disk is full, say. */
int scratch_put(struct scratch *s, struct str key, struct str value, struct buf *err);
/* Sets the value of key where it has none: 1; 0 where it has one, which stays. -1 and a reason. */
int scratch_add(struct scratch *s, struct str key, struct str value, struct buf *err);
/* 1 and *value replaced by the value of key; 0: it has none, *value is empty; -1 and a reason. */
int scratch_get(struct scratch *s, struct str key, struct buf *value, struct buf *err);

#endif
