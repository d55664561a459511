/* Cutting events into contacts, and the moves within them. */
#include "core/fold/internal.h"

static struct str bytes(const int32_t *key, size_t n)
{
	return (struct str){(const char *)key, n * sizeof(*key)};
}

/* ---- who the log had joined, by event time ---- */

static int32_t human_of(struct fold *f, int32_t name)
{
	struct fold_state *s = f->state;
	union map_value *v = map_slot(&s->people, bytes(&name, 1), NULL);

	if (!v->n) {
		(void)VEC_ADD(s, humans, human_n, human_cap);
		v->n = (int64_t)s->human_n;
	}
	return (int32_t)v->n;
}

static int32_t root_at(const struct fold *f, int32_t h, int64_t t)
{
	const struct human *all = f->state->humans;

	while (all[h - 1].parent && all[h - 1].joined <= t)
		h = all[h - 1].parent;
	return h;
}

bool fold_joined(const struct fold *f, int32_t a, int32_t b, int64_t t)
{
	return a && b && root_at(f, a, t) == root_at(f, b, t);
}

void fold_people(struct fold *f, const struct fold_event *e)
{
	const int32_t *names;
	struct place *p;

	if (!e->people_n)
		return;
	names = &f->state->named[e->people];
	for (size_t i = 1; i < e->people_n; i++) {
		int32_t a = root_at(f, human_of(f, names[0]), INT64_MAX);
		int32_t b = root_at(f, human_of(f, names[i]), INT64_MAX);

		if (a != b && e->kind != KIND_UNLINKED)
			f->state->humans[b - 1] = (struct human){a, e->time};
	}
	p = fold_place(f, e->source, e->session);
	if (!p->named)
		*p = (struct place){human_of(f, names[0]), e->time};
}

struct place *fold_place(struct fold *f, int32_t source, int32_t session)
{
	struct fold_state *s = f->state;
	int32_t key[2] = {source, session};
	union map_value *v = map_slot(&s->place_of, bytes(key, 2), NULL);

	if (!v->n) {
		(void)VEC_ADD(s, places, place_n, place_cap);
		v->n = (int64_t)s->place_n;
	}
	return &s->places[v->n - 1];
}

/* ---- contacts ---- */

static bool is_hers(const struct fold_event *e)
{
	return e->in && e->actor == ACTOR_CUSTOMER;
}

bool fold_ours(const struct fold_event *e)
{
	return e->out && (e->actor == ACTOR_AGENT || e->actor == ACTOR_BOT);
}

static bool makes_contact(const struct fold_event *e)
{
	switch (e->kind) {
	case KIND_MESSAGE:
	case KIND_LEAD:
		return is_hers(e) || fold_ours(e);
	case KIND_CALL:
		return e->in || (e->out && e->answered);
	case KIND_VISIT:
		return e->intent != NULL;
	default:
		return false;
	}
}

static bool is_courtesy(const struct fold_event *e)
{
	return is_hers(e) && e->kind == KIND_MESSAGE && e->intent && e->intent->courtesy;
}

/* The latest contact of a key: (source, session, channel), or (source, session) where channel is
 * -1. */
static union map_value *latest(struct fold *f, int32_t source, int32_t session, int32_t channel)
{
	int32_t key[3] = {source, session, channel};

	return map_slot(&f->state->contact_of, bytes(key, 3), NULL);
}

static int64_t gap_of(const struct fold *f, const struct contact *c)
{
	int64_t gap = f->ontology->classes[c->class].gap;
	bool waits = c->last_word == WORD_OURS && c->last_asks;

	return waits && f->ontology->request_gap > gap ? f->ontology->request_gap : gap;
}

static bool joins(const struct fold *f, const struct contact *c, const struct fold_event *e)
{
	bool hers = !fold_ours(e) && !e->out;

	if (!hers && c->last_word == WORD_HERS)
		return true; /* an answer, however late */
	if (hers && c->closed_last && !c->open_close)
		return false;
	return e->time - c->ended <= gap_of(f, c);
}

static struct contact *begin(struct fold *f, const struct fold_event *e)
{
	struct contact *c = VEC_ADD(f, contacts, contact_n, contact_cap);
	size_t number = f->contact_n;

	f->state->related = false;
	c->id = e->seq;
	c->source = e->source;
	c->session = e->session;
	c->place = (size_t)(fold_place(f, e->source, e->session) - f->state->places);
	c->channel = e->channel;
	c->class = (size_t)(ontology_class(f->ontology, fold_text(f, e->channel)) -
			    f->ontology->classes);
	c->hers = !e->out;
	c->started = c->ended = e->time;
	c->first = f->state->done;
	latest(f, e->source, e->session, e->channel)->n = (int64_t)number;
	latest(f, e->source, e->session, -1)->n = (int64_t)number;
	return c;
}

/* Of her records. */
static void take_feelings(struct contact *c, const struct fold_event *e)
{
	c->signals |= e->signals;
	if (!e->feels)
		return;
	c->felt_first = c->felt ? c->felt_first : e->sentiment;
	c->felt_last = e->sentiment;
	c->felt_sum += e->sentiment;
	c->felt++;
}

/* What was known by then: exact here where all links are; else they are made anew. */
static void take_asks(struct fold *f, struct contact *c, const struct fold_event *e)
{
	uint64_t asks = fold_asks(e);

	fold_say(f, e);
	c->asked |= asks;
	c->asked_known |= (asks & (c->given | c->known_before)) != 0;
}

static void take_labels(struct fold *f, struct contact *c, const struct fold_event *e)
{
	const struct intent *i = e->intent;

	c->events++;
	c->assumed += e->assumed;
	if (!c->case_id && e->case_id) {
		c->case_id = e->case_id;
		f->state->related = false;
	}
	if (e->lang && !c->lang)
		c->lang = e->lang;
	if (e->region && !c->region)
		c->region = e->region;
	if (e->stage)
		c->stage = e->stage;
	if (!c->named && e->people_n) {
		c->named = human_of(f, f->state->named[e->people]);
		c->named_at = e->time;
	}
	c->given |= e->entities;
	if (e->in && e->actor == ACTOR_CUSTOMER)
		take_feelings(c, e);
	/* The first intent that is no courtesy; one with a family is preferred to one without. */
	if (i && !i->courtesy && !e->out && (!c->intent || (!c->intent->family && i->family))) {
		c->intent = i;
		f->state->related = false;
		if (i->family) {
			c->family = pool_put(f, str_of(i->family));
			c->inherited = false;
		}
	}
}

static void note_close(struct fold *f, size_t contact, int64_t at, bool open)
{
	struct contact *c = &f->contacts[contact - 1];
	struct close *k = VEC_ADD(f->state, closes, close_n, close_cap);

	*k = (struct close){contact - 1, f->state->done, at, open};
	f->state->related = false;
	c->open_close = open;
	if (open) {
		if (!c->reopened)
			c->reopened = at;
		return;
	}
	if (!c->closed)
		c->closed = at;
	c->closed_last = at;
}

static void earlier(int64_t *slot, int64_t at)
{
	if (!*slot || at < *slot)
		*slot = at;
}

/* Our first answers to a contact of hers: a call is answered after it began, and others may have
 * spoken meanwhile. */
static void answer(struct contact *c, int64_t at, bool human, bool plain)
{
	if (!c->hers || !c->first_in || at < c->first_in)
		return;
	earlier(&c->answered_any, at);
	if (human)
		earlier(&c->answered_human, at);
	if (plain)
		earlier(&c->answered_plain, at);
}

/* All that wait are answered at `at`. A call of ours answers later than it begins: who waits for it
 * may be answered before. */
static void answer_waiting(struct fold *f, enum waiting_kind kind, int64_t at)
{
	struct waiting *w = &f->state->waiting[kind];
	int64_t now = f->state->events[f->state->done].time;

	if (w->ringing && now >= w->until) {
		memmove(w->v, w->v + w->ringing, (w->n - w->ringing) * sizeof(*w->v));
		w->n -= w->ringing;
		w->ringing = 0;
	}
	for (size_t i = 0; i < w->n; i++)
		answer(&f->contacts[w->v[i]], at, kind == WAITING_HUMAN, kind == WAITING_PLAIN);
	w->ringing = at > now ? w->n : 0;
	w->until = at;
	if (!w->ringing)
		w->n = 0;
}

/* Words of ours answer this contact, and where we began it every earlier one of hers that waits for
 * such an answer. */
static void answers(struct fold *f, size_t contact, int64_t at, bool human, bool plain)
{
	const bool kinds[WAITING_COUNT] = {
		[WAITING_ANY] = true, [WAITING_HUMAN] = human, [WAITING_PLAIN] = plain};

	struct contact *c = &f->contacts[contact - 1];

	if (c->hers) {
		answer(c, at, human, plain);
		if (c->first_in && at >= c->first_in)
			earlier(&c->own_answer, at);
		return;
	}
	for (int k = 0; k < WAITING_COUNT; k++)
		if (kinds[k])
			answer_waiting(f, (enum waiting_kind)k, at);
}

/* Her first word in a contact that she began: it waits for an answer. */
static void first_word(struct fold *f, size_t contact, int64_t at)
{
	struct contact *c = &f->contacts[contact - 1];

	if (c->first_in)
		return;
	c->first_in = at;
	/* It may be her first on the issue, which is open from then on. */
	f->state->related &= c->hers;
	for (int k = 0; c->hers && k < WAITING_COUNT; k++)
		*VEC_ADD(&f->state->waiting[k], v, n, cap) = contact - 1;
}

static void our_word(struct fold *f, size_t contact, const struct fold_event *e)
{
	struct contact *c = &f->contacts[contact - 1];
	bool human = e->actor == ACTOR_AGENT;
	bool plain = !e->asks && !(e->intent && e->intent->courtesy);

	c->our_words++;
	c->handled = true;
	c->human |= human;
	c->bot |= !human;
	c->agent = e->agent ? e->agent : c->agent;
	c->spoke = c->spoke ? c->spoke : e->time;
	fold_turn(f, (struct turn){.contact = contact - 1,
			     .number = f->state->done,
			     .at = e->time,
			     .who = human ? TURN_PERSON : TURN_BOT,
			     .agent = e->agent});
	if (e->service)
		answers(f, contact, e->time, human, plain);
}

/* A call record: her ringing or ours, and the answer within it. */
static void call(struct fold *f, size_t contact, const struct fold_event *e)
{
	struct contact *c = &f->contacts[contact - 1];
	int64_t at = fold_said_at(e);
	bool human = e->actor != ACTOR_BOT;

	if (e->in) {
		c->her_words++;
		c->outcome = e->reason;
		first_word(f, contact, e->time);
	}
	if (!e->answered) {
		if (e->in)
			c->abandoned = e->reason;
		return;
	}
	c->wait_unknown |= e->in && !e->has_wait && !c->spoke;
	c->our_words++;
	c->handled = true;
	c->human |= human;
	c->bot |= !human;
	c->agent = e->agent ? e->agent : c->agent;
	c->spoke = c->spoke ? c->spoke : at;
	if (e->agent)
		fold_turn(f, (struct turn){.contact = contact - 1,
				     .number = f->state->done,
				     .at = at,
				     .who = human ? TURN_PERSON : TURN_BOT,
				     .agent = e->agent});
	answers(f, contact, at, human, true);
}

static void her_word(struct fold *f, size_t contact, const struct fold_event *e)
{
	struct contact *c = &f->contacts[contact - 1];

	c->her_words++;
	first_word(f, contact, e->time);
	if (e->intent && e->intent->resolving)
		note_close(f, contact, e->time, false);
}

static void say(struct fold *f, size_t contact, const struct fold_event *e)
{
	struct contact *c;
	int64_t end = e->time + (e->kind == KIND_CALL ? e->duration : 0);

	if (e->kind == KIND_CALL)
		call(f, contact, e);
	else if (fold_ours(e))
		our_word(f, contact, e);
	else
		her_word(f, contact, e);
	c = &f->contacts[contact - 1];
	c->ended = end > c->ended ? end : c->ended;
	c->last = f->state->done;
	/* An answered call ends with a word of ours; one that is not, with hers. */
	c->last_word = fold_ours(e) || e->out || (e->kind == KIND_CALL && e->answered) ? WORD_OURS
										       : WORD_HERS;
	/* What a caller asked is no question of ours, though the call ends with our word. */
	c->last_asks = c->last_word == WORD_OURS && !e->in && e->asks_something;
	if (c->last_word == WORD_OURS)
		c->waiting = 0;
	else if (!c->waiting)
		c->waiting = e->time;
}

/* A record that makes no contact: to its session's current contact, else to the last one of its
 * case. */
static size_t attach_to(struct fold *f, const struct fold_event *e)
{
	size_t at = (size_t)latest(f, e->source, e->session, -1)->n;

	for (size_t i = f->contact_n; !at && e->case_id && i > 0; i--)
		if (f->contacts[i - 1].case_id == e->case_id)
			at = i;
	return at;
}

static void record(struct fold *f, size_t contact, const struct fold_event *e)
{
	enum move_kind kind = e->kind == KIND_ESCALATED ? MOVE_ESCALATION
			      : e->kind == KIND_HANDOFF ? MOVE_HANDOFF
							: MOVE_TRANSFER;

	if (e->kind == KIND_HANDOFF)
		f->state->extras[e->extra - 1].intent = f->contacts[contact - 1].intent;
	switch (e->kind) {
	case KIND_CLOSED:
	case KIND_ORDER:
		note_close(f, contact, e->time, false);
		break;
	case KIND_REOPENED:
		note_close(f, contact, e->time, true);
		break;
	case KIND_ABANDONED:
		f->contacts[contact - 1].gave_up = true;
		break;
	case KIND_ASSIGNED:
		if (!e->from)
			break;
		/* fallthrough */
	case KIND_ESCALATED:
	case KIND_HANDOFF:
	case KIND_TRANSFERRED:
		fold_turn(f, (struct turn){contact - 1, f->state->done, e->time, TURN_RECORD, 0,
				     kind, e->reason, e->from, e->to});
		break;
	default:
		break;
	}
}

void fold_contact(struct fold *f, struct fold_event *e)
{
	bool making = makes_contact(e), courtesy = is_courtesy(e);
	size_t contact = 0;

	if (making)
		contact = (size_t)latest(f, e->source, e->session, e->channel)->n;
	if (courtesy) {
		contact = contact ? contact : f->contact_n;
		making = !contact;
	}
	if (making) {
		if (!contact || !joins(f, &f->contacts[contact - 1], e)) {
			begin(f, e);
			contact = f->contact_n;
		}
	} else if (!courtesy) {
		contact = attach_to(f, e);
	}
	e->contact = contact;
	if (!contact)
		return;
	/* Later contacts are linked by the ends and the entities of those before them. */
	if (contact < f->contact_n)
		f->state->related = false;
	take_asks(f, &f->contacts[contact - 1], e);
	take_labels(f, &f->contacts[contact - 1], e);
	if (making)
		say(f, contact, e);
	else if (!courtesy)
		record(f, contact, e);
}
