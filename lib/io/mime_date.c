/* Dates of mails, and what stands for one. */
#include "io/mime.h"
#include "base/when.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <stdlib.h>

/* Appends a date without comments and without blanks around its colons, both of which the old form
 * has. */
static void plain_date(struct buf *out, struct str s)
{
	int depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.s[i] == '\t' || s.s[i] == '\n' || s.s[i] == '\r' ? ' ' : s.s[i];
		char last = out->len ? out->s[out->len - 1] : ' ';

		depth += c == '(';
		if (depth) {
			depth -= c == ')';
			continue;
		}
		if (c == ' ' && (last == ' ' || last == ':'))
			continue;
		if (c == ':' && last == ' ' && out->len)
			buf_cut(out, out->len - 1);
		buf_byte(out, c);
	}
}

/* Hours to add to a date that is written with AM or PM, which no rule for mail has. */
static int half_day(struct str s)
{
	ptrdiff_t am = str_find(s, STR(" AM")), pm = str_find(s, STR(" PM"));
	ptrdiff_t at = pm >= 0 ? pm : am, colon = str_find(s, STR(":"));
	int hour;

	if (at < 0 || colon < 1 || ((size_t)at + 3 < s.len && s.s[at + 3] != ' '))
		return 0;
	hour = atoi(s.s + (colon > 1 ? colon - 2 : 0));
	return pm >= 0 && hour < 12 ? 12 : pm < 0 && hour == 12 ? -12 : 0;
}

/* Digits of s from *at on; false where one is none. */
static bool digits(struct str s, size_t *at, size_t n, int *out)
{
	*out = 0;
	for (size_t end = *at + n; *at < end; ++*at) {
		if (*at >= s.len || !isdigit((unsigned char)s.s[*at]))
			return false;
		*out = *out * 10 + (s.s[*at] - '0');
	}
	return true;
}

/* A word that is an offset, as GMime knows one: of +02, -03:00 and GMT-3 as of -0300. */
static bool offset_word(struct buf *out, struct str w)
{
	size_t at = str_starts(w, STR("GMT")) || str_starts(w, STR("UTC")) ? 3
		    : str_starts(w, STR("UT"))				   ? 2
									   : 0;
	size_t sign = at++;
	int h, m = 0, one;

	if (sign >= w.len || (w.s[sign] != '+' && w.s[sign] != '-') || !digits(w, &at, 1, &h))
		return false;
	if (digits(w, &at, 1, &one))
		h = h * 10 + one;
	if (at < w.len) {
		at += w.s[at] == ':';
		if (!digits(w, &at, 2, &m))
			return false;
	}
	if (at != w.len || h > 14 || m > 59)
		return false;
	buf_printf(out, "%c%02d%02d", w.s[sign], h, m);
	return true;
}

/* The names of zones that GMime knows; it takes all others for UTC. */
static bool is_zone_name(struct str w)
{
	static const char *const names[] = {
		"UT", "UTC", "GMT", "Z", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_is(w, names[i]))
			return true;
	return false;
}

/* Appends the date with its offset as GMime knows one; true: it names a zone, which stands behind
 * the time of day. */
static bool take_zone(struct buf *out, struct str s)
{
	ptrdiff_t colon = str_find(s, STR(":"));
	size_t from = colon < 0 ? s.len : (size_t)colon;
	bool named = false;

	buf_add(out, s.s, from);
	while (from < s.len) {
		const char *blank = memchr(s.s + from, ' ', s.len - from);
		size_t end = blank ? (size_t)(blank - s.s) : s.len;
		struct str w = {s.s + from, end - from};
		bool offset = offset_word(out, w);

		if (!offset)
			buf_put(out, w);
		if (blank)
			buf_byte(out, ' ');
		named = named || offset || is_zone_name(w);
		from = end + (blank != NULL);
	}
	return named;
}

static bool passes(struct str s, size_t *at, char c)
{
	return *at < s.len && s.s[(*at)++] == c;
}

static bool month(struct str s, size_t *at, int *out)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (*out = 1; *out <= 12; ++*out)
		if (s.len - *at > 3 &&
			memcmp(s.s + *at, names + (ptrdiff_t)(*out - 1) * 3, 3) == 0) {
			*at += 3;
			return true;
		}
	return false;
}

/* "Mon, 2 Mar 2026 11:05:10 -0300", as nearly all programs write it. */
static bool usual_date(struct str s, int64_t *when)
{
	static const char days[] = "MonTueWedThuFriSatSun";
	struct civil c = {0};
	size_t at = 5;
	int h, m, day = 0;
	bool minus;

	while (day < 7 && (s.len < 29 || memcmp(s.s, days + (ptrdiff_t)day * 3, 3) != 0))
		day++;
	if (day == 7 || memcmp(s.s + 3, ", ", 2) != 0 ||
		!digits(s, &at, s.s[6] == ' ' ? 1 : 2, &c.day) || !passes(s, &at, ' ') ||
		!month(s, &at, &c.month) || !passes(s, &at, ' ') || !digits(s, &at, 4, &c.year) ||
		!passes(s, &at, ' ') || !digits(s, &at, 2, &c.hour) || !passes(s, &at, ':') ||
		!digits(s, &at, 2, &c.minute) || !passes(s, &at, ':') ||
		!digits(s, &at, 2, &c.second) || !passes(s, &at, ' ') || at >= s.len)
		return false;
	minus = s.s[at] == '-';
	if (!passes(s, &at, minus ? '-' : '+') || !digits(s, &at, 2, &h) ||
		!digits(s, &at, 2, &m) || at != s.len)
		return false;
	if (c.year < 1971 || c.year > 2099 || !civil_valid(&c) || c.second > 59 || h > 14 || m > 59)
		return false;
	*when = civil_utc(&c) - (h * WHEN_HOUR + m * WHEN_MINUTE) * (minus ? -1 : 1);
	return true;
}

bool mime_date(struct str s, int64_t *when, bool *zone)
{
	struct buf plain = BUF_INIT, known = BUF_INIT;
	GDateTime *date;
	bool named;
	int year;

	if (usual_date(s, when))
		return *zone = true;
	plain_date(&known, s);
	named = take_zone(&plain, buf_str(&known));
	date = plain.len ? g_mime_utils_header_decode_date(plain.s) : NULL;
	year = date ? g_date_time_get_year(date) : 0;
	if (date) {
		*when = (g_date_time_to_unix(date) + half_day(buf_str(&plain)) * INT64_C(3600)) *
			1000;
		*zone = named;
		g_date_time_unref(date);
	}
	buf_release(&plain);
	buf_release(&known);
	return year >= 1971 && year <= 2099;
}
