#include "core/journey.h"
#include "base/mem.h"
#include "core/store/past.h"

#include <stdlib.h>

struct loading {
	struct fold *fold;
	struct event *ev;
};

int journey_add(struct fold *f, struct event *scratch, int64_t seq, int64_t order, struct str body,
	bool padded, struct buf *err)
{
	enum event_fault fault;

	if (event_read(scratch, body, padded, &fault, err) < 0) {
		buf_printf(err, " (record %lld of the log)", (long long)seq);
		return STORE_ERROR;
	}
	fold_add(f, scratch, seq, order);
	return 0;
}

static int load_row(void *ctx, const struct store_row *row, struct buf *err)
{
	struct loading *l = ctx;

	return journey_add(l->fold, l->ev, row->seq, row->order, row->body, false, err);
}

int journey_load(struct store *s, const struct person *p, int64_t from, int64_t as_of,
	struct fold *f, struct event *scratch, struct buf *err)
{
	struct loading l = {f, scratch};

	return store_person_events(s, p, from, as_of, load_row, &l, err);
}

int journey_load_of(struct store *s, const struct crowd *c, size_t i, int64_t as_of, struct fold *f,
	struct event *scratch, struct buf *err)
{
	struct loading l = {f, scratch};

	return crowd_visit(s, c, i, as_of, load_row, &l, err);
}

static int add_identifier(void *ctx, const struct identifier *i, struct buf *err)
{
	(void)err;
	bundle_identifier(ctx, i->kind, i->scope, i->value);
	return 0;
}

static int add_row(void *ctx, const struct store_row *row, struct buf *err)
{
	(void)err;
	bundle_add(ctx, row->seq, row->time, row->order, row->body);
	return 0;
}

int journey_bundle(struct store *s, int64_t customer, const struct person *p,
	struct bundle_place at, struct bundle *b, struct buf *err)
{
	int status;

	bundle_clear(b, customer, p->ident != 0);
	status = store_person_identifiers(s, p, at.as_of, add_identifier, b, err);
	if (status == 0)
		status = store_person_events(s, p, 0, at.as_of, add_row, b, err);
	if (status < 0)
		return status;
	return bundle_close(b, &at, err) < 0 ? STORE_ERROR : 0;
}

/* 1 and a reason: the log ends before the sequence. *end: where it did when it was asked for last.
 */
static int look_for(struct store *s, int64_t seq, int64_t *end, struct buf *err)
{
	int status = seq > *end ? store_last(s, end, err) : 0;

	if (status < 0 || seq <= *end)
		return status;
	buf_printf(err, "the log has no record %lld", (long long)seq);
	return 1;
}

int journey_bundle_of(struct store *s, int64_t seq, struct bundle *b, struct buf *err)
{
	struct buf body = BUF_INIT;
	struct store_row row = {0};
	struct person who;
	int64_t customer, end = 0;
	int status = look_for(s, seq, &end, err);

	if (status == 0)
		status = store_row(s, seq, seq, &row, &body, err);
	if (status == 0)
		status = past_of(s, seq, seq, &who, &customer, err);
	buf_release(&body);
	if (status != 0)
		return status;
	return journey_bundle(s, customer, &who,
		(struct bundle_place){seq, row.time, seq, row.time, row.order}, b, err);
}

struct journey {
	struct store *store;
	const struct ontology *ontology;
	struct map kept; /* person -> struct fold, or NULL where it was dropped */
	size_t max, used;
	size_t largest;	   /* of the folds that are kept: one above max is not read again for each
			      record */
	int64_t upto;	   /* the log up to here is in the folds that are kept; 0: none is */
	int64_t end;	   /* the log's, as it was asked for last */
	struct fold *last; /* that a context was of */
	struct event scratch;
	struct buf body;
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
	(void)ctx;
	(void)key;
	fold_free(v->p);
	v->p = NULL;
}

static void drop_all(struct journey *j)
{
	map_each(&j->kept, drop, NULL);
	map_release(&j->kept);
	j->used = j->largest = 0;
}

void journey_free(struct journey *j)
{
	if (!j)
		return;
	drop_all(j);
	event_release(&j->scratch);
	buf_release(&j->body);
	free(j);
}

static struct str key_of(const struct person *p)
{
	return (struct str){(const char *)p, sizeof(*p)};
}

static int drop_person(void *ctx, const struct person *p)
{
	struct journey *j = ctx;
	union map_value *v = map_get(&j->kept, key_of(p));

	if (v && v->p) {
		j->used -= fold_size(v->p);
		drop(NULL, key_of(p), v);
	}
	return 0;
}

/* Takes a record of the log up in the fold of its person, where one is kept and the record changed
 * nothing else about her. */
static int take(struct journey *j, const struct store_row *row, struct person *p, struct buf *err)
{
	struct effect effect = {false, false, false, false};
	union map_value *v;
	enum event_fault fault;
	size_t before;
	int status = store_person(j->store, row, row->seq, p, err);

	if (status == 0)
		status = store_effect(j->store, row, p, &effect, err);
	if (status == 0 && effect.mixed)
		status =
			store_session_people(j->store, row->session, row->seq, drop_person, j, err);
	if (status < 0)
		return status;
	if (effect.parted)
		drop_all(j);
	else if (effect.joined || effect.took_over)
		drop_person(j, p);
	v = map_get(&j->kept, key_of(p));
	if (!v || !v->p)
		return 0;
	if (event_read(&j->scratch, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	/* An earlier record says something else now. */
	if (str_is(event_attr(&j->scratch, ATTR_TYPE), "labelled"))
		return drop_person(j, p);
	before = fold_size(v->p);
	fold_add(v->p, &j->scratch, row->seq, row->order);
	j->used += fold_size(v->p) - before;
	return 0;
}

/* Reads the log on up to a sequence; *row and *p are then the record there and its person. */
static int advance(
	struct journey *j, int64_t seq, struct store_row *row, struct person *p, struct buf *err)
{
	int status = 0;

	if (seq <= j->upto || j->used > j->max + j->largest || !j->used) {
		drop_all(j);
		j->upto = seq - 1;
	}
	while (j->upto < seq && status == 0) {
		status = store_row(j->store, j->upto + 1, j->upto + 1, row, &j->body, err);
		if (status == 0)
			status = take(j, row, p, err);
		j->upto++;
	}
	return status;
}

/* The fold of a person, read whole where none is kept. */
static int fold_of(
	struct journey *j, const struct person *p, int64_t seq, struct fold **out, struct buf *err)
{
	union map_value *v = map_slot(&j->kept, key_of(p), NULL);
	int status = 0;

	if (!v->p) {
		v->p = fold_new(j->ontology);
		fold_clear(v->p, p->ident != 0);
		status = journey_load(j->store, p, 0, seq, v->p, &j->scratch, err);
		j->used += fold_size(v->p);
	}
	*out = v->p;
	return status;
}

int journey_warm(struct journey *j, int64_t seq, struct buf *err)
{
	struct store_row row;
	struct person p;
	struct fold *f;
	int status;

	if (!j->used) {
		drop_all(j);
		j->upto = seq - 1;
	}
	if (seq <= j->upto || j->used > j->max / 2)
		return 0;
	status = store_row(j->store, seq, seq, &row, &j->body, err);
	if (status == 0)
		status = store_person(j->store, &row, j->upto, &p, err);
	if (status == 0)
		status = fold_of(j, &p, j->upto, &f, err);
	if (status != 0) {
		drop_all(j);
		return status;
	}
	j->used -= fold_size(f);
	fold_relate(f);
	j->used += fold_size(f);
	j->largest = fold_size(f) > j->largest ? fold_size(f) : j->largest;
	return 0;
}

int journey_place(struct journey *j, const struct event *ev, struct context *out,
	struct journey_place *place, struct buf *err)
{
	struct store_row row = {0};
	struct fold *f = NULL;
	int status = look_for(j->store, ev->sequence, &j->end, err);

	if (status > 0)
		return status;
	if (status == 0)
		status = advance(j, ev->sequence, &row, &place->person, err);
	if (status == 0)
		status = fold_of(j, &place->person, ev->sequence, &f, err);
	if (status < 0) {
		drop_all(j);
		return status;
	}
	j->used -= fold_size(f);
	/* The log up to the record, and of that nothing that happened after it. */
	fold_until(f, row.time, row.order, row.seq);
	context_of(out, f, row.seq, ev->time);
	place->at = (struct event_place){row.time, row.order, row.seq};
	place->late = fold_later(f);
	j->last = f;
	j->used += fold_size(f);
	j->largest = fold_size(f) > j->largest ? fold_size(f) : j->largest;
	return 0;
}

struct fold *journey_fold(const struct journey *j)
{
	return j->last;
}

int journey_context(struct journey *j, const struct event *ev, struct context *out, struct buf *err)
{
	struct journey_place place = {.late = false};

	return journey_place(j, ev, out, &place, err);
}
