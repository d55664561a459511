#include "stage/show.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdlib.h>

/* The latest of what records say about a customer, by event time. */
struct latest {
	struct buf value; /* raw JSON */
	int64_t time, seq;
};

struct consent {
	struct latest state;
	struct buf key; /* channel, purpose */
};

enum field {
	FIELD_NAME,
	FIELD_LANG,
	FIELD_REGION,
	FIELD_STAGE,
	FIELD_SENTIMENT,
	FIELD_AGENT,
	FIELD_COUNT
};

struct state {
	struct show *s;
	struct fold *fold;
	struct event ev;
	struct latest fields[FIELD_COUNT];
	struct consent *consents;
	size_t consent_n, consent_cap;
	int64_t version;
	struct buf out;
};

static void take(struct latest *l, const struct store_row *row, struct str raw)
{
	if (!raw.len || (l->value.len && (row->time < l->time ||
						 (row->time == l->time && row->seq < l->seq))))
		return;
	buf_clear(&l->value);
	buf_put(&l->value, raw);
	l->time = row->time;
	l->seq = row->seq;
}

static void take_consent(struct state *x, const struct store_row *row, bool granted)
{
	struct str channel = event_text(&x->ev, DATA_CHANNEL),
		   purpose = event_text(&x->ev, DATA_PURPOSE);
	struct buf key = BUF_INIT;
	struct consent *c = NULL;

	buf_puts(&key, "\"channel\":");
	json_put_string(&key, channel);
	buf_puts(&key, ",\"purpose\":");
	json_put_string(&key, purpose);
	for (size_t i = 0; i < x->consent_n && !c; i++)
		if (str_eq(buf_str(&x->consents[i].key), buf_str(&key)))
			c = &x->consents[i];
	if (!c) {
		c = VEC_ADD(x, consents, consent_n, consent_cap);
		buf_init(&c->state.value);
		buf_init(&c->key);
		buf_put(&c->key, buf_str(&key));
	}
	take(&c->state, row, granted ? STR("true") : STR("false"));
	buf_release(&key);
}

static int see(void *ctx, const struct store_row *row, struct buf *err)
{
	static const enum event_data members[FIELD_COUNT] = {
		DATA_NAME, DATA_LANG, DATA_REGION, DATA_STAGE, DATA_SENTIMENT, DATA_AGENT};
	struct state *x = ctx;
	enum event_fault fault;
	struct str type;

	if (event_read(&x->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	fold_add(x->fold, &x->ev, row->seq, row->order);
	x->version = row->seq > x->version ? row->seq : x->version;
	for (int i = 0; i < FIELD_COUNT; i++)
		if (x->ev.data[members[i]])
			take(&x->fields[i], row, x->ev.data[members[i]]->raw);
	type = event_attr(&x->ev, ATTR_TYPE);
	if (str_is(type, "consent.granted") || str_is(type, "consent.revoked"))
		take_consent(x, row, str_is(type, "consent.granted"));
	return 0;
}

static int put_identifier(void *ctx, const struct identifier *i, struct buf *err)
{
	struct buf *out = ctx;

	(void)err;
	buf_puts(out, out->s[out->len - 1] == '[' ? "{" : ",{");
	json_put_key(out, "kind");
	json_put_string(out, i->kind);
	json_put_key(out, "value");
	json_put_string(out, i->value);
	if (i->scope.len) {
		json_put_key(out, "source");
		json_put_string(out, i->scope);
	}
	buf_byte(out, '}');
	return 0;
}

static void put_time(struct buf *out, const char *key, int64_t ms)
{
	char text[WHEN_TEXT];

	when_format(ms, text);
	json_put_key(out, key);
	json_put_string(out, str_of(text));
}

static void put_issues(struct state *x)
{
	struct buf *out = &x->out;

	json_put_key(out, "open_issues");
	buf_byte(out, '[');
	for (size_t i = 0; i < x->fold->issue_n; i++) {
		const struct issue *is = &x->fold->issues[i];

		if (!is->open)
			continue;
		buf_puts(out, out->s[out->len - 1] == '[' ? "{" : ",{");
		json_put_key(out, "issue");
		buf_int(out, x->fold->contacts[is->first].id);
		if (is->family) {
			json_put_key(out, "family");
			json_put_string(out, fold_text(x->fold, is->family));
		}
		if (is->case_id) {
			json_put_key(out, "case");
			json_put_string(out, fold_text(x->fold, is->case_id));
		}
		put_time(out, "started", is->started);
		json_put_key(out, "contacts");
		buf_int(out, is->contacts);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static void put_contacts(struct state *x)
{
	const struct fold *f = x->fold;
	const struct contact *last;

	json_put_key(&x->out, "contacts");
	buf_int(&x->out, (int64_t)f->contact_n);
	if (!f->contact_n)
		return;
	put_time(&x->out, "first_contact", f->contacts[0].started);
	last = &f->contacts[f->contact_n - 1];
	json_put_key(&x->out, "last_contact");
	buf_puts(&x->out, "{");
	put_time(&x->out, "started", last->started);
	put_time(&x->out, "ended", last->ended);
	json_put_key(&x->out, "channel");
	json_put_string(&x->out, fold_text(f, last->channel));
	if (last->family) {
		json_put_key(&x->out, "family");
		json_put_string(&x->out, fold_text(f, last->family));
	}
	buf_byte(&x->out, '}');
}

static int put_state(struct state *x, int64_t customer, const struct person *who, struct buf *err)
{
	static const char *const names[FIELD_COUNT] = {
		"name", "lang", "region", "stage", "sentiment", "last_agent"};
	struct buf *out = &x->out;
	int status;

	buf_clear(out);
	buf_printf(out, "{\"customer\":\"c%lld\",\"version\":%lld", (long long)customer,
		(long long)x->version);
	for (int i = 0; i < FIELD_COUNT; i++)
		if (x->fields[i].value.len) {
			json_put_key(out, names[i]);
			buf_put(out, buf_str(&x->fields[i].value));
		}
	json_put_key(out, "identifiers");
	buf_byte(out, '[');
	status = store_person_identifiers(x->s->store, who, put_identifier, out, err);
	buf_byte(out, ']');
	put_contacts(x);
	put_issues(x);
	json_put_key(out, "consents");
	buf_byte(out, '[');
	for (size_t i = 0; i < x->consent_n; i++)
		buf_printf(out, "%s{%s,\"granted\":%s}", i ? "," : "", x->consents[i].key.s,
			x->consents[i].state.value.s);
	buf_puts(out, "]}\n");
	return status < 0 ? status : out_put(x->s->out, buf_str(out), err);
}

static void clear(struct state *x)
{
	x->version = 0;
	for (int i = 0; i < FIELD_COUNT; i++)
		buf_clear(&x->fields[i].value);
	for (size_t i = 0; i < x->consent_n; i++) {
		buf_release(&x->consents[i].state.value);
		buf_release(&x->consents[i].key);
	}
	x->consent_n = 0;
}

static int one(struct state *x, int64_t customer, struct buf *err)
{
	struct person who;
	int status = store_person_by_customer(x->s->store, customer, &who, err);

	if (status < 0)
		return status;
	clear(x);
	fold_clear(x->fold, who.ident != 0);
	status = store_person_events(x->s->store, &who, 0, INT64_MAX, see, x, err);
	if (status < 0)
		return status;
	fold_link(x->fold);
	return put_state(x, customer, &who, err);
}

int show_snapshot(struct show *s, struct buf *err)
{
	struct state x = {.s = s, .out = BUF_INIT};
	int64_t customers[256], after = 0;
	size_t got = 0;
	int status;

	event_init(&x.ev);
	for (int i = 0; i < FIELD_COUNT; i++)
		buf_init(&x.fields[i].value);
	x.fold = fold_new(s->ontology);
	status = store_read_begin(s->store, err);
	if (status == 0 && s->customer)
		status = one(&x, s->customer, err);
	while (status == 0 && !s->customer) {
		status = facts_customers(s->store, after, customers, 256, &got, err);
		for (size_t i = 0; i < got && status == 0; i++)
			status = one(&x, customers[i], err);
		if (!got)
			break;
		after = customers[got - 1];
	}
	store_read_end(s->store);
	clear(&x);
	for (int i = 0; i < FIELD_COUNT; i++)
		buf_release(&x.fields[i].value);
	free(x.consents);
	fold_free(x.fold);
	event_release(&x.ev);
	buf_release(&x.out);
	return status;
}
