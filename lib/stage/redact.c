#include "stage/redact.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/when.h"
#include "io/regex.h"
#include "stage/redact_part.h"

#include <stdlib.h>

#define NESTED 8 /* JSON within strings within JSON */

enum place_kind {
	PLACE_FREE,  /* anything; names of members say what their values are */
	PLACE_TEXT,  /* words; no member's name says anything */
	PLACE_WORD,  /* a word of the vocabulary, or a text */
	PLACE_AGENT, /* stays, but for what is the customer's */
	PLACE_NAME,  /* tells records and conversations apart: tokens, never masks */
	PLACE_LEFT,  /* not looked at */
};

/* Where a value stands. */
struct place {
	enum place_kind is;
	enum personal_kind kind; /* what it is said to be, or PERSONAL_KINDS */
	struct str key, parent;
};

struct redact {
	struct redact_options opt;
	const struct ontology *o;
	struct redact_text text;
	struct json_doc nested[NESTED];
	size_t depth;
	size_t at;	     /* of the texts of the record */
	bool changed, looks; /* looks: through the record for what is known, before it is written */
	struct buf region, scratch, line;
	struct pipe *pipe;
	uint64_t *count;
};

static const struct str none = {NULL, 0};

/* A company writes its orders as its ontology says. */
static int add_orders(struct redact *r, struct buf *err)
{
	const struct entity *e = ontology_entity(r->o, STR("order"));

	for (size_t i = 0; e && i < e->patterns.n; i++)
		if (personal_also(r->text.personal, PERSONAL_ORDER, e->patterns.v[i], err) < 0)
			return -1;
	return 0;
}

struct redact *redact_new(
	const struct ontology *o, const struct redact_options *options, struct buf *err)
{
	struct redact *r = mem_zero(1, sizeof(*r));
	unsigned char once[HASH_SIZE];

	r->opt = *options;
	r->o = o;
	for (int i = 0; i < NESTED; i++)
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
	r->text.personal = personal_new(err);
	if (r->text.personal && (!options->removes[PERSONAL_ORDER] || add_orders(r, err) == 0))
		return r;
	redact_free(r);
	return NULL;
}

void redact_free(struct redact *r)
{
	if (!r)
		return;
	redact_text_release(&r->text);
	for (int i = 0; i < NESTED; i++)
		json_release(&r->nested[i]);
	buf_release(&r->region);
	buf_release(&r->scratch);
	buf_release(&r->line);
	free(r);
}

/* ---- values that are said to be something ---- */

static bool removes(const struct redact *r, enum personal_kind kind)
{
	return kind < PERSONAL_KINDS && r->opt.removes[kind];
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] >= '0' && s.s[i] <= '9')
			return true;
	return false;
}

/* Lower case without blanks, as vocabularies have it, and too few digits to be a number of hers. */
static bool is_word(struct str s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len; i++) {
		bool digit = s.s[i] >= '0' && s.s[i] <= '9';

		if (!digit && !(s.s[i] >= 'a' && s.s[i] <= 'z') && !strchr("._:/-", s.s[i]))
			return false;
		digits += digit;
	}
	return digits < 7;
}

/* A name that is a number or an address is that. */
static enum personal_kind kind_of_name(struct str text)
{
	size_t digits = 0;

	for (size_t i = 0; i < text.len; i++)
		digits += text.s[i] >= '0' && text.s[i] <= '9';
	if (memchr(text.s, '@', text.len))
		return PERSONAL_EMAIL;
	return digits > 6 && digits * 2 > text.len ? PERSONAL_PHONE : PERSONAL_NAME;
}

/* Whether a value can be what its member's name says; *kind becomes what it is. */
static bool is_said(struct str text, enum personal_kind *kind)
{
	struct str s = str_trim(text);

	if (!s.len || redact_text_is_ours(s))
		return false;
	switch (*kind) {
	case PERSONAL_NAME:
		*kind = kind_of_name(s);
		return true;
	case PERSONAL_CUSTOMER:
		/* "customer" may hold her name, or a word about her. */
		if (!has_digit(s) && !is_word(s))
			*kind = kind_of_name(s);
		return has_digit(s) || !is_word(s);
	case PERSONAL_EMAIL:
		return memchr(s.s, '@', s.len);
	case PERSONAL_PHONE:
	case PERSONAL_CARD:
	case PERSONAL_IBAN:
	case PERSONAL_BIRTH_DATE:
	case PERSONAL_POSTAL_CODE:
	case PERSONAL_DOCUMENT:
		return has_digit(s);
	default:
		return true;
	}
}

static const struct personal_about *about(const struct redact *r)
{
	return &r->text.about;
}

static struct str normal_of(struct redact *r, enum personal_kind kind, struct str text)
{
	buf_clear(&r->scratch);
	personal_normal(&r->scratch, kind, text, about(r)->region);
	return buf_str(&r->scratch);
}

static void know(struct redact *r, enum personal_kind kind, struct str text)
{
	if (removes(r, kind))
		known_add(r->text.known, kind, text, normal_of(r, kind, text));
}

/* Appends what stands for a value, as a JSON string. */
static void put_whole(
	struct redact *r, enum personal_kind kind, struct str text, bool token, struct buf *out)
{
	struct str normal = normal_of(r, kind, text);

	buf_byte(out, '"');
	redact_text_put(&r->text, kind, normal, token, out);
	buf_byte(out, '"');
	r->changed = true;
}

/* ---- one value: looked at, then written ---- */

static void value(struct redact *r, const struct json *v, struct place p, struct buf *out);

static void put_raw(struct redact *r, struct str raw, struct buf *out)
{
	if (!r->looks)
		buf_put(out, raw);
}

/* BCP 47 and ISO 4217 have capitals. */
static bool is_tag(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.s[i] | 0x20) >= 'a' && (s.s[i] | 0x20) <= 'z') && s.s[i] != '-')
			return false;
	return s.len <= 3 || (s.len <= 11 && s.s[2] == '-');
}

static void text(struct redact *r, struct str s, bool tokens, struct str raw, struct buf *out)
{
	struct buf whole = BUF_INIT;

	if (r->looks) {
		redact_text_look(&r->text, s);
	} else if (redact_text_write(&r->text, r->at++, s, tokens, &whole)) {
		json_put_string(out, buf_str(&whole));
		r->changed = true;
	} else {
		buf_put(out, raw);
	}
	buf_release(&whole);
}

/* A string that is JSON itself is walked through as such. */
static bool nested(struct redact *r, const struct json *v, struct place p, struct buf *out)
{
	struct str s = str_trim(v->text);
	struct buf why = BUF_INIT, inside = BUF_INIT;
	bool before = r->changed, is;

	if (s.len < 2 || r->depth == NESTED || (s.s[0] != '{' && s.s[0] != '[' && s.s[0] != '"'))
		return false;
	is = json_parse(&r->nested[r->depth], s, false, &why) == 0;
	if (is) {
		r->changed = false;
		p.is = p.is == PLACE_TEXT ? PLACE_FREE : p.is;
		value(r, r->nested[r->depth++].v, p, &inside);
		r->depth--;
		if (!r->looks && r->changed)
			json_put_string(out, buf_str(&inside));
		else
			put_raw(r, v->raw, out);
		r->changed |= before;
	}
	buf_release(&why);
	buf_release(&inside);
	return is;
}

static void string(struct redact *r, const struct json *v, struct place p, struct buf *out)
{
	enum personal_kind kind = p.kind;
	int64_t ms;

	if (p.is == PLACE_LEFT || (p.is == PLACE_WORD && (is_word(v->text) || is_tag(v->text))) ||
		(p.is == PLACE_FREE && kind != PERSONAL_BIRTH_DATE && when_parse(v->text, &ms))) {
		put_raw(r, v->raw, out);
		return;
	}
	if (kind < PERSONAL_KINDS && is_said(v->text, &kind)) {
		if (r->opt.keeps[kind]) {
			put_raw(r, v->raw, out);
			return;
		}
		if (removes(r, kind)) {
			if (r->looks)
				know(r, kind, v->text);
			else
				put_whole(r, kind, v->text, false, out);
			return;
		}
	}
	if (!nested(r, v, p, out))
		text(r, v->text, p.is == PLACE_NAME, v->raw, out);
}

static bool is_integer(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] < '0' || s.s[i] > '9')
			return false;
	return s.len > 0;
}

/* A number goes where its member says what it is, where it proves it, or where it is known. */
static void number(struct redact *r, const struct json *v, struct place p, struct buf *out)
{
	enum personal_kind kind = p.kind;
	struct str normal;

	if (p.is != PLACE_FREE || kind >= PERSONAL_KINDS || !is_said(v->text, &kind))
		kind = PERSONAL_KINDS;
	if (p.is == PLACE_FREE && kind == PERSONAL_KINDS && is_integer(v->text))
		personal_proven(v->text, &kind);
	if (removes(r, kind)) {
		if (r->looks)
			know(r, kind, v->text);
		else
			put_whole(r, kind, v->text, false, out);
		return;
	}
	if (!r->looks && p.is == PLACE_FREE && !(kind < PERSONAL_KINDS && r->opt.keeps[kind]) &&
		redact_text_known(&r->text, v->text, &kind, &normal)) {
		buf_byte(out, '"');
		redact_text_put(&r->text, kind, normal, false, out);
		buf_byte(out, '"');
		r->changed = true;
		return;
	}
	put_raw(r, v->raw, out);
}

/* ---- members ---- */

/* Names given in place of others in an object: those that came to be alike stay apart. */
struct names {
	const struct json *of;
	struct map given; /* -> how many there are of it */
	bool attr;
};

static void put_apart(struct names *n, struct str name, struct buf *out)
{
	struct buf whole = BUF_INIT;
	int64_t count = map_slot(&n->given, name, NULL)->n;

	buf_put(&whole, name);
	while ((count && map_get(&n->given, buf_str(&whole))) || json_member(n->of, whole.s)) {
		count = count ? count + 1 : 2;
		buf_cut(&whole, name.len);
		buf_printf(&whole, "%s%lld", n->attr ? "" : " ", (long long)count);
	}
	map_slot(&n->given, buf_str(&whole), NULL)->n = 1;
	map_slot(&n->given, name, NULL)->n = count ? count : 1;
	json_put_string(out, buf_str(&whole));
	buf_release(&whole);
}

/* An attribute's name has room for letters and digits alone, and twenty of them. */
static void put_attr_name(struct names *n, struct str text, struct buf *out)
{
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < text.len && name.len < 16; i++)
		if ((text.s[i] >= 'a' && text.s[i] <= 'z') ||
			has_digit((struct str){text.s + i, 1}))
			buf_byte(&name, text.s[i]);
	buf_byte(&name, '0');
	put_apart(n, buf_str(&name), out);
	buf_release(&name);
}

static void member_name(struct redact *r, struct names *n, struct str key, struct buf *out)
{
	struct buf other = BUF_INIT;

	if (r->looks) {
		redact_text_look(&r->text, key);
	} else if (!redact_text_write(&r->text, r->at++, key, false, &other)) {
		json_put_string(out, key);
	} else {
		r->changed = true;
		if (n->attr)
			put_attr_name(n, buf_str(&other), out);
		else
			put_apart(n, buf_str(&other), out);
	}
	buf_release(&other);
}

/* What a member within something free is said to be; parts of an address are one. */
static struct place within(const struct json *m, struct place of)
{
	struct place p = {of.is, PERSONAL_KINDS, m->key, of.key};

	if (of.is == PLACE_FREE)
		p.kind = personal_member(m->key, of.key);
	if (p.kind == PERSONAL_KINDS && of.kind == PERSONAL_ADDRESS)
		p.kind = PERSONAL_ADDRESS;
	return p;
}

typedef void member_fn(struct redact *r, const struct json *of, const struct json *m,
	struct place p, struct buf *out);

/* An object whose members are told by `each`; those in `known_name` keep their names. */
static void object(struct redact *r, const struct json *v, struct place p, member_fn *each,
	int (*known_name)(struct str name), bool attr, struct buf *out)
{
	struct names n = {v, MAP_INIT, attr};
	bool first = true;

	if (!r->looks)
		buf_byte(out, '{');
	for
		JSON_EACH(m, v)
		{
			if (!r->looks && !first)
				buf_byte(out, ',');
			first = false;
			if (!known_name || known_name(m->key) < 0)
				member_name(r, &n, m->key, out);
			else if (!r->looks)
				json_put_string(out, m->key);
			if (!r->looks)
				buf_byte(out, ':');
			each(r, v, m, p, out);
		}
	if (!r->looks)
		buf_byte(out, '}');
	map_release(&n.given);
}

static void free_member(struct redact *r, const struct json *of, const struct json *m,
	struct place p, struct buf *out)
{
	(void)of;
	value(r, m, within(m, p), out);
}

static void array(struct redact *r, const struct json *v, struct place p, struct buf *out)
{
	bool first = true;

	if (!r->looks)
		buf_byte(out, '[');
	for
		JSON_EACH(e, v)
		{
			if (!r->looks && !first)
				buf_byte(out, ',');
			first = false;
			value(r, e, p, out);
		}
	if (!r->looks)
		buf_byte(out, ']');
}

static void value(struct redact *r, const struct json *v, struct place p, struct buf *out)
{
	switch (v->type) {
	case JSON_OBJECT:
		object(r, v, p, free_member, NULL, false, out);
		break;
	case JSON_ARRAY:
		array(r, v, p, out);
		break;
	case JSON_STRING:
		string(r, v, p, out);
		break;
	case JSON_NUMBER:
		number(r, v, p, out);
		break;
	default:
		put_raw(r, v->raw, out);
	}
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
	       removes(r, kind_of_identifier(kind));
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
		if (!r->looks && becomes_nobody(r, of))
			json_put_string(out, STR("placeholder"));
		else
			put_raw(r, m->raw, out);
	} else if (!str_is(m->key, "value")) {
		value(r, m, within(m, p), out);
	} else if (r->opt.keeps[k] || names_nobody(r, kind, m->text) ||
		   redact_text_is_ours(m->text)) {
		put_raw(r, m->raw, out);
	} else if (!removes(r, k)) {
		text(r, m->text, true, m->raw, out);
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
			object(r, e, p, identifier_member, identifier_name, false, out);
		}
	if (!r->looks)
		buf_byte(out, ']');
}

/* ---- the record ---- */

static enum place_kind place_of_data(enum event_data d)
{
	switch (d) {
	case DATA_AGENT:
		return PLACE_AGENT;
	case DATA_EVENT:
	case DATA_CASE:
		return PLACE_NAME;
	case DATA_TEXT:
	case DATA_RAW_TEXT:
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
		return PLACE_FREE;
	case DATA_DUE:
		return PLACE_LEFT;
	default:
		return PLACE_WORD;
	}
}

/* An agent's name may be a customer's as well: hers goes where it is said in full alone. */
static void agent(struct redact *r, const struct json *v, struct buf *out)
{
	enum personal_kind kind;
	struct str normal;

	if (v->type != JSON_STRING || redact_text_is_ours(v->text)) {
		put_raw(r, v->raw, out);
	} else if (removes(r, PERSONAL_AGENT)) {
		if (r->looks)
			know(r, PERSONAL_AGENT, v->text);
		else
			put_whole(r, PERSONAL_AGENT, v->text, true, out);
	} else if (!r->looks && redact_text_known(&r->text, v->text, &kind, &normal) &&
		   (kind != PERSONAL_NAME || memchr(v->text.s, ' ', v->text.len))) {
		r->changed = true;
		buf_byte(out, '"');
		redact_text_put(&r->text, kind, normal, true, out);
		buf_byte(out, '"');
	} else {
		put_raw(r, v->raw, out);
	}
}

static void data_member(struct redact *r, const struct json *of, const struct json *m,
	struct place p, struct buf *out)
{
	int d = event_data_of(m->key);

	(void)of;
	if (d < 0) {
		value(r, m, within(m, (struct place){PLACE_FREE, PERSONAL_KINDS, none, none}), out);
		return;
	}
	if (d == DATA_IDENTIFIERS && m->type == JSON_ARRAY) {
		identifiers(r, m, out);
		return;
	}
	if (d == DATA_AGENT) {
		agent(r, m, out);
		return;
	}
	p = (struct place){place_of_data((enum event_data)d), PERSONAL_KINDS, m->key, none};
	if (d == DATA_NAME)
		p.kind = PERSONAL_NAME;
	value(r, m, p, out);
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

static void attr_member(struct redact *r, const struct json *of, const struct json *m,
	struct place p, struct buf *out)
{
	int a = event_attr_of(m->key);
	enum personal_kind whole = kind_of_attr(a);

	if (str_is(m->key, "data")) {
		if (m->type == JSON_OBJECT)
			object(r, m, p, data_member, event_data_of, false, out);
		else
			put_raw(r, m->raw, out);
		return;
	}
	if (removes(r, whole) && m->type == JSON_STRING && !redact_text_is_ours(m->text) &&
		!(a == ATTR_CUSTOMER && names_nobody(r, STR("crm"), m->text))) {
		if (!r->looks)
			put_whole(r, whole, m->text, true, out);
		else if (whole == PERSONAL_CUSTOMER)
			know(r, whole, m->text);
		else
			known_add_whole(r->text.known, whole, m->text, m->text);
		return;
	}
	p = (struct place){place_of_attr(a), PERSONAL_KINDS, m->key, none};
	if (a < 0)
		p.kind = personal_member(m->key, none);
	(void)of;
	value(r, m, p, out);
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
	object(r, ev->root, p, attr_member, attr_name, true, out);
	if (known_full(r->text.known))
		return -1;
	r->looks = r->changed = false;
	r->at = 0;
	object(r, ev->root, p, attr_member, attr_name, true, out);
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
