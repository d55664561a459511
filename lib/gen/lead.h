/*
 * A customer's opportunities: her issues with a commercial intent, and what became of them by the
 * definitions of jtools-metrics(7), counted act by act from her plan.
 */
#ifndef GEN_LEAD_H
#define GEN_LEAD_H

#include "base/when.h"
#include "gen/truth.h"

#define LEAD_STALLED (48 * WHEN_HOUR) /* a word waits longer than that for the other side's */
#define LEAD_LOST                                                                                  \
	(30 * WHEN_DAY) /* nobody says a word for longer than that; and how long after             \
			   a word of ours, or after its beginning, an order counts */

struct lead {
	uint32_t issue;
	bool stalled, awaiting; /* her word waited for ours, ours for hers, while it was open */
	bool abandoned, recovered;
	int64_t won;		     /* when it was first; 0: it was not */
	const struct intent *intent; /* of its last contact that has one */
	size_t stage, reason;	     /* the last, + 1; 0: none */

	/* While its acts are taken: */
	bool open;
	enum true_word last;
	int64_t since;	/* from when on the last word waits for the other side */
	int64_t heard;	/* end of the latest word */
	int64_t lapsed; /* when it was first stalled or abandoned; 0: it was not */
	int64_t spoke;	/* our latest word behind that; 0: none */
};

struct leads {
	struct lead *v; /* in the order of their beginning */
	size_t n, cap;
};

#define LEADS_INIT                                                                                 \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* Replaces what it held by the opportunities of a customer as of the horizon (ms). */
void leads_of(struct leads *l, const struct truth *t, int64_t horizon);
void leads_release(struct leads *l);

#endif
