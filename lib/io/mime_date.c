/* Dates of mails, and what stands for one. */
#include "io/mime.h"

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

bool mime_date(struct str s, int64_t *when, bool *zone)
{
	struct buf plain = BUF_INIT;
	GDateTime *date;
	int year;

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
