#include "base/heap.h"
#include "base/mem.h"

#include <stdlib.h>

static bool before(const struct heap_item *a, const struct heap_item *b)
{
	return a->at < b->at || (!(b->at < a->at) && a->order < b->order);
}

void heap_put(struct heap *h, double at, uint32_t what, uint32_t of)
{
	struct heap_item item = {at, h->count++, what, of};
	size_t i = h->n;

	VEC_ADD(h, v, n, cap);
	for (; i && before(&item, &h->v[(i - 1) / 2]); i = (i - 1) / 2)
		h->v[i] = h->v[(i - 1) / 2];
	h->v[i] = item;
}

bool heap_take(struct heap *h, struct heap_item *out)
{
	struct heap_item last;
	size_t i = 0;

	if (!h->n)
		return false;
	*out = h->v[0];
	last = h->v[--h->n];
	for (size_t k = 1; k < h->n; k = 2 * i + 1) {
		if (k + 1 < h->n && before(&h->v[k + 1], &h->v[k]))
			k++;
		if (!before(&h->v[k], &last))
			break;
		h->v[i] = h->v[k];
		i = k;
	}
	h->v[i] = last;
	return true;
}

static int compare(const void *a, const void *b)
{
	return before(b, a) - before(a, b);
}

void heap_sort(struct heap *h)
{
	size_t i = 1, moved = 0;

	/* In few steps where few were put in since it was done. */
	for (; i < h->n && moved < 4 * h->n; i++) {
		struct heap_item item = h->v[i];
		size_t k = i;

		for (; k && before(&item, &h->v[k - 1]); k--)
			h->v[k] = h->v[k - 1];
		h->v[k] = item;
		moved += i - k;
	}
	if (i < h->n)
		qsort(h->v, h->n, sizeof(*h->v), compare);
}

void heap_clear(struct heap *h)
{
	h->n = 0;
	h->count = 0;
}

void heap_release(struct heap *h)
{
	free(h->v);
	*h = (struct heap){0};
}
