/* Records that the log writes about itself: of the source jlog unless another is given, with an id
 * of random digits. */
#ifndef CORE_STORE_NOTE_H
#define CORE_STORE_NOTE_H

#include "core/ontology.h"
#include "core/store/store.h"

/* The head of a record; what follows it is a comma and the rest. */
void note_begin(struct buf *out, const char *type, int64_t now, struct str source);
/* Adds the record within a write transaction; `out` gets what is to be written once that is
 * committed, with LF. */
int note_add(struct store *s, const struct ontology *o, struct str line, int64_t now,
	struct buf *out, struct buf *err);
/* Commits where status is 0, else takes all back. */
int note_end(struct store *s, int status, struct buf *err);

#endif
