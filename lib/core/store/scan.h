/*
 * The log's records that a filter lets through, by sequence. The log is read a piece at a time,
 * each from a snapshot of its own that is given up before the piece is used: however slowly that
 * goes, the write-ahead log can be emptied meanwhile. How far to read is settled before the first
 * piece.
 */
#ifndef CORE_STORE_SCAN_H
#define CORE_STORE_SCAN_H

#include "core/store/store.h"
#include "io/watch.h"

struct store_range {
	int64_t from_seq, to_seq;		/* inclusive */
	int64_t since, until;			/* event time, ms; until exclusive */
	int64_t recorded_since, recorded_until; /* recorded time, likewise */
	bool has_to, has_since, has_until, has_recorded_since, has_recorded_until;
	const char *customer;	  /* c17, or an identifier's value; NULL: all */
	const char *session;	  /* of any source; NULL: all */
	const char *const *types; /* types_n 0: all */
	size_t types_n;
};

struct scan;

/* Up to the log's end as it is now. Borrows the range. Frees with scan_free, after a failure too.
 */
int scan_open(struct scan **out, struct store *s, const struct store_range *range, struct buf *err);
void scan_free(struct scan *c);
/* Passes over all but the last n that the filter lets through. Before the first piece. */
int scan_last(struct scan *c, int64_t n, struct buf *err);
/* Passes over all up to a sequence. */
void scan_skip(struct scan *c, int64_t seq);
/*
 * Visits a piece, within one snapshot, of which visit may ask; text of the row is valid during the
 * visit. visit's negative status ends it, SCAN_ENOUGH ends the piece behind the row. *more: there
 * may be another.
 */
#define SCAN_ENOUGH 1
typedef int scan_visit(void *ctx, const struct store_row *row, int64_t customer, struct buf *err);
int scan_piece(struct scan *c, scan_visit *visit, void *ctx, bool *more, struct buf *err);
/* Whether the log has a record of one of the filter's types, or of its session, whatever else the
 * filter says. */
int scan_has_type(struct scan *c, const char *type, bool *has, struct buf *err);
int scan_has_session(struct scan *c, bool *has, struct buf *err);
/* All up to this sequence has been visited, or was not let through. */
int64_t scan_at(const struct scan *c);
/* The end of the range will never be passed: there is nothing to wait for. */
bool scan_over(const struct scan *c);
/* Takes the log's end anew. *moved: others have committed since the last time. */
int scan_renew(struct scan *c, bool *moved, struct buf *err);
/* What is written on by a commit. */
int scan_watch(struct scan *c, struct watch *w, struct buf *err);

/* Positions that readers leave in the file under a name of theirs; 0: none. */
int place_get(struct store *s, const char *name, int64_t *seq, struct buf *err);
/* Never goes back: the farthest of several readers stands. Durable when done. */
int place_put(struct store *s, const char *name, int64_t seq, struct buf *err);
/* was: there was one. Durable when done. */
int place_drop(struct store *s, const char *name, bool *was, struct buf *err);
int place_each(struct store *s,
	int (*visit)(void *ctx, const char *name, int64_t seq, struct buf *err), void *ctx,
	struct buf *err);

#endif
