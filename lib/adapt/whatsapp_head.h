/* The beginning of a message in a WhatsApp text export: "02/03/2026, 09:15 - " or "[2.3.26, 9:15:00
 * PM] " and their kin, "[9:15, 02/03/2026] " of text copied in a browser too. */
#ifndef ADAPT_WHATSAPP_HEAD_H
#define ADAPT_WHATSAPP_HEAD_H

#include "base/buf.h"
#include "base/when.h"

/* How the head ends. A bare one (a colon or a blank) is weak: much else begins like it. */
enum wa_close { WA_BRACKET, WA_DASH, WA_COLON, WA_BLANK };

#define WA_LAYOUTS 24 /* close x separator of the date x seconds or none */

struct wa_head {
	int field[3];		  /* of the date, as written */
	int digits[3];		  /* how many each has */
	int hour, minute, second; /* 24 hours */
	enum wa_close close;
	int layout;	 /* 0..WA_LAYOUTS-1: the same for all messages of one export */
	struct str rest; /* behind the head */
};

/* What the line before had up to its clock: most lines begin as that did. Begins as zeros. */
struct wa_day {
	char text[32];
	size_t n; /* of text; 0: none */
	int separator, half;
	struct wa_head head;
};

/* Whether a line begins with a whole head. day: NULL, or what the lines before left; it changes how
 * fast the answer comes, and no answer. */
bool wa_head(struct str line, struct wa_day *day, struct wa_head *h);

/* Whether a word for before noon (1) or after (2) begins s, *len bytes long, or none (0). s ends in
 * NUL and has no blank but the ASCII one. */
int wa_half(const char *s, size_t *len);

/* Orders of a date's fields. */
enum wa_order { WA_DMY, WA_MDY, WA_YMD, WA_YDM, WA_MYD, WA_DYM, WA_ORDERS };

/* What the dates of a file say about their order; begins as zeros. */
struct wa_dates {
	bool long_year;	     /* some year has four digits */
	struct wa_head last; /* the one added last; what is_bad and is_early say is said of it */
	struct {
		bool is_bad, is_early;
		uint64_t bad, early,
			back; /* no such date; before WhatsApp; before the one before it */
		int64_t first, last;
	} as[WA_ORDERS];
};

/* false: no such date in this order; the time is filled in as well. */
bool wa_civil(const struct wa_head *h, enum wa_order order, struct civil *c);
void wa_dates_add(struct wa_dates *d, const struct wa_head *h);
/* The order that fits the file; *assumed says that the file does not decide ("date order d/m"),
 * else it is NULL. */
const char *wa_order_name(enum wa_order order); /* "day/month/year" */
enum wa_order wa_dates_order(const struct wa_dates *d, const char **assumed);

/* A mark of direction or a byte order mark at s, which shows nothing: its length, or 0. */
size_t wa_mark(struct str s);
/* Marks and white space off both ends. */
struct str wa_trim(struct str s);

#endif
