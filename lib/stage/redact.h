/*
 * jredact's work: personal data out of event records, masked or as tokens that stay equal where the
 * values are. What is removed is removed from the whole record: every string, every member's name,
 * whatever it is written in.
 */
#ifndef STAGE_REDACT_H
#define STAGE_REDACT_H

#include "core/ontology.h"
#include "core/personal.h"
#include "core/pipe.h"

struct redact_options {
	struct str key;		      /* empty: masks */
	bool removes[PERSONAL_KINDS]; /* these kinds */
	bool keeps[PERSONAL_KINDS];   /* and leaves these as they are, whatever is within */
	const char *region; /* of national telephone numbers where the record tells none */
};

struct redact; /* one thread at a time */

/* Borrows the ontology, and the options' strings. NULL and a reason on failure. Free with
 * redact_free. */
struct redact *redact_new(
	const struct ontology *o, const struct redact_options *options, struct buf *err);
void redact_free(struct redact *r); /* NULL is allowed */
/*
 * Appends the record without what is removed, without LF; byte for byte as it came where there is
 * nothing to remove. -1, and nothing appended, where it names more people than are looked for.
 */
int redact_event(struct redact *r, const struct event *ev, struct buf *out);
/* Reads, redacts and writes all records of the paths: see pipe_run. *changed counts them. */
int redact_run(struct redact *r, struct pipe *p, char *const *paths, size_t n, uint64_t *changed,
	struct buf *err);

#endif
