/* jlog verify: whether a log is what was recorded, and what cannot be said without a head. */
#ifndef STAGE_VERIFY_H
#define STAGE_VERIFY_H

#include "core/store/verify.h"
#include "io/out.h"

/* Tells each fault, and then what was verified, one a line. Store status, or 1 where there is a
 * fault. */
int verify(struct store *s, const struct proof_head *kept, struct out *out, struct buf *err);

#endif
