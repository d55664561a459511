/* Definitions as text: jmetrics --list and --define. */
#include "base/table.h"
#include "stage/measure.h"

void measure_list(struct buf *out, const struct metrics *m)
{
	struct table t = TABLE_INIT;

	table_column(&t, "metric", false);
	table_column(&t, "version", false);
	table_column(&t, "fact", false);
	table_column(&t, "kind", false);
	table_column(&t, "title", false);
	for (size_t i = 0; i < m->n; i++) {
		const struct metric *one = &m->v[i];

		if (!one->measured)
			continue;
		table_cell(&t, str_of(one->id));
		table_cell(&t, str_of(one->version));
		table_cell(&t, str_of(metric_fact_name(one->fact)));
		table_cell(&t, str_of(metric_kind_name(one->kind)));
		table_cell(&t, str_of(one->title));
	}
	table_print(&t, out);
	table_release(&t);
}

static void put_member(struct buf *out, const char *name, const char *text)
{
	if (text)
		buf_printf(out, "%-12s %s\n", name, text);
}

void measure_definition(struct buf *out, const struct metric *m)
{
	buf_printf(out, "%s%s %s\n", out->len ? "\n" : "", m->id, m->version);
	put_member(out, "title", m->title);
	put_member(out, "description", m->description);
	put_member(out, "source", m->source);
	put_member(out, "fact", metric_fact_name(m->fact));
	put_member(out, "kind", metric_kind_name(m->kind));
	put_member(out, "where", m->where.sql);
	put_member(out, "known_only", m->known_only ? "true" : NULL);
	put_member(out, "mature", m->mature.sql);
	put_member(out, "numerator", m->numerator.sql);
	put_member(out, "denominator", m->denominator.sql);
	put_member(out, "value", m->value.sql);
	put_member(out, "distinct", m->distinct ? "customer" : NULL);
	put_member(out, "by_class", m->by_class ? "true" : NULL);
	put_member(out, "unit", m->unit);
	put_member(out, "good", m->good);
	if (metric_windowed(m)) {
		buf_printf(out, "%-12s ", "window");
		report_window(out, m->window);
		buf_byte(out, '\n');
	}
	for (size_t i = 0; i < m->needs.n; i++)
		put_member(out, "needs", m->needs.v[i].missing);
	buf_printf(out, "%-12s %s:%d\n", "file", m->file, m->line);
}
