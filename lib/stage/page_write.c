/* What the page is made of, in HTML and in Markdown. */
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "stage/page_part.h"
#include "stage/report_part.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- text ---- */

/* What is no printable text is shown as '?' in either. */
void page_escape(struct buf *out, struct str s)
{
	static const struct {
		char c;
		const char *as;
	} marks[] = {
		{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
	struct buf plain = BUF_INIT;

	text_plain(&plain, s);
	for (size_t i = 0; i < plain.len; i++) {
		size_t k = 0;

		while (k < sizeof(marks) / sizeof(marks[0]) && marks[k].c != plain.s[i])
			k++;
		if (k < sizeof(marks) / sizeof(marks[0]))
			buf_puts(out, marks[k].as);
		else
			buf_byte(out, plain.s[i]);
	}
	buf_release(&plain);
}

void page_mermaid(struct buf *out, const char *s)
{
	struct buf plain = BUF_INIT;

	text_plain(&plain, str_of(s));
	buf_byte(out, '"');
	for (size_t i = 0; i < plain.len; i++)
		buf_byte(out, strchr("\"<>&`#;\\", plain.s[i]) ? ' ' : plain.s[i]);
	buf_byte(out, '"');
	buf_release(&plain);
}

static void put_markdown(struct buf *out, struct str s)
{
	struct buf plain = BUF_INIT;

	text_plain(&plain, s);
	for (size_t i = 0; i < plain.len; i++) {
		if (strchr("\\|`*_~[]<>&#", plain.s[i]))
			buf_byte(out, '\\');
		buf_byte(out, plain.s[i]);
	}
	buf_release(&plain);
}

void page_text(struct page *p, struct str s)
{
	if (p->ask->markdown)
		put_markdown(p->out, s);
	else
		page_escape(p->out, s);
}

void page_plain(struct page *p, const char *s)
{
	page_text(p, str_of(s));
}

void page_html(struct page *p, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	if (p->ask->markdown)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_failed();
	va_end(args);
	buf_puts(p->out, text);
	free(text);
}

void page_paragraph(struct page *p, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_failed();
	va_end(args);
	page_html(p, "<p>");
	page_plain(p, text);
	buf_puts(p->out, p->ask->markdown ? "\n\n" : "</p>\n");
	free(text);
}

/* ---- numbers ---- */

void page_count(struct buf *out, int64_t n)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%lld", (long long)(n < 0 ? -n : n));

	if (n < 0)
		buf_puts(out, "\xe2\x88\x92");
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_byte(out, ',');
		buf_byte(out, digits[i]);
	}
}

void page_value(struct buf *out, enum measure_scale scale, double v, bool change)
{
	if (change) {
		if (scale != SCALE_RATIO || fabs(v) >= 0.0005)
			buf_puts(out, v < 0 ? "\xe2\x88\x92" : "+");
		v = fabs(v);
	}
	if (scale == SCALE_COUNT)
		page_count(out, llround(v));
	else if (scale == SCALE_RATIO && change)
		buf_printf(out, "%.1f", 100 * v);
	else
		report_human(out, scale, v);
}

/* A bound that does not exist is shown as dots. */
void page_interval(
	struct buf *out, enum measure_scale scale, const struct stat_interval *i, bool change)
{
	if (!i->has_low && !i->has_high)
		return;
	if (i->has_low)
		page_value(out, scale, i->low, change);
	else
		buf_puts(out, "\xe2\x80\xa6");
	buf_puts(out, change ? " to " : " \xe2\x80\x93 ");
	if (i->has_high)
		page_value(out, scale, i->high, change);
	else
		buf_puts(out, "\xe2\x80\xa6");
}

void page_figure(struct buf *out, const struct measure_result *r)
{
	if (r->status == MEASURE_NOT_OBSERVABLE)
		buf_puts(out, "not observable");
	else if (!r->has_value)
		buf_puts(out, "no rows");
	else
		page_value(out, r->scale, r->value, false);
}

void page_day(struct buf *out, int64_t ms)
{
	struct civil c;

	local_civil(ms, &c, NULL);
	buf_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
}

void page_minute(struct buf *out, int64_t ms)
{
	when_minute(out, ms);
}

/* ---- blocks ---- */

void page_section(struct page *p, const char *id, const char *title, const char *lead)
{
	if (p->ask->markdown)
		buf_printf(p->out, "## %s\n\n", title);
	page_html(p,
		"<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n",
		id, id, id, title);
	page_html(p, "<div class=\"lead\">");
	page_paragraph(p, "%s", lead);
	page_html(p, "</div>\n");
}

void page_section_end(struct page *p)
{
	page_html(p, "</section>\n");
}

void page_cell(struct table *t, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_failed();
	va_end(args);
	table_cell(t, str_of(text));
	free(text);
}

static void put_table(struct page *p, const struct table *t, const char *title)
{
	page_html(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
	page_escape(p->out, str_of(title));
	page_html(p, "\"><table>\n<caption>");
	page_escape(p->out, str_of(title));
	page_html(p, "</caption>\n<thead><tr>");
	for (size_t i = 0; i < t->column_n; i++) {
		page_html(p, "<th scope=\"col\"%s>", t->columns[i].right ? " class=\"r\"" : "");
		page_escape(p->out, str_of(t->columns[i].title));
		page_html(p, "</th>");
	}
	page_html(p, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; t->column_n && i < t->cell_n; i++) {
		size_t at = i % t->column_n;

		page_html(p, "%s%s", at ? "" : "<tr>", at ? "<td" : "<th scope=\"row\"");
		page_html(p, "%s>", t->columns[at].right ? " class=\"r\"" : "");
		page_escape(p->out, str_of(t->cells[i]));
		page_html(p, at ? "</td>" : "</th>");
		page_html(p, "%s", at + 1 == t->column_n ? "</tr>\n" : "");
	}
	page_html(p, "</tbody></table></div>\n");
}

void page_table(struct page *p, struct table *t, const char *title, bool folded)
{
	if (p->ask->markdown) {
		buf_printf(p->out, "%s:\n\n", title);
		table_markdown(t, p->out);
		buf_byte(p->out, '\n');
	} else {
		page_html(p, "%s",
			folded ? "<details><summary>The figures as a table</summary>\n" : "");
		put_table(p, t, title);
		page_html(p, "%s", folded ? "</details>\n" : "");
	}
	table_release(t);
	*t = (struct table)TABLE_INIT;
}

void page_chart_begin(struct page *p, const char *title)
{
	p->number++;
	page_html(p, "<figure id=\"figure-%d\">\n<h3>", p->number);
	if (p->ask->markdown)
		buf_puts(p->out, "### ");
	page_plain(p, title);
	buf_puts(p->out, p->ask->markdown ? "\n\n" : "</h3>\n");
}

void page_chart_end(struct page *p, const char *what, const char *const *metrics)
{
	page_html(p, "<figcaption>");
	page_plain(p, what);
	for (size_t i = 0; metrics && metrics[i]; i++) {
		buf_puts(p->out, i ? ", " : " ");
		page_html(p, "<a href=\"#define-%s\">", metrics[i]);
		page_plain(p, metrics[i]);
		page_html(p, "</a>");
	}
	buf_puts(p->out, ". ");
	page_plain(p, p->brief.s);
	buf_puts(p->out, p->ask->markdown ? "\n\n" : "</figcaption></figure>\n");
}

/* ---- the frame ---- */

static void put_period(struct page *p)
{
	const struct page_ask *ask = p->ask;
	struct buf text = BUF_INIT;

	buf_puts(&text, "Contacts that began ");
	if (ask->has_since)
		buf_puts(&text, "from "), page_minute(&text, ask->since);
	if (ask->has_until)
		buf_puts(&text, ask->has_since ? " and before " : "before "),
			page_minute(&text, ask->until);
	if (!ask->has_since && !ask->has_until)
		buf_puts(&text, "at any time of the log");
	buf_printf(&text, " (%s)", when_zone_name());
	page_html(p, "<p class=\"period\">");
	page_text(p, buf_str(&text));
	buf_puts(p->out, p->ask->markdown ? "\n\n" : "</p>\n");
	buf_release(&text);
}

void page_begin(struct page *p)
{
	static const char head[] =
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'; img-src data:\">\n"
		"<link rel=\"icon\" href=\"data:,\">\n"
		"<title>Continuity report</title>\n<style>\n";

	if (p->ask->markdown)
		buf_puts(p->out, "# Continuity report\n\n");
	page_html(p, "%s%s</style>\n</head>\n<body>\n<header>\n", head, page_style);
	page_html(p, "<p class=\"eyebrow\">Customer journeys across channels</p>\n"
		     "<h1>Continuity report</h1>\n");
	put_period(p);
	page_html(p, "<p class=\"note\">");
	page_text(p, buf_str(&p->note));
	buf_puts(p->out, p->ask->markdown ? "\n\n" : "</p>\n</header>\n<main>\n");
}

void page_end(struct page *p)
{
	page_html(p, "</main>\n<footer><p>");
	page_plain(p, "Made by jreport of jtools " JTOOLS_VERSION ", ontology ");
	page_plain(p, p->place.ontology);
	page_plain(p, ". ");
	page_text(p, buf_str(&p->note));
	buf_puts(p->out, p->ask->markdown ? "\n" : "</p></footer>\n</body>\n</html>\n");
}
