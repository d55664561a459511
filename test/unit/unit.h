/* The unit tests' harness: CHECK counts, unit_end prints "N passed, N failed" and gives main's
 * status. */
#ifndef TEST_UNIT_H
#define TEST_UNIT_H

#include <stdio.h>

static int unit_passed, unit_failed;

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (what) {                                                                        \
			unit_passed++;                                                             \
		} else {                                                                           \
			unit_failed++;                                                             \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #what);                          \
		}                                                                                  \
	} while (0)

static inline int unit_end(void)
{
	printf("%d passed, %d failed\n", unit_passed, unit_failed);
	return unit_failed != 0;
}

#endif
