/*
 * The facts by columns, for what reads all of them: beside their tables, the rows of some hundred
 * customers at a time make a block, in which each column of each table lies together (column.h).
 * Blocks are derived from the tables and can be dropped. A customer whose facts changed since is
 * listed as stale: her rows in the block are void, and those of the tables hold.
 */
#ifndef CORE_STORE_BLOCKS_H
#define CORE_STORE_BLOCKS_H

#include "core/store/sheaf.h"
#include "core/store/store.h"

/* Whether blocks_step would do anything: not where there are so few customers that blocks would
 * save nothing. */
int blocks_wanted(struct store *s, bool *wanted, struct buf *err);

/* Whether there are people enough for blocks. */
int blocks_enough(struct store *s, bool *are, struct buf *err);

/* Within a write transaction. */
/* Makes one block that is missing, or one anew of whose customers many are stale. *more: there may
 * be others. */
int blocks_step(struct store *s, bool *more, struct buf *err);
/* Whether a generation is to have blocks and has none: who builds it may make them. */
int blocks_none(struct store *s, int64_t generation, bool *none, struct buf *err);
/* Makes a block of a sheaf that was packed, of all customers behind one; not where the generation
 * has others there. What the sheaf has is what the tables have. */
int blocks_put(struct store *s, int64_t generation, int64_t after, const struct sheaf *from,
	struct buf *err);
/* A customer's facts changed. */
int blocks_void(struct store *s, int64_t generation, int64_t customer, struct buf *err);
/* Drops some of generations other than two; *more is set while there may be any left. */
int blocks_sweep(struct store *s, int64_t shown, int64_t building, bool *more, struct buf *err);
/* The number of a generation that is never shown, another each time: below 0. */
int64_t blocks_hidden(void);
/* Makes a block like blocks_put, of a generation that has none there. *id: the block's number. */
int blocks_lay(struct store *s, int64_t generation, int64_t after, const struct sheaf *from,
	int64_t *id, struct buf *err);
/* A block comes to be of another generation; *was false where it was not of the one. */
int blocks_hand_over(
	struct store *s, int64_t id, int64_t from, int64_t to, bool *was, struct buf *err);
/* All blocks of a generation come to be of one that is hidden. */
int blocks_hide(struct store *s, int64_t generation, struct buf *err);
/* Up to which customer a block goes, of whom there are no more. */
int blocks_reach(struct store *s, int64_t id, int64_t upto, struct buf *err);
/* Drops one that is hidden; *more is set where there was one. */
int blocks_drop_hidden(struct store *s, bool *more, struct buf *err);
/*
 * Somebody's facts are in no block any more: dropped is where she is, where others are stale, whose
 * rows may have been hers before who is who changed, and all that is not shown. All are where facts
 * wait to be brought up, or stand in blocks alone.
 */
int blocks_forget(struct store *s, int64_t customer, struct buf *err);

#endif
