/* jroute evaluate: what would have come of other rules, by decisions that were explored. */
#ifndef STAGE_ROUTE_EVALUATE_H
#define STAGE_ROUTE_EVALUATE_H

#include "core/rules.h"
#include "core/store/store.h"
#include "io/out.h"

enum route_outcome { OUTCOME_NOT_REPEATED, OUTCOME_RESOLVED, OUTCOME_ANSWERED, OUTCOME_RESPONSE };

struct route_evaluate {
	struct rules *rules;
	const struct ontology *ontology;
	struct store *store; /* whose facts are up to date; taken over */
	enum route_outcome outcome;
	int64_t window;	 /* ms */
	int64_t min_ess; /* below it nothing is estimated */
	bool table;	 /* for people */
	struct out *out;
};

/* -1 and a reason where there is no such outcome. */
int route_outcome(const char *name, enum route_outcome *out, struct buf *err);
/* Status as the store's; 1: refused, and why was told. */
int route_evaluate(struct route_evaluate *of, struct buf *err);

#endif
