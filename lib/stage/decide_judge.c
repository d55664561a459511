#include "base/when.h"
#include "stage/decide_part.h"

#define CONTEXT_BYTES ((size_t)32 << 20)

void judge_init(struct judge *j, struct policies *p, const struct ontology *o)
{
	*j = (struct judge){.policies = p,
		.ontology = o,
		.body = BUF_INIT,
		.key = BUF_INIT,
		.currency = BUF_INIT,
		.text = BUF_INIT,
		.record = BUF_INIT,
		.hash = hash_new()};
	context_init(&j->context);
	policies_want(p, j->wanted);
	j->context.wanted = j->wanted;
	ruling_init(&j->ruling);
	draft_init(&j->draft);
	event_init(&j->scratch);
}

void judge_release(struct judge *j)
{
	taken_release(j);
	journey_free(j->journey);
	context_release(&j->context);
	ruling_release(&j->ruling);
	draft_release(&j->draft);
	event_release(&j->scratch);
	hash_free(j->hash);
	buf_release(&j->body);
	buf_release(&j->key);
	buf_release(&j->text);
	buf_release(&j->record);
}

void judge_open(struct judge *j, struct store *s)
{
	j->store = s;
	j->journey = journey_new(s, j->ontology, CONTEXT_BYTES);
}

int judge_warm(struct judge *j, int64_t seq, struct buf *err)
{
	return journey_warm(j->journey, seq, err);
}

/* seq 0: what the record brings is all that is known. */
static int find_context(struct judge *j, const struct event *ev, int64_t seq, struct buf *err)
{
	const struct json *given = ev->data[DATA_CONTEXT];
	struct event at;

	j->blind = false;
	if (seq) {
		at = *ev;
		at.sequence = seq;
		return journey_place(j->journey, &at, &j->context, &j->place, err);
	}
	if (given && given->type == JSON_OBJECT) {
		context_read(&j->context, given, j->ontology);
	} else {
		context_clear(&j->context);
		j->blind = true;
	}
	return 0;
}

static void put_policies(struct judge *j)
{
	const struct ruling *r = &j->ruling;

	buf_clear(&j->text);
	buf_byte(&j->text, '[');
	for (size_t i = 0; i < r->by_n; i++) {
		if (i)
			buf_byte(&j->text, ',');
		buf_put(&j->text, buf_str(&r->by[i]->told));
	}
	buf_byte(&j->text, ']');
	draft_raw(&j->draft, DATA_POLICIES, buf_str(&j->text));
}

static bool put_before(const struct ruling *r, size_t policy, const struct yaml *what)
{
	for (size_t i = 0; i <= policy; i++)
		for
			YAML_EACH(v, r->by[i]->obligations)
			{
				if (v == what)
					return false;
				if (strcmp(v->text, what->text) == 0)
					return true;
			}
	return false;
}

static void put_obligations(struct judge *j)
{
	const struct ruling *r = &j->ruling;

	for (size_t i = 0; i < r->by_n; i++)
		for
			YAML_EACH(v, r->by[i]->obligations)
	if (!put_before(r, i, v))
		draft_item(&j->draft, DATA_OBLIGATIONS, str_of(v->text));
}

static void put_digest(struct judge *j)
{
	unsigned char digest[HASH_SIZE];

	hash_begin(j->hash);
	hash_add(j->hash, j->ruling.inputs.s, j->ruling.inputs.len);
	hash_end(j->hash, digest);
	buf_clear(&j->text);
	hash_hex(&j->text, digest, HASH_SIZE);
	draft_text(&j->draft, DATA_DIGEST, buf_str(&j->text));
}

static const char *reason_of(const struct ruling *r)
{
	if (r->failed.len)
		return r->failed.s;
	for (size_t i = 0; i < r->by_n; i++)
		if (r->by[i]->reason)
			return r->by[i]->reason;
	return r->by_n ? "" : "no policy says that it may be done";
}

/* What is decided: of a limit, no more than that. */
static void put_amount(struct judge *j, const struct event *ev)
{
	const struct ruling *r = &j->ruling;
	const struct json *amount = ev->data[DATA_AMOUNT];

	if (r->limited)
		draft_number(&j->draft, DATA_LIMIT, r->limit);
	if (r->verdict == VERDICT_LIMIT)
		draft_number(&j->draft, DATA_AMOUNT, r->limit);
	else if (amount)
		draft_raw(&j->draft, DATA_AMOUNT, amount->raw);
}

/* The decision belongs to the conversation in which the proposal was, and so to its customer. */
static void fill(struct judge *j, const struct event *ev, int64_t basis)
{
	static const enum event_attr same[] = {
		ATTR_SOURCE, ATTR_SESSION, ATTR_CHANNEL, ATTR_ACTOR, ATTR_TRACEPARENT};
	static const enum event_data told[] = {
		DATA_AGENT, DATA_PURPOSE, DATA_ACTION, DATA_CURRENCY, DATA_DUE, DATA_ORDER};
	struct draft *d = &j->draft;
	char until[WHEN_TEXT];

	draft_clear(d);
	buf_clear(&j->text);
	taken_put_id(j->last.id, &j->text);
	draft_attr(d, ATTR_ID, buf_str(&j->text));
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		draft_attr(d, same[i], event_attr(ev, same[i]));
	draft_attr(d, ATTR_TYPE, STR("decision.made"));
	draft_attr(d, ATTR_DIRECTION, STR("internal"));
	d->time = ev->time;
	if (!event_attr(ev, ATTR_SESSION).len && ev->data[DATA_IDENTIFIERS])
		draft_raw(d, DATA_IDENTIFIERS, ev->data[DATA_IDENTIFIERS]->raw);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (ev->data[told[i]])
			draft_raw(d, told[i], ev->data[told[i]]->raw);
	draft_text(d, DATA_VERDICT, str_of(verdict_name(j->ruling.verdict)));
	put_policies(j);
	draft_raw(d, DATA_INPUTS, buf_str(&j->ruling.inputs));
	put_digest(j);
	put_amount(j, ev);
	if (j->ruling.verdict == VERDICT_DEFER) {
		when_format(j->ruling.until, until);
		draft_text(d, DATA_UNTIL, str_of(until));
	}
	put_obligations(j);
	draft_text(d, DATA_REASON, str_of(reason_of(&j->ruling)));
	draft_text(d, DATA_EVENT, event_attr(ev, ATTR_ID));
	if (j->store)
		draft_int(d, DATA_BASIS, basis);
}

int judge(struct judge *j, const struct event *ev, int64_t seq, int64_t basis, struct buf *err)
{
	int status;

	seq = j->journey ? seq : 0;
	taken_name(j, ev, &j->last);
	status = find_context(j, ev, seq, err);
	if (status == 0)
		status = taken_count(j, ev, seq, basis, err);
	if (status != 0)
		return status;
	policies_rule(j->policies, ev, &j->context, &j->ruling);
	taken_note(j, ev, basis);
	fill(j, ev, basis);
	buf_clear(&j->record);
	draft_write(&j->record, &j->draft);
	return 0;
}
