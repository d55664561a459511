/*
 * All values of an ontology's entities in a text: by its patterns, its lists and what it names as
 * checkers (jontology(5)), each with its place and its normal form.
 */
#ifndef CORE_DETECT_H
#define CORE_DETECT_H

#include "core/dates.h"
#include "core/ontology.h"

struct detect; /* one thread at a time */

struct detected {
	size_t entity;	   /* its number in the ontology */
	size_t begin, end; /* bytes of the text: from begin, up to before end */
	struct str value;  /* the normal form */
};

/* Borrows the ontology. NULL and a reason on failure. Free with detect_free. */
struct detect *detect_new(const struct ontology *o, struct buf *err);
void detect_free(struct detect *d); /* NULL is allowed */
/* From now on the entities alone that are wanted, by their numbers, and cards and IBANs, which
 * others are not part of. What there are no words for is faster: detect_words has none then. */
void detect_only(struct detect *d, const bool *wanted);
/*
 * How many there are, and in *out all of them, borrowed until the next call: entities in the
 * ontology's order; of one entity, its patterns in their order, then checker and list; of one of
 * these, from the text's start on. Those of one entity never overlap; those of several may, but for
 * what lies within a card's or an IBAN's digits. A text that is no UTF-8 holds none. said: when and
 * where it was said (core/dates.h).
 */
size_t detect_text(
	struct detect *d, struct str text, const struct saying *said, const struct detected **out);
/* The words of the text that was looked at last; they hold as long as the text does. */
const struct words *detect_words(const struct detect *d);

#endif
