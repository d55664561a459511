/* What holds a person's identifiers together, beside a slow way to find the same. */
#include "base/mem.h"
#include "core/store/graph.h"
#include "unit.h"

#include <stdlib.h>

static uint32_t state;

static uint32_t below(uint32_t n)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % n;
}

/* A random connected graph whose nodes are called 10, 20, ... */
static void make(struct graph *g, uint32_t seed)
{
	size_t n = 1 + (state = seed, below(12)), more;

	*g = (struct graph){{NULL, 0, 0}, NULL, 0, 0};
	more = below(6);
	for (size_t i = 0; i < n; i++) {
		*VEC_ADD(&g->node, v, n, cap) = 10 * ((int64_t)i + 1);
		if (i)
			*VEC_ADD(g, v, n, cap) =
				(struct graph_edge){below((uint32_t)i), i, (int64_t)i};
	}
	for (size_t i = 0; i < more && n > 1; i++) {
		uint32_t a = below((uint32_t)n), b = below((uint32_t)n);

		if (a != b)
			*VEC_ADD(g, v, n, cap) = (struct graph_edge){a, b, 100};
	}
}

/* Nodes that node 0 reaches without one edge. */
static size_t reached(const struct graph *g, size_t without)
{
	bool in[16] = {true};
	size_t n = 1;

	for (size_t round = 0; round < g->node.n; round++)
		for (size_t i = 0; i < g->n; i++)
			if (i != without && in[g->v[i].a] != in[g->v[i].b]) {
				in[g->v[i].a] = in[g->v[i].b] = true;
				n++;
			}
	return n;
}

struct seen {
	const struct graph *g;
	size_t side[32]; /* by edge; 0: no bridge */
};

static void see(void *ctx, const struct graph_edge *e, size_t side)
{
	struct seen *s = ctx;

	CHECK(!s->side[e - s->g->v]);
	s->side[e - s->g->v] = side;
}

static void test_bridges(void)
{
	for (uint32_t seed = 1; seed <= 2000; seed++) {
		struct graph g;
		struct seen s = {&g, {0}};
		bool same = true;

		make(&g, seed);
		graph_bridges(&g, 1, see, &s);
		for (size_t i = 0; i < g.n; i++) {
			size_t one = reached(&g, i), other = g.node.n - one;
			size_t side = one < other ? one : other;

			same &= s.side[i] == (one == g.node.n ? 0 : side);
		}
		CHECK(same);
		graph_release(&g);
	}
}

static void test_ways(void)
{
	for (uint32_t seed = 1; seed <= 500; seed++) {
		struct graph g;
		struct names way = {NULL, 0, 0};
		size_t at = 0, *of;
		bool whole = true;

		make(&g, seed);
		CHECK(graph_way(&g, 10, g.node.v[g.node.n - 1], &way) == (g.node.n > 1));
		for (size_t i = 0; i < way.n; i++) {
			const struct graph_edge *e = &g.v[way.v[i]];

			CHECK(e->a == at || e->b == at);
			at = e->a == at ? e->b : e->a;
		}
		CHECK(at == g.node.n - 1);
		CHECK(!graph_way(&g, 10, 11, &way));
		of = graph_parts(&g);
		for (size_t i = 0; i < g.node.n; i++)
			whole &= of[i] == 0;
		CHECK(whole);
		g.n = 0;
		free(of);
		of = graph_parts(&g);
		for (size_t i = 0; i < g.node.n; i++)
			whole &= of[i] == i;
		CHECK(whole);
		free(of);
		free(way.v);
		graph_release(&g);
	}
}

int main(void)
{
	test_bridges();
	test_ways();
	return unit_end();
}
