#include "stage/route.h"
#include "base/hash.h"
#include "core/draft.h"

#define CONTEXT_BYTES ((size_t)12 << 20)

struct run {
	struct route *r;
	struct store *store;
	struct journey *journey;
	struct context context;
	struct draft draft;
	struct hash *hash;
	struct buf record, scratch;
	int status;
};

static int find_context(struct run *run, const struct event *ev, struct buf *err)
{
	struct route *r = run->r;
	const struct json *given = ev->data[DATA_CONTEXT];

	if (given && given->type == JSON_OBJECT) {
		context_read(&run->context, given, r->ontology);
		return 0;
	}
	if (!ev->sequence) {
		context_clear(&run->context);
		r->blind++;
		return 0;
	}
	if (!run->store) {
		int status =
			store_open(&run->store, store_path(r->db), STORE_READ, r->wait_ms, err);

		if (status < 0)
			return status;
		run->journey = journey_new(run->store, r->ontology, CONTEXT_BYTES);
	}
	return journey_context(run->journey, ev, &run->context, err);
}

/* The same event under the same rules has the same decision, under the same id. */
static void set_id(struct run *run, const struct event *ev)
{
	unsigned char digest[HASH_SIZE];

	hash_begin(run->hash);
	hash_add_part(run->hash, str_of(rules_label(run->r->rules)));
	hash_add_part(run->hash, event_attr(ev, ATTR_SOURCE));
	hash_add_part(run->hash, event_attr(ev, ATTR_ID));
	hash_end(run->hash, digest);
	buf_clear(&run->scratch);
	buf_puts(&run->scratch, "route-");
	hash_hex(&run->scratch, digest, 16);
	draft_attr(&run->draft, ATTR_ID, buf_str(&run->scratch));
}

/* The decision belongs to the conversation in which the event was, and so to its customer. */
static void fill(struct run *run, const struct event *ev, const struct rule *rule)
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
	draft_text(d, DATA_QUEUE, str_of(rule->queue));
	draft_int(d, DATA_PRIORITY, rule->priority);
	draft_text(d, DATA_RULE, str_of(rule->id));
	draft_text(d, DATA_RULES, str_of(rules_label(run->r->rules)));
	draft_text(d, DATA_REASON, str_of(rule->reason ? rule->reason : ""));
	draft_text(d, DATA_EVENT, event_attr(ev, ATTR_ID));
	if (ev->sequence)
		draft_int(d, DATA_BASIS, ev->sequence);
	if (ev->data[DATA_ORDER])
		draft_raw(d, DATA_ORDER, ev->data[DATA_ORDER]->raw);
}

static int decide(void *ctx, struct event *ev, struct buf *err)
{
	struct run *run = ctx;
	const struct rule *rule;

	if (!str_is(event_attr(ev, ATTR_DIRECTION), "in")) {
		run->r->pipe.ledger->read--;
		run->r->passed_over++;
		return PIPE_TAKEN;
	}
	run->status = find_context(run, ev, err);
	if (run->status < 0)
		return PIPE_STOP;
	rule = rules_first(run->r->rules, ev, &run->context, err);
	if (!rule) {
		run->r->pipe.fault = FAULT_MAP;
		return PIPE_REFUSE;
	}
	fill(run, ev, rule);
	buf_clear(&run->record);
	draft_write(&run->record, &run->draft);
	return pipe_put(&run->r->pipe, buf_str(&run->record), err);
}

int route(struct route *r, char *const *paths, size_t n, struct buf *err)
{
	struct run run = {.r = r, .record = BUF_INIT, .scratch = BUF_INIT};
	int status;

	context_init(&run.context);
	draft_init(&run.draft);
	run.hash = hash_new();
	status = pipe_run(&r->pipe, paths, n, decide, &run, err);
	journey_free(run.journey);
	store_close(run.store);
	hash_free(run.hash);
	draft_release(&run.draft);
	context_release(&run.context);
	buf_release(&run.record);
	buf_release(&run.scratch);
	return run.status < 0 ? run.status : status;
}
