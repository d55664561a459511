#include "core/examples.h"
#include "base/mem.h"
#include "io/yaml.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

static int refuse(const char *path, const struct yaml *at, const char *why, struct buf *err)
{
	buf_printf(err, "%s:%d:%d: %s", path, at->line, at->column, why);
	return -1;
}

static int take_list(struct examples *e, const char *path, size_t intent, const struct yaml *list,
	struct buf *err)
{
	if (list->type != YAML_SEQUENCE)
		return refuse(path, list, "a list of texts is expected here", err);
	for
		YAML_EACH(v, list)
		{
			struct example *one;

			if (v->type != YAML_SCALAR || !*v->text)
				return refuse(path, v, "a text is expected here", err);
			one = VEC_ADD(e, v, n, cap);
			one->intent = intent;
			one->lang = mem_string(list->key);
			one->text = mem_string(v->text);
			one->file = e->files.n - 1;
			one->line = v->line;
		}
	return 0;
}

static int take_intent(const struct ontology *o, struct examples *e, const char *path,
	const struct yaml *by_lang, struct buf *err)
{
	const struct intent *intent = ontology_declared(o, str_of(by_lang->key));

	if (!intent) {
		buf_printf(
			err, "%s:%d: unknown intent %.60s", path, by_lang->key_line, by_lang->key);
		return -1;
	}
	if (by_lang->type != YAML_MAPPING)
		return refuse(path, by_lang, "examples stand under their language", err);
	for
		YAML_EACH(list, by_lang)
	if (take_list(e, path, (size_t)(intent - o->intents), list, err) < 0)
		return -1;
	return 0;
}

static int take_file(const struct ontology *o, struct examples *e, const char *path,
	const struct yaml *root, struct buf *err)
{
	static const char *const known[] = {"jtools", "examples", NULL};
	const char *kind = yaml_kind(root);
	const struct yaml *odd, *all = yaml_get(root, "examples");

	if (!kind || strcmp(kind, "examples/1") != 0)
		return refuse(
			path, root, "a file of examples begins with 'jtools: examples/1'", err);
	odd = yaml_unknown(root, known);
	if (odd)
		return refuse(path, odd, "unknown member", err);
	if (!all || all->type != YAML_MAPPING)
		return refuse(path, root, "examples is no mapping of intents", err);
	for
		YAML_EACH(v, all)
	if (take_intent(o, e, path, v, err) < 0)
		return -1;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_files(const char *folder, struct patterns *out, struct buf *err)
{
	DIR *d = opendir(folder);
	struct dirent *entry;

	if (!d && errno == ENOENT)
		return 0;
	if (!d) {
		buf_printf(err, "%s: %s", folder, strerror(errno));
		return -1;
	}
	while ((entry = readdir(d))) {
		struct buf path = BUF_INIT;

		if (entry->d_name[0] == '.' || !str_ends(str_of(entry->d_name), STR(".yaml")))
			continue;
		buf_printf(&path, "%s/%s", folder, entry->d_name);
		*VEC_ADD(out, v, n, cap) = buf_take(&path);
	}
	closedir(d);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_name);
	return 0;
}

int examples_read(const struct ontology *o, struct examples *out, struct buf *err)
{
	struct patterns paths = {NULL, 0, 0};
	struct buf folder = BUF_INIT;
	int status;

	*out = (struct examples){NULL, 0, 0, {NULL, 0, 0}};
	buf_printf(&folder, "%s/examples", o->folder);
	status = list_files(folder.s, &paths, err);
	for (size_t i = 0; i < paths.n && status == 0; i++) {
		struct yaml *root = yaml_read(paths.v[i], err);

		*VEC_ADD(&out->files, v, n, cap) = mem_string(paths.v[i]);
		status = root ? take_file(o, out, paths.v[i], root, err) : -1;
		yaml_free(root);
	}
	for (size_t i = 0; i < paths.n; i++)
		free(paths.v[i]);
	free(paths.v);
	buf_release(&folder);
	return status;
}

void examples_release(struct examples *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->v[i].lang);
		free(e->v[i].text);
	}
	for (size_t i = 0; i < e->files.n; i++)
		free(e->files.v[i]);
	free(e->v);
	free(e->files.v);
	*e = (struct examples){NULL, 0, 0, {NULL, 0, 0}};
}
