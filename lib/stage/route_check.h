/* jroute check: what is wrong with a rule file, without events and over those of a log. */
#ifndef STAGE_ROUTE_CHECK_H
#define STAGE_ROUTE_CHECK_H

#include "core/ontology.h"
#include "io/out.h"

struct route_check {
	const char *path;
	const struct ontology *ontology;
	const char *db; /* NULL: no log is asked */
	int64_t wait_ms;
	bool text; /* for people; else a JSON object a line */
	struct out *out;
};

/* Status as the store's; 1: there is an error. */
int route_check(struct route_check *of, struct buf *err);

#endif
