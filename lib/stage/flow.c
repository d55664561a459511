#include "stage/flow.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/text.h"
#include "base/when.h"
#include "core/store/flow.h"
#include "io/csv.h"

#include <stdlib.h>
#include <unistd.h>

#define START "(start)"
#define END "(end)"
#define NOTHING "(none)" /* what contacts without a value are called for people */

struct node {
	struct str name; /* the map's */
	int64_t count, customers;
	size_t number; /* in a picture; 0: no edge that is shown touches it */
};

struct edge {
	size_t from, to; /* nodes and 1; 0: the start, the end */
	int64_t count, customers;
	int64_t median, p90; /* ms */
};

struct graph {
	struct flow_show *f;
	struct map names; /* to the node's number and 1 */
	struct node *nodes;
	size_t node_n, node_cap;
	struct edge *edges;
	size_t edge_n, edge_cap;
	struct buf out, text;
};

static int number_in(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

int flow_settle(struct flow_show *f, const char *format, const char *of, struct buf *err)
{
	static const char *const formats[] = {"table", "ndjson", "csv", "dot", "mermaid"};
	static const char *const columns[] = {"channel", "intent", "family", "stage", "class"};
	int at = format			 ? number_in(formats, 5, format)
		 : isatty(STDOUT_FILENO) ? FLOW_TABLE
					 : FLOW_NDJSON;

	if (at < 0) {
		buf_printf(err, "no such output: %s (table, ndjson, csv, dot, mermaid)", format);
		return -1;
	}
	f->format = (enum flow_format)at;
	at = of ? number_in(columns, 5, of) : 0;
	if (at < 0) {
		buf_printf(err, "no graph of: %s (channel, intent, family, stage, class)", of);
		return -1;
	}
	f->of = columns[at];
	return 0;
}

/* ---- the graph ---- */

static size_t node_of(struct graph *g, struct str name)
{
	return (size_t)map_get(&g->names, name)->n;
}

static int take(void *ctx, const struct flow_row *row, struct buf *err)
{
	struct graph *g = ctx;
	union map_value *v;

	(void)err;
	if (row->node) {
		v = map_slot(&g->names, row->from, NULL);
		*VEC_ADD(g, nodes, node_n, node_cap) =
			(struct node){map_key(v), row->count, row->customers, 0};
		v->n = (int64_t)g->node_n;
	} else if (row->count >= g->f->min) {
		*VEC_ADD(g, edges, edge_n, edge_cap) = (struct edge){
			row->first ? 0 : node_of(g, row->from), row->last ? 0 : node_of(g, row->to),
			row->count, row->customers, row->median, row->p90};
	}
	return 0;
}

/* The most frequent first; among equals by name, as numbers of nodes are. */
static int by_count(const void *pa, const void *pb)
{
	const struct edge *a = pa, *b = pb;

	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->to > b->to) - (a->to < b->to);
}

/* Leaves out edges beyond the top, and nodes that no edge touches. */
static void thin(struct graph *g)
{
	size_t n = 0;

	if (g->edge_n)
		qsort(g->edges, g->edge_n, sizeof(*g->edges), by_count);
	if (g->f->top && (uint64_t)g->f->top < g->edge_n)
		g->edge_n = (size_t)g->f->top;
	for (size_t i = 0; i < g->edge_n; i++) {
		if (g->edges[i].from)
			g->nodes[g->edges[i].from - 1].number = 1;
		if (g->edges[i].to)
			g->nodes[g->edges[i].to - 1].number = 1;
	}
	for (size_t i = 0; i < g->node_n; i++)
		if (g->nodes[i].number)
			g->nodes[i].number = ++n;
}

/* ---- words ---- */

static struct str name_of(const struct graph *g, size_t node, const char *where)
{
	struct str name = node ? g->nodes[node - 1].name : str_of(where);

	return name.len ? name : STR(NOTHING);
}

static struct str span_text(struct graph *g, const struct edge *e, int64_t ms)
{
	buf_clear(&g->text);
	if (e->from && e->to)
		when_span_text(&g->text, ms);
	return buf_str(&g->text);
}

static struct str count_text(struct graph *g, int64_t n)
{
	buf_clear(&g->text);
	buf_int(&g->text, n);
	return buf_str(&g->text);
}

/* ---- tables ---- */

static void put_node_table(struct graph *g)
{
	struct table t = TABLE_INIT;

	table_column(&t, g->f->of, false);
	table_column(&t, "contacts", true);
	table_column(&t, "customers", true);
	for (size_t i = 0; i < g->node_n; i++) {
		if (!g->nodes[i].number)
			continue;
		table_cell(&t, name_of(g, i + 1, NULL));
		table_cell(&t, count_text(g, g->nodes[i].count));
		table_cell(&t, count_text(g, g->nodes[i].customers));
	}
	table_print(&t, &g->out);
	table_release(&t);
}

static void put_edge_table(struct graph *g)
{
	static const char *const titles[] = {"from", "to", "count", "customers", "median", "p90"};
	struct table t = TABLE_INIT;

	for (int i = 0; i < 6; i++)
		table_column(&t, titles[i], i > 1);
	for (size_t i = 0; i < g->edge_n; i++) {
		const struct edge *e = &g->edges[i];

		table_cell(&t, name_of(g, e->from, START));
		table_cell(&t, name_of(g, e->to, END));
		table_cell(&t, count_text(g, e->count));
		table_cell(&t, count_text(g, e->customers));
		table_cell(&t, span_text(g, e, e->median));
		table_cell(&t, span_text(g, e, e->p90));
	}
	table_print(&t, &g->out);
	table_release(&t);
}

static void put_table(struct graph *g)
{
	if (!g->edge_n)
		return;
	put_node_table(g);
	buf_byte(&g->out, '\n');
	put_edge_table(g);
}

/* ---- records ---- */

static void put_counts(struct buf *out, int64_t count, int64_t customers)
{
	json_put_key(out, "count");
	buf_int(out, count);
	json_put_key(out, "customers");
	buf_int(out, customers);
}

static void put_end(struct graph *g, const char *key, size_t node)
{
	json_put_key(&g->out, key);
	if (node)
		json_put_string(&g->out, g->nodes[node - 1].name);
	else
		buf_puts(&g->out, "null");
}

static void put_ndjson(struct graph *g)
{
	struct buf *out = &g->out;

	for (size_t i = 0; i < g->node_n; i++) {
		if (!g->nodes[i].number)
			continue;
		buf_puts(out, "{\"kind\":\"node\"");
		put_end(g, "node", i + 1);
		put_counts(out, g->nodes[i].count, g->nodes[i].customers);
		buf_puts(out, "}\n");
	}
	for (size_t i = 0; i < g->edge_n; i++) {
		const struct edge *e = &g->edges[i];

		buf_puts(out, "{\"kind\":\"edge\"");
		put_end(g, "from", e->from);
		put_end(g, "to", e->to);
		put_counts(out, e->count, e->customers);
		if (e->from && e->to) {
			json_put_key(out, "median");
			json_put_number(out, (double)e->median / 1000);
			json_put_key(out, "p90");
			json_put_number(out, (double)e->p90 / 1000);
		}
		buf_puts(out, "}\n");
	}
}

static void put_csv_edge(struct graph *g, const struct edge *e)
{
	struct buf *out = &g->out;

	buf_puts(out, !e->from ? "start,," : !e->to ? "end,," : "edge,,");
	if (e->from)
		csv_put(out, g->nodes[e->from - 1].name);
	buf_byte(out, ',');
	if (e->to)
		csv_put(out, g->nodes[e->to - 1].name);
	buf_printf(out, ",%lld,%lld,", (long long)e->count, (long long)e->customers);
	if (e->from && e->to) {
		json_put_number(out, (double)e->median / 1000);
		buf_byte(out, ',');
		json_put_number(out, (double)e->p90 / 1000);
	} else {
		buf_byte(out, ',');
	}
	buf_byte(out, '\n');
}

static void put_csv(struct graph *g)
{
	buf_puts(&g->out, "kind,node,from,to,count,customers,median,p90\n");
	for (size_t i = 0; i < g->node_n; i++) {
		if (!g->nodes[i].number)
			continue;
		buf_puts(&g->out, "node,");
		csv_put(&g->out, g->nodes[i].name);
		buf_printf(&g->out, ",,,%lld,%lld,,\n", (long long)g->nodes[i].count,
			(long long)g->nodes[i].customers);
	}
	for (size_t i = 0; i < g->edge_n; i++)
		put_csv_edge(g, &g->edges[i]);
}

/* ---- pictures ---- */

/* Of an edge's line, by how often it is taken. */
static double width(const struct graph *g, const struct edge *e)
{
	return 1 + 5 * (double)e->count / (double)g->edges[0].count;
}

/* Within quotation marks. What begins with & is an entity to graphviz, in labels too. */
static void put_dot_text(struct graph *g, struct str s)
{
	buf_clear(&g->text);
	text_plain(&g->text, s);
	for (size_t i = 0; i < g->text.len; i++) {
		char c = g->text.s[i];

		if (c == '"' || c == '\\')
			buf_byte(&g->out, '\\');
		buf_byte(&g->out, c);
		if (c == '&')
			buf_puts(&g->out, "amp;");
	}
}

static void put_place(struct graph *g, size_t node, const char *where)
{
	if (node)
		buf_printf(&g->out, "n%zu", g->nodes[node - 1].number);
	else
		buf_puts(&g->out, where);
}

static void put_dot_edge(struct graph *g, const struct edge *e)
{
	buf_byte(&g->out, '\t');
	put_place(g, e->from, "start");
	buf_puts(&g->out, " -> ");
	put_place(g, e->to, "end");
	buf_printf(&g->out, " [label=\"%lld", (long long)e->count);
	if (e->from && e->to) {
		buf_puts(&g->out, "\\n");
		when_span_text(&g->out, e->median);
	}
	buf_printf(&g->out, "\", weight=%lld, penwidth=%.2f];\n",
		(long long)(e->count < 1000 ? e->count : 1000), width(g, e));
}

static void put_dot(struct graph *g)
{
	buf_puts(&g->out, "digraph flow {\n\trankdir=LR;\n\tnode [shape=box, style=rounded];\n"
			  "\tstart [shape=circle];\n\tend [shape=doublecircle];\n");
	for (size_t i = 0; i < g->node_n; i++) {
		const struct node *n = &g->nodes[i];

		if (!n->number)
			continue;
		buf_printf(&g->out, "\tn%zu [label=\"", n->number);
		put_dot_text(g, name_of(g, i + 1, NULL));
		buf_printf(&g->out, "\\n%lld\"];\n", (long long)n->count);
	}
	for (size_t i = 0; i < g->edge_n; i++)
		put_dot_edge(g, &g->edges[i]);
	buf_puts(&g->out, "}\n");
}

/* Within quotation marks: what may mean something there, as an entity by its number. */
static void put_mermaid_text(struct graph *g, struct str s)
{
	buf_clear(&g->text);
	text_plain(&g->text, s);
	for (size_t i = 0; i < g->text.len; i++) {
		char c = g->text.s[i];

		if (strchr("\"#&<>`\\;*_", c))
			buf_printf(&g->out, "#%d;", c);
		else
			buf_byte(&g->out, c);
	}
}

static void put_mermaid(struct graph *g)
{
	struct buf *out = &g->out;

	/* `end` is a word of the language. */
	buf_puts(out, "flowchart LR\n\tfrom_start((start))\n\tto_end(((end)))\n");
	for (size_t i = 0; i < g->node_n; i++) {
		const struct node *n = &g->nodes[i];

		if (!n->number)
			continue;
		buf_printf(out, "\tn%zu[\"", n->number);
		put_mermaid_text(g, name_of(g, i + 1, NULL));
		buf_printf(out, "<br/>%lld\"]\n", (long long)n->count);
	}
	for (size_t i = 0; i < g->edge_n; i++) {
		const struct edge *e = &g->edges[i];

		buf_byte(out, '\t');
		put_place(g, e->from, "from_start");
		buf_printf(out, " -->|\"%lld", (long long)e->count);
		if (e->from && e->to) {
			buf_puts(out, "<br/>");
			when_span_text(out, e->median);
		}
		buf_puts(out, "\"| ");
		put_place(g, e->to, "to_end");
		buf_byte(out, '\n');
	}
	for (size_t i = 0; i < g->edge_n; i++)
		buf_printf(out, "\tlinkStyle %zu stroke-width:%.2fpx\n", i, width(g, &g->edges[i]));
}

int flow_show(struct flow_show *f, struct buf *err)
{
	static void (*const put[])(struct graph *) = {[FLOW_TABLE] = put_table,
		[FLOW_NDJSON] = put_ndjson,
		[FLOW_CSV] = put_csv,
		[FLOW_DOT] = put_dot,
		[FLOW_MERMAID] = put_mermaid};
	const struct show *s = f->show;
	const struct flow_query q = {.of = f->of,
		.by_issue = f->by_issue,
		.customer = s->customer,
		.since = s->has_since ? s->since : INT64_MIN,
		.until = s->has_until ? s->until : INT64_MAX};
	struct graph g = {.f = f, .names = MAP_INIT, .out = BUF_INIT, .text = BUF_INIT};
	int status = flow_read(s->store, &q, take, &g, err);

	if (status == 0) {
		thin(&g);
		put[f->format](&g);
		status = out_put(s->out, buf_str(&g.out), err);
	}
	map_release(&g.names);
	free(g.nodes);
	free(g.edges);
	buf_release(&g.out);
	buf_release(&g.text);
	return status;
}
