#include "adapt/map_file.h"

#include <strings.h>

struct reading {
	struct str s;
	struct civil at;
	bool zoned, pm, twelve;
	int offset; /* minutes */
	int64_t epoch;
	bool is_epoch;
};

static bool number(struct str *s, size_t least, size_t most, int *out)
{
	size_t n = 0;
	int v = 0;

	while (n < most && n < s->len && s->s[n] >= '0' && s->s[n] <= '9')
		v = v * 10 + (s->s[n++] - '0');
	if (n < least)
		return false;
	s->s += n;
	s->len -= n;
	*out = v;
	return true;
}

static bool one(struct str *s, char c)
{
	if (!s->len || s->s[0] != c)
		return false;
	s->s++;
	s->len--;
	return true;
}

static void blanks(struct str *s)
{
	while (s->len && (s->s[0] == ' ' || (s->s[0] >= '\t' && s->s[0] <= '\r')))
		s->s++, s->len--;
}

/* Digits behind a decimal point, cut to milliseconds. */
static bool fraction(struct str *s, int *ms)
{
	int digit, scale = 100;

	*ms = 0;
	if (!number(s, 1, 1, &digit))
		return false;
	do {
		*ms += digit * scale;
		scale /= 10;
	} while (number(s, 1, 1, &digit));
	return true;
}

/* Z, UTC, GMT, +hh, +hhmm, +hh:mm. */
static bool zone(struct reading *r)
{
	int h, m = 0, sign;

	if (one(&r->s, 'Z') || one(&r->s, 'z')) {
		r->zoned = true;
		return true;
	}
	if (r->s.len >= 3 &&
		(strncasecmp(r->s.s, "UTC", 3) == 0 || strncasecmp(r->s.s, "GMT", 3) == 0)) {
		r->s.s += 3;
		r->s.len -= 3;
		r->zoned = true;
		return true;
	}
	if (!r->s.len || (r->s.s[0] != '+' && r->s.s[0] != '-'))
		return false;
	sign = r->s.s[0] == '-' ? -1 : 1;
	r->s.s++, r->s.len--;
	if (!number(&r->s, 2, 2, &h))
		return false;
	if (one(&r->s, ':') ? !number(&r->s, 2, 2, &m) : r->s.len && !number(&r->s, 2, 2, &m))
		return false;
	r->offset = sign * (h * 60 + m);
	r->zoned = true;
	return h <= 23 && m <= 59;
}

static bool month(struct str *s, int *out)
{
	static const char *const names[] = {"january", "february", "march", "april", "may", "june",
		"july", "august", "september", "october", "november", "december"};

	for (int i = 0; i < 12; i++) {
		size_t full = strlen(names[i]);
		size_t n = s->len >= full && strncasecmp(s->s, names[i], full) == 0 ? full : 3;

		if (s->len < n || strncasecmp(s->s, names[i], n) != 0)
			continue;
		s->s += n;
		s->len -= n;
		*out = i + 1;
		return true;
	}
	return false;
}

static bool half_day(struct reading *r)
{
	if (r->s.len < 2 ||
		(strncasecmp(r->s.s, "am", 2) != 0 && strncasecmp(r->s.s, "pm", 2) != 0))
		return false;
	r->twelve = true;
	r->pm = r->s.s[0] == 'p' || r->s.s[0] == 'P';
	r->s.s += 2;
	r->s.len -= 2;
	return true;
}

static bool short_year(struct reading *r)
{
	if (!number(&r->s, 2, 2, &r->at.year))
		return false;
	r->at.year += r->at.year < 69 ? 2000 : 1900; /* as POSIX says */
	return true;
}

static bool epoch(struct reading *r)
{
	size_t n = 0;

	while (n < r->s.len &&
		((r->s.s[n] >= '0' && r->s.s[n] <= '9') || (n == 0 && r->s.s[n] == '-')))
		n++;
	if (n > 12 || !str_int((struct str){r->s.s, n}, &r->epoch))
		return false;
	r->s.s += n;
	r->s.len -= n;
	r->epoch *= 1000;
	r->is_epoch = r->zoned = true;
	return true;
}

static bool directive(struct reading *r, char d)
{
	switch (d) {
	case 'Y':
		return number(&r->s, 4, 4, &r->at.year);
	case 'y':
		return short_year(r);
	case 'm':
		return number(&r->s, 1, 2, &r->at.month);
	case 'd':
	case 'e':
		blanks(&r->s);
		return number(&r->s, 1, 2, &r->at.day);
	case 'b':
	case 'B':
	case 'h':
		return month(&r->s, &r->at.month);
	case 'H':
	case 'I':
		return number(&r->s, 1, 2, &r->at.hour);
	case 'M':
		return number(&r->s, 1, 2, &r->at.minute);
	case 'S':
		return number(&r->s, 1, 2, &r->at.second);
	case 'f':
		return fraction(&r->s, &r->at.ms);
	case 'T':
		return directive(r, 'H') && one(&r->s, ':') && directive(r, 'M') &&
		       one(&r->s, ':') && directive(r, 'S');
	case 'p':
		return half_day(r);
	case 'z':
	case 'Z':
		return zone(r);
	case 's':
		return epoch(r);
	default:
		return d == '%' && one(&r->s, '%');
	}
}

static bool by_format(struct reading *r, const char *format)
{
	for (const char *p = format; *p; p++) {
		if (*p == ' ' || (*p >= '\t' && *p <= '\r'))
			blanks(&r->s);
		else if (*p != '%' ? !one(&r->s, *p) : !directive(r, *++p))
			return false;
		if (!*p)
			return false;
	}
	return true;
}

/* 2026-03-02, with T or a blank 14:05[:10[.123]], with or without a zone; also 20260302T140510 and
 * 20260302140510. */
static bool by_iso(struct reading *r)
{
	bool dashed;

	if (!number(&r->s, 4, 4, &r->at.year))
		return false;
	dashed = one(&r->s, '-');
	if (!number(&r->s, 2, 2, &r->at.month) || (dashed && !one(&r->s, '-')) ||
		!number(&r->s, 2, 2, &r->at.day))
		return false;
	if (!r->s.len)
		return true;
	if (!one(&r->s, 'T') && !one(&r->s, 't') && !one(&r->s, ' ') && dashed)
		return false;
	if (!number(&r->s, 2, 2, &r->at.hour))
		return false;
	dashed = one(&r->s, ':');
	if (!number(&r->s, 2, 2, &r->at.minute))
		return false;
	if (dashed ? one(&r->s, ':') : r->s.len && r->s.s[0] >= '0' && r->s.s[0] <= '9') {
		if (!number(&r->s, 2, 2, &r->at.second))
			return false;
		if ((one(&r->s, '.') || one(&r->s, ',')) && !fraction(&r->s, &r->at.ms))
			return false;
	}
	blanks(&r->s);
	return !r->s.len || zone(r);
}

/* Whole numbers by their size: seconds, milliseconds, microseconds. Seconds may have a fraction. As
 * milliseconds, fourteen digits would be of the year 2286 and later: they are a date and a time of
 * day. */
static bool by_epoch(struct reading *r)
{
	int64_t n;
	size_t digits = 0;
	int ms = 0;

	while (digits < r->s.len && r->s.s[digits] >= '0' && r->s.s[digits] <= '9')
		digits++;
	if (digits < 9 || digits > 16 || digits == 14 || !str_int((struct str){r->s.s, digits}, &n))
		return false;
	r->s.s += digits;
	r->s.len -= digits;
	if (one(&r->s, '.') && !fraction(&r->s, &ms))
		return false;
	r->epoch = digits <= 11 ? n * 1000 + ms : digits <= 13 ? n : n / 1000;
	r->is_epoch = r->zoned = true;
	return true;
}

static bool read_time(
	struct str s, const char *format, const char *zone, int64_t *when, bool *local)
{
	struct reading r = {.s = str_trim(s), .at = {1970, 1, 1, 0, 0, 0, 0}}, first = r;

	if (format ? !by_format(&r, format) : !by_epoch(&r)) {
		if (format)
			return false;
		r = first;
		if (!by_iso(&r))
			return false;
	}
	if (r.s.len && !format) {
		r = first;
		if (!by_iso(&r))
			return false;
	}
	blanks(&r.s);
	if (r.s.len)
		return false;
	*local = !r.zoned && !zone;
	if (r.is_epoch) {
		*when = r.epoch;
		return true;
	}
	if (r.twelve) {
		if (r.at.hour < 1 || r.at.hour > 12)
			return false;
		r.at.hour = r.at.hour % 12 + (r.pm ? 12 : 0);
	}
	if (!civil_valid(&r.at))
		return false;
	if (r.zoned)
		*when = civil_utc(&r.at) - r.offset * WHEN_MINUTE;
	else
		*when = zone ? when_local_in(zone, &r.at) : when_local(&r.at);
	return true;
}

bool map_time(struct str s, const char *format, const char *zone, int64_t *when, bool *local)
{
	/* Of a year that RFC 3339 cannot write it would become another. */
	return read_time(s, format, zone, when, local) && *when >= WHEN_FIRST && *when <= WHEN_LAST;
}
