#include "adapt/caption.h"

#define NEAR 100	      /* ms between cues that follow one another without a pause */
#define SCREEN ((size_t)4096) /* bytes that captions show at once */

void captions_init(struct captions *c)
{
	*c = (struct captions){0};
	buf_init(&c->shown);
	buf_init(&c->now);
}

void captions_release(struct captions *c)
{
	buf_release(&c->shown);
	buf_release(&c->now);
}

static struct str take_line(struct str *s)
{
	const char *lf = s->len ? memchr(s->s, '\n', s->len) : NULL;
	struct str line = {s->s, lf ? (size_t)(lf - s->s) : s->len};

	s->s += line.len + (lf != NULL);
	s->len -= line.len + (lf != NULL);
	return line;
}

/* The tag that names who speaks, at the beginning. */
static struct str voice_tag(struct str text)
{
	const char *end = str_starts(text, STR("<v")) ? memchr(text.s, '>', text.len) : NULL;

	return (struct str){text.s, end ? (size_t)(end - text.s) : 0};
}

/* The lines of a cue that show something, each behind the voice that it is in: what another one
 * says repeats nothing. */
static void show(struct buf *out, struct str text)
{
	struct str voice = STR("");

	while (text.len) {
		struct str line = str_trim(take_line(&text)), tag = voice_tag(line);
		size_t before = out->len, named;

		voice = tag.len ? tag : voice;
		buf_put(out, voice);
		named = out->len;
		cue_shown(out, line);
		if (out->len > named)
			buf_byte(out, '\n');
		else
			buf_cut(out, before);
	}
}

/* How many lines at the beginning of b end a, of the last lines of a that a screen holds. */
static size_t overlap(struct str a, struct str b)
{
	if (a.len > SCREEN) {
		a.s += a.len - SCREEN;
		a.len = SCREEN;
		take_line(&a);
	}
	while (a.len) {
		size_t n = 0;

		if (str_starts(b, a)) {
			while (a.len)
				take_line(&a), n++;
			return n;
		}
		take_line(&a);
	}
	return 0;
}

static bool follows(int64_t start, int64_t end, const struct cue *next)
{
	return next->start >= start && next->start <= end + NEAR;
}

size_t captions_repeated(struct captions *c, const struct cue *cue)
{
	struct buf was = c->shown;
	size_t n = 0;

	buf_clear(&c->now);
	show(&c->now, buf_str(&cue->text));
	if (c->cues && follows(c->start, c->end, cue)) {
		struct str now = buf_str(&c->now);

		n = overlap(buf_str(&was), now);
		/* Without its LF the last line of the one before may go on. */
		c->repeats += n || (was.len && str_starts(now, (struct str){was.s, was.len - 1}));
	}
	c->cues++;
	c->start = cue->start;
	c->end = cue->end;
	c->shown = c->now;
	c->now = was;
	return n;
}

bool captions_settle(struct captions *c)
{
	bool repeat = c->repeats >= 3 && c->repeats * 4 >= c->cues;

	c->cues = c->repeats = 0;
	buf_clear(&c->shown);
	return repeat;
}

void captions_cut(struct buf *text, size_t n)
{
	struct str rest = buf_str(text);
	struct buf line = BUF_INIT;

	while (n && rest.len) {
		buf_clear(&line);
		cue_shown(&line, take_line(&rest));
		n -= line.len > 0;
	}
	buf_release(&line);
	buf_drop(text, text->len - rest.len);
}

bool captions_grow(const struct cue *a, const struct cue *b, bool repeat)
{
	struct buf was = BUF_INIT, now = BUF_INIT;
	bool grows = false;

	if (b->start == a->start || (repeat && follows(a->start, a->end, b))) {
		show(&was, buf_str(&a->text));
		show(&now, buf_str(&b->text));
		grows = was.len && str_starts(buf_str(&now), (struct str){was.s, was.len - 1});
	}
	buf_release(&was);
	buf_release(&now);
	return grows;
}
