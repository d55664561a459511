#include "stage/held.h"
#include "base/mem.h"

#include <stdlib.h>

static int take_one(struct held *h, struct sorted *from, struct buf *err)
{
	const struct sorted_record *at = sorted_at(from);
	int64_t customer = at->customer;
	int status = 0;

	*VEC_ADD(h, customers, customer_n, customer_cap) = customer;
	while (status == 0 && (at = sorted_at(from)) && at->customer == customer) {
		*VEC_ADD(h, v, n, cap) =
			(struct held_record){at->seq, at->order, h->bodies.len, at->body.len};
		buf_put(&h->bodies, at->body);
		status = sorted_next(from, err);
	}
	*VEC_ADD(h, ends, end_n, end_cap) = h->n;
	return status;
}

int held_take(struct held *h, struct sorted *from, size_t most, size_t records, struct buf *err)
{
	int status = 0;

	buf_clear(&h->bodies);
	h->n = h->customer_n = h->end_n = 0;
	while (status == 0 && sorted_at(from) && h->customer_n < most && h->n < records)
		status = take_one(h, from, err);
	buf_room(&h->bodies, JSON_PADDING);
	return status;
}

int held_load(
	const struct held *h, size_t i, struct fold *f, struct event *scratch, struct buf *err)
{
	int status = 0;

	for (size_t k = i ? h->ends[i - 1] : 0; k < h->ends[i] && status == 0; k++) {
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
	free(h->customers);
	free(h->ends);
}
