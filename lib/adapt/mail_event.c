#include "adapt/mail_part.h"
#include "adapt/quote.h"
#include "adapt/signature.h"
#include "base/text.h"

#include <stdlib.h>
#include <strings.h>

#define COPIES_MAX 100			/* further recipients that are kept */
#define LETTER_TEXT ((uint64_t)1 << 20) /* bytes of a mail whose letter is made in memory */
#define TEXT_SHARE                                                                                 \
	4 /* a mail's text may be 1/4 of the longest record: it may stand there twice, escaped */

/* ---- who ---- */

enum adapt_who mail_who(const struct adapt_options *o, const struct mime_address *a)
{
	enum adapt_who who = adapt_who(o, buf_str(&a->address));

	return who == WHO_OTHER && a->name.len ? adapt_who(o, buf_str(&a->name)) : who;
}

static const struct mime_address *first_at(struct mail *m, enum mime_place place)
{
	const struct mime_address *list;
	size_t n = mime_addresses(m->mime, &list);

	for (size_t i = 0; i < n; i++)
		if (list[i].place == place && list[i].address.len)
			return &list[i];
	return NULL;
}

/* The first recipient who is not us, in the order To, Cc, Bcc. *any: there are recipients. */
static const struct mime_address *recipient(struct adapt_run *run, bool *any)
{
	const struct mime_address *list;
	size_t n = mime_addresses(run->mail->mime, &list);

	*any = false;
	for (size_t i = 0; i < n; i++) {
		if (list[i].place < MIME_TO || !list[i].address.len)
			continue;
		*any = true;
		if (mail_who(run->opt, &list[i]) == WHO_OTHER)
			return &list[i];
	}
	return NULL;
}

static void speaks(struct adapt_run *run, const char *direction, const char *actor)
{
	draft_attr(&run->draft, ATTR_DIRECTION, str_of(direction));
	draft_attr(&run->draft, ATTR_ACTOR, str_of(actor));
}

static void set_agent(struct adapt_run *run, const struct mime_address *a)
{
	buf_clear(&run->text);
	text_lower(&run->text, buf_str(&a->address));
	draft_text(&run->draft, DATA_AGENT, buf_str(run->text.len ? &run->text : &a->name));
}

/* What came back says whom it did not reach; the machine that says so is nobody. */
static void set_bounced(struct adapt_run *run, const struct mime_address *from)
{
	struct str to = mime_bounced(run->mail->mime);

	speaks(run, "in", "system");
	if (from)
		draft_text(&run->draft, DATA_NAME, buf_str(&from->name));
	if (to.len && adapt_who(run->opt, to) == WHO_OTHER)
		adapt_email(run, to);
}

static void set_customer(struct adapt_run *run, const struct mime_address *a)
{
	if (!a)
		return;
	draft_text(&run->draft, DATA_NAME, buf_str(&a->name));
	adapt_email(run, buf_str(&a->address));
}

/* Sets direction, actor, agent and the customer. Gives the customer's address, or NULL. */
static const struct mime_address *set_speaker(
	struct adapt_run *run, const struct mime_address *from, const char *robot)
{
	const struct mime_address *reply = first_at(run->mail, MIME_REPLY_TO), *customer;
	bool reply_other = reply && mail_who(run->opt, reply) == WHO_OTHER, any;
	enum adapt_who who = from ? mail_who(run->opt, from) : WHO_OTHER;

	if (robot && strcmp(robot, "bounce") == 0 && who == WHO_OTHER) {
		set_bounced(run, from);
		return from;
	}
	customer = recipient(run, &any);
	/* A form on our web site writes as us, to us, and its customer is whom to answer. */
	if (who == WHO_OTHER || (any && !customer && reply_other)) {
		customer = reply_other && from && (who != WHO_OTHER || mail_is_noreply(from))
				   ? reply
				   : from;
		speaks(run, "in", robot && who == WHO_OTHER ? "system" : "customer");
		set_customer(run, customer);
		return customer;
	}
	speaks(run, any && !customer ? "internal" : "out",
		who == WHO_BOT ? "bot"
		: robot	       ? "system"
			       : "agent");
	set_agent(run, from);
	set_customer(run, customer);
	return customer;
}

/* ---- what is said ---- */

static bool is_forward(struct str subject)
{
	static const char *const marks[] = {"fwd:", "fw:", "wg:", "enc:", "tr:", "rv:", "doorst:",
		"vs:", "vb:", "i:", "pd:", NULL};

	for (int i = 0; marks[i]; i++)
		if (subject.len >= strlen(marks[i]) &&
			strncasecmp(subject.s, marks[i], strlen(marks[i])) == 0)
			return true;
	return false;
}

/* The new words. A mail that only passes another one on says what that one says. */
static void set_words(struct adapt_run *run, const struct mime_address *from)
{
	struct mail *m = run->mail;
	struct str whole = str_trim(mime_text(m->mime)), own;
	struct str subject = mime_header(m->mime, "Subject", 0);
	enum quote_found found;

	buf_clear(&m->words);
	found = quote_strip(&m->words, mime_own_text(m->mime));
	own = str_trim(buf_str(&m->words));
	if (from)
		own = signature_off(own, buf_str(&from->name), buf_str(&from->address));
	if (!own.len && (found == QUOTE_FORWARD || is_forward(subject)))
		own = whole;
	draft_text(&run->draft, DATA_SUBJECT, subject);
	draft_text(&run->draft, DATA_TEXT, own);
	if (!str_eq(own, whole))
		draft_text(&run->draft, DATA_RAW_TEXT, whole);
}

static void put_text_member(struct adapt_run *run, const char *name, struct str value)
{
	if (value.len)
		draft_member(&run->draft, DATA_EXT, str_of(name), value);
}

static void put_parts(struct adapt_run *run)
{
	struct buf *json = &run->mail->words;
	const struct mime_part *list;
	size_t n = mime_parts(run->mail->mime, &list);
	struct draft one;

	if (!n)
		return;
	buf_clear(json);
	draft_init(&one);
	for (size_t i = 0; i < n; i++) {
		buf_clear(&one.data[DATA_EXT]);
		buf_clear(&run->text);
		buf_int(&run->text, (int64_t)list[i].size);
		if (list[i].name.len)
			draft_member(&one, DATA_EXT, STR("name"), buf_str(&list[i].name));
		draft_member(&one, DATA_EXT, STR("type"), buf_str(&list[i].type));
		if (list[i].size)
			draft_member_raw(&one, DATA_EXT, STR("size"), buf_str(&run->text));
		buf_byte(json, i ? ',' : '[');
		buf_put(json, buf_str(&one.data[DATA_EXT]));
	}
	buf_byte(json, ']');
	draft_member_raw(&run->draft, DATA_EXT, STR("attachments"), buf_str(json));
	draft_release(&one);
}

/* Everybody else who got it and is not us. */
static void put_copies(struct adapt_run *run, const struct mime_address *customer)
{
	const struct mime_address *list;
	size_t n = mime_addresses(run->mail->mime, &list), kept = 0;
	struct draft copies;

	draft_init(&copies);
	for (size_t i = 0; i < n && kept < COPIES_MAX; i++) {
		if (list[i].place < MIME_TO || !list[i].address.len ||
			mail_who(run->opt, &list[i]) != WHO_OTHER ||
			(customer && strcasecmp(list[i].address.s, customer->address.s) == 0))
			continue;
		buf_clear(&run->text);
		text_lower(&run->text, buf_str(&list[i].address));
		draft_item(&copies, DATA_ASKS, buf_str(&run->text));
		kept++;
	}
	if (copies.data[DATA_ASKS].len)
		draft_member_raw(
			&run->draft, DATA_EXT, STR("cc"), buf_str(&copies.data[DATA_ASKS]));
	draft_release(&copies);
}

static void set_ext(struct adapt_run *run, const struct mime_address *from,
	const struct mime_address *customer, const char *robot)
{
	struct mail *m = run->mail;
	const struct mime_address *reply = first_at(m, MIME_REPLY_TO);

	put_copies(run, customer);
	if (from && customer == reply && customer != from)
		put_text_member(run, "from", buf_str(&from->address));
	else if (reply && (!from || strcasecmp(reply->address.s, from->address.s) != 0))
		put_text_member(run, "reply_to", buf_str(&reply->address));
	put_text_member(run, "list", mime_header(m->mime, "List-Id", 0));
	put_text_member(run, "auto", str_of(robot));
	put_parts(run);
	if (mime_text_cut(m->mime))
		draft_member_raw(&run->draft, DATA_EXT, STR("text_cut"), STR("true"));
}

/* ---- one mail ---- */

static int to_buffer(void *ctx, struct str piece, struct buf *err)
{
	(void)err;
	buf_put(ctx, piece);
	return 0;
}

static int to_letter(void *ctx, struct str piece, struct buf *err)
{
	return ledger_letter_more(ctx, piece, err);
}

/* The bytes as they came: as text where the mail is small and can be, else in pieces. */
static int reject(struct adapt_run *run, const struct mail_place *p, enum event_fault fault,
	const char *why, struct buf *err)
{
	struct mail *m = run->mail;
	struct buf raw = BUF_INIT;
	int status;

	draft_clear(&run->draft);
	if (m->added <= LETTER_TEXT) {
		mail_raw(m, to_buffer, &raw, err);
		/* The last line's end belongs to the mailbox. */
		if (p->line && raw.len && raw.s[raw.len - 1] == '\n')
			buf_cut(&raw, raw.len - 1);
		status = ledger_reject(
			run->ledger, fault, why, p->file, p->line, p->offset, buf_str(&raw), err);
		buf_release(&raw);
		return status;
	}
	status = ledger_letter_begin(run->ledger, fault, why, p->file, p->line, p->offset, err);
	if (status == 0)
		status = mail_raw(m, to_letter, run->ledger, err);
	return status < 0 ? status : ledger_letter_end(run->ledger, err);
}

/* 1: it is a duplicate. */
static int fill(struct adapt_run *run, const struct mail_place *p, struct buf *err)
{
	struct mail *m = run->mail;
	const struct mime_address *from = first_at(m, MIME_FROM), *customer;
	const char *robot;
	int status;

	if (!from)
		from = first_at(m, MIME_SENDER);
	if (mail_thread(m, err) < 0)
		return -1;
	adapt_source(run, "email", "email");
	draft_attr(&run->draft, ATTR_TYPE, STR("message"));
	draft_attr(&run->draft, ATTR_SESSION, buf_str(&m->root));
	robot = mail_auto(run, from);
	customer = set_speaker(run, from, robot);
	set_words(run, from);
	set_ext(run, from, customer, robot);
	status = mail_id(run, from ? buf_str(&from->address) : (struct str){NULL, 0}, err);
	draft_origin(&run->draft, p->file, p->offset, true);
	return status;
}

static int skip(struct adapt_run *run)
{
	draft_clear(&run->draft);
	ledger_read(run->ledger);
	run->ledger->duplicates++;
	return 0;
}

int mail_take(struct adapt_run *run, const struct mail_place *p, struct buf *err)
{
	struct mail *m = run->mail;
	struct buf why = BUF_INIT;
	size_t room = run->opt->max_line ? run->opt->max_line / TEXT_SHARE : (size_t)256 << 10;
	int status = 0;

	if (mime_parse(m->mime, room, &why) < 0)
		status = reject(run, p, FAULT_ROW, why.s, err);
	else if (mail_is_draft(m, p->file))
		run->empty++;
	else if (!mail_time(run, p->from_line))
		status = reject(
			run, p, FAULT_TIME, "no date that can be read (or before 1970)", err);
	else if ((status = fill(run, p, err)) == 0)
		status = adapt_emit(run, err);
	else if (status > 0)
		status = skip(run);
	mail_clear(m);
	buf_release(&why);
	return status;
}
