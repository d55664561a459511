/* Failed switches by cause, each with the stories of the latest. */
#include "base/mem.h"
#include "base/text.h"
#include "core/fold/fold.h"
#include "core/store/explain.h"
#include "stage/asked.h"
#include "stage/choose.h"
#include "stage/page_part.h"

#include <stdlib.h>

#define METRIC "channel_switch_success.presumed"
#define TEXT_BYTES 280

static int64_t id_of(const struct explain_row *row, const char *column)
{
	for (size_t i = 0; i < row->id_n; i++)
		if (strcmp(row->ids[i].column, column) == 0 && row->ids[i].has)
			return row->ids[i].sequence;
	return 0;
}

static bool later(const struct page_example *a, const struct page_example *b)
{
	if (a->began != b->began)
		return a->began > b->began;
	return a->to_contact > b->to_contact;
}

/* Keeps the latest, the latest first. */
static void keep(struct page_cause *c, const struct page_example *one)
{
	size_t at = c->example_n;

	while (at > 0 && later(one, &c->examples[at - 1]))
		at--;
	if (at == PAGE_EXAMPLES)
		return;
	if (c->example_n < PAGE_EXAMPLES)
		c->example_n++;
	for (size_t i = c->example_n - 1; i > at; i--)
		c->examples[i] = c->examples[i - 1];
	c->examples[at] = *one;
}

static int take(void *ctx, const struct explain_row *row, struct buf *err)
{
	struct page_failures *f = ctx;
	struct page_example one = {.began = row->began,
		.from_contact = id_of(row, "from_contact"),
		.to_contact = id_of(row, "to_contact")};
	struct str who = row->who;

	(void)err;
	if (row->state != ROW_HIT && row->state != ROW_MISS)
		return 0;
	f->switches++;
	if (row->state == ROW_HIT)
		return 0;
	f->failed++;
	str_int((struct str){who.s + 1, who.len - 1}, &one.customer);
	for (size_t i = 0; i < f->n; i++) {
		if (!row->reasons[i])
			continue;
		f->v[i].n++;
		keep(&f->v[i], &one);
	}
	return 0;
}

/* ---- one example's story ---- */

struct record {
	int64_t time, order, seq;
	size_t at, len;
};

struct story {
	struct fold *fold;
	struct event ev;
	struct record *v;
	size_t n, cap;
	struct buf bodies;
};

static int add_record(void *ctx, const struct store_row *row, struct buf *err)
{
	struct story *t = ctx;
	enum event_fault fault;

	if (event_read(&t->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	fold_add(t->fold, &t->ev, row->seq, row->order);
	*VEC_ADD(t, v, n, cap) =
		(struct record){row->time, row->order, row->seq, t->bodies.len, row->body.len};
	buf_put(&t->bodies, row->body);
	return 0;
}

static int by_place(const void *pa, const void *pb)
{
	const struct record *a = pa, *b = pb;

	return EVENT_COMPARE(a, b);
}

static char *copy(struct str s)
{
	struct str cut = text_cut(s.s ? s : STR(""), PAGE_NAME);

	return mem_copy(cut.s, cut.len);
}

static int64_t characters(struct str s)
{
	int64_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.s[i] & 0xc0) != 0x80;
	return n;
}

/* Of a message its intent, of another record its type and, where words may be shown, why. */
static char *what_of(const struct event *ev, bool with_text)
{
	struct str type = event_attr(ev, ATTR_TYPE), reason = event_text(ev, DATA_REASON);
	struct buf out = BUF_INIT;

	if (str_is(type, "message"))
		return copy(event_text(ev, DATA_INTENT));
	buf_put(&out, text_cut(type, PAGE_NAME));
	if (reason.len && with_text) {
		buf_puts(&out, ": ");
		buf_put(&out, text_cut(reason, PAGE_NAME));
	}
	return buf_take(&out);
}

static void add_moment(struct page_example *e, const struct event *ev, bool with_text)
{
	struct page_moment *m = VEC_ADD(e, v, n, cap);
	struct str text = event_text(ev, DATA_TEXT), agent = event_text(ev, DATA_AGENT);
	struct str actor = event_attr(ev, ATTR_ACTOR), cut = text_cut(text, TEXT_BYTES);
	struct buf shown = BUF_INIT;

	m->time = ev->time;
	m->hers = str_is(actor, "customer");
	m->channel = copy(event_attr(ev, ATTR_CHANNEL));
	m->who = copy(with_text && agent.len && !m->hers ? agent : actor);
	m->what = what_of(ev, with_text);
	m->characters = characters(text);
	if (!with_text || !text.len)
		return;
	buf_put(&shown, cut);
	buf_puts(&shown, cut.len < text.len ? "\xe2\x80\xa6" : "");
	m->text = buf_take(&shown);
}

static int tell(struct story *t, struct page_example *e, bool with_text, struct buf *err)
{
	enum event_fault fault;

	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_place);
	fold_link(t->fold);
	for (size_t i = 0; i < t->n; i++) {
		size_t in = fold_contact_of(t->fold, t->v[i].seq);
		int64_t contact = in ? t->fold->contacts[in - 1].id : 0;

		if (!in || (contact != e->from_contact && contact != e->to_contact))
			continue;
		if (e->n == PAGE_MOMENTS) {
			e->more++;
			continue;
		}
		if (event_read(&t->ev, (struct str){t->bodies.s + t->v[i].at, t->v[i].len}, false,
			    &fault, err) < 0)
			return STORE_ERROR;
		add_moment(e, &t->ev, with_text);
	}
	return 0;
}

static int tell_one(
	struct story *t, const struct page_ask *ask, struct page_example *e, struct buf *err)
{
	struct person who = {0, 0};
	int status = store_person_by_customer(ask->store, e->customer, &who, err);

	t->n = 0;
	buf_clear(&t->bodies);
	fold_clear(t->fold, who.ident != 0);
	if (status == 0)
		status = store_person_events(ask->store, &who, 0, INT64_MAX, add_record, t, err);
	return status == 0 ? tell(t, e, ask->with_text, err) : status;
}

static int tell_all(struct page_failures *f, const struct page_ask *ask, struct buf *err)
{
	struct story t = {.fold = fold_new(ask->ontology), .bodies = BUF_INIT};
	int status = 0;

	event_init(&t.ev);
	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < f->v[i].example_n && status == 0; j++)
			status = tell_one(&t, ask, &f->v[i].examples[j], err);
	fold_free(t.fold);
	event_release(&t.ev);
	buf_release(&t.bodies);
	free(t.v);
	return status;
}

/* ---- all ---- */

static int by_number(const void *pa, const void *pb)
{
	const struct page_cause *a = pa, *b = pb;

	if (a->n != b->n)
		return a->n < b->n ? 1 : -1;
	return strcmp(a->name, b->name);
}

static int read_rows(struct page_failures *f, const struct page_ask *ask, const struct measure *m,
	const struct shape *shape, struct buf *err)
{
	const char **dimensions = NULL;
	struct measure_query q = asked_query(m, f->metric, shape, &dimensions);
	int status = explain_rows(store_handle(ask->store), &q, f->metric, false, take, f, err);

	free(dimensions);
	if (status == 0 && f->n)
		qsort(f->v, f->n, sizeof(*f->v), by_number);
	return status;
}

int failures_read(
	struct page_failures *f, const struct page_ask *ask, int64_t horizon, struct buf *err)
{
	struct measure m = {.horizon = horizon,
		.has_since = ask->has_since,
		.has_until = ask->has_until,
		.since = ask->since,
		.until = ask->until};
	struct shapes shapes = {0};
	struct buf missing = BUF_INIT;
	struct map known = MAP_INIT;
	const struct shape *shape;
	int status = 0;

	f->metric = choose_find(ask->metrics, STR(METRIC));
	if (!f->metric)
		return 0;
	f->n = f->metric->reasons.n;
	f->v = mem_zero(f->n + 1, sizeof(*f->v));
	for (size_t i = 0; i < f->n; i++)
		f->v[i].name = f->metric->reasons.v[i].name;
	shape = shapes_get(&shapes, store_handle(ask->store), f->metric->fact, err);
	status = shape ? measure_missing(
				 store_handle(ask->store), f->metric, shape, &known, &missing, err)
		       : -1;
	map_release(&known);
	if (status == 0 && missing.len)
		f->metric = NULL;
	else if (status == 0)
		status = read_rows(f, ask, &m, shape, err);
	shapes_release(&shapes);
	buf_release(&missing);
	return status == 0 ? tell_all(f, ask, err) : status;
}

void failures_release(struct page_failures *f)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < f->v[i].example_n; j++) {
			struct page_example *e = &f->v[i].examples[j];

			for (size_t k = 0; k < e->n; k++) {
				free(e->v[k].channel);
				free(e->v[k].who);
				free(e->v[k].what);
				free(e->v[k].text);
			}
			free(e->v);
		}
	free(f->v);
}
