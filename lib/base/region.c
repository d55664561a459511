#include "base/region.h"

#include <ctype.h>
#include <strings.h>

bool region_is(const char *s)
{
	size_t part = 0;

	if (!isupper((unsigned char)s[0]) || !isupper((unsigned char)s[1]))
		return false;
	if (!s[2])
		return true;
	while (isupper((unsigned char)s[3 + part]) || isdigit((unsigned char)s[3 + part]))
		part++;
	return s[2] == '-' && part >= 1 && part <= 3 && !s[3 + part];
}

bool region_within(struct str region, const char *of)
{
	size_t n = strlen(of);

	return region.len >= n && strncasecmp(of, region.s, n) == 0 &&
	       (region.len == n || region.s[n] == '-');
}
