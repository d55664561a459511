/*
 * Most mails are headers and one text. Such a one is split here, and GMime reads what needs reading
 * of it: encoded words, addresses, parameters, transfer encodings. Whatever is in the least unlike
 * that is left to GMime's parser, which makes objects of all of it: for a short mail that costs
 * more than all else.
 */
#include "base/mem.h"
#include "io/mime_part.h"

#include <stdlib.h>
#include <strings.h>

#define TYPES_MAX 256 /* that are remembered */

static bool param_is(GMimeContentType *type, const char *name, const char *value)
{
	const char *v = g_mime_content_type_get_parameter(type, name);

	return v && strcasecmp(v, value) == 0;
}

struct mime_type mime_type_of(GMimeContentType *type)
{
	bool html = g_mime_content_type_is_type(type, "text", "html");

	return (struct mime_type){
		.words = (html || g_mime_content_type_is_type(type, "text", "plain")) &&
			 !g_mime_content_type_get_parameter(type, "name"),
		.html = html,
		.flowed = param_is(type, "format", "flowed"),
		.delsp = param_is(type, "delsp", "yes"),
		.charset = g_mime_content_type_get_parameter(type, "charset")};
}

static void free_type(void *ctx, struct str name, union map_value *v)
{
	struct mime_type *type = v->p;

	(void)ctx;
	(void)name;
	free((char *)type->charset);
	free(type);
}

void mime_free_types(struct mime *m)
{
	map_each(&m->types, free_type, NULL);
	map_release(&m->types);
}

/* Remembered: most mails have one of a few. */
static const struct mime_type *type_of(struct mime *m, struct str value)
{
	GMimeContentType *parsed;
	struct mime_type *type;
	union map_value *v = map_get(&m->types, value);

	if (v)
		return v->p;
	if (map_count(&m->types) == TYPES_MAX)
		mime_free_types(m);
	buf_clear(&m->line);
	buf_put(&m->line, value);
	parsed = g_mime_content_type_parse(m->options, m->line.s);
	type = mem_zero(1, sizeof(*type));
	*type = mime_type_of(parsed);
	if (type->charset)
		type->charset = mem_string(type->charset);
	g_object_unref(parsed);
	map_slot(&m->types, value, NULL)->p = type;
	return type;
}

/* What the headers of a mail say of how it is made. */
struct form {
	struct str type, encoding;
	struct str body;
	bool typed, other;  /* other: not for us */
	unsigned addressed; /* a bit for each address header */
};

static bool is_named(struct str name, const char *as)
{
	return name.len == strlen(as) && strncasecmp(name.s, as, name.len) == 0;
}

/* Takes note of a header; false: it is of the text and not of the mail. */
static bool note_header(struct form *f, struct str name, struct str raw)
{
	static const char *const once[] = {"from", "sender", "reply-to", "to", "cc", "bcc"};

	for (unsigned i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		if (is_named(name, once[i])) {
			f->other |= f->addressed >> i & 1;
			f->addressed |= 1u << i;
			return true;
		}
	if (name.len < 8 || strncasecmp(name.s, "content-", 8) != 0)
		return true;
	if (is_named(name, "content-type")) {
		f->other |= f->typed;
		f->typed = true;
		f->type = str_trim(raw);
	} else if (is_named(name, "content-transfer-encoding")) {
		f->other |= f->encoding.s != NULL;
		f->encoding = str_trim(raw);
	} else {
		f->other = true;
	}
	return false;
}

static size_t name_length(struct str line)
{
	size_t n = 0;

	while (n < line.len &&
		((line.s[n] >= 'a' && line.s[n] <= 'z') || (line.s[n] >= 'A' && line.s[n] <= 'Z') ||
			(line.s[n] >= '0' && line.s[n] <= '9') || line.s[n] == '-' ||
			line.s[n] == '_'))
		n++;
	return n && n < line.len && line.s[n] == ':' ? n : 0;
}

/* The line's length with its end; 0: it has none, or holds what no header line should. */
static size_t line_length(struct str left)
{
	const char *end = memchr(left.s, '\n', left.len);
	size_t len = end ? (size_t)(end - left.s) : 0;
	const char *cr = len ? memchr(left.s, '\r', len) : NULL;

	if (!end || (cr && cr + 1 != end) || (len && memchr(left.s, '\0', len)))
		return 0;
	return len + 1;
}

/* Takes one header with its folded lines; false: there is none here. */
static bool take_header(struct mime *m, struct str *left, struct form *f)
{
	size_t name = name_length(*left), len = name ? line_length(*left) : 0, more;
	struct str raw;

	if (!len)
		return false;
	while (len < left->len && (left->s[len] == ' ' || left->s[len] == '\t')) {
		more = line_length((struct str){left->s + len, left->len - len});
		if (!more || !str_trim((struct str){left->s + len, more}).len)
			return false;
		len += more;
	}
	raw = (struct str){left->s + name + 1, len - name - 1};
	if (note_header(f, (struct str){left->s, name}, raw))
		mime_put_header(m, (struct str){left->s, name}, raw);
	left->s += len;
	left->len -= len;
	return true;
}

static bool split(struct mime *m, struct form *f)
{
	struct str left = buf_str(&m->bytes);

	while (take_header(m, &left, f))
		if (f->other)
			return false;
	if (str_starts(left, STR("\r\n")))
		left.s++, left.len--;
	if (!m->header_n || !left.len || left.s[0] != '\n')
		return false;
	f->body = (struct str){left.s + 1, left.len - 1};
	return true;
}

/* false: an encoding that is none of these. */
static bool encoding_of(struct str name, GMimeContentEncoding *encoding)
{
	static const struct {
		const char *name;
		GMimeContentEncoding is;
	} known[] = {{"7bit", GMIME_CONTENT_ENCODING_7BIT}, {"8bit", GMIME_CONTENT_ENCODING_8BIT},
		{"quoted-printable", GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE},
		{"base64", GMIME_CONTENT_ENCODING_BASE64}};

	*encoding = GMIME_CONTENT_ENCODING_DEFAULT;
	if (!name.s)
		return true;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (is_named(name, known[i].name)) {
			*encoding = known[i].is;
			return true;
		}
	return false;
}

static void decode(struct mime *m, struct str body, GMimeContentEncoding encoding)
{
	GMimeEncoding state;
	size_t n;

	buf_clear(&m->coded);
	if (encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ||
		encoding == GMIME_CONTENT_ENCODING_BASE64) {
		g_mime_encoding_init_decode(&state, encoding);
		buf_room(&m->coded, g_mime_encoding_outlen(&state, body.len));
		n = g_mime_encoding_flush(&state, body.s, body.len, m->coded.s);
		m->coded.len = n;
		m->coded.s[n] = '\0';
	} else {
		buf_put(&m->coded, body);
	}
	m->cut = m->coded.len > m->room;
	if (m->cut)
		buf_cut(&m->coded, m->room);
	m->room -= m->coded.len;
}

bool mime_split(struct mime *m)
{
	static const struct mime_type none = {.words = true};
	struct form f = {.typed = false};
	const struct mime_type *type = &none;
	GMimeContentEncoding encoding;
	bool is = m->fd < 0 && split(m, &f) && encoding_of(f.encoding, &encoding);

	if (is && f.typed)
		type = type_of(m, f.type);
	if (!is || !type->words) {
		m->header_n = 0;
		return false;
	}
	mime_list_addresses(m);
	decode(m, f.body, encoding);
	mime_put_text(m, type);
	return true;
}
