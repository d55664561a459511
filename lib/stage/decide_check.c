#include "stage/decide_check.h"
#include "base/mem.h"
#include "core/store/scan.h"
#include "stage/decide_part.h"

#include <stdlib.h>

/* What the log says of one policy. */
struct seen {
	const struct policy *policy;
	uint64_t held;
	int64_t denied; /* the first record that it allows and another denies; 0: none */
	const struct policy *by;
};

struct run {
	struct decide_check *c;
	struct judge judge;
	struct event proposal;
	struct seen *seen; /* by policy */
	size_t n;
	const struct policy *deny; /* of the record at hand */
	int64_t seq;
	struct map failed; /* why a policy could not be evaluated -> on how many proposals */
	struct findings findings;
};

static struct seen *seen_of(struct run *x, const struct policy *p)
{
	return &x->seen[p - policies_at(x->c->policies, 0)];
}

static void see_denial(void *ctx, const struct policy *p, bool held)
{
	struct run *x = ctx;

	if (held && p->then == VERDICT_DENY && !x->deny)
		x->deny = p;
}

static void see(void *ctx, const struct policy *p, bool held)
{
	struct run *x = ctx;
	struct seen *s = seen_of(x, p);

	if (!held)
		return;
	s->held++;
	if (x->deny && p->then < VERDICT_REVIEW && !s->denied) {
		s->denied = x->seq;
		s->by = x->deny;
	}
}

static int look(void *ctx, const struct store_row *row, int64_t customer, struct buf *err)
{
	struct run *x = ctx;
	enum event_fault fault;
	int status;

	(void)customer;
	if (row->erased)
		return 0;
	if (event_read(&x->proposal, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	status = judge(&x->judge, &x->proposal, row->seq, row->seq, err);
	if (status < 0)
		return status;
	x->c->proposals++;
	x->seq = row->seq;
	x->deny = NULL;
	policies_asked(x->c->policies, see_denial, x);
	policies_asked(x->c->policies, see, x);
	if (x->judge.ruling.failed.len)
		map_slot(&x->failed, buf_str(&x->judge.ruling.failed), NULL)->n++;
	return 0;
}

static int ask_log(struct run *x, struct buf *err)
{
	static const char *const types[] = {"action.proposed"};
	struct store_range range = {.types = types, .types_n = 1};
	struct scan *c = NULL;
	bool more = true;
	int status = scan_open(&c, x->c->store, &range, err);

	while (status == 0 && more)
		status = scan_piece(c, look, x, &more, err);
	scan_free(c);
	return status;
}

/* The reason begins with the place of the policy that failed. */
static void tell_failed(void *ctx, struct str why, union map_value *v)
{
	struct run *x = ctx;
	struct buf text = BUF_INIT;

	buf_put(&text, why);
	buf_printf(&text, ": on %lld of %llu proposals of the log", (long long)v->n,
		(unsigned long long)x->c->proposals);
	findings_message(&x->findings, NULL, text.s);
	buf_release(&text);
}

static void tell_log(struct run *x)
{
	struct buf text = BUF_INIT;

	map_each(&x->failed, tell_failed, x);

	for (size_t i = 0; i < x->n; i++) {
		const struct policy *p = policies_at(x->c->policies, i);
		const struct seen *s = &x->seen[i];

		buf_clear(&text);
		if (s->denied)
			buf_printf(&text, "%s: %s denies what it allows: record %lld", p->id,
				s->by->label, (long long)s->denied);
		else if (!s->held)
			buf_printf(&text, "%s: held for none of %llu proposals of the log", p->id,
				(unsigned long long)x->c->proposals);
		else
			continue;
		findings_add(
			&x->findings, FINDING_NOTE, p->path, p->at->line, p->at->column, text.s);
	}
	buf_release(&text);
}

static int tell(struct run *x, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	findings_sort(&x->findings);
	for (size_t i = 0; i < x->findings.n; i++)
		finding_put(&x->findings.v[i], x->c->text, &text);
	status = out_put(x->c->out, buf_str(&text), err);
	buf_release(&text);
	return status;
}

static int check_all(struct run *x, struct buf *err)
{
	struct decide_check *c = x->c;
	int status = 0;

	x->n = policies_count(c->policies);
	x->seen = mem_zero(x->n + 1, sizeof(*x->seen));
	judge_init(&x->judge, c->policies, c->ontology);
	event_init(&x->proposal);
	policies_check(c->policies, &x->findings);
	if (c->store) {
		judge_open(&x->judge, c->store);
		status = ask_log(x, err);
		tell_log(x);
	}
	map_release(&x->failed);
	event_release(&x->proposal);
	judge_release(&x->judge);
	free(x->seen);
	return status;
}

int decide_check(struct decide_check *c, struct buf *err)
{
	struct run x = {.c = c};
	int status = 0;

	if (c->policies)
		status = check_all(&x, err);
	else
		findings_message(&x.findings, NULL, c->unread);
	if (status == 0)
		status = tell(&x, err);
	if (status == 0)
		status = findings_count(&x.findings, FINDING_ERROR) +
				 findings_count(&x.findings, FINDING_WARNING) >
			 0;
	findings_release(&x.findings);
	return status;
}
