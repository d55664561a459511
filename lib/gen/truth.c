#include "gen/truth.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdlib.h>

#define SWITCH_GAP (72 * WHEN_HOUR)
#define SILENCE WHEN_DAY /* after which a resolution is presumed */
#define MOVE_GAP (5 * WHEN_MINUTE)

bool truth_same_matter(const struct plan *p, uint32_t a, uint32_t b)
{
	const struct plan_contact *x = &p->contacts[a], *y = &p->contacts[b];

	return x->issue == y->issue || (x->family && x->family == y->family);
}

/* ---- what a turn is ---- */

static bool is_call(const struct turn *t)
{
	return t->what == WHAT_CALL;
}

bool truth_answered(const struct turn *t)
{
	return is_call(t) && t->number == OUTCOME_ANSWERED;
}

bool truth_hers(const struct turn *t)
{
	return t->who == WHO_CUSTOMER &&
	       (t->what < WHAT_THANKS || t->what == WHAT_RESOLVED || is_call(t));
}

bool truth_ours(const struct turn *t)
{
	return t->what >= WHAT_ACK && t->what <= WHAT_OFFER;
}

bool truth_closes(const struct turn *t)
{
	return t->what == WHAT_CASE_CLOSED || t->what == WHAT_ORDER_PLACED ||
	       t->what == WHAT_RESOLVED;
}

/* ---- contacts by themselves ---- */

static void earliest(int64_t *slot, int64_t at)
{
	*slot = *slot && *slot <= at ? *slot : at;
}

static void take_hers(struct true_contact *c, const struct turn *t, uint32_t pos)
{
	if (!c->first_in) {
		c->first_in = t->at;
		c->first_in_pos = pos;
	}
	c->last = pos;
	c->last_word = TRUE_HERS;
	c->last_asks = false;
	c->ended = t->at > c->ended ? t->at : c->ended;
	c->frustrated |= t->angry;
	c->leaving |= t->leaving;
}

static void take_ours(struct true_contact *c, const struct turn *t, uint32_t pos)
{
	c->handled = true;
	c->human |= t->who == WHO_AGENT;
	c->bot |= t->who == WHO_BOT;
	c->spoke = c->spoke ? c->spoke : t->at;
	c->last = pos;
	c->last_word = TRUE_OURS;
	c->last_asks = t->asks || t->asks_back;
	c->ended = t->at > c->ended ? t->at : c->ended;
}

static void take_call(struct true_contact *c, const struct turn *t, uint32_t pos)
{
	if (t->who == WHO_CUSTOMER)
		take_hers(c, t, pos);
	c->outcome = (uint8_t)(t->who == WHO_CUSTOMER ? t->number + 1 : 0);
	c->ended = t->at + t->duration;
	c->last = pos;
	if (!truth_answered(t))
		return;
	c->handled = c->human = true;
	c->spoke = t->at + t->wait;
	c->last_word = TRUE_OURS;
}

static void take_close(struct truth *t, const struct turn *turn, uint32_t pos, bool open)
{
	struct true_contact *c = &t->contacts[turn->contact];

	*VEC_ADD(t, closes, close_n, close_cap) =
		(struct true_close){turn->contact, pos, turn->at, open};
	if (open) {
		earliest(&c->reopened, turn->at);
		return;
	}
	earliest(&c->closed, turn->at);
	c->closed_last = turn->at;
}

static void take_turn(struct truth *t, uint32_t pos)
{
	const struct turn *turn = &t->p->turns[pos];
	struct true_contact *c = &t->contacts[turn->contact];

	if (c->first == PLAN_NONE)
		c->first = pos;
	if (is_call(turn))
		take_call(c, turn, pos);
	else if (truth_hers(turn))
		take_hers(c, turn, pos);
	else if (truth_ours(turn))
		take_ours(c, turn, pos);
	c->abandoned |= turn->what == WHAT_ABANDONED;
	if (turn->felt) {
		c->felt_first = c->felt_first ? c->felt_first : turn->felt;
		c->felt_last = turn->felt;
	}
	if (truth_closes(turn) || turn->what == WHAT_CASE_REOPENED)
		take_close(t, turn, pos, turn->what == WHAT_CASE_REOPENED);
}

static void take_contacts(struct truth *t)
{
	const struct plan *p = t->p;

	t->contact_n = t->close_n = 0;
	for (size_t i = 0; i < p->contact_n; i++)
		*VEC_ADD(t, contacts, contact_n, contact_cap) =
			(struct true_contact){.first = PLAN_NONE,
				.first_in_pos = PLAN_NONE,
				.next = PLAN_NONE,
				.next_matter = PLAN_NONE,
				.before = PLAN_NONE};
	for (uint32_t i = 0; i < p->turn_n; i++)
		if (p->turns[i].contact != PLAN_NONE)
			take_turn(t, i);
}

/* ---- what was known when ---- */

/* A turn, and when its words are said: those of a call once it is answered. */
struct saying {
	int64_t at;
	uint32_t pos;
};

static struct saying saying_of(const struct plan *p, uint32_t pos)
{
	const struct turn *turn = &p->turns[pos];

	return (struct saying){turn->at + (truth_answered(turn) ? turn->wait : 0), pos};
}

static int by_at(const void *pa, const void *pb)
{
	const struct saying *a = pa, *b = pb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return (a->pos > b->pos) - (a->pos < b->pos);
}

/* All turns in the order in which they are said; for free(). */
static struct saying *all_said(const struct plan *p)
{
	struct saying *all = mem_alloc(p->turn_n * sizeof(*all));

	for (uint32_t i = 0; i < p->turn_n; i++)
		all[i] = saying_of(p, i);
	qsort(all, p->turn_n, sizeof(*all), by_at);
	return all;
}

/* Entities given so far: anywhere where they say who she is, and on a contact's matter. */
struct known {
	uint64_t who, *of_issue, *of_family;
};

static uint64_t known_to(const struct known *k, const struct plan_contact *c)
{
	return k->who | k->of_issue[c->issue] | (c->family ? k->of_family[c->family] : 0);
}

static void learn(struct known *k, const struct plan *p, const struct turn *turn)
{
	const struct plan_contact *c = &p->contacts[turn->contact];

	k->who |= turn->given & p->s->identity;
	k->of_issue[c->issue] |= turn->given;
	if (c->family)
		k->of_family[c->family] |= turn->given;
}

/* Our words as answers: whether a person's, whether useful. */
struct answer {
	int64_t at;
	bool human, useful;
};

static struct answer answer_of(const struct plan *p, const struct turn *turn, const struct known *k)
{
	const struct plan_contact *c = &p->contacts[turn->contact];

	if (is_call(turn))
		return (struct answer){turn->at + turn->wait, true, true};
	return (struct answer){turn->at, turn->who == WHO_AGENT,
		turn->asks ? (turn->asks & ~known_to(k, c)) != 0 : turn->what != WHAT_ACK};
}

static void take_answer(struct true_contact *c, const struct answer *a)
{
	earliest(&c->answered_any, a->at);
	if (a->human)
		earliest(&c->answered_human, a->at);
	if (a->useful)
		earliest(&c->answered_useful, a->at);
}

/* Earliest answers from a position on, given in contacts that we began. */
struct later {
	int64_t any, human, useful;
};

static void answer_elsewhere(struct truth *t, const struct answer *answers)
{
	const struct plan *p = t->p;
	struct later *from = mem_zero(p->turn_n + 1, sizeof(*from));

	for (uint32_t i = (uint32_t)p->turn_n; i > 0; i--) {
		const struct answer *a = &answers[i - 1];
		const struct turn *turn = &p->turns[i - 1];

		from[i - 1] = from[i];
		if (!a->at || p->contacts[turn->contact].hers)
			continue;
		earliest(&from[i - 1].any, a->at);
		if (a->human)
			earliest(&from[i - 1].human, a->at);
		if (a->useful)
			earliest(&from[i - 1].useful, a->at);
	}
	for (size_t i = 0; i < t->contact_n; i++) {
		struct true_contact *c = &t->contacts[i];
		const struct later *l;

		c->followed = from[c->last + 1].any;
		if (!p->contacts[i].hers || c->first_in_pos == PLAN_NONE)
			continue;
		l = &from[c->first_in_pos + 1];
		if (l->any)
			earliest(&c->answered_any, l->any);
		if (l->human)
			earliest(&c->answered_human, l->human);
		if (l->useful)
			earliest(&c->answered_useful, l->useful);
	}
	free(from);
}

static void take_asking(struct truth *t, const struct turn *turn, const struct known *k)
{
	struct true_contact *c = &t->contacts[turn->contact];

	c->asked_who |= (turn->asks & t->p->s->identity) != 0;
	c->asked_known |= (turn->asks & known_to(k, &t->p->contacts[turn->contact])) != 0;
}

/* Answers, and askings for what was known: as it was known then. */
static void take_answers(struct truth *t, const struct saying *all)
{
	const struct plan *p = t->p;
	struct answer *answers = mem_zero(p->turn_n + 1, sizeof(*answers));
	struct known k = {0, mem_zero(p->issues + 1, sizeof(uint64_t)),
		mem_zero(p->s->family_n + 1, sizeof(uint64_t))};

	for (size_t i = 0; i < p->turn_n; i++) {
		uint32_t pos = all[i].pos;
		const struct turn *turn = &p->turns[pos];
		struct true_contact *c;

		if (turn->contact == PLAN_NONE)
			continue;
		c = &t->contacts[turn->contact];
		if (truth_ours(turn) || truth_answered(turn)) {
			answers[pos] = answer_of(p, turn, &k);
			take_asking(t, turn, &k);
			if (p->contacts[turn->contact].hers && c->first_in_pos <= pos) {
				take_answer(c, &answers[pos]);
				earliest(&c->own_answer, answers[pos].at);
			}
		}
		learn(&k, p, turn);
	}
	answer_elsewhere(t, answers);
	free(answers);
	free(k.of_issue);
	free(k.of_family);
}

/* ---- contacts among one another ---- */

/* The latest of the contacts seen so far, by issue and by family. */
struct seen {
	uint32_t *of_issue, *of_family;
};

static struct seen seen_new(const struct plan *p)
{
	struct seen s = {mem_zero(p->issues + 1, sizeof(uint32_t)),
		mem_zero(p->s->family_n + 1, sizeof(uint32_t))};

	memset(s.of_issue, 0xff, (p->issues + 1) * sizeof(uint32_t));
	memset(s.of_family, 0xff, (p->s->family_n + 1) * sizeof(uint32_t));
	return s;
}

static void seen_free(struct seen *s)
{
	free(s->of_issue);
	free(s->of_family);
}

static void see(struct seen *s, const struct plan_contact *c, uint32_t number)
{
	s->of_issue[c->issue] = number;
	if (c->family)
		s->of_family[c->family] = number;
}

/* `later`: which of both is meant. */
static uint32_t seen_on(const struct seen *s, const struct plan_contact *c, bool later)
{
	uint32_t a = s->of_issue[c->issue], b = c->family ? s->of_family[c->family] : PLAN_NONE;

	if (a == PLAN_NONE || b == PLAN_NONE)
		return a == PLAN_NONE ? b : a;
	return (a > b) == later ? a : b;
}

static void take_neighbours(struct truth *t)
{
	const struct plan *p = t->p;
	struct seen back = seen_new(p), ahead = seen_new(p);
	uint32_t next = PLAN_NONE;

	for (uint32_t i = 0; i < t->contact_n; i++) {
		t->contacts[i].before = seen_on(&back, &p->contacts[i], true);
		see(&back, &p->contacts[i], i);
	}
	for (uint32_t i = (uint32_t)t->contact_n; i > 0; i--) {
		t->contacts[i - 1].next = next;
		t->contacts[i - 1].next_matter = seen_on(&ahead, &p->contacts[i - 1], false);
		if (!p->contacts[i - 1].hers)
			continue;
		next = i - 1;
		see(&ahead, &p->contacts[i - 1], i - 1);
	}
	seen_free(&back);
	seen_free(&ahead);
}

/* Her next word behind the contact's last one, at its end or later. */
static void take_silence(struct truth *t)
{
	const struct plan *p = t->p;
	int64_t *hers = mem_zero(p->turn_n + 1, sizeof(*hers)); /* her first word from there on */

	for (size_t i = p->turn_n; i > 0; i--) {
		const struct turn *turn = &p->turns[i - 1];
		bool word = turn->contact != PLAN_NONE && truth_hers(turn);

		hers[i - 1] = word ? turn->at : hers[i];
	}
	for (size_t i = 0; i < t->contact_n; i++) {
		struct true_contact *c = &t->contacts[i];
		size_t low = c->last + 1, high = p->turn_n;

		while (low < high) {
			size_t mid = low + (high - low) / 2;

			if (p->turns[mid].at < c->ended)
				low = mid + 1;
			else
				high = mid;
		}
		c->next_in = hers[low];
	}
	free(hers);
}

/* ---- issues ---- */

static void issue_contact(struct truth *t, uint32_t number)
{
	const struct plan_contact *c = &t->p->contacts[number];
	struct true_issue *is = &t->issues[c->issue];

	if (is->first == PLAN_NONE)
		is->first = number;
	is->last = number;
	is->contacts++;
	is->her_contacts += c->hers;
	is->family = is->family ? is->family : c->family;
	is->commercial |= c->intent && c->intent->commercial;
	is->speaks |= t->contacts[number].first_in != 0;
	if (t->contacts[number].ended > is->ended)
		is->ended = t->contacts[number].ended;
}

static void issue_close(struct truth *t, const struct true_close *k)
{
	struct true_issue *is = &t->issues[t->p->contacts[k->contact].issue];

	is->open = k->open;
	is->closed_pos = k->pos;
	if (k->open) {
		if (is->closed && !is->case_reopened)
			is->case_reopened = k->at;
		return;
	}
	is->closed_last = k->at;
	if (!is->closed) {
		is->closed = k->at;
		is->closing = k->contact;
		is->first_close = k->pos;
	}
}

/* Her first contact on the matter that begins behind the first close: backwards, with what she
 * began behind each close at hand. */
static void find_reopenings(struct truth *t)
{
	struct seen ahead = seen_new(t->p);
	size_t i = t->contact_n;

	for (size_t k = t->close_n; k > 0; k--) {
		const struct true_close *c = &t->closes[k - 1];
		struct true_issue *is = &t->issues[t->p->contacts[c->contact].issue];

		for (; i && t->contacts[i - 1].first > c->pos; i--)
			if (t->p->contacts[i - 1].hers)
				see(&ahead, &t->p->contacts[i - 1], (uint32_t)i - 1);
		if (is->closed && is->first_close == c->pos)
			is->reopening = seen_on(&ahead, &t->p->contacts[c->contact], false);
	}
	seen_free(&ahead);
}

static void take_issues(struct truth *t)
{
	const struct plan *p = t->p;

	t->issue_n = 0;
	for (uint32_t i = 0; i < p->issues; i++)
		*VEC_ADD(t, issues, issue_n, issue_cap) = (struct true_issue){.first = PLAN_NONE,
			.closing = PLAN_NONE,
			.reopening = PLAN_NONE,
			.closed_pos = PLAN_NONE,
			.open = true};
	for (uint32_t i = 0; i < t->contact_n; i++)
		issue_contact(t, i);
	for (size_t i = 0; i < t->close_n; i++)
		issue_close(t, &t->closes[i]);
	find_reopenings(t);
	/* A new contact of hers opens it; where she never speaks nothing is open. */
	for (uint32_t i = 0; i < t->contact_n; i++) {
		struct true_issue *is = &t->issues[p->contacts[i].issue];

		if (p->contacts[i].hers && is->closed_pos != PLAN_NONE &&
			t->contacts[i].first > is->closed_pos)
			is->open = true;
		is->open &= is->speaks;
	}
}

/* How issues stand at a position, which only goes on: where the last act was a close, its position,
 * else PLAN_NONE; and where she last began a contact. */
struct standing {
	uint32_t *closed, *began;
	size_t closes, contacts; /* taken so far */
};

static struct standing standing_new(const struct truth *t)
{
	size_t bytes = (t->issue_n + 1) * sizeof(uint32_t);
	struct standing s = {mem_alloc(bytes), mem_alloc(bytes), 0, 0};

	memset(s.closed, 0xff, bytes);
	memset(s.began, 0xff, bytes);
	return s;
}

static void standing_free(struct standing *s)
{
	free(s->closed);
	free(s->began);
}

/* Takes what is before the position. */
static void stand_at(struct standing *s, const struct truth *t, uint32_t pos)
{
	const struct plan_contact *all = t->p->contacts;

	for (; s->closes < t->close_n && t->closes[s->closes].pos < pos; s->closes++) {
		const struct true_close *k = &t->closes[s->closes];

		s->closed[all[k->contact].issue] = k->open ? PLAN_NONE : k->pos;
	}
	for (; s->contacts < t->contact_n && t->contacts[s->contacts].first < pos; s->contacts++)
		if (all[s->contacts].hers)
			s->began[all[s->contacts].issue] = t->contacts[s->contacts].first;
}

/* Its last act was a close, and she began no contact of it since. */
static bool stands_closed(const struct standing *s, uint32_t issue)
{
	return s->closed[issue] != PLAN_NONE &&
	       (s->began[issue] == PLAN_NONE || s->began[issue] <= s->closed[issue]);
}

bool truth_open(const struct truth *t, uint32_t pos)
{
	struct standing s = standing_new(t);
	bool open = false;

	stand_at(&s, t, pos);
	for (size_t i = 0; i < s.contacts && !open; i++)
		open = !stands_closed(&s, t->p->contacts[i].issue) &&
		       t->issues[t->p->contacts[i].issue].speaks;
	standing_free(&s);
	return open;
}

/* ---- switches ---- */

static void take_switch(struct truth *t, uint32_t from, uint32_t to)
{
	const struct plan *p = t->p;
	const struct true_contact *b = &t->contacts[to];

	*VEC_ADD(t, switches, switch_n, switch_cap) = (struct true_switch){.from = from,
		.to = to,
		.gap = p->contacts[to].started - t->contacts[from].ended,
		.joined = plan_linked(p, p->contacts[from].node, p->contacts[to].node,
			b->spoke ? b->spoke : b->ended)};
	t->issues[p->contacts[to].issue].switches++;
}

static void take_switches(struct truth *t)
{
	const struct plan *p = t->p;
	int64_t *from = mem_zero(t->contact_n + 1, sizeof(*from));
	struct standing standing = standing_new(t);

	t->switch_n = 0;
	for (uint32_t i = 0; i < t->contact_n; i++) {
		uint32_t a = t->contacts[i].before;

		stand_at(&standing, t, t->contacts[i].first);
		if (a != PLAN_NONE && p->contacts[a].channel != p->contacts[i].channel &&
			p->contacts[i].started - t->contacts[a].ended <= SWITCH_GAP &&
			!stands_closed(&standing, p->contacts[a].issue))
			take_switch(t, a, i);
	}
	standing_free(&standing);
	for (size_t i = t->switch_n; i > 0; i--) {
		struct true_switch *w = &t->switches[i - 1];

		w->next_switch = from[w->to];
		from[w->from] = p->contacts[w->to].started;
	}
	free(from);
}

bool truth_presumed(const struct true_contact *c, int64_t horizon)
{
	return c->last_word == TRUE_OURS && !c->last_asks && c->ended + SILENCE <= horizon &&
	       (!c->next_in || c->next_in - c->ended > SILENCE);
}

unsigned truth_failures(const struct truth *t, const struct true_switch *s, int64_t window,
	int64_t horizon, bool presumed)
{
	const struct true_contact *to = &t->contacts[s->to];
	int64_t until = to->ended + window;
	unsigned failures = 0;

	if (!s->joined)
		failures |= FAILURE_NOT_JOINED;
	if (to->asked_who)
		failures |= FAILURE_ASKED_WHO;
	if (to->asked_known)
		failures |= FAILURE_ASKED_KNOWN;
	if (!(to->closed && to->closed <= until) && !(presumed && truth_presumed(to, horizon)))
		failures |= FAILURE_UNRESOLVED;
	if (s->next_switch && s->next_switch <= until)
		failures |= FAILURE_SWITCHED_AGAIN;
	if (to->next_matter != PLAN_NONE && t->p->contacts[to->next_matter].started <= until)
		failures |= FAILURE_CAME_BACK;
	return failures;
}

/* ---- moves ---- */

static bool is_move(const struct turn *t)
{
	return t->what == WHAT_TRANSFERRED || t->what == WHAT_ESCALATED || t->what == WHAT_HANDOFF;
}

static void put_move(struct truth *t, struct true_move m)
{
	for (size_t i = t->move_n; i > 0 && m.at - t->moves[i - 1].at <= MOVE_GAP; i--) {
		struct true_move *old = &t->moves[i - 1];

		if (old->contact != m.contact)
			continue;
		old->kind = m.kind > old->kind ? m.kind : old->kind;
		old->reason = old->reason ? old->reason : m.reason;
		return;
	}
	*VEC_ADD(t, moves, move_n, move_cap) = m;
}

/* Who has an issue: the last agent by source, unless a bot spoke last. */
struct owners {
	bool *bot;	  /* by issue */
	uint16_t *agents; /* by issue and channel, of the source's first channel */
	bool *human;	  /* by contact: a person spoke in it */
	size_t channels;
};

static size_t source_of(const struct scenario *s, size_t channel)
{
	size_t i = 0;

	while (strcmp(s->channels[i].source, s->channels[channel].source) != 0)
		i++;
	return i;
}

static void person_speaks(struct truth *t, struct owners *o, uint32_t pos, int64_t at)
{
	const struct turn *turn = &t->p->turns[pos];
	const struct plan_contact *c = &t->p->contacts[turn->contact];
	uint16_t *agent = &o->agents[c->issue * o->channels + source_of(t->p->s, c->channel)];

	if (o->bot[c->issue])
		put_move(t, (struct true_move){turn->contact, pos, at, TRUE_HANDOFF, 0, false});
	else if (*agent && *agent != turn->agent)
		put_move(t, (struct true_move){turn->contact, pos, at, TRUE_TRANSFER, 0, false});
	*agent = turn->agent;
	o->bot[c->issue] = false;
	o->human[turn->contact] = true;
}

static void record_moves(struct truth *t, struct owners *o, uint32_t pos)
{
	const struct turn *turn = &t->p->turns[pos];
	size_t issue = t->p->contacts[turn->contact].issue;
	enum true_kind kind = turn->what == WHAT_ESCALATED ? TRUE_ESCALATION
			      : turn->what == WHAT_HANDOFF ? TRUE_HANDOFF
							   : TRUE_TRANSFER;

	put_move(t, (struct true_move){turn->contact, pos, turn->at, kind,
			    turn->what == WHAT_HANDOFF ? 0 : (uint8_t)(turn->number + 1), false});
	o->bot[issue] = false;
	memset(&o->agents[issue * o->channels], 0, o->channels * sizeof(*o->agents));
}

static void count_moves(struct truth *t)
{
	for (size_t i = 0; i < t->move_n; i++) {
		const struct true_move *m = &t->moves[i];
		struct true_contact *c = &t->contacts[m->contact];
		struct true_issue *is = &t->issues[t->p->contacts[m->contact].issue];

		c->transfers += m->kind == TRUE_TRANSFER;
		c->handoffs += m->kind == TRUE_HANDOFF;
		c->escalations += m->kind == TRUE_ESCALATION;
		is->transfers += m->kind == TRUE_TRANSFER;
		is->escalations += m->kind == TRUE_ESCALATION;
		is->moves++;
	}
}

static void take_moves(struct truth *t, const struct saying *all)
{
	const struct plan *p = t->p;
	struct owners o = {mem_zero(p->issues + 1, sizeof(bool)),
		mem_zero((p->issues + 1) * p->s->channel_n, sizeof(uint16_t)),
		mem_zero(p->contact_n + 1, sizeof(bool)), p->s->channel_n};

	t->move_n = 0;
	for (size_t i = 0; i < p->turn_n; i++) {
		const struct turn *turn = &p->turns[all[i].pos];

		if (turn->contact == PLAN_NONE)
			continue;
		if (is_move(turn))
			record_moves(t, &o, all[i].pos);
		else if (!truth_ours(turn) && !truth_answered(turn))
			continue;
		else if (turn->who != WHO_BOT)
			person_speaks(t, &o, all[i].pos, all[i].at);
		else if (!o.human[turn->contact])
			o.bot[p->contacts[turn->contact].issue] = true;
	}
	count_moves(t);
	free(o.bot);
	free(o.agents);
	free(o.human);
}

/* ---- questions ---- */

/* A question is a message; the same where its intent is, and its order's number, which a matter has
 * one of. */
static void take_questions(struct truth *t)
{
	const struct plan *p = t->p;

	for (uint32_t i = 0; i < t->contact_n; i++) {
		const struct plan_contact *c = &p->contacts[i];

		if (!c->intent || !c->intent->question || t->contacts[i].outcome)
			continue;
		t->contacts[i].questions = (size_t)(c->intent - p->s->ontology->intents) + 1;
		t->issues[c->issue].question = true;
		for (uint32_t k = t->issues[c->issue].first; k < i; k++)
			if (p->contacts[k].issue == c->issue &&
				t->contacts[k].questions == t->contacts[i].questions) {
				t->issues[c->issue].repeated_question = true;
				break;
			}
	}
}

/* ---- what was said twice ---- */

/* The last switch or move of every issue so far, where its repetition is noted. */
static void arrive(struct truth *t, bool **last, const struct saying *upto, size_t *w, size_t *m)
{
	const struct plan *p = t->p;

	for (; *w < t->switch_n; ++*w) {
		uint32_t to = t->switches[*w].to;

		if (by_at(&(struct saying){p->contacts[to].started, t->contacts[to].first}, upto) >
			0)
			break;
		last[p->contacts[to].issue] = &t->switches[*w].repeated;
	}
	for (; *m < t->move_n; ++*m) {
		struct true_move *move = &t->moves[*m];

		if (by_at(&(struct saying){move->at, move->pos}, upto) > 0)
			break;
		last[p->contacts[move->contact].issue] = &move->repeated;
	}
}

/* What a value that she gives is, at a place: her order has its number, all else is of the person.
 */
static struct str value_key(
	const struct plan *p, const struct turn *turn, int64_t place, int64_t v[3])
{
	const struct plan_contact *c = &p->contacts[turn->contact];

	v[0] = place;
	v[1] = (int64_t)turn->given;
	v[2] = turn->given & p->s->order ? p->matters[c->matter].order_no : (int64_t)c->person;
	return (struct str){(const char *)v, 3 * sizeof(*v)};
}

/* Whether she had given it, there or anywhere where it says who she is; it is from then on. */
static bool gives_again(const struct plan *p, const struct turn *turn, struct map *values)
{
	const struct plan_contact *c = &p->contacts[turn->contact];
	const int64_t places[] = {(int64_t)c->issue + 1, c->family ? -(int64_t)c->family : 0,
		turn->given & p->s->identity ? INT64_MAX : 0};
	bool again = false, fresh;
	int64_t v[3];

	for (size_t i = 0; i < 3 && turn->given; i++)
		if (places[i]) {
			map_slot(values, value_key(p, turn, places[i], v), &fresh);
			again |= !fresh;
		}
	return again;
}

/* We ask for what is known, she gives the same again, or says that she said it before. */
static void take_repetitions(struct truth *t, const struct saying *all)
{
	const struct plan *p = t->p;
	bool **last = mem_zero(p->issues + 1, sizeof(*last));
	struct known k = {0, mem_zero(p->issues + 1, sizeof(uint64_t)),
		mem_zero(p->s->family_n + 1, sizeof(uint64_t))};
	struct map values = MAP_INIT;
	size_t w = 0, m = 0;

	for (uint32_t i = 0; i < p->turn_n; i++) {
		const struct turn *turn = &p->turns[all[i].pos];
		const struct plan_contact *c;
		bool again;

		if (turn->contact == PLAN_NONE)
			continue;
		c = &p->contacts[turn->contact];
		arrive(t, last, &all[i], &w, &m);
		again = gives_again(p, turn, &values) || turn->again ||
			(turn->asks & known_to(&k, c));
		if (last[c->issue] && again)
			*last[c->issue] = true;
		learn(&k, p, turn);
	}
	free(last);
	free(k.of_issue);
	free(k.of_family);
	map_release(&values);
}

void truth_of(struct truth *t, const struct plan *p)
{
	struct saying *all = all_said(p);

	t->p = p;
	take_contacts(t);
	take_answers(t, all);
	take_neighbours(t);
	take_silence(t);
	take_issues(t);
	take_switches(t);
	take_moves(t, all);
	take_questions(t);
	take_repetitions(t, all);
	free(all);
}

void truth_release(struct truth *t)
{
	free(t->contacts);
	free(t->issues);
	free(t->switches);
	free(t->moves);
	free(t->closes);
	*t = (struct truth)TRUTH_INIT;
}
