/* The two sides of jmetrics --compare. */
#ifndef STAGE_COMPARE_H
#define STAGE_COMPARE_H

#include "core/store/measure.h"

/* Zeroed: none. */
struct compare {
	struct measure_side v[2];
	const char *names[2]; /* as they were given; borrowed */
	char *dimensions[2];  /* which v borrow; or NULL */
};

/*
 * Reads two sides, and takes the second out of the operands: it is the first of them that has a '='
 * or begins with a digit. A side is a year, month, ISO week or day (2026, 2026-01, 2026-W05,
 * 2026-01-05) of the process's zone; a stretch A..B of dates or RFC 3339 times, without B; or
 * DIM=VALUE. -1 and "--compare: reason". Release with compare_release.
 */
int compare_read(struct compare *c, const char *first, int *argc, char **argv, struct buf *err);
void compare_release(struct compare *c);

#endif
