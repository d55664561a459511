/*
 * What two copies of a record have to agree in. The same source and id with other content is a
 * conflict; other labels are not: history may be labelled anew. What a log or a reading says of its
 * own (customer, sequence, recordedtime, data.origin, and data.order, which is another in an export
 * that begins elsewhere) is neither.
 */
#ifndef CORE_CONTENT_H
#define CORE_CONTENT_H

#include "core/event.h"

/* Intent, confidence, inherited, ontology, entities, sentiment, signals, asks and lang. */
bool content_label(enum event_data d);
/* Whether both say the same; the order of members, white space and the way a string is escaped are
 * no matter. `member` (may be NULL): the name of the first that differs, borrowed. */
bool content_same(const struct event *a, const struct event *b, struct str *member);
/* Whether a record that comes again leaves the labels of now as they are: it bears the same, or no
 * data.ontology where they have one or all of its labels are among them. */
bool content_labels_stay(const struct event *again, const struct event *now);
/* Appends the record with its labels taken from another, which may have fewer. */
void content_relabel(struct buf *out, const struct event *ev, const struct event *labels);

#endif
