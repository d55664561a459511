/* Days by their numbers and by their month's name. */
#include "base/when.h"
#include "core/dates_part.h"

/* Without a year: the nearest to the saying. */
static bool nearest_day(const struct date_reader *r, int month, int day, int64_t *out)
{
	struct civil now;
	bool found = false;

	local_civil(r->said->time, &now, NULL);
	for (int year = now.year - 1; year <= now.year + 1; year++) {
		int64_t d, far, best;

		if (!date_valid(year, month, day, &d))
			continue;
		far = d > r->today ? d - r->today : r->today - d;
		best = *out > r->today ? *out - r->today : r->today - *out;
		if (!found || far < best)
			*out = d;
		found = true;
	}
	return found;
}

enum order { ORDER_DAY, ORDER_MONTH, ORDER_UNKNOWN };

/* Which comes first in this text's numbers. English alone does not tell it. */
static enum order order_of(const struct date_reader *r)
{
	if (str_is(r->said->region, "US"))
		return ORDER_MONTH;
	if (r->said->region.len || (!(r->langs & (DATE_EN | DATE_ANY))))
		return ORDER_DAY;
	return str_is(r->said->lang, "en-US") ? ORDER_MONTH : ORDER_UNKNOWN;
}

static bool numeric_day(const struct date_reader *r, char mark, int64_t a, int64_t b, int64_t year)
{
	enum order order = order_of(r);
	int64_t day = a, month = b, swap;

	if (mark == '.' || a > 12 || a == b)
		order = ORDER_DAY;
	else if (b > 12)
		order = ORDER_MONTH;
	if (order == ORDER_MONTH) {
		swap = day;
		day = month;
		month = swap;
	}
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	r->out->day_told = true;
	r->out->sure = order != ORDER_UNKNOWN;
	if (year ? !date_valid((int)year, (int)month, (int)day, &r->out->from)
		 : !nearest_day(r, (int)month, (int)day, &r->out->from))
		return false;
	r->out->to = r->out->from;
	return true;
}

/* Two digits of a year are of this century, or of the one before where that lies far ahead. */
static int64_t full_year(const struct date_reader *r, int64_t year, size_t digits)
{
	struct civil now;

	if (digits == 4)
		return year;
	local_civil(r->said->time, &now, NULL);
	return 2000 + year > now.year + 20 ? 1900 + year : 2000 + year;
}

/* 2026-03-02, 2/3/2026, 02.03.26, 12/03: joined by one mark, and by none to what stands around. */
static size_t numeric(const struct date_reader *r, size_t i)
{
	const struct words *w = r->w;
	char mark = date_joint(r, i), before = i ? date_joint(r, i - 1) : '\0';
	size_t digits = words_at(w, i).len, last;
	int64_t a, b, c;

	if (!mark || !memchr("/.-", mark, 3) || (before && memchr("/.-,", before, 4)) ||
		!words_number(w, i, &a) || !words_number(w, i + 1, &b))
		return 0;
	if (date_joint(r, i + 1) != mark || !words_number(w, i + 2, &c)) {
		/* 24/7 and 1/2 are no dates; 12.03 is money. */
		static const char *const card[] = {"exp", "expires", "expiry", "expiration",
			"valid", "validade", "vence", "vencimento", "vencimiento", "caduca", "val",
			NULL};

		if (i && date_any_of(words_at(w, i - 1), card))
			return 0;
		if (mark != '/' || digits != 2 || words_at(w, i + 1).len != 2 ||
			date_joint(r, i + 1) == '/')
			return 0;
		return numeric_day(r, mark, a, b, 0) ? 2 : 0;
	}
	if (date_joint(r, i + 2) == mark)
		return 0;
	last = words_at(w, i + 2).len;
	if (digits == 4) {
		if (!date_valid((int)a, (int)b, (int)c, &r->out->from))
			return 0;
		date_one_day(r->out, r->out->from);
		return 3;
	}
	if (digits > 2 || words_at(w, i + 1).len > 2 || (last != 4 && last != 2))
		return 0;
	if (mark == '-' && last != 4)
		return 0;
	return numeric_day(r, mark, a, b, full_year(r, c, last)) ? 3 : 0;
}

/* 2, 2nd, 1º: a day of a month; 0 where it is none. */
static int day_number(const struct words *w, size_t i)
{
	struct str s = words_at(w, i);
	int n = 0;
	size_t k = 0;

	while (k < s.len && k < 2 && s.s[k] >= '0' && s.s[k] <= '9')
		n = 10 * n + (s.s[k++] - '0');
	s.s += k;
	s.len -= k;
	if (s.len && !str_is(s, "st") && !str_is(s, "nd") && !str_is(s, "rd") && !str_is(s, "th") &&
		!str_is(s, "o") && !str_is(s, "a"))
		return 0;
	return k && n <= 31 ? n : 0;
}

/* A year behind a day and its month, with what stands before it. */
static size_t year_at(const struct date_reader *r, size_t i, int64_t *year)
{
	size_t skip = words_is(r->w, i, "de") || words_is(r->w, i, "del") ? 1 : 0;

	if (i && words_stop(r->w, i - 1))
		return 0;
	if (words_at(r->w, i + skip).len == 4 && words_number(r->w, i + skip, year) &&
		*year >= 1900 && *year < 2100)
		return skip + 1;
	*year = 0;
	return 0;
}

static size_t set_month_day(const struct date_reader *r, int month, int day, size_t used, size_t i)
{
	int64_t year = 0, when = 0;

	used += year_at(r, i + used, &year);
	if (year ? !date_valid((int)year, month, day, &when) : !nearest_day(r, month, day, &when))
		return 0;
	date_one_day(r->out, when);
	return used;
}

/* 2nd of March 2026, 2 de março, March 2nd. */
static size_t named_month(const struct date_reader *r, size_t i)
{
	static const char *const who[] = {
		"i", "you", "we", "they", "he", "she", "it", "this", "that", NULL};
	int day = day_number(r->w, i), month = 0;
	size_t next = i + 1;

	if (day) {
		if (words_is(r->w, next, "of") || words_is(r->w, next, "de"))
			next++;
		if (next < r->w->n && date_kind(r, next, &month) == DATE_MONTH &&
			!words_stop(r->w, i))
			return set_month_day(r, month, day, next - i + 1, i);
		return 0;
	}
	if (date_kind(r, i, &month) != DATE_MONTH)
		return 0;
	day = day_number(r->w, next);
	/* "I may 5 times" tells no day. */
	if (day && i && words_is(r->w, i, "may") && date_any_of(words_at(r->w, i - 1), who))
		return 0;
	if (!day || words_stop(r->w, i) || date_kind(r, next + 1, NULL) == DATE_PART)
		return 0;
	return set_month_day(r, month, day, 2, i);
}

size_t date_calendar(const struct date_reader *r, size_t i)
{
	size_t used = numeric(r, i);

	return used ? used : named_month(r, i);
}
