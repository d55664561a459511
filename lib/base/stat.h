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
/* Some clusters first as whole numbers, which is quicker; one without rows is none. Zeroed: empty.
 */
struct stat_counts {
	int64_t m, x, n, xx, xn, nn;
};
static inline void stat_cluster_count(struct stat_counts *c, int64_t x, int64_t n)
{
	c->m += n != 0;
	c->x += x;
	c->n += n;
	c->xx += x * x;
	c->xn += x * n;
	c->nn += n * n;
}
void stat_cluster_take(struct stat_clusters *c, const struct stat_counts *some);
/* Rows that the clusters are worth: p(1-p)/v, at most n; m where p is 0 or 1. 0 for m < 2. */
double stat_cluster_rows(const struct stat_clusters *c);
/* Wilson with that number of rows; none for m < 2. */
struct stat_interval stat_cluster_interval(const struct stat_clusters *c);

/*
 * A ratio over clusters, sum y / sum w with w > 0: a weighted mean, a net share. Kept as sums, y
 * less `shift` for each w so that large values lose no digits. Zeroed: empty.
 */
struct stat_ratio {
	int64_t m; /* clusters */
	double shift;
	double y;	   /* the sum of y_c: the same in whatever order whole numbers come */
	double z, w;	   /* sums of z_c = y_c - shift w_c, and of w_c */
	double zz, zw, ww; /* sums over the clusters of z_c^2, z_c w_c, w_c^2 */
};

/* Adds one whole cluster; one without weight is none. */
void stat_ratio_add(struct stat_ratio *r, double y, double w);
/* sum y / sum w; 0 where it is empty. */
double stat_ratio_value(const struct stat_ratio *r);
/*
 * The ratio r linearised: v = m/(m-1) sum (y_c - r w_c)^2 / (sum w)^2, and r -+ t sqrt(v) with m -
 * 1 degrees of freedom. None for m < 2, nor where the clusters show no spread at all.
 */
struct stat_interval stat_ratio_interval(const struct stat_ratio *r);

/* Two ratios over the same clusters, each of which may have weight in one or both. Zeroed: empty.
 */
struct stat_pair {
	int64_t m;
	double shift;
	double z[2], w[2], zz[2], zw[2], ww[2]; /* as of stat_ratio */
	double cross[2]
		    [2]; /* sums over the clusters of z or w of the first, z or w of the second */
};

/* Adds one whole cluster; one without weight in either is none. */
void stat_pair_add(struct stat_pair *p, const double y[2], const double w[2]);
/*
 * Second ratio less first, linearised: d_c = (y2_c - r2 w2_c)/W2 - (y1_c - r1 w1_c)/W1,
 * v = m/(m-1) sum d_c^2, and Student's t with m - 1 degrees of freedom. None for m < 2, where
 * either has no weight, and where the clusters show no spread at all.
 */
struct stat_interval stat_pair_interval(const struct stat_pair *p);
/* Newcombe's (1998) hybrid score interval of p2 - p1, seen over n1 and n2 independent rows; none
 * for n <= 0. */
struct stat_interval stat_newcombe(double p1, double n1, double p2, double n2);

/*
 * The estimate of Kaplan and Meier (1958) of who has had an event by a time, where some were not
 * seen for so long. Rows come with their times, the longest first: of the event, or of where they
 * were seen no more. What comes at the time of an event was there for it. One pass, nothing held.
 */
struct stat_km {
	double window;	  /* the time that is asked about */
	double longest;	  /* of all rows */
	int64_t n, hits;  /* rows; events by then */
	double time;	  /* of the rows that came last */
	int64_t events;	  /* among them */
	double survival;  /* of the times that are done */
	double greenwood; /* sum of d / (r (r - d)), d events among r at risk */
};

void stat_km_begin(struct stat_km *k, double window);
void stat_km_add(struct stat_km *k, double time, bool event);
void stat_km_end(struct stat_km *k); /* after the last row */
/* The share that has had the event; false where nobody was seen for so long and some had none. */
bool stat_km_value(const struct stat_km *k, double *share);
/* Greenwood's variance on the scale of log(-log S); none where there is no value, or it is 0 or 1.
 */
struct stat_interval stat_km_interval(const struct stat_km *k);

/* A mean, and the squares about it by Welford's recurrence. Zeroed: empty. */
struct stat_mean {
	int64_t n;
	double sum, mean, m2;
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
