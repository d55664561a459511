#include "stage/measure.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/measure.h"
#include "stage/asked.h"
#include "stage/tally.h"

#include <stdlib.h>

struct group {
	struct str *values;	  /* of the dimensions; text owned, .s NULL: none */
	struct tally *tallies;	  /* a metric and side */
	struct tally_pair *pairs; /* a metric, where there are sides */
};

/* Metrics that are by the same dimensions, in one pass. */
struct batch {
	struct measure_query q;
	const char **dimensions;
	const struct metric **metrics;
	size_t n, cap;
	struct map index; /* key of the values -> group */
	struct group **groups;
	size_t group_n, group_cap;
	struct buf key;
	size_t sides; /* 2, or 1 where nothing is compared */
	size_t slot;  /* the metric of the second reading, and its side */
	int side;
	struct tally_room room;
	/* In the pass: where its metrics begin among all, and its dimensions among all. */
	bool joined;
	size_t first, *at;
	struct str *row;
	struct group *last; /* of the row before */
};

/* One pass over a fact: batches that differ in their dimensions alone. */
struct pass {
	struct batch **v;
	size_t n, cap;
	const char **dimensions; /* of all of them */
	size_t dimension_n, dimension_cap;
	const struct metric **metrics;
	size_t metric_n, metric_cap;
};

#define VALUES (INT64_C(1) << 20) /* that a batch holds at most: 8 MiB */

struct run {
	struct sqlite3 *db;
	const struct measure *m;
	struct shapes shapes;
	struct batch **batches;
	size_t n, cap;
	bool any; /* the log has contacts */
	measure_take *take;
	void *ctx;
};

/* ---- groups and tallies ---- */

static void make_key(struct buf *key, const struct str *values, size_t n)
{
	buf_clear(key);
	for (size_t i = 0; i < n; i++) {
		/* The length first: values may hold any byte. */
		size_t len = values[i].s ? values[i].len : SIZE_MAX;

		buf_add(key, &len, sizeof(len));
		buf_put(key, values[i]);
	}
}

static bool same_values(const struct group *g, const struct str *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!g->values[i].s != !values[i].s || !str_eq(g->values[i], values[i]))
			return false;
	return true;
}

static struct group *find_group(struct batch *b, const struct str *values)
{
	size_t n = b->q.dimension_n;
	union map_value *slot;
	struct group *g;
	bool fresh;

	if (b->last && same_values(b->last, values, n))
		return b->last;
	make_key(&b->key, values, n);
	slot = map_slot(&b->index, buf_str(&b->key), &fresh);
	b->last = slot->p;
	if (!fresh)
		return b->last;
	b->last = slot->p = *VEC_ADD(b, groups, group_n, group_cap) = g = mem_zero(1, sizeof(*g));
	g->values = mem_zero(n, sizeof(*g->values));
	g->tallies = mem_zero(b->n * b->sides, sizeof(*g->tallies));
	if (b->sides == 2)
		g->pairs = mem_zero(b->n, sizeof(*g->pairs));
	for (size_t i = 0; i < n; i++)
		if (values[i].s)
			g->values[i] =
				(struct str){mem_copy(values[i].s, values[i].len), values[i].len};
	return g;
}

static struct tally *tallies_of(const struct batch *b, const struct group *g, size_t slot)
{
	return &g->tallies[slot * b->sides];
}

static void take_row(struct batch *b, const struct measure_row *row)
{
	struct group *g = find_group(b, row->dimensions);

	for (size_t i = 0; i < b->n; i++) {
		struct tally *t = tallies_of(b, g, i);

		if (b->sides == 2)
			tally_pair_turn(&g->pairs[i], t, row->cluster);
		for (size_t side = 0; side < b->sides; side++)
			if (row->in[side])
				tally_row(&t[side], b->metrics[i], row, i, &b->room);
	}
}

/* Each batch sees the row with its own metrics and dimensions. */
static int take_pass_row(void *ctx, const struct measure_row *row, struct buf *err)
{
	const struct pass *p = ctx;

	(void)err;
	for (size_t i = 0; i < p->n; i++) {
		struct batch *b = p->v[i];
		struct measure_row own = *row;

		for (size_t d = 0; d < b->q.dimension_n; d++)
			b->row[d] = row->dimensions[b->at[d]];
		own.dimensions = b->row;
		own.states += b->first;
		own.values += b->first;
		own.weights += b->first;
		take_row(b, &own);
	}
	return 0;
}

static void take_value(void *ctx, const struct str *dimensions, double value)
{
	struct batch *b = ctx;

	tally_value(&tallies_of(b, find_group(b, dimensions), b->slot)[b->side], value);
}

static int read_values(struct run *run, struct batch *b, size_t slot, struct buf *err)
{
	int status = 0;

	b->slot = slot;
	for (b->side = 0; b->side < (int)b->sides && status == 0; b->side++) {
		for (size_t i = 0; i < b->group_n; i++)
			tally_pick(&tallies_of(b, b->groups[i], slot)[b->side]);
		status = measure_values(
			run->db, &b->q, b->metrics[slot], b->side, take_value, b, err);
	}
	return status;
}

static void take_time(
	void *ctx, const struct str *dimensions, double time, bool event, bool assumed)
{
	struct batch *b = ctx;

	tally_time(tallies_of(b, find_group(b, dimensions), b->slot), b->q.window, time, event,
		assumed);
}

static int read_times(struct run *run, struct batch *b, size_t slot, struct buf *err)
{
	b->slot = slot;
	return measure_times(run->db, &b->q, b->metrics[slot], take_time, b, err);
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

static void close_group(const struct batch *b, struct group *g)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->sides == 2)
			tally_pair_turn(&g->pairs[i], tallies_of(b, g, i), 0);
		else
			tally_close(tallies_of(b, g, i));
	}
}

static void sort_values(struct batch *b, size_t slot)
{
	for (size_t i = 0; i < b->group_n; i++)
		for (size_t side = 0; side < b->sides; side++)
			tally_sort(&tallies_of(b, b->groups[i], slot)[side]);
}

/* What comes behind the pass: values and times in their order. */
static int finish_batch(struct run *run, struct batch *b, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < b->group_n; i++)
		close_group(b, b->groups[i]);
	for (size_t i = 0; i < b->n && status == 0; i++)
		if (tally_sorts(b->metrics[i]) && b->room.left >= 0)
			sort_values(b, i);
		else if (tally_sorts(b->metrics[i]))
			status = read_values(run, b, i, err);
		else if (run->m->censored && b->metrics[i]->event.sql)
			status = read_times(run, b, i, err);
	if (status == 0 && b->group_n)
		qsort_r(b->groups, b->group_n, sizeof(*b->groups), compare_groups, b);
	return status;
}

static size_t dimension_at(struct pass *p, const char *name)
{
	size_t i = 0;

	while (i < p->dimension_n && strcmp(p->dimensions[i], name) != 0)
		i++;
	if (i == p->dimension_n)
		*VEC_ADD(p, dimensions, dimension_n, dimension_cap) = name;
	return i;
}

static void join_pass(struct pass *p, struct batch *b)
{
	size_t n = b->q.dimension_n;

	*VEC_ADD(p, v, n, cap) = b;
	b->joined = true;
	b->first = p->metric_n;
	for (size_t i = 0; i < b->n; i++)
		*VEC_ADD(p, metrics, metric_n, metric_cap) = b->metrics[i];
	b->at = mem_zero(n, sizeof(*b->at));
	b->row = mem_zero(n, sizeof(*b->row));
	for (size_t i = 0; i < n; i++)
		b->at[i] = dimension_at(p, b->dimensions[i]);
}

/* The batch at hand and those behind it that are of its fact and window. */
static int read_pass(struct run *run, size_t from, struct buf *err)
{
	struct pass p = {.n = 0};
	struct measure_query q = run->batches[from]->q;
	int status;

	for (size_t i = from; i < run->n; i++) {
		struct batch *b = run->batches[i];

		if (!b->joined && b->q.shape == q.shape && b->q.window == q.window)
			join_pass(&p, b);
	}
	q.dimensions = p.dimensions;
	q.dimension_n = p.dimension_n;
	status = measure_rows(run->db, &q, p.metrics, p.metric_n, take_pass_row, &p, err);
	for (size_t i = 0; i < p.n && status == 0; i++)
		status = finish_batch(run, p.v[i], err);
	free(p.v);
	free(p.dimensions);
	free(p.metrics);
	return status;
}

/* ---- results ---- */

/* A group that has nothing to do with the metric is no result. A count of 0 is one, where the group
 * is one that was asked for: it has rows of the fact. */
static bool is_result(const struct batch *b, const struct metric *metric, const struct tally *t)
{
	bool some = b->q.dimension_n == 0 || (metric->kind == METRIC_COUNT && metric->by.n == 0);

	for (size_t side = 0; side < b->sides; side++)
		some |= t[side].clusters.n || t[side].immature || t[side].left_out;
	return some;
}

/* The one result of a metric that has no figure: nothing to name a statistic of, but where there is
 * only one. */
static int emit_nothing(
	struct run *run, const struct metric *metric, const char *missing, struct buf *err)
{
	struct measure_result r = {.metric = metric, .status = MEASURE_NO_ROWS};
	const char *statistics[METRIC_STATISTICS];

	if (metric_statistics(metric, statistics) == 1)
		r.statistic = statistics[0];
	r.scale = tally_scale(metric);
	if (missing) {
		r.status = MEASURE_NOT_OBSERVABLE;
		r.missing = missing;
	}
	if (metric_windowed(metric))
		r.window = asked_window(run->m, metric);
	return run->take(run->ctx, &r, err);
}

/* A metric's groups, on their way out. */
struct listing {
	const struct batch *batch;
	const struct metric *metric;
	size_t slot;
	const struct group **v;
	size_t n, cap;
};

static int64_t size_of(const struct listing *t, const struct group *g, size_t side)
{
	return tally_n(&tallies_of(t->batch, g, t->slot)[side], t->metric);
}

static int64_t size_of_both(const struct listing *t, const struct group *g)
{
	return size_of(t, g, 0) + (t->batch->sides == 2 ? size_of(t, g, 1) : 0);
}

static int compare_sizes(const void *a, const void *b, void *ctx)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
	const struct listing *t = ctx;
	int64_t n = size_of_both(t, x), m = size_of_both(t, y);

	return n == m ? compare_groups(a, b, (void *)t->batch) : (n < m) - (n > m);
}

/* Rows of groups from one on. */
static int64_t add_up(const struct listing *t, size_t from, size_t side)
{
	int64_t n = 0;

	for (size_t i = from; i < t->n && side < t->batch->sides; i++)
		n += size_of(t, t->v[i], side);
	return n;
}

static int emit_others(struct run *run, const struct listing *t, size_t shown,
	const struct measure_result *r, struct buf *err)
{
	struct measure_result first, second = *r;

	second.dimension_n = 0;
	second.status = MEASURE_OTHERS;
	second.scale = tally_scale(t->metric);
	second.others = (int64_t)(t->n - shown);
	first = second;
	first.n = add_up(t, shown, 0);
	second.n = add_up(t, shown, 1);
	second.before = &first;
	return run->take(run->ctx, t->batch->sides == 2 ? &second : &first, err);
}

static int emit_group(struct run *run, const struct listing *t, const struct group *g,
	const struct measure_result *r, const int64_t *totals, struct buf *err)
{
	const struct tally *tallies = tallies_of(t->batch, g, t->slot);

	if (t->batch->sides == 1)
		return tally_figures(tallies, r, totals[0], run->take, run->ctx, err);
	return tally_compare(tallies, &g->pairs[t->slot], r, totals, run->take, run->ctx, err);
}

/* What a share is of: the rows of all groups that have its values of --by, but for dimensions that
 * the metric is never pooled over. */
struct whole {
	struct map totals; /* of both sides, one after the other */
	struct str *values;
	struct buf key;
};

static int64_t *whole_of(
	const struct run *run, const struct listing *t, const struct group *g, struct whole *w)
{
	union map_value *v;
	size_t n = 0;
	bool fresh;

	for (size_t i = 0; i < run->m->by_n; i++)
		if (!metric_apart(t->metric, run->m->by[i]))
			w->values[n++] = g->values[i];
	make_key(&w->key, w->values, n);
	v = map_slot(&w->totals, buf_str(&w->key), &fresh);
	if (fresh)
		v->p = mem_zero(2, sizeof(int64_t));
	return v->p;
}

static void add_wholes(const struct run *run, const struct listing *t, struct whole *w)
{
	*w = (struct whole){.totals = MAP_INIT,
		.values = mem_zero(run->m->by_n + 1, sizeof(*w->values)),
		.key = BUF_INIT};
	for (size_t i = 0; i < t->n; i++) {
		int64_t *totals = whole_of(run, t, t->v[i], w);

		for (size_t side = 0; side < t->batch->sides; side++)
			totals[side] += size_of(t, t->v[i], side);
	}
}

static void free_total(void *ctx, struct str key, union map_value *v)
{
	(void)ctx;
	(void)key;
	free(v->p);
}

static void free_wholes(struct whole *w)
{
	map_each(&w->totals, free_total, NULL);
	map_release(&w->totals);
	free(w->values);
	buf_release(&w->key);
}

static int emit_groups(
	struct run *run, struct listing *t, struct measure_result *r, struct buf *err)
{
	struct whole wholes;
	int64_t top = run->m->top ? run->m->top : t->metric->top;
	size_t shown = top && (uint64_t)top < t->n ? (size_t)top : t->n;
	int status = 0;

	add_wholes(run, t, &wholes);
	if (shown < t->n)
		qsort_r(t->v, t->n, sizeof(struct group *), compare_sizes, t);
	for (size_t i = 0; i < shown && status == 0; i++) {
		r->values = t->v[i]->values;
		status = emit_group(run, t, t->v[i], r, whole_of(run, t, t->v[i], &wholes), err);
	}
	free_wholes(&wholes);
	return shown < t->n && status == 0 ? emit_others(run, t, shown, r, err) : status;
}

static int emit_batched(struct run *run, const struct metric *metric, const struct batch *b,
	size_t slot, struct buf *err)
{
	struct measure_result r = {.metric = metric,
		.window = metric_windowed(metric) ? b->q.window : 0,
		.dimensions = b->dimensions,
		.dimension_n = b->q.dimension_n};
	struct listing t = {b, metric, slot, NULL, 0, 0};
	int status;

	for (size_t i = 0; i < b->group_n; i++)
		if (is_result(b, metric, tallies_of(b, b->groups[i], slot)))
			*VEC_ADD(&t, v, n, cap) = b->groups[i];
	status = t.n ? emit_groups(run, &t, &r, err) : emit_nothing(run, metric, NULL, err);
	free(t.v);
	return status;
}

/* ---- batches ---- */

static struct batch *add_batch(
	struct run *run, const struct metric *metric, const struct shape *shape)
{
	struct batch *b = *VEC_ADD(run, batches, n, cap) = mem_zero(1, sizeof(*b));

	buf_init(&b->key);
	b->q = asked_query(run->m, metric, shape, &b->dimensions);
	b->sides = b->q.sides ? 2 : 1;
	b->room.left = VALUES;
	return b;
}

/* Whether what the metric is never pooled over is what the batch is by. */
static bool same_dimensions(const struct run *run, const struct batch *b, const struct metric *m)
{
	size_t n = run->m->by_n;

	for (size_t i = 0; i < m->by.n; i++) {
		if (asked_by(run->m, m->by.v[i]))
			continue;
		if (n == b->q.dimension_n || strcmp(b->dimensions[n++], m->by.v[i]) != 0)
			return false;
	}
	return n == b->q.dimension_n;
}

/* Puts the metric into the batch that it can be read with; its place there is *slot. */
static struct batch *place(
	struct run *run, const struct metric *metric, const struct shape *shape, size_t *slot)
{
	int64_t window = asked_window(run->m, metric);
	struct batch *b = NULL;

	for (size_t i = 0; i < run->n && !b; i++) {
		struct batch *have = run->batches[i];

		if (have->q.shape == shape && have->q.window == window &&
			same_dimensions(run, have, metric))
			b = have;
	}
	if (!b)
		b = add_batch(run, metric, shape);
	*slot = b->n;
	*VEC_ADD(b, metrics, n, cap) = metric;
	return b;
}

static void free_batch(struct batch *b)
{
	for (size_t i = 0; i < b->group_n; i++) {
		for (size_t j = 0; j < b->q.dimension_n; j++)
			free((char *)b->groups[i]->values[j].s);
		for (size_t j = 0; j < b->n * b->sides; j++)
			tally_release(&b->groups[i]->tallies[j]);
		free(b->groups[i]->pairs);
		free(b->groups[i]->values);
		free(b->groups[i]->tallies);
		free(b->groups[i]);
	}
	free(b->groups);
	map_release(&b->index);
	buf_release(&b->key);
	free(b->metrics);
	free(b->dimensions);
	free(b->at);
	free(b->row);
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
		const struct metric *one = m->metrics[i];
		const struct shape *shape = shapes_get(&run->shapes, run->db, one->fact, err);

		status = shape ? measure_check(run->db, shape, one, err) : -1;
		/* An empty log lacks everything; what is told then is that it has no rows. */
		if (status == 0 && run->any)
			status = measure_missing(run->db, one, shape, &seats[i].missing, err);
		if (status == 0 && !seats[i].missing.len)
			seats[i].batch = place(run, one, shape, &seats[i].slot);
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
		if (!run.batches[i]->joined)
			status = read_pass(&run, i, err);
	for (size_t i = 0; i < m->metric_n && status == 0; i++)
		status = seats[i].batch
				 ? emit_batched(
					   &run, m->metrics[i], seats[i].batch, seats[i].slot, err)
				 : emit_nothing(&run, m->metrics[i], seats[i].missing.s, err);
	for (size_t i = 0; i < run.n; i++)
		free_batch(run.batches[i]);
	free(run.batches);
	shapes_release(&run.shapes);
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
		int64_t window = asked_window(m, m->metrics[i]);

		if (metric_windowed(m->metrics[i]) && window > longest)
			longest = window;
	}
	return longest ? measure_sources(db, m->horizon - longest, put_source, out, err) : 0;
}
