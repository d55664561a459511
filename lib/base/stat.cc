extern "C" {
#include "base/stat.h"
}

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace
{

namespace policies = boost::math::policies;

constexpr double tail = (1 - STAT_CONFIDENCE) / 2;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/* A wrong argument gives NaN; promotion to long double is left out, so that all machines give the
 * same. */
using quiet = policies::policy<policies::domain_error<policies::ignore_error>,
	policies::pole_error<policies::ignore_error>,
	policies::overflow_error<policies::ignore_error>,
	policies::evaluation_error<policies::ignore_error>, policies::promote_double<false>>;

/* No exception leaves this file: C has no way to catch one. */
template <typename F> double guarded(F f) noexcept
{
	try {
		return f();
	} catch (...) {
		return nothing;
	}
}

double square(double x)
{
	return x * x;
}

stat_interval around(double centre, double half)
{
	return stat_interval{true, true, centre - half, centre + half};
}

/* Student's t about a value of that variance, made of numbers of that size. Clusters that are all
 * alike say nothing of how far others lie: a variance that is 0 but for rounding gives none. */
stat_interval spread(double value, double size, double v, double df)
{
	if (!(v > square(1e-14 * size)))
		return stat_interval{false, false, 0, 0};
	return around(value, stat_t_quantile(1 - tail, df) * std::sqrt(v));
}

/* The smallest k in 0..n with P(B <= k) >= wanted. */
int64_t binomial_quantile(int64_t n, double q, double wanted)
{
	int64_t from = 0, to = n;

	while (from < to) {
		int64_t mid = from + (to - from) / 2;

		if (stat_binomial_cdf(mid, n, q) >= wanted)
			to = mid;
		else
			from = mid + 1;
	}
	return from;
}

} // namespace

double stat_normal_quantile(double p)
{
	if (!(p > 0 && p < 1))
		return nothing;
	return guarded(
		[=] { return quantile(boost::math::normal_distribution<double, quiet>(0, 1), p); });
}

double stat_t_quantile(double p, double df)
{
	if (!(p > 0 && p < 1 && df > 0))
		return nothing;
	return guarded([=] {
		return quantile(boost::math::students_t_distribution<double, quiet>(df), p);
	});
}

double stat_binomial_cdf(int64_t k, int64_t n, double p)
{
	if (k < 0 || k > n || !(p >= 0 && p <= 1))
		return nothing;
	return guarded([=] {
		boost::math::binomial_distribution<double, quiet> b(double(n), p);
		return cdf(b, double(k));
	});
}

stat_interval stat_wilson(double p, double n)
{
	double zz = square(stat_normal_quantile(1 - tail));

	if (!(n > 0))
		return stat_interval{false, false, 0, 0};
	stat_interval i = around((p + zz / (2 * n)) / (1 + zz / n),
		std::sqrt(p * (1 - p) * zz / n + square(zz / (2 * n))) / (1 + zz / n));
	/* Exactly 0 and 1 where the rate is: rounding must not show a bound beyond the rate. */
	i.low = p <= 0 ? 0 : std::fmax(i.low, 0);
	i.high = p >= 1 ? 1 : std::fmin(i.high, 1);
	return i;
}

void stat_cluster_add(stat_clusters *c, int64_t x, int64_t n)
{
	if (n <= 0)
		return;
	c->m++;
	c->x += x;
	c->n += n;
	c->xx += double(x) * double(x);
	c->xn += double(x) * double(n);
	c->nn += double(n) * double(n);
}

void stat_cluster_take(stat_clusters *c, const stat_counts *some)
{
	c->m += some->m;
	c->x += some->x;
	c->n += some->n;
	c->xx += double(some->xx);
	c->xn += double(some->xn);
	c->nn += double(some->nn);
}

double stat_cluster_rows(const stat_clusters *c)
{
	double m = double(c->m), n = double(c->n), p, spread, v;

	if (c->m < 2)
		return 0;
	if (c->x == 0 || c->x == c->n)
		return m;
	p = double(c->x) / n;
	spread = c->xx - 2 * p * c->xn + p * p * c->nn;
	v = m / (m - 1) * spread / (n * n);
	/* Customers who are all alike have no spread; rounding can leave it just below 0. */
	return v > 0 ? std::fmin(p * (1 - p) / v, n) : n;
}

stat_interval stat_cluster_interval(const stat_clusters *c)
{
	return stat_wilson(c->n ? double(c->x) / double(c->n) : 0, stat_cluster_rows(c));
}

void stat_ratio_add(stat_ratio *r, double y, double w)
{
	double z;

	if (!(w > 0))
		return;
	if (!r->m++)
		r->shift = y / w;
	z = y - r->shift * w;
	r->y += y;
	r->z += z;
	r->w += w;
	r->zz += z * z;
	r->zw += z * w;
	r->ww += w * w;
}

double stat_ratio_value(const stat_ratio *r)
{
	return r->m ? r->y / r->w : 0;
}

stat_interval stat_ratio_interval(const stat_ratio *r)
{
	double m = double(r->m), k, v;

	if (r->m < 2)
		return stat_interval{false, false, 0, 0};
	k = r->z / r->w;
	v = m / (m - 1) * (r->zz - 2 * k * r->zw + k * k * r->ww) / square(r->w);
	return spread(stat_ratio_value(r), stat_ratio_value(r), v, m - 1);
}

enum { Z, W };

void stat_pair_add(stat_pair *p, const double y[2], const double w[2])
{
	double one[2][2];

	if (!(w[0] > 0) && !(w[1] > 0))
		return;
	if (!p->m++)
		p->shift = (y[0] + y[1]) / (w[0] + w[1]);
	for (int i = 0; i < 2; i++) {
		double z = y[i] - p->shift * w[i];

		one[i][Z] = z;
		one[i][W] = w[i];
		p->z[i] += z;
		p->w[i] += w[i];
		p->zz[i] += z * z;
		p->zw[i] += z * w[i];
		p->ww[i] += w[i] * w[i];
	}
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 2; j++)
			p->cross[i][j] += one[0][i] * one[1][j];
}

stat_interval stat_pair_interval(const stat_pair *p)
{
	double m = double(p->m), k[2], v = 0, both;

	if (p->m < 2 || !(p->w[0] > 0) || !(p->w[1] > 0))
		return stat_interval{false, false, 0, 0};
	for (int i = 0; i < 2; i++) {
		k[i] = p->z[i] / p->w[i];
		v += (p->zz[i] - 2 * k[i] * p->zw[i] + k[i] * k[i] * p->ww[i]) / square(p->w[i]);
	}
	both = p->cross[Z][Z] - k[1] * p->cross[Z][W] - k[0] * p->cross[W][Z] +
	       k[0] * k[1] * p->cross[W][W];
	v -= 2 * both / (p->w[0] * p->w[1]);
	return spread(k[1] - k[0], std::fabs(p->shift) + std::fabs(k[0]) + std::fabs(k[1]),
		m / (m - 1) * v, m - 1);
}

stat_interval stat_newcombe(double p1, double n1, double p2, double n2)
{
	stat_interval a = stat_wilson(p1, n1), b = stat_wilson(p2, n2);
	double d = p2 - p1;

	if (!(n1 > 0) || !(n2 > 0))
		return stat_interval{false, false, 0, 0};
	return stat_interval{true, true, d - std::hypot(p2 - b.low, a.high - p1),
		d + std::hypot(b.high - p2, p1 - a.low)};
}

void stat_km_begin(stat_km *k, double window)
{
	*k = stat_km{};
	k->window = window;
	k->survival = 1;
}

/* All rows so far are at risk at the time of the last ones. */
void stat_km_end(stat_km *k)
{
	double risk = double(k->n), d = double(k->events);

	if (k->events && k->time <= k->window) {
		k->survival *= 1 - d / risk;
		k->greenwood += d / (risk * (risk - d));
		k->hits += k->events;
	}
	k->events = 0;
}

void stat_km_add(stat_km *k, double time, bool event)
{
	if (!k->n)
		k->longest = time;
	else if (time < k->time)
		stat_km_end(k);
	k->time = time;
	k->n++;
	k->events += event;
}

bool stat_km_value(const stat_km *k, double *share)
{
	*share = 1 - k->survival;
	return k->n > 0 && (k->longest >= k->window || k->survival <= 0);
}

stat_interval stat_km_interval(const stat_km *k)
{
	double share, step;

	if (!stat_km_value(k, &share) || share <= 0 || k->survival <= 0)
		return stat_interval{false, false, 0, 0};
	step = stat_normal_quantile(1 - tail) * std::sqrt(k->greenwood) /
	       std::fabs(std::log(k->survival));
	return stat_interval{true, true, 1 - std::pow(k->survival, std::exp(-step)),
		1 - std::pow(k->survival, std::exp(step))};
}

void stat_mean_add(stat_mean *m, double value)
{
	double before = value - m->mean;

	m->n++;
	m->sum += value;
	m->mean = m->sum / double(m->n);
	m->m2 += before * (value - m->mean);
}

stat_interval stat_mean_interval(const stat_mean *m)
{
	double df = double(m->n) - 1;

	if (m->n < 2)
		return stat_interval{false, false, 0, 0};
	return around(
		m->mean, stat_t_quantile(1 - tail, df) * std::sqrt(m->m2 / df / double(m->n)));
}

void stat_quantile_at(int64_t n, double q, int64_t *rank, double *weight)
{
	double at = double(n - 1) * q, whole = std::floor(at);

	/* 0.9 * 10 is 9.000000000000000x in binary: what is a rank to 12 digits is that rank. */
	if (std::fabs(at - std::round(at)) <= 1e-12 * (at + 1))
		at = whole = std::round(at);
	*rank = int64_t(whole) + 1;
	*weight = at - whole;
}

void stat_quantile_bounds(int64_t n, double q, int64_t *low, int64_t *high)
{
	/* low: the most with P(B <= low - 1) <= 2.5 %; the quantile k is the first beyond it. */
	int64_t k = binomial_quantile(n, q, tail);

	*low = n > 0 && stat_binomial_cdf(k, n, q) <= tail ? k + 1 : k;
	/* high: the least with P(B <= high - 1) >= 97.5 %. */
	*high = binomial_quantile(n, q, 1 - tail) + 1;
	if (n <= 0)
		*low = 0;
	if (*high > n)
		*high = 0;
}
