/* A mailbox of all that was written and answered (RFC 5322, mboxrd), in the order of delivery. */
#include "gen/export_part.h"
#include "base/text.h"
#include "base/when.h"

#define QUOTED_LINE 74 /* bytes of a line of quoted-printable, its soft end not counted */

static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const months[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* ---- ids ---- */

void mail_session(const struct plan *p, const struct plan_contact *c, struct buf *out)
{
	buf_printf(out, "thread.%llu.%llu.%u@mail.example", (unsigned long long)p->seed,
		(unsigned long long)p->number, c->session);
}

static void put_id(struct buf *out, const struct export *e, const struct told *w, uint32_t turn)
{
	const struct turn *t = &w->p->turns[turn];

	buf_byte(out, '<');
	if (w->before[turn] == PLAN_NONE) {
		mail_session(w->p, &w->p->contacts[t->contact], out);
	} else {
		turn_id(w->p, t, out);
		buf_printf(out, ".%08x@%s", (unsigned)(t->seed >> 32),
			t->who == WHO_CUSTOMER ? "mail.example" : e->host.s);
	}
	buf_byte(out, '>');
}

/* ---- headers ---- */

static bool is_ascii(const char *s)
{
	while (*s && !(*s & 0x80))
		s++;
	return !*s;
}

/* Words of RFC 2047 where it is more than ASCII: one a word, for none may be longer than 75. */
static void put_words(struct buf *out, const char *s)
{
	if (is_ascii(s)) {
		buf_puts(out, s);
		return;
	}
	buf_puts(out, "=?UTF-8?Q?");
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == ' ')
			buf_puts(out, "_?=\n =?UTF-8?Q?");
		else if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
			buf_byte(out, (char)c);
		else
			buf_printf(out, "=%02X", c);
	}
	buf_puts(out, "?=");
}

/* Ana Lima <ana.lima@mail.example> */
static void put_mailbox(struct buf *out, const char *name, const char *address)
{
	bool atoms = true;

	for (const char *c = name; *c; c++)
		atoms = atoms && ((*c & 0x80) || *c == ' ' || *c == '-' || *c == '\'' ||
					 (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
					 (*c >= 'a' && *c <= 'z'));
	if (!is_ascii(name))
		put_words(out, name);
	else
		buf_printf(out, atoms ? "%s" : "\"%s\"", name);
	buf_printf(out, " <%s>", address);
}

void mail_agent(const struct export *e, const char *name, struct buf *out)
{
	struct buf words = BUF_INIT;

	text_words(&words, str_of(name));
	for (size_t i = 0; i < words.len; i++)
		if (is_ascii((char[]){words.s[i], '\0'}))
			buf_byte(out, words.s[i] == ' ' ? '.' : words.s[i]);
	buf_printf(out, "@%s", e->host.s);
	buf_release(&words);
}

static void put_us(struct buf *out, const struct export *e, const struct turn *t)
{
	const char *name = t->who == WHO_BOT ? e->s->bot : e->s->agents[t->agent - 1];
	struct buf address = BUF_INIT;

	mail_agent(e, name, &address);
	put_mailbox(out, name, address.s);
	buf_release(&address);
}

static void put_her(struct buf *out, const struct told *w, const struct turn *t)
{
	const struct plan_contact *c = &w->p->contacts[t->contact];
	struct random r = told_random(t, 4);
	struct buf address = BUF_INIT;

	put_email_written(&address, w->v->values[c->node], &r);
	put_mailbox(out, w->v->names[c->person], address.s);
	buf_release(&address);
}

static void put_people(struct export *e, const struct told *w, struct buf *out)
{
	bool hers = w->t->who == WHO_CUSTOMER;

	buf_puts(out, "From: ");
	if (hers)
		put_her(out, w, w->t);
	else
		put_us(out, e, w->t);
	buf_puts(out, "\nTo: ");
	if (hers)
		buf_printf(out, "contact@%s", e->host.s);
	else
		put_her(out, w, w->t);
	buf_byte(out, '\n');
}

/* Mon, 05 Jan 2026 14:05:33 -0300 */
static void put_date(struct buf *out, int64_t at)
{
	struct civil c;
	int weekday;
	int64_t offset;

	local_civil(at, &c, &weekday);
	offset = (civil_utc(&c) - at) / WHEN_MINUTE;
	buf_printf(out, "%s, %02d %s %04d %02d:%02d:%02d %c%02lld%02lld", days[weekday], c.day,
		months[c.month - 1], c.year, c.hour, c.minute, c.second, offset < 0 ? '-' : '+',
		(long long)(offset < 0 ? -offset : offset) / 60,
		(long long)(offset < 0 ? -offset : offset) % 60);
}

static void put_subject(const struct told *w, struct buf *out)
{
	static const char *const subjects[2][6] = {
		{"My order", "A question", "Your shop", "Contact from the site", "Message for you",
			"Hello"},
		{"Meu pedido", "Dúvida", "Sobre a minha situação", "Contato pelo site",
			"Mensagem para a equipe", "Olá"}};
	const struct plan_contact *c = &w->p->contacts[w->t->contact];
	struct random r = random_stream(w->p->seed + 8, w->p->number * 64 + c->session);

	buf_puts(out, "Subject: ");
	if (w->before[w->t - w->p->turns] != PLAN_NONE)
		buf_puts(out, "Re: ");
	put_words(out, subjects[in_portuguese(w->p)][random_below(&r, 6)]);
	buf_byte(out, '\n');
}

static void put_references(const struct export *e, const struct told *w, struct buf *out)
{
	const struct plan_contact *c = &w->p->contacts[w->t->contact];
	uint32_t number = (uint32_t)(w->t - w->p->turns), before = w->before[number];

	buf_puts(out, "Message-ID: ");
	put_id(out, e, w, number);
	buf_byte(out, '\n');
	if (before == PLAN_NONE)
		return;
	buf_puts(out, "In-Reply-To: ");
	put_id(out, e, w, before);
	buf_puts(out, "\nReferences: <");
	mail_session(w->p, c, out);
	buf_byte(out, '>');
	if (w->before[before] != PLAN_NONE) {
		buf_puts(out, "\n ");
		put_id(out, e, w, before);
	}
	buf_byte(out, '\n');
}

/* ---- bodies ---- */

/* On Mon, 5 Jan 2026 at 14:05, Ana Lima <ana.lima@mail.example> wrote: */
static void put_introduction(
	const struct export *e, const struct told *w, const struct turn *of, struct buf *out)
{
	static const char *const days_pt[] = {
		"dom.", "seg.", "ter.", "qua.", "qui.", "sex.", "sáb."};
	static const char *const months_pt[] = {"jan.", "fev.", "mar.", "abr.", "mai.", "jun.",
		"jul.", "ago.", "set.", "out.", "nov.", "dez."};
	bool pt = in_portuguese(w->p);
	struct civil c;
	int weekday;

	local_civil(of->at, &c, &weekday);
	if (pt)
		buf_printf(out, "Em %s, %d de %s de %d às %02d:%02d, ", days_pt[weekday], c.day,
			months_pt[c.month - 1], c.year, c.hour, c.minute);
	else
		buf_printf(out, "On %s, %d %s %d at %02d:%02d, ", days[weekday], c.day,
			months[c.month - 1], c.year, c.hour, c.minute);
	if (of->who == WHO_CUSTOMER)
		put_her(out, w, of);
	else
		put_us(out, e, of);
	buf_puts(out, pt ? " escreveu:\n" : " wrote:\n");
}

static void put_quote(struct export *e, const struct told *w, struct buf *out)
{
	const struct turn *of = &w->p->turns[w->before[w->t - w->p->turns]];

	buf_puts(out, "\n\n");
	put_introduction(e, w, of, out);
	turn_text(w->p, w->v, of, &e->text);
	buf_puts(out, "> ");
	buf_put(out, buf_str(&e->text));
}

/* What a mail ends with that nobody says. */
static void put_foot(struct export *e, const struct told *w, struct random *r, struct buf *out)
{
	bool pt = in_portuguese(w->p);

	if (w->t->who == WHO_CUSTOMER && random_below(r, 6) == 0)
		buf_puts(out, pt ? "\n\nEnviado do meu iPhone" : "\n\nSent from my iPhone");
	else if (w->t->who == WHO_AGENT && random_below(r, 3) == 0)
		buf_printf(out, "\n\n-- \n%s\n%s", e->s->agents[w->t->agent - 1], e->s->title);
}

static void put_body(struct export *e, const struct told *w, struct buf *out)
{
	struct random r = told_random(w->t, 1), foot = told_random(w->t, 5);

	turn_text(w->p, w->v, w->t, &e->text);
	break_text(&e->text, &r);
	buf_put(out, buf_str(&e->text));
	put_foot(e, w, &foot, out);
	if (w->before[w->t - w->p->turns] != PLAN_NONE && random_below(&foot, 3) == 0)
		put_quote(e, w, out);
	buf_byte(out, '\n');
}

static void put_quoted_printable(struct buf *out, struct str text)
{
	size_t column = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.s[i];
		bool end = i + 1 == text.len || text.s[i + 1] == '\n';
		bool plain = (c > ' ' && c < 0x7f && c != '=') || (c == ' ' && !end);

		if (c == '\n') {
			buf_byte(out, '\n');
			column = 0;
			continue;
		}
		if (column + (plain ? 1 : 3) > QUOTED_LINE) {
			buf_puts(out, "=\n");
			column = 0;
		}
		if (plain)
			buf_byte(out, (char)c);
		else
			buf_printf(out, "=%02X", c);
		column += plain ? 1 : 3;
	}
}

/* A line that begins like the next mail gets a '>' before it. */
static void put_escaped(struct buf *out, struct str text)
{
	bool start = true;

	for (size_t i = 0; i < text.len; i++) {
		size_t n = i;

		while (start && n < text.len && text.s[n] == '>')
			n++;
		if (start && str_starts((struct str){text.s + n, text.len - n}, STR("From ")))
			buf_byte(out, '>');
		buf_byte(out, text.s[i]);
		start = text.s[i] == '\n';
	}
}

/* ---- mails ---- */

static void put_from_line(struct export *e, const struct told *w, struct buf *out)
{
	const struct plan_contact *c = &w->p->contacts[w->t->contact];
	struct civil u;

	utc_civil(w->t->at, &u);
	buf_puts(out, "From ");
	if (w->t->who == WHO_CUSTOMER)
		buf_puts(out, w->v->values[c->node]);
	else
		mail_agent(
			e, w->t->who == WHO_BOT ? e->s->bot : e->s->agents[w->t->agent - 1], out);
	buf_printf(out, " %s %s %2d %02d:%02d:%02d %d\n", days[(w->t->at / WHEN_DAY + 4) % 7],
		months[u.month - 1], u.day, u.hour, u.minute, u.second, u.year);
}

int mail_turn(struct export *e, const struct told *w, struct buf *err)
{
	struct random r = told_random(w->t, 6);
	bool quoted = random_below(&r, 2) == 0;
	struct buf *out = &e->line;

	buf_clear(out);
	put_from_line(e, w, out);
	put_references(e, w, out);
	buf_puts(out, "Date: ");
	put_date(out, w->t->at);
	buf_byte(out, '\n');
	put_people(e, w, out);
	put_subject(w, out);
	buf_printf(out,
		"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: %s\n\n",
		quoted ? "quoted-printable" : "8bit");
	buf_clear(&e->value);
	put_body(e, w, &e->value);
	if (quoted) {
		buf_clear(&e->record);
		put_quoted_printable(&e->record, buf_str(&e->value));
		put_escaped(out, buf_str(&e->record));
	} else {
		put_escaped(out, buf_str(&e->value));
	}
	buf_byte(out, '\n');
	return out_put(&e->mail.out, buf_str(out), err);
}
