#include "stage/compare.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdio.h>
#include <stdlib.h>

/* The local beginning of a date that is given as if it were UTC. */
static int64_t local_of(int64_t date)
{
	struct civil c;

	utc_civil(date, &c);
	return when_local(&c);
}

static int64_t date_of(int year, int month, int day)
{
	return civil_utc(&(struct civil){.year = year, .month = month, .day = day});
}

/* The Monday of the week: that which has the year's fourth of January is the first. */
static int64_t monday_of(int year, int week)
{
	int64_t fourth = date_of(year, 1, 4), days = fourth / WHEN_DAY;
	/* 1970-01-01 was a Thursday. */
	int64_t since_monday = ((days + 3) % 7 + 7) % 7;

	return fourth + (7 * ((int64_t)week - 1) - since_monday) * WHEN_DAY;
}

static bool is_week(int year, int week)
{
	struct civil thursday;

	utc_civil(monday_of(year, week) + 3 * WHEN_DAY, &thursday);
	return week >= 1 && thursday.year == year;
}

/* Reads all of the text; *end is where `format` ended with %n. */
static bool whole(const char *text, int end)
{
	return end > 0 && text[end] == '\0';
}

static bool is_date(int year, int month, int day)
{
	const struct civil c = {.year = year, .month = month, .day = day};

	return civil_valid(&c);
}

/* [*from, *to) as dates. */
static bool read_dates(const char *s, int64_t *from, int64_t *to)
{
	int year, part, day, end = 0;

	if (sscanf(s, "%4d%n", &year, &end) == 1 && end == 4 && whole(s, end) &&
		is_date(year, 1, 1)) {
		*from = date_of(year, 1, 1);
		*to = date_of(year + 1, 1, 1);
		return true;
	}
	if (sscanf(s, "%4d-W%2d%n", &year, &part, &end) == 2 && end == 8 && whole(s, end)) {
		*from = monday_of(year, part);
		*to = *from + 7 * WHEN_DAY;
		return is_week(year, part);
	}
	if (sscanf(s, "%4d-%2d%n", &year, &part, &end) == 2 && end == 7 && whole(s, end) &&
		is_date(year, part, 1)) {
		*from = date_of(year, part, 1);
		*to = part == 12 ? date_of(year + 1, 1, 1) : date_of(year, part + 1, 1);
		return true;
	}
	if (sscanf(s, "%4d-%2d-%2d%n", &year, &part, &day, &end) == 3 && end == 10 &&
		whole(s, end) && is_date(year, part, day)) {
		*from = date_of(year, part, day);
		*to = *from + WHEN_DAY;
		return true;
	}
	return false;
}

static bool read_period(const char *s, struct measure_side *side)
{
	if (!read_dates(s, &side->since, &side->until))
		return false;
	side->since = local_of(side->since);
	side->until = local_of(side->until);
	return true;
}

/* A date or a time. */
static bool read_time(struct str s, int64_t *when)
{
	struct measure_side day;
	char *text = mem_copy(s.s, s.len);
	bool ok = when_parse(s, when);

	if (!ok && s.len == 10 && read_period(text, &day)) {
		*when = day.since;
		ok = true;
	}
	free(text);
	return ok;
}

static bool read_stretch(const char *s, const char *dots, struct measure_side *side)
{
	return read_time((struct str){s, (size_t)(dots - s)}, &side->since) &&
	       read_time(str_of(dots + 2), &side->until) && side->since < side->until;
}

static int read_side(const char *text, struct measure_side *side, char **dimension, struct buf *err)
{
	const char *equals = strchr(text, '='), *dots = strstr(text, "..");

	if (equals && equals > text) {
		side->dimension = *dimension = mem_copy(text, (size_t)(equals - text));
		side->value = equals + 1;
		return 0;
	}
	if (dots ? read_stretch(text, dots, side) : read_period(text, side))
		return 0;
	buf_printf(err,
		"--compare: neither a period (2026-01, 2026-W05, 2026-01-05..2026-01-12) nor "
		"DIM=VALUE: %s",
		text);
	return -1;
}

static const char *take_side(int *argc, char **argv)
{
	for (int i = 0; i < *argc; i++) {
		char *one = argv[i];

		if (!strchr(one, '=') && !(one[0] >= '0' && one[0] <= '9'))
			continue;
		for (int j = i + 1; j < *argc; j++)
			argv[j - 1] = argv[j];
		--*argc;
		return one;
	}
	return NULL;
}

int compare_read(struct compare *c, const char *first, int *argc, char **argv, struct buf *err)
{
	int status = 0;

	c->names[0] = first;
	c->names[1] = take_side(argc, argv);
	if (!c->names[1]) {
		buf_printf(err, "--compare takes two sides: --compare %s OTHER", first);
		return -1;
	}
	for (int i = 0; i < 2 && status == 0; i++)
		status = read_side(c->names[i], &c->v[i], &c->dimensions[i], err);
	return status;
}

void compare_release(struct compare *c)
{
	free(c->dimensions[0]);
	free(c->dimensions[1]);
}
