#include "core/needs.h"

#include <ctype.h>

#define DEPTH_MAX 64
#define COUNT_MAX ((size_t)1000) /* of digits; more are not told apart */

struct scan {
	struct str left;
	bool lost;     /* something that is not understood: nothing may be concluded */
	size_t digits; /* that every match of what was read last must hold */
};

#define OTHER '1' /* whose own bit is free: any character that is not ASCII */

/* 0x20 to 0x5f, a bit each. */
static uint64_t bit_of(unsigned char c)
{
	if (c >= '0' && c <= '9')
		c = '0';
	else if (c >= 0x80)
		c = OTHER;
	else if (c >= 'a' && c <= 'z')
		c = (unsigned char)(c - 'a' + 'A');
	return c >= 0x20 && c <= 0x5f ? UINT64_C(1) << (c - 0x20) : 0;
}

uint64_t needs_of_text(struct str text)
{
	const uint64_t digits = UINT64_C(0x3ff) << '0';
	uint64_t seen[4] = {0}, have;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.s[i];

		seen[c >> 6] |= UINT64_C(1) << (c & 63);
	}
	/* 0x20 to 0x3f without digits, 0x40 to 0x5f, and 0x60 to 0x7f, where the small letters are.
	 */
	have = (seen[0] & ~digits) >> 32 | seen[1] << 32 | (seen[1] >> 32 << 32);
	if (seen[0] & digits)
		have |= bit_of('0');
	if (seen[2] | seen[3])
		have |= bit_of(0x80);
	/* From U+0140 on there are digits of other scripts, and letters that are k or s in another
	 * case. */
	if (seen[3] >> (0xc5 & 63))
		have |= bit_of('0') | bit_of('K') | bit_of('S');
	return have;
}

static uint64_t lose(struct scan *s)
{
	s->lost = true;
	return 0;
}

static char peek(const struct scan *s)
{
	return s->left.len ? s->left.s[0] : '\0';
}

static char take(struct scan *s)
{
	char c = peek(s);

	if (s->left.len)
		s->left.s++, s->left.len--;
	return c;
}

static bool take_if(struct scan *s, const char *what)
{
	if (!str_starts(s->left, str_of(what)))
		return false;
	s->left.s += strlen(what);
	s->left.len -= strlen(what);
	return true;
}

/* A character of its own; of those beyond ASCII the long s and the Kelvin sign may match an s and a
 * k. */
static uint64_t literal(struct scan *s)
{
	unsigned char c = (unsigned char)peek(s);

	if (take_if(s, "\xc5\xbf") || take_if(s, "\xe2\x84\xaa"))
		return 0;
	take(s);
	while (c >= 0xc0 && ((unsigned char)peek(s) & 0xc0) == 0x80)
		take(s);
	return bit_of(c);
}

/* Behind the backslash. */
static uint64_t escape(struct scan *s)
{
	char c = take(s);

	if (c == 'd')
		return bit_of('0');
	if (c == 'p' || c == 'P') {
		if (!take_if(s, "{"))
			return lose(s);
		while (s->left.len && take(s) != '}')
			;
		return 0;
	}
	if (c && strchr("DwWsSbBAzZhvRnrt", c))
		return 0;
	if ((unsigned char)c >= 0x80 || isalnum((unsigned char)c) || !c)
		return lose(s);
	return bit_of((unsigned char)c);
}

/* Behind the bracket: a set says something only where all that it holds is one character to us. */
static uint64_t set(struct scan *s)
{
	bool negated = take_if(s, "^"), first = true;
	uint64_t all = 0;
	size_t kinds = 0;

	for (;; first = false) {
		uint64_t one;

		if (!s->left.len || str_starts(s->left, STR("[:")))
			return lose(s);
		if (!first && take_if(s, "]"))
			break;
		one = take_if(s, "\\") ? escape(s) : literal(s);
		if (s->lost)
			return 0;
		/* A range of digits adds nothing; any other range is more than one character. */
		if (peek(s) == '-' && s->left.len > 1 && s->left.s[1] != ']') {
			take(s);
			kinds += one != bit_of('0') || bit_of((unsigned char)peek(s)) != one;
		}
		kinds += !one;
		all |= one;
	}
	return negated || kinds || (all & (all - 1)) ? 0 : all;
}

static uint64_t either(struct scan *s, int depth);

/* Behind the opening parenthesis. */
static uint64_t group(struct scan *s, int depth)
{
	bool counts = true;
	uint64_t need;

	if (peek(s) == '*')
		return lose(s);
	if (take_if(s, "?!") || take_if(s, "?<!")) {
		counts = false;
	} else if (!take_if(s, "?=") && !take_if(s, "?<=") && take_if(s, "?")) {
		while (peek(s) && strchr("imsn-", peek(s)))
			take(s);
		if (take_if(s, ")"))
			return 0;
		if (!take_if(s, ":"))
			return lose(s);
	}
	need = either(s, depth + 1);
	if (!take_if(s, ")"))
		return lose(s);
	if (!counts)
		s->digits = 0;
	return counts ? need : 0;
}

/* How often what a quantifier stands behind must be there. */
static size_t repeated(struct scan *s)
{
	size_t least = 1;

	if (take_if(s, "*") || take_if(s, "?")) {
		least = 0;
	} else if (take_if(s, "{")) {
		least = 0;
		while (isdigit((unsigned char)peek(s)) && least < COUNT_MAX)
			least = 10 * least + (size_t)(take(s) - '0');
		while (s->left.len && take(s) != '}')
			;
	} else if (!take_if(s, "+")) {
		return 1;
	}
	if (!take_if(s, "?"))
		take_if(s, "+");
	return least;
}

static uint64_t sequence(struct scan *s, int depth)
{
	uint64_t need = 0;
	size_t digits = 0;

	while (s->left.len && !s->lost && peek(s) != '|' && peek(s) != ')') {
		uint64_t one;
		size_t least;
		bool whole = peek(s) == '(';

		if (take_if(s, "\\"))
			one = escape(s);
		else if (take_if(s, "["))
			one = set(s);
		else if (take_if(s, "("))
			one = group(s, depth);
		else if (take_if(s, ".") || take_if(s, "^") || take_if(s, "$"))
			one = 0;
		else
			one = literal(s);
		if (!whole)
			s->digits = one == bit_of('0');
		least = repeated(s);
		if (least)
			need |= one;
		digits += least * s->digits;
	}
	s->digits = digits < COUNT_MAX ? digits : COUNT_MAX;
	return need;
}

static uint64_t either(struct scan *s, int depth)
{
	uint64_t need;
	size_t digits;

	if (depth > DEPTH_MAX)
		return lose(s);
	need = sequence(s, depth);
	digits = s->digits;
	while (!s->lost && take_if(s, "|")) {
		need &= sequence(s, depth);
		digits = s->digits < digits ? s->digits : digits;
	}
	s->digits = digits;
	return need;
}

uint64_t needs_of_pattern(struct str pattern)
{
	struct scan s = {pattern, false, 0};
	uint64_t need = either(&s, 0);

	return s.lost || s.left.len ? 0 : need;
}

size_t needs_digits_of_pattern(struct str pattern)
{
	struct scan s = {pattern, false, 0};

	either(&s, 0);
	return s.lost || s.left.len ? 0 : s.digits;
}

size_t needs_digits_of_text(struct str text)
{
	size_t n = 0;
	bool foreign = false;

	for (size_t i = 0; i < text.len; i++) {
		n += (unsigned char)(text.s[i] - '0') < 10;
		/* From here on there are digits of other scripts. */
		foreign |= (unsigned char)text.s[i] >= 0xc5;
	}
	return foreign ? COUNT_MAX : n;
}
