/*
 * What a record says itself of the person in it: identifiers, names, and whatever was found in one
 * of its texts. Looked for in all others, in any spelling.
 */
#ifndef STAGE_REDACT_KNOWN_H
#define STAGE_REDACT_KNOWN_H

#include "core/personal.h"
#include "core/view.h"

#define KNOWN_MAX 4096 /* values of one record, each spelling counted */

struct known; /* of one record at a time */

struct known *known_new(void);
void known_free(struct known *k); /* NULL is allowed */
void known_clear(struct known *k);
/* Adds a value; its normal form is what it is replaced by. Names are taken apart into their words.
 */
void known_add(struct known *k, enum personal_kind kind, struct str written, struct str normal);
/* A value that is looked for as the whole of a text alone. */
void known_add_whole(
	struct known *k, enum personal_kind kind, struct str written, struct str normal);
/* More values than KNOWN_MAX were added: those beyond are not known. */
bool known_full(const struct known *k);
/* Adds to hits where they stand in the text. */
void known_find(struct known *k, struct str text, struct personal_hits *hits);

#endif
