/* What can be made of a record alone. */
#include "core/store/batch_part.h"
#include "base/fnv.h"
#include "base/mem.h"
#include "core/store/erase.h"
#include "core/store/pack.h"

#define LINE 64	       /* bytes of memory that are fetched together */
#define WAY_AHEAD 1024 /* bytes behind the text so far */
#define WAY_TEXT 640   /* bytes: about what a record takes */

static struct span keep(struct batch *b, struct str s)
{
	struct span kept = {(uint32_t)b->text.len, (uint32_t)s.len};

	buf_put(&b->text, s);
	return kept;
}

/* b->part holds the shape's text, which is spoilt. */
static uint32_t take_shape(struct batch *b, const struct event *ev, bool fitted)
{
	const struct str parts[SHAPE_PARTS] = {{NULL, 0}, event_attr(ev, ATTR_SOURCE),
		event_attr(ev, ATTR_TYPE), event_attr(ev, ATTR_CHANNEL),
		event_attr(ev, ATTR_DIRECTION), event_attr(ev, ATTR_ACTOR)};
	union map_value *v;
	bool fresh;

	/* A shape with holes says the others; where all is one hole they are told apart here. */
	for (int i = 1; !fitted && i < SHAPE_PARTS; i++) {
		buf_byte(&b->part, '\0');
		buf_put(&b->part, parts[i]);
	}
	v = map_slot(&b->shapes, buf_str(&b->part), &fresh);
	if (fresh) {
		struct shape *sh = VEC_ADD(b, shape, shape_n, shape_cap);

		sh->key = digest(&b->digester, &(struct str){b->part.s, b->part.len}, 1);
		sh->parts[0] = keep(b, (struct str){b->part.s, fitted ? b->part.len : 1});
		for (int i = 1; i < SHAPE_PARTS; i++)
			sh->parts[i] = keep(b, parts[i]);
		v->n = (int64_t)b->shape_n - 1;
	}
	return (uint32_t)v->n;
}

/* The same customer number in two systems is two people, unless its kind names a shared key space
 * (crm:NAME); a record about another system's says whose. */
struct str batch_scope(const struct json *identifier, struct str source)
{
	const struct json *scope = json_member(identifier, "scope");

	if (!str_is(json_member(identifier, "kind")->text, "crm"))
		return STR("");
	return scope && scope->text.len ? scope->text : source;
}

struct cache_key batch_name_key(
	struct store *s, struct str kind, struct str scope, struct str value)
{
	return store_digest(s, (struct str[]){kind, scope, value}, 3);
}

/* Where what is called so may stand. */
static struct recent *recent(struct recent *all, struct str a, struct str b)
{
	uint64_t h = fnv_add(fnv_add(FNV_START, a), b);
	struct recent *r = &all[(h ^ h >> 32) & (RECENT - 1)];

	__builtin_prefetch(r, 1);
	return r;
}

static bool is_recent(const struct batch *b, const struct asked *a, int n)
{
	const struct recent *r = a->at;
	bool is = r->batch == b->number;

	for (int i = n; i > 0 && is; i--)
		is = str_eq(batch_text(b, r->parts[i - 1]), a->parts[i - 1]);
	return is;
}

/* What stands there is fetched, or what will be asked for in its place. */
static void approach(struct batch *b, struct asked *a, const struct groups *g, int n)
{
	a->digested = a->at->batch != b->number;
	if (a->digested) {
		a->key = digest(&b->digester, a->parts, (size_t)n);
		groups_expect(g, a->key);
		return;
	}
	for (int i = 0; i < n; i++)
		__builtin_prefetch(batch_text(b, a->at->parts[i]).s);
}

static struct cache_key key_of(struct batch *b, const struct asked *a, int n)
{
	return a->digested ? a->key : digest(&b->digester, a->parts, (size_t)n);
}

bool batch_nobody(const struct batch *b, struct name *n)
{
	struct str kind = batch_text(b, n->kind);

	if (n->is != NOT_ASKED)
		return n->is == NOBODY;
	if (str_is(kind, "placeholder") ||
		ontology_placeholder(b->ontology, kind, batch_text(b, n->value)))
		n->is = NOBODY;
	else
		n->is = SOMEBODY;
	return n->is == NOBODY;
}

static uint32_t add_name(struct batch *b, const struct asked *a)
{
	bool fresh = false;
	uint32_t place = groups_place(&b->idents, key_of(b, a, 3), &fresh);
	struct name *n;

	if (!fresh)
		return place;
	b->idents.v[place].find = digest(&b->digester, &a->parts[2], 1).a;
	b->idents.v[place].at = place;
	n = VEC_ADD(b, name, name_n, name_cap);
	n->rank = 0;
	n->is = NOT_ASKED;
	n->kind = keep(b, a->parts[0]);
	n->scope = keep(b, a->parts[1]);
	n->value = keep(b, a->parts[2]);
	return place;
}

static void take_name(struct batch *b, const struct asked *a)
{
	if (!is_recent(b, a, 3)) {
		uint32_t place = add_name(b, a);
		const struct name *n = &b->name[place];

		*a->at = (struct recent){b->number, place, {n->kind, n->scope, n->value}};
	}
	*VEC_ADD(b, named, named_n, named_cap) = a->at->place;
}

static void ask_name(struct batch *b, struct str kind, struct str value, struct str scope)
{
	if (kind.len && value.len)
		*VEC_ADD(b, asked, asked_n, asked_cap) = (struct asked){
			{kind, scope, value}, recent(b->recent_idents, kind, value), false, {0}};
}

enum said batch_said(struct str type)
{
	return str_is(type, "identity.linked")	   ? SAID_LINKED
	       : str_is(type, "identity.unlinked") ? SAID_APART
						   : SAID_SEEN;
}

static void ask_names(struct batch *b, const struct event *ev)
{
	b->asked_n = 0;
	for
		JSON_EACH(v, ev->data[DATA_IDENTIFIERS])
		{
			ask_name(b, json_member(v, "kind")->text, json_member(v, "value")->text,
				batch_scope(v, event_attr(ev, ATTR_SOURCE)));
		}
}

static void take_names(struct batch *b, const struct event *ev, struct taken *t)
{
	t->said = batch_said(event_attr(ev, ATTR_TYPE));
	t->names = (uint32_t)b->named_n;
	for (size_t i = 0; i < b->asked_n; i++)
		take_name(b, &b->asked[i]);
	t->names_n = (uint32_t)b->named_n - t->names;
}

/* A control character comes in no name that a record gives. */
void batch_lone_session(struct buf *out, struct str id, const struct cache_key *key)
{
	buf_puts(out, key ? "\x1f" : "\x1f#");
	if (key)
		hash_hex(out, (const unsigned char *)key, sizeof(*key));
	else
		buf_put(out, id);
}

/* Records without a session: of whom they name, a session of their own; else each is one. */
static struct str lone_session(struct batch *b, const struct event *ev, const struct taken *t)
{
	const struct cache_key *who = NULL;

	for (size_t i = t->names; i < b->named_n && !who; i++)
		who = batch_nobody(b, &b->name[b->named[i]]) ? NULL : &b->idents.v[b->named[i]].key;
	buf_clear(&b->part);
	batch_lone_session(&b->part, event_attr(ev, ATTR_ID), who);
	return buf_str(&b->part);
}

static void ask_session(struct batch *b, struct str source, struct str session, struct asked *a)
{
	*a = (struct asked){
		{source, session}, recent(b->recent_sessions, source, session), false, {0}};
}

static void take_session(struct batch *b, const struct asked *a, struct taken *t)
{
	struct group *g;
	bool fresh = false;

	if (is_recent(b, a, 2)) {
		t->group = a->at->place;
		t->session = a->at->parts[1];
		return;
	}
	t->group = groups_place(&b->sessions, key_of(b, a, 2), &fresh);
	g = &b->sessions.v[t->group];
	if (fresh) {
		g->find = g->key.a;
		g->at = (uint32_t)(t - b->v);
	}
	t->session = fresh ? keep(b, a->parts[1]) : b->v[g->at].session;
	*a->at = (struct recent){b->number, t->group, {t->source, t->session}};
}

static void take_times(const struct event *ev, struct taken *t)
{
	double seconds = 0;

	t->time = t->end = ev->time;
	if (ev->data[DATA_ORDER])
		str_int(ev->data[DATA_ORDER]->raw, &t->order);
	if (json_number(ev->data[DATA_DURATION], &seconds) && seconds > 0 && seconds < 1e7)
		t->end += (int64_t)(seconds * 1000);
}

/* The record with what the log adds itself taken off; ev where there is nothing of it. */
static const struct event *own_record(struct batch *b, const struct event *ev, struct buf *err)
{
	enum event_fault fault;

	if (!ev->attr[ATTR_CUSTOMER] && !ev->attr[ATTR_SEQUENCE] && !ev->attr[ATTR_RECORDEDTIME])
		return ev;
	buf_clear(&b->body);
	store_body(&b->body, ev);
	return event_read(&b->own, buf_str(&b->body), false, &fault, err) < 0 ? NULL : &b->own;
}

/* Has the memory fetched that records to come will fill. */
static void make_way(const struct batch *b)
{
	size_t at = b->text.len + WAY_AHEAD;

	for (size_t i = at; i < at + WAY_TEXT && i < b->text.cap; i += LINE)
		__builtin_prefetch(b->text.s + i, 1);
	for (size_t i = 0; i < sizeof(*b->v) && b->n + 3 < b->cap; i += LINE)
		__builtin_prefetch((const char *)&b->v[b->n + 2] + i, 1);
}

/* What a record is called by is looked for while the rest of it is taken up. */
int batch_take(struct batch *b, const struct event *line, struct buf *err)
{
	const struct event *ev = own_record(b, line, err);
	struct asked session = {.at = NULL};
	struct taken *t;
	struct str parts[2];
	bool fitted;

	if (!ev)
		return -1;
	make_way(b);
	t = VEC_ADD(b, v, n, cap);
	parts[0] = event_attr(ev, ATTR_SOURCE);
	parts[1] = event_attr(ev, ATTR_ID);
	ask_names(b, ev);
	if (ev->attr[ATTR_SESSION])
		ask_session(b, parts[0], event_attr(ev, ATTR_SESSION), &session);
	t->body = keep(b, str_trim(ev->line));
	t->line = ev == line ? t->body : keep(b, line->line);
	t->source = keep(b, parts[0]);
	t->id = keep(b, parts[1]);
	t->note = erase_note(event_attr(ev, ATTR_TYPE), event_attr(ev, ATTR_SOURCE));
	/* An erased record on its way back is told by what is left of it. */
	if (!erase_key(ev, &t->key))
		t->key = digest(&b->digester, parts, 2);
	for (size_t i = 0; i < b->asked_n; i++)
		approach(b, &b->asked[i], &b->idents, 3);
	if (session.at)
		approach(b, &session, &b->sessions, 2);
	take_times(ev, t);
	buf_clear(&b->part);
	t->data.at = (uint32_t)b->text.len;
	fitted = pack(ev, &b->part, &b->text);
	t->data.len = (uint32_t)b->text.len - t->data.at;
	t->shape = take_shape(b, ev, fitted);
	take_names(b, ev, t);
	if (!session.at)
		ask_session(b, parts[0], lone_session(b, ev, t), &session);
	take_session(b, &session, t);
	return 0;
}

void batch_seal(struct batch *b)
{
	b->order = mem_resize(b->order, b->n * sizeof(*b->order));
	b->keys = mem_resize(b->keys, b->n * sizeof(*b->keys));
	for (size_t i = 0; i < b->n; i++)
		b->order[i] = (struct run_entry){batch_index_key(&b->v[i]), (int64_t)i};
	order_sort(b->order, b->n);
	for (size_t i = 0; i < b->n; i++)
		b->keys[i] = b->order[i].key;
	groups_sort(&b->idents);
	groups_sort(&b->sessions);
	/* Each may become a labelled record. */
	b->salts = mem_resize(b->salts, 2 * b->n * SALT_SIZE);
	random_bytes(b->salts, b->n * SALT_SIZE);
}
