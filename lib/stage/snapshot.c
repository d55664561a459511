#include "stage/show.h"
#include "base/text.h"
#include "base/when.h"
#include "core/store/past.h"

#include <stdlib.h>

struct state {
	struct show *s;
	struct bundle *b;
	struct buf out;
};

static void put_time(struct buf *out, const char *key, int64_t ms)
{
	char text[WHEN_TEXT];

	when_format(ms, text);
	json_put_key(out, key);
	json_put_string(out, str_of(text));
}

static void put_text(struct buf *out, const char *key, struct str s)
{
	if (s.len)
		json_put_text(out, key, s);
}

static void put_said(struct buf *out, const struct bundle *b)
{
	double sentiment;

	put_text(out, "name", bundle_said(b, BUNDLE_NAME));
	put_text(out, "lang", bundle_said(b, BUNDLE_LANG));
	put_text(out, "region", bundle_said(b, BUNDLE_REGION));
	put_text(out, "stage", bundle_said(b, BUNDLE_STAGE));
	if (bundle_sentiment(b, &sentiment)) {
		json_put_key(out, "sentiment");
		json_put_number(out, sentiment);
	}
	put_text(out, "last_agent", bundle_said(b, BUNDLE_AGENT));
}

static void put_contacts(struct buf *out, const struct fold *f)
{
	const struct contact *last;

	json_put_key(out, "contacts");
	buf_int(out, (int64_t)f->contact_n);
	if (!f->contact_n)
		return;
	put_time(out, "first_contact", f->contacts[0].started);
	last = &f->contacts[f->contact_n - 1];
	json_put_key(out, "last_contact");
	buf_puts(out, "{");
	put_time(out, "started", last->started);
	put_time(out, "ended", last->ended);
	json_put_key(out, "channel");
	json_put_string(out, fold_text(f, last->channel));
	put_text(out, "family", fold_text(f, last->family));
	buf_byte(out, '}');
}

static void put_state(struct buf *out, const struct bundle *b, int64_t customer)
{
	static const struct {
		const char *key;
		enum bundle_part part;
	} parts[] = {{"open_issues", BUNDLE_ISSUES}, {"consents", BUNDLE_CONSENTS},
		{"commitments", BUNDLE_PROMISES}, {"decisions", BUNDLE_DECISIONS}};

	buf_printf(out, "{\"customer\":\"c%lld\",\"version\":%lld", (long long)customer,
		(long long)bundle_version(b));
	put_said(out, b);
	json_put_key(out, "identifiers");
	bundle_put(out, b, BUNDLE_IDENTIFIERS);
	put_contacts(out, bundle_fold(b));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		json_put_key(out, parts[i].key);
		bundle_put(out, b, parts[i].part);
	}
	buf_puts(out, "}\n");
}

/* ---- for people ---- */

/* Times in the zone; members of an object behind their names. */
static void put_plain(struct buf *out, const struct json *v)
{
	const char *between = "";
	int64_t ms;

	if (v->type >= JSON_ARRAY) {
		for
			JSON_EACH(one, v)
			{
				buf_puts(out, between);
				between = one->key.len ? "  " : ", ";
				text_plain(out, one->key);
				buf_puts(out, one->key.len ? " " : "");
				put_plain(out, one);
			}
	} else if (v->type == JSON_STRING && v->text.len >= 20 && when_parse(v->text, &ms)) {
		when_minute(out, ms);
	} else {
		text_plain(out, v->type == JSON_STRING ? v->text : v->raw);
	}
}

static void put_member(struct buf *out, struct str name, const struct json *v)
{
	buf_printf(out, "%-15.*s", (int)name.len, name.s);
	put_plain(out, v);
	buf_byte(out, '\n');
}

/* A member a line, and of a list of objects each. */
static int lay_out(const struct buf *state, struct buf *out, struct buf *err)
{
	struct json_doc doc = JSON_DOC_INIT;
	int status = json_parse(&doc, buf_str(state), false, err);

	for (const struct json *m = status == 0 ? json_first(doc.v) : NULL; m;
		m = json_after(doc.v, m)) {
		const struct json *one = m->type == JSON_ARRAY ? json_first(m) : NULL;

		if (m->type != JSON_ARRAY || (one && one->type != JSON_OBJECT))
			put_member(out, m->key, m);
		for (; one && one->type == JSON_OBJECT; one = json_after(m, one))
			put_member(out, one == json_first(m) ? m->key : STR(""), one);
	}
	json_release(&doc);
	return status < 0 ? STORE_ERROR : 0;
}

/* What is due is told by its time alone: a state that grew old with the log would change without a
 * record of hers. */
static int one(struct state *x, int64_t customer, struct buf *err)
{
	const struct bundle_place at = {.as_of = x->s->as_of};
	struct buf people = BUF_INIT;
	struct person who;
	int status = past_person(x->s->store, customer, x->s->as_of, &who, err);

	if (status == 0)
		status = journey_bundle(x->s->store, customer, &who, at, x->b, err);
	if (status < 0)
		return status;
	buf_clear(&x->out);
	put_state(&x->out, x->b, customer);
	if (!x->s->laid_out)
		return out_put(x->s->out, buf_str(&x->out), err);
	status = lay_out(&x->out, &people, err);
	if (status == 0)
		status = out_put(x->s->out, buf_str(&people), err);
	buf_release(&people);
	return status;
}

static int put_gone(struct state *x, int64_t customer, struct buf *err)
{
	buf_clear(&x->out);
	buf_printf(&x->out, "{\"customer\":\"c%lld\",\"gone\":true}\n", (long long)customer);
	return out_put(x->s->out, buf_str(&x->out), err);
}

static int some(struct state *x, const struct seqs *customers,
	int (*put)(struct state *, int64_t, struct buf *), struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < customers->n && status == 0; i++)
		if (!x->s->customer || customers->v[i] == x->s->customer)
			status = put(x, customers->v[i], err);
	return status;
}

static int put_all(struct state *x, struct buf *err)
{
	struct seqs customers = {NULL, 0, 0}, gone = {NULL, 0, 0};
	struct show *s = x->s;
	int status;

	if (s->changed >= 0)
		status = past_changed(s->store, s->changed, s->as_of, &customers, &gone, err);
	else
		status = past_customers(s->store, s->as_of, &customers, err);
	if (status == 0)
		status = some(x, &gone, put_gone, err);
	if (status == 0)
		status = some(x, &customers, one, err);
	free(customers.v);
	free(gone.v);
	return status;
}

int show_snapshot(struct show *s, struct buf *err)
{
	struct state x = {.s = s, .b = bundle_new(s->ontology), .out = BUF_INIT};
	int status = store_read_begin(s->store, err);

	if (status == 0)
		status = s->customer && s->changed < 0 ? one(&x, s->customer, err)
						       : put_all(&x, err);
	store_read_end(s->store);
	bundle_free(x.b);
	buf_release(&x.out);
	return status;
}
