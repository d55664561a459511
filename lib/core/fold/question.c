/*
 * Her questions. Two of an issue are the same where their intent is, or where their texts are much
 * alike (the Jaccard index of their trigrams is 0.8 or more), and no entity that both name
 * contradicts.
 */
#include "core/fold/internal.h"

#include <stdlib.h>

#define LOOK_BACK 100 /* questions of the issue that one is compared with */
#define GRAMS_LEAST 8 /* of a text that can be compared */
#define ALIKE 5	      /* in how many, */
#define ALIKE_OF 4    /* of so many: 0.8 */

struct marks {
	const uint64_t *v;
	size_t n;
};

static struct marks grams_of(const struct fold_state *s, const struct extra *x)
{
	return (struct marks){s->marks + x->grams, x->gram_n};
}

static bool alike(struct marks a, struct marks b)
{
	size_t i = 0, k = 0, both = 0;

	if (a.n < GRAMS_LEAST || b.n < GRAMS_LEAST)
		return false;
	while (i < a.n && k < b.n) {
		both += a.v[i] == b.v[k];
		if (a.v[i] <= b.v[k])
			k += a.v[i++] == b.v[k];
		else
			k++;
	}
	return both * ALIKE >= (a.n + b.n - both) * ALIKE_OF;
}

static bool names_value(struct marks m, uint64_t value)
{
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i] == value)
			return true;
	return false;
}

static bool names_entity(struct marks m, uint64_t entity)
{
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i] >> 56 == entity)
			return true;
	return false;
}

static bool contradict(
	const struct fold_state *s, const struct fold_event *a, const struct fold_event *b)
{
	struct marks x = {s->marks + a->values, a->value_n}, y = {s->marks + b->values, b->value_n};

	for (size_t i = 0; i < x.n; i++)
		if (names_entity(y, x.v[i] >> 56) && !names_value(y, x.v[i]))
			return true;
	return false;
}

struct asked {		/* beside f->questions */
	size_t number;	/* of the event */
	size_t before;	/* the one before it in its issue, + 1 */
	size_t waiting; /* the one before it in its contact that has no answer, + 1 */
};

struct asking_all {
	struct asked *v;
	size_t n, cap;
	size_t *of_issue, *of_contact; /* the last, + 1; of a contact: the last without an answer */
};

static bool same(const struct fold *f, const struct asking_all *all, size_t a, size_t b)
{
	const struct fold_state *s = f->state;
	const struct fold_event *x = &s->events[all->v[a].number],
				*y = &s->events[all->v[b].number];
	const struct intent *i = f->questions[a].intent;

	return ((i && i == f->questions[b].intent) ||
		       alike(grams_of(s, &s->extras[x->extra - 1]),
			       grams_of(s, &s->extras[y->extra - 1]))) &&
	       !contradict(s, x, y);
}

/* The first of those that are like it in another contact. */
static void find_same(struct fold *f, const struct asking_all *all, size_t q)
{
	struct question *one = &f->questions[q];
	size_t looked = 0;

	for (size_t i = all->v[q].before; i && looked < LOOK_BACK; i = all->v[i - 1].before) {
		looked++;
		if (f->questions[i - 1].contact != one->contact && same(f, all, q, i - 1))
			one->same = f->questions[i - 1].id;
	}
}

static void ask(struct fold *f, struct asking_all *all, size_t number, int32_t stage)
{
	const struct fold_event *e = &f->state->events[number];
	const struct contact *c = &f->contacts[e->contact - 1];
	struct issue *is = &f->issues[c->issue];
	struct question *q = VEC_ADD(f, questions, question_n, question_cap);
	struct asked *a = VEC_ADD(all, v, n, cap);

	*q = (struct question){.id = e->seq,
		.at = e->time,
		.contact = e->contact - 1,
		.intent = e->intent,
		.stage = stage,
		.by_intent = e->intent && e->intent->question,
		.assumed = e->assumed};
	*a = (struct asked){number, all->of_issue[c->issue], all->of_contact[q->contact]};
	find_same(f, all, f->question_n - 1);
	all->of_issue[c->issue] = all->of_contact[q->contact] = f->question_n;
	is->questions++;
	is->repeated += q->same != 0;
}

static void answer(struct fold *f, struct asking_all *all, size_t contact, int64_t at)
{
	if (!all->n)
		return;
	for (size_t i = all->of_contact[contact]; i; i = all->v[i - 1].waiting)
		f->questions[i - 1].answered = at;
	all->of_contact[contact] = 0;
}

void fold_questions(struct fold *f)
{
	const struct fold_state *s = f->state;
	struct asking_all all = {.of_issue = mem_zero(f->issue_n + 1, sizeof(size_t)),
		.of_contact = mem_zero(f->contact_n + 1, sizeof(size_t))};

	struct stages stages = {NULL, 0, 0};

	f->question_n = 0;
	fold_stages_list(f, &stages);
	for (size_t i = 0; i < s->done; i++) {
		const struct fold_event *e = &s->events[i];
		int64_t at = fold_our_word(e);

		if (!e->contact)
			continue;
		if (at)
			answer(f, &all, e->contact - 1, at);
		else if (e->questions)
			ask(f, &all, i, fold_stage_at(&stages, e->time));
	}
	free(all.v);
	free((void *)stages.v);
	free(all.of_issue);
	free(all.of_contact);
}
