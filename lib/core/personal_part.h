/* What the files of the detector share. */
#ifndef CORE_PERSONAL_PART_H
#define CORE_PERSONAL_PART_H

#include "base/map.h"
#include "core/personal.h"

/* What members' names say of their values: their folded letters and digits -> kind. */
struct personal_names {
	struct map endings, wholes; /* of a name; names that are one */
	struct map people;	    /* what a bare "name" within is a person's */
};

void personal_names_learn(struct personal_names *n); /* of a zeroed one */
void personal_names_release(struct personal_names *n);
enum personal_kind personal_names_kind(
	const struct personal_names *n, struct str name, struct str parent);

/* A hit of this part of the text; its normal form is that of `value`. */
void personal_add(struct personal_hits *hits, struct str text, struct str part,
	enum personal_kind kind, struct str value, const char *region);
/* Telephone numbers, cards and national numbers among the runs of digits. *asks: how often a plan
 * of telephone numbers may be asked, counted down; where it is 0, all that would have to be asked
 * for are telephone numbers. */
void personal_digits(
	struct str text, const struct personal_about *about, int *asks, struct personal_hits *hits);
/* Appends the letters and digits of ASCII in s, in capitals. */
void personal_code(struct buf *out, struct str s);

#endif
