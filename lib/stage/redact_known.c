#include "stage/redact_known.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <strings.h>

#define BUCKETS 4096
#define FIRST 3 /* bytes that a bucket goes by */
#define SURE 7	/* letters and digits from which on a value is looked for in any spelling */
#define GAP 4	/* bytes between two of them */
#define LOCAL 8 /* digits of a telephone number that tell it without its area */
#define NAME_SURE 8

enum how {
	ANY,	/* in any spelling, anywhere */
	PARTED, /* the same, between words */
	WORD,	/* as a word */
	TITLED, /* as a word with a capital */
	EXACT,	/* as it is written, but for case, between what is no letter or digit */
	WHOLE,	/* as the whole text */
};

struct value {
	size_t at, len; /* its letters and digits, in known.text */
	size_t written, written_len;
	size_t normal, normal_len;
	enum personal_kind kind;
	enum how how;
	int next; /* of its bucket, or -1 */
};

struct known {
	struct value *v;
	size_t n, cap;
	struct buf text, scratch;
	struct view squeezed;
	int bucket[BUCKETS];
	bool full;
};

struct known *known_new(void)
{
	struct known *k = mem_zero(1, sizeof(*k));

	buf_init(&k->text);
	buf_init(&k->scratch);
	k->squeezed = (struct view)VIEW_INIT;
	memset(k->bucket, -1, sizeof(k->bucket));
	return k;
}

void known_free(struct known *k)
{
	if (!k)
		return;
	free(k->v);
	buf_release(&k->text);
	buf_release(&k->scratch);
	view_release(&k->squeezed);
	free(k);
}

static size_t bucket_of(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;

	return (u[0] * 961u + u[1] * 31u + u[2]) % BUCKETS;
}

void known_clear(struct known *k)
{
	for (size_t i = 0; i < k->n; i++)
		k->bucket[bucket_of(k->text.s + k->v[i].at)] = -1;
	k->n = 0;
	k->full = false;
	buf_clear(&k->text);
}

bool known_full(const struct known *k)
{
	return k->full;
}

static size_t keep(struct known *k, struct str s)
{
	size_t at = k->text.len;

	buf_put(&k->text, s);
	return at;
}

static bool is_there(const struct known *k, struct str squeezed, enum how how)
{
	for (int i = k->bucket[bucket_of(squeezed.s)]; i >= 0; i = k->v[i].next)
		if (k->v[i].how == how && k->v[i].len == squeezed.len &&
			memcmp(k->text.s + k->v[i].at, squeezed.s, squeezed.len) == 0)
			return true;
	return false;
}

static void put(struct known *k, enum personal_kind kind, struct str squeezed, struct str written,
	struct str normal, enum how how)
{
	struct value *v;
	size_t b;

	if (squeezed.len < FIRST || is_there(k, squeezed, how))
		return;
	if (k->n == KNOWN_MAX) {
		k->full = true;
		return;
	}
	b = bucket_of(squeezed.s);
	v = VEC_ADD(k, v, n, cap);
	*v = (struct value){.len = squeezed.len,
		.written_len = written.len,
		.normal_len = normal.len,
		.kind = kind,
		.how = how,
		.next = k->bucket[b]};
	v->at = keep(k, squeezed);
	v->written = keep(k, written);
	v->normal = keep(k, normal);
	k->bucket[b] = (int)k->n - 1;
}

static void add_phone(struct known *k, struct str normal)
{
	struct str digits = normal;

	if (digits.len && digits.s[0] == '+')
		digits = (struct str){digits.s + 1, digits.len - 1};
	/* With its country, without, without its area: the longest is found first. */
	put(k, PERSONAL_PHONE, digits, digits, normal, digits.len >= SURE ? ANY : EXACT);
	while (digits.len > LOCAL) {
		digits = (struct str){digits.s + 1, digits.len - 1};
		put(k, PERSONAL_PHONE, digits, digits, normal, ANY);
	}
}

static struct str next_word(struct str *rest)
{
	const char *blank = memchr(rest->s, ' ', rest->len);
	struct str word = {rest->s, blank ? (size_t)(blank - rest->s) : rest->len};
	size_t used = word.len + (blank != NULL);

	*rest = (struct str){rest->s + used, rest->len - used};
	return word;
}

/* The whole name, its first word in any case, and the others where they begin with a capital. */
static void add_name(
	struct known *k, enum personal_kind kind, struct str written, struct str normal)
{
	struct buf words = BUF_INIT, all = BUF_INIT;
	struct str rest;
	size_t n = 0;

	text_words(&words, written);
	rest = buf_str(&words);
	while (rest.len) {
		struct str word = next_word(&rest);

		buf_put(&all, word);
		if (!personal_no_name(word))
			put(k, kind, word, word, normal, n ? TITLED : WORD);
		n++;
	}
	if (n > 1)
		put(k, kind, buf_str(&all), written, normal, all.len >= NAME_SURE ? ANY : PARTED);
	buf_release(&words);
	buf_release(&all);
}

void known_add(struct known *k, enum personal_kind kind, struct str written, struct str normal)
{
	struct str squeezed;

	written = str_trim(written);
	if (kind == PERSONAL_NAME || kind == PERSONAL_AGENT) {
		add_name(k, kind, written, normal);
		return;
	}
	if (kind == PERSONAL_PHONE)
		add_phone(k, normal);
	view_squeeze(&k->squeezed, written);
	squeezed = buf_str(&k->squeezed.text);
	if (squeezed.len >= SURE)
		put(k, kind, squeezed, written, normal, ANY);
	else
		put(k, kind, squeezed, written, normal, written.len > 3 ? EXACT : WHOLE);
}

void known_add_whole(
	struct known *k, enum personal_kind kind, struct str written, struct str normal)
{
	view_squeeze(&k->squeezed, written);
	put(k, kind, buf_str(&k->squeezed.text), written, normal, WHOLE);
}

/* ---- finding ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A script that puts no blanks between words. */
static bool is_unspaced(char c)
{
	return (unsigned char)c >= 0xe3;
}

/* Whether one word ends and another begins between two letters or digits of the squeezed text. */
static bool parted(const struct view *q, struct str text, size_t i)
{
	char left, right;

	if (i == 0 || i == q->text.len || q->at[i].from > q->at[i - 1].to)
		return true;
	left = text.s[q->at[i - 1].from];
	right = text.s[q->at[i].from];
	return is_digit(left) != is_digit(right) || is_unspaced(left) || is_unspaced(right) ||
	       (left >= 'a' && left <= 'z' && right >= 'A' && right <= 'Z');
}

static bool close_together(const struct view *q, size_t from, size_t to, size_t gap)
{
	for (size_t i = from + 1; i < to; i++)
		if (q->at[i].from > q->at[i - 1].to && q->at[i].from - q->at[i - 1].to > gap)
			return false;
	return true;
}

static bool has_capital(struct str c)
{
	struct buf low = BUF_INIT;
	bool is;

	text_lower(&low, c);
	is = !str_eq(buf_str(&low), c);
	buf_release(&low);
	return is;
}

static bool fits(const struct known *k, const struct value *v, struct str text, size_t i)
{
	const struct view *q = &k->squeezed;
	size_t end = i + v->len;
	struct str part = {text.s + q->at[i].from, q->at[end - 1].to - q->at[i].from};

	switch (v->how) {
	case ANY:
		return close_together(q, i, end, GAP);
	case PARTED:
		return parted(q, text, i) && parted(q, text, end) && close_together(q, i, end, GAP);
	case WORD:
	case TITLED:
		return parted(q, text, i) && parted(q, text, end) && close_together(q, i, end, 0) &&
		       (v->how == WORD || is_unspaced(part.s[0]) ||
			       has_capital((struct str){part.s, q->at[i].to - q->at[i].from}));
	case EXACT:
		return part.len == v->written_len && parted(q, text, i) && parted(q, text, end) &&
		       strncasecmp(part.s, k->text.s + v->written, part.len) == 0;
	case WHOLE:
		return str_trim(text).len == v->written_len &&
		       memcmp(str_trim(text).s, k->text.s + v->written, v->written_len) == 0;
	}
	return false;
}

static void find_at(struct known *k, struct str text, size_t i, struct personal_hits *hits)
{
	const struct view *q = &k->squeezed;
	const struct value *best = NULL;
	struct personal_hit *h;

	for (int b = k->bucket[bucket_of(q->text.s + i)]; b >= 0; b = k->v[b].next) {
		const struct value *v = &k->v[b];

		if (v->len <= q->text.len - i &&
			(!best || v->len > best->len ||
				(v->len == best->len && v->kind < best->kind)) &&
			memcmp(q->text.s + i, k->text.s + v->at, v->len) == 0 &&
			fits(k, v, text, i))
			best = v;
	}
	if (!best)
		return;
	h = VEC_ADD(hits, v, n, cap);
	*h = (struct personal_hit){.from = q->at[i].from,
		.to = q->at[i + best->len - 1].to,
		.kind = best->kind,
		.normal = {hits->normals.len, best->normal_len}};
	buf_add(&hits->normals, k->text.s + best->normal, best->normal_len);
}

void known_find(struct known *k, struct str text, struct personal_hits *hits)
{
	const struct view *q = &k->squeezed;

	if (!k->n)
		return;
	view_squeeze(&k->squeezed, text);
	for (size_t i = 0; i + FIRST <= q->text.len; i++)
		if (i == 0 || q->at[i].from != q->at[i - 1].from)
			find_at(k, text, i, hits);
}
