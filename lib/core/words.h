/*
 * A text's words with their places: folded as text_words folds them, so that a word that was found
 * can be shown, and taken out, where it stands.
 */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include "base/buf.h"
#include "base/fnv.h"

struct word {
	size_t begin, end; /* bytes of the text; several words may share them */
	size_t at, len;	   /* in `folded` */
};

struct words {
	struct word *v;
	size_t n, cap;
	struct buf folded; /* all words, a blank between */
	struct str text;   /* borrowed from words_split */
};

void words_init(struct words *w);
void words_release(struct words *w);
/* Splits a text, UTF-8, that stays as it is while the words are looked at. */
void words_split(struct words *w, struct str text);
/* The folded word; empty beyond the last. */
static inline struct str words_at(const struct words *w, size_t i)
{
	return i < w->n ? (struct str){w->folded.s + w->v[i].at, w->v[i].len} : STR("");
}
static inline bool words_is(const struct words *w, size_t i, const char *word)
{
	return str_is(words_at(w, i), word);
}
/* What stands between a word and the next, or behind the last. */
static inline struct str words_between(const struct words *w, size_t i)
{
	size_t from = w->v[i].end, to = i + 1 < w->n ? w->v[i + 1].begin : w->text.len;

	return (struct str){w->text.s + from, to > from ? to - from : 0};
}
/* Whether a sentence ends between a word and the next: a mark that ends one, or an empty line. */
bool words_stop(const struct words *w, size_t i);
/* The word as a number of at most nine digits; false where it is anything else. */
bool words_number(const struct words *w, size_t i, int64_t *out);

/* Words, of which some that are not in it are taken to be: what passes most words over. Zeroed is
 * empty. */
struct word_set {
	uint64_t bits[128];
};

static inline uint32_t word_set_place(struct str word)
{
	uint32_t h = fnv32(word);

	return (h ^ h >> 13) & (128 * 64 - 1);
}
static inline void word_set_add(struct word_set *s, struct str word)
{
	uint32_t at = word_set_place(word);

	s->bits[at / 64] |= UINT64_C(1) << at % 64;
}
static inline bool word_set_has(const struct word_set *s, struct str word)
{
	uint32_t at = word_set_place(word);

	return s->bits[at / 64] >> at % 64 & 1;
}

#endif
