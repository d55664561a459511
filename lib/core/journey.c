#include "core/journey.h"
#include "base/mem.h"

#include <stdlib.h>

struct loading {
	struct fold *fold;
	struct event *ev;
};

static int load_row(void *ctx, const struct store_row *row, struct buf *err)
{
	struct loading *l = ctx;
	enum event_fault fault;

	if (event_read(l->ev, row->body, false, &fault, err) < 0) {
		buf_printf(err, " (record %lld of the log)", (long long)row->seq);
		return STORE_ERROR;
	}
	fold_add(l->fold, l->ev, row->seq, row->order);
	return 0;
}

int journey_load(struct store *s, const struct person *p, int64_t from, int64_t as_of, struct fold *f,
	struct event *scratch, struct buf *err)
{
	struct loading l = {f, scratch};

	return store_person_events(s, p, from, as_of, load_row, &l, err);
}

struct kept {
	struct fold *fold;
	int64_t as_of, shape;
};

struct journey {
	struct store *store;
	const struct ontology *ontology;
	struct map kept; /* person -> struct kept */
	size_t max, used;
	struct event scratch;
};

struct journey *journey_new(struct store *s, const struct ontology *o, size_t max_bytes)
{
	struct journey *j = mem_zero(1, sizeof(*j));

	j->store = s;
	j->ontology = o;
	j->max = max_bytes;
	event_init(&j->scratch);
	return j;
}

static void drop(void *ctx, struct str key, union map_value *v)
{
	struct kept *k = v->p;

	(void)ctx;
	(void)key;
	fold_free(k->fold);
	free(k);
}

static void drop_all(struct journey *j)
{
	map_each(&j->kept, drop, NULL);
	map_release(&j->kept);
	j->used = 0;
}

void journey_free(struct journey *j)
{
	if (!j)
		return;
	drop_all(j);
	event_release(&j->scratch);
	free(j);
}

static struct kept *keep(struct journey *j, const struct person *p)
{
	union map_value *slot;
	struct kept *k;
	bool fresh;

	if (j->used > j->max)
		drop_all(j);
	slot = map_slot(&j->kept, (struct str){(const char *)p, sizeof(*p)}, &fresh);
	if (!fresh)
		return slot->p;
	k = mem_zero(1, sizeof(*k));
	k->fold = fold_new(j->ontology);
	slot->p = k;
	return k;
}

int journey_context(struct journey *j, const struct event *ev, struct context *out, struct buf *err)
{
	int64_t seq = ev->sequence, shape = 0;
	struct store_row row;
	struct person p;
	struct kept *k;
	size_t before;
	int status = store_row(j->store, seq, &row, err);

	if (status == 0)
		status = store_person(j->store, &row, seq, &p, err);
	if (status == 0)
		status = store_person_shape(j->store, &p, seq, &shape, err);
	if (status < 0)
		return status;
	k = keep(j, &p);
	before = fold_size(k->fold);
	/* Where she was joined with somebody since, or the reading went back, the fold begins again. */
	if (k->shape != shape || k->as_of >= seq || !k->as_of) {
		fold_clear(k->fold, p.ident != 0);
		k->as_of = 0;
	}
	status = journey_load(j->store, &p, k->as_of, seq, k->fold, &j->scratch, err);
	if (status < 0)
		return status;
	k->as_of = seq;
	k->shape = shape;
	/* The log up to the record, and of that nothing that happened after it. */
	fold_until(k->fold, row.time, row.order, seq);
	context_of(out, k->fold, seq, ev->time);
	j->used += fold_size(k->fold) - before;
	return 0;
}
