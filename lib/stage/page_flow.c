/* Journeys across channels: an alluvial diagram, whose columns are the contacts of an issue. A few
 * channels in a few columns need no layout but adding up, so no graph library is asked. */
#include "stage/page_part.h"

#include <math.h>

#define WIDTH 640.0
#define TALL 300.0
#define NODE 12.0
#define GAP 10.0
#define SHOWN 8 /* of the colours */

struct node {
	int64_t n;
	double y, high; /* its rectangle */
	double out, in; /* how much of its right and left side is taken */
};

struct alluvial {
	struct page *p;
	const char *names[SHOWN];
	size_t n;
	int64_t flow[PAGE_STEPS - 1][SHOWN][SHOWN];
	struct node nodes[PAGE_STEPS][SHOWN];
	double scale;
};

static void add_up(struct alluvial *a, const struct page_counts *c, const size_t *at)
{
	for (size_t s = 0; s < PAGE_STEPS; s++)
		for (size_t i = 0; i < PAGE_CHANNELS; i++) {
			a->nodes[s][at[i]].n += c->steps[s][i];
			for (size_t j = 0; j < PAGE_CHANNELS && s + 1 < PAGE_STEPS; j++)
				a->flow[s][at[i]][at[j]] += c->flow[s][i][j];
		}
}

static void place(struct alluvial *a)
{
	int64_t all = 0;

	for (size_t i = 0; i < a->n; i++)
		all += a->nodes[0][i].n;
	a->scale = (TALL - GAP * (double)(a->n - 1)) / (double)(all ? all : 1);
	for (size_t s = 0; s < PAGE_STEPS; s++) {
		double y = 20;

		for (size_t i = 0; i < a->n; i++) {
			struct node *node = &a->nodes[s][i];

			node->y = node->out = node->in = y;
			node->high = (double)node->n * a->scale;
			y += node->high + (node->n ? GAP : 0);
		}
	}
}

static double x_of(size_t step)
{
	return (WIDTH - NODE) * (double)step / (PAGE_STEPS - 1);
}

static void put_hover(const struct alluvial *a, size_t step, size_t from, size_t to, int64_t n)
{
	struct buf count = BUF_INIT;

	page_count(&count, n);
	page_html(a->p, "<title>");
	page_escape(a->p->out, str_of(a->names[from]));
	page_html(a->p, " to ");
	page_escape(a->p->out, str_of(a->names[to]));
	page_html(a->p, ", contact %zu to %zu: %s issues</title>", step + 1, step + 2, count.s);
	buf_release(&count);
}

static void put_ribbon(struct alluvial *a, size_t step, size_t from, size_t to)
{
	struct node *left = &a->nodes[step][from], *right = &a->nodes[step + 1][to];
	int64_t n = a->flow[step][from][to];
	double high = (double)n * a->scale, x = x_of(step) + NODE, z = x_of(step + 1);
	double middle = (x + z) / 2;

	if (!n)
		return;
	page_html(a->p,
		"<path class=\"ribbon k%zu\" d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f "
		"%.1fV%.1fC%.1f "
		"%.1f %.1f %.1f %.1f %.1fZ\">",
		from, x, left->out, middle, left->out, middle, right->in, z, right->in,
		right->in + high, middle, right->in + high, middle, left->out + high, x,
		left->out + high);
	put_hover(a, step, from, to, n);
	page_html(a->p, "</path>\n");
	left->out += high;
	right->in += high;
}

static void put_node(const struct alluvial *a, size_t step, size_t i)
{
	const struct node *node = &a->nodes[step][i];
	bool last = step + 1 == PAGE_STEPS;
	double x = x_of(step);
	struct buf n = BUF_INIT;

	if (!node->n)
		return;
	page_count(&n, node->n);
	page_html(a->p, "<g><title>");
	page_escape(a->p->out, str_of(a->names[i]));
	page_html(a->p,
		", contact %zu: %s issues</title><rect class=\"k%zu\" x=\"%.1f\" y=\"%.1f\" "
		"width=\"%.0f\" "
		"height=\"%.1f\"/>",
		step + 1, n.s, i, x, node->y, NODE, fmax(node->high, 1));
	if (node->high >= 11) {
		page_html(a->p, "<text class=\"h\" x=\"%.1f\" y=\"%.1f\"%s>",
			last ? x - 6 : x + NODE + 6, node->y + node->high / 2 + 4,
			last ? " text-anchor=\"end\"" : "");
		page_escape(a->p->out, str_of(a->names[i]));
		page_html(a->p, " %s</text>", n.s);
	}
	page_html(a->p, "</g>\n");
	buf_release(&n);
}

static void draw(struct alluvial *a)
{
	static const char *const anchors[PAGE_STEPS] = {"start", "middle", "middle", "end"};

	page_html(a->p,
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Diagram\"><svg "
		"viewBox=\"0 0 "
		"%.0f %.0f\" role=\"img\" aria-label=\"Channels of the first contacts of "
		"issues\">\n",
		WIDTH, TALL + 26);
	for (size_t s = 0; s < PAGE_STEPS; s++)
		page_html(a->p,
			"<text class=\"s\" x=\"%.1f\" y=\"10\" text-anchor=\"%s\">contact "
			"%zu</text>\n",
			s + 1 == PAGE_STEPS ? WIDTH
			: s		    ? x_of(s) + NODE / 2
					    : 0,
			anchors[s], s + 1);
	for (size_t s = 0; s + 1 < PAGE_STEPS; s++)
		for (size_t i = 0; i < a->n; i++)
			for (size_t j = 0; j < a->n; j++)
				put_ribbon(a, s, i, j);
	for (size_t s = 0; s < PAGE_STEPS; s++)
		for (size_t i = 0; i < a->n; i++)
			put_node(a, s, i);
	page_html(a->p, "</svg></div>\n");
}

static void put_name(struct buf *out, const char *name, size_t step)
{
	struct buf numbered = BUF_INIT;

	buf_printf(&numbered, "%s %zu", name, step + 1);
	page_mermaid(out, numbered.s);
	buf_release(&numbered);
}

static void put_mermaid(const struct alluvial *a)
{
	struct buf *out = a->p->out;

	buf_puts(out, "```mermaid\nsankey-beta\n\n");
	for (size_t s = 0; s + 1 < PAGE_STEPS; s++)
		for (size_t i = 0; i < a->n; i++)
			for (size_t j = 0; j < a->n; j++) {
				if (!a->flow[s][i][j])
					continue;
				put_name(out, a->names[i], s);
				buf_byte(out, ',');
				put_name(out, a->names[j], s + 1);
				buf_printf(out, ",%lld\n", (long long)a->flow[s][i][j]);
			}
	buf_puts(out, "```\n\n");
}

static void put_table(const struct alluvial *a)
{
	struct table t = TABLE_INIT;
	struct buf n = BUF_INIT;

	table_column(&t, "from", false);
	table_column(&t, "to", false);
	table_column(&t, "contacts 1 to 2", true);
	table_column(&t, "2 to 3", true);
	table_column(&t, "3 to 4", true);
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < a->n; j++) {
			if (!a->flow[0][i][j] && !a->flow[1][i][j] && !a->flow[2][i][j])
				continue;
			table_cell(&t, str_of(a->names[i]));
			table_cell(&t, str_of(a->names[j]));
			for (size_t s = 0; s + 1 < PAGE_STEPS; s++) {
				buf_clear(&n);
				page_count(&n, a->flow[s][i][j]);
				table_cell(&t, buf_str(&n));
			}
		}
	page_table(a->p, &t, "Issues, by the channels of neighbouring contacts", true);
	buf_release(&n);
}

void flow_draw(struct page *p, const struct page_counts *c, const size_t *order, size_t n)
{
	struct alluvial a = {.p = p, .n = n < SHOWN ? n : SHOWN};
	size_t at[PAGE_CHANNELS];

	for (size_t i = 0; i < PAGE_CHANNELS; i++)
		at[i] = SHOWN - 1;
	for (size_t i = 0; i < n; i++) {
		bool own = n <= SHOWN ? i < SHOWN : i + 1 < SHOWN;
		size_t to = own ? i : SHOWN - 1;
		const char *name = c->channels.v[order[i]].name;

		if (order[i] < PAGE_CHANNELS)
			at[order[i]] = to;
		a.names[to] = !own ? "(others)" : *name ? name : "(none)";
	}
	add_up(&a, c, at);
	place(&a);
	if (p->ask->markdown)
		put_mermaid(&a);
	else
		draw(&a);
	put_table(&a);
}
