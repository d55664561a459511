/* What is held of rows against what is counted row by row. */
#include "stage/tally.h"
#include "unit.h"

#include <stdlib.h>

static uint64_t state = 1;

/* Below n. */
static uint64_t any(uint64_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (state >> 33) % n;
}

struct rows {
	int64_t cluster[MEASURE_ROWS];
	uint16_t ends[MEASURE_ROWS];
	uint8_t assumed[MEASURE_ROWS], states[MEASURE_ROWS];
	double values[MEASURE_ROWS];
	size_t n, end_n;
};

static void make(struct rows *r, int64_t *customer)
{
	*r = (struct rows){.n = 1 + any(MEASURE_ROWS)};
	for (size_t i = 0; i < r->n; i++) {
		bool next = any(3) == 0;

		*customer += next;
		if (next && i)
			r->ends[r->end_n++] = (uint16_t)i;
		r->cluster[i] = *customer;
		r->states[i] = (uint8_t)any(ROW_HIT + 1);
		r->values[i] = (double)any(1000000) - 500000;
	}
	r->ends[r->end_n++] = (uint16_t)r->n;
}

/* Row by row. */
struct plain {
	int64_t customer, x, n, immature, left_out;
	struct stat_clusters clusters;
};

static void close_plain(struct plain *p)
{
	stat_cluster_add(&p->clusters, p->x, p->n);
	p->x = p->n = 0;
}

static void count_plainly(struct plain *p, const struct rows *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (p->customer != r->cluster[i])
			close_plain(p);
		p->customer = r->cluster[i];
		p->n += r->states[i] == ROW_HIT || r->states[i] == ROW_MISS;
		p->x += r->states[i] == ROW_HIT;
		p->immature += r->states[i] == ROW_IMMATURE;
		p->left_out += r->states[i] == ROW_LEFT_OUT;
	}
}

static void take(
	struct tally *t, const struct metric *m, const struct rows *r, struct tally_room *room)
{
	const uint8_t *states = r->states;
	const double *values = r->values, *none = NULL;
	const struct measure_batch batch = {.n = r->n,
		.cluster = r->cluster,
		.assumed = r->assumed,
		.states = &states,
		.values = &values,
		.weights = &none};
	const struct tally_stretch all = {0, r->n, r->ends, r->end_n};

	tally_rows(t, m, &batch, 0, 0, &all, room);
}

static bool same(const struct stat_clusters *a, const struct stat_clusters *b)
{
	return a->m == b->m && a->x == b->x && a->n == b->n && !(a->xx > b->xx) &&
	       !(a->xx < b->xx) && !(a->xn > b->xn) && !(a->xn < b->xn) && !(a->nn > b->nn) &&
	       !(a->nn < b->nn);
}

static void test_counts(enum metric_kind kind)
{
	const struct metric m = {.kind = kind};
	struct tally_room room = {0};
	struct tally t = {0};
	struct plain p = {0};
	int64_t customer = 1;
	struct rows r;

	for (int i = 0; i < 50; i++) {
		make(&r, &customer);
		/* The second half has rows that rest on assumed times, which are counted apart. */
		r.assumed[0] = i >= 25;
		take(&t, &m, &r, &room);
		count_plainly(&p, &r);
	}
	tally_close(&t, &m);
	close_plain(&p);
	CHECK(same(&t.clusters, &p.clusters));
	CHECK(t.immature == p.immature && t.left_out == p.left_out);
	tally_release(&t);
}

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* Values of `kinds` sizes: all of a kind are one, or near to one another. */
static void test_ranks(size_t n, uint64_t kinds, bool alike)
{
	struct tally t = {.values = malloc(n * sizeof(double)), .value_n = n, .value_cap = n};
	double *sorted = malloc(n * sizeof(double));
	const uint64_t half = kinds / 2;
	bool right = true;

	t.mean.n = (int64_t)n;
	for (size_t i = 0; i < n; i++) {
		double base = ((double)any(kinds) - (double)half) * 1e4;

		t.values[i] = sorted[i] = alike ? base : base + (double)any(5000);
	}
	qsort(sorted, n, sizeof(*sorted), by_value);
	tally_sort(&t);
	for (int i = 0; i < TALLY_QUANTILES; i++)
		for (int j = 0; j < PICKS; j++) {
			int64_t rank = t.picks->rank[i][j];
			double value = t.picks->value[i][j];

			right &= rank >= 0 && rank <= (int64_t)n;
			right &= !rank || (value <= sorted[rank - 1] && value >= sorted[rank - 1]);
		}
	CHECK(right);
	CHECK(t.picks->rank[0][PICK_AT] == (int64_t)(n - 1) / 2 + 1);
	free(sorted);
	tally_release(&t);
}

int main(void)
{
	test_counts(METRIC_RATE);
	test_counts(METRIC_DURATION);
	for (size_t n = 1; n < 200000; n = n * 3 + 1) {
		test_ranks(n, 1, true);
		test_ranks(n, 1, false);
		test_ranks(n, 2, true);
		test_ranks(n, 300, true);
		test_ranks(n, 100000, false);
	}
	return unit_end();
}
