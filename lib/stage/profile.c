#include "stage/profile.h"
#include "base/mem.h"

#include <stdlib.h>

static int refuse(const char *path, const struct yaml *at, const char *why, struct buf *err)
{
	buf_printf(err, "%s:%d:%d: %s", path, at->key ? at->key_line : at->line, at->column, why);
	return -1;
}

static int read_text(const char *path, const struct yaml *v, const char **out, struct buf *err)
{
	if (!v)
		return 0;
	if (v->type != YAML_SCALAR || !v->text[0])
		return refuse(path, v, "a text was expected", err);
	*out = v->text;
	return 0;
}

static int read_texts(const char *path, const struct yaml *v, const char ***list, size_t *n,
	size_t *cap, struct buf *err)
{
	if (v && v->type == YAML_SCALAR) {
		*list = mem_grow((void *)*list, cap, *n + 1, sizeof(**list));
		return read_text(path, v, &(*list)[(*n)++], err);
	}
	if (v && v->type != YAML_SEQUENCE)
		return refuse(path, v, "a list of texts was expected", err);
	for
		YAML_EACH(one, v)
		{
			*list = mem_grow((void *)*list, cap, *n + 1, sizeof(**list));
			if (read_text(path, one, &(*list)[*n], err) < 0)
				return -1;
			(*n)++;
		}
	return 0;
}

int profile_read(struct profile *p, const char *path, struct buf *err)
{
	static const char *const known[] = {
		"jtools", "account", "self", "bots", "tz", "region", NULL};
	const struct yaml *odd, *kind;

	*p = (struct profile){.root = yaml_read(path, err)};
	if (!p->root)
		return -1;
	kind = yaml_get(p->root, "jtools");
	if (!kind || kind->type != YAML_SCALAR || strcmp(kind->text, "profile/1") != 0)
		return refuse(path, kind ? kind : p->root,
			"no profile: it does not say jtools: profile/1", err);
	odd = yaml_unknown(p->root, known);
	if (odd) {
		buf_printf(err, "%s:%d: a profile has no %s", path, odd->key_line, odd->key);
		return -1;
	}
	if (read_text(path, yaml_get(p->root, "account"), &p->account, err) < 0 ||
		read_text(path, yaml_get(p->root, "tz"), &p->tz, err) < 0 ||
		read_text(path, yaml_get(p->root, "region"), &p->region, err) < 0)
		return -1;
	if (read_texts(path, yaml_get(p->root, "self"), &p->self, &p->selves, &p->self_cap, err) <
		0)
		return -1;
	return read_texts(path, yaml_get(p->root, "bots"), &p->bots, &p->botn, &p->bot_cap, err);
}

void profile_release(struct profile *p)
{
	free((void *)p->self);
	free((void *)p->bots);
	yaml_free(p->root);
	*p = (struct profile){0};
}
