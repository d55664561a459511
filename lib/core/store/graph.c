#include "core/store/graph.h"
#include "base/mem.h"

#include <stdlib.h>

void graph_release(struct graph *g)
{
	free(g->node.v);
	free(g->v);
	*g = (struct graph){{NULL, 0, 0}, NULL, 0, 0};
}

static size_t place_of(const struct graph *g, int64_t ident)
{
	const int64_t *at =
		bsearch(&ident, g->node.v, g->node.n, sizeof(*g->node.v), store_by_number);

	return at ? (size_t)(at - g->node.v) : SIZE_MAX;
}

/* Edges from the node at a place; what they lead to may be shared, and of nobody then. */
static int read_edges(struct store *s, struct graph *g, size_t at, struct buf *err)
{
	struct ident one;
	sqlite3_stmt *st;
	int status = who_ident(s, g->node.v[at], &one, err);

	if (status < 0 || one.shared)
		return status;
	status = store_query(s, Q_EDGES, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, one.id);
	while ((status = store_step(s, st, err)) == 1) {
		struct graph_edge e = {
			at, place_of(g, sqlite3_column_int64(st, 0)), sqlite3_column_int64(st, 1)};

		if (e.b != SIZE_MAX)
			*VEC_ADD(g, v, n, cap) = e;
	}
	return status;
}

static int drop_shared(struct store *s, struct graph *g, struct buf *err)
{
	struct ident one;
	size_t kept = 0;
	int status = 0;

	for (size_t i = 0; i < g->n && status == 0; i++) {
		status = who_ident(s, g->node.v[g->v[i].b], &one, err);
		if (!one.shared)
			g->v[kept++] = g->v[i];
	}
	g->n = kept;
	return status;
}

int graph_read(struct store *s, int64_t root, struct graph *g, struct buf *err)
{
	int status = store_paid(s, err);

	*g = (struct graph){{NULL, 0, 0}, NULL, 0, 0};
	if (status < 0)
		return status;
	status = forest_members(s, root, INT64_MAX, &g->node, err);
	qsort(g->node.v, g->node.n, sizeof(*g->node.v), store_by_number);
	for (size_t i = 0; i < g->node.n && status == 0; i++)
		status = read_edges(s, g, i, err);
	return status < 0 ? status : drop_shared(s, g, err);
}

static size_t part_of(size_t *of, size_t i)
{
	while (of[i] != i)
		i = of[i] = of[of[i]];
	return i;
}

size_t *graph_parts(const struct graph *g)
{
	size_t *of = mem_alloc(g->node.n * sizeof(*of));

	for (size_t i = 0; i < g->node.n; i++)
		of[i] = i;
	for (size_t i = 0; i < g->n; i++) {
		size_t a = part_of(of, g->v[i].a), b = part_of(of, g->v[i].b);

		of[a > b ? a : b] = a > b ? b : a;
	}
	for (size_t i = 0; i < g->node.n; i++)
		of[i] = part_of(of, i);
	return of;
}

/* Of each node its edges, one after the other: those of node i from begin[i] to begin[i + 1]. */
struct adjacent {
	size_t *begin, *edge;
};

static struct adjacent adjacent_of(const struct graph *g)
{
	struct adjacent x = {mem_zero(g->node.n + 2, sizeof(*x.begin)),
		mem_alloc(2 * g->n * sizeof(*x.edge) + 1)};

	for (size_t i = 0; i < g->n; i++) {
		x.begin[g->v[i].a + 2]++;
		x.begin[g->v[i].b + 2]++;
	}
	for (size_t i = 2; i < g->node.n + 2; i++)
		x.begin[i] += x.begin[i - 1];
	for (size_t i = 0; i < g->n; i++) {
		x.edge[x.begin[g->v[i].a + 1]++] = i;
		x.edge[x.begin[g->v[i].b + 1]++] = i;
	}
	return x;
}

static void adjacent_free(struct adjacent *x)
{
	free(x->begin);
	free(x->edge);
}

static size_t other_end(const struct graph_edge *e, size_t node)
{
	return e->a == node ? e->b : e->a;
}

bool graph_way(const struct graph *g, int64_t from, int64_t to, struct names *edges)
{
	struct adjacent x = adjacent_of(g);
	size_t begin = place_of(g, to), end = place_of(g, from), n = 0;
	size_t *queue = mem_alloc(g->node.n * sizeof(*queue));
	size_t *by = mem_zero(g->node.n, sizeof(*by)); /* edge that leads there, and 1 */

	edges->n = 0;
	if (begin == SIZE_MAX || end == SIZE_MAX)
		goto out;
	queue[n++] = begin;
	for (size_t at = 0; at < n && !by[end]; at++)
		for (size_t k = x.begin[queue[at]]; k < x.begin[queue[at] + 1]; k++) {
			size_t next = other_end(&g->v[x.edge[k]], queue[at]);

			if (by[next] || next == begin)
				continue;
			by[next] = x.edge[k] + 1;
			queue[n++] = next;
		}
	for (size_t at = end; at != begin && by[at]; at = other_end(&g->v[by[at] - 1], at))
		*VEC_ADD(edges, v, n, cap) = (int64_t)by[at] - 1;
out:
	adjacent_free(&x);
	free(queue);
	free(by);
	return edges->n > 0;
}

/* A walk through all nodes, without calling itself: persons may have many identifiers. */
struct walk {
	size_t *number, *low, *size, *next; /* number: 0, not seen yet */
	size_t *stack, *by;		    /* nodes on the way here, and the edge to each */
	size_t depth, seen;
};

static void enter(struct walk *w, const struct adjacent *x, size_t node, size_t by)
{
	w->number[node] = w->low[node] = ++w->seen;
	w->size[node] = 1;
	w->next[node] = x->begin[node];
	w->by[node] = by;
	w->stack[w->depth++] = node;
}

/* Leaves the node at hand; whether the edge that led to it is a bridge. */
static bool leave(struct walk *w)
{
	size_t node = w->stack[--w->depth], up = w->stack[w->depth - 1];

	if (w->low[node] < w->low[up])
		w->low[up] = w->low[node];
	w->size[up] += w->size[node];
	return w->low[node] > w->number[up];
}

void graph_bridges(const struct graph *g, size_t least,
	void (*visit)(void *ctx, const struct graph_edge *e, size_t side), void *ctx)
{
	struct adjacent x = adjacent_of(g);
	size_t *all = mem_zero(6 * g->node.n, sizeof(*all)), n = g->node.n;
	struct walk w = {all, all + n, all + 2 * n, all + 3 * n, all + 4 * n, all + 5 * n, 0, 0};

	enter(&w, &x, 0, SIZE_MAX);
	while (w.depth) {
		size_t node = w.stack[w.depth - 1];

		if (w.next[node] < x.begin[node + 1]) {
			size_t edge = x.edge[w.next[node]++], to = other_end(&g->v[edge], node);

			if (!w.number[to])
				enter(&w, &x, to, edge);
			else if (edge != w.by[node] && w.number[to] < w.low[node])
				w.low[node] = w.number[to];
		} else if (w.depth == 1) {
			w.depth = 0;
		} else if (leave(&w)) {
			size_t side =
				w.size[node] < n - w.size[node] ? w.size[node] : n - w.size[node];

			if (side >= least)
				visit(ctx, &g->v[w.by[node]], side);
		}
	}
	adjacent_free(&x);
	free(all);
}
