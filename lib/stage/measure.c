#include "stage/measure.h"
#include "base/mem.h"
#include "base/when.h"
#include "stage/asked.h"
#include "stage/measure_part.h"

#include <stdlib.h>

#define VALUES (INT64_C(3) << 22) /* that a lot holds while it is read, at most: 96 MiB */

struct run {
	struct sqlite3 *db;
	const struct measure *m;
	struct shapes shapes;
	struct lot **lots;
	size_t n, cap;
	bool any; /* the log has contacts */
	measure_take *take;
	void *ctx;
};

/* ---- results ---- */

/* A group that has nothing to do with the metric is no result. A count of 0 is one, where the group
 * is one that was asked for: it has rows of the fact. */
static bool is_result(const struct lot *b, const struct metric *metric, const struct tally *t)
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
	const struct lot *lot;
	const struct metric *metric;
	size_t slot;
	const struct group **v;
	size_t n, cap;
};

static int64_t size_of(const struct listing *t, const struct group *g, size_t side)
{
	return tally_n(&lot_tallies(t->lot, g, t->slot)[side], t->metric);
}

static int64_t size_of_both(const struct listing *t, const struct group *g)
{
	return size_of(t, g, 0) + (t->lot->sides == 2 ? size_of(t, g, 1) : 0);
}

static int compare_sizes(const void *a, const void *b, void *ctx)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
	const struct listing *t = ctx;
	int64_t n = size_of_both(t, x), m = size_of_both(t, y);

	return n == m ? lot_order(a, b, (void *)t->lot) : (n < m) - (n > m);
}

/* Rows of groups from one on. */
static int64_t add_up(const struct listing *t, size_t from, size_t side)
{
	int64_t n = 0;

	for (size_t i = from; i < t->n && side < t->lot->sides; i++)
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
	return run->take(run->ctx, t->lot->sides == 2 ? &second : &first, err);
}

static int emit_group(struct run *run, const struct listing *t, const struct group *g,
	const struct measure_result *r, const int64_t *totals, struct buf *err)
{
	const struct tally *tallies = lot_tallies(t->lot, g, t->slot);

	if (t->lot->sides == 1)
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
	lot_key(&w->key, w->values, n);
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

		for (size_t side = 0; side < t->lot->sides; side++)
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

static int emit_lot(struct run *run, const struct metric *metric, const struct lot *b, size_t slot,
	struct buf *err)
{
	struct measure_result r = {.metric = metric,
		.window = metric_windowed(metric) ? b->q.window : 0,
		.dimensions = b->dimensions,
		.dimension_n = b->q.dimension_n};
	struct listing t = {b, metric, slot, NULL, 0, 0};
	int status;

	for (size_t i = 0; i < b->group_n; i++)
		if (is_result(b, metric, lot_tallies(b, b->groups[i], slot)))
			*VEC_ADD(&t, v, n, cap) = b->groups[i];
	status = t.n ? emit_groups(run, &t, &r, err) : emit_nothing(run, metric, NULL, err);
	free(t.v);
	return status;
}

/* ---- lots ---- */

static struct lot *add_lot(struct run *run, const struct metric *metric, const struct shape *shape)
{
	struct lot *b = *VEC_ADD(run, lots, n, cap) = mem_zero(1, sizeof(*b));

	buf_init(&b->key);
	b->q = asked_query(run->m, metric, shape, &b->dimensions);
	b->sides = b->q.sides ? 2 : 1;
	b->room.left = VALUES;
	return b;
}

/* Whether what the metric is never pooled over is what the lot is by. */
static bool same_dimensions(const struct run *run, const struct lot *b, const struct metric *m)
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

/* Puts the metric into the lot that it can be read with; its place there is *slot. */
static struct lot *place(
	struct run *run, const struct metric *metric, const struct shape *shape, size_t *slot)
{
	int64_t window = asked_window(run->m, metric);
	struct lot *b = NULL;

	for (size_t i = 0; i < run->n && !b; i++) {
		struct lot *have = run->lots[i];

		if (have->q.shape == shape && have->q.window == window &&
			have->n < lot_most(run->m->beside) && same_dimensions(run, have, metric))
			b = have;
	}
	if (!b)
		b = add_lot(run, metric, shape);
	*slot = b->n;
	*VEC_ADD(b, metrics, n, cap) = metric;
	return b;
}

/* Where a metric's tallies are; lot NULL: it is not observable. */
struct seat {
	struct lot *lot;
	size_t slot;
	struct buf missing;
};

static int seat_all(struct run *run, struct seat *seats, struct buf *err)
{
	const struct measure *m = run->m;
	struct map known = MAP_INIT;
	int status = 0;

	for (size_t i = 0; i < m->metric_n && status == 0; i++) {
		const struct metric *one = m->metrics[i];
		const struct shape *shape = shapes_get(&run->shapes, run->db, one->fact, err);

		status = shape ? measure_check(run->db, shape, one, err) : -1;
		/* An empty log lacks everything; what is told then is that it has no rows. */
		if (status == 0 && run->any)
			status = measure_missing(
				run->db, one, shape, &known, &seats[i].missing, err);
		if (status == 0 && !seats[i].missing.len)
			seats[i].lot = place(run, one, shape, &seats[i].slot);
	}
	map_release(&known);
	return status;
}

int measure_all(
	struct sqlite3 *db, const struct measure *m, measure_take *take, void *ctx, struct buf *err)
{
	struct run run = {.db = db,
		.m = m,
		.shapes = {.ontology = m->ontology, .listed = m->listed},
		.take = take,
		.ctx = ctx};
	struct seat *seats = mem_zero(m->metric_n, sizeof(*seats));
	int status = measure_open(db, err);

	for (size_t i = 0; i < m->metric_n; i++)
		buf_init(&seats[i].missing);
	if (status == 0)
		status = measure_any(db, &run.any, err);
	if (status == 0)
		status = seat_all(&run, seats, err);
	if (status == 0 && m->beside)
		status = measure_open(m->beside, err);
	if (status == 0)
		status = lots_read(db, m->beside, run.lots, run.n, m->censored, err);
	for (size_t i = 0; i < m->metric_n && status == 0; i++)
		status = seats[i].lot
				 ? emit_lot(&run, m->metrics[i], seats[i].lot, seats[i].slot, err)
				 : emit_nothing(&run, m->metrics[i], seats[i].missing.s, err);
	for (size_t i = 0; i < run.n; i++)
		lot_free(run.lots[i]);
	free(run.lots);
	shapes_release(&run.shapes);
	for (size_t i = 0; i < m->metric_n; i++)
		buf_release(&seats[i].missing);
	free(seats);
	return status;
}

static int is_columns(struct run *run, const struct metric *one, bool *is, struct buf *err)
{
	const struct measure *m = run->m;
	const struct shape *shape = shapes_get(&run->shapes, run->db, one->fact, err);
	const char **dimensions;
	struct measure_query q;
	int status;

	*is = shape && measure_check(run->db, shape, one, err) == 0 &&
	      !(m->censored && one->event.sql);
	if (!*is)
		return 0;
	q = asked_query(m, one, shape, &dimensions);
	status = measure_can(run->db, &q, one, is, err);
	free(dimensions);
	return status;
}

int measure_are_columns(struct sqlite3 *db, const struct measure *m, bool *are, struct buf *err)
{
	struct run run = {.db = db, .m = m, .shapes = {.ontology = m->ontology}};
	size_t place = err->len;
	int status = measure_open(db, err);

	*are = true;
	for (size_t i = 0; i < m->metric_n && status == 0 && *are; i++)
		status = is_columns(&run, m->metrics[i], are, err);
	if (status == 0)
		buf_cut(err, place);
	shapes_release(&run.shapes);
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
