/* Groups of --by, what the figures rest on, and what they mean. */
#include "stage/page_part.h"

/* ---- groups of --by ---- */

static void put_group_row(struct table *t, const struct figure *f)
{
	struct buf cell = BUF_INIT;

	for (size_t i = 0; i < f->r.dimension_n; i++) {
		buf_puts(&cell, i ? ", " : "");
		buf_put(&cell, figure_group(f, i));
	}
	table_cell(t, buf_str(&cell));
	table_cell(t, str_of(f->r.metric->name));
	buf_clear(&cell);
	page_figure(&cell, &f->r);
	table_cell(t, buf_str(&cell));
	buf_clear(&cell);
	page_interval(&cell, f->r.scale, &f->r.interval, false);
	table_cell(t, buf_str(&cell));
	buf_clear(&cell);
	page_count(&cell, f->r.n);
	table_cell(t, buf_str(&cell));
	buf_release(&cell);
}

void page_groups(struct page *p)
{
	struct table t = TABLE_INIT;
	struct buf title = BUF_INIT;

	if (!p->ask->by->n)
		return;
	buf_puts(&title, "Figures by ");
	for (size_t i = 0; i < p->ask->by->n; i++)
		buf_printf(&title, "%s%s", i ? ", " : "", p->ask->by->v[i]);
	page_section(p, "groups", "The figures by group",
		"The 12 groups of each figure with the largest n. Metrics whose facts lack the "
		"dimension are left out.");
	table_column(&t, "group", false);
	table_column(&t, "metric", false);
	table_column(&t, "value", true);
	table_column(&t, "95% interval", true);
	table_column(&t, "n", true);
	for (size_t i = 0; i < p->figures.n; i++)
		if (p->figures.v[i]->use == USE_BY && p->figures.v[i]->r.status == MEASURE_OK)
			put_group_row(&t, p->figures.v[i]);
	page_table(p, &t, title.s, false);
	page_section_end(p);
	buf_release(&title);
}

/* ---- quality ---- */

static void put_share(struct table *t, const char *what, int64_t n, int64_t of, const char *why)
{
	struct buf cell = BUF_INIT;

	table_cell(t, str_of(what));
	page_count(&cell, n);
	table_cell(t, buf_str(&cell));
	buf_clear(&cell);
	if (of)
		page_value(&cell, SCALE_RATIO, (double)n / (double)of, false);
	table_cell(t, buf_str(&cell));
	buf_clear(&cell);
	page_count(&cell, of);
	table_cell(t, buf_str(&cell));
	table_cell(t, str_of(why));
	buf_release(&cell);
}

static void put_sources(struct page *p)
{
	static const char *const columns[] = {"source", "contacts", "first", "last",
		"without an intent", "assumed times", "unknown customers"};
	const struct page_names *s = &p->counts.sources;
	struct table t = TABLE_INIT;

	for (size_t i = 0; i < 7; i++)
		table_column(&t, columns[i], i > 0);
	for (size_t i = 0; i < s->n && i < 50; i++) {
		const int64_t numbers[] = {s->v[i].unlabelled, s->v[i].assumed, s->v[i].unknown};
		struct buf cell = BUF_INIT;

		table_cell(&t, str_of(*s->v[i].name ? s->v[i].name : "(none)"));
		page_count(&cell, s->v[i].contacts);
		table_cell(&t, buf_str(&cell));
		buf_clear(&cell);
		page_day(&cell, s->v[i].first);
		table_cell(&t, buf_str(&cell));
		buf_clear(&cell);
		page_day(&cell, s->v[i].last);
		table_cell(&t, buf_str(&cell));
		for (size_t k = 0; k < 3; k++) {
			buf_clear(&cell);
			page_count(&cell, numbers[k]);
			table_cell(&t, buf_str(&cell));
		}
		buf_release(&cell);
	}
	page_table(p, &t, "Sources, at most 50", false);
}

void page_quality(struct page *p)
{
	const struct page_counts *c = &p->counts;
	struct table t = TABLE_INIT;

	page_section(p, "quality", "How far to trust this",
		"What the figures rest on: who is known, which times were assumed, and what has no "
		"label.");
	table_column(&t, "what", false);
	table_column(&t, "contacts", true);
	table_column(&t, "share", true);
	table_column(&t, "n", true);
	table_column(&t, "what it means", false);
	put_share(&t, "of unknown customers", c->unknown, c->contacts,
		"no identifier, or one that stands for many; left out where contacts are linked");
	put_share(&t, "that rest on an assumed time", c->assumed, c->contacts,
		"a record said no zone, or no order of day and month");
	put_share(&t, "of hers without an intent", c->unlabelled, c->hers,
		"no words, or none that the ontology knows; figures by matter do not see them");
	page_table(p, &t, "Contacts that figures can lean on less", false);
	put_sources(p);
	if (p->stale.len)
		page_paragraph(p, "Ended early: %s. Customers of these sources seem silent since.",
			p->stale.s);
	if (p->nobodies.len)
		page_paragraph(p, "Identifiers that name nobody: %s.", p->nobodies.s);
	page_paragraph(p, "Rejected records are told by the tool that refused them and are not in "
			  "the log, so that their "
			  "number is not known here.");
	page_html(p, "<p class=\"note\">");
	page_text(p, buf_str(&p->note));
	buf_puts(p->out, p->ask->markdown ? "\n\n" : "</p>\n");
	page_section_end(p);
}

/* ---- definitions ---- */

static void put_definition(struct page *p, const struct metric *m, const struct measure_result *r)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%s %s", m->name, m->version);
	if (p->ask->markdown) {
		buf_puts(p->out, "- **");
		page_plain(p, m->title);
		buf_puts(p->out, "** (");
		page_text(p, buf_str(&text));
		buf_puts(p->out, "): ");
	}
	page_html(p, "<dt id=\"define-%s\">", m->name);
	if (!p->ask->markdown)
		page_plain(p, m->title);
	page_html(p, "<code>%s</code></dt><dd>", text.s);
	page_plain(p, m->description ? m->description : "");
	buf_clear(&text);
	if (r && r->window) {
		buf_puts(&text, " Window: ");
		report_window(&text, r->window);
		buf_byte(&text, '.');
	}
	if (r && r->interval_kind)
		buf_printf(&text, " Interval: %s, at 95%%.", r->interval_kind);
	if (m->known_only)
		buf_puts(&text, " Known customers alone.");
	if (m->good)
		buf_printf(
			&text, " Better when %s.", strcmp(m->good, "up") == 0 ? "higher" : "lower");
	if (m->source)
		buf_printf(&text, " Source: %s", m->source);
	page_text(p, buf_str(&text));
	buf_puts(p->out, p->ask->markdown ? "\n" : "</dd>\n");
	buf_release(&text);
}

void page_definitions(struct page *p)
{
	const struct figures *f = &p->figures;

	page_section(p, "definitions", "Definitions",
		"What each figure of this page is. Intervals are at 95%; rates count rows of one "
		"customer as "
		"dependent. jtools-metrics(7) tells how they are made.");
	page_html(p, "<dl>\n");
	for (size_t i = 0; i < f->metric_n; i++) {
		const struct measure_result *r = NULL;
		bool told = false;

		for (size_t j = 0; j < i; j++)
			told |= f->defined[j] == f->defined[i];
		for (size_t j = 0; j < f->n && !r; j++)
			if (f->v[j]->r.metric == f->metrics[i])
				r = &f->v[j]->r;
		if (!told)
			put_definition(p, f->defined[i], r);
	}
	buf_puts(p->out, p->ask->markdown ? "\n" : "</dl>\n");
	page_section_end(p);
}
