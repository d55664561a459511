#include "io/mime_part.h"
#include "base/mem.h"
#include "io/input.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

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
	m->blank = m->within = true;
	buf_init(&m->bytes);
	buf_init(&m->text);
	buf_init(&m->own);
	buf_init(&m->coded);
	buf_init(&m->plain);
	buf_init(&m->line);
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
	m->parts = m->part_headers = m->part_heads = 0;
	m->dashes = 0;
	m->within = true;
	m->headed = false;
	m->blank = true;
	buf_clear(&m->bytes);
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
	for (size_t i = 0; i < m->header_made; i++)
		buf_release(&m->header[i].value);
	for (size_t i = 0; i < m->address_made; i++) {
		buf_release(&m->address[i].name);
		buf_release(&m->address[i].address);
	}
	mime_free_types(m);
	buf_release(&m->bytes);
	buf_release(&m->text);
	buf_release(&m->own);
	buf_release(&m->coded);
	buf_release(&m->plain);
	buf_release(&m->line);
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

static bool only_cr(struct str s)
{
	size_t n = 0;

	while (n < s.len && s.s[n] == '\r')
		n++;
	return n == s.len;
}

static void measure_head(struct mime *m, struct str bytes)
{
	while (bytes.len && !m->headed) {
		const char *end = memchr(bytes.s, '\n', bytes.len);
		size_t len = end ? (size_t)(end - bytes.s) : bytes.len, used = len + (end != NULL);

		m->blank = m->blank && only_cr((struct str){bytes.s, len});
		m->headed = end && m->blank;
		m->blank = m->blank || end;
		m->head += used;
		bytes.s += used;
		bytes.len -= used;
	}
}

#define OTHER 3	 /* a line does not begin with dashes, */
#define FOLDED 4 /* but with a blank: it goes on with the header before it */

static unsigned begins_line(unsigned dashes, char c)
{
	if (c == '-')
		return dashes + 1;
	if (dashes)
		return OTHER;
	return c == ' ' || c == '\t' ? FOLDED : c == '\r' ? 0 : OTHER;
}

/*
 * What may be a part of a multipart, and a header: GMime makes objects of them, all at once. A line
 * of two dashes may begin a part, whose headers go on to the next blank line.
 */
static void count_parts(struct mime *m, struct str bytes)
{
	while (bytes.len) {
		const char *end = memchr(bytes.s, '\n', bytes.len);
		size_t len = end ? (size_t)(end - bytes.s) : bytes.len, used = len + (end != NULL);

		for (size_t i = 0; i < len && m->dashes < 2; i++)
			m->dashes = begins_line(m->dashes, bytes.s[i]);
		m->part_heads += m->within ? used : 0;
		m->part_headers += m->within && end && m->dashes != FOLDED;
		if (end) {
			m->parts += m->dashes == 2;
			m->within = m->dashes == 2 || (m->within && m->dashes);
			m->dashes = 0;
		}
		bytes.s += used;
		bytes.len -= used;
	}
}

int mime_add(struct mime *m, struct str bytes, struct buf *err)
{
	measure_head(m, bytes);
	count_parts(m, bytes);
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

/* ---- what was read ---- */

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
	m->room = text_max;
	if (mime_split(m))
		return 0;
	if (m->parts > MIME_PARTS_MAX || m->part_headers > 4 * MIME_PARTS_MAX ||
		m->part_heads > MIME_HEADERS_MAX) {
		buf_puts(err, "too many parts, or headers of parts");
		return -1;
	}
	m->mail = construct(m);
	headers = m->mail ? g_mime_object_get_header_list(GMIME_OBJECT(m->mail)) : NULL;
	if (!headers || g_mime_header_list_get_count(headers) == 0) {
		buf_puts(err, "no header of a mail");
		return -1;
	}
	mime_list_headers(m);
	mime_list_addresses(m);
	body = g_mime_message_get_mime_part(m->mail);
	if (body)
		mime_take_tree(m, body);
	return 0;
}
