/* jdecide check: what is wrong with policy files, without events and over the proposals of a log.
 */
#ifndef STAGE_DECIDE_CHECK_H
#define STAGE_DECIDE_CHECK_H

#include "core/policy.h"
#include "core/store/store.h"
#include "io/out.h"

struct decide_check {
	struct policies *policies; /* NULL: they could not be read */
	const char *unread;	   /* why, with its place */
	const struct ontology *ontology;
	struct store *store; /* NULL: no log is asked */
	struct out *out;
	bool text; /* for people; else an object a line */
	uint64_t proposals;
};

/* 1: there is an error or a warning. Status as the store's. */
int decide_check(struct decide_check *c, struct buf *err);

#endif
