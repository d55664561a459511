/* Where escalation occurs and why; which channels sell. */
#include "base/mem.h"
#include "base/when.h"
#include "stage/page_part.h"

#include <stdlib.h>

/* ---- escalation ---- */

/* Gives false where no record says anything of the dimension. */
static bool put_rates(struct page *p, enum page_use use, const char *name, const char *title,
	const char *dimension)
{
	const struct figure *v[PAGE_GROUPS];
	size_t n = figures_list(p, use, name, NULL, v, PAGE_GROUPS);
	const char *const define[] = {name, NULL};
	struct page_bars bars = {0};

	if (n == 0 || (n == 1 && !v[0]->values[0].s))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct page_bar *bar = bars_add(&bars, figure_group(v[i], 0), v[i]->r.value);

		bar->interval = v[i]->r.interval;
		page_whole(&bar->text, &v[i]->r);
	}
	page_chart_begin(p, title);
	bars_draw(p, &bars, title);
	page_groups_table(p, v, n, title, dimension, true);
	page_chart_end(p,
		"The line on a bar is the 95% interval; bars begin at zero. At most the 12 largest "
		"groups. "
		"Definition:",
		define);
	return true;
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
	size_t *order = page_order(reasons);
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

static void put_absent(struct page *p, const char *what)
{
	page_paragraph(p, "Escalations by %s are not observable: no handled contact tells its %s.",
		what, what);
}

void page_escalations(struct page *p)
{
	bool stage, family, channel;

	page_section(p, "escalation", "Where escalation occurs, and why",
		"The share of handled contacts that were escalated, by where the customer was and "
		"what it was about.");
	page_html(p, "<div class=\"charts\">\n");
	stage = put_rates(p, USE_STAGE, "escalation_rate", "By stage of the journey", "stage");
	family = put_rates(p, USE_FAMILY, "escalation_rate", "By matter", "family");
	channel = put_rates(p, USE_CHANNEL, "escalation_rate", "By channel", "channel");
	if (p->counts.escalated)
		put_reasons(p);
	page_html(p, "</div>\n");
	if (!p->counts.escalated)
		page_paragraph(p, "No contact was escalated, or no record tells of it.");
	if (p->counts.escalated && !stage)
		put_absent(p, "stage");
	if (p->counts.escalated && !family)
		put_absent(p, "matter");
	if (p->counts.escalated && !channel)
		put_absent(p, "channel");
	page_section_end(p);
}

/* ---- selling ---- */

/* How many of the opportunities of a channel were won: three cells, and a bar where there are such.
 */
static void put_won(struct page *p, struct table *t, const struct figure *channel, const char *name,
	struct page_bars *bars)
{
	const struct figure *won = figures_like(&p->figures, USE_CHANNEL, name, NULL, channel);
	struct buf cell = BUF_INIT;

	if (won && won->r.has_value && bars) {
		struct page_bar *bar = bars_add(bars, figure_group(channel, 0), won->r.value);

		bar->interval = won->r.interval;
		page_whole(&bar->text, &won->r);
	}
	for (int i = 0; i < 3; i++) {
		buf_clear(&cell);
		if (won && i == 0)
			page_figure(&cell, &won->r);
		else if (won && i == 1)
			page_interval(&cell, SCALE_RATIO, &won->r.interval, false);
		else if (won)
			page_count(&cell, won->r.n);
		table_cell(t, buf_str(&cell));
	}
	buf_release(&cell);
}

void page_channels(struct page *p)
{
	static const char *const define[] = {"conversion_by_channel.contacts",
		"conversion_by_channel.any", "conversion_by_channel.last", NULL};
	const struct figure *v[PAGE_GROUPS];
	size_t n = figures_list(p, USE_CHANNEL, define[0], NULL, v, PAGE_GROUPS);
	struct page_bars talk = {0}, sell = {0};
	struct table t = TABLE_INIT;
	static const char *const columns[] = {"channel", "contacts", "share of contacts",
		"opportunities won, on any contact", "95% interval", "n", "on the last contact",
		"95% interval", "n"};

	page_section(p, "channels", "Channels that talk, and channels that sell",
		"Beside each channel's share of all contacts: how many of the opportunities that "
		"it took part in were won. "
		"A channel with a long bar there and a short one here talks and does not sell.");
	for (size_t i = 0; i < 9; i++)
		table_column(&t, columns[i], i > 0);
	for (size_t i = 0; i < n; i++) {
		double share = p->counts.contacts ? v[i]->r.value / (double)p->counts.contacts : 0;
		struct page_bar *bar = bars_add(&talk, figure_group(v[i], 0), share);
		struct buf cell = BUF_INIT;

		table_cell(&t, figure_group(v[i], 0));
		page_figure(&cell, &v[i]->r);
		table_cell(&t, buf_str(&cell));
		page_value(&bar->text, SCALE_RATIO, share, false);
		table_cell(&t, buf_str(&bar->text));
		buf_printf(&bar->text, ", %s contacts", cell.s);
		put_won(p, &t, v[i], define[1], &sell);
		put_won(p, &t, v[i], define[2], NULL);
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
