/* One dialog of a conversation container as an event. */
#include "adapt/vcon.h"
#include "base/text.h"
#include "io/html.h"
#include "io/phone.h"

struct str vcon_text(const struct json *of, const char *name)
{
	const struct json *v = json_member(of, name);

	return json_is_string(v) ? v->text : (struct str){NULL, 0};
}

size_t vcon_index(const struct json *v, size_t n)
{
	double d;

	return json_number(v, &d) && d >= 0 && d < (double)n && d == (double)(size_t)d ? (size_t)d
										       : n;
}

struct str vcon_body(struct vcon_in *x, const struct json *of)
{
	const struct json *body = json_member(of, "body");

	if (!body || body->type == JSON_NULL)
		return (struct str){NULL, 0};
	if (!json_is_string(body))
		return body->raw;
	if (!str_is(vcon_text(of, "encoding"), "base64url"))
		return body->text;
	buf_clear(&x->text);
	return base64url_read(&x->text, body->text) ? buf_str(&x->text) : body->text;
}

/* ---- parties ---- */

/* "tel:+551..." as "+551...". */
static struct str without(struct str s, struct str scheme)
{
	s = str_trim(s);
	return str_starts(s, scheme) ? (struct str){s.s + scheme.len, s.len - scheme.len} : s;
}

static struct str tel_of(const struct json *party)
{
	return without(vcon_text(party, "tel"), STR("tel:"));
}

static struct str mailto_of(const struct json *party)
{
	return without(vcon_text(party, "mailto"), STR("mailto:"));
}

/* "sip:+551...@pbx.example;user=phone" as "+551...", else "ana@pbx.example". */
static struct str sip_of(const struct json *party)
{
	struct str s = vcon_text(party, "sip");
	const char *end;

	s = without(without(s, STR("sips:")), STR("sip:"));
	end = s.len ? memchr(s.s, ';', s.len) : NULL;
	if (end)
		s.len = (size_t)(end - s.s);
	end = str_starts(s, STR("+")) ? memchr(s.s, '@', s.len) : NULL;
	if (end)
		s.len = (size_t)(end - s.s);
	return s;
}

static struct str name_of(const struct json *party)
{
	struct str name = vcon_text(party, "name");

	if (!name.len)
		name = mailto_of(party);
	if (!name.len)
		name = tel_of(party);
	return name.len ? name : sip_of(party);
}

static enum side side_of_party(struct vcon_in *x, const struct json *party)
{
	const struct str called[] = {
		vcon_text(party, "name"), mailto_of(party), tel_of(party), sip_of(party)};
	struct str type = vcon_text(party, "type");
	enum side side;
	bool bare;

	for (size_t i = 0; i < 4; i++) {
		enum adapt_who who = called[i].len ? adapt_who(x->run->opt, called[i]) : WHO_OTHER;

		if (who != WHO_OTHER)
			return who == WHO_BOT ? SIDE_BOT : SIDE_AGENT;
	}
	side = side_of(vcon_text(party, "role"), &bare);
	if (side != SIDE_UNKNOWN)
		return side;
	if (str_is(type, "bot") || str_is(type, "organization"))
		return str_is(type, "bot") ? SIDE_BOT : SIDE_AGENT;
	return side_of(called[0], &bare);
}

/* Who is on no side by name is on the other one, where only one is known. */
void vcon_sides(struct vcon_in *x)
{
	bool ours = false, hers = false;

	for (size_t i = 0; i < x->party_n; i++) {
		enum side side = side_of_party(x, x->parties[i].v);

		x->parties[i].side = side;
		hers |= side == SIDE_CUSTOMER;
		ours |= side == SIDE_AGENT || side == SIDE_BOT;
	}
	for (size_t i = 0; i < x->party_n; i++)
		if (x->parties[i].side == SIDE_UNKNOWN)
			x->parties[i].side = hers && !ours ? SIDE_AGENT : SIDE_CUSTOMER;
	x->run->strangers += x->party_n > 0 && !ours && !hers;
}

/* The next party of a dialog behind *v (NULL: the first), which may be a number, numbers, or
 * numbers by the tracks of a recording; NULL: there are no more. */
static const struct json *next_party(const struct json *parties, const struct json *v)
{
	const struct json *end = parties ? parties + parties->skip : NULL;

	for (v = v ? v + 1 : parties; v && v < end; v++)
		if (v->type == JSON_NUMBER)
			return v;
	return NULL;
}

static const struct vcon_party *party_at(const struct vcon_in *x, const struct json *number)
{
	size_t i = vcon_index(number, x->party_n);

	return x->parties && i < x->party_n ? &x->parties[i] : NULL;
}

/* The first party of a dialog that is on one side: hers, or ours; NULL: none is. */
static const struct vcon_party *first_of(const struct vcon_in *x, const struct json *d, bool hers)
{
	const struct json *parties = json_member(d, "parties");

	for (const struct json *v = next_party(parties, NULL); v; v = next_party(parties, v)) {
		const struct vcon_party *p = party_at(x, v);

		if (p && (p->side == SIDE_CUSTOMER) == hers)
			return p;
	}
	return NULL;
}

/* The customer of a dialog that names none: the only one that there is. */
static const struct vcon_party *only_customer(const struct vcon_in *x)
{
	const struct vcon_party *found = NULL;

	for (size_t i = 0; i < x->party_n; i++) {
		if (x->parties[i].side != SIDE_CUSTOMER)
			continue;
		if (found)
			return NULL;
		found = &x->parties[i];
	}
	return found;
}

/* Who began a dialog, or speaks in it. */
static const struct vcon_party *speaker_of(const struct vcon_in *x, const struct json *d)
{
	const struct json *originator = json_member(d, "originator");

	return party_at(x, originator ? originator : next_party(json_member(d, "parties"), NULL));
}

/* The customer that a dialog is with; NULL: nobody says who of several. */
static const struct vcon_party *customer_of(const struct vcon_in *x, const struct json *d)
{
	const struct vcon_party *speaker = speaker_of(x, d), *found;

	if (speaker && speaker->side == SIDE_CUSTOMER)
		return speaker;
	found = first_of(x, d, true);
	return found ? found : only_customer(x);
}

static void put_identifiers(struct vcon_in *x, const struct vcon_party *customer)
{
	struct draft *d = &x->run->draft;
	struct str tel, did, sip;
	struct buf e164 = BUF_INIT, handle = BUF_INIT;

	if (!customer)
		return;
	tel = tel_of(customer->v);
	if (!tel.len && str_starts(sip_of(customer->v), STR("+")))
		tel = sip_of(customer->v);
	did = vcon_text(customer->v, "did");
	if (tel.len && phone_e164(&e164, tel, x->run->opt->region))
		draft_identifier(d, "phone", buf_str(&e164));
	else if (tel.len)
		draft_member(d, DATA_EXT, STR("tel"), tel);
	adapt_email(x->run, mailto_of(customer->v));
	draft_identifier(d, "did", did);
	sip = sip_of(customer->v);
	if (!str_starts(sip, STR("+")))
		text_lower(&handle, sip);
	draft_identifier(d, "handle:sip", buf_str(&handle));
	buf_release(&e164);
	buf_release(&handle);
}

static void put_people(struct vcon_in *x, const struct json *d)
{
	const struct vcon_party *speaker = speaker_of(x, d), *of_ours;
	struct str name = speaker ? name_of(speaker->v) : STR("");
	bool hers = speaker && speaker->side == SIDE_CUSTOMER;

	if (speaker) {
		adapt_speaker(x->run,
			hers			    ? WHO_OTHER
			: speaker->side == SIDE_BOT ? WHO_BOT
						    : WHO_SELF,
			hers ? vcon_text(speaker->v, "name") : name);
	} else {
		draft_attr(&x->run->draft, ATTR_DIRECTION, STR("internal"));
		draft_attr(&x->run->draft, ATTR_ACTOR, STR("system"));
	}
	put_identifiers(x, customer_of(x, d));
	of_ours = first_of(x, d, false);
	if (hers && of_ours && !str_is(vcon_text(d, "type"), "text"))
		draft_text(&x->run->draft, DATA_AGENT, name_of(of_ours->v));
}

/* ---- what it was ---- */

/* "text/plain; charset=utf-8" as "text/plain", in lower case; borrowed from `into`. */
static struct str media_type(struct buf *into, const struct json *d)
{
	struct str s = vcon_text(d, "mediatype");
	const char *semicolon;

	if (!s.len)
		s = vcon_text(d, "mimetype"); /* as earlier drafts call it */
	semicolon = s.len ? memchr(s.s, ';', s.len) : NULL;
	if (semicolon)
		s.len = (size_t)(semicolon - s.s);
	buf_clear(into);
	text_lower(into, str_trim(s));
	return buf_str(into);
}

static bool is_word(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.s[i] < 'a' || s.s[i] > 'z') && (s.s[i] < '0' || s.s[i] > '9') &&
			s.s[i] != '_' && s.s[i] != '-')
			return false;
	return s.len > 0 && s.len <= 32;
}

enum { BY_MAIL = 1, BY_TEL = 2, BY_EITHER = BY_MAIL | BY_TEL };

static unsigned reached_by(const struct vcon_party *p)
{
	return (mailto_of(p->v).len ? BY_MAIL : 0u) | (tel_of(p->v).len ? BY_TEL : 0u);
}

/* By what she and we can both be reached: the same whoever of us two speaks, so that one
 * conversation has one channel. Who has no address and no number says nothing. */
static unsigned means_of(const struct vcon_in *x, const struct json *d)
{
	const struct vcon_party *customer = customer_of(x, d);
	unsigned hers = customer ? reached_by(customer) : 0, ours = 0;

	for (size_t i = 0; i < x->party_n; i++)
		if (x->parties[i].side != SIDE_CUSTOMER)
			ours |= reached_by(&x->parties[i]);
	hers = hers ? hers : BY_EITHER;
	return hers & ours ? hers & ours : hers;
}

static const char *guess_channel(const struct vcon_in *x, const struct json *d, struct str media)
{

	if (str_starts(media, STR("video/")))
		return "video";
	if (!str_is(vcon_text(d, "type"), "text"))
		return "voice";
	if (str_starts(media, STR("multipart/")) || str_starts(media, STR("message/")))
		return "email";
	switch (means_of(x, d)) {
	case BY_MAIL:
		return "email";
	case BY_TEL:
		return "sms";
	default:
		return "chat";
	}
}

static void put_channel(struct vcon_in *x, const struct json *d, struct str media)
{
	struct str application = vcon_text(d, "application");
	struct buf word = BUF_INIT;

	text_lower(&word, application);
	adapt_source(x->run, "vcon", is_word(buf_str(&word)) ? word.s : guess_channel(x, d, media));
	if (application.len && !is_word(buf_str(&word)))
		draft_member(&x->run->draft, DATA_EXT, STR("application"), application);
	buf_release(&word);
}

static void put_ext(struct vcon_in *x, const struct json *d, const char *name)
{
	struct str s = vcon_text(d, name);

	if (s.len)
		draft_member(&x->run->draft, DATA_EXT, str_of(name), s);
}

static void put_words(struct vcon_in *x, const struct json *d, struct str media)
{
	struct draft *draft = &x->run->draft;
	struct str body = vcon_body(x, d);
	struct buf plain = BUF_INIT;

	draft_attr(draft, ATTR_TYPE, STR("message"));
	if (str_is(media, "text/html")) {
		html_text(&plain, body);
		draft_text(draft, DATA_TEXT, buf_str(&plain));
		draft_text(draft, DATA_RAW_TEXT, body);
	} else {
		/* What is no text, such as a whole mail, is not taken apart. */
		draft_text(draft,
			media.len && !str_starts(media, STR("text/")) ? DATA_RAW_TEXT : DATA_TEXT,
			body);
	}
	buf_release(&plain);
}

static void put_duration(struct vcon_in *x, const struct json *d)
{
	const struct json *v = json_member(d, "duration");
	double seconds;

	if (json_number(v, &seconds) && seconds >= 0)
		draft_raw(&x->run->draft, DATA_DURATION, v->raw);
}

/* How a call ended that came to nothing, in the record's words. */
static const char *reason_of(struct str disposition, bool in)
{
	return str_is(disposition, "busy")					    ? "busy"
	       : str_is(disposition, "voicemail-no-message")			    ? "voicemail"
	       : str_is(disposition, "failed") || str_is(disposition, "congestion") ? "failed"
	       : in ? "abandoned_queue"
		    : "failed";
}

static void put_call(struct vcon_in *x, const struct json *d)
{
	struct draft *draft = &x->run->draft;
	struct str disposition = vcon_text(d, "disposition");
	bool in = str_is(draft_has(draft, ATTR_DIRECTION), "in");

	draft_attr(draft, ATTR_TYPE, STR("call"));
	put_duration(x, d);
	if (str_is(vcon_text(d, "type"), "recording")) {
		draft_text(draft, DATA_REASON, STR("answered"));
	} else {
		draft_text(draft, DATA_REASON, str_of(reason_of(disposition, in)));
		put_ext(x, d, "disposition");
	}
}

static void put_transfer(struct vcon_in *x, const struct json *d)
{
	struct draft *draft = &x->run->draft;
	const struct json *target = json_member(d, "transfer_target");
	const struct vcon_party *from = party_at(x, json_member(d, "transferor"));
	const struct vcon_party *whom = party_at(x, json_member(d, "transferee"));
	const struct vcon_party *to =
		party_at(x, target ? target : json_member(d, "transfer-target"));

	draft_attr(draft, ATTR_TYPE, STR("transferred"));
	draft_attr(draft, ATTR_DIRECTION, STR("internal"));
	draft_attr(draft, ATTR_ACTOR, STR("system"));
	put_identifiers(x, whom && whom->side == SIDE_CUSTOMER ? whom : only_customer(x));
	if (from)
		draft_text(draft, DATA_FROM, name_of(from->v));
	if (to)
		draft_text(draft, DATA_TO, name_of(to->v));
}

static void put_about(struct vcon_in *x, const struct vcon_dialog *about, struct str media)
{
	static const char *const more[] = {"filename", "url", "message_id"};
	struct draft *draft = &x->run->draft;
	struct str subject = vcon_text(x->root, "subject");
	const struct vcon_party *speaker = speaker_of(x, about->v);

	if (str_is(draft_has(draft, ATTR_CHANNEL), "email"))
		draft_text(draft, DATA_SUBJECT, subject);
	else if (subject.len)
		draft_member(draft, DATA_EXT, STR("subject"), subject);
	if (x->signed_by_some)
		draft_member(draft, DATA_EXT, STR("signature"), STR("unchecked"));
	if (media.len && !str_is(media, "text/plain"))
		draft_member(draft, DATA_EXT, STR("mediatype"), media);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		put_ext(x, about->v, more[i]);
	if (about->transcript.len)
		draft_member(draft, DATA_EXT, STR("transcript"), about->transcript);
	if (about->summary.len)
		draft_member(draft, DATA_EXT, STR("summary"), about->summary);
	vcon_rest(x, about->v, speaker ? speaker->v : NULL);
}

static int refuse(struct vcon_in *x, const struct json *d, enum event_fault fault, const char *why,
	struct buf *err)
{
	draft_clear(&x->run->draft);
	return ledger_reject(x->run->ledger, fault, why, x->file, x->line, x->offset, d->raw, err);
}

/* The kinds of a dialog that tell something; false where it is another. */
static bool put_kind(struct vcon_in *x, const struct json *d, struct str media)
{
	struct str type = vcon_text(d, "type");

	if (str_is(type, "transfer")) {
		put_transfer(x, d);
		return true;
	}
	put_people(x, d);
	if (str_is(type, "text"))
		put_words(x, d, media);
	else if (str_is(type, "recording") || str_is(type, "incomplete"))
		put_call(x, d);
	else
		return false;
	return true;
}

/* A start without a zone, as some programs write it, is a local time. */
static bool take_start(struct vcon_in *x, const struct json *d)
{
	struct draft *draft = &x->run->draft;
	struct buf zoned = BUF_INIT;
	struct civil local;
	bool good = when_parse(vcon_text(d, "start"), &draft->time);

	if (!good) {
		buf_put(&zoned, vcon_text(d, "start"));
		buf_byte(&zoned, 'Z');
		good = when_parse(buf_str(&zoned), &draft->time);
		if (good) {
			utc_civil(draft->time, &local);
			adapt_local_time(x->run, &local, NULL);
		}
		buf_release(&zoned);
	}
	return good;
}

int vcon_dialog(struct vcon_in *x, size_t number, struct buf *err)
{
	const struct vcon_dialog *about = &x->dialogs[number];
	const struct json *d = about->v;
	struct draft *draft = &x->run->draft;
	struct buf media = BUF_INIT, id = BUF_INIT;
	int status;

	/* What is recorded apart, party by party, is told by its parts. */
	if (str_is(vcon_text(d, "type"), "recording-set")) {
		x->run->empty++;
		return 0;
	}
	if (d->type != JSON_OBJECT)
		return refuse(x, d, FAULT_ROW, "a dialog that is no object", err);
	if (!take_start(x, d))
		return refuse(x, d, FAULT_TIME, "a dialog without a start", err);
	put_channel(x, d, media_type(&media, d));
	if (put_kind(x, d, buf_str(&media))) {
		put_about(x, about, buf_str(&media));
		buf_printf(&id, "%.*s-%zu", (int)x->uuid.len, x->uuid.s, number);
		draft_attr(draft, ATTR_ID, buf_str(&id));
		draft_attr(draft, ATTR_SESSION, x->uuid);
		draft_int(draft, DATA_ORDER, (int64_t)number);
		draft_origin(draft, x->file, x->line, false);
		status = adapt_emit(x->run, err);
	} else {
		status = refuse(x, d, FAULT_ROW, "a dialog of a type that is not known", err);
	}
	buf_release(&media);
	buf_release(&id);
	return status;
}
