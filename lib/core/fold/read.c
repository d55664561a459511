/* From a record to what the fold keeps of it. */
#include "core/fold/internal.h"

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
		{"identity.unlinked", KIND_UNLINKED}};

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

static int32_t person_of(struct fold *f, struct str kind, struct str scope, struct str value)
{
	struct fold_state *s = f->state;
	struct buf key = BUF_INIT;
	union map_value *v;
	bool fresh;

	buf_put(&key, kind);
	buf_byte(&key, '\0');
	buf_put(&key, scope);
	buf_byte(&key, '\0');
	buf_put(&key, value);
	/* Kept in the pool, so that a fold that begins again finds the same number. */
	v = map_slot(&s->pool, buf_str(&key), &fresh);
	if (fresh) {
		(void)VEC_ADD(s, texts, text_n, text_cap);
		v->n = (int64_t)s->text_n;
		s->texts[s->text_n - 1] = map_key(v);
	}
	buf_release(&key);
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

			if (!json_is_string(kind) || !json_is_string(value) || !value->text.len ||
				str_is(kind->text, "placeholder") ||
				ontology_placeholder(f->ontology, kind->text, value->text))
				continue;
			*VEC_ADD(s, named, named_n, named_cap) = person_of(f, kind->text,
				str_is(kind->text, "crm") ? event_attr(ev, ATTR_SOURCE) : STR(""),
				value->text);
		}
	out->people_n = s->named_n - out->people;
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
	out->intent = ontology_intent(o, event_text(ev, DATA_INTENT));
	out->entities = entity_mask(o, ev->data[DATA_ENTITIES]);
	out->asks = entity_mask(o, ev->data[DATA_ASKS]);
	out->asks_something =
		(ev->data[DATA_ASKS] && ev->data[DATA_ASKS]->count) || str_ends(text, STR("?"));
	out->duration = milliseconds(ev->data[DATA_DURATION]);
	out->wait = milliseconds(ev->data[DATA_WAIT]);
	out->has_wait = ev->data[DATA_WAIT] != NULL;
	out->answered = str_is(event_text(ev, DATA_REASON), "answered");
	out->service = !purpose.len || str_is(purpose, "service");
	out->assumed = ev->data[DATA_TIME_ASSUMED] != NULL;
	read_people(f, ev, out);
}
