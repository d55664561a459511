#include "adapt/whatsapp_head.h"

#define HEAD_MAX 96 /* bytes of the line that can belong to a head */

/* The beginning of a line in plain characters: marks gone, blanks and digits of all scripts in
 * ASCII. */
struct plain {
	char c[HEAD_MAX + 1];
	unsigned char from[HEAD_MAX + 1]; /* where it stands in the line */
	size_t n;
};

struct reader {
	const struct plain *p;
	size_t at;
};

size_t wa_mark(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.s;

	if (s.len < 3)
		return 0;
	if (p[0] == 0xe2 && p[1] == 0x80 &&
		(p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae)))
		return 3; /* U+200E, U+200F, U+202A..U+202E */
	if (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)
		return 3; /* U+2066..U+2069 */
	return p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf ? 3 : 0;
}

/* A blank other than the ASCII one: its length, or 0. */
static size_t wide_blank(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.s;

	if (s.len >= 2 && p[0] == 0xc2 && p[1] == 0xa0)
		return 2; /* U+00A0 */
	if (s.len >= 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xaf || p[2] == 0x89))
		return 3; /* U+202F, U+2009 */
	return 0;
}

/* Whether a byte is neither blank nor part of a longer character. */
static bool is_solid(char c)
{
	return (unsigned char)c > ' ' && (unsigned char)c < 0x80;
}

struct str wa_trim(struct str s)
{
	size_t n;

	if (s.len && is_solid(s.s[0]) && is_solid(s.s[s.len - 1]))
		return s;
	for (;;) {
		s = str_trim(s);
		n = wa_mark(s);
		if (!n)
			n = wide_blank(s);
		if (!n)
			break;
		s.s += n;
		s.len -= n;
	}
	for (;;) {
		s = str_trim(s);
		if (s.len >= 3 && wa_mark((struct str){s.s + s.len - 3, 3}))
			s.len -= 3;
		else if (s.len >= 2 && wide_blank((struct str){s.s + s.len - 2, 2}) == 2)
			s.len -= 2;
		else
			return s;
	}
}

/* A character of another script that stands for an ASCII one in heads: its length, or 0. */
static size_t foreign(struct str s, char *as)
{
	const unsigned char *p = (const unsigned char *)s.s;
	size_t n = wide_blank(s);

	*as = ' ';
	if (n)
		return n;
	if (s.len >= 2 && p[0] == 0xd9 && p[1] >= 0xa0 && p[1] <= 0xa9) /* Arabic digits */
		return *as = (char)('0' + (p[1] - 0xa0)), 2;
	if (s.len >= 2 && p[0] == 0xdb && p[1] >= 0xb0 && p[1] <= 0xb9) /* Persian digits */
		return *as = (char)('0' + (p[1] - 0xb0)), 2;
	if (s.len >= 2 && p[0] == 0xd8 && p[1] == 0x8c) /* Arabic comma */
		return *as = ',', 2;
	/* Digits from Devanagari to Malayalam, U+0966..U+0D6F, stand 128 apart. */
	if (s.len >= 3 && p[0] == 0xe0 && p[1] >= 0xa5 && p[1] <= 0xb5 && p[1] % 2 &&
		p[2] >= 0xa6 && p[2] <= 0xaf)
		return *as = (char)('0' + (p[2] - 0xa6)), 3;
	if (s.len >= 3 && p[0] == 0xe1 && p[1] == 0x81 && p[2] >= 0x80 && p[2] <= 0x89)
		return *as = (char)('0' + (p[2] - 0x80)), 3;		/* Burmese digits */
	if (s.len >= 3 && p[0] == 0xe2 && p[1] == 0x80 && p[2] == 0x93) /* en dash */
		return *as = '-', 3;
	return 0;
}

#define EIGHT(n) (n), (n) + 1, (n) + 2, (n) + 3, (n) + 4, (n) + 5, (n) + 6, (n) + 7
static const unsigned char same_place[HEAD_MAX] = {EIGHT(0), EIGHT(8), EIGHT(16), EIGHT(24),
	EIGHT(32), EIGHT(40), EIGHT(48), EIGHT(56), EIGHT(64), EIGHT(72), EIGHT(80), EIGHT(88)};

/* The run of plain characters that the line begins with, which stay where they are: eight at a
 * time, as far as that goes. */
static size_t copy_plain(struct plain *p, struct str line)
{
	size_t at = 0;
	uint64_t x;

	for (; at + 8 <= line.len; at += 8) {
		memcpy(&x, line.s + at, 8);
		if (x & UINT64_C(0x8080808080808080))
			break;
		memcpy(p->c + at, &x, 8);
	}
	memcpy(p->from, same_place, at);
	return at;
}

static void make_plain(struct plain *p, struct str line)
{
	size_t max = line.len < HEAD_MAX ? line.len : HEAD_MAX, at;

	at = p->n = copy_plain(p, (struct str){line.s, max});
	while (at < max) {
		struct str rest = {line.s + at, line.len - at};
		size_t n = 1;
		char c = line.s[at];

		if ((unsigned char)c >= 0x80) {
			n = wa_mark(rest);
			if (n) {
				at += n;
				continue;
			}
			n = foreign(rest, &c);
			if (!n)
				n = 1, c = line.s[at];
		}
		p->c[p->n] = c;
		p->from[p->n++] = (unsigned char)at;
		at += n;
	}
	p->c[p->n] = '\0';
	p->from[p->n] = (unsigned char)(at < 255 ? at : 255);
}

static char here(const struct reader *r)
{
	return r->p->c[r->at];
}

static bool take(struct reader *r, char c)
{
	if (here(r) != c)
		return false;
	r->at++;
	return true;
}

static void blanks(struct reader *r)
{
	while (here(r) == ' ' || here(r) == '\t')
		r->at++;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int number(struct reader *r, int max, int *out)
{
	int n = 0, v = 0;

	while (n < max && is_digit(here(r))) {
		v = v * 10 + (here(r) - '0');
		r->at++;
		n++;
	}
	*out = v;
	return is_digit(here(r)) ? 0 : n;
}

/* d/m/y in any order, all separators the same; a blank may follow each ("13. 6. 2018."). */
static bool date(struct reader *r, struct wa_head *h, int *separator)
{
	char used = '\0';
	int years = 0, small = 0, large = 0;

	for (int i = 0; i < 3; i++) {
		h->digits[i] = number(r, 4, &h->field[i]);
		if (!h->digits[i] || h->digits[i] == 3)
			return false;
		years += h->digits[i] == 4;
		small += h->field[i] >= 1 && h->field[i] <= 12 && h->digits[i] < 4;
		large += h->field[i] > 31 && h->digits[i] < 4;
		if (i == 2)
			break;
		if (i == 1 && here(r) != used)
			return false;
		used = here(r);
		if (used != '/' && used != '.' && used != '-')
			return false;
		r->at++;
		take(r, ' ');
	}
	*separator = used == '/' ? 0 : used == '.' ? 1 : 2;
	/* One field is the year, one a month; no other can be above 31. */
	return years + large <= 1 && small >= 1;
}

/* 0: none here; 1: before noon; 2: after. */
static int half_of_day(struct reader *r)
{
	size_t len = 0;
	int half = wa_half(r->p->c + r->at, &len);

	r->at += len;
	return half;
}

/* A word between date and time: "klo", "um", a half of the day. */
static int between(struct reader *r)
{
	int half;

	take(r, '.');
	take(r, ',');
	if (here(r) != ' ')
		return -1;
	blanks(r);
	half = half_of_day(r);
	blanks(r);
	for (int n = 0; n < 12 && here(r) && !is_digit(here(r)); n++) {
		if (strchr("[]:<>-", here(r)))
			return -1;
		r->at++;
	}
	return is_digit(here(r)) ? half : -1;
}

/* Passes a word that belongs to the time, as "Uhr" or "WIB" does: one alone before the dash or the
 * bracket. */
static void unit(struct reader *r)
{
	size_t back = r->at;
	int n = 0;

	blanks(r);
	for (; n < 12 && here(r) && !is_digit(here(r)) && !strchr(" []:<>-~+", here(r)); n++)
		r->at++;
	if (!n || (here(r) != ']' && strncmp(r->p->c + r->at, " - ", 3) != 0))
		r->at = back;
}

static bool word(struct reader *r, const char *w)
{
	size_t back = r->at;

	blanks(r);
	while (*w && take(r, *w))
		w++;
	if (*w)
		r->at = back;
	else
		blanks(r);
	return !*w;
}

/* 9:15, 9:15:30, 9.15.30, and of Canada "9 h 15" and "9 h 15 min 30 s" */
static bool clock_digits(struct reader *r, struct wa_head *h, bool *seconds)
{
	int n = number(r, 2, &h->hour);
	char mark = here(r);
	bool french = n && mark != ':' && mark != '.' && word(r, "h");

	h->second = 0;
	if (!n || !(french || take(r, ':') || take(r, '.')) || number(r, 2, &h->minute) != 2)
		return false;
	*seconds = french ? word(r, "min") : here(r) == mark && is_digit(r->p->c[r->at + 1]);
	if (!*seconds)
		return true;
	r->at += !french;
	return number(r, 2, &h->second) == 2 && (!french || word(r, "s"));
}

static int half_behind(struct reader *r)
{
	size_t back = r->at;
	int half;

	word(r, "ч."); /* Bulgarian: of the clock */
	blanks(r);
	half = half_of_day(r);
	if (!half)
		r->at = back;
	return half;
}

static bool clock_time(struct reader *r, struct wa_head *h, int half, bool *seconds)
{
	if (!clock_digits(r, h, seconds))
		return false;
	if (!half)
		half = half_behind(r);
	unit(r);
	if (half == 1 && h->hour == 12)
		h->hour = 0;
	if (half == 2 && h->hour < 12)
		h->hour += 12;
	take(r, ')');
	return h->hour <= 23 && h->minute <= 59 && h->second <= 60;
}

static bool closing(struct reader *r, struct wa_head *h, bool bracket)
{
	blanks(r);
	if (bracket) {
		h->close = WA_BRACKET;
		if (!take(r, ']'))
			return false;
		take(r, ' ');
		return true;
	}
	if (here(r) == '-') {
		h->close = WA_DASH;
		r->at++;
	} else if (here(r) == ':') {
		h->close = WA_COLON;
		r->at++;
	} else {
		h->close = WA_BLANK;
		return r->at && r->p->c[r->at - 1] == ' ' && here(r);
	}
	return take(r, ' ') || !here(r);
}

/* "9:15, 02/03/2026", what is copied out of WhatsApp's window in a browser; "9:15 2/3/26" in
 * Vietnamese. */
static bool clock_first(struct reader *r, struct wa_head *h, int *separator, bool *seconds)
{
	/* With dots, a date may read as a time and the time as a date. */
	if (strcspn(r->p->c + r->at, ":") > 2 || !clock_time(r, h, half_of_day(r), seconds) ||
		!(take(r, ',') || here(r) == ' '))
		return false;
	blanks(r);
	return date(r, h, separator);
}

static int layout_of(const struct wa_head *h, int separator, bool seconds)
{
	return ((int)h->close * 3 + separator) * 2 + seconds;
}

/* What was read of the line up to the clock is kept, where it stands there as it was read. */
static void keep_day(struct wa_day *day, struct str line, const struct reader *r,
	const struct wa_head *h, int separator, int half)
{
	day->n = 0;
	if (r->at > sizeof(day->text) || r->p->from[r->at] != r->at)
		return;
	memcpy(day->text, line.s, r->at);
	day->n = r->at;
	day->head = *h;
	day->separator = separator;
	day->half = half;
}

static bool read_head(struct str line, struct wa_day *day, struct wa_head *h)
{
	struct plain p;
	struct reader r = {&p, 0};
	bool bracket, seconds, first;
	int separator, half;

	make_plain(&p, line);
	bracket = take(&r, '[');
	first = clock_first(&r, h, &separator, &seconds);
	if (!first) {
		r.at = bracket;
		if (!is_digit(here(&r)) || !date(&r, h, &separator))
			return false;
		half = between(&r);
		if (half < 0)
			return false;
		if (day)
			keep_day(day, line, &r, h, separator, half);
		if (!clock_time(&r, h, half, &seconds))
			return false;
	}
	/* A time and a date begin many a line: without brackets they are a head before a dash
	 * alone. */
	if (!closing(&r, h, bracket) || (first && !bracket && h->close != WA_DASH))
		return false;
	h->layout = layout_of(h, separator, seconds);
	h->rest = (struct str){line.s + p.from[r.at], line.len - p.from[r.at]};
	return true;
}

/* A line's bytes from the clock on. */
struct clock {
	const char *s, *end;
};

static bool two_digits(struct clock *c, int *out)
{
	if (c->end - c->s < 2 || !is_digit(c->s[0]) || !is_digit(c->s[1]))
		return false;
	*out = (c->s[0] - '0') * 10 + (c->s[1] - '0');
	c->s += 2;
	return true;
}

/* The plainest of clocks behind the day of the line before, "09:15 - " and "09:15:30] "; of any
 * other nothing is said. */
static bool same_day(struct str line, const struct wa_day *day, struct wa_head *h)
{
	struct clock c = {line.s + day->n, line.s + line.len};
	bool seconds, bracket = day->n && day->text[0] == '[';
	const char *close = bracket ? "] " : " - ";
	size_t n = bracket ? 2 : 3;

	if (!day->n || line.len < day->n || memcmp(line.s, day->text, day->n) != 0)
		return false;
	*h = day->head;
	h->second = 0;
	if (!two_digits(&c, &h->hour) || c.s == c.end || *c.s++ != ':' ||
		!two_digits(&c, &h->minute))
		return false;
	seconds = c.s < c.end && *c.s == ':';
	if (seconds && (c.s++, !two_digits(&c, &h->second)))
		return false;
	if ((size_t)(c.end - c.s) < n || memcmp(c.s, close, n) != 0 || day->half || h->hour > 23 ||
		h->minute > 59 || h->second > 60)
		return false;
	h->close = bracket ? WA_BRACKET : WA_DASH;
	h->layout = layout_of(h, day->separator, seconds);
	h->rest = (struct str){c.s + n, (size_t)(c.end - c.s) - n};
	return true;
}

bool wa_head(struct str line, struct wa_day *day, struct wa_head *h)
{
	unsigned char c = line.len ? (unsigned char)line.s[0] : 0;

	if (c < 0x80 && c != '[' && !is_digit((char)c))
		return false;
	return (day && same_day(line, day, h)) || read_head(line, day, h);
}
