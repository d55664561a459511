/*
 * The facts by columns alone: blocks (blocks.h) of a file whose facts were never made, without the
 * rows of the tables that they stand beside otherwise. Figures of columns need no more. They are
 * written in one transaction, all of them, and hold as long as what they were made of stands as it
 * stood: the log's end, erasures, who is who, the ontology. The facts that are made in full take
 * their place.
 */
#ifndef CORE_STORE_ALONE_H
#define CORE_STORE_ALONE_H

#include "core/ontology.h"
#include "core/store/sheaf.h"
#include "core/store/store.h"

#define ALONE_KEY "columns_alone" /* of meta: their basis */

/* Whether they would do: the facts were never made, there are enough people for blocks, and those
 * that were made before hold still. A log that goes on is better served by facts that follow it. */
int alone_would_do(struct store *s, const struct ontology *o, bool *would, struct buf *err);
/* Whether the file has those of the log as it stands; all that is asked of them is to be asked in
 * the same snapshot. */
int alone_hold(struct store *s, const struct ontology *o, bool *hold, struct buf *err);
/* What they would be made of, as it stands: texts that are equal stand for the same facts. */
int alone_basis(struct store *s, const struct ontology *o, struct buf *out, struct buf *err);

/* Those that are being made. */
struct alone;
struct alone *alone_new(void);
void alone_free(struct alone *a); /* NULL is allowed */
/* A sheaf that was packed, of the customers behind those of the one before. -1 and a reason. */
int alone_add(struct alone *a, const struct sheaf *packed, struct buf *err);
/*
 * Writes them, where the basis stands still; where the file cannot be written, beside it for this
 * connection alone. *done false: nothing was written, since it does not stand, or they hold what
 * columns cannot have.
 */
int alone_put(struct alone *a, struct store *s, const struct ontology *o, struct str basis,
	bool *done, struct buf *err);
/* Within a write transaction. */
/* They hold no more. */
int alone_void(struct store *s, struct buf *err);
/* There are none any more. */
int alone_drop(struct store *s, struct buf *err);

/* From now on the facts' views are read from them by this connection. Where they hold. */
int alone_show(struct store *s, struct buf *err);

#endif
