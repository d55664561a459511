/* The text of a part: its transfer encoding and charset off, its lines as they were meant. */
#include "io/html.h"
#include "io/json.h"
#include "io/mime_part.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <strings.h>

/* The stream without its transfer encoding; to be given back. */
static GMimeStream *decoded(GMimeStream *from, GMimeContentEncoding encoding)
{
	GMimeStream *stream;
	GMimeFilter *filter;

	if (encoding != GMIME_CONTENT_ENCODING_BASE64 &&
		encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE &&
		encoding != GMIME_CONTENT_ENCODING_UUENCODE)
		return g_object_ref(from);
	stream = g_mime_stream_filter_new(from);
	filter = g_mime_filter_basic_new(encoding, FALSE);
	g_mime_stream_filter_add(GMIME_STREAM_FILTER(stream), filter);
	g_object_unref(filter);
	return stream;
}

/* Reads the content, its transfer encoding off, as far as there is room. */
void mime_decode(struct mime *m, GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *from = content ? g_mime_data_wrapper_get_stream(content) : NULL;
	GMimeStream *stream;
	char block[8192];
	ssize_t n;

	buf_clear(&m->coded);
	if (!from)
		return;
	g_mime_stream_reset(from);
	stream = decoded(from, g_mime_data_wrapper_get_encoding(content));
	while ((n = g_mime_stream_read(stream, block, sizeof(block))) > 0) {
		size_t take = (size_t)n < m->room ? (size_t)n : m->room;

		buf_add(&m->coded, block, take);
		m->room -= take;
		if (take < (size_t)n) {
			m->cut = true;
			break;
		}
	}
	g_object_unref(stream);
}

/* What a charset's name means in practice: the sets of Windows are supersets of those that are
 * named in their place. */
static const char *charset_meant(const char *name)
{
	if (strcasecmp(name, "iso-8859-1") == 0 || strcasecmp(name, "latin1") == 0)
		return "WINDOWS-1252";
	if (strcasecmp(name, "ks_c_5601-1987") == 0 || strcasecmp(name, "euc-kr") == 0)
		return "CP949";
	if (strcasecmp(name, "gb2312") == 0 || strcasecmp(name, "gbk") == 0)
		return "GB18030";
	if (strcasecmp(name, "shift_jis") == 0 || strcasecmp(name, "shift-jis") == 0)
		return "CP932";
	return g_mime_charset_iconv_name(name);
}

/* Appends from, converted; what is not of the charset becomes U+FFFD. false where the charset is
 * unknown. */
static bool convert(struct buf *out, struct str from, const char *charset)
{
	char *in = (char *)from.s, block[4096];
	size_t left = from.len;
	iconv_t cd;

	if (strcasecmp(charset, "utf-8") == 0 && json_utf8(from)) {
		buf_put(out, from);
		return true;
	}
	cd = iconv_open("UTF-8", charset);
	if (cd == (iconv_t)-1)
		return false;
	while (left) {
		char *to = block;
		size_t room = sizeof(block);
		size_t got = iconv(cd, &in, &left, &to, &room);
		int why = errno;

		buf_add(out, block, (size_t)(to - block));
		if (got != (size_t)-1 || why == E2BIG)
			continue;
		buf_puts(out, "\xef\xbf\xbd");
		in++;
		left--;
	}
	iconv_close(cd);
	return true;
}

/* The charset that an HTML text names in its head, for mails that do not: empty where there is
 * none. */
static void html_charset(struct buf *out, struct str html)
{
	struct str head = {html.s, html.len < 2048 ? html.len : 2048};
	ptrdiff_t at = str_find(head, STR("charset="));

	if (at < 0)
		return;
	for (size_t i = (size_t)at + 8; i < head.len; i++) {
		char c = head.s[i];

		if (isalnum((unsigned char)c) || strchr("-_.:", c))
			buf_byte(out, c);
		else if (out->len || !strchr("\"' ", c))
			break;
	}
}

/* The charset to convert from; NULL: none is named but those that UTF-8 covers. `found` holds one
 * read from the text. */
static const char *charset_of(struct mime *m, const char *declared, bool html, struct buf *found)
{
	struct str coded = buf_str(&m->coded);

	if (declared && *declared && strcasecmp(declared, "us-ascii") != 0)
		return declared;
	if (str_find(coded, STR("\x1b$")) >= 0)
		return "ISO-2022-JP";
	if (html)
		html_charset(found, coded);
	return found->len ? found->s : NULL;
}

static void to_utf8(struct mime *m, const char *declared, bool html)
{
	struct str coded = buf_str(&m->coded);
	struct buf found = BUF_INIT;
	const char *name = charset_of(m, declared, html, &found);

	buf_clear(&m->plain);
	if (!name || !convert(&m->plain, coded, charset_meant(name)))
		convert(&m->plain, coded, json_utf8(coded) ? "UTF-8" : "WINDOWS-1252");
	buf_release(&found);
}

/* Of eight bytes, whether one is a control. */
static bool any_control(uint64_t x)
{
	return ((x - 0x2020202020202020u) & ~x & 0x8080808080808080u) != 0;
}

/* LF for line ends; NUL and other controls off, which no text means. */
static void clean_lines(struct buf *b)
{
	size_t to = 0, i = 0;
	uint64_t x;

	while (i < b->len) {
		char c = b->s[i];

		if (i + 8 <= b->len && (memcpy(&x, b->s + i, 8), !any_control(x))) {
			memcpy(b->s + to, &x, 8);
			to += 8;
			i += 8;
			continue;
		}
		if (c == '\r' && (i + 1 == b->len || b->s[i + 1] != '\n'))
			c = '\n';
		if ((unsigned char)c >= 0x20 || c == '\n' || c == '\t')
			b->s[to++] = c;
		i++;
	}
	buf_cut(b, to);
	if (str_starts(buf_str(b), STR("\xef\xbb\xbf")))
		buf_drop(b, 3);
}

static size_t quote_depth(struct str line)
{
	size_t n = 0;

	while (n < line.len && line.s[n] == '>')
		n++;
	return n;
}

/* Joins the lines of format=flowed (RFC 3676). */
static void unflow(struct buf *out, struct str text, bool delsp)
{
	size_t open = 0; /* the depth of the paragraph that goes on, plus one; 0: none does */

	while (text.len) {
		const char *end = memchr(text.s, '\n', text.len);
		struct str line = {text.s, end ? (size_t)(end - text.s) : text.len};
		size_t depth = quote_depth(line), used = line.len + (end != NULL);
		bool flows;

		line.s += depth;
		line.len -= depth;
		if (line.len && line.s[0] == ' ')
			line.s++, line.len--;
		if (open && (open != depth + 1 || str_is(line, "-- "))) {
			buf_byte(out, '\n');
			open = 0;
		}
		for (size_t i = 0; !open && i < depth; i++)
			buf_byte(out, '>');
		if (!open && depth)
			buf_byte(out, ' ');
		flows = line.len && line.s[line.len - 1] == ' ' && !str_is(line, "-- ");
		line.len -= flows && delsp;
		buf_put(out, line);
		open = flows ? depth + 1 : 0;
		if (!flows)
			buf_byte(out, '\n');
		text.s += used;
		text.len -= used;
	}
}

static void gap(struct buf *b)
{
	while (b->len && b->s[b->len - 1] == '\n')
		buf_cut(b, b->len - 1);
	if (b->len)
		buf_puts(b, "\n\n");
}

void mime_put_text(struct mime *m, const struct mime_type *type)
{
	struct buf *words = &m->plain;

	to_utf8(m, type->charset, type->html);
	clean_lines(&m->plain);
	if (!str_trim(buf_str(&m->plain)).len)
		return;
	gap(&m->text);
	gap(&m->own);
	if (type->html) {
		html_text(&m->text, buf_str(&m->plain));
		html_own(&m->own, buf_str(&m->plain));
		return;
	}
	if (type->flowed) {
		buf_clear(&m->coded);
		unflow(&m->coded, buf_str(&m->plain), type->delsp);
		words = &m->coded;
	}
	buf_put(&m->text, buf_str(words));
	buf_put(&m->own, buf_str(words));
}
