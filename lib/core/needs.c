#include "core/needs.h"

#include <ctype.h>

#define DEPTH_MAX 64
#define COUNT_MAX ((size_t)1000) /* of digits; more are not told apart */

struct scan {
	struct str left;
	bool lost;     /* something that is not understood: nothing may be concluded */
	size_t digits; /* that every match of what was read last must hold */
	struct needs_any any;
};

/* Characters that pairs are made of: 1 to 26 the letters, without regard to case. */
#define BLANK 27
#define KINDS 32

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

static unsigned kind_of(unsigned char c)
{
	unsigned letter = (c | 0x20u) - 'a';

	return letter < 26 ? letter + 1 : c == ' ' ? BLANK : 0;
}

/* Of what every match holds at a place, where that is one character. */
static unsigned kind_of_bit(uint64_t bit)
{
	return bit ? kind_of((unsigned char)(0x20 + __builtin_ctzll(bit))) : 0;
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
		s->digits = s->any.n = 0;
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

/* A run that is being read: what it has so far, and the character that was read last. */
struct run {
	struct needs_run run;
	unsigned last; /* 0: none */
};

static void go_on(struct run *r, unsigned kind)
{
	if (r->last && r->run.n < NEEDS_PAIRS)
		r->run.pair[r->run.n++] = (uint16_t)(r->last * KINDS + kind);
	r->last = kind;
}

/* How much it tells: the pairs of its shortest run. */
static size_t strength(const struct needs_any *any)
{
	size_t least = any->n ? NEEDS_PAIRS : 0;

	for (size_t i = 0; i < any->n; i++)
		if (any->v[i].n < least)
			least = any->v[i].n;
	return least;
}

static void prefer(struct needs_any *best, const struct needs_any *other)
{
	size_t had = strength(best), has = strength(other);

	if (has > had || (has == had && other->n < best->n))
		*best = *other;
}

/* The run is at its end. */
static void prefer_run(struct needs_any *best, struct run *r)
{
	if (r->run.n)
		prefer(best, &(struct needs_any){1, {r->run}});
	*r = (struct run){.last = 0};
}

/* Another way to match: where it tells nothing, or both together are too many, nothing is told. */
static void join(struct needs_any *any, const struct needs_any *other)
{
	if (!any->n || !other->n || any->n + other->n > NEEDS_RUNS) {
		any->n = 0;
		return;
	}
	memcpy(any->v + any->n, other->v, other->n * sizeof(*any->v));
	any->n += other->n;
}

static uint64_t sequence(struct scan *s, int depth)
{
	uint64_t need = 0;
	size_t digits = 0;
	struct needs_any best = {0};
	struct run run = {.last = 0};

	while (s->left.len && !s->lost && peek(s) != '|' && peek(s) != ')') {
		uint64_t one;
		size_t least, left;
		bool whole = peek(s) == '(';

		s->any.n = 0;
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
		left = s->left.len;
		least = repeated(s);
		if (least)
			need |= one;
		digits += least * s->digits;
		if (!whole && kind_of_bit(one) && left == s->left.len) {
			go_on(&run, kind_of_bit(one));
			continue;
		}
		prefer_run(&best, &run);
		if (whole && least)
			prefer(&best, &s->any);
	}
	prefer_run(&best, &run);
	s->any = best;
	s->digits = digits < COUNT_MAX ? digits : COUNT_MAX;
	return need;
}

static uint64_t either(struct scan *s, int depth)
{
	uint64_t need;
	size_t digits;
	struct needs_any any;

	if (depth > DEPTH_MAX)
		return lose(s);
	need = sequence(s, depth);
	digits = s->digits;
	any = s->any;
	while (!s->lost && take_if(s, "|")) {
		need &= sequence(s, depth);
		digits = s->digits < digits ? s->digits : digits;
		join(&any, &s->any);
	}
	s->digits = digits;
	s->any = any;
	return need;
}

uint64_t needs_of_pattern(struct str pattern)
{
	struct scan s = {.left = pattern};
	uint64_t need = either(&s, 0);

	return s.lost || s.left.len ? 0 : need;
}

size_t needs_digits_of_pattern(struct str pattern)
{
	struct scan s = {.left = pattern};

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

void needs_any_of_pattern(struct str pattern, struct needs_any *out)
{
	struct scan s = {.left = pattern};

	either(&s, 0);
	*out = s.any;
	if (s.lost || s.left.len)
		out->n = 0;
}

/* The long s and the Kelvin sign, which are letters in another case. */
static bool is_letter_too(struct str text, size_t i)
{
	struct str from = {text.s + i, text.len - i};

	return str_starts(from, STR("\xc5\xbf")) || str_starts(from, STR("\xe2\x84\xaa"));
}

void needs_pairs_of_text(struct str text, struct needs_pairs *out)
{
	unsigned last = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.s[i];
		unsigned kind = kind_of(c), pair = last * KINDS + kind;

		if (kind && last)
			out->bits[pair / 64] |= UINT64_C(1) << pair % 64;
		if ((c == 0xc5 || c == 0xe2) && is_letter_too(text, i)) {
			memset(out, 0xff, sizeof(*out));
			return;
		}
		last = kind;
	}
}

static bool is_met(const struct needs_run *run, const struct needs_pairs *text)
{
	for (size_t i = 0; i < run->n; i++)
		if (!(text->bits[run->pair[i] / 64] >> run->pair[i] % 64 & 1))
			return false;
	return true;
}

bool needs_any_met(const struct needs_any *any, const struct needs_pairs *text)
{
	for (size_t i = 0; i < any->n; i++)
		if (is_met(&any->v[i], text))
			return true;
	return !any->n;
}
