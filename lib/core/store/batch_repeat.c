/* A record whose source and id are on record. */
#include "core/store/batch_part.h"
#include "base/job.h"
#include "base/mem.h"
#include "core/content.h"
#include "core/draft.h"

/* A record of the batch itself: its session may not be on file yet. */
static int earlier_here(
	struct batch *b, const struct taken *t, struct store_row *row, struct buf *err)
{
	enum event_fault fault;
	int status = 0;

	*row = (struct store_row){.seq = t->out.seq,
		.time = t->time,
		.order = t->order,
		.session = t->out.session,
		.ident = t->out.ident};
	buf_clear(&b->part);
	if (!t->relabelled) {
		buf_put(&b->part, batch_text(b, t->body));
	} else if (event_read(&b->there, batch_text(b, t->body), false, &fault, err) == 0 &&
		   event_read(&b->here, batch_text(b, b->v[t->relabelled - 1].body), false, &fault,
			   err) == 0) {
		content_relabel(&b->part, &b->there, &b->here);
	} else {
		status = STORE_ERROR;
	}
	row->body = buf_str(&b->part);
	return status;
}

/* The record that is on record under the key of the i-th, with its labels of now. */
static int earlier(struct batch *b, size_t i, struct store_row *row, struct buf *err)
{
	int64_t hit = b->hit[i];
	enum event_fault fault;
	int status = hit < 0 ? earlier_here(b, &b->v[-hit - 1], row, err)
			     : store_row(b->s, hit, INT64_MAX, row, &b->part, err);

	if (status < 0 || row->erased)
		return status;
	return event_read(&b->there, row->body, false, &fault, err);
}

int batch_read_both(struct batch *b, size_t i, struct store_row *row, struct buf *err)
{
	enum event_fault fault;
	int status = earlier(b, i, row, err);

	return status < 0 || row->erased
		       ? status
		       : event_read(&b->here, batch_text(b, b->v[i].body), false, &fault, err);
}

/* What tells the records that the log made itself from those that came of another log. */
static void put_label_id(struct store *s, int64_t of, int64_t last, struct buf *id)
{
	struct str parts[2] = {
		{(const char *)&of, sizeof(of)}, {(const char *)&last, sizeof(last)}};
	struct cache_key key = store_digest(s, parts, 2);

	buf_puts(id, "labelled-");
	hash_hex(id, (const unsigned char *)&key, 12);
}

bool batch_is_label(struct store *s, const struct event *ev, int64_t seq, int64_t *basis)
{
	struct buf id = BUF_INIT;
	bool is = false;

	if (str_is(event_attr(ev, ATTR_TYPE), "labelled") && ev->data[DATA_BASIS] &&
		str_int(ev->data[DATA_BASIS]->raw, basis)) {
		put_label_id(s, *basis, seq - 1, &id);
		is = str_eq(event_attr(ev, ATTR_ID), buf_str(&id));
	}
	buf_release(&id);
	return is;
}

/* The record that says which labels another has now. It belongs where that one does. */
static void draft_labels(struct batch *b, const struct store_row *row, struct draft *d)
{
	static const enum event_attr same[] = {ATTR_SOURCE, ATTR_SESSION, ATTR_CHANNEL};
	struct buf id = BUF_INIT;

	put_label_id(b->s, row->seq, b->s->now, &id);
	draft_attr(d, ATTR_ID, buf_str(&id));
	buf_release(&id);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		draft_attr(d, same[i], event_attr(&b->there, same[i]));
	draft_attr(d, ATTR_TYPE, STR("labelled"));
	draft_attr(d, ATTR_DIRECTION, STR("internal"));
	draft_attr(d, ATTR_ACTOR, STR("system"));
	d->time = b->there.time;
	if (!b->there.attr[ATTR_SESSION] && b->there.data[DATA_IDENTIFIERS])
		draft_raw(d, DATA_IDENTIFIERS, b->there.data[DATA_IDENTIFIERS]->raw);
	for (int i = 0; i < DATA_COUNT; i++)
		if (content_label((enum event_data)i) && b->here.data[i])
			draft_raw(d, (enum event_data)i, b->here.data[i]->raw);
	draft_text(d, DATA_EVENT, event_attr(&b->there, ATTR_ID));
	draft_int(d, DATA_BASIS, row->seq);
	if (b->there.data[DATA_ORDER])
		draft_raw(d, DATA_ORDER, b->there.data[DATA_ORDER]->raw);
}

static int take_labels(struct batch *b, const struct store_row *row, struct buf *err)
{
	enum event_fault fault;
	struct draft d;
	int status;

	draft_init(&d);
	draft_clear(&d);
	draft_labels(b, row, &d);
	buf_clear(&b->body);
	draft_write(&b->body, &d);
	draft_release(&d);
	status = event_read(&b->here, buf_str(&b->body), false, &fault, err);
	return status < 0 ? status : batch_take(b, &b->here, err);
}

/* The same record with other labels: they are logged, and nothing is rewritten. */
static int label(struct batch *b, size_t i, const struct store_row *row, struct buf *err)
{
	size_t at = b->n;
	struct taken *t;
	/* New names are parts of the text, which may move now, as may the records. */
	int status = who_flush(b->s, err);

	job_wait(b->leaf_job);
	if (status == 0)
		status = store_paid(b->s, err);
	if (status == 0)
		status = take_labels(b, row, err);
	if (status < 0)
		return status;
	random_bytes(b->salts + at * SALT_SIZE, SALT_SIZE);
	t = &b->v[at];
	t->out = (struct store_added){LABELLED, ++b->s->now, row->session, row->ident};
	t->said = SAID_LABELS;
	b->v[i].out = t->out;
	b->v[i].label = (uint32_t)at + 1;
	if (b->hit[i] < 0)
		b->v[-b->hit[i] - 1].relabelled = (uint32_t)at + 1;
	status = batch_shape_id(b, &b->shape[t->shape], &t->shape_id, err);
	if (status == 0)
		batch_owe(b, t);
	runs_pend(b->s, RUNS_KEY, batch_index_key(t), t->out.seq);
	runs_pend(b->s, RUNS_SESSION, runs_spread((uint64_t)row->session), t->out.seq);
	b->names.n = b->apart.n = 0;
	if (status == 0)
		status = batch_place(b, t, false, err);
	if (status == 0)
		status = store_label(b->s, row->seq, t->out.seq, err);
	/* Another repeat may ask for it. */
	return status < 0 ? status : store_paid(b->s, err);
}

int batch_repeat(struct batch *b, size_t i, struct buf *err)
{
	struct taken *t = &b->v[i];
	struct store_row row;
	int status = batch_read_both(b, i, &row, err);

	if (status < 0)
		return status;
	t->out = (struct store_added){.outcome = DUPLICATE, .seq = row.seq};
	if (row.erased)
		return 0;
	if (!content_same(&b->here, &b->there, NULL))
		t->out.outcome = CONFLICT;
	else if (!content_labels_stay(&b->here, &b->there))
		return label(b, i, &row, err);
	return 0;
}
