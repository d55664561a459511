/* Records that the log writes about itself: of the source jlog unless another is given, with an id
 * of random digits. */
#ifndef CORE_STORE_NOTE_H
#define CORE_STORE_NOTE_H

#include "core/ontology.h"
#include "core/store/store.h"

/* The head of the record that is added next, within a write transaction; what follows it is a comma
 * and the rest. */
void note_begin(struct store *s, struct buf *out, const char *type, int64_t now, struct str source);
/* Whether the record at seq, of this type and id, is one that this log wrote. */
bool note_own(struct store *s, struct str type, struct str id, int64_t seq);
/* Adds the record within a write transaction; `out` gets what is to be written once that is
 * committed, with LF. */
int note_add(struct store *s, const struct ontology *o, struct str line, int64_t now,
	struct buf *out, struct buf *err);
/* Commits where status is 0, else takes all back. */
int note_end(struct store *s, int status, struct buf *err);

#endif
