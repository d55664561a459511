#include "gen/tell.h"
#include "base/when.h"
#include "io/json.h"

#define WINDOW (7 * WHEN_DAY) /* of a switch's success: the headline's */

struct teller {
	const struct truth *t;
	const struct plan *p;
	const struct voice *v;
	int64_t horizon;
	struct line *l;
};

static void begin(struct teller *w, const char *fact)
{
	line_begin(w->l, "fact", fact);
	json_put_key(&w->l->text, "customer");
	buf_printf(&w->l->text, "\"%llu-%llu\"", (unsigned long long)w->p->seed,
		(unsigned long long)w->p->number);
}

/* A time that may be none. */
static void when(struct teller *w, const char *name, int64_t ms)
{
	if (ms)
		line_number(w->l, name, ms);
}

static void feeling(struct teller *w, const char *name, uint8_t felt)
{
	if (felt)
		line_decimal(w->l, name, (felt - PLAN_FELT) / 100.0, 2);
}

/* A contact by the id of its first record. */
static void contact(struct teller *w, const char *name, uint32_t c)
{
	if (c == PLAN_NONE)
		return;
	json_put_key(&w->l->text, name);
	buf_byte(&w->l->text, '"');
	turn_id(w->p, &w->p->turns[w->t->contacts[c].first], &w->l->text);
	buf_byte(&w->l->text, '"');
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

static void tell_customer(struct teller *w)
{
	begin(w, "customer");
	json_put_key(&w->l->text, "person");
	buf_printf(&w->l->text, "\"%llu-%llu\"", (unsigned long long)w->p->seed,
		(unsigned long long)w->p->person);
	line_number(w->l, "persons", persons(w->p));
	line_number(w->l, "known", w->p->known);
	json_put_key(&w->l->text, "identifiers");
	buf_byte(&w->l->text, '[');
	for (size_t i = 0; w->p->known && i < w->p->node_n; i++) {
		buf_puts(&w->l->text, i ? ",{\"kind\":" : "{\"kind\":");
		json_put_string(&w->l->text, str_of(w->p->s->kinds[w->p->nodes[i].kind]));
		buf_puts(&w->l->text, ",\"value\":");
		json_put_string(&w->l->text, str_of(w->v->values[i]));
		buf_printf(&w->l->text, ",\"person\":%u}", w->p->nodes[i].person);
	}
	buf_byte(&w->l->text, ']');
	line_end(w->l);
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
		line_number(w->l, "matter", c->matter);
	line_number(w->l, "speaker", c->person);
	line_text(w->l, "channel", ch->name);
	line_text(w->l, "class", w->p->s->ontology->classes[ch->class].id);
	line_text(w->l, "began", c->hers ? "customer" : "company");
	line_number(w->l, "started", c->started);
	line_number(w->l, "ended", f->ended);
	if (turn_case(w->p, &w->p->turns[f->first], &id))
		line_text(w->l, "case_id", id.s);
	line_text(w->l, "intent", c->intent ? c->intent->id : NULL);
	line_text(w->l, "family", family_of(w, c->family));
	line_number(w->l, "inherited", c->inherited);
	line_number(w->l, "known", w->p->known);
	buf_release(&id);
}

static void contact_words(struct teller *w, uint32_t n)
{
	const struct true_contact *f = &w->t->contacts[n];
	bool hers = w->p->contacts[n].hers;

	line_number(w->l, "offered", hers);
	line_number(w->l, "handled", f->handled);
	line_number(w->l, "human", f->human);
	line_number(w->l, "bot", f->bot);
	when(w, "first_in", f->first_in);
	when(w, "answered_any", hers ? f->answered_any : 0);
	when(w, "answered_human", hers ? f->answered_human : 0);
	when(w, "answered_useful", hers ? f->answered_useful : 0);
	when(w, "closed", f->closed);
	when(w, "closed_last", f->closed_last);
	when(w, "reopened", f->reopened);
	line_text(w->l, "last_word", f->last_word == TRUE_OURS ? "company" : "customer");
	line_number(w->l, "last_asks", f->last_asks);
	feeling(w, "sentiment_first", f->felt_first);
	feeling(w, "sentiment_last", f->felt_last);
	if (f->outcome > 1)
		line_text(w->l, "abandoned", outcome_name((enum outcome)(f->outcome - 1)));
}

static void tell_contact(struct teller *w, uint32_t n)
{
	const struct true_contact *f = &w->t->contacts[n];
	const struct plan_contact *all = w->p->contacts;

	begin(w, "contact");
	contact_frame(w, n);
	contact_words(w, n);
	when(w, "next_in", f->next_in);
	if (f->next != PLAN_NONE) {
		line_number(w->l, "next_started", all[f->next].started);
		line_text(w->l, "next_channel", w->p->s->channels[all[f->next].channel].name);
	}
	line_number(
		w->l, "next_matter", f->next != PLAN_NONE && truth_same_matter(w->p, n, f->next));
	if (f->next_matter != PLAN_NONE)
		line_number(w->l, "next_matter_started", all[f->next_matter].started);
	line_number(w->l, "transferred", f->transfers);
	line_number(w->l, "handed_off", f->handoffs);
	line_number(w->l, "escalated", f->escalations);
	line_end(w->l);
}

static void tell_issue(struct teller *w, uint32_t n)
{
	const struct true_issue *is = &w->t->issues[n];
	const struct plan_contact *all = w->p->contacts;

	begin(w, "issue");
	issue(w, n);
	line_text(w->l, "began", all[is->first].hers ? "customer" : "company");
	line_text(w->l, "family", family_of(w, is->family));
	line_number(w->l, "started", all[is->first].started);
	line_number(w->l, "ended", is->ended);
	line_number(w->l, "contacts", is->contacts);
	line_number(w->l, "her_contacts", is->her_contacts);
	line_number(w->l, "open", is->open);
	when(w, "closed", is->closed);
	if (is->reopening != PLAN_NONE) {
		line_number(w->l, "reopen_started", all[is->reopening].started);
		line_number(w->l, "reopen_channel_other",
			all[is->reopening].channel != all[is->closing].channel);
	}
	when(w, "case_reopened", is->case_reopened);
	line_number(w->l, "transfers", is->transfers);
	line_number(w->l, "escalations", is->escalations);
	line_number(w->l, "switches", is->switches);
	line_end(w->l);
}

/* Why it failed; an empty list is a success. */
static void failures(struct teller *w, const char *name, unsigned bits)
{
	static const char *const names[] = {"not_joined", "asked_who", "asked_known", "unresolved",
		"switched_again", "came_back"};

	json_put_key(&w->l->text, name);
	buf_byte(&w->l->text, '[');
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (bits >> i & 1)
			buf_printf(&w->l->text, "%s\"%s\"",
				w->l->text.s[w->l->text.len - 1] == '[' ? "" : ",", names[i]);
	buf_byte(&w->l->text, ']');
}

static void tell_switch(struct teller *w, const struct true_switch *s)
{
	const struct true_contact *to = &w->t->contacts[s->to];

	begin(w, "switch");
	contact(w, "from_contact", s->from);
	contact(w, "to_contact", s->to);
	issue(w, w->p->contacts[s->to].issue);
	line_number(w->l, "gap", s->gap);
	line_number(w->l, "joined", s->joined);
	line_number(w->l, "asked_who", to->asked_who);
	line_number(w->l, "asked_known", to->asked_known);
	when(w, "next_switch_started", s->next_switch);
	if (to->next_matter != PLAN_NONE)
		line_number(w->l, "next_matter_started", w->p->contacts[to->next_matter].started);
	line_number(w->l, "mature", to->ended + WINDOW <= w->horizon);
	failures(w, "failures", truth_failures(w->t, s, WINDOW, w->horizon, false));
	failures(w, "failures_presumed", truth_failures(w->t, s, WINDOW, w->horizon, true));
	line_end(w->l);
}

static void tell_move(struct teller *w, const struct true_move *m)
{
	static const char *const kinds[] = {"transfer", "handoff", "escalation"};

	begin(w, "move");
	contact(w, "contact", m->contact);
	line_number(w->l, "at", m->at);
	line_text(w->l, "kind", kinds[m->kind]);
	line_text(w->l, "reason", m->reason ? turn_reason((uint8_t)(m->reason - 1)) : NULL);
	line_end(w->l);
}

static void tell_lead(struct teller *w, const struct lead *l)
{
	begin(w, "opportunity");
	issue(w, l->issue);
	line_number(w->l, "ended", w->t->issues[l->issue].ended);
	when(w, "won", l->won);
	line_number(w->l, "stalled", l->stalled);
	line_number(w->l, "awaiting_customer", l->awaiting);
	line_number(w->l, "abandoned", l->abandoned);
	line_number(w->l, "recovered", l->recovered);
	line_text(w->l, "intent", l->intent ? l->intent->id : NULL);
	line_text(w->l, "stage", l->stage ? w->p->s->stages[l->stage - 1].id : NULL);
	line_text(w->l, "reason", l->reason ? turn_given_up((uint8_t)(l->reason - 1)) : NULL);
	line_end(w->l);
}

int tell_facts(const struct truth *t, const struct leads *leads, const struct voice *v,
	int64_t horizon, struct line *l)
{
	struct teller w = {t, t->p, v, horizon, l};

	tell_customer(&w);
	for (uint32_t i = 0; i < t->contact_n; i++)
		tell_contact(&w, i);
	for (uint32_t i = 0; i < t->issue_n; i++)
		tell_issue(&w, i);
	for (size_t i = 0; i < t->switch_n; i++)
		tell_switch(&w, &t->switches[i]);
	for (size_t i = 0; i < t->move_n; i++)
		tell_move(&w, &t->moves[i]);
	for (size_t i = 0; i < leads->n; i++)
		tell_lead(&w, &leads->v[i]);
	return l->status;
}
