/* Where the log stands when it is measured, and what people should know of it. */
#ifndef STAGE_STANDING_H
#define STAGE_STANDING_H

#include "core/store/store.h"
#include "stage/measure.h"

/* The place of the log's end; as_of (NULL: none) moves the horizon.
 * place->ontology is left alone. Status as the store's. */
int standing_find(
	struct store *s, const int64_t *as_of, struct report_place *place, struct buf *err);
/*
 * Warns of the sources that ended before the horizon less the window: what came after is not seen,
 * so that their customers seem silent; and of the identifiers that stand for nobody: who came under
 * them are many, and are linked with none.
 */
int standing_warn(struct store *s, const struct measure *m, struct buf *err);

/*
 * In place of *s, which is closed, a copy of it for this process alone, in which people are joined
 * by other rules: "strict", "normal" or "loose". Status as the store's.
 */
int standing_under(struct store **s, const struct ontology *o, const char *rules, struct buf *err);

#endif
