/*
 * struct buf: the one string type. Length and NUL: buf.s[buf.len] is always '\0', and buf.s is
 * never NULL. struct str: a borrowed part of somebody's bytes, length only, no NUL.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *s;
	size_t len;
};

struct buf {
	char *s;
	size_t len, cap; /* cap 0: s points to a shared empty string */
};

extern char buf_empty[];
#define BUF_INIT                                                                                   \
	{                                                                                          \
		.s = buf_empty, .len = 0, .cap = 0                                                 \
	}

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
static inline struct str str_of(const char *s)
{
	return (struct str){s, s ? strlen(s) : 0};
}
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){b->s, b->len};
}
static inline uint64_t str_eight(const char *a, const char *b)
{
	uint64_t x, y;

	memcpy(&x, a, 8);
	memcpy(&y, b, 8);
	return x ^ y;
}
static inline uint32_t str_four(const char *a, const char *b)
{
	uint32_t x, y;

	memcpy(&x, a, 4);
	memcpy(&y, b, 4);
	return x ^ y;
}
/* Whether n bytes are the same: of names, which are short. Those in the middle may be looked at
 * twice. */
static inline bool str_bytes(const char *a, const char *b, size_t n)
{
	if (n > 32)
		return memcmp(a, b, n) == 0;
	if (n > 16)
		return !(str_eight(a, b) | str_eight(a + 8, b + 8) |
			 str_eight(a + n - 16, b + n - 16) | str_eight(a + n - 8, b + n - 8));
	if (n >= 8)
		return !(str_eight(a, b) | str_eight(a + n - 8, b + n - 8));
	if (n >= 4)
		return !(str_four(a, b) | str_four(a + n - 4, b + n - 4));
	return !n || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}
static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}
/* Here, so that a literal's length is known when it is compiled. */
static inline bool str_is(struct str a, const char *s)
{
	return str_eq(a, str_of(s));
}
bool str_starts(struct str a, struct str with);
bool str_ends(struct str a, struct str with);
int str_cmp(struct str a, struct str b);  /* by bytes, shorter first */
struct str str_trim(struct str a);	  /* ASCII white space off both ends */
struct str str_without_bom(struct str a); /* without the UTF-8 byte order mark before it */
/* Where `what` begins in `a`, or -1. */
ptrdiff_t str_find(struct str a, struct str what);
/* Whole decimal number, optional '-'; false where it is none or does not fit. */
bool str_int(struct str a, int64_t *out);

void buf_init(struct buf *b);
void buf_release(struct buf *b); /* frees; b is then empty and may be used again */
/* Keeps the memory. */
static inline void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->cap)
		b->s[0] = '\0';
}
void buf_grow(struct buf *b, size_t more);
/* Room for `more` bytes and the NUL. */
static inline void buf_room(struct buf *b, size_t more)
{
	if (more >= b->cap - b->len)
		buf_grow(b, more);
}
/* p may not lie within b. */
static inline void buf_add(struct buf *b, const void *p, size_t len)
{
	if (!len)
		return;
	buf_room(b, len);
	memcpy(b->s + b->len, p, len);
	b->len += len;
	b->s[b->len] = '\0';
}
static inline void buf_put(struct buf *b, struct str s)
{
	buf_add(b, s.s, s.len);
}
static inline void buf_puts(struct buf *b, const char *s)
{
	buf_put(b, str_of(s));
}
static inline void buf_byte(struct buf *b, char c)
{
	buf_room(b, 1);
	b->s[b->len++] = c;
	b->s[b->len] = '\0';
}
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_int(struct buf *b, int64_t n);
void buf_cut(struct buf *b, size_t len);  /* len <= b->len */
void buf_drop(struct buf *b, size_t len); /* the first len bytes go */
char *buf_take(struct buf *b);		  /* caller frees with free(); b is then empty */

#endif
