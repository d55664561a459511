#include "core/store/cache.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define WAYS 2 /* slots in which a key may stand */

/* Of a key 64 bits are kept, and its place says some more: that one of a billion looked up is taken
 * for another has a chance below 10^-9. */
struct cache_slot {
	uint64_t tag; /* 0: nothing */
	int64_t value;
};

void cache_init(struct cache *c, size_t slots)
{
	*c = (struct cache){NULL, slots, {0, 0}, 0};
}

void cache_release(struct cache *c)
{
	free(c->v);
	c->v = NULL;
}

static uint64_t spread(uint64_t n)
{
	n *= UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

/* Megabytes are not to be zeroed for every one of many erasures. */
void cache_clear(struct cache *c)
{
	c->cleared++;
	c->salt = (struct cache_key){spread(2 * c->cleared), spread(2 * c->cleared + 1)};
}

static struct cache_key salted(const struct cache *c, struct cache_key key)
{
	return (struct cache_key){key.a ^ c->salt.a, key.b ^ c->salt.b};
}

/* Keys may be small numbers: every bit of both halves counts. */
static size_t place(const struct cache *c, struct cache_key key)
{
	uint64_t x = key.a * UINT64_C(0x9e3779b97f4a7c15) ^ key.b * UINT64_C(0xc2b2ae3d27d4eb4f);

	x ^= x >> 29;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(x >> 32) & (c->n - WAYS);
}

static uint64_t tag_of(struct cache_key key)
{
	uint64_t tag = spread(spread(key.a) + key.b);

	return tag ? tag : 1;
}

const int64_t *cache_get(const struct cache *c, struct cache_key key)
{
	const struct cache_slot *slot;
	uint64_t tag;

	if (!c->v)
		return NULL;
	key = salted(c, key);
	slot = c->v + place(c, key);
	tag = tag_of(key);
	for (int i = 0; i < WAYS; i++)
		if (slot[i].tag == tag)
			return &slot[i].value;
	return NULL;
}

void cache_expect(const struct cache *c, struct cache_key key)
{
	if (c->v)
		__builtin_prefetch(c->v + place(c, salted(c, key)));
}

void cache_put(struct cache *c, struct cache_key key, int64_t value)
{
	struct cache_slot *slot;
	uint64_t tag;

	if (!c->v)
		c->v = mem_zero(c->n, sizeof(*c->v));
	key = salted(c, key);
	slot = c->v + place(c, key);
	tag = tag_of(key);
	/* The newest stands first. */
	if (slot[0].tag != tag)
		slot[1] = slot[0];
	slot[0] = (struct cache_slot){tag, value};
}
