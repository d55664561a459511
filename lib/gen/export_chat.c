/* Chats as a telephone exports them: one text file a chat, local times, speakers by name. */
#include "gen/export_part.h"
#include "base/when.h"

/* How a telephone writes one chat. */
struct style {
	bool dashed; /* 2026-01-05 */
	bool marked; /* marks of direction around numbers, blanks and hyphens that do not break */
	struct buf peer;
};

static bool is_saved(const struct plan *p, const struct plan_contact *c)
{
	struct random r = random_stream(p->seed + 7, p->number);

	return c->person == 0 && p->persons == 1 && random_below(&r, 8) == 0;
}

/* As the address book has her, or her number. */
void chat_session(
	const struct plan *p, const struct voice *v, const struct plan_contact *c, struct buf *out)
{
	if (is_saved(p, c))
		buf_printf(out, "%s %llu", v->names[0], (unsigned long long)p->number);
	else
		buf_puts(out, v->values[c->node]);
}

static void put_marked(struct buf *out, const char *number)
{
	buf_puts(out, "\xe2\x80\xaa"); /* U+202A */
	for (; *number; number++)
		if (*number == ' ')
			buf_puts(out, "\xc2\xa0");
		else if (*number == '-')
			buf_puts(out, "\xe2\x80\x91");
		else
			buf_byte(out, *number);
	buf_puts(out, "\xe2\x80\xac"); /* U+202C */
}

static void style_of(struct style *s, const struct plan *p, const struct voice *v,
	const struct plan_contact *c, struct random *r)
{
	struct buf number = BUF_INIT;

	s->dashed = random_below(r, 5) == 0;
	s->marked = random_below(r, 3) == 0;
	put_phone_written(&number, v->values[c->node], r);
	if (is_saved(p, c))
		chat_session(p, v, c, &s->peer);
	else if (s->marked)
		put_marked(&s->peer, number.s);
	else
		buf_put(&s->peer, buf_str(&number));
	buf_release(&number);
}

static void put_head(struct buf *out, const struct style *s, int64_t at)
{
	struct civil c;

	local_civil(at, &c, NULL);
	if (s->dashed)
		buf_printf(out, "[%04d-%02d-%02d", c.year, c.month, c.day);
	else
		buf_printf(out, "[%02d/%02d/%04d", c.day, c.month, c.year);
	buf_printf(out, ", %02d:%02d:%02d] ", c.hour, c.minute, c.second);
}

/* The notice with which a chat begins; its author is the chat. */
static void put_notice(struct buf *out, const struct style *s, const struct plan *p, int64_t at)
{
	put_head(out, s, at);
	buf_put(out, buf_str(&s->peer));
	buf_puts(out, ": \xe2\x80\x8e");
	buf_puts(out,
		in_portuguese(p)
			? "As mensagens e as ligações são protegidas com a criptografia de "
			  "ponta a ponta. Somente as pessoas que fazem parte da conversa podem "
			  "ler, ouvir ou compartilhar esse conteúdo.\n"
			: "Messages and calls are end-to-end encrypted. Only people in this "
			  "chat can read, listen to, or share them.\n");
}

static void put_turn(struct export *e, struct buf *out, const struct style *s, const struct told *w)
{
	struct random r = told_random(w->t, 1);

	put_head(out, s, w->t->at);
	if (w->t->who == WHO_CUSTOMER)
		buf_put(out, buf_str(&s->peer));
	else
		buf_puts(out,
			w->t->who == WHO_BOT ? w->p->s->bot : w->p->s->agents[w->t->agent - 1]);
	buf_puts(out, ": ");
	turn_text(w->p, w->v, w->t, &e->text);
	break_text(&e->text, &r);
	buf_put(out, buf_str(&e->text));
	buf_byte(out, '\n');
}

/* "WhatsApp Chat with +55 11 98765-4321.txt" */
static void put_file_name(
	struct buf *out, const struct plan *p, const char *number, struct random *r)
{
	static const char *const titles[2][2] = {{"WhatsApp Chat with ", "WhatsApp Chat - "},
		{"Conversa do WhatsApp com ", "Conversa do WhatsApp - "}};

	buf_printf(out, "%s/%s", export_words[EXPORT_WHATSAPP],
		titles[in_portuguese(p)][random_below(r, 4) == 0]);
	put_phone_written(out, number, r);
	buf_puts(out, ".txt");
}

/* The whole chat that begins with the turn. */
static int write_chat(struct export *e, const struct told *w, struct buf *err)
{
	const struct plan_contact *c = &w->p->contacts[w->t->contact];
	struct random r = told_random(w->t, 3);
	struct style s = {.peer = BUF_INIT};
	struct export_file f = {.path = NULL};
	struct buf name = BUF_INIT;
	int status;

	style_of(&s, w->p, w->v, c, &r);
	put_file_name(&name, w->p, w->v->values[c->node], &r);
	status = export_file_open(e, &f, name.s, err);
	buf_clear(&e->line);
	put_notice(&e->line, &s, w->p, w->t->at);
	for (const struct turn *t = w->t; status == 0 && t < w->p->turns + w->p->turn_n; t++) {
		const struct told one = {w->p, w->v, w->before, t};

		if (!told_word(t) || w->p->contacts[t->contact].session != c->session)
			continue;
		put_turn(e, &e->line, &s, &one);
		e->written++;
		status = out_put(&f.out, buf_str(&e->line), err);
		buf_clear(&e->line);
	}
	if (status == 0)
		status = export_file_close(&f, err);
	else
		export_file_close(&f, &name);
	buf_release(&name);
	buf_release(&s.peer);
	return status;
}

int chat_begin(struct export *e, const struct plan *p, const struct voice *v,
	const uint32_t *before, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < p->turn_n; i++) {
		const struct told w = {p, v, before, &p->turns[i]};

		if (told_word(w.t) && before[i] == PLAN_NONE &&
			told_carrier(e, p, w.t) == EXPORT_WHATSAPP)
			status = write_chat(e, &w, err);
	}
	return status;
}
