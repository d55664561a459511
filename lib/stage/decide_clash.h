/* jdecide contradictions: equal cases that were decided otherwise, and promises that contradict
 * policies or each other. */
#ifndef STAGE_DECIDE_CLASH_H
#define STAGE_DECIDE_CLASH_H

#include "base/when.h"
#include "core/policy.h"
#include "core/store/store.h"
#include "io/out.h"

struct decide_clash {
	struct policies *policies; /* for promises; NULL: they are compared with each other alone */
	const struct ontology *ontology;
	struct store *store;
	struct out *out;
	bool table;
	struct when_range range; /* of decisions, and of promises that are told */
	/* What came of it. */
	uint64_t decisions, groups, contradicting, pairs, pairs_contradicting, promises, broken;
};

/*
 * Equal: of the same action, with equal inputs (jtools-facts(7), v_ruling). Promises of one
 * customer contradict each other where the later was made while the earlier stood open, on the same
 * action and case, with another due time or amount; it is told once, with the last such one. 1:
 * something contradicts. Status as the store's.
 */
int decide_clash(struct decide_clash *c, struct buf *err);

#endif
