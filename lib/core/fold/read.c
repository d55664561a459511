/* From a record to what the fold keeps of it. */
#include "core/fold/internal.h"
#include "base/fnv.h"
#include "base/sort.h"
#include "base/text.h"

#include <ctype.h>
#include <math.h>

#define SCORE_MOST 1e6 /* of a survey; what is beyond is no score */
#define VALUE_MAX 1000 /* bytes of an entity's value */
#define GRAM_TEXT 2000 /* bytes of a question that are compared */

static uint8_t kind_of(struct str type)
{
	static const struct {
		const char *type;
		enum kind kind;
	} kinds[] = {{"message", KIND_MESSAGE}, {"call", KIND_CALL}, {"lead", KIND_LEAD},
		{"visit", KIND_VISIT}, {"case.closed", KIND_CLOSED},
		{"case.reopened", KIND_REOPENED}, {"order.placed", KIND_ORDER},
		{"escalated", KIND_ESCALATED}, {"transferred", KIND_TRANSFERRED},
		{"handoff", KIND_HANDOFF}, {"case.assigned", KIND_ASSIGNED},
		{"identity.unlinked", KIND_UNLINKED}, {"abandoned", KIND_ABANDONED},
		{"commitment.made", KIND_MADE}, {"commitment.kept", KIND_KEPT},
		{"survey.answered", KIND_SURVEY}, {"decision.made", KIND_DECISION},
		{"consent.granted", KIND_GRANTED}, {"consent.revoked", KIND_REVOKED},
		{"stage.changed", KIND_STAGE}, {"order.cancelled", KIND_CANCELLED},
		{"action.proposed", KIND_PROPOSED}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_is(type, kinds[i].type))
			return (uint8_t)kinds[i].kind;
	return KIND_OTHER;
}

static uint8_t actor_of(struct str actor)
{
	if (str_is(actor, "customer"))
		return ACTOR_CUSTOMER;
	if (str_is(actor, "agent"))
		return ACTOR_AGENT;
	return str_is(actor, "bot") ? ACTOR_BOT : ACTOR_OTHER;
}

static uint64_t entity_bit(const struct ontology *o, struct str id)
{
	const struct entity *e = ontology_entity(o, id);
	ptrdiff_t at = e ? e - o->entities : 64;

	return at < 64 ? UINT64_C(1) << at : 0;
}

static uint64_t entity_mask(const struct ontology *o, const struct json *of)
{
	uint64_t mask = 0;

	if (!of || of->type < JSON_ARRAY)
		return 0;
	for
		JSON_EACH(v, of)
	mask |= entity_bit(o, of->type == JSON_OBJECT ? v->key : v->text);
	return mask;
}

static int64_t milliseconds(const struct json *v)
{
	double seconds = 0;

	return json_number(v, &seconds) && seconds > 0 && seconds < 1e9
		       ? (int64_t)(seconds * 1000 + 0.5)
		       : 0;
}

/* The number of an identifier; 0: it names nobody. */
static int32_t person_of(struct fold *f, struct str kind, struct str scope, struct str value)
{
	struct fold_state *s = f->state;
	union map_value *v;
	bool fresh;

	buf_clear(&s->key);
	buf_put(&s->key, kind);
	buf_byte(&s->key, '\0');
	buf_put(&s->key, scope);
	buf_byte(&s->key, '\0');
	buf_put(&s->key, value);
	/* Kept in the pool, so that a fold that begins again finds the same number. */
	v = map_slot(&s->pool, buf_str(&s->key), &fresh);
	if (fresh && !str_is(kind, "placeholder") &&
		!ontology_placeholder(f->ontology, kind, value)) {
		(void)VEC_ADD(s, texts, text_n, text_cap);
		v->n = (int64_t)s->text_n;
		s->texts[s->text_n - 1] = map_key(v);
	}
	return (int32_t)v->n;
}

static void read_people(struct fold *f, const struct event *ev, struct fold_event *out)
{
	const struct json *list = ev->data[DATA_IDENTIFIERS];
	struct fold_state *s = f->state;

	out->people = s->named_n;
	if (!list || list->type != JSON_ARRAY)
		return;
	for
		JSON_EACH(v, list)
		{
			const struct json *kind = json_member(v, "kind"),
					  *value = json_member(v, "value");

			int32_t person;

			if (!json_is_string(kind) || !json_is_string(value) || !value->text.len)
				continue;
			person = person_of(f, kind->text,
				str_is(kind->text, "crm") ? event_attr(ev, ATTR_SOURCE) : STR(""),
				value->text);
			if (person)
				*VEC_ADD(s, named, named_n, named_cap) = person;
		}
	out->people_n = s->named_n - out->people;
}

static uint64_t signal_mask(const struct ontology *o, const struct json *list)
{
	uint64_t mask = 0;

	if (!list || list->type != JSON_ARRAY)
		return 0;
	for
		JSON_EACH(v, list)
		{
			for (size_t i = 0; i < o->signal_n && i < 64; i++)
				if (str_is(v->text, o->signals[i].id))
					mask |= UINT64_C(1) << i;
		}
	return mask;
}

/* ---- extras ---- */

static struct extra *extra_of(struct fold *f, struct fold_event *e)
{
	struct fold_state *s = f->state;

	if (!e->extra) {
		(void)VEC_ADD(s, extras, extra_n, extra_cap);
		e->extra = s->extra_n;
	}
	return &s->extras[e->extra - 1];
}

/* Sorts the marks from `at` on; how many different ones there are, which are kept. */
static size_t settle_marks(struct fold_state *s, size_t at)
{
	size_t n = s->mark_n - at, kept = 0;
	uint64_t *v;

	if (!n)
		return 0;
	v = s->marks + at;
	sort_numbers(v, n);
	for (size_t i = 0; i < n; i++)
		if (!i || v[i] != v[i - 1])
			v[kept++] = v[i];
	s->mark_n = at + kept;
	return kept;
}

/* Trigrams of the folded words, with a blank before and behind. */
static void read_grams(struct fold *f, struct extra *x, struct str text)
{
	struct fold_state *s = f->state;
	struct buf words = BUF_INIT;

	buf_byte(&words, ' ');
	text_words(&words, (struct str){text.s, text.len < GRAM_TEXT ? text.len : GRAM_TEXT});
	buf_byte(&words, ' ');
	x->grams = s->mark_n;
	for (size_t i = 0; i + 3 <= words.len; i++) {
		const unsigned char *p = (const unsigned char *)words.s + i;

		*VEC_ADD(s, marks, mark_n, mark_cap) =
			(uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
	}
	x->gram_n = settle_marks(s, x->grams);
	buf_release(&words);
}

/* 56 bits of a hash, below the entity's number. */
static uint64_t value_mark(size_t entity, struct str value)
{
	uint64_t h = fnv_add(FNV_START, value);

	return (uint64_t)entity << 56 | ((h ^ h >> 56) & UINT64_C(0xffffffffffffff));
}

/* A value as text, of several the first; 0: none, or one so long that it names nothing. */
static int32_t read_value(struct fold *f, const struct json *v)
{
	struct str text;

	if (v->type == JSON_ARRAY)
		v = json_first(v);
	if (!v || v->type >= JSON_ARRAY || v->type == JSON_NULL)
		return 0;
	text = v->type == JSON_STRING ? v->text : v->raw;
	return text.len > VALUE_MAX ? 0 : pool_put(f, text);
}

/* What anybody says of an entity; what she says, as a mark too. */
static void read_named(
	struct fold *f, const struct fold_event *out, size_t entity, const struct json *v)
{
	struct fold_state *s = f->state;
	int32_t value = read_value(f, v);

	if (value)
		*VEC_ADD(s, said, said_n, said_cap) = (struct said){entity, value};
	if (out->in && entity < 64)
		*VEC_ADD(s, marks, mark_n, mark_cap) =
			value_mark(entity, v->type == JSON_STRING ? v->text : v->raw);
}

static void read_values(struct fold *f, struct fold_event *out, const struct json *entities)
{
	struct fold_state *s = f->state;

	out->values = s->mark_n;
	out->said = s->said_n;
	if (entities && entities->type == JSON_OBJECT)
		for
			JSON_EACH(v, entities)
			{
				const struct entity *e = ontology_entity(f->ontology, v->key);

				if (e)
					read_named(f, out, (size_t)(e - f->ontology->entities), v);
			}
	out->value_n = settle_marks(s, out->values);
	out->said_n = s->said_n - out->said;
}

/* A message of hers that asks: by its intent, or by a question mark at its end. */
static void read_question(struct fold *f, const struct event *ev, struct fold_event *out)
{
	struct str text = str_trim(event_text(ev, DATA_TEXT));
	bool hers = out->in && out->actor == ACTOR_CUSTOMER && out->kind == KIND_MESSAGE;
	struct extra *x;

	if (!hers || (out->intent && out->intent->courtesy))
		return;
	if (!(out->intent && out->intent->question) && !text_asks(text))
		return;
	out->questions = true;
	x = extra_of(f, out);
	read_grams(f, x, text);
}

static bool has_text(const struct json *object, const char *name)
{
	const struct json *v = json_member(object, name);

	return v && v->type != JSON_NULL &&
	       (v->type >= JSON_ARRAY ? v->count > 0 : v->text.len > 0);
}

/* The parts of a handoff's context, but for whether the entities are all that are needed. */
static void read_context(struct fold *f, struct extra *x, const struct json *context)
{
	x->context = context && context->type == JSON_OBJECT;
	if (!x->context)
		return;
	x->parts = (uint8_t)((has_text(context, "customer") ? HANDED_CUSTOMER : 0) |
			     (has_text(context, "intent") ? HANDED_INTENT : 0) |
			     (has_text(context, "history") || has_text(context, "summary")
					     ? HANDED_HISTORY
					     : 0) |
			     (has_text(context, "consent") ? HANDED_CONSENT : 0));
	x->handed = entity_mask(f->ontology, json_member(context, "entities"));
}

static void read_decision(struct fold *f, struct extra *x, const struct event *ev)
{
	struct buf text = BUF_INIT;

	x->verdict = pool_put(f, event_text(ev, DATA_VERDICT));
	if (ev->data[DATA_POLICIES])
		json_put_canonical(&text, ev->data[DATA_POLICIES]);
	x->policies = pool_put(f, buf_str(&text));
	buf_clear(&text);
	if (ev->data[DATA_INPUTS])
		json_put_canonical(&text, ev->data[DATA_INPUTS]);
	x->inputs = pool_put(f, buf_str(&text));
	buf_release(&text);
}

/* "eur" is EUR: a limit does not depend on how it is written. */
static int32_t read_currency(struct fold *f, struct str code)
{
	struct buf capitals = BUF_INIT;
	int32_t is;

	for (size_t i = 0; i < code.len; i++)
		buf_byte(&capitals, (char)toupper((unsigned char)code.s[i]));
	is = pool_put(f, buf_str(&capitals));
	buf_release(&capitals);
	return is;
}

static void read_extra(struct fold *f, const struct event *ev, struct fold_event *out)
{
	struct str due = event_text(ev, DATA_DUE);
	struct extra *x;

	if (out->kind == KIND_MESSAGE)
		read_question(f, ev, out);
	if (out->kind < KIND_MADE && out->kind != KIND_HANDOFF && out->kind != KIND_ORDER)
		return;
	x = extra_of(f, out);
	x->action = pool_put(f, event_text(ev, DATA_ACTION));
	x->scale = pool_put(f, event_text(ev, DATA_SCALE));
	x->channel = pool_put(f, event_text(ev, DATA_CHANNEL));
	x->currency = read_currency(f, event_text(ev, DATA_CURRENCY));
	if (!when_parse(due, &x->due))
		x->due = 0;
	if (!json_number(ev->data[DATA_SCORE], &x->score) || fabs(x->score) > SCORE_MOST)
		x->score = NAN;
	if (!json_number(ev->data[DATA_AMOUNT], &x->amount) || !isfinite(x->amount))
		x->amount = NAN;
	if (out->kind == KIND_DECISION)
		read_decision(f, x, ev);
	if (out->kind == KIND_HANDOFF)
		read_context(f, x, ev->data[DATA_CONTEXT]);
}

const char *fold_actor(uint8_t actor)
{
	static const char *const names[] = {[ACTOR_CUSTOMER] = "customer",
		[ACTOR_AGENT] = "agent",
		[ACTOR_BOT] = "bot",
		[ACTOR_OTHER] = NULL};

	return names[actor];
}

bool fold_sentiment(const struct event *ev, double *out)
{
	return json_number(ev->data[DATA_SENTIMENT], out) && *out >= -1 && *out <= 1;
}

#define TAGS_MAX 64 /* of a customer */

static int32_t read_tags(struct fold *f, const struct json *list)
{
	struct buf *text = &f->state->key;
	size_t n = 0;

	if (!list || list->type != JSON_ARRAY)
		return 0;
	buf_clear(text);
	for
		JSON_EACH(v, list)
		{
			if (!json_is_string(v) || !v->text.len || ++n > TAGS_MAX ||
				memchr(v->text.s, '\0', v->text.len))
				continue;
			buf_put(text, v->text);
			buf_byte(text, '\0');
		}
	if (!text->len)
		buf_byte(text, '\0');
	return pool_put(f, buf_str(text));
}

static int32_t read_product(struct fold *f, const struct json *entities)
{
	const struct json *v = json_member(entities, "product");

	return v && v->type != JSON_NULL && v->type < JSON_ARRAY ? pool_put(f, v->text) : 0;
}

/* Whether the record's intent was said in it. One that was carried on from words before is for
 * decisions: what a contact inherits is found here. */
static bool own_intent(const struct event *ev)
{
	const struct json *v = ev->data[DATA_INHERITED];

	return !v || !str_is(v->raw, "true");
}

void fold_read(struct fold *f, const struct event *ev, struct fold_event *out)
{
	const struct ontology *o = f->ontology;
	struct str text = str_trim(event_text(ev, DATA_TEXT));
	struct str direction = event_attr(ev, ATTR_DIRECTION),
		   purpose = event_text(ev, DATA_PURPOSE);

	out->time = ev->time;
	out->kind = kind_of(event_attr(ev, ATTR_TYPE));
	out->actor = actor_of(event_attr(ev, ATTR_ACTOR));
	out->in = str_is(direction, "in");
	out->out = str_is(direction, "out");
	out->source = pool_put(f, event_attr(ev, ATTR_SOURCE));
	out->session = pool_put(f, event_attr(ev, ATTR_SESSION));
	out->channel = pool_put(f, event_attr(ev, ATTR_CHANNEL));
	out->agent = pool_put(f, event_text(ev, DATA_AGENT));
	out->case_id = pool_put(f, event_text(ev, DATA_CASE));
	out->reason = pool_put(f, event_text(ev, DATA_REASON));
	out->from = pool_put(f, event_text(ev, DATA_FROM));
	out->to = pool_put(f, event_text(ev, DATA_TO));
	out->lang = pool_put(f, event_text(ev, DATA_LANG));
	out->region = pool_put(f, event_text(ev, DATA_REGION));
	out->stage = pool_put(f, event_text(ev, DATA_STAGE));
	out->intent = own_intent(ev) ? ontology_intent(o, event_text(ev, DATA_INTENT)) : NULL;
	out->entities = entity_mask(o, ev->data[DATA_ENTITIES]);
	out->asks = entity_mask(o, ev->data[DATA_ASKS]);
	out->asks_something =
		(ev->data[DATA_ASKS] && ev->data[DATA_ASKS]->count) || text_asks(text);
	out->duration = milliseconds(ev->data[DATA_DURATION]);
	out->wait = milliseconds(ev->data[DATA_WAIT]);
	out->has_wait = ev->data[DATA_WAIT] != NULL;
	out->answered = str_is(event_text(ev, DATA_REASON), "answered");
	out->service = !purpose.len || str_is(purpose, "service");
	out->purpose = pool_put(f, purpose);
	out->tier = pool_put(f, event_text(ev, DATA_TIER));
	out->tags = read_tags(f, ev->data[DATA_TAGS]);
	out->product = read_product(f, ev->data[DATA_ENTITIES]);
	out->signals = signal_mask(o, ev->data[DATA_SIGNALS]);
	out->feels = fold_sentiment(ev, &out->sentiment);
	out->assumed = ev->data[DATA_TIME_ASSUMED] != NULL;
	read_people(f, ev, out);
	read_values(f, out, ev->data[DATA_ENTITIES]);
	read_extra(f, ev, out);
}
