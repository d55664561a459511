#include "adapt/mail_part.h"

#include <ctype.h>
#include <strings.h>

#define FROM_LINE_MAX 1024

static bool number(struct str s, int *out)
{
	int64_t n;

	if (!str_int(s, &n) || n < 0 || n > 9999)
		return false;
	*out = (int)n;
	return true;
}

static struct str next_word(struct str *s)
{
	struct str w;

	*s = str_trim(*s);
	w = *s;
	for (w.len = 0; w.len < s->len && !isspace((unsigned char)s->s[w.len]); w.len++)
		continue;
	s->s += w.len;
	s->len -= w.len;
	return w;
}

static int month_of(struct str s)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int i = 0; s.len == 3 && i < 12; i++)
		if (strncasecmp(s.s, months + (ptrdiff_t)i * 3, 3) == 0)
			return i + 1;
	return 0;
}

/* 14:05 or 14:05:59 */
static bool clock_of(struct str s, struct civil *c)
{
	int part[3] = {0, 0, 0};
	size_t from = 0, n = 0;

	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && s.s[i] != ':')
			continue;
		if (n == 3 || i - from != 2 || !number((struct str){s.s + from, 2}, &part[n++]))
			return false;
		from = i + 1;
	}
	c->hour = part[0];
	c->minute = part[1];
	c->second = part[2];
	return n >= 2;
}

/* The date of "From <sender> Mon Mar  2 14:05:10 2026", a zone anywhere behind the time of day:
 * *offset in minutes. */
static bool from_date(struct str line, struct civil *c, bool *zone, int *offset)
{
	bool day = false, clock = false;

	*c = (struct civil){0};
	*zone = false;
	while (line.len) {
		struct str w = next_word(&line);
		int n;

		if (!c->month && (c->month = month_of(w)))
			continue;
		if (c->month && !clock && memchr(w.s, ':', w.len)) {
			clock = clock_of(w, c);
		} else if (c->month && !day && w.len <= 2 && number(w, &n)) {
			c->day = n;
			day = true;
		} else if (clock && w.len == 5 && strchr("+-", w.s[0]) &&
			   number((struct str){w.s + 1, 4}, &n)) {
			*offset = (n / 100 * 60 + n % 100) * (w.s[0] == '-' ? -1 : 1);
			*zone = true;
		} else if (clock && !c->year && w.len == 4 && number(w, &n)) {
			c->year = n;
		}
	}
	return day && clock && c->year > 1970 && civil_valid(c);
}

bool mail_is_from_line(struct str line)
{
	struct civil c;
	bool zone;
	int offset;

	return str_starts(line, STR("From ")) && line.len < FROM_LINE_MAX &&
	       from_date(line, &c, &zone, &offset);
}

static void assume(struct adapt_run *run, const char *what)
{
	draft_text(&run->draft, DATA_TIME_ASSUMED, str_of(what));
}

bool mail_time(struct adapt_run *run, struct str from_line)
{
	struct mime *mime = run->mail->mime;
	struct civil c;
	struct str h;
	int offset = 0;
	bool zone;

	if (mime_date(mime_header(mime, "Date", 0), &run->draft.time, &zone)) {
		if (!zone) {
			utc_civil(run->draft.time, &c);
			adapt_local_time(run, &c, NULL);
		}
		return true;
	}
	if (from_date(from_line, &c, &zone, &offset)) {
		if (zone) {
			run->draft.time = civil_utc(&c) - offset * WHEN_MINUTE;
			assume(run, "from_line");
		} else {
			adapt_local_time(run, &c, "from_line");
		}
		return true;
	}
	for (int n = 0; n < MAIL_HEADERS_MAX && (h = mime_header(mime, "Received", n)).s; n++) {
		const char *semicolon = h.len ? memrchr(h.s, ';', h.len) : NULL;

		if (!semicolon)
			continue;
		h = (struct str){semicolon + 1, h.len - (size_t)(semicolon + 1 - h.s)};
		if (mime_date(str_trim(h), &run->draft.time, &zone)) {
			assume(run, "received");
			return true;
		}
	}
	return false;
}
