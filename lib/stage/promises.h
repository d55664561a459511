/*
 * Promises in words of ours: a sentence that says that something will be done, by a time or, where
 * the ontology says that it is one without, by none, and hedges it in no way. Words and phrases are
 * the ontology's (jontology(5), `promises`).
 */
#ifndef STAGE_PROMISES_H
#define STAGE_PROMISES_H

#include "core/dates.h"
#include "core/ontology.h"

#define PROMISE_UNDATED INT64_MIN /* no time is told */

struct promises_index; /* one thread at a time */

struct promise_found {
	const char *action; /* the ontology's */
	int64_t due;	    /* ms: the last moment that its words allow, or PROMISE_UNDATED */
	struct str said;    /* the sentence; borrowed from the text */
};

struct promises_index *promises_new(const struct ontology *o); /* free with promises_free */
void promises_free(struct promises_index *p);		       /* NULL is allowed */
/*
 * How many the text makes, and in *found all of them, in its order, borrowed until the next call.
 * One for each time that a sentence tells and each action; what is due before it was said is none.
 */
size_t promises_find(struct promises_index *p, const struct words *w, const struct saying *said,
	const struct promise_found **found);

#endif
