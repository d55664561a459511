#include "stage/asked.h"
#include "base/mem.h"

int64_t asked_window(const struct measure *m, const struct metric *metric)
{
	return m->window ? m->window : metric->window;
}

bool asked_by(const struct measure *m, const char *dimension)
{
	for (size_t i = 0; i < m->by_n; i++)
		if (strcmp(m->by[i], dimension) == 0)
			return true;
	return false;
}

struct measure_query asked_query(const struct measure *m, const struct metric *metric,
	const struct shape *shape, const char ***dimensions)
{
	const char **all = mem_zero(m->by_n + metric->by.n, sizeof(*all));
	size_t n = m->by_n;

	for (size_t i = 0; i < n; i++)
		all[i] = m->by[i];
	for (size_t i = 0; i < metric->by.n; i++)
		if (!asked_by(m, metric->by.v[i]))
			all[n++] = metric->by.v[i];
	*dimensions = all;
	return (struct measure_query){.shape = shape,
		.dimensions = all,
		.dimension_n = n,
		.where = m->where,
		.sides = m->sides,
		.window = asked_window(m, metric),
		.horizon = m->horizon,
		.has_since = m->has_since,
		.has_until = m->has_until,
		.since = m->since,
		.until = m->until};
}
