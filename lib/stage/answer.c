#include "stage/answer.h"

const struct json *answer_says(const struct json *data, const char *name)
{
	const struct json *v = json_member(data, name);

	return v && v->type != JSON_NULL ? v : NULL;
}

static bool in_range(const struct json *v, double least, double most)
{
	double n;

	return !v || (json_number(v, &n) && n >= least && n <= most);
}

static bool has_signal(const struct ontology *o, struct str id)
{
	for (size_t i = 0; i < o->signal_n; i++)
		if (str_is(id, o->signals[i].id))
			return true;
	return false;
}

static bool has_entity(const struct ontology *o, struct str id)
{
	return ontology_entity(o, id) != NULL;
}

static bool good_list(const struct ontology *o, const struct json *list,
	bool (*has)(const struct ontology *o, struct str id))
{
	if (list && list->type != JSON_ARRAY)
		return false;
	for
		JSON_EACH(v, list)
	if (v->type != JSON_STRING || !has(o, v->text))
		return false;
	return true;
}

static bool good_entities(const struct ontology *o, const struct json *all)
{
	if (all && (all->type != JSON_OBJECT || json_repeated(all)))
		return false;
	for
		JSON_EACH(v, all)
	if (!has_entity(o, v->key) || v->type == JSON_OBJECT)
		return false;
	return true;
}

static bool good_lang(const struct json *v)
{
	struct str s = v ? v->text : (struct str){NULL, 0};

	if (!v)
		return true;
	if (v->type != JSON_STRING || s.len < 2 || s.len > 35)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.s[i] | 0x20) >= 'a' && (s.s[i] | 0x20) <= 'z') &&
			!(s.s[i] >= '0' && s.s[i] <= '9') && s.s[i] != '-')
			return false;
	return true;
}

enum answer_verdict answer_judge(const struct ontology *o, const struct json *data)
{
	const struct json *intent = answer_says(data, "intent");

	if ((intent && intent->type != JSON_STRING) ||
		!in_range(answer_says(data, "confidence"), 0, 1) ||
		!in_range(answer_says(data, "sentiment"), -1, 1) ||
		!good_entities(o, answer_says(data, "entities")) ||
		!good_list(o, answer_says(data, "signals"), has_signal) ||
		!good_list(o, answer_says(data, "asks"), has_entity) ||
		!good_lang(answer_says(data, "lang")))
		return ANSWER_WRONG;
	return intent && !ontology_intent(o, intent->text) ? ANSWER_UNKNOWN : ANSWER_GOOD;
}
