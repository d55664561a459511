/* What deciding and deciding again share. Nobody else includes it. */
#ifndef STAGE_DECIDE_PART_H
#define STAGE_DECIDE_PART_H

#include "base/hash.h"
#include "base/map.h"
#include "core/draft.h"
#include "core/journey.h"
#include "core/policy.h"
#include "io/lines.h"

/* A decision that was taken, and what it allowed. */
struct taken {
	unsigned char id[16];	  /* of the proposal, digested */
	int64_t basis;		  /* it saw decisions up to here */
	int64_t seq;		  /* its own; the log's next after basis where it is in none */
	int64_t at;		  /* time */
	double amount;		  /* NAN: none */
	int32_t action, currency; /* numbers of their names; 0: none */
	bool allowed, word;	  /* word: of ours, with a purpose other than service */
};

struct taken_list {
	struct taken *v;
	size_t n, cap;
};

/*
 * Judges proposals, each by the log up to it, of that nothing that happened after it, and by every
 * decision that was taken before, which are told here in their order. Without a store the order of
 * the run stands for sequences.
 */
struct judge {
	struct policies *policies;
	const struct ontology *ontology;
	struct store *store; /* NULL: there is none */
	struct journey *journey;
	struct map taken; /* by customer: struct taken_list */
	struct taken_list
		*hers;	     /* of whom the proposal that was judged last is for; NULL: none yet */
	struct map names;    /* of actions and currencies: to a number from 1 */
	struct buf currency; /* the one of which the number was asked for last */
	int32_t currency_is;
	int64_t from, upto; /* decisions of the log with from < sequence <= upto are among them, for
			       whom their proposals were when the log ended at upto */
	struct context context;
	bool wanted[CONTEXT_COUNT]; /* what policies read of it */
	struct journey_place place;
	struct ruling ruling;
	struct draft draft;
	struct hash *hash;
	struct event scratch;
	struct buf body, key, text;
	struct buf record; /* the decision */
	struct taken last; /* the same, to be told */
	bool blind;
};

void judge_init(struct judge *j, struct policies *p, const struct ontology *o);
void judge_release(struct judge *j);
void judge_open(struct judge *j, struct store *s); /* borrowed */
/* The id of the decision of a proposal. */
void judge_id(struct judge *j, const struct event *ev, struct buf *out);
/*
 * Judges a proposal; seq: its place in the log, 0: it is in none. basis: decisions up to this
 * sequence are seen. Fills record and last. Status as the store's; 1 and a reason where the log has
 * no such record.
 */
int judge(struct judge *j, const struct event *ev, int64_t seq, int64_t basis, struct buf *err);
/* Reads ahead what judging the proposal at seq will need of its customer: in the order of the log.
 */
int judge_warm(struct judge *j, int64_t seq, struct buf *err);
/* The decision that judge has made was taken: later ones see it. */
void judge_take(struct judge *j);
/* Whether the proposal that was judged had been decided before, and by which basis. */
bool judge_again(const struct judge *j, int64_t *basis);
/* Makes the decisions of the log behind a sequence known, up to its end as it is now. In no
 * transaction. */
int judge_cover(struct judge *j, int64_t from, struct buf *err);
/* The same from where it ended, within a transaction. */
int judge_cover_rest(struct judge *j, struct buf *err);
/* Decisions of the log with from < sequence <= upto are known, for whom they were at its end. */
int judge_reach(struct judge *j, int64_t from, int64_t upto, struct buf *err);
/* One that the log has at seq; known where it follows those that are. */
int judge_took(struct judge *j, const struct event *decision, int64_t seq, struct buf *err);
/* What a logged decision allowed. */
struct taken judge_read(struct judge *j, const struct event *decision, int64_t seq);

/* ---- between judging and what was taken ---- */

void taken_release(struct judge *j);
/* The numbers of the proposal's action and currency. */
void taken_name(struct judge *j, const struct event *ev, struct taken *t);
/* Counts in the context what decisions allowed that the proposal sees and the log before it does
 * not tell. seq 0: it is in no log; else place tells where it is. */
int taken_count(
	struct judge *j, const struct event *ev, int64_t seq, int64_t basis, struct buf *err);
/* What was just ruled, as last. */
void taken_note(struct judge *j, const struct event *ev, int64_t basis);
void taken_put_id(const unsigned char id[16], struct buf *out);

/* Warns of an action that the ontology has not and of an amount that is no number, of each once:
 * told is the run's, in where the proposal stands. */
void decide_doubt(
	struct map *told, const struct ontology *o, const struct event *ev, const struct lines *in);

#endif
