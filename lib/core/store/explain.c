#include "core/store/explain.h"
#include "base/mem.h"
#include "core/store/query.h"

#include <stdlib.h>

struct reading {
	struct asking a;
	sqlite3_stmt *event; /* NULL: they are not asked for */
	const struct measure_query *q;
	const struct metric *metric;
	struct str *dimensions;
	bool *reasons;
	struct explain_id *ids;
	size_t id_n;
	struct explain_row row;
};

static void put_sql(struct buf *sql, const struct reading *r)
{
	const struct metric *m = r->metric;

	buf_puts(sql, "SELECT ");
	query_dimensions(sql, r->q);
	query_state(sql, m);
	buf_printf(sql, ", (%s\n), (%s\n)", m->value.sql ? m->value.sql : "0",
		m->weight.sql ? m->weight.sql : "1");
	for (size_t i = 0; i < m->reasons.n; i++)
		buf_printf(sql, ", (%s\n)", m->reasons.v[i].when.sql);
	for (size_t i = 0; i < r->id_n; i++)
		buf_printf(sql, ", f.\"%s\"", r->ids[i].column);
	buf_printf(sql, ", f.%s, f.who", r->q->shape->began);
	query_from(sql, r->q);
	buf_puts(sql, " ORDER BY f.customer");
}

static int find_event(struct reading *r, struct explain_id *id, struct buf *err)
{
	int code;

	buf_clear(&id->event);
	sqlite3_bind_int64(r->event, 1, id->sequence);
	code = sqlite3_step(r->event);
	if (code == SQLITE_ROW)
		buf_put(&id->event, query_text(r->event, 0));
	sqlite3_reset(r->event);
	return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : asking_failed(r->a.db, err);
}

static int take_row(struct reading *r, struct buf *err)
{
	const struct metric *m = r->metric;
	sqlite3_stmt *st = r->a.st;
	int at = 0, status = 0;
	bool counts;

	for (size_t i = 0; i < r->q->dimension_n; i++)
		r->dimensions[i] = query_text(st, at++);
	r->row.state = (enum measure_state)sqlite3_column_int(st, at++);
	if (metric_valued(m))
		r->row.state = query_valued(st, m, r->row.state, at, at + 1);
	counts = metric_valued(m) && r->row.state == ROW_MISS;
	if (query_number(st, at++, m, &m->value, counts, &r->row.value, err) < 0 ||
		query_number(st, at++, m, &m->weight, counts, &r->row.weight, err) < 0)
		return -1;
	for (size_t i = 0; i < r->metric->reasons.n; i++)
		r->reasons[i] = sqlite3_column_double(st, at++) != 0;
	for (size_t i = 0; i < r->id_n && status == 0; i++) {
		r->ids[i].has = sqlite3_column_type(st, at) != SQLITE_NULL;
		r->ids[i].sequence = sqlite3_column_int64(st, at++);
		if (r->event && r->ids[i].has && r->row.state != ROW_OUTSIDE &&
			r->row.state != ROW_IDLE)
			status = find_event(r, &r->ids[i], err);
	}
	r->row.has_began = sqlite3_column_type(st, at) != SQLITE_NULL;
	r->row.began = sqlite3_column_int64(st, at++);
	r->row.who = query_text(st, at);
	return status;
}

static void begin(struct reading *r)
{
	const struct shape *s = r->q->shape;

	r->dimensions = mem_zero(r->q->dimension_n, sizeof(*r->dimensions));
	r->reasons = mem_zero(r->metric->reasons.n, sizeof(*r->reasons));
	r->ids = mem_zero(s->n, sizeof(*r->ids));
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].id) {
			r->ids[r->id_n].column = s->v[i].name;
			buf_init(&r->ids[r->id_n++].event);
		}
	r->row.dimensions = r->dimensions;
	r->row.reasons = r->reasons;
	r->row.ids = r->ids;
	r->row.id_n = r->id_n;
}

static void end(struct reading *r)
{
	asking_end(&r->a);
	sqlite3_finalize(r->event);
	for (size_t i = 0; i < r->id_n; i++)
		buf_release(&r->ids[i].event);
	free(r->dimensions);
	free(r->reasons);
	free(r->ids);
}

int explain_rows(struct sqlite3 *db, const struct measure_query *q, const struct metric *metric,
	bool events, explain_visit *visit, void *ctx, struct buf *err)
{
	struct reading r = {.q = q, .metric = metric};
	struct buf sql = BUF_INIT;
	int status, code = SQLITE_DONE;

	begin(&r);
	put_sql(&sql, &r);
	status = query_begin(&r.a, db, &sql, q, err);
	if (status == 0 && events &&
		sqlite3_prepare_v2(db, "SELECT id FROM v_event WHERE seq = ?1", -1, &r.event,
			NULL) != SQLITE_OK)
		status = asking_failed(db, err);
	while (status == 0 && (code = sqlite3_step(r.a.st)) == SQLITE_ROW) {
		status = take_row(&r, err);
		if (status == 0 && r.row.state != ROW_OUTSIDE && r.row.state != ROW_IDLE)
			status = visit(ctx, &r.row, err);
	}
	if (status == 0 && code != SQLITE_DONE) {
		buf_printf(err, "%s:%d: ", metric->file, metric->line);
		status = asking_failed(db, err);
	}
	end(&r);
	buf_release(&sql);
	return status;
}
