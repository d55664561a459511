/* Whether information was repeated behind a switch or a move: we asked for what was known, she gave
 * a value again that she had given (another value of the same kind is news), or says that she said
 * it before. It is charged to the last of them before it in the issue. Verification that has to be
 * made each time is none. */
#include "core/fold/internal.h"

#include <stdlib.h>

/* What anybody named so far, and the values that she gave, each at the places where it counts. */
struct told {
	struct known known;
	struct map hers;
};

/* Places of values. */
static int64_t at_issue(const struct contact *c)
{
	return (int64_t)c->issue + 1;
}

static int64_t at_family(const struct contact *c)
{
	return -(int64_t)c->family;
}

#define AT_WHO 0

static union map_value *given(struct told *k, int64_t place, uint64_t mark, bool add)
{
	const int64_t key[] = {place, (int64_t)mark};
	const struct str text = {(const char *)key, sizeof(key)};

	return add ? map_slot(&k->hers, text, NULL) : map_get(&k->hers, text);
}

static uint64_t entity_of(uint64_t mark)
{
	return UINT64_C(1) << (mark >> 56);
}

static void learn(struct told *k, const struct fold *f, const struct saying *what)
{
	const struct fold_state *s = f->state;
	const struct fold_event *e = &s->events[what->number];
	const struct contact *c = &f->contacts[what->contact];

	known_learn(&k->known, f, what);
	for (size_t i = 0; i < e->value_n; i++) {
		uint64_t mark = s->marks[e->values + i];

		if (entity_of(mark) & s->identity_mask)
			given(k, AT_WHO, mark, true);
		given(k, at_issue(c), mark, true);
		if (c->family)
			given(k, at_family(c), mark, true);
	}
}

static bool gives_again(
	const struct fold *f, const struct fold_event *e, const struct contact *c, struct told *k)
{
	const struct fold_state *s = f->state;

	for (size_t i = 0; i < e->value_n; i++) {
		uint64_t mark = s->marks[e->values + i];

		if (!(entity_of(mark) & s->mandatory_mask) &&
			(given(k, AT_WHO, mark, false) || given(k, at_issue(c), mark, false) ||
				(c->family && given(k, at_family(c), mark, false))))
			return true;
	}
	return false;
}

static bool repeats(const struct fold *f, const struct saying *what, struct told *k)
{
	const struct fold_state *s = f->state;
	const struct fold_event *e = &s->events[what->number];
	const struct contact *c = &f->contacts[what->contact];

	if (e->in && e->actor == ACTOR_CUSTOMER)
		return (e->signals & s->repeat_mask) || gives_again(f, e, c, k);
	return (what->asks & known_on(&k->known, c) & ~s->mandatory_mask) != 0;
}

/* Where the repetition is noted: the last switch or move of every issue up to a word. */
struct charging {
	bool **last;
	size_t switches, moves;
};

static void arrive(struct charging *g, struct fold *f, const struct saying *upto)
{
	for (; g->switches < f->switch_n; g->switches++) {
		struct switched *w = &f->switches[g->switches];
		size_t first = f->contacts[w->to].first;

		if (said_later(f->state->events[first].time, first, upto))
			break;
		g->last[f->contacts[w->to].issue] = &w->repeated;
	}
	for (; g->moves < f->move_n; g->moves++) {
		struct move *m = &f->moves[g->moves];

		if (said_later(m->at, m->number, upto))
			break;
		g->last[f->contacts[m->contact].issue] = &m->repeated;
	}
}

void fold_repetitions(struct fold *f)
{
	const struct fold_state *s = f->state;
	struct told k = {.hers = MAP_INIT};
	struct charging g = {0};
	const struct saying *all = fold_sayings(f);

	if (!f->switch_n && !f->move_n)
		return;
	known_init(&k.known, f);
	g.last = mem_zero(f->issue_n, sizeof(*g.last));
	for (size_t i = 0; i < s->saying_n; i++) {
		bool *last;

		arrive(&g, f, &all[i]);
		last = g.last[f->contacts[all[i].contact].issue];
		if (last && repeats(f, &all[i], &k))
			*last = true;
		learn(&k, f, &all[i]);
	}
	known_release(&k.known);
	map_release(&k.hers);
	free((void *)g.last);
}
