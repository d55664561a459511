#include "base/mem.h"
#include "stage/route_evaluate_part.h"

#include <stdlib.h>

#define CONTEXT_BYTES ((size_t)12 << 20)
#define RAREST 1e-9  /* propensity: one contact in its place would outweigh all others */
#define COVERED 0.95 /* of the decisions, at least: else it is of other contacts */

static size_t action_number(struct evaluating *e, struct str queue)
{
	union map_value *v = map_slot(&e->action_of, queue, NULL);

	if (!v->n) {
		VEC_ADD(e, actions, action_n, action_cap)->queue = mem_copy(queue.s, queue.len);
		v->n = (int64_t)e->action_n;
	}
	return (size_t)v->n - 1;
}

static size_t group_number(struct evaluating *e, const struct event *ev)
{
	const struct intent *i = ontology_intent(e->of->ontology, event_text(ev, DATA_INTENT));
	union map_value *v =
		map_slot(&e->group_of, i && i->family ? str_of(i->family) : STR(""), NULL);

	if (!v->n)
		v->n = (int64_t)++e->group_n;
	return (size_t)v->n - 1;
}

/* What the new rules do with an event; what they fail on they do not decide. */
static int decide_anew(struct evaluating *e, const struct event *ev, struct buf *err)
{
	struct buf why = BUF_INIT;
	struct choice c;
	struct would *w;

	e->status = situation_find(&e->situation, ev, err);
	if (e->status < 0)
		return -1;
	while (e->would_n <= (size_t)ev->sequence)
		VEC_ADD(e, would, would_n, would_cap);
	if (rules_choose(e->of->rules, ev, &e->situation.context, &c, &why) < 0) {
		e->failed++;
		buf_release(&why);
		return 0;
	}
	w = &e->would[ev->sequence];
	w->action = (uint32_t)action_number(e, str_of(c.target.queue)) + 1;
	w->group = (uint32_t)group_number(e, ev) + 1;
	return 0;
}

/* With which probability the event would have gone to a queue, by whatever rule. */
static double propensity_of(const struct event *ev, struct str queue)
{
	double sum = 0, one;

	for
		JSON_EACH(c, ev->data[DATA_CANDIDATES])
		{
			const struct json *q = json_member(c, "queue");
			const struct json *p = json_member(c, "propensity");

			if (json_is_string(q) && str_eq(q->text, queue) && p &&
				json_number(p, &one))
				sum += one;
		}
	return sum;
}

static const struct would *would_of(const struct evaluating *e, const struct event *ev)
{
	const struct json *basis = ev->data[DATA_BASIS];
	int64_t seq;

	if (!basis || !str_int(basis->raw, &seq) || seq < 1 || (size_t)seq >= e->would_n ||
		!e->would[seq].action)
		return NULL;
	return &e->would[seq];
}

static void take_decision(struct evaluating *e, const struct event *ev)
{
	struct str queue = event_text(ev, DATA_QUEUE);
	double p = propensity_of(ev, queue);
	struct contact_fact *contact = evaluating_contact(e, ev);
	const struct would *w = would_of(e, ev);
	struct offpolicy_row row = {.propensity = p};

	e->decisions++;
	if (!(p >= RAREST) || p > 1 + 1e-9)
		e->plain++;
	else if (!contact || !w)
		e->lost++;
	else if (contact->taken)
		e->again++;
	else if (!evaluating_outcome(e, contact, &row.outcome))
		e->unknown++;
	else {
		row.took = action_number(e, queue);
		row.would = w->action - 1;
		row.group = w->group - 1;
		contact->taken = true;
		e->actions[row.took].taken++;
		e->actions[row.would].would++;
		if (propensity_of(ev, str_of(e->actions[row.would].queue)) > 0)
			*VEC_ADD(e, rows, row_n, row_cap) = row;
		else
			e->uncovered++;
	}
}

static int take(void *ctx, struct event *ev, struct buf *err)
{
	struct evaluating *e = ctx;

	if (str_is(event_attr(ev, ATTR_DIRECTION), "in"))
		return decide_anew(e, ev, err) < 0 ? e->status : 0;
	if (str_is(event_attr(ev, ATTR_TYPE), "route.decided"))
		take_decision(e, ev);
	return 0;
}

/* ---- whether anything can be said ---- */

static bool refuse(const struct evaluating *e, const struct offpolicy *o, struct buf *why)
{
	double all = (double)(e->row_n + e->uncovered);

	for (size_t i = 0; i < e->action_n; i++)
		if (e->actions[i].would && !e->actions[i].taken) {
			buf_printf(why,
				"no overlap: the rules send %llu to %s, where the log sent none",
				(unsigned long long)e->actions[i].would, e->actions[i].queue);
			return true;
		}
	if (!e->row_n && !e->uncovered)
		buf_puts(why, "no decision of the log has a propensity, a contact and an outcome");
	else if ((double)e->row_n < COVERED * all)
		buf_printf(why,
			"no overlap: of %llu decisions %llu could not have gone where the rules "
			"send them",
			(unsigned long long)all, (unsigned long long)e->uncovered);
	else if (o->ess < (double)e->of->min_ess)
		buf_printf(why, "the effective sample is %.1f, below %lld", o->ess,
			(long long)e->of->min_ess);
	return why->len > 0;
}

static int conclude(struct evaluating *e, struct buf *err)
{
	struct offpolicy o = {0};
	struct buf why = BUF_INIT;
	bool refused;
	int status;

	if (e->row_n)
		offpolicy_estimate(e->rows, e->row_n, e->action_n, e->group_n, &o);
	refused = refuse(e, &o, &why);
	status = evaluating_tell(e, &o, buf_str(&why), err);
	buf_release(&why);
	if (status < 0)
		return STORE_ERROR;
	return refused;
}

static void release(struct evaluating *e)
{
	for (size_t i = 0; i < e->action_n; i++)
		free(e->actions[i].queue);
	free(e->actions);
	free(e->contacts);
	free(e->would);
	free(e->rows);
	map_release(&e->conversations);
	map_release(&e->action_of);
	map_release(&e->group_of);
	buf_release(&e->key);
	situation_release(&e->situation);
}

int route_evaluate(struct route_evaluate *of, struct buf *err)
{
	struct evaluating e = {.of = of, .situation = {.ontology = of->ontology}, .key = BUF_INIT};
	bool wanted[CONTEXT_COUNT];
	int status;

	situation_init(&e.situation);
	/* One store for both: facts may be in a temporary database of it. */
	e.situation.store = of->store;
	e.situation.journey = journey_new(of->store, of->ontology, CONTEXT_BYTES);
	rules_want(of->rules, wanted);
	e.situation.context.wanted = wanted;
	status = evaluating_contacts(&e, err);
	if (status == 0)
		status = situation_log(&e.situation, take, &e, err);
	if (status == 0)
		status = conclude(&e, err);
	release(&e);
	return status;
}
