/* What can be said of policies without events. */
#include "base/mem.h"
#include "core/cases.h"
#include "core/policy_part.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CASES_MAX 20000 /* that are tried of one condition */
#define PAIR_MAX 2000	/* and of a pair */
#define DENIALS_MAX 5	/* that are told of one policy */
#define HOLE_MAX 200000 /* conditions that are tried to find what none of an action holds for */
/* Values of a list, which is gone through anew each time, that cost as one more. */
#define LIST_COST 32

struct checking {
	struct policies *p;
	struct findings *out;
	struct cases *cases;
	struct readings *read; /* by policy */
};

static void say(struct checking *c, enum finding_level level, const struct policy *p,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

static void say(struct checking *c, enum finding_level level, const struct policy *p,
	const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_failed();
	va_end(args);
	findings_add(c->out, level, p->path, p->at->line, p->at->column, text);
	free(text);
}

struct naming {
	struct checking *c;
	const struct policy *policy;
};

static void tell_name(void *ctx, const char *what, struct str name)
{
	const struct naming *n = ctx;

	say(n->c, FINDING_WARNING, n->policy, "%s: the ontology has %s %.*s", n->policy->id, what,
		(int)name.len, name.s);
}

static void check_names(struct checking *c, size_t i)
{
	struct naming n = {c, &c->p->v[i]};

	readings_unknown(&c->read[i], c->p->ontology, tell_name, &n);
}

/* One without a condition always holds. */
static bool holds(struct checking *c, size_t i)
{
	const struct expr_value *v;

	if (c->p->number[i] < 0)
		return true;
	v = conditions_suppose(c->p->all, c->p->number[i], cases_supposed(c->cases));
	return v && expr_true(v);
}

static void check_ever(struct checking *c, size_t i)
{
	const struct policy *p = &c->p->v[i];
	bool ever = false, always = true, proven;
	size_t tried = 0;
	struct cases_walk w;
	double at;

	if (!p->when)
		return;
	cases_clear(c->cases);
	cases_add(c->cases, &c->read[i]);
	w = cases_walk(c->cases, CASES_MAX);
	proven = w.whole && c->read[i].plain;
	while (cases_next(&w, &at) && (!ever || always)) {
		bool is;

		if (!cases_take(c->cases, at))
			continue;
		is = holds(c, i);
		tried++;
		ever |= is;
		always &= is;
	}
	if (!ever && proven)
		say(c, FINDING_ERROR, p, "%s: can never hold", p->id);
	else if (!ever)
		say(c, FINDING_WARNING, p, "%s: was not found to hold in %zu cases", p->id, tried);
	else if (always && proven)
		say(c, FINDING_WARNING, p, "%s: always holds: leave its condition out", p->id);
}

static bool share(const struct yaml *a, const struct yaml *b)
{
	if (!a || !b)
		return true;
	for
		YAML_EACH(x, a)
	for
		YAML_EACH(y, b)
	if (strcmp(x->text, y->text) == 0)
		return true;
	return false;
}

/* About the same action, in the same place and time. */
static bool meet(const struct policy *a, const struct policy *b)
{
	bool region = !a->regions || !b->regions;

	for
		YAML_EACH(v, a->regions)
	region |= policy_covers(b, str_of(v->text));
	for
		YAML_EACH(v, b->regions)
	region |= policy_covers(a, str_of(v->text));
	return region && share(a->actions, b->actions) && a->from < b->until && b->from < a->until;
}

/* A case in which both hold, on the cases; false where none was found. */
static bool find_case(struct checking *c, size_t allow, size_t deny)
{
	struct cases_walk w;
	double at;

	cases_clear(c->cases);
	if (c->p->v[allow].when)
		cases_add(c->cases, &c->read[allow]);
	if (c->p->v[deny].when)
		cases_add(c->cases, &c->read[deny]);
	w = cases_walk(c->cases, PAIR_MAX);
	while (cases_next(&w, &at))
		if (cases_take(c->cases, at) && holds(c, allow) && holds(c, deny))
			return true;
	return false;
}

static void tell_pair(struct checking *c, const struct policy *allow, const struct policy *deny)
{
	struct buf example = BUF_INIT;

	cases_tell(c->cases, &example);
	say(c, FINDING_NOTE, allow, "%s: %s denies what it allows%s%s", allow->id, deny->label,
		example.len ? ", with " : "", example.s);
	buf_release(&example);
}

/* A denial overrides: to know that it does is all there is to it, and of many a few are enough. */
static void check_denials(struct checking *c, size_t allow)
{
	const struct policy *a = &c->p->v[allow];
	size_t found = 0;

	for (size_t k = 0; k < c->p->n && found <= DENIALS_MAX; k++) {
		const struct policy *d = &c->p->v[k];

		if (d->then != VERDICT_DENY || !meet(a, d) || !find_case(c, allow, k))
			continue;
		if (found++ < DENIALS_MAX)
			tell_pair(c, a, d);
		else
			say(c, FINDING_NOTE, a, "%s: more policies deny what it allows", a->id);
	}
}

static void check_pairs(struct checking *c)
{
	for (size_t i = 0; i < c->p->n; i++)
		if (c->p->v[i].then < VERDICT_REVIEW)
			check_denials(c, i);
}

static bool any_about(const struct policies *p, const char *action)
{
	for (size_t i = 0; i < p->n; i++)
		if (policy_about(&p->v[i], str_of(action)))
			return true;
	return false;
}

/* In one line: a library of policies is seldom about all there is. */
static void check_gaps(struct checking *c)
{
	const struct ontology *o = c->p->ontology;
	struct buf text = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < o->action_n; i++)
		if (o->actions[i].consequential && !any_about(c->p, o->actions[i].id))
			buf_printf(&text, "%s%s", n++ ? ", " : "no policy is about ",
				o->actions[i].id);
	if (n)
		buf_puts(&text, ": always for review");
	if (n && c->p->path_n)
		findings_add(c->out, FINDING_NOTE, c->p->path[0], 1, 0, text.s);
	buf_release(&text);
}

/* Everywhere and at all times. */
static bool any_holds(struct checking *c, struct str action)
{
	for (size_t i = 0; i < c->p->n; i++)
		if (policy_about(&c->p->v[i], action) && holds(c, i))
			return true;
	return false;
}

/* The case at hand. */
static bool is_hole(struct checking *c, struct str action)
{
	const struct expr_value *of, *amount;

	if (!cases_usual(c->cases))
		return false;
	of = cases_value(c->cases, "action");
	amount = cases_value(c->cases, "amount");
	return (!of || str_eq(of->text, action)) && (!amount || amount->real > 0) &&
	       !any_holds(c, action);
}

/* A case of the action, as there are many, in which no policy holds. Where not all can be tried,
 * first the last, in which nothing is what a policy names. */
static bool find_hole(struct checking *c, struct str action, size_t cost)
{
	struct cases_walk w = cases_walk(c->cases, HOLE_MAX / cost);
	double at;

	if (!w.whole && cases_last(c->cases) && is_hole(c, action))
		return true;
	while (cases_next(&w, &at))
		if (cases_take(c->cases, at) && is_hole(c, action))
			return true;
	return false;
}

static size_t count_constants(const struct readings *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->v[i].n;
	return n;
}

/* Some policies are about the action, and yet it may be that none says anything. */
static void check_hole(struct checking *c, const char *action)
{
	const struct policy *first = NULL;
	struct buf example = BUF_INIT;
	size_t cost = 0, constants = 0;

	cases_clear(c->cases);
	for (size_t i = 0; i < c->p->n; i++) {
		if (!policy_about(&c->p->v[i], str_of(action)))
			continue;
		if (c->p->v[i].when)
			cases_add(c->cases, &c->read[i]);
		constants += count_constants(&c->read[i]);
		first = first ? first : &c->p->v[i];
		cost++;
	}
	if (first && find_hole(c, str_of(action), cost + constants / LIST_COST)) {
		cases_tell(c->cases, &example);
		say(c, FINDING_NOTE, first, "no policy is about %s with %s: for review", action,
			example.s);
	}
	buf_release(&example);
}

void policies_check(struct policies *p, struct findings *out)
{
	struct checking c = {.p = p, .out = out, .cases = cases_new(p->ontology)};

	c.read = mem_zero(p->n + 1, sizeof(*c.read));
	for (size_t i = 0; i < p->n; i++)
		if (p->number[i] >= 0)
			readings_read(&c.read[i], p->all, p->number[i]);
	for (size_t i = 0; i < p->n; i++) {
		check_names(&c, i);
		check_ever(&c, i);
	}
	check_pairs(&c);
	check_gaps(&c);
	for (size_t i = 0; i < p->ontology->action_n; i++)
		check_hole(&c, p->ontology->actions[i].id);
	for (size_t i = 0; i < p->n; i++)
		readings_release(&c.read[i]);
	free(c.read);
	cases_free(c.cases);
}
