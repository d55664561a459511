#include "core/conditions.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/zone.h"
#include "core/store/expr.h"

#include <math.h>
#include <stdlib.h>

#define GIVES_AWAY "it gives the channel away, and no rule may decide by the channel"

enum event_column {
	COLUMN_TYPE,
	COLUMN_TIME,
	COLUMN_HOUR,
	COLUMN_WEEKDAY,
	COLUMN_DIRECTION,
	COLUMN_ACTOR,
	COLUMN_TEXT,
	COLUMN_LANG,
	COLUMN_REGION,
	COLUMN_INTENT,
	COLUMN_FAMILY,
	COLUMN_CONFIDENCE,
	COLUMN_SENTIMENT,
	COLUMN_STAGE,
	COLUMN_CASE,
	COLUMN_AGENT,
	COLUMN_REASON,
	COLUMN_ACTION,
	COLUMN_AMOUNT,
	COLUMN_CURRENCY,
	COLUMN_PURPOSE,
	COLUMN_DUE,
	COLUMN_WAIT,
	COLUMN_EVENT_COUNT
};

static const struct {
	const char *name, *about;
} event_columns[COLUMN_EVENT_COUNT] = {
	[COLUMN_TYPE] = {"type", "what happened: message, call, lead, ..."},
	[COLUMN_TIME] = {"time", "when, in ms since 1970, UTC"},
	[COLUMN_HOUR] = {"hour", "hour of the day in the region's zone, 0 to 23"},
	[COLUMN_WEEKDAY] = {"weekday", "day of the week there, 0 is Sunday"},
	[COLUMN_DIRECTION] = {"direction", "in, out or internal"},
	[COLUMN_ACTOR] = {"actor", "customer, agent, bot or system"},
	[COLUMN_TEXT] = {"text", "what was said"},
	[COLUMN_LANG] = {"lang", "its language, else that of her latest record that has one"},
	[COLUMN_REGION] = {"region", "its region, else the same"},
	[COLUMN_INTENT] = {"intent", "the intent's id"},
	[COLUMN_FAMILY] = {"family", "the intent's family"},
	[COLUMN_CONFIDENCE] = {"confidence", "how sure the intent is, 0 to 1"},
	[COLUMN_SENTIMENT] = {"sentiment", "-1 to 1"},
	[COLUMN_STAGE] = {"stage", "where in the journey, else the same"},
	[COLUMN_CASE] = {"case_id", "the case's number"},
	[COLUMN_AGENT] = {"agent", "who of ours acts"},
	[COLUMN_REASON] = {"reason", "of a move, how a call ended, of an action"},
	[COLUMN_ACTION] = {"action", "what is proposed, promised or decided"},
	[COLUMN_AMOUNT] = {"amount", "the amount of an action"},
	[COLUMN_CURRENCY] = {"currency", "and its currency"},
	[COLUMN_PURPOSE] = {"purpose", "of an outbound message"},
	[COLUMN_DUE] = {"due", "when a promise falls due, in ms since 1970, UTC"},
	[COLUMN_WAIT] = {"wait", "seconds that a call waited"},
};

static const char *const refused[] = {
	"channel", "source", "session", "id", "origin", "ext", "identifiers"};
#define REFUSED (sizeof(refused) / sizeof(refused[0]))

struct conditions {
	const struct ontology *ontology;
	struct expr_set *set;
	size_t n;
	/* what is being decided */
	const struct event *ev;
	const struct context *context;
	struct zones *zones;
	bool clock; /* whether the two below are known */
	int hour, weekday;
	struct buf words, phrase; /* of the text, folded, a blank on both sides; of a phrase */
	bool folded;
};

static void text_value(struct expr_value *out, struct str s)
{
	if (s.s)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = s};
}

static void number_value(struct expr_value *out, const struct json *v)
{
	double n;

	if (json_number(v, &n))
		*out = (struct expr_value){.type = EXPR_REAL, .real = n};
}

static void family_value(const struct conditions *r, struct expr_value *out)
{
	const struct intent *i = ontology_intent(r->ontology, event_text(r->ev, DATA_INTENT));

	if (i && i->family)
		text_value(out, str_of(i->family));
}

/* What the record does not say, the customer's latest that does. */
static struct str said(const struct conditions *r, enum event_data d, enum context_column c)
{
	struct str own = event_text(r->ev, d);

	return own.len || !r->context->there[c] ? own : buf_str(&r->context->text[c]);
}

static void read_clock(struct conditions *r)
{
	struct civil local;

	if (r->clock)
		return;
	zones_civil(
		r->zones, said(r, DATA_REGION, CONTEXT_region), r->ev->time, &local, &r->weekday);
	r->hour = local.hour;
	r->clock = true;
}

static void due_value(const struct conditions *r, struct expr_value *out)
{
	int64_t due;

	if (when_parse(event_text(r->ev, DATA_DUE), &due))
		*out = (struct expr_value){.type = EXPR_INT, .n = due};
}

static void event_value(struct conditions *r, enum event_column c, struct expr_value *out)
{
	static const int attrs[COLUMN_EVENT_COUNT] = {[COLUMN_TYPE] = ATTR_TYPE,
		[COLUMN_DIRECTION] = ATTR_DIRECTION,
		[COLUMN_ACTOR] = ATTR_ACTOR};
	static const int texts[COLUMN_EVENT_COUNT] = {[COLUMN_TEXT] = DATA_TEXT,
		[COLUMN_INTENT] = DATA_INTENT,
		[COLUMN_CASE] = DATA_CASE,
		[COLUMN_AGENT] = DATA_AGENT,
		[COLUMN_REASON] = DATA_REASON,
		[COLUMN_ACTION] = DATA_ACTION,
		[COLUMN_CURRENCY] = DATA_CURRENCY,
		[COLUMN_PURPOSE] = DATA_PURPOSE};

	switch (c) {
	case COLUMN_TIME:
		*out = (struct expr_value){.type = EXPR_INT, .n = r->ev->time};
		break;
	case COLUMN_HOUR:
		read_clock(r);
		*out = (struct expr_value){.type = EXPR_INT, .n = r->hour};
		break;
	case COLUMN_WEEKDAY:
		read_clock(r);
		*out = (struct expr_value){.type = EXPR_INT, .n = r->weekday};
		break;
	case COLUMN_LANG:
		text_value(out, said(r, DATA_LANG, CONTEXT_lang));
		break;
	case COLUMN_REGION:
		text_value(out, said(r, DATA_REGION, CONTEXT_region));
		break;
	case COLUMN_STAGE:
		text_value(out, said(r, DATA_STAGE, CONTEXT_stage));
		break;
	case COLUMN_DUE:
		due_value(r, out);
		break;
	case COLUMN_WAIT:
		number_value(out, r->ev->data[DATA_WAIT]);
		break;
	case COLUMN_FAMILY:
		family_value(r, out);
		break;
	case COLUMN_CONFIDENCE:
		number_value(out, r->ev->data[DATA_CONFIDENCE]);
		break;
	case COLUMN_SENTIMENT:
		number_value(out, r->ev->data[DATA_SENTIMENT]);
		break;
	case COLUMN_AMOUNT:
		number_value(out, r->ev->data[DATA_AMOUNT]);
		break;
	case COLUMN_TYPE:
	case COLUMN_DIRECTION:
	case COLUMN_ACTOR:
		text_value(out, event_attr(r->ev, (enum event_attr)attrs[c]));
		break;
	default:
		text_value(out, event_text(r->ev, (enum event_data)texts[c]));
	}
}

static void get_column(void *row, int column, struct expr_value *out)
{
	struct conditions *r = row;
	int c = column - COLUMN_EVENT_COUNT;

	*out = (struct expr_value){.type = EXPR_NULL};
	if (column < COLUMN_EVENT_COUNT) {
		event_value(r, (enum event_column)column, out);
	} else if (c < CONTEXT_COLUMNS_OWN && r->context->there[c]) {
		if (context_is_text((enum context_column)c))
			text_value(out, buf_str(&r->context->text[c]));
		else
			*out = (struct expr_value){
				.type = EXPR_REAL, .real = r->context->number[c]};
	}
}

/* signal('frustration'): 1 where the event has it, else 0. */
static int call_signal(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct conditions *r = row;
	const struct json *list = r->ev->data[DATA_SIGNALS];

	(void)ctx;
	(void)argc;
	*out = (struct expr_value){.type = EXPR_INT, .n = 0};
	if (list && list->type == JSON_ARRAY && argv[0].type == EXPR_TEXT)
		for
			JSON_EACH(v, list)
	out->n |= str_eq(v->text, argv[0].text);
	return 0;
}

/* tag('vip'): 1 where the customer has it, else 0. */
static int call_tag(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct conditions *r = row;

	(void)ctx;
	(void)argc;
	*out = (struct expr_value){.type = EXPR_INT,
		.n = argv[0].type == EXPR_TEXT && context_tag(r->context, argv[0].text)};
	return 0;
}

/* consent('marketing'): 1 where she gave it, 0 where she took it back, NULL where she said nothing.
 */
static int call_consent(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct conditions *r = row;
	int is = argv[0].type == EXPR_TEXT ? context_consents(r->context, argv[0].text) : -1;

	(void)ctx;
	(void)argc;
	*out = (struct expr_value){.type = is < 0 ? EXPR_NULL : EXPR_INT, .n = is};
	return 0;
}

/* given('order'): 1 where the entity need not be asked for, else 0. */
static int call_given(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct conditions *r = row;
	const struct entity *e =
		argv[0].type == EXPR_TEXT ? ontology_entity(r->ontology, argv[0].text) : NULL;
	ptrdiff_t at = e ? e - r->ontology->entities : 64;

	(void)ctx;
	(void)argc;
	*out = (struct expr_value){.type = EXPR_INT, .n = at < 64 && r->context->given >> at & 1};
	return 0;
}

/* Whether the words stand in the text, whole ones in their order; of the last the beginning where a
 * '*' follows. */
static bool has_words(struct conditions *r, struct str words)
{
	bool prefix = words.len && words.s[words.len - 1] == '*';

	if (!r->folded) {
		buf_clear(&r->words);
		buf_byte(&r->words, ' ');
		text_words(&r->words, event_text(r->ev, DATA_TEXT));
		buf_byte(&r->words, ' ');
		r->folded = true;
	}
	buf_clear(&r->phrase);
	buf_byte(&r->phrase, ' ');
	text_words(&r->phrase, words);
	if (r->phrase.len == 1)
		return false;
	if (!prefix)
		buf_byte(&r->phrase, ' ');
	return memmem(r->words.s, r->words.len, r->phrase.s, r->phrase.len) != NULL;
}

/* says('money back', 'refund*'): 1 where the text has one of them, else 0. */
static int call_says(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	(void)ctx;
	*out = (struct expr_value){.type = EXPR_INT, .n = 0};
	for (int i = 0; i < argc && !out->n; i++)
		out->n = argv[i].type == EXPR_TEXT && has_words(row, argv[i].text);
	return 0;
}

/* A number is one, whatever the record has it in, where the ontology says that it is an amount. */
static void entity_value(const struct conditions *r, const struct json *v, struct expr_value *out)
{
	const struct entity *e = ontology_entity(r->ontology, v->key);
	char number[64], *end;
	double n;

	if (v->type == JSON_NUMBER) {
		number_value(out, v);
		return;
	}
	text_value(out, v->type < JSON_ARRAY ? v->text : v->raw);
	if (!e || e->normal != NORMAL_AMOUNT || !v->text.len || v->text.len >= sizeof(number) ||
		!strchr("-0123456789", v->text.s[0]))
		return;
	memcpy(number, v->text.s, v->text.len);
	number[v->text.len] = '\0';
	n = strtod(number, &end);
	if (!*end && isfinite(n))
		*out = (struct expr_value){.type = EXPR_REAL, .real = n};
}

/* entity('order'): its value in the event, or NULL. */
static int call_entity(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct conditions *r = row;
	const struct json *map = r->ev->data[DATA_ENTITIES];

	(void)ctx;
	(void)argc;
	*out = (struct expr_value){.type = EXPR_NULL};
	if (map && map->type == JSON_OBJECT && argv[0].type == EXPR_TEXT)
		for
			JSON_EACH(v, map)
	if (str_eq(v->key, argv[0].text) && v->type != JSON_NULL)
		entity_value(r, v, out);
	return 0;
}

static struct expr_set *new_set(void)
{
	static const struct {
		const char *name;
		int argc;
		expr_call *call;
	} functions[] = {{"signal", 1, call_signal}, {"entity", 1, call_entity},
		{"tag", 1, call_tag}, {"consent", 1, call_consent}, {"given", 1, call_given},
		{"says", -1, call_says}};
	struct expr_column columns[COLUMN_EVENT_COUNT + CONTEXT_COLUMNS_OWN + REFUSED];
	size_t n = 0;
	struct expr_set *set;

	for (int i = 0; i < COLUMN_EVENT_COUNT; i++)
		columns[n++] = (struct expr_column){event_columns[i].name, NULL};
	for (int i = 0; i < CONTEXT_COLUMNS_OWN; i++)
		columns[n++] = (struct expr_column){context_name((enum context_column)i), NULL};
	for (size_t i = 0; i < REFUSED; i++)
		columns[n++] = (struct expr_column){refused[i], GIVES_AWAY};
	set = expr_new(columns, n, get_column);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		expr_function(set, functions[i].name, functions[i].argc, functions[i].call, NULL);
	return set;
}

struct conditions *conditions_new(const struct ontology *o)
{
	struct conditions *c = mem_zero(1, sizeof(*c));

	c->ontology = o;
	c->set = new_set();
	c->zones = zones_new();
	buf_init(&c->words);
	buf_init(&c->phrase);
	return c;
}

void conditions_free(struct conditions *c)
{
	if (!c)
		return;
	expr_free(c->set);
	zones_free(c->zones);
	buf_release(&c->words);
	buf_release(&c->phrase);
	free(c);
}

int conditions_zones(struct conditions *c, const char *path, const struct yaml *of, struct buf *err)
{
	for
		YAML_EACH(v, of)
	if (v->type != YAML_SCALAR || zones_set(c->zones, str_of(v->key), v->text, err) < 0) {
		struct buf why = BUF_INIT;

		buf_put(&why, buf_str(err));
		buf_clear(err);
		buf_printf(err, "%s:%d:%d: %s", path, v->line, v->column,
			why.len ? why.s : "a zone was expected");
		buf_release(&why);
		return -1;
	}
	return 0;
}

int conditions_add(struct conditions *c, const char *path, const struct yaml *when, struct buf *err)
{
	int n = expr_add(c->set, when->text,
		(struct expr_place){path, when->line, when->column, !when->quoted}, err);

	if (n >= 0)
		c->n++;
	return n;
}

static void look_at(struct conditions *c, const struct event *ev, const struct context *context)
{
	c->ev = ev;
	c->context = context;
	c->clock = c->folded = false;
}

int conditions_first(struct conditions *c, const struct event *ev, const struct context *context,
	struct buf *err)
{
	look_at(c, ev, context);
	return c->n ? expr_first(c->set, c, err) : -1;
}

int conditions_eval(struct conditions *c, const struct event *ev, const struct context *context,
	struct buf *err)
{
	look_at(c, ev, context);
	return c->n ? expr_eval(c->set, c, err) : 0;
}

const struct expr_value *conditions_value(const struct conditions *c, int number)
{
	return expr_result(c->set, number);
}

bool conditions_hold(const struct conditions *c, int number)
{
	return expr_true(expr_result(c->set, number));
}

void conditions_columns(struct buf *out)
{
	static const char *const context_about[CONTEXT_COLUMNS_OWN] = {
		[CONTEXT_known] = "the customer has an identifier",
		[CONTEXT_first_contact] = "she has no earlier contact",
		[CONTEXT_contacts_24h] = "contacts that she began in the 24 h before this one",
		[CONTEXT_contacts_7d] = "the same in 7 d",
		[CONTEXT_contacts_30d] = "the same in 30 d",
		[CONTEXT_open_issues] = "matters open beside the one that this contact began",
		[CONTEXT_repeat] = "an earlier contact of hers on the matter ended within 7 d",
		[CONTEXT_switched] = "this contact continues one on another channel",
		[CONTEXT_asked_again] = "we asked in this contact for something known",
		[CONTEXT_waiting] = "seconds since her first word without an answer",
		[CONTEXT_last_contact_days] = "days since the contact before ended",
		[CONTEXT_escalations_30d] = "escalations in 30 d",
		[CONTEXT_transfers_30d] = "transfers in 30 d",
		[CONTEXT_last_agent] = "who of ours spoke last",
		[CONTEXT_matter] = "the family of this contact",
		[CONTEXT_open_case] = "the case of this contact's issue",
		[CONTEXT_last_person] = "the person of ours who spoke last: no bot",
		[CONTEXT_last_person_days] = "days since",
		[CONTEXT_handled_by_bot] = "bots of ours spoke in this contact, and no person",
		[CONTEXT_commitments_open] = "promises that are not kept",
		[CONTEXT_commitments_overdue] = "those of them that fell due",
		[CONTEXT_decided_30d] = "sum of the amounts that decisions of 30 d allowed",
		[CONTEXT_decisions_30d] = "how many these were",
		[CONTEXT_value] = "sum of her orders, less those cancelled",
		[CONTEXT_customer_days] = "days since her first record",
		[CONTEXT_tier] = "her tier",
		[CONTEXT_product] = "the product that was named last",
		[CONTEXT_heard_hours] = "hours since her last word",
		[CONTEXT_sent_24h] = "words of ours with a purpose but service in 24 h, or allowed",
		[CONTEXT_sent_7d] = "the same in 7 d",
		[CONTEXT_sent_30d] = "the same in 30 d",
		[CONTEXT_consent] = "she consented to the delivery that this record is"};
	static const char *const functions[][2] = {
		{"signal('...')", "1 where the event has the signal"},
		{"entity('...')", "the entity's value in the event"},
		{"given('...')", "1 where the entity is known and need not be asked for"},
		{"tag('...')", "1 where the customer has the tag"},
		{"consent('...')", "to a purpose: 1 given, 0 taken back, else NULL"},
		{"says('...', ...)", "1 where the text has these words, or those"}};

	for (int i = 0; i < COLUMN_EVENT_COUNT; i++)
		buf_printf(out, "%-19s %s\n", event_columns[i].name, event_columns[i].about);
	for (int i = 0; i < CONTEXT_COLUMNS_OWN; i++)
		buf_printf(
			out, "%-19s %s\n", context_name((enum context_column)i), context_about[i]);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		buf_printf(out, "%-19s %s\n", functions[i][0], functions[i][1]);
	buf_puts(out, "functions:");
	for (const char *const *f = expr_functions(); *f; f++)
		buf_printf(out, " %s", *f);
	buf_byte(out, '\n');
}
