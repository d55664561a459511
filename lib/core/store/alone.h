/*
 * The facts by columns alone: blocks (blocks.h) of a file whose facts were never made, without the
 * rows of the tables that they stand beside otherwise. Figures of columns need no more. They hold
 * as long as what they were made of stands as it stood: the log's end, erasures, who is who, the
 * ontology. The facts that are made in full take their place.
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
/* Whether the file has those of the log as it stands. */
int alone_hold(struct store *s, const struct ontology *o, bool *hold, struct buf *err);
/* What they would be made of, as it stands: texts that are equal stand for the same facts. */
int alone_basis(struct store *s, const struct ontology *o, struct buf *out, struct buf *err);

/* Those that are being made: block by block, each in a transaction of its own, and shown by the
 * last one, all of them. */
struct alone;
/* The basis is borrowed. */
struct alone *alone_new(struct store *s, const struct ontology *o, struct str basis);
void alone_free(struct alone *a); /* NULL is allowed */
/* Writes the block of a sheaf that was packed, of the customers behind those of the one before.
 * *fits false: they will not be shown, and more of them are in vain. */
int alone_add(struct alone *a, const struct sheaf *packed, bool *fits, struct buf *err);
/* Shows them. *done false: they are not shown, since the basis did not stand still, or they hold
 * what columns cannot have. */
int alone_end(struct alone *a, bool *done, struct buf *err);
/* Within a write transaction. */
/* They hold no more. */
int alone_void(struct store *s, struct buf *err);
/* There are none any more, once they are swept. */
int alone_drop(struct store *s, struct buf *err);
/* Takes some away that are not shown; *more is set where there may be others. */
int alone_sweep(struct store *s, bool *more, struct buf *err);

/* store_read_both. *shown: they hold, and the facts' views are read from them by both connections
 * from now on; else nothing is being read. */
int alone_read(struct store *s, struct store *beside, const struct ontology *o, bool *same,
	bool *shown, struct buf *err);

#endif
