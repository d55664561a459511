/* New and restated figures as text. */
#include "base/when.h"
#include "io/csv.h"
#include "io/json.h"
#include "stage/publish_part.h"
#include "stage/report_part.h"

#include <math.h>
#include <stdlib.h>

/* A difference in the digits of what it is of. */
static bool difference(const struct change *c, double *out)
{
	if (!c->old || !c->old->has_value || !c->row.has_value)
		return false;
	*out = round((c->row.value - c->old->value) * 1e6) / 1e6;
	return true;
}

/* ---- NDJSON and CSV: the same members ---- */

enum form { FORM_TEXT, FORM_NUMBER, FORM_JSON };

/* One record being written. */
struct writing {
	struct publishing *x;
	bool csv, head;
};

static void put(struct writing *w, const char *name, enum form form, struct str value, bool has)
{
	struct buf *out = &w->x->line;

	if (w->csv) {
		if (out->len && out->s[out->len - 1] != '\n')
			buf_byte(out, ',');
		csv_put(out, w->head ? str_of(name) : has ? value : str_of(""));
		return;
	}
	json_put_key(out, name);
	if (!has)
		buf_puts(out, "null");
	else if (form == FORM_TEXT)
		json_put_string(out, value);
	else
		buf_put(out, value);
}

static void put_text(struct writing *w, const char *name, struct str value)
{
	put(w, name, FORM_TEXT, value, value.len > 0);
}

static void put_int(struct writing *w, const char *name, bool has, int64_t n)
{
	struct buf text = BUF_INIT;

	buf_int(&text, n);
	put(w, name, FORM_NUMBER, buf_str(&text), has);
	buf_release(&text);
}

static void put_real(struct writing *w, const char *name, bool has, double v)
{
	struct buf text = BUF_INIT;

	if (has)
		json_put_number(&text, v);
	put(w, name, FORM_NUMBER, buf_str(&text), has);
	buf_release(&text);
}

static void put_members(struct writing *w, const struct period *p, const struct change *c)
{
	static const struct published none;
	const struct published *row = &c->row, *old = c->old ? c->old : &none;
	char start[WHEN_TEXT];
	double d = 0;
	bool differs = difference(c, &d);

	when_format(p->start, start);
	put_text(w, "status", c->old ? STR("restated") : STR("new"));
	put_text(w, "why", row->why);
	put_text(w, "period", str_of(w->x->p->kind));
	put_text(w, "name", str_of(p->name));
	put_text(w, "start", str_of(start));
	put_text(w, "zone", str_of(when_zone_name()));
	put_text(w, "metric", row->metric);
	put_text(w, "version", row->version);
	put_text(w, "statistic", row->statistic);
	put(w, "group", FORM_JSON, row->group, true);
	put_real(w, "value", row->has_value, row->value);
	put_int(w, "numerator", row->has_numerator, row->numerator);
	put_int(w, "n", true, row->n);
	put_real(w, "low", row->has_low, row->low);
	put_real(w, "high", row->has_high, row->high);
	put_text(w, "unit", row->unit);
	put_text(w, "old_version", old->version);
	put_real(w, "old_value", old->has_value, old->value);
	put_int(w, "old_numerator", old->has_numerator, old->numerator);
	put_int(w, "old_n", c->old, old->n);
	put_real(w, "difference", differs, d);
	put_int(w, "revision", true, row->revision);
	put_int(w, "sequence", true, row->sequence);
	put_text(w, "ontology", row->ontology);
}

static void put_record(struct publishing *x, const struct period *p, const struct change *c)
{
	struct writing w = {x, x->p->format == REPORT_CSV, false};

	if (w.csv && !x->begun) {
		w.head = true;
		put_members(&w, p, c);
		buf_puts(&x->line, "\r\n");
		w.head = false;
	}
	x->begun = true;
	if (!w.csv)
		buf_byte(&x->line, '{');
	put_members(&w, p, c);
	buf_puts(&x->line, w.csv ? "\r\n" : "}\n");
}

/* ---- table ---- */

static void begin_table(struct table *t)
{
	static const struct {
		const char *title;
		bool right;
	} columns[] = {{"status", false}, {"period", false}, {"group", false}, {"metric", false},
		{"value", true}, {"n", true}, {"was", true}, {"difference", true}, {"why", false}};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		table_column(t, columns[i].title, columns[i].right);
}

/* What is in other units is written as records have it. */
static void put_value(struct buf *out, struct str unit, bool has, double v)
{
	if (!has)
		buf_byte(out, '-');
	else if (str_is(unit, "ratio"))
		report_human(out, SCALE_RATIO, v);
	else if (str_is(unit, "s"))
		report_human(out, SCALE_SPAN, v * 1e3);
	else
		json_put_number(out, v);
}

static void cell(struct publishing *x)
{
	table_cell(&x->table, buf_str(&x->text));
	buf_clear(&x->text);
}

/* {"channel":"chat","class":null} as channel=chat class=- */
static void put_group(struct buf *out, struct str json)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf why = BUF_INIT;

	if (json_parse(&doc, json, false, &why) == 0)
		for
			JSON_EACH(v, doc.v)
			{
				buf_puts(out, out->len ? " " : "");
				buf_put(out, v->key);
				buf_byte(out, '=');
				buf_put(out, v->type == JSON_NULL ? STR("-") : v->text);
			}
	json_release(&doc);
	buf_release(&why);
}

static void put_row(struct publishing *x, const struct period *p, const struct change *c)
{
	const struct published *row = &c->row;
	struct buf *t = &x->text;
	double d = 0;

	if (!x->begun)
		begin_table(&x->table);
	x->begun = true;
	buf_clear(t);
	buf_puts(t, c->old ? "restated" : "new");
	cell(x);
	buf_puts(t, p->name);
	cell(x);
	put_group(t, row->group);
	cell(x);
	buf_put(t, row->metric);
	if (!str_is(row->statistic, "count") && !str_is(row->statistic, "rate")) {
		buf_byte(t, ' ');
		buf_put(t, row->statistic);
	}
	cell(x);
	put_value(t, row->unit, row->has_value, row->value);
	cell(x);
	buf_int(t, row->n);
	cell(x);
	if (c->old)
		put_value(t, row->unit, c->old->has_value, c->old->value);
	cell(x);
	if (difference(c, &d)) {
		buf_puts(t, d > 0 ? "+" : "");
		put_value(t, row->unit, true, d);
	}
	cell(x);
	buf_put(t, row->why);
	cell(x);
}

int publish_tell(
	struct publishing *x, const struct period *p, const struct changes *c, struct buf *err)
{
	int status;

	for (size_t i = 0; i < c->n; i++) {
		if (x->p->format == REPORT_TABLE)
			put_row(x, p, &c->v[i]);
		else
			put_record(x, p, &c->v[i]);
	}
	status = out_put(x->p->out, buf_str(&x->line), err);
	buf_clear(&x->line);
	return status;
}

int publish_tell_end(struct publishing *x, struct buf *err)
{
	int status;

	if (x->begun && x->p->format == REPORT_TABLE)
		table_print(&x->table, &x->line);
	table_release(&x->table);
	status = out_put(x->p->out, buf_str(&x->line), err);
	buf_clear(&x->line);
	return status;
}
