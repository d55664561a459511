#include "gen/tell.h"
#include "base/when.h"
#include "io/json.h"

#define WINDOW (7 * WHEN_DAY) /* of a switch's success: the headline's */

struct teller {
	const struct truth *t;
	const struct plan *p;
	const struct voice *v;
	int64_t horizon;
	struct buf *line, *err;
	struct out *out;
};

static void begin(struct teller *w, const char *fact)
{
	buf_clear(w->line);
	buf_printf(w->line, "{\"fact\":\"%s\",\"customer\":\"%llu-%llu\"", fact,
		(unsigned long long)w->p->seed, (unsigned long long)w->p->number);
}

static int end(struct teller *w)
{
	buf_byte(w->line, '}');
	return out_record(w->out, buf_str(w->line), w->err);
}

static void text(struct teller *w, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	json_put_key(w->line, name);
	json_put_string(w->line, str_of(value));
}

static void number(struct teller *w, const char *name, int64_t value)
{
	json_put_key(w->line, name);
	buf_int(w->line, value);
}

/* A time that may be none. */
static void when(struct teller *w, const char *name, int64_t ms)
{
	if (ms)
		number(w, name, ms);
}

/* A contact by the id of its first record. */
static void contact(struct teller *w, const char *name, uint32_t c)
{
	if (c == PLAN_NONE)
		return;
	json_put_key(w->line, name);
	buf_byte(w->line, '"');
	turn_id(w->p, &w->p->turns[w->t->contacts[c].first], w->line);
	buf_byte(w->line, '"');
}

static void issue(struct teller *w, uint32_t i)
{
	contact(w, "issue", w->t->issues[i].first);
}

static const char *family_of(const struct teller *w, size_t family)
{
	return family ? w->p->s->families[family - 1] : NULL;
}

/* How many people speak in her name. */
static int64_t persons(const struct plan *p)
{
	uint32_t seen = 0;

	for (size_t i = 0; i < p->contact_n; i++)
		seen |= UINT32_C(1) << p->contacts[i].person;
	return __builtin_popcount(seen);
}

static int tell_customer(struct teller *w)
{
	begin(w, "customer");
	json_put_key(w->line, "person");
	buf_printf(w->line, "\"%llu-%llu\"", (unsigned long long)w->p->seed,
		(unsigned long long)w->p->person);
	number(w, "persons", persons(w->p));
	number(w, "known", w->p->known);
	json_put_key(w->line, "identifiers");
	buf_byte(w->line, '[');
	for (size_t i = 0; w->p->known && i < w->p->node_n; i++) {
		buf_puts(w->line, i ? ",{\"kind\":" : "{\"kind\":");
		json_put_string(w->line, str_of(w->p->s->kinds[w->p->nodes[i].kind]));
		buf_puts(w->line, ",\"value\":");
		json_put_string(w->line, str_of(w->v->values[i]));
		buf_printf(w->line, ",\"person\":%u}", w->p->nodes[i].person);
	}
	buf_byte(w->line, ']');
	return end(w);
}

static void contact_frame(struct teller *w, uint32_t n)
{
	const struct plan_contact *c = &w->p->contacts[n];
	const struct true_contact *f = &w->t->contacts[n];
	const struct gen_channel *ch = &w->p->s->channels[c->channel];
	struct buf id = BUF_INIT;

	contact(w, "contact", n);
	issue(w, c->issue);
	if (c->matter != PLAN_NONE)
		number(w, "matter", c->matter);
	number(w, "speaker", c->person);
	text(w, "channel", ch->name);
	text(w, "class", w->p->s->ontology->classes[ch->class].id);
	text(w, "began", c->hers ? "customer" : "company");
	number(w, "started", c->started);
	number(w, "ended", f->ended);
	if (turn_case(w->p, &w->p->turns[f->first], &id))
		text(w, "case_id", id.s);
	text(w, "intent", c->intent ? c->intent->id : NULL);
	text(w, "family", family_of(w, c->family));
	number(w, "inherited", c->inherited);
	number(w, "known", w->p->known);
	buf_release(&id);
}

static void contact_words(struct teller *w, uint32_t n)
{
	const struct true_contact *f = &w->t->contacts[n];
	bool hers = w->p->contacts[n].hers;

	number(w, "offered", hers);
	number(w, "handled", f->handled);
	number(w, "human", f->human);
	number(w, "bot", f->bot);
	when(w, "first_in", f->first_in);
	when(w, "answered_any", hers ? f->answered_any : 0);
	when(w, "answered_human", hers ? f->answered_human : 0);
	when(w, "answered_useful", hers ? f->answered_useful : 0);
	when(w, "closed", f->closed);
	when(w, "closed_last", f->closed_last);
	when(w, "reopened", f->reopened);
	text(w, "last_word", f->last_word == TRUE_OURS ? "company" : "customer");
	number(w, "last_asks", f->last_asks);
	if (f->outcome > 1)
		text(w, "abandoned", outcome_name((enum outcome)(f->outcome - 1)));
}

static int tell_contact(struct teller *w, uint32_t n)
{
	const struct true_contact *f = &w->t->contacts[n];
	const struct plan_contact *all = w->p->contacts;

	begin(w, "contact");
	contact_frame(w, n);
	contact_words(w, n);
	when(w, "next_in", f->next_in);
	if (f->next != PLAN_NONE) {
		number(w, "next_started", all[f->next].started);
		text(w, "next_channel", w->p->s->channels[all[f->next].channel].name);
	}
	number(w, "next_matter", f->next != PLAN_NONE && truth_same_matter(w->p, n, f->next));
	if (f->next_matter != PLAN_NONE)
		number(w, "next_matter_started", all[f->next_matter].started);
	number(w, "transferred", f->transfers);
	number(w, "handed_off", f->handoffs);
	number(w, "escalated", f->escalations);
	return end(w);
}

static int tell_issue(struct teller *w, uint32_t n)
{
	const struct true_issue *is = &w->t->issues[n];
	const struct plan_contact *all = w->p->contacts;

	begin(w, "issue");
	issue(w, n);
	text(w, "began", all[is->first].hers ? "customer" : "company");
	text(w, "family", family_of(w, is->family));
	number(w, "started", all[is->first].started);
	number(w, "ended", is->ended);
	number(w, "contacts", is->contacts);
	number(w, "her_contacts", is->her_contacts);
	number(w, "open", is->open);
	when(w, "closed", is->closed);
	if (is->reopening != PLAN_NONE) {
		number(w, "reopen_started", all[is->reopening].started);
		number(w, "reopen_channel_other",
			all[is->reopening].channel != all[is->closing].channel);
	}
	when(w, "case_reopened", is->case_reopened);
	number(w, "transfers", is->transfers);
	number(w, "escalations", is->escalations);
	number(w, "switches", is->switches);
	return end(w);
}

/* Why it failed; an empty list is a success. */
static void failures(struct teller *w, const char *name, unsigned bits)
{
	static const char *const names[] = {"not_joined", "asked_who", "asked_known", "unresolved",
		"switched_again", "came_back"};

	json_put_key(w->line, name);
	buf_byte(w->line, '[');
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (bits >> i & 1)
			buf_printf(w->line, "%s\"%s\"",
				w->line->s[w->line->len - 1] == '[' ? "" : ",", names[i]);
	buf_byte(w->line, ']');
}

static int tell_switch(struct teller *w, const struct true_switch *s)
{
	const struct true_contact *to = &w->t->contacts[s->to];

	begin(w, "switch");
	contact(w, "from_contact", s->from);
	contact(w, "to_contact", s->to);
	issue(w, w->p->contacts[s->to].issue);
	number(w, "gap", s->gap);
	number(w, "joined", s->joined);
	number(w, "asked_who", to->asked_who);
	number(w, "asked_known", to->asked_known);
	when(w, "next_switch_started", s->next_switch);
	if (to->next_matter != PLAN_NONE)
		number(w, "next_matter_started", w->p->contacts[to->next_matter].started);
	number(w, "mature", to->ended + WINDOW <= w->horizon);
	failures(w, "failures", truth_failures(w->t, s, WINDOW, w->horizon, false));
	failures(w, "failures_presumed", truth_failures(w->t, s, WINDOW, w->horizon, true));
	return end(w);
}

static int tell_move(struct teller *w, const struct true_move *m)
{
	static const char *const kinds[] = {"transfer", "handoff", "escalation"};

	begin(w, "move");
	contact(w, "contact", m->contact);
	number(w, "at", m->at);
	text(w, "kind", kinds[m->kind]);
	text(w, "reason", m->reason ? turn_reason((uint8_t)(m->reason - 1)) : NULL);
	return end(w);
}

int tell_facts(const struct truth *t, const struct voice *v, int64_t horizon, struct buf *line,
	struct out *out, struct buf *err)
{
	struct teller w = {t, t->p, v, horizon, line, err, out};
	int status = tell_customer(&w);

	for (uint32_t i = 0; status == 0 && i < t->contact_n; i++)
		status = tell_contact(&w, i);
	for (uint32_t i = 0; status == 0 && i < t->issue_n; i++)
		status = tell_issue(&w, i);
	for (size_t i = 0; status == 0 && i < t->switch_n; i++)
		status = tell_switch(&w, &t->switches[i]);
	for (size_t i = 0; status == 0 && i < t->move_n; i++)
		status = tell_move(&w, &t->moves[i]);
	return status;
}
