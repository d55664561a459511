/* The values of an ontology's members: texts, flags, lists, patterns, ids. */
#include "core/ontology_part.h"
#include "base/mem.h"
#include "io/regex.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void refuse(struct loader *l, struct spot at, const char *fmt, va_list ap)
{
	const char *path = l->o->files.v[at.file];
	char why[256];

	vsnprintf(why, sizeof(why), fmt, ap);
	if (!l->failed)
		buf_printf(l->err, "%s:%d:%d: %s", path, at.line, at.column, why);
	if (l->findings)
		findings_add(l->findings, FINDING_ERROR, path, at.line, at.column, why);
	l->failed = true;
}

int loader_refuse(struct loader *l, const struct yaml *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	refuse(l, loader_spot(l, at), fmt, ap);
	va_end(ap);
	return -1;
}

int loader_refuse_at(struct loader *l, struct spot at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	refuse(l, at, fmt, ap);
	va_end(ap);
	return -1;
}

struct spot loader_spot(const struct loader *l, const struct yaml *at)
{
	return (struct spot){l->file, at->line, at->column};
}

int loader_known(struct loader *l, const struct yaml *map, const char *const *names)
{
	const struct yaml *odd;

	if (map->type != YAML_MAPPING)
		return loader_refuse(l, map, "members are expected here");
	odd = yaml_unknown(map, names);
	return odd ? loader_refuse(l, odd, "unknown member %.60s", odd->key) : 0;
}

int loader_scalar(struct loader *l, const struct yaml *v, char **out)
{
	if (v->type != YAML_SCALAR || !*v->text)
		return loader_refuse(l, v, "a text is expected here");
	free(*out);
	*out = mem_string(v->text);
	return 0;
}

int loader_text(struct loader *l, const struct yaml *of, const char *name, char **out)
{
	const struct yaml *v = yaml_get(of, name);

	return v ? loader_scalar(l, v, out) : 0;
}

int loader_flag(struct loader *l, const struct yaml *of, const char *name, bool *out)
{
	const struct yaml *v = yaml_get(of, name);

	if (!v)
		return 0;
	*out = v->type == YAML_SCALAR && strcmp(v->text, "true") == 0;
	if (!*out && (v->type != YAML_SCALAR || strcmp(v->text, "false") != 0))
		return loader_refuse(l, v, "%s is true or false", name);
	return 0;
}

int loader_texts(struct loader *l, const struct yaml *of, const char *name, struct patterns *out)
{
	const struct yaml *list = yaml_get(of, name);
	int status = 0;

	if (!list)
		return 0;
	if (list->type != YAML_SEQUENCE)
		return loader_refuse(l, list, "a list is expected here");
	if (!l->adding)
		patterns_release(out);
	for
		YAML_EACH(v, list)
		{
			char *one = NULL;

			if (loader_scalar(l, v, &one) < 0)
				status = -1;
			else
				*VEC_ADD(out, v, n, cap) = one;
		}
	return status;
}

/* Compiled here only to refuse a wrong one with its place; who matches compiles them again. */
int loader_patterns(struct loader *l, const struct yaml *of, const char *name, struct patterns *out)
{
	int status = loader_texts(l, of, name, out);

	for
		YAML_EACH(v, yaml_get(of, name))
		{
			struct buf why = BUF_INIT;
			struct regex *r = NULL;

			if (v->type == YAML_SCALAR && *v->text) {
				r = regex_compile(str_of(v->text), true, &why);
				if (!r)
					status = loader_refuse(l, v, "%s", why.s);
			}
			regex_free(r);
			buf_release(&why);
		}
	return status;
}

static int read_value(struct loader *l, const struct yaml *v, struct entity_value *out)
{
	static const char *const names[] = {"value", "spellings", NULL};

	if (v->type == YAML_SCALAR)
		return loader_scalar(l, v, &out->value);
	if (loader_known(l, v, names) < 0)
		return -1;
	if (!yaml_get(v, "value"))
		return loader_refuse(l, v, "no value");
	if (loader_text(l, v, "value", &out->value) < 0)
		return -1;
	return loader_texts(l, v, "spellings", &out->spellings);
}

int loader_values(
	struct loader *l, const struct yaml *of, const char *name, struct entity_values *out)
{
	const struct yaml *list = yaml_get(of, name);
	int status = 0;

	if (!list)
		return 0;
	if (list->type != YAML_SEQUENCE)
		return loader_refuse(l, list, "a list is expected here");
	if (!l->adding)
		values_release(out);
	for
		YAML_EACH(v, list)
	if (read_value(l, v, VEC_ADD(out, v, n, cap)) < 0)
		status = -1;
	return status;
}

static union map_value *find(const struct loader *l, const char *section, const char *id)
{
	struct buf key = BUF_INIT;
	union map_value *v;

	buf_printf(&key, "%s\n%s", section, id);
	v = map_get(&l->ids, buf_str(&key));
	buf_release(&key);
	return v;
}

/* Where the id stands among those of its section; its value is the layer that said it last. */
static union map_value *slot(struct loader *l, const char *section, const char *id, bool *fresh)
{
	struct buf key = BUF_INIT;
	union map_value *v;

	buf_printf(&key, "%s\n%s", section, id);
	v = map_slot(&l->ids, buf_str(&key), fresh);
	buf_release(&key);
	return v;
}

int loader_take(struct loader *l, const char *section, const struct yaml *at, const char *id)
{
	bool fresh;
	union map_value *v = slot(l, section, id, &fresh);

	if (!fresh && v->n == l->layer)
		return loader_refuse(l, at, "%.60s stands twice among the %s", id, section);
	v->n = l->layer;
	return 0;
}

/* Whether the element changes one of a layer below; -1 where it says so wrongly. */
static int changes(struct loader *l, const struct yaml *v, bool *override)
{
	bool over = false;

	l->adding = false;
	if (loader_flag(l, v, "override", &over) < 0 || loader_flag(l, v, "add", &l->adding) < 0)
		return -1;
	if (over && l->adding)
		return loader_refuse(l, v, "either override or add");
	*override = over || l->adding;
	return 0;
}

/* Whether the id may stand here: once in a layer, and again only to change what is below. */
static int may_stand(struct loader *l, const char *section, const struct yaml *at,
	const union map_value *there, bool override)
{
	if (!there && override)
		return loader_refuse(l, at, "no %.60s stands among the %s of %s: nothing to change",
			at->text, section, l->base ? l->base : "a layer below");
	if (there && there->n == l->layer)
		return loader_refuse(l, at, "%.60s stands twice among the %s", at->text, section);
	if (there && !override)
		return loader_refuse(l, at,
			"%.60s stands among the %s of %s: override: true changes it", at->text,
			section, l->base ? l->base : "a layer below");
	return 0;
}

int loader_id(
	struct loader *l, const char *section, const struct yaml *v, const char **id, bool *again)
{
	const struct yaml *at = yaml_get(v, "id");
	bool override = false;

	if (v->type != YAML_MAPPING)
		return loader_refuse(l, v, "members are expected here");
	if (!at)
		return loader_refuse(l, v, "no id");
	if (at->type != YAML_SCALAR || !*at->text)
		return loader_refuse(l, at, "a text is expected here");
	if (changes(l, v, &override) < 0 ||
		may_stand(l, section, at, find(l, section, at->text), override) < 0)
		return -1;
	slot(l, section, at->text, again)->n = l->layer;
	*again = !*again;
	*id = at->text;
	return 0;
}

bool loader_has(const struct loader *l, const char *section, const char *id)
{
	return find(l, section, id) != NULL;
}
