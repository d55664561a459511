#include "base/stat.h"
#include "unit.h"

#include <math.h>

/* Expected values are scipy 1.17.1's unless a comment names a publication. */

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * fmax(1, fabs(b));
}

static bool is_interval(struct stat_interval i, double low, double high)
{
	return i.has_low && i.has_high && near(i.low, low) && near(i.high, high);
}

static bool is_none(struct stat_interval i)
{
	return !i.has_low && !i.has_high;
}

static void test_distributions(void)
{
	/* stats.norm.ppf */
	CHECK(near(stat_normal_quantile(0.975), 1.959963984540054));
	CHECK(near(stat_normal_quantile(0.9), 1.2815515655446004));
	CHECK(near(stat_normal_quantile(1e-10), -6.361340902404056));
	CHECK(stat_normal_quantile(0.5) == 0);
	/* stats.t.ppf; with 1 and 2 degrees of freedom also the closed forms tan(0.475 pi) and 0.95
	 * sqrt(2 / 0.0975) */
	CHECK(near(stat_t_quantile(0.975, 1), 12.706204736174694));
	CHECK(near(stat_t_quantile(0.975, 2), 0.95 * sqrt(2 / 0.0975)));
	CHECK(near(stat_t_quantile(0.975, 9), 2.262157162798205));
	CHECK(near(stat_t_quantile(0.975, 30), 2.0422724563012378));
	CHECK(near(stat_t_quantile(0.975, 1e6), 1.959966356814107));
	CHECK(near(stat_t_quantile(0.025, 9), -2.262157162798205));
	/* stats.binom.cdf; the first is 176/1024, the second 1/32 */
	CHECK(near(stat_binomial_cdf(3, 10, 0.5), 176.0 / 1024));
	CHECK(near(stat_binomial_cdf(0, 5, 0.5), 1.0 / 32));
	CHECK(near(stat_binomial_cdf(89, 100, 0.9), 0.4168444877335079));
	CHECK(near(stat_binomial_cdf(500000, 1000000, 0.5), 0.5003989421806654));
	CHECK(stat_binomial_cdf(10, 10, 0.3) == 1);
}

static void test_wrong_arguments_give_nan(void)
{
	CHECK(isnan(stat_normal_quantile(0)) && isnan(stat_normal_quantile(1)));
	CHECK(isnan(stat_normal_quantile(NAN)));
	CHECK(isnan(stat_t_quantile(0.975, 0)) && isnan(stat_t_quantile(2, 3)));
	CHECK(isnan(stat_t_quantile(0.5, NAN)));
	CHECK(isnan(stat_binomial_cdf(-1, 5, 0.5)) && isnan(stat_binomial_cdf(6, 5, 0.5)));
	CHECK(isnan(stat_binomial_cdf(1, 5, 1.5)) && isnan(stat_binomial_cdf(1, 5, NAN)));
}

static void test_wilson(void)
{
	/* Newcombe 1998, table I, method 3: 81/263, 15/148, 0/20, 1/29, to his four digits; the
	 * rest by binomtest().proportion_ci */
	struct stat_interval i = stat_wilson(81.0 / 263, 263);

	CHECK(fabs(i.low - 0.2553) < 5e-5 && fabs(i.high - 0.3662) < 5e-5);
	CHECK(is_interval(i, 0.2552885198782742, 0.36620957698280004));
	CHECK(is_interval(stat_wilson(15.0 / 148, 148), 0.06238639953073629, 0.16048724172330803));
	CHECK(is_interval(stat_wilson(1.0 / 29, 29), 0.006113214292762667, 0.17175521879320282));
	CHECK(is_interval(stat_wilson(0, 20), 0, 0.16112515805281935));
	CHECK(is_interval(stat_wilson(1, 20), 0.8388748419471808, 1));
	CHECK(stat_wilson(0, 20).low == 0 && stat_wilson(1, 20).high == 1);
	/* Rows need not be whole: the formula evaluated at p = 0.25, n = 4.5 */
	CHECK(is_interval(stat_wilson(0.25, 4.5), 0.04953066203764439, 0.6807323473033562));
	CHECK(is_none(stat_wilson(0.5, 0)));
}

static void test_clusters(void)
{
	struct stat_clusters c = {0};

	CHECK(is_none(stat_cluster_interval(&c)) && stat_cluster_rows(&c) == 0);
	stat_cluster_add(&c, 1, 2);
	CHECK(is_none(stat_cluster_interval(&c)));
	stat_cluster_add(&c, 0, 1);
	stat_cluster_add(&c, 3, 3);
	stat_cluster_add(&c, 0, 0);
	stat_cluster_add(&c, 1, 4);
	stat_cluster_add(&c, 0, 2);
	/*
	 * p = 5/12; x - p n = 1/6, -5/12, 7/4, -2/3, -5/6, squares 4 + 25 + 441 + 64 + 100 = 634
	 * over 144; v = 5/4 * 634/144 / 144 = 0.0382185..., rows = p (1 - p) / v = 6.35962...
	 */
	CHECK(c.m == 5 && c.x == 5 && c.n == 12);
	CHECK(near(stat_cluster_rows(&c), 35.0 / 144 / (5.0 / 4 * 634 / 144 / 144)));
	CHECK(is_interval(stat_cluster_interval(&c), 0.14388812771695292, 0.7522074935039056));
}

static void test_clusters_at_the_edges(void)
{
	struct stat_clusters none = {0}, all = {0}, alike = {0}, single = {0};

	for (int i = 0; i < 20; i++) {
		stat_cluster_add(&none, 0, 3);
		stat_cluster_add(&all, 3, 3);
		stat_cluster_add(&alike, 1, 3);
		stat_cluster_add(&single, i < 5, 1);
	}
	/* p is 0 or 1: worth a row a customer */
	CHECK(is_interval(stat_cluster_interval(&none), 0, 0.16112515805281935));
	CHECK(is_interval(stat_cluster_interval(&all), 0.8388748419471808, 1));
	/* No spread between customers: never worth more than the rows that there are */
	CHECK(stat_cluster_rows(&alike) == 60);
	/* A row a customer: v = 20/19 p (1 - p) / 20, so 19 rows */
	CHECK(near(stat_cluster_rows(&single), 19));
}

static void test_mean(void)
{
	const double v[] = {2, 4, 4, 4, 5, 5, 7, 9};
	struct stat_mean m = {0}, far = {0};

	CHECK(is_none(stat_mean_interval(&m)));
	for (int i = 0; i < 8; i++) {
		stat_mean_add(&m, v[i]);
		CHECK(i > 0 || is_none(stat_mean_interval(&m)));
		stat_mean_add(&far, v[i] + 1e12);
	}
	/* stats.t.interval(.95, 7, 5, sem) */
	CHECK(near(m.mean, 5) && near(m.m2, 32));
	CHECK(is_interval(stat_mean_interval(&m), 3.21251208176379, 6.787487918236209));
	CHECK(fabs(far.mean - 1e12 - 5) < 1e-3 && fabs(far.m2 - 32) < 1e-2);
}

/* What is halfway between two numbers that are told is rounded alike. */
static void test_order(void)
{
	static const double v[] = {63, 41, 78, 15, 75, 83, 38, 71, 85, 36};
	struct stat_mean mean[2] = {0};
	struct stat_ratio ratio[2] = {0};

	for (int i = 0; i < 10; i++) {
		stat_mean_add(&mean[0], v[i]);
		stat_mean_add(&mean[1], v[9 - i]);
	}
	CHECK(mean[0].mean == 58.5 && mean[1].mean == 58.5);
	for (int i = 0; i < 128; i++) {
		stat_ratio_add(&ratio[0], i ? 10 : 3, i ? 1 : 7);
		stat_ratio_add(&ratio[1], i == 127 ? 3 : 10, i == 127 ? 7 : 1);
	}
	CHECK(stat_ratio_value(&ratio[0]) == stat_ratio_value(&ratio[1]));
}

static bool at(int64_t n, double q, int64_t rank, double weight)
{
	int64_t r;
	double w;

	stat_quantile_at(n, q, &r, &w);
	return r == rank && near(w, weight);
}

static void test_quantiles(void)
{
	/* (n - 1) q = 0, 0.5, 4.5, 8.1, 9, 89.1, 0.9 */
	CHECK(at(1, 0.5, 1, 0) && at(1, 0.9, 1, 0));
	CHECK(at(2, 0.5, 1, 0.5) && at(10, 0.5, 5, 0.5));
	CHECK(at(10, 0.9, 9, 0.1) && at(11, 0.9, 10, 0));
	CHECK(at(100, 0.9, 90, 0.1) && at(2, 0.9, 1, 0.9));
	CHECK(at(101, 0.5, 51, 0) && at(1000001, 0.9, 900001, 0));
}

static bool bounds(int64_t n, double q, int64_t low, int64_t high)
{
	int64_t l, h;

	stat_quantile_bounds(n, q, &l, &h);
	return l == low && h == high;
}

static void test_quantile_bounds(void)
{
	/* By search over stats.binom.cdf; the median's are the sign test's table (n = 5 has none,
	 * 6: 1 and 6, 8: 1 and 8, 10: 2 and 9, 20: 6 and 15) */
	CHECK(bounds(0, 0.5, 0, 0) && bounds(1, 0.5, 0, 0));
	CHECK(bounds(5, 0.5, 0, 0) && bounds(5, 0.9, 3, 0));
	CHECK(bounds(6, 0.5, 1, 6) && bounds(6, 0.9, 4, 0));
	CHECK(bounds(8, 0.5, 1, 8) && bounds(8, 0.9, 5, 0));
	CHECK(bounds(10, 0.5, 2, 9) && bounds(10, 0.9, 7, 0));
	CHECK(bounds(20, 0.5, 6, 15) && bounds(20, 0.9, 15, 0));
	CHECK(bounds(37, 0.5, 13, 25) && bounds(37, 0.9, 29, 37));
	CHECK(bounds(100, 0.5, 40, 61) && bounds(100, 0.9, 84, 96));
	CHECK(bounds(1000, 0.5, 469, 532) && bounds(1000, 0.9, 881, 919));
}

static void test_ratio(void)
{
	/* By hand: r = 18/9; deviations -1, 1, 0; v = 3/2 * 2 / 81; t(2) = 4.302652729696142 */
	struct stat_ratio r = {0};
	double half = 4.302652729696142 * sqrt(3.0 / 2 * 2 / 81);

	CHECK(stat_ratio_value(&r) == 0 && is_none(stat_ratio_interval(&r)));
	stat_ratio_add(&r, 3, 2);
	CHECK(stat_ratio_value(&r) == 1.5 && is_none(stat_ratio_interval(&r)));
	stat_ratio_add(&r, 5, 0);
	CHECK(r.m == 1);
	stat_ratio_add(&r, 7, 3);
	stat_ratio_add(&r, 8, 4);
	CHECK(near(stat_ratio_value(&r), 2));
	CHECK(is_interval(stat_ratio_interval(&r), 2 - half, 2 + half));
}

static void test_ratio_of_large_values(void)
{
	struct stat_ratio r = {0}, same = {0};
	double half = 12.706204736174694 * sqrt(2.0 * 2 / 4);

	stat_ratio_add(&r, 1e12 - 1, 1);
	stat_ratio_add(&r, 1e12 + 1, 1);
	CHECK(is_interval(stat_ratio_interval(&r), 1e12 - half, 1e12 + half));
	CHECK(stat_ratio_interval(&r).high - stat_ratio_value(&r) > 12);
	/* All alike but for rounding: no interval. */
	for (int i = 1; i <= 5; i++)
		stat_ratio_add(&same, 0.1 * i, i);
	CHECK(near(stat_ratio_value(&same), 0.1) && is_none(stat_ratio_interval(&same)));
}

static void test_pair(void)
{
	/* By hand: three clusters, of which the second has weight in both. r1 = 4/4, r2 = 6/3;
	 * d = 1/4, (2 - 2)/3 - (3 - 2)/4 + 1/3, ... */
	struct stat_pair p = {0};
	const double y[3][2] = {{1, 0}, {3, 3}, {0, 3}}, w[3][2] = {{2, 0}, {2, 1}, {0, 2}};
	double d[3] = {0 - (1.0 - 2) / 4, (3.0 - 2) / 3 - (3.0 - 2) / 4, (3.0 - 4) / 3}, sum = 0;
	double half;

	for (int i = 0; i < 3; i++) {
		CHECK(i >= 2 || is_none(stat_pair_interval(&p)));
		stat_pair_add(&p, y[i], w[i]);
		sum += d[i] * d[i];
	}
	half = 4.302652729696142 * sqrt(3.0 / 2 * sum);
	CHECK(is_interval(stat_pair_interval(&p), 1 - half, 1 + half));
	stat_pair_add(&p, (double[]){1, 1}, (double[]){0, 0});
	CHECK(p.m == 3);
	/* The same rows on both sides differ by nothing, surely: no spread, no interval. */
	p = (struct stat_pair){0};
	stat_pair_add(&p, (double[]){1, 1}, (double[]){3, 3});
	stat_pair_add(&p, (double[]){2, 2}, (double[]){3, 3});
	CHECK(is_none(stat_pair_interval(&p)));
}

static void test_kaplan_meier(void)
{
	/* By hand, of times 1 1+ 2 3+ 4 (+: seen no more): S(3) = 4/5 * 2/3, S(4) = 0. */
	const double times[] = {4, 3, 2, 1, 1};
	const bool events[] = {true, false, true, false, true};
	double share, s = 4.0 / 5 * 2 / 3, step;
	struct stat_km k;

	for (int window = 3; window <= 5; window++) {
		stat_km_begin(&k, window);
		for (int i = 0; i < 5; i++)
			stat_km_add(&k, times[i], events[i]);
		stat_km_end(&k);
		CHECK(stat_km_value(&k, &share) && k.n == 5 && k.hits == (window == 3 ? 2 : 3));
		CHECK(near(share, window == 3 ? 1 - s : 1));
		step = 1.959963984540054 * sqrt(1.0 / (5 * 4) + 1.0 / (3 * 2)) / -log(s);
		if (window == 3)
			CHECK(is_interval(stat_km_interval(&k), 1 - pow(s, exp(-step)),
				1 - pow(s, exp(step))));
		else
			CHECK(is_none(stat_km_interval(&k)));
	}
	/* Nobody was seen for so long. */
	stat_km_begin(&k, 5);
	stat_km_add(&k, 4, false);
	stat_km_add(&k, 1, true);
	stat_km_end(&k);
	CHECK(!stat_km_value(&k, &share) && is_none(stat_km_interval(&k)));
	stat_km_begin(&k, 5);
	stat_km_end(&k);
	CHECK(!stat_km_value(&k, &share));
}

static void test_newcombe(void)
{
	/* Newcombe 1998, table II, method 10: 56/70 - 48/80, 9/10 - 3/10, to his four digits */
	struct stat_interval i = stat_newcombe(48.0 / 80, 80, 56.0 / 70, 70);

	CHECK(fabs(i.low - 0.0524) < 5e-5 && fabs(i.high - 0.3339) < 5e-5);
	i = stat_newcombe(0.3, 10, 0.9, 10);
	CHECK(fabs(i.low - 0.1705) < 5e-5 && fabs(i.high - 0.8090) < 5e-5);
	CHECK(is_none(stat_newcombe(0, 0, 0.5, 10)) && is_none(stat_newcombe(0.5, 10, 0, 0)));
}

int main(void)
{
	test_distributions();
	test_wrong_arguments_give_nan();
	test_wilson();
	test_clusters();
	test_clusters_at_the_edges();
	test_ratio();
	test_ratio_of_large_values();
	test_pair();
	test_newcombe();
	test_kaplan_meier();
	test_mean();
	test_order();
	test_quantiles();
	test_quantile_bounds();
	return unit_end();
}
