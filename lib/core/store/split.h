/*
 * What keeps people apart. Every pair of identifiers that a record names is kept as an edge, from
 * the weaker kind to the stronger. People are what the edges connect, but for
 *   - those that a record identity.unlinked cut, until one of identity.linked heals them;
 *   - those of an identifier that is shared: once more values of one stronger kind were seen with
 * it than its kind allows, it names nobody, from that record on and for good.
 *
 * Where either takes an edge away, the person is made anew of those that are left: her identifiers
 * fall into as many people as they are connected by. What was known before stays as it was known.
 */
#ifndef CORE_STORE_SPLIT_H
#define CORE_STORE_SPLIT_H

#include "core/store/forest.h"

/* Joins what a record names; takes those out of the names that are shared then. The first is never
 * taken out. Within a write transaction. */
int split_see(struct store *s, struct names *names, enum said said, int64_t seq, struct buf *err);
/* Edges that are yet to be written: none; they go; they are. */
void split_init(struct store *s);
void split_release(struct store *s);
void split_drop(struct store *s);
int split_flush(struct store *s, struct buf *err);
/* They are not one person, says the record. */
int split_apart(struct store *s, int64_t x, int64_t y, int64_t seq, struct buf *err);

/* The identifier names nobody from the record on. */
int split_share(struct store *s, int64_t ident, int64_t seq, struct buf *err);

/* Whether anybody is named who is not shared in a session that names somebody. */
int split_session_live(struct store *s, const struct session *in, bool *live, struct buf *err);

#endif
