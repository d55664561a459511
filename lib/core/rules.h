/*
 * Rule files (jrules(5)): ordered rules whose conditions are SQL expressions over the event and its
 * customer's context. No condition can read the channel or what gives it away: such columns are
 * refused when the file is read.
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "core/event.h"
#include "core/fold/context.h"
#include "core/ontology.h"

struct rule {
	char *id, *queue, *reason; /* reason: NULL where there is none */
	int64_t priority;	   /* 1 (first) to 9 */
	int line;
};

struct rules;

/* NULL and "file:line:column: reason" on failure. The ontology must outlive them. Free with
 * rules_free. */
struct rules *rules_read(const char *path, const struct ontology *o, struct buf *err);
void rules_free(struct rules *r);
const char *rules_label(const struct rules *r); /* name/version */
/*
 * The first rule whose condition holds; the default (id "default") where none does. NULL and a
 * reason where a condition cannot be evaluated on this event.
 */
const struct rule *rules_first(
	struct rules *r, const struct event *ev, const struct context *context, struct buf *err);

#endif
