/* The continuity figures, and how they went week by week. */
#include "base/mem.h"
#include "stage/page_part.h"

#define HERO "channel_switch_success.presumed"

/* ---- the continuity figures ---- */

/* Whether a change is for the better: 1, -1, or 0 where its interval does not say. */
static int verdict(const struct measure_result *r)
{
	const struct stat_interval *i = &r->difference_interval;
	int sign = i->has_low && i->low > 0 ? 1 : i->has_high && i->high < 0 ? -1 : 0;

	if (!r->has_difference || !i->has_low || !i->has_high || !r->metric->good)
		return 0;
	return strcmp(r->metric->good, "up") == 0 ? sign : -sign;
}

static void put_change(struct buf *out, const struct measure_result *r, bool interval)
{
	if (!r || !r->has_difference) {
		buf_puts(out, "\xe2\x80\x93");
		return;
	}
	page_value(out, r->scale, r->difference, true);
	if (r->scale == SCALE_RATIO)
		buf_puts(out, " points");
	if (interval && r->difference_interval.has_low) {
		buf_puts(out, " (");
		page_interval(out, r->scale, &r->difference_interval, true);
		buf_byte(out, ')');
	}
}

static const struct measure_result *change_of(const struct page *p, const struct figure *f)
{
	const struct figure *c =
		figures_like(&p->changes, USE_HEAD, f->r.metric->name, f->r.statistic, f);

	return p->change.has && c ? &c->r : NULL;
}

static void put_card_change(struct page *p, const struct figure *f)
{
	const struct measure_result *r = change_of(p, f);
	int good = r ? verdict(r) : 0;
	struct buf text = BUF_INIT;

	if (!r || !r->has_difference)
		return;
	put_change(&text, r, false);
	page_html(p, "<p><span class=\"%s\">%s</span>%s</p>",
		good > 0   ? "up"
		: good < 0 ? "down"
			   : "",
		text.s,
		good > 0   ? ", better"
		: good < 0 ? ", worse"
			   : ", no clear change");
	buf_release(&text);
}

static void put_card(struct page *p, const char *name)
{
	const struct figure *f = figures_get(&p->figures, USE_HEAD, name, NULL);
	struct buf value = BUF_INIT;

	if (!f)
		return;
	page_figure(&value, &f->r);
	page_html(p, "<div class=\"card\"><p>");
	page_plain(p, f->r.metric->title);
	page_html(p, "</p><p class=\"%s\">%s</p>", f->r.has_value ? "big" : "none", value.s);
	if (f->r.has_value) {
		buf_clear(&value);
		page_interval(&value, f->r.scale, &f->r.interval, false);
		buf_puts(&value, value.len ? ", n " : "n ");
		page_count(&value, f->r.n);
		page_html(p, "<p>%s</p>", value.s);
	}
	put_card_change(p, f);
	page_html(p, "</div>\n");
	buf_release(&value);
}

static void put_hero(struct page *p)
{
	const struct figure *f = figures_get(&p->figures, USE_HEAD, HERO, NULL);
	struct buf text = BUF_INIT;

	if (!f || !f->r.has_value || p->ask->markdown)
		return;
	page_figure(&text, &f->r);
	page_html(p, "<div class=\"hero\"><div class=\"big\">%s</div><div><h3>", text.s);
	page_plain(p, f->r.metric->title);
	buf_clear(&text);
	page_interval(&text, f->r.scale, &f->r.interval, false);
	page_html(p, "</h3><p>95%% interval %s, of ", text.s);
	buf_clear(&text);
	page_count(&text, f->r.n);
	page_html(p, "%s changes of channel.</p>", text.s);
	put_card_change(p, f);
	page_html(p, "</div></div>\n");
	buf_release(&text);
}

static void put_row(struct page *p, struct table *t, const struct figure *f)
{
	const struct measure_result *r = &f->r;
	struct buf cell = BUF_INIT;
	int64_t parts[] = {r->immature, r->left_out, r->assumed};
	const char *const words[] = {"not mature",
		r->metric->unknown.sql ? "of which it is not known" : "of unknown customers",
		"with assumed times"};

	buf_puts(&cell, r->metric->title);
	for (size_t i = 0; i < r->dimension_n && f->values[i].s; i++)
		buf_printf(&cell, ", %s", f->values[i].s);
	table_cell(t, buf_str(&cell));
	buf_clear(&cell);
	page_figure(&cell, r);
	table_cell(t, buf_str(&cell));
	buf_clear(&cell);
	page_interval(&cell, r->scale, &r->interval, false);
	table_cell(t, buf_str(&cell));
	buf_clear(&cell);
	if (r->status != MEASURE_NOT_OBSERVABLE)
		page_count(&cell, r->n);
	table_cell(t, buf_str(&cell));
	if (p->change.has) {
		buf_clear(&cell);
		put_change(&cell, change_of(p, f), true);
		table_cell(t, buf_str(&cell));
	}
	buf_clear(&cell);
	if (r->missing)
		buf_printf(&cell, "lacks %s", r->missing);
	for (size_t i = 0; i < 3; i++)
		if (parts[i]) {
			buf_puts(&cell, cell.len ? "; " : "");
			page_count(&cell, parts[i]);
			buf_printf(&cell, " %s", words[i]);
		}
	table_cell(t, buf_str(&cell));
	table_cell(t, str_of(r->metric->name));
	buf_release(&cell);
}

static void put_figures(struct page *p)
{
	struct table t = TABLE_INIT;

	table_column(&t, "figure", false);
	table_column(&t, "value", true);
	table_column(&t, "95% interval", true);
	table_column(&t, "n", true);
	if (p->change.has)
		table_column(&t, "change", true);
	table_column(&t, "left out, and why", false);
	table_column(&t, "metric", false);
	for (size_t i = 0; i < p->figures.n; i++)
		if (p->figures.v[i]->use == USE_HEAD)
			put_row(p, &t, p->figures.v[i]);
	page_table(p, &t, "Continuity figures", false);
}

static void put_change_words(struct page *p)
{
	struct buf text = BUF_INIT;

	if (!p->change.has) {
		page_paragraph(p, "There is no earlier period of the same length to compare with.");
		return;
	}
	buf_puts(&text, "Changes compare what began from ");
	page_minute(&text, p->change.middle);
	buf_puts(&text, " to ");
	page_minute(&text, p->change.to);
	buf_puts(&text, " with the period before it, from ");
	page_minute(&text, p->change.from);
	buf_puts(&text,
		"; a change is called better or worse only where its 95% interval leaves out zero. "
		"Changes of shares are in percentage points.");
	page_paragraph(p, "%s", text.s);
	buf_release(&text);
}

void page_headline(struct page *p)
{
	static const char *const cards[] = {"repeat_contact_rate",
		"first_contact_resolution.presumed", "escalation_rate", "reopen_rate",
		"repeat_information_rate", "conversion"};

	page_section(p, "figures", "Does the conversation continue?",
		"One customer is one conversation, whatever the channel. These figures say how "
		"often it holds "
		"when she comes back, changes channel or is handed on.");
	put_hero(p);
	page_html(p, "<div class=\"cards\">\n");
	for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]) && !p->ask->markdown; i++)
		put_card(p, cards[i]);
	page_html(p, "</div>\n");
	put_change_words(p);
	put_figures(p);
	page_html(p, "<p class=\"note\">");
	page_plain(p, "Each metric is defined under Definitions. ");
	page_text(p, buf_str(&p->note));
	buf_puts(p->out, p->ask->markdown ? "\n\n" : "</p>\n");
	page_section_end(p);
}

/* ---- weeks ---- */

static void put_weeks(struct page *p, const char *name)
{
	const struct figure *v[PAGE_GROUPS];
	size_t n = figures_list(p, USE_WEEK, name, NULL, v, PAGE_GROUPS);
	const char *const define[] = {name, NULL};
	struct page_line line = {0};
	const char *title;
	bool bars;

	if (!n)
		return;
	title = v[0]->r.metric->title;
	line.scale = v[0]->r.scale;
	bars = line.bars = line.scale == SCALE_COUNT;
	for (size_t i = 0; i < n; i++) {
		struct page_point *point = VEC_ADD(&line, v, n, cap);

		*point = (struct page_point){v[i]->values[0].s, v[i]->r.has_value, v[i]->r.value,
			v[i]->r.interval, BUF_INIT};
		buf_printf(&point->text, "%s: ", point->name);
		page_whole(&point->text, &v[i]->r);
	}
	page_chart_begin(p, title);
	line_draw(p, &line, title);
	page_groups_table(p, v, n, title, "week", true);
	page_chart_end(p,
		bars ? "By ISO week of their beginning; n is the height. Definition:"
		     : "By ISO week of the beginning; the band is the 95% interval, n is in "
		       "the table. "
		       "Definition:",
		define);
}

void page_trends(struct page *p)
{
	static const char *const names[] = {"contacts", HERO, "repeat_contact_rate",
		"first_contact_resolution.presumed", "escalation_rate", "no_follow_up_rate"};

	page_section(p, "weeks", "Week by week",
		"The first and the last week may be incomplete. Weeks whose window has not been "
		"seen whole have "
		"a smaller n, or no figure yet.");
	page_html(p, "<div class=\"charts\">\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		put_weeks(p, names[i]);
	page_html(p, "</div>\n");
	page_section_end(p);
}
