/* What the files of jintent diff share. */
#ifndef STAGE_REVISE_PART_H
#define STAGE_REVISE_PART_H

#include "stage/revise.h"

/* Adds a change of a kind, which says its verdict and step. */
void revise_add(struct revision *r, const char *kind, const char *id, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The same of a kind that is named by a section and what happened to it. */
void revise_part(struct revision *r, const char *section, const char *what, const char *id,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* How many texts one has and the other has not, both ways: SECTION.added, SECTION.removed. */
void revise_sets(struct revision *r, const char *section, const char *id,
	const struct patterns *old, const struct patterns *new);
/* SECTION.WHAT where two texts, each NULL or not, are not the same. */
void revise_texts(struct revision *r, const char *section, const char *what, const char *id,
	const char *old, const char *new);
void revise_flags(struct revision *r, const char *section, const char *what, const char *id,
	bool old, bool new);
/* Phrases as texts of a set: "LANGUAGE WORDS". Caller releases. */
struct patterns revise_phrases(const struct phrases *p);

void revise_intents(struct revision *r);
int revise_examples(struct revision *r, struct buf *err);
void revise_others(struct revision *r); /* all else that an ontology has */
/* The intent of the new version that an old one is compared with: itself, or what it was renamed
 * to; NULL: it is gone, or others took its place. */
const struct intent *revise_heir(const struct revision *r, const struct intent *old);

#endif
