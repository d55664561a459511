/* The rows of Asterisk's queue_log: epoch|call|queue|agent|event|data... */
#ifndef ADAPT_QUEUE_ROW_H
#define ADAPT_QUEUE_ROW_H

#include "base/buf.h"

#define QUEUE_ROW_MAX ((size_t)8192) /* bytes that Asterisk writes at most */
#define QUEUE_DATA 8		     /* that are kept of a row */

enum queue_kind {
	QUEUE_OTHER, /* of a call, perhaps: noted with it */
	QUEUE_STAFF, /* of no call */
	QUEUE_START,
	QUEUE_DID,
	QUEUE_ENTER,
	QUEUE_MISSED,
	QUEUE_CONNECT,
	QUEUE_COMPLETE,
	QUEUE_LEAVE,
	QUEUE_REFUSE,	/* never let in */
	QUEUE_TRANSFER, /* away from the agent: blind */
	QUEUE_ATTENDED	/* with him on the line */
};

/* word: ext.ended_by, ext.exit, ext.transfer; wait_at: which datum is the time of waiting. */
struct queue_event {
	const char *name;
	enum queue_kind kind;
	const char *word, *reason;
	size_t wait_at;
};

struct queue_row {
	int64_t time;		     /* ms */
	struct str id, queue, agent; /* empty where the row says NONE */
	struct str said;	     /* from the event's name on */
	const struct queue_event *event;
	struct str data[QUEUE_DATA]; /* empty: not there */
	uint64_t line, among;	     /* the reader's: its place, among those of its second */
};

/* NULL, or why a line is no row of a queue_log. The row borrows from it. */
const char *queue_row_read(struct str line, struct queue_row *r);
/* Whether the row's event is one that Asterisk, or those who build on it, write. */
bool queue_row_known(const struct queue_row *r);
/* A datum that counts something; -1: it does not say. */
int64_t queue_number(struct str s);

#endif
