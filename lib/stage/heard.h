/*
 * What jintent finds in a text besides its intent: language, entities and sentiment; the intent
 * that a short reply carries on; and promises of ours, each a record of its own behind the message.
 */
#ifndef STAGE_HEARD_H
#define STAGE_HEARD_H

#include "core/ontology.h"
#include "core/pipe.h"

struct heard; /* one thread at a time */

/* Borrows the ontology. NULL and a reason on failure. Free with heard_free. */
struct heard *heard_new(const struct ontology *o, bool relabel, struct buf *err);
void heard_free(struct heard *h); /* NULL is allowed */
/* The region of records that name none: ISO 3166-1 alpha-2; borrowed. */
void heard_region(struct heard *h, const char *region);

/* Looks at a text of hers, or of ours; before the calls below, which are about it. words: as
 * text_words gives them. */
void heard_text(
	struct heard *h, const struct event *ev, struct str text, struct str words, bool hers);
/* The same of a text that stands in no record: heard_says alone may follow. */
void heard_alone(struct heard *h, struct str text);
/* Whether the text says more than values: a word that is part of no entity and of no name, code or
 * address, and that `known` knows. */
bool heard_says(struct heard *h, bool (*known)(const void *ctx, struct str word), const void *ctx);
/*
 * These add to the changes of a record that stands at hand, of which there are n, and give back how
 * many there are then; room for three more must be there. What they add borrows from `h` until the
 * next record.
 *
 * _intent: behind the changes to intent and confidence, if any; carries an intent on to a reply
 * that has none; asks: whether it asks for anything by its words, where it is ours. _labels:
 * entities, and sentiment of hers. _language: where it is not told.
 */
size_t heard_intent(
	struct heard *h, const struct event *ev, bool asks, struct event_edit *edits, size_t n);
size_t heard_labels(struct heard *h, const struct event *ev, struct event_edit *edits, size_t n);
size_t heard_language(struct heard *h, const struct event *ev, struct event_edit *edits, size_t n);

/*
 * Promises of ours go out behind the message that makes them, but for those that already stand
 * there. _before: puts out those that are due before the record; _after: finds those of the record
 * that heard_text saw; _rest: puts out what is held back. -1 and a reason on failure.
 */
int heard_before(struct heard *h, const struct event *ev, struct pipe *p, struct buf *err);
void heard_after(struct heard *h, const struct event *ev);
int heard_rest(struct heard *h, struct pipe *p, struct buf *err);
/* How many were put out. */
uint64_t heard_promised(const struct heard *h);

#endif
