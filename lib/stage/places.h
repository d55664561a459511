/* jlog checkpoints: the named positions that readers keep in a journey file. */
#ifndef STAGE_PLACES_H
#define STAGE_PLACES_H

#include "core/store/store.h"
#include "io/out.h"

/* A line each, by name: the name and the sequence. Store status. */
int places_list(struct store *s, struct out *out, struct buf *err);
/* Store status, or 1 after telling that there is none of the name. */
int places_drop(struct store *s, const char *name, struct buf *err);

#endif
