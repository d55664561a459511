#include "gen/lead.h"
#include "base/mem.h"

#include <stdlib.h>

enum act_kind { ACT_OPENS, ACT_HERS, ACT_OURS, ACT_ORDER, ACT_CLOSES };

struct act {
	int64_t at, end; /* end: of a word */
	uint32_t pos, lead;
	enum act_kind kind; /* of one record they come in this order */
};

struct acts {
	struct act *v;
	size_t n, cap;
};

static void act(struct acts *a, uint32_t lead, uint32_t pos, enum act_kind kind, int64_t at)
{
	*VEC_ADD(a, v, n, cap) = (struct act){at, at, pos, lead, kind};
}

/* ---- which acts there are ---- */

/* What is said, what opens and what closes. An answered call is a word of ours from when it is
 * taken to its end. */
static void take_acts(struct acts *a, const struct truth *t, uint32_t lead, uint32_t pos)
{
	const struct turn *turn = &t->p->turns[pos];
	int64_t end = turn->what == WHAT_CALL ? turn->at + turn->duration : turn->at;

	if (turn->what == WHAT_CASE_REOPENED ||
		(t->p->contacts[turn->contact].hers && t->contacts[turn->contact].first == pos))
		act(a, lead, pos, ACT_OPENS, turn->at);
	if (truth_hers(turn)) {
		act(a, lead, pos, ACT_HERS, turn->at);
		a->v[a->n - 1].end = end;
	}
	if (truth_ours(turn) || truth_answered(turn)) {
		act(a, lead, pos, ACT_OURS, turn->at + turn->wait);
		a->v[a->n - 1].end = end;
	}
	if (turn->what == WHAT_ORDER_PLACED)
		act(a, lead, pos, ACT_ORDER, turn->at);
	if (truth_closes(turn))
		act(a, lead, pos, ACT_CLOSES, turn->at);
}

static void make_leads(struct leads *l, const struct truth *t, uint32_t *of_issue)
{
	l->n = 0;
	for (uint32_t i = 0; i < t->issue_n; i++) {
		of_issue[i] = PLAN_NONE;
		if (!t->issues[i].commercial)
			continue;
		of_issue[i] = (uint32_t)l->n;
		*VEC_ADD(l, v, n, cap) = (struct lead){.issue = i, .open = true};
	}
}

/* An order in no opportunity is one of the latest that began up to 30 days before. */
static void credit(struct acts *a, const struct leads *l, const struct truth *t, uint32_t pos)
{
	int64_t at = t->p->turns[pos].at;
	size_t low = 0, high = l->n; /* those before low began before the order */

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->contacts[t->issues[l->v[mid].issue].first].first < pos)
			low = mid + 1;
		else
			high = mid;
	}
	if (low && at - t->p->contacts[t->issues[l->v[low - 1].issue].first].started <= LEAD_LOST)
		act(a, (uint32_t)low - 1, pos, ACT_ORDER, at);
}

/* The contacts are in the order of their start. */
static void take_intents(struct leads *l, const struct truth *t, const uint32_t *of_issue)
{
	for (uint32_t i = 0; i < t->contact_n; i++) {
		const struct plan_contact *c = &t->p->contacts[i];

		if (c->intent && of_issue[c->issue] != PLAN_NONE)
			l->v[of_issue[c->issue]].intent = c->intent;
	}
}

/* The latest stage that she had reached by its end. */
static void take_stages(struct leads *l, const struct truth *t)
{
	for (uint32_t pos = 0; pos < t->p->turn_n; pos++) {
		const struct turn *turn = &t->p->turns[pos];

		if (turn->what != WHAT_STAGE)
			continue;
		for (size_t i = 0; i < l->n; i++)
			if (turn->at <= t->issues[l->v[i].issue].ended)
				l->v[i].stage = (size_t)turn->number + 1;
	}
}

static void take_all(struct leads *l, struct acts *a, const struct truth *t)
{
	uint32_t *of_issue = mem_zero(t->issue_n + 1, sizeof(*of_issue));

	make_leads(l, t, of_issue);
	for (uint32_t pos = 0; l->n && pos < t->p->turn_n; pos++) {
		const struct turn *turn = &t->p->turns[pos];
		uint32_t lead = turn->contact == PLAN_NONE
					? PLAN_NONE
					: of_issue[t->p->contacts[turn->contact].issue];

		if (lead != PLAN_NONE)
			take_acts(a, t, lead, pos);
		else if (turn->what == WHAT_ORDER_PLACED)
			credit(a, l, t, pos);
		if (lead != PLAN_NONE && turn->what == WHAT_ABANDONED)
			l->v[lead].reason = (size_t)turn->number + 1;
	}
	take_intents(l, t, of_issue);
	take_stages(l, t);
	free(of_issue);
}

/* ---- what they come to ---- */

static void lapse(struct lead *l, int64_t at)
{
	l->lapsed = l->lapsed && l->lapsed <= at ? l->lapsed : at;
}

/* While it was open the last word waited for the other side until now. */
static void waited(struct lead *l, int64_t now)
{
	if (!l->open || l->last == TRUE_NONE || now - l->since <= LEAD_STALLED)
		return;
	if (l->last == TRUE_OURS) {
		l->awaiting = true;
		return;
	}
	l->stalled = true;
	lapse(l, l->since + LEAD_STALLED);
}

/* Nobody said a word until now, and she had not ordered. */
static void silent(struct lead *l, int64_t now)
{
	if (l->won || !l->heard || now - l->heard <= LEAD_LOST)
		return;
	l->abandoned = true;
	lapse(l, l->heard + LEAD_LOST);
}

static void take_word(struct lead *l, const struct act *a)
{
	enum true_word whose = a->kind == ACT_HERS ? TRUE_HERS : TRUE_OURS;

	silent(l, a->at);
	if (l->last != whose) {
		waited(l, a->at);
		l->last = whose;
		l->since = a->end;
	}
	l->heard = a->end > l->heard ? a->end : l->heard;
	if (whose == TRUE_OURS && l->lapsed && a->at > l->lapsed)
		l->spoke = a->at;
}

static void take_act(struct lead *l, const struct act *a)
{
	switch (a->kind) {
	case ACT_OPENS:
		l->since = l->open || l->since > a->at ? l->since : a->at;
		l->open = true;
		break;
	case ACT_HERS:
	case ACT_OURS:
		take_word(l, a);
		break;
	case ACT_ORDER:
		silent(l, a->at);
		l->won = l->won ? l->won : a->at;
		l->recovered |= l->spoke && a->at - l->spoke <= LEAD_LOST;
		break;
	case ACT_CLOSES:
		waited(l, a->at);
		l->open = false;
		break;
	}
}

static int by_at(const void *pa, const void *pb)
{
	const struct act *a = pa, *b = pb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	return (a->kind > b->kind) - (a->kind < b->kind);
}

void leads_of(struct leads *l, const struct truth *t, int64_t horizon)
{
	struct acts acts = {NULL, 0, 0};

	take_all(l, &acts, t);
	if (acts.n)
		qsort(acts.v, acts.n, sizeof(*acts.v), by_at);
	for (size_t i = 0; i < acts.n; i++)
		take_act(&l->v[acts.v[i].lead], &acts.v[i]);
	/* A window that ends at the horizon has been seen whole. */
	for (size_t i = 0; i < l->n; i++) {
		silent(&l->v[i], horizon + 1);
		waited(&l->v[i], horizon + 1);
	}
	free(acts.v);
}

void leads_release(struct leads *l)
{
	free(l->v);
	*l = (struct leads)LEADS_INIT;
}
