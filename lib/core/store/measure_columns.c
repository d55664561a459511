#include "core/store/measure_columns.h"
#include "base/mem.h"
#include "core/store/formula.h"
#include "core/store/query.h"
#include "core/store/ruling.h"

#include <math.h>
#include <stdlib.h>

#define NONE (-1)

_Static_assert(FRAME_ROWS <= MEASURE_ROWS, "rows of a frame that are no batch");

/* The conditions and values of one metric, as formulas; NONE: it has none. */
struct terms {
	int where, unknown, mature, denominator, numerator, against, value, weight;
};

struct reading {
	struct gather *g;
	struct layout layout;
	bool ruling; /* the fact is made of another's columns */
	struct formulas *f;
	struct terms *terms; /* a metric */
	int *dimensions;
	int kept[3], kept_n; /* conditions of all rows */
	int sides[2], known, customer, assumed;
	uint8_t always[FRAME_ROWS]; /* the truth of what is no condition */
};

/* ---- formulas ---- */

/* A condition that may be missing; false: SQLite must evaluate it. */
static bool condition(struct reading *r, const char *sql, int *out)
{
	*out = sql ? formulas_condition(r->f, sql) : NONE;
	return !sql || *out >= 0;
}

static bool number(struct reading *r, const char *sql, int *out)
{
	*out = sql ? formulas_add(r->f, sql) : NONE;
	return !sql || (*out >= 0 && formulas_type(r->f, *out) != FORMULA_TEXT);
}

static bool add_metric(struct reading *r, const struct metric *m, struct terms *t)
{
	return condition(r, m->where.sql, &t->where) && condition(r, m->unknown.sql, &t->unknown) &&
	       condition(r, m->mature.sql, &t->mature) &&
	       condition(r, m->denominator.sql, &t->denominator) &&
	       condition(r, m->numerator.sql, &t->numerator) &&
	       condition(r, m->against.sql, &t->against) && number(r, m->value.sql, &t->value) &&
	       number(r, m->weight.sql, &t->weight);
}

static bool keep(struct reading *r, const char *sql)
{
	return condition(r, sql, &r->kept[r->kept_n++]);
}

/* Which rows are read at all. */
static bool add_bounds(struct reading *r)
{
	const struct measure_query *q = r->g->q;
	struct buf sql = BUF_INIT;
	bool taken = true;

	if (q->has_since) {
		buf_printf(&sql, "f.%s >= :since", q->shape->began);
		taken = keep(r, sql.s);
	}
	buf_clear(&sql);
	if (taken && q->has_until) {
		buf_printf(&sql, "f.%s < :until", q->shape->began);
		taken = keep(r, sql.s);
	}
	if (taken && q->where)
		taken = keep(r, q->where);
	for (int side = 0; side < 2 && taken && q->sides; side++) {
		buf_clear(&sql);
		query_side(&sql, q, side);
		taken = condition(r, sql.s, &r->sides[side]);
	}
	buf_release(&sql);
	return taken;
}

static bool add_dimensions(struct reading *r)
{
	const struct measure_query *q = r->g->q;
	struct buf sql = BUF_INIT;
	bool taken = true;

	for (size_t i = 0; i < q->dimension_n && taken; i++) {
		buf_clear(&sql);
		shape_dimension(q->shape, str_of(q->dimensions[i]), &sql);
		r->dimensions[i] = formulas_add(r->f, sql.s);
		taken = r->dimensions[i] >= 0 &&
			formulas_type(r->f, r->dimensions[i]) == FORMULA_TEXT;
	}
	buf_release(&sql);
	return taken;
}

static bool add_all(struct reading *r)
{
	const struct gather *g = r->g;
	bool known = false;

	for (size_t i = 0; i < g->metric_n; i++) {
		known |= g->metrics[i]->known_only;
		if (!add_metric(r, g->metrics[i], &r->terms[i]))
			return false;
	}
	r->customer = formulas_add(r->f, "customer");
	return add_bounds(r) && add_dimensions(r) &&
	       condition(r, known ? "known IS 1" : NULL, &r->known) &&
	       condition(r, g->q->shape->assumed, &r->assumed) && r->customer >= 0;
}

/* ---- rows ---- */

/* A condition's truth; all rows' where there is none. */
static const uint8_t *truth(const struct reading *r, int condition)
{
	return condition == NONE ? r->always : formulas_truth(r->f, condition);
}

/* A state where a condition holds, or where it does not: of as many rows as there can be, see
 * formula.c. */
static void put_where(uint8_t *restrict out, const uint8_t *restrict condition, uint8_t state)
{
	for (size_t i = 0; i < FRAME_ROWS; i++)
		out[i] = condition[i] == 1 ? state : out[i];
}

static void put_unless(uint8_t *restrict out, const uint8_t *restrict condition, uint8_t state)
{
	for (size_t i = 0; i < FRAME_ROWS; i++)
		out[i] = condition[i] == 1 ? out[i] : state;
}

/* What a row is that counts, by the metric's kind. */
static void put_kind(
	const struct reading *r, const struct metric *m, const struct terms *t, uint8_t *out)
{
	memset(out, m->kind == METRIC_COUNT ? ROW_HIT : ROW_MISS, FRAME_ROWS);
	if (m->kind == METRIC_COUNT || metric_valued(m))
		return;
	if (m->kind == METRIC_NET)
		put_where(out, truth(r, t->against), ROW_AGAINST);
	put_where(out, truth(r, t->numerator), ROW_HIT);
}

/* From the inside out: what decides first is put last. */
static void put_states(const struct reading *r, size_t at)
{
	const struct metric *m = r->g->metrics[at];
	const struct terms *t = &r->terms[at];
	uint8_t *out = r->g->states[at];

	put_kind(r, m, t, out);
	if (t->denominator != NONE)
		put_unless(out, truth(r, t->denominator), ROW_IDLE);
	if (t->mature != NONE)
		put_unless(out, truth(r, t->mature), ROW_IMMATURE);
	if (t->unknown != NONE)
		put_where(out, truth(r, t->unknown), ROW_LEFT_OUT);
	if (m->known_only)
		put_unless(out, truth(r, r->known), ROW_LEFT_OUT);
	if (t->where != NONE)
		put_unless(out, truth(r, t->where), ROW_OUTSIDE);
}

/* Numbers of any type; NaN: NULL. */
static void put_numbers(const struct reading *r, int formula, size_t n, double *out)
{
	enum formula_type type = formulas_type(r->f, formula);

	if (type == FORMULA_REAL) {
		memcpy(out, formulas_real(r->f, formula), n * sizeof(*out));
	} else if (type == FORMULA_BOOL) {
		const uint8_t *v = formulas_truth(r->f, formula);

		for (size_t i = 0; i < n; i++)
			out[i] = v[i] == FORMULA_UNKNOWN ? (double)NAN : v[i];
	} else {
		const int64_t *v = formulas_number(r->f, formula);

		for (size_t i = 0; i < n; i++)
			out[i] = v[i] == COLUMN_NULL ? (double)NAN : (double)v[i];
	}
}

/* As query_valued has it of one row. */
static void put_values(const struct reading *r, size_t at, size_t n)
{
	const struct metric *m = r->g->metrics[at];
	const struct terms *t = &r->terms[at];
	double *values = r->g->values[at], *weights = r->g->weights[at];
	uint8_t *out = r->g->states[at];

	put_numbers(r, t->value, n, values);
	if (weights)
		put_numbers(r, t->weight, n, weights);
	for (size_t i = 0; i < n; i++) {
		if (out[i] != ROW_MISS)
			continue;
		if (isnan(values[i]))
			out[i] = m->kind == METRIC_MEAN ? ROW_IDLE : ROW_HIT;
		else if (weights && !(weights[i] > 0))
			out[i] = ROW_IDLE;
	}
}

/* Rows that are read, by number; how many of n. */
static size_t find_kept(const struct reading *r, size_t n, uint16_t *rows)
{
	const uint8_t *a = truth(r, r->kept[0]), *b = truth(r, r->kept[1]);
	const uint8_t *c = truth(r, r->kept[2]);
	const uint8_t *first = truth(r, r->sides[0]), *second = truth(r, r->sides[1]);
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (a[i] == 1 && b[i] == 1 && c[i] == 1 && (first[i] == 1 || second[i] == 1))
			rows[kept++] = (uint16_t)i;
	return kept;
}

static void squeeze_bytes(uint8_t *v, const uint16_t *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v[i] = v[rows[i]];
}

static void squeeze(double *v, const uint16_t *rows, size_t n)
{
	for (size_t i = 0; i < n && v; i++)
		v[i] = v[rows[i]];
}

/* What is not of metrics. */
static void put_rows(const struct reading *r, const uint16_t *rows, size_t n)
{
	struct gather *g = r->g;
	const int64_t *customers = formulas_number(r->f, r->customer);
	const uint8_t *assumed = truth(r, r->assumed);

	for (size_t d = 0; d < g->q->dimension_n; d++) {
		const int64_t *texts = formulas_number(r->f, r->dimensions[d]);

		for (size_t i = 0; i < n; i++)
			g->dimensions[d][i] = texts[rows[i]];
	}
	for (int side = 0; side < 2 && g->q->sides; side++)
		for (size_t i = 0; i < n; i++)
			g->in[side][i] = truth(r, r->sides[side])[rows[i]] == 1;
	for (g->n = 0; g->n < n; g->n++) {
		gather_customer(g, customers[rows[g->n]], true);
		g->assumed[g->n] = assumed[rows[g->n]] == 1;
	}
}

/* Of rows that are read and count: numbers are of a size whose sums are exact. */
static int check_numbers(const struct reading *r, size_t at, size_t n, struct buf *err)
{
	const struct metric *m = r->g->metrics[at];
	const double *values = r->g->values[at], *weights = r->g->weights[at];
	const uint8_t *states = r->g->states[at];

	for (size_t i = 0; i < n; i++) {
		if (states[i] != ROW_MISS)
			continue;
		if (fabs(values[i]) > NUMBER_MOST)
			return gather_no_number(m, &m->value, err);
		if (weights && fabs(weights[i]) > NUMBER_MOST)
			return gather_no_number(m, &m->weight, err);
	}
	return 0;
}

static int take(struct reading *r, size_t n, struct buf *err)
{
	struct gather *g = r->g;
	uint16_t rows[FRAME_ROWS];
	size_t kept = find_kept(r, n, rows);
	int status = 0;

	for (size_t i = 0; i < g->metric_n; i++) {
		put_states(r, i);
		if (metric_valued(g->metrics[i]))
			put_values(r, i, n);
		if (kept < n) {
			squeeze_bytes(g->states[i], rows, kept);
			squeeze(g->values[i], rows, kept);
			squeeze(g->weights[i], rows, kept);
		}
		if (metric_valued(g->metrics[i]) && status == 0)
			status = check_numbers(r, i, kept, err);
	}
	put_rows(r, rows, kept);
	return status < 0 ? status : gather_flush(g, err);
}

static int read_frame(struct reading *r, struct sqlite3 *db, bool *done, struct buf *err)
{
	size_t n, rows = 1;
	const size_t *columns = formulas_columns(r->f, &n);
	struct frame *frame = NULL;
	int status = (r->ruling ? ruling_open : frame_open)(
		&frame, db, &r->layout, columns, n, &r->g->texts, err);

	*done = frame != NULL;
	while (status == 0 && frame && rows) {
		status = frame_next(frame, &rows, err);
		if (status < 0 || !rows)
			break;
		formulas_eval(r->f, frame, rows);
		status = take(r, rows, err);
	}
	frame_free(frame);
	return status;
}

/* *can: all that is read are formulas. */
static struct reading *begin(
	struct sqlite3 *db, struct gather *g, bool *can, int *status, struct buf *err)
{
	const struct formula_parameter parameters[] = {{":window", g->q->window},
		{":horizon", g->q->horizon}, {":since", g->q->since}, {":until", g->q->until}};
	struct reading *r = mem_zero(1, sizeof(*r));

	*status = layout_read(&r->layout, db, g->q->shape->fact, err);

	r->ruling = strcmp(g->q->shape->fact, "ruling") == 0;
	if (r->ruling)
		ruling_layout(&r->layout);
	r->g = g;
	r->terms = mem_zero(g->metric_n, sizeof(*r->terms));
	r->dimensions = mem_zero(g->q->dimension_n, sizeof(*r->dimensions));
	r->kept[0] = r->kept[1] = r->kept[2] = r->sides[0] = r->sides[1] = NONE;
	memset(r->always, 1, sizeof(r->always));
	r->f = formulas_new(&r->layout, &g->texts, parameters, 4);
	*can = *status == 0 && r->layout.n && add_all(r);
	return r;
}

static void end(struct reading *r)
{
	formulas_free(r->f);
	layout_release(&r->layout);
	free(r->terms);
	free(r->dimensions);
	free(r);
}

int measure_columns(struct sqlite3 *db, struct gather *g, bool *done, struct buf *err)
{
	bool can;
	int status;
	struct reading *r = begin(db, g, &can, &status, err);

	*done = false;
	if (can)
		status = read_frame(r, db, done, err);
	end(r);
	return status;
}

/* Up to the first row of which it is true. */
static int find_true(
	struct frame *frame, struct formulas *f, int condition, bool *some, struct buf *err)
{
	size_t rows = 0;
	int status;

	while ((status = frame_next(frame, &rows, err)) == 0 && rows && !*some) {
		formulas_eval(f, frame, rows);
		*some = memchr(formulas_truth(f, condition), 1, rows) != NULL;
	}
	return status;
}

int measure_some(struct sqlite3 *db, const struct shape *shape, const char *sql, bool *some,
	bool *done, struct buf *err)
{
	struct layout layout = {0};
	struct codes texts = {MAP_INIT, NULL, 0, 0};
	struct formulas *f = formulas_new(&layout, &texts, NULL, 0);
	struct frame *frame = NULL;
	const size_t *columns;
	size_t n = 0;
	int condition = NONE, status = layout_read(&layout, db, shape->fact, err);

	*some = false;
	if (status == 0 && layout.n)
		condition = formulas_condition(f, sql);
	columns = formulas_columns(f, &n);
	if (condition >= 0 && n)
		status = frame_open(&frame, db, &layout, columns, n, &texts, err);
	*done = frame != NULL;
	if (status == 0 && frame)
		status = find_true(frame, f, condition, some, err);
	frame_free(frame);
	formulas_free(f);
	codes_release(&texts);
	layout_release(&layout);
	return status;
}

int measure_can(struct sqlite3 *db, const struct measure_query *q, const struct metric *metric,
	bool *can, struct buf *err)
{
	struct gather *g = gather_new(q, &metric, 1, NULL, NULL);
	int status;

	end(begin(db, g, can, &status, err));
	gather_free(g);
	return status;
}
