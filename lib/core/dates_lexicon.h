/* The words of dates, folded. */
#ifndef CORE_DATES_LEXICON_H
#define CORE_DATES_LEXICON_H

#include "base/buf.h"

enum date_word {
	DATE_NONE,
	DATE_MONTH,    /* value: 1 to 12 */
	DATE_WEEKDAY,  /* value: 0 is Sunday */
	DATE_ORDINAL,  /* a weekday that is "the second" as well */
	DATE_RELATIVE, /* value: days from today */
	DATE_NUMBER,
	DATE_MINUTES, /* units of time; value: how many minutes, days, months one is */
	DATE_DAYS,
	DATE_MONTHS,
	DATE_BUSINESS, /* only working days count */
	DATE_NEXT,     /* value 1: of the next week; 0: the first that comes */
	DATE_LAST,
	DATE_THIS,
	DATE_WITHIN, /* opens a span of time */
	DATE_AGO,    /* stands behind one */
	DATE_SINCE,  /* stands before one, or before a day that is over */
	DATE_PART,   /* morning, afternoon, night; value: the hours to add to one of 1 to 11 */
	DATE_NOON,
	DATE_END /* of a day, week or month */
};

enum { DATE_EN = 1, DATE_PT = 2, DATE_ES = 4, DATE_ANY = 8 };

struct date_entry {
	const char *word;
	uint8_t len; /* of the word */
	uint8_t kind;
	uint8_t langs; /* those in which it means this; DATE_ANY: where the language is not known */
	int16_t value;
};

/* NULL: no such word in these languages. */
const struct date_entry *date_word(struct str word, int langs);
/* The languages' bit: DATE_ANY where it is none of the three. */
int date_langs(struct str lang);

#endif
