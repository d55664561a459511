/* What the events of a log say of a rule file. */
#include "base/mem.h"
#include "stage/route_check_part.h"
#include "stage/situation.h"

#include <stdlib.h>

struct asking {
	struct checking *c;
	struct situation situation;
	int status;
};

static void keep_taken(struct checking *c, size_t i, size_t by, const struct event *ev)
{
	struct seen *s = &c->seen[i];
	struct str id = event_attr(ev, ATTR_ID);

	if (s->event)
		return;
	s->event = mem_copy(id.s, id.len);
	s->sequence = ev->sequence;
	s->taker = by;
}

/* The rule that takes it is the first that holds; those behind it that hold come too late. */
static void count_ordered(struct checking *c, const struct event *ev)
{
	struct conditions *of = rules_conditions(c->rules);
	size_t n = rules_count(c->rules) - 1, by = n;

	for (size_t i = 0; i < n; i++) {
		if (!conditions_hold(of, rules_at(c->rules, i)->when))
			continue;
		c->seen[i].held++;
		if (by == n)
			by = i;
		else
			keep_taken(c, i, by, ev);
	}
	c->seen[by].fired++;
}

static void count_scored(struct checking *c, const struct event *ev, const struct context *x)
{
	struct buf err = BUF_INIT;
	struct choice choice;

	if (rules_choose(c->rules, ev, x, &choice, &err) < 0)
		c->failed++;
	else
		c->seen[choice.rule - rules_at(c->rules, 0)].fired++;
	buf_release(&err);
}

static int ask(void *ctx, struct event *ev, struct buf *err)
{
	struct asking *a = ctx;
	struct checking *c = a->c;
	struct buf why = BUF_INIT;
	int status;

	if (!str_is(event_attr(ev, ATTR_DIRECTION), "in"))
		return 0;
	status = situation_find(&a->situation, ev, err);
	if (status < 0)
		return status;
	c->decided++;
	if (rules_scored(c->rules))
		count_scored(c, ev, &a->situation.context);
	else if (conditions_eval(rules_conditions(c->rules), ev, &a->situation.context, &why) < 0)
		c->failed++;
	else
		count_ordered(c, ev);
	buf_release(&why);
	return 0;
}

int check_log(struct checking *c, struct buf *err)
{
	struct asking a = {.c = c,
		.situation = {
			.ontology = c->of->ontology, .db = c->of->db, .wait_ms = c->of->wait_ms}};
	int status;

	c->seen = mem_zero(rules_count(c->rules), sizeof(*c->seen));
	situation_init(&a.situation);
	status = situation_log(&a.situation, ask, &a, err);
	situation_release(&a.situation);
	return status;
}

void check_log_release(struct checking *c)
{
	for (size_t i = 0; c->seen && i < rules_count(c->rules); i++)
		free(c->seen[i].event);
	free(c->seen);
}

void check_log_example(struct checking *c, size_t rule, struct buf *out)
{
	const struct seen *s = &c->seen[rule];

	if (s->event)
		buf_printf(out, ": %s takes event %s (sequence %lld) from it",
			rules_at(c->rules, s->taker)->id, s->event, (long long)s->sequence);
}

static void say(
	struct checking *c, enum finding_level level, const struct rule *rule, struct buf *text)
{
	findings_add(&c->findings, level, rules_path(c->rules), rule->line, rule->column, text->s);
	buf_release(text);
}

void check_fired(struct checking *c)
{
	for (size_t i = 0; i + 1 < rules_count(c->rules); i++) {
		const struct rule *rule = rules_at(c->rules, i);
		const struct seen *s = &c->seen[i];
		struct buf text = BUF_INIT, example = BUF_INIT;

		if (s->fired || c->covered[i] || !c->decided)
			continue;
		check_log_example(c, i, &example);
		if (s->held)
			buf_printf(&text,
				"%s: holds on %llu of the log's %llu inbound events and takes "
				"none%s",
				rule->id, (unsigned long long)s->held,
				(unsigned long long)c->decided, example.s);
		else
			buf_printf(&text, "%s: takes none of the log's %llu inbound events",
				rule->id, (unsigned long long)c->decided);
		say(c, s->held ? FINDING_WARNING : FINDING_NOTE, rule, &text);
		buf_release(&example);
	}
	if (c->failed) {
		struct buf text = BUF_INIT;

		buf_printf(&text, "a condition fails on %llu of the log's %llu inbound events",
			(unsigned long long)c->failed, (unsigned long long)c->decided);
		say(c, FINDING_ERROR, rules_at(c->rules, 0), &text);
	}
}
