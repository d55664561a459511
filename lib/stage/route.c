#include "base/hash.h"
#include "core/draft.h"
#include "stage/route_part.h"
#include "stage/situation.h"

#include <stdlib.h>

struct run {
	struct route *r;
	struct situation situation;
	struct draft draft;
	struct hash *hash;
	bool wanted[CONTEXT_COUNT];
	struct buf record, scratch;
	struct candidates candidates;
	int status;
};

int route_context(const char *name, enum route_context *out, struct buf *err)
{
	static const char *const names[] = {
		[ROUTE_BRIEF] = "brief", [ROUTE_FULL] = "full", [ROUTE_NONE] = "none"};

	*out = ROUTE_BRIEF;
	for (int i = ROUTE_BRIEF; name && i <= ROUTE_NONE; i++)
		if (strcmp(name, names[i]) == 0)
			return *out = (enum route_context)i, 0;
	if (!name)
		return 0;
	buf_printf(err, "no such context: %s (full, brief, none)", name);
	return -1;
}

int route_explore(const char *text, double *out, struct buf *err)
{
	char *end;

	*out = strtod(text, &end);
	if (*end == '%')
		*out /= 100, end++;
	if (end != text && !*end && *out >= 0 && *out <= 1)
		return 0;
	buf_printf(err, "not a share: %s (0 to 1, or 0%% to 100%%)", text);
	return -1;
}

/* What belongs to the event under the rules, and where they explore to their share as well. */
static void digest_of(struct run *run, const struct event *ev, unsigned char digest[HASH_SIZE])
{
	double share = run->r->explore;

	hash_begin(run->hash);
	hash_add_part(run->hash, str_of(rules_label(run->r->rules)));
	hash_add_part(run->hash, event_attr(ev, ATTR_SOURCE));
	hash_add_part(run->hash, event_attr(ev, ATTR_ID));
	if (share > 0) {
		buf_clear(&run->scratch);
		buf_puts(&run->scratch, "explore ");
		json_put_number(&run->scratch, share);
		hash_add_part(run->hash, buf_str(&run->scratch));
	}
	hash_end(run->hash, digest);
}

/* The same event under the same rules has the same decision, under the same id. */
static void set_id(struct run *run, const struct event *ev)
{
	unsigned char digest[HASH_SIZE];

	digest_of(run, ev, digest);
	buf_clear(&run->scratch);
	buf_puts(&run->scratch, "route-");
	hash_hex(&run->scratch, digest, 16);
	draft_attr(&run->draft, ATTR_ID, buf_str(&run->scratch));
}

static void put_target(struct buf *out, const struct target *t)
{
	const char *agent = agent_kind_name(t->agent);

	if (t->queue)
		json_put_text(out, "queue", str_of(t->queue));
	if (t->has_skills) {
		json_put_key(out, "skills");
		buf_byte(out, '[');
		for (size_t i = 0; i < t->skills.n; i++) {
			if (i)
				buf_byte(out, ',');
			json_put_string(out, str_of(t->skills.v[i]));
		}
		buf_byte(out, ']');
	}
	if (agent)
		json_put_text(out, "agent", str_of(agent));
	if (t->priority)
		json_put_int(out, "priority", t->priority);
}

static void put_relaxed(struct buf *out, const struct rule *rule)
{
	if (!rule->relax_n)
		return;
	json_put_key(out, "relax");
	buf_byte(out, '[');
	for (size_t i = 0; i < rule->relax_n; i++) {
		buf_puts(out, i ? ",{" : "{");
		json_put_key(out, "after");
		json_put_number(out, (double)rule->relax[i].after / 1000);
		put_target(out, &rule->relax[i].to);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

void route_put_target(struct buf *out, const struct choice *c)
{
	buf_byte(out, '{');
	put_target(out, &c->target);
	if (c->person.len)
		json_put_text(out, "person", c->person);
	put_relaxed(out, c->rule);
	buf_byte(out, '}');
}

void route_put_reasons(struct buf *out, const struct choice *c)
{
	buf_byte(out, '[');
	for (size_t i = 0; i < c->reason_n; i++) {
		if (i)
			buf_byte(out, ',');
		json_put_string(out, str_of(c->reasons[i]));
	}
	buf_byte(out, ']');
}

void route_put_delivery(
	struct buf *out, struct situation *s, const struct event *ev, const struct choice *c)
{
	struct delivered d;
	const char *reason;

	delivery_choose(c->deliver, ev, &s->context, situation_fold(s, ev), &d);
	reason = d.preferred ? "preferred" : d.channel.len ? "her_contact" : reach_bar_name(d.bar);
	buf_byte(out, '{');
	if (d.channel.len)
		json_put_text(out, "channel", d.channel);
	json_put_text(out, "purpose", str_of(c->deliver->purpose));
	json_put_text(out, "reason", str_of(reason));
	for (size_t i = 0; i < d.skipped_n; i++) {
		if (!i)
			json_put_key(out, "skipped");
		buf_puts(out, i ? ",{" : "[{");
		json_put_text(out, "channel", d.skipped[i].channel);
		json_put_text(out, "reason", str_of(reach_bar_name(d.skipped[i].bar)));
		buf_byte(out, '}');
	}
	buf_puts(out, d.skipped_n ? "]}" : "}");
}

/* With which probability it went where it did, and where else it may have gone. */
static void put_candidates(struct run *run)
{
	struct buf *out = draft_place(&run->draft, DATA_CANDIDATES);

	draft_number(&run->draft, DATA_PROPENSITY, run->candidates.propensity);
	buf_clear(out);
	buf_byte(out, '[');
	for (size_t i = 0; i < run->candidates.n; i++) {
		const struct candidate *c = &run->candidates.v[i];

		buf_puts(out, i ? ",{" : "{");
		json_put_text(out, "rule", str_of(c->rule->id));
		json_put_text(out, "queue", str_of(c->queue));
		json_put_key(out, "propensity");
		json_put_number(out, c->propensity);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

/* The decision belongs to the conversation in which the event was, and so to its customer. */
static void fill(struct run *run, const struct event *ev, const struct choice *c)
{
	static const enum event_attr same[] = {
		ATTR_SOURCE, ATTR_SESSION, ATTR_CHANNEL, ATTR_TRACEPARENT};
	struct draft *d = &run->draft;

	draft_clear(d);
	set_id(run, ev);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		draft_attr(d, same[i], event_attr(ev, same[i]));
	draft_attr(d, ATTR_TYPE, STR("route.decided"));
	draft_attr(d, ATTR_DIRECTION, STR("internal"));
	draft_attr(d, ATTR_ACTOR, STR("system"));
	d->time = ev->time;
	if (!event_attr(ev, ATTR_SESSION).len && ev->data[DATA_IDENTIFIERS])
		draft_raw(d, DATA_IDENTIFIERS, ev->data[DATA_IDENTIFIERS]->raw);
	route_put_target(draft_place(d, DATA_TARGET), c);
	draft_text(d, DATA_QUEUE, str_of(c->target.queue));
	draft_int(d, DATA_PRIORITY, c->target.priority);
	draft_text(d, DATA_RULE, str_of(c->rule->id));
	draft_text(d, DATA_RULES, str_of(rules_label(run->r->rules)));
	draft_text(d, DATA_REASON, str_of(c->rule->reason ? c->rule->reason : ""));
	if (c->reason_n)
		route_put_reasons(draft_place(d, DATA_REASONS), c);
	if (run->r->explore > 0)
		put_candidates(run);
	if (c->deliver)
		route_put_delivery(draft_place(d, DATA_DELIVER), &run->situation, ev, c);
	draft_text(d, DATA_EVENT, event_attr(ev, ATTR_ID));
	if (ev->sequence)
		draft_int(d, DATA_BASIS, ev->sequence);
	if (ev->data[DATA_ORDER])
		draft_raw(d, DATA_ORDER, ev->data[DATA_ORDER]->raw);
}

/* What the decision knew of her, for whoever takes the matter up. */
static int carry_context(struct run *run, const struct event *ev, struct buf *err)
{
	struct buf *out = draft_place(&run->draft, DATA_CONTEXT);
	const struct context *x = &run->situation.context;
	const struct json *given = ev->data[DATA_CONTEXT];
	bool any = false;

	if (run->r->carry == ROUTE_FULL && ev->sequence)
		return situation_bundle(&run->situation, ev, out, err);
	if (run->r->carry == ROUTE_NONE)
		return 0;
	if (given && given->type == JSON_OBJECT) {
		buf_put(out, given->raw);
		return 0;
	}
	for (int i = 0; i < CONTEXT_COUNT && !any; i++)
		any = x->there[i];
	if (any)
		context_write(out, x, run->r->ontology);
	return 0;
}

static int put_decision(
	struct run *run, const struct event *ev, const struct choice *c, struct buf *err)
{
	fill(run, ev, c);
	run->status = carry_context(run, ev, err);
	if (run->status != 0) {
		run->r->pipe.fault = FAULT_RECORD;
		return run->status < 0 ? PIPE_STOP : PIPE_REFUSE;
	}
	buf_clear(&run->record);
	draft_write(&run->record, &run->draft);
	return pipe_put(&run->r->pipe, buf_str(&run->record), err);
}

static int explain(struct run *run, const struct event *ev, const struct choice *c, struct buf *err)
{
	struct route *r = run->r;

	buf_clear(&run->record);
	route_explain(&run->record, r->rules, ev, &run->situation, c);
	if (r->show == ROUTE_EXPLAINED)
		return pipe_put(&r->pipe, buf_str(&run->record), err);
	r->pipe.ledger->written++;
	buf_clear(&run->scratch);
	route_lay_out(&run->scratch, buf_str(&run->record), r->colour);
	return out_put(r->pipe.out, buf_str(&run->scratch), err) < 0 ? PIPE_STOP : PIPE_TAKEN;
}

/* From 0 to below 1, by the bytes from `at` on. */
static double share_of(const unsigned char digest[HASH_SIZE], size_t at)
{
	uint64_t n = 0;

	for (size_t i = 0; i < 8; i++)
		n = n << 8 | digest[at + i];
	return (double)(n >> 11) * 0x1p-53;
}

/* The id is of the digest's first half, the draw of its second. */
static int choose(struct run *run, const struct event *ev, struct choice *c, struct buf *err)
{
	const struct context *x = &run->situation.context;
	unsigned char digest[HASH_SIZE];
	double draw[2];

	if (run->r->explore <= 0)
		return rules_choose(run->r->rules, ev, x, c, err);
	digest_of(run, ev, digest);
	draw[0] = share_of(digest, 16);
	draw[1] = share_of(digest, 24);
	return rules_explore(run->r->rules, ev, x, run->r->explore, draw, c, &run->candidates, err);
}

static int decide(void *ctx, struct event *ev, struct buf *err)
{
	struct run *run = ctx;
	struct choice c;

	if (!str_is(event_attr(ev, ATTR_DIRECTION), "in")) {
		run->r->pipe.ledger->read--;
		run->r->passed_over++;
		return PIPE_TAKEN;
	}
	run->status = situation_find(&run->situation, ev, err);
	if (run->status < 0)
		return PIPE_STOP;
	run->r->pipe.fault = run->status > 0 ? FAULT_RECORD : FAULT_MAP;
	if (run->status > 0 || choose(run, ev, &c, err) < 0)
		return PIPE_REFUSE;
	return run->r->show == ROUTE_RECORDS ? put_decision(run, ev, &c, err)
					     : explain(run, ev, &c, err);
}

int route(struct route *r, char *const *paths, size_t n, struct buf *err)
{
	struct run run = {.r = r,
		.situation = {.ontology = r->ontology,
			.db = r->db,
			.wait_ms = r->wait_ms,
			.folded = rules_deliver(r->rules)},
		.record = BUF_INIT,
		.scratch = BUF_INIT};
	int status;

	situation_init(&run.situation);
	/* Of a context that the record brings no more is read than is asked for. */
	rules_want(r->rules, run.wanted);
	run.situation.context.wanted = run.wanted;
	draft_init(&run.draft);
	run.hash = hash_new();
	status = pipe_run(&r->pipe, paths, n, decide, &run, err);
	r->blind = run.situation.blind;
	situation_release(&run.situation);
	hash_free(run.hash);
	free(run.candidates.v);
	draft_release(&run.draft);
	buf_release(&run.record);
	buf_release(&run.scratch);
	return run.status < 0 ? run.status : status;
}
