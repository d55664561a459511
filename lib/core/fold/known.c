/* What is known when something is said: whether we ask for it again, and which of our words that
 * ask are useful answers. All goes by the time at which it is said. */
#include "core/fold/internal.h"

#include <stdlib.h>

int64_t fold_said_at(const struct fold_event *e)
{
	return e->time + (e->kind == KIND_CALL && e->answered ? e->wait : 0);
}

uint64_t fold_asks(const struct fold_event *e)
{
	bool word = e->kind == KIND_MESSAGE || e->kind == KIND_LEAD ||
		    (e->kind == KIND_CALL && e->answered);

	return word && fold_ours(e) ? e->asks : 0;
}

/* ---- in the order of time ---- */

bool said_later(int64_t at, size_t number, const struct saying *than)
{
	return at > than->at || (at == than->at && number > than->number);
}

static int by_time(const void *pa, const void *pb)
{
	const struct saying *a = pa, *b = pb;

	return said_later(a->at, a->number, b) - said_later(b->at, b->number, a);
}

void fold_say(struct fold *f, const struct fold_event *e)
{
	struct fold_state *s = f->state;
	struct saying one = {fold_said_at(e), s->done, e->contact - 1, e->entities, fold_asks(e)};
	struct saying *last;

	if (!one.entities && !one.asks && !(e->signals & s->repeat_mask))
		return;
	last = VEC_ADD(s, sayings, saying_n, saying_cap);
	*last = one;
	if (s->saying_n == 1 || last[-1].at <= one.at)
		return;
	/* It is said before what was taken up already. The latest stays the last. */
	last[0] = last[-1];
	last[-1] = one;
	s->sayings_mixed |= s->saying_n > 2 && last[-2].at > one.at;
	s->related = false;
}

const struct saying *fold_sayings(struct fold *f)
{
	struct fold_state *s = f->state;

	if (s->sayings_mixed)
		qsort(s->sayings, s->saying_n, sizeof(*s->sayings), by_time);
	s->sayings_mixed = false;
	return s->sayings;
}

/* ---- what is known ---- */

void known_init(struct known *k, const struct fold *f)
{
	k->who = 0;
	k->of_issue = mem_zero(f->issue_n, sizeof(*k->of_issue));
	k->of_family = mem_zero(f->state->text_n + 1, sizeof(*k->of_family));
}

void known_release(struct known *k)
{
	free(k->of_issue);
	free(k->of_family);
}

uint64_t known_on(const struct known *k, const struct contact *c)
{
	return k->who | k->of_issue[c->issue] | (c->family ? k->of_family[c->family] : 0);
}

void known_learn(struct known *k, const struct fold *f, const struct saying *what)
{
	const struct contact *c = &f->contacts[what->contact];

	k->who |= what->entities & f->state->identity_mask;
	k->of_issue[c->issue] |= what->entities;
	if (c->family)
		k->of_family[c->family] |= what->entities;
}

/* ---- asked again, and useful answers ---- */

static void useful(struct contact *c, int64_t at)
{
	if (c->hers && c->first_in && at >= c->first_in &&
		(!c->answered_useful || at < c->answered_useful))
		c->answered_useful = at;
}

/* Words of ours that ask for what is not known, in contacts that we began: numbers of events. Each
 * contact of hers is answered by the first behind its beginning. */
static void answer_earlier(struct fold *f, const size_t *words, size_t n)
{
	for (size_t i = 0; i < f->contact_n && n; i++) {
		size_t low = 0, high = n;

		while (low < high) {
			size_t mid = low + (high - low) / 2;

			if (words[mid] < f->contacts[i].first)
				low = mid + 1;
			else
				high = mid;
		}
		if (low < n)
			useful(&f->contacts[i], f->state->events[words[low]].time);
	}
}

/* A call is a useful answer whatever it asks. */
static bool useful_asking(const struct fold_event *e)
{
	return e->service && e->kind != KIND_CALL;
}

void fold_asked(struct fold *f)
{
	const struct fold_state *s = f->state;
	const struct saying *all = fold_sayings(f);
	size_t *words = mem_alloc(s->saying_n * sizeof(*words)), n = 0;
	struct known k;

	known_init(&k, f);
	for (size_t i = 0; i < f->contact_n; i++) {
		f->contacts[i].asked_known = false;
		f->contacts[i].answered_useful = f->contacts[i].answered_plain;
	}
	for (size_t i = 0; i < s->saying_n; i++) {
		struct contact *c = &f->contacts[all[i].contact];
		uint64_t known = all[i].asks ? known_on(&k, c) : 0;

		c->asked_known |= (all[i].asks & known) != 0;
		known_learn(&k, f, &all[i]);
		if (!(all[i].asks & ~known) || !useful_asking(&s->events[all[i].number]))
			continue;
		if (c->hers)
			useful(c, all[i].at);
		else
			words[n++] = all[i].number;
	}
	answer_earlier(f, words, n);
	free(words);
	known_release(&k);
}
