#include "adapt/cue.h"
#include "io/json.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

void cue_init(struct cue *c)
{
	*c = (struct cue){.first = true};
	buf_init(&c->text);
	buf_init(&c->plain);
}

void cue_release(struct cue *c)
{
	buf_release(&c->text);
	buf_release(&c->plain);
}

/* Windows-1252 to UTF-8; the five bytes that mean nothing become U+FFFD. */
static void from_latin(struct buf *out, struct str s)
{
	iconv_t cd = iconv_open("UTF-8", "WINDOWS-1252");
	char *in = (char *)s.s;
	size_t left = s.len;

	while (cd != (iconv_t)-1 && left) {
		char block[512], *to = block;
		size_t room = sizeof(block);
		size_t n = iconv(cd, &in, &left, &to, &room);

		buf_add(out, block, sizeof(block) - room);
		if (n == (size_t)-1 && errno != E2BIG && left) {
			buf_puts(out, "\xef\xbf\xbd");
			in++;
			left--;
		}
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
}

/* The next line as UTF-8, its blanks at the end off. */
static int next_line(struct cue *c, struct lines *l, struct str *line, struct buf *err)
{
	int more = lines_next(l, line, err);

	if (more > 0 && !json_utf8(*line)) {
		buf_clear(&c->plain);
		from_latin(&c->plain, *line);
		c->latin = true;
		*line = buf_str(&c->plain);
	}
	return more;
}

static bool two(struct str *s, int64_t *out, size_t least, size_t most)
{
	size_t n = 0;
	int64_t v = 0;

	while (n < s->len && n < most && s->s[n] >= '0' && s->s[n] <= '9')
		v = v * 10 + (s->s[n++] - '0');
	s->s += n;
	s->len -= n;
	*out = v;
	return n >= least;
}

static bool one(struct str *s, const char *set)
{
	if (!s->len || !s->s[0] || !strchr(set, s->s[0]))
		return false;
	s->s++;
	s->len--;
	return true;
}

/* hh:mm:ss.mmm, hh:mm:ss,mmm or mm:ss.mmm */
static bool clock_time(struct str *s, int64_t *ms)
{
	int64_t a, b, h = 0, m, sec, f = 0;

	if (!two(s, &a, 1, 4) || !one(s, ":") || !two(s, &b, 1, 2))
		return false;
	m = a;
	sec = b;
	if (one(s, ":")) {
		h = a;
		m = b;
		if (!two(s, &sec, 1, 2))
			return false;
	}
	if (one(s, ".,") && !two(s, &f, 1, 3))
		return false;
	if (m > 59 || sec > 59)
		return false;
	*ms = ((h * 60 + m) * 60 + sec) * 1000 + f;
	return true;
}

static bool timing(struct str line, struct cue *c)
{
	ptrdiff_t arrow = str_find(line, STR("-->"));
	struct str from = str_trim((struct str){line.s, (size_t)arrow});
	struct str to = str_trim((struct str){line.s + arrow + 3, line.len - (size_t)arrow - 3});

	return clock_time(&from, &c->start) && !from.len && clock_time(&to, &c->end) &&
	       (!to.len || to.s[0] == ' ' || to.s[0] == '\t') && c->end >= c->start;
}

static void add_line(struct cue *c, struct str line)
{
	if (c->text.len + line.len > CUE_MAX) {
		c->why = "cue too long";
		return;
	}
	if (c->text.len)
		buf_byte(&c->text, '\n');
	buf_put(&c->text, line);
}

static bool is_note(struct str first, bool header)
{
	static const char *const words[] = {"NOTE", "STYLE", "REGION"};

	if (header && str_starts(first, STR("WEBVTT")))
		return true;
	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);

		if (str_starts(first, str_of(words[i])) &&
			(first.len == n || first.s[n] == ' ' || first.s[n] == '\t'))
			return true;
	}
	return false;
}

static void begin_block(struct cue *c, const struct lines *l)
{
	c->line = l->number;
	c->offset = l->offset;
	c->why = NULL;
	buf_clear(&c->text);
}

int cue_next(struct cue *c, struct lines *l, struct buf *err)
{
	bool note = false, timed = false, any = false;
	struct str line;
	int more;

	while ((more = next_line(c, l, &line, err)) > 0) {
		struct str plain = str_trim(line);

		if (!plain.len && any)
			break;
		if (!plain.len)
			continue;
		if (!any) {
			begin_block(c, l);
			note = is_note(plain, c->first);
			c->first = false;
			any = true;
		}
		if (more == LINES_LONG)
			c->why = "line too long (see --max-line)";
		if (timed || str_find(line, STR("-->")) < 0) {
			add_line(c, line);
			continue;
		}
		/* Neither a header nor a note can hold an arrow: a blank line is missing. */
		note = false;
		timed = true;
		begin_block(c, l);
		if (!timing(line, c)) {
			c->why = "no such times in this cue";
			add_line(c, line);
		}
	}
	if (more < 0)
		return -1;
	if (!any)
		return CUE_END;
	if (note)
		return CUE_NOTE;
	if (!timed && !c->why)
		c->why = "no times in this cue";
	return c->why ? CUE_BAD : CUE_ONE;
}

static const struct {
	const char *name, *is;
} entities[] = {{"amp;", "&"}, {"lt;", "<"}, {"gt;", ">"}, {"quot;", "\""}, {"apos;", "'"},
	{"nbsp;", " "}, {"lrm;", ""}, {"rlm;", ""}};

static void put_code(struct buf *out, long cp)
{
	if (cp < 0x80) {
		buf_byte(out, (char)cp);
	} else if (cp < 0x800) {
		buf_byte(out, (char)(0xc0 | cp >> 6));
		buf_byte(out, (char)(0x80 | (cp & 0x3f)));
	} else if (cp < 0x10000) {
		buf_byte(out, (char)(0xe0 | cp >> 12));
		buf_byte(out, (char)(0x80 | (cp >> 6 & 0x3f)));
		buf_byte(out, (char)(0x80 | (cp & 0x3f)));
	} else {
		buf_byte(out, (char)(0xf0 | cp >> 18));
		buf_byte(out, (char)(0x80 | (cp >> 12 & 0x3f)));
		buf_byte(out, (char)(0x80 | (cp >> 6 & 0x3f)));
		buf_byte(out, (char)(0x80 | (cp & 0x3f)));
	}
}

/* An entity at s, which begins with '&': how many bytes it takes, 0 where it is none. */
static size_t entity(struct buf *out, struct str s)
{
	const char *end = memchr(s.s, ';', s.len < 12 ? s.len : 12);
	struct str in = {s.s + 1, s.len - 1};
	char *rest;
	long cp;

	if (!end)
		return 0;
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (str_starts(in, str_of(entities[i].name))) {
			buf_puts(out, entities[i].is);
			return strlen(entities[i].name) + 1;
		}
	if (in.s[0] != '#')
		return 0;
	cp = in.s[1] == 'x' || in.s[1] == 'X' ? strtol(in.s + 2, &rest, 16)
					      : strtol(in.s + 1, &rest, 10);
	if (rest != end || cp <= 0 || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	put_code(out, cp);
	return (size_t)(end - s.s) + 1;
}

/* A tag at s, which begins with '<' or '{': its length with its brackets, 0 where it is none. */
static size_t tag(struct str s)
{
	char close = s.s[0] == '<' ? '>' : '}', c = s.len > 1 ? s.s[1] : '\0';
	const char *end = memchr(s.s, close, s.len);

	if (!end || memchr(s.s, '\n', (size_t)(end - s.s)))
		return 0;
	if (close == '}' && c != '\\')
		return 0;
	if (close == '>' && c != '/' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		!(c >= 'A' && c <= 'Z'))
		return 0;
	return (size_t)(end - s.s) + 1;
}

/* "<v.loud Ana>" gives Ana. */
static bool voice(struct str t, struct str *name)
{
	size_t i = 2;

	if (t.len < 4 || t.s[1] != 'v' || (t.s[2] != ' ' && t.s[2] != '.' && t.s[2] != '\t'))
		return false;
	while (i < t.len && t.s[i] != ' ' && t.s[i] != '\t')
		i++;
	if (i >= t.len)
		return false;
	*name = str_trim((struct str){t.s + i, t.len - i - 1});
	return name->len > 0;
}

struct splitter {
	struct buf text, name;
	bool voiced; /* a tag names who speaks: then words before a colon do not */
	int (*take)(void *ctx, const struct turn *t);
	void *ctx;
};

static int flush_turn(struct splitter *s)
{
	struct turn t = {str_trim(buf_str(&s->name)), str_trim(buf_str(&s->text))};
	int status = t.text.len ? s->take(s->ctx, &t) : 0;

	buf_clear(&s->text);
	return status;
}

/* Length of "Ana" in "Ana: text" where it can be a speaker's name; 0 else. */
static size_t speaker_prefix(struct str line)
{
	ptrdiff_t at = str_find(line, STR(": "));
	int words = 1;
	char c = line.len ? line.s[0] : '\0';

	if (at <= 0 || at > 48 || (c >= 'a' && c <= 'z'))
		return 0;
	for (ptrdiff_t i = 0; i < at; i++) {
		words += line.s[i] == ' ';
		if (strchr(".?!,;\"<>{}", line.s[i]))
			return 0;
	}
	return words <= 4 ? (size_t)at : 0;
}

/* One line of a cue: its beginning may name who speaks. */
static int begin_line(struct splitter *s, struct str *line)
{
	bool dash = line->len > 2 && line->s[0] == '-' && line->s[1] == ' ';
	size_t n;
	int status = 0;

	if (dash) {
		*line = str_trim((struct str){line->s + 1, line->len - 1});
		status = flush_turn(s);
		buf_clear(&s->name);
	}
	n = s->voiced ? 0 : speaker_prefix(*line);
	if (n && status == 0) {
		status = flush_turn(s);
		buf_clear(&s->name);
		buf_add(&s->name, line->s, n);
		line->s += n + 2;
		line->len -= n + 2;
	}
	if (s->text.len)
		buf_byte(&s->text, ' ');
	return status;
}

static int one_line(struct splitter *s, struct str line)
{
	int status = begin_line(s, &line);

	while (line.len && status == 0) {
		size_t n = line.s[0] == '<' || line.s[0] == '{' ? tag(line) : 0;
		struct str name;

		if (n && voice((struct str){line.s, n}, &name)) {
			status = flush_turn(s);
			buf_clear(&s->name);
			buf_put(&s->name, name);
			s->voiced = true;
		}
		if (!n && line.s[0] == '&')
			n = entity(&s->text, line);
		if (!n) {
			buf_byte(&s->text, line.s[0]);
			n = 1;
		}
		line.s += n;
		line.len -= n;
	}
	return status;
}

int cue_turns(struct str text, int (*take)(void *ctx, const struct turn *t), void *ctx)
{
	struct splitter s = {.text = BUF_INIT, .name = BUF_INIT, .take = take, .ctx = ctx};
	int status = 0;

	while (text.len && status == 0) {
		const char *lf = memchr(text.s, '\n', text.len);
		size_t len = lf ? (size_t)(lf - text.s) : text.len;

		status = one_line(&s, str_trim((struct str){text.s, len}));
		text.s += len + (lf != NULL);
		text.len -= len + (lf != NULL);
	}
	if (status == 0)
		status = flush_turn(&s);
	buf_release(&s.text);
	buf_release(&s.name);
	return status;
}
