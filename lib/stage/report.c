#include "base/mem.h"
#include "base/when.h"
#include "io/json.h"
#include "stage/report_part.h"
#include "base/table.h"
#include "io/csv.h"

#include <math.h>
#include <stdlib.h>

struct report {
	struct out *out;
	enum report_format format;
	const struct measure *asked;
	const struct report_place *place;
	const char **dimensions; /* the leading columns */
	size_t n;
	struct table table;
	struct prom *prom; /* REPORT_PROM */
	struct buf line, text;
};

/* ---- values ---- */

/* Machines get seconds to the ms, rates and numbers to six digits: more is noise of the last bit.
 */
double report_machine(enum measure_scale scale, double v)
{
	if (scale == SCALE_COUNT)
		return v;
	return scale == SCALE_SPAN ? round(v) / 1e3 : round(v * 1e6) / 1e6;
}

const char *report_unit(const struct measure_result *r)
{
	if (r->scale == SCALE_COUNT)
		return r->metric->unit ? r->metric->unit : "rows";
	if (r->scale == SCALE_NUMBER)
		return r->metric->unit ? r->metric->unit : "1";
	return r->scale == SCALE_SPAN ? "s" : "ratio";
}

static const char *const statuses[] = {"ok", "no rows", "not observable", "other groups"};

static void put_status(struct buf *out, const struct measure_result *r)
{
	buf_puts(out, statuses[r->status]);
	if (r->status == MEASURE_OTHERS)
		buf_printf(out, ": %lld", (long long)r->others);
	if (r->missing)
		buf_printf(out, ": %s", r->missing);
}

void report_window(struct buf *out, int64_t ms)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {{"d", WHEN_DAY}, {"h", WHEN_HOUR}, {"m", WHEN_MINUTE}, {"s", WHEN_SECOND},
		{"ms", 1}};
	size_t i = 0;

	while (ms % units[i].ms)
		i++;
	buf_printf(out, "%lld%s", (long long)(ms / units[i].ms), units[i].name);
}

/* 0.4s, 20s, 3m 20s, 2h 5m, 3d 4h: two neighbouring units, the smaller one rounded. */
static void put_span(struct buf *out, double ms)
{
	int64_t s;

	if (ms < 0) {
		buf_byte(out, '-');
		ms = -ms;
	}
	s = llround(ms / 1000);
	if (ms < 9950)
		buf_printf(out, "%.1fs", ms / 1000);
	else if (s < 60)
		buf_printf(out, "%llds", (long long)s);
	else if (s < 3600)
		buf_printf(out, "%lldm %llds", (long long)(s / 60), (long long)(s % 60));
	else if ((s = llround(ms / 60000)) < 1440)
		buf_printf(out, "%lldh %lldm", (long long)(s / 60), (long long)(s % 60));
	else
		buf_printf(out, "%lldd %lldh", (long long)((s + 30) / 1440),
			(long long)((s + 30) / 60 % 24));
}

void report_human(struct buf *out, enum measure_scale scale, double v)
{
	if (scale == SCALE_COUNT)
		buf_printf(out, "%.0f", v);
	else if (scale == SCALE_RATIO)
		buf_printf(out, "%.1f%%", 100 * v);
	else if (scale == SCALE_NUMBER)
		buf_printf(out, "%.2f", v);
	else
		put_span(out, v);
}

/* ---- NDJSON ---- */

static void put_text(struct buf *out, const char *key, struct str s)
{
	json_put_key(out, key);
	/* Names come from the log, which is UTF-8; null is for what is not there. */
	if (s.s)
		json_put_string(out, s);
	else
		buf_puts(out, "null");
}

static void put_int(struct buf *out, const char *key, bool has, int64_t n)
{
	json_put_key(out, key);
	if (has)
		buf_int(out, n);
	else
		buf_puts(out, "null");
}

static void put_real(
	struct buf *out, const char *key, bool has, const struct measure_result *r, double v)
{
	json_put_key(out, key);
	if (has)
		json_put_number(out, report_machine(r->scale, v));
	else
		buf_puts(out, "null");
}

static void put_place(struct buf *out, const struct report_place *p)
{
	char horizon[WHEN_TEXT], as_of[WHEN_TEXT];

	when_format(p->horizon, horizon);
	when_format(p->as_of, as_of);
	put_text(out, "horizon", str_of(p->sequence ? horizon : NULL));
	put_text(out, "as_of", str_of(p->sequence ? as_of : NULL));
	put_int(out, "sequence", true, p->sequence);
	put_text(out, "ontology", str_of(p->ontology));
	if (p->identity)
		put_text(out, "identity", str_of(p->identity));
}

static void put_figure(struct buf *o, const struct measure_result *r)
{
	bool rows = r->status != MEASURE_NOT_OBSERVABLE;

	put_real(o, "value", r->has_value, r, r->value);
	put_int(o, "numerator", r->has_numerator, r->numerator);
	put_int(o, "n", rows, r->n);
	put_real(o, "low", r->interval.has_low, r, r->interval.low);
	put_real(o, "high", r->interval.has_high, r, r->interval.high);
	put_text(o, "interval", str_of(r->interval_kind));
	put_int(o, "immature", rows, r->immature);
	put_int(o, "left_out", rows, r->left_out);
	put_int(o, "assumed", rows, r->assumed);
}

/* Of two sides the result is the second one's, with the first one's before it. */
static const char *const side_keys[] = {"a", "b"};

static const struct measure_result *side_of(const struct measure_result *r, int side)
{
	return side == 0 && r->before ? r->before : r;
}

static void put_side(struct report *rep, const struct measure_result *r, const char *name)
{
	struct buf *o = &rep->line;

	buf_byte(o, '{');
	put_text(o, "of", str_of(name));
	put_figure(o, r);
	buf_byte(o, '}');
}

static void put_sides(struct report *rep, const struct measure_result *r)
{
	struct buf *o = &rep->line;
	const struct stat_interval *i = &r->difference_interval;

	for (int side = 0; side < 2; side++) {
		json_put_key(o, side_keys[side]);
		put_side(rep, side_of(r, side), rep->asked->side_names[side]);
	}
	put_real(o, "difference", r->has_difference, r, r->difference);
	put_real(o, "low", i->has_low, r, i->low);
	put_real(o, "high", i->has_high, r, i->high);
	put_text(o, "interval", str_of(r->difference_kind));
}

static void put_ndjson(struct report *rep, const struct measure_result *r)
{
	struct buf *o = &rep->line;

	buf_byte(o, '{');
	put_text(o, "metric", str_of(r->metric->id));
	put_text(o, "version", str_of(r->metric->version));
	put_text(o, "statistic", str_of(r->statistic));
	json_put_key(o, "group");
	buf_byte(o, '{');
	for (size_t i = 0; i < r->dimension_n; i++)
		put_text(o, r->dimensions[i], r->values[i]);
	buf_byte(o, '}');
	if (rep->asked->sides)
		put_sides(rep, r);
	else
		put_figure(o, r);
	put_text(o, "unit", str_of(report_unit(r)));
	put_text(o, "good", str_of(r->metric->good));
	buf_clear(&rep->text);
	if (r->window)
		report_window(&rep->text, r->window);
	put_text(o, "window", r->window ? buf_str(&rep->text) : str_of(NULL));
	put_place(o, rep->place);
	buf_clear(&rep->text);
	put_status(&rep->text, r);
	put_text(o, "status", buf_str(&rep->text));
	buf_puts(o, "}\n");
}

/* ---- CSV (RFC 4180) ---- */

static void cell(struct buf *out, struct str s)
{
	if (out->len)
		buf_byte(out, ',');
	csv_put(out, s);
}

static void cell_int(struct report *rep, bool has, int64_t n)
{
	buf_clear(&rep->text);
	if (has)
		buf_int(&rep->text, n);
	cell(&rep->line, buf_str(&rep->text));
}

static void cell_real(struct report *rep, bool has, const struct measure_result *r, double v)
{
	buf_clear(&rep->text);
	if (has)
		json_put_number(&rep->text, report_machine(r->scale, v));
	cell(&rep->line, buf_str(&rep->text));
}

/* The value of a leading column; .s NULL where the result has no such dimension or no value of it.
 */
static struct str value_of(const struct measure_result *r, const char *dimension, bool *there)
{
	*there = false;
	for (size_t i = 0; i < r->dimension_n; i++)
		if (strcmp(r->dimensions[i], dimension) == 0) {
			*there = true;
			return r->values[i];
		}
	return (struct str){NULL, 0};
}

static const char *const figure_names[] = {
	"value", "numerator", "n", "low", "high", "interval", "immature", "left_out", "assumed"};
#define FIGURE (sizeof(figure_names) / sizeof(figure_names[0]))

static void put_names(struct report *rep, const char *const *names, size_t n, const char *prefix)
{
	for (size_t i = 0; i < n; i++) {
		buf_clear(&rep->text);
		buf_printf(&rep->text, "%s%s", prefix, names[i]);
		cell(&rep->line, buf_str(&rep->text));
	}
}

static void put_csv_head(struct report *rep)
{
	static const char *const head[] = {"version", "statistic"};
	static const char *const tail[] = {
		"unit", "good", "window", "horizon", "as_of", "sequence", "ontology", "status"};
	static const char *const change[] = {"difference", "low", "high", "interval"};

	/* The metric first, so that no line begins with an empty cell. */
	cell(&rep->line, STR("metric"));
	for (size_t i = 0; i < rep->n; i++)
		cell(&rep->line, str_of(rep->dimensions[i]));
	put_names(rep, head, 2, "");
	if (rep->asked->sides) {
		for (int side = 0; side < 2; side++) {
			cell(&rep->line, str_of(side_keys[side]));
			put_names(rep, figure_names, FIGURE, side ? "b_" : "a_");
		}
		put_names(rep, change, sizeof(change) / sizeof(change[0]), "");
	} else {
		put_names(rep, figure_names, FIGURE, "");
	}
	put_names(rep, tail, sizeof(tail) / sizeof(tail[0]), "");
	if (rep->place->identity)
		cell(&rep->line, STR("identity"));
	buf_puts(&rep->line, "\r\n");
}

static void put_csv_tail(struct report *rep, const struct measure_result *r)
{
	const struct report_place *p = rep->place;
	char horizon[WHEN_TEXT] = "", as_of[WHEN_TEXT] = "";

	if (p->sequence) {
		when_format(p->horizon, horizon);
		when_format(p->as_of, as_of);
	}
	cell(&rep->line, str_of(report_unit(r)));
	cell(&rep->line, str_of(r->metric->good));
	buf_clear(&rep->text);
	if (r->window)
		report_window(&rep->text, r->window);
	cell(&rep->line, buf_str(&rep->text));
	cell(&rep->line, str_of(horizon));
	cell(&rep->line, str_of(as_of));
	cell_int(rep, true, p->sequence);
	cell(&rep->line, str_of(p->ontology));
	buf_clear(&rep->text);
	put_status(&rep->text, r);
	cell(&rep->line, buf_str(&rep->text));
	buf_puts(&rep->line, "\r\n");
}

static void put_csv_figure(struct report *rep, const struct measure_result *r)
{
	bool rows = r->status != MEASURE_NOT_OBSERVABLE;

	cell_real(rep, r->has_value, r, r->value);
	cell_int(rep, r->has_numerator, r->numerator);
	cell_int(rep, rows, r->n);
	cell_real(rep, r->interval.has_low, r, r->interval.low);
	cell_real(rep, r->interval.has_high, r, r->interval.high);
	cell(&rep->line, str_of(r->interval_kind));
	cell_int(rep, rows, r->immature);
	cell_int(rep, rows, r->left_out);
	cell_int(rep, rows, r->assumed);
}

static void put_csv_sides(struct report *rep, const struct measure_result *r)
{
	const struct stat_interval *i = &r->difference_interval;

	for (int side = 0; side < 2; side++) {
		cell(&rep->line, str_of(rep->asked->side_names[side]));
		put_csv_figure(rep, side_of(r, side));
	}
	cell_real(rep, r->has_difference, r, r->difference);
	cell_real(rep, i->has_low, r, i->low);
	cell_real(rep, i->has_high, r, i->high);
	cell(&rep->line, str_of(r->difference_kind));
}

static void put_csv(struct report *rep, const struct measure_result *r)
{
	bool there;

	cell(&rep->line, str_of(r->metric->id));
	for (size_t i = 0; i < rep->n; i++)
		cell(&rep->line, value_of(r, rep->dimensions[i], &there));
	cell(&rep->line, str_of(r->metric->version));
	cell(&rep->line, str_of(r->statistic));
	if (rep->asked->sides)
		put_csv_sides(rep, r);
	else
		put_csv_figure(rep, r);
	put_csv_tail(rep, r);
}

/* ---- table ---- */

static void row_text(struct report *rep)
{
	table_cell(&rep->table, buf_str(&rep->text));
	buf_clear(&rep->text);
}

/* Of two sides, what both have. */
static void put_note(struct buf *out, const struct measure_result *r)
{
	static const struct measure_result none;
	const struct measure_result *a = r->before ? r->before : &none;
	const struct {
		int64_t n;
		const char *what;
	} parts[] = {{a->immature + r->immature, "not mature"},
		{a->left_out + r->left_out, r->metric->unknown.sql
						    ? "left out, not known"
						    : "of unknown customers left out"},
		{a->assumed + r->assumed, "with an assumed time"}};

	if (r->status != MEASURE_OK)
		put_status(out, r);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].n)
			buf_printf(out, "%s%lld %s", out->len ? "; " : "", (long long)parts[i].n,
				parts[i].what);
}

/* A bound that does not exist is shown as dots. */
static void put_interval(
	struct buf *out, const struct measure_result *r, const struct stat_interval *i)
{
	if (!i->has_low && !i->has_high)
		return;
	if (i->has_low)
		report_human(out, r->scale, i->low);
	else
		buf_puts(out, "\xe2\x80\xa6");
	buf_puts(out, " \xe2\x80\x93 ");
	if (i->has_high)
		report_human(out, r->scale, i->high);
	else
		buf_puts(out, "\xe2\x80\xa6");
}

static void put_value(
	struct report *rep, const struct measure_result *r, bool has_value, double value)
{
	if (has_value)
		report_human(&rep->text, r->scale, value);
	else
		buf_byte(&rep->text, '-');
	row_text(rep);
}

static void put_n(struct report *rep, const struct measure_result *r)
{
	if (r->status == MEASURE_NOT_OBSERVABLE)
		buf_byte(&rep->text, '-');
	else
		buf_int(&rep->text, r->n);
	row_text(rep);
}

static void put_row_sides(struct report *rep, const struct measure_result *r)
{
	for (int side = 0; side < 2; side++) {
		const struct measure_result *one = side_of(r, side);

		put_value(rep, one, one->has_value, one->value);
		put_n(rep, one);
	}
	put_value(rep, r, r->has_difference, r->difference);
	put_interval(&rep->text, r, &r->difference_interval);
	row_text(rep);
}

static void put_row(struct report *rep, const struct measure_result *r)
{
	struct buf *t = &rep->text;

	buf_clear(t);
	for (size_t i = 0; i < rep->n; i++) {
		bool there;
		struct str v = value_of(r, rep->dimensions[i], &there);

		buf_put(t, v.s || !there ? v : STR("-"));
		row_text(rep);
	}
	buf_puts(t, r->metric->id);
	if (r->statistic && strcmp(r->statistic, metric_kind_name(METRIC_COUNT)) != 0 &&
		strcmp(r->statistic, metric_kind_name(METRIC_RATE)) != 0)
		buf_printf(t, " %s", r->statistic);
	row_text(rep);
	if (rep->asked->sides) {
		put_row_sides(rep, r);
	} else {
		put_value(rep, r, r->has_value, r->value);
		put_interval(t, r, &r->interval);
		row_text(rep);
		put_n(rep, r);
	}
	if (r->window)
		report_window(t, r->window);
	row_text(rep);
	put_note(t, r);
	row_text(rep);
}

static void begin_table(struct report *rep)
{
	const char *const *names = rep->asked->side_names;

	for (size_t i = 0; i < rep->n; i++)
		table_column(&rep->table, rep->dimensions[i], false);
	table_column(&rep->table, "metric", false);
	if (rep->asked->sides) {
		for (int side = 0; side < 2; side++) {
			table_column(&rep->table, names[side], true);
			table_column(&rep->table, "n", true);
		}
		table_column(&rep->table, "difference", true);
		table_column(&rep->table, "95% interval", true);
	} else {
		table_column(&rep->table, "value", true);
		table_column(&rep->table, "95% interval", true);
		table_column(&rep->table, "n", true);
	}
	table_column(&rep->table, "window", true);
	table_column(&rep->table, "note", false);
}

static void end_table(struct report *rep)
{
	const struct report_place *p = rep->place;
	char as_of[WHEN_TEXT], horizon[WHEN_TEXT];

	when_format(p->as_of, as_of);
	when_format(p->horizon, horizon);
	if (rep->format == REPORT_MD) {
		table_markdown(&rep->table, &rep->line);
		buf_byte(&rep->line, '\n');
	} else {
		table_print(&rep->table, &rep->line);
	}
	if (p->sequence)
		buf_printf(&rep->line, "as of %s (sequence %lld), horizon %s, %s", as_of,
			(long long)p->sequence, horizon, p->ontology);
	else
		buf_printf(&rep->line, "as of an empty log, %s", p->ontology);
	if (p->identity)
		buf_printf(&rep->line, ", identity %s", p->identity);
	buf_byte(&rep->line, '\n');
}

/* ---- the report ---- */

static void add_dimension(struct report *rep, const char *name)
{
	for (size_t i = 0; i < rep->n; i++)
		if (strcmp(rep->dimensions[i], name) == 0)
			return;
	rep->dimensions = mem_resize(rep->dimensions, (rep->n + 1) * sizeof(*rep->dimensions));
	rep->dimensions[rep->n++] = name;
}

/* What is asked for, and what metrics among them are never pooled over. */
static void list_dimensions(struct report *rep)
{
	const struct measure *m = rep->asked;

	for (size_t i = 0; i < m->by_n; i++)
		add_dimension(rep, m->by[i]);
	for (size_t i = 0; i < m->metric_n; i++)
		for (size_t j = 0; j < m->metrics[i]->by.n; j++)
			add_dimension(rep, m->metrics[i]->by.v[j]);
}

struct report *report_begin(struct out *out, enum report_format format, const struct measure *asked,
	const struct report_place *place)
{
	struct report *rep = mem_zero(1, sizeof(*rep));

	rep->out = out;
	rep->format = format;
	rep->asked = asked;
	rep->place = place;
	rep->table = (struct table)TABLE_INIT;
	buf_init(&rep->line);
	buf_init(&rep->text);
	list_dimensions(rep);
	if (format == REPORT_TABLE || format == REPORT_MD)
		begin_table(rep);
	else if (format == REPORT_PROM)
		rep->prom = prom_new();
	else if (format == REPORT_CSV)
		put_csv_head(rep);
	return rep;
}

int report_take(void *ctx, const struct measure_result *r, struct buf *err)
{
	struct report *rep = ctx;
	int status;

	if (rep->format == REPORT_TABLE || rep->format == REPORT_MD) {
		put_row(rep, r);
		return 0;
	}
	/* The head of a CSV goes out alone: cells look at what is before them on the line. */
	status = out_put(rep->out, buf_str(&rep->line), err);
	buf_clear(&rep->line);
	if (status == 0 && rep->format == REPORT_PROM)
		status = prom_take(rep->prom, r, &rep->line, err);
	else if (rep->format == REPORT_CSV)
		put_csv(rep, r);
	else
		put_ndjson(rep, r);
	return status;
}

int report_end(struct report *rep, bool whole, struct buf *err)
{
	int status = 0;

	if (whole && (rep->format == REPORT_TABLE || rep->format == REPORT_MD))
		end_table(rep);
	if (rep->prom)
		prom_end(rep->prom, whole ? rep->place : NULL, &rep->line);
	if (whole)
		status = out_put(rep->out, buf_str(&rep->line), err);
	table_release(&rep->table);
	buf_release(&rep->line);
	buf_release(&rep->text);
	free(rep->dimensions);
	free(rep);
	return status;
}
