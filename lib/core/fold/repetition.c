/* Whether information was repeated behind a switch or a move: we asked for what was known, she gave
 * again what she had given, or says that she said it before. It is charged to the last of them
 * before it in the issue. Verification that has to be asked each time is none. */
#include "core/fold/internal.h"

#include <stdlib.h>

/* Entities given so far: those that say who she is, and by issue and family. */
struct known {
	uint64_t who, *of_issue, *of_family;
};

static uint64_t known_to(const struct known *k, const struct contact *c)
{
	return k->who | k->of_issue[c->issue] | (c->family ? k->of_family[c->family] : 0);
}

static void learn(struct known *k, const struct fold *f, const struct contact *c, uint64_t entities)
{
	k->who |= entities & f->state->identity_mask;
	k->of_issue[c->issue] |= entities;
	if (c->family)
		k->of_family[c->family] |= entities;
}

/* all: what anybody had said of it, hers: what she had. */
static bool repeats(const struct fold *f, const struct fold_event *e, const struct contact *c,
	const struct known *all, const struct known *hers)
{
	const struct fold_state *s = f->state;

	if (e->in)
		return (e->signals & s->repeat_mask) || (e->entities & known_to(hers, c));
	return (e->asks & known_to(all, c) & ~s->mandatory_mask) != 0;
}

static void known_init(struct known *k, const struct fold *f)
{
	k->who = 0;
	k->of_issue = mem_zero(f->issue_n, sizeof(*k->of_issue));
	k->of_family = mem_zero(f->state->text_n + 1, sizeof(*k->of_family));
}

static void known_release(struct known *k)
{
	free(k->of_issue);
	free(k->of_family);
}

/* Where the repetition is noted: the last switch or move of every issue up to an event. */
struct charging {
	bool **last;
	size_t switches, moves;
};

static void arrive(struct charging *g, struct fold *f, size_t number)
{
	for (; g->switches < f->switch_n; g->switches++) {
		struct switched *w = &f->switches[g->switches];

		if (f->contacts[w->to].first > number)
			break;
		g->last[f->contacts[w->to].issue] = &w->repeated;
	}
	for (; g->moves < f->move_n && f->moves[g->moves].number <= number; g->moves++) {
		struct move *m = &f->moves[g->moves];

		g->last[f->contacts[m->contact].issue] = &m->repeated;
	}
}

void fold_repetitions(struct fold *f)
{
	const struct fold_state *s = f->state;
	struct known all, hers;
	struct charging g = {0};

	if (!f->switch_n && !f->move_n)
		return;
	known_init(&all, f);
	known_init(&hers, f);
	g.last = mem_zero(f->issue_n, sizeof(*g.last));
	for (size_t i = 0; i < s->done; i++) {
		const struct fold_event *e = &s->events[i];
		const struct contact *c;

		if (!e->contact)
			continue;
		c = &f->contacts[e->contact - 1];
		arrive(&g, f, i);
		if (g.last[c->issue] && repeats(f, e, c, &all, &hers))
			*g.last[c->issue] = true;
		learn(&all, f, c, e->entities);
		if (e->in)
			learn(&hers, f, c, e->entities);
	}
	known_release(&all);
	known_release(&hers);
	free((void *)g.last);
}
