/*
 * A cache of numbers by 128-bit keys, of fixed size: a new key may push another out, and what is
 * not there is looked up where it is kept.
 */
#ifndef CORE_STORE_CACHE_H
#define CORE_STORE_CACHE_H

#include <stddef.h>
#include <stdint.h>

struct cache_key {
	uint64_t a, b;
};

struct cache_slot;
struct cache {
	struct cache_slot *v;  /* NULL until something is put */
	size_t n;	       /* slots, a power of two */
	struct cache_key salt; /* of the keys that count: what was put under another is forgotten */
	uint64_t cleared;      /* how often */
};

void cache_init(struct cache *c, size_t slots); /* a power of two */
void cache_release(struct cache *c);
void cache_clear(struct cache *c);
/* The number that was put under the key, or NULL; valid until the next put. */
const int64_t *cache_get(const struct cache *c, struct cache_key key);
/* Has the key's place in memory fetched, for a get that follows soon. */
void cache_expect(const struct cache *c, struct cache_key key);
void cache_put(struct cache *c, struct cache_key key, int64_t value);

#endif
