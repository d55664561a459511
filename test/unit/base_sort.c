#include "base/sort.h"
#include "unit.h"

#include <stdbool.h>

/* The least first, the greatest last, none lost. */
static void test_numbers(void)
{
	uint64_t v[1000], sum = 0, random = 7;
	bool sorted = true;

	for (size_t n = 0; n <= 1000; n += 1 + n / 3) {
		for (size_t i = 0; i < n; i++) {
			random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
			v[i] = i % 5 ? random : UINT64_MAX - i % 2;
			sum += v[i];
		}
		sort_numbers(v, n);
		for (size_t i = 0; i < n; i++) {
			sorted &= !i || v[i - 1] <= v[i];
			sum -= v[i];
		}
	}
	sort_numbers(NULL, 0);
	CHECK(sorted && sum == 0);
}

int main(void)
{
	test_numbers();
	return unit_end();
}
