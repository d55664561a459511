/*
 * Moves: changes of owner of an issue, in the order of event time. What our speakers and explicit
 * records did is kept as turns while contacts are cut, and read once the issues are known: an issue
 * has one owner, whatever contact he speaks in.
 */
#include "core/fold/internal.h"

#include <stdlib.h>

/* n: 1, or -1 to take it back. */
static void count(struct fold *f, const struct move *m, int n)
{
	struct contact *c = &f->contacts[m->contact];
	struct issue *is = &f->issues[c->issue];
	int transfer = m->kind == MOVE_TRANSFER ? n : 0;
	int handoff = m->kind == MOVE_HANDOFF ? n : 0;
	int escalation = m->kind == MOVE_ESCALATION ? n : 0;

	c->transfers += transfer;
	c->handoffs += handoff;
	c->escalations += escalation;
	if (escalation > 0 && !c->escalation_reason)
		c->escalation_reason = m->reason;
	is->moves += n;
	is->transfers += transfer;
	is->handoffs += handoff;
	is->escalations += escalation;
}

/* Records and changes of speaker of one contact within five minutes are one move, of the weightiest
 * kind. */
static void put(struct fold *f, struct move m)
{
	for (size_t i = f->move_n; i > 0 && m.at - f->moves[i - 1].at <= MOVE_GAP; i--) {
		struct move *old = &f->moves[i - 1];

		if (old->contact != m.contact)
			continue;
		count(f, old, -1);
		old->kind = m.kind > old->kind ? m.kind : old->kind;
		old->reason = old->reason ? old->reason : m.reason;
		old->from = old->from ? old->from : m.from;
		old->to = old->to ? old->to : m.to;
		count(f, old, 1);
		return;
	}
	*VEC_ADD(f, moves, move_n, move_cap) = m;
	count(f, &m, 1);
}

static struct agent *agent_of(struct owners *all, struct owner *o, int32_t source)
{
	struct agent *a;

	if (all->v)
		for (size_t i = o->agents; i; i = all->v[i - 1].next)
			if (all->v[i - 1].source == source)
				return &all->v[i - 1];
	a = VEC_ADD(all, v, n, cap);
	*a = (struct agent){source, 0, o->agents};
	o->agents = all->n;
	return a;
}

static void person(struct fold *f, struct owner *o, const struct turn *t)
{
	struct owners *all = &f->state->owners;
	struct agent *a = agent_of(all, o, f->contacts[t->contact].source);

	if (o->bot)
		put(f, (struct move){t->contact, t->number, t->at, false, MOVE_HANDOFF, 0, o->last,
			       t->agent});
	else if (a->id && t->agent && a->id != t->agent)
		put(f, (struct move){t->contact, t->number, t->at, false, MOVE_TRANSFER, 0, a->id,
			       t->agent});
	a->id = t->agent ? t->agent : a->id;
	o->bot = false;
	o->last = t->agent;
	all->human[t->contact] = true;
}

static void take_turn(struct fold *f, const struct turn *t)
{
	struct owners *all = &f->state->owners;
	struct owner *o = &all->of[f->contacts[t->contact].issue];

	if (t->who == TURN_PERSON) {
		person(f, o, t);
	} else if (t->who == TURN_RECORD) {
		put(f, (struct move){t->contact, t->number, t->at, false, t->kind, t->reason,
			       t->from, t->to});
		/* Whoever speaks next is the one it was moved to. */
		*o = (struct owner){false, 0, 0};
	} else if (!all->human[t->contact]) {
		/* An automatic word does not take a contact from its agent. */
		o->bot = true;
		o->last = t->agent;
	}
}

/* The same speaker going on in the same contact changes nothing. */
static bool goes_on(const struct turn *before, const struct turn *t)
{
	return t->who != TURN_RECORD && before->who == t->who && before->contact == t->contact &&
	       (before->agent == t->agent || !t->agent);
}

/* Calls that were answered by then. */
static void take_later(struct fold_state *s, int64_t now)
{
	struct heap_item next;

	while (s->later.n && s->later_turns[s->later.v[0].of].at <= now) {
		heap_take(&s->later, &next);
		*VEC_ADD(s, turns, turn_n, turn_cap) = s->later_turns[next.of];
	}
	s->later_turn_n = s->later.n ? s->later_turn_n : 0;
}

void fold_turn(struct fold *f, struct turn t)
{
	struct fold_state *s = f->state;
	int64_t now = s->events[t.number].time;

	/* A call is answered after it began, and others may speak meanwhile. */
	if (t.at > now) {
		heap_put(&s->later, (double)t.at, 0, (uint32_t)s->later_turn_n);
		*VEC_ADD(s, later_turns, later_turn_n, later_turn_cap) = t;
	} else {
		take_later(s, now);
		if (s->turn_n && goes_on(&s->turns[s->turn_n - 1], &t))
			return;
		*VEC_ADD(s, turns, turn_n, turn_cap) = t;
	}
	s->related &= t.at >= s->last_turn;
	s->last_turn = t.at > s->last_turn ? t.at : s->last_turn;
	if (s->related)
		take_turn(f, &t);
}

void fold_no_turns(struct fold *f)
{
	struct fold_state *s = f->state;

	s->turn_n = s->later_turn_n = 0;
	s->last_turn = INT64_MIN;
	heap_clear(&s->later);
}

static void own_nothing(struct owners *all, size_t issues, size_t contacts)
{
	all->of = mem_grow(all->of, &all->of_cap, issues + 1, sizeof(*all->of));
	all->human = mem_grow(all->human, &all->human_cap, contacts + 1, sizeof(*all->human));
	all->n = 0;
	for (size_t i = 0; i < issues; i++)
		all->of[i] = (struct owner){0};
	for (size_t i = 0; i < contacts; i++)
		all->human[i] = false;
}

void fold_moves(struct fold *f)
{
	struct fold_state *s = f->state;

	own_nothing(&s->owners, f->issue_n, f->contact_n);
	f->move_n = 0;
	for (size_t i = 0; i < s->turn_n; i++)
		take_turn(f, &s->turns[i]);
	heap_sort(&s->later);
	for (size_t i = 0; i < s->later.n; i++)
		take_turn(f, &s->later_turns[s->later.v[i].of]);
}

void fold_owners_release(struct owners *all)
{
	free(all->of);
	free(all->human);
	free(all->v);
}

size_t fold_owners_size(const struct owners *all)
{
	return all->of_cap * sizeof(*all->of) + all->human_cap * sizeof(*all->human) +
	       all->cap * sizeof(*all->v);
}
