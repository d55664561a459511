/* Lots of metrics, read: rows into the tallies of their groups. */
#include "base/job.h"
#include "base/mem.h"
#include "stage/measure_part.h"

#include <stdatomic.h>
#include <stdlib.h>

#define PASS_MOST 16 /* metrics of a pass, where there are two threads to share them */
#define VALUED 3     /* metrics that take as long as one whose rows have values */

/* One reading of a fact: lots that differ in their dimensions alone. */
struct pass {
	struct lot **v;
	size_t n, cap;
	const char **dimensions; /* of all of them */
	size_t dimension_n, dimension_cap;
	const struct metric **metrics;
	size_t metric_n, metric_cap;
	bool censored;
	size_t number, weight; /* in which order they are read */
	int status;
	struct buf err;
};

void lot_key(struct buf *key, const struct str *values, size_t n)
{
	buf_clear(key);
	for (size_t i = 0; i < n; i++) {
		/* The length first: values may hold any byte. */
		size_t len = values[i].s ? values[i].len : SIZE_MAX;

		buf_add(key, &len, sizeof(len));
		if (values[i].s)
			buf_put(key, values[i]);
	}
}

static bool same_values(const struct group *g, const struct str *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool none = !g->values[i].s;

		if (none != !values[i].s || (!none && !str_eq(g->values[i], values[i])))
			return false;
	}
	return true;
}

static struct group *find_group(struct lot *b, const struct str *values)
{
	size_t n = b->q.dimension_n;
	union map_value *slot;
	struct group *g;
	bool fresh;

	if (b->last && same_values(b->last, values, n))
		return b->last;
	lot_key(&b->key, values, n);
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

/* The group of a row, whose texts have these numbers. */
static struct group *group_of(struct lot *b, const struct codes *texts, const int64_t *codes)
{
	for (size_t d = 0; d < b->q.dimension_n; d++)
		b->row[d] = codes[d] == MEASURE_NONE ? (struct str){NULL, 0}
						     : codes_text(texts, codes[d]);
	return find_group(b, b->row);
}

static struct group *group_by_text(struct lot *b, const struct codes *texts, int64_t code)
{
	size_t at = code == MEASURE_NONE ? 0 : (size_t)code, had = b->text_cap;

	if (at >= had) {
		b->by_text = mem_grow(b->by_text, &b->text_cap, at + 1, sizeof(*b->by_text));
		memset(b->by_text + had, 0, (b->text_cap - had) * sizeof(*b->by_text));
	}
	if (!b->by_text[at])
		b->by_text[at] = group_of(b, texts, &code);
	return b->by_text[at];
}

static struct group *group_by_texts(struct lot *b, const struct measure_batch *rows, size_t row)
{
	size_t n = b->q.dimension_n;
	struct str key = {(const char *)b->codes, n * sizeof(*b->codes)};
	union map_value *v;
	bool fresh;

	for (size_t d = 0; d < n; d++)
		b->codes[d] = rows->dimensions[b->at[d]][row];
	v = map_slot(&b->by_texts, key, &fresh);
	if (fresh)
		v->p = group_of(b, rows->texts, b->codes);
	return v->p;
}

static struct group *group_at(struct lot *b, const struct measure_batch *rows, size_t row)
{
	static const struct str nothing = {NULL, 0};

	if (b->q.dimension_n == 0)
		return find_group(b, &nothing);
	return b->q.dimension_n == 1
		       ? group_by_text(b, rows->texts, rows->dimensions[b->at[0]][row])
		       : group_by_texts(b, rows, row);
}

/* The rows of a batch by their groups: those of one customer stay together, and in their order. */
struct arranged {
	struct group *groups[MEASURE_ROWS];
	struct tally_stretch v[MEASURE_ROWS]; /* of the groups */
	size_t n;
	uint16_t order[MEASURE_ROWS]; /* the batch's rows */
	int64_t cluster[MEASURE_ROWS];
	uint16_t ends[MEASURE_ROWS];
	uint8_t assumed[MEASURE_ROWS], states[MEASURE_ROWS];
	double values[MEASURE_ROWS], weights[MEASURE_ROWS];
};

/* Which groups there are, how many rows each has as its `to`, and which each row is of. */
static void find_groups(
	struct lot *b, const struct measure_batch *rows, struct arranged *a, uint16_t *of)
{
	a->n = 0;
	b->batch++;
	for (size_t row = 0; row < rows->n; row++) {
		struct group *g = group_at(b, rows, row);

		if (g->batch != b->batch) {
			g->batch = b->batch;
			g->place = a->n;
			a->v[a->n] = (struct tally_stretch){0, 0, NULL, 0};
			a->groups[a->n++] = g;
		}
		of[row] = (uint16_t)g->place;
		a->v[g->place].to++;
	}
}

static void find_ends(struct arranged *a)
{
	size_t n = 0;

	for (size_t g = 0; g < a->n; g++) {
		struct tally_stretch *s = &a->v[g];

		s->ends = &a->ends[n];
		for (size_t i = s->from + 1; i <= s->to; i++)
			if (i == s->to || a->cluster[i] != a->cluster[i - 1])
				a->ends[n++] = (uint16_t)i;
		s->end_n = (size_t)(&a->ends[n] - s->ends);
	}
}

static void arrange(struct lot *b, const struct measure_batch *rows, struct arranged *a)
{
	uint16_t of[MEASURE_ROWS];
	size_t at = 0;

	find_groups(b, rows, a, of);
	for (size_t g = 0; g < a->n; g++) {
		a->v[g].from = at;
		at += a->v[g].to;
		a->v[g].to = a->v[g].from;
	}
	for (size_t row = 0; row < rows->n; row++) {
		size_t i = a->v[of[row]].to++;

		a->order[i] = (uint16_t)row;
		a->cluster[i] = rows->cluster[row];
		a->assumed[i] = rows->assumed[row];
	}
	find_ends(a);
}

/* One metric's rows, in the order of the groups. */
static void take_arranged(
	struct lot *b, size_t slot, const struct measure_batch *rows, struct arranged *a)
{
	size_t column = b->first + slot;
	const double *values = rows->values[column], *weights = rows->weights[column];
	const uint8_t *states = a->states;
	const struct measure_batch arranged = {.n = rows->n,
		.cluster = a->cluster,
		.assumed = a->assumed,
		.states = &states,
		.values = &(const double *){a->values},
		.weights = &(const double *){weights ? a->weights : NULL}};

	for (size_t i = 0; i < rows->n; i++)
		a->states[i] = rows->states[column][a->order[i]];
	for (size_t i = 0; i < rows->n && values; i++)
		a->values[i] = values[a->order[i]];
	for (size_t i = 0; i < rows->n && weights; i++)
		a->weights[i] = weights[a->order[i]];
	for (size_t g = 0; g < a->n; g++)
		tally_rows(lot_tallies(b, a->groups[g], slot), b->metrics[slot], &arranged, 0, 0,
			&a->v[g], &b->room);
}

/* A row of two sides: its customer may be of both. */
static void take_pair(struct lot *b, const struct measure_batch *rows, size_t row)
{
	const uint16_t end = (uint16_t)(row + 1);
	const struct tally_stretch one = {row, row + 1, &end, 1};
	struct group *g = group_at(b, rows, row);

	for (size_t slot = 0; slot < b->n; slot++) {
		struct tally *t = lot_tallies(b, g, slot);

		tally_pair_turn(&g->pairs[slot], t, b->metrics[slot], rows->cluster[row]);
		for (int side = 0; side < 2; side++)
			tally_rows(&t[side], b->metrics[slot], rows, b->first + slot, side, &one,
				&b->room);
	}
}

static void take_whole(struct lot *b, const struct measure_batch *rows)
{
	const struct tally_stretch all = {0, rows->n, rows->ends, rows->end_n};
	struct group *g = group_at(b, rows, 0);

	for (size_t slot = 0; slot < b->n; slot++)
		tally_rows(lot_tallies(b, g, slot), b->metrics[slot], rows, b->first + slot, 0,
			&all, &b->room);
}

/* Each lot sees the rows with its own metrics and dimensions. */
static int take_rows(void *ctx, const struct measure_batch *rows, struct buf *err)
{
	const struct pass *p = ctx;
	struct arranged a;

	(void)err;
	for (size_t i = 0; i < p->n; i++) {
		struct lot *b = p->v[i];

		for (size_t row = 0; row < rows->n && b->sides == 2; row++)
			take_pair(b, rows, row);
		if (b->sides == 2)
			continue;
		if (b->q.dimension_n == 0) {
			take_whole(b, rows);
			continue;
		}
		arrange(b, rows, &a);
		for (size_t slot = 0; slot < b->n; slot++)
			take_arranged(b, slot, rows, &a);
	}
	return 0;
}

static void take_value(void *ctx, const struct str *dimensions, double value)
{
	struct lot *b = ctx;

	tally_value(&lot_tallies(b, find_group(b, dimensions), b->slot)[b->side], value);
}

static int read_values(struct sqlite3 *db, struct lot *b, size_t slot, struct buf *err)
{
	int status = 0;

	b->slot = slot;
	for (b->side = 0; b->side < (int)b->sides && status == 0; b->side++) {
		for (size_t i = 0; i < b->group_n; i++)
			tally_pick(&lot_tallies(b, b->groups[i], slot)[b->side]);
		status = measure_values(db, &b->q, b->metrics[slot], b->side, take_value, b, err);
	}
	return status;
}

static void take_time(
	void *ctx, const struct str *dimensions, double time, bool event, bool assumed)
{
	struct lot *b = ctx;

	tally_time(lot_tallies(b, find_group(b, dimensions), b->slot), b->q.window, time, event,
		assumed);
}

static int read_times(struct sqlite3 *db, struct lot *b, size_t slot, struct buf *err)
{
	b->slot = slot;
	return measure_times(db, &b->q, b->metrics[slot], take_time, b, err);
}

int lot_order(const void *a, const void *b, void *ctx)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
	const struct lot *lot = ctx;

	for (size_t i = 0; i < lot->q.dimension_n; i++) {
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

static void close_group(const struct lot *b, struct group *g)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->sides == 2)
			tally_pair_turn(&g->pairs[i], lot_tallies(b, g, i), b->metrics[i], 0);
		else
			tally_close(lot_tallies(b, g, i), b->metrics[i]);
	}
}

static void sort_values(struct lot *b, size_t slot)
{
	for (size_t i = 0; i < b->group_n; i++)
		for (size_t side = 0; side < b->sides; side++)
			tally_sort(&lot_tallies(b, b->groups[i], slot)[side]);
}

/* What comes behind the pass: values and times in their order. */
static int finish_lot(struct sqlite3 *db, struct lot *b, bool censored, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < b->group_n; i++)
		close_group(b, b->groups[i]);
	for (size_t i = 0; i < b->n && status == 0; i++)
		if (tally_sorts(b->metrics[i]) && b->room.left >= 0)
			sort_values(b, i);
		else if (tally_sorts(b->metrics[i]))
			status = read_values(db, b, i, err);
		else if (censored && b->metrics[i]->event.sql)
			status = read_times(db, b, i, err);
	if (status == 0 && b->group_n)
		qsort_r(b->groups, b->group_n, sizeof(*b->groups), lot_order, b);
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

static void join_pass(struct pass *p, struct lot *b)
{
	size_t n = b->q.dimension_n;

	*VEC_ADD(p, v, n, cap) = b;
	b->first = p->metric_n;
	for (size_t i = 0; i < b->n; i++) {
		*VEC_ADD(p, metrics, metric_n, metric_cap) = b->metrics[i];
		p->weight += metric_valued(b->metrics[i]) ? VALUED : 1;
	}
	b->at = mem_zero(n, sizeof(*b->at));
	b->row = mem_zero(n, sizeof(*b->row));
	b->codes = mem_zero(n, sizeof(*b->codes));
	for (size_t i = 0; i < n; i++)
		b->at[i] = dimension_at(p, b->dimensions[i]);
}

static int read_pass(struct sqlite3 *db, struct pass *p)
{
	struct measure_query q = p->v[0]->q;
	int status;

	q.dimensions = p->dimensions;
	q.dimension_n = p->dimension_n;
	status = measure_rows(db, &q, p->metrics, p->metric_n, take_rows, p, &p->err);
	for (size_t i = 0; i < p->n && status == 0; i++)
		status = finish_lot(db, p->v[i], p->censored, &p->err);
	return status;
}

/* ---- all passes, in one thread or two ---- */

/* One thread takes the passes in their order, or two do, whichever is free. */
struct plan {
	struct pass *v;
	size_t n, cap;
	atomic_size_t next;
	atomic_bool failed;
	struct sqlite3 *beside;
};

static struct pass *pass_for(struct plan *plan, const struct lot *b)
{
	size_t most = plan->beside ? PASS_MOST : SIZE_MAX;

	for (size_t i = 0; i < plan->n; i++) {
		struct pass *p = &plan->v[i];
		const struct measure_query *q = &p->v[0]->q;

		if (q->shape == b->q.shape && q->window == b->q.window &&
			p->metric_n + b->n <= most)
			return p;
	}
	return VEC_ADD(plan, v, n, cap);
}

/* The longest first, so that no thread is left with it at the end. */
static int by_size(const void *a, const void *b)
{
	const struct pass *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* What was begun before one that fails ends, so that the first one's reason is told. */
static void work(struct plan *plan, struct sqlite3 *db)
{
	while (!plan->failed) {
		size_t i = atomic_fetch_add(&plan->next, 1);

		if (i >= plan->n)
			break;
		plan->v[i].status = read_pass(db, &plan->v[i]);
		if (plan->v[i].status != 0)
			plan->failed = true;
	}
}

static int work_beside(void *ctx)
{
	struct plan *plan = ctx;

	work(plan, plan->beside);
	return 0;
}

static void work_both(struct plan *plan, struct sqlite3 *db)
{
	struct job *job = plan->beside && plan->n > 1 ? job_new() : NULL;

	if (job)
		job_start(job, work_beside, plan);
	work(plan, db);
	job_free(job);
}

int lots_read(struct sqlite3 *db, struct sqlite3 *beside, struct lot *const *v, size_t n,
	bool censored, struct buf *err)
{
	struct plan plan = {.beside = beside};
	int status = 0;

	for (size_t i = 0; i < n; i++) {
		struct pass *p = pass_for(&plan, v[i]);

		p->number = (size_t)(p - plan.v);
		p->censored = censored;
		join_pass(p, v[i]);
	}
	if (plan.n)
		qsort(plan.v, plan.n, sizeof(*plan.v), by_size);
	for (size_t i = 0; i < plan.n; i++)
		buf_init(&plan.v[i].err);
	work_both(&plan, db);
	for (size_t i = 0; i < plan.n; i++) {
		struct pass *p = &plan.v[i];

		if (status == 0 && p->status != 0) {
			status = p->status;
			buf_put(err, buf_str(&p->err));
		}
		buf_release(&p->err);
		free(p->v);
		free(p->dimensions);
		free(p->metrics);
	}
	free(plan.v);
	return status;
}

size_t lot_most(const struct sqlite3 *beside)
{
	return beside ? PASS_MOST / 2 : SIZE_MAX;
}

void lot_free(struct lot *b)
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
	map_release(&b->by_texts);
	free(b->by_text);
	buf_release(&b->key);
	free(b->metrics);
	free(b->dimensions);
	free(b->at);
	free(b->row);
	free(b->codes);
	free(b);
}
