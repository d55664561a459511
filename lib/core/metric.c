#include "core/metric.h"
#include "base/mem.h"
#include "base/near.h"

#include <stdlib.h>

static const char *const fact_names[] = {"contact", "issue", "switch", "move", "question",
	"handover", "commitment", "opportunity", "touch", "survey", "decision", "ruling",
	"outbound", "handoff", "stage", "customer", NULL};
static const char *const kind_names[] = {
	"count", "rate", "duration", "quantity", "mean", "net", NULL};

const char *const *metric_facts(void)
{
	return fact_names;
}

const char *const *metric_kinds(void)
{
	return kind_names;
}

const char *metric_kind_name(enum metric_kind k)
{
	return kind_names[k];
}

bool metric_words_have(const struct metric_words *w, const char *word)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->v[i], word) == 0)
			return true;
	return false;
}

size_t metric_kind_statistics(const struct metric *m, const char *out[METRIC_STATISTICS])
{
	static const char *const counts[] = {"count", "customers", "share"};
	static const char *const times[] = {"median", "p90", "mean"};
	size_t n = 0;

	if (m->kind == METRIC_COUNT || m->kind == METRIC_DURATION || m->kind == METRIC_QUANTITY)
		for (; n < 3; n++)
			out[n] = m->kind == METRIC_COUNT ? counts[n] : times[n];
	else
		out[n++] = kind_names[m->kind];
	if (m->absent)
		out[n++] = m->absent;
	return n;
}

size_t metric_statistics(const struct metric *m, const char *out[METRIC_STATISTICS])
{
	size_t n = metric_kind_statistics(m, out), kept = 0;

	if (!m->statistics.n)
		return m->kind == METRIC_COUNT ? 1 : n;
	for (size_t i = 0; i < n; i++)
		if (metric_words_have(&m->statistics, out[i]))
			out[kept++] = out[i];
	return kept;
}

bool metric_shows(const struct metric *m, const char *statistic)
{
	const char *all[METRIC_STATISTICS];
	size_t n = metric_statistics(m, all);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i], statistic) == 0)
			return true;
	return false;
}

bool metric_valued(const struct metric *m)
{
	return m->kind == METRIC_DURATION || m->kind == METRIC_QUANTITY || m->kind == METRIC_MEAN;
}

static void release_words(struct metric_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
}

static void release_expressions(struct metric *m)
{
	for (size_t i = 0; i < m->needs.n; i++) {
		free(m->needs.v[i].some.sql);
		free(m->needs.v[i].that.sql);
		free(m->needs.v[i].missing);
	}
	free(m->needs.v);
	for (size_t i = 0; i < m->reasons.n; i++) {
		free(m->reasons.v[i].name);
		free(m->reasons.v[i].when.sql);
	}
	free(m->reasons.v);
	free(m->where.sql);
	free(m->mature.sql);
	free(m->numerator.sql);
	free(m->denominator.sql);
	free(m->against.sql);
	free(m->value.sql);
	free(m->weight.sql);
	free(m->event.sql);
	free(m->censor.sql);
	free(m->unknown.sql);
}

void metric_release(struct metric *m)
{
	release_expressions(m);
	release_words(&m->by);
	release_words(&m->statistics);
	free(m->id);
	free(m->name);
	free(m->family);
	free(m->version);
	free(m->title);
	free(m->description);
	free(m->source);
	free(m->unit);
	free(m->file);
	free(m->absent);
	free(m->good);
}

void metrics_release(struct metrics *m)
{
	for (size_t i = 0; i < m->n; i++)
		metric_release(&m->v[i]);
	free(m->v);
	*m = (struct metrics){NULL, 0, 0};
}

bool metric_apart(const struct metric *m, const char *dimension)
{
	for (size_t i = 0; i < m->by.n; i++)
		if (strcmp(m->by.v[i], dimension) == 0)
			return true;
	return false;
}

bool metric_named(const struct metric *m, struct str id)
{
	return str_is(id, m->id) || str_is(id, m->name) || str_is(id, m->family);
}

void metrics_near(const struct metrics *m, struct str id, struct buf *out)
{
	bool variant = str_find(id, STR(".")) >= 0;
	struct near near;

	near_begin(&near, id);
	for (size_t i = 0; i < m->n; i++)
		near_see(&near, variant ? m->v[i].id : m->v[i].family);
	near_put(&near, "", out);
}

bool metric_windowed(const struct metric *m)
{
	const struct metric_sql all[] = {
		m->where, m->mature, m->numerator, m->denominator, m->against, m->value, m->weight};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].sql && strstr(all[i].sql, ":window"))
			return true;
	return false;
}
