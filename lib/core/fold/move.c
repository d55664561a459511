/*
 * Moves: changes of owner of an issue, in the order of event time. What our speakers and explicit
 * records did is kept as turns while contacts are cut, and read once the issues are known: an issue
 * has one owner, whatever contact he speaks in.
 */
#include "core/fold/internal.h"

#include <stdlib.h>

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
		s->related = false;
		return;
	}
	take_later(s, now);
	if (s->turn_n && goes_on(&s->turns[s->turn_n - 1], &t))
		return;
	s->related = false;
	*VEC_ADD(s, turns, turn_n, turn_cap) = t;
}

void fold_no_turns(struct fold *f)
{
	struct fold_state *s = f->state;

	s->turn_n = s->later_turn_n = 0;
	heap_clear(&s->later);
}

/* Records and changes of speaker of one contact within five minutes are one move, of the weightiest
 * kind. */
static void put(struct fold *f, struct move m)
{
	for (size_t i = f->move_n; i > 0 && m.at - f->moves[i - 1].at <= MOVE_GAP; i--) {
		struct move *old = &f->moves[i - 1];

		if (old->contact != m.contact)
			continue;
		old->kind = m.kind > old->kind ? m.kind : old->kind;
		old->reason = old->reason ? old->reason : m.reason;
		old->from = old->from ? old->from : m.from;
		old->to = old->to ? old->to : m.to;
		return;
	}
	*VEC_ADD(f, moves, move_n, move_cap) = m;
}

/* The agent of an issue on one source: ids of two systems cannot be compared. */
struct agent {
	int32_t source, id;
	size_t next; /* + 1 */
};

struct owner {
	bool bot;
	int32_t last;
	size_t agents; /* + 1 */
};

struct owners {
	struct owner *of; /* by issue */
	bool *human;	  /* by contact: a person of ours spoke in it */
	struct agent *v;
	size_t n, cap;
};

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

static void person(struct fold *f, struct owners *all, struct owner *o, const struct turn *t)
{
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

static void take_turn(struct fold *f, struct owners *all, const struct turn *t)
{
	struct owner *o = &all->of[f->contacts[t->contact].issue];

	if (t->who == TURN_PERSON) {
		person(f, all, o, t);
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

void fold_moves(struct fold *f)
{
	struct fold_state *s = f->state;
	struct owners all = {.of = mem_zero(f->issue_n, sizeof(struct owner)),
		.human = mem_zero(f->contact_n, sizeof(bool))};

	f->move_n = 0;
	for (size_t i = 0; i < s->turn_n; i++)
		take_turn(f, &all, &s->turns[i]);
	heap_sort(&s->later);
	for (size_t i = 0; i < s->later.n; i++)
		take_turn(f, &all, &s->later_turns[s->later.v[i].of]);
	free(all.of);
	free(all.human);
	free(all.v);
}
