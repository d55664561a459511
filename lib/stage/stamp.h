/* Whether a model and an ontology belong together. */
#ifndef STAGE_STAMP_H
#define STAGE_STAMP_H

#include "core/ontology.h"
#include "stage/model.h"

/* A digest over what decides about intents: their ids, phrases and patterns. */
void stamp_content(const struct ontology *o, unsigned char out[HASH_SIZE]);
/*
 * 0: the model was trained for just this. 1 and a reason: for another patch version of it, all of
 * whose intents are still there. -1 and a reason: for anything else.
 */
int stamp_fits(const struct model *m, const struct ontology *o, const char *path, struct buf *why);

/*
 * The path of the model that comes with an ontology: `intents.model` in its folder; for the one of
 * the build tree, in that tree. false: there is none.
 */
bool stamp_own_model(const struct ontology *o, struct buf *path);

#endif
