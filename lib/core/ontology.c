#include "core/ontology_part.h"
#include "base/hash.h"
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

void patterns_release(struct patterns *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i]);
	free(p->v);
	*p = (struct patterns){NULL, 0, 0};
}

void phrases_release(struct phrases *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].words);
		free(p->v[i].lang);
	}
	free(p->v);
	*p = (struct phrases){NULL, 0, 0};
}

void values_release(struct entity_values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free(v->v[i].value);
		patterns_release(&v->v[i].spellings);
	}
	free(v->v);
	*v = (struct entity_values){NULL, 0, 0};
}

static void terms_release(struct terms *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].id);
		free(t->v[i].title);
	}
	free(t->v);
	map_release(&t->by_id);
}

static void intent_release(struct intent *t)
{
	free(t->id);
	free(t->title);
	free(t->description);
	free(t->family);
	free(t->stage);
	free(t->since);
	free(t->deprecated);
	free(t->read_as);
	patterns_release(&t->replaced_by);
	patterns_release(&t->requires);
	phrases_release(&t->phrases);
	patterns_release(&t->patterns);
}

static void entity_release(struct entity *e)
{
	free(e->id);
	free(e->title);
	free(e->checker);
	values_release(&e->values);
	patterns_release(&e->patterns);
	phrases_release(&e->asked_by);
}

static void signal_release(struct signal *s)
{
	free(s->id);
	free(s->title);
	phrases_release(&s->phrases);
	patterns_release(&s->patterns);
}

void ontology_free(struct ontology *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->intent_n; i++)
		intent_release(&o->intents[i]);
	for (size_t i = 0; i < o->entity_n; i++)
		entity_release(&o->entities[i]);
	for (size_t i = 0; i < o->signal_n; i++)
		signal_release(&o->signals[i]);
	for (size_t i = 0; i < o->class_n; i++)
		free(o->classes[i].id);
	for (size_t i = 0; i < o->family_n; i++)
		intent_release(&o->families[i]);
	for (size_t i = 0; i < o->action_n; i++) {
		free(o->actions[i].id);
		free(o->actions[i].title);
	}
	free(o->actions);
	promises_release(&o->promises);
	moods_release(&o->moods);
	free(o->families);
	free(o->intents);
	free(o->entities);
	free(o->signals);
	free(o->classes);
	for (size_t i = 0; i < o->kind_n; i++)
		free(o->kinds[i].id);
	free(o->kinds);
	free(o->name);
	free(o->version);
	free(o->label);
	free(o->folder);
	patterns_release(&o->stages);
	patterns_release(&o->placeholder_globs);
	map_release(&o->channels);
	map_release(&o->reach_of);
	free(o->reaches);
	for (size_t i = 0; i < o->hours_n; i++) {
		free(o->hours[i].region);
		hours_free(o->hours[i].hours);
	}
	free(o->hours);
	patterns_release(&o->reach_kinds);
	terms_release(&o->types);
	terms_release(&o->reasons);
	terms_release(&o->queues);
	terms_release(&o->stage_terms);
	terms_release(&o->family_terms);
	patterns_release(&o->languages);
	patterns_release(&o->files);
	patterns_release(&o->folders);
	map_release(&o->action_by_id);
	map_release(&o->intent_by_id);
	map_release(&o->entity_by_id);
	map_release(&o->signal_by_id);
	map_release(&o->placeholders);
	free(o);
}

/* The path is left as it was. */
bool ontology_is(struct buf *path)
{
	size_t len = path->len;
	bool there;

	buf_puts(path, "/ontology.yaml");
	there = access(path->s, R_OK) == 0;
	buf_cut(path, len);
	return there;
}

int ontology_shipped(struct buf *path, struct buf *err)
{
	static const char *const beside[] = {
		"/../../ontology", "/../../../ontology", "/../share/jtools/ontology"};
	struct buf at = BUF_INIT;
	char exe[PATH_MAX];
	int status = -1;
	ssize_t n;

	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	for (size_t i = 0; n > 0 && status < 0 && i < sizeof(beside) / sizeof(beside[0]); i++) {
		char *slash;

		exe[n] = '\0';
		slash = strrchr(exe, '/');
		buf_clear(&at);
		buf_add(&at, exe, slash ? (size_t)(slash - exe) : 0);
		buf_puts(&at, beside[i]);
		if (ontology_is(&at))
			status = 0;
	}
	if (status == 0)
		buf_put(path, buf_str(&at));
	else
		buf_puts(err, "no ontology beside the program: name one with --ontology or "
			      "$JTOOLS_ONTOLOGY");
	buf_release(&at);
	return status;
}

void ontology_path(const struct ontology *o, const char *folder, const char *file, struct buf *out)
{
	size_t len = out->len;

	for (size_t i = o->folders.n; i > 0; i--) {
		buf_cut(out, len);
		buf_printf(out, "%s/%s/%s", o->folders.v[i - 1], folder, file);
		if (access(out->s, F_OK) == 0)
			return;
	}
	buf_cut(out, len);
	buf_printf(out, "%s/%s/%s", o->folder, folder, file);
}

int ontology_folder(struct buf *path, struct buf *err)
{
	const char *named = getenv("JTOOLS_ONTOLOGY");

	if (!named || !*named)
		return ontology_shipped(path, err);
	buf_puts(path, named);
	return 0;
}

const struct intent *ontology_declared(const struct ontology *o, struct str id)
{
	const union map_value *v = map_get(&o->intent_by_id, id);

	return v ? &o->intents[v->n] : NULL;
}

const struct intent *ontology_intent(const struct ontology *o, struct str id)
{
	const struct intent *t = ontology_declared(o, id);

	return t ? t->reading : NULL;
}

const struct intent *ontology_now(const struct ontology *o, struct str id)
{
	const struct intent *t = ontology_intent(o, id);

	return t && ontology_declared(o, str_of(t->id)) == t ? t : NULL;
}

struct str ontology_reading(const struct ontology *o, struct str id)
{
	const struct intent *t = ontology_intent(o, id);

	return t ? str_of(t->id) : id;
}

const struct action *ontology_action(const struct ontology *o, struct str id)
{
	const union map_value *v = map_get(&o->action_by_id, id);

	return v ? &o->actions[v->n] : NULL;
}

bool ontology_queue(const struct ontology *o, struct str id)
{
	return map_get(&o->queues.by_id, id) != NULL;
}

const struct entity *ontology_entity(const struct ontology *o, struct str id)
{
	const union map_value *v = map_get(&o->entity_by_id, id);

	return v ? &o->entities[v->n] : NULL;
}

bool ontology_type(const struct ontology *o, struct str id)
{
	return map_get(&o->types.by_id, id) != NULL;
}

bool ontology_channel(const struct ontology *o, struct str name)
{
	return map_get(&o->channels, name) != NULL;
}

const struct channel_class *ontology_class(const struct ontology *o, struct str channel)
{
	const union map_value *v = map_get(&o->channels, channel);

	return &o->classes[v ? (size_t)v->n : o->default_class];
}

const struct channel_reach *ontology_reach(const struct ontology *o, struct str channel)
{
	const union map_value *v = map_get(&o->reach_of, channel);

	return v ? &o->reaches[v->n] : NULL;
}

/* `*` stands for any run of characters; the last star seen is where a mismatch goes on from. */
static bool glob_match(struct str glob, struct str s)
{
	size_t g = 0, i = 0, star = SIZE_MAX, from = 0;

	while (i < s.len) {
		if (g < glob.len && glob.s[g] == '*') {
			star = g++;
			from = i;
		} else if (g < glob.len && glob.s[g] == s.s[i]) {
			g++, i++;
		} else if (star != SIZE_MAX) {
			g = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (g < glob.len && glob.s[g] == '*')
		g++;
	return g == glob.len;
}

/* Both begin with the kind and LF: most globs are out of the question by what follows. */
static bool could_match(const char *glob, const struct buf *key, size_t kind)
{
	return glob[0] == key->s[0] && strncmp(glob, key->s, kind + 1) == 0 &&
	       (glob[kind + 1] == '*' || glob[kind + 1] == key->s[kind + 1]);
}

static bool placeholder_of(const struct ontology *o, struct str kind, struct str value)
{
	struct buf key = BUF_INIT;
	bool found;

	buf_put(&key, kind);
	buf_byte(&key, '\n');
	text_fold(&key, str_trim(value));
	found = map_get(&o->placeholders, buf_str(&key)) != NULL;
	for (size_t i = 0; i < o->placeholder_globs.n && !found; i++)
		found = could_match(o->placeholder_globs.v[i], &key, kind.len) &&
			glob_match(str_of(o->placeholder_globs.v[i]), buf_str(&key));
	buf_release(&key);
	return found;
}

bool ontology_placeholder(const struct ontology *o, struct str kind, struct str value)
{
	const char *colon = kind.len ? memchr(kind.s, ':', kind.len) : NULL;

	if (placeholder_of(o, kind, value))
		return true;
	return colon && placeholder_of(o, (struct str){kind.s, (size_t)(colon - kind.s)}, value);
}
