/* Names in conditions that the ontology does not have. */
#include "core/cases.h"

#include <string.h>

/* The constant of signal('x') and the like. */
static struct str argument_of(const char *call)
{
	const char *from = strchr(call, '\''), *to = strrchr(call, '\'');

	return from && to > from ? (struct str){from + 1, (size_t)(to - from - 1)} : STR("");
}

static bool among(struct str name, const char *const *names)
{
	for (; *names; names++)
		if (str_is(name, *names))
			return true;
	return false;
}

static bool signal_known(const struct ontology *o, struct str id)
{
	for (size_t i = 0; i < o->signal_n; i++)
		if (str_is(id, o->signals[i].id))
			return true;
	return false;
}

static bool family_known(const struct ontology *o, struct str id)
{
	for (size_t i = 0; i < o->intent_n; i++)
		if (o->intents[i].family && str_is(id, o->intents[i].family))
			return true;
	return false;
}

static bool stage_known(const struct ontology *o, struct str id)
{
	for (size_t i = 0; i < o->stages.n; i++)
		if (str_is(id, o->stages.v[i]))
			return true;
	return false;
}

/* What the ontology lacks: "no intent", where a column holds names of intents and it does not have
 * this one; else NULL. */
static const char *unknown_value(const struct ontology *o, const char *column, struct str name)
{
	static const char *const actors[] = {"customer", "agent", "bot", "system", NULL};

	if (strcmp(column, "intent") == 0)
		return ontology_intent(o, name) ? NULL : "no intent";
	if (strcmp(column, "family") == 0 || strcmp(column, "matter") == 0)
		return family_known(o, name) ? NULL : "no family";
	if (strcmp(column, "stage") == 0)
		return stage_known(o, name) ? NULL : "no stage";
	if (strcmp(column, "type") == 0)
		return ontology_type(o, name) ? NULL : "no type of events";
	if (strcmp(column, "action") == 0)
		return ontology_action(o, name) ? NULL : "no action";
	if (strcmp(column, "actor") == 0)
		return among(name, actors) ? NULL : "no actor";
	return NULL;
}

static const char *unknown_argument(const struct ontology *o, const char *call, struct str name)
{
	if (strncmp(call, "signal(", 7) == 0)
		return signal_known(o, name) ? NULL : "no signal";
	if (strncmp(call, "given(", 6) == 0 || strncmp(call, "entity(", 7) == 0)
		return ontology_entity(o, name) ? NULL : "no entity";
	return NULL;
}

void readings_unknown(const struct readings *t, const struct ontology *o,
	void (*tell)(void *ctx, const char *what, struct str name), void *ctx)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct reading *r = &t->v[i];
		struct str name = argument_of(r->name);
		const char *what = r->column < 0 ? unknown_argument(o, r->name, name) : NULL;

		if (what)
			tell(ctx, what, name);
		for (size_t k = 0; r->column >= 0 && t->plain && k < r->n; k++) {
			const struct expr_value *v = &r->constants[k];

			what = v->type == EXPR_TEXT ? unknown_value(o, r->name, v->text) : NULL;
			if (what)
				tell(ctx, what, v->text);
		}
	}
}
