/* What is looked for, against looking for each alone. */
#include "base/needles.h"
#include "base/random.h"
#include "unit.h"

#include <string.h>

#define STRINGS 12
#define TEXT 60

static void draw(struct random *r, char *out, size_t len, uint64_t letters)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (char)('a' + random_below(r, letters));
	out[len] = '\0';
}

static void put(struct needles *n, const char *s, uint32_t mark)
{
	uint32_t node = 0;

	for (size_t i = strlen(s); i-- > 0;)
		node = needles_put(n, node, (unsigned char)s[i]);
	if (!*needles_mark(n, node))
		*needles_mark(n, node) = mark;
}

/* All that begin at a place are found, the longest first, and no others. */
static bool right_at(
	struct needles *n, uint32_t at, char strings[][TEXT + 1], size_t count, const char *text)
{
	uint32_t found = needles_found(n, at);
	size_t longest = SIZE_MAX;
	bool seen[STRINGS] = {false};

	for (; found; found = needles_shorter(n, found)) {
		size_t i = *needles_mark(n, found) - 1;

		if (strlen(strings[i]) >= longest ||
			strncmp(text, strings[i], strlen(strings[i])) != 0)
			return false;
		longest = strlen(strings[i]);
		seen[i] = true;
	}
	for (size_t i = 0; i < count; i++) {
		bool same = false;

		for (size_t k = 0; k < i; k++)
			same |= strcmp(strings[i], strings[k]) == 0;
		if (!same && seen[i] != (strncmp(text, strings[i], strlen(strings[i])) == 0))
			return false;
	}
	return true;
}

static bool round_of(struct needles *n, struct random *r)
{
	char strings[STRINGS][TEXT + 1], text[TEXT + 1];
	uint64_t letters = 1 + random_below(r, 3);
	size_t count = random_below(r, STRINGS + 1);
	uint32_t at = 0;

	needles_clear(n);
	for (size_t i = 0; i < count; i++) {
		draw(r, strings[i], 1 + random_below(r, 9), letters);
		put(n, strings[i], (uint32_t)i + 1);
	}
	needles_settle(n);
	draw(r, text, random_below(r, TEXT + 1), letters);
	for (size_t i = strlen(text); i-- > 0;) {
		at = needles_step(n, at, (unsigned char)text[i]);
		if (!right_at(n, at, strings, count, text + i))
			return false;
	}
	return true;
}

int main(void)
{
	struct needles *n = needles_new();
	struct random r = random_stream(1, 0);
	bool right = true;

	for (int i = 0; i < 3000 && right; i++)
		right = round_of(n, &r);
	CHECK(right);
	needles_free(n);
	return unit_end();
}
