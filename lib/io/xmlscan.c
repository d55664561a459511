#include "io/xmlscan.h"
#include "base/mem.h"
#include "io/json.h"
#include "io/xml.h"
#include "io/xmlmark.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <strings.h>

#define DECLARATION ((size_t)256) /* bytes of a document in which its declaration stands */
#define NO_CHARSET ((iconv_t)-1)

static const char too_long[] = "record too long (see --max-line)";

struct xmlscan_state {
	struct xmlmark m;
	char *path; /* its names one behind the other, each with a NUL */
	const char *name[XMLSCAN_PATH];
	size_t names;
	size_t level; /* elements of the path that are open */
	bool found, over;
	uint64_t documents;
	iconv_t charset;
	struct buf charset_name, utf8, json, why;
	struct xml *xml;
};

static int broken(struct xmlscan *xs, const char *why)
{
	struct xmlscan_state *s = xs->state;
	size_t len = s->m.block.len - s->m.from;

	if (s->m.failed)
		return -1;
	xmlmark_count(&s->m, s->m.at);
	xs->line = s->m.line;
	xs->offset = s->m.taken + s->m.at;
	xs->raw = (struct str){s->m.block.s + s->m.from, len < s->m.max ? len : s->m.max};
	xs->why = why;
	s->over = true;
	return XMLSCAN_BROKEN;
}

static int broken_because(
	struct xmlscan *xs, const char *before, struct str name, const char *behind)
{
	struct buf *why = &xs->state->why;

	buf_clear(why);
	buf_puts(why, before);
	/* What is no text in a name is not for a message. */
	buf_put(why, json_utf8(name) && name.len <= 80 ? name : STR("..."));
	buf_puts(why, behind);
	return broken(xs, why->s);
}

static int broken_markup(struct xmlscan *xs, enum xmlmark_kind got)
{
	return broken(xs, got == XMLMARK_CUT ? "the document ends within an element" : "not XML");
}

static bool convert(struct xmlscan_state *s, struct str from)
{
	char *in = (char *)from.s, block[4096];
	size_t left = from.len;

	buf_clear(&s->utf8);
	iconv(s->charset, NULL, NULL, NULL, NULL);
	while (left) {
		char *to = block;
		size_t room = sizeof(block);
		size_t got = iconv(s->charset, &in, &left, &to, &room);

		if (got == (size_t)-1 && errno != E2BIG)
			return false;
		buf_add(&s->utf8, block, (size_t)(to - block));
	}
	return true;
}

static int bad(struct xmlscan *xs, const char *why)
{
	xs->why = why;
	return XMLSCAN_BAD;
}

static int make_json(struct xmlscan *xs)
{
	struct xmlscan_state *s = xs->state;
	struct str text = xs->raw;

	buf_clear(&s->why);
	buf_clear(&s->json);
	if (memchr(text.s, '\0', text.len))
		return bad(xs, "a NUL byte");
	if (s->charset != NO_CHARSET) {
		if (!convert(s, text)) {
			buf_printf(&s->why, "not %s", s->charset_name.s);
			return bad(xs, s->why.s);
		}
		text = buf_str(&s->utf8);
	}
	if (!json_utf8(text))
		return bad(xs, "not UTF-8");
	if (xml_json(s->xml, text, &s->json, &s->why) < 0)
		return bad(xs, s->why.s);
	buf_room(&s->json, JSON_PADDING);
	xs->json = buf_str(&s->json);
	xs->why = NULL;
	return XMLSCAN_ONE;
}

/* The element at the next byte. */
static int record(struct xmlscan *xs)
{
	struct xmlscan_state *s = xs->state;
	enum xmlmark_kind got;

	xmlmark_count(&s->m, s->m.at);
	xs->line = s->m.line;
	xs->offset = s->m.taken + s->m.at;
	s->m.from = s->m.at;
	s->m.keep = true;
	s->m.too_long = s->m.too_deep = s->m.too_many = false;
	s->m.in_root = true;
	got = xmlmark_next(&s->m);
	if (got == XMLMARK_OPEN)
		got = xmlmark_inside(&s->m);
	xmlmark_shorten(&s->m);
	s->m.keep = false;
	s->m.in_root = s->level > 0;
	if (s->m.failed)
		return -1;
	if (got == XMLMARK_CUT || got == XMLMARK_WRONG)
		return broken_markup(xs, got);
	xs->raw = (struct str){s->m.block.s + s->m.from, s->m.at - s->m.from};
	if (s->m.too_long) {
		xs->why = too_long;
		return XMLSCAN_LONG;
	}
	if (s->m.too_deep || s->m.too_many)
		return bad(xs, s->m.too_deep ? "nested too deep" : "too many attributes");
	return make_json(xs);
}

/* Whether the bytes that markup is made of are themselves. */
static bool keeps_ascii(iconv_t charset)
{
	char all[128], got[sizeof(all) * 4], *in = all, *to = got;
	size_t n = 0, left, room = sizeof(got);

	for (int c = ' '; c < '~'; c++)
		if (c != '\\')
			all[n++] = (char)c;
	left = n;
	return iconv(charset, &in, &left, &to, &room) != (size_t)-1 && !left &&
	       (size_t)(to - got) == n && memcmp(all, got, n) == 0;
}

static bool set_charset(struct xmlscan_state *s, struct str name)
{
	const char *n;

	if (s->charset != NO_CHARSET)
		iconv_close(s->charset);
	s->charset = NO_CHARSET;
	buf_clear(&s->charset_name);
	buf_put(&s->charset_name, name);
	n = s->charset_name.s;
	/* A declaration of UTF-16 that can be read as ASCII is mistaken: its text was written anew.
	 */
	if (!*n || strcasecmp(n, "utf-8") == 0 || strcasecmp(n, "utf8") == 0 ||
		strncasecmp(n, "utf-16", 6) == 0)
		return true;
	/* iconv would take options behind a slash. Escapes in the two make other characters of
	 * ASCII's bytes. */
	if (n[strspn(n, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")] ||
		strncasecmp(n, "iso-2022", 8) == 0 || strncasecmp(n, "hz", 2) == 0)
		return false;
	/* Who names Latin-1 mostly means its superset. */
	s->charset = iconv_open("UTF-8", strcasecmp(n, "iso-8859-1") == 0 ? "WINDOWS-1252" : n);
	return s->charset != NO_CHARSET && keeps_ascii(s->charset);
}

/* What "<?xml ... encoding='X' ... ?>" at the next byte says; empty where it says nothing. */
static struct str declared(struct xmlscan_state *s)
{
	struct str text = {s->m.block.s + s->m.at, s->m.block.len - s->m.at}, none = {"", 0};
	ptrdiff_t end = str_find(text, STR("?>")), at;
	const char *quote;

	if (end < 0)
		return none;
	text.len = (size_t)end;
	at = str_find(text, STR("encoding"));
	if (at < 0)
		return none;
	text = str_trim((struct str){text.s + at + 8, text.len - (size_t)at - 8});
	if (!str_starts(text, STR("=")))
		return none;
	text = str_trim((struct str){text.s + 1, text.len - 1});
	if (!text.len || !strchr("\"'", text.s[0]))
		return none;
	quote = memchr(text.s + 1, text.s[0], text.len - 1);
	return quote ? (struct str){text.s + 1, (size_t)(quote - text.s) - 1} : none;
}

/* Each step returns a status for the caller, or MORE to go on. */
#define MORE (-3)

/* An instruction outside of the root element: the declaration, or another. */
static int instruction(struct xmlscan *xs)
{
	struct xmlscan_state *s = xs->state;
	struct str name, at;
	enum xmlmark_kind got;

	while (s->m.block.len - s->m.at < DECLARATION && xmlmark_fill(&s->m))
		;
	at = (struct str){s->m.block.s + s->m.at, s->m.block.len - s->m.at};
	name = declared(s);
	if (str_starts(at, STR("<?xml")) && at.len > 5 && strchr(" \t\r\n", at.s[5]) &&
		!set_charset(s, name))
		return broken_because(xs, "the encoding ", buf_str(&s->charset_name),
			" cannot be read; convert it to UTF-8");
	got = xmlmark_next(&s->m);
	return got == XMLMARK_OTHER ? MORE : broken_markup(xs, got);
}

/* An element outside of records: one of the path, or one that nobody asked for. */
static int element(struct xmlscan *xs)
{
	struct xmlscan_state *s = xs->state;
	enum xmlmark_kind got;

	s->documents += s->level == 0;
	if (s->level == s->names) {
		s->found = true;
		return record(xs);
	}
	got = xmlmark_next(&s->m);
	if (got != XMLMARK_OPEN && got != XMLMARK_EMPTY)
		return broken_markup(xs, got);
	if (str_is(buf_str(&s->m.name), s->name[s->level])) {
		s->found = s->found || s->level + 1 == s->names;
		s->level += got == XMLMARK_OPEN;
		s->m.in_root = s->level > 0;
		return MORE;
	}
	if (!s->level)
		return broken_because(xs, "the root element is ", buf_str(&s->m.name), "");
	if (got == XMLMARK_OPEN)
		got = xmlmark_inside(&s->m);
	return got == XMLMARK_EMPTY || got == XMLMARK_CLOSE ? MORE : broken_markup(xs, got);
}

static int at_end(struct xmlscan *xs)
{
	struct xmlscan_state *s = xs->state;

	if (s->level)
		return broken_because(
			xs, "the document ends within ", str_of(s->name[s->level - 1]), "");
	if (!s->documents)
		return broken(xs, "the document has no element");
	s->over = true;
	if (s->found)
		return XMLSCAN_END;
	buf_clear(&s->why);
	buf_printf(&s->why, "the document has no element %s", s->name[0]);
	for (size_t i = 1; i < s->names; i++)
		buf_printf(&s->why, ".%s", s->name[i]);
	return broken(xs, s->why.s);
}

static int end_tag(struct xmlscan *xs)
{
	struct xmlscan_state *s = xs->state;
	enum xmlmark_kind got = xmlmark_next(&s->m);

	if (got != XMLMARK_CLOSE)
		return broken_markup(xs, got);
	if (!s->level || !str_is(buf_str(&s->m.name), s->name[s->level - 1]))
		return broken_because(
			xs, "the end of ", buf_str(&s->m.name), ", which is not open");
	s->level--;
	s->m.in_root = s->level > 0;
	return MORE;
}

static int step(struct xmlscan *xs)
{
	struct xmlscan_state *s = xs->state;
	int c = s->level ? xmlmark_past_text(&s->m) : xmlmark_past_space(&s->m);
	enum xmlmark_kind got;

	s->m.from = s->m.at;
	if (c == XMLMARK_FAILED)
		return -1;
	if (c == XMLMARK_AT_END)
		return at_end(xs);
	if (c != '<')
		return broken(xs, c ? "text outside of the root element" : "a NUL byte");
	while (s->m.block.len - s->m.at < 2 && xmlmark_fill(&s->m))
		;
	c = s->m.block.len - s->m.at < 2 ? XMLMARK_AT_END
					 : (unsigned char)s->m.block.s[s->m.at + 1];
	if (xmlmark_begins_name(c))
		return element(xs);
	if (c == '/')
		return end_tag(xs);
	if (c == '?' && !s->level)
		return instruction(xs);
	got = xmlmark_next(&s->m);
	return got == XMLMARK_OTHER ? MORE : broken_markup(xs, got);
}

int xmlscan_next(struct xmlscan *xs, struct buf *err)
{
	int got = xs->state->over ? XMLSCAN_END : MORE;

	xs->state->m.err = err;
	while (got == MORE)
		got = step(xs);
	return got;
}

static int split_path(struct xmlscan_state *s, const char *path, struct buf *err)
{
	s->path = mem_string(path);
	if (strcmp(path, ".") == 0)
		return 0;
	for (char *p = s->path; p;) {
		char *dot = strchr(p, '.');

		if (dot)
			*dot = '\0';
		if (s->names == XMLSCAN_PATH || !*p) {
			buf_printf(err, "%s: no path to an element", path);
			return -1;
		}
		s->name[s->names++] = p;
		p = dot ? dot + 1 : NULL;
	}
	return 0;
}

static int spill(void *ctx, struct str piece, struct buf *err)
{
	struct xmlscan *xs = ctx;

	return xs->spill ? xs->spill(xs->ctx, xs, piece, err) : 0;
}

static bool is_utf16(struct str head)
{
	return head.len >= 2 && (!head.s[0] || !head.s[1] || str_starts(head, STR("\xff\xfe")) ||
					str_starts(head, STR("\xfe\xff")));
}

int xmlscan_open(
	struct xmlscan *xs, struct input *in, const char *path, size_t max, struct buf *err)
{
	struct xmlscan_state *s = mem_zero(1, sizeof(*s));

	*xs = (struct xmlscan){.state = s};
	xmlmark_init(&s->m, in, STR(""), max);
	s->m.err = err;
	s->m.spill = spill;
	s->m.ctx = xs;
	s->charset = NO_CHARSET;
	s->xml = xml_new();
	buf_init(&s->charset_name);
	buf_init(&s->utf8);
	buf_init(&s->json);
	buf_init(&s->why);
	if (split_path(s, path, err) < 0 || (in->seekable && input_rewind(in, err) < 0))
		return -1;
	xmlmark_pass_bom(&s->m);
	if (!is_utf16(buf_str(&s->m.block)))
		return s->m.failed ? -1 : 0;
	buf_printf(err, "%s:1: UTF-16 is not read; convert it to UTF-8", in->name);
	return -1;
}

void xmlscan_close(struct xmlscan *xs)
{
	struct xmlscan_state *s = xs->state;

	if (!s)
		return;
	if (s->charset != NO_CHARSET)
		iconv_close(s->charset);
	xml_free(s->xml);
	free(s->path);
	xmlmark_release(&s->m);
	buf_release(&s->charset_name);
	buf_release(&s->utf8);
	buf_release(&s->json);
	buf_release(&s->why);
	free(s);
	*xs = (struct xmlscan){.state = NULL};
}

static bool is_among(struct str name, char *const *names, size_t n, bool *found)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		found[i] = found[i] || str_is(name, names[i]);
		left += !found[i];
	}
	return !left;
}

bool xmlscan_has(struct str head, const char *root, char *const *names, size_t n)
{
	bool *found = mem_zero(n, sizeof(*found)), all = false;
	struct xmlmark m;

	xmlmark_init(&m, NULL, head, 0);
	xmlmark_pass_bom(&m);
	while (!all && (m.in_root ? xmlmark_past_text(&m) : xmlmark_past_space(&m)) == '<') {
		enum xmlmark_kind got = xmlmark_next(&m);

		if (got == XMLMARK_OTHER)
			continue;
		if (got != XMLMARK_OPEN && got != XMLMARK_EMPTY)
			break;
		if (m.in_root)
			all = is_among(buf_str(&m.name), names, n, found);
		else if (root && !str_is(buf_str(&m.name), root))
			break;
		else
			all = n == 0;
		if (got == (m.in_root ? XMLMARK_OPEN : XMLMARK_EMPTY) &&
			(!m.in_root || xmlmark_inside(&m) != XMLMARK_CLOSE))
			break;
		m.in_root = true;
	}
	xmlmark_release(&m);
	free(found);
	return all;
}
