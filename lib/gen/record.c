#include "gen/record.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "io/json.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const verdicts[] = {"allow", "deny", "review", "limit"};
static const char *const actions[] = {"refund", "credit", "replacement"};
static const char *const given_up[PLAN_GIVEN_UP] = {"no_reply", "too_long", "changed_mind"};

/* ---- voices ---- */

#define NUMBERS UINT64_C(100000000)

/* A number below `all`, a product of twos and fives, that is another one for every number below it,
 * in an order that nobody sees. */
static uint64_t scatter(uint64_t seed, uint64_t number, uint64_t all)
{
	struct random r = random_stream(seed + 3, 0);

	return (number * UINT64_C(61803399) + random_below(&r, NUMBERS)) % all;
}

/*
 * The telephone number of one of a customer's persons, E.164. Those of the first persons of a
 * seed's first 100 million customers are all different, in Portugal, which has not as many, of 40
 * million.
 */
static void put_phone(struct buf *out, const struct plan *p, const char *region, uint32_t person)
{
	static const int brazil[] = {11, 21, 31, 41, 51, 61, 71, 81, 85, 62};
	static const int states[] = {
		212, 213, 312, 415, 206, 303, 404, 512, 617, 702, 305, 214, 602};
	static const int portugal[] = {91, 92, 93, 96};
	uint64_t all = strcmp(region, "PT") == 0 ? NUMBERS / 10 * 4 : NUMBERS;
	uint64_t n = scatter(p->seed, p->number + person * (all / PLAN_PERSONS), all);

	if (strcmp(region, "BR") == 0)
		buf_printf(out, "+55%d9%08llu", brazil[n % 10], (unsigned long long)n);
	else if (strcmp(region, "US") == 0)
		buf_printf(out, "+1%d%llu", states[n / 8000000],
			(unsigned long long)(n % 8000000 + 2000000));
	else if (strcmp(region, "PT") == 0)
		buf_printf(out, "+351%d%07llu", portugal[n % 4], (unsigned long long)(n / 4));
	else
		buf_printf(out, "+447%llu%08llu", (unsigned long long)(4 + n % 2),
			(unsigned long long)n);
}

static void fill_nothing(const void *of, enum text_slot slot, struct buf *out)
{
	(void)of;
	(void)slot;
	(void)out;
}

static char *make_name(const struct plan *p, uint32_t person)
{
	static const struct slots none = {fill_nothing, NULL};
	const struct texts *texts = p->s->languages[p->language].texts;
	struct random r = random_stream(p->seed + 4, p->person * PLAN_PERSONS + person);
	struct buf name = BUF_INIT;

	texts_put(texts, TEXT_FIRST_NAME, &r, &none, &name);
	buf_byte(&name, ' ');
	texts_put(texts, TEXT_LAST_NAME, &r, &none, &name);
	return buf_take(&name);
}

/* ana.lima of "Ana Lima". */
static void put_handle(struct buf *out, const char *name)
{
	struct buf words = BUF_INIT;

	text_words(&words, str_of(name));
	for (size_t i = 0; i < words.len; i++)
		buf_byte(out, words.s[i] == ' ' ? '.' : words.s[i]);
	buf_release(&words);
}

static char *make_value(const struct plan *p, const struct voice *v, const struct node *n)
{
	const struct gen_language *lang = &p->s->languages[p->language];
	const char *kind = p->s->kinds[n->kind];
	uint64_t number = scatter(p->seed, p->number * PLAN_PERSONS + n->person, NUMBERS);
	struct buf value = BUF_INIT;

	if (strcmp(kind, "phone") == 0) {
		put_phone(&value, p, lang->regions[p->region], n->person);
	} else if (strcmp(kind, "crm") == 0) {
		buf_printf(&value, "%llu-%llu-%u", (unsigned long long)p->seed,
			(unsigned long long)p->number, n->person);
	} else {
		put_handle(&value, v->names[n->person]);
		buf_printf(&value, ".%llx.%llx", (unsigned long long)number,
			(unsigned long long)p->seed);
		if (strcmp(kind, "email") == 0)
			buf_puts(&value, "@mail.example");
	}
	return buf_take(&value);
}

void voice_make(struct voice *v, const struct plan *p)
{
	*v = (struct voice){
		.values = mem_zero(p->node_n + 1, sizeof(char *)), .value_n = p->node_n};
	for (uint32_t i = 0; i < PLAN_PERSONS; i++)
		v->names[i] = i < p->persons ? make_name(p, i) : NULL;
	for (size_t i = 0; i < p->node_n; i++)
		v->values[i] = make_value(p, v, &p->nodes[i]);
}

void voice_release(struct voice *v)
{
	for (uint32_t i = 0; i < PLAN_PERSONS; i++)
		free(v->names[i]);
	for (size_t i = 0; i < v->value_n; i++)
		free(v->values[i]);
	free(v->values);
	*v = (struct voice){0};
}

/* ---- what turns are ---- */

static const struct {
	const char *type, *direction;
} kinds[WHAT_COUNT] = {[WHAT_CALL] = {"call", NULL},
	[WHAT_CASE_OPENED] = {"case.opened", "internal"},
	[WHAT_CASE_CLOSED] = {"case.closed", "internal"},
	[WHAT_CASE_REOPENED] = {"case.reopened", "internal"},
	[WHAT_TRANSFERRED] = {"transferred", "internal"},
	[WHAT_ESCALATED] = {"escalated", "internal"},
	[WHAT_HANDOFF] = {"handoff", "internal"},
	[WHAT_ABANDONED] = {"abandoned", "in"},
	[WHAT_ORDER_PLACED] = {"order.placed", "in"},
	[WHAT_COMMITMENT_MADE] = {"commitment.made", "internal"},
	[WHAT_COMMITMENT_KEPT] = {"commitment.kept", "internal"},
	[WHAT_SURVEY] = {"survey.answered", "in"},
	[WHAT_DECISION] = {"decision.made", "internal"},
	[WHAT_CAMPAIGN] = {"message", "out"},
	[WHAT_CONSENT_GRANTED] = {"consent.granted", "in"},
	[WHAT_CONSENT_REVOKED] = {"consent.revoked", "in"},
	[WHAT_STAGE] = {"stage.changed", "internal"},
	[WHAT_LINKED] = {"identity.linked", "internal"}};

const char *turn_reason(uint8_t number)
{
	static const char *const reasons[] = {"skill", "authority", "complaint", "wrong_queue"};

	return reasons[number % (sizeof(reasons) / sizeof(reasons[0]))];
}

const char *turn_given_up(uint8_t number)
{
	return given_up[number];
}

const char *turn_type(const struct turn *t)
{
	return kinds[t->what].type ? kinds[t->what].type : "message";
}

const char *turn_direction(const struct turn *t)
{
	if (kinds[t->what].direction)
		return kinds[t->what].direction;
	return t->who == WHO_CUSTOMER ? "in" : "out";
}

const char *turn_actor(const struct turn *t)
{
	static const char *const actors[] = {"customer", "agent", "bot", "system"};

	return actors[t->who];
}

const char *turn_scale(const struct turn *t, int *score)
{
	static const char *const scales[] = {"csat5", "nps", "ces7"};
	int n = t->number / 3, scale = t->number % 3;

	*score = scale == 0 ? 1 + n * 5 / 70 : scale == 1 ? n * 11 / 70 : 1 + n * 7 / 70;
	return scales[scale];
}

static const struct plan_contact *contact_of(const struct plan *p, const struct turn *t)
{
	return t->contact == PLAN_NONE ? NULL : &p->contacts[t->contact];
}

/* One price a matter: cheap things are more than dear ones. */
static int64_t turn_cents(const struct plan *p, const struct turn *t)
{
	const struct plan_contact *c = contact_of(p, t);
	uint64_t matter = c && c->matter != PLAN_NONE ? p->matters[c->matter].order_no : t->seed;
	struct random r = random_stream(p->seed + 7, p->number ^ matter << 20);
	int64_t size = (int64_t)random_below(&r, 200);

	return 490 + size * size * size / 40 + (int64_t)random_below(&r, 1000);
}

/* What is known of the regions that scenarios may have. */
static const struct {
	const char *region, *currency, *money; /* money: units, cents */
} regions[] = {{"BR", "BRL", "R$ %lld,%02lld"}, {"PT", "EUR", "%lld,%02lld €"},
	{"GB", "GBP", "£%lld.%02lld"}, {"US", "USD", "$%lld.%02lld"}};

static size_t region_of(const struct plan *p)
{
	const char *region = p->s->languages[p->language].regions[p->region];
	size_t i = sizeof(regions) / sizeof(regions[0]) - 1;

	while (i && strcmp(regions[i].region, region) != 0)
		i--;
	return i;
}

static const char *plan_currency(const struct plan *p)
{
	return regions[region_of(p)].currency;
}

bool turn_case(const struct plan *p, const struct turn *t, struct buf *out)
{
	const struct plan_contact *c = contact_of(p, t);

	if (!c || !c->cased)
		return false;
	buf_printf(out, "C%llu-%llu-%u", (unsigned long long)p->seed, (unsigned long long)p->number,
		p->matters[c->matter].case_no);
	return true;
}

void turn_id(const struct plan *p, const struct turn *t, struct buf *out)
{
	buf_int(out, (int64_t)p->seed);
	buf_byte(out, '-');
	buf_int(out, (int64_t)p->number);
	buf_byte(out, '-');
	buf_int(out, t - p->turns);
}

void turn_session(
	const struct plan *p, const struct voice *v, const struct turn *t, struct buf *out)
{
	const struct plan_contact *c = contact_of(p, t);

	if (!c)
		return;
	if (p->s->channels[c->channel].session == SESSION_PEER) {
		buf_puts(out, v->values[c->node]);
		return;
	}
	buf_int(out, (int64_t)p->seed);
	buf_byte(out, '-');
	buf_int(out, (int64_t)p->number);
	buf_byte(out, '-');
	buf_int(out, c->session);
}

/* ---- texts ---- */

static size_t bit_number(uint64_t bit)
{
	return (size_t)__builtin_ctzll(bit);
}

void turn_entity(const struct plan *p, const struct voice *v, const struct turn *t, size_t entity,
	bool normal, struct buf *out)
{
	const struct plan_contact *c = contact_of(p, t);
	struct random r = random_stream(p->seed + 5, p->number * PLAN_PERSONS + c->person);
	uint64_t digits = random_next(&r);

	switch (texts_slot(p->s->ontology->entities[entity].id)) {
	case SLOT_ORDER:
		buf_printf(out, "LC-%u", p->matters[c->matter].order_no);
		break;
	case SLOT_EMAIL:
		put_handle(out, v->names[c->person]);
		buf_printf(out, ".%llx.%llx@mail.example",
			(unsigned long long)scatter(
				p->seed, p->number * PLAN_PERSONS + c->person, NUMBERS),
			(unsigned long long)p->seed);
		break;
	case SLOT_DOCUMENT:
		buf_printf(out, normal ? "%03u%03u%03u%02u" : "%03u.%03u.%03u-%02u",
			(unsigned)(digits % 900 + 100), (unsigned)(digits >> 10) % 1000,
			(unsigned)(digits >> 20) % 1000, (unsigned)(digits >> 30) % 100);
		break;
	case SLOT_POSTAL_CODE:
		buf_printf(out, "%05u-%03u", (unsigned)(digits >> 8) % 90000 + 10000,
			(unsigned)(digits >> 40) % 1000);
		break;
	default:
		break;
	}
}

/* The turn whose text's slots are filled. */
struct filling {
	const struct plan *p;
	const struct voice *v;
	const struct turn *t;
};

/* What she speaks of has been; what we do comes. */
static void put_day(const struct filling *f, bool past, struct buf *out)
{
	static const char *const months_en[] = {"January", "February", "March", "April", "May",
		"June", "July", "August", "September", "October", "November", "December"};
	static const char *const months_pt[] = {"janeiro", "fevereiro", "março", "abril", "maio",
		"junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"};
	bool pt = strncmp(f->p->s->languages[f->p->language].name, "pt", 2) == 0;
	int64_t days = 1 + (int64_t)(f->t->seed % 12);
	struct civil day;

	utc_civil(f->t->at + (past ? -days : days) * WHEN_DAY, &day);
	buf_printf(out, pt ? "%d de %s" : "%d %s", day.day,
		(pt ? months_pt : months_en)[(day.month + 11) % 12]);
}

static void fill_slot(const void *of, enum text_slot slot, struct buf *out)
{
	const struct filling *f = of;
	const struct plan_contact *c = contact_of(f->p, f->t);
	int64_t cents = turn_cents(f->p, f->t);

	switch (slot) {
	case SLOT_AMOUNT:
		buf_printf(out, regions[region_of(f->p)].money, (long long)cents / 100,
			(long long)cents % 100);
		break;
	case SLOT_DATE:
		put_day(f, f->t->who == WHO_CUSTOMER, out);
		break;
	case SLOT_SINCE:
		put_day(f, true, out);
		break;
	case SLOT_NAME:
		buf_puts(out, f->v->names[c ? c->person : 0]);
		break;
	case SLOT_AGENT:
		buf_puts(out, f->t->agent ? f->p->s->agents[f->t->agent - 1] : f->p->s->bot);
		break;
	default:
		if (f->t->given)
			turn_entity(f->p, f->v, f->t, bit_number(f->t->given), false, out);
		break;
	}
}

static void blank(struct buf *out)
{
	if (out->len && out->s[out->len - 1] != ' ')
		buf_byte(out, ' ');
}

static void put_part(const struct texts *x, enum text_list list, struct random *r,
	const struct slots *f, struct buf *out)
{
	blank(out);
	texts_put(x, list, r, f, out);
}

static void put_opening(const struct texts *x, const struct intent *i, const struct turn *t,
	struct random *r, const struct slots *f, struct buf *out)
{
	texts_put(x, TEXT_GREET, r, f, out);
	if (t->again)
		put_part(x, TEXT_AGAIN, r, f, out);
	blank(out);
	texts_open(x, i, r, f, out);
	if (t->given)
		put_part(x, TEXT_ORDER, r, f, out);
	if (t->angry)
		put_part(x, TEXT_ANGRY, r, f, out);
	if (t->leaving)
		put_part(x, TEXT_LEAVING, r, f, out);
	put_part(x, TEXT_CLOSE, r, f, out);
	while (out->len && out->s[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
}

static int list_of(enum what what)
{
	static const int lists[WHAT_COUNT] = {[WHAT_CHASE] = TEXT_CHASE + 1,
		[WHAT_CHATTER] = TEXT_CHATTER + 1,
		[WHAT_YES] = TEXT_YES + 1,
		[WHAT_THANKS] = TEXT_THANKS + 1,
		[WHAT_RESOLVED] = TEXT_RESOLVED + 1,
		[WHAT_ACK] = TEXT_ACK + 1,
		[WHAT_QUESTION] = TEXT_QUESTION + 1,
		[WHAT_HANDING] = TEXT_HANDOFF + 1,
		[WHAT_PASSING] = TEXT_TRANSFER + 1,
		[WHAT_RAISING] = TEXT_ESCALATE + 1,
		[WHAT_CALLBACK] = TEXT_CALLBACK + 1,
		[WHAT_PROMISE] = TEXT_PROMISE + 1,
		[WHAT_OFFER] = TEXT_OFFER + 1,
		[WHAT_CAMPAIGN] = TEXT_MARKETING + 1};

	return lists[what];
}

/* An opening says what it is about; of calls, those that begin a contact with an intent do. */
static bool opens(const struct plan *p, const struct turn *t)
{
	const struct plan_contact *c = contact_of(p, t);

	return t->what == WHAT_OPEN || (t->what == WHAT_CALL && t->who == WHO_CUSTOMER &&
					       c->intent && c->intent != p->s->settled);
}

void turn_text(const struct plan *p, const struct voice *v, const struct turn *t, struct buf *text)
{
	const struct texts *x = p->s->languages[p->language].texts;
	const struct plan_contact *c = contact_of(p, t);
	struct random r = {t->seed};
	const struct filling filling = {p, v, t};
	const struct slots f = {fill_slot, &filling};

	buf_clear(text);
	if (opens(p, t))
		put_opening(x, c->intent, t, &r, &f, text);
	else if (t->what == WHAT_ANSWER)
		texts_answer(x, c->family ? p->s->families[c->family - 1] : NULL, &r, &f, text);
	else if (t->what == WHAT_ASK)
		texts_ask(x, bit_number(t->asks), &r, &f, text);
	else if (t->what == WHAT_GIVE)
		texts_give(x, bit_number(t->given), &r, &f, text);
	else if (list_of((enum what)t->what))
		texts_put(x, (enum text_list)(list_of((enum what)t->what) - 1), &r, &f, text);
}

/* ---- records ---- */

/* `,"name":` as one piece, without the comma where it is the first member. */
static void put_bytes(struct buf *out, struct str key)
{
	size_t first = out->s[out->len - 1] == '{';

	buf_add(out, key.s + first, key.len - first);
}
#define put_key(out, name) put_bytes(out, STR(",\"" name "\":"))

static void put_quoted(struct buf *out, struct str key, const char *value)
{
	put_bytes(out, key);
	buf_puts(out, value);
	buf_byte(out, '"');
}
static void put_text(struct buf *out, struct str key, struct str value)
{
	put_bytes(out, key);
	json_put_string(out, value);
}

/* For values that need no escape. */
#define put_plain(out, name, value) put_quoted(out, STR(",\"" name "\":\""), value)

static void put_seconds(struct buf *out, struct str key, int64_t ms)
{
	put_bytes(out, key);
	buf_int(out, ms / 1000);
}

static void put_identifier(struct buf *out, const char *kind, const char *value)
{
	buf_puts(out, out->s[out->len - 1] == '[' ? "{\"kind\":\"" : ",{\"kind\":\"");
	buf_puts(out, kind);
	buf_puts(out, "\",\"value\":\"");
	buf_puts(out, value);
	buf_puts(out, "\"}");
}

static void put_node(const struct plan *p, const struct voice *v, uint32_t node, struct buf *out)
{
	put_identifier(out, p->s->kinds[p->nodes[node].kind], v->values[node]);
}

static uint32_t other_node(const struct plan *p, const struct plan_contact *c)
{
	size_t kind = p->s->channels[c->channel].kinds[0];

	for (uint32_t i = 0; i < p->node_n; i++)
		if (p->nodes[i].kind == kind && p->nodes[i].person == c->person)
			return i;
	return c->node;
}

/* A contact's first record says who she is, and most others do. */
static bool names_her(const struct plan *p, const struct turn *t)
{
	if (!p->known)
		return p->placeholder;
	if (t->seed & 3 || t->contact == PLAN_NONE || t->who == WHO_CUSTOMER)
		return true;
	return t == p->turns || t[-1].contact != t->contact;
}

static void put_identifiers(
	const struct plan *p, const struct voice *v, const struct turn *t, struct buf *out)
{
	const struct plan_contact *c = contact_of(p, t);

	if (!names_her(p, t))
		return;
	put_key(out, "identifiers");
	buf_byte(out, '[');
	if (p->placeholder) {
		put_identifier(out, "crm", "unknown");
	} else if (t->what == WHAT_LINKED) {
		put_node(p, v, p->links[t->link].a, out);
		put_node(p, v, p->links[t->link].b, out);
	} else if (c) {
		if (p->s->channels[c->channel].kind_n == 2)
			put_node(p, v, other_node(p, c), out);
		put_node(p, v, c->node, out);
	} else if (p->contacts) {
		put_node(p, v, p->contacts[0].node, out);
	}
	buf_byte(out, ']');
}

static void put_labels(
	const struct plan *p, const struct voice *v, const struct turn *t, struct buf *out)
{
	const struct intent *i = NULL;

	if (opens(p, t))
		i = contact_of(p, t)->intent;
	else if (t->what == WHAT_THANKS || t->what == WHAT_ACK)
		i = p->s->courtesy;
	else if (t->what == WHAT_RESOLVED)
		i = p->s->settled;
	if (t->who == WHO_CUSTOMER && t->what <= WHAT_RESOLVED)
		put_plain(out, "lang", p->s->languages[p->language].name);
	if (i) {
		put_plain(out, "intent", i->id);
		buf_puts(out, ",\"confidence\":1");
		put_plain(out, "ontology", p->s->ontology->label);
	}
	if (t->given) {
		size_t entity = bit_number(t->given);

		put_key(out, "entities");
		buf_printf(out, "{\"%s\":\"", p->s->ontology->entities[entity].id);
		turn_entity(p, v, t, entity, true, out);
		buf_puts(out, "\"}");
	}
	if (t->again || t->angry || t->leaving)
		buf_printf(out, ",\"signals\":[%s%s%s]", t->again ? "\"repeat\"" : "",
			t->again && (t->angry || t->leaving) ? "," : "",
			t->angry     ? "\"frustration\""
			: t->leaving ? "\"churn\""
				     : "");
	if (t->asks)
		buf_printf(out, ",\"asks\":[\"%s\"]",
			p->s->ontology->entities[bit_number(t->asks)].id);
}

/* From -1 to 1. */
static void put_feeling(const struct turn *t, struct buf *out)
{
	int felt = t->felt - PLAN_FELT, size = felt < 0 ? -felt : felt;

	put_bytes(out, felt < 0 ? STR(",\"sentiment\":-") : STR(",\"sentiment\":"));
	buf_byte(out, (char)('0' + size / 100));
	buf_byte(out, '.');
	buf_byte(out, (char)('0' + size / 10 % 10));
	buf_byte(out, (char)('0' + size % 10));
}

static void put_moved(const struct plan *p, const struct turn *t, struct buf *out)
{
	put_plain(out, "reason", turn_reason(t->number));
	put_plain(out, "from", p->s->agents[t->agent - 1]);
	put_plain(out, "to", p->s->agents[t->to - 1]);
}

static void put_handed(
	const struct plan *p, const struct voice *v, const struct turn *t, struct buf *out)
{
	put_key(out, "entities");
	buf_byte(out, '{');
	for (uint64_t left = t->handed; left; left &= left - 1) {
		size_t entity = bit_number(left);

		json_put_key(out, p->s->ontology->entities[entity].id);
		buf_byte(out, '"');
		turn_entity(p, v, t, entity, true, out);
		buf_byte(out, '"');
	}
	buf_byte(out, '}');
}

static void put_context(
	const struct plan *p, const struct voice *v, const struct turn *t, struct buf *out)
{
	const struct plan_contact *c = contact_of(p, t);

	put_key(out, "context");
	buf_byte(out, '{');
	if (t->number & PART_CUSTOMER)
		put_plain(out, "customer", "known");
	if (t->number & PART_INTENT)
		put_plain(out, "intent", c->intent->id);
	if (t->number & PART_ENTITIES)
		put_handed(p, v, t, out);
	if (t->number & PART_SUMMARY)
		put_plain(out, "summary", "as written above");
	if (t->number & PART_CONSENT)
		put_plain(out, "consent", "service");
	buf_byte(out, '}');
}

static void put_money(const struct plan *p, const struct turn *t, struct buf *out)
{
	put_key(out, "amount");
	buf_printf(out, "%lld.%02lld", (long long)turn_cents(p, t) / 100,
		(long long)turn_cents(p, t) % 100);
	put_plain(out, "currency", plan_currency(p));
}

static void put_commitment(const struct plan *p, const struct turn *t, struct buf *out)
{
	char due[WHEN_TEXT];

	put_key(out, "action");
	buf_printf(out, "\"promise-%llu-%u\"", (unsigned long long)p->number, t->link);
	if (t->what != WHAT_COMMITMENT_MADE)
		return;
	when_format(t->at + t->wait, due);
	put_plain(out, "due", due);
}

/* What only records of some kinds have. */
static void put_rest(
	const struct plan *p, const struct voice *v, const struct turn *t, struct buf *out)
{
	int score;

	switch (t->what) {
	case WHAT_CALL:
		put_plain(out, "reason", outcome_name((enum outcome)t->number));
		put_seconds(out, STR(",\"duration\":"), t->duration);
		put_seconds(out, STR(",\"wait\":"), t->wait);
		break;
	case WHAT_TRANSFERRED:
	case WHAT_ESCALATED:
		put_moved(p, t, out);
		break;
	case WHAT_HANDOFF:
		put_context(p, v, t, out);
		break;
	case WHAT_ABANDONED:
		put_plain(out, "reason", turn_given_up(t->number));
		break;
	case WHAT_CASE_CLOSED:
		put_plain(out, "reason", "solved");
		break;
	case WHAT_ORDER_PLACED:
		put_money(p, t, out);
		break;
	case WHAT_COMMITMENT_MADE:
	case WHAT_COMMITMENT_KEPT:
		put_commitment(p, t, out);
		break;
	case WHAT_SURVEY:
		put_plain(out, "scale", turn_scale(t, &score));
		buf_printf(out, ",\"score\":%d", score);
		break;
	case WHAT_DECISION:
		put_plain(out, "verdict", verdicts[t->agent - 1]);
		buf_printf(
			out, ",\"inputs\":{\"days\":%d},\"policies\":[\"returns/1\"]", t->number);
		put_plain(out, "action", actions[t->to - 1]);
		break;
	case WHAT_CAMPAIGN:
		put_plain(out, "purpose", "marketing");
		break;
	case WHAT_CONSENT_GRANTED:
	case WHAT_CONSENT_REVOKED:
		put_plain(out, "purpose", "marketing");
		put_plain(out, "channel", p->s->channels[t->channel].name);
		break;
	case WHAT_STAGE:
		put_plain(out, "stage", p->s->stages[t->number].id);
		break;
	default:
		break;
	}
}

static bool is_agents(const struct turn *t)
{
	return t->what < WHAT_TRANSFERRED && t->what != WHAT_CASE_OPENED && t->agent;
}

static void put_data(const struct plan *p, const struct voice *v, const struct turn *t, bool labels,
	struct buf *text, struct buf *out)
{
	const struct plan_contact *c = contact_of(p, t);

	turn_text(p, v, t, text);
	if (text->len)
		put_text(out, STR(",\"text\":"), buf_str(text));
	put_identifiers(p, v, t, out);
	if (t->who == WHO_CUSTOMER && c && p->known)
		put_text(out, STR(",\"name\":"), str_of(v->names[c->person]));
	if (is_agents(t))
		put_plain(out, "agent", p->s->agents[t->agent - 1]);
	else if (t->who == WHO_BOT && t->what <= WHAT_OFFER)
		put_plain(out, "agent", p->s->bot);
	if (c && p->known)
		put_plain(out, "region", p->s->languages[p->language].regions[p->region]);
	if (labels)
		put_labels(p, v, t, out);
	if (t->felt)
		put_feeling(t, out);
	buf_clear(text);
	if (turn_case(p, t, text))
		put_plain(out, "case", text->s);
	put_rest(p, v, t, out);
	put_key(out, "order");
	buf_int(out, t - p->turns);
}

void turn_record(const struct plan *p, const struct voice *v, const struct turn *t, bool labels,
	struct buf *text, struct buf *out)
{
	const struct gen_channel *ch = &p->s->channels[t->channel];
	bool own = t->contact != PLAN_NONE || t->what == WHAT_CAMPAIGN;
	char at[WHEN_TEXT];

	buf_puts(out, "{\"specversion\":\"1.0\",\"id\":\"");
	turn_id(p, t, out);
	buf_puts(out, "\",\"source\":\"");
	buf_puts(out, own ? ch->source : "crm");
	buf_byte(out, '/');
	buf_puts(out, p->s->account);
	buf_puts(out, "\",\"type\":\"");
	buf_puts(out, turn_type(t));
	buf_puts(out, "\",\"time\":\"");
	when_format(t->at, at);
	buf_puts(out, at);
	if (t->contact != PLAN_NONE) {
		buf_puts(out, "\",\"session\":\"");
		turn_session(p, v, t, out);
	}
	if (own) {
		buf_puts(out, "\",\"channel\":\"");
		buf_puts(out, ch->name);
	}
	buf_puts(out, "\",\"direction\":\"");
	buf_puts(out, turn_direction(t));
	buf_puts(out, "\",\"actor\":\"");
	buf_puts(out, turn_actor(t));
	buf_puts(out, "\",\"data\":{");
	put_data(p, v, t, labels, text, out);
	buf_puts(out, "}}");
}
