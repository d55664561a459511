/*
 * What every match of a pattern must hold, as a set of characters, so that most texts are passed
 * over without running it: a pattern can match only where !(needs_of_pattern & ~needs_of_text).
 */
#ifndef CORE_NEEDS_H
#define CORE_NEEDS_H

#include "base/buf.h"

#include <stdint.h>

/* Without regard to case; digits are one. An empty set where the pattern holds something that is
 * not understood here. */
uint64_t needs_of_pattern(struct str pattern);
uint64_t needs_of_text(struct str text);
/* How many digits every match must hold, and how many there are. */
size_t needs_digits_of_pattern(struct str pattern);
size_t needs_digits_of_text(struct str text);

/*
 * Runs of letters and blanks, one of which every match of a pattern holds, each as pairs of
 * characters that stand side by side; and the pairs of a text, a bit each.
 */
#define NEEDS_RUNS 16
#define NEEDS_PAIRS 6 /* of a run, its first */
struct needs_run {
	uint16_t n, pair[NEEDS_PAIRS];
};
struct needs_any {
	size_t n; /* 0: nothing may be concluded */
	struct needs_run v[NEEDS_RUNS];
};
struct needs_pairs {
	uint64_t bits[16];
};

void needs_any_of_pattern(struct str pattern, struct needs_any *out);
void needs_pairs_of_text(struct str text, struct needs_pairs *out);
/* false: no text of these pairs is matched by the pattern. */
bool needs_any_met(const struct needs_any *any, const struct needs_pairs *text);

#endif
