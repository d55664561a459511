/* Regions: ISO 3166-1 alpha-2 ("BR"), or one with a part behind a hyphen ("US-CA"). */
#ifndef BASE_REGION_H
#define BASE_REGION_H

#include "base/buf.h"

#define REGION_MAX 6 /* bytes */

/* Whether it is one as files name it: in capitals. */
bool region_is(const char *s);
/* Whether a region, whatever its case, is another or part of it: "us-ca" is within "US". */
bool region_within(struct str region, const char *of);

#endif
