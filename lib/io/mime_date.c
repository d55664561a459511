/* Dates of mails, and what stands for one. */
#include "io/mime.h"
#include "base/when.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <stdlib.h>

static bool names_zone(struct str s)
{
	ptrdiff_t colon = str_find(s, STR(":"));

	for (size_t i = colon < 0 ? s.len : (size_t)colon; i < s.len; i++) {
		if ((s.s[i] == '+' || s.s[i] == '-') && i + 4 < s.len &&
			isdigit((unsigned char)s.s[i + 1]))
			return true;
		if (s.len - i >= 2 &&
			(memcmp(s.s + i, "GM", 2) == 0 || memcmp(s.s + i, "UT", 2) == 0 ||
				(isupper((unsigned char)s.s[i]) && s.s[i + 1] != 'M' &&
					isupper((unsigned char)s.s[i + 1]))))
			return true;
	}
	return false;
}

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

static bool passes(struct str s, size_t *at, char c)
{
	return *at < s.len && s.s[(*at)++] == c;
}

static bool month(struct str s, size_t *at, int *out)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (*out = 1; *out <= 12; ++*out)
		if (s.len - *at > 3 && memcmp(s.s + *at, names + (*out - 1) * 3, 3) == 0) {
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
	struct buf plain = BUF_INIT;
	GDateTime *date;
	int year;

	if (usual_date(s, when))
		return *zone = true;
	plain_date(&plain, s);
	date = plain.len ? g_mime_utils_header_decode_date(plain.s) : NULL;
	year = date ? g_date_time_get_year(date) : 0;
	if (date) {
		*when = (g_date_time_to_unix(date) + half_day(buf_str(&plain)) * INT64_C(3600)) *
			1000;
		*zone = names_zone(buf_str(&plain));
		g_date_time_unref(date);
	}
	buf_release(&plain);
	return year >= 1971 && year <= 2099;
}
