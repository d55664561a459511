/*
 * Key phrases found in a text, all at once: a tree of words with one edge a word, a prefix or a
 * gap, so that the time depends on the text and hardly on the number of phrases.
 */
#ifndef STAGE_PHRASES_H
#define STAGE_PHRASES_H

#include "core/ontology.h"

struct phrase_index; /* holds copies; one thread at a time */

/* Owners are numbered from 0 to owners - 1: whatever the phrases speak for. Free with
 * phrase_index_free. */
struct phrase_index *phrase_index_new(size_t owners);
void phrase_index_free(struct phrase_index *x); /* NULL is allowed */
/* A phrase that the owner has already is not added again. */
void phrase_index_add(struct phrase_index *x, size_t owner, const struct phrases *phrases);
/* Looks a text's words up, as text_words gives them. Scores are those of this text until the next.
 */
void phrase_index_match(struct phrase_index *x, struct str words);
/* The sum over the owner's distinct phrases that were found. */
int phrase_index_score(const struct phrase_index *x, size_t owner);
/* The first of the owner's phrases from this number on that was found, by its number in what was
 * added; SIZE_MAX: none. For telling: it looks at all phrases. */
size_t phrase_index_found(const struct phrase_index *x, size_t owner, size_t from);

#endif
