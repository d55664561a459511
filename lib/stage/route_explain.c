/* Why an event goes where it goes: each rule, what it read and what it gave. */
#include "base/die.h"
#include "base/text.h"
#include "stage/route_part.h"

/* Members of one condition: what it read, what it gave, or why it could not be evaluated, which
 * gives NULL. */
static const struct expr_value *tell(struct buf *out, struct conditions *of, int number,
	const char *result, const struct event *ev, const struct context *context, struct buf *read)
{
	struct buf err = BUF_INIT;
	const struct expr_value *v = conditions_tell(of, number, ev, context, read, &err);

	if (v) {
		json_put_key(out, result);
		conditions_put_json(out, v);
	} else {
		json_put_text(out, "error", buf_str(&err));
	}
	buf_release(&err);
	return v;
}

static bool is_true(const struct expr_value *v)
{
	return v && expr_true(v);
}

static bool is_number(const struct expr_value *v)
{
	return v && (v->type == EXPR_INT || v->type == EXPR_REAL);
}

static void put_read(struct buf *out, const struct buf *read)
{
	json_put_key(out, "read");
	buf_printf(out, "{%s}", read->len ? read->s : "");
}

static void put_verdict(struct buf *out, const char *verdict)
{
	json_put_text(out, "verdict", str_of(verdict));
}

static void put_rule(struct buf *out, struct rules *r, const struct rule *rule,
	const struct event *ev, const struct context *context, const struct choice *c, bool *taken)
{
	struct conditions *of = rules_conditions(r);
	struct buf read = BUF_INIT;
	bool holds = true, scores = false;

	json_put_text(out, "id", str_of(rule->id));
	json_put_int(out, "line", rule->line);
	if (rule->when >= 0)
		holds = is_true(tell(out, of, rule->when, "result", ev, context, &read));
	if (rule->score >= 0)
		scores = is_number(tell(out, of, rule->score, "score", ev, context, &read));
	put_read(out, &read);
	if (rule == c->rule)
		put_verdict(out, "decides");
	else if (!holds)
		put_verdict(out, "does not hold");
	else if (rules_scored(r))
		put_verdict(out, scores ? "is outscored" : "has no score");
	else
		put_verdict(out, *taken ? "comes too late" : "holds");
	*taken |= rule == c->rule;
	buf_release(&read);
}

static void put_escalations(struct buf *out, struct rules *r, const struct event *ev,
	const struct context *context, const struct choice *c)
{
	enum agent_kind agent = c->rule->target.agent;

	if (!rules_escalations(r) || (agent != AGENT_BOT && agent != AGENT_AI))
		return;
	json_put_key(out, "escalate");
	buf_byte(out, '[');
	for (size_t i = 0; i < rules_escalations(r); i++) {
		const struct escalation *e = rules_escalation(r, i);
		struct buf read = BUF_INIT;
		bool holds;

		buf_puts(out, i ? ",{" : "{");
		json_put_text(out, "reason", str_of(e->reason));
		json_put_int(out, "line", e->line);
		holds = is_true(tell(out, rules_moments(r), e->when, "result", ev, context, &read));
		put_read(out, &read);
		put_verdict(out, holds ? "calls a person" : "does not hold");
		buf_byte(out, '}');
		buf_release(&read);
	}
	buf_byte(out, ']');
}

void route_explain(struct buf *out, struct rules *r, const struct event *ev, struct situation *s,
	const struct choice *c)
{
	const struct context *context = &s->context;
	bool taken = false;

	buf_byte(out, '{');
	json_put_text(out, "event", event_attr(ev, ATTR_ID));
	if (ev->sequence)
		json_put_int(out, "basis", ev->sequence);
	json_put_text(out, "time", event_attr(ev, ATTR_TIME));
	json_put_text(out, "rule", str_of(c->rule->id));
	json_put_text(out, "rules_version", str_of(rules_label(r)));
	json_put_key(out, "target");
	route_put_target(out, c);
	if (c->reason_n) {
		json_put_key(out, "reasons");
		route_put_reasons(out, c);
	}
	if (c->deliver) {
		json_put_key(out, "deliver");
		route_put_delivery(out, s, ev, c);
	}
	json_put_key(out, "rules");
	buf_byte(out, '[');
	for (size_t i = 0; i + 1 < rules_count(r); i++) {
		buf_puts(out, i ? ",{" : "{");
		put_rule(out, r, rules_at(r, i), ev, context, c, &taken);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
	put_escalations(out, r, ev, context, c);
	buf_byte(out, '}');
}

/* ---- for people ---- */

static void put_text(struct buf *out, const struct json *of, const char *name)
{
	const struct json *v = json_member(of, name);

	if (v)
		text_plain(out, v->type >= JSON_ARRAY ? v->raw : v->text);
}

/* One rule a line: what came of it, which it is, what it gave, and what it read. */
static void put_line(struct buf *out, const struct json *rule, const char *name, bool colour)
{
	const struct json *read = json_member(rule, "read"), *v = json_member(rule, "verdict");
	bool decides = v && (str_is(v->text, "decides") || str_is(v->text, "calls a person"));

	buf_puts(out, decides && colour ? "\033[1m" : "");
	buf_puts(out, decides ? "  * " : "    ");
	put_text(out, rule, name);
	buf_puts(out, decides && colour ? "\033[0m  " : "  ");
	put_text(out, rule, "verdict");
	if (json_member(rule, "score")) {
		buf_puts(out, "  score ");
		put_text(out, rule, "score");
	}
	if (json_member(rule, "error")) {
		buf_puts(out, "  fails: ");
		put_text(out, rule, "error");
	}
	for
		JSON_EACH(one, read)
		{
			buf_puts(out, one == json_first(read) ? "  (" : ", ");
			text_plain(out, one->key);
			buf_puts(out, " = ");
			text_plain(out, one->type == JSON_NULL ? STR("NULL") : one->text);
		}
	buf_puts(out, json_first(read) ? ")\n" : "\n");
}

static void put_lines(struct buf *out, const struct json *list, const char *name, bool colour)
{
	for
		JSON_EACH(v, list)
	put_line(out, v, name, colour);
}

/* Where to answer and why, and what stood against what is preferred. */
static void put_delivery(struct buf *out, const struct json *deliver)
{
	const struct json *skipped = json_member(deliver, "skipped");

	if (!deliver)
		return;
	buf_puts(out, "  answer ");
	if (json_member(deliver, "channel"))
		put_text(out, deliver, "channel");
	else
		buf_puts(out, "nowhere");
	buf_puts(out, ": ");
	put_text(out, deliver, "reason");
	for
		JSON_EACH(one, skipped)
		{
			buf_puts(out, one == json_first(skipped) ? "  (" : ", ");
			put_text(out, one, "channel");
			buf_puts(out, ": ");
			put_text(out, one, "reason");
		}
	buf_puts(out, json_first(skipped) ? ")\n" : "\n");
}

void route_lay_out(struct buf *out, struct str object, bool colour)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf err = BUF_INIT;
	const struct json *target;

	if (json_parse(&doc, object, false, &err) < 0)
		BUG("an explanation that is no JSON");
	target = json_member(doc.v, "target");
	put_text(out, doc.v, "time");
	buf_byte(out, ' ');
	put_text(out, doc.v, "event");
	buf_puts(out, ": ");
	put_text(out, doc.v, "rule");
	buf_puts(out, " -> ");
	put_text(out, target, "queue");
	buf_puts(out, ", priority ");
	put_text(out, target, "priority");
	if (json_member(target, "agent")) {
		buf_puts(out, ", ");
		put_text(out, target, "agent");
	}
	if (json_member(doc.v, "reasons")) {
		buf_puts(out, ", because of ");
		put_text(out, doc.v, "reasons");
	}
	buf_byte(out, '\n');
	put_delivery(out, json_member(doc.v, "deliver"));
	put_lines(out, json_member(doc.v, "rules"), "id", colour);
	put_lines(out, json_member(doc.v, "escalate"), "reason", colour);
	json_release(&doc);
	buf_release(&err);
}
