/* jlog info: what a journey file holds. */
#ifndef STAGE_INFO_H
#define STAGE_INFO_H

#include "core/store/store.h"
#include "io/out.h"

/* Writes the account as lines "name: value". Store status. */
int info(struct store *s, struct out *out, struct buf *err);

#endif
