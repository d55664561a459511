#include "core/store/order.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DIGIT 11 /* bits of a pass; the counts fit the nearest cache */
#define PASSES 3
#define FEW 64 /* not worth the passes */
#define SHORT 8

int order_compare(const void *a, const void *b)
{
	const struct run_entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* By one digit; what is equal in it keeps its order. */
static void pass(struct run_entry *to, const struct run_entry *from, size_t n, int shift)
{
	size_t at[1 << DIGIT] = {0}, sum = 0, count;

	for (size_t i = 0; i < n; i++)
		at[from[i].key >> shift & ((1 << DIGIT) - 1)]++;
	for (size_t d = 0; d < 1 << DIGIT; d++) {
		count = at[d];
		at[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i].key >> shift & ((1 << DIGIT) - 1)]++] = from[i];
}

static void insert_sort(struct run_entry *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct run_entry e = v[i];
		size_t k = i;

		for (; k > 0 && order_compare(&v[k - 1], &e) > 0; k--)
			v[k] = v[k - 1];
		v[k] = e;
	}
}

/* What the leading bits left equal. */
static void settle(struct run_entry *v, size_t n)
{
	const int rest = 64 - DIGIT * PASSES;
	size_t to;

	for (size_t i = 0; i < n; i = to) {
		for (to = i + 1; to < n && v[to].key >> rest == v[i].key >> rest;)
			to++;
		if (to - i <= SHORT)
			insert_sort(v + i, to - i);
		else
			qsort(v + i, to - i, sizeof(*v), order_compare);
	}
}

void order_sort(struct run_entry *v, size_t n)
{
	struct run_entry *spare, *from = v, *to;

	if (n <= FEW) {
		insert_sort(v, n);
		return;
	}
	to = spare = mem_alloc(n * sizeof(*v));
	for (int p = PASSES; p > 0; p--) {
		struct run_entry *was = from;

		pass(to, from, n, 64 - DIGIT * p);
		from = to;
		to = was;
	}
	if (from != v)
		memcpy(v, from, n * sizeof(*v));
	free(spare);
	settle(v, n);
}
