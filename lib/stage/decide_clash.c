#include "stage/decide_clash.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/journey.h"
#include "core/store/past.h"
#include "core/store/scan.h"
#include "stage/decide_output.h"

#include <stdlib.h>

/* Decisions with one verdict, of one channel, agent and kind of agent, within a case. */
struct side {
	struct buf verdict, channel, agent, actor;
	uint64_t n;
	int64_t example;
};

/* Decisions of one action that had read the same. */
struct equal {
	struct buf action, inputs;
	struct side *v;
	size_t n, cap;
	uint64_t decisions, judged; /* judged: with a verdict */
};

/* A promise; its time and amount in one spelling. */
struct promise {
	int64_t seq, due; /* due: INT64_MAX where it is no time */
	bool kept;
	struct buf action, terms;
	/* Places and 1 of those before it on the same action and case: the last, and the last with
	 * other terms; 0: none. */
	size_t before, other;
};

struct run {
	struct decide_clash *c;
	struct map cases; /* action and inputs -> place in v and 1 */
	struct map sides; /* place in v and what a side is of -> place in its v and 1 */
	struct equal *v;
	size_t n, cap;
	struct event ev;
	struct buf key;
	struct rows rows;
	/* promises of one customer */
	struct promise *promise;
	size_t promise_n, promise_cap;
	struct map matters; /* action and case -> place of the last and 1 */
	bool contradicts;   /* the promise at hand */
	struct fold *fold;
	struct context context;
	struct ruling ruling;
};

/* ---- decisions ---- */

static void put_part(struct buf *key, struct str part)
{
	buf_put(key, part);
	buf_byte(key, '\0');
}

static struct side *side_of(struct run *x, size_t equal, const struct event *ev)
{
	const struct str of[] = {event_text(ev, DATA_VERDICT), event_attr(ev, ATTR_CHANNEL),
		event_text(ev, DATA_AGENT), event_attr(ev, ATTR_ACTOR)};
	struct equal *e = &x->v[equal];
	union map_value *slot;
	struct side *s;

	buf_clear(&x->key);
	buf_int(&x->key, (int64_t)equal);
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		put_part(&x->key, of[i]);
	slot = map_slot(&x->sides, buf_str(&x->key), NULL);
	if (slot->n)
		return &e->v[slot->n - 1];
	s = VEC_ADD(e, v, n, cap);
	slot->n = (int64_t)e->n;
	*s = (struct side){BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, 0, 0};
	buf_put(&s->verdict, of[0]);
	buf_put(&s->channel, of[1]);
	buf_put(&s->agent, of[2]);
	buf_put(&s->actor, of[3]);
	return s;
}

static int take(void *ctx, const struct store_row *row, int64_t customer, struct buf *err)
{
	struct run *x = ctx;
	enum event_fault fault;
	union map_value *slot;
	struct equal *e;
	struct side *s;
	size_t at;

	(void)customer;
	if (event_read(&x->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	if (!event_text(&x->ev, DATA_ACTION).len || !x->ev.data[DATA_INPUTS])
		return 0;
	buf_clear(&x->key);
	buf_put(&x->key, event_text(&x->ev, DATA_ACTION));
	buf_byte(&x->key, '\0');
	at = x->key.len;
	json_put_canonical(&x->key, x->ev.data[DATA_INPUTS]);
	slot = map_slot(&x->cases, buf_str(&x->key), NULL);
	if (!slot->n) {
		e = VEC_ADD(x, v, n, cap);
		*e = (struct equal){.action = BUF_INIT, .inputs = BUF_INIT};
		buf_put(&e->action, event_text(&x->ev, DATA_ACTION));
		buf_add(&e->inputs, x->key.s + at, x->key.len - at);
		slot->n = (int64_t)x->n;
	}
	e = &x->v[slot->n - 1];
	s = side_of(x, (size_t)(e - x->v), &x->ev);
	s->example = s->n ? s->example : row->seq;
	s->n++;
	e->decisions++;
	e->judged += s->verdict.len > 0;
	x->c->decisions++;
	return 0;
}

struct alike {
	uint64_t pairs;
	size_t verdicts;
};

static void count_alike(void *ctx, struct str verdict, union map_value *v)
{
	struct alike *a = ctx;

	(void)verdict;
	a->verdicts++;
	a->pairs += (uint64_t)v->n * (uint64_t)(v->n - 1) / 2;
}

/* How many pairs of its decisions have the same verdict, and how many verdicts there are. */
static struct alike alike(const struct equal *e)
{
	struct alike a = {0, 0};
	struct map of = MAP_INIT;

	for (size_t i = 0; i < e->n; i++)
		if (e->v[i].verdict.len)
			map_slot(&of, buf_str(&e->v[i].verdict), NULL)->n += (int64_t)e->v[i].n;
	map_each(&of, count_alike, &a);
	map_release(&of);
	return a;
}

static int put_side(struct run *x, const struct equal *e, const struct side *s, struct buf *err)
{
	int status = rows_text(&x->rows, STR("decisions"), err);

	status |= rows_text(&x->rows, buf_str(&e->action), err);
	status |= rows_text(&x->rows, buf_str(&s->verdict), err);
	status |= rows_int(&x->rows, (int64_t)s->n, err);
	status |= rows_text(&x->rows, buf_str(&s->channel), err);
	status |= rows_text(&x->rows, buf_str(&s->actor), err);
	status |= rows_text(&x->rows, buf_str(&s->agent), err);
	status |= rows_int(&x->rows, s->example, err);
	status |= rows_text(&x->rows, buf_str(&e->inputs), err);
	return status < 0 ? -1 : 0;
}

static int compare(struct run *x, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < x->n && status == 0; i++) {
		const struct equal *e = &x->v[i];
		struct alike same;
		uint64_t pairs;

		if (e->decisions < 2)
			continue;
		same = alike(e);
		pairs = e->judged ? e->judged * (e->judged - 1) / 2 : 0;
		x->c->groups++;
		x->c->pairs += pairs;
		x->c->pairs_contradicting += pairs - same.pairs;
		if (same.verdicts < 2)
			continue;
		x->c->contradicting++;
		for (size_t k = 0; k < e->n && status == 0; k++)
			status = put_side(x, e, &e->v[k], err);
	}
	return status;
}

static int decisions(struct run *x, struct buf *err)
{
	static const char *const types[] = {"decision.made"};
	struct store_range range = {.types = types,
		.types_n = 1,
		.has_since = x->c->range.has_since,
		.has_until = x->c->range.has_until,
		.since = x->c->range.since,
		.until = x->c->range.until};
	struct scan *c = NULL;
	bool more = true;
	int status = scan_open(&c, x->c->store, &range, err);

	while (status == 0 && more)
		status = scan_piece(c, take, x, &more, err);
	scan_free(c);
	return status < 0 ? status : compare(x, err);
}

/* ---- promises ---- */

static void free_promises(struct run *x)
{
	for (size_t i = 0; i < x->promise_n; i++) {
		buf_release(&x->promise[i].action);
		buf_release(&x->promise[i].terms);
	}
	x->promise_n = 0;
	map_release(&x->matters);
}

static int put_promise(
	struct run *x, int64_t seq, int64_t other, const char *policy, struct buf *err)
{
	struct buf why = BUF_INIT;
	int status = rows_text(&x->rows, STR("promise"), err);

	x->contradicts = true;
	if (policy)
		buf_puts(&why, policy);
	else
		buf_printf(&why, "record %lld", (long long)other);
	status |= rows_text(&x->rows, event_text(&x->ev, DATA_ACTION), err);
	status |= rows_text(&x->rows, str_of(policy ? "deny" : ""), err);
	status |= rows_int(&x->rows, 1, err);
	status |= rows_text(&x->rows, event_attr(&x->ev, ATTR_CHANNEL), err);
	status |= rows_text(&x->rows, event_attr(&x->ev, ATTR_ACTOR), err);
	status |= rows_text(&x->rows, event_text(&x->ev, DATA_AGENT), err);
	status |= rows_int(&x->rows, seq, err);
	status |= rows_text(&x->rows, buf_str(&why), err);
	buf_release(&why);
	return status < 0 ? -1 : 0;
}

/* What was promised, in one spelling. */
static void put_terms(struct buf *out, const struct event *ev, int64_t *due)
{
	struct str text = event_text(ev, DATA_DUE);
	const struct json *amount = ev->data[DATA_AMOUNT];
	char when[WHEN_TEXT];
	double n;

	*due = INT64_MAX;
	if (when_parse(text, due)) {
		when_format(*due, when);
		text = str_of(when);
	}
	put_part(out, text);
	if (json_number(amount, &n))
		json_put_number(out, n);
	else if (amount)
		buf_put(out, amount->raw);
}

static bool same_terms(const struct promise *a, const struct promise *b)
{
	return str_eq(buf_str(&a->terms), buf_str(&b->terms));
}

static struct promise *add_promise(struct run *x, int64_t seq)
{
	struct promise *p = VEC_ADD(x, promise, promise_n, promise_cap), *last;
	union map_value *slot;

	*p = (struct promise){.seq = seq, .action = BUF_INIT, .terms = BUF_INIT};
	buf_put(&p->action, event_text(&x->ev, DATA_ACTION));
	put_terms(&p->terms, &x->ev, &p->due);
	buf_clear(&x->key);
	put_part(&x->key, buf_str(&p->action));
	put_part(&x->key, event_text(&x->ev, DATA_CASE));
	slot = map_slot(&x->matters, buf_str(&x->key), NULL);
	p->before = p->other = (size_t)slot->n;
	slot->n = (int64_t)x->promise_n;
	last = p->before ? &x->promise[p->before - 1] : NULL;
	if (last && same_terms(last, p))
		p->other = last->other;
	return p;
}

/* Against the last one on its action and case that is open and has other terms. */
static int against_others(struct run *x, int64_t seq, bool told, struct buf *err)
{
	const struct promise *p = add_promise(x, seq), *o = NULL;

	for (size_t at = p->other; at; at = same_terms(o, p) ? o->other : o->before) {
		o = &x->promise[at - 1];
		if (!o->kept && !same_terms(o, p))
			return told ? put_promise(x, seq, o->seq, NULL, err) : 0;
	}
	return 0;
}

/* As the policies see what was promised, as of then. */
static int against_policies(struct run *x, const struct store_row *row, struct buf *err)
{
	int status = 0;

	if (!x->c->policies)
		return 0;
	context_of(&x->context, x->fold, row->seq, row->time);
	policies_rule(x->c->policies, &x->ev, &x->context, &x->ruling);
	for (size_t i = 0; x->ruling.verdict == VERDICT_DENY && i < x->ruling.by_n && status == 0;
		i++)
		status = put_promise(x, row->seq, 0, x->ruling.by[i]->label, err);
	return status;
}

/* The oldest of the action that is open; where that is overdue, the oldest that is due yet. */
static void keep(struct run *x, int64_t now)
{
	struct promise *kept = NULL;

	for (size_t i = 0; i < x->promise_n; i++) {
		struct promise *p = &x->promise[i];

		if (p->kept || (kept && p->due < now) ||
			!str_eq(buf_str(&p->action), event_text(&x->ev, DATA_ACTION)))
			continue;
		kept = p;
		if (p->due >= now)
			break;
	}
	if (kept)
		kept->kept = true;
}

/* In the order of the log. */
static int see(void *ctx, const struct store_row *row, struct buf *err)
{
	struct run *x = ctx;
	enum event_fault fault;
	struct str type;
	int status = 0;
	bool told;

	if (event_read(&x->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	type = event_attr(&x->ev, ATTR_TYPE);
	if (x->c->policies) {
		fold_add(x->fold, &x->ev, row->seq, row->order);
		fold_until(x->fold, row->time, row->order, row->seq);
	}
	if (str_is(type, "commitment.kept"))
		keep(x, row->time);
	if (!str_is(type, "commitment.made"))
		return 0;
	told = when_within(&x->c->range, row->time);
	x->c->promises += told;
	x->contradicts = false;
	status = against_others(x, row->seq, told, err);
	if (status == 0 && told)
		status = against_policies(x, row, err);
	x->c->broken += x->contradicts;
	return status;
}

static int promises(struct run *x, struct buf *err)
{
	struct seqs customers = {NULL, 0, 0};
	struct person who;
	int status = store_read_begin(x->c->store, err);

	if (status == 0)
		status = past_customers(x->c->store, INT64_MAX, &customers, err);
	for (size_t i = 0; i < customers.n && status == 0; i++) {
		status = past_person(x->c->store, customers.v[i], INT64_MAX, &who, err);
		if (status < 0 || (!who.ident && !who.session))
			continue;
		fold_clear(x->fold, who.ident != 0);
		status = store_person_events(x->c->store, &who, 0, INT64_MAX, see, x, err);
		free_promises(x);
	}
	store_read_end(x->c->store);
	free(customers.v);
	return status;
}

static void free_cases(struct run *x)
{
	for (size_t i = 0; i < x->n; i++) {
		for (size_t k = 0; k < x->v[i].n; k++) {
			buf_release(&x->v[i].v[k].verdict);
			buf_release(&x->v[i].v[k].channel);
			buf_release(&x->v[i].v[k].agent);
			buf_release(&x->v[i].v[k].actor);
		}
		free(x->v[i].v);
		buf_release(&x->v[i].action);
		buf_release(&x->v[i].inputs);
	}
	free(x->v);
	map_release(&x->cases);
	map_release(&x->sides);
}

int decide_clash(struct decide_clash *c, struct buf *err)
{
	static const char *const names[] = {"what", "action", "verdict", "#count", "channel",
		"actor", "agent", "#first", "about", NULL};
	struct run x = {.c = c, .key = BUF_INIT};
	int status;

	event_init(&x.ev);
	context_init(&x.context);
	ruling_init(&x.ruling);
	x.fold = fold_new(c->ontology);
	rows_begin(&x.rows, c->out, c->table, names);
	status = decisions(&x, err);
	if (status == 0)
		status = promises(&x, err);
	if (rows_end(&x.rows, err) < 0 && status == 0)
		status = STORE_ERROR;
	free_cases(&x);
	free_promises(&x);
	free(x.promise);
	fold_free(x.fold);
	ruling_release(&x.ruling);
	context_release(&x.context);
	event_release(&x.ev);
	buf_release(&x.key);
	return status < 0 ? status : c->contradicting + c->broken > 0;
}
