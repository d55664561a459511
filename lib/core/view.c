#include "core/view.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>

void view_release(struct view *v)
{
	buf_release(&v->text);
	free(v->at);
	*v = (struct view)VIEW_INIT;
}

static void put(struct view *v, const char *bytes, size_t n, struct view_place at)
{
	v->at = mem_grow(v->at, &v->cap, v->text.len + n, sizeof(*v->at));
	for (size_t i = 0; i < n; i++)
		v->at[v->text.len + i] = at;
	buf_add(&v->text, bytes, n);
}

/* Whether the second byte makes the character too long, a surrogate, or one beyond the last. */
static bool never(unsigned char first, unsigned char second)
{
	return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
	       (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
}

/* The bytes of the character that s begins with; 0: it is none of UTF-8. */
static size_t char_bytes(struct str s)
{
	unsigned char c = (unsigned char)s.s[0];
	size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	if (!n || n > s.len || (n > 1 && never(c, (unsigned char)s.s[1])))
		return 0;
	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s.s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static uint32_t code_point(const char *s, size_t n)
{
	static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t cp = (unsigned char)s[0] & first[n];

	for (size_t i = 1; i < n; i++)
		cp = cp << 6 | ((unsigned char)s[i] & 0x3f);
	return cp;
}

static size_t utf8_put(char out[4], uint32_t cp)
{
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	if (n == 3 && cp >= 0xd800 && cp <= 0xdfff)
		cp = 0xfffd;
	for (size_t i = n; i-- > 1; cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3f));
	out[0] = (char)(lead[n] | cp);
	return n;
}

/* ---- escapes: each takes what it reads off s, gives a number, and says whether it is a byte ----
 */

struct escape {
	size_t used; /* 0: none is here */
	uint32_t value;
	bool byte; /* one of a character's bytes; else a code point; NOTHING: nothing is there */
};

#define NOTHING UINT32_MAX

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_at(struct str s, size_t from, size_t digits, uint32_t *out)
{
	*out = 0;
	for (size_t i = from; i < from + digits; i++) {
		int d = i < s.len ? hex(s.s[i]) : -1;

		if (d < 0)
			return false;
		*out = *out << 4 | (uint32_t)d;
	}
	return true;
}

/* Of \uXXXX and %uXXXX, a pair for what is beyond the first plane. */
static struct escape utf16(struct str s)
{
	uint32_t high, low;

	if (!hex_at(s, 2, 4, &high))
		return (struct escape){0, 0, false};
	if (high >= 0xd800 && high < 0xdc00 && s.len >= 12 && s.s[6] == s.s[0] && s.s[7] == 'u' &&
		hex_at(s, 8, 4, &low) && low >= 0xdc00 && low < 0xe000)
		return (struct escape){
			12, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), false};
	return (struct escape){6, high, false};
}

static struct escape percent(struct str s)
{
	uint32_t value;

	if (s.len > 1 && s.s[1] == 'u')
		return utf16(s);
	return (struct escape){hex_at(s, 1, 2, &value) ? 3 : 0, value, true};
}

static struct escape backslash(struct str s)
{
	static const char plain[] = "nrtbf\"/\\'@.+-_()", means[] = "\n\r\t\b\f\"/\\'@.+-_()";
	const char *found = s.len > 1 && s.s[1] ? strchr(plain, s.s[1]) : NULL;
	uint32_t value;

	if (s.len > 1 && s.s[1] == 'u')
		return utf16(s);
	if (s.len > 1 && s.s[1] == 'x')
		return (struct escape){hex_at(s, 2, 2, &value) ? 4 : 0, value, true};
	return found ? (struct escape){2, (unsigned char)means[found - plain], false}
		     : (struct escape){0, 0, false};
}

static struct escape numbered(struct str s, size_t end)
{
	bool base16 = end > 3 && (s.s[2] | 0x20) == 'x';
	uint32_t value = 0;

	for (size_t i = base16 ? 3 : 2; i < end; i++) {
		int d = hex(s.s[i]);

		if (d < 0 || (!base16 && d > 9) || value > 0x10ffff)
			return (struct escape){0, 0, false};
		value = value * (base16 ? 16 : 10) + (uint32_t)d;
	}
	if (end < 3 || !value || value > 0x10ffff)
		return (struct escape){0, 0, false};
	return (struct escape){end + 1, value, false};
}

/* A letter with a mark, as a code point of its own: &eacute; is é. */
static uint32_t marked_letter(struct str name)
{
	static const struct {
		const char *mark, *letters, *of;
	} marks[] = {
		{"grave", "AEIOUaeiou", "\xc0\xc8\xcc\xd2\xd9\xe0\xe8\xec\xf2\xf9"},
		{"acute", "AEIOUYaeiouy", "\xc1\xc9\xcd\xd3\xda\xdd\xe1\xe9\xed\xf3\xfa\xfd"},
		{"circ", "AEIOUaeiou", "\xc2\xca\xce\xd4\xdb\xe2\xea\xee\xf4\xfb"},
		{"tilde", "ANOano", "\xc3\xd1\xd5\xe3\xf1\xf5"},
		{"uml", "AEIOUaeiouy", "\xc4\xcb\xcf\xd6\xdc\xe4\xeb\xef\xf6\xfc\xff"},
		{"cedil", "Cc", "\xc7\xe7"},
		{"ring", "Aa", "\xc5\xe5"},
		{"slash", "Oo", "\xd8\xf8"},
	};

	for (size_t i = 0; name.len > 4 && i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *letter = strchr(marks[i].letters, name.s[0]);

		if (letter && str_is((struct str){name.s + 1, name.len - 1}, marks[i].mark))
			return (unsigned char)marks[i].of[letter - marks[i].letters];
	}
	return 0;
}

static struct escape named(struct str name)
{
	static const struct {
		const char *name;
		uint32_t value;
	} names[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''},
		{"nbsp", ' '}, {"commat", '@'}, {"period", '.'}, {"plus", '+'}, {"lpar", '('},
		{"rpar", ')'}, {"hyphen", '-'}, {"dash", '-'}, {"ndash", '-'}, {"lowbar", '_'},
		{"shy", NOTHING}, {"zwnj", NOTHING}, {"zwj", NOTHING}, {"szlig", 0xdf}};
	uint32_t value = marked_letter(name);

	for (size_t i = 0; !value && i < sizeof(names) / sizeof(names[0]); i++)
		if (str_is(name, names[i].name))
			value = names[i].value;
	return (struct escape){value ? name.len + 2 : 0, value, false};
}

static struct escape ampersand(struct str s)
{
	const char *end = memchr(s.s, ';', s.len > 12 ? 12 : s.len);

	if (!end)
		return (struct escape){0, 0, false};
	if (s.s[1] == '#')
		return numbered(s, (size_t)(end - s.s));
	return named((struct str){s.s + 1, (size_t)(end - s.s) - 1});
}

static struct escape quoted(struct str s)
{
	uint32_t value;

	if (s.len > 1 && s.s[1] == '\n')
		return (struct escape){2, NOTHING, false};
	if (s.len > 2 && s.s[1] == '\r' && s.s[2] == '\n')
		return (struct escape){3, NOTHING, false};
	return (struct escape){hex_at(s, 1, 2, &value) ? 3 : 0, value, true};
}

/* What a character is read as, where it is not itself. */
static uint32_t plainer(uint32_t cp)
{
	if ((cp >= 0x200b && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e) ||
		(cp >= 0x2060 && cp <= 0x2069) || (cp >= 0xfe00 && cp <= 0xfe0f) || cp == 0xfeff ||
		cp == 0xad || cp == 0x20e3)
		return NOTHING;
	if (cp == 0xa0 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x202f || cp == 0x205f ||
		cp == 0x3000)
		return ' ';
	if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212)
		return '-';
	if (cp >= 0xff01 && cp <= 0xff5e)
		return cp - 0xff01 + '!';
	if ((cp >= 0x660 && cp <= 0x669) || (cp >= 0x6f0 && cp <= 0x6f9))
		return '0' + (cp & 15);
	return cp;
}

static struct escape escape_at(struct str s, enum view_escapes how)
{
	size_t n;
	uint32_t cp, other;

	if (how == VIEW_QUOTED)
		return s.s[0] == '=' ? quoted(s) : (struct escape){0, 0, false};
	if (s.s[0] == '%')
		return percent(s);
	if (s.s[0] == '\\')
		return backslash(s);
	if (s.s[0] == '&')
		return ampersand(s);
	n = char_bytes(s);
	if (n < 2)
		return (struct escape){0, 0, false};
	cp = code_point(s.s, n);
	other = plainer(cp);
	return (struct escape){other == cp ? 0 : n, other, false};
}

/* ---- a view ---- */

static struct view_place place(const struct view *of, size_t from, size_t to)
{
	if (!of)
		return (struct view_place){from, to};
	return (struct view_place){of->at[from].from, of->at[to - 1].to};
}

static void put_escape(struct view *v, const struct escape *e, struct view_place at)
{
	char bytes[4] = {(char)e->value};

	if (e->value != NOTHING)
		put(v, bytes, e->byte ? 1 : utf8_put(bytes, e->value), at);
}

/* Bytes that escapes gave may make characters together, or be Latin-1. */
static void mend(struct view *v)
{
	struct view whole = VIEW_INIT;

	for (size_t i = 0; i < v->text.len;) {
		size_t n = char_bytes((struct str){v->text.s + i, v->text.len - i});
		char bytes[4];

		if (n) {
			put(&whole, v->text.s + i, n,
				(struct view_place){v->at[i].from, v->at[i + n - 1].to});
		} else {
			put(&whole, bytes, utf8_put(bytes, (unsigned char)v->text.s[i]), v->at[i]);
			n = 1;
		}
		i += n;
	}
	view_release(v);
	*v = whole;
}

static bool may_escape(struct str s, enum view_escapes how)
{
	if (how == VIEW_QUOTED)
		return memchr(s.s, '=', s.len);
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.s[i] >= 0x80 || s.s[i] == '%' || s.s[i] == '\\' ||
			s.s[i] == '&')
			return true;
	return false;
}

bool view_decode(struct view *v, struct str text, const struct view *of, enum view_escapes how)
{
	bool any = false, bytes = false;

	buf_clear(&v->text);
	if (!may_escape(text, how))
		return false;
	for (size_t i = 0; i < text.len;) {
		struct escape e = escape_at((struct str){text.s + i, text.len - i}, how);
		size_t n = e.used;

		if (n) {
			put_escape(v, &e, place(of, i, i + n));
			any = true;
			bytes |= e.byte && e.value >= 0x80;
		} else {
			n = char_bytes((struct str){text.s + i, text.len - i});
			n = n ? n : 1;
			put(v, text.s + i, n, place(of, i, i + n));
		}
		i += n;
	}
	if (any && bytes)
		mend(v);
	return any;
}

static bool combining(struct str c)
{
	uint32_t cp = code_point(c.s, c.len);

	return (cp >= 0x300 && cp <= 0x36f) || plainer(cp) == NOTHING;
}

void view_squeeze(struct view *v, struct str text)
{
	struct buf word = BUF_INIT;

	buf_clear(&v->text);
	for (size_t i = 0; i < text.len;) {
		size_t n = char_bytes((struct str){text.s + i, text.len - i});
		struct str c = {text.s + i, n ? n : 1};

		if (n == 1) {
			char low = (char)(*c.s >= 'A' && *c.s <= 'Z' ? *c.s + 32 : *c.s);

			if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9'))
				put(v, &low, 1, (struct view_place){i, i + 1});
		} else if (n) {
			buf_clear(&word);
			text_words(&word, c);
			if (word.len)
				put(v, word.s, word.len, (struct view_place){i, i + n});
			else if (v->text.len && combining(c) && v->at[v->text.len - 1].to == i)
				v->at[v->text.len - 1].to = i + n;
		}
		i += c.len;
	}
	buf_release(&word);
}
