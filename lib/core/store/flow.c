#include "core/store/flow.h"
#include "base/stat.h"
#include "core/store/internal.h"

#include <math.h>

struct flow {
	struct store *s;
	int (*visit)(void *ctx, const struct flow_row *row, struct buf *err);
	void *ctx;
};

/* A row a contact: its node, the one after it (NULL: it is the last), and the time between. */
static int gather(struct store *s, const struct flow_query *q, struct buf *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *st;
	int status;

	buf_printf(&sql,
		"CREATE TEMP TABLE flow AS SELECT customer, x, lead(x) OVER w AS y,"
		" lead(started) OVER w - ended AS gap, row_number() OVER w = 1 AS first FROM"
		" (SELECT customer, issue, contact, started, ended, coalesce(\"%s\", '') AS x"
		" FROM v_contact WHERE started>=%lld AND started<%lld",
		q->of, (long long)q->since, (long long)q->until);
	if (q->customer)
		buf_printf(&sql, " AND customer=%lld", (long long)q->customer);
	buf_printf(&sql, ") WINDOW w AS (PARTITION BY customer%s ORDER BY started, contact)",
		q->by_issue ? ", issue" : "");
	status = store_prepare(s, sql.s, &st, err);
	buf_release(&sql);
	if (status == 0)
		status = store_run(s, st, err);
	sqlite3_finalize(st);
	return status;
}

/* Picks the values at the wanted ranks out of n that come sorted. */
static int pick(struct store *s, sqlite3_stmt *gaps, struct flow_row *row, struct buf *err)
{
	static const double wanted[] = {0.5, 0.9};
	double weight[2], value[2] = {0, 0};
	int64_t rank[2];
	int status = 1;

	for (int i = 0; i < 2; i++)
		stat_quantile_at(row->count, wanted[i], &rank[i], &weight[i]);
	for (int64_t k = 1; k <= row->count && status == 1; k++) {
		status = store_step(s, gaps, err);
		for (int i = 0; i < 2 && status == 1; i++) {
			double gap = sqlite3_column_double(gaps, 0);

			if (k == rank[i])
				value[i] += gap * (1 - weight[i]);
			else if (k == rank[i] + 1)
				value[i] += gap * weight[i];
		}
	}
	row->median = llround(value[0]);
	row->p90 = llround(value[1]);
	return status < 0 ? status : 0;
}

/* Rows of two names, a count and a number of customers. gaps: the times of the same rows in the
 * same order, or NULL. */
static int each(const struct flow *f, const char *sql, struct flow_row row, sqlite3_stmt *gaps,
	struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(f->s, sql, &st, err);

	if (status < 0)
		return status;
	while ((status = store_step(f->s, st, err)) == 1) {
		row.from = store_column(st, 0);
		row.to = store_column(st, 1);
		row.count = sqlite3_column_int64(st, 2);
		row.customers = sqlite3_column_int64(st, 3);
		status = gaps ? pick(f->s, gaps, &row, err) : 0;
		if (status == 0)
			status = f->visit(f->ctx, &row, err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	return status;
}

#define COUNTS "count(*), count(DISTINCT customer) FROM flow"

static int rows(const struct flow *f, struct buf *err)
{
	sqlite3_stmt *gaps;
	int status = each(f, "SELECT x, '', " COUNTS " GROUP BY x ORDER BY x",
		(struct flow_row){.node = true}, NULL, err);

	if (status == 0)
		status = each(f, "SELECT '', x, " COUNTS " WHERE first GROUP BY x ORDER BY x",
			(struct flow_row){.first = true}, NULL, err);
	if (status != 0)
		return status;
	status = store_prepare(
		f->s, "SELECT gap FROM flow WHERE y IS NOT NULL ORDER BY x, y, gap", &gaps, err);
	if (status == 0)
		status = each(f,
			"SELECT x, y, " COUNTS " WHERE y IS NOT NULL GROUP BY x, y ORDER BY x, y",
			(struct flow_row){0}, gaps, err);
	sqlite3_finalize(gaps);
	if (status == 0)
		status = each(f, "SELECT x, '', " COUNTS " WHERE y IS NULL GROUP BY x ORDER BY x",
			(struct flow_row){.last = true}, NULL, err);
	return status;
}

int flow_read(struct store *s, const struct flow_query *q,
	int (*visit)(void *ctx, const struct flow_row *row, struct buf *err), void *ctx,
	struct buf *err)
{
	struct flow f = {s, visit, ctx};
	int status = gather(s, q, err);

	if (status == 0)
		status = rows(&f, err);
	sqlite3_exec(s->db, "DROP TABLE IF EXISTS temp.flow", NULL, NULL, NULL);
	return status;
}
