/* Records by their source and id. */
#ifndef CORE_STORE_FIND_H
#define CORE_STORE_FIND_H

#include "core/store/store.h"

/* The sequence of the record; 0: the log has none. What the transaction at hand wrote is not seen.
 */
int store_find(struct store *s, struct str source, struct str id, int64_t *seq, struct buf *err);

#endif
