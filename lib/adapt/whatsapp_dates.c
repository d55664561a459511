/* The order of day, month and year in the heads of one file. */
#include "adapt/whatsapp_head.h"

#define YEAR_FIRST 2009	  /* WhatsApp's own first */
#define YEAR_BUDDHIST 543 /* what Thai telephones count more */

#define SOLAR_FIRST 1388   /* telephones of Iran count the years of the solar calendar, */
#define SOLAR_1970 1075196 /* days that from_solar counts before 1970-01-01 */
#define LUNAR_FIRST                                                                                \
	1430 /* those of Saudi Arabia of the lunar one: until 2050 they are told apart */
#define LUNAR_LAST 1500

/* Where day, month and year stand in each order. */
static const struct {
	int day, month, year;
	const char *assumed;
} places[WA_ORDERS] = {[WA_DMY] = {0, 1, 2, "date order d/m"},
	[WA_MDY] = {1, 0, 2, "date order m/d"},
	[WA_YMD] = {2, 1, 0, "date order y/m/d"},
	[WA_YDM] = {1, 2, 0, "date order y/d/m"},
	[WA_MYD] = {2, 0, 1, "date order m/y/d"},
	[WA_DYM] = {0, 2, 1, "date order d/y/m"}};

static int full_year(int year, int digits)
{
	if (digits == 2)
		year += year + 2000 + 500 >= YEAR_FIRST + YEAR_BUDDHIST ? 2500 : 2000;
	return year >= YEAR_FIRST + YEAR_BUDDHIST ? year - YEAR_BUDDHIST : year;
}

/* A date of Iran's solar calendar: six months of 31 days, five of 30, the last of 29 or, eight
 * times in 33 years, 30. */
static bool from_solar(struct civil *c)
{
	int64_t cycle = c->year + 1595, days;
	int last = c->month < 7 ? 31 : 30;
	struct civil day;

	if (c->month < 1 || c->month > 12 || c->day < 1 || c->day > last)
		return false;
	/* Since 1970-01-01. */
	days = 365 * cycle - SOLAR_1970 + cycle / 33 * 8 + (cycle % 33 + 3) / 4 + c->day +
	       (c->month < 7 ? (c->month - 1) * 31 : (c->month - 7) * 30 + 186);
	utc_civil(days * WHEN_DAY, &day);
	c->year = day.year;
	c->month = day.month;
	c->day = day.day;
	return true;
}

bool wa_civil(const struct wa_head *h, enum wa_order order, struct civil *c)
{
	int y = places[order].year, digits = h->digits[y];
	bool other = h->digits[places[order].day] > 2 || h->digits[places[order].month] > 2;

	if (other || (digits != 4 && (digits != 2 || y == 1)))
		return false;
	*c = (struct civil){.year = full_year(h->field[y], digits),
		.month = h->field[places[order].month],
		.day = h->field[places[order].day],
		.hour = h->hour,
		.minute = h->minute,
		.second = h->second};
	if (c->year >= LUNAR_FIRST && c->year <= LUNAR_LAST)
		return false;
	if (c->year >= SOLAR_FIRST && c->year < LUNAR_FIRST && !from_solar(c))
		return false;
	return civil_valid(c);
}

/* Most messages are of the day of the one before: in each order it is the same day again. */
static bool add_again(struct wa_dates *d, const struct wa_head *h)
{
	if (memcmp(d->last.field, h->field, sizeof(h->field)) != 0 ||
		memcmp(d->last.digits, h->digits, sizeof(h->digits)) != 0)
		return false;
	for (int i = 0; i < WA_ORDERS; i++) {
		d->as[i].bad += d->as[i].is_bad;
		d->as[i].early += d->as[i].is_early;
	}
	return true;
}

void wa_dates_add(struct wa_dates *d, const struct wa_head *h)
{
	struct civil c;

	if (add_again(d, h))
		return;
	d->last = *h;
	for (int i = 0; i < WA_ORDERS; i++) {
		int64_t day;

		d->as[i].is_bad = !wa_civil(h, (enum wa_order)i, &c);
		d->as[i].bad += d->as[i].is_bad;
		d->as[i].is_early = !d->as[i].is_bad && c.year < YEAR_FIRST;
		d->as[i].early += d->as[i].is_early;
		if (d->as[i].is_bad)
			continue;
		c.hour = c.minute = c.second = 0;
		day = civil_utc(&c) / WHEN_DAY;
		if (d->as[i].first)
			d->as[i].back += day < d->as[i].last;
		else
			d->as[i].first = day;
		d->as[i].last = day;
	}
	d->long_year |= h->digits[0] == 4 || h->digits[1] == 4 || h->digits[2] == 4;
}

/* Negative: a fits the file better than b. Only what the file itself decides. */
static int compare(const struct wa_dates *d, int a, int b)
{
	if (d->as[a].bad != d->as[b].bad)
		return d->as[a].bad < d->as[b].bad ? -1 : 1;
	if (d->as[a].early != d->as[b].early)
		return d->as[a].early < d->as[b].early ? -1 : 1;
	if (d->as[a].back != d->as[b].back)
		return d->as[a].back < d->as[b].back ? -1 : 1;
	return 0;
}

enum wa_order wa_dates_order(const struct wa_dates *d, const char **assumed)
{
	int best = 0, rivals = 0;

	for (int i = 1; i < WA_ORDERS; i++) {
		int c = compare(d, i, best);
		int64_t spread = d->as[i].last - d->as[i].first,
			least = d->as[best].last - d->as[best].first;

		/* A year taken for a day makes a chat of a month last for decades. */
		if (c == 0 && places[i].year != places[best].year && spread >= 0 &&
			spread < least / 8)
			c = -1, rivals++;
		if (c < 0)
			best = i;
	}
	/* A year of two digits stands last unless the file speaks against it: only day and month
	 * are in doubt. */
	for (int i = 0; i < WA_ORDERS; i++)
		rivals += i != best && places[i].year == places[best].year &&
			  compare(d, i, best) == 0;
	/* With the year written out in front nobody puts the day before the month, unless the file
	 * says so. */
	if (best == WA_YMD && d->long_year)
		rivals = 0;
	*assumed = rivals ? places[best].assumed : NULL;
	return (enum wa_order)best;
}

const char *wa_order_name(enum wa_order order)
{
	static const char *const names[WA_ORDERS] = {"day/month/year", "month/day/year",
		"year/month/day", "year/day/month", "month/year/day", "day/year/month"};

	return names[order];
}
