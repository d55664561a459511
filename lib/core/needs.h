/*
 * What every match of a pattern must hold, as a set of characters, so that most texts are passed
 * over without running it: a pattern can match only where !(needs_of_pattern & ~needs_of_text).
 */
#ifndef CORE_NEEDS_H
#define CORE_NEEDS_H

#include "base/buf.h"

/* Without regard to case; digits are one. An empty set where the pattern holds something that is
 * not understood here. */
uint64_t needs_of_pattern(struct str pattern);
uint64_t needs_of_text(struct str text);
/* How many digits every match must hold, and how many there are. */
size_t needs_digits_of_pattern(struct str pattern);
size_t needs_digits_of_text(struct str text);

#endif
