/* Facts: what is projected from the log, kept in the same file (or, where that cannot be written,
 * in a temporary one). */
#ifndef CORE_STORE_FACTS_H
#define CORE_STORE_FACTS_H

#include "core/ontology.h"
#include "core/store/sheaf.h"
#include "core/store/store.h"

/* Generation of the facts that the views show, and what they were built with. */
struct facts_state {
	int64_t generation;
	int64_t building; /* the latest that was claimed to be built; at most generation: none is */
	bool built;	  /* facts were built before */
	bool same_ontology; /* built with this ontology's digest */
	bool same_layout;   /* their tables are as this program makes them */
	/* Customers to be folded anew, sessions with such, and records whose customers are. */
	int64_t waiting;
};
int facts_state(
	struct store *s, const struct ontology *o, struct facts_state *out, struct buf *err);
/* The same but for what is waiting. Within a write transaction it stays so until the commit. */
int facts_place(
	struct store *s, const struct ontology *o, struct facts_state *out, struct buf *err);
int facts_keep_ontology(struct store *s, const struct ontology *o, struct buf *err);

/* The next customers after one to fold anew, at most n: their numbers and the mark that says
 * whether they were touched again since. */
struct touched {
	int64_t customer, mark;
};
int facts_touched(struct store *s, int64_t after, struct touched *out, size_t n, size_t *got,
	struct buf *err);
/* How many customers are to be folded anew, and whether they are more than half of all. */
int facts_touched_count(struct store *s, int64_t *n, bool *most, struct buf *err);

/* Within a write transaction. */
/* A generation that was never used is ours to build, until somebody else claims one. */
int facts_claim(struct store *s, int64_t *generation, struct buf *err);
/* Touches the customers of some records that came since it was last done; *more while there may be
 * any left. */
int facts_gather(struct store *s, bool *more, struct buf *err);
/* The last record of which that was done, and: it was done for all that there are. */
int facts_gathered(struct store *s, int64_t *seq, struct buf *err);
int facts_keep_gathered(struct store *s, struct buf *err);
/* Turns some sessions that were touched into customers that are; *more while there may be any left.
 */
int facts_expand(struct store *s, bool *more, struct buf *err);
/* Whether a customer has no facts in a generation yet. */
int facts_none(struct store *s, int64_t generation, int64_t customer, bool *none, struct buf *err);
/* Puts the facts of the i-th customer of a sheaf in place of those that she had. */
int facts_replace(
	struct store *s, int64_t generation, const struct sheaf *from, size_t i, struct buf *err);
/* Those of the customers from one on, up to another: none of them has any yet. */
int facts_add(struct store *s, int64_t generation, const struct sheaf *from, size_t i, size_t end,
	struct buf *err);
/* She has none any more. */
int facts_remove(struct store *s, int64_t generation, int64_t customer, struct buf *err);
/* Whether she is touched still, by whatever record: 1, 0 or an error. */
int facts_still_touched(struct store *s, int64_t customer, struct buf *err);
int facts_done(struct store *s, const struct touched *t, struct buf *err);
/* Makes a generation the one that is shown; customers with records after seq are to be folded anew.
 */
int facts_switch(struct store *s, int64_t generation, int64_t seq, struct buf *err);
/* Removes some rows of generations that are neither shown nor being built; *more while there may be
 * any left. */
int facts_sweep(struct store *s, bool *more, struct buf *err);
/* Makes the facts' tables anew, empty and as this program has them. Within a write transaction. */
int facts_renew(struct store *s, struct buf *err);
/* Facts go to a temporary database from now on, which is empty. */
int facts_temporary(struct store *s, struct buf *err);

/* Rows of a view, every column as text or number: visit gets the statement's columns by name and
 * value. */
struct fact_cell {
	const char *name;
	bool null, number;
	struct str text;
};
int facts_read(struct store *s, const char *view, int64_t customer, int64_t since, int64_t until,
	int (*visit)(void *ctx, const struct fact_cell *cells, size_t n, struct buf *err),
	void *ctx, struct buf *err);

#endif
