#include "core/policy.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/region.h"
#include "base/when.h"
#include "core/policy_part.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const verdicts[] = {"allow", "limit", "review", "defer", "deny"};

/* What a file says of all its policies. */
struct file {
	struct policies *p;
	const char *path, *name, *version;
	int64_t from, until;
};

const char *verdict_name(enum verdict v)
{
	return verdicts[v];
}

/* ---- one policy ---- */

/* RFC 3339, or a date: midnight, UTC. */
static int read_time(const char *path, const struct yaml *at, int64_t *out, struct buf *err)
{
	struct buf whole = BUF_INIT;
	bool ok;

	if (!at)
		return 0;
	if (at->type != YAML_SCALAR)
		return yaml_refuse(path, at, "a time was expected", err);
	buf_puts(&whole, at->text);
	if (whole.len == 10)
		buf_puts(&whole, "T00:00:00Z");
	ok = when_parse(buf_str(&whole), out);
	buf_release(&whole);
	return ok ? 0 : yaml_refuse(path, at, "neither a date nor RFC 3339", err);
}

static int read_valid(
	const char *path, const struct yaml *valid, int64_t *from, int64_t *until, struct buf *err)
{
	static const char *const known[] = {"from", "until", NULL};

	if (!valid)
		return 0;
	if (yaml_only(path, valid, known, err) < 0 ||
		read_time(path, yaml_get(valid, "from"), from, err) < 0 ||
		read_time(path, yaml_get(valid, "until"), until, err) < 0)
		return -1;
	return *from < *until ? 0 : yaml_refuse(path, valid, "it ends before it begins", err);
}

static int read_list(const char *path, const struct yaml *y, const char *name,
	const struct yaml **out, struct buf *err)
{
	const struct yaml *list = yaml_get(y, name);

	*out = list;
	if (!list)
		return 0;
	if (list->type != YAML_SEQUENCE || !list->child)
		return yaml_refuse(path, list, "a list of words was expected", err);
	for
		YAML_EACH(v, list)
	if (v->type != YAML_SCALAR || !*v->text)
		return yaml_refuse(path, v, "a word was expected", err);
	return 0;
}

static int read_then(const char *path, const struct yaml *y, struct policy *one, struct buf *err)
{
	const struct yaml *then = yaml_get(y, "then");
	size_t i = 0;

	one->limit = yaml_get(y, "limit");
	if (!then || then->type != YAML_SCALAR)
		return yaml_refuse(
			path, y, "no verdict (then: allow, limit, review, defer or deny)", err);
	while (i < VERDICTS && strcmp(verdicts[i], then->text) != 0)
		i++;
	if (i == VERDICTS)
		return yaml_refuse(
			path, then, "no verdict (allow, limit, review, defer, deny)", err);
	one->then = (enum verdict)i;
	if (one->limit && (one->limit->type != YAML_SCALAR || one->then != VERDICT_LIMIT))
		return yaml_refuse(path, one->limit, "a limit goes with then: limit", err);
	if (!one->when && one->then == VERDICT_DEFER)
		return yaml_refuse(path, then, "what always holds is never over: say when", err);
	if (!one->limit && one->then == VERDICT_LIMIT)
		return yaml_refuse(path, then, "no limit: say up to which amount (limit)", err);
	return 0;
}

static int read_id(struct file *f, const struct yaml *y, struct policy *one, struct buf *err)
{
	struct buf label = BUF_INIT;

	one->id = yaml_text(y, "id", NULL);
	if (!one->id || !*one->id)
		return yaml_refuse(f->path, y, "no id", err);
	buf_printf(&label, "%s/%s#%s", f->name, f->version, one->id);
	for (size_t i = 0; i + 1 < f->p->n; i++)
		if (strcmp(f->p->v[i].label, label.s) == 0) {
			buf_release(&label);
			return yaml_refuse(f->path, y, "another policy has this id", err);
		}
	json_put_string(&one->told, buf_str(&label));
	one->label = buf_take(&label);
	return 0;
}

static int refuse_action(const struct file *f, const struct yaml *v, struct buf *err)
{
	const struct ontology *o = f->p->ontology;
	struct near near;

	near_begin(&near, str_of(v->text));
	for (size_t i = 0; i < o->action_n; i++)
		near_see(&near, o->actions[i].id);
	buf_printf(err, "%s:%d:%d: no action of the ontology: %s", f->path, v->line, v->column,
		v->text);
	near_ask(&near, err);
	return -1;
}

/* Actions that the ontology does not list are told; one that lists none has no say. */
static int check_actions(struct file *f, const struct policy *one, struct buf *err)
{
	for
		YAML_EACH(v, one->actions)
		{
			if (!f->p->ontology->action_n ||
				ontology_action(f->p->ontology, str_of(v->text)))
				continue;
			return refuse_action(f, v, err);
		}
	return 0;
}

/* One that is written otherwise is no record's, and its policy would never hold. */
static int check_regions(struct file *f, const struct policy *one, struct buf *err)
{
	for
		YAML_EACH(v, one->regions)
	if (!region_is(v->text)) {
		buf_printf(err, "%s:%d:%d: no region like BR or US-CA: %s", f->path, v->line,
			v->column, v->text);
		return -1;
	}
	return 0;
}

static int read_policy(struct file *f, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"id", "title", "regions", "valid", "actions", "when",
		"then", "limit", "obligations", "reason", NULL};
	struct policy *one;

	if (yaml_only(f->path, y, known, err) < 0)
		return -1;
	if (f->p->n == POLICIES_MAX)
		return yaml_refuse(f->path, y, "more than 1000 policies", err);
	one = VEC_ADD(f->p, v, n, cap);
	*one = (struct policy){.title = yaml_text(y, "title", NULL),
		.reason = yaml_text(y, "reason", NULL),
		.told = BUF_INIT,
		.path = f->path,
		.at = y,
		.when = yaml_get(y, "when"),
		.from = f->from,
		.until = f->until};
	if (read_id(f, y, one, err) < 0 || read_then(f->path, y, one, err) < 0 ||
		read_valid(f->path, yaml_get(y, "valid"), &one->from, &one->until, err) < 0 ||
		read_list(f->path, y, "regions", &one->regions, err) < 0 ||
		read_list(f->path, y, "actions", &one->actions, err) < 0 ||
		read_list(f->path, y, "obligations", &one->obligations, err) < 0 ||
		check_actions(f, one, err) < 0 || check_regions(f, one, err) < 0)
		return -1;
	if (one->when && one->when->type != YAML_SCALAR)
		return yaml_refuse(f->path, one->when, "a condition was expected", err);
	*VEC_ADD(f->p, number, number_n, number_cap) =
		one->when ? conditions_add(f->p->all, f->path, one->when, err) : -1;
	if (one->when && f->p->number[f->p->number_n - 1] < 0)
		return -1;
	return one->limit && conditions_add(f->p->all, f->path, one->limit, err) < 0 ? -1 : 0;
}

/* ---- files ---- */

static int read_file(struct policies *p, const char *path, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {
		"jtools", "name", "version", "title", "valid", "zones", "policies", NULL};
	const char *kind = yaml_kind(y);
	const struct yaml *list = yaml_get(y, "policies");
	struct file f = {.p = p,
		.path = path,
		.name = yaml_text(y, "name", NULL),
		.version = yaml_text(y, "version", NULL),
		.from = INT64_MIN,
		.until = INT64_MAX};

	if (!kind || strcmp(kind, "policies/1") != 0)
		return yaml_refuse(
			path, y, "not a policy file (its first line says jtools: policies/1)", err);
	if (yaml_only(path, y, known, err) < 0)
		return -1;
	if (!f.name || !f.version)
		return yaml_refuse(path, y, f.name ? "no version" : "no name", err);
	if (read_valid(path, yaml_get(y, "valid"), &f.from, &f.until, err) < 0)
		return -1;
	if (conditions_zones(p->all, path, yaml_get(y, "zones"), err) < 0)
		return -1;
	if (!list || list->type != YAML_SEQUENCE)
		return yaml_refuse(path, list ? list : y, "no policies: a list of them", err);
	for
		YAML_EACH(v, list)
	if (read_policy(&f, v, err) < 0)
		return -1;
	return 0;
}

static void number(struct map *m, const struct yaml *list)
{
	for
		YAML_EACH(v, list)
		{
			bool fresh;
			union map_value *slot = map_slot(m, str_of(v->text), &fresh);

			if (fresh)
				slot->n = (int64_t)map_count(m);
		}
}

static int by_number(const void *pa, const void *pb)
{
	const int64_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

/* Numbers what policies are told apart by. */
static void index_all(struct policies *p)
{
	for (size_t i = 0; i < p->n; i++) {
		number(&p->actions, p->v[i].actions);
		number(&p->regions, p->v[i].regions);
		p->by_region |= p->v[i].regions != NULL;
		if (p->v[i].from != INT64_MIN)
			*VEC_ADD(p, edge, edge_n, edge_cap) = p->v[i].from;
		if (p->v[i].until != INT64_MAX)
			*VEC_ADD(p, edge, edge_n, edge_cap) = p->v[i].until;
	}
	if (p->edge_n)
		qsort(p->edge, p->edge_n, sizeof(*p->edge), by_number);
}

/* Names of the files *.yaml of a folder. */
static void list_folder(const char *folder, struct patterns *out)
{
	DIR *d = opendir(folder);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len > 5 && strcmp(e->d_name + len - 5, ".yaml") == 0)
			*VEC_ADD(out, v, n, cap) = mem_copy(e->d_name, len - 5);
	}
	if (d)
		closedir(d);
}

static int refuse_name(const struct policies *p, const char *given, struct buf *err)
{
	struct patterns names = {0};
	struct buf folder = BUF_INIT;
	struct near near;

	for (size_t i = 0; i < p->ontology->folders.n; i++) {
		buf_clear(&folder);
		buf_printf(&folder, "%s/policies", p->ontology->folders.v[i]);
		list_folder(folder.s, &names);
	}
	near_begin(&near, str_of(given));
	for (size_t i = 0; i < names.n; i++)
		near_see(&near, names.v[i]);
	buf_printf(err, "%s: no policies of this name are shipped", given);
	near_ask(&near, err);
	patterns_release(&names);
	buf_release(&folder);
	return -1;
}

/* A bare name is one of the ontology's, of its highest layer that has it: policies/NAME.yaml. */
static int find_file(const struct policies *p, const char *given, struct buf *path, struct buf *err)
{
	struct buf name = BUF_INIT;
	int status = 0;

	if (strchr(given, '/') || strchr(given, '.')) {
		buf_puts(path, given);
		return 0;
	}
	buf_printf(&name, "%s.yaml", given);
	ontology_path(p->ontology, "policies", name.s, path);
	if (access(path->s, F_OK) < 0)
		status = refuse_name(p, given, err);
	buf_release(&name);
	return status;
}

static int read_one(struct policies *p, const char *given, struct buf *err)
{
	struct buf path = BUF_INIT;
	struct yaml *y;

	if (find_file(p, given, &path, err) < 0) {
		buf_release(&path);
		return -1;
	}
	*VEC_ADD(p, path, path_n, path_cap) = buf_take(&path);
	y = yaml_read(p->path[p->path_n - 1], err);
	if (!y)
		return -1;
	*VEC_ADD(p, root, root_n, root_cap) = y;
	return read_file(p, p->path[p->path_n - 1], y, err);
}

struct policies *policies_read(
	const char *const *paths, size_t n, const struct ontology *o, struct buf *err)
{
	struct policies *p = mem_zero(1, sizeof(*p));
	int status = 0;

	p->ontology = o;
	p->all = conditions_new(o);
	for (size_t i = 0; i < n && status == 0; i++)
		status = read_one(p, paths[i], err);
	if (status == 0) {
		index_all(p);
		return p;
	}
	policies_free(p);
	return NULL;
}

static void free_group(void *ctx, struct str key, union map_value *v)
{
	(void)ctx;
	(void)key;
	policy_group_free(v->p);
}

void policies_free(struct policies *p)
{
	if (!p)
		return;
	map_each(&p->groups, free_group, NULL);
	map_release(&p->groups);
	map_release(&p->actions);
	map_release(&p->regions);
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].label);
		buf_release(&p->v[i].told);
	}
	for (size_t i = 0; i < p->root_n; i++)
		yaml_free(p->root[i]);
	for (size_t i = 0; i < p->path_n; i++)
		free(p->path[i]);
	free(p->path);
	free(p->number);
	conditions_free(p->all);
	free(p->v);
	free(p->root);
	free(p->edge);
	free(p);
}

size_t policies_count(const struct policies *p)
{
	return p->n;
}

const struct policy *policies_at(const struct policies *p, size_t i)
{
	return &p->v[i];
}

void policies_want(const struct policies *p, bool wanted[CONTEXT_COUNT])
{
	memset(wanted, 0, CONTEXT_COUNT * sizeof(*wanted));
	conditions_want(p->all, wanted);
	/* It says which policies hold. */
	wanted[CONTEXT_region] = true;
}

/* ---- what one is about ---- */

bool policy_about(const struct policy *p, struct str action)
{
	for
		YAML_EACH(v, p->actions)
	if (str_is(action, v->text))
		return true;
	return !p->actions;
}

bool policy_covers(const struct policy *p, struct str region)
{
	for
		YAML_EACH(v, p->regions)
	if (region_within(region, v->text))
		return true;
	return !p->regions;
}
