/* Versions like 1.2.0, of which the last parts may be missing, and what they must fit. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#include <stdbool.h>

struct version {
	int part[3]; /* major, minor, patch */
};

/* False where it is none; the missing parts are 0. */
bool version_parse(const char *s, struct version *v);
int version_compare(const struct version *a, const struct version *b);
/*
 * Whether a version fits a wish: 1.x is any of 1, 1.2.x any of 1.2; without x, as 1.2, it is 1.2.0
 * and nothing else. *is_wish says whether the wish is one (may be NULL).
 */
bool version_fits(const char *version, const char *wish, bool *is_wish);

#endif
