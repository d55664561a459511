#include "io/json.h"
#include "base/die.h"
#include "base/mem.h"

#include <endian.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const struct json *json_named(const struct json *of, struct str name)
{
	if (!of || of->type != JSON_OBJECT)
		return NULL;
	for
		JSON_EACH(v, of)
	if (v->key.len == name.len && str_bytes(v->key.s, name.s, name.len))
		return v;
	return NULL;
}

/* Few members are compared each with each; more are sorted, so that no record costs the square of
 * its length. */
#define FEW 16

static const struct json *before(const struct json *of, const struct json *v)
{
	for (const struct json *w = json_first(of); w != v; w = json_after(of, w))
		if (str_eq(v->key, w->key))
			return w;
	return NULL;
}

/* Most names are alone with their length and first byte. */
static const struct json *repeated_of_few(const struct json *of)
{
	uint64_t seen = 0;

	for
		JSON_EACH(v, of)
		{
			size_t first = v->key.len ? (unsigned char)v->key.s[0] : 0;
			uint64_t bit = UINT64_C(1) << ((first + v->key.len * 7) & 63);

			if ((seen & bit) && before(of, v))
				return v;
			seen |= bit;
		}
	return NULL;
}

static int by_key(const void *pa, const void *pb)
{
	const struct json *a = *(const struct json *const *)pa,
			  *b = *(const struct json *const *)pb;
	int order = str_cmp(a->key, b->key);

	return order ? order : (a > b) - (a < b);
}

static const struct json *repeated_of_many(const struct json *of)
{
	const struct json **sorted = mem_zero(of->count, sizeof(struct json *)), *first = NULL;
	size_t n = 0;

	for
		JSON_EACH(v, of)
	sorted[n++] = v;
	qsort(sorted, n, sizeof(struct json *), by_key);
	for (size_t i = 1; i < n; i++)
		if (str_eq(sorted[i - 1]->key, sorted[i]->key) && (!first || sorted[i] < first))
			first = sorted[i];
	free(sorted);
	return first;
}

const struct json *json_repeated(const struct json *of)
{
	if (!of || of->type != JSON_OBJECT)
		return NULL;
	return of->count <= FEW ? repeated_of_few(of) : repeated_of_many(of);
}

bool json_is_string(const struct json *v)
{
	return v && v->type == JSON_STRING;
}

/* A plain decimal whose digits and power of ten a double holds exactly: their quotient is the
 * nearest. */
static bool exact_number(struct str s, double *out)
{
	static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
		1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
	bool minus = s.len && s.s[0] == '-';
	size_t behind = 0, i = minus;
	uint64_t n = 0;

	if (s.len - minus > 19)
		return false;
	for (bool point = false; i < s.len; i++) {
		if (s.s[i] == '.') {
			point = true;
			continue;
		}
		if (s.s[i] < '0' || s.s[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(s.s[i] - '0');
		behind += point;
	}
	if (n > UINT64_C(1) << 53)
		return false;
	*out = (double)n / powers[behind];
	*out = minus ? -*out : *out;
	return true;
}

bool json_number(const struct json *v, double *out)
{
	char text[64];
	double n;

	if (!v || v->type != JSON_NUMBER || v->raw.len >= sizeof(text))
		return false;
	if (exact_number(v->raw, out))
		return true;
	memcpy(text, v->raw.s, v->raw.len);
	text[v->raw.len] = '\0';
	n = strtod(text, NULL);
	if (!isfinite(n))
		return false;
	*out = n;
	return true;
}

/* Whether a byte of the eight is zero; a higher one may be said to be where a lower one is. */
static uint64_t any_zero(uint64_t x)
{
	return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

/* How many bytes from the start need no escape, as far as eight at a time tell. */
static size_t plain_bytes(const char *s, size_t n)
{
	size_t i = 0;
	uint64_t x;

	for (; i + 8 <= n; i += 8) {
		memcpy(&x, s + i, 8);
		if (any_zero(x ^ 0x2222222222222222u) | any_zero(x ^ 0x5c5c5c5c5c5c5c5cu) |
			((x - 0x2020202020202020u) & ~x & 0x8080808080808080u))
			break;
	}
	return i;
}

/* Whether one of the eight bytes is to be escaped, or is none of printable ASCII. */
static bool none_plain(uint64_t x)
{
	const uint64_t high = 0x8080808080808080u, ones = 0x0101010101010101u;

	return ((x | (x - ones * 0x20)) & high) || any_zero(x ^ 0x2222222222222222u) ||
	       any_zero(x ^ 0x5c5c5c5c5c5c5c5cu) || any_zero(x ^ 0x7f7f7f7f7f7f7f7fu);
}

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static void put_escape(struct buf *out, char c)
{
	if (c == '"')
		buf_puts(out, "\\\"");
	else if (c == '\\')
		buf_puts(out, "\\\\");
	else if (c == '\n')
		buf_puts(out, "\\n");
	else if (c == '\t')
		buf_puts(out, "\\t");
	else if (c == '\r')
		buf_puts(out, "\\r");
	else
		buf_printf(out, "\\u%04x", (unsigned)c);
}

static size_t plain_run(struct str s)
{
	size_t n = plain_bytes(s.s, s.len);

	while (n < s.len && is_plain(s.s[n]))
		n++;
	return n;
}

static uint64_t byte_at(struct str s, size_t i)
{
	return (uint64_t)(unsigned char)s.s[i] << 8 * i;
}

/* One to seven bytes, with blanks behind them. */
static uint64_t short_word(struct str s)
{
	uint64_t x = UINT64_C(0x2020202020202020) << 8 * s.len;
	uint32_t first, last;

	if (s.len < 4)
		return htole64(x | byte_at(s, 0) | byte_at(s, s.len / 2) | byte_at(s, s.len - 1));
	memcpy(&first, s.s, 4);
	memcpy(&last, s.s + s.len - 4, 4);
	return htole64(x | le32toh(first) | (uint64_t)le32toh(last) << 8 * (s.len - 4));
}

/* As far as all is plain; writes whole words. */
static bool copy_plain(char *to, struct str s)
{
	size_t i = 0;
	uint64_t x;

	for (; i + 8 <= s.len; i += 8) {
		memcpy(&x, s.s + i, 8);
		if (none_plain(x))
			return false;
		memcpy(to + i, &x, 8);
	}
	if (i == s.len)
		return true;
	if (i) {
		/* Of the last eight some are there already. */
		i = s.len - 8;
		memcpy(&x, s.s + i, 8);
	} else {
		x = short_word(s);
	}
	memcpy(to + i, &x, 8);
	return !none_plain(x);
}

bool json_put_plain(struct buf *out, struct str s)
{
	buf_room(out, s.len + 10);
	if (!copy_plain(out->s + out->len + 1, s)) {
		out->s[out->len] = '\0';
		return false;
	}
	out->s[out->len] = '"';
	out->len += s.len + 2;
	out->s[out->len - 1] = '"';
	out->s[out->len] = '\0';
	return true;
}

void json_put_string(struct buf *out, struct str s)
{
	size_t n = plain_run(s);

	buf_room(out, s.len + 2);
	out->s[out->len++] = '"';
	while (n < s.len) {
		buf_add(out, s.s, n);
		put_escape(out, s.s[n]);
		s.s += n + 1;
		s.len -= n + 1;
		n = plain_run(s);
	}
	buf_room(out, n + 1);
	if (n)
		memcpy(out->s + out->len, s.s, n);
	out->len += n;
	buf_byte(out, '"');
}

void json_put_number(struct buf *out, double n)
{
	char text[32];

	if (!isfinite(n))
		BUG("a number that JSON cannot write");
	if (n != 0 && fabs(n) < 1e15 && n == trunc(n)) {
		buf_int(out, (int64_t)n);
		return;
	}
	if (n == 0 && !signbit(n)) {
		buf_byte(out, '0');
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, n);
		if (strtod(text, NULL) == n)
			break;
	}
	buf_puts(out, text);
}

static void put_key(struct buf *out, struct str name)
{
	if (out->len && out->s[out->len - 1] != '{')
		buf_byte(out, ',');
	json_put_string(out, name);
	buf_byte(out, ':');
}

void json_put_key(struct buf *out, const char *name)
{
	put_key(out, str_of(name));
}

void json_put_member(struct buf *out, const struct json *member)
{
	put_key(out, member->key);
	buf_put(out, member->raw);
}

void json_put_text(struct buf *out, const char *name, struct str s)
{
	json_put_key(out, name);
	json_put_string(out, s);
}

void json_put_int(struct buf *out, const char *name, int64_t n)
{
	json_put_key(out, name);
	buf_int(out, n);
}

static int by_member(const void *pa, const void *pb)
{
	const struct json *const *a = pa, *const *b = pb;
	int d = str_cmp((*a)->key, (*b)->key);

	/* Of a name that stands twice, in the order in which they stand. */
	return d ? d : (*a > *b) - (*a < *b);
}

static void put_object(struct buf *out, const struct json *of)
{
	const struct json **v = mem_alloc((of->count + 1) * sizeof(*v));
	size_t n = 0;

	for
		JSON_EACH(m, of)
	v[n++] = m;
	qsort(v, n, sizeof(*v), by_member);
	buf_byte(out, '{');
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i ? "," : "");
		json_put_string(out, v[i]->key);
		buf_byte(out, ':');
		json_put_canonical(out, v[i]);
	}
	buf_byte(out, '}');
	free(v);
}

static void put_number(struct buf *out, const struct json *v)
{
	double n;

	/* What a double does not hold stays as it is written. */
	if (json_number(v, &n) && fabs(n) < 9007199254740992.0)
		json_put_number(out, n);
	else
		buf_put(out, v->raw);
}

void json_put_canonical(struct buf *out, const struct json *v)
{
	size_t n = 0;

	switch (v->type) {
	case JSON_OBJECT:
		put_object(out, v);
		break;
	case JSON_ARRAY:
		buf_byte(out, '[');
		for
			JSON_EACH(e, v)
			{
				buf_puts(out, n++ ? "," : "");
				json_put_canonical(out, e);
			}
		buf_byte(out, ']');
		break;
	case JSON_STRING:
		json_put_string(out, v->text);
		break;
	case JSON_NUMBER:
		put_number(out, v);
		break;
	default:
		buf_put(out, v->raw);
		break;
	}
}

void json_put_line(struct buf *out, struct str json)
{
	bool quoted = false;

	for (size_t i = 0; i < json.len; i++) {
		char c = json.s[i];

		if (quoted && c == '\\' && i + 1 < json.len) {
			buf_byte(out, c);
			c = json.s[++i];
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && (c == '\n' || c == '\r')) {
			while (i + 1 < json.len && strchr(" \t\r\n", json.s[i + 1]))
				i++;
			continue;
		}
		buf_byte(out, c);
	}
}

void json_put_compact(struct buf *out, struct str json)
{
	bool quoted = false;

	for (size_t i = 0; i < json.len; i++) {
		char c = json.s[i];

		if (!quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
			continue;
		if (quoted && c == '\\' && i + 1 < json.len)
			buf_byte(out, json.s[i++]);
		else if (c == '"')
			quoted = !quoted;
		buf_byte(out, json.s[i]);
	}
}
