/*
 * Statistics for the metrics: intervals at 95 %, quantiles, means. The distributions are
 * Boost.Math's. What is not defined (n = 0, a bound that does not exist) is said by a flag or a
 * rank of 0, never by a number.
 */
#ifndef BASE_STAT_H
#define BASE_STAT_H

#include <stdbool.h>
#include <stdint.h>

#define STAT_CONFIDENCE 0.95

/* NaN outside of 0 < p < 1, df > 0, 0 <= k <= n. */
double stat_normal_quantile(double p);
double stat_t_quantile(double p, double df);
double stat_binomial_cdf(int64_t k, int64_t n, double p); /* P(B <= k) */

struct stat_interval {
	bool has_low, has_high;
	double low, high;
};

/* Wilson's score interval (1927) of a rate p seen over n rows; n need not be whole. None for n <=
 * 0. */
struct stat_interval stat_wilson(double p, double n);

/* A rate over rows that come in clusters (rows of one customer), kept as sums. Zeroed: empty. */
struct stat_clusters {
	int64_t m;	   /* clusters that have rows */
	int64_t x, n;	   /* hits and rows */
	double xx, xn, nn; /* sums over the clusters of x_c^2, x_c n_c, n_c^2 */
};

/* Adds one whole cluster; one without rows is none. */
void stat_cluster_add(struct stat_clusters *c, int64_t x, int64_t n);
/* Rows that the clusters are worth: p(1-p)/v, at most n; m where p is 0 or 1. 0 for m < 2. */
double stat_cluster_rows(const struct stat_clusters *c);
/* Wilson with that number of rows; none for m < 2. */
struct stat_interval stat_cluster_interval(const struct stat_clusters *c);

/* A mean, by Welford's recurrence. Zeroed: empty. */
struct stat_mean {
	int64_t n;
	double mean, m2;
};

void stat_mean_add(struct stat_mean *m, double value);
struct stat_interval stat_mean_interval(
	const struct stat_mean *m); /* Student's t; none for n < 2 */

/*
 * The q-quantile of n values by Hyndman and Fan's type 7: values *rank and *rank + 1 (from 1, in
 * ascending order), weighed 1 - *weight and *weight. The second does not count where *weight is 0.
 * n > 0.
 */
void stat_quantile_at(int64_t n, double q, int64_t *rank, double *weight);
/*
 * Ranks (from 1) of the values that bound the q-quantile of n values: the exact binomial
 * order-statistic interval, each side at most 2.5 %. 0: that bound does not exist.
 */
void stat_quantile_bounds(int64_t n, double q, int64_t *low, int64_t *high);

#endif
