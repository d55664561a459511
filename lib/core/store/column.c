#include "core/store/column.h"
#include "base/mem.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>

/* A reader takes eight bytes at once, whatever the width. */
#define BEHIND 8

/* Numbers are little-endian, here as in the values: files go from one machine to another. */
struct head {
	uint8_t type, width;
	uint16_t fixed; /* what all rows have, where the width is 0 */
	uint32_t n, text_n;
	int64_t base; /* the number that is written as 1; 0 is NULL */
};

static void put_head(struct buf *out, struct head h)
{
	h.fixed = htole16(h.fixed);
	h.n = htole32(h.n);
	h.text_n = htole32(h.text_n);
	h.base = (int64_t)htole64((uint64_t)h.base);
	buf_add(out, &h, sizeof(h));
}

static struct head take_head(const char *from)
{
	struct head h;

	memcpy(&h, from, sizeof(h));
	h.fixed = le16toh(h.fixed);
	h.n = le32toh(h.n);
	h.text_n = le32toh(h.text_n);
	h.base = (int64_t)le64toh((uint64_t)h.base);
	return h;
}

static void put_texts(struct buf *out, const struct str *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t len = htole32((uint32_t)texts[i].len);

		buf_add(out, &len, sizeof(len));
		buf_put(out, texts[i]);
	}
}

/* The range of what is written. */
static struct head head_of(enum column_type type, const union column_value *v, size_t n)
{
	int64_t least = INT64_MAX, most = INT64_MIN;
	struct head h = {.type = (uint8_t)type, .n = (uint32_t)n};
	bool nulls = false;

	for (size_t i = 0; i < n; i++) {
		bool null = v[i].n == COLUMN_NULL;

		nulls |= null;
		if (!null && v[i].n < least)
			least = v[i].n;
		if (!null && v[i].n > most)
			most = v[i].n;
	}
	h.base = most < least ? 0 : least;
	h.fixed = most == least;
	for (uint64_t range = most < least ? 0 : (uint64_t)(most - least) + 1;
		range && (nulls || most > least); range >>= 8)
		h.width++;
	return h;
}

/* Each is written whole, and the next over what it has too much. */
static void put_values(struct buf *out, enum column_type type, const union column_value *v,
	size_t n, const struct head *h)
{
	char *p;

	buf_room(out, n * h->width + BEHIND);
	p = out->s + out->len;
	for (size_t i = 0; i < n; i++, p += h->width) {
		int64_t raw = v[i].n;

		if (type != COLUMN_REAL)
			raw = raw == COLUMN_NULL ? 0 : raw - h->base + 1;
		raw = (int64_t)htole64((uint64_t)raw);
		memcpy(p, &raw, sizeof(raw));
	}
	out->len += n * h->width;
}

void column_put(struct buf *out, enum column_type type, const union column_value *v, size_t n,
	const struct str *texts, size_t text_n)
{
	struct head h = {.type = (uint8_t)type, .width = sizeof(double), .n = (uint32_t)n};
	static const char behind[BEHIND];

	if (type != COLUMN_REAL)
		h = head_of(type, v, n);
	if (type == COLUMN_TEXT)
		h.text_n = (uint32_t)text_n;
	put_head(out, h);
	if (type == COLUMN_TEXT)
		put_texts(out, texts, text_n);
	put_values(out, type, v, n, &h);
	buf_add(out, behind, sizeof(behind));
}

static int open_texts(struct column *c, const struct head *h, struct codes *codes)
{
	struct str left = {c->bytes.s + c->at, c->bytes.len - c->at};

	c->text_n = 0;
	*VEC_ADD(c, texts, text_n, text_cap) = COLUMN_NULL;
	for (uint32_t i = 0, len; i < h->text_n; i++) {
		if (left.len < sizeof(len))
			return -1;
		memcpy(&len, left.s, sizeof(len));
		len = le32toh(len);
		if (left.len - sizeof(len) < len)
			return -1;
		*VEC_ADD(c, texts, text_n, text_cap) =
			codes_of(codes, (struct str){left.s + sizeof(len), len});
		left = (struct str){left.s + sizeof(len) + len, left.len - sizeof(len) - len};
	}
	c->at = c->bytes.len - left.len;
	return 0;
}

/* Of a damaged file too, a number is one of the list. */
static bool texts_hold(const struct column *c)
{
	uint64_t raw = c->fixed;

	for (size_t i = 0; i < c->n && c->width; i++) {
		memcpy(&raw, c->bytes.s + c->at + i * c->width, sizeof(raw));
		raw = le64toh(raw) & c->mask;
		if (raw && (uint64_t)c->base + raw - 1 >= c->text_n)
			return false;
	}
	return c->width || !raw || (uint64_t)c->base < c->text_n;
}

int column_open(struct column *c, enum column_type type, struct str bytes, struct codes *codes)
{
	struct head h;

	if (bytes.len < sizeof(h) + BEHIND)
		return -1;
	h = take_head(bytes.s);
	if (h.type != type || h.n > COLUMN_ROWS || h.fixed > 1 || h.base < -COLUMN_MOST ||
		h.base > COLUMN_MOST ||
		(type == COLUMN_REAL ? h.width != sizeof(double) : h.width > 7))
		return -1;
	c->type = type;
	c->n = h.n;
	c->width = h.width;
	c->base = h.base;
	c->fixed = h.fixed;
	c->mask = h.width == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * h.width) - 1;
	buf_clear(&c->bytes);
	buf_put(&c->bytes, bytes);
	c->at = sizeof(h);
	if (type == COLUMN_TEXT && open_texts(c, &h, codes) < 0)
		return -1;
	if (c->bytes.len - c->at != (size_t)h.n * h.width + BEHIND)
		return -1;
	return type == COLUMN_TEXT && !texts_hold(c) ? -1 : 0;
}

/* The width is known where this is compiled for each. */
static inline __attribute__((always_inline)) void get(
	const struct column *c, size_t from, size_t n, unsigned width, int64_t *out)
{
	const char *p = c->bytes.s + c->at + from * width;
	uint64_t mask = c->mask;
	int64_t base = c->base - 1;

	for (size_t i = 0; i < n; i++) {
		uint64_t raw;

		memcpy(&raw, p + i * width, sizeof(raw));
		raw = le64toh(raw) & mask;
		out[i] = raw ? base + (int64_t)raw : COLUMN_NULL;
	}
}

static void get_numbers(const struct column *c, size_t from, size_t n, int64_t *out)
{
	switch (c->width) {
	case 0:
		for (size_t i = 0; i < n; i++)
			out[i] = c->fixed ? c->base : COLUMN_NULL;
		break;
	case 1:
		get(c, from, n, 1, out);
		break;
	case 4:
		get(c, from, n, 4, out);
		break;
	case 5:
		get(c, from, n, 5, out);
		break;
	default:
		get(c, from, n, c->width, out);
		break;
	}
}

void column_get(const struct column *c, size_t from, size_t n, union column_value *out)
{
	int64_t *v = &out->n;

	if (c->type == COLUMN_REAL) {
		memcpy(out, c->bytes.s + c->at + from * sizeof(*out), n * sizeof(*out));
		for (size_t i = 0; i < n; i++)
			v[i] = (int64_t)le64toh((uint64_t)v[i]);
		return;
	}
	get_numbers(c, from, n, v);
	if (c->type == COLUMN_TEXT)
		for (size_t i = 0; i < n; i++)
			v[i] = v[i] == COLUMN_NULL ? COLUMN_NULL : c->texts[v[i]];
}

void column_release(struct column *c)
{
	buf_release(&c->bytes);
	free(c->texts);
	c->texts = NULL;
	c->text_n = c->text_cap = 0;
}
