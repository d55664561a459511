#include "base/text.h"
#include "base/die.h"

#include <utf8proc.h>

static utf8proc_ssize_t next(struct str *s, utf8proc_int32_t *cp)
{
	utf8proc_ssize_t n =
		utf8proc_iterate((const utf8proc_uint8_t *)s->s, (utf8proc_ssize_t)s->len, cp);

	if (n <= 0)
		n = 1, *cp = -1;
	s->s += n;
	s->len -= (size_t)n;
	return n;
}

static void put(struct buf *out, utf8proc_int32_t cp)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n = utf8proc_encode_char(cp, bytes);

	buf_add(out, bytes, (size_t)n);
}

static bool is_mark(utf8proc_int32_t cp)
{
	utf8proc_category_t k = utf8proc_category(cp);

	return k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_ME;
}

static void fold_one(struct buf *out, utf8proc_int32_t cp)
{
	utf8proc_int32_t parts[32];
	int boundary = 0;
	utf8proc_ssize_t n = utf8proc_decompose_char(
		cp, parts, 32, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD, &boundary);

	for (utf8proc_ssize_t i = 0; i < n && i < 32; i++)
		if (!is_mark(parts[i]))
			put(out, parts[i]);
}

/* Eight ASCII bytes with their large letters made small: bit 7 tells which are large. */
static uint64_t small_letters(uint64_t x)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t large = (x + ones * (0x80 - 'A')) & ~(x + ones * (0x80 - 'Z' - 1)) & ones * 0x80;

	return x | large >> 2;
}

/* The plain run that s begins with: most text is nothing else, and it needs no tables. */
static void fold_ascii(struct buf *out, struct str *s)
{
	char *to;
	uint64_t x;

	buf_room(out, s->len);
	to = out->s + out->len;
	for (; s->len >= 8; s->s += 8, s->len -= 8, to += 8) {
		memcpy(&x, s->s, 8);
		if (x & UINT64_C(0x8080808080808080))
			break;
		x = small_letters(x);
		memcpy(to, &x, 8);
	}
	for (; s->len && (unsigned char)s->s[0] < 0x80; s->s++, s->len--)
		*to++ = (char)(s->s[0] >= 'A' && s->s[0] <= 'Z' ? s->s[0] + 32 : s->s[0]);
	*to = '\0';
	out->len = (size_t)(to - out->s);
}

void text_fold(struct buf *out, struct str s)
{
	utf8proc_int32_t cp;

	while (s.len) {
		if ((unsigned char)s.s[0] < 0x80) {
			fold_ascii(out, &s);
			continue;
		}
		next(&s, &cp);
		if (cp >= 0)
			fold_one(out, cp);
	}
}

static bool is_word(utf8proc_int32_t cp)
{
	utf8proc_category_t k = utf8proc_category(cp);

	return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_MC) ||
	       (k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO);
}

static bool is_apostrophe(utf8proc_int32_t cp)
{
	return cp == 0x2019 || cp == 0x02bc;
}

struct gaps {
	bool gap, any; /* since the last word; a word at all */
};

/* The plain run that s begins with; a blank takes the place of at least one byte, of this run or
 * the one before. */
static void words_ascii(struct buf *out, struct str *s, struct gaps *g)
{
	char *to;

	buf_room(out, s->len + 1);
	to = out->s + out->len;
	for (; s->len && (unsigned char)s->s[0] < 0x80; s->s++, s->len--) {
		char c = s->s[0];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
			if (g->gap && g->any)
				*to++ = ' ';
			*to++ = c;
			*g = (struct gaps){false, true};
		} else if (c != '\'' || g->gap || !g->any) {
			g->gap = true;
		}
	}
	*to = '\0';
	out->len = (size_t)(to - out->s);
}

void text_words(struct buf *out, struct str s)
{
	struct gaps g = {false, false};
	utf8proc_int32_t cp;

	while (s.len) {
		if ((unsigned char)s.s[0] < 0x80) {
			words_ascii(out, &s, &g);
			continue;
		}
		next(&s, &cp);
		if (cp < 0 || (is_apostrophe(cp) && g.any && !g.gap))
			continue;
		if (!is_word(cp)) {
			g.gap = true;
			continue;
		}
		if (g.gap && g.any)
			buf_byte(out, ' ');
		g = (struct gaps){false, true};
		fold_one(out, cp);
	}
}

/* Of eight bytes, whether one does not print; DEL is told by what is left of it without itself. */
static bool odd(uint64_t x)
{
	const uint64_t high = 0x8080808080808080u, ones = 0x0101010101010101u;
	uint64_t del = x ^ (ones * 0x7f);

	return ((x | (x - ones * 0x20) | (del - ones)) & high) != 0;
}

bool text_printable(struct str s)
{
	uint64_t x;

	for (; s.len >= 8; s.s += 8, s.len -= 8) {
		memcpy(&x, s.s, 8);
		if (odd(x))
			return false;
	}
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.s[i] < 0x20 || (unsigned char)s.s[i] >= 0x7f)
			return false;
	return true;
}

void text_lower(struct buf *out, struct str s)
{
	utf8proc_int32_t cp;

	buf_room(out, s.len);
	while (s.len) {
		if ((unsigned char)*s.s < 0x80) {
			fold_ascii(out, &s);
			continue;
		}
		next(&s, &cp);
		if (cp >= 0)
			put(out, utf8proc_tolower(cp));
	}
}

void text_mend(struct buf *out, struct str s)
{
	utf8proc_int32_t cp;

	while (s.len) {
		const char *from = s.s;

		do
			next(&s, &cp);
		while (cp >= 0 && s.len);
		buf_add(out, from, (size_t)(s.s - from) - (cp < 0));
		if (cp < 0)
			buf_puts(out, "\xef\xbf\xbd");
	}
}

void text_plain(struct buf *out, struct str s)
{
	utf8proc_int32_t cp;

	while (s.len) {
		const char *p = s.s;
		utf8proc_ssize_t n = next(&s, &cp);

		if (cp >= '\t' && cp <= '\r')
			buf_byte(out, ' ');
		else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			buf_byte(out, '?');
		else
			buf_add(out, p, (size_t)n);
	}
}

static bool question_mark(utf8proc_int32_t cp)
{
	switch (cp) {
	case '?':
	case 0x37e:  /* Greek */
	case 0x55e:  /* Armenian */
	case 0x61f:  /* Arabic */
	case 0x1367: /* Ethiopic */
	case 0x2047: /* two in one */
	case 0x2049: /* behind an exclamation mark */
	case 0xfe56: /* small */
	case 0xff1f: /* full width */
		return true;
	default:
		return false;
	}
}

/* Blanks, controls, and what only says how its neighbours look. */
static bool unseen(utf8proc_int32_t cp)
{
	utf8proc_category_t of = utf8proc_category(cp);

	return of == UTF8PROC_CATEGORY_CC || of == UTF8PROC_CATEGORY_CF ||
	       of == UTF8PROC_CATEGORY_MN ||
	       (of >= UTF8PROC_CATEGORY_ZS && of <= UTF8PROC_CATEGORY_ZP);
}

bool text_blank(struct str s)
{
	utf8proc_int32_t cp;

	while (s.len) {
		next(&s, &cp);
		if (cp < 0 || !unseen(cp))
			return false;
	}
	return true;
}

bool text_asks(struct str s)
{
	while (s.len) {
		size_t at = s.len - 1;
		struct str last;
		utf8proc_int32_t cp;

		while (at && ((unsigned char)s.s[at] & 0xc0) == 0x80)
			at--;
		last = (struct str){s.s + at, s.len - at};
		next(&last, &cp);
		if (!unseen(cp))
			return question_mark(cp);
		s.len = at;
	}
	return false;
}

size_t text_width(struct str s)
{
	utf8proc_int32_t cp;
	size_t width = 0;

	while (s.len) {
		next(&s, &cp);
		if (cp >= 0x20)
			width += (size_t)utf8proc_charwidth(cp);
	}
	return width;
}

struct str text_cut(struct str s, size_t bytes)
{
	if (s.len <= bytes)
		return s;
	while (bytes && ((unsigned char)s.s[bytes] & 0xc0) == 0x80)
		bytes--;
	return (struct str){s.s, bytes};
}

bool text_breaks(struct str s, size_t at)
{
	struct str after = {s.s + at, s.len - at};
	utf8proc_int32_t cp;

	if (s.s[at - 1] == ' ' || s.s[at] == ' ')
		return true;
	next(&after, &cp);
	return (cp >= 0x3000 || (cp >= 0xe00 && cp <= 0xeff) || (cp >= 0x1000 && cp <= 0x109f) ||
		       (cp >= 0x1780 && cp <= 0x17ff)) &&
	       !is_mark(cp) && utf8proc_category(cp) != UTF8PROC_CATEGORY_MC;
}

size_t text_next(struct str s, size_t i)
{
	i++;
	while (i < s.len && ((unsigned char)s.s[i] & 0xc0) == 0x80)
		i++;
	return i;
}
