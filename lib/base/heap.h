/* What is to come, by time: a binary heap whose first item is the earliest, and among equal times
 * the one that was put in first. Zeroed: empty. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_item {
	double at;
	uint64_t order; /* set by heap_put */
	uint32_t what, of;
};

struct heap {
	struct heap_item *v;
	size_t n, cap;
	uint64_t count; /* items put in since it was empty */
};

void heap_put(struct heap *h, double at, uint32_t what, uint32_t of);
/* Takes the first item out; false where there is none. */
bool heap_take(struct heap *h, struct heap_item *out);
/* Puts the items in order: v[0] is the first to be taken, v[n - 1] the last. */
void heap_sort(struct heap *h);
void heap_clear(struct heap *h); /* keeps the memory */
void heap_release(struct heap *h);

#endif
