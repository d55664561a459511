#include "core/store/groups.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024
#define MANY 64 /* slots, for one that is taken */

/* Keys are digests: any of their bits will do. */
static size_t first_slot(const struct groups *g, struct cache_key key)
{
	return (size_t)key.b & (g->slots - 1);
}

static uint32_t tag_of(struct cache_key key)
{
	return (uint32_t)(key.b >> 32);
}

static struct group_slot *slot_of(const struct groups *g, struct cache_key key)
{
	size_t p = first_slot(g, key);

	for (; g->slot[p].place; p = (p + 1) & (g->slots - 1)) {
		const struct cache_key *there;

		if (g->slot[p].tag != tag_of(key))
			continue;
		there = &g->v[g->slot[p].place - 1].key;
		if (there->a == key.a && there->b == key.b)
			break;
	}
	return &g->slot[p];
}

static void fill(struct group_slot *slot, size_t i, struct cache_key key)
{
	*slot = (struct group_slot){(uint32_t)i + 1, tag_of(key)};
}

static void grow(struct groups *g)
{
	free(g->slot);
	g->slots = g->slots ? g->slots * 2 : SLOTS_FIRST;
	g->slot = mem_zero(g->slots, sizeof(*g->slot));
	for (size_t i = 0; i < g->n; i++)
		fill(slot_of(g, g->v[i].key), i, g->v[i].key);
}

uint32_t groups_place(struct groups *g, struct cache_key key, bool *fresh)
{
	struct group_slot *slot;

	if (g->n * 2 >= g->slots)
		grow(g);
	slot = slot_of(g, key);
	*fresh = !slot->place;
	if (*fresh) {
		fill(slot, g->n, key);
		VEC_ADD(g, v, n, cap)->key = key;
	}
	return slot->place - 1;
}

void groups_expect(const struct groups *g, struct cache_key key)
{
	if (g->slots)
		__builtin_prefetch(&g->slot[first_slot(g, key)], 1);
}

const struct group *groups_find(const struct groups *g, struct cache_key key)
{
	uint32_t place = g->n ? slot_of(g, key)->place : 0;

	return place ? &g->v[place - 1] : NULL;
}

void groups_sort(struct groups *g)
{
	if (g->n > g->order_cap) {
		g->order = mem_resize(g->order, g->cap * sizeof(*g->order));
		g->order_cap = g->cap;
	}
	for (size_t i = 0; i < g->n; i++)
		g->order[i] = (struct run_entry){g->v[i].find, (int64_t)i};
	order_sort(g->order, g->n);
}

void groups_clear(struct groups *g)
{
	/* Slots one after the other take less time than a few, each far from the last. */
	if (g->n * MANY > g->slots) {
		memset(g->slot, 0, g->slots * sizeof(*g->slot));
		g->n = 0;
	}
	/* The last first, so that whose slot was taken is found behind it. */
	while (g->n) {
		*slot_of(g, g->v[g->n - 1].key) = (struct group_slot){0};
		g->n--;
	}
}

void groups_release(struct groups *g)
{
	free(g->v);
	free(g->slot);
	free(g->order);
	*g = (struct groups){.n = 0};
}
