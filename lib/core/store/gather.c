#include "core/store/gather.h"
#include "base/mem.h"

#include <stdlib.h>

struct gather *gather_new(const struct measure_query *q, const struct metric *const *metrics,
	size_t n, measure_visit *visit, void *ctx)
{
	struct gather *g = mem_zero(1, sizeof(*g));

	g->q = q;
	g->metrics = metrics;
	g->metric_n = n;
	g->visit = visit;
	g->ctx = ctx;
	g->dimensions = mem_zero(q->dimension_n, sizeof(*g->dimensions));
	for (size_t i = 0; i < q->dimension_n; i++)
		g->dimensions[i] = mem_zero(MEASURE_ROWS, sizeof(**g->dimensions));
	g->states = mem_zero(n, sizeof(*g->states));
	g->values = mem_zero(n, sizeof(*g->values));
	g->weights = mem_zero(n, sizeof(*g->weights));
	for (size_t i = 0; i < n; i++) {
		g->states[i] = mem_zero(MEASURE_ROWS, sizeof(**g->states));
		if (metric_valued(metrics[i]))
			g->values[i] = mem_zero(MEASURE_ROWS, sizeof(**g->values));
		if (metrics[i]->weight.sql)
			g->weights[i] = mem_zero(MEASURE_ROWS, sizeof(**g->weights));
	}
	return g;
}

void gather_free(struct gather *g)
{
	for (size_t i = 0; i < g->q->dimension_n; i++)
		free(g->dimensions[i]);
	for (size_t i = 0; i < g->metric_n; i++) {
		free(g->states[i]);
		free(g->values[i]);
		free(g->weights[i]);
	}
	free(g->dimensions);
	free(g->states);
	free(g->values);
	free(g->weights);
	codes_release(&g->texts);
	free(g);
}

void gather_customer(struct gather *g, int64_t customer, bool known)
{
	if (!g->customers || !known || customer != g->customer) {
		g->customers++;
		if (g->n)
			g->ends[g->end_n++] = (uint16_t)g->n;
	}
	g->customer = customer;
	g->cluster[g->n] = g->customers;
}

int gather_flush(struct gather *g, struct buf *err)
{
	struct measure_batch b = {.n = g->n,
		.cluster = g->cluster,
		.ends = g->ends,
		.assumed = g->assumed,
		.in = {g->q->sides ? g->in[0] : NULL, g->q->sides ? g->in[1] : NULL},
		.dimensions = (const int64_t *const *)g->dimensions,
		.texts = &g->texts,
		.states = (const uint8_t *const *)g->states,
		.values = (const double *const *)g->values,
		.weights = (const double *const *)g->weights};
	size_t n = g->n;

	if (n)
		g->ends[g->end_n++] = (uint16_t)n;
	b.end_n = g->end_n;
	g->n = g->end_n = 0;
	return n ? g->visit(g->ctx, &b, err) : 0;
}

int gather_no_number(const struct metric *m, const struct metric_sql *e, struct buf *err)
{
	buf_printf(err, "%s:%d: in a row this is no number", m->file, e->line);
	return -1;
}
