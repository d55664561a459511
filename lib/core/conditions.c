#include "core/conditions.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/expr.h"

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
	COLUMN_AMOUNT,
	COLUMN_EVENT_COUNT
};

static const struct {
	const char *name, *about;
} event_columns[COLUMN_EVENT_COUNT] = {
	[COLUMN_TYPE] = {"type", "what happened: message, call, lead, ..."},
	[COLUMN_TIME] = {"time", "when, in ms since 1970, UTC"},
	[COLUMN_HOUR] = {"hour", "hour of the day in --tz, 0 to 23"},
	[COLUMN_WEEKDAY] = {"weekday", "day of the week in --tz, 0 is Sunday"},
	[COLUMN_DIRECTION] = {"direction", "in, out or internal"},
	[COLUMN_ACTOR] = {"actor", "customer, agent, bot or system"},
	[COLUMN_TEXT] = {"text", "what was said"},
	[COLUMN_LANG] = {"lang", "its language"},
	[COLUMN_REGION] = {"region", "the customer's region"},
	[COLUMN_INTENT] = {"intent", "the intent's id"},
	[COLUMN_FAMILY] = {"family", "the intent's family"},
	[COLUMN_CONFIDENCE] = {"confidence", "how sure the intent is, 0 to 1"},
	[COLUMN_SENTIMENT] = {"sentiment", "-1 to 1"},
	[COLUMN_STAGE] = {"stage", "where in the journey"},
	[COLUMN_CASE] = {"case_id", "the case's number"},
	[COLUMN_AMOUNT] = {"amount", "the amount of an action"},
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
	struct civil local;
	int weekday;
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

static void event_value(const struct conditions *r, enum event_column c, struct expr_value *out)
{
	static const int attrs[COLUMN_EVENT_COUNT] = {[COLUMN_TYPE] = ATTR_TYPE,
		[COLUMN_DIRECTION] = ATTR_DIRECTION,
		[COLUMN_ACTOR] = ATTR_ACTOR};
	static const int texts[COLUMN_EVENT_COUNT] = {[COLUMN_TEXT] = DATA_TEXT,
		[COLUMN_LANG] = DATA_LANG,
		[COLUMN_REGION] = DATA_REGION,
		[COLUMN_STAGE] = DATA_STAGE,
		[COLUMN_CASE] = DATA_CASE};

	switch (c) {
	case COLUMN_TIME:
		*out = (struct expr_value){.type = EXPR_INT, .n = r->ev->time};
		break;
	case COLUMN_HOUR:
		*out = (struct expr_value){.type = EXPR_INT, .n = r->local.hour};
		break;
	case COLUMN_WEEKDAY:
		*out = (struct expr_value){.type = EXPR_INT, .n = r->weekday};
		break;
	case COLUMN_INTENT:
		text_value(out, ontology_reading(r->ontology, event_text(r->ev, DATA_INTENT)));
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
	const struct conditions *r = row;
	int c = column - COLUMN_EVENT_COUNT;

	*out = (struct expr_value){.type = EXPR_NULL};
	if (column < COLUMN_EVENT_COUNT) {
		event_value(r, (enum event_column)column, out);
	} else if (c < CONTEXT_COUNT && r->context->there[c]) {
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
	if (str_eq(v->key, argv[0].text))
		text_value(out, v->text);
	return 0;
}

static struct expr_set *new_set(void)
{
	struct expr_column columns[COLUMN_EVENT_COUNT + CONTEXT_COUNT + REFUSED];
	size_t n = 0;
	struct expr_set *set;

	for (int i = 0; i < COLUMN_EVENT_COUNT; i++)
		columns[n++] = (struct expr_column){event_columns[i].name, NULL};
	for (int i = 0; i < CONTEXT_COUNT; i++)
		columns[n++] = (struct expr_column){context_name((enum context_column)i), NULL};
	for (size_t i = 0; i < REFUSED; i++)
		columns[n++] = (struct expr_column){refused[i], GIVES_AWAY};
	set = expr_new(columns, n, get_column);
	expr_function(set, "signal", 1, call_signal, NULL);
	expr_function(set, "entity", 1, call_entity, NULL);
	return set;
}

struct conditions *conditions_new(const struct ontology *o)
{
	struct conditions *c = mem_zero(1, sizeof(*c));

	c->ontology = o;
	c->set = new_set();
	return c;
}

void conditions_free(struct conditions *c)
{
	if (!c)
		return;
	expr_free(c->set);
	free(c);
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
	local_civil(ev->time, &c->local, &c->weekday);
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

bool conditions_hold(const struct conditions *c, int number)
{
	return expr_true(expr_result(c->set, number));
}

void conditions_columns(struct buf *out)
{
	static const char *const context_about[CONTEXT_COUNT] = {
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
		[CONTEXT_open_case] = "the case of this contact's issue"};

	for (int i = 0; i < COLUMN_EVENT_COUNT; i++)
		buf_printf(out, "%-18s %s\n", event_columns[i].name, event_columns[i].about);
	for (int i = 0; i < CONTEXT_COUNT; i++)
		buf_printf(
			out, "%-18s %s\n", context_name((enum context_column)i), context_about[i]);
	buf_printf(out, "%-18s %s\n%-18s %s\n", "signal('...')", "1 where the event has the signal",
		"entity('...')", "the entity's value in the event");
	buf_puts(out, "functions:");
	for (const char *const *f = expr_functions(); *f; f++)
		buf_printf(out, " %s", *f);
	buf_byte(out, '\n');
}
