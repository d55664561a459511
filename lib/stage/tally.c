#include "stage/tally.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

static const struct {
	const char *name;
	double q;
} quantiles[TALLY_QUANTILES] = {{"median", 0.5}, {"p90", 0.9}};

/* ---- rows ---- */

void tally_close(struct tally *t, const struct metric *m)
{
	stat_cluster_add(&t->clusters, t->x, t->n);
	if (m->kind == METRIC_MEAN || m->kind == METRIC_NET)
		stat_ratio_add(&t->ratio, t->y, t->w);
	t->x = t->n = 0;
	t->y = t->w = 0;
}

void tally_pair_turn(
	struct tally_pair *p, struct tally sides[2], const struct metric *m, int64_t cluster)
{
	const struct tally *a = &sides[0], *b = &sides[1];

	if (p->cluster == cluster)
		return;
	stat_pair_add(&p->share, (double[]){(double)a->x, (double)b->x},
		(double[]){(double)a->n, (double)b->n});
	stat_pair_add(&p->mean, (double[]){a->y, b->y}, (double[]){a->w, b->w});
	tally_close(&sides[0], m);
	tally_close(&sides[1], m);
	p->cluster = cluster;
}

static void turn(struct tally *t, const struct metric *m, int64_t cluster)
{
	if (t->cluster == cluster)
		return;
	tally_close(t, m);
	t->cluster = cluster;
}

/* A row that counts, with its value and weight. */
static void count(struct tally *t, const struct metric *m, const struct measure_batch *rows,
	size_t row, bool hit, double y, double w)
{
	turn(t, m, rows->cluster[row]);
	t->n++;
	t->x += hit;
	t->y += y;
	t->w += w;
	t->negative |= y < 0;
	t->beyond |= y > w;
	t->assumed += rows->assumed[row];
}

static void count_net(struct tally *t, const struct metric *m, const struct measure_batch *rows,
	size_t row, int side)
{
	t->net += side;
	count(t, m, rows, row, side > 0, side, 1);
}

static void keep_value(struct tally *t, double value, struct tally_room *room)
{
	stat_mean_add(&t->mean, value);
	t->negative |= value < 0;
	if (room->left > 0)
		*VEC_ADD(t, values, value_n, value_cap) = value;
	room->left -= room->left >= 0;
}

/* A row whose values are added up. */
static void take_row(struct tally *t, const struct metric *m, const struct measure_batch *rows,
	size_t column, size_t row)
{
	switch ((enum measure_state)rows->states[column][row]) {
	case ROW_OUTSIDE:
	case ROW_IDLE:
		break;
	case ROW_LEFT_OUT:
		t->left_out++;
		break;
	case ROW_IMMATURE:
		t->immature++;
		break;
	case ROW_AGAINST:
		count_net(t, m, rows, row, -1);
		break;
	case ROW_MISS:
		if (m->kind == METRIC_NET) {
			count(t, m, rows, row, false, 0, 1);
			break;
		}
		count(t, m, rows, row, false, rows->values[column][row],
			rows->weights[column] ? rows->weights[column][row] : 1);
		break;
	case ROW_HIT:
		if (m->kind == METRIC_NET)
			count_net(t, m, rows, row, 1);
		else
			count(t, m, rows, row, true, 0, 0);
		break;
	}
}

/* What a row adds to rows, hits, immature ones and those left out: sixteen bits each, of as many
 * rows as a batch has. */
#define EACH(rows, hits, immature, left_out)                                                       \
	((uint64_t)(rows) | (uint64_t)(hits) << 16 | (uint64_t)(immature) << 32 |                  \
		(uint64_t)(left_out) << 48)
static const uint64_t parts[] = {[ROW_OUTSIDE] = 0,
	[ROW_LEFT_OUT] = EACH(0, 0, 0, 1),
	[ROW_IMMATURE] = EACH(0, 0, 1, 0),
	[ROW_IDLE] = 0,
	[ROW_MISS] = EACH(1, 0, 0, 0),
	[ROW_HIT] = EACH(1, 1, 0, 0),
	[ROW_AGAINST] = 0};

_Static_assert(MEASURE_ROWS <= UINT16_MAX, "rows that sixteen bits cannot count");

/* Rows that are counted and no more, those of a customer together: most of all rows of all
 * metrics. None rests on assumed times. */
static void count_plain(struct tally *t, const uint8_t *states, const int64_t *clusters,
	const struct tally_stretch *s)
{
	struct stat_counts counts = {0};
	uint64_t upto[MEASURE_ROWS + 1], sum = 0, before = 0;

	upto[0] = 0;
	for (size_t i = s->from; i < s->to; i++)
		upto[i + 1 - s->from] = sum += parts[states[i]];
	for (size_t k = 0; k < s->end_n; k++) {
		uint64_t hers = upto[s->ends[k] - s->from] - before;

		before += hers;
		if (k || t->cluster != clusters[s->from]) {
			stat_cluster_count(&counts, t->x, t->n);
			t->x = t->n = 0;
		}
		t->n += (int64_t)(hers & UINT16_MAX);
		t->x += (int64_t)(hers >> 16 & UINT16_MAX);
	}
	t->cluster = clusters[s->to - 1];
	stat_cluster_take(&t->clusters, &counts);
	t->immature += (int64_t)(sum >> 32 & UINT16_MAX);
	t->left_out += (int64_t)(sum >> 48);
}

/* The same of sides, and of what rests on assumed times. */
static void count_rows(struct tally *t, const struct metric *m, const struct measure_batch *rows,
	size_t column, int side, size_t from, size_t to)
{
	const uint8_t *states = rows->states[column], *in = rows->in[side];

	while (from < to) {
		int64_t cluster = rows->cluster[from], n = 0, x = 0;

		for (; from < to && rows->cluster[from] == cluster; from++) {
			uint8_t state = in && !in[from] ? ROW_OUTSIDE : states[from];
			bool counts = state == ROW_HIT || state == ROW_MISS;

			n += counts;
			x += state == ROW_HIT;
			t->assumed += counts & rows->assumed[from];
			t->immature += state == ROW_IMMATURE;
			t->left_out += state == ROW_LEFT_OUT;
		}
		if (!n)
			continue;
		turn(t, m, cluster);
		t->n += n;
		t->x += x;
	}
}

static void count_all(struct tally *t, const struct metric *m, const struct measure_batch *rows,
	size_t column, int side, const struct tally_stretch *s)
{
	if (rows->in[side] || memchr(rows->assumed + s->from, 1, s->to - s->from))
		count_rows(t, m, rows, column, side, s->from, s->to);
	else
		count_plain(t, rows->states[column], rows->cluster, s);
}

void tally_rows(struct tally *t, const struct metric *m, const struct measure_batch *rows,
	size_t column, int side, const struct tally_stretch *s, struct tally_room *room)
{
	const uint8_t *states = rows->states[column], *in = rows->in[side];
	/* Of two sides the difference of the means of what is sorted is asked for as well. */
	bool summed = m->kind == METRIC_MEAN || m->kind == METRIC_NET || (in && tally_sorts(m));

	if (!summed)
		count_all(t, m, rows, column, side, s);
	for (size_t i = s->from; i < s->to && summed; i++)
		if (states[i] != ROW_OUTSIDE && (!in || in[i]))
			take_row(t, m, rows, column, i);
	for (size_t i = s->from; i < s->to && tally_sorts(m); i++)
		if (states[i] == ROW_MISS && (!in || in[i]))
			keep_value(t, rows->values[column][i], room);
}

bool tally_sorts(const struct metric *m)
{
	return m->kind == METRIC_DURATION || m->kind == METRIC_QUANTITY;
}

void tally_pick(struct tally *t)
{
	struct tally_picks *p = t->picks = mem_zero(1, sizeof(*p));
	int64_t n = t->mean.n;

	for (int i = 0; i < TALLY_QUANTILES && n > 0; i++) {
		int64_t *rank = p->rank[i];

		stat_quantile_at(n, quantiles[i].q, &rank[PICK_AT], &p->weight[i]);
		rank[PICK_NEXT] = p->weight[i] > 0 ? rank[PICK_AT] + 1 : rank[PICK_AT];
		stat_quantile_bounds(n, quantiles[i].q, &rank[PICK_LOW], &rank[PICK_HIGH]);
	}
}

/* Values come in ascending order within their group: those of the wanted ranks are kept. */
void tally_value(struct tally *t, double value)
{
	struct tally_picks *p = t->picks;

	p->seen++;
	for (int i = 0; i < TALLY_QUANTILES; i++)
		for (int j = 0; j < PICKS; j++)
			if (p->rank[i][j] == p->seen)
				p->value[i][j] = value;
}

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

#define FEW 32	  /* values that are sorted whole */
#define DEPTH 100 /* parts in which the middle may be ill chosen before all is sorted after all */

static double middle(double a, double b, double c)
{
	return a < b ? (b < c ? b : fmax(a, c)) : (a < c ? a : fmax(b, c));
}

typedef int64_t ranks[TALLY_QUANTILES][PICKS];

static bool wanted(const ranks rank, int64_t from, int64_t to)
{
	for (int i = 0; i < TALLY_QUANTILES; i++)
		for (int j = 0; j < PICKS; j++)
			if (rank[i][j] > from && rank[i][j] <= to)
				return true;
	return false;
}

/* Puts the values of the wanted ranks where they were if all were sorted: only parts that have such
 * a rank are taken apart further (Hoare 1961). v has the ranks behind `before`. */
static void place(const ranks rank, double *v, int64_t n, int64_t before, int depth)
{
	while (n > 1 && wanted(rank, before, before + n)) {
		double by = middle(v[0], v[n / 2], v[n - 1]);
		int64_t i = 0, k = n - 1;

		if (n <= FEW || !depth--) {
			qsort(v, (size_t)n, sizeof(*v), by_value);
			return;
		}
		while (i <= k) {
			while (v[i] < by)
				i++;
			while (v[k] > by)
				k--;
			if (i <= k) {
				double one = v[i];

				v[i++] = v[k];
				v[k--] = one;
			}
		}
		place(rank, v, k + 1, before, depth);
		v += i;
		n -= i;
		before += i;
	}
}

#define ROUGH_BITS 16
#define SIFTED 8192 /* values of which it pays */

/* The first bits of a value, which are in the order of the values. */
static size_t rough(double value)
{
	uint64_t bits;

	value += 0.0; /* so that there is one zero */
	memcpy(&bits, &value, sizeof(bits));
	bits ^= bits >> 63 ? UINT64_MAX : UINT64_C(1) << 63;
	return bits >> (64 - ROUGH_BITS);
}

/* Leaves of the values those that share their first bits with one of a wanted rank, in any order,
 * and puts the ranks that they then have in place of those. How many there are. */
static int64_t sift(ranks rank, double *v, int64_t n)
{
	uint32_t *counts = mem_zero((size_t)1 << ROUGH_BITS, sizeof(*counts));
	int64_t before = 0, left = 0;
	ranks were;

	memcpy(were, rank, sizeof(were));
	for (int64_t i = 0; i < n; i++)
		counts[rough(v[i])]++;
	for (size_t k = 0; k < (size_t)1 << ROUGH_BITS; k++) {
		int64_t some = counts[k];

		counts[k] = some && wanted((const int64_t(*)[PICKS])were, before, before + some);
		for (int i = 0; i < TALLY_QUANTILES && counts[k]; i++)
			for (int j = 0; j < PICKS; j++)
				if (were[i][j] > before && were[i][j] <= before + some)
					rank[i][j] -= before - left;
		left += counts[k] ? some : 0;
		before += some;
	}
	left = 0;
	for (int64_t i = 0; i < n; i++) {
		v[left] = v[i];
		left += counts[rough(v[i])];
	}
	free(counts);
	return left;
}

void tally_sort(struct tally *t)
{
	int64_t n = (int64_t)t->value_n;
	struct tally_picks *p;
	ranks rank;

	tally_pick(t);
	p = t->picks;
	memcpy(rank, p->rank, sizeof(rank));
	if (n > SIFTED)
		n = sift(rank, t->values, n);
	place((const int64_t(*)[PICKS])rank, t->values, n, 0, DEPTH);
	for (int i = 0; i < TALLY_QUANTILES; i++)
		for (int j = 0; j < PICKS; j++)
			if (rank[i][j] > 0)
				p->value[i][j] = t->values[rank[i][j] - 1];
	free(t->values);
	t->values = NULL;
	t->value_n = t->value_cap = 0;
}

void tally_time(struct tally *t, int64_t window, double time, bool event, bool assumed)
{
	if (!t->km) {
		t->km = mem_zero(1, sizeof(*t->km));
		stat_km_begin(&t->km->sums, (double)window);
	}
	stat_km_add(&t->km->sums, time, event);
	t->km->assumed += assumed;
}

void tally_release(struct tally *t)
{
	free(t->values);
	free(t->picks);
	free(t->km);
}

int64_t tally_n(const struct tally *t, const struct metric *m)
{
	if (m->kind == METRIC_MEAN)
		return (int64_t)llround(t->ratio.w);
	return m->distinct ? t->clusters.m : t->clusters.n;
}

/* ---- figures ---- */

enum measure_scale tally_scale(const struct metric *m)
{
	switch (m->kind) {
	case METRIC_COUNT:
		return SCALE_COUNT;
	case METRIC_DURATION:
		return SCALE_SPAN;
	case METRIC_RATE:
	case METRIC_NET:
		return SCALE_RATIO;
	case METRIC_QUANTITY:
	case METRIC_MEAN:
		break;
	}
	return m->unit && strcmp(m->unit, "ratio") == 0 ? SCALE_RATIO : SCALE_NUMBER;
}

/* What one figure is made of. */
struct making {
	const struct tally *t;
	struct measure_result r;
	int64_t total;
};

static void make_count(struct making *k)
{
	k->r.n = tally_n(k->t, k->r.metric);
	k->r.has_value = true;
	k->r.value = (double)k->r.n;
}

static void make_customers(struct making *k)
{
	k->r.n = k->t->clusters.n;
	k->r.has_value = true;
	k->r.value = (double)k->t->clusters.m;
}

static void make_share(struct making *k)
{
	k->r.scale = SCALE_RATIO;
	k->r.n = k->total;
	k->r.has_value = k->r.has_numerator = k->total > 0;
	k->r.numerator = tally_n(k->t, k->r.metric);
	k->r.value = k->total ? (double)k->r.numerator / (double)k->total : 0;
}

static void make_rate(struct making *k)
{
	const struct stat_clusters *c = &k->t->clusters;

	k->r.scale = SCALE_RATIO;
	k->r.n = c->n;
	k->r.has_value = k->r.has_numerator = c->n > 0;
	if (!k->r.has_value)
		return;
	k->r.numerator = c->x;
	k->r.value = (double)c->x / (double)c->n;
	k->r.interval_kind = k->r.metric->independent ? "wilson" : "wilson_clustered";
	k->r.interval = k->r.metric->independent ? stat_wilson(k->r.value, (double)c->n)
						 : stat_cluster_interval(c);
}

static void make_quantile(struct making *k, int i)
{
	const struct tally_picks *p = k->t->picks;
	const int64_t *rank = p->rank[i];
	const double *value = p->value[i];

	k->r.n = k->t->mean.n;
	k->r.has_value = k->r.n > 0;
	if (!k->r.has_value)
		return;
	k->r.value = value[PICK_AT] + p->weight[i] * (value[PICK_NEXT] - value[PICK_AT]);
	k->r.interval = (struct stat_interval){
		rank[PICK_LOW] > 0, rank[PICK_HIGH] > 0, value[PICK_LOW], value[PICK_HIGH]};
	k->r.interval_kind = "order_statistic";
}

static void make_median(struct making *k)
{
	make_quantile(k, 0);
}

static void make_p90(struct making *k)
{
	make_quantile(k, 1);
}

/* The mean of what has quantiles as well. */
static void make_plain_mean(struct making *k)
{
	const struct stat_mean *mean = &k->t->mean;

	k->r.n = mean->n;
	k->r.has_value = mean->n > 0;
	k->r.value = mean->mean;
	k->r.interval = stat_mean_interval(mean);
	k->r.interval_kind = "t";
}

static void make_ratio(struct making *k)
{
	const struct stat_ratio *ratio = &k->t->ratio;

	k->r.n = tally_n(k->t, k->r.metric);
	k->r.has_value = ratio->m > 0;
	k->r.value = stat_ratio_value(ratio);
	k->r.interval = stat_ratio_interval(ratio);
	k->r.interval_kind = "t_clustered";
}

static void make_mean(struct making *k)
{
	if (tally_sorts(k->r.metric))
		make_plain_mean(k);
	else
		make_ratio(k);
	/* Where no value is, the mean is not, whatever the t distribution says. */
	if (!k->t->negative && k->r.interval.low < 0)
		k->r.interval.low = 0;
	if (k->r.scale == SCALE_RATIO && !tally_sorts(k->r.metric) && !k->t->beyond &&
		k->r.interval.high > 1)
		k->r.interval.high = 1;
}

static void make_net(struct making *k)
{
	make_ratio(k);
	k->r.has_numerator = k->r.has_value;
	k->r.numerator = k->t->net;
	k->r.interval.low = fmax(k->r.interval.low, -1);
	k->r.interval.high = fmin(k->r.interval.high, 1);
}

/* Of all rows, mature or not. */
static void make_km(struct making *k)
{
	struct stat_km sums = k->t->km->sums;

	stat_km_end(&sums);
	k->r.statistic = "kaplan_meier";
	k->r.scale = SCALE_RATIO;
	k->r.n = sums.n;
	k->r.has_value = k->r.has_numerator = stat_km_value(&sums, &k->r.value);
	k->r.numerator = sums.hits;
	k->r.interval = stat_km_interval(&sums);
	k->r.interval_kind = k->r.interval.has_low ? "greenwood" : NULL;
	k->r.left_out = k->t->left_out;
	k->r.assumed = k->t->km->assumed;
	k->r.status = k->r.has_value ? MEASURE_OK : MEASURE_NO_ROWS;
}

/* The share of rows without a value has the name that the definition gives it. */
static const struct {
	const char *name;
	void (*make)(struct making *k);
} makers[] = {{"count", make_count}, {"customers", make_customers}, {"share", make_share},
	{"rate", make_rate}, {"median", make_median}, {"p90", make_p90}, {"mean", make_mean},
	{"net", make_net}};

static void make(struct making *k, const char *statistic)
{
	k->r.statistic = statistic;
	k->r.scale = tally_scale(k->r.metric);
	if (k->r.metric->absent && strcmp(statistic, k->r.metric->absent) == 0) {
		make_rate(k);
		return;
	}
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (strcmp(makers[i].name, statistic) == 0)
			makers[i].make(k);
}

static void finish(struct making *k, const char *statistic)
{
	k->r.immature = k->t->immature;
	k->r.left_out = k->t->left_out;
	k->r.assumed = k->t->assumed;
	make(k, statistic);
	k->r.status = k->r.has_value ? MEASURE_OK : MEASURE_NO_ROWS;
	if (!k->r.interval.has_low && !k->r.interval.has_high)
		k->r.interval_kind = NULL;
}

int tally_figures(const struct tally *t, const struct measure_result *r, int64_t total,
	measure_take *take, void *ctx, struct buf *err)
{
	const char *statistics[METRIC_STATISTICS];
	size_t n = metric_statistics(r->metric, statistics);
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++) {
		struct making k = {t, *r, total};

		finish(&k, statistics[i]);
		status = take(ctx, &k.r, err);
	}
	if (status == 0 && t->km) {
		struct making k = {t, *r, total};

		make_km(&k);
		status = take(ctx, &k.r, err);
	}
	return status;
}

/* ---- two sides ---- */

static void make_difference(
	struct measure_result *b, const struct measure_result *a, const struct tally_pair *p)
{
	b->before = a;
	b->has_difference = a->has_value && b->has_value;
	if (!b->has_difference) {
		b->status = MEASURE_NO_ROWS;
		return;
	}
	b->difference = b->value - a->value;
	if (b->metric->independent) {
		b->difference_interval =
			stat_newcombe(a->value, (double)a->n, b->value, (double)b->n);
		b->difference_kind = "newcombe";
	} else if (b->has_numerator && b->metric->kind != METRIC_NET &&
		   b->metric->kind != METRIC_COUNT) {
		b->difference_interval = stat_pair_interval(&p->share);
		b->difference_kind = "t_clustered";
	} else if (strcmp(b->statistic, "mean") == 0 || b->metric->kind == METRIC_NET) {
		b->difference_interval = stat_pair_interval(&p->mean);
		b->difference_kind = "t_clustered";
	}
	if (!b->difference_interval.has_low)
		b->difference_kind = NULL;
	if (b->has_numerator) {
		double most = b->metric->kind == METRIC_NET ? 2 : 1;

		b->difference_interval.low = fmax(b->difference_interval.low, -most);
		b->difference_interval.high = fmin(b->difference_interval.high, most);
	}
}

int tally_compare(const struct tally sides[2], const struct tally_pair *pair,
	const struct measure_result *r, const int64_t totals[2], measure_take *take, void *ctx,
	struct buf *err)
{
	const char *statistics[METRIC_STATISTICS];
	size_t n = metric_statistics(r->metric, statistics);
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++) {
		struct making a = {&sides[0], *r, totals[0]}, b = {&sides[1], *r, totals[1]};

		finish(&a, statistics[i]);
		finish(&b, statistics[i]);
		make_difference(&b.r, &a.r, pair);
		status = take(ctx, &b.r, err);
	}
	return status;
}
