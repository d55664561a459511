/* A mail's parts, as GMime has made objects of them. */
#include "base/mem.h"
#include "io/mime_part.h"

#include <stdlib.h>
#include <strings.h>

static bool is_type(GMimeObject *o, const char *type, const char *subtype)
{
	GMimeContentType *t = g_mime_object_get_content_type(o);

	return t && g_mime_content_type_is_type(t, type, subtype);
}

static void put_text(struct mime *m, GMimePart *part)
{
	struct mime_type type = mime_type_of(g_mime_object_get_content_type(GMIME_OBJECT(part)));

	mime_decode(m, part);
	mime_put_text(m, &type);
}

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
	mime_decode(m, part);
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
		mime_decode(m, part);
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
	if (GMIME_IS_MULTIPART(o) && depth < MIME_DEPTH_MAX) {
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
	int n = g_mime_multipart_get_count(multi);
	/* Each once: empty alternatives within such ones would be gone through time and again. */
	bool *taken = mem_zero((size_t)n, sizeof(*taken));
	size_t before = m->text.len;

	for (int k = 0; order[k] && m->text.len == before; k++)
		for (int i = n - 1; i >= 0 && m->text.len == before; i--) {
			GMimeObject *o = g_mime_multipart_get_part(multi, i);

			if (taken[i] || !has_text(m, o, order[k], depth))
				continue;
			taken[i] = true;
			take_part(m, o, depth + 1);
		}
	for (int i = 0; i < n; i++) {
		GMimeObject *o = g_mime_multipart_get_part(multi, i);

		if (!taken[i] && !has_text(m, o, "*", depth))
			take_part(m, o, depth + 1);
	}
	free(taken);
}

static void take_multipart(struct mime *m, GMimeObject *o, int depth)
{
	GMimeMultipart *multi = GMIME_MULTIPART(o);
	int n = g_mime_multipart_get_count(multi);

	if (depth >= MIME_DEPTH_MAX) {
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

static enum mime_report report_of(GMimeObject *o)
{
	const char *kind =
		g_mime_content_type_get_parameter(g_mime_object_get_content_type(o), "report-type");

	if (!kind || !is_type(o, "multipart", "report"))
		return MIME_NO_REPORT;
	if (strcasecmp(kind, "delivery-status") == 0)
		return MIME_DELIVERY;
	return strcasecmp(kind, "disposition-notification") == 0 ? MIME_RECEIPT : MIME_NO_REPORT;
}

void mime_take_tree(struct mime *m, GMimeObject *root)
{
	m->report = report_of(root);
	take_part(m, root, 0);
}
