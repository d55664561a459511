/* Mail that no person wrote to us. */
#include "adapt/mail_part.h"
#include "base/text.h"

#include <strings.h>

static bool begins(struct str s, const char *with)
{
	size_t n = strlen(with);

	return s.len >= n && strncasecmp(s.s, with, n) == 0;
}

static bool has_header(struct mail *m, const char *name)
{
	return mime_header(m->mime, name, 0).s != NULL;
}

static bool header_is(struct mail *m, const char *name, const char *const *values)
{
	struct str h = mime_header(m->mime, name, 0);

	for (; h.s && *values; values++)
		if (h.len == strlen(*values) && begins(h, *values))
			return true;
	return false;
}

bool mail_is_noreply(const struct mime_address *a)
{
	static const char *const names[] = {"noreply", "no-reply", "no_reply", "no.reply",
		"donotreply", "do-not-reply", "do_not_reply", "nao-responda", "naoresponda",
		"noresponder", "no-responder", NULL};

	for (int i = 0; names[i]; i++)
		if (begins(buf_str(&a->address), names[i]))
			return true;
	return false;
}

/* How the subjects of absence notes begin; whoever answers one has "Re:" before it. */
static const char *const away[] = {"automatic reply", "auto-reply:", "auto reply:", "autoreply:",
	"auto response:", "autoresponse:", "out of office", "out of the office",
	"resposta automática", "resposta automatica", "ausência temporária", "fora do escritório",
	"respuesta automática", "respuesta automatica", "fuera de la oficina",
	"automatische antwort", "abwesenheitsnotiz", "abwesenheit:", "réponse automatique",
	"reponse automatique", "absence du bureau", "risposta automatica", "fuori ufficio",
	"automatisch antwoord", "afwezig:", "afwezigheidsbericht", "autosvar:", "automatiskt svar",
	"automatisk svar", "automaattinen vastaus", "odpowiedź automatyczna",
	"автоматический ответ", NULL};

static bool is_away(struct mail *m)
{
	struct str subject = mime_header(m->mime, "Subject", 0);
	struct buf low = BUF_INIT;
	bool is = false;

	text_lower(&low, subject);
	for (int i = 0; away[i] && !is; i++)
		is = str_starts(buf_str(&low), str_of(away[i]));
	buf_release(&low);
	return is;
}

/* The flags of a Maildir's file, "1772442900.M1P2.host:2,DS". */
static bool is_flagged_draft(const char *file)
{
	const char *slash = strrchr(file, '/'), *info = strstr(slash ? slash : file, ":2,");

	return adapt_in_maildir(file) && info && strchr(info + 3, 'D');
}

/* Of mail that Google hands out: its labels, in the language of the account. */
static bool is_labelled_draft(struct mail *m)
{
	static const char *const drafts[] = {"drafts", "draft", "rascunhos", "rascunho",
		"borradores", "brouillons", "entwürfe", "bozze", "concepten", "черновики", NULL};
	struct str rest = mime_header(m->mime, "X-Gmail-Labels", 0);
	struct buf label = BUF_INIT;
	bool is = false;

	while (rest.len && !is) {
		const char *comma = memchr(rest.s, ',', rest.len);
		size_t n = comma ? (size_t)(comma - rest.s) : rest.len;

		buf_clear(&label);
		text_lower(&label, str_trim((struct str){rest.s, n}));
		for (int i = 0; drafts[i]; i++)
			is |= str_is(buf_str(&label), drafts[i]);
		rest.s += n + (comma != NULL);
		rest.len -= n + (comma != NULL);
	}
	buf_release(&label);
	return is;
}

bool mail_is_draft(struct mail *m, const char *file)
{
	static const char *const yes[] = {"1", NULL};

	return is_flagged_draft(file) || has_header(m, "X-Mozilla-Draft-Info") ||
	       header_is(m, "X-Unsent", yes) || is_labelled_draft(m);
}

static bool is_bounce(struct mail *m, const struct mime_address *from)
{
	struct str back = mime_header_raw(m->mime, "Return-Path", 0);

	if (mime_report(m->mime) == MIME_DELIVERY || has_header(m, "X-Failed-Recipients"))
		return true;
	if (!from)
		return false;
	/* A postmaster is a person too, but for one who wants no answer. */
	return begins(buf_str(&from->address), "mailer-daemon") ||
	       (begins(buf_str(&from->address), "postmaster@") &&
		       (str_is(back, "<>") || has_header(m, "Auto-Submitted")));
}

static bool is_reply(struct mail *m)
{
	static const char *const headers[] = {"X-Autoreply", "X-Autorespond", "X-Autoresponder",
		"X-Mail-Autoreply", "X-AutoReply-From", "X-Auto-Reply-From", NULL};
	static const char *const precedence[] = {"auto_reply", "auto-reply", NULL};
	static const char *const machine[] = {"auto-generated", "auto-notified", NULL};
	static const char *const no[] = {"no", "", NULL};
	struct str submitted = mime_header(m->mime, "Auto-Submitted", 0);

	for (int i = 0; headers[i]; i++)
		if (has_header(m, headers[i]))
			return true;
	if (header_is(m, "Precedence", precedence) || is_away(m))
		return true;
	return submitted.s && !header_is(m, "Auto-Submitted", no) &&
	       !begins(submitted, machine[0]) && !begins(submitted, machine[1]);
}

static bool is_list(struct mail *m)
{
	return has_header(m, "List-Id") || has_header(m, "X-Mailing-List") ||
	       has_header(m, "List-Post");
}

/* People write to one another on a mailing list that marks what it passes on as bulk. */
static bool is_discussion(struct mail *m)
{
	return is_list(m) &&
	       (has_header(m, "List-Post") || has_header(m, "References") ||
		       has_header(m, "In-Reply-To") || has_header(m, "X-Mailing-List"));
}

/* Whether a list is ours: a desk that is a group has one. */
static bool is_our_list(struct adapt_run *run)
{
	struct str id = mime_header(run->mail->mime, "List-Id", 0);
	const char *open = id.len ? memrchr(id.s, '<', id.len) : NULL;
	struct str name = open ? (struct str){open + 1, id.len - (size_t)(open - id.s) - 1} : id;
	ptrdiff_t end = str_find(name, STR(">")), dot;

	if (end >= 0)
		name.len = (size_t)end;
	dot = str_find(name, STR("."));
	if (dot <= 0)
		return false;
	buf_clear(&run->text);
	buf_add(&run->text, name.s, (size_t)dot);
	buf_byte(&run->text, '@');
	buf_add(&run->text, name.s + dot + 1, name.len - (size_t)dot - 1);
	return adapt_who(run->opt, buf_str(&run->text)) != WHO_OTHER;
}

/* What goes to the members of a list, of whom we are one, is not said to us. */
static bool is_for_list(struct adapt_run *run, const struct mime_address *from)
{
	const struct mime_address *list;
	size_t n = mime_addresses(run->mail->mime, &list);

	if (!is_list(run->mail) || !run->opt->selves || is_our_list(run) ||
		(from && mail_who(run->opt, from) != WHO_OTHER))
		return false;
	for (size_t i = 0; i < n; i++)
		if (list[i].place >= MIME_TO && mail_who(run->opt, &list[i]) != WHO_OTHER)
			return false;
	return true;
}

static bool is_bulk(struct adapt_run *run, const struct mime_address *from)
{
	static const char *const bulk[] = {"bulk", "junk", "list", NULL};
	struct mail *m = run->mail;

	if (is_for_list(run, from))
		return true;
	return (header_is(m, "Precedence", bulk) || has_header(m, "List-Unsubscribe") ||
		       is_list(m)) &&
	       !is_discussion(m) && !is_our_list(run);
}

static bool is_generated(struct mail *m, const struct mime_address *from)
{
	struct str submitted = mime_header(m->mime, "Auto-Submitted", 0);

	/* A form of a shop writes so too, and says whom to answer. */
	return begins(submitted, "auto-generated") || begins(submitted, "auto-notified") ||
	       has_header(m, "X-Auto-Submitted") ||
	       (from && mail_is_noreply(from) && !has_header(m, "Reply-To"));
}

const char *mail_auto(struct adapt_run *run, const struct mime_address *from)
{
	static const char *const calendar[] = {
		[MIME_INVITES] = "invitation", [MIME_ANSWERS] = "invitation_reply"};
	struct mail *m = run->mail;
	enum mime_calendar said = mime_calendar(m->mime);

	if (is_bounce(m, from))
		return "bounce";
	if (mime_report(m->mime) == MIME_RECEIPT)
		return "receipt";
	if (said)
		return calendar[said];
	if (is_reply(m))
		return "reply";
	if (is_generated(m, from))
		return "generated";
	return is_bulk(run, from) ? "list" : NULL;
}
