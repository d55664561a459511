/* What the parts of dates.h share: each reads at a word and says how many words it took. */
#ifndef CORE_DATES_PART_H
#define CORE_DATES_PART_H

#include "core/dates.h"
#include "core/dates_lexicon.h"

struct date_reader {
	const struct words *w;
	const struct saying *said;
	int langs;
	int64_t today;
	struct dated *out;
};

/* The kind of the word, and its value (may be NULL). */
enum date_word date_kind(const struct date_reader *r, size_t i, int *value);
/* The one byte that joins a word and the next; 0 where they stand apart. */
char date_joint(const struct date_reader *r, size_t i);
bool date_any_of(struct str word, const char *const *words);
/* 0 is Sunday. */
int date_weekday(int64_t day);
/* false where there is no such day. */
bool date_valid(int year, int month, int day, int64_t *out);
/* The same day of another month, or the last that this has; out of range where that is. */
int64_t date_add_months(int64_t day, int n);
/* One day is told. */
void date_one_day(struct dated *out, int64_t day);

/* 2026-03-02, 2/3/2026, 2 de marco, March 2nd. */
size_t date_calendar(const struct date_reader *r, size_t i);
/* within 5 days, ha 2 dias, 3 days ago. */
size_t date_span(const struct date_reader *r, size_t i);
/* tomorrow, next Friday, this week. */
size_t date_named(const struct date_reader *r, size_t i);
/* 5 pm, 17h30, noon: minutes of the day; marked: a bare number is one, too. */
size_t date_clock(const struct date_reader *r, size_t i, bool marked, int *minute);

#endif
