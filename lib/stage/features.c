#include "stage/features.h"
#include "base/fnv.h"
#include "base/mem.h"

#include <stdlib.h>

#define PAIR_REACH 12 /* words from one to the other */
#define RUN_MIN 2
#define RUN_MAX 5
#define WORD_MAX 64 /* bytes of a word whose runs are looked at */

/* The finish of splitmix64: every bit of the key depends on every bit of x. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return x ? x : 1;
}

uint64_t features_word(struct str word)
{
	return mix(fnv_add(FNV_START, word));
}

static void add(struct features *f, uint64_t key, size_t first, size_t second)
{
	f->v[f->n++] = (struct feature){key, (uint16_t)first, (uint16_t)second};
}

static void add_known(struct features *f, uint64_t key, size_t first, size_t second)
{
	if (features_are_known(&f->known, key))
		add(f, key, first, second);
}

static void room(struct features *f, size_t more)
{
	if (f->cap - f->n < more)
		f->v = mem_grow(f->v, &f->cap, f->n + more, sizeof(*f->v));
}

static void split(struct features *f, struct str words)
{
	f->word_n = 0;
	while (words.len && f->word_n < FEATURES_WORDS) {
		const char *blank = memchr(words.s, ' ', words.len);
		size_t len = blank ? (size_t)(blank - words.s) : words.len;

		if (len)
			f->word[f->word_n++] = (struct str){words.s, len};
		len += blank != NULL;
		words.s += len;
		words.len -= len;
	}
}

/* What a text begins with says whether it asks, and what it ends with often for what. */
static void add_ends(struct features *f)
{
	const struct feature *word = f->v;
	size_t last = f->word_n - 1;

	add(f, mix(7 * word[0].key + 1), 0, 0);
	add(f, mix(11 * word[last].key + 1), last, last);
	if (last > 0)
		add(f, mix(7 * word[0].key + 5 * word[1].key + 1), 0, 1);
}

static void add_words(struct features *f)
{
	room(f, 2 * f->word_n + 3);
	for (size_t i = 0; i < f->word_n; i++)
		add(f, features_word(f->word[i]), i, i);
	for (size_t i = 0; i + 1 < f->word_n; i++)
		add(f, mix(3 * f->v[i].key + f->v[i + 1].key), i, i + 1);
	if (f->word_n)
		add_ends(f);
}

/* Which of two words comes first makes no difference: people turn their sentences round. */
static void add_pairs(struct features *f)
{
	for (size_t i = 0; i < f->word_n; i++) {
		size_t end = i + 1 + PAIR_REACH < f->word_n ? i + 1 + PAIR_REACH : f->word_n;

		room(f, PAIR_REACH);
		for (size_t k = i + 1; k < end; k++) {
			uint64_t a = f->v[i].key, b = f->v[k].key;

			if (a != b)
				add_known(f, mix(a + b), i, k);
		}
	}
}

/* A run is its own key: its bytes and its length. The ends of a word are blanks. */
void features_runs(struct features *f, size_t word)
{
	char text[WORD_MAX + 2];
	size_t len = f->word[word].len < WORD_MAX ? f->word[word].len : WORD_MAX;

	text[0] = ' ';
	memcpy(text + 1, f->word[word].s, len);
	text[len + 1] = ' ';
	len += 2;
	room(f, len * (RUN_MAX - RUN_MIN + 1));
	for (size_t i = 0; i + RUN_MIN <= len; i++) {
		uint64_t key = (unsigned char)text[i];

		for (size_t n = RUN_MIN; n <= RUN_MAX && i + n <= len; n++) {
			key = key << 8 | (unsigned char)text[i + n - 1];
			add_known(f, mix(key | (uint64_t)n << 56), word, word);
		}
	}
}

void features_of(struct features *f, struct str words)
{
	f->n = 0;
	split(f, words);
	add_words(f);
	f->end[FEATURE_WORDS] = f->n;
	add_pairs(f);
	f->end[FEATURE_PAIRS] = f->n;
}

void features_release(struct features *f)
{
	free(f->v);
	*f = (struct features){.v = NULL};
}
