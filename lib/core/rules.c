#include "base/mem.h"
#include "base/when.h"
#include "core/rules_part.h"

#include <stdlib.h>

const char *agent_kind_name(enum agent_kind kind)
{
	static const char *const names[] = {[AGENT_ANY] = NULL,
		[AGENT_BOT] = "bot",
		[AGENT_AI] = "ai",
		[AGENT_HUMAN] = "human"};

	return names[kind];
}

struct rules *rules_read(const char *path, const struct ontology *o, struct buf *err)
{
	struct yaml *y = yaml_read(path, err);
	struct rules *r;
	int status;

	if (!y)
		return NULL;
	r = mem_zero(1, sizeof(*r));
	r->path = mem_string(path);
	r->ontology = o;
	r->conditions = conditions_new(o);
	r->moments = conditions_new(o);
	status = rules_fill(r, y, err);
	yaml_free(y);
	if (status == 0)
		return r;
	rules_free(r);
	return NULL;
}

static void release_target(struct target *t)
{
	free((char *)t->queue);
	patterns_release(&t->skills);
}

void rules_free(struct rules *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++) {
		struct rule *rule = &r->v[i];

		free(rule->id);
		free(rule->reason);
		release_target(&rule->target);
		for (size_t k = 0; k < rule->relax_n; k++)
			release_target(&rule->relax[k].to);
		free(rule->relax);
		delivery_free(rule->deliver);
	}
	for (size_t i = 0; i < r->escalation_n; i++) {
		free(r->escalations[i].reason);
		release_target(&r->escalations[i].to);
	}
	delivery_free(r->deliver);
	free(r->v);
	free(r->escalations);
	patterns_release(&r->queues);
	free(r->label);
	free(r->path);
	conditions_free(r->conditions);
	conditions_free(r->moments);
	free(r);
}

const char *rules_label(const struct rules *r)
{
	return r->label;
}

const char *rules_path(const struct rules *r)
{
	return r->path;
}

bool rules_scored(const struct rules *r)
{
	return r->scored;
}

size_t rules_count(const struct rules *r)
{
	return r->n;
}

const struct rule *rules_at(const struct rules *r, size_t i)
{
	return &r->v[i];
}

size_t rules_escalations(const struct rules *r)
{
	return r->escalation_n;
}

const struct escalation *rules_escalation(const struct rules *r, size_t i)
{
	return &r->escalations[i];
}

struct conditions *rules_conditions(const struct rules *r)
{
	return r->conditions;
}

struct conditions *rules_moments(const struct rules *r)
{
	return r->moments;
}

void rules_want(const struct rules *r, bool wanted[CONTEXT_COUNT])
{
	memset(wanted, 0, CONTEXT_COUNT * sizeof(*wanted));
	conditions_want(r->conditions, wanted);
	conditions_want(r->moments, wanted);
	wanted[CONTEXT_last_person] = wanted[CONTEXT_last_person_days] = true;
}

/* A number; what is none takes its target out. */
static bool score_of(const struct expr_value *v, double *out)
{
	*out = v->type == EXPR_INT ? (double)v->n : v->real;
	return v->type == EXPR_INT || v->type == EXPR_REAL;
}

/* The highest score; of equal ones the first. */
static int choose_scored(struct rules *r, const struct event *ev, const struct context *context,
	struct choice *out, struct buf *err)
{
	if (conditions_eval(r->conditions, ev, context, err) < 0)
		return -1;
	out->rule = &r->v[r->n - 1];
	for (size_t i = 0; i + 1 < r->n; i++) {
		const struct rule *t = &r->v[i];
		double score;

		if (t->when >= 0 && !conditions_hold(r->conditions, t->when))
			continue;
		if (!score_of(conditions_value(r->conditions, t->score), &score) ||
			(out->rule != &r->v[r->n - 1] && score <= out->score))
			continue;
		out->rule = t;
		out->score = score;
	}
	return 0;
}

static int choose_first(struct rules *r, const struct event *ev, const struct context *context,
	struct choice *out, struct buf *err)
{
	int found = conditions_first(r->conditions, ev, context, err);

	if (found < -1)
		return -1;
	out->rule = found < 0 ? &r->v[r->n - 1] : &r->v[found];
	return 0;
}

/* All reasons are told; the first that says where else it goes is heeded. */
static int escalate(struct rules *r, const struct event *ev, const struct context *context,
	struct choice *out, struct buf *err)
{
	const struct escalation *first = NULL;

	if (conditions_eval(r->moments, ev, context, err) < 0)
		return -1;
	for (size_t i = 0; i < r->escalation_n; i++) {
		const struct escalation *e = &r->escalations[i];

		if (!conditions_hold(r->moments, e->when))
			continue;
		first = first ? first : e;
		out->reasons[out->reason_n++] = e->reason;
	}
	if (!first)
		return 0;
	out->escalated = true;
	out->target.agent = AGENT_HUMAN;
	if (first->to.queue)
		out->target.queue = first->to.queue;
	if (first->to.priority)
		out->target.priority = first->to.priority;
	if (first->to.has_skills) {
		out->target.skills = first->to.skills;
		out->target.has_skills = true;
	}
	return 0;
}

static bool by_machine(const struct target *t)
{
	return t->agent == AGENT_BOT || t->agent == AGENT_AI;
}

/* To the person who knows her, unless no person is to answer. */
static void find_person(const struct context *x, struct choice *out)
{
	double days = x->number[CONTEXT_last_person_days];

	if (out->rule->sticky && !by_machine(&out->target) && x->there[CONTEXT_last_person] &&
		days * (double)WHEN_DAY <= (double)out->rule->sticky)
		out->person = buf_str(&x->text[CONTEXT_last_person]);
}

static void begin(struct choice *out)
{
	out->score = 0;
	out->escalated = false;
	out->reason_n = 0;
	out->person = (struct str){NULL, 0};
}

/* All that follows from the rule. */
static int settle(struct rules *r, const struct event *ev, const struct context *context,
	struct choice *out, struct buf *err)
{
	out->target = out->rule->target;
	out->deliver = out->rule->deliver ? out->rule->deliver : r->deliver;
	if (r->escalation_n && by_machine(&out->target) && escalate(r, ev, context, out, err) < 0)
		return -1;
	find_person(context, out);
	return 0;
}

int rules_choose(struct rules *r, const struct event *ev, const struct context *context,
	struct choice *out, struct buf *err)
{
	int status;

	begin(out);
	status = r->scored ? choose_scored(r, ev, context, out, err)
			   : choose_first(r, ev, context, out, err);
	if (status < 0)
		return -1;
	return settle(r, ev, context, out, err);
}

/* ---- exploring ---- */

/* Of conditions that were all evaluated. */
static bool eligible(const struct rules *r, const struct rule *rule)
{
	double score;

	if (rule->when >= 0 && !conditions_hold(r->conditions, rule->when))
		return false;
	return rule->score < 0 || score_of(conditions_value(r->conditions, rule->score), &score);
}

int rules_explore(struct rules *r, const struct event *ev, const struct context *context,
	double share, const double draw[2], struct choice *out, struct candidates *all,
	struct buf *err)
{
	const struct rule *greedy;
	size_t taken = 0;

	all->n = 0;
	if (rules_choose(r, ev, context, out, err) < 0 ||
		conditions_eval(r->conditions, ev, context, err) < 0)
		return -1;
	greedy = out->rule;
	for (size_t i = 0; i < r->n; i++)
		if (i + 1 == r->n || eligible(r, &r->v[i]))
			VEC_ADD(all, v, n, cap)->rule = &r->v[i];
	if (draw[0] < share)
		taken = (size_t)(draw[1] * (double)all->n);
	else
		while (all->v[taken].rule != greedy)
			taken++;
	for (size_t i = 0; i < all->n; i++) {
		struct candidate *c = &all->v[i];

		begin(out);
		out->rule = c->rule;
		if (settle(r, ev, context, out, err) < 0)
			return -1;
		c->queue = out->target.queue;
		c->propensity = share / (double)all->n + (c->rule == greedy ? 1 - share : 0);
	}
	begin(out);
	out->rule = all->v[taken].rule;
	all->propensity = all->v[taken].propensity;
	return settle(r, ev, context, out, err);
}
