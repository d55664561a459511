#include "io/xml.h"
#include "base/mem.h"
#include "io/json.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The parser never forgets a name, so that a new one is taken when the old has read this much. */
#define PARSER_READS ((size_t)1 << 20)
#define NONE ((size_t)-1)

/* An element, or a piece of text within one. */
struct node {
	const xmlChar *name; /* equal names are one pointer; NULL: text */
	size_t parent, first, last, next;
	size_t from, to; /* in written: the attributes as members; the text */
	size_t twin;	 /* the next sibling of the same name */
	bool later;	 /* a sibling of the same name stands before it */
};

struct xml {
	xmlParserCtxt *parser;
	size_t reads; /* bytes that the parser has read */
	struct node *v;
	size_t n, cap;
	size_t open; /* the element that is open */
	struct buf written, mended, text;
	size_t *sorted; /* children of one element */
	size_t sorted_n, sorted_cap;
	struct buf *why;
	size_t why_from;
};

static size_t add_node(struct xml *x, const xmlChar *name)
{
	struct node *n = VEC_ADD(x, v, n, cap), *parent;
	size_t i = x->n - 1;

	*n = (struct node){.name = name,
		.parent = x->open,
		.first = NONE,
		.last = NONE,
		.next = NONE,
		.twin = NONE,
		.from = x->written.len};
	if (x->open == NONE)
		return i;
	parent = &x->v[x->open];
	if (parent->last == NONE)
		parent->first = i;
	else
		x->v[parent->last].next = i;
	parent->last = i;
	return i;
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
	struct xml *x = ctx;
	size_t i = add_node(x, name);

	for (; attributes && attributes[0]; attributes += 2) {
		buf_clear(&x->text);
		buf_byte(&x->text, '@');
		buf_puts(&x->text, (const char *)attributes[0]);
		if (x->written.len > x->v[i].from)
			buf_byte(&x->written, ',');
		json_put_string(&x->written, buf_str(&x->text));
		buf_byte(&x->written, ':');
		json_put_string(
			&x->written, str_of(attributes[1] ? (const char *)attributes[1] : ""));
	}
	x->v[i].to = x->written.len;
	x->open = i;
}

static void on_end(void *ctx, const xmlChar *name)
{
	struct xml *x = ctx;

	(void)name;
	if (x->open != NONE)
		x->open = x->v[x->open].parent;
}

static void on_text(void *ctx, const xmlChar *s, int len)
{
	struct xml *x = ctx;
	size_t i;

	if (x->open == NONE || len <= 0)
		return;
	/* Pieces of one text follow one another. */
	i = x->v[x->open].last;
	if (i == NONE || x->v[i].name || x->v[i].to != x->written.len)
		i = add_node(x, NULL);
	buf_add(&x->written, s, (size_t)len);
	x->v[i].to = x->written.len;
}

/* The first thing that is wrong is the reason. Lines are not known here: the element is read alone.
 */
static void on_error(void *ctx, const char *format, ...)
{
	struct xml *x = ctx;
	char message[256], *s = message, *line;
	va_list args;

	if (x->why->len > x->why_from)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	message[strcspn(message, "\r\n")] = '\0';
	if (strncmp(s, "xml", 3) == 0 && strstr(s, ": "))
		s = strstr(s, ": ") + 2;
	line = strstr(s, " line 0");
	if (line)
		memmove(line, line + 7, strlen(line + 7) + 1);
	*s = (char)tolower((unsigned char)*s);
	/* Cut within a character, or quoting bytes that are none, it would be no text. */
	for (char *c = s; *c; c++)
		if ((unsigned char)*c >= 0x80 || (unsigned char)*c < 0x20)
			*c = '?';
	buf_puts(x->why, s);
}

static void new_parser(struct xml *x)
{
	xmlFreeParserCtxt(x->parser);
	x->parser = xmlNewParserCtxt();
	if (!x->parser)
		mem_failed();
	/* Of version 1: names come as they are written, prefix and all. */
	*x->parser->sax = (xmlSAXHandler){.startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.cdataBlock = on_text,
		.error = on_error};
	x->parser->userData = x;
	x->reads = 0;
}

struct xml *xml_new(void)
{
	struct xml *x = mem_zero(1, sizeof(*x));

	buf_init(&x->written);
	buf_init(&x->mended);
	buf_init(&x->text);
	return x;
}

void xml_free(struct xml *x)
{
	if (!x)
		return;
	xmlFreeParserCtxt(x->parser);
	free(x->v);
	free(x->sorted);
	buf_release(&x->written);
	buf_release(&x->mended);
	buf_release(&x->text);
	free(x);
}

/* A reference to a character by its number at the head of s: its length, 0 where there is none. */
static size_t reference(struct str s, uint32_t *code)
{
	bool hex = s.len > 2 && s.s[2] == 'x';
	size_t i = hex ? 3 : 2, digits = 0;

	if (!str_starts(s, STR("&#")))
		return 0;
	for (*code = 0; i < s.len && *code <= 0x10ffff; i++, digits++) {
		char c = s.s[i];

		if (c >= '0' && c <= '9')
			*code = *code * (hex ? 16 : 10) + (uint32_t)(c - '0');
		else if (hex && isxdigit((unsigned char)c))
			*code = *code * 16 + (uint32_t)(tolower((unsigned char)c) - 'a' + 10);
		else
			break;
	}
	return digits && i < s.len && s.s[i] == ';' ? i + 1 : 0;
}

static bool high(uint32_t code)
{
	return code >= 0xd800 && code < 0xdc00;
}

static bool low(uint32_t code)
{
	return code >= 0xdc00 && code < 0xe000;
}

static bool is_character(uint32_t code)
{
	return code >= 0x20 ? code != 0xfffe && code != 0xffff
			    : code == '\t' || code == '\n' || code == '\r';
}

/* What a reference of this length at s becomes; gives the length of what it stands for. */
static size_t mend_one(struct buf *out, struct str s, size_t len, uint32_t code)
{
	uint32_t second = 0;
	size_t more;

	if (!high(code) && !low(code)) {
		/* One that is too great is left for the parser to refuse. */
		if (is_character(code))
			buf_add(out, s.s, len);
		return len;
	}
	more = high(code) ? reference((struct str){s.s + len, s.len - len}, &second) : 0;
	if (!more || !low(second)) {
		buf_puts(out, "&#65533;");
		return len;
	}
	buf_printf(out, "&#%u;", 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00));
	return len + more;
}

/* Within CDATA a reference is text. */
static size_t cdata(struct str s)
{
	ptrdiff_t end;

	if (!str_starts(s, STR("<![CDATA[")))
		return 0;
	end = str_find(s, STR("]]>"));
	return end < 0 ? s.len : (size_t)end + 3;
}

static struct str mend(struct xml *x, struct str s)
{
	struct buf *out = &x->mended;
	size_t i = 0;

	if (str_find(s, STR("&#")) < 0)
		return s;
	buf_clear(out);
	while (i < s.len) {
		struct str rest = {s.s + i, s.len - i};
		size_t plain = 0, len;
		uint32_t code;

		while (plain < rest.len && rest.s[plain] != '&' && rest.s[plain] != '<')
			plain++;
		buf_add(out, rest.s, plain);
		i += plain;
		rest = (struct str){s.s + i, s.len - i};
		len = reference(rest, &code);
		if (len) {
			i += mend_one(out, rest, len, code);
			continue;
		}
		len = cdata(rest);
		if (!len)
			len = rest.len > 0;
		buf_add(out, rest.s, len);
		i += len;
	}
	return buf_str(out);
}

static int by_name(const void *pa, const void *pb, void *ctx)
{
	const struct xml *x = ctx;
	size_t a = *(const size_t *)pa, b = *(const size_t *)pb;
	uintptr_t m = (uintptr_t)x->v[a].name, n = (uintptr_t)x->v[b].name;

	return m != n ? (m > n) - (m < n) : (a > b) - (a < b);
}

/* Links child elements of one name, in n log n of the children. */
static void find_twins(struct xml *x, size_t parent)
{
	x->sorted_n = 0;
	for (size_t i = x->v[parent].first; i != NONE; i = x->v[i].next)
		if (x->v[i].name)
			*VEC_ADD(x, sorted, sorted_n, sorted_cap) = i;
	if (x->sorted_n < 2)
		return;
	qsort_r(x->sorted, x->sorted_n, sizeof(*x->sorted), by_name, x);
	for (size_t i = 1; i < x->sorted_n; i++) {
		size_t before = x->sorted[i - 1], now = x->sorted[i];

		if (x->v[before].name != x->v[now].name)
			continue;
		x->v[before].twin = now;
		x->v[now].later = true;
	}
}

/* White space around child elements is layout. */
static void put_text(struct xml *x, struct buf *out, size_t element)
{
	buf_clear(&x->text);
	for (size_t i = x->v[element].first; i != NONE; i = x->v[i].next)
		if (!x->v[i].name)
			buf_add(&x->text, x->written.s + x->v[i].from, x->v[i].to - x->v[i].from);
	if (!str_trim(buf_str(&x->text)).len)
		return;
	json_put_key(out, "#text");
	json_put_string(out, buf_str(&x->text));
}

static void put_element(struct xml *x, struct buf *out, size_t element, bool named);

static void put_children(struct xml *x, struct buf *out, size_t element)
{
	find_twins(x, element);
	for (size_t i = x->v[element].first; i != NONE; i = x->v[i].next) {
		bool list = x->v[i].twin != NONE;

		if (!x->v[i].name || x->v[i].later)
			continue;
		json_put_key(out, (const char *)x->v[i].name);
		if (list)
			buf_byte(out, '[');
		for (size_t k = i; k != NONE; k = x->v[k].twin) {
			if (k != i)
				buf_byte(out, ',');
			put_element(x, out, k, false);
		}
		if (list)
			buf_byte(out, ']');
	}
}

/* As deep as the element is, which is bounded. */
static void put_element(struct xml *x, struct buf *out, size_t element, bool named)
{
	const struct node *n = &x->v[element];

	buf_byte(out, '{');
	if (named) {
		json_put_key(out, "#name");
		json_put_string(out, str_of((const char *)n->name));
	}
	if (named && n->to > n->from)
		buf_byte(out, ',');
	buf_add(out, x->written.s + n->from, n->to - n->from);
	put_text(x, out, element);
	put_children(x, out, element);
	buf_byte(out, '}');
}

int xml_json(struct xml *x, struct str element, struct buf *out, struct buf *why)
{
	struct str s = mend(x, element);

	if (s.len > INT_MAX) {
		buf_puts(why, "an element beyond 2 GiB");
		return -1;
	}
	if (!x->parser || x->reads > PARSER_READS)
		new_parser(x);
	x->reads += s.len;
	x->n = 0;
	x->open = NONE;
	x->why = why;
	x->why_from = why->len;
	buf_clear(&x->written);
	/* There is no entity but XML's own: NOENT makes characters of these. */
	xmlCtxtReadMemory(x->parser, s.s, (int)s.len, NULL, NULL,
		XML_PARSE_HUGE | XML_PARSE_NONET | XML_PARSE_NOENT);
	if (x->parser->wellFormed && x->n) {
		put_element(x, out, 0, true);
		return 0;
	}
	if (why->len == x->why_from)
		buf_puts(why, "not well-formed");
	return -1;
}
