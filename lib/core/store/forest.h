/*
 * Identifiers that are one person are a tree: each but the root knows the one that it was put below
 * and the record that did it. No tree is ever shortened, so that of any position can be asked who
 * was who; where people were parted, what stood before is kept aside (table was).
 */
#ifndef CORE_STORE_FOREST_H
#define CORE_STORE_FOREST_H

#include "core/store/who.h"

/* The root of an identifier as of a sequence (INT64_MAX: now). */
int forest_root(struct store *s, int64_t id, int64_t as_of, struct ident *out, struct buf *err);
/* All identifiers of the person whose root it is. What changed is asked of the file: flushed
 * first. */
int forest_members(
	struct store *s, int64_t root, int64_t as_of, struct names *out, struct buf *err);
/* Keeps aside how an identifier stood up to a record. */
int forest_keep(struct store *s, const struct ident *one, int64_t seq, struct buf *err);

/* The sessions in which an identifier is the one that a record names, as of a sequence. since,
 * where it is not NULL: the first such record of each. */
int forest_sessions(struct store *s, int64_t ident, int64_t as_of, struct seqs *out,
	struct seqs *since, struct buf *err);

/* Shared by so many that it names nobody. */
static inline bool ident_shared(const struct ident *one, int64_t as_of)
{
	return one->shared && one->shared <= as_of;
}

/* Runs a statement of one to three numbers that gives no row. */
int forest_run(struct store *s, enum query q, int64_t a, int64_t b, int64_t c, struct buf *err);
/* The numbers that such a statement gives in its first column, gathered before anything else runs.
 */
int forest_numbers(struct store *s, enum query q, int64_t a, int64_t b, int64_t c,
	struct names *out, struct buf *err);
/* The one that it gives of a record; 0: none. */
int forest_number(struct store *s, enum query q, int64_t seq, int64_t *out, struct buf *err);

#endif
