#include "stage/route_diff.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/text.h"
#include "stage/route_part.h"
#include "stage/situation.h"

#include <math.h>
#include <stdlib.h>

enum dimension { BY_RULE, BY_INTENT, BY_REGION, BY_VALUE, BY_COUNT };
static const char *const dimensions[] = {
	[BY_RULE] = "rule", [BY_INTENT] = "intent", [BY_REGION] = "region", [BY_VALUE] = "value"};

#define GROUPS_MAX 10000 /* of a dimension; what comes later goes together */
#define EXAMPLES_MAX 1000

struct group {
	char *name, *from, *to; /* from, to: of rules */
	uint64_t decided, changed;
	int64_t examples;
};

struct side {
	struct map of; /* name -> number + 1 */
	struct group *v;
	size_t n, cap;
};

struct example {
	char *json;
};

struct run {
	struct route_diff *d;
	struct situation situation;
	struct side sides[BY_COUNT];
	uint64_t decided, changed, renamed; /* renamed: another rule, and the same decision */
	struct example *examples;
	size_t example_n, example_cap;
	struct buf one, other, key;
	int status;
};

int route_share(const char *text, double *out, struct buf *err)
{
	char *end;

	*out = strtod(text, &end) / 100;
	if (end != text && strcmp(end, "%") == 0 && *out >= 0 && *out <= 1)
		return 0;
	buf_printf(err, "not a share: %s (0%% to 100%%)", text);
	return -1;
}

static bool asked(const struct opt_list *by, enum dimension d)
{
	for (size_t i = 0; i < by->n; i++)
		if (strcmp(by->v[i], dimensions[d]) == 0)
			return true;
	return !by->n;
}

int route_diff_by(const struct opt_list *by, struct buf *err)
{
	for (size_t i = 0; i < by->n; i++) {
		int d = 0;

		while (d < BY_COUNT && strcmp(by->v[i], dimensions[d]) != 0)
			d++;
		if (d == BY_COUNT) {
			buf_printf(err, "no such dimension: %s (rule, intent, region, value)",
				by->v[i]);
			return -1;
		}
	}
	return 0;
}

/* ---- groups ---- */

static struct group *group_of(struct side *s, struct str name)
{
	union map_value *v = map_get(&s->of, name);
	struct group *g;

	if (!v && s->n >= GROUPS_MAX) {
		name = STR("(others)");
		v = map_get(&s->of, name);
	}
	if (v)
		return &s->v[v->n - 1];
	g = VEC_ADD(s, v, n, cap);
	g->name = mem_copy(name.s ? name.s : "", name.len);
	map_slot(&s->of, name, NULL)->n = (int64_t)s->n;
	return g;
}

static void count(struct side *s, struct str name, bool changed)
{
	struct group *g = group_of(s, name.len ? name : STR("(none)"));

	g->decided++;
	g->changed += changed;
}

static struct str band_of(const struct context *x)
{
	double v = x->number[CONTEXT_value];

	if (!x->there[CONTEXT_value])
		return STR("unknown");
	if (v <= 0)
		return STR("0");
	if (v < 100)
		return STR("below 100");
	if (v < 1000)
		return STR("100 to 1000");
	return v < 10000 ? STR("1000 to 10000") : STR("10000 and more");
}

static struct group *count_rules(
	struct run *run, const struct choice *a, const struct choice *b, bool changed)
{
	struct group *g;

	buf_clear(&run->key);
	buf_printf(&run->key, "%s -> %s", a->rule->id, b->rule->id);
	count(&run->sides[BY_RULE], buf_str(&run->key), changed);
	g = group_of(&run->sides[BY_RULE], buf_str(&run->key));
	if (!g->from) {
		g->from = mem_string(a->rule->id);
		g->to = mem_string(b->rule->id);
	}
	return g;
}

/* ---- events ---- */

static void put_side(struct run *run, struct buf *out, const char *key, const struct event *ev,
	const struct choice *c)
{
	json_put_key(out, key);
	buf_byte(out, '{');
	json_put_text(out, "rule", str_of(c->rule->id));
	json_put_key(out, "target");
	route_put_target(out, c);
	json_put_key(out, "reasons");
	route_put_reasons(out, c);
	if (run->situation.folded && c->deliver) {
		json_put_key(out, "deliver");
		route_put_delivery(out, &run->situation, ev, c);
	}
	buf_byte(out, '}');
}

static void keep_example(struct run *run, struct group *g, const struct event *ev,
	const struct choice *a, const struct choice *b)
{
	struct buf out = BUF_INIT;

	if (g->examples >= run->d->examples || run->example_n >= EXAMPLES_MAX)
		return;
	g->examples++;
	buf_puts(&out, "{\"kind\":\"example\"");
	json_put_text(&out, "event", event_attr(ev, ATTR_ID));
	if (ev->sequence)
		json_put_int(&out, "sequence", ev->sequence);
	json_put_text(&out, "time", event_attr(ev, ATTR_TIME));
	json_put_text(&out, "intent", event_text(ev, DATA_INTENT));
	put_side(run, &out, "a", ev, a);
	put_side(run, &out, "b", ev, b);
	buf_byte(&out, '}');
	VEC_ADD(run, examples, example_n, example_cap)->json = buf_take(&out);
}

static void put_decision(
	struct run *run, struct buf *out, const struct event *ev, const struct choice *c)
{
	buf_clear(out);
	route_put_target(out, c);
	route_put_reasons(out, c);
	if (run->situation.folded && c->deliver)
		route_put_delivery(out, &run->situation, ev, c);
}

/* Whether it goes elsewhere: where to, why a person, and how to answer. */
static bool differ(
	struct run *run, const struct event *ev, const struct choice *a, const struct choice *b)
{
	put_decision(run, &run->one, ev, a);
	put_decision(run, &run->other, ev, b);
	return !str_eq(buf_str(&run->one), buf_str(&run->other));
}

static void compare(
	struct run *run, const struct event *ev, const struct choice *a, const struct choice *b)
{
	const struct context *x = &run->situation.context;
	struct str region = event_text(ev, DATA_REGION);
	bool changed = differ(run, ev, a, b);
	struct group *g = count_rules(run, a, b, changed);

	run->decided++;
	run->changed += changed;
	run->renamed += !changed && strcmp(a->rule->id, b->rule->id) != 0;
	if (changed)
		keep_example(run, g, ev, a, b);
	if (!region.len && x->there[CONTEXT_region])
		region = buf_str(&x->text[CONTEXT_region]);
	count(&run->sides[BY_INTENT], event_text(ev, DATA_INTENT), changed);
	count(&run->sides[BY_REGION], region, changed);
	count(&run->sides[BY_VALUE], band_of(x), changed);
}

static int choose_both(struct run *run, const struct event *ev, struct buf *err)
{
	const struct context *x = &run->situation.context;
	struct choice a, b;

	run->status = situation_find(&run->situation, ev, err);
	if (run->status < 0)
		return PIPE_STOP;
	run->d->pipe.fault = run->status > 0 ? FAULT_RECORD : FAULT_MAP;
	if (run->status > 0)
		return PIPE_REFUSE;
	if (rules_choose(run->d->a, ev, x, &a, err) < 0 ||
		rules_choose(run->d->b, ev, x, &b, err) < 0)
		return PIPE_REFUSE;
	compare(run, ev, &a, &b);
	run->d->pipe.ledger->written++;
	return PIPE_TAKEN;
}

static int take(void *ctx, struct event *ev, struct buf *err)
{
	struct run *run = ctx;

	if (!str_is(event_attr(ev, ATTR_DIRECTION), "in")) {
		run->d->pipe.ledger->read--;
		run->d->passed_over++;
		return PIPE_TAKEN;
	}
	if (!when_within(&run->d->range, ev->time)) {
		run->d->pipe.ledger->read--;
		run->d->outside++;
		return PIPE_TAKEN;
	}
	return choose_both(run, ev, err);
}

/* ---- what came of it ---- */

static int by_change(const void *pa, const void *pb)
{
	const struct group *a = pa, *b = pb;

	if (a->changed != b->changed)
		return a->changed > b->changed ? -1 : 1;
	if (a->decided != b->decided)
		return a->decided > b->decided ? -1 : 1;
	return strcmp(a->name, b->name);
}

static double share(uint64_t changed, uint64_t decided)
{
	return decided ? (double)changed / (double)decided : 0;
}

static void put_counts(struct buf *out, uint64_t decided, uint64_t changed)
{
	json_put_int(out, "decided", (int64_t)decided);
	json_put_int(out, "changed", (int64_t)changed);
	json_put_key(out, "share");
	json_put_number(out, share(changed, decided));
}

static void put_groups(struct buf *out, const struct side *s, enum dimension d)
{
	for (size_t i = 0; i < s->n && s->v[i].changed; i++) {
		buf_puts(out, "{\"kind\":\"group\"");
		json_put_text(out, "by", str_of(dimensions[d]));
		if (s->v[i].from) {
			json_put_text(out, "from", str_of(s->v[i].from));
			json_put_text(out, "to", str_of(s->v[i].to));
		} else {
			json_put_text(out, "of", str_of(s->v[i].name));
		}
		put_counts(out, s->v[i].decided, s->v[i].changed);
		buf_puts(out, "}\n");
	}
}

static void put_records(struct run *run, struct buf *out)
{
	buf_puts(out, "{\"kind\":\"summary\"");
	json_put_text(out, "a", str_of(rules_label(run->d->a)));
	json_put_text(out, "b", str_of(rules_label(run->d->b)));
	put_counts(out, run->decided, run->changed);
	json_put_int(out, "same_by_another_rule", (int64_t)run->renamed);
	buf_puts(out, "}\n");
	for (int d = 0; d < BY_COUNT; d++)
		if (asked(&run->d->by, (enum dimension)d))
			put_groups(out, &run->sides[d], (enum dimension)d);
	for (size_t i = 0; i < run->example_n; i++)
		buf_printf(out, "%s\n", run->examples[i].json);
}

static void number_cell(struct table *t, struct buf *cell, const char *format, double n)
{
	buf_clear(cell);
	buf_printf(cell, format, n);
	table_cell(t, buf_str(cell));
}

static void lay_groups(struct buf *out, const struct side *s, enum dimension d)
{
	struct table t = TABLE_INIT;
	struct buf cell = BUF_INIT;

	table_column(&t, dimensions[d], false);
	table_column(&t, "decided", true);
	table_column(&t, "changed", true);
	table_column(&t, "share", true);
	for (size_t i = 0; i < s->n && s->v[i].changed; i++) {
		table_cell(&t, str_of(s->v[i].name));
		number_cell(&t, &cell, "%.0f", (double)s->v[i].decided);
		number_cell(&t, &cell, "%.0f", (double)s->v[i].changed);
		number_cell(&t, &cell, "%.1f%%", 100 * share(s->v[i].changed, s->v[i].decided));
	}
	buf_byte(out, '\n');
	table_print(&t, out);
	table_release(&t);
	buf_release(&cell);
}

static void lay_side(struct buf *out, const struct json *side)
{
	const struct json *rule = json_member(side, "rule"), *target = json_member(side, "target"),
			  *deliver = json_member(side, "deliver");

	text_plain(out, rule->text);
	buf_byte(out, ' ');
	text_plain(out, target->raw);
	if (deliver) {
		buf_puts(out, " answer ");
		text_plain(out, deliver->raw);
	}
}

static void lay_example(struct buf *out, const char *json)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf err = BUF_INIT;

	if (json_parse(&doc, str_of(json), false, &err) == 0) {
		text_plain(out, json_member(doc.v, "time")->text);
		buf_byte(out, ' ');
		text_plain(out, json_member(doc.v, "event")->text);
		buf_puts(out, "\n  a  ");
		lay_side(out, json_member(doc.v, "a"));
		buf_puts(out, "\n  b  ");
		lay_side(out, json_member(doc.v, "b"));
		buf_byte(out, '\n');
	}
	json_release(&doc);
	buf_release(&err);
}

static void lay_out(struct run *run, struct buf *out)
{
	buf_printf(out, "%s (%s) -> %s (%s): %llu of %llu decisions change (%.1f%%)\n",
		rules_path(run->d->a), rules_label(run->d->a), rules_path(run->d->b),
		rules_label(run->d->b), (unsigned long long)run->changed,
		(unsigned long long)run->decided, 100 * share(run->changed, run->decided));
	if (run->renamed)
		buf_printf(out, "%llu are made by another rule and are the same\n",
			(unsigned long long)run->renamed);
	for (int d = 0; run->changed && d < BY_COUNT; d++)
		if (asked(&run->d->by, (enum dimension)d))
			lay_groups(out, &run->sides[d], (enum dimension)d);
	if (run->example_n)
		buf_byte(out, '\n');
	for (size_t i = 0; i < run->example_n; i++)
		lay_example(out, run->examples[i].json);
}

static int tell(struct run *run, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	for (int d = 0; d < BY_COUNT; d++)
		if (run->sides[d].n)
			qsort(run->sides[d].v, run->sides[d].n, sizeof(struct group), by_change);
	if (run->d->table)
		lay_out(run, &text);
	else
		put_records(run, &text);
	status = out_put(run->d->pipe.out, buf_str(&text), err);
	buf_release(&text);
	if (status < 0)
		return STORE_ERROR;
	return run->d->most >= 0 && share(run->changed, run->decided) > run->d->most;
}

static void release(struct run *run)
{
	for (int d = 0; d < BY_COUNT; d++) {
		for (size_t i = 0; i < run->sides[d].n; i++) {
			free(run->sides[d].v[i].name);
			free(run->sides[d].v[i].from);
			free(run->sides[d].v[i].to);
		}
		free(run->sides[d].v);
		map_release(&run->sides[d].of);
	}
	for (size_t i = 0; i < run->example_n; i++)
		free(run->examples[i].json);
	free(run->examples);
	buf_release(&run->one);
	buf_release(&run->other);
	buf_release(&run->key);
	situation_release(&run->situation);
}

int route_diff(struct route_diff *d, char *const *paths, size_t n, struct buf *err)
{
	struct run run = {.d = d,
		.situation = {.ontology = d->ontology,
			.db = d->db,
			.wait_ms = d->wait_ms,
			/* Rules that say nothing of it have no opinion. */
			.folded = rules_deliver(d->a) && rules_deliver(d->b)},
		.one = BUF_INIT,
		.other = BUF_INIT,
		.key = BUF_INIT};
	int status;

	situation_init(&run.situation);
	status = d->log ? situation_read(&run.situation, d->pipe.ledger, take, &run, err)
			: pipe_run(&d->pipe, paths, n, take, &run, err);
	d->blind = run.situation.blind;
	status = run.status < 0 ? run.status : status;
	if (status == 0)
		status = tell(&run, err);
	release(&run);
	return status;
}
