/* From records, in the order of event time, to the lists of a bundle. */
#include "base/text.h"
#include "core/fold/bundle_internal.h"

#include <stdlib.h>

struct bundle *bundle_new(const struct ontology *o)
{
	struct bundle *b = mem_zero(1, sizeof(*b));

	b->ontology = o;
	b->fold = fold_new(o);
	event_init(&b->ev);
	buf_init(&b->bodies);
	buf_init(&b->texts);
	buf_init(&b->identifiers);
	buf_init(&b->summary);
	buf_init(&b->summary_error);
	return b;
}

void bundle_free(struct bundle *b)
{
	if (!b)
		return;
	fold_free(b->fold);
	event_release(&b->ev);
	buf_release(&b->bodies);
	buf_release(&b->texts);
	buf_release(&b->identifiers);
	buf_release(&b->summary);
	buf_release(&b->summary_error);
	free(b->records);
	free(b->speeches);
	free(b->entities);
	free(b->requests);
	map_release(&b->asked);
	free(b->promises);
	free(b->rulings);
	free(b->tried);
	free(b->agreed);
	free(b->signs);
	free(b);
}

/* What follows from the records, but not the records. */
static void clear_lists(struct bundle *b)
{
	buf_clear(&b->texts);
	memset(b->said, 0, sizeof(b->said));
	b->speech_n = b->entity_n = b->request_n = b->promise_n = b->ruling_n = b->tried_n =
		b->agreed_n = b->sign_n = b->unanswered = 0;
	map_release(&b->asked);
	b->mood = (struct mood){0, 0, 0, 0};
	b->version = 0;
	b->current = 0;
	b->intent = NULL;
	buf_clear(&b->summary);
	buf_clear(&b->summary_error);
	b->by_command = false;
}

void bundle_clear(struct bundle *b, int64_t customer, bool known)
{
	b->customer = customer;
	b->known = known;
	b->record_n = 0;
	buf_clear(&b->bodies);
	buf_clear(&b->identifiers);
	clear_lists(b);
}

void bundle_identifier(struct bundle *b, struct str kind, struct str scope, struct str value)
{
	struct buf *out = &b->identifiers;

	buf_puts(out, out->len ? ",{" : "{");
	json_put_key(out, "kind");
	json_put_string(out, kind);
	json_put_key(out, "value");
	json_put_string(out, value);
	if (scope.len) {
		json_put_key(out, "source");
		json_put_string(out, scope);
	}
	buf_byte(out, '}');
}

void bundle_add(struct bundle *b, int64_t seq, int64_t time, int64_t order, struct str body)
{
	struct kept *k = VEC_ADD(b, records, record_n, record_cap);

	*k = (struct kept){time, order, seq, b->bodies.len, body.len};
	buf_put(&b->bodies, body);
}

static struct piece keep(struct bundle *b, struct str s)
{
	struct piece p = {b->texts.len, s.len};

	buf_put(&b->texts, s);
	return p;
}

/* One line of it, no longer than what a summary can tell. */
static struct piece keep_line(struct bundle *b, struct str s)
{
	struct piece p = {b->texts.len, 0};

	bundle_line(&b->texts, text_cut(s, (size_t)2 * BUNDLE_SUMMARY));
	p.len = b->texts.len - p.at;
	return p;
}

static struct piece keep_raw(struct bundle *b, const struct json *v)
{
	return v ? keep(b, v->raw) : (struct piece){0, 0};
}

static bool same(const struct bundle *b, struct piece p, struct str s)
{
	return str_eq(bundle_text(b, p), s);
}

/* Who speaks in a record, and how. */
struct speaker {
	bool hers, ours, call, answered;
	int64_t answered_at;
};

static struct speaker speaker_of(const struct bundle *b, int64_t time)
{
	const struct event *ev = &b->ev;
	struct str type = event_attr(ev, ATTR_TYPE), direction = event_attr(ev, ATTR_DIRECTION),
		   actor = event_attr(ev, ATTR_ACTOR);
	bool said = str_is(type, "message") || str_is(type, "lead") || str_is(type, "visit");
	struct speaker s = {.call = str_is(type, "call")};
	double wait = 0;

	s.hers = str_is(direction, "in") && (s.call || (said && str_is(actor, "customer")));
	s.ours = (said || s.call) && str_is(direction, "out") &&
		 (str_is(actor, "agent") || str_is(actor, "bot"));
	s.answered = s.call && str_is(event_text(ev, DATA_REASON), "answered");
	if (s.answered && json_number(ev->data[DATA_WAIT], &wait) && wait > 0 && wait < 1e9)
		time += (int64_t)(wait * 1000 + 0.5);
	s.answered_at = time;
	return s;
}

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("+0123456789 -().", s.s[i]))
			return false;
	return true;
}

static void take_said(struct bundle *b)
{
	static const enum event_data members[BUNDLE_SAID] = {
		DATA_NAME, DATA_LANG, DATA_REGION, DATA_STAGE, DATA_AGENT};

	for (int i = 0; i < BUNDLE_SAID; i++) {
		struct str v = event_text(&b->ev, members[i]);

		/* A telephone number is not what somebody is called. */
		if (v.len && !(members[i] == DATA_NAME && is_number(v)))
			b->said[i] = keep(b, v);
	}
}

static bool for_service(const struct event *ev)
{
	struct str purpose = event_text(ev, DATA_PURPOSE);

	return !purpose.len || str_is(purpose, "service");
}

/* Whatever she asked by then is answered. */
static void answer(struct bundle *b, int64_t at)
{
	for (; b->unanswered < b->speech_n; b->unanswered++) {
		struct speech *s = &b->speeches[b->unanswered];

		if (s->hers && s->asks)
			s->answered = at;
	}
}

static void take_speech(struct bundle *b, size_t record, const struct speaker *who)
{
	const struct event *ev = &b->ev;
	const struct json *asks = ev->data[DATA_ASKS];
	struct str text = event_text(ev, DATA_TEXT), agent = event_text(ev, DATA_AGENT);
	struct speech *s;
	bool plain;

	if (!who->hers && !who->ours && !who->answered)
		return;
	s = VEC_ADD(b, speeches, speech_n, speech_cap);
	s->record = record;
	s->hers = who->hers;
	s->intent = ontology_intent(b->ontology, event_text(ev, DATA_INTENT));
	s->courtesy = s->intent && s->intent->courtesy;
	s->asks = (s->intent && s->intent->question) || text_asks(text);
	s->text = keep_line(b, text);
	s->who = keep(b, who->hers || !agent.len ? event_attr(ev, ATTR_ACTOR) : agent);
	plain = who->ours && !s->courtesy && !(asks && asks->count) && for_service(ev);
	if (who->call ? who->answered : plain)
		answer(b, who->answered_at);
}

static void take_mood(struct bundle *b)
{
	double n;

	if (!fold_sentiment(&b->ev, &n))
		return;
	if (!b->mood.n)
		b->mood.first = n;
	b->mood.last = n;
	b->mood.sum += n;
	b->mood.n++;
}

static void take_signs(struct bundle *b)
{
	const struct json *list = b->ev.data[DATA_SIGNALS];

	if (!list || list->type != JSON_ARRAY)
		return;
	for
		JSON_EACH(v, list)
		{
			struct sign *s = NULL;

			for (size_t i = 0; i < b->sign_n && !s; i++)
				if (same(b, b->signs[i].id, v->text))
					s = &b->signs[i];
			if (!s) {
				s = VEC_ADD(b, signs, sign_n, sign_cap);
				s->id = keep(b, v->text);
			}
			s->n++;
		}
}

/* What she gives is what we asked for before. */
static void give(struct bundle *b, struct str entity)
{
	union map_value *v = map_get(&b->asked, entity);

	while (v && v->n) {
		struct request *r = &b->requests[v->n - 1];

		r->given = b->ev.time;
		v->n = (int64_t)r->before;
	}
}

static void take_entities(struct bundle *b, size_t record, bool hers)
{
	const struct json *object = b->ev.data[DATA_ENTITIES];

	if (!object || object->type != JSON_OBJECT)
		return;
	for
		JSON_EACH(v, object)
		{
			struct named *n = VEC_ADD(b, entities, entity_n, entity_cap);

			*n = (struct named){record, hers, keep(b, v->key), keep(b, v->raw)};
			if (hers)
				give(b, v->key);
		}
}

static void take_asks(struct bundle *b, size_t record)
{
	const struct json *list = b->ev.data[DATA_ASKS];

	if (!list || list->type != JSON_ARRAY)
		return;
	for
		JSON_EACH(v, list)
		{
			struct request *r = VEC_ADD(b, requests, request_n, request_cap);

			union map_value *last = map_slot(&b->asked, v->text, NULL);

			*r = (struct request){record, keep(b, v->text), 0, (size_t)last->n};
			last->n = (int64_t)b->request_n;
		}
}

static void take_promise(struct bundle *b, size_t record)
{
	struct str agent = event_text(&b->ev, DATA_AGENT);
	struct promise *p = VEC_ADD(b, promises, promise_n, promise_cap);

	p->record = record;
	p->action = keep_line(b, event_text(&b->ev, DATA_ACTION));
	p->name = keep(b, event_text(&b->ev, DATA_ACTION));
	p->by = keep(b, agent.len ? agent : event_attr(&b->ev, ATTR_ACTOR));
	if (!when_parse(event_text(&b->ev, DATA_DUE), &p->due))
		p->due = 0;
}

/* The earliest promise of the action that is open; where that is overdue, the earliest due yet. */
static void keep_promise(struct bundle *b)
{
	struct promise *kept = NULL;

	for (size_t i = 0; i < b->promise_n; i++) {
		struct promise *p = &b->promises[i];

		if (p->kept || (kept && p->due < b->ev.time) ||
			!same(b, p->name, event_text(&b->ev, DATA_ACTION)))
			continue;
		kept = p;
		if (!p->due || p->due >= b->ev.time)
			break;
	}
	if (kept)
		kept->kept = b->ev.time;
}

static void take_ruling(struct bundle *b, size_t record)
{
	struct ruling *r = VEC_ADD(b, rulings, ruling_n, ruling_cap);

	r->record = record;
	r->action = keep(b, event_text(&b->ev, DATA_ACTION));
	r->verdict = keep(b, event_text(&b->ev, DATA_VERDICT));
	r->policies = keep_raw(b, b->ev.data[DATA_POLICIES]);
	r->amount = keep_raw(b, b->ev.data[DATA_AMOUNT]);
	r->currency = keep(b, event_text(&b->ev, DATA_CURRENCY));
}

static void take_consent(struct bundle *b, size_t record, bool granted)
{
	struct str channel = event_text(&b->ev, DATA_CHANNEL),
		   purpose = event_text(&b->ev, DATA_PURPOSE);
	struct agreed *a = NULL;

	for (size_t i = 0; i < b->agreed_n && !a; i++)
		if (same(b, b->agreed[i].channel, channel) &&
			same(b, b->agreed[i].purpose, purpose))
			a = &b->agreed[i];
	if (!a) {
		a = VEC_ADD(b, agreed, agreed_n, agreed_cap);
		a->channel = keep(b, channel);
		a->purpose = keep(b, purpose);
	}
	a->record = record;
	a->granted = granted;
}

static void take_act(struct bundle *b, size_t record, enum act act)
{
	struct str about = event_text(&b->ev, act == ACT_OFFER ? DATA_TEXT : DATA_REASON);
	struct tried *t = VEC_ADD(b, tried, tried_n, tried_cap);

	if (act == ACT_OFFER && !about.len)
		about = event_text(&b->ev, DATA_ACTION);
	*t = (struct tried){act, b->ev.time, record, keep_line(b, about)};
}

static void take_type(struct bundle *b, size_t record)
{
	struct str type = event_attr(&b->ev, ATTR_TYPE);

	if (str_is(type, "commitment.made"))
		take_promise(b, record);
	else if (str_is(type, "commitment.kept"))
		keep_promise(b);
	else if (str_is(type, "decision.made"))
		take_ruling(b, record);
	else if (str_is(type, "consent.granted") || str_is(type, "consent.revoked"))
		take_consent(b, record, str_is(type, "consent.granted"));
	else if (str_is(type, "offer.made"))
		take_act(b, record, ACT_OFFER);
	else if (str_is(type, "case.closed"))
		take_act(b, record, ACT_CLOSED);
	else if (str_is(type, "case.reopened"))
		take_act(b, record, ACT_REOPENED);
}

static int take(struct bundle *b, size_t record, struct buf *err)
{
	const struct kept *k = &b->records[record];
	enum event_fault fault;
	struct speaker who;

	if (event_read(&b->ev, (struct str){b->bodies.s + k->at, k->len}, false, &fault, err) < 0) {
		buf_printf(err, " (record %lld of the log)", (long long)k->seq);
		return -1;
	}
	fold_add(b->fold, &b->ev, k->seq, k->order);
	b->version = k->seq > b->version ? k->seq : b->version;
	who = speaker_of(b, k->time);
	take_said(b);
	take_speech(b, record, &who);
	if (who.hers) {
		take_mood(b);
		take_signs(b);
	}
	take_entities(b, record, who.hers);
	if (who.ours)
		take_asks(b, record);
	take_type(b, record);
	return 0;
}

static int compare(const void *pa, const void *pb)
{
	const struct kept *a = pa, *b = pb;

	return EVENT_COMPARE(a, b);
}

size_t bundle_contact(const struct bundle *b, size_t record)
{
	return b->fold->state->events[record].contact;
}

bool bundle_on_issue(const struct bundle *b, size_t record)
{
	const struct contact *all = b->fold->contacts;
	size_t c = bundle_contact(b, record);

	return c && b->current && all[c - 1].issue == all[b->current - 1].issue;
}

enum held bundle_held(const struct bundle *b, const struct named *n)
{
	const struct entity *e = ontology_entity(b->ontology, bundle_text(b, n->entity));
	const struct contact *all = b->fold->contacts;
	size_t c = bundle_contact(b, n->record);

	if (e && e->identity)
		return HELD_WHO;
	if (bundle_on_issue(b, n->record))
		return HELD_ISSUE;
	return c && b->current && fold_same_matter(&all[c - 1], &all[b->current - 1])
		       ? HELD_FAMILY
		       : HELD_ELSEWHERE;
}

const struct named *bundle_value(const struct bundle *b, struct str entity)
{
	const struct named *best = NULL;

	for (size_t i = b->entity_n; i > 0; i--) {
		const struct named *n = &b->entities[i - 1];

		if (same(b, n->entity, entity) &&
			(!best || bundle_held(b, n) > bundle_held(b, best)))
			best = n;
	}
	return best;
}

bool bundle_knows(const struct bundle *b, struct str entity)
{
	const struct named *n = bundle_value(b, entity);

	return n && bundle_held(b, n) > HELD_ELSEWHERE;
}

/* The record's own contact; else the one that ended last. */
static void find_current(struct bundle *b)
{
	const struct fold *f = b->fold;

	for (size_t i = b->record_n; b->place.seq && i > 0 && !b->current; i--)
		if (b->records[i - 1].seq == b->place.seq)
			b->current = bundle_contact(b, i - 1);
	for (size_t i = 0; i < f->contact_n && !b->place.seq; i++)
		if (!b->current || f->contacts[i].ended >= f->contacts[b->current - 1].ended)
			b->current = i + 1;
}

/* Her latest on the issue that wants something; else what the contact is counted as. */
static void find_intent(struct bundle *b)
{
	for (size_t i = b->speech_n; i > 0 && !b->intent; i--) {
		const struct speech *s = &b->speeches[i - 1];

		if (s->hers && s->intent && !s->courtesy && !s->intent->resolving &&
			bundle_on_issue(b, s->record))
			b->intent = s->intent;
	}
	if (!b->intent && b->current)
		b->intent = b->fold->contacts[b->current - 1].intent;
}

static int by_time(const void *pa, const void *pb)
{
	const struct tried *a = pa, *b = pb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->act != b->act)
		return a->act < b->act ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static void add_moves(struct bundle *b)
{
	const struct fold *f = b->fold;

	for (size_t i = 0; i < f->move_n; i++)
		*VEC_ADD(b, tried, tried_n, tried_cap) =
			(struct tried){ACT_MOVE, f->moves[i].at, i, {0, 0}};
	for (size_t i = 0; i < f->switch_n; i++)
		*VEC_ADD(b, tried, tried_n, tried_cap) = (struct tried){
			ACT_SWITCH, f->contacts[f->switches[i].to].started, i, {0, 0}};
	if (b->tried_n)
		qsort(b->tried, b->tried_n, sizeof(*b->tried), by_time);
}

int bundle_close(struct bundle *b, const struct bundle_place *at, struct buf *err)
{
	const struct kept end = {at->time, at->order, at->seq, 0, 0};

	clear_lists(b);
	b->place = *at;
	fold_clear(b->fold, b->known);
	if (b->record_n)
		qsort(b->records, b->record_n, sizeof(*b->records), compare);
	for (size_t i = 0; i < b->record_n; i++) {
		if (at->seq && compare(&b->records[i], &end) > 0) {
			b->record_n = i;
			break;
		}
		if (take(b, i, err) < 0)
			return -1;
	}
	if (at->now && !at->seq && b->record_n && b->records[b->record_n - 1].time > at->now)
		b->place.now = b->records[b->record_n - 1].time;
	fold_link(b->fold);
	find_current(b);
	find_intent(b);
	add_moves(b);
	bundle_find_next(b);
	bundle_sum_up(b);
	return 0;
}

const struct fold *bundle_fold(const struct bundle *b)
{
	return b->fold;
}

struct str bundle_said(const struct bundle *b, enum bundle_said what)
{
	return bundle_text(b, b->said[what]);
}

bool bundle_sentiment(const struct bundle *b, double *last)
{
	*last = b->mood.last;
	return b->mood.n > 0;
}

int64_t bundle_version(const struct bundle *b)
{
	return b->version;
}
