#include "base/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static char zone_name[64] = "UTC";
static unsigned zones; /* how often the zone was named: what is remembered of another one is void */
static bool zone_set;

/* Days since 1970-01-01 of a proleptic Gregorian date, after Howard Hinnant's days_from_civil. */
static int64_t days_of(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

bool civil_valid(const struct civil *c)
{
	return c->year >= 1 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= days_in(c->year, c->month) && c->hour >= 0 && c->hour <= 23 &&
	       c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 60 &&
	       c->ms >= 0 && c->ms <= 999;
}

int64_t civil_utc(const struct civil *c)
{
	int64_t s = days_of(c->year, c->month, c->day) * 86400 + c->hour * INT64_C(3600) +
		    c->minute * INT64_C(60);

	return (s + c->second) * 1000 + c->ms;
}

void utc_civil(int64_t when, struct civil *c)
{
	int64_t days = when / WHEN_DAY, rest = when % WHEN_DAY, era, doe, yoe, doy, mp;

	if (rest < 0)
		rest += WHEN_DAY, days--;
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c->year = (int)(yoe + era * 400 + (c->month <= 2));
	c->hour = (int)(rest / WHEN_HOUR);
	c->minute = (int)(rest / WHEN_MINUTE % 60);
	c->second = (int)(rest / WHEN_SECOND % 60);
	c->ms = (int)(rest % WHEN_SECOND);
}

static bool digits(struct str *s, size_t n, int *out)
{
	int v = 0;

	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->s[i] < '0' || s->s[i] > '9')
			return false;
		v = v * 10 + (s->s[i] - '0');
	}
	s->s += n;
	s->len -= n;
	*out = v;
	return true;
}

static inline bool one_of(struct str *s, const char *set)
{
	bool is = false;

	for (const char *c = set; *c && s->len; c++)
		is |= *c == s->s[0];
	if (!is)
		return false;
	s->s++;
	s->len--;
	return true;
}

/* +hh:mm, +hhmm or +hh, in minutes. */
static bool offset(struct str *s, int *minutes)
{
	bool minus = s->len && s->s[0] == '-';
	int h, m = 0;

	if (!one_of(s, "+-") || !digits(s, 2, &h))
		return false;
	if (s->len) {
		one_of(s, ":");
		if (!digits(s, 2, &m))
			return false;
	}
	if (h > 23 || m > 59)
		return false;
	*minutes = (h * 60 + m) * (minus ? -1 : 1);
	return true;
}

#define ZONES "/usr/share/zoneinfo/"
#define ZONE_MAX 50

/* A file of the zone database, not one of its folders or lists: what is none, the C library takes
 * for UTC. */
static bool is_zone(const char *path)
{
	FILE *f = fopen(path, "rbe");
	char magic[4];
	bool ok = f && fread(magic, 1, 4, f) == 4 && memcmp(magic, "TZif", 4) == 0;

	if (f)
		fclose(f);
	return ok;
}

#define POSIX_MAX (sizeof(":" ZONES) + ZONE_MAX)

/* A zone's name as TZ has it; false: there is none. */
static bool posix_zone(const char *name, char posix[POSIX_MAX])
{
	struct str s = str_of(name);
	int minutes;

	if (str_is(s, "UTC") || str_is(s, "Z")) {
		snprintf(posix, POSIX_MAX, "UTC0");
	} else if (offset(&s, &minutes) && !s.len) {
		int a = abs(minutes);

		snprintf(posix, POSIX_MAX, "<%s>%c%02d:%02d", name[0] == '-' ? "-00" : "+00",
			minutes < 0 ? '+' : '-', a / 60, a % 60);
	} else {
		/* With its path, for TZDIR would have the C library look elsewhere. */
		snprintf(posix, POSIX_MAX, ":" ZONES "%s", name);
		return name[0] && name[0] != '/' && !strstr(name, "..") &&
		       strlen(name) <= ZONE_MAX && is_zone(posix + 1);
	}
	return true;
}

bool when_zone_is(const char *name)
{
	char posix[POSIX_MAX];

	return posix_zone(name, posix);
}

int when_zone(const char *name, struct buf *err)
{
	char posix[POSIX_MAX];

	if (!posix_zone(name, posix))
		return buf_printf(err, "no such time zone: %s", name), -1;
	setenv("TZ", posix, 1);
	tzset();
	zone_set = true;
	zones++;
	snprintf(zone_name, sizeof(zone_name), "%s", name);
	return 0;
}

const char *when_zone_name(void)
{
	return zone_name;
}

static void need_zone(void)
{
	struct buf none = BUF_INIT;

	if (!zone_set)
		when_zone("UTC", &none);
}

static int64_t ask_offset(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	localtime_r(&t, &tm);
	return tm.tm_gmtoff;
}

void when_offsets(const char *name, const int64_t *seconds, int64_t *offsets, size_t n)
{
	char posix[POSIX_MAX], own[POSIX_MAX];

	need_zone();
	posix_zone(zone_name, own);
	posix_zone(name, posix);
	setenv("TZ", posix, 1);
	tzset();
	for (size_t i = 0; i < n; i++)
		offsets[i] = ask_offset(seconds[i]);
	setenv("TZ", own, 1);
	tzset();
}

#define QUARTER 900   /* s: an offset that holds at both ends of a quarter of an hour holds in it */
#define QUARTERS 1024 /* that are remembered: a power of two */

/* localtime() takes longer than the rest of reading a time, and times of a file lie together. */
static int64_t offset_at(int64_t seconds)
{
	static _Thread_local struct {
		int64_t quarter, offset; /* quarter: its number and 1, so that 0 is none */
		unsigned zone;
	} known[QUARTERS];
	int64_t quarter = seconds / QUARTER, at = quarter * QUARTER, offset;
	size_t slot = (size_t)quarter & (QUARTERS - 1);

	if (seconds < 0)
		return ask_offset(seconds);
	if (known[slot].quarter == quarter + 1 && known[slot].zone == zones)
		return known[slot].offset;
	offset = ask_offset(at);
	if (ask_offset(at + QUARTER - 1) != offset)
		return ask_offset(seconds);
	known[slot].quarter = quarter + 1;
	known[slot].offset = offset;
	known[slot].zone = zones;
	return offset;
}

/* The offsets a day before and a day after are the two that can hold; in a gap neither does. */
/* A local time whose reading without a zone is `plain`, in seconds, from the offsets a day before
 * and a day behind it. */
static int64_t settle(const struct civil *c, int64_t plain, const int64_t around[2],
	int64_t (*at)(const char *zone, int64_t seconds), const char *zone)
{
	int64_t larger = around[0], smaller = around[1];

	if (smaller > larger) {
		smaller = around[0];
		larger = around[1];
	}
	/* In a fold either reading is right; the larger offset gives the earlier. */
	if (larger == smaller || at(zone, plain - larger) == larger)
		return (plain - larger) * 1000 + c->ms;
	/* In a gap the smaller is that of the clock which was not put forward; mktime's answer
	 * would hang on what it was asked before. */
	return (plain - smaller) * 1000 + c->ms;
}

static int64_t own_offset(const char *zone, int64_t seconds)
{
	(void)zone;
	return offset_at(seconds);
}

static int64_t other_offset(const char *zone, int64_t seconds)
{
	int64_t offset;

	when_offsets(zone, &seconds, &offset, 1);
	return offset;
}

int64_t when_local(const struct civil *c)
{
	int64_t plain = (civil_utc(c) - c->ms) / 1000;

	need_zone();
	return settle(c, plain, (int64_t[]){offset_at(plain - 86400), offset_at(plain + 86400)},
		own_offset, NULL);
}

int64_t when_local_in(const char *zone, const struct civil *c)
{
	int64_t plain = (civil_utc(c) - c->ms) / 1000, around[2];

	need_zone();
	if (!strcmp(zone, zone_name))
		return when_local(c);
	when_offsets(zone, (int64_t[]){plain - 86400, plain + 86400}, around, 2);
	return settle(c, plain, around, other_offset, zone);
}

void local_civil(int64_t when, struct civil *c, int *weekday)
{
	int64_t ms, local, days;

	need_zone();
	when = when_inside(when);
	ms = when % 1000 < 0 ? when % 1000 + 1000 : when % 1000;
	local = when + offset_at((when - ms) / 1000) * 1000;
	utc_civil(local, c);
	days = local / WHEN_DAY - (local % WHEN_DAY < 0);
	if (weekday)
		*weekday = (int)((days % 7 + 11) % 7); /* the first day of 1970 was a Thursday */
}

bool when_parse(struct str s, int64_t *when)
{
	struct civil c = {0};
	int minutes = 0, scale = 100, d;

	if (!digits(&s, 4, &c.year) || !one_of(&s, "-") || !digits(&s, 2, &c.month) ||
		!one_of(&s, "-") || !digits(&s, 2, &c.day) || !one_of(&s, "Tt ") ||
		!digits(&s, 2, &c.hour) || !one_of(&s, ":") || !digits(&s, 2, &c.minute) ||
		!one_of(&s, ":") || !digits(&s, 2, &c.second))
		return false;
	if (one_of(&s, ".")) {
		if (!digits(&s, 1, &d))
			return false;
		do {
			c.ms += d * scale;
			scale /= 10;
		} while (digits(&s, 1, &d));
	}
	if (!one_of(&s, "Zz") && (s.len != 6 || s.s[3] != ':' || !offset(&s, &minutes)))
		return false;
	if (s.len || !civil_valid(&c))
		return false;
	*when = civil_utc(&c) - minutes * WHEN_MINUTE;
	return *when >= WHEN_FIRST && *when <= WHEN_LAST;
}

static char *two(char *p, int v)
{
	p[0] = (char)('0' + v / 10 % 10);
	p[1] = (char)('0' + v % 10);
	return p + 2;
}

#define TO_MINUTE 17 /* bytes of "2026-03-05T14:02:" */

static void format_minute(int64_t when, char *p)
{
	struct civil c;

	utc_civil(when, &c);
	p = two(two(p, c.year / 100), c.year % 100);
	*p++ = '-';
	p = two(p, c.month);
	*p++ = '-';
	p = two(p, c.day);
	*p++ = 'T';
	p = two(p, c.hour);
	*p++ = ':';
	p = two(p, c.minute);
	*p++ = ':';
}

/* Times come in order, and each is written more than once: the minute of the last one is kept. */
void when_format(int64_t when, char out[WHEN_TEXT])
{
	static _Thread_local int64_t minute = INT64_MIN;
	static _Thread_local char text[TO_MINUTE];
	int64_t of = when / WHEN_MINUTE - (when % WHEN_MINUTE < 0);
	int ms = (int)(when - of * WHEN_MINUTE);
	char *p = out + TO_MINUTE;

	if (of != minute)
		format_minute(when, text);
	minute = of;
	memcpy(out, text, TO_MINUTE);
	p = two(p, ms / 1000);
	*p++ = '.';
	*p++ = (char)('0' + ms / 100 % 10);
	p = two(p, ms % 100);
	*p++ = 'Z';
	*p = '\0';
}

bool when_span(struct str s, int64_t *ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", WHEN_SECOND}, {"m", WHEN_MINUTE}, {"h", WHEN_HOUR},
		{"d", WHEN_DAY}, {"w", 7 * WHEN_DAY}, {"mo", 30 * WHEN_DAY}};
	size_t n = 0;
	int64_t v;

	while (n < s.len && s.s[n] >= '0' && s.s[n] <= '9')
		n++;
	if (!n || !str_int((struct str){s.s, n}, &v))
		return false;
	s.s += n;
	s.len -= n;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_is(s, units[i].unit))
			return !__builtin_mul_overflow(v, units[i].ms, ms);
	return false;
}

void when_minute(struct buf *out, int64_t when)
{
	struct civil c;

	local_civil(when, &c, NULL);
	buf_printf(out, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

void when_span_text(struct buf *out, int64_t ms)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	int64_t s = (ms < 0 ? -ms : ms) / 1000;
	int i = 0;

	if (ms <= -1000)
		buf_byte(out, '-');
	while (i < 3 && s < units[i].seconds)
		i++;
	buf_printf(out, "%lld%c", (long long)(s / units[i].seconds), units[i].unit);
	s %= units[i].seconds;
	if (i < 3 && s >= units[i + 1].seconds)
		buf_printf(
			out, " %lld%c", (long long)(s / units[i + 1].seconds), units[i + 1].unit);
}

bool when_date(struct str s, struct civil *c)
{
	*c = (struct civil){0};
	return digits(&s, 4, &c->year) && one_of(&s, "-") && digits(&s, 2, &c->month) &&
	       one_of(&s, "-") && digits(&s, 2, &c->day) && !s.len && civil_valid(c);
}

bool when_clock(struct str s, int *minutes)
{
	int hour, minute;

	if (!digits(&s, 2, &hour) || !one_of(&s, ":") || !digits(&s, 2, &minute) || s.len ||
		minute > 59 || hour * 60 + minute > 24 * 60)
		return false;
	*minutes = hour * 60 + minute;
	return true;
}

int when_weekday(struct str s)
{
	static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

	for (int i = 0; i < 7; i++)
		if (str_is(s, names[i]))
			return i;
	return -1;
}

int when_option(const char *s, int64_t *when, struct buf *err)
{
	struct str t = str_of(s);
	struct civil c;
	int64_t span;

	if (when_parse(t, when))
		return 0;
	if (when_span(t, &span)) {
		*when = when_now() - span;
		return 0;
	}
	if (when_date(t, &c)) {
		*when = when_local(&c);
		return 0;
	}
	buf_printf(err, "not a time: %s (RFC 3339, a date, or a span like 7d)", s);
	return -1;
}

static int64_t read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t when_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t when_steady(void)
{
	return read_clock(CLOCK_MONOTONIC);
}
