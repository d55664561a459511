#include "adapt/quote.h"
#include "base/mem.h"
#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>

#define LINE_MAX_LOOKED 512 /* longer lines are prose */
#define INTRO_LINES 4	    /* lines that an "On ... wrote:" may be wrapped over */
#define LOOSE_SIGNATURE 12  /* lines that may follow "--" without its blank */

enum line_kind { OWN, BLANK, QUOTED, GONE };

struct line {
	struct str s; /* blanks off both ends */
	struct str whole;
	enum line_kind kind;
};

struct text {
	struct line *v;
	size_t n, cap;
	struct buf low, joined; /* of the lines that are looked at */
	enum quote_found found;
};

/* ---- words ---- */

static const char *const wrote[] = {"wrote", "writes", "schrieb", "a écrit", "a ecrit", "escribió",
	"escribio", "escreveu", "ha scritto", "schreef", "geschreven", "skrev", "skreiv",
	"kirjoitti", "napisał", "napisal", "pisze", "napsal", "napísal", "пишет", "написал",
	"писал", "пише", "написав", "a scris", "írta", "yazdı", "yazmış", "έγραψε", "va escriure",
	"写道", "寫道", "님이 작성", NULL};

/* How such an introduction begins in those languages; a digit or a quotation mark does too. */
static const char *const intro[] = {"on ", "am ", "le ", "el ", "em ", "il ", "op ", "den ", "på ",
	"w dniu ", "dnia ", "dne ", "no dia ", "a ", "în ", "la ", "pe ", "в ", "at ", "--- on ",
	"---- on ", "vào ", "στις ", "mon, ", "tue, ", "wed, ", "thu, ", "fri, ", "sat, ", "sun, ",
	"ma ", "ti ", "ke ", "to ", "su ", NULL};

static const char *const original[] = {"original message", "mensagem original", "mensaje original",
	"ursprüngliche nachricht", "originalnachricht", "original-nachricht", "message d'origine",
	"message d’origine", "message original", "messaggio originale", "oorspronkelijk bericht",
	"oorspronkelijke bericht", "origineel bericht", "ursprungligt meddelande",
	"originalmeddelande", "oprindelig meddelelse", "original meddelelse", "opprinnelig melding",
	"alkuperäinen viesti", "wiadomość oryginalna", "oryginalna wiadomość", "původní zpráva",
	"eredeti üzenet", "mesaj original", "исходное сообщение", "оригинальное сообщение",
	"original appointment", "reply message", "mensagem de resposta", NULL};

static const char *const forwarded[] = {"forwarded message", "begin forwarded message",
	"mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada",
	"início da mensagem reencaminhada", "mensaje reenviado", "inicio del mensaje reenviado",
	"weitergeleitete nachricht", "anfang der weitergeleiteten", "message transféré",
	"début du message", "message réexpédié", "messaggio inoltrato",
	"inizio messaggio inoltrato", "doorgestuurd bericht", "begin doorgestuurd bericht",
	"vidarebefordrat meddelande", "videresendt meddelelse", "videresendt melding",
	"välitetty viesti", "przekazana wiadomość", "wiadomość przekazana",
	"пересылаемое сообщение", "пересланное сообщение", NULL};

/* Last lines that a telephone or a program adds. */
static const char *const device[] = {"sent from my ", "sent from mail for ", "sent from yahoo",
	"sent from outlook", "sent from samsung", "sent from proton", "sent via ", "sent with ",
	"sent using ", "get outlook for ", "enviado do meu ", "enviado pelo meu ",
	"enviado a partir d", "enviado desde mi ", "enviado desde ", "enviado via ",
	"obter o outlook", "obtener outlook", "von meinem ", "diese nachricht wurde von ",
	"gesendet von ", "gesendet mit ", "holen sie sich outlook", "outlook für ",
	"envoyé de mon ", "envoyé depuis ", "envoyé à partir d", "télécharger outlook",
	"obtenir outlook", "obtenez outlook", "inviato da ", "inviato dal ", "ottieni outlook",
	"scarica outlook", "verstuurd vanaf ", "verzonden vanaf ", "verzonden vanuit ",
	"verstuurd met ", "outlook voor ", "skickat från ", "hämta outlook", "sendt fra min ",
	"sendt fra ", "hent outlook", "få outlook", "lähetetty ", "hanki outlook", "wysłane z ",
	"wysłano z ", "pobierz outlook", "отправлено с ", "отправлено из ", "скачать outlook",
	"odesláno z ", "odesláno ze ", "via mobile", NULL};

enum label { LABEL_FROM = 1, LABEL_SENT = 2, LABEL_TO = 4, LABEL_SUBJECT = 8, LABEL_OTHER = 16 };

static const struct {
	const char *word;
	enum label label;
} labels[] = {{"from", LABEL_FROM}, {"von", LABEL_FROM}, {"de", LABEL_FROM}, {"da", LABEL_FROM},
	{"van", LABEL_FROM}, {"från", LABEL_FROM}, {"fra", LABEL_FROM}, {"lähettäjä", LABEL_FROM},
	{"od", LABEL_FROM}, {"от", LABEL_FROM}, {"expéditeur", LABEL_FROM},
	{"absender", LABEL_FROM}, {"remetente", LABEL_FROM}, {"sent", LABEL_SENT},
	{"date", LABEL_SENT}, {"gesendet", LABEL_SENT}, {"datum", LABEL_SENT},
	{"envoyé", LABEL_SENT}, {"enviado", LABEL_SENT}, {"enviada", LABEL_SENT},
	{"enviado el", LABEL_SENT}, {"enviada em", LABEL_SENT}, {"enviado em", LABEL_SENT},
	{"data", LABEL_SENT}, {"fecha", LABEL_SENT}, {"inviato", LABEL_SENT},
	{"verzonden", LABEL_SENT}, {"skickat", LABEL_SENT}, {"sendt", LABEL_SENT},
	{"dato", LABEL_SENT}, {"lähetetty", LABEL_SENT}, {"wysłano", LABEL_SENT},
	{"odesláno", LABEL_SENT}, {"отправлено", LABEL_SENT}, {"дата", LABEL_SENT},
	{"to", LABEL_TO}, {"an", LABEL_TO}, {"à", LABEL_TO}, {"para", LABEL_TO}, {"a", LABEL_TO},
	{"aan", LABEL_TO}, {"till", LABEL_TO}, {"til", LABEL_TO}, {"vastaanottaja", LABEL_TO},
	{"do", LABEL_TO}, {"komu", LABEL_TO}, {"кому", LABEL_TO}, {"destinataire", LABEL_TO},
	{"destinatario", LABEL_TO}, {"subject", LABEL_SUBJECT}, {"betreff", LABEL_SUBJECT},
	{"objet", LABEL_SUBJECT}, {"asunto", LABEL_SUBJECT}, {"assunto", LABEL_SUBJECT},
	{"oggetto", LABEL_SUBJECT}, {"onderwerp", LABEL_SUBJECT}, {"ämne", LABEL_SUBJECT},
	{"emne", LABEL_SUBJECT}, {"aihe", LABEL_SUBJECT}, {"temat", LABEL_SUBJECT},
	{"předmět", LABEL_SUBJECT}, {"тема", LABEL_SUBJECT}, {"cc", LABEL_OTHER},
	{"bcc", LABEL_OTHER}, {"kopie", LABEL_OTHER}, {"copie", LABEL_OTHER},
	{"importance", LABEL_OTHER}, {"reply-to", LABEL_OTHER}, {"attachments", LABEL_OTHER},
	{"копия", LABEL_OTHER}, {NULL, LABEL_OTHER}};

/* ---- looking at lines ---- */

static bool is_ascii(char c)
{
	return (unsigned char)c < 0x80;
}

/* Blanks off both ends, those of Unicode that mail programs write included. */
static struct str trim(struct str s)
{
	static const char *const blanks[] = {
		"\xc2\xa0", "\xe2\x80\x8b", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xef\xbb\xbf", NULL};
	bool more = true;

	while (more) {
		more = false;
		s = str_trim(s);
		if (s.len && is_ascii(s.s[0]) && is_ascii(s.s[s.len - 1]))
			return s;
		for (int i = 0; blanks[i]; i++) {
			struct str b = str_of(blanks[i]);

			if (str_starts(s, b)) {
				s.s += b.len;
				s.len -= b.len;
				more = true;
			} else if (str_ends(s, b)) {
				s.len -= b.len;
				more = true;
			}
		}
	}
	return s;
}

static struct str lower(struct text *t, struct str s)
{
	buf_clear(&t->low);
	if (s.len <= LINE_MAX_LOOKED)
		text_lower(&t->low, s);
	return buf_str(&t->low);
}

/* Most words of a list are told by their first byte. */
static bool starts_with(struct str s, const char *const *list)
{
	for (; s.len && *list; list++)
		if (**list == s.s[0] && str_starts(s, str_of(*list)))
			return true;
	return false;
}

static bool has_any(struct str s, const char *const *list)
{
	for (; *list; list++)
		if (str_find(s, str_of(*list)) >= 0)
			return true;
	return false;
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (isdigit((unsigned char)s.s[i]))
			return true;
	return false;
}

/* hh:mm, or hh.mm as some write it; marks of direction, which Windows puts between, do not count.
 */
static bool has_clock(struct str s)
{
	char last[4] = "";
	size_t digits = 0;

	for (size_t i = 0; i < s.len && digits < 3; i++)
		digits += s.s[i] >= '0' && s.s[i] <= '9';
	if (digits < 3)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		struct str left = {s.s + i, s.len - i};

		if (str_starts(left, STR("\xe2\x80\x8e")) ||
			str_starts(left, STR("\xe2\x80\x8f"))) {
			i += 2;
			continue;
		}
		memmove(last, last + 1, 3);
		last[3] = s.s[i];
		if (isdigit((unsigned char)last[0]) && last[1] && strchr(":.h", last[1]) &&
			isdigit((unsigned char)last[2]) && isdigit((unsigned char)last[3]))
			return true;
	}
	return false;
}

/* The line without the ruling of dashes and stars around it; *ruled: bytes of ruling before it. */
static struct str within_rules(struct str s, size_t *ruled)
{
	size_t from = 0;

	while (from < s.len && strchr("-_=*+# ", s.s[from]))
		from++;
	*ruled = from;
	s.s += from;
	s.len -= from;
	while (s.len && strchr("-_=*+#: ", s.s[s.len - 1]))
		s.len--;
	return s;
}

static bool is_one_of(struct str s, const char *const *list)
{
	for (; s.len && *list; list++)
		if (**list == s.s[0] && str_is(s, *list))
			return true;
	return false;
}

/* "-----Original Message-----", "Begin forwarded message:" */
static enum quote_found divider(struct text *t, size_t i)
{
	struct str s = t->v[i].s, words;
	char first = s.s[0], last = s.s[s.len - 1];
	size_t ruled;

	/* Most lines have neither ruling before them nor a colon behind. */
	if (is_ascii(first) && is_ascii(last) && last != ':' && !strchr("-_=*+#", first))
		return QUOTE_NONE;
	s = lower(t, s);
	words = within_rules(s, &ruled);
	if (ruled >= 2 && is_one_of(words, original))
		return QUOTE_REPLY;
	if (ruled >= 2 && is_one_of(words, forwarded))
		return QUOTE_FORWARD;
	if (!ruled && str_ends(s, STR(":")) && starts_with(s, forwarded))
		return QUOTE_FORWARD;
	return QUOTE_NONE;
}

/* The label of "From: ..." or "*Von:* ...", 0 where there is none. */
static int label_of(struct text *t, size_t i)
{
	struct str s = t->v[i].s, word;
	const char *colon = s.len ? memchr(s.s, ':', s.len) : NULL;
	size_t ruled;

	if (!colon || colon - s.s > 40)
		return 0;
	s = lower(t, (struct str){s.s, (size_t)(colon - s.s)});
	word = within_rules(s, &ruled);
	word = trim(word);
	for (int k = 0; word.len && labels[k].word; k++)
		if (labels[k].word[0] == word.s[0] && str_is(word, labels[k].word))
			return (int)labels[k].label;
	return 0;
}

static bool has_address(struct str s)
{
	return s.len && memchr(s.s, '@', s.len);
}

/*
 * Whether a block of From:, Sent:, To:, Subject: of another mail begins here. Without a subject it
 * must name an address or a time of day: "From: London, To: Paris, Date: May 3" is somebody's
 * order.
 */
static bool header_block(struct text *t, size_t i)
{
	int seen = label_of(t, i), other = 0;
	bool mail;

	if (!(seen & (LABEL_FROM | LABEL_SENT | LABEL_SUBJECT)))
		return false;
	mail = has_address(t->v[i].s) || has_clock(t->v[i].s);
	for (size_t k = i + 1; k < t->n && k < i + 14 && other < 3; k++) {
		int label = t->v[k].kind == BLANK ? 0 : label_of(t, k);

		seen |= label;
		other += !label;
		mail = mail || (label && (has_address(t->v[k].s) || has_clock(t->v[k].s)));
		if (!label && t->v[k].kind == BLANK && other > 1)
			break;
	}
	return (seen & LABEL_FROM) && (seen & (LABEL_SENT | LABEL_TO)) &&
	       (mail || (seen & LABEL_SUBJECT)) && __builtin_popcount((unsigned)seen) >= 3;
}

static bool only(struct str s, char c, size_t least)
{
	if (s.len < least)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] != c)
			return false;
	return true;
}

static size_t next_words(const struct text *t, size_t i)
{
	for (i++; i < t->n && t->v[i].kind == BLANK; i++)
		continue;
	return i;
}

/* A rule of underscores before such a block, or before the foot of a mailing list. */
static bool ruled_off(struct text *t, size_t i)
{
	size_t next = next_words(t, i);

	if (next == t->n || !(only(t->v[i].s, '_', 10) || only(t->v[i].s, '-', 20)))
		return false;
	if (header_block(t, next))
		return true;
	return only(t->v[i].s, '_', 30) && next == i + 1 &&
	       str_find(lower(t, t->v[next].s), STR("mailing list")) >= 0;
}

/* ---- introductions ---- */

static bool begins_intro(struct text *t, size_t i)
{
	struct str s = lower(t, t->v[i].s);

	return t->v[i].kind == OWN && has_digit(s) &&
	       (starts_with(s, intro) || (s.len && isdigit((unsigned char)s.s[0])));
}

/* The first of the lines that this one, which ends an introduction, may continue; the line itself
 * where none does. */
static size_t intro_start(struct text *t, size_t end)
{
	if (has_clock(t->v[end].s) && has_address(t->v[end].s))
		return end;
	for (size_t i = end, k = 0; k < INTRO_LINES; i--, k++) {
		if (t->v[i].kind != OWN)
			break;
		if (begins_intro(t, i))
			return i;
		if (i == 0)
			break;
	}
	return end;
}

static void join(struct text *t, size_t from, size_t to)
{
	buf_clear(&t->joined);
	for (size_t i = from; i <= to; i++) {
		struct str s = t->v[i].s;

		if (i > from)
			buf_byte(&t->joined, ' ');
		if (s.len <= LINE_MAX_LOOKED)
			text_lower(&t->joined, s);
	}
}

/*
 * Whether the line ends an introduction, "On ... wrote:", whose first line is *start. An unquoted
 * mail may follow only one that is *sure: it names a time of day or an address.
 */
static bool introduces(struct text *t, size_t end, size_t *start, bool *sure)
{
	struct str s = t->v[end].s, all;
	bool colon = str_ends(s, STR(":")) || str_ends(s, STR("：")) ||
		     (str_starts(s, STR("---")) && str_ends(s, STR("---")));
	size_t next = next_words(t, end);
	bool quoted = next < t->n && t->v[next].kind == QUOTED, clock, address;

	if (!s.len || s.len > LINE_MAX_LOOKED || (!colon && !(quoted && s.s[s.len - 1] == '>')))
		return false;
	*start = intro_start(t, end);
	join(t, *start, end);
	all = buf_str(&t->joined);
	clock = has_clock(all);
	address = has_address(all);
	if (!colon)
		return address && isdigit((unsigned char)all.s[0]);
	*sure = (clock && (address || begins_intro(t, *start))) || (address && has_digit(all));
	if (has_any(all, wrote))
		return quoted ? has_digit(all) || address || next == end + 1 : *sure;
	*sure = *sure && clock && address;
	return *sure || (quoted && clock && has_digit(all) && str_ends(all, STR(">:")));
}

/* ---- the text ---- */

static void split(struct text *t, struct str text)
{
	while (text.len) {
		const char *end = memchr(text.s, '\n', text.len);
		size_t len = end ? (size_t)(end - text.s) : text.len;
		struct line *l = VEC_ADD(t, v, n, cap);

		l->whole = (struct str){text.s, len};
		l->s = trim(l->whole);
		l->kind = !l->s.len ? BLANK : l->s.s[0] == '>' ? QUOTED : OWN;
		if (l->kind == QUOTED)
			t->found = QUOTE_REPLY;
		text.s += len + (end != NULL);
		text.len -= len + (end != NULL);
	}
}

/* PGP armour: what is signed stays, without the lines about it. */
static void drop_armour(struct text *t)
{
	enum { NOT, HEAD, BLOCK } in = NOT;

	for (size_t i = 0; i < t->n; i++) {
		struct str s = t->v[i].s;

		if (str_is(s, "-----BEGIN PGP SIGNED MESSAGE-----"))
			in = HEAD;
		else if (str_starts(s, STR("-----BEGIN PGP ")))
			in = BLOCK;
		if (in == HEAD && t->v[i].kind == BLANK)
			in = NOT;
		if (in != NOT)
			t->v[i].kind = GONE;
		if (str_starts(s, STR("-----END PGP ")))
			in = NOT;
	}
}

static void drop(struct text *t, size_t from, size_t to, enum line_kind kind)
{
	for (size_t i = from; i < to; i++)
		if (t->v[i].kind == OWN)
			t->v[i].kind = kind;
}

static bool words_before(const struct text *t, size_t i)
{
	while (i-- > 0)
		if (t->v[i].kind == OWN)
			return true;
	return false;
}

/* Whether a signature begins here: "-- ", or "--" with little behind it. */
static bool signature(const struct text *t, size_t i)
{
	struct str raw = t->v[i].whole;
	size_t lines = 0;

	if (!str_is(t->v[i].s, "--") && !str_is(t->v[i].s, "- --"))
		return false;
	while (raw.len && raw.s[raw.len - 1] == '\r')
		raw.len--;
	if (str_is(raw, "-- ") || str_is(raw, "- -- "))
		return true;
	for (i++; i < t->n && t->v[i].kind != QUOTED && lines <= LOOSE_SIGNATURE; i++)
		lines += t->v[i].kind == OWN;
	return lines <= LOOSE_SIGNATURE;
}

static void mark(struct text *t)
{
	bool signing = false, sure = false;

	for (size_t i = 0; i < t->n; i++) {
		enum quote_found kind = QUOTE_NONE;
		size_t start = i;

		if (t->v[i].kind == QUOTED)
			signing = false;
		if (t->v[i].kind != OWN)
			continue;
		if ((kind = divider(t, i)) != QUOTE_NONE || header_block(t, i) || ruled_off(t, i)) {
			if (t->found != QUOTE_FORWARD)
				t->found = kind ? kind : QUOTE_REPLY;
			drop(t, i, t->n, GONE);
			return;
		}
		if (introduces(t, i, &start, &sure)) {
			bool quoted =
				next_words(t, i) < t->n && t->v[next_words(t, i)].kind == QUOTED;

			t->found = QUOTE_REPLY;
			signing = false;
			if (!quoted && words_before(t, start)) {
				drop(t, start, t->n, GONE);
				return;
			}
			drop(t, start, i + 1, QUOTED);
			continue;
		}
		signing = signing || signature(t, i);
		if (signing)
			t->v[i].kind = GONE;
	}
}

/* Lines at the end that a device wrote. */
static void drop_device(struct text *t)
{
	for (size_t i = t->n; i-- > 0;) {
		if (t->v[i].kind != OWN)
			continue;
		if (t->v[i].s.len > 120 || !starts_with(lower(t, t->v[i].s), device))
			return;
		t->v[i].kind = GONE;
	}
}

static bool untouched(const struct text *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].kind != OWN && t->v[i].kind != BLANK)
			return false;
	return true;
}

static void put_own(struct buf *out, const struct text *t)
{
	size_t start = out->len;
	unsigned blank = 0;

	for (size_t i = 0; i < t->n; i++) {
		struct str s = t->v[i].whole;

		if (t->v[i].kind == BLANK)
			blank++;
		else if (t->v[i].kind != OWN)
			blank = blank ? blank : 1;
		if (t->v[i].kind != OWN)
			continue;
		if (out->len > start)
			buf_puts(out, blank ? "\n\n" : "\n");
		while (s.len && isspace((unsigned char)s.s[s.len - 1]))
			s.len--;
		if (out->len == start)
			s = t->v[i].s;
		buf_put(out, s);
		blank = 0;
	}
}

enum quote_found quote_strip(struct buf *out, struct str text)
{
	struct text t = {.low = BUF_INIT, .joined = BUF_INIT};

	split(&t, text);
	drop_armour(&t);
	mark(&t);
	drop_device(&t);
	if (untouched(&t))
		buf_put(out, text);
	else
		put_own(out, &t);
	buf_release(&t.low);
	buf_release(&t.joined);
	free(t.v);
	return t.found;
}
