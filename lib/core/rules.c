#include "core/rules.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/expr.h"
#include "io/yaml.h"

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

struct rules {
	const struct ontology *ontology;
	char *label;
	struct rule *v; /* the default stands last */
	size_t n, cap;
	struct expr_set *set;
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

static void family_value(const struct rules *r, struct expr_value *out)
{
	const struct intent *i = ontology_intent(r->ontology, event_text(r->ev, DATA_INTENT));

	if (i && i->family)
		text_value(out, str_of(i->family));
}

static void event_value(const struct rules *r, enum event_column c, struct expr_value *out)
{
	static const int attrs[COLUMN_EVENT_COUNT] = {[COLUMN_TYPE] = ATTR_TYPE,
		[COLUMN_DIRECTION] = ATTR_DIRECTION,
		[COLUMN_ACTOR] = ATTR_ACTOR};
	static const int texts[COLUMN_EVENT_COUNT] = {[COLUMN_TEXT] = DATA_TEXT,
		[COLUMN_LANG] = DATA_LANG,
		[COLUMN_REGION] = DATA_REGION,
		[COLUMN_INTENT] = DATA_INTENT,
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
	const struct rules *r = row;
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
	const struct rules *r = row;
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
	const struct rules *r = row;
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

static int refuse(const char *path, const struct yaml *at, const char *why, struct buf *err)
{
	buf_printf(err, "%s:%d:%d: %s", path, at->line, at->column, why);
	return -1;
}

static int only(const char *path, const struct yaml *map, const char *const *known, struct buf *err)
{
	const struct yaml *odd = map->type == YAML_MAPPING ? yaml_unknown(map, known) : map;

	if (!odd)
		return 0;
	if (odd == map)
		return refuse(path, map, "a mapping was expected", err);
	buf_printf(err, "%s:%d: unknown member: %s", path, odd->key_line, odd->key);
	return -1;
}

static int read_target(const char *path, const struct yaml *y, struct rule *rule, struct buf *err)
{
	const char *queue = yaml_text(y, "queue", NULL), *reason = yaml_text(y, "reason", NULL);
	const struct yaml *priority = yaml_get(y, "priority");

	if (!queue || !*queue)
		return refuse(path, y, "no queue", err);
	rule->queue = mem_string(queue);
	rule->reason = reason ? mem_string(reason) : NULL;
	rule->line = y->line;
	rule->priority = 5;
	if (priority && (priority->type != YAML_SCALAR ||
				!str_int(str_of(priority->text), &rule->priority) ||
				rule->priority < 1 || rule->priority > 9))
		return refuse(path, priority, "priority is no whole number from 1 to 9", err);
	return 0;
}

static int read_rule(struct rules *r, const char *path, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"id", "when", "queue", "priority", "reason", NULL};
	const struct yaml *when = yaml_get(y, "when");
	const char *id = yaml_text(y, "id", NULL);
	struct rule *rule;

	if (only(path, y, known, err) < 0)
		return -1;
	if (!id || !*id)
		return refuse(path, y, "no id", err);
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].id, id) == 0)
			return refuse(path, y, "another rule has this id", err);
	if (!when || when->type != YAML_SCALAR)
		return refuse(path, y, "no condition (when)", err);
	rule = VEC_ADD(r, v, n, cap);
	rule->id = mem_string(id);
	if (read_target(path, y, rule, err) < 0)
		return -1;
	return expr_add(r->set, when->text,
		       (struct expr_place){path, when->line, when->column, !when->quoted}, err) < 0
		       ? -1
		       : 0;
}

static int read_file(struct rules *r, const char *path, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"jtools", "name", "version", "default", "rules", NULL};
	static const char *const known_default[] = {"queue", "priority", "reason", NULL};
	const char *kind = yaml_kind(y), *name = yaml_text(y, "name", NULL);
	const char *version = yaml_text(y, "version", NULL);
	const struct yaml *list = yaml_get(y, "rules"), *rest = yaml_get(y, "default");
	struct buf label = BUF_INIT;
	struct rule *last;

	if (!kind || strcmp(kind, "rules/1") != 0)
		return refuse(
			path, y, "not a rule file (its first line says jtools: rules/1)", err);
	if (only(path, y, known, err) < 0)
		return -1;
	if (!name || !version)
		return refuse(path, y, name ? "no version" : "no name", err);
	buf_printf(&label, "%s/%s", name, version);
	r->label = buf_take(&label);
	if (!rest)
		return refuse(path, y, "no default: say where events go that no rule takes", err);
	if (list && list->type != YAML_SEQUENCE)
		return refuse(path, list, "rules is no list", err);
	for
		YAML_EACH(v, list)
	if (read_rule(r, path, v, err) < 0)
		return -1;
	if (only(path, rest, known_default, err) < 0)
		return -1;
	last = VEC_ADD(r, v, n, cap);
	last->id = mem_string("default");
	return read_target(path, rest, last, err);
}

struct rules *rules_read(const char *path, const struct ontology *o, struct buf *err)
{
	struct yaml *y = yaml_read(path, err);
	struct rules *r;
	int status;

	if (!y)
		return NULL;
	r = mem_zero(1, sizeof(*r));
	r->ontology = o;
	r->set = new_set();
	status = read_file(r, path, y, err);
	yaml_free(y);
	if (status == 0)
		return r;
	rules_free(r);
	return NULL;
}

void rules_free(struct rules *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].id);
		free(r->v[i].queue);
		free(r->v[i].reason);
	}
	free(r->v);
	free(r->label);
	expr_free(r->set);
	free(r);
}

const char *rules_label(const struct rules *r)
{
	return r->label;
}

const struct rule *rules_first(
	struct rules *r, const struct event *ev, const struct context *context, struct buf *err)
{
	int found = -1;

	r->ev = ev;
	r->context = context;
	local_civil(ev->time, &r->local, &r->weekday);
	if (r->n > 1)
		found = expr_first(r->set, r, err);
	if (found < -1)
		return NULL;
	return found < 0 ? &r->v[r->n - 1] : &r->v[found];
}

void rules_columns(struct buf *out)
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
