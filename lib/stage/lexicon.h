/*
 * The features that a model knows, each with its number and its weight, and a text as a vector of
 * them: the weights of those that stand in it, however often, each part brought to the length of 1.
 * The runs are one part more, word by word: the sum of its words' vectors, divided by the square
 * root of the sum of their squares.
 */
#ifndef STAGE_LEXICON_H
#define STAGE_LEXICON_H

#include "stage/features.h"

#define LEXICON_MAX (((size_t)1 << 22) - 1)

struct lexicon_entry {
	float idf;
	float scale; /* of its weights in a model */
	bool seen;   /* in what is at hand */
};

/* What is counted while it is learnt. */
struct lexicon_count {
	uint32_t texts, last; /* in how many it stands, and in which it was seen last, from 1 */
	uint32_t least;	      /* in how many it has to stand to be kept */
};

/* A feature of the text at hand. */
struct weighed {
	uint32_t feature;
	float value;
};

struct lexicon {
	struct lexicon_entry *v; /* by the features' numbers */
	size_t n, cap;
	uint64_t *keys;
	size_t key_n, key_cap;
	struct lexicon_count *counts;
	size_t count_n, count_cap;
	uint64_t *slots; /* by the key: its upper bits, and the number + 1; 0 is free */
	size_t slot_n;	 /* a power of two */
	uint64_t *marks; /* bits by the key, MARKS a slot: most features are not known, and this
			    tells it in less room */
	uint32_t *found; /* the numbers of features, as they come, each once */
	size_t found_n, found_cap;
	struct weighed *text;
	size_t text_n, text_cap;
	uint32_t texts; /* learnt from */
	uint64_t lost;	/* how often a feature was met that there was no room for */
};

/* Zeroed is empty. */
void lexicon_release(struct lexicon *l);
/* Counts the features of a text; of more than LEXICON_MAX in all, those that came first. */
void lexicon_learn(struct lexicon *l, const struct features *f);
/* Features that stand in too few of the texts go, and all others get their weight: rarer is more.
 */
void lexicon_settle(struct lexicon *l);
/* All others go. */
void lexicon_keep(struct lexicon *l, const bool *kept);
/* Takes up a feature of a model that is read. false: it is there already, or there is no room. */
bool lexicon_add(struct lexicon *l, uint64_t key, float idf, float scale);
/* Sets l->text to what features_of gave, in the order in which the features come. */
void lexicon_weigh(struct lexicon *l, const struct features *f);
/* The features that may be known; it holds until the next one is taken up. */
struct features_known lexicon_known(const struct lexicon *l);
/* Adds the runs of all words; a run of several words stands there several times. f: used. */
void lexicon_weigh_runs(struct lexicon *l, struct features *f);
/* Sets l->found to the runs of a word that are known, each once, and gives the sum of the squares
 * of their weights. f: used. */
float lexicon_word(struct lexicon *l, struct features *f, size_t word);
/* The number of a feature, or UINT32_MAX. */
uint32_t lexicon_find(const struct lexicon *l, uint64_t key);

#endif
