#include "stage/lexicon.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define NONE UINT32_MAX
#define SLOTS_FIRST 1024
#define TEXTS_MIN 2 /* in which a pair or a run has to stand: what stands in one says nothing of another */

void lexicon_release(struct lexicon *l)
{
	free(l->v);
	free(l->slots);
	free(l->text);
	*l = (struct lexicon){.v = NULL};
}

static uint32_t *slot_of(const struct lexicon *l, uint64_t key)
{
	size_t i = key & (l->slot_n - 1);

	while (l->slots[i] && l->v[l->slots[i] - 1].key != key)
		i = (i + 1) & (l->slot_n - 1);
	return &l->slots[i];
}

static void fill_slots(struct lexicon *l, size_t slots)
{
	free(l->slots);
	l->slot_n = slots;
	l->slots = mem_zero(slots, sizeof(*l->slots));
	for (size_t i = 0; i < l->n; i++)
		*slot_of(l, l->v[i].key) = (uint32_t)i + 1;
}

static struct lexicon_entry *entry_of(struct lexicon *l, uint64_t key)
{
	uint32_t *slot;

	if (2 * (l->n + 1) > l->slot_n)
		fill_slots(l, l->slot_n ? 2 * l->slot_n : SLOTS_FIRST);
	slot = slot_of(l, key);
	if (!*slot) {
		VEC_ADD(l, v, n, cap)->key = key;
		*slot = (uint32_t)l->n;
	}
	return &l->v[*slot - 1];
}

void lexicon_learn(struct lexicon *l, const struct features *f)
{
	l->texts++;
	for (size_t i = 0; i < f->n; i++) {
		struct lexicon_entry *e = entry_of(l, f->v[i].key);

		e->texts += e->last != l->texts;
		e->last = l->texts;
		if (i < f->end[FEATURE_WORDS])
			e->times = 1;
	}
}

void lexicon_settle(struct lexicon *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct lexicon_entry e = l->v[i];

		/* `times` marks the words. */
		if (e.texts < TEXTS_MIN && !e.times)
			continue;
		e.idf = (float)(log((1.0 + l->texts) / (1.0 + e.texts)) + 1);
		e.times = 0;
		l->v[n++] = e;
	}
	l->n = n;
	fill_slots(l, l->slot_n);
}

bool lexicon_add(struct lexicon *l, uint64_t key, float idf)
{
	size_t n = l->n;
	struct lexicon_entry *e = entry_of(l, key);

	e->idf = idf;
	return l->n > n;
}

uint32_t lexicon_find(const struct lexicon *l, uint64_t key)
{
	return l->slot_n ? *slot_of(l, key) - 1 : NONE;
}

/* Every feature of the part once, and how often in its entry. */
static void count(struct lexicon *l, const struct feature *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t number = lexicon_find(l, f[i].key);

		if (number != NONE && !l->v[number].times++)
			*VEC_ADD(l, text, text_n, text_cap) = (struct weighed){number, 0};
	}
}

static void weigh_part(struct lexicon *l, const struct feature *f, size_t n)
{
	size_t from = l->text_n;
	double square = 0;
	float length;

	count(l, f, n);
	for (size_t i = from; i < l->text_n; i++) {
		struct lexicon_entry *e = &l->v[l->text[i].feature];
		float value = e->idf;

		if (e->times > 1)
			value *= 1 + logf((float)e->times);
		e->times = 0;
		l->text[i].value = value;
		square += (double)value * (double)value;
	}
	length = square > 0 ? (float)(1 / sqrt(square)) : 0;
	for (size_t i = from; i < l->text_n; i++)
		l->text[i].value *= length;
}

void lexicon_weigh(struct lexicon *l, const struct features *f)
{
	size_t from = 0;

	l->text_n = 0;
	for (size_t part = 0; part < FEATURE_PARTS; part++) {
		weigh_part(l, f->v + from, f->end[part] - from);
		from = f->end[part];
	}
}
