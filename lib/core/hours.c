#include "core/hours.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

/* Three days: no zone has changed its clock twice within a week. */
#define STEP INT64_C(259200) /* s */
#define STEPS 15828	     /* from 1970 to the end of 2099 */
#define DAY_MINUTES 1440
#define WEEK 10080 /* minutes; the first is that of 1970, on a Thursday */
#define THURSDAY 4

/* From when on (ms, UTC) the clock is so far ahead of UTC (ms). */
struct shift {
	int64_t from, ahead;
};

struct holiday {
	int64_t day;	/* since 1970 */
	int64_t closed; /* ms that it would be open on this one and those before it */
};

struct hours {
	int64_t open[WEEK + 1]; /* minutes that it is open in the week before each minute */
	struct shift *shifts;
	size_t shift_n, shift_cap;
	struct holiday *holidays;
	size_t holiday_n, holiday_cap;
};

static int64_t floor_div(int64_t n, int64_t by)
{
	return n / by - (n % by < 0);
}

/* The offset changes between lo and hi (s), to `to`: hi becomes the second from which on it holds.
 * All at once, for it is slow to have the C library take another zone. */
static void narrow(const char *zone, int64_t *lo, int64_t *hi, const int64_t *to, size_t n)
{
	int64_t *middle = mem_zero(n, sizeof(*middle)), *ahead = mem_zero(n, sizeof(*ahead));

	for (int64_t width = STEP; width > 1; width = (width + 1) / 2) {
		for (size_t i = 0; i < n; i++)
			middle[i] = (lo[i] + hi[i]) / 2;
		when_offsets(zone, middle, ahead, n);
		for (size_t i = 0; i < n; i++)
			*(ahead[i] == to[i] ? &hi[i] : &lo[i]) = middle[i];
	}
	free(middle);
	free(ahead);
}

static void find_shifts(struct hours *h, const char *zone)
{
	int64_t *at = mem_zero(STEPS, sizeof(*at)), *ahead = mem_zero(STEPS, sizeof(*ahead));
	int64_t *lo = mem_zero(STEPS, sizeof(*lo));
	size_t n = 0;

	for (size_t i = 0; i < STEPS; i++)
		at[i] = (int64_t)i * STEP;
	when_offsets(zone, at, ahead, STEPS);
	*VEC_ADD(h, shifts, shift_n, shift_cap) = (struct shift){INT64_MIN, ahead[0] * 1000};
	for (size_t i = 1; i < STEPS; i++)
		if (ahead[i] != h->shifts[n].ahead / 1000) {
			*VEC_ADD(h, shifts, shift_n, shift_cap) =
				(struct shift){0, ahead[i] * 1000};
			lo[n] = ((int64_t)i - 1) * STEP;
			at[n] = (int64_t)i * STEP;
			ahead[n++] = ahead[i];
		}
	narrow(zone, lo, at, ahead, n);
	for (size_t i = 0; i < n; i++)
		h->shifts[i + 1].from = at[i] * 1000;
	free(at);
	free(ahead);
	free(lo);
}

struct hours *hours_new(const char *zone)
{
	struct hours *h = mem_zero(1, sizeof(*h));

	find_shifts(h, zone);
	return h;
}

void hours_free(struct hours *h)
{
	if (!h)
		return;
	free(h->shifts);
	free(h->holidays);
	free(h);
}

void hours_open(struct hours *h, int weekday, int from, int to)
{
	int begin = (weekday + 7 - THURSDAY) % 7 * DAY_MINUTES + from;
	int length = to > from ? to - from : to - from + DAY_MINUTES;
	bool open[WEEK];

	for (int i = 0; i < WEEK; i++)
		open[i] = h->open[i + 1] > h->open[i];
	for (int i = 0; i < length; i++)
		open[(begin + i) % WEEK] = true;
	for (int i = 0; i < WEEK; i++)
		h->open[i + 1] = h->open[i] + open[i];
}

/* ms that it is open from 1970 to a time of the clock (ms; below 0 before 1970), were there no
 * holidays. */
static int64_t open_until(const struct hours *h, int64_t clock)
{
	int64_t minute = floor_div(clock, WHEN_MINUTE), week = floor_div(minute, WEEK);
	int64_t in_week = minute - week * WEEK;
	int64_t open = (week * h->open[WEEK] + h->open[in_week]) * WHEN_MINUTE;

	if (h->open[in_week + 1] > h->open[in_week])
		open += clock - minute * WHEN_MINUTE;
	return open;
}

/* The same, with them. */
static int64_t business_until(const struct hours *h, int64_t clock)
{
	int64_t day = floor_div(clock, WHEN_DAY);
	size_t before = h->holiday_n;

	while (before && h->holidays[before - 1].day >= day)
		before--;
	if (before < h->holiday_n && h->holidays[before].day == day)
		clock = day * WHEN_DAY;
	return open_until(h, clock) - (before ? h->holidays[before - 1].closed : 0);
}

void hours_close(struct hours *h, const struct civil *date)
{
	int64_t day = floor_div(civil_utc(date), WHEN_DAY), closed = 0;
	size_t at = h->holiday_n;

	while (at && h->holidays[at - 1].day > day)
		at--;
	if (at && h->holidays[at - 1].day == day)
		return;
	(void)VEC_ADD(h, holidays, holiday_n, holiday_cap);
	memmove(&h->holidays[at + 1], &h->holidays[at],
		(h->holiday_n - 1 - at) * sizeof(*h->holidays));
	h->holidays[at].day = day;
	for (size_t i = 0; i < h->holiday_n; i++) {
		int64_t begin = h->holidays[i].day * WHEN_DAY;

		closed += open_until(h, begin + WHEN_DAY) - open_until(h, begin);
		h->holidays[i].closed = closed;
	}
}

int64_t hours_between(const struct hours *h, int64_t from, int64_t to)
{
	int64_t open = 0;

	for (size_t i = 0; i < h->shift_n; i++) {
		const struct shift *s = &h->shifts[i];
		int64_t begin = from > s->from ? from : s->from, end = to;

		if (i + 1 < h->shift_n && s[1].from < end)
			end = s[1].from;
		if (begin < end)
			open += business_until(h, end + s->ahead) -
				business_until(h, begin + s->ahead);
	}
	return open;
}

bool hours_same(const struct hours *a, const struct hours *b)
{
	return a->shift_n == b->shift_n && a->holiday_n == b->holiday_n &&
	       memcmp(a->open, b->open, sizeof(a->open)) == 0 &&
	       memcmp(a->shifts, b->shifts, a->shift_n * sizeof(*a->shifts)) == 0 &&
	       (!a->holiday_n ||
		       memcmp(a->holidays, b->holidays, a->holiday_n * sizeof(*a->holidays)) == 0);
}

void hours_hash(const struct hours *h, struct hash *to)
{
	char week[WEEK];

	for (int i = 0; i < WEEK; i++)
		week[i] = h->open[i + 1] > h->open[i] ? '1' : '0';
	hash_add_part(to, (struct str){week, WEEK});
	hash_add_int(to, (int64_t)h->shift_n);
	for (size_t i = 0; i < h->shift_n; i++) {
		hash_add_int(to, h->shifts[i].from);
		hash_add_int(to, h->shifts[i].ahead);
	}
	hash_add_int(to, (int64_t)h->holiday_n);
	for (size_t i = 0; i < h->holiday_n; i++)
		hash_add_int(to, h->holidays[i].day);
}
