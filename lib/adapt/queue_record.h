/* The records that a queue_log gives. */
#ifndef ADAPT_QUEUE_RECORD_H
#define ADAPT_QUEUE_RECORD_H

#include "adapt/adapt.h"
#include "adapt/queue_call.h"
#include "adapt/queue_row.h"

/* How a visit ended. */
struct queue_ending {
	const char *reason;
	int64_t duration; /* s; -1: unknown */
	const char *name; /* of a member of ext, and its word */
	const char *word;
	struct str key;
	const char *incomplete; /* what is missing of the call, or NULL */
};

/* Writes the call record of a visit: how it was and how it ended. -1 and a reason: adapt_emit's. */
int queue_record_call(struct adapt_run *run, const char *file, struct str id,
	const struct queue_call *c, const struct queue_ending *e, struct buf *err);
/* Writes the record of the transfer that a row tells of. -1 and a reason: adapt_emit's. */
int queue_record_transfer(struct adapt_run *run, const char *file, const struct queue_row *r,
	const struct queue_call *c, struct buf *err);

#endif
