#include "core/rules.h"
#include "base/mem.h"
#include "core/conditions.h"
#include "io/yaml.h"

#include <stdlib.h>

struct rules {
	char *label;
	struct rule *v; /* the default stands last */
	size_t n, cap;
	struct conditions *conditions;
};

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
	return conditions_add(r->conditions, path, when, err) < 0 ? -1 : 0;
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
	r->conditions = conditions_new(o);
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
	conditions_free(r->conditions);
	free(r);
}

const char *rules_label(const struct rules *r)
{
	return r->label;
}

const struct rule *rules_first(
	struct rules *r, const struct event *ev, const struct context *context, struct buf *err)
{
	int found = conditions_first(r->conditions, ev, context, err);

	if (found < -1)
		return NULL;
	return found < 0 ? &r->v[r->n - 1] : &r->v[found];
}
