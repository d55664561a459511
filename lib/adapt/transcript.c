/*
 * Transcripts of calls as WebVTT and SubRip. Read three times: first for the charset, then since
 * who speaks, and on which side, follows from all the names together, and a note anywhere may say
 * when the call began.
 */
#include "adapt/caption.h"
#include "adapt/charset.h"
#include "adapt/emit.h"
#include "adapt/transcript_name.h"
#include "base/map.h"

#define SPEAKERS_MAX 4096

struct transcript {
	struct adapt_run *run;
	const char *file;
	const char *charset;	 /* NULL: UTF-8 */
	struct map prefixes;	 /* what stands before a colon -> how often */
	uint64_t cues, labelled; /* of which begin with a name and a colon, perhaps */
	bool ours, hers;	 /* a side of each kind is named */
	bool named;		 /* some speaker is */
	struct stamp start;
	bool started;
	bool by_file; /* only the file's own time says when */
	int64_t file_time;
	struct buf session;
	struct captions captions;
	bool repeat; /* the captions do */
	bool holding;
	struct cue held; /* read and not emitted: the next one may say it again, and more */
	struct buf *err;
};

static enum side known_side(const struct transcript *t, struct str name, bool *bare)
{
	enum adapt_who who = adapt_who(t->run->opt, name);
	enum side side = side_of(name, bare);

	if (who == WHO_OTHER)
		return side;
	*bare = false;
	return who == WHO_BOT ? SIDE_BOT : SIDE_AGENT;
}

static int learn_turn(void *ctx, const struct turn *turn)
{
	struct transcript *t = ctx;
	enum side side;
	bool bare;

	if (!turn->speaker.len)
		return 0;
	side = known_side(t, turn->speaker, &bare);
	t->hers |= side == SIDE_CUSTOMER;
	t->ours |= side == SIDE_AGENT || side == SIDE_BOT;
	return 0;
}

static bool learn_prefix(void *ctx, struct str name, bool first)
{
	struct transcript *t = ctx;

	t->labelled += first;
	if (map_get(&t->prefixes, name) || map_count(&t->prefixes) < SPEAKERS_MAX)
		map_slot(&t->prefixes, name, NULL)->n++;
	return true;
}

/* "The total is: 25" names nobody: a speaker is one whose side is known, who is named again, or who
 * begins a cue where most cues begin so. */
static bool is_speaker(void *ctx, struct str name, bool first)
{
	const struct transcript *t = ctx;
	const union map_value *often = map_get(&t->prefixes, name);
	bool bare;

	if (known_side(t, name, &bare) != SIDE_UNKNOWN)
		return true;
	if (name.s[0] >= 'a' && name.s[0] <= 'z')
		return false;
	return (often && often->n > 1) || (first && t->labelled * 2 >= t->cues);
}

/* Who has no side by name is on the other one, where only one is known. */
static enum side side_in(const struct transcript *t, struct str name, bool *bare)
{
	enum side side = known_side(t, name, bare);

	if (side != SIDE_UNKNOWN || t->ours == t->hers)
		return side;
	return t->ours ? SIDE_CUSTOMER : SIDE_AGENT;
}

static void put_speaker(struct transcript *t, struct str name)
{
	struct draft *d = &t->run->draft;
	enum side side;
	bool bare = false;

	if (!name.len)
		return;
	t->named = true;
	side = side_in(t, name, &bare);
	if (side == SIDE_UNKNOWN)
		draft_text(d, DATA_NAME, name);
	else
		adapt_speaker(t->run,
			side == SIDE_CUSTOMER ? WHO_OTHER
			: side == SIDE_BOT    ? WHO_BOT
					      : WHO_SELF,
			name);
	/* "Customer" is nobody's name. */
	if (side == SIDE_CUSTOMER && bare)
		draft_text(d, DATA_NAME, STR(""));
}

static void put_time(struct transcript *t)
{
	struct draft *d = &t->run->draft;

	if (t->started && !t->start.zoned)
		adapt_local_time(t->run, &t->start.at, NULL);
	else if (t->started)
		d->time = t->start.utc;
	else
		d->time = t->by_file ? t->file_time : t->run->opt->start;
	if (t->by_file)
		draft_text(d, DATA_TIME_ASSUMED, STR("mtime"));
	d->time += t->held.start;
}

static int emit_turn(void *ctx, const struct turn *turn)
{
	struct transcript *t = ctx;
	struct draft *d = &t->run->draft;

	adapt_source(t->run, "voice", "voice");
	draft_attr(d, ATTR_TYPE, STR("message"));
	draft_attr(d, ATTR_SESSION, buf_str(&t->session));
	put_time(t);
	put_speaker(t, turn->speaker);
	draft_text(d, DATA_TEXT, turn->text);
	draft_number(d, DATA_DURATION, (double)(t->held.end - t->held.start) / 1000);
	if (t->charset)
		draft_member(d, DATA_EXT, STR("charset"), str_of(t->charset));
	draft_origin(d, t->file, t->held.line, false);
	return adapt_emit(t->run, t->err);
}

static int learn_cue(struct transcript *t, struct cue *c, int status)
{
	struct cue_taker to = {learn_prefix, learn_turn, t};

	if (status == CUE_NOTE && !t->started)
		t->started = stamp_find(buf_str(&c->text), &t->start);
	if (status != CUE_ONE)
		return 0;
	t->cues++;
	captions_repeated(&t->captions, c);
	return cue_turns(buf_str(&c->text), &to);
}

static int emit_held(struct transcript *t)
{
	struct cue_taker to = {is_speaker, emit_turn, t};

	if (!t->holding)
		return 0;
	t->holding = false;
	return cue_turns(buf_str(&t->held.text), &to);
}

/* What was said, where the cue says it first. */
static int take_cue(struct transcript *t, struct cue *c)
{
	size_t repeated = captions_repeated(&t->captions, c);
	struct buf text;
	int status = 0;

	if (t->repeat)
		captions_cut(&c->text, repeated);
	if (!str_trim(buf_str(&c->text)).len) {
		t->run->empty++;
		return 0;
	}
	if (t->holding && captions_grow(&t->held, c, t->repeat)) {
		c->start = t->held.start;
		t->run->empty++;
	} else {
		status = emit_held(t);
	}
	text = t->held.text;
	t->held.text = c->text;
	c->text = text;
	t->held.start = c->start;
	t->held.end = c->end;
	t->held.line = c->line;
	t->holding = true;
	return status;
}

static int emit_cue(struct transcript *t, struct cue *c, int status)
{
	if (status == CUE_ONE)
		return take_cue(t, c);
	if (status == CUE_BAD)
		return gather_reject(&c->block, FAULT_ROW, c->why, t->file, t->err);
	return 0;
}

/* to: of what is refused, NULL while it is only looked through. */
static int each_cue(struct transcript *t, struct input *in, struct ledger *to,
	int (*visit)(struct transcript *t, struct cue *c, int status))
{
	struct lines l;
	struct cue c;
	int more, status = 0;

	if (input_lines(in, &l, t->run->opt->max_line, t->err) < 0)
		return -1;
	cue_init(&c, t->charset, to, t->run->opt->max_line);
	while (status == 0 && (more = cue_next(&c, &l, t->err)) != CUE_END)
		status = more < 0 ? -1 : visit(t, &c, more);
	cue_release(&c);
	lines_close(&l);
	return status;
}

static int find_charset(struct transcript *t, struct input *in)
{
	struct charset_signs signs = {0};
	struct lines l;
	struct str line;
	int more;

	if (input_lines(in, &l, t->run->opt->max_line, t->err) < 0)
		return -1;
	while ((more = lines_next(&l, &line, t->err)) > 0)
		charset_add(&signs, line);
	lines_close(&l);
	t->charset = charset_name(&signs);
	return more;
}

/* When it began, where no note says: the file's name, --start, the file's own time. */
static int settle_start(struct transcript *t, int64_t changed)
{
	struct str base = adapt_base_name(t->file);
	struct stamp in_name;
	bool is_stdin = adapt_is_stdin(t->file);
	bool named = !is_stdin && stamp_find(base, &in_name), started = t->started;

	if (named && !t->started) {
		t->start = in_name;
		t->started = true;
	}
	if (is_stdin)
		buf_puts(&t->session, "stdin");
	else
		stamp_rest(&t->session, base, named ? &in_name : NULL);
	adapt_found(t->run, "when it began is known from %s",
		named && !started	   ? "the file's name"
		: t->started		   ? "a note in it"
		: t->run->opt->start_given ? "--start"
					   : "the file's time of change, assumed");
	if (t->started || t->run->opt->start_given)
		return 0;
	if (is_stdin || changed == INPUT_NEVER) {
		buf_printf(t->err,
			"%s: nothing says when this transcript begins (use --start TIME)", t->file);
		return -1;
	}
	t->by_file = true;
	t->file_time = changed;
	return 0;
}

static int transcript_read(struct adapt_run *run, struct input *in, struct buf *err)
{
	struct transcript t = {.run = run,
		.file = in->name,
		.prefixes = MAP_INIT,
		.session = BUF_INIT,
		.err = err};
	int status;

	captions_init(&t.captions);
	cue_init(&t.held, NULL, NULL, 0);
	status = input_spool(in, err);
	if (status == 0)
		status = find_charset(&t, in);
	if (status == 0)
		status = each_cue(&t, in, NULL, learn_cue);
	if (status == 0)
		status = settle_start(&t, in->changed);
	if (status == 0) {
		t.repeat = captions_settle(&t.captions);
		status = each_cue(&t, in, run->ledger, emit_cue);
	}
	if (status == 0)
		status = emit_held(&t);
	run->strangers += t.named && !t.ours && !t.hers;
	captions_release(&t.captions);
	cue_release(&t.held);
	map_release(&t.prefixes);
	buf_release(&t.session);
	return status;
}

static int vtt_sniff(const struct adapt_peek *p)
{
	struct str head = str_without_bom(p->head);

	return str_starts(head, STR("WEBVTT")) && (head.len == 6 || strchr(" \t\r\n", head.s[6]))
		       ? 100
		       : 0;
}

static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] < '0' || s.s[i] > '9')
			return false;
	return s.len > 0;
}

/* A number on a line of its own, then two times with an arrow between. */
static int srt_sniff(const struct adapt_peek *p)
{
	struct str head = str_trim(str_without_bom(p->head)), line;
	const char *lf = head.len ? memchr(head.s, '\n', head.len) : NULL;
	ptrdiff_t arrow;

	if (!lf)
		return 0;
	line = str_trim((struct str){head.s, (size_t)(lf - head.s)});
	if (all_digits(line)) {
		head = (struct str){lf + 1, head.len - (size_t)(lf + 1 - head.s)};
		lf = head.len ? memchr(head.s, '\n', head.len) : NULL;
		line = (struct str){head.s, lf ? (size_t)(lf - head.s) : head.len};
	}
	arrow = str_find(line, STR("-->"));
	return arrow > 0 && line.s[0] >= '0' && line.s[0] <= '9' ? 95 : 0;
}

const struct adapter adapt_vtt = {"vtt", "WebVTT transcripts of calls", vtt_sniff, transcript_read};
const struct adapter adapt_srt = {
	"srt", "SubRip (SRT) transcripts of calls", srt_sniff, transcript_read};
