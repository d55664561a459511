/* The sections of the page: which figures stand where, and what is said of them. */
#include "base/mem.h"
#include "base/when.h"
#include "stage/page_part.h"

#include <stdlib.h>

#define WEEKS 53 /* the latest, at most */
#define HERO "channel_switch_success.presumed"

/* "60.8% (58.5% - 63.0%), n 1,827" */
static void put_whole(struct buf *out, const struct measure_result *r)
{
	page_figure(out, r);
	if (!r->has_value)
		return;
	if (r->interval.has_low || r->interval.has_high) {
		buf_puts(out, " (");
		page_interval(out, r->scale, &r->interval, false);
		buf_byte(out, ')');
	}
	if (r->scale != SCALE_COUNT) {
		buf_puts(out, ", n ");
		page_count(out, r->n);
	}
}

static struct str group_of(const struct figure *f, size_t i)
{
	return f->values[i].s && f->values[i].len ? f->values[i] : STR("(none)");
}

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
	page_html(p, "</p><p class=\"big\">%s</p><p>", value.s);
	buf_clear(&value);
	page_interval(&value, f->r.scale, &f->r.interval, false);
	buf_puts(&value, value.len ? ", n " : "n ");
	page_count(&value, f->r.n);
	page_html(p, "%s</p>", value.s);
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
	static const char *const words[] = {
		"not mature", "of unknown customers", "with assumed times"};

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

static size_t list(const struct page *p, enum page_use use, const char *name, const char *statistic,
	const struct figure **out, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < p->figures.n; i++) {
		const struct figure *f = p->figures.v[i];

		if (f->use != use || strcmp(f->r.metric->name, name) != 0 || !f->r.dimension_n ||
			f->r.status == MEASURE_OTHERS || f->r.status == MEASURE_NOT_OBSERVABLE ||
			(statistic && (!f->r.statistic || strcmp(f->r.statistic, statistic) != 0)))
			continue;
		if (!f->values[f->r.dimension_n - 1].s && use == USE_WEEK)
			continue;
		if (n == most) {
			for (size_t j = 1; j < n; j++)
				out[j - 1] = out[j];
			n--;
		}
		out[n++] = f;
	}
	return n;
}

static void put_groups(struct page *p, const struct figure *const *v, size_t n, const char *title,
	const char *dimension, bool folded)
{
	struct table t = TABLE_INIT;
	struct buf cell = BUF_INIT;

	table_column(&t, dimension, false);
	table_column(&t, "value", true);
	table_column(&t, "95% interval", true);
	table_column(&t, "n", true);
	for (size_t i = 0; i < n; i++) {
		table_cell(&t, group_of(v[i], 0));
		buf_clear(&cell);
		page_figure(&cell, &v[i]->r);
		table_cell(&t, buf_str(&cell));
		buf_clear(&cell);
		page_interval(&cell, v[i]->r.scale, &v[i]->r.interval, false);
		table_cell(&t, buf_str(&cell));
		buf_clear(&cell);
		page_count(&cell, v[i]->r.n);
		table_cell(&t, buf_str(&cell));
	}
	page_table(p, &t, title, folded);
	buf_release(&cell);
}

static void put_weeks(struct page *p, const char *name)
{
	const struct figure *v[WEEKS];
	size_t n = list(p, USE_WEEK, name, NULL, v, WEEKS);
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
		put_whole(&point->text, &v[i]->r);
	}
	page_chart_begin(p, title);
	line_draw(p, &line, title);
	put_groups(p, v, n, title, "week", true);
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

/* ---- journeys ---- */

static int by_contacts(const void *pa, const void *pb, void *ctx)
{
	const struct page_names *names = ctx;
	const struct page_name *a = &names->v[*(const size_t *)pa],
			       *b = &names->v[*(const size_t *)pb];

	if (a->contacts != b->contacts)
		return a->contacts < b->contacts ? 1 : -1;
	return strcmp(a->name, b->name);
}

/* Numbers of names, the most frequent first; caller frees. */
static size_t *order_of(const struct page_names *names)
{
	size_t *order = mem_zero(names->n + 1, sizeof(*order));

	for (size_t i = 0; i < names->n; i++)
		order[i] = i;
	if (names->n)
		qsort_r(order, names->n, sizeof(*order), by_contacts, (void *)(uintptr_t)names);
	return order;
}

void page_flows(struct page *p)
{
	const struct page_counts *c = &p->counts;
	size_t *order = order_of(&c->channels);
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

		table_cell(&t, group_of(v[i], 0));
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
	const struct figure *v[WEEKS];
	size_t n = list(p, USE_STAGE, "funnel", NULL, v, WEEKS);
	struct page_bars bars = {0};

	page_section(p, "stages", "How far customers come",
		"Customers who reached each stage, and how many of them were lost before the "
		"next.");
	sort_stages(p, v, n);
	for (size_t i = 0; i < n; i++) {
		const struct figure *on =
			figures_like(&p->figures, USE_STAGE, "funnel.continued", NULL, v[i]);
		struct page_bar *bar = bars_add(&bars, group_of(v[i], 0), v[i]->r.value);

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
	buf_printf(&text, " contacts, in local time of %s. Definition:", when_zone_name());
	page_chart_end(p, text.s, (const char *const[]){"contacts", NULL});
	page_section_end(p);
	buf_release(&text);
}

/* ---- escalation ---- */

static void put_rates(struct page *p, enum page_use use, const char *name, const char *title,
	const char *dimension)
{
	const struct figure *v[WEEKS];
	size_t n = list(p, use, name, NULL, v, WEEKS);
	const char *const define[] = {name, NULL};
	struct page_bars bars = {0};

	/* Of records that say nothing of it, nothing is shown. */
	if (n == 0 || (n == 1 && !v[0]->values[0].s))
		return;
	for (size_t i = 0; i < n; i++) {
		struct page_bar *bar = bars_add(&bars, group_of(v[i], 0), v[i]->r.value);

		bar->interval = v[i]->r.interval;
		put_whole(&bar->text, &v[i]->r);
	}
	page_chart_begin(p, title);
	bars_draw(p, &bars, title);
	put_groups(p, v, n, title, dimension, true);
	page_chart_end(p,
		"The line on a bar is the 95% interval; bars begin at zero. At most the 12 largest "
		"groups. "
		"Definition:",
		define);
}

/* A reason may be somebody's own words: it is shown where it is a term, or several had it. */
static bool is_common(const struct page *p, const struct page_name *reason)
{
	const struct terms *terms = &p->ask->ontology->reasons;

	for (size_t i = 0; i < terms->n; i++)
		if (strcmp(terms->v[i].id, reason->name) == 0)
			return true;
	return p->ask->with_text || reason->contacts >= 5;
}

static void put_reasons(struct page *p)
{
	const struct page_names *reasons = &p->counts.reasons;
	size_t *order = order_of(reasons);
	struct page_bars bars = {0};
	struct table t = TABLE_INIT;
	int64_t others = 0;
	struct buf text = BUF_INIT;

	table_column(&t, "reason", false);
	table_column(&t, "contacts", true);
	table_column(&t, "share", true);
	for (size_t i = 0; i <= reasons->n; i++) {
		bool rest = i == reasons->n;
		const struct page_name *one = &reasons->v[rest ? 0 : order[i]];
		struct str name =
			rest ? STR("(other reasons)") : str_of(*one->name ? one->name : "(none)");
		int64_t n = rest ? others : one->contacts;
		struct page_bar *bar;

		if (!rest && *one->name && (bars.n == 12 || !is_common(p, one))) {
			others += n;
			continue;
		}
		if (rest && !others)
			continue;
		bar = bars_add(&bars, name, (double)n);
		page_count(&bar->text, n);
		table_cell(&t, name);
		table_cell(&t, buf_str(&bar->text));
		buf_clear(&text);
		page_value(&text, SCALE_RATIO, (double)n / (double)p->counts.escalated, false);
		table_cell(&t, buf_str(&text));
		buf_printf(&bar->text, ", %s", text.s);
	}
	page_chart_begin(p, "Why: reasons given");
	bars_draw(p, &bars, "Escalated contacts by reason");
	page_table(p, &t, "Escalated contacts by reason", true);
	buf_clear(&text);
	buf_puts(&text, "n = ");
	page_count(&text, p->counts.escalated);
	buf_puts(&text, " handled contacts with an escalation, by its first reason; reasons that "
			"are no terms of the "
			"ontology and that fewer than five contacts had are put together");
	page_chart_end(p, text.s, NULL);
	free(order);
	buf_release(&text);
}

void page_escalations(struct page *p)
{
	page_section(p, "escalation", "Where escalation occurs, and why",
		"The share of handled contacts that were escalated, by where the customer was and "
		"what it was about.");
	page_html(p, "<div class=\"charts\">\n");
	put_rates(p, USE_STAGE, "escalation_rate", "By stage of the journey", "stage");
	put_rates(p, USE_FAMILY, "escalation_rate", "By matter", "family");
	put_rates(p, USE_CHANNEL, "escalation_rate", "By channel", "channel");
	if (p->counts.escalated)
		put_reasons(p);
	page_html(p, "</div>\n");
	if (!p->counts.escalated)
		page_paragraph(p, "No contact was escalated, or no record tells of it.");
	page_section_end(p);
}

/* ---- selling ---- */

void page_channels(struct page *p)
{
	static const char *const define[] = {"conversion_by_channel.contacts",
		"conversion_by_channel.any", "conversion_by_channel.last", NULL};
	const struct figure *v[WEEKS];
	size_t n = list(p, USE_CHANNEL, define[0], NULL, v, WEEKS);
	struct page_bars talk = {0}, sell = {0};
	struct table t = TABLE_INIT;
	static const char *const columns[] = {"channel", "contacts", "share of contacts",
		"opportunities won, on any contact", "95% interval", "n", "on the last contact",
		"95% interval", "n"};

	page_section(p, "channels", "Channels that talk, and channels that sell",
		"Beside each channel's share of all contacts: how many of the opportunities that "
		"it took part in were won. "
		"A long bar above a short one talks and does not sell.");
	for (size_t i = 0; i < 9; i++)
		table_column(&t, columns[i], i > 0);
	for (size_t i = 0; i < n; i++) {
		double share = p->counts.contacts ? v[i]->r.value / (double)p->counts.contacts : 0;
		struct page_bar *bar = bars_add(&talk, group_of(v[i], 0), share);
		struct buf cell = BUF_INIT;

		table_cell(&t, group_of(v[i], 0));
		page_figure(&cell, &v[i]->r);
		table_cell(&t, buf_str(&cell));
		page_value(&bar->text, SCALE_RATIO, share, false);
		table_cell(&t, buf_str(&bar->text));
		buf_printf(&bar->text, ", %s contacts", cell.s);
		for (size_t k = 1; k < 3; k++) {
			const struct figure *won =
				figures_like(&p->figures, USE_CHANNEL, define[k], NULL, v[i]);

			if (won && won->r.has_value && k == 1) {
				bar = bars_add(&sell, group_of(v[i], 0), won->r.value);
				bar->interval = won->r.interval;
				put_whole(&bar->text, &won->r);
			}
			buf_clear(&cell);
			if (won)
				page_figure(&cell, &won->r);
			table_cell(&t, buf_str(&cell));
			buf_clear(&cell);
			if (won)
				page_interval(&cell, SCALE_RATIO, &won->r.interval, false);
			table_cell(&t, buf_str(&cell));
			buf_clear(&cell);
			if (won)
				page_count(&cell, won->r.n);
			table_cell(&t, buf_str(&cell));
		}
		buf_release(&cell);
	}
	page_chart_begin(p, "Contacts beside opportunities won");
	page_html(p, "<div class=\"charts\"><div><p class=\"note\">Share of all contacts</p>\n");
	bars_draw(p, &talk, "Share of all contacts, by channel");
	page_html(p, "</div><div><p class=\"note\">Share of opportunities won</p>\n");
	bars_draw(p, &sell, "Share of opportunities won, by channel");
	page_html(p, "</div></div>\n");
	page_table(p, &t, "Contacts and opportunities won, by channel", true);
	page_chart_end(p,
		"Bars begin at zero; the line on a bar is the 95% interval. At most the 12 largest "
		"channels. "
		"Definitions:",
		define);
	page_section_end(p);
}

/* ---- questions ---- */

void page_questions(struct page *p)
{
	static const char *const define[] = {"recurring_questions", NULL};
	const struct figure *v[WEEKS];
	size_t n = list(p, USE_QUESTION, define[0], "count", v, WEEKS);
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

		table_cell(&t, group_of(v[i], 0));
		table_cell(&t, group_of(v[i], 1));
		buf_put(&label, group_of(v[i], 1));
		buf_puts(&label, ", ");
		buf_put(&label, group_of(v[i], 0));
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
