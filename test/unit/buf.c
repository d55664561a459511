#include "base/buf.h"
#include "base/mem.h"
#include "unit.h"

#include <stdlib.h>

/* Of every length, and of each byte that may be another; no byte beyond them is looked at. */
static void test_bytes(void)
{
	for (size_t n = 0; n <= 80; n++) {
		char *a = mem_alloc(n + !n), *b = mem_alloc(n + !n);
		size_t told = 0;

		for (size_t i = 0; i < n; i++)
			a[i] = b[i] = (char)('a' + i % 26);
		CHECK(str_bytes(a, b, n));
		for (size_t i = 0; i < n; i++) {
			b[i] ^= 1;
			told += !str_bytes(a, b, n);
			b[i] ^= 1;
		}
		CHECK(told == n);
		free(a);
		free(b);
	}
}

int main(void)
{
	test_bytes();
	return unit_end();
}
