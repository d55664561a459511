/*
 * Indexes that cost an append little: from the key of a record and from its session to its
 * sequence, from names to the numbers of sessions and identifiers, from an identifier to the
 * sessions that it is named in. Each is a handful of sorted runs. A transaction writes one run of
 * its own records, and a small one fills the run that the small ones before it began; where eight
 * runs are of one size class, they become one of the next. So an entry is written a few times in
 * its life, one after the other, and no page is written for every record, as a tree with random
 * keys would have it.
 *
 * An entry is eleven bytes, most significant first: six of the key, and five of the sequence. What
 * the rest of a digest would tell apart, its record does. A run is cut into pages by the leading
 * bits of its keys, which therefore have to be spread evenly.
 */
#ifndef CORE_STORE_RUNS_H
#define CORE_STORE_RUNS_H

#include "base/buf.h"
#include "core/store/order.h"

struct store;

enum run_kind {
	RUNS_KEY,     /* digest of source and id -> sequence */
	RUNS_SESSION, /* session -> sequence of its records */
	RUNS_PLACE,   /* digest of source and name -> session */
	RUNS_IDENT,   /* digest of value -> identifier */
	RUNS_MEMBER,  /* identifier -> session that it is named in */
	RUN_KINDS
};

/* What is known of the runs, read again when the file has moved. */
struct runs {
	struct run *v;
	size_t n, cap;
	struct buf page; /* the one read last */
	int64_t page_id;
	size_t probes[RUN_KINDS]; /* pages that were read: many make filters worth their making */
	bool borrows;		  /* its filters are another's */
	/* What is lent, or was: runs with their filters, and entries in order. Filters of runs that
	 * went since are kept until nobody has them any more. */
	bool lends;
	struct run *lent;
	size_t lent_n, lent_cap;
	struct entries {
		struct run_entry *v;
		size_t n, cap;
	} lent_keys;
	uint64_t **dead;
	size_t dead_n, dead_cap;
};

void runs_release(struct runs *r);
/* Reads which runs there are. Within a transaction. */
int runs_load(struct store *s, struct buf *err);
/* Each entry with one of the keys (as far as it is kept), which are sorted; i: which key. visit's
 * nonzero ends it. It may not ask the runs for anything itself. */
typedef int runs_visit(void *ctx, size_t i, int64_t seq, struct buf *err);
int runs_find(struct store *s, enum run_kind kind, const uint64_t *keys, size_t n,
	runs_visit *visit, void *ctx, struct buf *err);

/* Makes filters for the runs of a kind where they have come to be worth it; runs_find does, too. */
int runs_keep_filters(struct store *s, enum run_kind kind, struct buf *err);
/*
 * The filters, and the entries that are pending, serve another connection to the same file, which
 * may be another thread's: as they are now, until they are taken back, whatever is done meanwhile.
 * It borrows after it has read which runs there are, and gives back before it does so again.
 */
void runs_lend(struct store *s);
void runs_take_back(struct store *s, struct store *from); /* from: who borrowed; or NULL */
void runs_borrow(struct store *to, const struct store *from);
void runs_give_back(struct store *to);
/* As runs_find for records, among the entries that were lent. */
int runs_find_lent(struct store *from, const uint64_t *keys, size_t n, runs_visit *visit, void *ctx,
	struct buf *err);

/* Notes an entry that the transaction will add; it is found from then on by runs_each. */
void runs_pend(struct store *s, enum run_kind kind, uint64_t key, int64_t seq);
void runs_pend_none(struct store *s);
int runs_flush(struct store *s, struct buf *err); /* adds them */
/* Takes an entry out of the runs that it is in. Within a write transaction. */
int runs_remove(struct store *s, enum run_kind kind, uint64_t of, int64_t seq, struct buf *err);
/* Takes all runs of a kind away. Within a write transaction. */
int runs_clear(struct store *s, enum run_kind kind, struct buf *err);
/* Makes the runs of a kind one. Within a write transaction that has added no entry. */
int runs_join(struct store *s, enum run_kind kind, struct buf *err);
/* All that a number (of a session, an identifier) leads to, in order, each once. */
struct seqs {
	int64_t *v;
	size_t n, cap;
};
int runs_each(struct store *s, enum run_kind kind, int64_t of, struct seqs *out, struct buf *err);

/*
 * For checking: every entry of a kind, in no order. *odd: what is wrong with how they are kept, in
 * words, or NULL.
 */
int runs_all(struct store *s, enum run_kind kind, void (*visit)(void *ctx, struct run_entry e),
	void *ctx, const char **odd, struct buf *err);

/* Spreads numbers below 2^48 that follow one another over all keys, each to one of its own. */
uint64_t runs_spread(uint64_t n);
/* What an entry keeps of a key. */
uint64_t runs_kept(uint64_t key);

#endif
