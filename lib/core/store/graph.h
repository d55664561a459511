/*
 * What connects a person's identifiers: the edges between them that count, neither cut nor of one
 * that is shared.
 */
#ifndef CORE_STORE_GRAPH_H
#define CORE_STORE_GRAPH_H

#include "core/store/forest.h"

struct graph_edge {
	size_t a, b;   /* places among the nodes */
	int64_t first; /* the record that named both first */
};

struct graph {
	struct names node; /* identifiers, sorted */
	struct graph_edge *v;
	size_t n, cap;
};

/* Of the person whose root it is. What changed is asked of the file: flushed first. Release with
 * graph_release, also on failure. */
int graph_read(struct store *s, int64_t root, struct graph *g, struct buf *err);
void graph_release(struct graph *g);
/* Of each node the first one that it is connected with; an array that the caller frees. */
size_t *graph_parts(const struct graph *g);
/* The edges of a shortest way between two identifiers, in order; false: there is none. */
bool graph_way(const struct graph *g, int64_t from, int64_t to, struct names *edges);
/*
 * Edges without which the graph would fall in two, with the number of nodes on the smaller side, at
 * least `least` (R. Tarjan, A note on finding the bridges of a graph, 1974).
 */
void graph_bridges(const struct graph *g, size_t least,
	void (*visit)(void *ctx, const struct graph_edge *e, size_t side), void *ctx);

#endif
