/* Texts as numbers: each text that is seen has one, from 1 in the order in which it came. */
#ifndef CORE_STORE_CODES_H
#define CORE_STORE_CODES_H

#include "base/map.h"

/* Zeroed: empty. */
struct codes {
	struct map index;
	struct str *v; /* of number i + 1; the map's own */
	size_t n, cap;
};

int64_t codes_of(struct codes *c, struct str text);
/* The text of a number that codes_of gave; NUL-terminated, valid until the release. */
static inline struct str codes_text(const struct codes *c, int64_t code)
{
	return c->v[code - 1];
}
void codes_release(struct codes *c); /* empty afterwards */

#endif
