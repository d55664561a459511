/* What conditions read of an event and of its customer's context: columns and functions. */
#include "base/text.h"
#include "core/checkers.h"
#include "core/conditions_part.h"

#include <math.h>
#include <stdlib.h>

const struct event_column_name event_columns[COLUMN_EVENT_COUNT] = {
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

static void read_local(struct conditions *r, struct civil *local, int *weekday)
{
	zones_civil(r->zones, said(r, DATA_REGION, CONTEXT_region), r->ev->time, local, weekday);
}

int64_t conditions_next_hour(
	struct conditions *c, const struct event *ev, const struct context *context)
{
	struct civil local;
	int weekday;

	c->ev = ev;
	c->context = context;
	read_local(c, &local, &weekday);
	c->ev = NULL;
	c->context = NULL;
	return ev->time + WHEN_HOUR - local.minute * WHEN_MINUTE - local.second * WHEN_SECOND -
	       local.ms;
}

static void read_clock(struct conditions *r)
{
	struct civil local;

	if (r->clock)
		return;
	read_local(r, &local, &r->weekday);
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
	case COLUMN_INTENT:
		text_value(out, ontology_reading(r->ontology, event_text(r->ev, DATA_INTENT)));
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

void condition_column(struct conditions *r, int column, struct expr_value *out)
{
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
static int call_signal(void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct conditions *r = row;
	const struct json *list = r->ev->data[DATA_SIGNALS];

	(void)argc;
	*out = (struct expr_value){.type = EXPR_INT, .n = 0};
	if (list && list->type == JSON_ARRAY && argv[0].type == EXPR_TEXT)
		for
			JSON_EACH(v, list)
	out->n |= str_eq(v->text, argv[0].text);
	return 0;
}

/* tag('vip'): 1 where the customer has it, else 0. */
static int call_tag(void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct conditions *r = row;

	(void)argc;
	*out = (struct expr_value){.type = EXPR_INT,
		.n = argv[0].type == EXPR_TEXT && context_tag(r->context, argv[0].text)};
	return 0;
}

/* consent('marketing'): 1 where she gave it, 0 where she took it back, NULL where she said nothing.
 */
static int call_consent(void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct conditions *r = row;
	int is = argv[0].type == EXPR_TEXT ? context_consents(r->context, argv[0].text) : -1;

	(void)argc;
	*out = (struct expr_value){.type = is < 0 ? EXPR_NULL : EXPR_INT, .n = is};
	return 0;
}

/* given('order'): 1 where the entity need not be asked for, else 0. */
static int call_given(void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct conditions *r = row;
	const struct entity *e =
		argv[0].type == EXPR_TEXT ? ontology_entity(r->ontology, argv[0].text) : NULL;
	ptrdiff_t at = e ? e - r->ontology->entities : 64;

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
static int call_says(void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	*out = (struct expr_value){.type = EXPR_INT, .n = 0};
	for (int i = 0; i < argc && !out->n; i++)
		out->n = argv[i].type == EXPR_TEXT && has_words(row, argv[i].text);
	return 0;
}

static bool is_amount(const struct entity *e)
{
	return e->normal == NORMAL_AMOUNT ||
	       (e->checker && checker_of(e->checker) == CHECKER_AMOUNT);
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
	if (!e || !is_amount(e) || !v->text.len || v->text.len >= sizeof(number) ||
		!strchr("-0123456789", v->text.s[0]))
		return;
	memcpy(number, v->text.s, v->text.len);
	number[v->text.len] = '\0';
	n = strtod(number, &end);
	/* A currency may stand behind it. */
	if ((!*end || (*end == ' ' && strlen(end) == 4)) && isfinite(n))
		*out = (struct expr_value){.type = EXPR_REAL, .real = n};
}

/* entity('order'): its value in the event, the first that is there, or NULL. */
static int call_entity(void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct conditions *r = row;
	const struct json *map = r->ev->data[DATA_ENTITIES];

	(void)argc;
	*out = (struct expr_value){.type = EXPR_NULL};
	if (map && map->type == JSON_OBJECT && argv[0].type == EXPR_TEXT)
		for
			JSON_EACH(v, map)
	if (out->type == EXPR_NULL && str_eq(v->key, argv[0].text) && v->type != JSON_NULL)
		entity_value(r, v, out);
	return 0;
}

const struct condition_function condition_functions[CONDITION_FUNCTIONS] = {
	{"signal", 1, call_signal, "signal('...')", "1 where the event has the signal"},
	{"entity", 1, call_entity, "entity('...')", "the entity's value in the event"},
	{"given", 1, call_given, "given('...')",
		"1 where the entity is known and need not be asked for"},
	{"tag", 1, call_tag, "tag('...')", "1 where the customer has the tag"},
	{"consent", 1, call_consent, "consent('...')",
		"to a purpose: 1 given, 0 taken back, else NULL"},
	{"says", -1, call_says, "says('...', ...)", "1 where the text has these words, or those"},
};
