/* What the facts' tables hold: a row of each, its columns from the left as facts_schema.c says. */
#include "core/store/sheaf_part.h"
#include "base/mem.h"

#include <math.h>
/* Values of one row, put from the left. */
struct cells {
	const struct fold *f;
	struct sheaf *to;
	struct sheaf_table *table;
	int at;
};

static union column_value *next(struct cells *c, enum column_type type)
{
	struct sheaf_column *column = &c->table->v[++c->at];

	column->type = type;
	return &column->v[c->table->n];
}

static void num(struct cells *c, int64_t n)
{
	next(c, COLUMN_INT)->n = n;
}

/* A time, or any number of which 0 means none. */
static void opt(struct cells *c, int64_t n)
{
	next(c, COLUMN_INT)->n = n ? n : COLUMN_NULL;
}

/* Those of the ontology and of this file stay where they are. */
static void word(struct cells *c, const char *s)
{
	size_t at = ((uintptr_t)s ^ (uintptr_t)s >> 8) % SHEAF_WORDS;
	union column_value *v = next(c, COLUMN_TEXT);

	v->n = COLUMN_NULL;
	if (!s)
		return;
	if (c->to->words[at].s != s) {
		c->to->words[at].s = s;
		c->to->words[at].code = codes_of(&c->to->texts, str_of(s));
	}
	v->n = c->to->words[at].code;
}

static void text(struct cells *c, int32_t id)
{
	struct str s = fold_text(c->f, id);
	union column_value *v = next(c, COLUMN_TEXT);
	int64_t *code;

	v->n = COLUMN_NULL;
	if (!s.len)
		return;
	code = &c->to->of_pool[id - 1];
	if (!*code)
		*code = codes_of(&c->to->texts, s);
	v->n = *code;
}

static void put_text(struct cells *c, struct str s)
{
	next(c, COLUMN_TEXT)->n = codes_of(&c->to->texts, s);
}

static void put_list(struct cells *c, struct buf *list)
{
	if (list->len)
		put_text(c, buf_str(list));
	else
		next(c, COLUMN_TEXT)->n = COLUMN_NULL;
	buf_release(list);
}

static void real(struct cells *c, bool there, double n)
{
	next(c, COLUMN_REAL)->real = there ? n : (double)NAN;
}

/* Ids between commas, the first and the last as well. */
static void signals(struct cells *c, uint64_t mask)
{
	const struct ontology *o = c->f->ontology;
	struct buf list = BUF_INIT;

	for (size_t i = 0; mask && i < o->signal_n && i < 64; i++)
		if (mask >> i & 1)
			buf_printf(&list, "%s%s,", list.len ? "" : ",", o->signals[i].id);
	put_list(c, &list);
}

static const char *speaker(enum word w)
{
	return w == WORD_HERS ? "customer" : w == WORD_OURS ? "company" : NULL;
}

static const char *class_of(const struct fold *f, const struct contact *c)
{
	return f->ontology->classes[c->class].id;
}

/* The spans from its beginning to our first answers, of business hours alone. */
static void put_business(struct cells *k, const struct contact *c)
{
	const struct hours *h = ontology_hours(k->f->ontology, fold_text(k->f, c->region));
	const int64_t answers[] = {c->answered_any, c->answered_human, c->answered_useful};

	opt(k, h != NULL);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		num(k, h && answers[i] ? hours_between(h, c->started, answers[i]) : COLUMN_NULL);
}

static void put_contact(struct cells *k, size_t i)
{
	const struct contact *c = &k->f->contacts[i];
	const struct fold *f = k->f;

	num(k, c->id);
	text(k, c->source), text(k, c->session), text(k, c->channel);
	word(k, class_of(f, c));
	word(k, c->hers ? "customer" : "company");
	num(k, c->started), num(k, c->ended);
	num(k, c->hers), num(k, c->handled);
	text(k, c->case_id);
	word(k, c->intent ? c->intent->id : NULL);
	text(k, c->family);
	num(k, c->inherited);
	text(k, c->lang), text(k, c->region), text(k, c->stage), text(k, c->agent);
	opt(k, c->first_in), opt(k, c->answered_any), opt(k, c->answered_human),
		opt(k, c->answered_useful), opt(k, c->hers ? c->own_answer : 0),
		opt(k, c->followed);
	opt(k, c->closed), opt(k, c->closed_last), opt(k, c->reopened);
	word(k, speaker(c->last_word));
	num(k, c->last_asks);
	opt(k, c->next_in), opt(k, c->next_started);
	num(k, c->next_matter);
	text(k, c->next_channel);
	opt(k, c->next_matter_started);
	num(k, f->contacts[f->issues[c->issue].first].id);
	num(k, f->known), num(k, c->assumed);
	num(k, c->escalations), num(k, c->transfers), num(k, c->handoffs);
	text(k, c->escalation_reason);
	num(k, c->events), num(k, c->her_words), num(k, c->our_words);
	text(k, c->outcome), text(k, c->abandoned);
	num(k, c->gave_up), num(k, c->human), num(k, c->bot), num(k, !c->wait_unknown);
	signals(k, c->signals);
	num(k, c->felt);
	real(k, c->felt > 0, c->felt_sum), real(k, c->felt > 0, c->felt_first),
		real(k, c->felt > 0, c->felt_last);
	num(k, __builtin_popcountll(c->given)), num(k, __builtin_popcountll(c->asked));
	opt(k, f->ontology->classes[c->class].answer);
	put_business(k, c);
}

static void put_issue(struct cells *k, size_t i)
{
	const struct issue *is = &k->f->issues[i];
	const struct contact *c = &k->f->contacts[is->first];

	num(k, c->id);
	word(k, c->hers ? "customer" : "company");
	text(k, is->case_id), text(k, is->family);
	word(k, c->intent ? c->intent->id : NULL);
	text(k, c->region), text(k, c->lang), text(k, c->source), text(k, c->channel);
	word(k, class_of(k->f, c));
	text(k, c->stage), text(k, c->agent);
	num(k, is->started), num(k, is->ended);
	num(k, is->contacts), num(k, is->her_contacts), num(k, is->channels);
	num(k, is->single), num(k, is->open);
	num(k, c->ended), num(k, c->handled);
	opt(k, c->closed);
	word(k, speaker(c->last_word));
	num(k, c->last_asks);
	opt(k, c->next_in), opt(k, is->later_started), opt(k, is->closed), opt(k, is->closed_last),
		opt(k, is->reopen_started);
	num(k, is->reopen_other_channel);
	opt(k, is->case_reopened);
	num(k, is->transfers), num(k, is->handoffs), num(k, is->escalations), num(k, is->moves);
	num(k, is->switches), num(k, is->questions), num(k, is->repeated);
	num(k, is->commercial), num(k, k->f->known), num(k, is->assumed);
}

static void put_switch(struct cells *k, size_t i)
{
	const struct switched *w = &k->f->switches[i];
	const struct contact *a = &k->f->contacts[w->from], *b = &k->f->contacts[w->to];

	num(k, b->id), num(k, a->id), num(k, b->id);
	num(k, k->f->contacts[k->f->issues[b->issue].first].id);
	text(k, a->channel), text(k, b->channel), text(k, b->channel);
	word(k, class_of(k->f, b));
	text(k, b->source);
	word(k, b->intent ? b->intent->id : NULL);
	text(k, b->family), text(k, b->region), text(k, b->lang), text(k, b->stage),
		text(k, b->agent);
	num(k, w->gap), num(k, b->started), num(k, b->ended);
	opt(k, b->spoke);
	num(k, w->joined), num(k, w->asked_who), num(k, w->asked_known), num(k, w->repeated);
	opt(k, b->closed);
	word(k, speaker(b->last_word));
	num(k, b->last_asks);
	opt(k, b->next_in), opt(k, w->next_switch_started), opt(k, b->next_matter_started);
	num(k, k->f->known), num(k, a->assumed + b->assumed);
}

static const char *const move_kinds[] = {
	[MOVE_TRANSFER] = "transfer", [MOVE_HANDOFF] = "handoff", [MOVE_ESCALATION] = "escalation"};

static void put_move(struct cells *k, size_t i)
{
	const struct move *m = &k->f->moves[i];
	const struct contact *c = &k->f->contacts[m->contact];

	num(k, c->id), num(k, m->at);
	word(k, move_kinds[m->kind]);
	num(k, k->f->contacts[k->f->issues[c->issue].first].id);
	text(k, m->reason), text(k, m->from), text(k, m->to), text(k, c->channel);
	word(k, class_of(k->f, c));
	text(k, c->source);
	word(k, c->intent ? c->intent->id : NULL);
	text(k, c->family), text(k, c->region), text(k, c->lang), text(k, c->stage),
		text(k, c->agent);
	num(k, c->started), num(k, m->repeated), num(k, k->f->known), num(k, c->assumed);
}

static void put_handover(struct cells *k, size_t i)
{
	const struct fold *f = k->f;
	const struct switched *w = i < f->switch_n ? &f->switches[i] : NULL;
	const struct move *m = w ? NULL : &f->moves[i - f->switch_n];
	const struct contact *c = &f->contacts[w ? w->to : m->contact];

	num(k, !w), num(k, w ? f->contacts[w->from].id : 0);
	word(k, w ? "switch" : move_kinds[m->kind]);
	num(k, c->id), num(k, f->contacts[f->issues[c->issue].first].id);
	num(k, w ? c->started : m->at);
	text(k, w ? 0 : m->reason), text(k, c->channel);
	word(k, class_of(f, c));
	text(k, c->source);
	word(k, c->intent ? c->intent->id : NULL);
	text(k, c->family), text(k, c->region), text(k, c->lang), text(k, c->stage),
		text(k, c->agent);
	num(k, c->started), num(k, w ? w->repeated : m->repeated), num(k, f->known);
	num(k, w ? f->contacts[w->from].assumed + c->assumed : c->assumed);
}

static const struct contact *contact_at(const struct fold *f, size_t number)
{
	return number ? &f->contacts[number - 1] : NULL;
}

/* What a record has of its own in place of its contact's; NULL and 0: nothing. */
struct own {
	const struct intent *intent;
	int32_t agent, stage;
};

/* The columns of the contact that a record is of (+ 1; 0: of none), with the record's own, and the
 * family of its intent. */
static void put_of(struct cells *k, size_t number, struct own own, int64_t at, bool assumed)
{
	const struct fold *f = k->f;
	const struct contact *c = contact_at(f, number);
	static const struct contact nobody;
	const struct intent *intent;

	opt(k, c ? c->id : 0);
	opt(k, c ? f->contacts[f->issues[c->issue].first].id : 0);
	text(k, (c ? c : &nobody)->channel);
	word(k, c ? class_of(f, c) : NULL);
	c = c ? c : &nobody;
	text(k, c->source);
	intent = own.intent ? own.intent : c->intent;
	word(k, intent ? intent->id : NULL);
	if (intent && intent->family)
		word(k, intent->family);
	else
		text(k, c->family);
	text(k, c->region), text(k, c->lang), text(k, own.stage ? own.stage : c->stage);
	text(k, own.agent ? own.agent : c->agent);
	num(k, at), num(k, f->known), num(k, assumed);
}

static void put_question(struct cells *k, size_t i)
{
	const struct question *q = &k->f->questions[i];

	num(k, q->id);
	put_of(k, q->contact + 1, (struct own){q->intent, 0, q->stage}, q->at, q->assumed);
	word(k, q->by_intent ? "intent" : "text");
	opt(k, q->same), opt(k, q->answered);
}

static void put_commitment(struct cells *k, size_t i)
{
	const struct commitment *c = &k->f->commitments[i];

	num(k, c->id);
	put_of(k, c->contact, (struct own){NULL, c->agent, 0}, c->at, c->assumed);
	text(k, c->action);
	opt(k, c->due), opt(k, c->kept);
}

static void put_opportunity(struct cells *k, size_t i)
{
	const struct fold *f = k->f;
	const struct opportunity *o = &f->opportunities[i];
	const struct issue *is = &f->issues[o->issue];
	const struct contact *c = &f->contacts[is->first];

	num(k, c->id);
	text(k, c->channel), text(k, o->last_channel);
	word(k, class_of(f, c));
	text(k, c->source);
	word(k, o->intent ? o->intent->id : NULL);
	text(k, is->family), text(k, c->region), text(k, c->lang), text(k, o->stage);
	text(k, c->agent), text(k, o->reason);
	num(k, is->started), num(k, is->ended);
	opt(k, o->won);
	num(k, o->she_waited), opt(k, o->she_waits);
	num(k, o->we_waited), opt(k, o->we_wait);
	num(k, o->silence), opt(k, o->silent);
	opt(k, o->lapsed), opt(k, o->recovered);
	num(k, is->contacts), num(k, is->her_contacts), num(k, is->switches);
	num(k, f->known), num(k, is->assumed);
}

static void put_touch(struct cells *k, size_t i)
{
	const struct fold *f = k->f;
	const struct touch *t = &f->touches[i];
	const struct opportunity *o = &f->opportunities[t->opportunity];
	const struct issue *is = &f->issues[o->issue];
	const struct contact *c = &f->contacts[is->first];
	struct str channel = fold_text(f, t->channel);

	num(k, c->id);
	/* Part of the key. */
	put_text(k, channel);
	word(k, ontology_class(f->ontology, channel)->id);
	text(k, c->source);
	word(k, o->intent ? o->intent->id : NULL);
	text(k, is->family), text(k, c->region), text(k, c->lang), text(k, o->stage);
	text(k, c->agent), text(k, o->reason);
	num(k, is->started), num(k, is->ended);
	opt(k, o->won);
	num(k, f->known), num(k, is->assumed);
}

static void put_survey(struct cells *k, size_t i)
{
	const struct survey *v = &k->f->surveys[i];

	num(k, v->id);
	put_of(k, v->contact, (struct own){NULL, v->agent, 0}, v->at, v->assumed);
	text(k, v->scale);
	real(k, !isnan(v->score), v->score);
}

static void put_decision(struct cells *k, size_t i)
{
	const struct decision *d = &k->f->decisions[i];

	num(k, d->id);
	put_of(k, d->contact, (struct own){NULL, d->agent, 0}, d->at, d->assumed);
	word(k, fold_actor(d->actor));
	text(k, d->action), text(k, d->verdict), text(k, d->policies), text(k, d->inputs);
}

static void put_outbound(struct cells *k, size_t i)
{
	const struct fold *f = k->f;
	const struct outbound *o = &f->outbounds[i];

	num(k, o->id);
	text(k, o->channel);
	word(k, ontology_class(f->ontology, fold_text(f, o->channel))->id);
	text(k, o->source), text(k, o->purpose);
	num(k, o->at);
	opt(k, o->before);
	num(k, o->consent), num(k, o->open_issue), num(k, f->known), num(k, o->assumed);
}

static void put_handoff(struct cells *k, size_t i)
{
	static const char *const names[] = {"customer", "intent", "entities", "history", "consent"};
	const struct handed *h = &k->f->handoffs[i];
	unsigned lacks = h->needed & ~(unsigned)h->parts;
	struct buf missing = BUF_INIT;

	num(k, h->id);
	put_of(k, h->contact, (struct own){NULL, 0, 0}, h->at, h->assumed);
	num(k, h->context), num(k, __builtin_popcount(h->parts)),
		num(k, __builtin_popcount(h->needed));
	for (size_t p = 0; p < sizeof(names) / sizeof(names[0]); p++)
		if (lacks >> p & 1)
			buf_printf(&missing, "%s%s", missing.len ? ", " : "", names[p]);
	put_list(k, &missing);
}

static void put_stage(struct cells *k, size_t i)
{
	const struct reached *r = &k->f->stages[i];

	word(k, k->f->ontology->stages.v[r->stage]);
	num(k, (int64_t)r->stage + 1), num(k, r->id), num(k, r->at), num(k, r->first);
	opt(k, r->next);
	num(k, k->f->known), num(k, r->assumed);
}

static void put_entity(struct cells *k, size_t i)
{
	const struct fold *f = k->f;
	const struct named_entity *e = &f->entities[i];
	const struct contact *c = &f->contacts[e->contact];

	num(k, f->contacts[f->issues[c->issue].first].id), num(k, e->first);
	word(k, f->ontology->entities[e->entity].id);
	num(k, c->id);
	text(k, e->value);
	num(k, e->id), num(k, e->at);
}

static void put_customer(struct cells *k, size_t i)
{
	const struct fold *f = k->f;
	static const struct contact nobody;
	const struct contact *first = f->contact_n ? &f->contacts[0] : &nobody, *last = &nobody;
	int64_t hers = 0, open = 0, ended = 0, assumed = 0;
	int32_t region = 0, lang = 0, agent = 0;

	(void)i;
	for (size_t n = 0; n < f->contact_n; n++) {
		last = &f->contacts[n];
		hers += last->hers;
		assumed += last->assumed;
		ended = last->ended > ended ? last->ended : ended;
		region = last->region ? last->region : region;
		lang = last->lang ? last->lang : lang;
		agent = last->agent ? last->agent : agent;
	}
	for (size_t n = 0; n < f->issue_n; n++)
		open += f->issues[n].open;
	num(k, f->known), num(k, fold_began(f));
	opt(k, ended);
	num(k, (int64_t)fold_events(f)), num(k, (int64_t)f->contact_n), num(k, hers);
	num(k, (int64_t)f->issue_n), num(k, open), num(k, (int64_t)f->switch_n);
	num(k, (int64_t)f->move_n), num(k, (int64_t)f->question_n),
		num(k, (int64_t)f->opportunity_n);
	text(k, first->channel), text(k, last->channel);
	word(k, f->contact_n ? class_of(f, first) : NULL);
	text(k, first->source), text(k, region), text(k, lang);
	word(k, f->stage_n ? f->ontology->stages.v[f->stages[f->stage_n - 1].stage] : NULL);
	text(k, agent);
	num(k, assumed);
}

/* ---- all ---- */

static size_t count(const struct fold *f, size_t table)
{
	const size_t counts[FACT_TABLES] = {f->contact_n, f->issue_n, f->switch_n, f->move_n,
		f->question_n, f->commitment_n, f->opportunity_n, f->touch_n, f->survey_n,
		f->decision_n, f->outbound_n, f->handoff_n, f->stage_n, f->switch_n + f->move_n,
		f->entity_n, fold_events(f) > 0};

	return counts[table];
}

void sheaf_room(struct sheaf_table *t, size_t n)
{
	if (t->n + n <= t->cap)
		return;
	t->cap = t->cap ? 2 * t->cap : 64;
	t->cap = t->cap < t->n + n ? t->n + n : t->cap;
	for (int i = BLOCK_CUSTOMER; i < BLOCK_COLUMNS && (!t->columns || i < t->columns); i++)
		t->v[i].v = mem_resize(t->v[i].v, t->cap * sizeof(*t->v[i].v));
}

void sheaf_add_rows(struct sheaf *s, size_t table, int64_t customer, const struct fold *f)
{
	static void (*const put[FACT_TABLES])(struct cells *, size_t) = {put_contact, put_issue,
		put_switch, put_move, put_question, put_commitment, put_opportunity, put_touch,
		put_survey, put_decision, put_outbound, put_handoff, put_stage, put_handover,
		put_entity, put_customer};
	struct cells k = {f, s, &s->tables[table], 0};
	size_t n = count(f, table);

	for (size_t i = 0; i < n; i++, k.table->n++) {
		sheaf_room(k.table, 1);
		k.at = BLOCK_CUSTOMER - 1;
		num(&k, customer);
		put[table](&k, i);
		k.table->columns = k.at + 1;
	}
}
