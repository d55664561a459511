/* Bars, lines and the heat map: SVG that needs no script, with titles for the hover. */
#include "base/mem.h"
#include "base/text.h"
#include "stage/page_part.h"

#include <math.h>
#include <stdlib.h>

#define WIDTH 400.0

/* ---- parts ---- */

static void begin(struct page *p, double height, const char *title)
{
	page_html(p, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"", WIDTH, height);
	if (!p->ask->markdown)
		page_escape(p->out, str_of(title));
	page_html(p, "\">\n");
}

static void put_title(struct page *p, const struct buf *text)
{
	page_html(p, "<title>");
	page_escape(p->out, buf_str(text));
	page_html(p, "</title>");
}

static void put_label(struct page *p, double x, double y, const char *class, struct str s)
{
	page_html(p, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
	page_escape(p->out, s);
	page_html(p, "</text>\n");
}

/* The first round number (1, 2 or 5 times a power of ten) from v on. */
static double round_up(double v)
{
	static const double steps[] = {1, 2, 5, 10};
	double power = pow(10, floor(log10(v > 0 ? v : 1)));
	size_t i = 0;

	while (i < 3 && steps[i] * power < v)
		i++;
	return steps[i] * power;
}

/* ---- bars ---- */

#define ROW 36.0
#define ROOM 64 /* characters of label and text beside one another */

struct page_bar *bars_add(struct page_bars *b, struct str label, double value)
{
	struct page_bar *bar = VEC_ADD(b, v, n, cap);

	buf_init(&bar->label);
	buf_init(&bar->text);
	buf_put(&bar->label, label);
	bar->value = value;
	return bar;
}

static void put_whisker(struct page *p, const struct stat_interval *i, double y, double scale)
{
	double low = WIDTH * i->low / scale, high = WIDTH * i->high / scale;

	if (!i->has_low || !i->has_high)
		return;
	page_html(p,
		"<path class=\"whisker\" d=\"M%.1f %.1fV%.1fM%.1f %.1fH%.1fM%.1f %.1fV%.1f\"/>\n",
		low, y + 1, y + 9, low, y + 5, high, high, y + 1, y + 9);
}

static void put_bar(struct page *p, const struct page_bar *bar, double y, double scale)
{
	struct str cut = text_cut(
		buf_str(&bar->label), ROOM - (bar->text.len < ROOM / 2 ? bar->text.len : ROOM / 2));
	struct buf label = BUF_INIT, hover = BUF_INIT;

	buf_put(&label, cut);
	buf_puts(&label, cut.len < bar->label.len ? "\xe2\x80\xa6" : "");
	buf_printf(&hover, "%s: %s", bar->label.s, bar->text.s);
	page_html(p, "<g>");
	put_title(p, &hover);
	put_label(p, 0, y + 12, "", buf_str(&label));
	page_html(p, "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\" class=\"s\">", WIDTH, y + 12);
	page_escape(p->out, buf_str(&bar->text));
	page_html(p,
		"</text>\n<rect class=\"track\" x=\"0\" y=\"%.1f\" width=\"%.0f\" height=\"10\"/>"
		"<rect class=\"bar\" x=\"0\" y=\"%.1f\" width=\"%.1f\" height=\"10\"/>\n",
		y + 18, WIDTH, y + 18, WIDTH * fmin(bar->value / scale, 1));
	put_whisker(p, &bar->interval, y + 18, scale);
	page_html(p, "</g>\n");
	buf_release(&label);
	buf_release(&hover);
}

static double largest(const struct page_bars *b)
{
	double most = b->most;

	for (size_t i = 0; i < b->n && b->most <= 0; i++) {
		const struct page_bar *bar = &b->v[i];

		most = fmax(most, bar->interval.has_high ? bar->interval.high : bar->value);
	}
	return most > 0 ? most : 1;
}

void bars_draw(struct page *p, struct page_bars *b, const char *title)
{
	double scale = largest(b);

	if (!b->n) {
		page_paragraph(p, "None.");
		return;
	}
	begin(p, (double)b->n * ROW, title);
	for (size_t i = 0; i < b->n; i++) {
		if (!p->ask->markdown)
			put_bar(p, &b->v[i], (double)i * ROW, scale);
		buf_release(&b->v[i].label);
		buf_release(&b->v[i].text);
	}
	page_html(p, "</svg>\n");
	free(b->v);
	*b = (struct page_bars){0};
}

/* ---- lines over weeks ---- */

#define LEFT 44.0
#define TOP 10.0
#define HEIGHT 132.0
#define BOTTOM 24.0

struct plane {
	double most, step; /* of x */
};

static double y_of(const struct plane *a, double v)
{
	return TOP + HEIGHT * (1 - fmin(v / a->most, 1));
}

static double x_of(const struct plane *a, size_t i)
{
	return LEFT + a->step * ((double)i + 0.5);
}

static struct plane plane_of(const struct page_line *l)
{
	struct plane a = {0, (WIDTH - LEFT) / (double)(l->n ? l->n : 1)};

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].has)
			a.most = fmax(a.most,
				l->v[i].interval.has_high ? l->v[i].interval.high : l->v[i].value);
	a.most = round_up(a.most);
	if (l->scale == SCALE_RATIO)
		a.most = fmin(a.most, 1);
	return a;
}

static void put_axes(struct page *p, const struct page_line *l, const struct plane *a)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i <= 2; i++) {
		double v = a->most * i / 2;

		page_html(p, "<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/>\n", LEFT, y_of(a, v),
			WIDTH);
		buf_clear(&text);
		page_value(&text, l->scale, v, false);
		page_html(p,
			"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\" class=\"s\">%s</text>\n",
			LEFT - 6, y_of(a, v) + 4, text.s);
	}
	put_label(p, LEFT, TOP + HEIGHT + 18, "s", str_of(l->v[0].name));
	if (l->n > 1)
		page_html(p,
			"<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\" class=\"s\">%s</text>\n",
			WIDTH, TOP + HEIGHT + 18, l->v[l->n - 1].name);
	buf_release(&text);
}

/* Where neighbouring weeks both have an interval. */
static void put_band(struct page *p, const struct page_line *l, const struct plane *a)
{
	for (size_t i = 0; i + 1 < l->n; i++) {
		const struct stat_interval *x = &l->v[i].interval, *y = &l->v[i + 1].interval;

		if (x->has_low && x->has_high && y->has_low && y->has_high)
			page_html(p,
				"<path class=\"band\" d=\"M%.1f %.1fL%.1f %.1fV%.1fL%.1f %.1fZ\"/>",
				x_of(a, i), y_of(a, x->low), x_of(a, i + 1), y_of(a, y->low),
				y_of(a, y->high), x_of(a, i), y_of(a, x->high));
	}
}

static void put_trend(struct page *p, const struct page_line *l, const struct plane *a)
{
	bool drawing = false;

	page_html(p, "<path class=\"trend\" d=\"");
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].has)
			page_html(p, "%s%.1f %.1f", drawing ? "L" : "M", x_of(a, i),
				y_of(a, l->v[i].value));
		drawing = l->v[i].has;
	}
	page_html(p, "\"/>\n");
}

static void put_points(struct page *p, const struct page_line *l, const struct plane *a)
{
	for (size_t i = 0; i < l->n; i++) {
		double x = x_of(a, i), y = y_of(a, l->v[i].value);

		if (!l->v[i].has)
			continue;
		page_html(p, "<g>");
		put_title(p, &l->v[i].text);
		if (l->bars)
			page_html(p,
				"<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
				"height=\"%.1f\"/>",
				x - a->step * 0.4, y, a->step * 0.8, TOP + HEIGHT - y);
		else
			page_html(p, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\"/>", x,
				y);
		page_html(p, "</g>\n");
	}
}

/* Mermaid's chart of the same values; weeks are digits, W and '-'. */
static void put_mermaid(struct page *p, const struct page_line *l, const char *title)
{
	const char *between = "";

	buf_puts(p->out, "```mermaid\nxychart-beta\n  title ");
	page_mermaid(p->out, title);
	buf_puts(p->out, "\n  x-axis [");
	for (size_t i = 0; i < l->n; i++, between = ", ")
		if (l->v[i].has)
			buf_printf(p->out, "%s\"%s\"", between, l->v[i].name);
	buf_printf(p->out, "]\n  y-axis \"%s\"\n  %s [", l->scale == SCALE_RATIO ? "%" : "contacts",
		l->bars ? "bar" : "line");
	between = "";
	for (size_t i = 0; i < l->n; i++, between = ", ")
		if (l->v[i].has)
			buf_printf(p->out, "%s%.1f", between,
				l->scale == SCALE_RATIO ? 100 * l->v[i].value : l->v[i].value);
	buf_puts(p->out, "]\n```\n\n");
}

void line_draw(struct page *p, struct page_line *l, const char *title)
{
	struct plane a = plane_of(l);

	if (p->ask->markdown) {
		put_mermaid(p, l, title);
	} else {
		begin(p, TOP + HEIGHT + BOTTOM, title);
		put_axes(p, l, &a);
		if (!l->bars) {
			put_band(p, l, &a);
			put_trend(p, l, &a);
		}
		put_points(p, l, &a);
		page_html(p, "</svg>\n");
	}
	for (size_t i = 0; i < l->n; i++)
		buf_release(&l->v[i].text);
	free(l->v);
	*l = (struct page_line){0};
}

/* ---- hours ---- */

static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/* An hour in which a message goes to all would leave nothing to see of the others, hence the square
 * root. */
void heat_draw(struct page *p, const int64_t hours[7][24])
{
	const double wide = (WIDTH - 36) / 24, high = 20;
	struct buf top = BUF_INIT;
	int64_t most = 1;

	for (int d = 0; d < 7; d++)
		for (int h = 0; h < 24; h++)
			most = hours[d][h] > most ? hours[d][h] : most;
	begin(p, 7 * high + 40, "Contacts by weekday and hour");
	for (int d = 0; d < 7; d++) {
		put_label(p, 0, d * high + 14, "s", str_of(days[d]));
		for (int h = 0; h < 24; h++) {
			struct buf n = BUF_INIT;

			page_count(&n, hours[d][h]);
			page_html(p,
				"<rect class=\"cell\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
				"height=\"%.1f\" "
				"fill-opacity=\"%.3f\"><title>%s %02d:00: %s "
				"contacts</title></rect>\n",
				36 + h * wide, d * high, wide - 1.5, high - 1.5,
				0.05 + 0.95 * sqrt((double)hours[d][h] / (double)most), days[d], h,
				n.s);
			buf_release(&n);
		}
	}
	for (int h = 0; h < 24; h += 3)
		page_html(p, "<text x=\"%.1f\" y=\"%.1f\" class=\"s\">%02d</text>\n", 36 + h * wide,
			7 * high + 14, h);
	for (int i = 0; i < 5; i++)
		page_html(p,
			"<rect class=\"cell\" x=\"%.1f\" y=\"%.1f\" width=\"16\" height=\"8\" "
			"fill-opacity=\"%.2f\"/>",
			36 + i * 16.0, 7 * high + 26, 0.05 + 0.95 * i / 4);
	page_count(&top, most);
	page_html(p,
		"<text x=\"124\" y=\"%.1f\" class=\"s\">0 to %s contacts, by the square "
		"root</text>\n</svg>\n",
		7 * high + 34, top.s);
	buf_release(&top);
}
