#include "stage/decide_audit.h"
#include "base/die.h"
#include "base/mem.h"
#include "core/journey.h"
#include "core/store/past.h"
#include "stage/decide_output.h"

#include <stdlib.h>

#define ACTION "\"message.outbound\""
#define SERVICE "\"service\""

/* Something that was sent. */
struct sent {
	int64_t time, order, seq;
	size_t at, len;
};

/* What one policy forbade. */
struct breach {
	const struct policy *policy;
	uint64_t messages, customers;
	int64_t example, customer; /* the first message; the last customer counted */
};

struct run {
	struct decide_audit *a;
	struct fold *fold;
	struct context context;
	struct ruling ruling;
	struct event ev;
	struct rows rows;
	struct buf bodies, asked, text; /* asked: the record that is looked at */
	struct sent *v;
	size_t n, cap;
	struct breach *breach;
	size_t breach_n, breach_cap;
};

static bool is_sent(const struct event *ev)
{
	struct str type = event_attr(ev, ATTR_TYPE);

	return str_is(event_attr(ev, ATTR_DIRECTION), "out") &&
	       (str_is(type, "message") || str_is(type, "call"));
}

static int keep(void *ctx, const struct store_row *row, struct buf *err)
{
	struct run *x = ctx;
	enum event_fault fault;

	if (event_read(&x->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	fold_add(x->fold, &x->ev, row->seq, row->order);
	if (row->erased || !is_sent(&x->ev) || !when_within(&x->a->range, row->time))
		return 0;
	*VEC_ADD(x, v, n, cap) =
		(struct sent){row->time, row->order, row->seq, x->bodies.len, row->body.len};
	buf_put(&x->bodies, row->body);
	return 0;
}

static int by_place(const void *pa, const void *pb)
{
	const struct sent *a = pa, *b = pb;

	return EVENT_COMPARE(a, b);
}

static void sum(struct run *x, const struct policy *p, int64_t customer, int64_t seq)
{
	struct breach *b = NULL;

	for (size_t i = 0; i < x->breach_n && !b; i++)
		b = x->breach[i].policy == p ? &x->breach[i] : NULL;
	if (!b) {
		b = VEC_ADD(x, breach, breach_n, breach_cap);
		*b = (struct breach){.policy = p, .example = seq};
	}
	b->messages++;
	b->customers += b->customer != customer;
	b->customer = customer;
}

static int tell(
	struct run *x, const struct policy *p, int64_t customer, int64_t seq, struct buf *err)
{
	int status;

	buf_clear(&x->text);
	buf_printf(&x->text, "c%lld", (long long)customer);
	status = rows_int(&x->rows, seq, err);
	status |= rows_text(&x->rows, buf_str(&x->text), err);
	status |= rows_text(&x->rows, event_attr(&x->ev, ATTR_TIME), err);
	status |= rows_text(&x->rows, event_text(&x->ev, DATA_PURPOSE), err);
	status |= rows_text(&x->rows, event_text(&x->ev, DATA_AGENT), err);
	status |= rows_text(&x->rows, str_of(p->label), err);
	status |= rows_text(&x->rows, str_of(p->reason ? p->reason : ""), err);
	return status < 0 ? -1 : 0;
}

/* Whether it says no purpose, and answers her: in a contact that she began, or on a matter of hers
 * that is open. */
static bool answers(const struct run *x, const struct sent *s)
{
	size_t at = fold_contact_of(x->fold, s->seq);
	const struct contact *c = at ? &x->fold->contacts[at - 1] : NULL;
	const struct issue *of = c ? &x->fold->issues[c->issue] : NULL;

	return c && !event_text(&x->ev, DATA_PURPOSE).len && (c->hers || (of->speaks && of->open));
}

/* Asked as if it were proposed now; an answer serves her matter. */
static int ask(struct run *x, const struct sent *s, struct buf *err)
{
	static const struct event_edit edits[] = {{true, "action", {ACTION, sizeof(ACTION) - 1}},
		{true, "purpose", {SERVICE, sizeof(SERVICE) - 1}}};
	enum event_fault fault;

	fold_until(x->fold, s->time, s->order, s->seq);
	context_of(&x->context, x->fold, s->seq, s->time);
	if (event_read(&x->ev, (struct str){x->bodies.s + s->at, s->len}, false, &fault, err) < 0)
		return -1;
	buf_clear(&x->asked);
	event_write(&x->asked, &x->ev, edits, answers(x, s) ? 2 : 1);
	if (event_read(&x->ev, buf_str(&x->asked), false, &fault, err) < 0)
		return -1;
	policies_rule(x->a->policies, &x->ev, &x->context, &x->ruling);
	x->a->messages++;
	if (x->ruling.failed.len && x->a->failed++ < 20)
		warn("record %lld: %s", (long long)s->seq, x->ruling.failed.s);
	return 0;
}

static int look(struct run *x, const struct sent *s, int64_t customer, struct buf *err)
{
	int status = ask(x, s, err);

	if (status < 0)
		return status;
	x->a->reviews += x->ruling.verdict == VERDICT_REVIEW && x->ruling.by_n;
	/* It was sent, though it should have waited. */
	if (x->ruling.verdict < VERDICT_DEFER)
		return 0;
	x->a->violations++;
	for (size_t i = 0; i < x->ruling.by_n && status == 0; i++) {
		if (x->a->table)
			sum(x, x->ruling.by[i], customer, s->seq);
		else
			status = tell(x, x->ruling.by[i], customer, s->seq, err);
	}
	return status;
}

static int one(struct run *x, int64_t customer, struct buf *err)
{
	struct person who;
	int status = past_person(x->a->store, customer, INT64_MAX, &who, err);

	if (status < 0 || (!who.ident && !who.session))
		return status;
	x->n = 0;
	buf_clear(&x->bodies);
	fold_clear(x->fold, who.ident != 0);
	status = store_person_events(x->a->store, &who, 0, INT64_MAX, keep, x, err);
	if (x->n)
		qsort(x->v, x->n, sizeof(*x->v), by_place);
	for (size_t i = 0; i < x->n && status == 0; i++)
		status = look(x, &x->v[i], customer, err);
	return status;
}

static int put_breaches(struct run *x, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < x->breach_n && status == 0; i++) {
		const struct breach *b = &x->breach[i];

		status = rows_text(&x->rows, str_of(b->policy->label), err);
		status |= rows_int(&x->rows, (int64_t)b->messages, err);
		status |= rows_int(&x->rows, (int64_t)b->customers, err);
		status |= rows_int(&x->rows, b->example, err);
		status |= rows_text(
			&x->rows, str_of(b->policy->reason ? b->policy->reason : ""), err);
	}
	return status < 0 ? -1 : 0;
}

static int all(struct run *x, struct buf *err)
{
	struct seqs customers = {NULL, 0, 0};
	int status = store_read_begin(x->a->store, err);

	if (status == 0)
		status = past_customers(x->a->store, INT64_MAX, &customers, err);
	for (size_t i = 0; i < customers.n && status == 0; i++)
		status = one(x, customers.v[i], err);
	store_read_end(x->a->store);
	free(customers.v);
	return status;
}

int decide_audit(struct decide_audit *a, struct buf *err)
{
	static const char *const each[] = {
		"#sequence", "customer", "time", "purpose", "agent", "policy", "reason", NULL};
	static const char *const summed[] = {
		"policy", "#messages", "#customers", "#first", "reason", NULL};
	struct run x = {.a = a, .bodies = BUF_INIT, .asked = BUF_INIT, .text = BUF_INIT};
	int status;

	context_init(&x.context);
	ruling_init(&x.ruling);
	event_init(&x.ev);
	x.fold = fold_new(a->ontology);
	rows_begin(&x.rows, a->out, a->table, a->table ? summed : each);
	status = all(&x, err);
	if (status == 0 && a->table)
		status = put_breaches(&x, err);
	if (rows_end(&x.rows, err) < 0 && status == 0)
		status = STORE_ERROR;
	fold_free(x.fold);
	event_release(&x.ev);
	ruling_release(&x.ruling);
	context_release(&x.context);
	buf_release(&x.bodies);
	buf_release(&x.asked);
	buf_release(&x.text);
	free(x.v);
	free(x.breach);
	return status < 0 ? status : a->violations > 0;
}
