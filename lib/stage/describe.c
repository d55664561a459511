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
		table_cell(&t, str_of(one->fact));
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

static void put_words(struct buf *out, const char *name, const struct metric_words *w)
{
	if (w->n)
		buf_printf(out, "%-12s ", name);
	for (size_t i = 0; i < w->n; i++)
		buf_printf(out, "%s%s", w->v[i], i + 1 < w->n ? ", " : "\n");
}

static void put_rest(struct buf *out, const struct metric *m)
{
	if (metric_windowed(m)) {
		buf_printf(out, "%-12s ", "window");
		report_window(out, m->window);
		buf_byte(out, '\n');
	}
	for (size_t i = 0; i < m->reasons.n; i++)
		buf_printf(out, "%-12s %s: %s\n", "reason", m->reasons.v[i].name,
			m->reasons.v[i].when.sql);
	for (size_t i = 0; i < m->needs.n; i++)
		put_member(out, "needs", m->needs.v[i].missing);
	buf_printf(out, "%-12s %s:%d\n", "file", m->file, m->line);
}

void measure_definition(struct buf *out, const struct metric *m)
{
	buf_printf(out, "%s%s %s\n", out->len ? "\n" : "", m->id, m->version);
	put_member(out, "title", m->title);
	put_member(out, "description", m->description);
	put_member(out, "source", m->source);
	put_member(out, "fact", m->fact);
	put_member(out, "kind", metric_kind_name(m->kind));
	put_member(out, "where", m->where.sql);
	put_member(out, "known_only", m->known_only ? "true" : NULL);
	put_member(out, "unknown", m->unknown.sql);
	put_member(out, "mature", m->mature.sql);
	put_member(out, "numerator", m->numerator.sql);
	put_member(out, "denominator", m->denominator.sql);
	put_member(out, "against", m->against.sql);
	put_member(out, "value", m->value.sql);
	put_member(out, "weight", m->weight.sql);
	put_member(out, "absent", m->absent);
	put_member(out, "event", m->event.sql);
	put_member(out, "censor", m->censor.sql);
	put_member(out, "independent", m->independent ? "true" : NULL);
	put_member(out, "distinct", m->distinct ? "customer" : NULL);
	put_words(out, "statistics", &m->statistics);
	put_words(out, "by", &m->by);
	if (m->top)
		buf_printf(out, "%-12s %lld\n", "top", (long long)m->top);
	put_member(out, "unit", m->unit);
	put_member(out, "good", m->good);
	put_rest(out, m);
}
