#include "stage/redact_known.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/needles.h"
#include "base/text.h"

#include <stdlib.h>

#define FIRST 3 /* letters and digits that a value has at least */
#define SURE 7	/* letters and digits from which on a value is looked for in any spelling */
#define GAP 4	/* bytes between two of them */
#define LOCAL 8 /* digits of a telephone number that tell it without its area */
#define NAME_SURE 8
#define WORD_SURE 32 /* bytes from which on a word of a name is looked for within others */

enum how {
	ANY,	/* in any spelling, anywhere */
	PARTED, /* the same, between words */
	WORD,	/* as a word */
	TITLED, /* as a word with a capital */
	EXACT,	/* as it is written, but for case, between what is no letter or digit */
	WHOLE,	/* as the whole text */
};

struct value {
	size_t len; /* of its letters and digits */
	enum personal_kind kind;
	enum how how;
	uint32_t next; /* of the same letters and digits, its place and one; 0: none */
	size_t normal; /* its place among the normal forms */
};

/* What the spellings of something have in common. */
struct normal {
	size_t at, len; /* in known.text */
	uint64_t round; /* of the text in whose hits it was last, */
	size_t said;	/* and where these have it */
};

struct known {
	struct value *v;
	size_t n, cap;
	struct normal *normals;
	size_t normal_n, normal_cap;
	struct needles *needles; /* of what is ANY, PARTED, WORD and TITLED; marks: place and one */
	struct map exact, whole; /* as written -> its place */
	bool lengths[SURE];	 /* of the letters and digits of what is EXACT */
	struct buf text, scratch;
	struct view squeezed;
	uint64_t round;
	bool full, settled;
};

struct known *known_new(void)
{
	struct known *k = mem_zero(1, sizeof(*k));

	buf_init(&k->text);
	buf_init(&k->scratch);
	k->squeezed = (struct view)VIEW_INIT;
	k->needles = needles_new();
	return k;
}

void known_free(struct known *k)
{
	if (!k)
		return;
	free(k->v);
	free(k->normals);
	needles_free(k->needles);
	map_release(&k->exact);
	map_release(&k->whole);
	buf_release(&k->text);
	buf_release(&k->scratch);
	view_release(&k->squeezed);
	free(k);
}

void known_clear(struct known *k)
{
	needles_clear(k->needles);
	map_release(&k->exact);
	map_release(&k->whole);
	memset(k->lengths, 0, sizeof(k->lengths));
	buf_clear(&k->text);
	k->n = k->normal_n = 0;
	k->full = k->settled = false;
}

bool known_full(const struct known *k)
{
	return k->full;
}

/* The value's place and one; 0 where there is no room. */
static uint32_t keep(struct known *k, const struct value *v)
{
	if (k->n == KNOWN_MAX) {
		k->full = true;
		return 0;
	}
	*VEC_ADD(k, v, n, cap) = *v;
	k->settled = false;
	return (uint32_t)k->n;
}

static void put_at(struct known *k, uint32_t node, struct value v)
{
	uint32_t first = *needles_mark(k->needles, node);

	for (uint32_t i = first; i; i = k->v[i - 1].next)
		if (k->v[i - 1].how == v.how)
			return;
	v.next = first;
	first = keep(k, &v);
	if (first)
		*needles_mark(k->needles, node) = first;
}

/* All endings of the letters and digits that have `shortest` of them at least. */
static void put_endings(struct known *k, struct value v, struct str squeezed, size_t shortest)
{
	uint32_t node = 0;

	for (v.len = 1; v.len <= squeezed.len && !k->full; v.len++) {
		node = needles_put(
			k->needles, node, (unsigned char)squeezed.s[squeezed.len - v.len]);
		if (v.len >= shortest)
			put_at(k, node, v);
	}
}

static void put_written(struct known *k, struct map *in, struct value v, struct str written)
{
	bool fresh;
	union map_value *slot = map_slot(in, written, &fresh);
	uint32_t at = fresh ? keep(k, &v) : 0;

	if (at)
		slot->n = at - 1;
	else if (fresh)
		map_remove(in, written);
}

/* ASCII alone: as it is written. */
static void put_lower(struct buf *out, struct str s)
{
	buf_clear(out);
	for (size_t i = 0; i < s.len; i++)
		buf_byte(out, (char)(s.s[i] >= 'A' && s.s[i] <= 'Z' ? s.s[i] + 32 : s.s[i]));
}

/* written: from its first letter or digit to its last. */
static void put(struct known *k, struct value v, struct str squeezed, struct str written)
{
	v.len = squeezed.len;
	if (v.len < FIRST)
		return;
	if (v.how == EXACT) {
		put_lower(&k->scratch, written);
		put_written(k, &k->exact, v, buf_str(&k->scratch));
		k->lengths[v.len] = true;
	} else if (v.how == WHOLE) {
		put_written(k, &k->whole, v, written);
	} else {
		put_endings(k, v, squeezed, v.len);
	}
}

static void add_phone(struct known *k, struct value v, struct str digits)
{
	if (digits.len && digits.s[0] == '+')
		digits = (struct str){digits.s + 1, digits.len - 1};
	v.how = digits.len < SURE ? EXACT : ANY;
	/* With its country, without, without its area: the longest is found first. */
	if (digits.len > LOCAL)
		put_endings(k, v, digits, LOCAL);
	else
		put(k, v, digits, digits);
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
static void add_name(struct known *k, struct value v, struct str written)
{
	struct buf words = BUF_INIT, all = BUF_INIT;
	struct str rest;
	size_t n = 0;

	text_words(&words, written);
	rest = buf_str(&words);
	while (rest.len) {
		struct str word = next_word(&rest);

		buf_put(&all, word);
		v.how = word.len >= WORD_SURE ? ANY : n ? TITLED : WORD;
		if (!personal_no_name(word))
			put(k, v, word, word);
		n++;
	}
	v.how = all.len >= NAME_SURE ? ANY : PARTED;
	if (n > 1)
		put(k, v, buf_str(&all), written);
	buf_release(&words);
	buf_release(&all);
}

/* What stands before its first letter or digit and behind its last is no part of a value. */
static struct str core_of(const struct view *q, struct str written)
{
	size_t n = q->text.len, from;

	if (!n)
		return written;
	from = q->at[0].from;
	return (struct str){written.s + from, q->at[n - 1].to - from};
}

static void add(struct known *k, struct value v, struct str written, struct str normal)
{
	struct str squeezed;

	if (v.kind == PERSONAL_NAME || v.kind == PERSONAL_AGENT) {
		add_name(k, v, written);
		return;
	}
	if (v.kind == PERSONAL_PHONE)
		add_phone(k, v, normal);
	view_squeeze(&k->squeezed, written);
	squeezed = buf_str(&k->squeezed.text);
	v.how = squeezed.len >= SURE ? ANY : written.len > 3 ? EXACT : WHOLE;
	put(k, v, squeezed, v.how == EXACT ? core_of(&k->squeezed, written) : written);
}

/* The normal form of what is put in next. */
static size_t put_normal(struct known *k, struct str normal)
{
	*VEC_ADD(k, normals, normal_n, normal_cap) =
		(struct normal){.at = k->text.len, .len = normal.len};
	buf_put(&k->text, normal);
	return k->normal_n - 1;
}

/* One that nothing has that was put in since there were `before`. */
static void drop_normal(struct known *k, size_t before)
{
	if (k->n == before)
		buf_cut(&k->text, k->normals[--k->normal_n].at);
}

void known_add(struct known *k, enum personal_kind kind, struct str written, struct str normal)
{
	struct value v = {.kind = kind, .normal = put_normal(k, normal)};
	size_t before = k->n;

	add(k, v, str_trim(written), normal);
	drop_normal(k, before);
}

void known_add_whole(
	struct known *k, enum personal_kind kind, struct str written, struct str normal)
{
	struct value v = {.kind = kind, .how = WHOLE, .normal = put_normal(k, normal)};
	size_t before = k->n;

	view_squeeze(&k->squeezed, written);
	put(k, v, buf_str(&k->squeezed.text), str_trim(written));
	drop_normal(k, before);
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

static bool has_capital(struct str c)
{
	struct buf low = BUF_INIT;
	bool is;

	text_lower(&low, c);
	is = !str_eq(buf_str(&low), c);
	buf_release(&low);
	return is;
}

/* What is read of a text, from its end on. */
struct reading {
	struct str text;
	uint32_t at; /* what is looked for and has no gap that is too wide */
	size_t run;  /* where letters and digits end that have no gap at all */
};

static bool fits(const struct known *k, const struct value *v, const struct reading *r, size_t i)
{
	const struct view *q = &k->squeezed;
	size_t end = i + v->len;
	struct str first = {r->text.s + q->at[i].from, q->at[i].to - q->at[i].from};

	if (v->how == ANY)
		return true;
	if (!parted(q, r->text, i) || !parted(q, r->text, end))
		return false;
	return v->how == PARTED ||
	       (end <= r->run && (v->how == WORD || is_unspaced(first.s[0]) || has_capital(first)));
}

static bool better(const struct value *v, const struct value *best)
{
	return !best || v->len > best->len || (v->len == best->len && v->kind < best->kind);
}

/* One that is ANY always fits, and none of the others is long: few are tried. */
static const struct value *spelled(const struct known *k, const struct reading *r, size_t i)
{
	uint32_t node = needles_found(k->needles, r->at);
	const struct value *best = NULL;

	for (; node && !best; node = needles_shorter(k->needles, node))
		for (uint32_t n = *needles_mark(k->needles, node); n; n = k->v[n - 1].next) {
			const struct value *v = &k->v[n - 1];

			if (better(v, best) && fits(k, v, r, i))
				best = v;
		}
	return best;
}

static const struct value *written_so(struct known *k, struct str text, size_t i)
{
	const struct view *q = &k->squeezed;
	union map_value *found;

	for (size_t len = SURE - 1; len >= FIRST; len--) {
		size_t end = i + len;

		if (!k->lengths[len] || end > q->text.len || !parted(q, text, i) ||
			!parted(q, text, end))
			continue;
		put_lower(&k->scratch,
			(struct str){text.s + q->at[i].from, q->at[end - 1].to - q->at[i].from});
		found = map_get(&k->exact, buf_str(&k->scratch));
		if (found && k->v[found->n].len == len)
			return &k->v[found->n];
	}
	return NULL;
}

/* hits have a normal form once, however often it is of what stands in the text. */
static void put_hit(struct known *k, const struct value *v, size_t i, struct personal_hits *hits)
{
	const struct view *q = &k->squeezed;
	struct normal *n = &k->normals[v->normal];

	if (n->round != k->round) {
		n->round = k->round;
		n->said = hits->normals.len;
		buf_add(&hits->normals, k->text.s + n->at, n->len);
	}
	*VEC_ADD(hits, v, n, cap) = (struct personal_hit){.from = q->at[i].from,
		.to = q->at[i + v->len - 1].to,
		.kind = v->kind,
		.normal = {n->said, n->len}};
}

static void find_at(struct known *k, const struct reading *r, size_t i, struct personal_hits *hits)
{
	const struct value *best = spelled(k, r, i), *other = written_so(k, r->text, i);
	const union map_value *whole = i ? NULL : map_get(&k->whole, str_trim(r->text));

	if (other && better(other, best))
		best = other;
	if (whole && better(&k->v[whole->n], best))
		best = &k->v[whole->n];
	if (best)
		put_hit(k, best, i, hits);
}

void known_find(struct known *k, struct str text, struct personal_hits *hits)
{
	const struct view *q = &k->squeezed;
	struct reading r = {.text = text};

	if (!k->n)
		return;
	if (!k->settled)
		needles_settle(k->needles);
	k->settled = true;
	k->round++;
	view_squeeze(&k->squeezed, text);
	for (size_t i = q->text.len; i-- > 0;) {
		size_t next = i + 1 < q->text.len ? q->at[i + 1].from : q->at[i].to;

		if (next > q->at[i].to + GAP)
			r.at = 0;
		if (next > q->at[i].to || i + 1 == q->text.len)
			r.run = i + 1;
		r.at = needles_step(k->needles, r.at, (unsigned char)q->text.s[i]);
		if (i == 0 || q->at[i].from != q->at[i - 1].from)
			find_at(k, &r, i, hits);
	}
}
