/* jdecide: a decision for each action that is proposed, by policies over it and its customer's
 * context. */
#ifndef STAGE_DECIDE_H
#define STAGE_DECIDE_H

#include "core/pipe.h"
#include "core/policy.h"
#include "core/store/store.h"

struct decide {
	struct policies *policies;
	const struct ontology *ontology;
	const char *db;
	int64_t wait_ms;
	bool dry_run; /* nothing is written to the log; it is read where a record needs it */
	struct pipe pipe;
	uint64_t passed_over; /* records that propose nothing */
	uint64_t blind;	      /* decided with neither a sequence nor a context */
	uint64_t failed;      /* decided for review, since a policy could not be evaluated */
	uint64_t again;	      /* had been decided before */
};

/*
 * Reads records; writes one decision.made for each action.proposed. But for a dry run the decision
 * is in the log before it is written, with the proposal where the log has it not yet; a proposal
 * that was decided before gets that decision. Status as the store's.
 */
int decide(struct decide *d, char *const *paths, size_t n, struct buf *err);

#endif
