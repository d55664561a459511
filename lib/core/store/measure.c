#include "core/store/measure.h"
#include "base/mem.h"
#include "core/mismatch.h"
#include "core/store/frame.h"
#include "core/store/gather.h"
#include "core/store/measure_columns.h"
#include "core/store/query.h"
#include "core/store/states.h"

#include <sqlite3.h>
#include <stdlib.h>

#define SOON 0 /* further looks at the budget, see asking.c: some thousand rows */

int measure_open(struct sqlite3 *db, struct buf *err)
{
	return asking_functions(db, err);
}

static bool is_number(const void *ctx, struct str name)
{
	const struct shape *s = ctx;

	for (size_t i = 0; i < s->n; i++)
		if (str_is(name, s->v[i].name))
			return s->v[i].number;
	return false;
}

/* shape: NULL: it is about the whole log. */
static int check_expression(
	struct sqlite3 *db, const struct shape *shape, const char *sql, struct buf *err)
{
	int status = asking_check(db, shape ? shape->view : NULL, sql, err);

	return status == 0 && shape ? mismatch_check(sql, true, is_number, shape, err) : status;
}

int measure_check_where(
	struct sqlite3 *db, const struct shape *shape, const char *where, struct buf *err)
{
	return check_expression(db, shape, where, err);
}

static int check_one(struct sqlite3 *db, const struct shape *shape, const struct metric *m,
	const struct metric_sql *e, struct buf *err)
{
	size_t place = err->len;
	int status;

	if (!e->sql)
		return 0;
	buf_printf(err, "%s:%d: ", m->file, e->line);
	status = check_expression(db, shape, e->sql, err);
	if (status == 0)
		buf_cut(err, place);
	return status;
}

/* What has no expression to be wrong: its dimensions, and whether there are unknown customers. */
static int check_columns(const struct shape *shape, const struct metric *m, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < m->by.n && status == 0; i++) {
		if (shape_dimension(shape, str_of(m->by.v[i]), &sql))
			continue;
		buf_printf(err, "%s:%d: by: no dimension %s; those of its fact (%s) are ", m->file,
			m->by.line, m->by.v[i], m->fact);
		shape_dimensions(shape, err);
		status = -1;
	}
	if (status == 0 && m->known_only && !shape->has_known) {
		buf_printf(err, "%s:%d: known_only: its fact (%s) says not who is known", m->file,
			m->line, m->fact);
		status = -1;
	}
	buf_release(&sql);
	return status;
}

int measure_check(
	struct sqlite3 *db, const struct shape *shape, const struct metric *m, struct buf *err)
{
	const struct metric_sql *all[] = {&m->where, &m->mature, &m->numerator, &m->denominator,
		&m->against, &m->value, &m->weight, &m->event, &m->censor, &m->unknown};
	int status = check_columns(shape, m, err);

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && status == 0; i++)
		status = check_one(db, shape, m, all[i], err);
	for (size_t i = 0; i < m->reasons.n && status == 0; i++)
		status = check_one(db, shape, m, &m->reasons.v[i].when, err);
	for (size_t i = 0; i < m->needs.n && status == 0; i++) {
		status = check_one(db, shape, m, &m->needs.v[i].some, err);
		if (status == 0)
			status = check_one(db, NULL, m, &m->needs.v[i].that, err);
	}
	return status;
}

/* The first column of the first row as a condition. ended: NULL, or whether it could be told soon.
 */
static int ask(
	struct sqlite3 *db, const struct buf *sql, bool *answer, bool *ended, struct buf *err)
{
	struct asking a;
	int status = asking_begin(&a, db, sql, QUERY_DEPTH, err);

	if (status == 0) {
		int code;

		if (ended)
			a.ticks = SOON;
		code = sqlite3_step(a.st);
		*answer = code == SQLITE_ROW && sqlite3_column_double(a.st, 0) != 0;
		if (ended)
			*ended = code != SQLITE_INTERRUPT;
		if (code != SQLITE_ROW && code != SQLITE_DONE && (!ended || *ended))
			status = asking_failed(db, err);
	}
	asking_end(&a);
	return status;
}

int measure_any(struct sqlite3 *db, bool *any, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status;

	buf_puts(&sql, "SELECT EXISTS (SELECT 1 FROM v_customer)");
	status = ask(db, &sql, any, NULL, err);
	buf_release(&sql);
	return status;
}

/* Most conditions are true of one of the first rows; for the others columns are read sooner. */
static int is_met(struct sqlite3 *db, const struct shape *shape, const struct metric_need *n,
	bool *met, struct buf *err)
{
	struct buf sql = BUF_INIT;
	bool done = false;
	int status = 0;

	if (n->some.sql) {
		buf_printf(&sql, "SELECT EXISTS (SELECT 1 FROM %s AS f WHERE (%s\n))", shape->view,
			n->some.sql);
		status = ask(db, &sql, met, &done, err);
		if (status == 0 && !done)
			status = measure_some(db, shape, n->some.sql, met, &done, err);
	} else {
		buf_printf(&sql, "SELECT (%s\n)", n->that.sql);
	}
	if (status == 0 && !done)
		status = ask(db, &sql, met, NULL, err);
	buf_release(&sql);
	return status;
}

/* Each condition is looked at once: many metrics have the same. */
static int is_known_met(struct sqlite3 *db, const struct shape *shape, const struct metric_need *n,
	struct map *known, bool *met, struct buf *err)
{
	struct buf key = BUF_INIT;
	union map_value *v;
	bool fresh;
	int status = 0;

	if (n->some.sql)
		buf_printf(&key, "%s %s", shape->view, n->some.sql);
	else
		buf_puts(&key, n->that.sql);
	v = map_slot(known, buf_str(&key), &fresh);
	if (fresh) {
		status = is_met(db, shape, n, met, err);
		v->n = *met;
	}
	*met = v->n != 0;
	buf_release(&key);
	return status;
}

int measure_missing(struct sqlite3 *db, const struct metric *m, const struct shape *shape,
	struct map *known, struct buf *missing, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < m->needs.n && status == 0; i++) {
		const struct metric_need *n = &m->needs.v[i];
		size_t place = err->len;
		bool met = false;

		buf_printf(err, "%s:%d: ", m->file, n->some.sql ? n->some.line : n->that.line);
		status = is_known_met(db, shape, n, known, &met, err);
		if (status == 0)
			buf_cut(err, place);
		if (status == 0 && !met)
			buf_printf(missing, "%s%s", missing->len ? ", " : "", n->missing);
	}
	return status;
}

/* ---- reading ---- */

/* One reading of rows by a statement. */
struct reading {
	struct asking a;
	struct gather *g;
	struct states *asked;
};

static void put_rows(struct buf *sql, const struct reading *r)
{
	const struct gather *g = r->g;

	buf_puts(sql, "SELECT ");
	query_dimensions(sql, g->q);
	states_put(sql, r->asked);
	for (size_t i = 0; i < g->metric_n; i++) {
		if (metric_valued(g->metrics[i]))
			buf_printf(sql, "(%s\n), ", g->metrics[i]->value.sql);
		if (g->metrics[i]->weight.sql)
			buf_printf(sql, "(%s\n), ", g->metrics[i]->weight.sql);
	}
	for (int side = 0; side < 2 && g->q->sides; side++) {
		query_side(sql, g->q, side);
		buf_puts(sql, ", ");
	}
	buf_printf(sql, "f.customer, %s", g->q->shape->assumed);
	query_from(sql, g->q);
	buf_puts(sql, " ORDER BY f.customer");
}

static int take_valued(struct reading *r, size_t i, int *at, struct buf *err)
{
	struct gather *g = r->g;
	const struct metric *m = g->metrics[i];
	int value = (*at)++, weight = m->weight.sql ? (*at)++ : value;
	enum measure_state state =
		query_valued(r->a.st, m, (enum measure_state)g->states[i][g->n], value, weight);
	bool counts = state == ROW_MISS;

	g->states[i][g->n] = (uint8_t)state;
	if (query_number(r->a.st, value, m, &m->value, counts, &g->values[i][g->n], err) < 0)
		return -1;
	return !m->weight.sql ? 0
			      : query_number(r->a.st, weight, m, &m->weight, counts,
					&g->weights[i][g->n], err);
}

/* Most rows have what the row before has. */
static int64_t dimension(struct gather *g, size_t i, struct str text)
{
	int64_t last = g->dimensions[i][g->n ? g->n - 1 : MEASURE_ROWS - 1];

	if (!text.s)
		return MEASURE_NONE;
	if (last > 0 && str_eq(codes_text(&g->texts, last), text))
		return last;
	return codes_of(&g->texts, text);
}

static int take_row(struct reading *r, struct buf *err)
{
	struct gather *g = r->g;
	int at = 0;

	for (size_t i = 0; i < g->q->dimension_n; i++)
		g->dimensions[i][g->n] = dimension(g, i, query_text(r->a.st, at++));
	states_take(r->asked, r->a.st, &at, g->states, g->n);
	for (size_t i = 0; i < g->metric_n; i++)
		if (metric_valued(g->metrics[i]) && take_valued(r, i, &at, err) < 0)
			return -1;
	for (int side = 0; side < 2 && g->q->sides; side++)
		g->in[side][g->n] = sqlite3_column_int(r->a.st, at++) != 0;
	gather_customer(g, sqlite3_column_int64(r->a.st, at),
		sqlite3_column_type(r->a.st, at) != SQLITE_NULL);
	g->assumed[g->n++] = sqlite3_column_int64(r->a.st, at + 1) != 0;
	return g->n < MEASURE_ROWS ? 0 : gather_flush(g, err);
}

static int pass(void *ctx, const struct measure_batch *rows, struct buf *err)
{
	(void)ctx;
	(void)rows;
	(void)err;
	return 0;
}

/* The reason by the place of the metric that fails by itself. */
static int blame(struct sqlite3 *db, const struct measure_query *q,
	const struct metric *const *metrics, size_t n, struct buf *err)
{
	struct buf why = BUF_INIT;
	int status = 0;

	if (n == 1 && !asking_busy(db))
		buf_printf(err, "%s:%d: ", metrics[0]->file, metrics[0]->line);
	if (n == 1 || asking_busy(db))
		return asking_failed(db, err);
	asking_failed(db, &why);
	for (size_t i = 0; i < n && status == 0; i++)
		status = measure_rows(db, q, &metrics[i], 1, pass, NULL, err);
	if (status == 0)
		buf_put(err, buf_str(&why));
	buf_release(&why);
	return -1;
}

static int read_rows(struct sqlite3 *db, struct gather *g, struct buf *err)
{
	struct reading r = {.g = g, .asked = states_new(g->metrics, g->metric_n)};
	struct buf sql = BUF_INIT;
	int status, code = SQLITE_DONE;

	put_rows(&sql, &r);
	status = query_begin(&r.a, db, &sql, g->q, err);
	while (status == 0 && (code = sqlite3_step(r.a.st)) == SQLITE_ROW)
		status = take_row(&r, err);
	if (status == 0 && code != SQLITE_DONE)
		status = blame(db, g->q, g->metrics, g->metric_n, err);
	if (status == 0)
		status = gather_flush(g, err);
	asking_end(&r.a);
	states_free(r.asked);
	buf_release(&sql);
	return status;
}

int measure_rows(struct sqlite3 *db, const struct measure_query *q,
	const struct metric *const *metrics, size_t n, measure_visit *visit, void *ctx,
	struct buf *err)
{
	struct gather *g = gather_new(q, metrics, n, visit, ctx);
	bool done = false;
	int status = measure_columns(db, g, &done, err);

	if (status == 0 && !done)
		status = read_rows(db, g, err);
	gather_free(g);
	return status;
}

int measure_values(struct sqlite3 *db, const struct measure_query *q, const struct metric *metric,
	int side, measure_value *visit, void *ctx, struct buf *err)
{
	struct str *dimensions = mem_zero(q->dimension_n, sizeof(*dimensions));
	struct buf sql = BUF_INIT;
	struct asking a;
	int status, code = SQLITE_DONE, n = (int)q->dimension_n;

	buf_puts(&sql, "SELECT ");
	query_dimensions(&sql, q);
	buf_printf(&sql, "(%s\n)", metric->value.sql);
	query_from(&sql, q);
	buf_puts(&sql, " AND ");
	if (q->sides) {
		query_side(&sql, q, side);
		buf_puts(&sql, " AND ");
	}
	query_state(&sql, metric);
	buf_printf(&sql, " = %d AND (%s\n) IS NOT NULL ORDER BY ", ROW_MISS, metric->value.sql);
	for (int i = 1; i <= n + 1; i++)
		buf_printf(&sql, "%s%d", i > 1 ? ", " : "", i);
	status = query_begin(&a, db, &sql, q, err);
	while (status == 0 && (code = sqlite3_step(a.st)) == SQLITE_ROW) {
		for (int i = 0; i < n; i++)
			dimensions[i] = query_text(a.st, i);
		visit(ctx, dimensions, sqlite3_column_double(a.st, n));
	}
	if (status == 0 && code != SQLITE_DONE)
		status = blame(db, q, &metric, 1, err);
	asking_end(&a);
	free(dimensions);
	buf_release(&sql);
	return status;
}

/* An event that begins before the row's end is one at its end; one beyond what is seen is none. */
static void put_times(struct buf *sql, const struct measure_query *q, const struct metric *m)
{
	const char *event = m->event.sql, *censor = m->censor.sql;

	buf_puts(sql, "SELECT ");
	query_dimensions(sql, q);
	buf_printf(sql, "max(0, iif((%s\n) <= (%s\n), (%s\n), (%s\n))), ", event, censor, event,
		censor);
	buf_printf(sql, "coalesce((%s\n) <= (%s\n), 0), %s", event, censor, q->shape->assumed);
	query_from(sql, q);
	buf_printf(sql, " AND (%s\n) AND (%s\n) AND (%s\n) >= 0", m->where.sql ? m->where.sql : "1",
		m->denominator.sql ? m->denominator.sql : "1", censor);
	if (m->known_only)
		buf_puts(sql, " AND known IS 1");
	if (m->unknown.sql)
		buf_printf(sql, " AND (%s\n) IS NOT 1", m->unknown.sql);
	buf_puts(sql, " ORDER BY ");
	for (size_t i = 1; i <= q->dimension_n; i++)
		buf_printf(sql, "%zu, ", i);
	buf_printf(sql, "%zu DESC", q->dimension_n + 1);
}

int measure_times(struct sqlite3 *db, const struct measure_query *q, const struct metric *metric,
	measure_time *visit, void *ctx, struct buf *err)
{
	struct str *dimensions = mem_zero(q->dimension_n, sizeof(*dimensions));
	struct buf sql = BUF_INIT;
	struct asking a;
	int status, code = SQLITE_DONE, n = (int)q->dimension_n;

	put_times(&sql, q, metric);
	status = query_begin(&a, db, &sql, q, err);
	while (status == 0 && (code = sqlite3_step(a.st)) == SQLITE_ROW) {
		for (int i = 0; i < n; i++)
			dimensions[i] = query_text(a.st, i);
		visit(ctx, dimensions, sqlite3_column_double(a.st, n),
			sqlite3_column_int(a.st, n + 1), sqlite3_column_int64(a.st, n + 2) != 0);
	}
	if (status == 0 && code != SQLITE_DONE)
		status = blame(db, q, &metric, 1, err);
	asking_end(&a);
	free(dimensions);
	buf_release(&sql);
	return status;
}

/* ---- when sources ended ---- */

struct last {
	char *source;
	int64_t ended; /* COLUMN_NULL: none is known */
};

/* By the sources' codes. */
struct lasts {
	struct last *v;
	size_t n, cap;
};

static int see_sources(void *ctx, const struct codes *texts, const union column_value *const *v,
	size_t rows, struct buf *err)
{
	struct lasts *l = ctx;

	(void)err;
	while (l->n < texts->n) {
		const char *source = codes_text(texts, (int64_t)l->n + 1).s;

		*VEC_ADD(l, v, n, cap) = (struct last){mem_string(source), COLUMN_NULL};
	}
	for (size_t i = 0; i < rows; i++) {
		int64_t source = v[0][i].n, ended = v[1][i].n;

		if (source != COLUMN_NULL && ended > l->v[source - 1].ended)
			l->v[source - 1].ended = ended;
	}
	return 0;
}

static int by_source(const void *pa, const void *pb)
{
	const struct last *a = pa, *b = pb;

	return strcmp(a->source, b->source);
}

static int ask_sources(
	struct sqlite3 *db, int64_t before, measure_source *visit, void *ctx, struct buf *err)
{
	struct buf sql = BUF_INIT;
	struct asking a;
	int status, code = SQLITE_DONE;

	buf_puts(&sql, "SELECT source, max(ended) AS last FROM v_contact WHERE source IS NOT NULL "
		       "GROUP BY source"
		       " HAVING last < :before ORDER BY source");
	status = asking_begin(&a, db, &sql, QUERY_DEPTH, err);
	if (status == 0)
		query_bind(a.st, ":before", before);
	while (status == 0 && (code = sqlite3_step(a.st)) == SQLITE_ROW)
		visit(ctx, query_text(a.st, 0), sqlite3_column_int64(a.st, 1));
	if (status == 0 && code != SQLITE_DONE)
		status = asking_failed(db, err);
	asking_end(&a);
	buf_release(&sql);
	return status;
}

int measure_sources(
	struct sqlite3 *db, int64_t before, measure_source *visit, void *ctx, struct buf *err)
{
	static const char *const names[] = {"source", "ended"};
	struct lasts l = {NULL, 0, 0};
	bool done;
	int status = frame_each(db, "contact", names, 2, see_sources, &l, &done, err);

	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_source);
	for (size_t i = 0; i < l.n; i++) {
		if (status == 0 && l.v[i].ended != COLUMN_NULL && l.v[i].ended < before)
			visit(ctx, str_of(l.v[i].source), l.v[i].ended);
		free(l.v[i].source);
	}
	free(l.v);
	return status == 0 && !done ? ask_sources(db, before, visit, ctx, err) : status;
}

struct beyond {
	int64_t time, n;
};

static int see_beyond(void *ctx, const struct codes *texts, const union column_value *const *v,
	size_t rows, struct buf *err)
{
	struct beyond *b = ctx;

	(void)texts;
	(void)err;
	for (size_t i = 0; i < rows; i++)
		b->n += v[0][i].n > b->time;
	return 0;
}

static int ask_beyond(struct sqlite3 *db, struct beyond *b, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = sqlite3_prepare_v2(db, "SELECT count(*) FROM v_contact WHERE started>?1", -1,
			     &st, NULL) == SQLITE_OK &&
				     sqlite3_bind_int64(st, 1, b->time) == SQLITE_OK &&
				     sqlite3_step(st) == SQLITE_ROW
			     ? 0
			     : asking_failed(db, err);

	b->n = status == 0 ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	return status;
}

int measure_beyond(struct sqlite3 *db, int64_t time, int64_t *n, struct buf *err)
{
	static const char *const names[] = {"started"};
	struct beyond b = {time, 0};
	bool done;
	int status = frame_each(db, "contact", names, 1, see_beyond, &b, &done, err);

	if (status == 0 && !done)
		status = ask_beyond(db, &b, err);
	*n = b.n;
	return status;
}
