/* jroute simulate: what customers would wait under a rule file and a staffing file. */
#ifndef STAGE_ROUTE_SIMULATE_H
#define STAGE_ROUTE_SIMULATE_H

#include "base/when.h"
#include "core/pipe.h"
#include "core/staffing.h"

enum route_arrivals { ARRIVALS_OF_FILES, ARRIVALS_OF_LOG, ARRIVALS_GENERATED };

struct route_simulate {
	struct rules *rules;
	const struct staffing *staffing;
	const struct ontology *ontology;
	const char *db;
	int64_t wait_ms;
	enum route_arrivals from;
	int64_t replications, seed;
	int64_t warm_up; /* ms; below 0: a tenth of what is generated, nothing of a log */
	bool table;	 /* for people */
	struct pipe pipe;
	struct when_range range; /* of when contacts begin; of records alone */
	uint64_t passed_over, blind, outside;
};

/* Status as the store's. */
int route_simulate(struct route_simulate *of, char *const *paths, size_t n, struct buf *err);

#endif
