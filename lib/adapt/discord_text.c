/*
 * DiscordChatExporter's plain text. Its dates are written as the exporter's locale has them, and
 * nothing says which that was: so it is read twice, first for the order of its dates and for who
 * takes part.
 */
#include "adapt/adapt.h"
#include "adapt/discord_line.h"
#include "adapt/gather.h"

#define TITLE_MAX 1024 /* bytes of a server's or channel's name that are kept */

/* What the first pass learns of the heads of one layout. */
struct layout {
	uint64_t n;
	struct wa_dates dates;
	bool noon, short_fields; /* AM or PM; a day or a month of one digit */
};

struct discord {
	struct adapt_run *run;
	const char *file;
	struct layout layouts[DISCORD_LAYOUTS];
	int layout; /* the file's */
	enum wa_order order;
	const char *assumed;
	bool others, ours; /* take part */

	struct discord_place place;
	struct buf guild, channel, session;
	struct gather message;
	struct discord_head head; /* the message's; its author is in `author` */
	struct buf author;
	bool no_date;
	struct civil at;
	int64_t last;	/* time of the one before */
	uint64_t among; /* how many of that time came before */
	struct buf *err;
};

static void learn_author(struct discord *c, struct str author)
{
	if (c->ours && c->others)
		return;
	if (adapt_who(c->run->opt, author) != WHO_OTHER)
		c->ours = true;
	else
		c->others = true;
}

static int learn_line(struct discord *c, struct lines *l, struct str line, bool is_long)
{
	struct discord_head h;
	struct layout *of;

	(void)l;
	if (is_long || discord_line(&c->place, line, &h) != DISCORD_HEAD)
		return 0;
	of = &c->layouts[h.layout];
	of->n++;
	if (h.date == DISCORD_FIELDS) {
		wa_dates_add(&of->dates, &h.fields);
		of->noon |= h.noon;
		of->short_fields |= h.fields.digits[0] == 1 || h.fields.digits[1] == 1;
	}
	learn_author(c, h.author);
	return 0;
}

/*
 * Day and month where the dates do not decide: with AM and PM, and without a nought before a single
 * digit, hardly anybody but the default locale writes them.
 */
static void settle_order(struct discord *c)
{
	const struct layout *of = &c->layouts[c->layout];

	c->order = wa_dates_order(&of->dates, &c->assumed);
	if (c->assumed && c->order == WA_DMY && of->noon && of->short_fields &&
		of->dates.as[WA_MDY].bad == of->dates.as[WA_DMY].bad) {
		c->order = WA_MDY;
		c->assumed = "date order m/d";
	}
}

static void settle(struct discord *c)
{
	for (int i = 1; i < DISCORD_LAYOUTS; i++)
		if (c->layouts[i].n > c->layouts[c->layout].n)
			c->layout = i;
	if (!c->layouts[c->layout].n)
		c->layout = -1;
	else if (c->layout < WA_LAYOUTS)
		settle_order(c);
	c->run->strangers += c->others && !c->ours;
	c->place = (struct discord_place){0};
}

/* "Channel: support / orders" gives the value; false: it says something else. */
static bool title(struct buf *out, struct str line, const char *name)
{
	struct str value;

	if (!str_starts(line, str_of(name)))
		return false;
	value = str_trim((struct str){line.s + strlen(name), line.len - strlen(name)});
	buf_clear(out);
	buf_add(out, value.s, value.len < TITLE_MAX ? value.len : TITLE_MAX);
	return true;
}

/* The server and its channel name the conversation; a file that lost them is called by its name. */
static void put_session(struct discord *c)
{
	buf_clear(&c->session);
	buf_put(&c->session, buf_str(&c->guild));
	if (c->guild.len && c->channel.len)
		buf_puts(&c->session, " / ");
	buf_put(&c->session, buf_str(&c->channel));
	if (!c->session.len)
		buf_put(&c->session, c->file[0] == '<' ? STR("chat") : adapt_base_name(c->file));
	draft_attr(&c->run->draft, ATTR_SESSION, buf_str(&c->session));
}

static void put_time(struct discord *c)
{
	struct draft *d = &c->run->draft;

	if (c->head.date == DISCORD_EPOCH)
		d->time = c->head.utc;
	else
		adapt_local_time(
			c->run, &c->at, c->head.date == DISCORD_FIELDS ? c->assumed : NULL);
	/* The position counts among messages of one minute alone, so that an export that begins
	 * earlier gives the same records. */
	c->among = d->time == c->last ? c->among + 1 : 0;
	c->last = d->time;
	draft_int(d, DATA_ORDER, (int64_t)c->among);
}

static void put_author(struct discord *c)
{
	struct draft *d = &c->run->draft;
	struct str author = buf_str(&c->author);
	enum adapt_who who = adapt_who(c->run->opt, author);
	struct str said = str_trim(buf_str(&c->message.body));

	if (discord_notice(said)) {
		draft_attr(d, ATTR_DIRECTION, STR("internal"));
		draft_attr(d, ATTR_ACTOR, STR("system"));
		draft_text(d, DATA_NAME, author);
	} else {
		adapt_speaker(c->run, who, author);
	}
	/* What we say names nobody, though only she may be there: another may come in a longer
	 * export, and the session tells whose it is. */
	if (who == WHO_OTHER && discord_handle(author))
		draft_identifier(d, "handle:discord", author);
}

static int finish_message(struct discord *c)
{
	struct draft *d = &c->run->draft;
	int whole = gather_end(&c->message, c->err);

	if (whole <= 0)
		return whole;
	if (c->no_date)
		return gather_reject(&c->message, FAULT_TIME, "no such date", c->file, c->err);
	adapt_source(c->run, "discord", "discord");
	draft_attr(d, ATTR_TYPE, STR("message"));
	put_session(c);
	put_time(c);
	put_author(c);
	discord_body(d, buf_str(&c->message.body));
	if (c->head.pinned)
		draft_member_raw(d, DATA_EXT, STR("pinned"), STR("true"));
	draft_origin(d, c->file, c->message.line, false);
	return adapt_emit(c->run, c->err);
}

static int begin_message(
	struct discord *c, struct lines *l, const struct discord_head *h, bool is_long)
{
	if (finish_message(c) < 0)
		return -1;
	c->head = *h;
	c->head.author = STR("");
	buf_clear(&c->author);
	buf_put(&c->author, h->author);
	c->at = h->at;
	c->no_date = h->date == DISCORD_FIELDS	? !wa_civil(&h->fields, c->order, &c->at)
		     : h->date == DISCORD_NAMED ? !civil_valid(&c->at)
						: false;
	return gather_begin(&c->message, l, STR(""), is_long, c->err);
}

/* A line that begins nothing. */
static int add_line(struct discord *c, struct lines *l, struct str line, bool is_long)
{
	if (c->message.open)
		return gather_add(&c->message, l, line, is_long, c->err);
	if (is_long)
		return ledger_reject_long(c->run->ledger, l, c->err);
	if (!wa_trim(line).len)
		return 0;
	return ledger_reject(c->run->ledger, FAULT_ROW, "no date at the start of the line", l->name,
		l->number, l->offset, l->raw, c->err);
}

/* The rule that was held belongs to the message. */
static int add_rule(struct discord *c)
{
	struct gather *g = &c->message;
	struct str rule = STR("\n==============================================================");

	if (!g->open)
		return 0;
	if (g->too_long)
		return ledger_letter_more(g->to, rule, c->err);
	buf_put(&g->body, rule);
	buf_put(&g->raw, rule);
	return 0;
}

static int take_line(struct discord *c, struct lines *l, struct str line, bool is_long)
{
	struct discord_head h;
	enum discord_line is = discord_line(&c->place, line, &h);

	if (is == DISCORD_HEAD && h.layout == c->layout)
		return begin_message(c, l, &h, is_long);
	if (is == DISCORD_HELD)
		return 0;
	if (is == DISCORD_FRAME) {
		if (!title(&c->guild, line, "Guild: "))
			title(&c->channel, line, "Channel: ");
		return finish_message(c);
	}
	if (is == DISCORD_HELD_OTHER && add_rule(c) < 0)
		return -1;
	return add_line(c, l, line, is_long);
}

static int each_line(struct discord *c, struct input *in,
	int (*take)(struct discord *c, struct lines *l, struct str line, bool is_long))
{
	struct lines l;
	struct str line;
	int more, status = 0;

	if (input_lines(in, &l, c->run->opt->max_line, c->err) < 0)
		return -1;
	while (status == 0 && (more = lines_next(&l, &line, c->err)) != LINES_END)
		status = more < 0 ? -1 : take(c, &l, line, more == LINES_LONG);
	lines_close(&l);
	return status;
}

static void discord_release(struct discord *c)
{
	buf_release(&c->guild);
	buf_release(&c->channel);
	buf_release(&c->session);
	buf_release(&c->author);
	gather_release(&c->message);
}

static int discord_read(struct adapt_run *run, struct input *in, struct buf *err)
{
	struct discord c = {.run = run,
		.file = in->name,
		.guild = BUF_INIT,
		.channel = BUF_INIT,
		.session = BUF_INIT,
		.author = BUF_INIT,
		.last = INT64_MIN,
		.err = err};
	int status = input_spool(in, err);

	gather_init(&c.message, run->ledger, run->opt->max_line);
	if (status == 0)
		status = each_line(&c, in, learn_line);
	if (status == 0) {
		settle(&c);
		status = each_line(&c, in, take_line);
	}
	if (status == 0)
		status = finish_message(&c);
	discord_release(&c);
	return status;
}

/* A rule, and below it the server's name. */
static int discord_sniff(const struct adapt_peek *p)
{
	struct str head = wa_trim(p->head);
	size_t n = 0;

	while (n < head.len && head.s[n] == '=')
		n++;
	head.s += n;
	head.len -= n;
	head = str_trim(head);
	return n >= 32 && str_starts(head, STR("Guild: ")) ? 95 : 0;
}

const struct adapter adapt_discord_text = {
	"discord-text", "DiscordChatExporter's plain text", discord_sniff, discord_read};
