/* Facts that are one record each: promises, surveys, decisions, words of ours with a purpose,
 * handoffs, stages. */
#include "core/fold/internal.h"

#include <stdlib.h>

/* Promises of one action, the oldest first; + 1. */
struct promises {
	size_t first, last;
};

struct reading {
	struct fold *f;
	struct consents consents;
	struct promises *promises; /* by action */
	size_t *next;		   /* of a promise, the next one of its action that is open; + 1 */
	size_t next_n, next_cap;
	int64_t *sent; /* by purpose: when the last word was */
	/* Issues that stand open. */
	bool *open;
	size_t open_n, contact, close;
	int64_t reached; /* the first stage */
};

static const struct extra *extra_of(const struct fold *f, const struct fold_event *e)
{
	return &f->state->extras[e->extra - 1];
}

/* ---- promises ---- */

static void make(struct reading *r, const struct fold_event *e)
{
	struct fold *f = r->f;
	const struct extra *x = extra_of(f, e);
	struct promises *p = &r->promises[x->action];

	*VEC_ADD(f, commitments, commitment_n, commitment_cap) = (struct commitment){
		e->seq, e->time, x->due, 0, e->contact, x->action, e->agent, e->assumed};
	*VEC_ADD(r, next, next_n, next_cap) = 0;
	if (p->first)
		r->next[p->last - 1] = f->commitment_n;
	else
		p->first = f->commitment_n;
	p->last = f->commitment_n;
}

/* The oldest promise of the action that is open; where that is overdue, the oldest that is due yet.
 */
static void keep(struct reading *r, const struct fold_event *e)
{
	struct promises *p = &r->promises[extra_of(r->f, e)->action];
	struct commitment *all = r->f->commitments, *kept = NULL;

	/* Nobody promised anything. */
	if (!r->next)
		return;
	for (size_t i = p->first; i; i = r->next[i - 1]) {
		struct commitment *c = &all[i - 1];

		if (c->kept || (kept && c->due < e->time))
			continue;
		kept = c;
		if (!c->due || c->due >= e->time)
			break;
	}
	if (kept)
		kept->kept = e->time;
	while (p->first && all[p->first - 1].kept)
		p->first = r->next[p->first - 1];
}

/* ---- words with a purpose ---- */

/* Which issues are open in front of an event, of those in which she speaks: one is from its
 * beginning, and from a reopening or a new contact of hers, to an explicit close. */
static void open_until(struct reading *r, size_t number)
{
	const struct fold *f = r->f;
	const struct fold_state *s = f->state;

	for (;;) {
		size_t began = r->contact < f->contact_n ? f->contacts[r->contact].first : number,
		       closed = r->close < s->close_n ? s->closes[r->close].number : number;
		bool open = true;
		size_t issue;

		if (began >= number && closed >= number)
			break;
		if (began <= closed) {
			const struct contact *c = &f->contacts[r->contact];

			issue = c->issue;
			open = c->hers || f->issues[issue].first == r->contact || r->open[issue];
			r->contact++;
		} else {
			issue = f->contacts[s->closes[r->close].contact].issue;
			open = s->closes[r->close++].open;
		}
		open &= f->issues[issue].speaks;
		r->open_n += open - r->open[issue];
		r->open[issue] = open;
	}
}

static void send(struct reading *r, size_t number)
{
	const struct fold_event *e = &r->f->state->events[number];

	open_until(r, number);
	*VEC_ADD(r->f, outbounds, outbound_n, outbound_cap) = (struct outbound){e->seq, e->time,
		r->sent[e->purpose], e->purpose, e->channel, e->source,
		consents_say(&r->consents, e->purpose, e->channel) == 1, r->open_n > 0, e->assumed};
	r->sent[e->purpose] = e->time;
}

/* ---- handoffs ---- */

/* Who she is, what was said and what she consented to always; what she wants where she said it, and
 * what that needs. */
static void hand_over(struct reading *r, const struct fold_event *e)
{
	const struct fold *f = r->f;
	const struct extra *x = extra_of(f, e);
	const struct intent *i = e->contact ? x->intent : NULL;
	uint8_t needed = HANDED_CUSTOMER | HANDED_HISTORY | HANDED_CONSENT, parts = x->parts;
	uint64_t entities = 0;

	for (size_t k = 0; i && k < i->requires.n; k++) {
		const struct entity *of = ontology_entity(f->ontology, str_of(i->requires.v[k]));

		if (of && of - f->ontology->entities < 64)
			entities |= UINT64_C(1) << (of - f->ontology->entities);
	}
	needed |= (uint8_t)((i ? HANDED_INTENT : 0) | (entities ? HANDED_ENTITIES : 0));
	if (entities && !(entities & ~x->handed))
		parts |= HANDED_ENTITIES;
	*VEC_ADD(r->f, handoffs, handoff_n, handoff_cap) = (struct handed){e->seq, e->time,
		e->contact, x->context, (uint8_t)(parts & needed), needed, e->assumed};
}

/* ---- stages ---- */

static void reach(struct reading *r, const struct fold_event *e)
{
	struct fold *f = r->f;
	const struct patterns *all = &f->ontology->stages;
	size_t stage;

	if (f->stage_n >= all->n || !str_is(fold_text(f, e->stage), all->v[f->stage_n]))
		return;
	if (f->stage_n)
		f->stages[f->stage_n - 1].next = e->time;
	else
		r->reached = e->time;
	stage = f->stage_n;
	*VEC_ADD(f, stages, stage_n, stage_cap) =
		(struct reached){e->seq, e->time, r->reached, 0, stage, e->assumed};
}

/* ---- all ---- */

static void survey(struct reading *r, const struct fold_event *e)
{
	const struct extra *x = extra_of(r->f, e);

	*VEC_ADD(r->f, surveys, survey_n, survey_cap) = (struct survey){
		e->seq, e->time, e->contact, x->scale, e->agent, x->score, e->assumed};
}

static void decide(struct reading *r, const struct fold_event *e)
{
	const struct extra *x = extra_of(r->f, e);

	*VEC_ADD(r->f, decisions, decision_n, decision_cap) =
		(struct decision){e->seq, e->time, e->contact, x->action, x->verdict, x->policies,
			x->inputs, e->agent, e->channel, e->source, e->actor, e->assumed};
}

static void take(struct reading *r, size_t number)
{
	const struct fold_event *e = &r->f->state->events[number];

	switch (e->kind) {
	case KIND_MESSAGE:
	case KIND_CALL:
		if (e->out && !e->service)
			send(r, number);
		break;
	case KIND_MADE:
		make(r, e);
		break;
	case KIND_KEPT:
		keep(r, e);
		break;
	case KIND_SURVEY:
		survey(r, e);
		break;
	case KIND_DECISION:
		decide(r, e);
		break;
	case KIND_GRANTED:
	case KIND_REVOKED:
		consents_take(&r->consents, (struct consent){e->purpose, extra_of(r->f, e)->channel,
						    e->kind == KIND_GRANTED});
		break;
	case KIND_HANDOFF:
		hand_over(r, e);
		break;
	case KIND_STAGE:
		reach(r, e);
		break;
	default:
		break;
	}
}

void fold_records(struct fold *f)
{
	size_t texts = f->state->text_n + 1;
	struct reading r = {.f = f,
		.promises = mem_zero(texts, sizeof(struct promises)),
		.sent = mem_zero(texts, sizeof(int64_t)),
		.open = mem_zero(f->issue_n + 1, sizeof(bool))};

	f->commitment_n = f->survey_n = f->decision_n = f->outbound_n = f->handoff_n = f->stage_n =
		0;
	for (size_t i = 0; i < f->state->done; i++)
		take(&r, i);
	free(r.consents.v);
	free(r.promises);
	free(r.next);
	free(r.sent);
	free(r.open);
}
