/* The sections of an ontology's files: what each may hold, and how it is read and checked. */
#include "core/ontology_part.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "core/checkers.h"
#include "core/kinds.h"

#include <stdlib.h>

/* The thing of an element of a list: the one of a layer below that it changes, or a new one. */
#define ELEMENT(again, id, by_id, o, list, count, room)                                            \
	((again) ? &(o)->list[map_get(by_id, str_of(id))->n]                                       \
		 : (map_slot(by_id, str_of(id), NULL)->n = (int64_t)(o)->count,                    \
			   VEC_ADD(o, list, count, room)))

static void name_it(char **to, const char *id)
{
	if (!*to)
		*to = mem_string(id);
}

static void read_intent(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {"id", "override", "add", "title", "description",
		"family", "stage", "since", "deprecated", "replaced_by", "read_as", "commercial",
		"courtesy", "resolving", "sensitive", "question", "requires", "phrases", "patterns",
		NULL};
	struct ontology *o = l->o;
	struct intent *t;
	const char *id;
	bool again;

	loader_known(l, v, names);
	if (loader_id(l, "intents", v, &id, &again) < 0)
		return;
	t = ELEMENT(again, id, &o->intent_by_id, o, intents, intent_n, intent_cap);
	name_it(&t->id, id);
	t->at = loader_spot(l, yaml_get(v, "id"));
	loader_text(l, v, "title", &t->title);
	loader_text(l, v, "description", &t->description);
	loader_text(l, v, "family", &t->family);
	loader_text(l, v, "stage", &t->stage);
	loader_text(l, v, "since", &t->since);
	loader_text(l, v, "deprecated", &t->deprecated);
	loader_texts(l, v, "replaced_by", &t->replaced_by);
	loader_text(l, v, "read_as", &t->read_as);
	loader_flag(l, v, "commercial", &t->commercial);
	loader_flag(l, v, "courtesy", &t->courtesy);
	loader_flag(l, v, "resolving", &t->resolving);
	loader_flag(l, v, "sensitive", &t->sensitive);
	loader_flag(l, v, "question", &t->question);
	loader_texts(l, v, "requires", &t->requires);
	loader_phrases(l, v, "phrases", &t->phrases);
	loader_patterns(l, v, "patterns", &t->patterns);
}

static void check_refers(
	struct loader *l, const struct yaml *v, const char *section, const char *what)
{
	if (v && v->type == YAML_SCALAR && *v->text && !loader_has(l, section, v->text))
		loader_refuse(l, v, "unknown %s %.60s", what, v->text);
}

/* How history is read: what replaces an intent is there, and the way to it has an end. */
static void check_replaced(struct loader *l, const struct yaml *v)
{
	const struct yaml *by = yaml_get(v, "replaced_by"), *as = yaml_get(v, "read_as");
	bool listed = false;

	for
		YAML_EACH(r, by)
		{
			check_refers(l, r, "intents", "intent");
			listed |= as && r->type == YAML_SCALAR && as->type == YAML_SCALAR &&
				  strcmp(r->text, as->text) == 0;
		}
	if (as && !listed)
		loader_refuse(l, as, "read_as is one of replaced_by");
	if (by && !yaml_get(v, "deprecated"))
		loader_refuse(
			l, by, "an intent that is replaced is deprecated: since which version?");
}

static void check_intent(struct loader *l, const struct yaml *v)
{
	check_refers(l, yaml_get(v, "stage"), "stages", "stage");
	for
		YAML_EACH(r, yaml_get(v, "requires"))
	check_refers(l, r, "entities", "entity");
	check_replaced(l, v);
}

static void read_normal(struct loader *l, const struct yaml *v, enum entity_normal *out)
{
	static const char *const words[] = {[NORMAL_NONE] = "none",
		[NORMAL_UPPER] = "upper",
		[NORMAL_LOWER] = "lower",
		[NORMAL_DIGITS] = "digits",
		[NORMAL_DATE] = "date",
		[NORMAL_AMOUNT] = "amount",
		[NORMAL_EMAIL] = "email",
		[NORMAL_PHONE] = "phone"};

	if (!v)
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (v->type == YAML_SCALAR && strcmp(v->text, words[i]) == 0) {
			*out = (enum entity_normal)i;
			return;
		}
	loader_refuse(l, v, "normal is none, upper, lower, digits, date, amount, email or phone");
}

/* A name that is none would leave the value as it was written, and nobody would be told. */
static void read_checker(struct loader *l, const struct yaml *v, char **out)
{
	loader_text(l, v, "checker", out);
	v = yaml_get(v, "checker");
	if (v && v->type == YAML_SCALAR && checker_of(v->text) == CHECKER_NONE)
		loader_refuse(l, v,
			"checker is card, iban, phone, email, amount, date or postal: %.60s",
			v->text);
}

static void read_entity(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {"id", "override", "add", "title", "description",
		"normal", "identity", "mandatory", "checker", "list", "patterns", "asked_by", NULL};
	struct ontology *o = l->o;
	struct entity *e;
	const char *id;
	bool again;

	loader_known(l, v, names);
	if (loader_id(l, "entities", v, &id, &again) < 0)
		return;
	e = ELEMENT(again, id, &o->entity_by_id, o, entities, entity_n, entity_cap);
	name_it(&e->id, id);
	e->at = loader_spot(l, yaml_get(v, "id"));
	loader_text(l, v, "title", &e->title);
	read_normal(l, yaml_get(v, "normal"), &e->normal);
	loader_flag(l, v, "identity", &e->identity);
	loader_flag(l, v, "mandatory", &e->mandatory);
	read_checker(l, v, &e->checker);
	loader_values(l, v, "list", &e->values);
	loader_patterns(l, v, "patterns", &e->patterns);
	loader_phrases(l, v, "asked_by", &e->asked_by);
}

static void read_signal(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {
		"id", "override", "add", "title", "description", "phrases", "patterns", NULL};
	struct ontology *o = l->o;
	struct signal *s;
	const char *id;
	bool again;

	loader_known(l, v, names);
	if (loader_id(l, "signals", v, &id, &again) < 0)
		return;
	s = ELEMENT(again, id, &o->signal_by_id, o, signals, signal_n, signal_cap);
	name_it(&s->id, id);
	s->at = loader_spot(l, yaml_get(v, "id"));
	loader_text(l, v, "title", &s->title);
	loader_phrases(l, v, "phrases", &s->phrases);
	loader_patterns(l, v, "patterns", &s->patterns);
}

static void read_action(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {
		"id", "override", "add", "title", "description", "consequential", NULL};
	struct ontology *o = l->o;
	struct action *a;
	const char *id;
	bool again;

	loader_known(l, v, names);
	if (loader_id(l, "actions", v, &id, &again) < 0)
		return;
	a = ELEMENT(again, id, &o->action_by_id, o, actions, action_n, action_cap);
	name_it(&a->id, id);
	a->at = loader_spot(l, yaml_get(v, "id"));
	loader_text(l, v, "title", &a->title);
	loader_flag(l, v, "consequential", &a->consequential);
}

/* Terms only have to be well formed: no tool refuses a record for holding another one. True where
 * it is a new one. */
static bool read_term(
	struct loader *l, const char *section, const struct yaml *v, struct terms *terms)
{
	static const char *const names[] = {"id", "override", "add", "title", "description", NULL};
	struct term *t;
	const char *id;
	bool again;

	loader_known(l, v, names);
	if (loader_id(l, section, v, &id, &again) < 0)
		return false;
	t = ELEMENT(again, id, &terms->by_id, terms, v, n, cap);
	name_it(&t->id, id);
	t->at = loader_spot(l, yaml_get(v, "id"));
	loader_text(l, v, "title", &t->title);
	return !again;
}

static void read_stage(struct loader *l, const struct yaml *v)
{
	struct ontology *o = l->o;

	if (read_term(l, "stages", v, &o->stage_terms))
		*VEC_ADD(&o->stages, v, n, cap) =
			mem_string(o->stage_terms.v[o->stage_terms.n - 1].id);
}

static void read_span(struct loader *l, const struct yaml *v, int64_t *out)
{
	int64_t ms;

	if (v->type != YAML_SCALAR || !when_span(str_of(v->text), &ms) || ms <= 0)
		loader_refuse(l, v, "a span like 30m or 24h is expected here");
	else
		*out = ms;
}

static void read_class(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {"answer", "gap", "title", NULL};
	struct ontology *o = l->o;
	struct channel_class *c = NULL;

	loader_known(l, v, names);
	if (loader_take(l, "classes", v, v->key) < 0)
		return;
	for (size_t i = 0; i < o->class_n; i++)
		if (strcmp(o->classes[i].id, v->key) == 0)
			c = &o->classes[i];
	if (!c) {
		c = VEC_ADD(o, classes, class_n, class_cap);
		c->id = mem_string(v->key);
	}
	if (yaml_get(v, "gap"))
		read_span(l, yaml_get(v, "gap"), &c->gap);
	else if (!c->gap)
		loader_refuse(l, v, "no gap");
	if (yaml_get(v, "answer"))
		read_span(l, yaml_get(v, "answer"), &c->answer);
}

static int class_of(struct loader *l, const struct yaml *v, size_t *out)
{
	for (size_t i = 0; v->type == YAML_SCALAR && i < l->o->class_n; i++)
		if (strcmp(l->o->classes[i].id, v->text) == 0) {
			*out = i;
			return 0;
		}
	return loader_refuse(l, v, "unknown class %.60s", v->type == YAML_SCALAR ? v->text : "");
}

static void check_channel(struct loader *l, const struct yaml *v)
{
	size_t number = 0;

	if (loader_take(l, "channels", v, v->key) < 0 || class_of(l, v, &number) < 0)
		return;
	map_slot(&l->o->channels, str_of(v->key), NULL)->n = (int64_t)number;
}

static void read_limits(struct loader *l, const struct yaml *v, struct ident_kind *k)
{
	static const char *const names[] = {"strict", "normal", "loose", NULL};
	int64_t below = 1;

	if (loader_known(l, v, names) < 0)
		return;
	for (int i = 0; i < IDENTITY_RULES; i++) {
		const struct yaml *limit = yaml_get(v, names[i]);

		k->limit[i] = 0;
		if (!v->child)
			continue;
		if (!limit) {
			loader_refuse(l, v, "no %s", names[i]);
			return;
		}
		if (limit->type != YAML_SCALAR || !str_int(str_of(limit->text), &k->limit[i]) ||
			k->limit[i] < below) {
			loader_refuse(l, limit,
				"a number of people is expected here, no lower than "
				"the one before it");
			return;
		}
		below = k->limit[i];
	}
}

static void read_kind(struct loader *l, const struct yaml *v)
{
	struct ontology *o = l->o;
	struct ident_kind *k = NULL;

	if (loader_take(l, "kinds", v, v->key) < 0)
		return;
	for (size_t i = 0; i < o->kind_n; i++)
		if (strcmp(o->kinds[i].id, v->key) == 0)
			k = &o->kinds[i];
	if (!k) {
		if (o->kind_n >= KINDS_MAX || strlen(v->key) >= KIND_NAME ||
			strpbrk(v->key, " \n:")) {
			loader_refuse(l, v, "no such name of a kind, or too many kinds");
			return;
		}
		k = VEC_ADD(o, kinds, kind_n, kind_cap);
		k->id = mem_string(v->key);
	}
	read_limits(l, v, k);
}

static void read_placeholder(struct loader *l, const struct yaml *v, const char *kind)
{
	struct buf key = BUF_INIT;

	buf_printf(&key, "%s\n", kind);
	text_fold(&key, str_of(v->text));
	if (strchr(v->text, '*'))
		*VEC_ADD(&l->o->placeholder_globs, v, n, cap) = mem_string(key.s);
	else
		map_slot(&l->o->placeholders, buf_str(&key), NULL)->n = 1;
	buf_release(&key);
}

static void read_placeholders(struct loader *l, const struct yaml *kind)
{
	if (kind->type != YAML_SEQUENCE) {
		loader_refuse(l, kind, "a list is expected here");
		return;
	}
	for
		YAML_EACH(v, kind)
	if (v->type != YAML_SCALAR || !*v->text)
		loader_refuse(l, v, "a text is expected here");
	else
		read_placeholder(l, v, kind->key);
}

static void read_words(struct loader *l, const struct yaml *v)
{
	if (v->type != YAML_SEQUENCE) {
		loader_refuse(l, v, "a list is expected here");
		return;
	}
	for
		YAML_EACH(w, v)
	if (w->type != YAML_SCALAR)
		loader_refuse(l, w, "a text is expected here");
}

static void read_name(struct loader *l, const struct yaml *v)
{
	loader_scalar(l, v, &l->o->name);
}

static void read_version(struct loader *l, const struct yaml *v)
{
	loader_scalar(l, v, &l->o->version);
	l->o->version_at = loader_spot(l, v);
}

static void read_languages(struct loader *l, const struct yaml *v)
{
	patterns_release(&l->o->languages);
	l->o->languages_at = loader_spot(l, v);
	for
		YAML_EACH(one, v)
		{
			char *tag = NULL;

			if (loader_scalar(l, one, &tag) == 0)
				*VEC_ADD(&l->o->languages, v, n, cap) = tag;
		}
}

static void read_request_gap(struct loader *l, const struct yaml *v)
{
	read_span(l, v, &l->o->request_gap);
}

static void check_default_class(struct loader *l, const struct yaml *v)
{
	class_of(l, v, &l->o->default_class);
}

static void read_title(struct loader *l, const struct yaml *v)
{
	if (v->type != YAML_SCALAR)
		loader_refuse(l, v, "a text is expected here");
}

static const struct section {
	const char *name;
	enum yaml_type type;
	bool once; /* in a folder, and read as a whole; else one element at a time, of several files
		    */
	void (*read)(struct loader *l, const struct yaml *v);
	void (*check)(struct loader *l, const struct yaml *v);
	size_t terms; /* where there is neither: its terms' place in the ontology */
} sections[] = {
	{"name", YAML_SCALAR, true, read_name, NULL, 0},
	{"version", YAML_SCALAR, true, read_version, NULL, 0},
	{"extends", YAML_SCALAR, true, read_title, NULL, 0},
	{"title", YAML_SCALAR, true, read_title, NULL, 0},
	{"languages", YAML_SEQUENCE, true, read_languages, NULL, 0},
	{"intents", YAML_SEQUENCE, false, read_intent, check_intent, 0},
	{"entities", YAML_SEQUENCE, false, read_entity, NULL, 0},
	{"signals", YAML_SEQUENCE, false, read_signal, NULL, 0},
	{"types", YAML_SEQUENCE, false, NULL, NULL, offsetof(struct ontology, types)},
	{"stages", YAML_SEQUENCE, false, read_stage, NULL, 0},
	{"reasons", YAML_SEQUENCE, false, NULL, NULL, offsetof(struct ontology, reasons)},
	{"actions", YAML_SEQUENCE, false, read_action, NULL, 0},
	{"families", YAML_SEQUENCE, false, NULL, NULL, offsetof(struct ontology, family_terms)},
	{"queues", YAML_SEQUENCE, false, NULL, NULL, offsetof(struct ontology, queues)},
	{"classes", YAML_MAPPING, false, read_class, NULL, 0},
	{"channels", YAML_MAPPING, false, NULL, check_channel, 0},
	{"reach", YAML_MAPPING, false, NULL, loader_check_reach, 0},
	{"hours", YAML_MAPPING, false, loader_hours, NULL, 0},
	{"request_gap", YAML_SCALAR, true, read_request_gap, NULL, 0},
	{"default_class", YAML_SCALAR, true, NULL, check_default_class, 0},
	{"kinds", YAML_MAPPING, false, read_kind, NULL, 0},
	{"placeholders", YAML_MAPPING, false, read_placeholders, NULL, 0},
	{"actors", YAML_MAPPING, false, read_words, NULL, 0},
	{"promises", YAML_MAPPING, false, loader_promise, loader_check_promise, 0},
	{"sentiment", YAML_MAPPING, false, loader_mood, NULL, 0},
};

static const struct section *section_of(const char *name)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	return NULL;
}

static void read_section(struct loader *l, const struct section *s, const struct yaml *v)
{
	if (v->type != s->type) {
		loader_refuse(l, v, "%s is no %s", s->name,
			s->type == YAML_SCALAR	   ? "text"
			: s->type == YAML_SEQUENCE ? "list"
						   : "mapping");
		return;
	}
	if (s->once) {
		if (loader_take(l, "ontology's members", v, s->name) == 0 && s->read)
			s->read(l, v);
		return;
	}
	for
		YAML_EACH(one, v)
	if (s->read)
		s->read(l, one);
	else if (s->terms)
		read_term(l, s->name, one, (struct terms *)(void *)((char *)l->o + s->terms));
}

void loader_read(struct loader *l, const struct yaml *root)
{
	const char *kind = yaml_kind(root);

	if (!kind || strcmp(kind, "ontology/1") != 0) {
		loader_refuse(l, root, "an ontology's file begins with 'jtools: ontology/1'");
		return;
	}
	for
		YAML_EACH(v, root)
		{
			const struct section *s = section_of(v->key);

			if (s)
				read_section(l, s, v);
			else if (strcmp(v->key, "jtools") != 0)
				loader_refuse(l, v, "unknown member %.60s", v->key);
		}
}

void loader_check(struct loader *l, const struct yaml *root)
{
	for
		YAML_EACH(v, root->type == YAML_MAPPING ? root : NULL)
		{
			const struct section *s = section_of(v->key);

			if (!s || !s->check || v->type != s->type)
				continue;
			if (s->once)
				s->check(l, v);
		for
			YAML_EACH(one, s->once ? NULL : v)
		s->check(l, one);
		}
}
