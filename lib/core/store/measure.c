#include "core/store/measure.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/sandbox.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#define BUSY (-2)

struct dimension {
	const char *name, *sql;
};

struct fact {
	const char *view;
	const char *began; /* the column that --since and --until look at */
	const char *assumed;
	const struct dimension *dimensions;
};

/* Every fact has these; its own follow. */
#define DIMENSIONS(began)                                                                          \
	{"channel", "channel"}, {"class", "class"}, {"region", "region"}, {"lang", "lang"},        \
		{"intent", "intent"}, {"family", "family"}, {"stage", "stage"},                    \
		{"agent", "agent"}, {"source", "source"}, {"day", "local_day(" began ")"},         \
		{"week", "local_week(" began ")"},                                                 \
	{                                                                                          \
		"month", "local_month(" began ")"                                                  \
	}

static const struct dimension contact_dimensions[] = {DIMENSIONS("started"),
	{"agent_kind", "CASE WHEN human = 1 AND bot = 1 THEN 'both' WHEN human = 1 THEN 'human'"
		       " WHEN bot = 1 THEN 'bot' END"},
	{NULL, NULL}};
static const struct dimension issue_dimensions[] = {DIMENSIONS("started"), {NULL, NULL}};
static const struct dimension switch_dimensions[] = {DIMENSIONS("started"),
	{"from_channel", "from_channel"}, {"to_channel", "to_channel"}, {NULL, NULL}};
static const struct dimension move_dimensions[] = {DIMENSIONS("at"), {"kind", "kind"},
	{"reason", "reason"}, {"from_owner", "from_owner"}, {"to_owner", "to_owner"}, {NULL, NULL}};

static const struct fact facts[FACT_COUNT] = {
	[FACT_CONTACT] = {"v_contact", "started", "assumed", contact_dimensions},
	[FACT_ISSUE] = {"v_issue", "started", "assumed", issue_dimensions},
	[FACT_SWITCH] = {"v_switch", "started", "assumed", switch_dimensions},
	[FACT_MOVE] = {"v_move", "at", "0", move_dimensions},
};

/* Beside those of the sandbox: what a subquery counts with, and this file's own. */
static const char *const more_functions[] = {
	"avg", "count", "local_day", "local_month", "local_week", "sum", "total", NULL};

/* Steps of one statement: the log's size says how many rows there can be, about ten to a page. */
#define TICK 100000 /* instructions between two looks at the budget */
#define STEPS_BASE INT64_C(200000000)
#define STEPS_PAGE INT64_C(100000)

/* Of one statement; nested as put_state does around an expression. */
#define DEPTH (SANDBOX_DEPTH + 20)

static bool is_busy(struct sqlite3 *db)
{
	int code = sqlite3_errcode(db) & 0xff;

	return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

static int fail(struct sqlite3 *db, struct buf *err)
{
	bool busy = is_busy(db);

	buf_puts(err, busy ? "another writer holds the database" : sandbox_failure(db));
	return busy ? BUSY : -1;
}

/* ---- days, weeks, months ---- */

static void put_day(const struct civil *c, int weekday, char *out, size_t size)
{
	(void)weekday;
	snprintf(out, size, "%04d-%02d-%02d", c->year, c->month, c->day);
}

static void put_month(const struct civil *c, int weekday, char *out, size_t size)
{
	(void)weekday;
	snprintf(out, size, "%04d-%02d", c->year, c->month);
}

/* ISO 8601: the week of a day belongs to the year that its Thursday is in. */
static void put_week(const struct civil *c, int weekday, char *out, size_t size)
{
	const struct civil date = {.year = c->year, .month = c->month, .day = c->day};
	int monday = (weekday + 6) % 7;
	int64_t thursday = civil_utc(&date) + (3 - monday) * WHEN_DAY, first;
	struct civil t;

	utc_civil(thursday, &t);
	first = civil_utc(&(struct civil){.year = t.year, .month = 1, .day = 1});
	snprintf(out, size, "%04d-W%02d", t.year, (int)((thursday - first) / (7 * WHEN_DAY)) + 1);
}

typedef void put_local(const struct civil *c, int weekday, char *out, size_t size);

static void local(sqlite3_context *ctx, sqlite3_value *when, put_local *put)
{
	char text[64];
	struct civil c;
	int weekday;

	if (sqlite3_value_type(when) == SQLITE_NULL)
		return;
	local_civil(sqlite3_value_int64(when), &c, &weekday);
	put(&c, weekday, text, sizeof(text));
	sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
}

void measure_period(const char *kind, int64_t when, char *out, size_t size)
{
	put_local *put = strcmp(kind, "day") == 0    ? put_day
			 : strcmp(kind, "week") == 0 ? put_week
						     : put_month;
	struct civil c;
	int weekday;

	local_civil(when, &c, &weekday);
	put(&c, weekday, out, size);
}

static void local_day(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	local(ctx, argv[0], put_day);
}

static void local_week(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	local(ctx, argv[0], put_week);
}

static void local_month(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	local(ctx, argv[0], put_month);
}

int measure_open(struct sqlite3 *db, struct buf *err)
{
	static const struct {
		const char *name;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {
		{"local_day", local_day}, {"local_week", local_week}, {"local_month", local_month}};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (sqlite3_create_function(db, functions[i].name, 1,
			    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, functions[i].call, NULL,
			    NULL) != SQLITE_OK)
			return fail(db, err);
	return sandbox_functions_bound(db) < 0 ? fail(db, err) : 0;
}

/* ---- dimensions ---- */

const char *measure_dimension(enum metric_fact fact, struct str name)
{
	for (const struct dimension *d = facts[fact].dimensions; d->name; d++)
		if (str_is(name, d->name))
			return d->sql;
	return NULL;
}

void measure_dimensions(enum metric_fact fact, struct buf *out)
{
	const struct dimension *all = facts[fact].dimensions;

	for (const struct dimension *d = all; d->name; d++)
		buf_printf(out, "%s%s", d == all ? "" : ", ", d->name);
}

/* ---- preparing ---- */

static bool among(const char *const *words, const char *word)
{
	for (; *words; words++)
		if (sqlite3_stricmp(*words, word) == 0)
			return true;
	return false;
}

/* What a definition may do: read the facts' views, call what is allowed. Views themselves may do
 * what they need. */
static int authorize(
	void *ctx, int action, const char *a, const char *b, const char *schema, const char *view)
{
	static const char *const views[] = {"v_contact", "v_issue", "v_switch", "v_move", NULL};

	(void)ctx;
	(void)schema;
	if (action == SQLITE_SELECT || (view && among(views, view)))
		return SQLITE_OK;
	if (action == SQLITE_READ)
		return among(views, a) ? SQLITE_OK : SQLITE_DENY;
	if (action == SQLITE_FUNCTION)
		return sandbox_allows(b) || among(more_functions, b) ? SQLITE_OK : SQLITE_DENY;
	return SQLITE_DENY;
}

/* A statement with users' expressions, and what holds while it stands: one at a time. */
struct asking {
	struct sqlite3 *db;
	sqlite3_stmt *st;
	struct sandbox before;
	int64_t ticks;
};

static int over_budget(void *ctx)
{
	struct asking *a = ctx;

	return --a->ticks < 0;
}

static int64_t ticks_of(struct sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	int64_t pages = 0;

	if (sqlite3_prepare_v2(db, "PRAGMA main.page_count", -1, &st, NULL) == SQLITE_OK &&
		sqlite3_step(st) == SQLITE_ROW)
		pages = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return STEPS_BASE / TICK + pages * (STEPS_PAGE / TICK);
}

static void finish(struct asking *a)
{
	sqlite3_finalize(a->st);
	sqlite3_progress_handler(a->db, 0, NULL, NULL);
	sandbox_leave(&a->before);
}

/* finish() ends what this begins, whatever it returns. */
static int prepare(
	struct asking *a, struct sqlite3 *db, const struct buf *sql, int depth, struct buf *err)
{
	int status = 0;

	*a = (struct asking){.db = db, .ticks = ticks_of(db)};
	sandbox_enter(&a->before, db, depth);
	sqlite3_progress_handler(db, TICK, over_budget, a);
	sqlite3_set_authorizer(db, authorize, NULL);
	if (sqlite3_prepare_v2(db, sql->s, (int)sql->len + 1, &a->st, NULL) != SQLITE_OK)
		status = fail(db, err);
	sqlite3_set_authorizer(db, NULL, NULL);
	return status;
}

static int check_parameters(sqlite3_stmt *st, struct buf *err)
{
	static const char *const known[] = {":window", ":horizon", NULL};

	for (int i = 1; i <= sqlite3_bind_parameter_count(st); i++) {
		const char *name = sqlite3_bind_parameter_name(st, i);

		if (!name || !among(known, name)) {
			buf_printf(err, "no such parameter: %s", name ? name : "?");
			return -1;
		}
	}
	return 0;
}

/* Compiles one expression alone, in a place where SQL takes no aggregate. */
static int check_one(struct sqlite3 *db, const char *view, const struct metric *m,
	const struct metric_sql *e, struct buf *err)
{
	struct buf sql = BUF_INIT;
	struct asking a;
	const char *stray;
	size_t place;
	int status;

	if (!e->sql)
		return 0;
	place = err->len;
	buf_printf(err, "%s:%d: ", m->file, e->line);
	stray = sandbox_stray(e->sql);
	if (stray) {
		buf_puts(err, stray);
		return -1;
	}
	if (view)
		buf_printf(&sql, "SELECT 1 FROM %s AS f WHERE (%s\n)", view, e->sql);
	else
		buf_printf(&sql, "SELECT 1 WHERE (%s\n)", e->sql);
	status = prepare(&a, db, &sql, SANDBOX_DEPTH, err);
	if (status == 0)
		status = check_parameters(a.st, err);
	if (status == 0)
		buf_cut(err, place);
	finish(&a);
	buf_release(&sql);
	return status;
}

int measure_check(struct sqlite3 *db, const struct metric *m, struct buf *err)
{
	const struct metric_sql *all[] = {
		&m->where, &m->mature, &m->numerator, &m->denominator, &m->value};
	const char *view = facts[m->fact].view;
	int status = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && status == 0; i++)
		status = check_one(db, view, m, all[i], err);
	for (size_t i = 0; i < m->needs.n && status == 0; i++) {
		status = check_one(db, view, m, &m->needs.v[i].some, err);
		if (status == 0)
			status = check_one(db, NULL, m, &m->needs.v[i].that, err);
	}
	return status;
}

static void bind(sqlite3_stmt *st, const char *name, int64_t value)
{
	int at = sqlite3_bind_parameter_index(st, name);

	if (at)
		sqlite3_bind_int64(st, at, value);
}

static int prepare_query(struct asking *a, struct sqlite3 *db, const struct buf *sql,
	const struct measure_query *q, struct buf *err)
{
	int status = prepare(a, db, sql, DEPTH, err);

	if (status < 0)
		return status;
	bind(a->st, ":window", q->window);
	bind(a->st, ":horizon", q->horizon);
	bind(a->st, ":since", q->since);
	bind(a->st, ":until", q->until);
	return 0;
}

/* The first column of the first row as a condition. */
static int ask(struct sqlite3 *db, const struct buf *sql, bool *answer, struct buf *err)
{
	struct asking a;
	int status = prepare(&a, db, sql, DEPTH, err);

	if (status == 0) {
		int code = sqlite3_step(a.st);

		*answer = code == SQLITE_ROW && sqlite3_column_double(a.st, 0) != 0;
		if (code != SQLITE_ROW && code != SQLITE_DONE)
			status = fail(db, err);
	}
	finish(&a);
	return status;
}

int measure_any(struct sqlite3 *db, bool *any, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status;

	buf_puts(&sql, "SELECT EXISTS (SELECT 1 FROM v_contact)");
	status = ask(db, &sql, any, err);
	buf_release(&sql);
	return status;
}

int measure_missing(
	struct sqlite3 *db, const struct metric *m, struct buf *missing, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < m->needs.n && status == 0; i++) {
		const struct metric_need *n = &m->needs.v[i];
		size_t place = err->len;
		bool there = false;

		buf_clear(&sql);
		if (n->some.sql)
			buf_printf(&sql, "SELECT EXISTS (SELECT 1 FROM %s AS f WHERE (%s\n))",
				facts[m->fact].view, n->some.sql);
		else
			buf_printf(&sql, "SELECT (%s\n)", n->that.sql);
		buf_printf(err, "%s:%d: ", m->file, n->some.sql ? n->some.line : n->that.line);
		status = ask(db, &sql, &there, err);
		if (status == 0)
			buf_cut(err, place);
		if (status == 0 && !there)
			buf_printf(missing, "%s%s", missing->len ? ", " : "", n->missing);
	}
	buf_release(&sql);
	return status;
}

/* ---- reading ---- */

static void put_condition(struct buf *sql, const char *prefix, const struct metric_sql *e)
{
	if (e->sql)
		buf_printf(sql, "%s(%s\n)", prefix, e->sql);
	else
		buf_printf(sql, "%s1", prefix);
}

/* The row's state as a number of enum measure_state. Evaluated from the outside in: what decides
 * first is asked first. */
static void put_state(struct buf *sql, const struct metric *m)
{
	put_condition(sql, "CASE WHEN ", &m->where);
	buf_puts(sql, " THEN CASE");
	if (m->known_only)
		buf_printf(sql, " WHEN known IS NOT 1 THEN %d", ROW_LEFT_OUT);
	put_condition(sql, " WHEN ", &m->mature);
	put_condition(sql, " THEN CASE WHEN ", &m->denominator);
	buf_puts(sql, " THEN CASE WHEN ");
	if (m->kind == METRIC_DURATION)
		buf_printf(sql, "(%s\n) IS NULL", m->value.sql);
	else if (m->kind == METRIC_RATE)
		put_condition(sql, "", &m->numerator);
	else
		buf_puts(sql, "1");
	buf_printf(sql, " THEN %d ELSE %d END ELSE %d END ELSE %d END ELSE %d END", ROW_HIT,
		ROW_MISS, ROW_IDLE, ROW_IMMATURE, ROW_OUTSIDE);
}

static void put_dimensions(struct buf *sql, const struct measure_query *q)
{
	for (size_t i = 0; i < q->dimension_n; i++)
		buf_printf(sql, "%s, ", measure_dimension(q->fact, str_of(q->dimensions[i])));
}

static void put_from(struct buf *sql, const struct measure_query *q)
{
	const struct fact *f = &facts[q->fact];

	buf_printf(sql, " FROM %s AS f WHERE 1", f->view);
	if (q->has_since)
		buf_printf(sql, " AND f.%s >= :since", f->began);
	if (q->has_until)
		buf_printf(sql, " AND f.%s < :until", f->began);
}

static struct str column(sqlite3_stmt *st, int at)
{
	const unsigned char *s = sqlite3_column_text(st, at);

	return (struct str){(const char *)s, (size_t)sqlite3_column_bytes(st, at)};
}

/* One reading of rows: the statement, and the row that visitors see. */
struct reading {
	struct asking a;
	const struct measure_query *q;
	const struct metric *const *metrics;
	size_t n;
	struct str *dimensions;
	enum measure_state *states;
	double *values;
	struct buf customer;
	struct measure_row row;
};

static void put_rows(struct buf *sql, const struct reading *r)
{
	buf_puts(sql, "SELECT ");
	put_dimensions(sql, r->q);
	for (size_t i = 0; i < r->n; i++) {
		put_state(sql, r->metrics[i]);
		buf_puts(sql, ", ");
		if (r->metrics[i]->kind == METRIC_DURATION)
			buf_printf(sql, "(%s\n), ", r->metrics[i]->value.sql);
	}
	buf_printf(sql, "f.customer, %s", facts[r->q->fact].assumed);
	put_from(sql, r->q);
	buf_puts(sql, " ORDER BY f.customer");
}

static void take_row(struct reading *r)
{
	struct str customer;
	int at = 0;

	for (size_t i = 0; i < r->q->dimension_n; i++)
		r->dimensions[i] = column(r->a.st, at++);
	for (size_t i = 0; i < r->n; i++) {
		r->states[i] = (enum measure_state)sqlite3_column_int(r->a.st, at++);
		if (r->metrics[i]->kind == METRIC_DURATION)
			r->values[i] = sqlite3_column_double(r->a.st, at++);
	}
	customer = column(r->a.st, at++);
	/* A row that says no customer is one of its own. */
	if (!r->row.cluster || !customer.s || !str_eq(customer, buf_str(&r->customer))) {
		r->row.cluster++;
		buf_clear(&r->customer);
		buf_put(&r->customer, customer);
	}
	r->row.assumed = sqlite3_column_int64(r->a.st, at) != 0;
}

static int pass(void *ctx, const struct measure_row *row, struct buf *err)
{
	(void)ctx;
	(void)row;
	(void)err;
	return 0;
}

/* The reason by the place of the metric that fails by itself. */
static int blame(struct sqlite3 *db, const struct measure_query *q,
	const struct metric *const *metrics, size_t n, struct buf *err)
{
	struct buf why = BUF_INIT;
	int status = 0;

	if (n == 1 && !is_busy(db))
		buf_printf(err, "%s:%d: ", metrics[0]->file, metrics[0]->line);
	if (n == 1 || is_busy(db))
		return fail(db, err);
	fail(db, &why);
	for (size_t i = 0; i < n && status == 0; i++)
		status = measure_rows(db, q, &metrics[i], 1, pass, NULL, err);
	if (status == 0)
		buf_put(err, buf_str(&why));
	buf_release(&why);
	return -1;
}

int measure_rows(struct sqlite3 *db, const struct measure_query *q,
	const struct metric *const *metrics, size_t n, measure_visit *visit, void *ctx,
	struct buf *err)
{
	struct reading r = {.q = q, .metrics = metrics, .n = n, .customer = BUF_INIT};
	struct buf sql = BUF_INIT;
	int status, code = SQLITE_DONE;

	r.dimensions = mem_zero(q->dimension_n, sizeof(*r.dimensions));
	r.states = mem_zero(n, sizeof(*r.states));
	r.values = mem_zero(n, sizeof(*r.values));
	r.row = (struct measure_row){0, false, r.dimensions, r.states, r.values};
	put_rows(&sql, &r);
	status = prepare_query(&r.a, db, &sql, q, err);
	while (status == 0 && (code = sqlite3_step(r.a.st)) == SQLITE_ROW) {
		take_row(&r);
		status = visit(ctx, &r.row, err);
	}
	if (status == 0 && code != SQLITE_DONE)
		status = blame(db, q, metrics, n, err);
	finish(&r.a);
	free(r.dimensions);
	free(r.states);
	free(r.values);
	buf_release(&r.customer);
	buf_release(&sql);
	return status;
}

int measure_values(struct sqlite3 *db, const struct measure_query *q, const struct metric *metric,
	measure_value *visit, void *ctx, struct buf *err)
{
	struct str *dimensions = mem_zero(q->dimension_n, sizeof(*dimensions));
	struct buf sql = BUF_INIT;
	struct asking a;
	int status, code = SQLITE_DONE, n = (int)q->dimension_n;

	buf_puts(&sql, "SELECT ");
	put_dimensions(&sql, q);
	buf_printf(&sql, "(%s\n)", metric->value.sql);
	put_from(&sql, q);
	buf_puts(&sql, " AND ");
	put_state(&sql, metric);
	buf_printf(&sql, " = %d ORDER BY ", ROW_MISS);
	for (int i = 1; i <= n + 1; i++)
		buf_printf(&sql, "%s%d", i > 1 ? ", " : "", i);
	status = prepare_query(&a, db, &sql, q, err);
	while (status == 0 && (code = sqlite3_step(a.st)) == SQLITE_ROW) {
		for (int i = 0; i < n; i++)
			dimensions[i] = column(a.st, i);
		visit(ctx, dimensions, sqlite3_column_double(a.st, n));
	}
	if (status == 0 && code != SQLITE_DONE)
		status = blame(db, q, &metric, 1, err);
	finish(&a);
	free(dimensions);
	buf_release(&sql);
	return status;
}

int measure_sources(
	struct sqlite3 *db, int64_t before, measure_source *visit, void *ctx, struct buf *err)
{
	struct buf sql = BUF_INIT;
	struct asking a;
	int status, code = SQLITE_DONE;

	buf_puts(&sql, "SELECT source, max(ended) AS last FROM v_contact WHERE source IS NOT NULL "
		       "GROUP BY source"
		       " HAVING last < :before ORDER BY source");
	status = prepare(&a, db, &sql, DEPTH, err);
	if (status == 0)
		bind(a.st, ":before", before);
	while (status == 0 && (code = sqlite3_step(a.st)) == SQLITE_ROW)
		visit(ctx, column(a.st, 0), sqlite3_column_int64(a.st, 1));
	if (status == 0 && code != SQLITE_DONE)
		status = fail(db, err);
	finish(&a);
	buf_release(&sql);
	return status;
}
