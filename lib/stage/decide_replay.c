#include "stage/decide_replay.h"
#include "base/mem.h"
#include "core/store/find.h"
#include "core/store/scan.h"
#include "stage/decide_output.h"
#include "stage/decide_part.h"

#include <math.h>
#include <stdlib.h>

/* Changes of one kind. */
struct change {
	struct buf action, currency;
	enum verdict to;
	char from[16];
	uint64_t n;
	double cost;
	struct map customers;
};

struct run {
	struct decide_replay *r;
	struct judge judge;
	struct rows rows;
	struct event decision, proposal;
	struct buf body, text;
	struct change *v;
	size_t n, cap;
	struct map cost_of; /* currency -> place in costs and 1 */
	double *costs;
	size_t cost_n, cost_cap;
};

static double allowed(struct str verdict, const struct json *amount)
{
	double n;

	return (str_is(verdict, "allow") || str_is(verdict, "limit")) && json_number(amount, &n)
		       ? n
		       : 0;
}

static double cost_of(const struct run *x)
{
	double was = allowed(event_text(&x->decision, DATA_VERDICT), x->decision.data[DATA_AMOUNT]);
	double is =
		x->judge.last.allowed && !isnan(x->judge.last.amount) ? x->judge.last.amount : 0;

	return is - was;
}

static void sum(struct run *x, int64_t customer, double cost)
{
	struct str action = event_text(&x->decision, DATA_ACTION),
		   currency = event_text(&x->decision, DATA_CURRENCY),
		   from = event_text(&x->decision, DATA_VERDICT);
	struct change *c = NULL;

	for (size_t i = 0; i < x->n && !c; i++)
		if (str_eq(buf_str(&x->v[i].action), action) &&
			str_eq(buf_str(&x->v[i].currency), currency) &&
			str_is(from, x->v[i].from) && x->v[i].to == x->judge.ruling.verdict)
			c = &x->v[i];
	if (!c) {
		c = VEC_ADD(x, v, n, cap);
		*c = (struct change){
			.action = BUF_INIT, .currency = BUF_INIT, .to = x->judge.ruling.verdict};
		buf_put(&c->action, action);
		buf_put(&c->currency, currency);
		memcpy(c->from, from.s ? from.s : "",
			from.len < sizeof(c->from) ? from.len : sizeof(c->from) - 1);
	}
	c->n++;
	c->cost += cost;
	map_slot(&c->customers, (struct str){(char *)&customer, sizeof(customer)}, NULL)->n = 1;
}

static void policies_text(struct run *x, const struct json *list)
{
	buf_clear(&x->text);
	for
		JSON_EACH(v, list)
		{
			if (x->text.len)
				buf_byte(&x->text, ' ');
			buf_put(&x->text, v->text);
		}
}

static int tell(struct run *x, int64_t seq, int64_t customer, double cost, struct buf *err)
{
	const struct event *d = &x->decision;
	struct buf who = BUF_INIT;
	int status;

	buf_printf(&who, "c%lld", (long long)customer);
	status = rows_int(&x->rows, seq, err);
	status |= rows_text(&x->rows, buf_str(&who), err);
	status |= rows_text(&x->rows, event_attr(d, ATTR_TIME), err);
	status |= rows_text(&x->rows, event_text(d, DATA_ACTION), err);
	status |= rows_text(&x->rows, event_text(d, DATA_VERDICT), err);
	status |= rows_text(&x->rows, str_of(verdict_name(x->judge.ruling.verdict)), err);
	status |= rows_number(&x->rows, cost, err);
	status |= rows_text(&x->rows, event_text(d, DATA_CURRENCY), err);
	policies_text(x, d->data[DATA_POLICIES]);
	status |= rows_text(&x->rows, buf_str(&x->text), err);
	buf_clear(&x->text);
	for (size_t i = 0; i < x->judge.ruling.by_n; i++)
		buf_printf(&x->text, "%s%s", i ? " " : "", x->judge.ruling.by[i]->label);
	status |= rows_text(&x->rows, buf_str(&x->text), err);
	buf_release(&who);
	return status < 0 ? -1 : 0;
}

/* The same verdict, up to the same amount or until the same time. */
static bool is_same(const struct run *x)
{
	const struct ruling *is = &x->judge.ruling;
	double limit = NAN;
	int64_t until = 0;

	json_number(x->decision.data[DATA_LIMIT], &limit);
	when_parse(event_text(&x->decision, DATA_UNTIL), &until);
	return str_is(event_text(&x->decision, DATA_VERDICT), verdict_name(is->verdict)) &&
	       (is->verdict != VERDICT_LIMIT || limit == is->limit) &&
	       (is->verdict != VERDICT_DEFER || until == is->until);
}

static void count_cost(struct run *x, double cost)
{
	union map_value *v = map_slot(&x->cost_of, event_text(&x->decision, DATA_CURRENCY), NULL);

	if (!v->n) {
		VEC_ADD(x, costs, cost_n, cost_cap);
		v->n = (int64_t)x->cost_n;
	}
	x->costs[v->n - 1] += cost;
}

static void put_cost(void *ctx, struct str currency, union map_value *v)
{
	struct run *x = ctx;
	struct buf *out = &x->r->allowed;

	buf_printf(out, "%s%+.2f", out->len ? ", " : "", x->costs[v->n - 1]);
	if (x->cost_n > 1)
		buf_printf(out, " %.*s", (int)currency.len, currency.s);
}

static int compare(struct run *x, const struct store_row *row, int64_t customer, struct buf *err)
{
	double cost = cost_of(x);

	x->r->decisions++;
	x->r->identical += str_eq(row->body, buf_str(&x->judge.record));
	if (is_same(x))
		return 0;
	x->r->changed++;
	count_cost(x, cost);
	if (!x->r->table)
		return tell(x, row->seq, customer, cost, err);
	sum(x, customer, cost);
	return 0;
}

static int decide_again(struct run *x, const struct store_row *row, int64_t basis, int64_t customer,
	struct buf *err)
{
	enum event_fault fault;
	struct store_row proposed;
	int64_t seq = 0;
	int status = store_find(x->r->store, event_attr(&x->decision, ATTR_SOURCE),
		event_text(&x->decision, DATA_EVENT), &seq, err);
	if (status < 0)
		return status;
	if (!seq) {
		x->r->orphans++;
		return 0;
	}
	status = store_row(x->r->store, seq, seq, &proposed, &x->body, err);
	if (status == 0 && event_read(&x->proposal, buf_str(&x->body), false, &fault, err) < 0)
		status = STORE_ERROR;
	if (status == 0)
		status = judge_reach(&x->judge, seq, basis < row->seq ? basis : row->seq - 1, err);
	if (status == 0)
		status = judge(&x->judge, &x->proposal, seq, basis, err);
	return status == 0 ? compare(x, row, customer, err) : status;
}

static int again(void *ctx, const struct store_row *row, int64_t customer, struct buf *err)
{
	struct run *x = ctx;
	enum event_fault fault;
	int64_t basis = 0;
	int status = 0;

	if (event_read(&x->decision, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	if (!x->decision.data[DATA_BASIS] || !str_int(x->decision.data[DATA_BASIS]->raw, &basis))
		return 0;
	if (when_within(&x->r->range, row->time))
		status = decide_again(x, row, basis, customer, err);
	return status == 0 ? judge_took(&x->judge, &x->decision, row->seq, err) : status;
}

static int put_changes(struct run *x, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < x->n && status == 0; i++) {
		struct change *c = &x->v[i];

		status = rows_text(&x->rows, buf_str(&c->action), err);
		status |= rows_text(&x->rows, str_of(c->from), err);
		status |= rows_text(&x->rows, str_of(verdict_name(c->to)), err);
		status |= rows_int(&x->rows, (int64_t)c->n, err);
		status |= rows_int(&x->rows, (int64_t)map_count(&c->customers), err);
		status |= rows_number(&x->rows, c->cost, err);
		status |= rows_text(&x->rows, buf_str(&c->currency), err);
	}
	return status < 0 ? -1 : 0;
}

static int scan_all(struct run *x, struct buf *err)
{
	static const char *const types[] = {"decision.made"};
	struct store_range range = {.types = types, .types_n = 1};
	struct scan *c = NULL;
	bool more = true;
	int status = scan_open(&c, x->r->store, &range, err);

	while (status == 0 && more)
		status = scan_piece(c, again, x, &more, err);
	scan_free(c);
	return status;
}

int decide_replay(struct decide_replay *r, struct buf *err)
{
	static const char *const each[] = {"#sequence", "customer", "time", "action", "was", "is",
		"#cost", "currency", "policies_were", "policies_are", NULL};
	static const char *const summed[] = {
		"action", "was", "is", "#decisions", "#customers", "#cost", "currency", NULL};
	struct run x = {.r = r, .body = BUF_INIT, .text = BUF_INIT};
	int status;

	judge_init(&x.judge, r->policies, r->ontology);
	judge_open(&x.judge, r->store);
	event_init(&x.decision);
	event_init(&x.proposal);
	rows_begin(&x.rows, r->out, r->table, r->table ? summed : each);
	status = scan_all(&x, err);
	if (status == 0 && r->table)
		status = put_changes(&x, err);
	if (rows_end(&x.rows, err) < 0 && status == 0)
		status = STORE_ERROR;
	map_each(&x.cost_of, put_cost, &x);
	if (!x.cost_n)
		buf_puts(&r->allowed, "+0.00");
	map_release(&x.cost_of);
	free(x.costs);
	for (size_t i = 0; i < x.n; i++) {
		buf_release(&x.v[i].action);
		buf_release(&x.v[i].currency);
		map_release(&x.v[i].customers);
	}
	free(x.v);
	event_release(&x.decision);
	event_release(&x.proposal);
	judge_release(&x.judge);
	buf_release(&x.body);
	buf_release(&x.text);
	if (status < 0)
		return status;
	return r->decisions && (double)r->changed / (double)r->decisions > r->max_change;
}
