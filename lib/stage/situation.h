/*
 * Where a decision stands: an event's context, from the record itself or out of a journey file that
 * is opened when the first record needs it.
 */
#ifndef STAGE_SITUATION_H
#define STAGE_SITUATION_H

#include "core/journey.h"
#include "core/ledger.h"

struct situation {
	const struct ontology *ontology;
	const char *db;
	int64_t wait_ms;
	bool folded;		/* situation_fold will be asked for */
	struct context context; /* of the event asked for last */
	uint64_t blind;		/* events with neither a context nor a sequence */
	struct store *store;	/* NULL until it is needed */
	struct journey *journey;
	struct bundle *bundle;
	struct fold *alone; /* of one event */
};

/* ontology, db, wait_ms and folded are set, the rest is zero. */
void situation_init(struct situation *s);
void situation_release(struct situation *s);
/* Finds the event's context. Status as the store's; PIPE_REFUSE and a reason where its sequence is
 * none of the log's. */
int situation_find(struct situation *s, const struct event *ev, struct buf *err);
/* The fold of her records, standing at the event that was found last, where it has a sequence; else
 * that of the event alone. Valid until another is found. */
struct fold *situation_fold(struct situation *s, const struct event *ev);
/* Appends what travels with a handoff as of the event, which has a sequence: without texts and
 * channels. Status as of situation_find. */
int situation_bundle(struct situation *s, const struct event *ev, struct buf *out, struct buf *err);
/*
 * Hands each record of the log to `each`, in its order, with the labels that it has now; ends where
 * that gives less than 0. Status as the store's.
 */
int situation_log(struct situation *s, int (*each)(void *ctx, struct event *ev, struct buf *err),
	void *ctx, struct buf *err);
/* The same as files are read, into the ledger: one that `take` refuses (PIPE_REFUSE and a reason)
 * is a dead letter. */
int situation_read(struct situation *s, struct ledger *ledger,
	int (*take)(void *ctx, struct event *ev, struct buf *err), void *ctx, struct buf *err);

#endif
