/* jroute due: silence wakes things too. What has come to be by a time, once each: leads that wait
 * for our word, contacts without an answer, promises that fall due or are overdue. */
#ifndef STAGE_DUE_H
#define STAGE_DUE_H

#include "core/ontology.h"
#include "core/store/store.h"
#include "io/out.h"

struct due {
	struct store *store;
	const struct ontology *ontology;
	struct out *out;
	int64_t at; /* ms: what happened after it is not seen */
	bool has_since;
	int64_t since;		 /* only what came to be after it */
	int64_t ahead;		 /* ms: how long before it a promise falls due */
	uint64_t written, known; /* known: in the log already */
};

/* Writes records lead.stalled, contact.unanswered, commitment.due and commitment.overdue, whose
 * time is when it came to be so. What the log has is not written again. Status as the store's. */
int due(struct due *d, struct buf *err);

#endif
