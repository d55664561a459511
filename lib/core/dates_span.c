/* Spans of time from a saying on or back, and times of a day. */
#include "base/when.h"
#include "core/dates_part.h"

#define COUNT_MAX 1000 /* of a span's units: what is further away is no date that anybody means */

static bool count_at(const struct date_reader *r, size_t i, int *out)
{
	int64_t n;

	if (words_number(r->w, i, &n)) {
		*out = (int)n;
		return n >= 0 && n <= COUNT_MAX;
	}
	if (words_is(r->w, i, "dez")) {
		*out = 10;
		return true;
	}
	return date_kind(r, i, out) == DATE_NUMBER;
}

static int64_t add_business(int64_t day, int n)
{
	while (n > 0) {
		int weekday = date_weekday(++day);

		n -= weekday != 0 && weekday != 6;
	}
	return day;
}

/* N units, or N to M: what is counted, without what opens it. */
struct span {
	int low, high, unit;
	enum date_word kind;
	bool business;
};

static size_t read_span(const struct date_reader *r, size_t i, struct span *s)
{
	size_t at = i;

	*s = (struct span){.kind = DATE_NONE};
	if (!count_at(r, at, &s->low))
		return 0;
	s->high = s->low;
	at++;
	if (words_is(r->w, at, "to") || words_is(r->w, at, "a") || words_is(r->w, at, "or") ||
		words_is(r->w, at, "ou") || words_is(r->w, at, "o") || words_is(r->w, at, "e"))
		at += count_at(r, at + 1, &s->high) ? 2 : 0;
	else if (date_joint(r, at - 1) == '-' && count_at(r, at, &s->high))
		at++;
	if (date_kind(r, at, NULL) == DATE_BUSINESS) {
		s->business = true;
		at++;
	}
	s->kind = date_kind(r, at, &s->unit);
	if (s->kind != DATE_MINUTES && s->kind != DATE_DAYS && s->kind != DATE_MONTHS)
		return 0;
	at++;
	if (date_kind(r, at, NULL) == DATE_BUSINESS) {
		s->business = true;
		at++;
	}
	return at - i;
}

static bool set_span(const struct date_reader *r, const struct span *s, int sign)
{
	struct dated *d = r->out;

	if (s->high < s->low)
		return false;
	if (s->kind == DATE_MINUTES) {
		d->at = r->said->time + (int64_t)sign * s->high * s->unit * WHEN_MINUTE;
		d->from = d->to = dates_day(d->at);
		return d->sure = d->at >= WHEN_FIRST && d->at <= WHEN_LAST;
	}
	if (s->kind == DATE_MONTHS) {
		d->from = date_add_months(r->today, sign * s->low);
		d->to = date_add_months(r->today, sign * s->high);
	} else if (s->business && sign > 0 && s->unit == 1) {
		d->from = add_business(r->today, s->low);
		d->to = add_business(r->today, s->high);
	} else {
		d->from = r->today + (int64_t)sign * s->low * s->unit;
		d->to = r->today + (int64_t)sign * s->high * s->unit;
	}
	d->sure = true;
	d->day_told = s->low == s->high && (s->unit == 1 || s->low == 1 || s->kind == DATE_DAYS);
	return true;
}

size_t date_span(const struct date_reader *r, size_t i)
{
	/* en un plazo máximo de cinco días */
	static const char *const between[] = {"de", "a", "ate", "the", "next", "hasta", "about",
		"un", "no", "plazo", "prazo", "maximo", "menos", "less", "than", NULL};
	enum date_word opens = date_kind(r, i, NULL);
	size_t at = i, used;
	struct span s;

	if (opens == DATE_WITHIN || opens == DATE_SINCE) {
		at++;
		while (at < i + 5 && date_any_of(words_at(r->w, at), between) &&
			!read_span(r, at, &s))
			at++;
	}
	used = read_span(r, at, &s);
	if (!used)
		return 0;
	at += used;
	if (date_kind(r, at, NULL) == DATE_AGO)
		return set_span(r, &s, -1) ? at + 1 - i : 0;
	if (opens == DATE_SINCE && !words_is(r->w, i, "since") && !words_is(r->w, i, "desde"))
		return set_span(r, &s, -1) ? at - i : 0;
	return opens == DATE_WITHIN && set_span(r, &s, 1) ? at - i : 0;
}

static int hour_part(int64_t hour, int add, bool told)
{
	if (!told)
		return (int)hour;
	if (hour == 12)
		return add ? 12 : 0;
	return (int)(hour < 12 ? hour + add : hour);
}

size_t date_clock(const struct date_reader *r, size_t i, bool marked, int *minute)
{
	struct str s = words_at(r->w, i);
	int64_t hour = 0, min = 0;
	int add = 0;
	size_t digits = 0, used = 1;
	bool part = false;

	if (date_kind(r, i, NULL) == DATE_NOON) {
		*minute = 12 * 60;
		return 1;
	}
	while (digits < s.len && s.s[digits] >= '0' && s.s[digits] <= '9')
		digits++;
	if (!digits || digits > 2 || !str_int((struct str){s.s, digits}, &hour) || hour > 23)
		return 0;
	s = (struct str){s.s + digits, s.len - digits};
	if (!s.len && date_joint(r, i) == ':' && words_at(r->w, i + 1).len >= 2 &&
		str_int((struct str){words_at(r->w, i + 1).s, 2}, &min)) {
		s = words_at(r->w, i + 1);
		s = (struct str){s.s + 2, s.len - 2};
		used = 2;
	}
	marked |= used == 2 || (s.len && s.s[0] == 'h');
	if (s.len > 1 && s.s[0] == 'h' && !str_int((struct str){s.s + 1, s.len - 1}, &min))
		return 0;
	if (str_is(s, "pm") || str_is(s, "am")) {
		part = marked = true;
		add = s.s[0] == 'p' ? 12 : 0;
	} else if (s.len && s.s[0] != 'h') {
		return 0;
	} else if (words_is(r->w, i + used, "pm") || words_is(r->w, i + used, "am")) {
		part = marked = date_kind(r, i + used, &add) == DATE_PART;
		used++;
	}
	if (!marked || min >= 60)
		return 0;
	*minute = 60 * hour_part(hour, add, part) + (int)min;
	return used;
}
