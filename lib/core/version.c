#include "core/version.h"
#include "base/buf.h"

#define PART_MAX 100000

/* The parts of a text and their number, at most three; *open where it ends in x. -1: it is none. */
static int parts_of(const char *s, int part[3], bool *open)
{
	int n = 0;

	*open = false;
	part[0] = part[1] = part[2] = 0;
	for (;; s++) {
		if (n > 0 && s[0] == 'x' && !s[1]) {
			*open = true;
			return n;
		}
		if (n == 3 || *s < '0' || *s > '9')
			return -1;
		while (*s >= '0' && *s <= '9' && part[n] < PART_MAX)
			part[n] = 10 * part[n] + (*s++ - '0');
		n++;
		if (!*s)
			return n;
		if (*s != '.')
			return -1;
	}
}

bool version_parse(const char *s, struct version *v)
{
	bool open;

	return parts_of(s, v->part, &open) > 0 && !open;
}

int version_compare(const struct version *a, const struct version *b)
{
	for (int i = 0; i < 3; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return 0;
}

bool version_fits(const char *version, const char *wish, bool *is_wish)
{
	struct version v;
	int part[3], n;
	bool open;

	n = parts_of(wish, part, &open);
	if (is_wish)
		*is_wish = n > 0;
	if (n < 0 || !version_parse(version, &v))
		return false;
	for (int i = 0; i < (open ? n : 3); i++)
		if (v.part[i] != part[i])
			return false;
	return true;
}
