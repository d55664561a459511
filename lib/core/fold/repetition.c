/* Whether information was repeated behind a switch or a move: we asked for what was known, she gave
 * a value again that she had given (another value of the same kind is news), or says that she said
 * it before. It is charged to the last of them before it in the issue. Verification that has to be
 * made each time is none. */
#include "core/fold/internal.h"

#include <stdlib.h>

/* Entities that anybody named so far: those that say who she is, and by issue and family; and the
 * values that she gave, each at the places where it counts. */
struct known {
	uint64_t who, *of_issue, *of_family;
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

static union map_value *given(struct known *k, int64_t place, uint64_t mark, bool add)
{
	const int64_t key[] = {place, (int64_t)mark};
	const struct str text = {(const char *)key, sizeof(key)};

	return add ? map_slot(&k->hers, text, NULL) : map_get(&k->hers, text);
}

static uint64_t entity_of(uint64_t mark)
{
	return UINT64_C(1) << (mark >> 56);
}

static void learn(
	struct known *k, const struct fold *f, const struct contact *c, const struct fold_event *e)
{
	const struct fold_state *s = f->state;

	k->who |= e->entities & s->identity_mask;
	k->of_issue[c->issue] |= e->entities;
	if (c->family)
		k->of_family[c->family] |= e->entities;
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
	const struct fold *f, const struct fold_event *e, const struct contact *c, struct known *k)
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

static bool repeats(
	const struct fold *f, const struct fold_event *e, const struct contact *c, struct known *k)
{
	const struct fold_state *s = f->state;
	uint64_t known = k->who | k->of_issue[c->issue] | (c->family ? k->of_family[c->family] : 0);

	if (e->in && e->actor == ACTOR_CUSTOMER)
		return (e->signals & s->repeat_mask) || gives_again(f, e, c, k);
	/* What system says, and what is internal, is nobody's word. */
	return e->out && (e->actor == ACTOR_AGENT || e->actor == ACTOR_BOT) &&
	       (e->asks & known & ~s->mandatory_mask) != 0;
}

/* When what an event holds is said: in a call once it is answered, while others may write. */
struct spoken {
	int64_t at;
	size_t number; /* of the event */
};

static bool later(int64_t at, size_t number, struct spoken than)
{
	return at > than.at || (at == than.at && number > than.number);
}

static int by_time(const void *a, const void *b)
{
	const struct spoken *x = a, *y = b;

	return later(x->at, x->number, *y) - later(y->at, y->number, *x);
}

/* All that is said, in the order of time; for free(). */
static struct spoken *all_spoken(const struct fold_state *s)
{
	struct spoken *all = mem_alloc(s->done * sizeof(*all));
	bool sorted = true;

	for (size_t i = 0; i < s->done; i++) {
		const struct fold_event *e = &s->events[i];

		all[i] = (struct spoken){
			e->time + (e->kind == KIND_CALL && e->answered ? e->wait : 0), i};
		sorted &= !i || all[i - 1].at <= all[i].at;
	}
	if (!sorted)
		qsort(all, s->done, sizeof(*all), by_time);
	return all;
}

/* Where the repetition is noted: the last switch or move of every issue up to a word. */
struct charging {
	bool **last;
	size_t switches, moves;
};

static void arrive(struct charging *g, struct fold *f, struct spoken upto)
{
	for (; g->switches < f->switch_n; g->switches++) {
		struct switched *w = &f->switches[g->switches];
		size_t first = f->contacts[w->to].first;

		if (later(f->state->events[first].time, first, upto))
			break;
		g->last[f->contacts[w->to].issue] = &w->repeated;
	}
	for (; g->moves < f->move_n; g->moves++) {
		struct move *m = &f->moves[g->moves];

		if (later(m->at, m->number, upto))
			break;
		g->last[f->contacts[m->contact].issue] = &m->repeated;
	}
}

void fold_repetitions(struct fold *f)
{
	const struct fold_state *s = f->state;
	struct known k = {.hers = MAP_INIT};
	struct charging g = {0};
	struct spoken *spoken;

	if (!f->switch_n && !f->move_n)
		return;
	k.of_issue = mem_zero(f->issue_n, sizeof(*k.of_issue));
	k.of_family = mem_zero(s->text_n + 1, sizeof(*k.of_family));
	g.last = mem_zero(f->issue_n, sizeof(*g.last));
	spoken = all_spoken(s);
	for (size_t i = 0; i < s->done; i++) {
		const struct fold_event *e = &s->events[spoken[i].number];
		const struct contact *c;

		if (!e->contact)
			continue;
		c = &f->contacts[e->contact - 1];
		arrive(&g, f, spoken[i]);
		if (g.last[c->issue] && repeats(f, e, c, &k))
			*g.last[c->issue] = true;
		learn(&k, f, c, e);
	}
	free(spoken);
	free(k.of_issue);
	free(k.of_family);
	map_release(&k.hers);
	free((void *)g.last);
}
