/*
 * Days that a text tells, relative to when it was said: "tomorrow", "next Friday", "amanhã", "el
 * próximo lunes", "12/03", "within five business days", in English, Portuguese and Spanish.
 */
#ifndef CORE_DATES_H
#define CORE_DATES_H

#include "core/words.h"

/* When and where it was said; lang, region: empty where they are not known. */
struct saying {
	struct str lang, region; /* BCP 47; ISO 3166-1 alpha-2 */
	int64_t time;		 /* ms */
};

struct dated {
	size_t words;  /* how many of the text tell it */
	bool day_told; /* one day is told: from, and to is the same */
	bool sure; /* false: day and month may be the other way round; from and to say nothing */
	int64_t from, to; /* days since 1970-01-01, in the local zone */
	int minute;	  /* of the day; -1: none is told */
	int64_t at;	  /* ms, where hours or minutes are counted from the saying; else -1 */
};

/*
 * The day, days or time that begin with the word at `i`; false where there are none, or none of the
 * years 1 to 9999. A weekday
 * alone is the next one behind the saying, behind a word of the past ("since", "last") the one
 * before it; a day and month without a year are the nearest to it. "Next" with a weekday is that of
 * the next week in English, the first one that comes in Portuguese and Spanish.
 */
bool dates_parse(const struct words *w, size_t i, const struct saying *said, struct dated *out);
/* The last moment that the words allow: of the minute, or of the day that is told; ms. */
int64_t dates_due(const struct dated *d);
/* Appends a day as 2026-03-02. */
void dates_put(struct buf *out, int64_t day);
/* The local day on which it was. */
int64_t dates_day(int64_t time);

#endif
