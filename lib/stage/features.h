/*
 * What a classifier sees of a text: its words, what follows what, what it begins and ends with,
 * pairs of words that stand near one another in whatever order, and runs of two to five bytes
 * within a word. Each is a 64-bit key; equal ones are equal features.
 */
#ifndef STAGE_FEATURES_H
#define STAGE_FEATURES_H

#include "base/buf.h"

#define FEATURES_WORDS 128 /* of a text, its first; the rest is not looked at */

/* The features of a part are weighed against one another; runs against the runs of all words. */
enum feature_part { FEATURE_WORDS, FEATURE_PAIRS, FEATURE_PARTS };

struct feature {
	uint64_t key;		/* never 0 */
	uint16_t first, second; /* the words that it is of; a single word is both */
};

/* Bits by features, told by their keys: those whose bit is not set are of no use. */
struct features_known {
	const uint64_t *bits; /* NULL: all are */
	uint64_t mask;	      /* their number, a power of two, less 1 */
};

static inline bool features_are_known(const struct features_known *k, uint64_t key)
{
	uint64_t at = key >> 32 & k->mask;

	return !k->bits || k->bits[at / 64] >> at % 64 & 1;
}

/* Of one text, part by part, and the runs behind them. */
struct features {
	struct features_known known;	 /* pairs and runs that are of no use are left out */
	struct str word[FEATURES_WORDS]; /* within what features_of was given */
	size_t word_n;
	struct feature *v;
	size_t n, cap;
	size_t end[FEATURE_PARTS]; /* of each part in v; it begins where the one before ends */
};

/* Zeroed is empty. words: as text_words gives them, borrowed. What it gives has no runs yet. */
void features_of(struct features *f, struct str words);
/* Adds the runs of a word; what a run is depends on its word alone. */
void features_runs(struct features *f, size_t word);
/* The key of a single word. */
uint64_t features_word(struct str word);
void features_release(struct features *f);

#endif
