#include "adapt/cue.h"
#include "adapt/charset.h"

#include <stdlib.h>

#define TAG_MAX                                                                                    \
	((size_t)1024) /* bytes of a tag: a bracket that none closes is looked at no further */

void cue_init(struct cue *c, const char *charset, struct ledger *to, size_t max)
{
	*c = (struct cue){.first = true, .charset = charset};
	gather_init(&c->block, to, max);
	buf_init(&c->text);
	buf_init(&c->plain);
}

void cue_release(struct cue *c)
{
	gather_release(&c->block);
	buf_release(&c->text);
	buf_release(&c->plain);
}

/* The next line as UTF-8. */
static int next_line(struct cue *c, struct lines *l, struct str *line, struct buf *err)
{
	int more = lines_next(l, line, err);

	buf_clear(&c->plain);
	if (more > 0 && charset_line(&c->plain, *line, c->charset))
		*line = buf_str(&c->plain);
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

/* Whether a line says from when to when; settings may follow. */
static bool timing(struct str line, int64_t *start, int64_t *end)
{
	ptrdiff_t arrow = str_find(line, STR("-->"));
	struct str from, to;

	if (arrow < 0)
		return false;
	from = str_trim((struct str){line.s, (size_t)arrow});
	to = str_trim((struct str){line.s + arrow + 3, line.len - (size_t)arrow - 3});
	return clock_time(&from, start) && !from.len && clock_time(&to, end) &&
	       (!to.len || to.s[0] == ' ' || to.s[0] == '\t') && *end >= *start;
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

/* A blank line ends a block; in WebVTT one that has nothing at all, since captions that scroll have
 * lines of blanks. */
static bool ends_block(const struct cue *c, struct str line)
{
	return c->vtt ? !line.len : !str_trim(line).len;
}

/* The number of the next cue, which the text has taken in where no blank line is between. */
static void cut_number(struct buf *text)
{
	size_t n = text->len;

	while (n && text->s[n - 1] >= '0' && text->s[n - 1] <= '9')
		n--;
	if (n < text->len && (!n || text->s[n - 1] == '\n'))
		buf_cut(text, n ? n - 1 : 0);
}

/* What was said, or what the note says: the timing line and what stands before it are not. */
static void take_text(struct cue *c)
{
	struct buf text = c->text;

	c->text = c->block.body;
	c->block.body = text;
	if (c->text.len && c->text.s[0] == '\n')
		buf_drop(&c->text, 1);
}

static int end_block(struct cue *c, bool note, struct buf *err)
{
	int whole;

	if (!c->block.open)
		return CUE_END;
	whole = gather_end(&c->block, err);
	if (whole <= 0)
		return whole < 0 ? -1 : CUE_LONG;
	if (c->why && !note)
		return CUE_BAD;
	take_text(c);
	if (c->held)
		cut_number(&c->text);
	return note ? CUE_NOTE : CUE_ONE;
}

/* The timing line that ended the cue before begins this one. */
static int begin_held(struct cue *c, struct lines *l, struct buf *err)
{
	c->held = false;
	c->line = l->number;
	timing(l->raw, &c->start, &c->end);
	return gather_begin(&c->block, l, STR(""), false, err);
}

/* The timing line of a block that has had none: what is before it names the cue. */
static void take_timing(struct cue *c, const struct lines *l, struct str line)
{
	c->line = l->number;
	if (!timing(line, &c->start, &c->end))
		c->why = "no such times in this cue";
	buf_clear(&c->block.body);
}

static int add_line(struct cue *c, struct lines *l, struct str line, bool is_long, struct buf *err)
{
	return c->block.open ? gather_add(&c->block, l, line, is_long, err)
			     : gather_begin(&c->block, l, line, is_long, err);
}

int cue_next(struct cue *c, struct lines *l, struct buf *err)
{
	bool timed = c->held, note = false;
	int64_t start, end;
	struct str line;
	int more = 0, status = timed ? begin_held(c, l, err) : 0;

	c->why = NULL;
	while (status == 0 && (more = next_line(c, l, &line, err)) > 0) {
		bool is_long = more == LINES_LONG;

		if (!c->block.open && !str_trim(line).len)
			continue;
		if (c->block.open && ends_block(c, line))
			break;
		/* A blank line is missing: it is the next cue's. */
		c->held = timed && !is_long && timing(line, &start, &end);
		if (c->held)
			break;
		if (!c->block.open) {
			note = is_note(str_trim(line), c->first);
			c->vtt |= note && c->first;
			c->first = false;
		}
		status = add_line(c, l, line, is_long, err);
		if (timed || str_find(line, STR("-->")) < 0)
			continue;
		/* Neither a header nor a note can hold an arrow: a blank line is missing. */
		note = false;
		timed = true;
		take_timing(c, l, line);
	}
	if (more < 0 || status < 0)
		return -1;
	if (!timed && !note && !c->why)
		c->why = "no times in this cue";
	return end_block(c, note, err);
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
	const char *end;

	if (close == '}' && c != '\\')
		return 0;
	if (close == '>' && c != '/' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		!(c >= 'A' && c <= 'Z'))
		return 0;
	end = memchr(s.s, close, s.len < TAG_MAX ? s.len : TAG_MAX);
	return end ? (size_t)(end - s.s) + 1 : 0;
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
	bool first;  /* at the cue's beginning */
	const struct cue_taker *to;
};

static int flush_turn(struct splitter *s)
{
	struct turn t = {str_trim(buf_str(&s->name)), str_trim(buf_str(&s->text))};
	int status = t.text.len ? s->to->take(s->to->ctx, &t) : 0;

	buf_clear(&s->text);
	return status;
}

/* "Ana" in "Ana: text" or "[Ana]: text", where it can be a speaker's name; *after: behind it. */
static struct str speaker_prefix(struct str line, size_t *after)
{
	ptrdiff_t at = str_find(line, STR(": "));
	struct str name = {line.s, at > 0 ? (size_t)at : 0}, none = {NULL, 0};
	int words = 1;

	/* What is said may stand on the next line. */
	if (line.len && at < 0 && line.s[line.len - 1] == ':')
		name.len = line.len - 1;
	*after = name.len + 1;
	if (name.len > 2 && name.s[0] == '[' && name.s[name.len - 1] == ']')
		name = (struct str){name.s + 1, name.len - 2};
	if (!name.len || name.len > 48)
		return none;
	for (size_t i = 0; i < name.len; i++) {
		words += name.s[i] == ' ';
		if (strchr(".?!,;\"<>{}[]", name.s[i]))
			return none;
	}
	return words <= 4 ? name : none;
}

/* Someone else speaks from here on. */
static int change_speaker(struct splitter *s, struct str name)
{
	int status = flush_turn(s);

	buf_clear(&s->name);
	buf_put(&s->name, name);
	return status;
}

/* "- " or ">> ", as a character or an entity each, before what another one says. */
static size_t turn_mark(struct str line)
{
	static const char *const marks[] = {"- ", ">> ", "&gt;&gt; "};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (str_starts(line, str_of(marks[i])))
			return strlen(marks[i]);
	return 0;
}

static struct str without(struct str line, size_t n)
{
	return str_trim((struct str){line.s + n, line.len - n});
}

/* One line of a cue: its beginning may name who speaks. */
static int begin_line(struct splitter *s, struct str *line)
{
	size_t mark = turn_mark(*line), after;
	struct str name;
	int status = 0;

	if (mark) {
		*line = without(*line, mark);
		status = change_speaker(s, STR(""));
	}
	name = s->voiced ? STR("") : speaker_prefix(*line, &after);
	if (name.len && status == 0 &&
		s->to->speaks(s->to->ctx, name, after < line->len && (s->first || mark))) {
		status = change_speaker(s, name);
		*line = without(*line, after);
	}
	s->first = false;
	if (s->text.len)
		buf_byte(&s->text, ' ');
	return status;
}

/* What stands at the beginning of s, appended as it is shown: how many bytes it takes. A tag shows
 * nothing. */
static size_t shown(struct buf *out, struct str s)
{
	size_t n = s.s[0] == '<' || s.s[0] == '{' ? tag(s) : s.s[0] == '&' ? entity(out, s) : 0;

	if (n)
		return n;
	buf_byte(out, s.s[0]);
	return 1;
}

void cue_shown(struct buf *out, struct str line)
{
	for (line = str_trim(line); line.len;) {
		size_t n = shown(out, line);

		line.s += n;
		line.len -= n;
	}
}

static int one_line(struct splitter *s, struct str line)
{
	int status = begin_line(s, &line);

	while (line.len && status == 0) {
		size_t n = line.s[0] == '<' ? tag(line) : 0;
		struct str name;

		if (n && voice((struct str){line.s, n}, &name)) {
			status = change_speaker(s, name);
			s->voiced = true;
		} else {
			n = shown(&s->text, line);
		}
		line.s += n;
		line.len -= n;
	}
	return status;
}

int cue_turns(struct str text, const struct cue_taker *to)
{
	struct splitter s = {.text = BUF_INIT, .name = BUF_INIT, .first = true, .to = to};
	int status = 0;

	while (text.len && status == 0) {
		const char *lf = memchr(text.s, '\n', text.len);
		size_t len = lf ? (size_t)(lf - text.s) : text.len;
		struct str line = str_trim((struct str){text.s, len});

		if (line.len)
			status = one_line(&s, line);
		text.s += len + (lf != NULL);
		text.len -= len + (lf != NULL);
	}
	if (status == 0)
		status = flush_turn(&s);
	buf_release(&s.text);
	buf_release(&s.name);
	return status;
}
