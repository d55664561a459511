/* jroute: a decision for each inbound event, by rules over the event and its customer's context as
 * of it. */
#ifndef STAGE_ROUTE_H
#define STAGE_ROUTE_H

#include "core/journey.h"
#include "core/pipe.h"
#include "core/rules.h"

/* What of the context goes into a decision. */
enum route_context { ROUTE_BRIEF, ROUTE_FULL, ROUTE_NONE };

enum route_show { ROUTE_RECORDS, ROUTE_EXPLAINED, ROUTE_TOLD /* the same for people */ };

struct route {
	struct rules *rules;
	const struct ontology *ontology;
	const char *db; /* opened when the first record needs it */
	int64_t wait_ms;
	enum route_context carry;
	enum route_show show;
	double explore; /* share of decisions that are drawn among what is eligible */
	bool colour;
	struct pipe pipe;
	uint64_t passed_over; /* records that are not inbound: read, and nothing to decide */
	uint64_t blind;	      /* decided with neither a sequence nor a context */
};

/* "full", "brief" or "none"; NULL: brief. -1 and a reason for another. */
int route_context(const char *name, enum route_context *out, struct buf *err);
/* "5%" or "0.05". -1 and a reason. */
int route_explore(const char *text, double *out, struct buf *err);
/*
 * Reads records; writes one route.decided for each inbound one, or why it would be that one.
 * Context comes from data.context where the record has it, else from the journey file by the
 * record's sequence. Status as the store's.
 */
int route(struct route *r, char *const *paths, size_t n, struct buf *err);

#endif
