#include "io/mime.h"
#include "base/mem.h"
#include "io/html.h"
#include "io/input.h"
#include "io/json.h"

#include <ctype.h>
#include <errno.h>
#include <gmime/gmime.h>
#include <iconv.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEPTH_MAX 64 /* parts within parts that are looked into */

struct header {
	const char *name; /* GMime's, as is the header */
	size_t len;
	GMimeHeader *at;
};

struct mime {
	struct buf bytes;   /* of the mail, while they fit */
	int fd;		    /* else the file that has them all; -1: none */
	size_t spilled;	    /* bytes in it */
	size_t head;	    /* bytes of the headers, as far as they were added */
	bool headed, blank; /* they are done; nothing but their end is on the line so far */
	void *mapped;	    /* the file, for mime_raw, */
	size_t mapped_len;  /* as long as it was then */
	GByteArray view;    /* GMime's view of bytes; it never owns them */
	GMimeMessage *mail;
	GMimeParser *parser;
	GMimeParserOptions *options;
	struct header *header; /* of the mail, in their order */
	size_t header_n, header_cap;
	struct mime_address *address;
	size_t address_n, address_cap;
	struct mime_part *part;
	size_t part_n, part_cap;
	struct buf text, own;	 /* whole, and without what HTML marks as quoted */
	struct buf coded, plain; /* of one part: in its charset, in UTF-8 */
	size_t room;		 /* decoded bytes that may still come */
	bool cut;
	enum mime_report report;
	enum mime_calendar calendar;
	struct buf bounced;
};

static void start_gmime(void)
{
	g_mime_init();
}

struct mime *mime_new(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static const char *charsets[] = {"utf-8", "windows-1252", NULL};
	struct mime *m = mem_zero(1, sizeof(*m));

	pthread_once(&once, start_gmime);
	m->parser = g_mime_parser_new();
	m->options = g_mime_parser_options_new();
	g_mime_parser_options_set_fallback_charsets(m->options, charsets);
	m->fd = -1;
	m->blank = true;
	buf_init(&m->bytes);
	buf_init(&m->text);
	buf_init(&m->own);
	buf_init(&m->coded);
	buf_init(&m->plain);
	buf_init(&m->bounced);
	return m;
}

void mime_clear(struct mime *m)
{
	if (m->mail)
		g_object_unref(m->mail);
	m->mail = NULL;
	if (m->mapped)
		munmap(m->mapped, m->mapped_len);
	m->mapped = NULL;
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
	m->spilled = m->head = 0;
	m->headed = false;
	m->blank = true;
	buf_clear(&m->bytes);
	for (size_t i = 0; i < m->address_n; i++) {
		buf_release(&m->address[i].name);
		buf_release(&m->address[i].address);
	}
	for (size_t i = 0; i < m->part_n; i++) {
		buf_release(&m->part[i].name);
		buf_release(&m->part[i].type);
	}
	m->address_n = m->part_n = m->header_n = 0;
	buf_clear(&m->text);
	buf_clear(&m->own);
	buf_clear(&m->bounced);
	m->cut = false;
	m->report = MIME_NO_REPORT;
	m->calendar = MIME_NO_CALENDAR;
}

void mime_free(struct mime *m)
{
	if (!m)
		return;
	mime_clear(m);
	g_object_unref(m->parser);
	g_mime_parser_options_free(m->options);
	buf_release(&m->bytes);
	buf_release(&m->text);
	buf_release(&m->own);
	buf_release(&m->coded);
	buf_release(&m->plain);
	buf_release(&m->bounced);
	free(m->header);
	free(m->address);
	free(m->part);
	free(m);
}

static int spill(struct mime *m, struct buf *err)
{
	const char *p = m->bytes.s;
	size_t left = m->bytes.len;

	if (m->fd < 0)
		m->fd = input_temporary(err);
	if (m->fd < 0)
		return -1;
	while (left) {
		ssize_t n = write(m->fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			buf_printf(err, "temporary file: %s", strerror(errno));
			return -1;
		}
		p += n;
		left -= (size_t)n;
	}
	m->spilled += m->bytes.len;
	buf_clear(&m->bytes);
	return 0;
}

static void measure_head(struct mime *m, struct str bytes)
{
	for (size_t i = 0; i < bytes.len && !m->headed; i++, m->head++) {
		m->headed = bytes.s[i] == '\n' && m->blank;
		m->blank = bytes.s[i] == '\n' || (m->blank && bytes.s[i] == '\r');
	}
}

int mime_add(struct mime *m, struct str bytes, struct buf *err)
{
	measure_head(m, bytes);
	if (m->bytes.len + bytes.len > MIME_MEMORY && spill(m, err) < 0)
		return -1;
	buf_put(&m->bytes, bytes);
	return 0;
}

struct str mime_raw(struct mime *m)
{
	void *p;

	if (!m->spilled)
		return buf_str(&m->bytes);
	if (!m->mapped) {
		p = mmap(NULL, m->spilled, PROT_READ, MAP_PRIVATE, m->fd, 0);
		m->mapped = p == MAP_FAILED ? NULL : p;
		m->mapped_len = m->mapped ? m->spilled : 0;
	}
	return (struct str){m->mapped, m->mapped_len};
}

/* ---- headers ---- */

/* They are asked for by many names: what GMime has of them is taken once. */
static void list_headers(struct mime *m)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(m->mail));
	int count = g_mime_header_list_get_count(list);

	for (int i = 0; i < count; i++) {
		struct header *h = VEC_ADD(m, header, header_n, header_cap);

		h->at = g_mime_header_list_get_header_at(list, i);
		h->name = g_mime_header_get_name(h->at);
		h->len = strlen(h->name);
	}
}

static GMimeHeader *find_header(struct mime *m, const char *name, int n)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < m->header_n; i++)
		if (m->header[i].len == len && strcasecmp(m->header[i].name, name) == 0 && n-- == 0)
			return m->header[i].at;
	return NULL;
}

struct str mime_header(struct mime *m, const char *name, int n)
{
	GMimeHeader *h = find_header(m, name, n);
	const char *value = h ? g_mime_header_get_value(h) : NULL;

	return str_trim(str_of(value));
}

struct str mime_header_raw(struct mime *m, const char *name, int n)
{
	GMimeHeader *h = find_header(m, name, n);
	const char *value = h ? g_mime_header_get_raw_value(h) : NULL;

	return str_trim(str_of(value));
}

static void add_addresses(
	struct mime *m, enum mime_place place, InternetAddressList *list, int depth)
{
	int n = list ? internet_address_list_length(list) : 0;

	for (int i = 0; i < n; i++) {
		InternetAddress *a = internet_address_list_get_address(list, i);
		const char *name = internet_address_get_name(a), *address;
		struct mime_address *to;

		if (INTERNET_ADDRESS_IS_GROUP(a)) {
			InternetAddressGroup *group = INTERNET_ADDRESS_GROUP(a);

			if (depth < DEPTH_MAX)
				add_addresses(m, place, internet_address_group_get_members(group),
					depth + 1);
			continue;
		}
		address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(a));
		to = VEC_ADD(m, address, address_n, address_cap);
		to->place = place;
		buf_init(&to->name);
		buf_init(&to->address);
		buf_put(&to->name, str_trim(str_of(name)));
		buf_put(&to->address, str_trim(str_of(address)));
	}
}

size_t mime_addresses(const struct mime *m, const struct mime_address **list)
{
	*list = m->address;
	return m->address_n;
}

/* ---- text ---- */

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
static void decode(struct mime *m, GMimePart *part)
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

/* LF for line ends; NUL and other controls off, which no text means. */
static void clean_lines(struct buf *b)
{
	size_t to = 0;

	for (size_t i = 0; i < b->len; i++) {
		char c = b->s[i];

		if (c == '\r' && (i + 1 == b->len || b->s[i + 1] != '\n'))
			c = '\n';
		if ((unsigned char)c >= 0x20 || c == '\n' || c == '\t')
			b->s[to++] = c;
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

static bool param_is(GMimeContentType *type, const char *name, const char *value)
{
	const char *v = g_mime_content_type_get_parameter(type, name);

	return v && strcasecmp(v, value) == 0;
}

static void gap(struct buf *b)
{
	while (b->len && b->s[b->len - 1] == '\n')
		buf_cut(b, b->len - 1);
	if (b->len)
		buf_puts(b, "\n\n");
}

static bool is_type(GMimeObject *o, const char *type, const char *subtype)
{
	GMimeContentType *t = g_mime_object_get_content_type(o);

	return t && g_mime_content_type_is_type(t, type, subtype);
}

static void put_text(struct mime *m, GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	bool html = is_type(GMIME_OBJECT(part), "text", "html");
	struct buf *words = &m->plain;

	decode(m, part);
	to_utf8(m, g_mime_content_type_get_parameter(type, "charset"), html);
	clean_lines(&m->plain);
	if (!str_trim(buf_str(&m->plain)).len)
		return;
	gap(&m->text);
	gap(&m->own);
	if (html) {
		html_text(&m->text, buf_str(&m->plain));
		html_own(&m->own, buf_str(&m->plain));
		return;
	}
	if (param_is(type, "format", "flowed")) {
		buf_clear(&m->coded);
		unflow(&m->coded, buf_str(&m->plain), param_is(type, "delsp", "yes"));
		words = &m->coded;
	}
	buf_put(&m->text, buf_str(words));
	buf_put(&m->own, buf_str(words));
}

/* ---- parts ---- */

static void list_part(struct mime *m, GMimeObject *o, const char *name)
{
	GMimeContentType *type = g_mime_object_get_content_type(o);
	GMimeDataWrapper *content =
		GMIME_IS_PART(o) ? g_mime_part_get_content(GMIME_PART(o)) : NULL;
	GMimeStream *stream = content ? g_mime_data_wrapper_get_stream(content) : NULL;
	gint64 size = stream ? g_mime_stream_length(stream) : 0;
	struct mime_part *p = VEC_ADD(m, part, part_n, part_cap);

	buf_init(&p->name);
	buf_init(&p->type);
	buf_put(&p->name, str_trim(str_of(name)));
	if (type)
		buf_printf(&p->type, "%s/%s", g_mime_content_type_get_media_type(type),
			g_mime_content_type_get_media_subtype(type));
	p->size = size > 0 ? (uint64_t)size : 0;
	if (content && g_mime_data_wrapper_get_encoding(content) == GMIME_CONTENT_ENCODING_BASE64)
		p->size = p->size / 4 * 3;
}

/* Whether the words of the mail are in this part: text that is neither attached nor data. */
static bool is_words(const struct mime *m, GMimeObject *o)
{
	static const char *const data[] = {"calendar", "csv", "vcard", "x-vcard", "directory",
		"rtf", "xml", "css", "javascript", "rfc822-headers", "x-amp-html", NULL};
	const char *name;

	if (!GMIME_IS_PART(o) || !is_type(o, "text", "*") ||
		g_mime_part_is_attachment(GMIME_PART(o)))
		return false;
	for (int i = 0; data[i]; i++)
		if (is_type(o, "text", data[i]))
			return false;
	name = g_mime_part_get_filename(GMIME_PART(o));
	return !name || !*name || !m->text.len;
}

/* What stands behind a name at the start of a line of what was decoded, blanks off; empty where no
 * line has it. */
static struct str line_value(struct str text, const char *name)
{
	size_t n = strlen(name);

	while (text.len) {
		const char *end = memchr(text.s, '\n', text.len);
		size_t len = end ? (size_t)(end - text.s) : text.len;

		if (len > n && strncasecmp(text.s, name, n) == 0)
			return str_trim((struct str){text.s + n, len - n});
		text.s += len + (end != NULL);
		text.len -= len + (end != NULL);
	}
	return (struct str){NULL, 0};
}

/* "rfc822; ana@posta.example" */
static void take_recipient(struct mime *m, GMimePart *part)
{
	struct str to;
	const char *type;

	if (m->bounced.len)
		return;
	decode(m, part);
	to = line_value(buf_str(&m->coded), "Original-Recipient:");
	if (!to.len)
		to = line_value(buf_str(&m->coded), "Final-Recipient:");
	type = to.len ? memchr(to.s, ';', to.len) : NULL;
	if (type)
		to = (struct str){type + 1, to.len - (size_t)(type + 1 - to.s)};
	to = str_trim(to);
	if (to.len > 2 && to.s[0] == '<' && to.s[to.len - 1] == '>')
		to = (struct str){to.s + 1, to.len - 2};
	buf_put(&m->bounced, to);
}

static void take_calendar(struct mime *m, GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	const char *method = g_mime_content_type_get_parameter(type, "method");
	struct str said = str_of(method);

	if (!method) {
		decode(m, part);
		said = line_value(buf_str(&m->coded), "METHOD:");
	}
	if (said.len == 5 && strncasecmp(said.s, "REPLY", 5) == 0)
		m->calendar = MIME_ANSWERS;
	else if (said.len && !m->calendar)
		m->calendar = MIME_INVITES;
}

/* What a part tells of the mail that is neither words nor attachment. */
static void note_part(struct mime *m, GMimeObject *o)
{
	if (!GMIME_IS_PART(o))
		return;
	if (is_type(o, "message", "delivery-status"))
		take_recipient(m, GMIME_PART(o));
	else if (is_type(o, "text", "calendar") && !g_mime_part_is_attachment(GMIME_PART(o)))
		take_calendar(m, GMIME_PART(o));
}

static void take_part(struct mime *m, GMimeObject *o, int depth);

/* Whether the part, or one within it, is text of the kind; parts that are attached do not count. */
static bool has_text(const struct mime *m, GMimeObject *o, const char *subtype, int depth)
{
	if (GMIME_IS_MULTIPART(o) && depth < DEPTH_MAX) {
		GMimeMultipart *multi = GMIME_MULTIPART(o);

		for (int i = 0; i < g_mime_multipart_get_count(multi); i++)
			if (has_text(m, g_mime_multipart_get_part(multi, i), subtype, depth + 1))
				return true;
		return false;
	}
	return is_words(m, o) && is_type(o, "text", subtype);
}

/* Of the alternatives the plain text, where it says anything; else the last that has words. The
 * rest is only listed. */
static void take_alternative(struct mime *m, GMimeMultipart *multi, int depth)
{
	static const char *const order[] = {"plain", "html", "*", NULL};
	int n = g_mime_multipart_get_count(multi), chosen = -1;
	size_t before = m->text.len;

	for (int k = 0; order[k] && m->text.len == before; k++)
		for (int i = n - 1; i >= 0 && m->text.len == before; i--) {
			GMimeObject *o = g_mime_multipart_get_part(multi, i);

			if (i == chosen || !has_text(m, o, order[k], depth))
				continue;
			chosen = i;
			take_part(m, o, depth + 1);
		}
	for (int i = 0; i < n; i++) {
		GMimeObject *o = g_mime_multipart_get_part(multi, i);

		if (i != chosen && !has_text(m, o, "*", depth))
			take_part(m, o, depth + 1);
	}
}

static void take_multipart(struct mime *m, GMimeObject *o, int depth)
{
	GMimeMultipart *multi = GMIME_MULTIPART(o);
	int n = g_mime_multipart_get_count(multi);

	if (depth >= DEPTH_MAX) {
		list_part(m, o, NULL);
	} else if (is_type(o, "multipart", "alternative")) {
		take_alternative(m, multi, depth);
	} else {
		for (int i = 0; i < n; i++)
			take_part(m, g_mime_multipart_get_part(multi, i), depth + 1);
	}
}

static void take_part(struct mime *m, GMimeObject *o, int depth)
{
	const char *name = NULL;
	GMimeMessage *inner;

	if (GMIME_IS_MULTIPART(o)) {
		take_multipart(m, o, depth);
	} else if (is_words(m, o)) {
		put_text(m, GMIME_PART(o));
	} else {
		note_part(m, o);
		if (GMIME_IS_PART(o))
			name = g_mime_part_get_filename(GMIME_PART(o));
		inner = GMIME_IS_MESSAGE_PART(o)
				? g_mime_message_part_get_message(GMIME_MESSAGE_PART(o))
				: NULL;
		if (inner)
			name = g_mime_message_get_subject(inner);
		list_part(m, o, name);
	}
}

size_t mime_parts(const struct mime *m, const struct mime_part **list)
{
	*list = m->part;
	return m->part_n;
}

struct str mime_text(const struct mime *m)
{
	return buf_str(&m->text);
}

struct str mime_own_text(const struct mime *m)
{
	return buf_str(&m->own);
}

bool mime_text_cut(const struct mime *m)
{
	return m->cut;
}

enum mime_report mime_report(const struct mime *m)
{
	return m->report;
}

enum mime_calendar mime_calendar(const struct mime *m)
{
	return m->calendar;
}

struct str mime_bounced(struct mime *m)
{
	struct str failed = mime_header(m, "X-Failed-Recipients", 0);

	return m->bounced.len ? buf_str(&m->bounced) : failed;
}

/* ---- the whole ---- */

static GMimeStream *open_stream(struct mime *m)
{
	GMimeStream *s;

	if (m->fd >= 0) {
		s = g_mime_stream_fs_new_with_bounds(m->fd, 0, (gint64)m->spilled);
		g_mime_stream_fs_set_owner(GMIME_STREAM_FS(s), FALSE);
		return s;
	}
	m->view = (GByteArray){(guint8 *)m->bytes.s, (guint)m->bytes.len};
	s = g_mime_stream_mem_new_with_byte_array(&m->view);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(s), FALSE);
	return s;
}

static GMimeMessage *construct(struct mime *m)
{
	GMimeStream *stream = open_stream(m);
	GMimeMessage *mail;

	g_mime_parser_init_with_stream(m->parser, stream);
	g_mime_parser_set_format(m->parser, GMIME_FORMAT_MESSAGE);
	g_mime_parser_set_persist_stream(m->parser, TRUE);
	mail = g_mime_parser_construct_message(m->parser, m->options);
	g_object_unref(stream);
	return mail;
}

int mime_parse(struct mime *m, size_t text_max, struct buf *err)
{
	GMimeHeaderList *headers;
	GMimeObject *body;

	if (m->fd >= 0 && spill(m, err) < 0)
		return -1;
	if (m->head > MIME_HEADERS_MAX) {
		buf_puts(err, "headers too long");
		return -1;
	}
	m->mail = construct(m);
	headers = m->mail ? g_mime_object_get_header_list(GMIME_OBJECT(m->mail)) : NULL;
	if (!headers || g_mime_header_list_get_count(headers) == 0) {
		buf_puts(err, "no header of a mail");
		return -1;
	}
	list_headers(m);
	add_addresses(m, MIME_FROM, g_mime_message_get_from(m->mail), 0);
	add_addresses(m, MIME_SENDER, g_mime_message_get_sender(m->mail), 0);
	add_addresses(m, MIME_REPLY_TO, g_mime_message_get_reply_to(m->mail), 0);
	add_addresses(m, MIME_TO, g_mime_message_get_to(m->mail), 0);
	add_addresses(m, MIME_CC, g_mime_message_get_cc(m->mail), 0);
	add_addresses(m, MIME_BCC, g_mime_message_get_bcc(m->mail), 0);
	body = g_mime_message_get_mime_part(m->mail);
	m->room = text_max;
	if (body) {
		GMimeContentType *type = g_mime_object_get_content_type(body);

		if (is_type(body, "multipart", "report") &&
			param_is(type, "report-type", "delivery-status"))
			m->report = MIME_DELIVERY;
		else if (is_type(body, "multipart", "report") &&
			 param_is(type, "report-type", "disposition-notification"))
			m->report = MIME_RECEIPT;
		take_part(m, body, 0);
	}
	return 0;
}
