/* jdecide audit: messages and calls of ours that were sent, against the policies of what held then.
 */
#ifndef STAGE_DECIDE_AUDIT_H
#define STAGE_DECIDE_AUDIT_H

#include "base/when.h"
#include "core/policy.h"
#include "core/store/store.h"
#include "io/out.h"

struct decide_audit {
	struct policies *policies;
	const struct ontology *ontology;
	struct store *store;
	struct out *out;
	bool table;		 /* by policy; else each violation an object */
	struct when_range range; /* of the messages */
	/* What came of it. */
	uint64_t messages, violations, failed;
	uint64_t reviews; /* of which a policy says that a person should have decided */
};

/* The log as it is known now tells what held then. 1: something was violated. Status as the
 * store's. */
int decide_audit(struct decide_audit *a, struct buf *err);

#endif
