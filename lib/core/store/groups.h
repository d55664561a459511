/* The names of a batch, each once, in the order in which they came. */
#ifndef CORE_STORE_GROUPS_H
#define CORE_STORE_GROUPS_H

#include "core/store/cache.h"
#include "core/store/order.h"

#include <stdbool.h>

struct group {
	struct cache_key key; /* a digest of the whole name */
	uint64_t find;	      /* by which the runs know it */
	int64_t id;	      /* on file; 0: it is new; negative: a placeholder */
	uint32_t at;	      /* the caller's, as is the next */
	bool fresh;	      /* it got its number with this batch */
};

/* A part of the key stands beside the place: what does not match is seldom far to fetch. */
struct group_slot {
	uint32_t place; /* and 1; 0: nothing */
	uint32_t tag;
};

struct groups {
	struct group *v;
	size_t n, cap;
	struct group_slot *slot; /* by the key */
	size_t slots;
	struct run_entry *order; /* places by `find`, once sorted */
	size_t order_cap;
};

/* The place of the key; fresh: it was not there, and the caller says the rest. */
uint32_t groups_place(struct groups *g, struct cache_key key, bool *fresh);
/* Has the key's place in memory fetched, for one of the two that follows soon. */
void groups_expect(const struct groups *g, struct cache_key key);
/* The one with the key, or NULL. */
const struct group *groups_find(const struct groups *g, struct cache_key key);
void groups_sort(struct groups *g);
void groups_clear(struct groups *g);
void groups_release(struct groups *g);

#endif
