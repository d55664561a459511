/* What the files of the detector share. */
#ifndef CORE_PERSONAL_PART_H
#define CORE_PERSONAL_PART_H

#include "core/personal.h"

/* A hit of this part of the text; its normal form is that of `value`. */
void personal_add(struct personal_hits *hits, struct str text, struct str part,
	enum personal_kind kind, struct str value, const char *region);
/* Telephone numbers, cards and national numbers among the runs of digits. */
void personal_digits(
	struct str text, const struct personal_about *about, struct personal_hits *hits);
/* Appends the letters and digits of ASCII in s, in capitals. */
void personal_code(struct buf *out, struct str s);

#endif
