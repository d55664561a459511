#include "stage/held.h"
#include "base/mem.h"
#include "core/store/sorted.h"

#include <stdlib.h>

#define LISTED 2048 /* of who was touched, by one question */

int held_load(
	const struct held *h, size_t i, struct fold *f, struct event *scratch, struct buf *err)
{
	int status = 0;

	for (size_t k = h->ends[i] - held_count(h, i); k < h->ends[i] && status == 0; k++) {
		const struct held_record *r = &h->v[k];
		struct str body = {h->bodies.s + r->at, r->len};

		status = journey_add(f, scratch, r->seq, r->order, body, true, err);
	}
	return status;
}

void held_release(struct held *h)
{
	buf_release(&h->bodies);
	free(h->v);
	free(h->ends);
}

struct harvest {
	struct sorted *sorted;
	bool touched; /* only those */
	struct touched *v;
	size_t n, cap, at;
};

/* Before the records are read: whoever is touched again later is touched still. */
static int list(struct harvest *x, struct store *s, struct buf *err)
{
	size_t got = LISTED;
	int status = store_read_begin(s, err);

	while (status == 0 && got == LISTED) {
		int64_t after = x->n ? x->v[x->n - 1].customer : 0;

		x->v = mem_grow(x->v, &x->cap, x->n + LISTED, sizeof(*x->v));
		status = facts_touched(s, after, x->v + x->n, LISTED, &got, err);
		x->n += got;
	}
	store_read_end(s);
	return status;
}

int harvest_open(struct harvest **out, struct store *s, bool touched, struct buf *err)
{
	struct harvest *x = *out = mem_zero(1, sizeof(*x));
	int status = 0;

	x->touched = touched;
	if (touched)
		status = list(x, s, err);
	return status < 0 ? status : sorted_open(&x->sorted, s, err);
}

void harvest_free(struct harvest *x)
{
	if (!x)
		return;
	sorted_free(x->sorted);
	free(x->v);
	free(x);
}

int64_t harvest_erasures(const struct harvest *x)
{
	return sorted_erasures(x->sorted);
}

/* All that the customer has, which may be nothing. */
static int take(struct harvest *x, struct held *h, int64_t customer, struct buf *err)
{
	const struct sorted_record *at;
	int status = 0;

	while (status == 0 && (at = sorted_at(x->sorted)) && at->customer <= customer) {
		if (at->customer == customer) {
			*VEC_ADD(h, v, n, cap) = (struct held_record){
				at->seq, at->order, h->bodies.len, at->body.len};
			buf_put(&h->bodies, at->body);
		}
		status = sorted_next(x->sorted, err);
	}
	*VEC_ADD(h, ends, end_n, end_cap) = h->n;
	return status;
}

/* Who is next; false: nobody. */
static bool next(const struct harvest *x, struct touched *out)
{
	const struct sorted_record *at = sorted_at(x->sorted);

	if (x->touched && x->at < x->n)
		*out = x->v[x->at];
	else if (!x->touched && at)
		*out = (struct touched){at->customer, 0};
	else
		return false;
	return true;
}

int harvest_next(struct harvest *x, struct held *h, struct touched *out, size_t *n, size_t records,
	struct buf *err)
{
	struct touched one;
	size_t i = 0;
	int status = 0;

	buf_clear(&h->bodies);
	h->n = h->end_n = 0;
	while (i < *n && h->n < records && status == 0 && next(x, &one)) {
		status = take(x, h, one.customer, err);
		out[i++] = one;
		x->at++;
	}
	*n = i;
	buf_room(&h->bodies, JSON_PADDING);
	return status;
}
