/*
 * Publishing: the figures of whole calendar periods are kept in the journey file, and what is new
 * or changed since is told. A metric's period is complete when its window has passed for all of its
 * rows. What was published is never written over: a changed figure becomes a new revision.
 */
#ifndef STAGE_PUBLISH_H
#define STAGE_PUBLISH_H

#include "core/store/store.h"
#include "stage/measure.h"

/* Borrows all. */
struct publish {
	struct store *store; /* its facts are up to date */
	const struct metric *const *metrics;
	size_t metric_n;
	const char *const *by; /* dimensions; not the period itself */
	size_t by_n;
	const char *kind;		 /* "day", "week" or "month", of the process's zone */
	const struct ontology *ontology; /* whose entities are dimensions */
	enum report_format format;	 /* table, ndjson or csv */
	struct out *out;
};

/*
 * One transaction a period, and its records behind it: a run that is stopped has published whole
 * periods, and the next goes on. Nothing is written to out where nothing is new. Status as the
 * store's; what was committed is in out also then.
 */
int publish(const struct publish *p, struct buf *err);
/* -1 and why where kind is no period, a dimension is it, or the format none of these. */
int publish_check(const struct publish *p, struct buf *err);

#endif
