/* jroute diff: which decisions two rule files make differently over the same events. */
#ifndef STAGE_ROUTE_DIFF_H
#define STAGE_ROUTE_DIFF_H

#include "base/opt.h"
#include "base/when.h"
#include "core/pipe.h"
#include "core/rules.h"

struct route_diff {
	struct rules *a, *b;
	const struct ontology *ontology;
	const char *db;
	int64_t wait_ms;
	bool log;	    /* the journey file's log; else the paths */
	struct opt_list by; /* rule, intent, region, value; empty: all */
	int64_t examples;   /* of each pair of rules, at most */
	double most;	    /* share of changed decisions that is still no failure; below 0: any */
	bool table;	    /* for people */
	struct pipe pipe;
	struct when_range range; /* of the events' time */
	uint64_t passed_over, blind, outside;
};

/* "5%" as 0.05. -1 and a reason. */
int route_share(const char *text, double *out, struct buf *err);
/* Whether all of `by` are dimensions; -1 and a reason. */
int route_diff_by(const struct opt_list *by, struct buf *err);
/* Status as the store's; 1: more changed than may. */
int route_diff(struct route_diff *d, char *const *paths, size_t n, struct buf *err);

#endif
