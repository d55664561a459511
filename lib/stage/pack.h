/* jlog pack: a journey file as small as what it holds. */
#ifndef STAGE_PACK_H
#define STAGE_PACK_H

#include "core/store/store.h"

/* Packs it (see core/store/compact.h), tells on stderr the bytes before and after unless quiet, and
 * on a terminal what it is at. Store status. */
int pack_file(struct store *s, bool quiet, struct buf *err);

#endif
