/* Days by their names, and weeks and months by where they stand. */
#include "base/when.h"
#include "core/dates_part.h"

/* pasado mañana, depois de amanhã, the day after tomorrow: how far from the day that is named. */
static int step_before(const struct date_reader *r, size_t i)
{
	const struct words *w = r->w;

	if (i >= 1 && words_is(w, i, "manana") && words_is(w, i - 1, "pasado"))
		return 1;
	if (i >= 2 && words_is(w, i, "amanha") && words_is(w, i - 2, "depois"))
		return 1;
	if (i >= 1 && words_is(w, i, "tomorrow") && words_is(w, i - 1, "after"))
		return 1;
	if (i >= 1 && words_is(w, i, "yesterday") && words_is(w, i - 1, "before"))
		return -1;
	return i >= 2 && words_is(w, i, "ayer") && words_is(w, i - 2, "antes") ? -1 : 0;
}

static size_t relative(const struct date_reader *r, size_t i)
{
	int days = 0;

	if (date_kind(r, i, &days) != DATE_RELATIVE)
		return 0;
	/* la mañana, esta mañana: the morning. */
	if (words_is(r->w, i, "manana") && i &&
		(words_is(r->w, i - 1, "la") || words_is(r->w, i - 1, "esta")))
		return 0;
	date_one_day(r->out, r->today + days + step_before(r, i));
	return 1;
}

/* Behind "segunda" and its like, or before it, stands what makes it a day. */
static bool is_day(const struct date_reader *r, size_t i)
{
	static const char *const before[] = {"na", "ate", "desde", "nesta", "neste", "esta", "essa",
		"dessa", "desta", "proxima", "passada", "para", "pra", "ultima", NULL};
	static const char *const behind[] = {
		"feira", "passada", "que", "agora", "cedo", "as", NULL};
	struct str next = words_at(r->w, i + 1);

	if (!i && (r->w->n == 1 || words_stop(r->w, i)))
		return true;
	if (date_any_of(next, behind) && (!str_is(next, "que") || words_is(r->w, i + 2, "vem")))
		return true;
	return i && date_any_of(words_at(r->w, i - 1), before) && !str_is(next, "vez") &&
	       !str_is(next, "parcela") && !str_is(next, "via");
}

/* A word of the past within the clause before: the day that is named is over. */
static bool is_over(const struct date_reader *r, size_t i)
{
	static const char *const over[] = {"since", "desde", "was", "were", "came", "bought",
		"ordered", "arrived", "sent", "paid", "called", "spoke", "made", "placed", "had",
		"did", "got", "comprei", "chegou", "pedi", "liguei", "paguei", "recebi", "fiz",
		"foi", "veio", "falei", "compre", "llego", "llame", "pague", "recibi", "hice",
		"fue", "vino", "hable", NULL};

	for (size_t k = i, seen = 0; k > 0 && seen < 6; k--, seen++) {
		if (words_stop(r->w, k - 1))
			return false;
		if (date_any_of(words_at(r->w, k - 1), over))
			return true;
	}
	return false;
}

static void set_weekday(
	const struct date_reader *r, int weekday, enum date_word how, int week, bool over)
{
	int64_t ahead = (weekday - date_weekday(r->today) + 6) % 7 + 1;

	if (how == DATE_LAST || (how == DATE_NONE && over))
		ahead = (ahead % 7) - 7;
	else if (how == DATE_THIS)
		ahead %= 7;
	else if (how == DATE_NEXT && week)
		ahead = 7 - (date_weekday(r->today) + 6) % 7 + (weekday + 6) % 7;
	date_one_day(r->out, r->today + ahead);
}

/* Friday, next Friday, próxima sexta-feira, sexta que vem, el lunes pasado. */
static size_t weekday(const struct date_reader *r, size_t i)
{
	enum date_word how = date_kind(r, i, NULL), kind;
	size_t at = i, used;
	int day = 0, week = 0;

	if (how == DATE_NEXT || how == DATE_LAST || how == DATE_THIS) {
		date_kind(r, i, &week);
		at++;
	} else {
		how = DATE_NONE;
	}
	kind = date_kind(r, at, &day);
	if ((kind != DATE_WEEKDAY && kind != DATE_ORDINAL) ||
		(kind == DATE_ORDINAL && !is_day(r, at)))
		return 0;
	used = at + 1;
	if (words_is(r->w, used, "feira"))
		used++;
	if (how == DATE_NONE && date_kind(r, used, NULL) == DATE_LAST &&
		!words_is(r->w, used, "past")) {
		how = DATE_LAST;
		used++;
	} else if (words_is(r->w, used, "que") &&
		   (words_is(r->w, used + 1, "vem") || words_is(r->w, used + 1, "viene"))) {
		how = DATE_NEXT;
		used += 2;
	}
	set_weekday(r, day, how, week, is_over(r, i));
	return used - i;
}

/* A week ends with its Sunday. */
static bool set_period(const struct date_reader *r, enum date_word unit, int days, int ahead)
{
	struct civil c;

	if (unit == DATE_DAYS && days == 7) {
		r->out->from = r->today - (date_weekday(r->today) + 6) % 7 + (int64_t)ahead * 7;
		r->out->to = r->out->from + 6;
	} else if (unit == DATE_MONTHS) {
		local_civil(r->said->time, &c, NULL);
		r->out->from = date_add_months(r->today - c.day + 1, ahead);
		r->out->to = date_add_months(r->out->from, 1) - 1;
	} else {
		return false;
	}
	return r->out->sure = true;
}

/* this week, next week, semana que vem, la próxima semana: until its Sunday; next month. */
static size_t period(const struct date_reader *r, size_t i)
{
	enum date_word how = date_kind(r, i, NULL), unit;
	size_t at = i + (how == DATE_NEXT || how == DATE_THIS);
	int days = 0, ahead = how == DATE_NEXT;

	unit = date_kind(r, at, &days);
	if (words_is(r->w, at + 1, "que") &&
		(words_is(r->w, at + 2, "vem") || words_is(r->w, at + 2, "viene"))) {
		ahead = 1;
		at += 2;
	} else if (at == i) {
		return 0;
	}
	return set_period(r, unit, days, ahead) ? at + 1 - i : 0;
}

/* the end of the day, fim da próxima semana, fin de mes: by then. */
static size_t end_of(const struct date_reader *r, size_t i)
{
	static const char *const links[] = {"of", "the", "do", "da", "de", "del", "la", NULL};
	size_t at = i + 1;
	int days = 0, ahead;
	enum date_word unit;

	if (date_kind(r, i, NULL) != DATE_END)
		return 0;
	while (at < i + 3 && date_any_of(words_at(r->w, at), links))
		at++;
	ahead = date_kind(r, at, NULL) == DATE_NEXT;
	at += ahead || date_kind(r, at, NULL) == DATE_THIS;
	unit = date_kind(r, at, &days);
	if (at == i + 1)
		return 0;
	if (unit == DATE_DAYS && days == 1 && !ahead)
		date_one_day(r->out, r->today);
	else if (!set_period(r, unit, days, ahead))
		return 0;
	return at + 1 - i;
}

size_t date_named(const struct date_reader *r, size_t i)
{
	size_t used = relative(r, i);

	if (!used)
		used = weekday(r, i);
	if (!used)
		used = period(r, i);
	return used ? used : end_of(r, i);
}
