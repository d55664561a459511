/*
 * Transcripts of calls as WebVTT and SubRip. Read twice: who is on which side follows from all the
 * names together, and a note anywhere may say when the call began.
 */
#include "adapt/cue.h"
#include "adapt/emit.h"
#include "adapt/transcript_name.h"
#include "base/map.h"

#define SPEAKERS_MAX 4096

struct transcript {
	struct adapt_run *run;
	const char *file;
	struct map sides; /* speaker -> side */
	bool ours, hers;  /* a side of each kind is named */
	struct stamp start;
	bool started, latin;
	bool by_file; /* only the file's own time says when */
	int64_t file_time;
	struct buf session;
	const struct cue *cue; /* whose turns are emitted */
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
	bool fresh, bare;

	if (!turn->speaker.len || map_count(&t->sides) >= SPEAKERS_MAX)
		return 0;
	side = known_side(t, turn->speaker, &bare);
	map_slot(&t->sides, turn->speaker, &fresh)->n = side;
	t->hers |= side == SIDE_CUSTOMER;
	t->ours |= side == SIDE_AGENT || side == SIDE_BOT;
	return 0;
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
	d->time += t->cue->start;
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
	draft_number(d, DATA_DURATION, (double)(t->cue->end - t->cue->start) / 1000);
	if (t->latin)
		draft_member(d, DATA_EXT, STR("charset"), STR("windows-1252"));
	draft_origin(d, t->file, t->cue->line, false);
	return adapt_emit(t->run, t->err);
}

static int learn_cue(struct transcript *t, const struct cue *c, int status)
{
	if (status == CUE_NOTE && !t->started)
		t->started = stamp_find(buf_str(&c->text), &t->start);
	return status == CUE_ONE ? cue_turns(buf_str(&c->text), learn_turn, t) : 0;
}

static int emit_cue(struct transcript *t, const struct cue *c, int status)
{
	t->cue = c;
	if (status == CUE_ONE)
		return cue_turns(buf_str(&c->text), emit_turn, t);
	if (status == CUE_BAD)
		return ledger_reject(t->run->ledger, FAULT_ROW, c->why, t->file, c->line, c->offset,
			buf_str(&c->text), t->err);
	return 0;
}

static int each_cue(struct transcript *t, struct input *in,
	int (*visit)(struct transcript *t, const struct cue *c, int status))
{
	struct lines l;
	struct cue c;
	int more, status = 0;

	if (input_lines(in, &l, t->run->opt->max_line, t->err) < 0)
		return -1;
	cue_init(&c);
	while (status == 0 && (more = cue_next(&c, &l, t->err)) != CUE_END)
		status = more < 0 ? -1 : visit(t, &c, more);
	t->latin = c.latin;
	t->cue = NULL;
	cue_release(&c);
	lines_close(&l);
	return status;
}

/* When it began, where no note says: the file's name, --start, the file's own time. */
static int settle_start(struct transcript *t, int64_t changed)
{
	struct str base = adapt_base_name(t->file);
	struct stamp in_name;
	bool is_stdin = adapt_is_stdin(t->file);
	bool named = !is_stdin && stamp_find(base, &in_name);

	if (named && !t->started) {
		t->start = in_name;
		t->started = true;
	}
	if (is_stdin)
		buf_puts(&t->session, "stdin");
	else
		stamp_rest(&t->session, base, named ? &in_name : NULL);
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
	struct transcript t = {
		.run = run, .file = in->name, .sides = MAP_INIT, .session = BUF_INIT, .err = err};
	int status = input_spool(in, err);

	if (status == 0)
		status = each_cue(&t, in, learn_cue);
	if (status == 0)
		status = settle_start(&t, in->changed);
	if (status == 0) {
		run->strangers += map_count(&t.sides) > 0 && !t.ours && !t.hers;
		status = each_cue(&t, in, emit_cue);
	}
	map_release(&t.sides);
	buf_release(&t.session);
	return status;
}

static struct str without_bom(struct str s)
{
	if (str_starts(s, STR("\xef\xbb\xbf")))
		return (struct str){s.s + 3, s.len - 3};
	return s;
}

static int vtt_sniff(const struct adapt_peek *p)
{
	struct str head = without_bom(p->head);

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
	struct str head = str_trim(without_bom(p->head)), line;
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
