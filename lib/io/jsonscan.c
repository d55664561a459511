#include "io/jsonscan.h"
#include "base/mem.h"
#include "io/json.h"

#include <stdlib.h>

#define BLOCK ((size_t)256 << 10)
#define AT_END (-1)
#define FAILED (-2)

static const char too_long[] = "record too long (see --max-line)";
static const char too_much_around[] = "what is around the records is too long (see --max-line)";

enum place {
	BETWEEN,      /* documents */
	LINES,	      /* each line is a record */
	FIRST_NAME,   /* in an object of the path: a name or its end */
	NAME,	      /* a name */
	BEHIND_VALUE, /* in an object of the path: a comma or its end */
	FIRST_ELEMENT,
	ELEMENT,
	BEHIND_ELEMENT,
	FIRST_STEP, /* in an array that the path goes through */
	STEP,
	BEHIND_STEP,
	OVER,
};

/* What the path opens on its way, from the outside in. */
struct step {
	const char *name; /* the member of an object that leads on; NULL: an array, each of whose
			     elements does */
};

/* For jsonscan_around. */
struct around {
	bool (*wanted)(void *ctx, size_t level, struct str name);
	void *ctx;
	struct buf *out;
	size_t max;
};

enum scan { SCAN_CUT, SCAN_DONE, SCAN_MISMATCH };

struct jsonscan_state {
	struct input *in;
	struct buf *err; /* of the call under way */
	size_t max;
	char *path; /* its names one behind the other, each with a NUL */
	struct step step[JSONSCAN_PATH];
	size_t steps;
	size_t level; /* steps that are open */
	uint64_t arrays;
	bool found;
	struct around *around; /* NULL: the records are wanted, not what is around them */
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

/* Before the next of an array or object that is written. */
static void put_comma(struct buf *out)
{
	char last = out->len ? out->s[out->len - 1] : '[';

	if (last != '[' && last != '{')
		buf_byte(out, ',');
}

/* Enters the next object or array of the path, at whose first byte we are. */
static int open_step(struct jsonscan_state *s)
{
	bool object = s->step[s->level].name != NULL;

	if (s->around) {
		/* Behind a name that is written already there is no comma. */
		if (!s->level || !s->step[s->level - 1].name)
			put_comma(s->around->out);
		buf_byte(s->around->out, object ? '{' : '[');
	}
	s->at++;
	s->level++;
	s->place = object ? FIRST_NAME : FIRST_STEP;
	return MORE;
}

/* Behind a value within the innermost object or array that is open. */
static void behind(struct jsonscan_state *s)
{
	if (!s->level)
		s->place = BETWEEN;
	else
		s->place = s->step[s->level - 1].name ? BEHIND_VALUE : BEHIND_STEP;
}

static int close_step(struct jsonscan_state *s)
{
	s->at++;
	s->level--;
	if (s->around)
		buf_byte(s->around->out, s->step[s->level].name ? '}' : ']');
	behind(s);
	return MORE;
}

static const char *not_found(struct jsonscan_state *s)
{
	buf_clear(&s->why);
	buf_puts(&s->why, "the document has no member ");
	for (size_t i = 0; i < s->steps; i++)
		if (!s->step[i].name)
			buf_puts(&s->why, "[]");
		else
			buf_printf(&s->why, "%s%s", i ? "." : "", s->step[i].name);
	return s->why.s;
}

static int between(struct jsonscan *js)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c == AT_END) {
		if (s->documents && s->steps && !s->found)
			return broken(js, not_found(s));
		s->place = OVER;
		return JSONSCAN_END;
	}
	s->documents++;
	if (s->steps) {
		if (c == (s->step[0].name ? '{' : '['))
			return open_step(s);
		return c == FAILED ? -1
				   : broken(js, s->step[0].name ? "the document is no object"
								: "the document is no array");
	}
	if (c == '[') {
		s->at++;
		s->place = FIRST_ELEMENT;
		return MORE;
	}
	return record(js);
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

static int skip_one(struct jsonscan *js)
{
	enum scan got = skip_value(js->state);

	behind(js->state);
	return got == SCAN_DONE ? MORE : broken_scan(js, got);
}

/* How many arrays of the path are open: what `wanted` counts. */
static size_t arrays_open(const struct jsonscan_state *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->level; i++)
		n += !s->step[i].name;
	return n;
}

/* A member beside the path. */
static int other_member(struct jsonscan *js)
{
	struct jsonscan_state *s = js->state;
	struct around *a = s->around;
	enum scan got;

	if (!a || !a->wanted(a->ctx, arrays_open(s), buf_str(&s->key)))
		return skip_one(js);
	got = scan_value(s);
	if (got != SCAN_DONE || s->too_deep)
		return broken_scan(js, got == SCAN_DONE ? SCAN_MISMATCH : got);
	if (s->too_long || a->out->len > a->max)
		return broken(js, too_much_around);
	put_comma(a->out);
	json_put_string(a->out, buf_str(&s->key));
	buf_byte(a->out, ':');
	buf_put(a->out, (struct str){s->block.s + s->from, s->at - s->from});
	s->place = BEHIND_VALUE;
	return MORE;
}

/* The value at the end of the path. */
static int target(struct jsonscan *js, int c)
{
	struct jsonscan_state *s = js->state;

	if (c != '[' && c != '{' && c != 'n')
		return broken(js, "what the path names is no array");
	s->found = true;
	if (c == 'n')
		return skip_one(js);
	if (s->around) {
		put_comma(s->around->out);
		json_put_string(s->around->out, buf_str(&s->key));
		buf_puts(s->around->out, ":[]");
		return skip_one(js);
	}
	js->array = s->arrays++;
	if (c == '[') {
		s->at++;
		s->place = FIRST_ELEMENT;
		return MORE;
	}
	s->place = BEHIND_VALUE;
	return record(js);
}

static int member(struct jsonscan *js, bool may_end)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c == '}' && may_end)
		return close_step(s);
	if (c != '"')
		return broken(js,
			c == AT_END ? "the document ends within an object" : "a name was expected");
	if (!read_name(s))
		return broken(js, "a name that is none");
	if (look_past_space(s) != ':')
		return broken(js, "a colon was expected");
	s->at++;
	c = look_past_space(s);
	if (!str_is(buf_str(&s->key), s->step[s->level - 1].name))
		return other_member(js);
	if (s->level == s->steps)
		return target(js, c);
	if (c != (s->step[s->level].name ? '{' : '['))
		return other_member(js);
	if (s->around) {
		put_comma(s->around->out);
		json_put_string(s->around->out, buf_str(&s->key));
		buf_byte(s->around->out, ':');
	}
	return open_step(s);
}

static int behind_value(struct jsonscan *js)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c == '}')
		return close_step(s);
	if (c != ',')
		return broken(js, c == AT_END ? "the document ends within an object"
					      : "a comma or the end of the object was expected");
	s->at++;
	s->place = NAME;
	return MORE;
}

/* An element of an array that the path goes through. One that is not what the path needs is passed
 * over. */
static int step(struct jsonscan *js, bool may_end)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c == AT_END)
		return broken(js, "the document ends within an array");
	if (c == ']' && may_end)
		return close_step(s);
	return c == (s->step[s->level].name ? '{' : '[') ? open_step(s) : skip_one(js);
}

static int behind_step(struct jsonscan *js)
{
	struct jsonscan_state *s = js->state;
	int c = look_past_space(s);

	if (c == ']')
		return close_step(s);
	if (c != ',')
		return broken(js, c == AT_END ? "the document ends within an array"
					      : "a comma or the end of the array was expected");
	s->at++;
	s->place = STEP;
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
		behind(s);
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
	if (c == ',')
		s->place = ELEMENT;
	else
		behind(s);
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
		case FIRST_STEP:
		case STEP:
			got = step(js, s->place == FIRST_STEP);
			break;
		case BEHIND_STEP:
			got = behind_step(js);
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

static int no_path(const char *path, struct buf *err)
{
	buf_printf(err, "%s: no path to an array of records", path);
	return -1;
}

/* "a.b[].c" and "[].c": the names that open objects, and the arrays between them. */
static int split_path(struct jsonscan_state *s, const char *path, struct buf *err)
{
	s->path = mem_string(path);
	for (char *p = s->path; p;) {
		char *dot = strchr(p, '.'), *end = dot ? dot : p + strlen(p);
		bool array = end - p >= 2 && strncmp(end - 2, "[]", 2) == 0;

		end -= array ? 2 : 0;
		/* The last array of a path is that of the records, which needs no brackets. */
		array = array && dot;
		if (s->steps + 2 > JSONSCAN_PATH || (end == p && !(array && p == s->path)))
			return no_path(path, err);
		*end = '\0';
		if (strpbrk(p, "[]"))
			return no_path(path, err);
		if (*p)
			s->step[s->steps++].name = p;
		if (array)
			s->step[s->steps++].name = NULL;
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

int jsonscan_around(struct input *in, const char *path, size_t max,
	bool (*wanted)(void *ctx, size_t level, struct str name), void *ctx, struct buf *out,
	struct buf *err)
{
	struct around around = {wanted, ctx, out, max};
	struct jsonscan js;
	int got = -1;

	buf_byte(out, '[');
	if (jsonscan_open(&js, in, path, max, err) == 0) {
		js.state->around = &around;
		got = jsonscan_next(&js, err);
	}
	if (got == JSONSCAN_BROKEN && js.why == too_much_around) {
		buf_printf(err, "%s:%llu: %s", in->name, (unsigned long long)js.line, js.why);
		got = -1;
	}
	/* Where the document breaks off, what is open is closed. */
	for (size_t i = js.state ? js.state->level : 0; i-- > 0;)
		buf_byte(out, js.state->step[i].name ? '}' : ']');
	buf_byte(out, ']');
	jsonscan_close(&js);
	return got < 0 ? -1 : 0;
}
