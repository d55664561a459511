/* jlog verify and fsck: whether a log is what was recorded, what cannot be said without a head, and
 * whether all that stands beside it in the file agrees with it. */
#ifndef STAGE_VERIFY_H
#define STAGE_VERIFY_H

#include "core/store/verify.h"
#include "io/out.h"

/* Tells each fault, and then what was verified, one a line. Store status, or 1 where there is a
 * fault. */
int verify(struct store *s, const struct proof_head *kept, struct out *out, struct buf *err);
/* The same with the file, its indexes and who is who. */
int fsck(struct store *s, const struct proof_head *kept, struct out *out, struct buf *err);

#endif
