/* jroute: a decision for each inbound event, by rules over the event and its customer's context as
 * of it. */
#ifndef STAGE_ROUTE_H
#define STAGE_ROUTE_H

#include "core/journey.h"
#include "core/pipe.h"
#include "core/rules.h"

struct route {
	struct rules *rules;
	const struct ontology *ontology;
	const char *db; /* opened when the first record needs it */
	int64_t wait_ms;
	struct pipe pipe;
	uint64_t passed_over; /* records that are not inbound: read, and nothing to decide */
	uint64_t blind;	      /* decided with neither a sequence nor a context */
};

/*
 * Reads records; writes one route.decided for each inbound one. Context comes from data.context
 * where the record has it, else from the journey file by the record's sequence. Status as the
 * store's.
 */
int route(struct route *r, char *const *paths, size_t n, struct buf *err);

#endif
