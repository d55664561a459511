#include "stage/measure.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/measure.h"

#include <stdlib.h>

#define QUANTILES 2

static const struct {
	const char *name;
	double q;
} quantiles[QUANTILES] = {{"median", 0.5}, {"p90", 0.9}};

/* The values that a quantile and its bounds rest on. */
enum pick { PICK_AT, PICK_NEXT, PICK_LOW, PICK_HIGH, PICKS };

/* A duration's quantiles in one group: the ranks that are wanted, 0 for a bound that does not
 * exist, and their values. */
struct picks {
	int64_t seen; /* values so far */
	int64_t rank[QUANTILES][PICKS];
	double weight[QUANTILES]; /* of PICK_NEXT */
	double value[QUANTILES][PICKS];
};

/* One metric over the rows of one group. */
struct tally {
	int64_t immature, left_out, assumed;
	struct stat_clusters clusters; /* of the customers before the current one */
	int64_t cluster, x, n;	       /* the current customer: its number, hits and rows */
	struct stat_mean mean;	       /* durations */
	struct picks *picks;	       /* durations, from the second reading on */
};

struct group {
	struct str *values;    /* of the dimensions; text owned, .s NULL: none */
	struct tally *tallies; /* a metric */
};

/* Metrics that are read in one pass. */
struct batch {
	struct measure_query q;
	const char **dimensions;
	const struct metric **metrics;
	size_t n, cap;
	bool by_class;
	struct map index; /* key of the values -> group */
	struct group **groups;
	size_t group_n, group_cap;
	struct buf key;
	size_t slot; /* the metric of the second reading */
};

struct run {
	struct sqlite3 *db;
	const struct measure *m;
	struct batch **batches;
	size_t n, cap;
	bool any; /* the log has contacts */
	measure_take *take;
	void *ctx;
};

static bool has_word(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

int measure_fits(const struct metric *metric, const char *const *by, size_t by_n, struct buf *err)
{
	for (size_t i = 0; i < by_n; i++) {
		if (measure_dimension(metric->fact, str_of(by[i])))
			continue;
		buf_printf(err, "%s has no dimension %s; those of its fact (%s) are ", metric->id,
			by[i], metric_fact_name(metric->fact));
		measure_dimensions(metric->fact, err);
		return -1;
	}
	return 0;
}

/* ---- groups and tallies ---- */

static void make_key(struct buf *key, const struct str *values, size_t n)
{
	buf_clear(key);
	for (size_t i = 0; i < n; i++) {
		/* The length first: values may hold any byte. */
		buf_printf(key, "%zd:", values[i].s ? (ssize_t)values[i].len : (ssize_t)-1);
		buf_put(key, values[i]);
	}
}

static struct group *find_group(struct batch *b, const struct str *values)
{
	size_t n = b->q.dimension_n;
	union map_value *slot;
	struct group *g;
	bool fresh;

	make_key(&b->key, values, n);
	slot = map_slot(&b->index, buf_str(&b->key), &fresh);
	if (!fresh)
		return slot->p;
	slot->p = *VEC_ADD(b, groups, group_n, group_cap) = g = mem_zero(1, sizeof(*g));
	g->values = mem_zero(n, sizeof(*g->values));
	g->tallies = mem_zero(b->n, sizeof(*g->tallies));
	for (size_t i = 0; i < n; i++)
		if (values[i].s)
			g->values[i] =
				(struct str){mem_copy(values[i].s, values[i].len), values[i].len};
	return g;
}

static void close_cluster(struct tally *t)
{
	stat_cluster_add(&t->clusters, t->x, t->n);
	t->x = t->n = 0;
}

static void count(struct tally *t, const struct measure_row *row, bool hit)
{
	if (t->cluster != row->cluster) {
		close_cluster(t);
		t->cluster = row->cluster;
	}
	t->n++;
	t->x += hit;
	t->assumed += row->assumed;
}

static int take_row(void *ctx, const struct measure_row *row, struct buf *err)
{
	struct batch *b = ctx;
	struct group *g = find_group(b, row->dimensions);

	(void)err;
	for (size_t i = 0; i < b->n; i++) {
		struct tally *t = &g->tallies[i];

		switch (row->states[i]) {
		case ROW_OUTSIDE:
		case ROW_IDLE:
			break;
		case ROW_LEFT_OUT:
			t->left_out++;
			break;
		case ROW_IMMATURE:
			t->immature++;
			break;
		case ROW_MISS:
			if (b->metrics[i]->kind == METRIC_DURATION)
				stat_mean_add(&t->mean, row->values[i]);
			count(t, row, false);
			break;
		case ROW_HIT:
			count(t, row, true);
			break;
		}
	}
	return 0;
}

static struct picks *new_picks(int64_t n)
{
	struct picks *p = mem_zero(1, sizeof(*p));

	for (int i = 0; i < QUANTILES && n > 0; i++) {
		int64_t *rank = p->rank[i];

		stat_quantile_at(n, quantiles[i].q, &rank[PICK_AT], &p->weight[i]);
		rank[PICK_NEXT] = p->weight[i] > 0 ? rank[PICK_AT] + 1 : rank[PICK_AT];
		stat_quantile_bounds(n, quantiles[i].q, &rank[PICK_LOW], &rank[PICK_HIGH]);
	}
	return p;
}

/* Values come in ascending order within their group: those of the wanted ranks are kept. */
static void take_value(void *ctx, const struct str *dimensions, double value)
{
	struct batch *b = ctx;
	struct picks *p = find_group(b, dimensions)->tallies[b->slot].picks;

	p->seen++;
	for (int i = 0; i < QUANTILES; i++)
		for (int j = 0; j < PICKS; j++)
			if (p->rank[i][j] == p->seen)
				p->value[i][j] = value;
}

static int read_values(struct run *run, struct batch *b, size_t slot, struct buf *err)
{
	b->slot = slot;
	for (size_t i = 0; i < b->group_n; i++) {
		struct tally *t = &b->groups[i]->tallies[slot];

		t->picks = new_picks(t->mean.n);
	}
	return measure_values(run->db, &b->q, b->metrics[slot], take_value, b, err);
}

static int compare_groups(const void *a, const void *b, void *ctx)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
	const struct batch *batch = ctx;

	for (size_t i = 0; i < batch->q.dimension_n; i++) {
		int d;

		if (!x->values[i].s || !y->values[i].s)
			d = !x->values[i].s - !y->values[i].s;
		else
			d = str_cmp(x->values[i], y->values[i]);
		if (d)
			return d;
	}
	return 0;
}

static int read_batch(struct run *run, struct batch *b, struct buf *err)
{
	int status = measure_rows(run->db, &b->q, b->metrics, b->n, take_row, b, err);

	for (size_t i = 0; i < b->group_n; i++)
		for (size_t j = 0; j < b->n; j++)
			close_cluster(&b->groups[i]->tallies[j]);
	for (size_t i = 0; i < b->n && status == 0; i++)
		if (b->metrics[i]->kind == METRIC_DURATION)
			status = read_values(run, b, i, err);
	if (status == 0 && b->group_n)
		qsort_r(b->groups, b->group_n, sizeof(*b->groups), compare_groups, b);
	return status;
}

/* ---- results ---- */

static int emit(struct run *run, struct measure_result *r, const struct tally *t, struct buf *err)
{
	r->immature = t->immature;
	r->left_out = t->left_out;
	r->assumed = t->assumed;
	r->status = r->has_value ? MEASURE_OK : MEASURE_NO_ROWS;
	if (!r->interval.has_low && !r->interval.has_high)
		r->interval_kind = NULL;
	return run->take(run->ctx, r, err);
}

static int emit_count(
	struct run *run, struct measure_result r, const struct tally *t, struct buf *err)
{
	r.statistic = "count";
	r.n = r.metric->distinct ? t->clusters.m : t->clusters.n;
	r.has_value = true;
	r.value = (double)r.n;
	return emit(run, &r, t, err);
}

static int emit_rate(struct run *run, struct measure_result r, const char *name,
	const struct tally *t, struct buf *err)
{
	r.statistic = name;
	r.scale = SCALE_RATIO;
	r.n = t->clusters.n;
	r.has_value = r.has_numerator = r.n > 0;
	if (r.has_value) {
		r.numerator = t->clusters.x;
		r.value = (double)r.numerator / (double)r.n;
		r.interval = stat_cluster_interval(&t->clusters);
		r.interval_kind = "wilson_clustered";
	}
	return emit(run, &r, t, err);
}

static int emit_quantile(
	struct run *run, struct measure_result r, int i, const struct tally *t, struct buf *err)
{
	r.statistic = quantiles[i].name;
	r.scale = SCALE_SPAN;
	r.n = t->mean.n;
	r.has_value = r.n > 0;
	if (r.has_value) {
		const double *value = t->picks->value[i];
		const int64_t *rank = t->picks->rank[i];

		r.value =
			value[PICK_AT] + t->picks->weight[i] * (value[PICK_NEXT] - value[PICK_AT]);
		r.interval = (struct stat_interval){
			rank[PICK_LOW] > 0, rank[PICK_HIGH] > 0, value[PICK_LOW], value[PICK_HIGH]};
		r.interval_kind = "order_statistic";
	}
	return emit(run, &r, t, err);
}

static int emit_mean(
	struct run *run, struct measure_result r, const struct tally *t, struct buf *err)
{
	r.statistic = "mean";
	r.scale = SCALE_SPAN;
	r.n = t->mean.n;
	r.has_value = r.n > 0;
	r.value = t->mean.mean;
	r.interval = stat_mean_interval(&t->mean);
	/* No time is shorter than none, whatever the t distribution says. */
	if (r.value >= 0 && r.interval.low < 0)
		r.interval.low = 0;
	r.interval_kind = "t";
	return emit(run, &r, t, err);
}

static int emit_duration(
	struct run *run, const struct measure_result *r, const struct tally *t, struct buf *err)
{
	int status = 0;

	for (int i = 0; i < QUANTILES && status == 0; i++)
		status = emit_quantile(run, *r, i, t, err);
	if (status == 0)
		status = emit_mean(run, *r, t, err);
	if (status == 0 && r->metric->absent)
		status = emit_rate(run, *r, r->metric->absent, t, err);
	return status;
}

static int emit_group(
	struct run *run, const struct measure_result *r, const struct tally *t, struct buf *err)
{
	if (r->metric->kind == METRIC_COUNT)
		return emit_count(run, *r, t, err);
	if (r->metric->kind == METRIC_RATE)
		return emit_rate(run, *r, "rate", t, err);
	return emit_duration(run, r, t, err);
}

/* A group that has nothing to do with the metric is no result. A count of 0 is one: the group has
 * rows of the fact. */
static bool is_result(const struct batch *b, const struct metric *metric, const struct tally *t)
{
	return b->q.dimension_n == 0 || metric->kind == METRIC_COUNT || t->clusters.n ||
	       t->immature || t->left_out;
}

/* The one result of a metric that has no figure: nothing to name a statistic of, but where there is
 * only one. */
static int emit_nothing(
	struct run *run, const struct metric *metric, const char *missing, struct buf *err)
{
	struct measure_result r = {.metric = metric, .status = MEASURE_NO_ROWS};

	if (metric->kind != METRIC_DURATION)
		r.statistic = metric->kind == METRIC_COUNT ? "count" : "rate";
	r.scale = metric->kind == METRIC_COUNT	? SCALE_COUNT
		  : metric->kind == METRIC_RATE ? SCALE_RATIO
						: SCALE_SPAN;
	if (missing) {
		r.status = MEASURE_NOT_OBSERVABLE;
		r.missing = missing;
	}
	if (metric_windowed(metric))
		r.window = run->m->window ? run->m->window : metric->window;
	return run->take(run->ctx, &r, err);
}

static int emit_batched(struct run *run, const struct metric *metric, const struct batch *b,
	size_t slot, struct buf *err)
{
	struct measure_result r = {
		.metric = metric, .window = metric_windowed(metric) ? b->q.window : 0};
	bool told = false;
	int status = 0;

	for (size_t i = 0; i < b->group_n && status == 0; i++) {
		if (!is_result(b, metric, &b->groups[i]->tallies[slot]))
			continue;
		r.dimensions = b->dimensions;
		r.values = b->groups[i]->values;
		r.dimension_n = b->q.dimension_n;
		status = emit_group(run, &r, &b->groups[i]->tallies[slot], err);
		told = true;
	}
	return told || status ? status : emit_nothing(run, metric, NULL, err);
}

/* ---- batches ---- */

static struct batch *add_batch(struct run *run, const struct metric *metric, int64_t window)
{
	const struct measure *m = run->m;
	struct batch *b = *VEC_ADD(run, batches, n, cap) = mem_zero(1, sizeof(*b));
	size_t n = m->by_n;

	buf_init(&b->key);
	b->by_class = metric->by_class;
	b->dimensions = mem_zero(n + 1, sizeof(*b->dimensions));
	for (size_t i = 0; i < n; i++)
		b->dimensions[i] = m->by[i];
	if (b->by_class && !has_word(m->by, n, "class"))
		b->dimensions[n++] = "class";
	b->q = (struct measure_query){.fact = metric->fact,
		.dimensions = b->dimensions,
		.dimension_n = n,
		.window = window,
		.horizon = m->horizon,
		.has_since = m->has_since,
		.has_until = m->has_until,
		.since = m->since,
		.until = m->until};
	return b;
}

/* Puts the metric into the batch that it can be read with; its place there is *slot. */
static struct batch *place(struct run *run, const struct metric *metric, size_t *slot)
{
	int64_t window = run->m->window ? run->m->window : metric->window;
	struct batch *b = NULL;

	for (size_t i = 0; i < run->n && !b; i++) {
		struct batch *have = run->batches[i];

		if (have->q.fact == metric->fact && have->q.window == window &&
			have->by_class == metric->by_class)
			b = have;
	}
	if (!b)
		b = add_batch(run, metric, window);
	*slot = b->n;
	*VEC_ADD(b, metrics, n, cap) = metric;
	return b;
}

static void free_batch(struct batch *b)
{
	for (size_t i = 0; i < b->group_n; i++) {
		for (size_t j = 0; j < b->q.dimension_n; j++)
			free((char *)b->groups[i]->values[j].s);
		for (size_t j = 0; j < b->n; j++)
			free(b->groups[i]->tallies[j].picks);
		free(b->groups[i]->values);
		free(b->groups[i]->tallies);
		free(b->groups[i]);
	}
	free(b->groups);
	map_release(&b->index);
	buf_release(&b->key);
	free(b->metrics);
	free(b->dimensions);
	free(b);
}

/* Where a metric's tallies are; batch NULL: it is not observable. */
struct seat {
	struct batch *batch;
	size_t slot;
	struct buf missing;
};

static int seat_all(struct run *run, struct seat *seats, struct buf *err)
{
	const struct measure *m = run->m;
	int status = 0;

	for (size_t i = 0; i < m->metric_n && status == 0; i++) {
		status = measure_check(run->db, m->metrics[i], err);
		/* An empty log lacks everything; what is told then is that it has no rows. */
		if (status == 0 && run->any)
			status = measure_missing(run->db, m->metrics[i], &seats[i].missing, err);
		if (status == 0 && !seats[i].missing.len)
			seats[i].batch = place(run, m->metrics[i], &seats[i].slot);
	}
	return status;
}

int measure_all(
	struct sqlite3 *db, const struct measure *m, measure_take *take, void *ctx, struct buf *err)
{
	struct run run = {.db = db, .m = m, .take = take, .ctx = ctx};
	struct seat *seats = mem_zero(m->metric_n, sizeof(*seats));
	int status = measure_open(db, err);

	for (size_t i = 0; i < m->metric_n; i++)
		buf_init(&seats[i].missing);
	if (status == 0)
		status = measure_any(db, &run.any, err);
	if (status == 0)
		status = seat_all(&run, seats, err);
	for (size_t i = 0; i < run.n && status == 0; i++)
		status = read_batch(&run, run.batches[i], err);
	for (size_t i = 0; i < m->metric_n && status == 0; i++)
		status = seats[i].batch
				 ? emit_batched(
					   &run, m->metrics[i], seats[i].batch, seats[i].slot, err)
				 : emit_nothing(&run, m->metrics[i], seats[i].missing.s, err);
	for (size_t i = 0; i < run.n; i++)
		free_batch(run.batches[i]);
	free(run.batches);
	for (size_t i = 0; i < m->metric_n; i++)
		buf_release(&seats[i].missing);
	free(seats);
	return status;
}

static void put_source(void *ctx, struct str source, int64_t ended)
{
	struct buf *out = ctx;
	char text[WHEN_TEXT];

	when_format(ended, text);
	buf_puts(out, out->len ? ", " : "");
	buf_put(out, source);
	buf_printf(out, " (last contact %s)", text);
}

int measure_stale(struct sqlite3 *db, const struct measure *m, struct buf *out, struct buf *err)
{
	int64_t longest = 0;

	for (size_t i = 0; i < m->metric_n; i++) {
		int64_t window = m->window ? m->window : m->metrics[i]->window;

		if (metric_windowed(m->metrics[i]) && window > longest)
			longest = window;
	}
	return longest ? measure_sources(db, m->horizon - longest, put_source, out, err) : 0;
}
