#include "stage/lexicon.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define NONE UINT32_MAX
#define NUMBER LEXICON_MAX /* the bits of a slot that hold it */
#define SLOTS_FIRST 1024
#define MARKS 4
/* In how many texts a feature has to stand: a word in one, two words in two, all else in three.
 * What is rarer says nothing of other texts. */
#define TEXTS_OF_WORDS 2
#define TEXTS_OF_OTHERS 3

void lexicon_release(struct lexicon *l)
{
	free(l->v);
	free(l->counts);
	free(l->keys);
	free(l->found);
	free(l->slots);
	free(l->marks);
	free(l->text);
	*l = (struct lexicon){.v = NULL};
}

/* Its own slot, or the free one where it belongs. Keys are one where their upper 42 bits are, and
 * they lie beside one another. */
static uint64_t *slot_of(const struct lexicon *l, uint64_t key)
{
	size_t i = key & (l->slot_n - 1);

	while (l->slots[i] && (l->slots[i] ^ key) > NUMBER)
		i = (i + 1) & (l->slot_n - 1);
	return &l->slots[i];
}

struct features_known lexicon_known(const struct lexicon *l)
{
	return (struct features_known){l->marks, MARKS * l->slot_n - 1};
}

static void mark(struct lexicon *l, uint64_t key)
{
	uint64_t at = key >> 32 & (MARKS * l->slot_n - 1);

	l->marks[at / 64] |= UINT64_C(1) << at % 64;
}

static void fill_slots(struct lexicon *l, size_t slots)
{
	free(l->slots);
	free(l->marks);
	l->slot_n = slots;
	l->slots = mem_zero(slots, sizeof(*l->slots));
	l->marks = mem_zero(MARKS * slots / 64, sizeof(*l->marks));
	for (size_t i = 0; i < l->n; i++) {
		*slot_of(l, l->keys[i]) = (l->keys[i] & ~NUMBER) | (i + 1);
		mark(l, l->keys[i]);
	}
}

/* The number of a feature, new or not; SIZE_MAX: it is new, and there is no room. */
static size_t take_up(struct lexicon *l, uint64_t key)
{
	uint64_t *slot;

	if (2 * (l->n + 1) > l->slot_n)
		fill_slots(l, l->slot_n ? 2 * l->slot_n : SLOTS_FIRST);
	slot = slot_of(l, key);
	if (!*slot) {
		if (l->n == LEXICON_MAX)
			return SIZE_MAX;
		VEC_ADD(l, v, n, cap);
		*VEC_ADD(l, keys, key_n, key_cap) = key;
		*slot = (key & ~NUMBER) | l->n;
		mark(l, key);
	}
	return (size_t)(*slot & NUMBER) - 1;
}

static uint32_t least_of(const struct features *f, size_t i)
{
	if (i >= f->end[FEATURE_WORDS])
		return TEXTS_OF_OTHERS;
	return i < f->word_n ? 1 : TEXTS_OF_WORDS;
}

void lexicon_learn(struct lexicon *l, const struct features *f)
{
	l->texts++;
	for (size_t i = 0; i < f->n; i++) {
		size_t number = take_up(l, f->v[i].key);
		struct lexicon_count *c;

		if (number == SIZE_MAX) {
			l->lost++;
			continue;
		}
		if (number == l->count_n)
			VEC_ADD(l, counts, count_n, count_cap)->least = least_of(f, i);
		c = &l->counts[number];
		c->texts += c->last != l->texts;
		c->last = l->texts;
	}
}

struct rank {
	uint64_t key;
	uint32_t texts, number;
};

static int by_texts(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->texts != y->texts)
		return x->texts > y->texts ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* The most frequent come first, so that they share what the processor keeps at hand. */
void lexicon_settle(struct lexicon *l)
{
	struct rank *kept = mem_zero(l->n, sizeof(*kept));
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->counts[i].texts >= l->counts[i].least)
			kept[n++] = (struct rank){l->keys[i], l->counts[i].texts, (uint32_t)i};
	if (n)
		qsort(kept, n, sizeof(*kept), by_texts);
	for (size_t i = 0; i < n; i++) {
		l->keys[i] = kept[i].key;
		l->v[i].idf = (float)(log((1.0 + l->texts) / (1.0 + kept[i].texts)) + 1);
	}
	free(kept);
	l->n = l->key_n = n;
	l->count_n = 0;
	fill_slots(l, l->slot_n);
}

bool lexicon_add(struct lexicon *l, uint64_t key, float idf, float scale)
{
	size_t n = l->n, number = take_up(l, key);

	if (number == SIZE_MAX)
		return false;
	l->v[number].idf = idf;
	l->v[number].scale = scale;
	return l->n > n;
}

uint32_t lexicon_find(const struct lexicon *l, uint64_t key)
{
	return l->slot_n ? (uint32_t)(*slot_of(l, key) & NUMBER) - 1 : NONE;
}

/* Of those that are known each once. The tables are large: what is in them is asked for long before
 * it is needed. */
static void find(struct lexicon *l, const struct feature *f, size_t n)
{
	struct features_known known = lexicon_known(l);
	size_t found = 0, marked = 0;

	l->found_n = 0;
	if (l->found_cap < n)
		l->found = mem_grow(l->found, &l->found_cap, n, sizeof(*l->found));
	if (!l->slot_n)
		return;
	for (size_t i = 0; i < n; i++) {
		if (!features_are_known(&known, f[i].key))
			continue;
		__builtin_prefetch(&l->slots[f[i].key & (l->slot_n - 1)]);
		l->found[marked++] = (uint32_t)i;
	}
	for (size_t i = 0; i < marked; i++) {
		uint32_t number = lexicon_find(l, f[l->found[i]].key);

		if (number == NONE)
			continue;
		l->found[found++] = number;
		__builtin_prefetch(&l->v[number]);
	}
	for (size_t i = 0; i < found; i++) {
		bool *seen = &l->v[l->found[i]].seen;

		if (!*seen)
			l->found[l->found_n++] = l->found[i];
		*seen = true;
	}
	for (size_t i = 0; i < l->found_n; i++)
		l->v[l->found[i]].seen = false;
}

static float square_sum(const struct lexicon *l)
{
	float sum = 0;

	for (size_t i = 0; i < l->found_n; i++)
		sum += l->v[l->found[i]].idf * l->v[l->found[i]].idf;
	return sum;
}

static void add_found(struct lexicon *l)
{
	for (size_t i = 0; i < l->found_n; i++)
		*VEC_ADD(l, text, text_n, text_cap) =
			(struct weighed){l->found[i], l->v[l->found[i]].idf};
}

/* Those from `from` on are brought to the length 1. */
static void shorten(struct lexicon *l, size_t from, float square)
{
	float length = square > 0 ? 1 / sqrtf(square) : 0;

	for (size_t i = from; i < l->text_n; i++)
		l->text[i].value *= length;
}

void lexicon_weigh(struct lexicon *l, const struct features *f)
{
	size_t from = 0;

	l->text_n = 0;
	for (size_t part = 0; part < FEATURE_PARTS; part++) {
		size_t at = l->text_n;

		find(l, f->v + from, f->end[part] - from);
		add_found(l);
		shorten(l, at, square_sum(l));
		from = f->end[part];
	}
}

float lexicon_word(struct lexicon *l, struct features *f, size_t word)
{
	size_t from = f->n;

	features_runs(f, word);
	find(l, f->v + from, f->n - from);
	f->n = from;
	return square_sum(l);
}

void lexicon_weigh_runs(struct lexicon *l, struct features *f)
{
	size_t from = l->text_n;
	float square = 0;

	for (size_t i = 0; i < f->word_n; i++) {
		square += lexicon_word(l, f, i);
		add_found(l);
	}
	shorten(l, from, square);
}

void lexicon_keep(struct lexicon *l, const bool *kept)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (!kept[i])
			continue;
		l->keys[n] = l->keys[i];
		l->v[n++] = l->v[i];
	}
	l->n = l->key_n = n;
	fill_slots(l, l->slot_n);
}
