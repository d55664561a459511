#include "base/when.h"
#include "stage/redact_part.h"

#define HERS 7 /* digits or bytes from which on a number or a word may be of hers */

/* ---- values that are said to be something ---- */

bool redact_removes(const struct redact *r, enum personal_kind kind)
{
	return kind < PERSONAL_KINDS && r->opt.removes[kind];
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] >= '0' && s.s[i] <= '9')
			return true;
	return false;
}

/* Lower case without blanks, as vocabularies have it, and too few digits to be a number of hers. */
static bool is_word(struct str s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len; i++) {
		bool digit = s.s[i] >= '0' && s.s[i] <= '9';

		if (!digit && !(s.s[i] >= 'a' && s.s[i] <= 'z') && !strchr("._:/-", s.s[i]))
			return false;
		digits += digit;
	}
	return digits < HERS;
}

/* A name that is a number or an address is that. */
static enum personal_kind kind_of_name(struct str text)
{
	size_t digits = 0;

	for (size_t i = 0; i < text.len; i++)
		digits += text.s[i] >= '0' && text.s[i] <= '9';
	if (memchr(text.s, '@', text.len))
		return PERSONAL_EMAIL;
	return digits > 6 && digits * 2 > text.len ? PERSONAL_PHONE : PERSONAL_NAME;
}

/* Whether a value can be what its member's name says; *kind becomes what it is. */
static bool is_said(struct str text, enum personal_kind *kind)
{
	struct str s = str_trim(text);

	if (!s.len || redact_text_is_ours(s))
		return false;
	switch (*kind) {
	case PERSONAL_NAME:
		*kind = kind_of_name(s);
		return true;
	case PERSONAL_CUSTOMER:
		/* "customer" may hold her name, or a word about her. */
		if (!has_digit(s) && !is_word(s))
			*kind = kind_of_name(s);
		return has_digit(s) || !is_word(s);
	case PERSONAL_EMAIL:
		return memchr(s.s, '@', s.len);
	case PERSONAL_PHONE:
	case PERSONAL_CARD:
	case PERSONAL_IBAN:
	case PERSONAL_BIRTH_DATE:
	case PERSONAL_POSTAL_CODE:
	case PERSONAL_DOCUMENT:
		return has_digit(s);
	default:
		return true;
	}
}

static const struct personal_about *about(const struct redact *r)
{
	return &r->text.about;
}

static struct str normal_of(struct redact *r, enum personal_kind kind, struct str text)
{
	buf_clear(&r->scratch);
	personal_normal(&r->scratch, kind, text, about(r)->region);
	return buf_str(&r->scratch);
}

void redact_know(struct redact *r, enum personal_kind kind, struct str text)
{
	if (redact_removes(r, kind))
		known_add(r->text.known, kind, text, normal_of(r, kind, text));
}

/* Appends what stands for a value, as a JSON string. */
void redact_whole(
	struct redact *r, enum personal_kind kind, struct str text, bool token, struct buf *out)
{
	struct str normal = normal_of(r, kind, text);

	buf_byte(out, '"');
	redact_text_put(&r->text, kind, normal, token, out);
	buf_byte(out, '"');
	r->changed = true;
}

/* ---- one value: looked at, then written ---- */

void redact_raw(struct redact *r, struct str raw, struct buf *out)
{
	if (!r->looks)
		buf_put(out, raw);
}

/* BCP 47 and ISO 4217 have capitals. */
static bool is_tag(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.s[i] | 0x20) >= 'a' && (s.s[i] | 0x20) <= 'z') && s.s[i] != '-')
			return false;
	return s.len <= 3 || (s.len <= 11 && s.s[2] == '-');
}

void redact_string(struct redact *r, struct str s, bool tokens, struct str raw, struct buf *out)
{
	struct buf whole = BUF_INIT;

	if (r->looks) {
		redact_text_look(&r->text, s);
	} else if (redact_text_write(&r->text, r->at++, s, tokens, &whole)) {
		json_put_string(out, buf_str(&whole));
		r->changed = true;
	} else {
		buf_put(out, raw);
	}
	buf_release(&whole);
}

/* A word of a vocabulary stays, but for one with a digit that is the value of an identifier, or has
 * a long one in it. */
static void word(struct redact *r, const struct json *v, struct buf *out)
{
	size_t least = v->text.len < HERS ? v->text.len : HERS;
	enum personal_kind kind;
	struct str normal;

	if (r->looks || !has_digit(v->text) ||
		!redact_text_known(&r->text, v->text, least, &kind, &normal) ||
		kind == PERSONAL_NAME) {
		redact_raw(r, v->raw, out);
		return;
	}
	buf_byte(out, '"');
	redact_text_put(&r->text, kind, normal, false, out);
	buf_byte(out, '"');
	r->changed = true;
}

/* A string that is JSON itself is walked through as such. */
static bool nested(struct redact *r, const struct json *v, struct place p, struct buf *out)
{
	struct str s = str_trim(v->text);
	struct buf why = BUF_INIT, inside = BUF_INIT;
	bool before = r->changed, is;

	if (s.len < 2 || r->depth == REDACT_NESTED ||
		(s.s[0] != '{' && s.s[0] != '[' && s.s[0] != '"'))
		return false;
	is = json_parse(&r->nested[r->depth], s, false, &why) == 0;
	if (is) {
		r->changed = false;
		p.is = p.is == PLACE_TEXT ? PLACE_FREE : p.is;
		redact_value(r, r->nested[r->depth++].v, p, &inside);
		r->depth--;
		if (!r->looks && r->changed)
			json_put_string(out, buf_str(&inside));
		else
			redact_raw(r, v->raw, out);
		r->changed |= before;
	}
	buf_release(&why);
	buf_release(&inside);
	return is;
}

static void string(struct redact *r, const struct json *v, struct place p, struct buf *out)
{
	enum personal_kind kind = p.kind;
	int64_t ms;

	if (p.is == PLACE_LEFT ||
		(p.is == PLACE_FREE && kind != PERSONAL_BIRTH_DATE && when_parse(v->text, &ms))) {
		redact_raw(r, v->raw, out);
		return;
	}
	if (p.is == PLACE_WORD && (is_word(v->text) || is_tag(v->text))) {
		word(r, v, out);
		return;
	}
	if (kind < PERSONAL_KINDS && is_said(v->text, &kind)) {
		if (r->opt.keeps[kind]) {
			redact_raw(r, v->raw, out);
			return;
		}
		if (redact_removes(r, kind)) {
			if (r->looks)
				redact_know(r, kind, v->text);
			else
				redact_whole(r, kind, v->text, false, out);
			return;
		}
	}
	if (!nested(r, v, p, out))
		redact_string(r, v->text, p.is == PLACE_NAME, v->raw, out);
}

static bool is_integer(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] < '0' || s.s[i] > '9')
			return false;
	return s.len > 0;
}

/* Whether a number may be a value that is known: a count or an amount is so by chance alone. */
static bool may_be_known(struct str s, enum place_kind is)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len; i++)
		digits += s.s[i] >= '0' && s.s[i] <= '9';
	return is == PLACE_FREE || is == PLACE_NAME || (is != PLACE_LEFT && digits >= HERS);
}

/* A number goes where its member says what it is, where it proves it, or where it is known. */
static void number(struct redact *r, const struct json *v, struct place p, struct buf *out)
{
	enum personal_kind kind = p.kind;
	struct str normal;

	if (kind >= PERSONAL_KINDS || !is_said(v->text, &kind))
		kind = PERSONAL_KINDS;
	if (p.is == PLACE_FREE && kind == PERSONAL_KINDS && is_integer(v->text))
		personal_proven(v->text, &kind);
	if (redact_removes(r, kind)) {
		if (r->looks)
			redact_know(r, kind, v->text);
		else
			redact_whole(r, kind, v->text, false, out);
		return;
	}
	if (!r->looks && may_be_known(v->text, p.is) &&
		!(kind < PERSONAL_KINDS && r->opt.keeps[kind]) &&
		redact_text_known(&r->text, v->text, 0, &kind, &normal)) {
		buf_byte(out, '"');
		redact_text_put(&r->text, kind, normal, false, out);
		buf_byte(out, '"');
		r->changed = true;
		return;
	}
	redact_raw(r, v->raw, out);
}

/* ---- members ---- */

/* Names given in place of others in an object: those that came to be alike stay apart. */
struct names {
	const struct json *of;
	struct map own;	  /* of the object's, once one is given */
	struct map given; /* -> how many there are of it */
	bool attr;
};

static void learn_own(struct names *n)
{
	for
		JSON_EACH(m, n->of)
		{
			map_slot(&n->own, m->key, NULL);
		}
}

static void put_apart(struct names *n, struct str name, struct buf *out)
{
	struct buf whole = BUF_INIT;
	int64_t count = map_slot(&n->given, name, NULL)->n;

	if (!map_count(&n->own))
		learn_own(n);
	buf_put(&whole, name);
	while ((count && map_get(&n->given, buf_str(&whole))) ||
		map_get(&n->own, buf_str(&whole))) {
		count = count ? count + 1 : 2;
		buf_cut(&whole, name.len);
		buf_printf(&whole, "%s%lld", n->attr ? "" : " ", (long long)count);
	}
	map_slot(&n->given, buf_str(&whole), NULL)->n = 1;
	map_slot(&n->given, name, NULL)->n = count ? count : 1;
	json_put_string(out, buf_str(&whole));
	buf_release(&whole);
}

/* An attribute's name has room for letters and digits alone, and twenty of them. */
static void put_attr_name(struct names *n, struct str text, struct buf *out)
{
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < text.len && name.len < 16; i++)
		if ((text.s[i] >= 'a' && text.s[i] <= 'z') ||
			has_digit((struct str){text.s + i, 1}))
			buf_byte(&name, text.s[i]);
	buf_byte(&name, '0');
	put_apart(n, buf_str(&name), out);
	buf_release(&name);
}

static void member_name(struct redact *r, struct names *n, struct str key, struct buf *out)
{
	struct buf other = BUF_INIT;

	if (r->looks) {
		redact_text_look(&r->text, key);
	} else if (!redact_text_write(&r->text, r->at++, key, false, &other)) {
		json_put_string(out, key);
	} else {
		r->changed = true;
		if (n->attr)
			put_attr_name(n, buf_str(&other), out);
		else
			put_apart(n, buf_str(&other), out);
	}
	buf_release(&other);
}

/* What a member within something free is said to be; parts of an address are one. */
struct place redact_within(const struct redact *r, const struct json *m, struct place of)
{
	struct place p = {of.is, PERSONAL_KINDS, m->key, of.key};

	if (of.is == PLACE_FREE)
		p.kind = personal_member(r->text.personal, m->key, of.key);
	if (p.kind == PERSONAL_KINDS && of.kind == PERSONAL_ADDRESS)
		p.kind = PERSONAL_ADDRESS;
	return p;
}

/* An object whose members are told by `each`; those in `known_name` keep their names. */
void redact_object(struct redact *r, const struct json *v, struct place p, redact_member *each,
	int (*known_name)(struct str name), bool attr, struct buf *out)
{
	struct names n = {v, MAP_INIT, MAP_INIT, attr};
	bool first = true;

	if (!r->looks)
		buf_byte(out, '{');
	for
		JSON_EACH(m, v)
		{
			if (!r->looks && !first)
				buf_byte(out, ',');
			first = false;
			if (!known_name || known_name(m->key) < 0)
				member_name(r, &n, m->key, out);
			else if (!r->looks)
				json_put_string(out, m->key);
			if (!r->looks)
				buf_byte(out, ':');
			each(r, v, m, p, out);
		}
	if (!r->looks)
		buf_byte(out, '}');
	map_release(&n.own);
	map_release(&n.given);
}

static void free_member(struct redact *r, const struct json *of, const struct json *m,
	struct place p, struct buf *out)
{
	(void)of;
	redact_value(r, m, redact_within(r, m, p), out);
}

static void array(struct redact *r, const struct json *v, struct place p, struct buf *out)
{
	bool first = true;

	if (!r->looks)
		buf_byte(out, '[');
	for
		JSON_EACH(e, v)
		{
			if (!r->looks && !first)
				buf_byte(out, ',');
			first = false;
			redact_value(r, e, p, out);
		}
	if (!r->looks)
		buf_byte(out, ']');
}

void redact_value(struct redact *r, const struct json *v, struct place p, struct buf *out)
{
	switch (v->type) {
	case JSON_OBJECT:
		redact_object(r, v, p, free_member, NULL, false, out);
		break;
	case JSON_ARRAY:
		array(r, v, p, out);
		break;
	case JSON_STRING:
		string(r, v, p, out);
		break;
	case JSON_NUMBER:
		number(r, v, p, out);
		break;
	default:
		redact_raw(r, v->raw, out);
	}
}
