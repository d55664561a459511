#include "stage/explain.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/when.h"
#include "core/store/explain.h"
#include "io/csv.h"
#include "io/json.h"
#include "stage/asked.h"
#include "stage/tally.h"

#include <math.h>
#include <stdlib.h>

#define PAGE 1000 /* rows of a table that are held */

/* What a row is called. */
enum state { STATE_HIT, STATE_MISS, STATE_AGAINST, STATE_IMMATURE, STATE_LEFT_OUT, STATES };
static const char *const state_names[STATES] = {"hit", "miss", "against", "immature", "left_out"};

struct explaining {
	const struct metric *metric;
	const struct measure_query *q;
	enum explain_which which;
	enum report_format format;
	struct out *out;
	struct table table;
	size_t rows; /* of the table */
	bool begun;
	struct buf line, cell, who;
	/* Totals. */
	int64_t states[STATES], customers;
	double values, weights;
};

int explain_which_of(const char *name, enum explain_which *which, struct buf *err)
{
	static const char *const names[] = {"all", "hit", "miss"};

	for (int i = 0; i < 3; i++)
		if (strcmp(name, names[i]) == 0) {
			*which = (enum explain_which)i;
			return 0;
		}
	buf_printf(err, "none of hit, miss, all: %s", name);
	return -1;
}

/* A row with a value is a hit of what is made of values, one without is a miss. */
static enum state state_of(const struct metric *m, enum measure_state s)
{
	switch (s) {
	case ROW_LEFT_OUT:
		return STATE_LEFT_OUT;
	case ROW_IMMATURE:
		return STATE_IMMATURE;
	case ROW_AGAINST:
		return STATE_AGAINST;
	case ROW_HIT:
		return metric_valued(m) ? STATE_MISS : STATE_HIT;
	case ROW_MISS:
		return metric_valued(m) ? STATE_HIT : STATE_MISS;
	case ROW_OUTSIDE:
	case ROW_IDLE:
		break;
	}
	abort(); /* no such rows are listed */
}

/* Why it went wrong: reasons are for the misses of what is good when it is high, else for hits. */
static bool has_reasons(const struct metric *m, enum state s)
{
	return s == (m->good && strcmp(m->good, "up") == 0 ? STATE_MISS : STATE_HIT);
}

/* ---- cells ---- */

static bool put_value(struct buf *out, const struct metric *m, const struct explain_row *row)
{
	enum state s = state_of(m, row->state);

	if (s == STATE_IMMATURE || s == STATE_LEFT_OUT)
		return false;
	if (!metric_valued(m)) {
		buf_int(out, s == STATE_HIT ? 1 : s == STATE_AGAINST ? -1 : 0);
		return true;
	}
	if (s == STATE_HIT)
		json_put_number(out, tally_scale(m) == SCALE_SPAN ? round(row->value) / 1e3
								  : round(row->value * 1e6) / 1e6);
	return s == STATE_HIT;
}

/* Records by their first place in the row: one that has two numbers is one record. */
static bool is_repeated(const struct explain_row *row, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (row->ids[j].has && row->ids[j].sequence == row->ids[i].sequence)
			return true;
	return !row->ids[i].has;
}

static void put_began(struct buf *out, const struct explain_row *row)
{
	char text[WHEN_TEXT];

	when_format(row->began, text);
	if (row->has_began)
		buf_puts(out, text);
}

static void put_reasons(struct buf *out, const struct metric *m, const struct explain_row *row)
{
	size_t place = out->len;

	for (size_t i = 0; i < m->reasons.n && has_reasons(m, state_of(m, row->state)); i++)
		if (row->reasons[i])
			buf_printf(out, "%s%s", out->len > place ? " " : "", m->reasons.v[i].name);
}

/* ---- NDJSON ---- */

static void json_text(struct buf *o, const char *key, struct str s)
{
	json_put_key(o, key);
	if (s.s)
		json_put_string(o, s);
	else
		buf_puts(o, "null");
}

static void json_ids(struct buf *o, const struct explain_row *row)
{
	for (size_t i = 0; i < row->id_n; i++) {
		json_put_key(o, row->ids[i].column);
		if (row->ids[i].has)
			buf_int(o, row->ids[i].sequence);
		else
			buf_puts(o, "null");
	}
}

static void json_events(struct buf *o, const struct explain_row *row)
{
	const char *between = "";

	json_put_key(o, "events");
	buf_byte(o, '[');
	for (size_t i = 0; i < row->id_n; i++) {
		if (is_repeated(row, i))
			continue;
		buf_printf(o, "%s{\"sequence\":%lld", between, (long long)row->ids[i].sequence);
		json_text(o, "id",
			row->ids[i].event.len ? buf_str(&row->ids[i].event) : str_of(NULL));
		buf_byte(o, '}');
		between = ",";
	}
	buf_byte(o, ']');
}

static void json_reasons(struct buf *o, const struct metric *m, const struct explain_row *row)
{
	const char *between = "";

	json_put_key(o, "reasons");
	buf_byte(o, '[');
	for (size_t i = 0; i < m->reasons.n && has_reasons(m, state_of(m, row->state)); i++) {
		if (!row->reasons[i])
			continue;
		buf_puts(o, between);
		json_put_string(o, str_of(m->reasons.v[i].name));
		between = ",";
	}
	buf_byte(o, ']');
}

static void json_row(struct explaining *e, const struct explain_row *row)
{
	struct buf *o = &e->line;

	buf_byte(o, '{');
	json_text(o, "metric", str_of(e->metric->id));
	json_text(o, "customer", row->who);
	json_ids(o, row);
	buf_clear(&e->cell);
	put_began(&e->cell, row);
	json_text(o, "began_at", row->has_began ? buf_str(&e->cell) : str_of(NULL));
	json_put_key(o, "group");
	buf_byte(o, '{');
	for (size_t i = 0; i < e->q->dimension_n; i++)
		json_text(o, e->q->dimensions[i], row->dimensions[i]);
	buf_byte(o, '}');
	json_text(o, "state", str_of(state_names[state_of(e->metric, row->state)]));
	json_put_key(o, "value");
	if (!put_value(o, e->metric, row))
		buf_puts(o, "null");
	if (e->metric->weight.sql) {
		json_put_key(o, "weight");
		json_put_number(o, row->weight);
	}
	json_reasons(o, e->metric, row);
	json_events(o, row);
	buf_puts(o, "}\n");
}

/* ---- CSV and table: the same cells ---- */

typedef void put_cell(struct explaining *e, struct str s);

static void csv_cell(struct explaining *e, struct str s)
{
	if (e->line.len)
		buf_byte(&e->line, ',');
	csv_put(&e->line, s);
}

static void title_cell(struct explaining *e, struct str s)
{
	table_column(&e->table, s.s, false);
}

static void body_cell(struct explaining *e, struct str s)
{
	table_cell(&e->table, s);
}

static void put_head(struct explaining *e, const struct explain_row *row, put_cell *put)
{
	put(e, STR("customer"));
	for (size_t i = 0; i < row->id_n; i++)
		put(e, str_of(row->ids[i].column));
	put(e, STR("began_at"));
	for (size_t i = 0; i < e->q->dimension_n; i++)
		put(e, str_of(e->q->dimensions[i]));
	put(e, STR("state"));
	put(e, STR("value"));
	if (e->metric->weight.sql)
		put(e, STR("weight"));
	put(e, STR("reasons"));
	put(e, STR("sequences"));
	put(e, STR("events"));
}

/* The cell that was gathered. */
static void put_gathered(struct explaining *e, put_cell *put)
{
	put(e, buf_str(&e->cell));
	buf_clear(&e->cell);
}

static void put_events(struct explaining *e, const struct explain_row *row, put_cell *put)
{
	for (size_t i = 0; i < row->id_n; i++)
		if (!is_repeated(row, i))
			buf_printf(&e->cell, "%s%lld", e->cell.len ? " " : "",
				(long long)row->ids[i].sequence);
	put_gathered(e, put);
	for (size_t i = 0; i < row->id_n; i++)
		if (!is_repeated(row, i))
			buf_printf(&e->cell, "%s%s", e->cell.len ? " " : "", row->ids[i].event.s);
	put_gathered(e, put);
}

static void put_cells(struct explaining *e, const struct explain_row *row, put_cell *put)
{
	buf_clear(&e->cell);
	put(e, row->who);
	for (size_t i = 0; i < row->id_n; i++) {
		if (row->ids[i].has)
			buf_int(&e->cell, row->ids[i].sequence);
		put_gathered(e, put);
	}
	if (e->format == REPORT_TABLE && row->has_began)
		when_minute(&e->cell, row->began);
	else
		put_began(&e->cell, row);
	put_gathered(e, put);
	for (size_t i = 0; i < e->q->dimension_n; i++)
		put(e, row->dimensions[i]);
	put(e, str_of(state_names[state_of(e->metric, row->state)]));
	put_value(&e->cell, e->metric, row);
	put_gathered(e, put);
	if (e->metric->weight.sql) {
		json_put_number(&e->cell, row->weight);
		put_gathered(e, put);
	}
	put_reasons(&e->cell, e->metric, row);
	put_gathered(e, put);
	put_events(e, row, put);
}

/* A long table comes in parts, each with its head: what is held stays small. */
static int end_page(struct explaining *e, struct buf *err)
{
	int status;

	if (!e->rows)
		return 0;
	if (e->begun)
		buf_byte(&e->line, '\n');
	table_print(&e->table, &e->line);
	table_release(&e->table);
	e->table = (struct table)TABLE_INIT;
	e->rows = 0;
	e->begun = true;
	status = out_put(e->out, buf_str(&e->line), err);
	buf_clear(&e->line);
	return status;
}

static int table_row(struct explaining *e, const struct explain_row *row, struct buf *err)
{
	if (!e->rows)
		put_head(e, row, title_cell);
	put_cells(e, row, body_cell);
	return ++e->rows == PAGE ? end_page(e, err) : 0;
}

static int csv_row(struct explaining *e, const struct explain_row *row, struct buf *err)
{
	int status = 0;

	if (!e->begun) {
		put_head(e, row, csv_cell);
		buf_puts(&e->line, "\r\n");
		status = out_put(e->out, buf_str(&e->line), err);
		buf_clear(&e->line);
	}
	e->begun = true;
	put_cells(e, row, csv_cell);
	buf_puts(&e->line, "\r\n");
	return status;
}

/* ---- rows ---- */

static void count(struct explaining *e, const struct explain_row *row, enum state s)
{
	e->states[s]++;
	if (s == STATE_LEFT_OUT || s == STATE_IMMATURE)
		return;
	if (metric_valued(e->metric) && s == STATE_HIT) {
		e->values += row->value;
		e->weights += row->weight;
	}
	if (!e->customers || !str_eq(row->who, buf_str(&e->who)))
		e->customers++;
	buf_clear(&e->who);
	buf_put(&e->who, row->who);
}

static int take_row(void *ctx, const struct explain_row *row, struct buf *err)
{
	struct explaining *e = ctx;
	enum state s = state_of(e->metric, row->state);
	int status = 0;

	count(e, row, s);
	if ((e->which == EXPLAIN_HIT && s != STATE_HIT) ||
		(e->which == EXPLAIN_MISS && s != STATE_MISS))
		return 0;
	if (e->format == REPORT_TABLE)
		return table_row(e, row, err);
	if (e->format == REPORT_CSV)
		status = csv_row(e, row, err);
	else
		json_row(e, row);
	if (status == 0)
		status = out_put(e->out, buf_str(&e->line), err);
	buf_clear(&e->line);
	return status;
}

static void put_totals(struct buf *out, const struct explaining *e)
{
	const int64_t *n = e->states;
	int64_t rows = n[STATE_HIT] + n[STATE_MISS] + n[STATE_AGAINST];

	buf_printf(out, "%s: ", e->metric->id);
	switch (e->metric->kind) {
	case METRIC_COUNT:
		buf_printf(out, "n %lld", (long long)(e->metric->distinct ? e->customers : rows));
		break;
	case METRIC_RATE:
	case METRIC_NET:
		buf_printf(out, "numerator %lld, n %lld",
			(long long)(n[STATE_HIT] - n[STATE_AGAINST]), (long long)rows);
		break;
	case METRIC_DURATION:
	case METRIC_QUANTITY:
		buf_printf(out, "n %lld; %lld without a value", (long long)n[STATE_HIT],
			(long long)n[STATE_MISS]);
		break;
	case METRIC_MEAN:
		buf_puts(out, "sum ");
		json_put_number(out, round(e->values * 1e6) / 1e6);
		buf_printf(out, ", n %lld", (long long)llround(e->weights));
		break;
	}
	if (n[STATE_IMMATURE])
		buf_printf(out, "; %lld not mature", (long long)n[STATE_IMMATURE]);
	if (n[STATE_LEFT_OUT])
		buf_printf(out, "; %lld %s", (long long)n[STATE_LEFT_OUT],
			e->metric->unknown.sql ? "left out, not known"
					       : "of unknown customers left out");
}

static int explain_all(
	struct sqlite3 *db, struct explaining *e, struct buf *totals, struct buf *err)
{
	int status = explain_rows(db, e->q, e->metric, true, take_row, e, err);

	if (status == 0)
		status = end_page(e, err);
	if (status == 0)
		put_totals(totals, e);
	table_release(&e->table);
	buf_release(&e->line);
	buf_release(&e->cell);
	buf_release(&e->who);
	return status;
}

int explain(struct sqlite3 *db, const struct measure *m, enum explain_which which,
	enum report_format format, struct out *out, struct buf *totals, struct buf *err)
{
	struct explaining e = {.metric = m->metrics[0],
		.which = which,
		.format = format,
		.out = out,
		.table = TABLE_INIT,
		.line = BUF_INIT,
		.cell = BUF_INIT,
		.who = BUF_INIT};
	struct shapes shapes = {.ontology = m->ontology};
	const struct shape *shape = shapes_get(&shapes, db, e.metric->fact, err);
	struct measure_query q;
	struct buf missing = BUF_INIT;
	struct map known = MAP_INIT;
	const char **dimensions = NULL;
	int status = shape ? measure_check(db, shape, e.metric, err) : -1;

	if (status == 0)
		status = measure_missing(db, e.metric, shape, &known, &missing, err);
	map_release(&known);
	if (status == 0 && missing.len) {
		buf_printf(totals, "%s: not observable: %s", e.metric->id, missing.s);
	} else if (status == 0) {
		q = asked_query(m, e.metric, shape, &dimensions);
		e.q = &q;
		status = explain_all(db, &e, totals, err);
	}
	free(dimensions);
	buf_release(&missing);
	shapes_release(&shapes);
	return status;
}
