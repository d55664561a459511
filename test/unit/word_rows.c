/* Wide registers give to the bit what one number at a time gives. */
#include "base/mem.h"
#include "stage/word_rows.h"
#include "unit.h"

#include <stdlib.h>

#define N 64

static uint32_t bits(float v)
{
	uint32_t n;

	memcpy(&n, &v, sizeof(n));
	return n;
}

static void test_powers(void)
{
	float scores[N], one;

	for (int at = 0; at < 200; at++) {
		for (int k = 0; k < N; k++)
			scores[k] = -0.013F * (float)(at * N + k);
		row_powers(scores, 0, 1, N);
		for (int k = 0; k < N; k++) {
			one = row_power2(-0.013F * (float)(at * N + k));
			CHECK(bits(scores[k]) == bits(one));
		}
	}
	CHECK(row_power2(-127) == 0 && row_power2(0) > 0.99F && row_power2(0) < 1.01F);
	CHECK(row_power2(-1) > 0.499F && row_power2(-1) < 0.501F);
}

static void test_scores(void)
{
	struct model *m = mem_zero(1, sizeof(*m));
	const double by = 1 / 3e5, run_by = 1 / 7e9;

	m->class_n = N - 3;
	m->labels = mem_zero(m->class_n, sizeof(*m->labels));
	model_room(m);
	for (size_t k = 0; k < m->class_n; k++) {
		m->sums[k] = (int32_t)k * 30000001 - 1000000007;
		m->runs[k] = ((int64_t)k - 30) * INT64_C(9007199254);
		m->bias[k] = (float)k / 7;
	}
	row_scores(m, by, run_by);
	for (size_t k = 0; k < m->class_n; k++) {
		float one =
			(float)((double)m->sums[k] * by + (double)m->runs[k] * run_by) + m->bias[k];

		CHECK(bits(m->scores[k]) == bits(one));
	}
	model_free(m);
}

int main(void)
{
	test_powers();
	test_scores();
	return unit_end();
}
