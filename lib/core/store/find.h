/* Records by their source and id, identifiers by their names. */
#ifndef CORE_STORE_FIND_H
#define CORE_STORE_FIND_H

#include "core/store/store.h"

/* The sequence of the record; 0: the log has none. What the transaction at hand wrote is not seen.
 */
int store_find(struct store *s, struct str source, struct str id, int64_t *seq, struct buf *err);
/* The number of the identifier, a placeholder too; 0: none has the name. Likewise. */
int store_find_ident(struct store *s, struct str kind, struct str scope, struct str value,
	int64_t *id, struct buf *err);

#endif
