/*
 * How she feels, by the words of mood that a text holds (jontology(5)): honest and simple. A mild
 * word counts 0.5, a strong one 1, bad ones below 0. A denial up to three words before it turns a
 * word round and halves it; "very" before it makes it half as much again, "slightly" half. The
 * text's is the mean, from -1 to 1. Irony and what is said of others are beyond it.
 */
#ifndef STAGE_SENTIMENT_H
#define STAGE_SENTIMENT_H

#include "core/ontology.h"
#include "core/words.h"

struct sentiment; /* immutable */

struct sentiment *sentiment_new(const struct ontology *o); /* free with sentiment_free */
void sentiment_free(struct sentiment *s);		   /* NULL is allowed */
/* Rounded to two decimals; false where no word of mood is there. lang: BCP 47; where it is empty,
 * or has no words, the words of all languages count. */
bool sentiment_of(const struct sentiment *s, const struct words *w, struct str lang, double *out);

#endif
