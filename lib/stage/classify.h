/*
 * jintent's work: what a text is about, by an ontology's key phrases and patterns (jontology(5)). A
 * customer's words get intent, confidence, entities, sentiment and signals; ours get what they ask
 * for, entities, and an intent where they are courtesy alone; and promises of ours become records.
 */
#ifndef STAGE_CLASSIFY_H
#define STAGE_CLASSIFY_H

#include "core/ontology.h"
#include "core/pipe.h"
#include "stage/verdict.h"

struct classify; /* one thread at a time */

/*
 * Borrows the ontology. relabel: intent, signals and asks that are there are replaced, and taken
 * away where none is found; otherwise they are kept, and only missing ones are added. Entities that
 * are there are always kept. NULL and a reason on failure. Free with classify_free.
 */
struct classify *classify_new(const struct ontology *o, bool relabel, struct buf *err);
void classify_free(struct classify *c); /* NULL is allowed */
/* The region of records that name none, for telephone numbers, dates and postal codes: ISO 3166-1
 * alpha-2; borrowed. */
void classify_region(struct classify *c, const char *region);
/* From now on a model that fits the ontology has its say in the intents of customers; borrowed. */
void classify_with(struct classify *c, struct model *m);
/* From now on classify_run writes for each record a line that says what decided, and no record. */
void classify_explain(struct classify *c);
/* What a customer's text is about. */
struct verdict classify_text(struct classify *c, struct str text);
/* Whether a record is a customer's or ours, so that its text is labelled. */
bool classify_concerns(const struct event *ev);
/* Appends the labelled record without LF; byte for byte as it came where there is nothing to say.
 */
void classify_event(struct classify *c, const struct event *ev, struct buf *out);
/* Reads, labels and writes all records of the paths: see pipe_run. */
int classify_run(struct classify *c, struct pipe *p, char *const *paths, size_t n, struct buf *err);
/* How many records commitment.made it has added. */
uint64_t classify_promised(const struct classify *c);

#endif
