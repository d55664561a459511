/*
 * What travels with a handoff (jcontext(5)): who she is, what she wants, what was asked, given,
 * promised, decided and tried, computed from one customer's records alone and in memory bounded by
 * them. Records may be added in any order; what follows depends on the set of them.
 *
 * Times are ms since the epoch. Nothing here asks which channel it was.
 */
#ifndef CORE_FOLD_BUNDLE_H
#define CORE_FOLD_BUNDLE_H

#include "core/fold/fold.h"

#define BUNDLE_SUMMARY 600 /* bytes of a summary at most */
#define BUNDLE_LIST 20	   /* entries of a list at most: the latest */
#define BUNDLE_NAMES 64	   /* names of entities at most: those that were said last */

struct bundle;

struct bundle *bundle_new(const struct ontology *o); /* borrows it */
void bundle_free(struct bundle *b);
/* Begins with another customer. */
void bundle_clear(struct bundle *b, int64_t customer, bool known);
void bundle_identifier(struct bundle *b, struct str kind, struct str scope, struct str value);
/* Takes a record's bytes up; the body may be let go afterwards. */
void bundle_add(struct bundle *b, int64_t seq, int64_t time, int64_t order, struct str body);

/* Where a bundle stands. */
struct bundle_place {
	int64_t as_of; /* the log's last record that it knows */
	/* When it is asked, or her latest record where that is later: what has fallen due by then
	 * is overdue. 0: nothing ever is. */
	int64_t now;
	/* Where it is that of one record: its sequence, of which what happened later is left out;
	 * time and order are the record's. 0: all that was added. */
	int64_t seq, time, order;
};
/* Computes it all, the extractive summary too. -1 and a reason where a record cannot be read. */
int bundle_close(struct bundle *b, const struct bundle_place *at, struct buf *err);

/* The fold of its records, linked; valid until the next change. Borrowed. */
const struct fold *bundle_fold(const struct bundle *b);
/* Takes a summary that a command wrote: one line, cut to BUNDLE_SUMMARY. false where it is empty:
 * then the extractive one stays. */
bool bundle_take_summary(struct bundle *b, struct str text);
/* The command failed: the extractive summary stays, and the bundle says why. */
void bundle_summary_failed(struct bundle *b, struct str why);

/* Appends the bundle as one JSON object, without LF. brief: no text of hers or ours but the
 * summary, and no channel but that of consents. */
void bundle_write(struct buf *out, const struct bundle *b, bool brief);

/* Parts, as values of members of theirs. */
enum bundle_part {
	BUNDLE_IDENTIFIERS,
	BUNDLE_ISSUES,
	BUNDLE_PROMISES,
	BUNDLE_DECISIONS,
	BUNDLE_CONSENTS
};
void bundle_put(struct buf *out, const struct bundle *b, enum bundle_part part);
/* What records say of her, as the latest that has it says. */
enum bundle_said {
	BUNDLE_NAME,
	BUNDLE_LANG,
	BUNDLE_REGION,
	BUNDLE_STAGE,
	BUNDLE_AGENT,
	BUNDLE_SAID
};
struct str bundle_said(const struct bundle *b, enum bundle_said what); /* empty: nothing */
/* Her sentiment as last told; false where it never was. */
bool bundle_sentiment(const struct bundle *b, double *last);
/* The last of the records that were added; 0: none was. */
int64_t bundle_version(const struct bundle *b);

#endif
