#include "core/store/cache.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 2 /* slots in which a key may stand */

struct cache_slot {
	struct cache_key key;
	int64_t value;
};

void cache_init(struct cache *c, size_t slots)
{
	*c = (struct cache){NULL, slots};
}

void cache_release(struct cache *c)
{
	free(c->v);
	c->v = NULL;
}

void cache_clear(struct cache *c)
{
	/* Made anew when it is needed: an erasure clears it again and again, and uses little of it.
	 */
	cache_release(c);
}

/* Keys may be small numbers: every bit of both halves counts. */
static size_t place(const struct cache *c, struct cache_key key)
{
	uint64_t x = key.a * UINT64_C(0x9e3779b97f4a7c15) ^ key.b * UINT64_C(0xc2b2ae3d27d4eb4f);

	x ^= x >> 29;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(x >> 32) & (c->n - WAYS);
}

static bool same(struct cache_key a, struct cache_key b)
{
	return a.a == b.a && a.b == b.b;
}

const int64_t *cache_get(const struct cache *c, struct cache_key key)
{
	const struct cache_slot *slot = c->v ? c->v + place(c, key) : NULL;

	for (int i = 0; slot && i < WAYS; i++)
		if (same(slot[i].key, key))
			return &slot[i].value;
	return NULL;
}

void cache_expect(const struct cache *c, struct cache_key key)
{
	if (c->v)
		__builtin_prefetch(c->v + place(c, key));
}

void cache_put(struct cache *c, struct cache_key key, int64_t value)
{
	struct cache_slot *slot;

	if (!c->v)
		c->v = mem_zero(c->n, sizeof(*c->v));
	slot = c->v + place(c, key);
	/* The newest stands first. */
	if (!same(slot[0].key, key))
		slot[1] = slot[0];
	slot[0] = (struct cache_slot){key, value};
}
