#include "stage/redact.h"
#include "base/mem.h"
#include "stage/redact_part.h"

#include <stdlib.h>

static const struct str none = {NULL, 0};

struct redact *redact_new(
	const struct ontology *o, const struct redact_options *options, struct buf *err)
{
	struct redact *r = mem_zero(1, sizeof(*r));
	unsigned char once[HASH_SIZE];

	r->opt = *options;
	r->o = o;
	for (int i = 0; i < REDACT_NESTED; i++)
		r->nested[i] = (struct json_doc)JSON_DOC_INIT;
	buf_init(&r->region);
	buf_init(&r->scratch);
	buf_init(&r->line);
	redact_text_init(&r->text);
	r->text.opt = &r->opt;
	r->text.keyed = options->key.len > 0;
	random_bytes(once, sizeof(once));
	r->text.mac = mac_new(
		options->key.len ? options->key : (struct str){(const char *)once, sizeof(once)});
	r->text.about.agents = options->removes[PERSONAL_AGENT];
	if (redact_text_start(&r->text, o, err) == 0)
		return r;
	redact_free(r);
	return NULL;
}

void redact_free(struct redact *r)
{
	if (!r)
		return;
	redact_text_release(&r->text);
	for (int i = 0; i < REDACT_NESTED; i++)
		json_release(&r->nested[i]);
	buf_release(&r->region);
	buf_release(&r->scratch);
	buf_release(&r->line);
	free(r);
}

/* ---- identifiers ---- */

static enum personal_kind kind_of_identifier(struct str kind)
{
	const char *colon = memchr(kind.s, ':', kind.len);
	struct str family = {kind.s, colon ? (size_t)(colon - kind.s) : kind.len};
	enum personal_kind k = personal_kind(family);

	if (k == PERSONAL_PHONE || k == PERSONAL_EMAIL || k == PERSONAL_HANDLE ||
		k == PERSONAL_DEVICE || k == PERSONAL_NAME)
		return k;
	return PERSONAL_CUSTOMER;
}

/* One that names nobody, or somebody who was erased. */
static bool names_nobody(const struct redact *r, struct str kind, struct str value_text)
{
	return str_is(kind, "placeholder") || str_is(kind, "erased") ||
	       ontology_placeholder(r->o, kind, value_text);
}

/* Without a key all would be one person: a masked value names nobody. */
static bool becomes_nobody(const struct redact *r, const struct json *identifier)
{
	struct str kind = json_member(identifier, "kind")->text,
		   said = json_member(identifier, "value")->text;

	return !r->text.keyed && !names_nobody(r, kind, said) && !redact_text_is_ours(said) &&
	       redact_removes(r, kind_of_identifier(kind));
}

/* The normal form of what the source says, not of what it may mean: the same everywhere. */
static struct str identifier_normal(struct redact *r, enum personal_kind kind, struct str said)
{
	buf_clear(&r->scratch);
	personal_normal(&r->scratch, kind, said, NULL);
	return buf_str(&r->scratch);
}

static void identifier_member(struct redact *r, const struct json *of, const struct json *m,
	struct place p, struct buf *out)
{
	struct str kind = json_member(of, "kind")->text;
	enum personal_kind k = kind_of_identifier(kind);

	if (str_is(m->key, "kind")) {
		if (!becomes_nobody(r, of))
			redact_value(
				r, m, (struct place){PLACE_WORD, PERSONAL_KINDS, none, none}, out);
		else if (!r->looks)
			json_put_string(out, STR("placeholder"));
	} else if (!str_is(m->key, "value")) {
		redact_value(r, m, redact_within(r, m, p), out);
	} else if (r->opt.keeps[k] || redact_text_is_ours(m->text) ||
		   (names_nobody(r, kind, m->text) && !str_is(kind, "placeholder"))) {
		redact_raw(r, m->raw, out);
	} else if (!redact_removes(r, k) || str_is(kind, "placeholder")) {
		redact_string(r, m->text, true, m->raw, out);
	} else if (r->looks) {
		known_add(r->text.known, k, m->text, identifier_normal(r, k, m->text));
	} else {
		struct str normal = identifier_normal(r, k, m->text);

		buf_byte(out, '"');
		redact_text_put(&r->text, k, normal, false, out);
		buf_byte(out, '"');
		r->changed = true;
	}
}

static int identifier_name(struct str name)
{
	return str_is(name, "kind") || str_is(name, "value") || str_is(name, "scope") ? 0 : -1;
}

static void identifiers(struct redact *r, const struct json *list, struct buf *out)
{
	struct place p = {PLACE_FREE, PERSONAL_KINDS, STR("identifier"), none};
	bool first = true;

	if (!r->looks)
		buf_byte(out, '[');
	for
		JSON_EACH(e, list)
		{
			if (!r->looks && !first)
				buf_byte(out, ',');
			first = false;
			redact_object(r, e, p, identifier_member, identifier_name, false, out);
		}
	if (!r->looks)
		buf_byte(out, ']');
}

/* ---- the record ---- */

static enum place_kind place_of_data(enum event_data d)
{
	switch (d) {
	case DATA_EVENT:
	case DATA_CASE:
		return PLACE_NAME;
	case DATA_TEXT:
	case DATA_RAW_TEXT:
	case DATA_AGENT:
	case DATA_SUBJECT:
	case DATA_NAME:
	case DATA_FROM:
	case DATA_TO:
	case DATA_QUEUE:
	case DATA_ORIGIN:
		return PLACE_TEXT;
	case DATA_ENTITIES:
	case DATA_CONTEXT:
	case DATA_INPUTS:
	case DATA_EXT:
	case DATA_DUE:
		return PLACE_FREE;
	default:
		return PLACE_WORD;
	}
}

/* An agent's name may be a customer's as well: hers goes where it is said in full alone. */
static void agent(struct redact *r, const struct json *v, struct buf *out)
{
	enum personal_kind kind;
	struct str normal;

	if (redact_text_is_ours(v->text)) {
		redact_raw(r, v->raw, out);
	} else if (redact_removes(r, PERSONAL_AGENT)) {
		if (r->looks)
			redact_know(r, PERSONAL_AGENT, v->text);
		else
			redact_whole(r, PERSONAL_AGENT, v->text, true, out);
	} else if (!r->looks && redact_text_known(&r->text, v->text, 0, &kind, &normal) &&
		   (kind != PERSONAL_NAME || memchr(v->text.s, ' ', v->text.len))) {
		r->changed = true;
		buf_byte(out, '"');
		redact_text_put(&r->text, kind, normal, true, out);
		buf_byte(out, '"');
	} else {
		redact_raw(r, v->raw, out);
	}
}

/* What names a record or a conversation as a whole; false where it is not to be removed. */
static bool whole_name(
	struct redact *r, enum personal_kind kind, const struct json *v, struct buf *out)
{
	if (!redact_removes(r, kind) || v->type != JSON_STRING || redact_text_is_ours(v->text))
		return false;
	if (r->looks)
		known_add_whole(r->text.known, kind, v->text, v->text);
	else
		redact_whole(r, kind, v->text, true, out);
	return true;
}

/* What refers to another record or a conversation has the token that the other one has. */
static bool refers(struct redact *r, int d, const struct json *v, struct buf *out)
{
	return (d == DATA_EVENT && whole_name(r, PERSONAL_ID, v, out)) ||
	       (d == DATA_CASE && whole_name(r, PERSONAL_SESSION, v, out));
}

static void data_member(struct redact *r, const struct json *of, const struct json *m,
	struct place p, struct buf *out)
{
	int d = event_data_of(m->key);

	(void)of;
	if (d < 0) {
		redact_value(r, m,
			redact_within(r, m, (struct place){PLACE_FREE, PERSONAL_KINDS, none, none}),
			out);
		return;
	}
	if (d == DATA_IDENTIFIERS && m->type == JSON_ARRAY) {
		identifiers(r, m, out);
		return;
	}
	if (d == DATA_AGENT && m->type == JSON_STRING) {
		agent(r, m, out);
		return;
	}
	if (refers(r, d, m, out))
		return;
	p = (struct place){place_of_data((enum event_data)d), PERSONAL_KINDS, m->key, none};
	if (d == DATA_NAME)
		p.kind = PERSONAL_NAME;
	if (d == DATA_AGENT)
		p.kind = PERSONAL_AGENT;
	redact_value(r, m, p, out);
}

static enum place_kind place_of_attr(int a)
{
	switch (a) {
	case ATTR_SPECVERSION:
	case ATTR_TIME:
	case ATTR_SEQUENCE:
		return PLACE_LEFT;
	case ATTR_TYPE:
	case ATTR_CHANNEL:
	case ATTR_DIRECTION:
	case ATTR_ACTOR:
		return PLACE_WORD;
	case ATTR_ID:
	case ATTR_SOURCE:
	case ATTR_SESSION:
		return PLACE_NAME;
	default:
		return PLACE_FREE;
	}
}

/* The attributes that name something, as wholes. */
static enum personal_kind kind_of_attr(int a)
{
	return a == ATTR_ID	    ? PERSONAL_ID
	       : a == ATTR_SESSION  ? PERSONAL_SESSION
	       : a == ATTR_CUSTOMER ? PERSONAL_CUSTOMER
				    : PERSONAL_KINDS;
}

static bool customer(struct redact *r, const struct json *v, struct buf *out)
{
	if (!redact_removes(r, PERSONAL_CUSTOMER) || v->type != JSON_STRING ||
		redact_text_is_ours(v->text) || names_nobody(r, STR("crm"), v->text))
		return false;
	if (r->looks)
		redact_know(r, PERSONAL_CUSTOMER, v->text);
	else
		redact_whole(r, PERSONAL_CUSTOMER, v->text, true, out);
	return true;
}

static void attr_member(struct redact *r, const struct json *of, const struct json *m,
	struct place p, struct buf *out)
{
	int a = event_attr_of(m->key);
	enum personal_kind whole = kind_of_attr(a);

	if (str_is(m->key, "data")) {
		if (m->type == JSON_OBJECT)
			redact_object(r, m, p, data_member, event_data_of, false, out);
		else
			redact_raw(r, m->raw, out);
		return;
	}
	if (whole == PERSONAL_CUSTOMER) {
		if (customer(r, m, out))
			return;
	} else if (whole_name(r, whole, m, out)) {
		return;
	}
	p = (struct place){place_of_attr(a), PERSONAL_KINDS, m->key, none};
	if (a < 0)
		p.kind = personal_member(r->text.personal, m->key, none);
	(void)of;
	r->text.names_whole = a == ATTR_SOURCE;
	redact_value(r, m, p, out);
	r->text.names_whole = false;
}

static int attr_name(struct str name)
{
	return str_is(name, "data") ? 0 : event_attr_of(name);
}

/* The country of national numbers: the record's own, or that of a number in it. */
static const char *region_of(struct redact *r, const struct event *ev)
{
	struct str said = event_text(ev, DATA_REGION);

	if (said.len != 2)
		return r->opt.region;
	buf_clear(&r->region);
	buf_put(&r->region, said);
	return r->region.s;
}

int redact_event(struct redact *r, const struct event *ev, struct buf *out)
{
	struct place p = {PLACE_FREE, PERSONAL_KINDS, none, none};
	size_t before = out->len;

	redact_text_clear(&r->text);
	r->text.about.region = region_of(r, ev);
	r->text.about.ours = str_is(event_attr(ev, ATTR_DIRECTION), "out");
	r->looks = true;
	redact_object(r, ev->root, p, attr_member, attr_name, true, out);
	if (known_full(r->text.known))
		return -1;
	r->looks = r->changed = false;
	r->at = 0;
	redact_object(r, ev->root, p, attr_member, attr_name, true, out);
	if (!r->changed) {
		buf_cut(out, before);
		event_write(out, ev, NULL, 0);
	}
	return 0;
}

static int each(void *ctx, struct event *ev, struct buf *err)
{
	struct redact *r = ctx;

	buf_clear(&r->line);
	if (redact_event(r, ev, &r->line) < 0) {
		buf_puts(err, "it holds more values than are looked for");
		r->pipe->fault = FAULT_RECORD;
		return PIPE_REFUSE;
	}
	*r->count += r->changed;
	return pipe_put(r->pipe, buf_str(&r->line), err);
}

int redact_run(struct redact *r, struct pipe *p, char *const *paths, size_t n, uint64_t *changed,
	struct buf *err)
{
	*changed = 0;
	r->pipe = p;
	r->count = changed;
	return pipe_run(p, paths, n, each, r, err);
}
