/*
 * Issues with a commercial intent, act by act: who waited for whose word and for how long, how long
 * nobody said any, and what was ordered. What goes on at the end is told by when it began, so that
 * whoever asks says how long is too long; but a recovery, which rests on it, is one of
 * opportunities in which her word had waited for more than 48 h, or nobody had said one for more
 * than 30 d.
 */
#include "core/fold/internal.h"

#include <stdlib.h>

#define STALLED (48 * WHEN_HOUR)
#define LOST                                                                                       \
	(30 * WHEN_DAY) /* also how long behind our word, or its beginning, an order counts        \
			 */

/* Of one event they come in this order. */
enum act_kind { ACT_OPENS, ACT_HERS, ACT_OURS, ACT_ORDER, ACT_CLOSES };

struct act {
	int64_t at, end; /* end: of a word */
	size_t number, of;
	enum act_kind kind;
};

struct acts {
	struct act *v;
	size_t n, cap;
};

struct course { /* of an opportunity, so far */
	bool open;
	enum word last;
	int64_t since; /* when the other side's word began to be waited for */
	int64_t heard; /* the end of the latest word */
	int64_t spoke; /* our latest word behind the lapse */
};

/* ---- the acts ---- */

static void act(
	struct acts *a, size_t of, size_t number, enum act_kind kind, int64_t at, int64_t end)
{
	*VEC_ADD(a, v, n, cap) = (struct act){at, end, number, of, kind};
}

static void act_events(struct acts *a, const struct fold *f, size_t of, size_t number)
{
	const struct fold_event *e = &f->state->events[number];
	const struct contact *c = &f->contacts[e->contact - 1];
	int64_t end = e->time + (e->kind == KIND_CALL ? e->duration : 0), at = fold_our_word(e);
	bool hers = fold_her_word(e), order = e->kind == KIND_ORDER;

	if (e->kind == KIND_REOPENED || (c->hers && c->first == number))
		act(a, of, number, ACT_OPENS, e->time, 0);
	if (hers)
		act(a, of, number, ACT_HERS, e->time, end);
	if (at)
		act(a, of, number, ACT_OURS, at, end);
	if (order)
		act(a, of, number, ACT_ORDER, e->time, 0);
	if (order || e->kind == KIND_CLOSED || (hers && e->intent && e->intent->resolving))
		act(a, of, number, ACT_CLOSES, e->time, 0);
}

/* An order in no opportunity is one of the latest that began up to 30 days before. */
static void credit(struct acts *a, const struct fold *f, size_t number)
{
	const struct fold_event *e = &f->state->events[number];
	size_t low = 0, high = f->opportunity_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct issue *is = &f->issues[f->opportunities[mid].issue];

		if (f->contacts[is->first].first < number)
			low = mid + 1;
		else
			high = mid;
	}
	if (low && e->time - f->issues[f->opportunities[low - 1].issue].started <= LOST)
		act(a, low - 1, number, ACT_ORDER, e->time, 0);
}

static int by_time(const void *pa, const void *pb)
{
	const struct act *a = pa, *b = pb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (a->kind > b->kind) - (a->kind < b->kind);
}

/* ---- what they come to ---- */

static void lapse(struct opportunity *o, int64_t at)
{
	if (!o->lapsed || at < o->lapsed)
		o->lapsed = at;
}

static void longer(int64_t *longest, int64_t span)
{
	*longest = span > *longest ? span : *longest;
}

static void end_wait(struct opportunity *o, const struct course *c, int64_t now)
{
	if (!c->open || c->last == WORD_NONE)
		return;
	if (c->last == WORD_OURS) {
		longer(&o->we_waited, now - c->since);
		return;
	}
	longer(&o->she_waited, now - c->since);
	if (now - c->since > STALLED)
		lapse(o, c->since + STALLED);
}

static void end_silence(struct opportunity *o, const struct course *c, int64_t now)
{
	if (o->won || !c->heard)
		return;
	longer(&o->silence, now - c->heard);
	if (now - c->heard > LOST)
		lapse(o, c->heard + LOST);
}

static void take_word(struct opportunity *o, struct course *c, const struct act *a, enum word whose)
{
	end_silence(o, c, a->at);
	/* The first word of a side waits until the other side's. */
	if (c->last != whose) {
		end_wait(o, c, a->at);
		c->last = whose;
		c->since = a->end;
	}
	c->heard = a->end > c->heard ? a->end : c->heard;
	if (whose == WORD_OURS && o->lapsed && a->at > o->lapsed)
		c->spoke = a->at;
}

static void take_order(struct opportunity *o, struct course *c, int64_t at)
{
	end_silence(o, c, at);
	o->won = o->won ? o->won : at;
	if (!o->recovered && c->spoke && at - c->spoke <= LOST)
		o->recovered = at;
}

static void take_act(struct opportunity *o, struct course *c, const struct act *a)
{
	switch (a->kind) {
	case ACT_OPENS:
		if (!c->open && c->since < a->at)
			c->since = a->at;
		c->open = true;
		break;
	case ACT_HERS:
		take_word(o, c, a, WORD_HERS);
		break;
	case ACT_OURS:
		take_word(o, c, a, WORD_OURS);
		break;
	case ACT_ORDER:
		take_order(o, c, a->at);
		break;
	case ACT_CLOSES:
		end_wait(o, c, a->at);
		c->open = false;
		break;
	}
}

static void run(struct fold *f, struct acts *a)
{
	struct course *all = mem_zero(f->opportunity_n, sizeof(*all));

	for (size_t i = 0; i < f->opportunity_n; i++)
		all[i].open = true;
	if (a->n)
		qsort(a->v, a->n, sizeof(*a->v), by_time);
	for (size_t i = 0; i < a->n; i++)
		take_act(&f->opportunities[a->v[i].of], &all[a->v[i].of], &a->v[i]);
	for (size_t i = 0; i < f->opportunity_n; i++) {
		struct opportunity *o = &f->opportunities[i];

		o->she_waits = all[i].open && all[i].last == WORD_HERS ? all[i].since : 0;
		o->we_wait = all[i].open && all[i].last == WORD_OURS ? all[i].since : 0;
		o->silent = o->won ? 0 : all[i].heard;
	}
	free(all);
}

/* ---- what else is said of them ---- */

void fold_stages_list(const struct fold *f, struct stages *all)
{
	const struct fold_state *s = f->state;

	for (size_t i = 0; i < s->done; i++)
		if (s->events[i].kind == KIND_STAGE)
			*VEC_ADD(all, v, n, cap) = &s->events[i];
}

int32_t fold_stage_at(const struct stages *all, int64_t time)
{
	size_t low = 0, high = all->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (all->v[mid]->time <= time)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? all->v[low - 1]->stage : 0;
}

/* Of each issue its opportunity, + 1. */
static size_t *list(struct fold *f)
{
	size_t *of_issue = mem_zero(f->issue_n + 1, sizeof(*of_issue));

	f->opportunity_n = 0;
	for (size_t i = 0; i < f->issue_n; i++) {
		if (!f->issues[i].commercial)
			continue;
		*VEC_ADD(f, opportunities, opportunity_n, opportunity_cap) =
			(struct opportunity){.issue = i};
		of_issue[i] = f->opportunity_n;
	}
	for (size_t i = 0; i < f->contact_n; i++) {
		const struct contact *c = &f->contacts[i];
		struct opportunity *o =
			of_issue[c->issue] ? &f->opportunities[of_issue[c->issue] - 1] : NULL;

		if (o && c->intent)
			o->intent = c->intent;
		if (o)
			o->last_channel = c->channel;
	}
	return of_issue;
}

static void take_channels(struct fold *f)
{
	f->touch_n = 0;
	for (size_t i = 0; i < f->opportunity_n; i++) {
		const struct issue *is = &f->issues[f->opportunities[i].issue];

		for (int64_t c = 0; c < is->channels; c++)
			*VEC_ADD(f, touches, touch_n, touch_cap) =
				(struct touch){i, is->channel_v[c]};
	}
}

void fold_opportunities(struct fold *f)
{
	const struct fold_state *s = f->state;
	size_t *of_issue = list(f);
	struct stages stages = {NULL, 0, 0};
	struct acts acts = {NULL, 0, 0};

	for (size_t i = 0; i < s->done && f->opportunity_n; i++) {
		const struct fold_event *e = &s->events[i];
		size_t of = e->contact ? of_issue[f->contacts[e->contact - 1].issue] : 0;

		if (of)
			act_events(&acts, f, of - 1, i);
		else if (e->kind == KIND_ORDER)
			credit(&acts, f, i);
		if (of && e->kind == KIND_ABANDONED && e->reason)
			f->opportunities[of - 1].reason = e->reason;
	}
	run(f, &acts);
	if (f->opportunity_n)
		fold_stages_list(f, &stages);
	for (size_t i = 0; i < f->opportunity_n; i++)
		f->opportunities[i].stage =
			fold_stage_at(&stages, f->issues[f->opportunities[i].issue].ended);
	take_channels(f);
	free(acts.v);
	free((void *)stages.v);
	free(of_issue);
}
