/* Who she is, her matters, when and where she comes: the contacts' frames. gen/talk.c fills them.
 */
#include "gen/plan.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdlib.h>

#define ISSUE_GAP (30 * WHEN_DAY)    /* between contacts of one family: jtools-facts(7) */
#define INHERIT_GAP (72 * WHEN_HOUR) /* in which a contact takes its session's family */
#define MATTER_CONTACTS 12
#define TRIES 8

enum agenda_kind { AGENDA_MATTER, AGENDA_BACK, AGENDA_CHASE, AGENDA_CALLBACK, AGENDA_CHATTER };

struct agenda {
	int64_t at;
	enum agenda_kind kind;
	uint32_t matter, channel; /* channel PLAN_NONE: any */
	int moved;
	uint64_t number; /* among equal times the first that was planned comes first */
};

int64_t plan_spread(struct plan *p, const struct spread *d)
{
	static const int64_t points[4] = {0, 5000, 9000, 10000};
	int64_t u = (int64_t)random_below(&p->random, 10000), v;
	size_t i = u < points[1] ? 0 : u < points[2] ? 1 : 2;

	v = d->at[i] + (d->at[i + 1] - d->at[i]) * (u - points[i]) / (points[i + 1] - points[i]);
	return v;
}

/* The same for spans: a multiple of the clock. */
static int64_t spread_time(struct plan *p, const struct spread *d)
{
	int64_t v = plan_spread(p, d);

	return v - v % p->s->clock;
}

static size_t pick(struct random *r, const struct weights *w)
{
	int64_t u = (int64_t)random_below(r, (uint64_t)w->v[w->n - 1]);
	size_t i = 0;

	while (w->v[i] <= u)
		i++;
	return i;
}

size_t plan_pick(struct plan *p, const struct weights *w)
{
	return pick(&p->random, w);
}

struct turn *plan_turn(struct plan *p, uint32_t contact, enum what what, enum who who, int64_t at)
{
	struct turn *t = VEC_ADD(p, turns, turn_n, turn_cap);

	t->contact = contact;
	t->what = (uint8_t)what;
	t->who = (uint8_t)who;
	t->at = at;
	t->seed = random_next(&p->random);
	if (contact != PLAN_NONE) {
		struct session *s = &p->sessions[p->contacts[contact].session];

		t->channel = (uint16_t)p->contacts[contact].channel;
		s->last_at = at > s->last_at ? at : s->last_at;
	}
	return t;
}

/* ---- identifiers ---- */

static uint32_t node_of(struct plan *p, size_t kind, uint32_t person)
{
	for (uint32_t i = 0; i < p->node_n; i++)
		if (p->nodes[i].kind == kind && p->nodes[i].person == person)
			return i;
	*VEC_ADD(p, nodes, node_n, node_cap) = (struct node){kind, person, false, 0};
	return (uint32_t)p->node_n - 1;
}

static bool reaches(const struct plan *p, uint32_t a, uint32_t b, int64_t t, uint64_t *seen)
{
	if (a == b)
		return true;
	*seen |= UINT64_C(1) << a;
	for (size_t i = 0; i < p->link_n; i++) {
		const struct link *l = &p->links[i];
		uint32_t other = l->a == a ? l->b : l->b == a ? l->a : PLAN_NONE;

		if (other != PLAN_NONE && l->at <= t && !(*seen >> other & 1) &&
			reaches(p, other, b, t, seen))
			return true;
	}
	return false;
}

bool plan_linked(const struct plan *p, uint32_t a, uint32_t b, int64_t t)
{
	uint64_t seen = 0;

	return reaches(p, a, b, t, &seen);
}

static bool is_phone(const struct plan *p, size_t kind)
{
	return strcmp(p->s->kinds[kind], "phone") == 0;
}

/* The identifier that a contact's records name; who shares a telephone shares what hangs on it. */
static uint32_t contact_node(struct plan *p, uint32_t channel, uint32_t person)
{
	const struct gen_channel *c = &p->s->channels[channel];
	size_t kind = c->kinds[c->kind_n - 1];

	return node_of(p, kind, is_phone(p, kind) ? 0 : person);
}

/* The first identifier that the log hears of is what all others are joined to. */
static uint32_t first_node(const struct plan *p)
{
	uint32_t i = 0;

	while (i < p->node_n && !p->nodes[i].used)
		i++;
	return i < p->node_n ? i : PLAN_NONE;
}

static void link_nodes(struct plan *p, uint32_t a, uint32_t b, int64_t at)
{
	if (plan_linked(p, a, b, INT64_MAX))
		return;
	*VEC_ADD(p, links, link_n, link_cap) = (struct link){a, b, at};
	plan_turn(p, PLAN_NONE, WHAT_LINKED, WHO_SYSTEM, at)->link = (uint32_t)p->link_n - 1;
}

/* The telephone by which what is one person's hangs together with what is another's; PLAN_NONE:
 * both are hers, or there is none. */
static uint32_t shared_node(struct plan *p, uint32_t a, uint32_t b)
{
	uint32_t phone = PLAN_NONE;

	for (size_t kind = 0; kind < p->s->kind_n && p->persons > 1; kind++)
		if (is_phone(p, kind) && p->nodes[a].person != p->nodes[b].person)
			phone = node_of(p, kind, 0);
	return phone == a || phone == b ? PLAN_NONE : phone;
}

/* Joins what a contact's records name to what is known of her, by a record of its own: while the
 * contact has not been answered, or too late. */
static void link_contact(struct plan *p, uint32_t number)
{
	struct plan_contact *c = &p->contacts[number];
	const struct gen_channel *ch = &p->s->channels[c->channel];
	uint32_t first = first_node(p), shared;
	int64_t by = c->spoke ? c->spoke : c->ended, at = c->started;
	bool late = random_share(&p->random, p->s->linked_late);

	if (!p->known)
		return;
	if (ch->kind_n == 2) {
		uint32_t other = node_of(p, ch->kinds[0], c->person);

		if (!plan_linked(p, other, c->node, c->started))
			*VEC_ADD(p, links, link_n, link_cap) =
				(struct link){other, c->node, c->started};
	}
	p->nodes[c->node].used = true;
	if (first == PLAN_NONE || plan_linked(p, first, c->node, INT64_MAX))
		return;
	if (late)
		at = (by > c->ended ? by : c->ended) +
		     (1 + (int64_t)random_below(&p->random, 47)) * WHEN_HOUR;
	shared = shared_node(p, first, c->node);
	if (shared != PLAN_NONE) {
		p->nodes[shared].used = true;
		link_nodes(p, first, shared, at);
		first = shared;
	}
	link_nodes(p, first, c->node, at);
}

/* ---- channels and sessions ---- */

static bool can_use(const struct plan *p, size_t channel)
{
	const struct gen_channel *c = &p->s->channels[channel];
	const int64_t *weights = p->s->channel.v;

	if (weights[channel] == (channel ? weights[channel - 1] : 0))
		return false;

	for (size_t i = 0; i < c->kind_n; i++)
		if (!(p->kinds >> c->kinds[i] & 1))
			return false;
	return p->known || c->session == SESSION_CONTACT;
}

/* A channel other than `not`; PLAN_NONE where there is none. */
static uint32_t pick_channel(struct plan *p, uint32_t not, bool cases)
{
	const struct scenario *s = p->s;

	for (int i = 0; i < TRIES; i++) {
		size_t c = plan_pick(p, &s->channel);

		if (c != not &&can_use(p, c) && (!cases || s->channels[c].cases))
			return (uint32_t)c;
	}
	for (size_t c = 0; c < s->channel_n; c++)
		if (c != not &&can_use(p, c) && (!cases || s->channels[c].cases))
			return (uint32_t)c;
	return PLAN_NONE;
}

/* The session of a matter or a peer on the channel, or a new one. */
static uint32_t session_of(struct plan *p, uint32_t channel, uint32_t matter, uint32_t node)
{
	enum session_kind kind = p->s->channels[channel].session;
	uint32_t *list = NULL;

	if (kind == SESSION_PEER)
		list = &p->nodes[node].sessions;
	else if (kind == SESSION_MATTER && matter != PLAN_NONE)
		list = &p->matters[matter].sessions;
	for (uint32_t i = list ? *list : 0; i; i = p->sessions[i - 1].next)
		if (p->sessions[i - 1].channel == channel)
			return i - 1;
	*VEC_ADD(p, sessions, session_n, session_cap) =
		(struct session){channel, PLAN_NONE, list ? *list : 0, INT64_MIN};
	if (list)
		*list = (uint32_t)p->session_n;
	return (uint32_t)p->session_n - 1;
}

/*
 * The earliest time, from `at` on, at which a word in the session begins a contact and does not go
 * on with the one before. INT64_MAX: no word of ours can.
 */
static int64_t earliest(const struct plan *p, uint32_t session, int64_t at, bool hers)
{
	const struct session *s = &p->sessions[session];
	const struct plan_contact *last;
	int64_t gap = p->s->channels[s->channel].gap, from;

	if (s->last == PLAN_NONE)
		return at;
	last = &p->contacts[s->last];
	if (!hers && !last->last_ours)
		return INT64_MAX;
	if (last->last_asks && p->s->ontology->request_gap > gap)
		gap = p->s->ontology->request_gap;
	from = hers && last->closed ? s->last_at : last->ended + gap;
	from = (from > s->last_at ? from : s->last_at) + p->s->clock;
	return at > from ? at : from;
}

/* ---- contacts ---- */

static void inherit(struct plan *p, struct plan_contact *c, uint32_t before)
{
	const struct plan_contact *b = before == PLAN_NONE ? NULL : &p->contacts[before];

	if (c->family || !b || !b->family || c->started - b->ended > INHERIT_GAP)
		return;
	c->family = b->family;
	c->inherited = true;
}

/* Begins a contact; its words follow (talk). */
static uint32_t begin(struct plan *p, uint32_t matter, uint32_t channel, uint32_t session,
	uint32_t node, int64_t at, bool hers)
{
	struct plan_contact *c = VEC_ADD(p, contacts, contact_n, contact_cap);
	const struct matter *m = matter == PLAN_NONE ? NULL : &p->matters[matter];

	*c = (struct plan_contact){.matter = matter,
		.channel = channel,
		.session = session,
		.node = node,
		.person = m ? m->person : 0,
		.hers = hers,
		.started = at,
		.ended = at,
		.cased = m && m->case_no && p->s->channels[channel].cases,
		.issue = PLAN_NONE};
	return (uint32_t)p->contact_n - 1;
}

static struct family_state *family_of(struct plan *p, const struct matter *m)
{
	const struct scenario *s = p->s;

	return &p->families[s->family_of[s->intents[m->intent].intent - s->ontology->intents]];
}

/* To which issue the contact belongs by the definitions, once its words are known. */
static void settle(struct plan *p, uint32_t number)
{
	struct plan_contact *c = &p->contacts[number];
	struct matter *m = c->matter == PLAN_NONE ? NULL : &p->matters[c->matter];
	int64_t *f;

	inherit(p, c, p->sessions[c->session].last);
	p->sessions[c->session].last = number;
	/* A case that is named first where nothing says what it is about would be a new matter. */
	c->cased = m && c->cased && (c->family || m->cased);
	if (!m || (!c->family && !c->cased)) {
		c->issue = p->issues++;
		return;
	}
	if (m->first == PLAN_NONE) {
		m->first = number;
		c->issue = p->issues++;
	} else {
		c->issue = p->contacts[m->first].issue;
	}
	m->cased |= c->cased;
	m->ended = c->ended > m->ended ? c->ended : m->ended;
	m->closed = c->closed ? c->closed_at : 0;
	f = &family_of(p, m)->ended[m->restricted];
	*f = m->ended > *f ? m->ended : *f;
}

static bool comes_first(const struct agenda *a, const struct agenda *b)
{
	return a->at != b->at ? a->at < b->at : a->number < b->number;
}

/* The agenda is a heap: the next item comes first. */
static void agenda_add(struct plan *p, struct agenda a)
{
	size_t i;

	if (a.matter != PLAN_NONE) {
		const struct matter *m = &p->matters[a.matter];

		family_of(p, m)->pending[m->restricted]++;
	}
	a.number = p->planned++;
	*VEC_ADD(p, agenda, agenda_n, agenda_cap) = a;
	for (i = p->agenda_n - 1; i && comes_first(&a, &p->agenda[(i - 1) / 2]); i = (i - 1) / 2)
		p->agenda[i] = p->agenda[(i - 1) / 2];
	p->agenda[i] = a;
}

static struct agenda agenda_take(struct plan *p)
{
	struct agenda first = p->agenda[0], last = p->agenda[--p->agenda_n];
	size_t i = 0;

	for (size_t k = 1; k < p->agenda_n; i = k, k = 2 * i + 1) {
		if (k + 1 < p->agenda_n && comes_first(&p->agenda[k + 1], &p->agenda[k]))
			k++;
		if (!comes_first(&p->agenda[k], &last))
			break;
		p->agenda[i] = p->agenda[k];
	}
	p->agenda[i] = last;
	if (first.matter != PLAN_NONE) {
		const struct matter *m = &p->matters[first.matter];

		family_of(p, m)->pending[m->restricted]--;
	}
	return first;
}

int64_t plan_awake(struct plan *p, int64_t at)
{
	const struct scenario *s = p->s;

	for (size_t hour = (size_t)((at - s->start) / WHEN_HOUR); hour < s->activity.n; hour++) {
		if ((int64_t)random_below(&p->random, (uint64_t)s->busiest) <
			scenario_activity(s, hour))
			return at;
		at += WHEN_HOUR;
	}
	return at;
}

bool plan_commercial(const struct plan *p, const struct matter *m)
{
	return p->s->intents[m->intent].intent->commercial;
}

static void call_back(struct plan *p, uint32_t number, int64_t span)
{
	const struct plan_contact *c = &p->contacts[number];
	int64_t at = c->ended + span;

	agenda_add(p, (struct agenda){at - at % p->s->clock + p->offset, AGENDA_CALLBACK, c->matter,
			      PLAN_NONE, 0, 0});
}

/* She comes back, or we do, or nobody does. */
static void plan_next(struct plan *p, uint32_t number)
{
	const struct plan_contact *c = &p->contacts[number];
	const struct scenario *s = p->s;
	struct matter *m = &p->matters[c->matter];
	enum talk_end end = talk_end(p, number);
	struct agenda next = {.kind = AGENDA_BACK, .matter = c->matter, .channel = c->channel};
	bool other;

	if (!p->known || m->contacts >= MATTER_CONTACTS)
		return;
	if (plan_commercial(p, m) && !m->ordered && random_share(&p->random, s->followed_up)) {
		call_back(p, number, spread_time(p, &s->followed_after));
		return;
	}
	if (random_share(&p->random, s->called_back)) {
		call_back(p, number, spread_time(p, &s->back) / 2);
		return;
	}
	if (!random_share(&p->random, end == TALK_OPEN ? s->unresolved_back : s->resolved_back))
		return;
	other = random_share(&p->random, s->switched);
	if (other) {
		next.channel = pick_channel(p, c->channel, m->restricted);
		next.channel = next.channel == PLAN_NONE ? c->channel : next.channel;
	} else if (random_share(&p->random, s->chased)) {
		next.kind = AGENDA_CHASE;
	}
	next.at = c->ended + spread_time(p, &s->back);
	if (other && c->ended - c->started > 2 * s->clock &&
		random_share(&p->random, s->overlapping)) {
		next.at = c->started + (c->ended - c->started) / 2;
		next.at -= next.at % s->clock;
		next.at += p->offset;
	} else {
		next.at = plan_awake(p, next.at);
	}
	agenda_add(p, next);
}

/* A contact that does not say what it is about takes the family of its session's last one: there
 * that has to be of the same matter. */
static bool stands_alone(const struct plan *p, uint32_t session, uint32_t matter, int64_t at)
{
	uint32_t last = p->sessions[session].last;
	const struct plan_contact *c = last == PLAN_NONE ? NULL : &p->contacts[last];

	return !c || !c->family || c->matter == matter || at - c->ended > INHERIT_GAP;
}

static enum opening opening_of(const struct plan *p, const struct agenda *a, uint32_t session)
{
	switch (a->kind) {
	case AGENDA_CALLBACK:
		return OPENING_CALLBACK;
	case AGENDA_CHATTER:
		return OPENING_CHATTER;
	case AGENDA_CHASE:
		return stands_alone(p, session, a->matter, a->at) ? OPENING_CHASE : OPENING_BACK;
	default:
		return p->matters[a->matter].contacts ? OPENING_BACK : OPENING_NEW;
	}
}

/* A contact of hers or ours on a matter, or on none, at the agenda's time or later. */
static void take_contact(struct plan *p, struct agenda a, bool hers)
{
	const struct scenario *s = p->s;
	struct matter *m = a.matter == PLAN_NONE ? NULL : &p->matters[a.matter];
	uint32_t person = m ? m->person : 0, node, session, number;
	int64_t at;

	if (a.channel == PLAN_NONE)
		a.channel = pick_channel(p, PLAN_NONE, m && m->restricted);
	if (a.channel == PLAN_NONE)
		return;
	node = contact_node(p, a.channel, person);
	session = session_of(p, a.channel, a.matter, node);
	at = earliest(p, session, a.at, hers);
	if (at >= p->end)
		return;
	if (at > a.at && !s->instant) {
		a.at = at + (int64_t)random_below(&p->random, 60) * s->clock;
		if (++a.moved < TRIES)
			agenda_add(p, a);
		return;
	}
	/* Too late to be linked with what was before, but by a case that all name: it is not said
	 * any more. */
	if (m && m->first != PLAN_NONE && !m->restricted && at - m->ended > ISSUE_GAP &&
		!s->instant)
		return;
	if ((a.kind == AGENDA_CALLBACK || a.kind == AGENDA_CHATTER) &&
		!stands_alone(p, session, a.matter, at))
		return;
	number = begin(p, a.matter, a.channel, session, node, at, hers);
	talk(p, number, opening_of(p, &a, session));
	settle(p, number);
	link_contact(p, number);
	if (m) {
		p->matters[a.matter].contacts++;
		plan_next(p, number);
	}
}

/* Whether a further matter of the family would be taken for an earlier one. */
static bool family_taken(struct plan *p, const struct matter *m, int64_t at)
{
	const struct family_state *f = family_of(p, m);

	for (int restricted = 0; restricted < 2; restricted++) {
		if (restricted && m->restricted)
			continue;
		if (f->pending[restricted] ||
			(f->ended[restricted] &&
				(p->s->instant || at - f->ended[restricted] <= ISSUE_GAP)))
			return true;
	}
	return false;
}

static bool pick_matter(struct plan *p, struct agenda *a, struct matter *m)
{
	const struct scenario *s = p->s;
	uint32_t desk = pick_channel(p, PLAN_NONE, true);

	for (int i = 0; i < TRIES; i++) {
		bool cased = random_share(&p->random, s->cases);

		m->intent = (uint32_t)plan_pick(p, &s->intent);
		m->restricted = cased && desk != PLAN_NONE && random_share(&p->random, 4000);
		if (family_taken(p, m, a->at)) {
			cased = m->restricted = desk != PLAN_NONE && s->cases;
			if (!cased || family_taken(p, m, a->at))
				continue;
		}
		m->case_no = cased ? (uint32_t)p->matter_n + 1 : 0;
		a->channel = m->restricted ? desk : PLAN_NONE;
		return true;
	}
	return false;
}

static void take_matter(struct plan *p, struct agenda a)
{
	struct matter m = {.first = PLAN_NONE};

	if (!pick_matter(p, &a, &m))
		return;
	m.person = (uint32_t)random_below(&p->random, p->persons);
	m.order_no = (uint32_t)random_below(&p->random, 900000) + 100000;
	m.ended = a.at;
	*VEC_ADD(p, matters, matter_n, matter_cap) = m;
	a.matter = (uint32_t)p->matter_n - 1;
	a.kind = AGENDA_BACK;
	take_contact(p, a, true);
}

static void take_callback(struct plan *p, struct agenda a)
{
	const struct matter *m = &p->matters[a.matter];

	a.channel = pick_channel(p, PLAN_NONE, m->restricted);
	take_contact(p, a, false);
}

/* Up to more turns than there may be. */
static void run_agenda(struct plan *p, uint64_t most)
{
	while (p->agenda_n && p->turn_n <= most) {
		struct agenda a = agenda_take(p);

		if (a.at >= p->end)
			continue;
		switch (a.kind) {
		case AGENDA_MATTER:
			take_matter(p, a);
			break;
		case AGENDA_BACK:
		case AGENDA_CHASE:
		case AGENDA_CHATTER:
			take_contact(p, a, true);
			break;
		case AGENDA_CALLBACK:
			take_callback(p, a);
			break;
		}
	}
}

/* ---- the customer ---- */

/* Two numbers, one after the other, may be one person whom the log takes for two: one uses the
 * first channel's identifier, the other all others. */
static void take_alias(struct plan *p)
{
	const struct scenario *s = p->s;
	const struct gen_channel *first = &s->channels[0];
	struct random r = random_stream(p->seed + 1, p->number / 2);
	uint32_t mine = UINT32_C(1) << first->kinds[first->kind_n - 1], all = p->kinds;

	if (!random_share(&r, s->aliases))
		return;
	p->kinds = p->number % 2 ? all & ~mine : mine;
	for (size_t i = 0; i < s->channel_n; i++)
		if (can_use(p, i)) {
			p->person = p->number - p->number % 2;
			return;
		}
	p->kinds = all;
}

static void make_customer(struct plan *p)
{
	const struct scenario *s = p->s;
	struct random of_person;

	p->random = random_stream(p->seed, p->number);
	p->person = p->number;
	p->persons = 1;
	p->known = true;
	p->kinds = (UINT32_C(1) << s->kind_n) - 1;
	if (random_share(&p->random, s->anonymous))
		p->known = false;
	else if (random_share(&p->random, s->placeholder))
		p->known = false, p->placeholder = true;
	else if (random_share(&p->random, s->shared))
		p->persons = 2 + (uint32_t)random_below(&p->random, PLAN_PERSONS - 1);
	else
		take_alias(p);
	if (s->clock == WHEN_SECOND && !s->whole && !s->instant)
		p->offset = (int64_t)random_below(&p->random, WHEN_SECOND);
	of_person = random_stream(p->seed + 2, p->person);
	p->language = (uint32_t)pick(&of_person, &s->language);
	p->region = (uint32_t)pick(&of_person, &s->languages[p->language].region);
}

static void make_agenda(struct plan *p)
{
	const struct scenario *s = p->s;
	int64_t at = p->arrival + p->offset, step, matters = plan_spread(p, &s->matters);

	if (!p->known)
		matters = 1;
	for (int64_t i = 0; i < matters && at < p->end; i++) {
		agenda_add(p, (struct agenda){at, AGENDA_MATTER, PLAN_NONE, PLAN_NONE, 0, 0});
		if (p->known && random_share(&p->random, s->chatter))
			agenda_add(p, (struct agenda){at + spread_time(p, &s->between) / s->clock /
								      2 * s->clock,
					      AGENDA_CHATTER, PLAN_NONE, PLAN_NONE, 0, 0});
		step = plan_awake(p, at + spread_time(p, &s->between)) - at;
		if (random_share(&p->random, s->concurrent))
			step = step / s->clock / 50 * s->clock;
		at += step;
	}
}

static int by_time(const void *pa, const void *pb, void *ctx)
{
	const struct turn *turns = ctx;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	if (turns[a].at != turns[b].at)
		return turns[a].at < turns[b].at ? -1 : 1;
	return (a > b) - (a < b);
}

/* By event time; among equal times as they were made. */
static void sort_turns(struct plan *p)
{
	uint32_t *order = mem_zero(p->turn_n + 1, sizeof(*order));
	struct turn *sorted = mem_zero(p->turn_n + 1, sizeof(*sorted));

	for (uint32_t i = 0; i < p->turn_n; i++)
		order[i] = i;
	qsort_r(order, p->turn_n, sizeof(*order), by_time, p->turns);
	for (uint32_t i = 0; i < p->turn_n; i++)
		sorted[i] = p->turns[order[i]];
	free(order);
	free(p->turns);
	p->turns = sorted;
	p->turn_cap = p->turn_n + 1;
}

static int by_delivery(const void *pa, const void *pb)
{
	const struct delivery *a = pa, *b = pb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return (a->turn > b->turn) - (a->turn < b->turn);
}

/* A call is recorded when it has ended; some records come late, some twice. */
static void make_deliveries(struct plan *p)
{
	const struct scenario *s = p->s;

	for (uint32_t i = 0; i < p->turn_n; i++) {
		struct delivery d = {p->turns[i].at + p->turns[i].duration, i};

		if (random_share(&p->random, s->late))
			d.at += plan_spread(p, &s->late_by);
		*VEC_ADD(p, deliveries, delivery_n, delivery_cap) = d;
		if (!random_share(&p->random, s->duplicated))
			continue;
		d.at += plan_spread(p, &s->late_by);
		*VEC_ADD(p, deliveries, delivery_n, delivery_cap) = d;
	}
	if (p->delivery_n)
		qsort(p->deliveries, p->delivery_n, sizeof(*p->deliveries), by_delivery);
}

/* Everything happens at once, in the order in which it would have happened. */
static void collapse(struct plan *p)
{
	for (size_t i = 0; i < p->turn_n; i++) {
		p->turns[i].at = p->s->start;
		p->turns[i].duration = p->turns[i].wait = 0;
	}
	for (size_t i = 0; i < p->contact_n; i++)
		p->contacts[i].started = p->contacts[i].ended = p->s->start;
	for (size_t i = 0; i < p->link_n; i++)
		p->links[i].at = p->s->start;
}

static void begin_plan(struct plan *p, const struct scenario *s, uint64_t seed, uint64_t number,
	int64_t arrival, int64_t end)
{
	memset(p, 0, sizeof(*p));
	p->s = s;
	p->seed = seed;
	p->number = number;
	p->arrival = arrival;
	p->end = end;
	p->families = mem_zero(s->family_n + 1, sizeof(*p->families));
	make_customer(p);
}

/* Where not even her first contact fits: a word about nothing, which nobody answers. */
static void make_least(
	struct plan *p, const struct scenario *s, uint64_t seed, uint64_t number, int64_t arrival)
{
	uint32_t channel, node, session;

	begin_plan(p, s, seed, number, arrival, s->start + s->days);
	channel = pick_channel(p, PLAN_NONE, false);
	if (channel == PLAN_NONE)
		return;
	node = contact_node(p, channel, 0);
	session = session_of(p, channel, PLAN_NONE, node);
	begin(p, PLAN_NONE, channel, session, node, arrival + p->offset, true);
	plan_turn(p, 0, WHAT_CHATTER, WHO_CUSTOMER, arrival + p->offset);
	settle(p, 0);
	link_contact(p, 0);
	if (s->instant)
		collapse(p);
	*VEC_ADD(p, deliveries, delivery_n, delivery_cap) = (struct delivery){p->turns[0].at, 0};
}

static void make(struct plan *p, const struct scenario *s, uint64_t seed, uint64_t number,
	int64_t arrival, int64_t end, uint64_t most)
{
	begin_plan(p, s, seed, number, arrival, end);
	make_agenda(p);
	run_agenda(p, most);
	plan_extras(p);
	sort_turns(p);
	if (s->instant)
		collapse(p);
	make_deliveries(p);
}

void plan_make(struct plan *p, const struct scenario *s, uint64_t seed, uint64_t number,
	int64_t arrival, uint64_t most)
{
	int64_t low = arrival, high = s->start + s->days;

	make(p, s, seed, number, arrival, high, most);
	if (p->delivery_n <= most)
		return;
	/* The longest life whose records fit. */
	while (high - low > s->clock) {
		int64_t mid = low + (high - low) / 2;

		plan_release(p);
		make(p, s, seed, number, arrival, mid, most);
		if (p->delivery_n <= most)
			low = mid;
		else
			high = mid;
	}
	plan_release(p);
	make(p, s, seed, number, arrival, low, most);
	if (p->delivery_n)
		return;
	plan_release(p);
	make_least(p, s, seed, number, arrival);
}

void plan_release(struct plan *p)
{
	free(p->turns);
	free(p->contacts);
	free(p->matters);
	free(p->sessions);
	free(p->nodes);
	free(p->links);
	free(p->agenda);
	free(p->families);
	free(p->deliveries);
	*p = (struct plan){0};
}
