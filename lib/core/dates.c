#include "core/dates.h"
#include "base/when.h"
#include "core/dates_part.h"

#define DAY_FIRST (WHEN_FIRST / WHEN_DAY)
#define DAY_LAST (WHEN_LAST / WHEN_DAY)
#define DAY_NONE (DAY_LAST + 32) /* out of range, and so is what is a month before it */

int64_t dates_day(int64_t time)
{
	struct civil c;

	local_civil(time, &c, NULL);
	c.hour = c.minute = c.second = c.ms = 0;
	return civil_utc(&c) / WHEN_DAY;
}

void dates_put(struct buf *out, int64_t day)
{
	struct civil c;

	utc_civil(day * WHEN_DAY, &c);
	buf_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
}

int64_t dates_due(const struct dated *d)
{
	struct civil c;

	if (d->at >= 0)
		return d->at;
	utc_civil(d->to * WHEN_DAY, &c);
	c.hour = d->minute < 0 ? 23 : d->minute / 60;
	c.minute = d->minute < 0 ? 59 : d->minute % 60;
	c.second = d->minute < 0 ? 59 : 0;
	return when_local(&c);
}

char date_joint(const struct date_reader *r, size_t i)
{
	struct str gap = words_between(r->w, i);

	return i + 1 < r->w->n && gap.len == 1 ? gap.s[0] : '\0';
}

enum date_word date_kind(const struct date_reader *r, size_t i, int *value)
{
	const struct date_entry *e = date_word(words_at(r->w, i), r->langs);

	if (e && value)
		*value = e->value;
	return e ? (enum date_word)e->kind : DATE_NONE;
}

int date_weekday(int64_t day)
{
	return (int)(((day + 4) % 7 + 7) % 7);
}

void date_one_day(struct dated *out, int64_t day)
{
	out->from = out->to = day;
	out->day_told = out->sure = true;
}

bool date_valid(int year, int month, int day, int64_t *out)
{
	struct civil c = {.year = year, .month = month, .day = day};

	if (!civil_valid(&c))
		return false;
	*out = civil_utc(&c) / WHEN_DAY;
	return true;
}

int64_t date_add_months(int64_t day, int n)
{
	struct civil c;
	int months;
	int64_t out = DAY_NONE;

	utc_civil(day * WHEN_DAY, &c);
	months = c.year * 12 + c.month - 1 + n;
	for (int d = c.day; d > 0; d--)
		if (date_valid(months / 12, months % 12 + 1, d, &out))
			break;
	return out;
}

bool date_any_of(struct str word, const char *const *words)
{
	for (; *words; words++)
		if (str_is(word, *words))
			return true;
	return false;
}

/* Behind a day: at 5 pm, às 17h, a las 17:00. */
static size_t clock_behind(const struct date_reader *r, size_t i)
{
	static const char *const joins[] = {"at", "as", "a", "las", "by", "before", "until", "till",
		"ate", "hasta", "antes", "das", "de", NULL};
	static const char *const hours[] = {"at", "as", "las", NULL};
	size_t at = i, used;

	if (i && words_stop(r->w, i - 1))
		return 0;
	while (at < i + 3 && date_any_of(words_at(r->w, at), joins))
		at++;
	used = date_clock(
		r, at, at > i && date_any_of(words_at(r->w, at - 1), hours), &r->out->minute);
	return used ? at + used - i : 0;
}

/* By its first word: all that begins with it. */
static size_t day_at(const struct date_reader *r, size_t i, enum date_word kind)
{
	size_t used = 0;

	switch (kind) {
	case DATE_WITHIN:
	case DATE_SINCE:
	case DATE_NUMBER:
		return date_span(r, i);
	case DATE_NONE:
	case DATE_MONTH:
		used = date_calendar(r, i);
		return used ? used : date_span(r, i);
	case DATE_WEEKDAY:
	case DATE_ORDINAL:
	case DATE_RELATIVE:
	case DATE_NEXT:
	case DATE_LAST:
	case DATE_THIS:
	case DATE_DAYS:
	case DATE_MONTHS:
	case DATE_END:
		return date_named(r, i);
	case DATE_MINUTES:
	case DATE_BUSINESS:
	case DATE_AGO:
	case DATE_PART:
	case DATE_NOON:
		break;
	}
	return 0;
}

/* A time before its day, or with none: today, or tomorrow where it is past. */
static size_t clock_first(const struct date_reader *r, size_t i)
{
	struct dated *d = r->out;
	size_t used = date_clock(r, i, false, &d->minute), more, at;
	int minute = d->minute;

	if (!used)
		return 0;
	more = words_is(r->w, i + used, "on") || words_is(r->w, i + used, "de");
	at = i + used + more;
	more = day_at(r, at, date_kind(r, at, NULL));
	more = more ? at - i - used + more : 0;
	d->minute = minute;
	if (more && d->at < 0)
		return used + more;
	*d = (struct dated){
		.from = r->today, .to = r->today, .minute = minute, .at = -1, .sure = true};
	if (dates_due(d) < r->said->time)
		d->from = ++d->to;
	return used;
}

/* Whether a year of four digits has all of it, in UTC as well. */
static bool in_range(const struct dated *d)
{
	return d->from >= DAY_FIRST && d->from <= DAY_LAST && d->to >= DAY_FIRST &&
	       d->to <= DAY_LAST && dates_due(d) >= WHEN_FIRST && dates_due(d) <= WHEN_LAST;
}

bool dates_parse(const struct words *w, size_t i, const struct saying *said, struct dated *out)
{
	struct date_reader r = {w, said, ~0, 0, out};
	char first = i < w->n ? w->folded.s[w->v[i].at] : '\0';
	bool digit = first >= '0' && first <= '9';
	enum date_word kind;

	/* Most words are no date's in any language. */
	if (!digit && !date_word(words_at(w, i), r.langs))
		return false;
	r.langs = date_langs(said->lang);
	kind = digit ? DATE_NONE : date_kind(&r, i, NULL);
	if (!digit && kind == DATE_NONE)
		return false;
	*out = (struct dated){.minute = -1, .at = -1};
	r.today = dates_day(said->time);
	out->words = day_at(&r, i, kind);
	if (out->words && out->at < 0)
		out->words += clock_behind(&r, i + out->words);
	if (!out->words && (digit || kind == DATE_NOON))
		out->words = clock_first(&r, i);
	return out->words > 0 && in_range(out);
}
