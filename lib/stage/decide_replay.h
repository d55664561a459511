/* jdecide replay: logged decisions judged again by other policies, each by what it saw. */
#ifndef STAGE_DECIDE_REPLAY_H
#define STAGE_DECIDE_REPLAY_H

#include "base/when.h"
#include "core/policy.h"
#include "core/store/store.h"
#include "io/out.h"

struct decide_replay {
	struct policies *policies;
	const struct ontology *ontology;
	struct store *store;
	struct out *out;
	bool table;		 /* what changes, summed; else each change an object */
	struct when_range range; /* of the decisions */
	double max_change;	 /* of decisions; more: the answer is no */
	/* What came of it. */
	uint64_t decisions, identical, changed, orphans; /* orphans: no proposal is in the log */
	struct buf allowed; /* what is allowed more (or less: negative), as people read it: by
			       currency where there are several; caller releases */
};

/* Earlier decisions are seen as they were taken. 1: more changes than max_change. Status as the
 * store's. */
int decide_replay(struct decide_replay *r, struct buf *err);

#endif
