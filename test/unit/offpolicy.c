#include "core/offpolicy.h"
#include "base/random.h"
#include "unit.h"

#include <math.h>

#define ROWS 1000
#define RUNS 1000
#define ACTIONS 3
#define GROUPS 4

/* The chance of a good outcome, by action and group: what the estimators do not know. */
static double chance(size_t action, size_t group)
{
	static const double of[ACTIONS][GROUPS] = {
		{0.2, 0.4, 0.6, 0.8}, {0.5, 0.5, 0.5, 0.5}, {0.9, 0.3, 0.7, 0.1}};

	return of[action][group];
}

/* The policy that was logged takes action 0 but for half of the rows; the new one another by group.
 */
static double generate(struct offpolicy_row *v, uint64_t seed)
{
	struct random r = random_stream(seed, 0);
	double truth = 0;

	for (size_t g = 0; g < GROUPS; g++)
		truth += chance(g % ACTIONS, g) / GROUPS;
	for (size_t i = 0; i < ROWS; i++) {
		v[i].group = random_below(&r, GROUPS);
		v[i].would = v[i].group % ACTIONS;
		v[i].took = random_unit(&r) < 0.5 ? random_below(&r, ACTIONS) : 0;
		v[i].propensity = 0.5 / ACTIONS + (v[i].took == 0 ? 0.5 : 0);
		v[i].outcome = random_unit(&r) <= chance(v[i].took, v[i].group);
	}
	return truth;
}

static bool covers(const struct offpolicy_value *v, double truth)
{
	return v->interval.has_low && v->interval.low <= truth && truth <= v->interval.high;
}

static void test_coverage(void)
{
	static struct offpolicy_row v[ROWS];
	int ips = 0, snips = 0, dr = 0, narrower = 0;

	for (uint64_t run = 0; run < RUNS; run++) {
		struct offpolicy o;
		double truth = generate(v, run);

		offpolicy_estimate(v, ROWS, ACTIONS, GROUPS, &o);
		ips += covers(&o.ips, truth);
		snips += covers(&o.snips, truth);
		dr += covers(&o.dr, truth);
		narrower += o.dr.interval.high - o.dr.interval.low <
			    o.ips.interval.high - o.ips.interval.low;
	}
	printf("of %d intervals: ips %d, snips %d, dr %d cover\n", RUNS, ips, snips, dr);
	CHECK(ips >= RUNS * 93 / 100 && ips <= RUNS * 97 / 100);
	CHECK(snips >= RUNS * 93 / 100 && snips <= RUNS * 97 / 100);
	CHECK(dr >= RUNS * 93 / 100 && dr <= RUNS * 97 / 100);
	CHECK(narrower > RUNS * 9 / 10);
}

/* Worked by hand. */
static void test_values(void)
{
	const struct offpolicy_row v[] = {
		{1, 0.5, 0, 0, 0}, {0, 0.25, 1, 1, 0}, {1, 0.5, 0, 1, 0}, {1, 0.25, 1, 1, 0}};
	struct offpolicy o;

	offpolicy_estimate(v, 4, 2, 1, &o);
	CHECK(o.matched == 3);
	CHECK(fabs(o.ess - 100.0 / 36) < 1e-12);
	CHECK(fabs(o.ips.value - 6.0 / 4) < 1e-12);
	CHECK(fabs(o.snips.value - 6.0 / 10) < 1e-12);
	/* m(0) = 1, m(1) = 1/2: 1 + 0, 1/2 - 2, 1/2, 1/2 + 2. */
	CHECK(fabs(o.dr.value - 2.5 / 4) < 1e-12);
	CHECK(fabs(o.snips.interval.high - 0.6 -
		      1.959963984540054 * sqrt(0.64 + 5.76 + 2.56) / 10) < 1e-12);
}

static void test_nothing(void)
{
	const struct offpolicy_row v[] = {{1, 1, 0, 1, 0}, {0, 1, 0, 1, 0}};
	struct offpolicy o;

	offpolicy_estimate(v, 2, 2, 1, &o);
	CHECK(o.matched == 0 && o.ess == 0 && !o.ips.interval.has_low);
	offpolicy_estimate(v, 0, 2, 1, &o);
	CHECK(o.matched == 0);
}

int main(void)
{
	test_values();
	test_nothing();
	test_coverage();
	return unit_end();
}
