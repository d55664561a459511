#include "adapt/mail.h"
#include "adapt/quote.h"
#include "base/mem.h"
#include "base/text.h"
#include "core/store/scratch.h"
#include "io/mime.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#define LINE_PIECE ((size_t)64 << 10)
#define FROM_LINE_MAX 1024
#define REFERENCES_MAX 1000
#define HEADERS_MAX 100 /* of one name that are looked at */
#define COPIES_MAX 100	/* further recipients that are kept */
#define TEXT_SHARE 4 /* a mail's text may be 1/4 of the longest record: it may stand there twice, escaped */

/* What is kept over the inputs of a run, and buffers that are used again. */
struct mail {
	struct mime *mime;
	struct scratch *seen; /* "r" id -> root of its thread; "m" id -> digest of the mail that has it */
	struct hash *hash;
	struct buf own_id, root, key, value, words, piece, from_line;
};

/* One mail and where it came from. */
struct place {
	const char *file;
	uint64_t line, offset; /* line 0: not counted */
	struct str from_line;  /* of an mbox, or empty */
};

static int mail_start(struct adapt_run *run, struct buf *err)
{
	struct mail *m = run->mail;

	if (!m) {
		m = run->mail = mem_zero(1, sizeof(*m));
		buf_init(&m->own_id);
		buf_init(&m->root);
		buf_init(&m->key);
		buf_init(&m->value);
		buf_init(&m->words);
		buf_init(&m->piece);
		buf_init(&m->from_line);
		m->mime = mime_new();
		m->hash = hash_new();
	}
	if (!m->seen)
		m->seen = scratch_new(err);
	mime_clear(m->mime);
	return m->seen ? 0 : -1;
}

void mail_release(struct adapt_run *run)
{
	struct mail *m = run->mail;

	if (!m)
		return;
	mime_free(m->mime);
	scratch_free(m->seen);
	hash_free(m->hash);
	buf_release(&m->own_id);
	buf_release(&m->root);
	buf_release(&m->key);
	buf_release(&m->value);
	buf_release(&m->words);
	buf_release(&m->piece);
	buf_release(&m->from_line);
	free(m);
	run->mail = NULL;
}

/* ---- ids and threads ---- */

/* The next message id of a header: <...>, or a bare word with '@'. Folding within is taken out. false: no more. */
static bool next_id(struct str *header, struct buf *id)
{
	buf_clear(id);
	while (header->len) {
		const char *end;
		bool bracket = header->s[0] == '<';
		size_t n = 0;

		if (isspace((unsigned char)header->s[0]) || header->s[0] == ',') {
			header->s++, header->len--;
			continue;
		}
		end = bracket ? memchr(header->s, '>', header->len) : NULL;
		while (n < header->len && (end ? header->s + n < end
					       : !isspace((unsigned char)header->s[n]) && header->s[n] != ',')) {
			char c = header->s[n++];

			if ((unsigned char)c > ' ' && c != '<' && c != '>')
				buf_byte(id, c);
		}
		header->s += n + (end != NULL);
		header->len -= n + (end != NULL);
		if (id->len && (end || memchr(id->s, '@', id->len)))
			return true;
		buf_clear(id);
	}
	return false;
}

static struct str key_of(struct mail *m, char kind, struct str id)
{
	buf_clear(&m->key);
	buf_byte(&m->key, kind);
	buf_put(&m->key, id);
	return buf_str(&m->key);
}

/*
 * Looks one id up: 1 when its thread is known and becomes the root; 0 else, and the first id that was asked for stays as
 * the root to be.
 */
static int consider(struct mail *m, struct str id, struct buf *err)
{
	int known = scratch_get(m->seen, key_of(m, 'r', id), &m->value, err);

	if (known == 1) {
		buf_clear(&m->root);
		buf_put(&m->root, buf_str(&m->value));
	} else if (known == 0 && !m->root.len) {
		buf_put(&m->root, id);
	}
	return known;
}

/* Goes through all headers of the name; 1: the root is known. */
static int consider_header(struct mail *m, const char *name, struct buf *err)
{
	int known = 0, seen = 0;
	struct str h;

	for (int n = 0; n < HEADERS_MAX && known == 0 && (h = mime_header_raw(m->mime, name, n)).s; n++)
		while (known == 0 && seen++ < REFERENCES_MAX && next_id(&h, &m->words))
			known = consider(m, buf_str(&m->words), err);
	return known;
}

static int find_root(struct mail *m, struct buf *err)
{
	struct str id = mime_header_raw(m->mime, "Message-ID", 0);
	int known = 0;

	buf_clear(&m->root);
	if (!next_id(&id, &m->own_id)) {
		/* An id without '@' and brackets is none by the book, yet it names the mail. */
		buf_clear(&m->own_id);
		for (size_t i = 0; i < id.len; i++)
			if ((unsigned char)id.s[i] > ' ' && !strchr("<>", id.s[i]))
				buf_byte(&m->own_id, id.s[i]);
	}
	if (m->own_id.len)
		known = scratch_get(m->seen, key_of(m, 'r', buf_str(&m->own_id)), &m->root, err);
	if (known == 0)
		known = consider_header(m, "References", err);
	if (known == 0)
		known = consider_header(m, "In-Reply-To", err);
	if (known < 0)
		return -1;
	if (!m->root.len)
		buf_put(&m->root, buf_str(&m->own_id));
	if (!m->own_id.len)
		return 0;
	return scratch_put(m->seen, key_of(m, 'r', buf_str(&m->own_id)), buf_str(&m->root), err);
}

/*
 * The event's id is the Message-ID. Another mail (other date or sender) that comes under an id already taken gets a digest
 * behind it, so that neither is lost; a true copy gets the same id.
 */
static int set_id(struct adapt_run *run, struct str sender, struct buf *err)
{
	struct mail *m = run->mail;
	unsigned char digest[HASH_SIZE];
	int known;

	if (!m->own_id.len)
		return 0;
	buf_clear(&m->words);
	text_lower(&m->words, sender);
	hash_begin(m->hash);
	hash_add(m->hash, &run->draft.time, sizeof(run->draft.time));
	hash_add_part(m->hash, buf_str(&m->words));
	hash_end(m->hash, digest);
	buf_clear(&m->words);
	hash_hex(&m->words, digest, 4);
	known = scratch_get(m->seen, key_of(m, 'm', buf_str(&m->own_id)), &m->value, err);
	if (known == 0)
		known = scratch_put(m->seen, buf_str(&m->key), buf_str(&m->words), err);
	else if (known == 1 && !str_eq(buf_str(&m->value), buf_str(&m->words)))
		buf_printf(&m->own_id, "#%s", m->words.s);
	draft_attr(&run->draft, ATTR_ID, buf_str(&m->own_id));
	return known < 0 ? -1 : 0;
}

/* ---- time ---- */

static bool number(struct str s, int *out)
{
	int64_t n;

	if (!str_int(s, &n) || n < 0 || n > 9999)
		return false;
	*out = (int)n;
	return true;
}

static struct str next_word(struct str *s)
{
	struct str w;

	*s = str_trim(*s);
	w = *s;
	for (w.len = 0; w.len < s->len && !isspace((unsigned char)s->s[w.len]); w.len++)
		continue;
	s->s += w.len;
	s->len -= w.len;
	return w;
}

static int month_of(struct str s)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int i = 0; s.len == 3 && i < 12; i++)
		if (strncasecmp(s.s, months + (ptrdiff_t)i * 3, 3) == 0)
			return i + 1;
	return 0;
}

/* 14:05 or 14:05:59 */
static bool clock_of(struct str s, struct civil *c)
{
	int part[3] = {0, 0, 0};
	size_t from = 0, n = 0;

	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && s.s[i] != ':')
			continue;
		if (n == 3 || i - from != 2 || !number((struct str){s.s + from, 2}, &part[n++]))
			return false;
		from = i + 1;
	}
	c->hour = part[0];
	c->minute = part[1];
	c->second = part[2];
	return n >= 2;
}

/* The date of "From <sender> Mon Mar  2 14:05:10 2026", a zone anywhere behind the time of day: *offset in minutes. */
static bool from_date(struct str line, struct civil *c, bool *zone, int *offset)
{
	bool day = false, clock = false;

	*c = (struct civil){0};
	*zone = false;
	while (line.len) {
		struct str w = next_word(&line);
		int n;

		if (!c->month && (c->month = month_of(w)))
			continue;
		if (c->month && !clock && memchr(w.s, ':', w.len)) {
			clock = clock_of(w, c);
		} else if (c->month && !day && w.len <= 2 && number(w, &n)) {
			c->day = n;
			day = true;
		} else if (clock && w.len == 5 && strchr("+-", w.s[0]) &&
			   number((struct str){w.s + 1, 4}, &n)) {
			*offset = (n / 100 * 60 + n % 100) * (w.s[0] == '-' ? -1 : 1);
			*zone = true;
		} else if (clock && !c->year && w.len == 4 && number(w, &n)) {
			c->year = n;
		}
	}
	return day && clock && c->year > 1970 && civil_valid(c);
}

static bool is_from_line(struct str line)
{
	struct civil c;
	bool zone;
	int offset;

	return str_starts(line, STR("From ")) && line.len < FROM_LINE_MAX &&
	       from_date(line, &c, &zone, &offset);
}

static void assume(struct adapt_run *run, const char *what)
{
	draft_text(&run->draft, DATA_TIME_ASSUMED, str_of(what));
}

/* Date:, else the From_ line, else the newest Received:. false: there is none that can be. */
static bool set_time(struct adapt_run *run, struct str from_line)
{
	struct mime *mime = run->mail->mime;
	struct civil c;
	struct str h;
	int offset = 0;
	bool zone;

	if (mime_date(mime_header(mime, "Date", 0), &run->draft.time, &zone)) {
		if (!zone) {
			utc_civil(run->draft.time, &c);
			adapt_local_time(run, &c, NULL);
		}
		return true;
	}
	if (from_date(from_line, &c, &zone, &offset)) {
		if (zone) {
			run->draft.time = civil_utc(&c) - offset * WHEN_MINUTE;
			assume(run, "from_line");
		} else {
			adapt_local_time(run, &c, "from_line");
		}
		return true;
	}
	for (int n = 0; n < HEADERS_MAX && (h = mime_header(mime, "Received", n)).s; n++) {
		const char *semicolon = h.len ? memrchr(h.s, ';', h.len) : NULL;

		if (!semicolon)
			continue;
		h = (struct str){semicolon + 1, h.len - (size_t)(semicolon + 1 - h.s)};
		if (mime_date(str_trim(h), &run->draft.time, &zone)) {
			assume(run, "received");
			return true;
		}
	}
	return false;
}

/* ---- who ---- */

static enum adapt_who who_is(const struct adapt_options *o, const struct mime_address *a)
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
		if (who_is(run->opt, &list[i]) == WHO_OTHER)
			return &list[i];
	}
	return NULL;
}

static bool is_noreply(const struct mime_address *a)
{
	static const char *const names[] = {"noreply", "no-reply", "no_reply", "donotreply",
		"do-not-reply", "do_not_reply", "nao-responda", "naoresponda", NULL};

	for (int i = 0; names[i]; i++)
		if (strncasecmp(a->address.s, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool header_is(struct mail *m, const char *name, const char *const *values)
{
	struct str h = mime_header(m->mime, name, 0);

	for (; h.s && *values; values++)
		if (h.len == strlen(*values) && strncasecmp(h.s, *values, h.len) == 0)
			return true;
	return false;
}

static bool header_begins(struct mail *m, const char *name, const char *value)
{
	struct str h = mime_header(m->mime, name, 0);
	size_t n = strlen(value);

	return h.s && h.len >= n && strncasecmp(h.s, value, n) == 0;
}

/* People write to one another on a mailing list that marks what it passes on as bulk. */
static bool is_discussion(struct mail *m)
{
	bool list = mime_header(m->mime, "List-Id", 0).s || mime_header(m->mime, "X-Mailing-List", 0).s;

	return list && (mime_header(m->mime, "List-Post", 0).s || mime_header(m->mime, "References", 0).s ||
			       mime_header(m->mime, "In-Reply-To", 0).s ||
			       mime_header(m->mime, "X-Mailing-List", 0).s);
}

/* What kind of machine wrote it: "bounce", "reply", "generated", "list", or NULL: a person did. */
static const char *automatic(struct mail *m, const struct mime_address *from)
{
	static const char *const replies[] = {"auto_reply", "auto-reply", NULL};
	static const char *const bulk[] = {"bulk", "junk", NULL};
	static const char *const no[] = {"no", "", NULL};

	if (mime_is_bounce(m->mime) || (from && strncasecmp(from->address.s, "mailer-daemon", 13) == 0))
		return "bounce";
	if (header_begins(m, "Auto-Submitted", "auto-generated"))
		return "generated";
	if (mime_header(m->mime, "Auto-Submitted", 0).s && !header_is(m, "Auto-Submitted", no))
		return "reply";
	if (mime_header(m->mime, "X-Autoreply", 0).s || mime_header(m->mime, "X-Autorespond", 0).s ||
		header_is(m, "Precedence", replies))
		return "reply";
	return header_is(m, "Precedence", bulk) && !is_discussion(m) ? "list" : NULL;
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
	bool reply_other = reply && who_is(run->opt, reply) == WHO_OTHER, any;
	enum adapt_who who = from ? who_is(run->opt, from) : WHO_OTHER;

	customer = recipient(run, &any);
	/* A form on our web site writes as us, to us, and its customer is whom to answer. */
	if (who == WHO_OTHER || (any && !customer && reply_other)) {
		customer = reply_other && from && (who != WHO_OTHER || is_noreply(from)) ? reply : from;
		speaks(run, "in", robot && who == WHO_OTHER ? "system" : "customer");
		set_customer(run, customer);
		return customer;
	}
	speaks(run, any && !customer ? "internal" : "out", who == WHO_BOT || robot ? "bot" : "agent");
	set_agent(run, from);
	set_customer(run, customer);
	return customer;
}

/* ---- what is said ---- */

static bool is_forward(struct str subject)
{
	static const char *const marks[] = {"fwd:", "fw:", "wg:", "enc:", "tr:", "rv:", "doorst:", "vs:",
		"vb:", "i:", "pd:", NULL};

	for (int i = 0; marks[i]; i++)
		if (subject.len >= strlen(marks[i]) &&
			strncasecmp(subject.s, marks[i], strlen(marks[i])) == 0)
			return true;
	return false;
}

/* The new words. A mail that only passes another one on says what that one says. */
static void set_words(struct adapt_run *run)
{
	struct mail *m = run->mail;
	struct str whole = str_trim(mime_text(m->mime)), own;
	struct str subject = mime_header(m->mime, "Subject", 0);
	enum quote_found found;

	buf_clear(&m->words);
	found = quote_strip(&m->words, mime_own_text(m->mime));
	own = str_trim(buf_str(&m->words));
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
			who_is(run->opt, &list[i]) != WHO_OTHER ||
			(customer && strcasecmp(list[i].address.s, customer->address.s) == 0))
			continue;
		buf_clear(&run->text);
		text_lower(&run->text, buf_str(&list[i].address));
		draft_item(&copies, DATA_ASKS, buf_str(&run->text));
		kept++;
	}
	if (copies.data[DATA_ASKS].len)
		draft_member_raw(&run->draft, DATA_EXT, STR("cc"), buf_str(&copies.data[DATA_ASKS]));
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

static int reject(struct adapt_run *run, const struct place *p, enum event_fault fault, const char *why,
	struct buf *err)
{
	draft_clear(&run->draft);
	return ledger_reject(run->ledger, fault, why, p->file, p->line, p->offset,
		mime_raw(run->mail->mime), err);
}

static int fill(struct adapt_run *run, const struct place *p, struct buf *err)
{
	struct mail *m = run->mail;
	const struct mime_address *from = first_at(m, MIME_FROM), *customer;
	const char *robot;

	if (!from)
		from = first_at(m, MIME_SENDER);
	if (find_root(m, err) < 0 ||
		set_id(run, from ? buf_str(&from->address) : (struct str){NULL, 0}, err) < 0)
		return -1;
	adapt_source(run, "email", "email");
	draft_attr(&run->draft, ATTR_TYPE, STR("message"));
	draft_attr(&run->draft, ATTR_SESSION, buf_str(&m->root));
	robot = automatic(m, from);
	customer = set_speaker(run, from, robot);
	set_words(run);
	set_ext(run, from, customer, robot);
	draft_origin(&run->draft, p->file, p->offset, true);
	return 0;
}

/* What was added to the mime is one whole mail: it becomes an event or is refused. */
static int take(struct adapt_run *run, const struct place *p, struct buf *err)
{
	struct mail *m = run->mail;
	struct buf why = BUF_INIT;
	size_t room = run->opt->max_line ? run->opt->max_line / TEXT_SHARE : (size_t)256 << 10;
	int status;

	if (mime_parse(m->mime, room, &why) < 0)
		status = reject(run, p, FAULT_ROW, why.s, err);
	else if (!set_time(run, p->from_line))
		status = reject(run, p, FAULT_TIME, "no date that can be", err);
	else if ((status = fill(run, p, err)) == 0)
		status = adapt_emit(run, err);
	mime_clear(m->mime);
	buf_release(&why);
	return status;
}

/* ---- mbox ---- */

static int sniff_mbox(const struct adapt_peek *p)
{
	struct str head = p->head;
	const char *end;

	if (str_starts(head, STR("\xef\xbb\xbf"))) {
		head.s += 3;
		head.len -= 3;
	}
	while (head.len && (head.s[0] == '\n' || head.s[0] == '\r'))
		head.s++, head.len--;
	end = head.len ? memchr(head.s, '\n', head.len) : NULL;
	if (end)
		head.len = (size_t)(end - head.s);
	return is_from_line(head) ? 95 : 0;
}

/* ">From ", ">>From ": mboxrd adds one '>' when it writes, so one goes. */
static struct str unescape(struct str line)
{
	size_t n = 0;

	while (n < line.len && line.s[n] == '>')
		n++;
	if (n && str_starts((struct str){line.s + n, line.len - n}, STR("From ")))
		line.s++, line.len--;
	return line;
}

/* Adds one line of any length, of which `piece` is the first part. */
static int add_line(struct mail *m, struct lines *l, struct str piece, bool rest, struct buf *err)
{
	int more = 1;

	if (mime_add(m->mime, unescape(piece), err) < 0)
		return -1;
	while (rest && (more = lines_rest(l, &piece, err)) == LINES_ONE)
		if (mime_add(m->mime, piece, err) < 0)
			return -1;
	return more < 0 ? -1 : mime_add(m->mime, STR("\n"), err);
}

static int mbox_lines(struct adapt_run *run, struct lines *l, struct buf *err)
{
	struct mail *m = run->mail;
	struct place p = {.file = l->name};
	struct str line;
	bool blank = true, open = false;
	int status, what;

	while ((what = lines_next(l, &line, err)) > 0) {
		if (what == LINES_ONE && blank && is_from_line(line)) {
			p.from_line = buf_str(&m->from_line);
			if (open && (status = take(run, &p, err)) != 0)
				return status;
			open = true;
			buf_clear(&m->from_line);
			buf_put(&m->from_line, line);
			p.line = l->number;
			p.offset = l->offset;
			blank = false;
			continue;
		}
		blank = what == LINES_ONE && !line.len;
		if (open && add_line(m, l, line, what == LINES_LONG, err) < 0)
			return -1;
	}
	p.from_line = buf_str(&m->from_line);
	return what < 0 ? -1 : open ? take(run, &p, err) : 0;
}

static int read_mbox(struct adapt_run *run, struct input *in, struct buf *err)
{
	struct lines l;
	int status;

	if (mail_start(run, err) < 0 || input_lines(in, &l, LINE_PIECE, err) < 0)
		return -1;
	status = mbox_lines(run, &l, err);
	lines_close(&l);
	return status;
}

/* ---- one message a file ---- */

/* The length of the name of the header that begins the line, 0 where none does. */
static size_t header_name(struct str line)
{
	size_t n = 0, end;

	while (n < line.len && (isalnum((unsigned char)line.s[n]) || line.s[n] == '-' || line.s[n] == '_'))
		n++;
	for (end = n; end < line.len && line.s[end] == ' '; end++)
		continue;
	return n && end < line.len && line.s[end] == ':' ? n : 0;
}

static bool is_known_header(struct str name)
{
	static const char *const known[] = {"from", "to", "date", "received", "message-id",
		"return-path", "mime-version", "subject", "delivered-to", "content-type", "reply-to",
		"dkim-signature", "x-mailer", NULL};

	for (int i = 0; known[i]; i++)
		if (name.len == strlen(known[i]) && strncasecmp(name.s, known[i], name.len) == 0)
			return true;
	return false;
}

static int sniff_eml(const struct adapt_peek *p)
{
	struct str left = p->head;
	size_t n = strlen(p->path);
	bool named = n > 4 && strcasecmp(p->path + n - 4, ".eml") == 0;
	int known = 0, headers = 0;

	while (left.len && known < 3) {
		const char *end = memchr(left.s, '\n', left.len);
		struct str line = {left.s, end ? (size_t)(end - left.s) : left.len};
		size_t name = header_name(line);

		left.s += line.len + (end != NULL);
		left.len -= line.len + (end != NULL);
		if (!name && named && !headers && str_starts(line, STR("From ")))
			continue;
		if (!name && (!headers || !line.len || !strchr(" \t", line.s[0])))
			break;
		headers += name > 0;
		known += name && is_known_header((struct str){line.s, name});
	}
	return known >= 3 ? (named ? 98 : 80) : named && headers ? 90 : 0;
}

/* A From_ line that stands before the first header; its length with the line's end. */
static size_t leading_from_line(struct mail *m, struct str head)
{
	const char *end = head.len ? memchr(head.s, '\n', head.len) : NULL;
	size_t len = end ? (size_t)(end - head.s) : 0;

	buf_clear(&m->from_line);
	if (!end || !str_starts(head, STR("From ")) || header_name((struct str){head.s, len}))
		return 0;
	buf_add(&m->from_line, head.s, len);
	return len + 1;
}

static int read_eml(struct adapt_run *run, struct input *in, struct buf *err)
{
	struct place p = {.file = in->name};
	struct mail *m;
	bool first = true;
	int64_t n;

	if (mail_start(run, err) < 0)
		return -1;
	m = run->mail;
	if (in->seekable && input_rewind(in, err) < 0)
		return -1;
	buf_clear(&m->piece);
	buf_room(&m->piece, LINE_PIECE);
	while ((n = input_read(in, m->piece.s, LINE_PIECE, err)) > 0) {
		struct str bytes = {m->piece.s, (size_t)n};
		size_t skip = first ? leading_from_line(m, bytes) : 0;

		if (first && str_starts(bytes, STR("\xef\xbb\xbf")))
			skip = 3;
		first = false;
		if (mime_add(m->mime, (struct str){bytes.s + skip, bytes.len - skip}, err) < 0)
			return -1;
	}
	p.from_line = first ? (struct str){NULL, 0} : buf_str(&m->from_line);
	return n < 0 ? -1 : take(run, &p, err);
}

const struct adapter adapt_mbox = {
	"mbox", "mailbox of many messages (mbox, mboxrd)", sniff_mbox, read_mbox};
const struct adapter adapt_eml = {"eml", "one e-mail message (RFC 5322)", sniff_eml, read_eml};

/* ---- Maildir ---- */

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int maildir_file(struct adapt_run *run, const char *path, struct buf *err)
{
	struct input in;
	struct stat st;
	int status;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return 0;
	if (input_open(&in, path, err) < 0)
		return -1;
	status = read_eml(run, &in, err);
	input_close(&in);
	return status;
}

static int maildir_part(struct adapt_run *run, const char *folder, const char *part, struct buf *err)
{
	struct buf path = BUF_INIT;
	struct dirent **list = NULL;
	int status = 0, n;

	buf_printf(&path, "%s/%s", folder, part);
	n = scandir(path.s, &list, visible, by_name);
	if (n < 0) {
		buf_printf(err, "%s: %s", path.s, strerror(errno));
		status = -1;
	}
	for (int i = 0; i < n; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s/%s", folder, part, list[i]->d_name);
		if (status == 0)
			status = maildir_file(run, path.s, err);
		free(list[i]);
	}
	free(list);
	buf_release(&path);
	return status;
}

bool adapt_is_maildir(const char *folder)
{
	static const char *const parts[] = {"cur", "new", NULL};
	struct buf path = BUF_INIT;
	struct stat st;
	bool is = true;

	for (int i = 0; parts[i] && is; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", folder, parts[i]);
		is = stat(path.s, &st) == 0 && S_ISDIR(st.st_mode);
	}
	buf_release(&path);
	return is;
}

int adapt_maildir(struct adapt_run *run, const char *folder, struct buf *err)
{
	int status = maildir_part(run, folder, "cur", err);

	return status ? status : maildir_part(run, folder, "new", err);
}
