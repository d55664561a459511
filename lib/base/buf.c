#include "base/buf.h"
#include "base/die.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

char buf_empty[1] = "";

bool str_starts(struct str a, struct str with)
{
	return a.len >= with.len && memcmp(a.s, with.s, with.len) == 0;
}

bool str_ends(struct str a, struct str with)
{
	return a.len >= with.len && memcmp(a.s + a.len - with.len, with.s, with.len) == 0;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.s, b.s, n) : 0;

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str a)
{
	while (a.len && is_blank(a.s[0]))
		a.s++, a.len--;
	while (a.len && is_blank(a.s[a.len - 1]))
		a.len--;
	return a;
}

struct str str_without_bom(struct str a)
{
	return str_starts(a, STR("\xef\xbb\xbf")) ? (struct str){a.s + 3, a.len - 3} : a;
}

ptrdiff_t str_find(struct str a, struct str what)
{
	const char *p = a.len ? memmem(a.s, a.len, what.s, what.len) : NULL;

	return p ? p - a.s : -1;
}

bool str_int(struct str a, int64_t *out)
{
	bool minus = a.len && a.s[0] == '-';
	int64_t n = 0;

	if (a.len == (size_t)minus)
		return false;
	for (size_t i = minus; i < a.len; i++) {
		if (a.s[i] < '0' || a.s[i] > '9')
			return false;
		if (__builtin_mul_overflow(n, 10, &n) ||
			__builtin_sub_overflow(n, a.s[i] - '0', &n))
			return false;
	}
	if (!minus && n == INT64_MIN)
		return false;
	*out = minus ? n : -n;
	return true;
}

void buf_init(struct buf *b)
{
	*b = (struct buf)BUF_INIT;
}

void buf_release(struct buf *b)
{
	if (b->cap)
		free(b->s);
	buf_init(b);
}

void buf_grow(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1, cap = b->cap ? b->cap : 64;

	if (need < more)
		mem_failed();
	while (cap < need)
		cap += cap / 2 + 64;
	b->s = mem_resize(b->cap ? b->s : NULL, cap);
	b->cap = cap;
	b->s[b->len] = '\0';
}

void buf_add(struct buf *b, const void *p, size_t len)
{
	if (!len)
		return;
	buf_room(b, len);
	memcpy(b->s + b->len, p, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_put(struct buf *b, struct str s)
{
	buf_add(b, s.s, s.len);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("a format that cannot be printed");
	buf_room(b, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void buf_int(struct buf *b, int64_t n)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do {
		digits[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (n < 0)
		digits[--at] = '-';
	buf_add(b, digits + at, sizeof(digits) - at);
}

void buf_cut(struct buf *b, size_t len)
{
	if (len > b->len)
		BUG("a buffer cut beyond its end");
	b->len = len;
	if (b->cap)
		b->s[len] = '\0';
}

void buf_drop(struct buf *b, size_t len)
{
	if (len > b->len)
		BUG("a buffer dropped beyond its end");
	if (len) {
		memmove(b->s, b->s + len, b->len - len);
		buf_cut(b, b->len - len);
	}
}

char *buf_take(struct buf *b)
{
	char *s = b->cap ? b->s : mem_copy("", 0);

	buf_init(b);
	return s;
}
