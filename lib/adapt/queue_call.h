/* The calls of a queue_log that have begun and not ended, each with what its rows have said so far.
 */
#ifndef ADAPT_QUEUE_CALL_H
#define ADAPT_QUEUE_CALL_H

#include "base/map.h"

#define QUEUE_CALLS_MAX 4096 /* open at once; the oldest is given up for a further one */

enum queue_text { QT_QUEUE, QT_CALLER, QT_URL, QT_DID, QT_AGENT, QT_BRIDGED, QT_EVENTS, QT_COUNT };

struct queue_call {
	struct buf text[QT_COUNT];    /* QT_EVENTS: a JSON array, or empty */
	int64_t entered, seen;	      /* ms; when it began, and when a row last told of it */
	int64_t wait, ring, position; /* s, s, from 1; -1: unknown */
	uint64_t missed;	      /* rings that nobody answered */
	uint64_t line, among; /* of the row that began it; how many of its second came before */
	bool inside;	      /* it has entered a queue; else only rows about it were met */
	bool answered;
	bool begun; /* the row that began it was met */
};

/* The open calls by call id, in the order in which they came. */
struct queue_calls {
	struct map open;
};

#define QUEUE_CALLS_INIT                                                                           \
	{                                                                                          \
		MAP_INIT                                                                           \
	}

/* NULL: no such call is open. Valid until it is dropped. */
struct queue_call *queue_calls_get(const struct queue_calls *q, struct str id);
/* A new call of that id, which must not be open; the newest. */
struct queue_call *queue_calls_add(struct queue_calls *q, struct str id);
/* The one that came first and its id, or NULL. */
struct queue_call *queue_calls_oldest(const struct queue_calls *q, struct str *id);
/* Ends a call; its memory is gone, and so is the id that queue_calls_oldest gave. */
void queue_calls_drop(struct queue_calls *q, struct str id);
void queue_calls_release(struct queue_calls *q);

/* Notes a row that has no place of its own; false: the call has too many of them. */
bool queue_call_note(struct queue_call *c, struct str row);

#endif
