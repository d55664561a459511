/* The fold depends on the set of events alone, never on how they came: all at once, one at a time,
 * or in any order. */
#include "base/buf.h"
#include "core/fold/context.h"
#include "core/fold/fold.h"
#include "unit.h"

#include <stdlib.h>

#define EVENTS 40

static unsigned state = 1;

static unsigned roll(unsigned n)
{
	state = (unsigned)((state * UINT64_C(16807)) % 2147483647);
	return state % n;
}

/* Within some weeks, at several places; or within a day at one, where she tells and is asked. */
static void make(struct buf *out, int i, bool dense)
{
	static const char *const words[] = {"\"direction\":\"in\",\"actor\":\"customer\",\"data\":{"
					    "\"intent\":\"delivery.late\"",
		"\"direction\":\"in\",\"actor\":\"customer\",\"data\":{\"entities\":{\"%s\":\"7\"}",
		"\"direction\":\"out\",\"actor\":\"agent\",\"data\":{\"agent\":\"ana\",\"asks\":["
		"\"%s\"]",
		"\"direction\":\"out\",\"actor\":\"agent\",\"data\":{\"agent\":\"bia\"",
		"\"direction\":\"out\",\"actor\":\"bot\",\"data\":{\"agent\":\"b1\"",
		"\"direction\":\"in\",\"actor\":\"customer\",\"data\":{\"agent\":\"ana\","
		"\"reason\":\"answered\",\"wait\":20000,\"duration\":29999,\"signals\":["
		"\"repeat\"],\"entities\":{\"%s\":\"7\"}",
		"\"direction\":\"out\",\"actor\":\"agent\",\"data\":{\"agent\":\"ana\","
		"\"reason\":\"answered\",\"wait\":9000,\"duration\":9999,\"asks\":[\"%s\"]"};
	static const char *const channels[] = {"whatsapp", "email", "voice"};
	static const char *const entities[] = {"order", "invoice", "tracking", "document"};
	static const unsigned told[] = {1, 2, 2, 2, 5};
	unsigned place = dense ? 0 : roll(3), said = dense ? told[roll(5)] : roll(7);
	const char *type = said > 4 ? "call" : "message";
	static const char *const records[] = {"case.closed", "transferred", "escalated"};

	buf_printf(out,
		"{\"specversion\":\"1.0\",\"id\":\"%d\",\"source\":\"s%u\",\"type\":\"%s\","
		"\"time\":\"2026-03-%02uT%02u:%02u:00Z\","
		"\"session\":\"t%u\",\"channel\":\"%s\",",
		i, place, roll(8) ? type : records[roll(3)], 1 + roll(dense ? 1 : 20), roll(24),
		roll(60), roll(2), channels[place]);
	buf_printf(out, words[said], entities[roll(4)]);
	buf_printf(out, "}}");
}

static void sum_up(struct buf *out, const struct fold *f)
{
	for (size_t i = 0; i < f->contact_n; i++) {
		const struct contact *c = &f->contacts[i];

		buf_printf(out, "%lld %lld %lld %lld %zu %lld %d;", (long long)c->id,
			(long long)c->started, (long long)c->ended, (long long)c->next_in, c->issue,
			(long long)c->events, c->inherited);
		buf_printf(out, "%d %lld;", c->asked_known, (long long)c->answered_useful);
	}
	for (size_t i = 0; i < f->switch_n; i++)
		buf_printf(out, "s%zu %zu %d %d;", f->switches[i].from, f->switches[i].to,
			f->switches[i].asked_known, f->switches[i].repeated);
	for (size_t i = 0; i < f->move_n; i++)
		buf_printf(out, "m%zu %lld %d %d;", f->moves[i].contact, (long long)f->moves[i].at,
			f->moves[i].kind, f->moves[i].repeated);
}

static void add(struct fold *f, struct event *ev, const struct buf *line, int i)
{
	struct buf err = BUF_INIT;
	enum event_fault fault;

	CHECK(event_read(ev, buf_str(line), false, &fault, &err) == 0);
	fold_add(f, ev, i + 1, 0);
	buf_release(&err);
}

static void shuffle(int *order)
{
	for (int i = 0; i < EVENTS; i++)
		order[i] = i;
	for (int i = EVENTS - 1; i > 0; i--) {
		int k = (int)roll((unsigned)i + 1), kept = order[i];

		order[i] = order[k];
		order[k] = kept;
	}
}

static void test_orders(const struct ontology *o)
{
	struct buf lines[EVENTS] = {BUF_INIT}, expected = BUF_INIT, got = BUF_INIT;
	struct fold *all = fold_new(o), *other = fold_new(o);
	struct event ev;
	int order[EVENTS];

	event_init(&ev);
	fold_clear(all, true);
	for (int i = 0; i < EVENTS; i++) {
		buf_init(&lines[i]);
		make(&lines[i], i, false);
		add(all, &ev, &lines[i], i);
	}
	fold_link(all);
	sum_up(&expected, all);
	CHECK(all->contact_n > 1);
	for (int round = 0; round < 4; round++) {
		shuffle(order);
		fold_clear(other, true);
		for (int i = 0; i < EVENTS; i++) {
			add(other, &ev, &lines[order[i]], order[i]);
			/* Asked in between, each time in another way. */
			if (round == 1)
				fold_run(other);
			else if (round == 2)
				fold_link(other);
			else if (round == 3)
				fold_relate(other);
		}
		fold_link(other);
		buf_clear(&got);
		sum_up(&got, other);
		CHECK(str_eq(buf_str(&got), buf_str(&expected)));
	}
	for (int i = 0; i < EVENTS; i++)
		buf_release(&lines[i]);
	event_release(&ev);
	buf_release(&expected);
	buf_release(&got);
	fold_free(all);
	fold_free(other);
}

/* Their numbers are those of when they were first read. */
static bool same_text(const struct fold *a, int32_t x, const struct fold *b, int32_t y)
{
	return str_eq(fold_text(a, x), fold_text(b, y));
}

static void check_same(const struct fold *a, const struct fold *b)
{
	CHECK(a->contact_n == b->contact_n);
	for (size_t i = 0; i < a->contact_n; i++) {
		const struct contact *c = &a->contacts[i], *d = &b->contacts[i];

		CHECK(c->asked_known == d->asked_known);
		CHECK(c->transfers == d->transfers && c->handoffs == d->handoffs);
		CHECK(c->escalations == d->escalations);
		CHECK(same_text(a, c->escalation_reason, b, d->escalation_reason));
		CHECK(a->issues[c->issue].moves == b->issues[d->issue].moves);
	}
	CHECK(a->move_n == b->move_n);
	for (size_t i = 0; i < a->move_n; i++) {
		const struct move *m = &a->moves[i], *n = &b->moves[i];

		CHECK(m->contact == n->contact && m->at == n->at && m->kind == n->kind);
		CHECK(same_text(a, m->from, b, n->from) && same_text(a, m->to, b, n->to));
		CHECK(same_text(a, m->reason, b, n->reason));
	}
}

/* At every record the present says that we asked for what was known, and who took over, where all
 * that came up to then does. */
static void test_present(const struct ontology *o, bool dense)
{
	struct buf lines[EVENTS] = {BUF_INIT};
	struct fold *present = fold_new(o), *other = fold_new(o);
	int64_t times[EVENTS];
	struct event ev;
	int order[EVENTS];

	event_init(&ev);
	fold_clear(other, true);
	for (int i = 0; i < EVENTS; i++) {
		int at = i;

		buf_init(&lines[i]);
		make(&lines[i], i, dense);
		add(other, &ev, &lines[i], i);
		times[i] = ev.time;
		for (; at > 0 && times[order[at - 1]] > times[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	fold_clear(present, true);
	for (int n = 0; n < EVENTS; n++) {
		add(present, &ev, &lines[order[n]], order[n]);
		fold_relate(present);
		fold_clear(other, true);
		for (int i = 0; i <= n; i++)
			add(other, &ev, &lines[order[i]], order[i]);
		fold_link(other);
		check_same(present, other);
	}
	for (int i = 0; i < EVENTS; i++)
		buf_release(&lines[i]);
	event_release(&ev);
	fold_free(present);
	fold_free(other);
}

int main(void)
{
	struct buf err = BUF_INIT;
	struct ontology *o = ontology_read(NULL, &err);

	CHECK(o != NULL);
	for (int i = 0; o && i < 50; i++)
		test_orders(o);
	for (int i = 0; o && i < 200; i++)
		test_present(o, i % 2);
	ontology_free(o);
	buf_release(&err);
	return unit_end();
}
