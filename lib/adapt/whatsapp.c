/*
 * WhatsApp's "export chat" text. Nothing in it says how dates are written or who the other side is,
 * so the whole file is read twice: first for its layout, the order of its dates and its speakers,
 * then for its messages.
 */
#include "adapt/adapt.h"
#include "adapt/gather.h"
#include "adapt/whatsapp_head.h"
#include "adapt/whatsapp_text.h"
#include "base/map.h"
#include "base/mem.h"
#include "io/phone.h"

#include <stdlib.h>

#define SPEAKERS_MAX 4096 /* kept; a group has at most 1,024 members */

struct speaker {
	enum adapt_who who;
	const char *kind; /* of the identifier that the name is, or NULL */
	struct buf value;
	struct buf name;
};

/* What the first pass learns of the lines of one layout. Quoted or forwarded lines of another chat
 * have another. */
struct layout {
	uint64_t n;
	struct wa_dates dates;
	struct map speakers; /* name -> struct speaker */
	size_t others, ours;
	const struct speaker *other; /* the first that is not us */
	struct buf subject;	     /* that the group was created with */
	struct buf notice;	     /* author of the notice of encryption */
};

struct chat {
	struct adapt_run *run;
	const char *network; /* whatsapp, or another whose text is written alike */
	struct layout layouts[WA_LAYOUTS];
	const struct layout *of; /* the file's */
	enum wa_order order;
	const char *assumed;
	struct buf session;
	const struct speaker *peer; /* of a chat of two, else NULL */
	struct speaker named;	    /* the peer as the file's name says */
	struct speaker extra;	    /* one that is not kept */

	/* The message that is being gathered. */
	struct gather message;
	bool authored, no_date;
	struct civil at;
	struct buf name;
	struct wa_day day;
	int64_t last;	/* time of the one before */
	uint64_t among; /* how many of that time came before */
};

static void speaker_release(struct speaker *s)
{
	buf_release(&s->value);
	buf_release(&s->name);
}

/* The identifier that a name is: a telephone number, or the digits of one that cannot be one. */
static void identify(const struct adapt_options *o, struct str name, struct speaker *s)
{
	s->kind = NULL;
	buf_clear(&s->value);
	if (!wa_is_number(name))
		return;
	s->kind = "phone";
	if (phone_e164(&s->value, name, o->region))
		return;
	s->kind = "handle:whatsapp";
	for (size_t i = 0; i < name.len; i++)
		if (name.s[i] >= '0' && name.s[i] <= '9')
			buf_byte(&s->value, name.s[i]);
}

static void know(const struct adapt_options *o, struct str name, struct speaker *s)
{
	buf_clear(&s->name);
	buf_put(&s->name, name);
	s->who = adapt_who(o, name);
	identify(o, name, s);
}

static const struct speaker *speaker_of(struct chat *c, struct str name)
{
	const union map_value *v = map_get(&c->of->speakers, name);

	if (v)
		return v->p;
	know(c->run->opt, name, &c->extra);
	return &c->extra;
}

static void learn_speaker(struct chat *c, struct layout *l, struct str name)
{
	union map_value *v = map_get(&l->speakers, name);
	struct speaker *s;

	if (v || map_count(&l->speakers) >= SPEAKERS_MAX)
		return;
	s = mem_zero(1, sizeof(*s));
	buf_init(&s->value);
	buf_init(&s->name);
	know(c->run->opt, name, s);
	map_slot(&l->speakers, name, NULL)->p = s;
	if (s->who != WHO_OTHER) {
		l->ours++;
		return;
	}
	if (!l->others++)
		l->other = s;
}

static void learn_system(struct layout *l, struct str author, struct str text)
{
	struct str subject;

	if (author.len && !l->notice.len && wa_notice(text))
		buf_put(&l->notice, author);
	if (l->subject.len)
		return;
	subject = wa_created(text);
	buf_put(&l->subject, subject);
}

static void learn(struct chat *c, const struct wa_head *h)
{
	struct layout *l = &c->layouts[h->layout];
	struct str name, text;
	struct wa_call call;

	l->n++;
	wa_dates_add(&l->dates, h);
	if (!wa_author(h->rest, &name, &text))
		learn_system(l, STR(""), h->rest);
	else if (wa_system(text, h->close == WA_BRACKET) && !wa_call(text, &call))
		learn_system(l, name, text);
	else
		learn_speaker(c, l, name);
}

static int first_pass(struct chat *c, struct input *in, struct buf *err)
{
	struct wa_head h;
	struct lines l;
	struct str line;
	int more;

	if (input_lines(in, &l, c->run->opt->max_line, err) < 0)
		return -1;
	while ((more = lines_next(&l, &line, err)) > 0)
		if (more == LINES_ONE && wa_head(line, &c->day, &h))
			learn(c, &h);
	lines_close(&l);
	return more;
}

static void put_session(struct chat *c, struct str name)
{
	struct speaker s = {.value = BUF_INIT, .name = BUF_INIT};

	identify(c->run->opt, name, &s);
	buf_put(&c->session, s.kind ? buf_str(&s.value) : name);
	speaker_release(&s);
}

/* The chat's own name where it is no chat of two: the group's subject, or what the file is called.
 */
static void name_group(struct chat *c, const char *path)
{
	const struct layout *l = c->of;
	struct str file = wa_path_peer(path);

	if (l->subject.len)
		buf_put(&c->session, buf_str(&l->subject));
	else if (l->notice.len && !map_get(&l->speakers, buf_str(&l->notice)))
		put_session(c, buf_str(&l->notice));
	else if (file.len)
		put_session(c, file);
	else
		buf_put(&c->session, adapt_is_stdin(path) ? STR("chat") : adapt_base_name(path));
}

/* Who the chat is with, from what the first pass learned. */
static int settle(struct chat *c, const char *path, struct buf *err)
{
	const struct adapt_options *o = c->run->opt;
	struct str file = wa_path_peer(path);

	c->of = &c->layouts[0];
	for (int i = 1; i < WA_LAYOUTS; i++)
		if (c->layouts[i].n > c->of->n)
			c->of = &c->layouts[i];
	if (!c->of->n) {
		buf_printf(err, "%s:1: no date at the start of the line", path);
		return -1;
	}
	c->order = wa_dates_order(&c->of->dates, &c->assumed);
	adapt_found(c->run, "dates in the order %s, %s", wa_order_name(c->order),
		c->assumed ? "assumed: no date decides" : "as the dates of the file decide");
	adapt_found(c->run, "%llu messages' heads; speakers who are not us: %zu",
		(unsigned long long)c->of->n, c->of->others);
	if (!c->of->ours && c->of->others && (c->of->others > 1 || o->selves + o->botn == 0))
		c->run->strangers++;
	if (c->of->others > 1 || c->of->subject.len) {
		name_group(c, path);
		return 0;
	}
	c->peer = c->of->other;
	if (wa_is_number(file) && (!c->peer || !c->peer->kind)) {
		know(o, file, &c->named);
		if (c->peer)
			buf_put(&c->session, buf_str(&c->peer->name));
		c->peer = &c->named;
	}
	if (c->session.len)
		return 0;
	if (c->peer)
		buf_put(&c->session, buf_str(c->peer->kind ? &c->peer->value : &c->peer->name));
	else
		name_group(c, path);
	return 0;
}

static void put_identifier(struct chat *c, const struct speaker *s)
{
	if (s && s->kind)
		draft_identifier(&c->run->draft, s->kind, buf_str(&s->value));
}

static void put_flag(struct draft *d, const char *name, bool is)
{
	if (is)
		draft_member_raw(d, DATA_EXT, str_of(name), STR("true"));
}

static void put_message(struct chat *c)
{
	struct draft *d = &c->run->draft;
	struct wa_message m;

	wa_message(buf_str(&c->message.body), &m);
	draft_text(d, DATA_TEXT, m.text);
	if (m.edited)
		draft_text(d, DATA_RAW_TEXT, wa_trim(buf_str(&c->message.body)));
	put_flag(d, "media", m.media);
	put_flag(d, "deleted", m.deleted);
	put_flag(d, "edited", m.edited);
	if (m.file.len)
		draft_member(d, DATA_EXT, STR("file"), m.file);
	if (m.placeholder.len)
		draft_member(d, DATA_EXT, STR("placeholder"), m.placeholder);
}

static void put_author(struct chat *c, bool ios)
{
	struct draft *d = &c->run->draft;
	const struct speaker *s;
	struct wa_call call;
	bool is_call = c->authored && wa_call(buf_str(&c->message.body), &call);

	if (!c->authored || (!is_call && wa_system(buf_str(&c->message.body), ios))) {
		draft_attr(d, ATTR_DIRECTION, STR("internal"));
		draft_attr(d, ATTR_ACTOR, STR("system"));
		draft_text(d, DATA_TEXT, wa_trim(buf_str(&c->message.body)));
		put_identifier(c, c->peer);
		return;
	}
	s = speaker_of(c, buf_str(&c->name));
	adapt_speaker(c->run, s->who, buf_str(&c->name));
	put_identifier(c, c->peer ? c->peer : s->who == WHO_OTHER ? s : NULL);
	if (is_call)
		wa_put_call(d, &call, buf_str(&c->message.body));
	else
		put_message(c);
}

/*
 * The position counts among messages of one time alone: an export that begins earlier must give the
 * same records.
 */
static void put_order(struct chat *c)
{
	struct draft *d = &c->run->draft;

	c->among = d->time == c->last ? c->among + 1 : 0;
	c->last = d->time;
	draft_int(d, DATA_ORDER, (int64_t)c->among);
}

static int finish_message(struct chat *c, const char *file, bool ios, struct buf *err)
{
	struct draft *d = &c->run->draft;
	int whole = gather_end(&c->message, err);

	if (whole <= 0)
		return whole;
	if (c->no_date)
		return gather_reject(&c->message, FAULT_TIME, "no such date", file, err);
	adapt_source(c->run, c->network, c->network);
	draft_attr(d, ATTR_TYPE, STR("message"));
	draft_attr(d, ATTR_SESSION, buf_str(&c->session));
	adapt_local_time(c->run, &c->at, c->assumed);
	put_author(c, ios);
	put_order(c);
	draft_origin(d, file, c->message.line, false);
	return adapt_emit(c->run, err);
}

static int begin_message(
	struct chat *c, struct lines *l, const struct wa_head *h, bool is_long, struct buf *err)
{
	struct str name, text;

	c->no_date = !wa_civil(h, c->order, &c->at);
	buf_clear(&c->name);
	c->authored = wa_author(h->rest, &name, &text);
	if (c->authored)
		buf_put(&c->name, name);
	return gather_begin(&c->message, l, c->authored ? text : h->rest, is_long, err);
}

/* A line, of which `line` is the beginning where it is too long. */
static int take_line(
	struct chat *c, struct lines *l, struct str line, bool is_long, struct buf *err)
{
	int of = (int)(c->of - c->layouts);
	struct wa_head h;

	if (wa_head(line, &c->day, &h) && h.layout == of) {
		if (finish_message(c, l->name, h.close == WA_BRACKET, err) < 0)
			return -1;
		return begin_message(c, l, &h, is_long, err);
	}
	if (c->message.open)
		return gather_add(&c->message, l, line, is_long, err);
	if (is_long)
		return ledger_reject_long(c->run->ledger, l, err);
	if (!wa_trim(line).len)
		return 0;
	return ledger_reject(c->run->ledger, FAULT_ROW, "no date at the start of the line", l->name,
		l->number, l->offset, l->raw, err);
}

static int second_pass(struct chat *c, struct input *in, struct buf *err)
{
	bool ios = (int)(c->of - c->layouts) / 6 == WA_BRACKET;
	struct lines l;
	struct str line;
	int more, status = 0;

	if (input_lines(in, &l, c->run->opt->max_line, err) < 0)
		return -1;
	while (status == 0 && (more = lines_next(&l, &line, err)) != LINES_END) {
		status = more < 0 ? -1 : take_line(c, &l, line, more == LINES_LONG, err);
	}
	if (status == 0)
		status = finish_message(c, in->name, ios, err);
	lines_close(&l);
	return status;
}

static void free_speaker(void *ctx, struct str name, union map_value *v)
{
	(void)ctx;
	(void)name;
	speaker_release(v->p);
	free(v->p);
}

static void chat_free(struct chat *c)
{
	for (int i = 0; i < WA_LAYOUTS; i++) {
		map_each(&c->layouts[i].speakers, free_speaker, NULL);
		map_release(&c->layouts[i].speakers);
		buf_release(&c->layouts[i].subject);
		buf_release(&c->layouts[i].notice);
	}
	speaker_release(&c->named);
	speaker_release(&c->extra);
	buf_release(&c->session);
	buf_release(&c->name);
	gather_release(&c->message);
	free(c);
}

static struct chat *chat_new(struct adapt_run *run, const char *network)
{
	struct chat *c = mem_zero(1, sizeof(*c));

	c->run = run;
	c->network = network;
	c->last = INT64_MIN;
	for (int i = 0; i < WA_LAYOUTS; i++) {
		buf_init(&c->layouts[i].subject);
		buf_init(&c->layouts[i].notice);
	}
	buf_init(&c->named.value);
	buf_init(&c->named.name);
	buf_init(&c->extra.value);
	buf_init(&c->extra.name);
	buf_init(&c->session);
	buf_init(&c->name);
	gather_init(&c->message, run->ledger, run->opt->max_line);
	return c;
}

static int chat_read(struct adapt_run *run, const char *network, struct input *in, struct buf *err)
{
	struct chat *c = chat_new(run, network);
	int status = input_spool(in, err);

	if (status == 0)
		status = first_pass(c, in, err);
	if (status == 0)
		status = settle(c, in->name, err);
	if (status == 0)
		status = second_pass(c, in, err);
	chat_free(c);
	return status;
}

static int whatsapp_read(struct adapt_run *run, struct input *in, struct buf *err)
{
	return chat_read(run, "whatsapp", in, err);
}

static int signal_read(struct adapt_run *run, struct input *in, struct buf *err)
{
	return chat_read(run, "signal", in, err);
}

/* The next whole line of the first bytes; false: no more. */
static bool next_line(struct str *head, bool whole, struct str *line)
{
	const char *lf = head->len ? memchr(head->s, '\n', head->len) : NULL;

	if (!head->len || (!lf && !whole))
		return false;
	*line = (struct str){head->s, lf ? (size_t)(lf - head->s) : head->len};
	head->s += line->len + (lf != NULL);
	head->len -= line->len + (lf != NULL);
	if (line->len && line->s[line->len - 1] == '\r')
		line->len--;
	return true;
}

static int whatsapp_sniff(const struct adapt_peek *p)
{
	struct str head = p->head, line;
	bool named = wa_path_peer(p->path).len || str_is(adapt_base_name(p->path), "_chat");
	int weak = 0, strong = 0, seen = 0;
	struct wa_head h;

	while (seen < 200 && next_line(&head, p->whole, &line)) {
		seen += wa_trim(line).len > 0;
		if (!wa_head(line, NULL, &h))
			continue;
		if (h.close == WA_BRACKET || h.close == WA_DASH)
			strong++;
		else
			weak++;
		if (strong && seen == 1)
			return 90;
	}
	if (strong + weak == 0)
		return 0;
	/* Log files begin like the weak layouts: the file's name must speak for them. */
	return named ? 90 : strong * 10 >= seen ? 70 : 0;
}

/* Signal's text is written alike: its file or a folder must say that it is Signal's. */
static int signal_sniff(const struct adapt_peek *p)
{
	int score = strcasestr(p->path, "signal") ? whatsapp_sniff(p) : 0;

	return score ? score + 1 : 0;
}

const struct adapter adapt_signal = {
	"signal-text", "text of Signal's chats", signal_sniff, signal_read};
const struct adapter adapt_whatsapp = {"whatsapp", "WhatsApp \"export chat\" text, Android and iOS",
	whatsapp_sniff, whatsapp_read};
