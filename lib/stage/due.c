#include "stage/due.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/draft.h"
#include "core/journey.h"
#include "core/store/find.h"
#include "core/store/past.h"

#include <stdlib.h>

#define STALLED (48 * WHEN_HOUR)    /* as stalled_lead_rate has it */
#define UNANSWERED (24 * WHEN_HOUR) /* a follow-up comes within as much */

struct run {
	struct due *d;
	struct fold *fold;
	struct event ev;
	struct draft draft;
	struct hash *hash;
	struct buf body, record, id;
};

/* Something that came to be: about the record at seq, since when, what it is told with. */
struct matter {
	const char *type;
	int64_t seq, since, at;
};

static void set_id(struct run *x, const struct matter *m)
{
	unsigned char digest[HASH_SIZE];

	hash_begin(x->hash);
	hash_add_part(x->hash, str_of(m->type));
	hash_add_part(x->hash, event_attr(&x->ev, ATTR_SOURCE));
	hash_add_part(x->hash, event_attr(&x->ev, ATTR_ID));
	hash_add(x->hash, &m->since, sizeof(m->since));
	hash_end(x->hash, digest);
	buf_clear(&x->id);
	buf_puts(&x->id, "due-");
	hash_hex(&x->id, digest, 16);
}

/* It belongs to the conversation of what it is about. */
static void fill(struct run *x, const struct matter *m)
{
	static const enum event_attr same[] = {ATTR_SOURCE, ATTR_SESSION, ATTR_CHANNEL};
	static const enum event_data told[] = {DATA_CASE, DATA_ACTION, DATA_AMOUNT, DATA_CURRENCY,
		DATA_DUE, DATA_AGENT, DATA_LANG, DATA_REGION, DATA_INTENT, DATA_STAGE};
	struct draft *d = &x->draft;
	char since[WHEN_TEXT];
	struct buf why = BUF_INIT;

	draft_clear(d);
	draft_attr(d, ATTR_ID, buf_str(&x->id));
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		draft_attr(d, same[i], event_attr(&x->ev, same[i]));
	draft_attr(d, ATTR_TYPE, str_of(m->type));
	draft_attr(d, ATTR_DIRECTION, STR("internal"));
	draft_attr(d, ATTR_ACTOR, STR("system"));
	d->time = m->at;
	if (!event_attr(&x->ev, ATTR_SESSION).len && x->ev.data[DATA_IDENTIFIERS])
		draft_raw(d, DATA_IDENTIFIERS, x->ev.data[DATA_IDENTIFIERS]->raw);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (x->ev.data[told[i]])
			draft_raw(d, told[i], x->ev.data[told[i]]->raw);
	when_format(m->since, since);
	buf_printf(&why, "since %s", since);
	draft_text(d, DATA_REASON, buf_str(&why));
	draft_text(d, DATA_EVENT, event_attr(&x->ev, ATTR_ID));
	buf_release(&why);
}

static int tell(struct run *x, struct matter m, struct buf *err)
{
	struct due *d = x->d;
	enum event_fault fault;
	struct store_row row;
	int64_t seq = 0;
	int status;

	if (m.at > d->at || (d->has_since && m.at <= d->since))
		return 0;
	status = store_row(d->store, m.seq, INT64_MAX, &row, &x->body, err);
	if (status < 0 || row.erased)
		return status;
	if (event_read(&x->ev, buf_str(&x->body), false, &fault, err) < 0)
		return STORE_ERROR;
	set_id(x, &m);
	status = store_find(d->store, event_attr(&x->ev, ATTR_SOURCE), buf_str(&x->id), &seq, err);
	if (status < 0)
		return status;
	if (seq) {
		d->known++;
		return 0;
	}
	fill(x, &m);
	buf_clear(&x->record);
	draft_write(&x->record, &x->draft);
	d->written++;
	return out_record(d->out, buf_str(&x->record), err);
}

static int leads(struct run *x, struct buf *err)
{
	const struct fold *f = x->fold;
	int status = 0;

	for (size_t i = 0; i < f->opportunity_n && status == 0; i++) {
		const struct opportunity *o = &f->opportunities[i];
		const struct issue *is = &f->issues[o->issue];

		if (f->known && o->she_waits)
			status = tell(x,
				(struct matter){"lead.stalled", f->contacts[is->last].id,
					o->she_waits, o->she_waits + STALLED + 1},
				err);
	}
	return status;
}

/* Of n silences the first that was not over when she began to wait; n: none. */
static size_t silence_of(const struct silence *v, size_t n, int64_t waiting)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (v[mid].until <= waiting)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Several contacts may be one silence of ours: it is told by her first word in it, whatever she
 * says later. */
static int contacts(struct run *x, struct buf *err)
{
	const struct fold *f = x->fold;
	struct silence *v;
	size_t n = fold_silences(f, &v);
	int status = 0;

	for (size_t i = 0; i < f->contact_n && status == 0; i++) {
		const struct contact *c = &f->contacts[i];
		size_t at;

		if (!c->hers || c->last_word != WORD_HERS || c->followed)
			continue;
		at = silence_of(v, n, c->waiting);
		if (at == n || v[at].since > c->ended || !v[at].seq)
			continue;
		status = tell(x,
			(struct matter){"contact.unanswered", v[at].seq, v[at].since,
				v[at].since + UNANSWERED + 1},
			err);
		v[at].seq = 0; /* it is told */
	}
	free(v);
	return status;
}

static int commitments(struct run *x, struct buf *err)
{
	const struct fold *f = x->fold;
	int64_t now = x->d->at;
	int status = 0;

	for (size_t i = 0; i < f->commitment_n && status == 0; i++) {
		const struct commitment *c = &f->commitments[i];

		if (!c->due || c->kept)
			continue;
		if (c->due < now)
			status = tell(x,
				(struct matter){"commitment.overdue", c->id, c->due, c->due + 1},
				err);
		else
			status = tell(x,
				(struct matter){"commitment.due", c->id, c->at,
					c->due - x->d->ahead > c->at ? c->due - x->d->ahead
								     : c->at},
				err);
	}
	return status;
}

static int one(struct run *x, int64_t customer, struct buf *err)
{
	struct person who;
	int status = past_person(x->d->store, customer, INT64_MAX, &who, err);

	if (status < 0 || (!who.ident && !who.session))
		return status;
	fold_clear(x->fold, who.ident != 0);
	status = journey_load(x->d->store, &who, 0, INT64_MAX, x->fold, &x->ev, err);
	if (status < 0)
		return status;
	fold_until(x->fold, x->d->at, INT64_MAX, INT64_MAX);
	fold_link(x->fold);
	status = leads(x, err);
	if (status == 0)
		status = contacts(x, err);
	return status < 0 ? status : commitments(x, err);
}

int due(struct due *d, struct buf *err)
{
	struct run x = {.d = d, .body = BUF_INIT, .record = BUF_INIT, .id = BUF_INIT};
	struct seqs customers = {NULL, 0, 0};
	int status = store_read_begin(d->store, err);

	x.fold = fold_new(d->ontology);
	x.hash = hash_new();
	event_init(&x.ev);
	draft_init(&x.draft);
	if (status == 0)
		status = past_customers(d->store, INT64_MAX, &customers, err);
	for (size_t i = 0; i < customers.n && status == 0; i++)
		status = one(&x, customers.v[i], err);
	store_read_end(d->store);
	free(customers.v);
	fold_free(x.fold);
	hash_free(x.hash);
	event_release(&x.ev);
	draft_release(&x.draft);
	buf_release(&x.body);
	buf_release(&x.record);
	buf_release(&x.id);
	return status;
}
