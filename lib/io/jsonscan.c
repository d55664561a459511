#include "io/jsonscan.h"
#include "base/mem.h"
#include "io/json.h"

#include <stdlib.h>

#define BLOCK ((size_t)256 << 10)
#define AT_END (-1)
#define FAILED (-2)

static const char too_long[] = "record too long (see --max-line)";

enum place {
	BETWEEN,      /* documents */
	LINES,	      /* each line is a record */
	FIRST_NAME,   /* in an object of the path: a name or its end */
	NAME,	      /* a name */
	BEHIND_VALUE, /* in an object of the path: a comma or its end */
	FIRST_ELEMENT,
	ELEMENT,
	BEHIND_ELEMENT,
	OVER,
};

enum scan { SCAN_CUT, SCAN_DONE, SCAN_MISMATCH };

struct jsonscan_state {
	struct input *in;
	struct buf *err; /* of the call under way */
	size_t max;
	char *path; /* its names one behind the other, each with a NUL */
	const char *name[JSONSCAN_PATH];
	size_t names;
	size_t level; /* objects of the path that are open */
	bool found;
	uint64_t documents;
	enum place place;
	struct buf block;
	size_t at;	/* the next byte */
	size_t from;	/* what lies from here on is kept */
	size_t counted; /* the lines before this are counted */
	uint64_t taken, line;
	bool ended, read_failed;
	bool drop; /* the value being scanned is not wanted */
	/* Of the value last scanned. */
	bool too_long, too_deep;
	struct jsonscan *spill; /* whose spill gets its bytes, or NULL */
	struct buf key, why;
};

static void count_lines(struct jsonscan_state *s, size_t to)
{
	const char *p = s->block.s + s->counted, *end = s->block.s + to;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		s->line++;
		p++;
	}
	if (to > s->counted)
		s->counted = to;
}

/* Reads once more; what lies before `from` goes. */
static bool fill(struct jsonscan_state *s)
{
	int64_t n;

	if (s->ended || s->read_failed)
		return false;
	count_lines(s, s->from);
	buf_drop(&s->block, s->from);
	s->taken += s->from;
	s->at -= s->from;
	s->counted -= s->from;
	s->from = 0;
	buf_room(&s->block, BLOCK + JSON_PADDING);
	n = input_read(s->in, s->block.s + s->block.len, BLOCK, s->err);
	s->read_failed = n < 0;
	s->ended = n == 0;
	if (n > 0)
		s->block.len += (size_t)n;
	s->block.s[s->block.len] = '\0';
	return n > 0;
}

/* The next byte, which stays where it is; AT_END or FAILED. */
static int look(struct jsonscan_state *s)
{
	if (s->at == s->block.len && !fill(s))
		return s->read_failed ? FAILED : AT_END;
	return (unsigned char)s->block.s[s->at];
}

/* The next byte that is no white space; nothing before it is kept. */
static int look_past_space(struct jsonscan_state *s)
{
	int c;

	for (;;) {
		s->from = s->at;
		c = look(s);
		if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
			return c;
		s->at++;
	}
}

/* What is kept of a value grew beyond max: it goes by, to spill where it is a record. */
static void shorten(struct jsonscan_state *s)
{
	struct jsonscan *js = s->spill;
	struct str gone = {s->block.s + s->from, s->at - s->from};

	if (!s->drop && !s->too_long && gone.len <= s->max)
		return;
	s->too_long = !s->drop;
	s->from = s->at;
	if (s->too_long && js && js->spill && gone.len && js->spill(js->ctx, js, gone, s->err) < 0)
		s->read_failed = true;
}

/* Bytes that a string may not go over at a stride, and those that matter outside of strings. */
static const unsigned char in_string[256] = {['"'] = 1, ['\\'] = 1};
static const unsigned char outside[256] = {['"'] = 1, ['{'] = 1, ['}'] = 1, ['['] = 1, [']'] = 1};

static enum scan scan_string(struct jsonscan_state *s)
{
	s->at++;
	for (;;) {
		const unsigned char *p = (const unsigned char *)s->block.s;
		size_t i = s->at, n = s->block.len;

		while (i < n && !in_string[p[i]])
			i++;
		s->at = i;
		if (i < n && p[i] == '"') {
			s->at++;
			return SCAN_DONE;
		}
		if (i + 1 < n) {
			s->at += 2;
			continue;
		}
		shorten(s);
		if (!fill(s))
			return SCAN_CUT;
	}
}

/* An object or an array. Brackets are matched down to the depth that a record may have; below that
 * they are counted. */
static enum scan scan_nested(struct jsonscan_state *s)
{
	char open[JSON_DEPTH_MAX];
	size_t depth = 0;

	for (;;) {
		const unsigned char *p = (const unsigned char *)s->block.s;
		size_t i = s->at, n = s->block.len;

		while (i < n && !outside[p[i]])
			i++;
		s->at = i;
		if (i == n) {
			shorten(s);
			if (!fill(s))
				return SCAN_CUT;
		} else if (p[i] == '"') {
			if (scan_string(s) != SCAN_DONE)
				return SCAN_CUT;
		} else if (p[i] == '{' || p[i] == '[') {
			if (depth < JSON_DEPTH_MAX)
				open[depth] = (char)p[i];
			else
				s->too_deep = true;
			depth++;
			s->at++;
		} else {
			depth--;
			if (depth < JSON_DEPTH_MAX && open[depth] != (p[i] == '}' ? '{' : '['))
				return SCAN_MISMATCH;
			s->at++;
			if (!depth)
				return SCAN_DONE;
		}
	}
}

static enum scan scan_scalar(struct jsonscan_state *s)
{
	bool any = false;

	for (;;) {
		const char *p = s->block.s;
		size_t i = s->at, n = s->block.len;

		while (i < n && (!p[i] || !strchr(" \t\r\n,]}[{\":", p[i])))
			i++;
		any = any || i > s->at;
		s->at = i;
		if (i < n)
			return any ? SCAN_DONE : SCAN_MISMATCH;
		shorten(s);
		if (!fill(s))
			return any && !s->read_failed ? SCAN_DONE : SCAN_CUT;
	}
}

/* The value at the next byte. Its bytes lie from `from` to `at`, where it is not too long. */
static enum scan scan_value(struct jsonscan_state *s)
{
	int c = look(s);
	enum scan got;

	s->from = s->at;
	s->too_long = s->too_deep = false;
	if (c == '{' || c == '[')
		got = scan_nested(s);
	else if (c == '"')
		got = scan_string(s);
	else
		got = scan_scalar(s);
	shorten(s);
	return got;
}

/* A value that nobody asked for: none of it is kept. */
static enum scan skip_value(struct jsonscan_state *s)
{
	enum scan got;

	s->drop = true;
	got = scan_value(s);
	s->drop = false;
	return got == SCAN_DONE && s->too_deep ? SCAN_MISMATCH : got;
}

static int broken(struct jsonscan *js, const char *why)
{
	struct jsonscan_state *s = js->state;
	size_t len = s->block.len - s->from;

	if (s->read_failed)
		return -1;
	count_lines(s, s->at);
	js->line = s->line;
	js->offset = s->taken + s->at;
	js->raw = (struct str){s->block.s + s->from, len < s->max ? len : s->max};
	js->why = why;
	s->place = OVER;
	return JSONSCAN_BROKEN;
}

static int broken_scan(struct jsonscan *js, enum scan got)
{
	if (got == SCAN_CUT)
		return broken(js, "the document ends within a value");
	return broken(js, js->state->too_deep ? "nested too deep" : "not JSON");
}

/* Gives the value at the next byte as a record. */
static int record(struct jsonscan *js)
{
	struct jsonscan_state *s = js->state;
	enum scan got;

	count_lines(s, s->at);
	js->line = s->line;
	js->offset = s->taken + s->at;
	s->spill = js;
	got = scan_value(s);
	s->spill = NULL;
	if (s->read_failed)
		return -1;
	if (got != SCAN_DONE)
		return broken_scan(js, got);
	js->raw = (struct str){s->block.s + s->from, s->at - s->from};
	if (s->too_long) {
		js->why = too_long;
		return JSONSCAN_LONG;
	}
	js->why = s->too_deep ? "nested too deep" : NULL;
	return s->too_deep ? JSONSCAN_BAD : JSONSCAN_ONE;
}

/* Each step returns a status for the caller, or MORE to go on. */
#define MORE (-3)

static int between(struct jsonscan *js)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c == AT_END) {
		if (s->documents && s->names && !s->found) {
			buf_clear(&s->why);
			buf_printf(&s->why, "the document has no member %s", s->name[0]);
			for (size_t i = 1; i < s->names; i++)
				buf_printf(&s->why, ".%s", s->name[i]);
			return broken(js, s->why.s);
		}
		s->place = OVER;
		return JSONSCAN_END;
	}
	s->documents++;
	if (s->names && c == '{') {
		s->at++;
		s->level = 1;
		s->place = FIRST_NAME;
		return MORE;
	}
	if (s->names)
		return c == FAILED ? -1 : broken(js, "the document is no object");
	if (c == '[') {
		s->at++;
		s->place = FIRST_ELEMENT;
		return MORE;
	}
	return record(js);
}

static int close_object(struct jsonscan_state *s)
{
	s->at++;
	s->level--;
	s->place = s->level ? BEHIND_VALUE : BETWEEN;
	return MORE;
}

/* The name at the next byte, decoded, into key. */
static bool read_name(struct jsonscan_state *s)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf why = BUF_INIT;
	bool ok;

	s->from = s->at;
	s->too_long = false;
	ok = scan_string(s) == SCAN_DONE && !s->too_long &&
	     json_parse(&doc, (struct str){s->block.s + s->from, s->at - s->from}, false, &why) ==
		     0;
	buf_clear(&s->key);
	if (ok)
		buf_put(&s->key, doc.v[0].text);
	json_release(&doc);
	buf_release(&why);
	return ok;
}

static int skip_member(struct jsonscan *js)
{
	enum scan got = skip_value(js->state);

	js->state->place = BEHIND_VALUE;
	return got == SCAN_DONE ? MORE : broken_scan(js, got);
}

/* The value at the end of the path. */
static int target(struct jsonscan *js, int c)
{
	struct jsonscan_state *s = js->state;

	if (c == '[') {
		s->at++;
		s->found = true;
		s->place = FIRST_ELEMENT;
		return MORE;
	}
	if (c == '{') {
		s->found = true;
		s->place = BEHIND_VALUE;
		return record(js);
	}
	if (c != 'n')
		return broken(js, "what the path names is no array");
	s->found = true;
	return skip_member(js);
}

static int member(struct jsonscan *js, bool may_end)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c == '}' && may_end)
		return close_object(s);
	if (c != '"')
		return broken(js,
			c == AT_END ? "the document ends within an object" : "a name was expected");
	if (!read_name(s))
		return broken(js, "a name that is none");
	if (look_past_space(s) != ':')
		return broken(js, "a colon was expected");
	s->at++;
	c = look_past_space(s);
	if (!str_is(buf_str(&s->key), s->name[s->level - 1]))
		return skip_member(js);
	if (s->level == s->names)
		return target(js, c);
	if (c != '{')
		return skip_member(js);
	s->at++;
	s->level++;
	s->place = FIRST_NAME;
	return MORE;
}

static int behind_value(struct jsonscan *js)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c == '}')
		return close_object(s);
	if (c != ',')
		return broken(js, c == AT_END ? "the document ends within an object"
					      : "a comma or the end of the object was expected");
	s->at++;
	s->place = NAME;
	return MORE;
}

static int element(struct jsonscan *js, bool may_end)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c == AT_END)
		return broken(js, "the document ends within an array");
	if (c == ']' && may_end) {
		s->at++;
		s->place = s->level ? BEHIND_VALUE : BETWEEN;
		return MORE;
	}
	s->place = BEHIND_ELEMENT;
	return record(js);
}

static int behind_element(struct jsonscan *js)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c != ',' && c != ']')
		return broken(js, c == AT_END ? "the document ends within an array"
					      : "a comma or the end of the array was expected");
	s->at++;
	s->place = c == ',' ? ELEMENT : s->level ? BEHIND_VALUE : BETWEEN;
	return MORE;
}

/* One line that is not blank. Its end stays for the next call, which takes it for space. */
static int line_record(struct jsonscan *js)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c < 0) {
		s->place = OVER;
		return c == FAILED ? -1 : JSONSCAN_END;
	}
	count_lines(s, s->at);
	js->line = s->line;
	js->offset = s->taken + s->at;
	s->too_long = false;
	s->spill = js;
	for (;;) {
		const char *end = memchr(s->block.s + s->at, '\n', s->block.len - s->at);

		s->at = end ? (size_t)(end - s->block.s) : s->block.len;
		shorten(s);
		if (end || !fill(s))
			break;
	}
	s->spill = NULL;
	if (s->read_failed)
		return -1;
	js->raw = (struct str){s->block.s + s->from, s->at - s->from};
	js->why = s->too_long ? too_long : NULL;
	return s->too_long ? JSONSCAN_LONG : JSONSCAN_ONE;
}

int jsonscan_next(struct jsonscan *js, struct buf *err)
{
	struct jsonscan_state *s = js->state;
	int got = MORE;

	s->err = err;
	while (got == MORE) {
		switch (s->place) {
		case BETWEEN:
			got = between(js);
			break;
		case LINES:
			got = line_record(js);
			break;
		case FIRST_NAME:
		case NAME:
			got = member(js, s->place == FIRST_NAME);
			break;
		case BEHIND_VALUE:
			got = behind_value(js);
			break;
		case FIRST_ELEMENT:
		case ELEMENT:
			got = element(js, s->place == FIRST_ELEMENT);
			break;
		case BEHIND_ELEMENT:
			got = behind_element(js);
			break;
		case OVER:
			got = JSONSCAN_END;
		}
	}
	return got;
}

/* Whether at least half of the whole lines at the head each look like an object: then a broken line
 * costs itself alone. */
static bool is_lines(struct str head)
{
	size_t good = 0, all = 0;
	const char *lf;

	if (!str_starts(str_trim(head), STR("{")))
		return false;
	while (head.len && (lf = memchr(head.s, '\n', head.len))) {
		struct str line = str_trim((struct str){head.s, (size_t)(lf - head.s)});

		all += line.len > 0;
		good += line.len > 2 && line.s[0] == '{' && line.s[line.len - 1] == '}';
		head.len -= (size_t)(lf - head.s) + 1;
		head.s = lf + 1;
	}
	return all && good * 2 >= all;
}

static int split_path(struct jsonscan_state *s, const char *path, struct buf *err)
{
	s->path = mem_string(path);
	for (char *p = s->path; p;) {
		char *dot = strchr(p, '.');

		if (dot)
			*dot = '\0';
		if (s->names == JSONSCAN_PATH || !*p) {
			buf_printf(err, "%s: no path to an array of records", path);
			return -1;
		}
		s->name[s->names++] = p;
		p = dot ? dot + 1 : NULL;
	}
	return 0;
}

int jsonscan_open(
	struct jsonscan *js, struct input *in, const char *path, size_t max, struct buf *err)
{
	struct jsonscan_state *s = mem_zero(1, sizeof(*s));

	*js = (struct jsonscan){.state = s};
	s->in = in;
	s->err = err;
	s->max = max;
	s->line = 1;
	buf_init(&s->block);
	buf_init(&s->key);
	buf_init(&s->why);
	s->place = !path && is_lines(buf_str(&in->head)) ? LINES : BETWEEN;
	if (path && split_path(s, path, err) < 0)
		return -1;
	if (in->seekable && input_rewind(in, err) < 0)
		return -1;
	while (s->block.len < 3 && fill(s))
		;
	if (str_starts(buf_str(&s->block), STR("\xef\xbb\xbf")))
		s->at = s->from = 3;
	return s->read_failed ? -1 : 0;
}

void jsonscan_close(struct jsonscan *js)
{
	struct jsonscan_state *s = js->state;

	if (!s)
		return;
	free(s->path);
	buf_release(&s->block);
	buf_release(&s->key);
	buf_release(&s->why);
	free(s);
	*js = (struct jsonscan){.state = NULL};
}
