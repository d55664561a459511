#include "adapt/transcript_name.h"
#include "base/text.h"

static bool digits(struct str *s, size_t n, int *out)
{
	int v = 0;

	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->s[i] < '0' || s->s[i] > '9')
			return false;
		v = v * 10 + (s->s[i] - '0');
	}
	s->s += n;
	s->len -= n;
	*out = v;
	return true;
}

static bool any_of(struct str *s, const char *set)
{
	if (!s->len || !s->s[0] || !strchr(set, s->s[0]))
		return false;
	s->s++;
	s->len--;
	return true;
}

/*
 * +02:00, -0300 or -03 behind a time, in minutes. In 14-02-10-1007 and 14-02-10-03 a number or a
 * part of the call follows: no zone is 10 hours and 7 minutes west, and -03 is one more of such.
 */
static bool zone(struct str *s, bool dashed, int *minutes)
{
	struct str t = *s;
	bool minus = t.len && t.s[0] == '-', whole;
	int h, m = 0;

	if (!any_of(&t, "+-") || !digits(&t, 2, &h))
		return false;
	any_of(&t, ":");
	whole = digits(&t, 2, &m);
	if (!whole)
		m = 0;
	if ((minus && dashed && !whole) || h > (minus ? 12 : 14) || m % (minus ? 30 : 15) ||
		m > 59 || (t.len && t.s[0] >= '0' && t.s[0] <= '9'))
		return false;
	*minutes = (h * 60 + m) * (minus ? -1 : 1);
	*s = t;
	return true;
}

static bool date_time(struct str *s, struct civil *c)
{
	if (!digits(s, 4, &c->year))
		return false;
	any_of(s, "-._");
	if (!digits(s, 2, &c->month))
		return false;
	any_of(s, "-._");
	if (!digits(s, 2, &c->day))
		return false;
	if (!any_of(s, "Tt _.-") || !digits(s, 2, &c->hour))
		return false;
	any_of(s, "-:._h");
	if (!digits(s, 2, &c->minute))
		return false;
	any_of(s, "-:._m");
	if (!digits(s, 2, &c->second))
		return false;
	return civil_valid(c);
}

static void read_fraction(struct str *s, struct civil *c)
{
	struct str t = *s;
	int ms;

	if (any_of(&t, ".,") && digits(&t, 3, &ms)) {
		c->ms = ms;
		*s = t;
	}
}

bool stamp_find(struct str s, struct stamp *out)
{
	for (size_t i = 0; i + 14 <= s.len; i++) {
		struct str t = {s.s + i, s.len - i};
		struct civil c = {0};
		int minutes = 0;
		size_t begin = i;
		bool dashed;

		if (i && s.s[i - 1] >= '0' && s.s[i - 1] <= '9')
			continue;
		if (!date_time(&t, &c))
			continue;
		dashed = t.s[-3] == '-';
		read_fraction(&t, &c);
		out->at = c;
		out->zoned = i >= 3 && (memcmp(s.s + i - 3, "GMT", 3) == 0 ||
					       memcmp(s.s + i - 3, "UTC", 3) == 0);
		if (out->zoned)
			begin -= 3;
		else
			out->zoned = any_of(&t, "Zz") || zone(&t, dashed, &minutes);
		out->utc = civil_utc(&c) - minutes * WHEN_MINUTE;
		out->text = (struct str){s.s + begin, (size_t)(t.s - (s.s + begin))};
		return true;
	}
	return false;
}

static struct str trim_separators(struct str s)
{
	while (s.len && strchr(" _-.", s.s[0]))
		s.s++, s.len--;
	while (s.len && strchr(" _-.", s.s[s.len - 1]))
		s.len--;
	return s;
}

void stamp_rest(struct buf *out, struct str base, const struct stamp *stamp)
{
	struct str before, after;

	if (!stamp) {
		buf_put(out, base);
		return;
	}
	before = trim_separators((struct str){base.s, (size_t)(stamp->text.s - base.s)});
	after.s = stamp->text.s + stamp->text.len;
	after = trim_separators((struct str){after.s, base.len - (size_t)(after.s - base.s)});
	if (!before.len && !after.len) {
		buf_put(out, base);
		return;
	}
	buf_put(out, before);
	if (before.len && after.len)
		buf_byte(out, '-');
	buf_put(out, after);
}

static const struct {
	const char *word;
	enum side side;
} sides[] = {{"agent", SIDE_AGENT}, {"agente", SIDE_AGENT}, {"operator", SIDE_AGENT},
	{"operador", SIDE_AGENT}, {"operadora", SIDE_AGENT}, {"atendente", SIDE_AGENT},
	{"representative", SIDE_AGENT}, {"rep", SIDE_AGENT}, {"support", SIDE_AGENT},
	{"suporte", SIDE_AGENT}, {"supervisor", SIDE_AGENT}, {"ivr", SIDE_BOT}, {"bot", SIDE_BOT},
	{"ura", SIDE_BOT}, {"customer", SIDE_CUSTOMER}, {"caller", SIDE_CUSTOMER},
	{"cliente", SIDE_CUSTOMER}, {"client", SIDE_CUSTOMER}};

static enum side word_side(struct str word)
{
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		if (str_is(word, sides[i].word))
			return sides[i].side;
	return SIDE_UNKNOWN;
}

static bool is_number(struct str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.s[i] < '0' || word.s[i] > '9')
			return false;
	return word.len > 0;
}

enum side side_of(struct str name, bool *bare)
{
	enum side side = SIDE_UNKNOWN;
	struct buf words = BUF_INIT;
	struct str rest;

	text_words(&words, name);
	*bare = true;
	for (rest = buf_str(&words); rest.len;) {
		const char *blank = memchr(rest.s, ' ', rest.len);
		struct str word = {rest.s, blank ? (size_t)(blank - rest.s) : rest.len};
		enum side one = word_side(word);

		if (one == SIDE_UNKNOWN && !is_number(word))
			*bare = false;
		else if (one != SIDE_UNKNOWN && side == SIDE_UNKNOWN)
			side = one;
		rest.s += word.len + (blank != NULL);
		rest.len -= word.len + (blank != NULL);
	}
	*bare = *bare && side != SIDE_UNKNOWN;
	buf_release(&words);
	return side;
}
