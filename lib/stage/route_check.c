/* What can be said of a rule file without events: what its conditions read, and how they hold over
 * cases. */
#include "stage/route_check.h"
#include "base/mem.h"
#include "core/cases.h"
#include "stage/route_check_part.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define WITNESSES 64 /* cases in which a rule holds that are kept */

void check_say(struct checking *c, enum finding_level level, const struct rule *rule,
	const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_failed();
	va_end(args);
	findings_add(&c->findings, level, rules_path(c->rules), rule->line, rule->column, text);
	free(text);
}

/* ---- names ---- */

struct naming {
	struct checking *c;
	const struct rule *rule;
};

static void tell_name(void *ctx, const char *what, struct str name)
{
	const struct naming *n = ctx;

	check_say(n->c, FINDING_WARNING, n->rule, "%s: the ontology has %s %.*s", n->rule->id, what,
		(int)name.len, name.s);
}

static void check_names(struct checking *c, const struct rule *rule, const struct readings *t)
{
	struct naming n = {c, rule};

	readings_unknown(t, c->of->ontology, tell_name, &n);
}

/* ---- cases ---- */

bool check_holds(struct checking *c, struct conditions *of, int number)
{
	const struct expr_value *v = conditions_suppose(of, number, cases_supposed(c->cases));

	return v && expr_true(v);
}

/* Whether it holds ever, and always; plain and whole: that is proven. */
struct ever {
	bool ever, always, proven;
	size_t tried;
};

static struct ever find_ever(
	struct checking *c, struct conditions *of, int number, const struct readings *t)
{
	struct ever e = {false, true, false, 0};
	struct cases_walk w;
	double at;

	cases_clear(c->cases);
	cases_add(c->cases, t);
	w = cases_walk(c->cases, CASES_MAX);
	e.proven = w.whole && t->plain;
	while (cases_next(&w, &at) && (!e.ever || e.always)) {
		bool is;

		if (!cases_take(c->cases, at))
			continue;
		is = check_holds(c, of, number);
		e.tried++;
		e.ever |= is;
		e.always &= is;
	}
	return e;
}

static void check_ever(struct checking *c, const struct rule *rule, const struct ever *e,
	const char *what, const char *always)
{
	if (!e->ever && e->proven)
		check_say(c, FINDING_ERROR, rule, "%s: %s can never hold", rule->id, what);
	else if (!e->ever)
		check_say(c, FINDING_WARNING, rule, "%s: %s was not found to hold in %zu cases",
			rule->id, what, e->tried);
	else if (e->always && e->proven)
		check_say(c, FINDING_ERROR, rule, "%s: %s always holds%s", rule->id, what, always);
}

/* ---- what earlier rules leave ---- */

/* The first rule before number i that holds in the case at hand; i: none does. */
static size_t taken_by(struct checking *c, size_t i)
{
	size_t k = 0;

	while (k < i && !check_holds(c, rules_conditions(c->rules), rules_at(c->rules, k)->when))
		k++;
	return k;
}

/* Cases in which the rule holds, all else left out: in which one is it reached? Marks those that
 * took the others. */
static bool reached_plainly(struct checking *c, size_t i, bool *takers)
{
	const struct rule *rule = rules_at(c->rules, i);
	size_t seen = 0;
	struct cases_walk w;
	double at;

	cases_clear(c->cases);
	cases_add(c->cases, &c->read[i]);
	w = cases_walk(c->cases, CASES_MAX);
	while (cases_next(&w, &at) && seen < WITNESSES) {
		size_t by;

		if (!cases_take(c->cases, at) ||
			!check_holds(c, rules_conditions(c->rules), rule->when))
			continue;
		by = taken_by(c, i);
		if (by == i)
			return true;
		takers[by] = true;
		seen++;
	}
	return false;
}

struct cover {
	bool reached, proven;
	size_t tried, first; /* first: that takes it in the first case */
	struct buf in;	     /* that case */
};

/* The same with all that the takers read. false: another one took it, which is one of them now. */
static bool find_cover(struct checking *c, size_t i, bool *takers, struct cover *out)
{
	const struct rule *rule = rules_at(c->rules, i);
	struct cases_walk w;
	double at;

	cases_clear(c->cases);
	cases_add(c->cases, &c->read[i]);
	for (size_t k = 0; k < i; k++)
		if (takers[k])
			cases_add(c->cases, &c->read[k]);
	w = cases_walk(c->cases, CASES_MAX);
	out->tried = 0;
	buf_clear(&out->in);
	out->proven = w.whole && cases_plain(c->cases);
	while (cases_next(&w, &at) && !out->reached) {
		size_t by;

		if (!cases_take(c->cases, at) ||
			!check_holds(c, rules_conditions(c->rules), rule->when))
			continue;
		by = taken_by(c, i);
		out->reached = by == i;
		if (by < i && !takers[by]) {
			takers[by] = true;
			return false;
		}
		if (!out->tried++ && by < i) {
			out->first = by;
			cases_tell(c->cases, &out->in);
		}
	}
	return true;
}

static void name_takers(struct checking *c, const bool *takers, size_t i, struct buf *out)
{
	for (size_t k = 0; k < i; k++)
		if (takers[k])
			buf_printf(out, "%s%s", out->len ? ", " : "", rules_at(c->rules, k)->id);
}

static void check_reach(struct checking *c, size_t i)
{
	const struct rule *rule = rules_at(c->rules, i);
	bool *takers = mem_zero(i + 1, sizeof(bool));
	struct cover cover = {.in = BUF_INIT};
	struct buf names = BUF_INIT, example = BUF_INIT;

	cover.reached = reached_plainly(c, i, takers);
	while (!cover.reached && !find_cover(c, i, takers, &cover))
		;
	c->covered[i] = !cover.reached && cover.tried;
	if (c->covered[i]) {
		name_takers(c, takers, i, &names);
		if (c->seen)
			check_log_example(c, i, &example);
		if (!example.len)
			buf_printf(&example, ": %s takes it with %s",
				rules_at(c->rules, cover.first)->id, cover.in.s);
		if (cover.proven)
			check_say(c, FINDING_ERROR, rule, "%s: never reached, covered by %s%s",
				rule->id, names.s, example.s);
		else
			check_say(c, FINDING_WARNING, rule,
				"%s: not found to be reached in %zu cases in which it holds, "
				"taken by %s%s",
				rule->id, cover.tried, names.s, example.s);
	}
	buf_release(&cover.in);
	buf_release(&names);
	buf_release(&example);
	free(takers);
}

/* ---- all ---- */

static void check_rule(struct checking *c, size_t i)
{
	const struct rule *rule = rules_at(c->rules, i);
	struct conditions *of = rules_conditions(c->rules);
	struct ever e;

	if (rule->when < 0)
		return;
	readings_read(&c->read[i], of, rule->when);
	check_names(c, rule, &c->read[i]);
	e = find_ever(c, of, rule->when, &c->read[i]);
	check_ever(c, rule, &e, "its condition",
		rules_scored(c->rules) ? "" : ": no rule behind it is reached, nor the default");
	c->barred |= c->always;
	c->always |= e.always && e.ever && e.proven && !rules_scored(c->rules);
	if (e.ever && !c->barred && !rules_scored(c->rules))
		check_reach(c, i);
}

static void check_score(struct checking *c, size_t i)
{
	const struct rule *rule = rules_at(c->rules, i);
	struct readings t;

	if (rule->score < 0)
		return;
	readings_read(&t, rules_conditions(c->rules), rule->score);
	check_names(c, rule, &t);
	readings_release(&t);
}

static void check_escalation(struct checking *c, size_t i)
{
	const struct escalation *e = rules_escalation(c->rules, i);
	struct rule as = {.id = e->reason, .line = e->line, .column = e->column};
	struct readings t;
	struct ever ever;

	readings_read(&t, rules_moments(c->rules), e->when);
	check_names(c, &as, &t);
	ever = find_ever(c, rules_moments(c->rules), e->when, &t);
	check_ever(c, &as, &ever, "the condition of the escalation", "");
	readings_release(&t);
}

/* Nothing is escalated where no bot answers. */
static void check_machines(struct checking *c)
{
	bool any = !rules_escalations(c->rules);
	struct rule as = {0};

	for (size_t i = 0; i < rules_count(c->rules) && !any; i++) {
		enum agent_kind kind = rules_at(c->rules, i)->target.agent;

		any = kind == AGENT_BOT || kind == AGENT_AI;
	}
	if (any)
		return;
	as.line = rules_escalation(c->rules, 0)->line;
	as.column = rules_escalation(c->rules, 0)->column;
	check_say(c, FINDING_WARNING, &as,
		"no target has the agent bot or ai, so nothing is ever escalated");
}

struct gap {
	const struct intent *intent;
};

static void get_gap(void *ctx, int column, struct str call, struct expr_value *out)
{
	const struct intent *i = ((const struct gap *)ctx)->intent;
	const char *name = column < 0 ? "" : conditions_column_name(column), *text = NULL;

	(void)call;
	*out = (struct expr_value){.type = column < 0 ? EXPR_INT : EXPR_NULL};
	if (strcmp(name, "intent") == 0)
		text = i->id;
	else if (strcmp(name, "family") == 0)
		text = i->family;
	else if (strcmp(name, "direction") == 0)
		text = "in";
	else if (strcmp(name, "type") == 0)
		text = "message";
	if (text)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = str_of(text)};
}

static bool is_gap(struct checking *c, const struct intent *intent)
{
	struct gap g = {intent};
	struct supposed as = {&g, get_gap};

	for (size_t i = 0; i + 1 < rules_count(c->rules); i++) {
		const struct rule *rule = rules_at(c->rules, i);
		const struct expr_value *v =
			rule->when < 0
				? NULL
				: conditions_suppose(rules_conditions(c->rules), rule->when, &as);

		if (rule->when < 0 || (v && expr_true(v)))
			return false;
	}
	return true;
}

#define GAPS_TOLD 8

static void check_gaps(struct checking *c)
{
	const struct ontology *o = c->of->ontology;
	const struct rule *rest = rules_at(c->rules, rules_count(c->rules) - 1);
	struct buf names = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < o->intent_n && !rules_scored(c->rules); i++) {
		if (o->intents[i].courtesy || !is_gap(c, &o->intents[i]))
			continue;
		if (n++ < GAPS_TOLD)
			buf_printf(&names, "%s%s", n > 1 ? ", " : "", o->intents[i].id);
	}
	if (n)
		check_say(c, FINDING_NOTE, rest,
			"%zu intents go to the default where nothing else is known: %s%s", n,
			names.s, n > GAPS_TOLD ? ", ..." : "");
	buf_release(&names);
}

static int tell(struct checking *c, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	findings_sort(&c->findings);
	for (size_t i = 0; i < c->findings.n; i++)
		finding_put(&c->findings.v[i], c->of->text, &text);
	status = out_put(c->of->out, buf_str(&text), err);
	buf_release(&text);
	return status;
}

static int check_all(struct checking *c, struct buf *err)
{
	size_t n = rules_count(c->rules);
	int status = c->of->db ? check_log(c, err) : 0;

	if (status < 0)
		return status;
	for (size_t i = 0; i + 1 < n; i++) {
		check_rule(c, i);
		check_score(c, i);
	}
	if (rules_scored(c->rules))
		check_shadows(c);
	for (size_t i = 0; i < rules_escalations(c->rules); i++)
		check_escalation(c, i);
	check_machines(c);
	check_gaps(c);
	if (c->of->db)
		check_fired(c);
	return 0;
}

int route_check(struct route_check *of, struct buf *err)
{
	struct checking c = {.of = of};
	struct buf why = BUF_INIT;
	size_t n;
	int status = 0;

	c.rules = rules_read(of->path, of->ontology, &why);
	n = c.rules ? rules_count(c.rules) : 0;
	c.read = mem_zero(n + 1, sizeof(*c.read));
	c.covered = mem_zero(n + 1, sizeof(*c.covered));
	c.cases = cases_new(of->ontology);
	if (c.rules)
		status = check_all(&c, err);
	else
		findings_message(&c.findings, of->path, why.s);
	if (status == 0)
		status = tell(&c, err);
	if (status == 0)
		status = findings_count(&c.findings, FINDING_ERROR) > 0;
	for (size_t i = 0; i < n; i++)
		readings_release(&c.read[i]);
	free(c.read);
	free(c.covered);
	check_log_release(&c);
	cases_free(c.cases);
	rules_free(c.rules);
	findings_release(&c.findings);
	buf_release(&why);
	return status;
}
