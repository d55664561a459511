#include "base/mem.h"
#include "base/region.h"
#include "base/when.h"
#include "core/policy_part.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#define GROUPS_MAX 256		  /* that are kept */
#define DEFER_MOST (7 * WHEN_DAY) /* a week has each hour of each weekday */

struct group_key {
	int64_t action, region, span; /* span: between which edges */
};

/* A group in the making. */
struct making {
	struct group *g;
	struct buf word, err;
};

void ruling_init(struct ruling *r)
{
	*r = (struct ruling){.inputs = BUF_INIT, .failed = BUF_INIT};
}

void ruling_release(struct ruling *r)
{
	free(r->by);
	buf_release(&r->inputs);
	buf_release(&r->failed);
}

/* ---- groups ---- */

void policy_group_free(struct group *g)
{
	for (size_t i = 0; i < g->input_n; i++) {
		free(g->input[i].name);
		buf_release(&g->input[i].key);
	}
	conditions_free(g->conditions);
	free(g->input);
	free(g->by_number);
	free(g->held);
	free(g->v);
	free(g);
}

static void see_read(void *ctx, struct str name)
{
	struct making *m = ctx;
	struct group *g = m->g;
	struct yaml as = {.type = YAML_SCALAR, .line = 1, .column = 1};
	size_t at = 0;

	buf_clear(&m->word);
	buf_put(&m->word, name);
	while (at < g->input_n && strcmp(g->input[at].name, m->word.s) < 0)
		at++;
	if (at < g->input_n && strcmp(g->input[at].name, m->word.s) == 0)
		return;
	as.text = m->word.s;
	VEC_ADD(g, input, input_n, input_cap);
	memmove(&g->input[at + 1], &g->input[at], (g->input_n - 1 - at) * sizeof(*g->input));
	g->input[at] = (struct input){
		mem_string(m->word.s), BUF_INIT, conditions_add(g->conditions, "", &as, &m->err)};
	buf_byte(&g->input[at].key, ',');
	json_put_string(&g->input[at].key, buf_str(&m->word));
	buf_byte(&g->input[at].key, ':');
}

/* It was compiled when the file was read. */
static int add_condition(struct making *m, const struct policy *of, const struct yaml *sql)
{
	int number = conditions_add(m->g->conditions, of->path, sql, &m->err);

	conditions_reads(m->g->conditions, number, see_read, m);
	policy_calls(sql->text, see_read, m);
	return number;
}

static int add_when(struct making *m, const struct policy *of)
{
	char one[] = "1";
	const struct yaml always = {.type = YAML_SCALAR, .text = one, .line = 1, .column = 1};
	int number = add_condition(m, of, of->when ? of->when : &always);

	conditions_whether(m->g->conditions, number);
	return number;
}

/* Many say the same. */
static int add_limit(struct making *m, const struct policy *of)
{
	if (!of->limit)
		return -1;
	for (size_t i = 0; i + 1 < m->g->n; i++) {
		const struct asked *a = &m->g->v[i];

		if (a->limit >= 0 && strcmp(a->policy->limit->text, of->limit->text) == 0)
			return a->limit;
	}
	return add_condition(m, of, of->limit);
}

static void add_policy(struct making *m, const struct policy *one)
{
	struct asked *a = VEC_ADD(m->g, v, n, cap);

	a->policy = one;
	a->when = add_when(m, one);
	a->limit = add_limit(m, one);
}

static void number_policies(struct group *g)
{
	g->held = mem_zero(g->n + 1, sizeof(struct asked *));
	g->by_number = mem_zero(conditions_count(g->conditions) + 1, sizeof(struct asked *));
	for (size_t i = 0; i < g->n; i++)
		g->by_number[g->v[i].when] = &g->v[i];
}

static struct group *make_group(
	struct policies *p, struct str action, struct str region, int64_t time)
{
	struct making m = {.g = mem_zero(1, sizeof(*m.g)), .word = BUF_INIT, .err = BUF_INIT};

	m.g->conditions = conditions_new(p->ontology);
	for (size_t i = 0; i < p->root_n; i++)
		conditions_zones(m.g->conditions, "", yaml_get(p->root[i], "zones"), &m.err);
	for (size_t i = 0; i < p->n; i++) {
		const struct policy *one = &p->v[i];

		if (time >= one->from && time < one->until && policy_about(one, action) &&
			policy_covers(one, region))
			add_policy(&m, one);
	}
	/* Which policies were asked depends on it. */
	if (p->by_region)
		see_read(&m, STR("region"));
	number_policies(m.g);
	buf_release(&m.word);
	buf_release(&m.err);
	return m.g;
}

static void drop_group(void *ctx, struct str key, union map_value *v)
{
	(void)ctx;
	(void)key;
	policy_group_free(v->p);
}

/* The number of the nearest region that some policy names: "BR" for "BR-SP". */
static int64_t region_number(const struct policies *p, struct str region)
{
	while (region.len) {
		const union map_value *v = NULL;
		char folded[REGION_MAX];

		for (size_t i = 0; i < REGION_MAX && i < region.len; i++)
			folded[i] = (char)toupper((unsigned char)region.s[i]);
		if (region.len <= REGION_MAX)
			v = map_get(&p->regions, (struct str){folded, region.len});
		if (v)
			return v->n;
		while (region.len && region.s[region.len - 1] != '-')
			region.len--;
		region.len -= region.len > 0;
	}
	return 0;
}

static struct group *group_of(
	struct policies *p, struct str action, struct str region, int64_t time)
{
	const union map_value *named = map_get(&p->actions, action);
	struct group_key key = {named ? named->n : 0, region_number(p, region), 0};
	struct str bytes = {(const char *)&key, sizeof(key)};
	union map_value *v;

	while ((size_t)key.span < p->edge_n && p->edge[key.span] <= time)
		key.span++;
	v = map_get(&p->groups, bytes);
	if (v)
		return v->p;
	if (map_count(&p->groups) >= GROUPS_MAX) {
		map_each(&p->groups, drop_group, NULL);
		map_release(&p->groups);
	}
	v = map_slot(&p->groups, bytes, NULL);
	v->p = make_group(p, action, region, time);
	return v->p;
}

/* ---- ruling ---- */

static void put_value(struct buf *out, const struct expr_value *v)
{
	switch (v->type) {
	case EXPR_INT:
		buf_int(out, v->n);
		break;
	case EXPR_REAL:
		if (isfinite(v->real))
			json_put_number(out, v->real);
		else
			buf_puts(out, "null");
		break;
	case EXPR_TEXT:
		json_put_string(out, v->text);
		break;
	default:
		buf_puts(out, "null");
	}
}

static void put_inputs(struct buf *out, const struct group *g)
{
	buf_byte(out, '{');
	for (size_t i = 0; i < g->input_n; i++) {
		struct str key = buf_str(&g->input[i].key);

		buf_put(out, i ? key : (struct str){key.s + 1, key.len - 1});
		put_value(out, conditions_value(g->conditions, g->input[i].number));
	}
	buf_byte(out, '}');
}

static int read_limit(const struct group *g, struct asked *a, struct buf *why)
{
	const struct expr_value *v = conditions_value(g->conditions, a->limit);

	a->most = v->type == EXPR_INT ? (double)v->n : v->real;
	if ((v->type == EXPR_INT || v->type == EXPR_REAL) && isfinite(a->most))
		return 0;
	buf_printf(why, "%s:%d:%d: the limit is no number", a->policy->path, a->policy->limit->line,
		a->policy->limit->column);
	return -1;
}

/* The verdict of those that hold, and the least of their limits; -1 where a limit is none. */
static int weigh(struct group *g, struct ruling *out)
{
	out->verdict = g->held_n ? VERDICT_ALLOW : VERDICT_REVIEW;
	for (size_t i = 0; i < g->held_n; i++) {
		struct asked *a = g->held[i];

		if (a->policy->then > out->verdict)
			out->verdict = a->policy->then;
		if (a->limit < 0)
			continue;
		if (read_limit(g, a, &out->failed) < 0)
			return -1;
		if (!out->limited || a->most < out->limit)
			out->limit = a->most;
		out->limited = true;
	}
	out->limited &= out->verdict == VERDICT_LIMIT;
	return 0;
}

static void find_held(struct group *g)
{
	const struct conditions *c = g->conditions;

	g->held_n = 0;
	for (int n = conditions_held_next(c, -1); n >= 0; n = conditions_held_next(c, n))
		if (g->by_number[n])
			g->held[g->held_n++] = g->by_number[n];
}

static void name_policies(const struct group *g, struct ruling *out)
{
	for (size_t i = 0; i < g->held_n; i++) {
		const struct asked *a = g->held[i];

		if (a->policy->then == out->verdict && (!out->limited || a->most == out->limit))
			*VEC_ADD(out, by, by_n, by_cap) = a->policy;
	}
}

static void apply_limit(const struct event *ev, struct ruling *out)
{
	double amount;

	if (!out->limited)
		return;
	if (out->limit <= 0)
		out->verdict = VERDICT_DENY;
	else if (json_number(ev->data[DATA_AMOUNT], &amount) && amount <= out->limit)
		out->verdict = VERDICT_ALLOW;
}

/* Whether some policy defers at the event's time, all else left as it is; -1: one failed. */
static int waits(
	struct group *g, const struct event *ev, const struct context *context, struct buf *why)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct policy *p = g->v[i].policy;
		const struct expr_value *v;

		if (p->then != VERDICT_DEFER || ev->time < p->from || ev->time >= p->until)
			continue;
		v = conditions_one(g->conditions, g->v[i].when, ev, context, why);
		if (!v)
			return -1;
		if (expr_true(v))
			return 1;
	}
	return 0;
}

static int defer(
	struct group *g, const struct event *ev, const struct context *context, struct ruling *out)
{
	struct event later = *ev;
	int is = 1;

	while (is == 1 && later.time <= ev->time + DEFER_MOST &&
		later.time <= WHEN_LAST - WHEN_HOUR) {
		later.time = conditions_next_hour(g->conditions, &later, context);
		is = waits(g, &later, context, &out->failed);
	}
	out->until = later.time;
	if (is == 1)
		out->verdict = VERDICT_DENY;
	return is < 0 ? -1 : 0;
}

static void fail(struct group *g, struct ruling *out)
{
	out->verdict = VERDICT_REVIEW;
	out->limited = false;
	g->held_n = 0;
}

/* As the column has it: what the record does not say, her latest that does. */
static struct str region_of(const struct event *ev, const struct context *context)
{
	struct str own = event_text(ev, DATA_REGION);

	return own.len ? own : buf_str(&context->text[CONTEXT_region]);
}

void policies_rule(struct policies *p, const struct event *ev, const struct context *context,
	struct ruling *out)
{
	struct group *g =
		group_of(p, event_text(ev, DATA_ACTION), region_of(ev, context), ev->time);

	p->last = g;
	out->limited = false;
	out->by_n = 0;
	buf_clear(&out->inputs);
	buf_clear(&out->failed);
	if (conditions_eval(g->conditions, ev, context, &out->failed) < 0) {
		buf_puts(&out->inputs, "{}");
		fail(g, out);
		return;
	}
	put_inputs(&out->inputs, g);
	find_held(g);
	if (weigh(g, out) < 0) {
		fail(g, out);
		return;
	}
	name_policies(g, out);
	apply_limit(ev, out);
	if (out->verdict == VERDICT_DEFER && defer(g, ev, context, out) < 0) {
		out->by_n = 0;
		fail(g, out);
	}
}

void policies_asked(const struct policies *p, policies_visit *visit, void *ctx)
{
	const struct group *g = p->last;
	size_t next = 0;

	for (size_t i = 0; i < g->n; i++) {
		bool held = next < g->held_n && g->held[next] == &g->v[i];

		visit(ctx, g->v[i].policy, held);
		next += held;
	}
}
