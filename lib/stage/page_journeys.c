/* Journeys: across channels, through stages, by the hour, and what is asked on the way. */
#include "base/mem.h"
#include "base/when.h"
#include "stage/page_part.h"

#include <stdlib.h>

/* ---- journeys ---- */

void page_flows(struct page *p)
{
	const struct page_counts *c = &p->counts;
	size_t *order = page_order(&c->channels);
	struct buf text = BUF_INIT;

	page_section(p, "flow", "How journeys move across channels",
		"The first four contacts of each issue that took more than one. A ribbon is as "
		"wide as the number "
		"of issues that went on from one channel to another, or stayed.");
	if (c->longer) {
		page_chart_begin(p, "From one contact to the next");
		flow_draw(p, c, order, c->channels.n);
		buf_puts(&text, "n = ");
		page_count(&text, c->longer);
		buf_puts(&text, " issues with two or more contacts, of ");
		page_count(&text, c->issues);
		buf_puts(&text, ". An issue is one matter of one customer; contacts are in the "
				"order of their start; "
				"what does not go on had no further contact");
		page_chart_end(p, text.s, NULL);
	} else {
		page_paragraph(p, "No issue took more than one contact.");
	}
	page_section_end(p);
	buf_release(&text);
	free(order);
}

/* ---- stages ---- */

static size_t rank_of(const struct page *p, struct str stage)
{
	const struct patterns *stages = &p->ask->ontology->stages;

	for (size_t i = 0; i < stages->n; i++)
		if (stage.s && str_is(stage, stages->v[i]))
			return i;
	return stages->n;
}

static void sort_stages(const struct page *p, const struct figure **v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i;
			j > 0 && rank_of(p, v[j]->values[0]) < rank_of(p, v[j - 1]->values[0]);
			j--) {
			const struct figure *one = v[j];

			v[j] = v[j - 1];
			v[j - 1] = one;
		}
}

static void put_stages(struct page *p, const struct figure *const *v, size_t n)
{
	struct table t = TABLE_INIT;
	struct buf cell = BUF_INIT;

	table_column(&t, "stage", false);
	table_column(&t, "customers", true);
	table_column(&t, "went on", true);
	table_column(&t, "95% interval", true);
	table_column(&t, "n", true);
	for (size_t i = 0; i < n; i++) {
		const struct figure *on =
			figures_like(&p->figures, USE_STAGE, "funnel.continued", NULL, v[i]);

		/* Nobody goes on from the last one: that is no loss. */
		if (i + 1 == n)
			on = NULL;
		table_cell(&t, figure_group(v[i], 0));
		buf_clear(&cell);
		page_figure(&cell, &v[i]->r);
		table_cell(&t, buf_str(&cell));
		buf_clear(&cell);
		if (on)
			page_figure(&cell, &on->r);
		table_cell(&t, buf_str(&cell));
		buf_clear(&cell);
		if (on)
			page_interval(&cell, on->r.scale, &on->r.interval, false);
		table_cell(&t, buf_str(&cell));
		buf_clear(&cell);
		page_count(&cell, on ? on->r.n : v[i]->r.n);
		table_cell(&t, buf_str(&cell));
	}
	page_table(p, &t, "Customers by stage", true);
	buf_release(&cell);
}

void page_funnel(struct page *p)
{
	static const char *const define[] = {"funnel", "funnel.continued", NULL};
	const struct figure *v[PAGE_GROUPS];
	size_t n = figures_list(p, USE_STAGE, "funnel", NULL, v, PAGE_GROUPS);
	struct page_bars bars = {0};

	page_section(p, "stages", "How far customers come",
		"Customers who reached each stage, and how many of them were lost before the "
		"next.");
	sort_stages(p, v, n);
	for (size_t i = 0; i < n; i++) {
		const struct figure *on =
			figures_like(&p->figures, USE_STAGE, "funnel.continued", NULL, v[i]);
		struct page_bar *bar = bars_add(&bars, figure_group(v[i], 0), v[i]->r.value);

		page_figure(&bar->text, &v[i]->r);
		if (on && on->r.has_value && i + 1 < n) {
			buf_puts(&bar->text, ", lost ");
			page_value(&bar->text, SCALE_RATIO, 1 - on->r.value, false);
		}
	}
	if (n) {
		page_chart_begin(p, "Customers by stage");
		bars_draw(p, &bars, "Customers by stage");
		put_stages(p, v, n);
		page_chart_end(p,
			"n is the number of customers who reached the stage within 30 days of the "
			"first. "
			"Definitions:",
			define);
	} else {
		page_paragraph(p, "No record tells of a stage.");
	}
	page_section_end(p);
}

/* ---- hours ---- */

void page_hours(struct page *p)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	struct table t = TABLE_INIT;
	struct buf text = BUF_INIT;

	page_section(
		p, "hours", "When contacts come", "The hour and weekday at which contacts begin.");
	page_chart_begin(p, "Contacts by weekday and hour");
	if (!p->ask->markdown)
		heat_draw(p, p->counts.hours);
	table_column(&t, "hour", false);
	for (int d = 0; d < 7; d++)
		table_column(&t, days[d], true);
	for (int h = 0; h < 24; h++) {
		page_cell(&t, "%02d:00", h);
		for (int d = 0; d < 7; d++) {
			buf_clear(&text);
			page_count(&text, p->counts.hours[d][h]);
			table_cell(&t, buf_str(&text));
		}
	}
	page_table(p, &t, "Contacts by hour and weekday", true);
	buf_clear(&text);
	buf_puts(&text, "n = ");
	page_count(&text, p->counts.contacts);
	buf_printf(&text, " contacts, by the clock of %s. Definition:", when_zone_name());
	page_chart_end(p, text.s, (const char *const[]){"contacts", NULL});
	page_section_end(p);
	buf_release(&text);
}

/* ---- questions ---- */

void page_questions(struct page *p)
{
	static const char *const define[] = {"recurring_questions", NULL};
	const struct figure *v[PAGE_GROUPS];
	size_t n = figures_list(p, USE_QUESTION, define[0], "count", v, PAGE_GROUPS);
	struct page_bars bars = {0};
	struct table t = TABLE_INIT;

	page_section(p, "questions", "What customers ask again and again",
		"Questions by the stage of the journey and by what they ask: what could be said "
		"before it is asked.");
	table_column(&t, "stage", false);
	table_column(&t, "question", false);
	table_column(&t, "asked", true);
	table_column(&t, "customers", true);
	table_column(&t, "share of questions", true);
	for (size_t i = 0; i < n; i++) {
		const struct figure *who =
			figures_like(&p->figures, USE_QUESTION, define[0], "customers", v[i]);
		const struct figure *share =
			figures_like(&p->figures, USE_QUESTION, define[0], "share", v[i]);
		struct buf label = BUF_INIT, cell = BUF_INIT;
		struct page_bar *bar;

		table_cell(&t, figure_group(v[i], 0));
		table_cell(&t, figure_group(v[i], 1));
		buf_put(&label, figure_group(v[i], 1));
		buf_puts(&label, ", ");
		buf_put(&label, figure_group(v[i], 0));
		bar = bars_add(&bars, buf_str(&label), v[i]->r.value);
		page_figure(&bar->text, &v[i]->r);
		table_cell(&t, buf_str(&bar->text));
		for (int k = 0; k < 2; k++) {
			buf_clear(&cell);
			if (k ? share : who)
				page_figure(&cell, k ? &share->r : &who->r);
			table_cell(&t, buf_str(&cell));
		}
		buf_printf(&bar->text, ", %s", cell.s);
		buf_release(&label);
		buf_release(&cell);
	}
	if (n) {
		page_chart_begin(p, "The most frequent questions");
		bars_draw(p, &bars, "The most frequent questions");
		page_table(p, &t, "The most frequent questions", true);
		page_chart_end(p,
			"Question, stage; how often, and the share of all questions. Counts have "
			"no interval. "
			"Definition:",
			define);
	} else {
		page_paragraph(p, "No question is known: records have no intents that ask.");
		table_release(&t);
	}
	page_section_end(p);
}
