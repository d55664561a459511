#include "base/near.h"
#include "base/mem.h"

#include <stdlib.h>

/* Levenshtein's distance, over bytes, of a from the beginning of b that is most like it. */
static size_t distance(struct str a, struct str b)
{
	size_t *row = mem_alloc((b.len + 1) * sizeof(*row)), least;

	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b.len; j++) {
			size_t best = corner + (a.s[i] != b.s[j]);

			corner = row[j + 1];
			best = best < corner + 1 ? best : corner + 1;
			row[j + 1] = best < row[j] + 1 ? best : row[j] + 1;
		}
	}
	least = row[0];
	for (size_t j = 1; j <= b.len; j++)
		least = row[j] < least ? row[j] : least;
	free(row);
	return least;
}

static size_t farness(struct str wanted, struct str id)
{
	size_t d = distance(wanted, id);

	/* A part of a name is near: "repeat" means repeat_contact_rate. */
	if (wanted.len >= 3 && str_find(id, wanted) >= 0)
		return 0;
	/* Two letters that changed places are two errors. */
	return d <= wanted.len / 3 || (d <= 2 && wanted.len >= 4) ? d : SIZE_MAX;
}

static bool among(const struct near *near, const char *name)
{
	for (size_t i = 0; i < near->n; i++)
		if (strcmp(near->best[i], name) == 0)
			return true;
	return false;
}

void near_begin(struct near *near, struct str wanted)
{
	*near = (struct near){.wanted = wanted};
}

void near_see(struct near *near, const char *name)
{
	size_t d, at = near->n;

	if (near->wanted.len > NEAR_LONGEST)
		return;
	d = farness(near->wanted, str_of(name));
	if (d == SIZE_MAX || among(near, name))
		return;
	while (at > 0 && near->far[at - 1] > d)
		at--;
	if (at == NEAR_MOST)
		return;
	for (size_t j = near->n < NEAR_MOST ? near->n++ : near->n - 1; j > at; j--)
		near->best[j] = near->best[j - 1], near->far[j] = near->far[j - 1];
	near->best[at] = name;
	near->far[at] = d;
}

void near_put(const struct near *near, const char *before, struct buf *out)
{
	for (size_t i = 0; i < near->n; i++)
		buf_printf(out, "%s%s%s",
			i == 0		   ? ""
			: i + 1 == near->n ? " or "
					   : ", ",
			before, near->best[i]);
}

void near_ask(const struct near *near, struct buf *out)
{
	if (!near->n)
		return;
	buf_puts(out, " (did you mean ");
	near_put(near, "", out);
	buf_puts(out, "?)");
}
