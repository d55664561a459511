#include "core/store/states.h"
#include "base/mem.h"
#include "core/store/query.h"

#include <stdlib.h>

#define STATE_BITS 3
#define PACKED 20 /* metrics of a column, which is an integer of SQLite's */

/* Metrics with one condition of their population, in one column. */
struct pack {
	size_t metric[PACKED];
	size_t n;
};

struct states {
	const struct metric *const *metrics;
	struct pack *v;
	size_t n, cap;
};

static bool same(const struct metric_sql *a, const struct metric_sql *b)
{
	return a->sql && b->sql ? strcmp(a->sql, b->sql) == 0 : a->sql == b->sql;
}

/* The same rows are left out, and the same are mature. */
static bool same_gate(const struct metric *a, const struct metric *b)
{
	return a->known_only == b->known_only && same(&a->unknown, &b->unknown) &&
	       same(&a->mature, &b->mature);
}

static struct pack *pack_of(struct states *s, const struct metric *m)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].n < PACKED && same(&s->metrics[s->v[i].metric[0]]->where, &m->where))
			return &s->v[i];
	return VEC_ADD(s, v, n, cap);
}

struct states *states_new(const struct metric *const *metrics, size_t n)
{
	struct states *s = mem_zero(1, sizeof(*s));

	s->metrics = metrics;
	for (size_t i = 0; i < n; i++) {
		struct pack *p = pack_of(s, metrics[i]);

		p->metric[p->n++] = i;
	}
	return s;
}

void states_free(struct states *s)
{
	free(s->v);
	free(s);
}

/* One state of all metrics of a gate: those of the pack from one on, as far as they share it. */
static long long pattern(
	const struct states *s, const struct pack *p, size_t from, enum measure_state state)
{
	long long all = 0;

	for (size_t i = from; i < p->n; i++)
		if (same_gate(s->metrics[p->metric[i]], s->metrics[p->metric[from]]))
			all |= (long long)state << i * STATE_BITS;
	return all;
}

static void put_counted(struct buf *sql, const struct states *s, const struct pack *p, size_t from)
{
	for (size_t i = from; i < p->n; i++) {
		const struct metric *m = s->metrics[p->metric[i]];

		if (!same_gate(m, s->metrics[p->metric[from]]))
			continue;
		buf_puts(sql, i == from ? "" : " | ");
		query_counted(sql, m, (int)i * STATE_BITS);
	}
}

static void put_gate(struct buf *sql, const struct states *s, const struct pack *p, size_t from)
{
	const struct metric *m = s->metrics[p->metric[from]];

	if (!m->known_only && !m->unknown.sql && !m->mature.sql) {
		put_counted(sql, s, p, from);
		return;
	}
	buf_puts(sql, "CASE");
	query_left_out(sql, m, pattern(s, p, from, ROW_LEFT_OUT));
	buf_printf(sql, " WHEN (%s\n) THEN ", m->mature.sql ? m->mature.sql : "1");
	put_counted(sql, s, p, from);
	buf_printf(sql, " ELSE %lld END", pattern(s, p, from, ROW_IMMATURE));
}

/* Whether a metric before it in the pack has its gate. */
static bool gated(const struct states *s, const struct pack *p, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (same_gate(s->metrics[p->metric[i]], s->metrics[p->metric[at]]))
			return true;
	return false;
}

void states_put(struct buf *sql, const struct states *s)
{
	for (size_t k = 0; k < s->n; k++) {
		const struct pack *p = &s->v[k];
		const struct metric *m = s->metrics[p->metric[0]];

		buf_printf(sql, "CASE WHEN (%s\n) THEN ", m->where.sql ? m->where.sql : "1");
		for (size_t i = 0; i < p->n; i++) {
			if (gated(s, p, i))
				continue;
			buf_puts(sql, i ? " | " : "");
			put_gate(sql, s, p, i);
		}
		buf_printf(sql, " ELSE %d END, ", ROW_OUTSIDE);
	}
}

void states_take(const struct states *s, sqlite3_stmt *st, int *at, uint8_t **out, size_t row)
{
	for (size_t k = 0; k < s->n; k++) {
		const struct pack *p = &s->v[k];
		uint64_t all = (uint64_t)sqlite3_column_int64(st, (*at)++);

		for (size_t i = 0; i < p->n; i++, all >>= STATE_BITS)
			out[p->metric[i]][row] = all & ((1 << STATE_BITS) - 1);
	}
}
