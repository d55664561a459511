/* Generating: journeys by a scenario, as records or exports, and what is true of them. */
#ifndef STAGE_GENERATE_H
#define STAGE_GENERATE_H

#include "gen/export.h"
#include "io/out.h"

struct generate {
	struct scenario *scenario;
	uint64_t seed;
	uint64_t records, customers; /* how many; one of both is 0 */
	bool labels;		     /* records carry what jintent(1) would say */
	struct out *out;
	struct export_formats as; /* in these, into the folder, instead of records to out */
	const char *folder;
	struct out *truth; /* NULL: it is not asked for */
	/* Set by generate_run: */
	uint64_t written, left_out, made, contacts, issues; /* left_out: by the formats */
	int64_t horizon; /* the end of the last event, ms; where the truth is asked for */
};

/* Writes it all, in the order in which records would reach a log. -1 and a reason on failure. */
int generate_run(struct generate *g, struct buf *err);

#endif
