/*
 * The features that a model knows, each with its number and its weight, and a text as a vector of
 * them: 1 + ln(how often), times the weight, each part brought to the length of 1.
 */
#ifndef STAGE_LEXICON_H
#define STAGE_LEXICON_H

#include "stage/features.h"

struct lexicon_entry {
	uint64_t key;
	float idf;
	uint32_t times; /* in the text at hand */
	uint32_t texts; /* while it is learnt: in how many it stands */
	uint32_t last;	/* while it is learnt: in which it was seen last, from 1 */
};

/* A feature of the text at hand. */
struct weighed {
	uint32_t feature;
	float value;
};

struct lexicon {
	struct lexicon_entry *v; /* by the features' numbers */
	size_t n, cap;
	uint32_t *slots; /* number + 1, by the key; 0 is free */
	size_t slot_n;	 /* a power of two */
	struct weighed *text;
	size_t text_n, text_cap;
	uint32_t texts; /* learnt from */
};

/* Zeroed is empty. */
void lexicon_release(struct lexicon *l);
/* Counts the features of a text. */
void lexicon_learn(struct lexicon *l, const struct features *f);
/* Features that stand in too few of the texts go, and all others get their weight: rarer is more. */
void lexicon_settle(struct lexicon *l);
/* Takes up a feature of a model that is read. false: it is there already. */
bool lexicon_add(struct lexicon *l, uint64_t key, float idf);
/* Sets l->text, in the order in which the features come. */
void lexicon_weigh(struct lexicon *l, const struct features *f);
/* The number of a feature, or UINT32_MAX. */
uint32_t lexicon_find(const struct lexicon *l, uint64_t key);

#endif
