#include "core/offpolicy.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Mean outcomes: of all, by action, by action and group. */
struct model {
	size_t groups;
	struct stat_mean all, *actions, *cells;
};

static double expected(const struct model *m, size_t action, size_t group)
{
	const struct stat_mean *cell = &m->cells[action * m->groups + group];

	if (cell->n)
		return cell->mean;
	return m->actions[action].n ? m->actions[action].mean : m->all.mean;
}

static double weight(const struct offpolicy_row *r)
{
	return r->took == r->would ? 1 / r->propensity : 0;
}

static struct stat_interval around(double value, double error)
{
	double half = stat_normal_quantile((1 + STAT_CONFIDENCE) / 2) * error;

	return (struct stat_interval){true, true, value - half, value + half};
}

static struct offpolicy_value of_mean(const struct stat_mean *m)
{
	struct offpolicy_value v = {.value = m->mean};

	if (m->n > 1)
		v.interval = around(m->mean, sqrt(m->m2 / (double)(m->n - 1) / (double)m->n));
	return v;
}

static struct offpolicy_value self_normalised(const struct offpolicy_row *v, size_t n)
{
	struct offpolicy_value out = {0};
	double w = 0, wr = 0, square = 0;

	for (size_t i = 0; i < n; i++) {
		w += weight(&v[i]);
		wr += weight(&v[i]) * v[i].outcome;
	}
	out.value = wr / w;
	for (size_t i = 0; i < n; i++) {
		double d = weight(&v[i]) * (v[i].outcome - out.value);

		square += d * d;
	}
	if (n > 1)
		out.interval = around(out.value, sqrt(square) / w);
	return out;
}

static struct offpolicy_value doubly_robust(
	const struct offpolicy_row *v, size_t n, const struct model *m)
{
	struct stat_mean mean = {0};

	for (size_t i = 0; i < n; i++)
		stat_mean_add(&mean, expected(m, v[i].would, v[i].group) +
					     weight(&v[i]) * (v[i].outcome - expected(m, v[i].took,
										     v[i].group)));
	return of_mean(&mean);
}

void offpolicy_estimate(const struct offpolicy_row *v, size_t n, size_t actions, size_t groups,
	struct offpolicy *out)
{
	struct model m = {.groups = groups,
		.actions = mem_zero(actions, sizeof(*m.actions)),
		.cells = mem_zero(actions * groups, sizeof(*m.cells))};
	struct stat_mean ips = {0};
	double w = 0, ww = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		stat_mean_add(&m.all, v[i].outcome);
		stat_mean_add(&m.actions[v[i].took], v[i].outcome);
		stat_mean_add(&m.cells[v[i].took * groups + v[i].group], v[i].outcome);
		stat_mean_add(&ips, weight(&v[i]) * v[i].outcome);
		out->matched += v[i].took == v[i].would;
		w += weight(&v[i]);
		ww += weight(&v[i]) * weight(&v[i]);
	}
	if (out->matched) {
		out->ess = w * w / ww;
		out->ips = of_mean(&ips);
		out->snips = self_normalised(v, n);
		out->dr = doubly_robust(v, n, &m);
	}
	free(m.actions);
	free(m.cells);
}
