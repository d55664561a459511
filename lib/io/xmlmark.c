#include "io/xmlmark.h"
#include "base/fnv.h"
#include "io/xml.h"

#define BLOCK ((size_t)256 << 10)
#define NAME_MAX_BYTES 1000

void xmlmark_init(struct xmlmark *m, struct input *in, struct str head, size_t max)
{
	*m = (struct xmlmark){.in = in, .max = max, .line = 1, .ended = !in};
	buf_init(&m->block);
	buf_init(&m->name);
	buf_put(&m->block, head);
}

void xmlmark_pass_bom(struct xmlmark *m)
{
	while (m->block.len < 3 && xmlmark_fill(m))
		;
	if (str_starts(buf_str(&m->block), STR("\xef\xbb\xbf")))
		m->at = m->from = 3;
}

void xmlmark_release(struct xmlmark *m)
{
	buf_release(&m->block);
	buf_release(&m->name);
}

void xmlmark_count(struct xmlmark *m, size_t to)
{
	const char *p = m->block.s + m->counted, *end = m->block.s + to;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		m->line++;
		p++;
	}
	if (to > m->counted)
		m->counted = to;
}

/* What is not wanted is not kept. A record that grew beyond max goes by, to spill. */
void xmlmark_shorten(struct xmlmark *m)
{
	struct str gone = {m->block.s + m->from, m->at - m->from};

	if (m->keep && !m->too_long && gone.len <= m->max)
		return;
	m->too_long = m->keep;
	m->from = m->at;
	if (m->keep && m->spill && gone.len && m->spill(m->ctx, gone, m->err) < 0)
		m->failed = true;
}

bool xmlmark_fill(struct xmlmark *m)
{
	int64_t n;

	if (m->ended || m->failed)
		return false;
	xmlmark_shorten(m);
	xmlmark_count(m, m->from);
	buf_drop(&m->block, m->from);
	m->taken += m->from;
	m->at -= m->from;
	m->counted -= m->from;
	m->from = 0;
	buf_room(&m->block, BLOCK);
	n = input_read(m->in, m->block.s + m->block.len, BLOCK, m->err);
	m->failed = m->failed || n < 0;
	m->ended = n == 0;
	if (n > 0)
		m->block.len += (size_t)n;
	m->block.s[m->block.len] = '\0';
	return n > 0 && !m->failed;
}

int xmlmark_look(struct xmlmark *m)
{
	if (m->at == m->block.len && !xmlmark_fill(m))
		return m->failed ? XMLMARK_FAILED : XMLMARK_AT_END;
	return (unsigned char)m->block.s[m->at];
}

/* Goes to the next byte that is c. */
static bool seek(struct xmlmark *m, int c)
{
	for (;;) {
		const char *found = memchr(m->block.s + m->at, c, m->block.len - m->at);

		m->at = found ? (size_t)(found - m->block.s) : m->block.len;
		if (found)
			return true;
		if (!xmlmark_fill(m))
			return false;
	}
}

/* Goes to the next byte of a set, and gives it. */
static int stride(struct xmlmark *m, const unsigned char *set)
{
	for (;;) {
		const unsigned char *p = (const unsigned char *)m->block.s;
		size_t i = m->at, n = m->block.len;

		while (i < n && !set[p[i]])
			i++;
		m->at = i;
		if (i < n)
			return p[i];
		if (!xmlmark_fill(m))
			return m->failed ? XMLMARK_FAILED : XMLMARK_AT_END;
	}
}

static const unsigned char in_tag[256] = {['"'] = 1, ['\''] = 1, ['>'] = 1, ['<'] = 1, ['/'] = 1};
static const unsigned char in_doctype[256] = {
	['"'] = 1, ['\''] = 1, ['>'] = 1, ['<'] = 1, ['['] = 1, [']'] = 1};
static const unsigned char in_text[256] = {['<'] = 1, ['\0'] = 1};

int xmlmark_past_text(struct xmlmark *m)
{
	return stride(m, in_text);
}

int xmlmark_past_space(struct xmlmark *m)
{
	int c;

	while ((c = xmlmark_look(m)) == ' ' || c == '\n' || c == '\r' || c == '\t')
		m->at++;
	return c;
}

static bool take(struct xmlmark *m, const char *literal)
{
	for (; *literal; literal++, m->at++)
		if (xmlmark_look(m) != *literal)
			return false;
	return true;
}

/* Past the next '>' before which c stands `times` times: "-->", "]]>", "?>". */
static enum xmlmark_kind scan_until(struct xmlmark *m, int c, unsigned times)
{
	unsigned run = 0;

	for (;;) {
		int next;

		if (!run && !seek(m, c))
			return XMLMARK_CUT;
		next = xmlmark_look(m);
		if (next < 0)
			return XMLMARK_CUT;
		m->at++;
		if (next == '>' && run >= times)
			return XMLMARK_OTHER;
		run = next == c ? run + 1 : 0;
	}
}

/* Behind "<!DOCTYPE". Nothing of it is used. */
static enum xmlmark_kind scan_doctype(struct xmlmark *m)
{
	bool subset = false;

	for (;;) {
		int c = stride(m, in_doctype);

		if (c < 0)
			return XMLMARK_CUT;
		m->at++;
		if (c == '>' && !subset)
			return XMLMARK_OTHER;
		if (c == '[' || c == ']')
			subset = c == '[';
		if (c == '"' || c == '\'') {
			if (!seek(m, c))
				return XMLMARK_CUT;
			m->at++;
		}
		/* Apostrophes in comments and instructions are no quotes. */
		if (c == '<' && xmlmark_look(m) == '?') {
			if (scan_until(m, '?', 1) == XMLMARK_CUT)
				return XMLMARK_CUT;
		} else if (c == '<' && take(m, "!--") && scan_until(m, '-', 2) == XMLMARK_CUT) {
			return XMLMARK_CUT;
		}
	}
}

/* At the '!' behind '<'. */
static enum xmlmark_kind scan_bang(struct xmlmark *m)
{
	int c;

	m->at++;
	c = xmlmark_look(m);
	if (c == '-')
		return take(m, "--") ? scan_until(m, '-', 2) : XMLMARK_WRONG;
	if (c == '[')
		return take(m, "[CDATA[") ? scan_until(m, ']', 2) : XMLMARK_WRONG;
	/* A document type within the root element is none. */
	return !m->in_root && take(m, "DOCTYPE") ? scan_doctype(m) : XMLMARK_WRONG;
}

static bool scan_name(struct xmlmark *m)
{
	int c;

	buf_clear(&m->name);
	m->hash = FNV_START;
	while ((c = xmlmark_look(m)) > 0 && !strchr(" \t\r\n/>=<\"'", c)) {
		if (m->name.len == NAME_MAX_BYTES)
			return false;
		buf_byte(&m->name, (char)c);
		m->hash = fnv_byte(m->hash, (unsigned char)c);
		m->at++;
	}
	return m->name.len > 0;
}

static enum xmlmark_kind scan_start(struct xmlmark *m)
{
	size_t values = 0;

	if (!scan_name(m))
		return XMLMARK_WRONG;
	for (;;) {
		int c = stride(m, in_tag);

		if (c < 0)
			return XMLMARK_CUT;
		if (c == '<')
			return XMLMARK_WRONG;
		m->at++;
		if (c == '>')
			return XMLMARK_OPEN;
		if (c == '/' && xmlmark_look(m) == '>') {
			m->at++;
			return XMLMARK_EMPTY;
		}
		if (c == '/')
			continue;
		if (!seek(m, c))
			return XMLMARK_CUT;
		m->at++;
		m->too_many = m->too_many || ++values > XML_ATTRIBUTES_MAX;
	}
}

static enum xmlmark_kind scan_end(struct xmlmark *m)
{
	int c;

	m->at++;
	if (!scan_name(m))
		return XMLMARK_WRONG;
	c = xmlmark_past_space(m);
	if (c < 0)
		return XMLMARK_CUT;
	if (c != '>')
		return XMLMARK_WRONG;
	m->at++;
	return XMLMARK_CLOSE;
}

bool xmlmark_begins_name(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
	       c >= 0x80;
}

enum xmlmark_kind xmlmark_next(struct xmlmark *m)
{
	int c;
	enum xmlmark_kind got;

	m->at++;
	c = xmlmark_look(m);
	if (c == '!')
		got = scan_bang(m);
	else if (c == '?')
		got = scan_until(m, '?', 1);
	else if (c == '/')
		got = scan_end(m);
	else if (xmlmark_begins_name(c))
		got = scan_start(m);
	else
		got = XMLMARK_NONE;
	/* What is cut in its middle may look like anything. */
	return (got == XMLMARK_WRONG || got == XMLMARK_NONE) && xmlmark_look(m) < 0 ? XMLMARK_CUT
										    : got;
}

enum xmlmark_kind xmlmark_inside(struct xmlmark *m)
{
	uint64_t open[XML_DEPTH_MAX];
	size_t depth = 1;

	open[0] = m->hash;
	while (depth) {
		enum xmlmark_kind got = seek(m, '<') ? xmlmark_next(m) : XMLMARK_CUT;

		if (got == XMLMARK_CUT || got == XMLMARK_WRONG)
			return got;
		if ((got == XMLMARK_OPEN || got == XMLMARK_EMPTY) && depth >= XML_DEPTH_MAX)
			m->too_deep = true;
		if (got == XMLMARK_OPEN && depth < XML_DEPTH_MAX)
			open[depth] = m->hash;
		if (got == XMLMARK_OPEN)
			depth++;
		if (got != XMLMARK_CLOSE)
			continue;
		while (depth && depth <= XML_DEPTH_MAX && open[depth - 1] != m->hash)
			depth--;
		if (!depth)
			return XMLMARK_WRONG;
		depth--;
	}
	return XMLMARK_CLOSE;
}
