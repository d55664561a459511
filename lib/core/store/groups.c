#include "core/store/groups.h"
#include "base/mem.h"

#include <stdlib.h>

#define SLOTS_FIRST 1024

/* Keys are digests: any of their bits will do. */
static uint32_t *slot_of(const struct groups *g, struct cache_key key)
{
	size_t p = (size_t)key.b & (g->slots - 1);

	while (g->slot[p]) {
		const struct cache_key *there = &g->v[g->slot[p] - 1].key;

		if (there->a == key.a && there->b == key.b)
			break;
		p = (p + 1) & (g->slots - 1);
	}
	return &g->slot[p];
}

static void grow(struct groups *g)
{
	free(g->slot);
	g->slots = g->slots ? g->slots * 2 : SLOTS_FIRST;
	g->slot = mem_zero(g->slots, sizeof(*g->slot));
	for (size_t i = 0; i < g->n; i++)
		*slot_of(g, g->v[i].key) = (uint32_t)i + 1;
}

uint32_t groups_place(struct groups *g, struct cache_key key, bool *fresh)
{
	uint32_t *slot;

	if (g->n * 2 >= g->slots)
		grow(g);
	slot = slot_of(g, key);
	*fresh = !*slot;
	if (*fresh) {
		VEC_ADD(g, v, n, cap)->key = key;
		*slot = (uint32_t)g->n;
	}
	return *slot - 1;
}

const struct group *groups_find(const struct groups *g, struct cache_key key)
{
	uint32_t place = g->n ? *slot_of(g, key) : 0;

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
	/* The last first, so that whose slot was taken is found behind it. */
	while (g->n) {
		*slot_of(g, g->v[g->n - 1].key) = 0;
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
