#include "base/mem.h"
#include "base/text.h"
#include "core/checkers.h"
#include "stage/redact_part.h"

#include <stdlib.h>

#define TOKEN_BYTES 12 /* of the digest: no two of a thousand million values meet */
#define TOKEN_HEX ((size_t)TOKEN_BYTES * 2)
#define DEPTH 4 /* escapes within escapes */

void redact_text_init(struct redact_text *t)
{
	t->found = t->spans = (struct personal_hits)PERSONAL_HITS_INIT;
	for (int i = 0; i < 3; i++)
		t->views[i] = (struct view)VIEW_INIT;
	buf_init(&t->covered);
	t->known = known_new();
}

/* What is found as an entity is personal where its checker or its name says so, or where it tells
 * who somebody is. */
static enum personal_kind kind_of_entity(const struct redact_text *t, const struct entity *e)
{
	static const enum personal_kind checked[] = {[CHECKER_NONE] = PERSONAL_KINDS,
		[CHECKER_CARD] = PERSONAL_CARD,
		[CHECKER_IBAN] = PERSONAL_IBAN,
		[CHECKER_PHONE] = PERSONAL_PHONE,
		[CHECKER_EMAIL] = PERSONAL_EMAIL,
		[CHECKER_AMOUNT] = PERSONAL_KINDS,
		[CHECKER_DATE] = PERSONAL_KINDS,
		[CHECKER_POSTAL] = PERSONAL_POSTAL_CODE};
	enum personal_kind k = checked[checker_of(e->checker)];

	if (k == PERSONAL_KINDS)
		k = personal_kind(str_of(e->id));
	if (k == PERSONAL_KINDS && e->identity)
		k = PERSONAL_CUSTOMER;
	return k < PERSONAL_KINDS && (t->opt->removes[k] || t->opt->keeps[k]) ? k : PERSONAL_KINDS;
}

int redact_text_start(struct redact_text *t, const struct ontology *o, struct buf *err)
{
	bool *wanted = mem_zero(o->entity_n, sizeof(*wanted));

	t->kinds = mem_zero(o->entity_n, sizeof(*t->kinds));
	for (size_t i = 0; i < o->entity_n; i++) {
		t->kinds[i] = kind_of_entity(t, &o->entities[i]);
		wanted[i] = t->kinds[i] != PERSONAL_KINDS;
	}
	t->personal = personal_new(err);
	t->detect = t->personal ? detect_new(o, err) : NULL;
	if (t->detect)
		detect_only(t->detect, wanted);
	free(wanted);
	return t->detect ? 0 : -1;
}

void redact_text_release(struct redact_text *t)
{
	personal_hits_release(&t->found);
	personal_hits_release(&t->spans);
	for (int i = 0; i < 3; i++)
		view_release(&t->views[i]);
	known_free(t->known);
	free(t->begin);
	mac_free(t->mac);
	personal_free(t->personal);
	detect_free(t->detect);
	free(t->kinds);
	buf_release(&t->covered);
}

void redact_text_clear(struct redact_text *t)
{
	known_clear(t->known);
	personal_begin(t->personal);
	t->found.n = t->begin_n = 0;
	buf_clear(&t->found.normals);
}

/* ---- what stands for a value ---- */

void redact_text_put(struct redact_text *t, enum personal_kind kind, struct str normal, bool token,
	struct buf *out)
{
	unsigned char digest[HASH_SIZE];

	if (!t->keyed && !token) {
		buf_printf(out, "[%s]", personal_word(kind));
		return;
	}
	mac_pair(t->mac, str_of(personal_word(kind)), normal, digest);
	buf_printf(out, "%s:", personal_word(kind));
	hash_hex(out, digest, TOKEN_BYTES);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* How long a token or mask is that begins here; 0: there is none. */
static size_t ours_at(struct str s)
{
	bool mask = s.len && s.s[0] == '[';
	size_t from = mask, to = from, end;

	while (to < s.len && is_word(s.s[to]))
		to++;
	if (to == s.len || s.s[to] != (mask ? ']' : ':') ||
		personal_kind((struct str){s.s + from, to - from}) == PERSONAL_KINDS)
		return 0;
	end = to + 1;
	while (!mask && end < s.len && end < to + 1 + TOKEN_HEX && is_hex(s.s[end]))
		end++;
	if (!mask && (end != to + 1 + TOKEN_HEX || (end < s.len && is_hex(s.s[end]))))
		return 0;
	return end;
}

bool redact_text_is_ours(struct str text)
{
	return text.len && ours_at(text) == text.len;
}

/* ---- readings of a text ---- */

typedef void look_fn(struct redact_text *t, struct str text, struct personal_hits *hits);

/* What one reading gives, with the places of the text itself. */
static void one_reading(struct redact_text *t, struct str text, const struct view *v, look_fn *look,
	struct personal_hits *hits)
{
	size_t first = hits->n;

	look(t, v ? buf_str(&v->text) : text, hits);
	for (size_t i = first; v && i < hits->n; i++) {
		struct personal_hit *h = &hits->v[i];

		h->from = v->at[h->from].from;
		h->to = v->at[h->to - 1].to;
	}
}

/* Marks taken out once and again; `a` holds the view that is read first, NULL for the text. The
 * last view stays in *a. */
static void marks(struct redact_text *t, struct str text, struct view *a, bool from_view,
	look_fn *look, struct personal_hits *hits)
{
	struct view *b = &t->views[2], swap;

	for (int i = 0; i < DEPTH; i++) {
		if (!view_decode(b, from_view ? buf_str(&a->text) : text, from_view ? a : NULL,
			    VIEW_MARKS))
			break;
		swap = *a;
		*a = *b;
		*b = swap;
		from_view = true;
		one_reading(t, text, a, look, hits);
	}
}

/* As it stands; with marks taken out; as quoted-printable, of the text and of what marks hid. */
static void readings(
	struct redact_text *t, struct str text, look_fn *look, struct personal_hits *hits)
{
	struct view *v = &t->views[0], *q = &t->views[1];
	struct str plain = text;

	one_reading(t, text, NULL, look, hits);
	buf_clear(&v->text);
	marks(t, text, v, false, look, hits);
	if (view_decode(q, text, NULL, VIEW_QUOTED)) {
		one_reading(t, text, q, look, hits);
		marks(t, text, q, true, look, hits);
	}
	if (v->text.len)
		plain = buf_str(&v->text);
	if (v->text.len && view_decode(q, plain, v, VIEW_QUOTED)) {
		one_reading(t, text, q, look, hits);
		marks(t, text, q, true, look, hits);
	}
}

/* Which bytes of a text are within what goes or stays already. */
static void cover(struct redact_text *t, size_t n, const struct personal_hits *hits, size_t first)
{
	buf_clear(&t->covered);
	buf_room(&t->covered, n);
	memset(t->covered.s, 0, n);
	for (size_t i = first; i < hits->n; i++) {
		const struct personal_hit *h = &hits->v[i];

		if (t->opt->removes[h->kind] || t->opt->keeps[h->kind])
			memset(t->covered.s + h->from, 1, h->to - h->from);
	}
}

/* What the words around a value say of it goes before what an entity is. */
static void look_for_entities(
	struct redact_text *t, struct str text, size_t first, struct personal_hits *hits)
{
	struct saying said = {STR(""), STR(""), 0};
	const struct detected *found;
	size_t n;

	if (t->about.region)
		said.region = str_of(t->about.region);
	n = detect_text(t->detect, text, &said, &found);
	if (n)
		cover(t, text.len, hits, first);
	for (size_t i = 0; i < n; i++) {
		size_t from = found[i].begin, len = found[i].end - from;
		enum personal_kind kind = t->kinds[found[i].entity];
		struct personal_hit *h;

		if (kind == PERSONAL_KINDS || !memchr(t->covered.s + from, 0, len))
			continue;
		h = VEC_ADD(hits, v, n, cap);
		*h = (struct personal_hit){from, from + len, kind, {hits->normals.len, 0}};
		personal_normal(
			&hits->normals, kind, (struct str){text.s + from, len}, t->about.region);
		h->normal.len = hits->normals.len - h->normal.at;
	}
}

static void look_by_form(struct redact_text *t, struct str text, struct personal_hits *hits)
{
	size_t first = hits->n;

	personal_find(t->personal, text, &t->about, hits);
	look_for_entities(t, text, first, hits);
}

static void look_for_known(struct redact_text *t, struct str text, struct personal_hits *hits)
{
	known_find(t->known, text, hits);
}

/* What an earlier run put there stays. */
static void take_ours(struct redact_text *t, struct str text)
{
	t->spans.n = 0;
	buf_clear(&t->spans.normals);
	for (size_t i = 0; i < text.len; i++) {
		size_t len = 0;

		if (text.s[i] == '[' || (is_word(text.s[i]) && (!i || !is_word(text.s[i - 1]))))
			len = ours_at((struct str){text.s + i, text.len - i});
		if (!len)
			continue;
		*VEC_ADD(&t->spans, v, n, cap) =
			(struct personal_hit){i, i + len, PERSONAL_KINDS, {0, 0}};
		i += len - 1;
	}
}

/* A form that one of ours is a part of is none of the writer's. They stand in their order. */
static bool over_ours(const struct redact_text *t, const struct personal_hit *h)
{
	size_t low = 0, high = t->spans.n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (t->spans.v[mid].to <= h->from)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->spans.n && t->spans.v[low].from < h->to;
}

void redact_text_look(struct redact_text *t, struct str text)
{
	size_t first = t->found.n, kept = first;

	*VEC_ADD(t, begin, begin_n, begin_cap) = first;
	/* The record goes nowhere. */
	if (known_full(t->known))
		return;
	readings(t, text, look_by_form, &t->found);
	if (t->found.n > first)
		take_ours(t, text);
	for (size_t i = first; i < t->found.n; i++) {
		struct personal_hit h = t->found.v[i];

		if (over_ours(t, &h))
			continue;
		t->found.v[kept++] = h;
		if (t->opt->removes[h.kind])
			known_add(t->known, h.kind, (struct str){text.s + h.from, h.to - h.from},
				personal_hit_normal(&t->found, &h));
	}
	t->found.n = kept;
}

/* ---- writing ---- */

static void take_found(struct redact_text *t, size_t n)
{
	size_t end = n + 1 < t->begin_n ? t->begin[n + 1] : t->found.n;

	for (size_t i = t->begin[n]; i < end; i++) {
		struct personal_hit *h = VEC_ADD(&t->spans, v, n, cap);
		struct str normal = personal_hit_normal(&t->found, &t->found.v[i]);

		*h = t->found.v[i];
		h->normal.at = t->spans.normals.len;
		buf_put(&t->spans.normals, normal);
	}
}

static int by_place(const void *pa, const void *pb)
{
	const struct personal_hit *a = pa, *b = pb;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to > b->to ? -1 : 1;
	/* What stays comes before what would go. */
	if (a->kind != b->kind)
		return a->kind == PERSONAL_KINDS || (b->kind != PERSONAL_KINDS && a->kind < b->kind)
			       ? -1
			       : 1;
	return (a->normal.at > b->normal.at) - (a->normal.at < b->normal.at);
}

/* Leaves what is removed and lies in nothing that is kept, one behind the other. */
static void settle(struct redact_text *t)
{
	struct personal_hit *v = t->spans.v, *last = NULL;
	size_t n = 0, shield = 0, widest = 0;

	for (size_t i = 0; i < t->spans.n; i++)
		if (v[i].kind < PERSONAL_KINDS && t->opt->keeps[v[i].kind])
			v[i].kind = PERSONAL_KINDS;
	if (t->spans.n)
		qsort(v, t->spans.n, sizeof(*v), by_place);
	for (size_t i = 0; i < t->spans.n; i++) {
		struct personal_hit h = v[i];

		if (h.kind == PERSONAL_KINDS) {
			shield = h.to > shield ? h.to : shield;
			continue;
		}
		if (h.to <= shield || !t->opt->removes[h.kind])
			continue;
		if (last && h.from < last->to) {
			if (h.to - h.from > widest) {
				widest = h.to - h.from;
				last->kind = h.kind;
				last->normal = h.normal;
			}
			last->to = h.to > last->to ? h.to : last->to;
			continue;
		}
		last = &v[n++];
		*last = h;
		widest = h.to - h.from;
	}
	t->spans.n = n;
}

/* Whether words of names stand at more than one place. */
static bool has_names(const struct redact_text *t)
{
	const struct personal_hit *first = NULL;

	for (size_t i = 0; i < t->spans.n; i++) {
		const struct personal_hit *h = &t->spans.v[i];

		if (h->kind == PERSONAL_NAME && first && h->from != first->from)
			return true;
		if (h->kind == PERSONAL_NAME)
			first = h;
	}
	return false;
}

/* One word of a name is no name in what names us: "lume" is not "Lume Casa" who was greeted. */
static void leave_words_of_names(struct redact_text *t, struct str text)
{
	struct buf said = BUF_INIT;
	size_t kept = 0;

	for (size_t i = 0; i < t->spans.n; i++) {
		struct personal_hit h = t->spans.v[i];

		buf_clear(&said);
		text_words(&said, (struct str){text.s + h.from, h.to - h.from});
		if (h.kind != PERSONAL_NAME || memchr(said.s, ' ', said.len) ||
			str_eq(buf_str(&said), personal_hit_normal(&t->spans, &h)))
			t->spans.v[kept++] = h;
	}
	t->spans.n = kept;
	buf_release(&said);
}

static void find_spans(struct redact_text *t, struct str text)
{
	take_ours(t, text);
	readings(t, text, look_for_known, &t->spans);
	if (t->names_whole && !has_names(t))
		leave_words_of_names(t, text);
}

bool redact_text_write(
	struct redact_text *t, size_t n, struct str text, bool tokens, struct buf *out)
{
	size_t at = 0;

	find_spans(t, text);
	take_found(t, n);
	settle(t);
	for (size_t i = 0; i < t->spans.n; i++) {
		const struct personal_hit *h = &t->spans.v[i];

		/* One of another text: both looks at the record take its texts in one order. */
		if (h->from < at || h->to > text.len)
			abort();
		buf_add(out, text.s + at, h->from - at);
		redact_text_put(t, h->kind, personal_hit_normal(&t->spans, h), tokens, out);
		at = h->to;
	}
	if (at)
		buf_add(out, text.s + at, text.len - at);
	return t->spans.n > 0;
}

bool redact_text_known(struct redact_text *t, struct str text, size_t least,
	enum personal_kind *kind, struct str *normal)
{
	const struct personal_hit *best = NULL;

	find_spans(t, text);
	settle(t);
	for (size_t i = 0; i < t->spans.n; i++)
		if (!best || t->spans.v[i].to - t->spans.v[i].from > best->to - best->from)
			best = &t->spans.v[i];
	if (!best || best->to - best->from < least)
		return false;
	*kind = best->kind;
	*normal = personal_hit_normal(&t->spans, best);
	return true;
}
