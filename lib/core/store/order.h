/* Sorting entries whose keys are spread evenly over 64 bits, as digests are. */
#ifndef CORE_STORE_ORDER_H
#define CORE_STORE_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct run_entry {
	uint64_t key;
	int64_t seq; /* or the number that it leads to */
};

/* Negative, 0 or positive: by key, then by number. For qsort. */
int order_compare(const void *a, const void *b);
/* Sorts by key, then by number. Quick with few keys of the same leading bits, never slow. */
void order_sort(struct run_entry *v, size_t n);

#endif
