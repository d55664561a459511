/* Reads an ontology's folder and those that it extends: first everything that has an id, from all
 * files, then what refers to it. */
#include "base/mem.h"
#include "base/when.h"
#include "core/ontology_part.h"
#include "core/version.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define LAYERS_MAX 8

/* A file that was read. */
struct source {
	struct yaml *root;
	size_t file; /* in the ontology's `files` */
	int64_t layer;
};

struct sources {
	struct source *v;
	size_t n, cap;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int ontology_files(const char *folder, struct patterns *out, struct buf *err)
{
	size_t from = out->n;
	DIR *d = opendir(folder);
	struct dirent *e;

	if (!d) {
		buf_printf(err, "%s: %s", folder, strerror(errno));
		return -1;
	}
	while ((e = readdir(d))) {
		struct buf path = BUF_INIT;

		if (e->d_name[0] == '.' || !str_ends(str_of(e->d_name), STR(".yaml")))
			continue;
		buf_printf(&path, "%s/%s", folder, e->d_name);
		*VEC_ADD(out, v, n, cap) = buf_take(&path);
	}
	closedir(d);
	/* One order whatever the folder's own: the earlier intent wins a tie. */
	if (out->n > from)
		qsort(out->v + from, out->n - from, sizeof(*out->v), by_name);
	return 0;
}

/* The folder that an ontology extends: NAME/VERSION is the one beside the program, all else a path
 * from the folder on. */
static int base_folder(const char *folder, const char *extends, struct buf *out, struct buf *err)
{
	if (extends[0] == '/') {
		buf_puts(out, extends);
		return 0;
	}
	if (extends[0] == '.') {
		buf_printf(out, "%s/%s", folder, extends);
		return 0;
	}
	return ontology_shipped(out, err);
}

/* A file that cannot be read extends nothing here; who reads the ontology hears of it. */
static int add_layer(const char *folder, struct patterns *out, int depth, struct buf *err)
{
	struct buf path = BUF_INIT, base = BUF_INIT, why = BUF_INIT;
	struct yaml *root;
	const struct yaml *extends;
	int status = 0;

	buf_printf(&path, "%s/ontology.yaml", folder);
	root = yaml_read(path.s, &why);
	extends = yaml_get(root, "extends");
	if (extends && extends->type == YAML_SCALAR) {
		buf_clear(&why);
		if (depth == LAYERS_MAX)
			buf_puts(&why, "extends itself, or more than eight layers");
		else if (base_folder(folder, extends->text, &base, &why) == 0 &&
			 !ontology_is(&base))
			buf_printf(&why, "%s is no ontology", base.s);
		if (why.len) {
			buf_printf(
				err, "%s:%d:%d: %s", path.s, extends->line, extends->column, why.s);
			status = -1;
		} else {
			status = add_layer(base.s, out, depth + 1, err);
		}
	}
	if (status == 0)
		*VEC_ADD(out, v, n, cap) = mem_string(folder);
	yaml_free(root);
	buf_release(&path);
	buf_release(&base);
	buf_release(&why);
	return status;
}

int ontology_layers(const char *folder, struct patterns *out, struct buf *err)
{
	struct buf at = BUF_INIT;
	int status = 0;

	if (folder)
		buf_puts(&at, folder);
	else
		status = ontology_folder(&at, err);
	if (status == 0)
		status = add_layer(at.s, out, 1, err);
	buf_release(&at);
	return status;
}

/* A reason that has its place already, or is about a folder. */
static void tell(struct loader *l, const char *file, const char *message)
{
	if (!l->failed)
		buf_puts(l->err, message);
	if (l->findings)
		findings_message(l->findings, file, message);
	l->failed = true;
}

static void read_files(struct loader *l, const char *folder, struct sources *s)
{
	struct ontology *o = l->o;
	struct buf why = BUF_INIT;
	size_t from = o->files.n;

	if (ontology_files(folder, &o->files, &why) < 0)
		tell(l, folder, why.s);
	for (size_t i = from; i < o->files.n; i++) {
		struct yaml *root;

		buf_clear(&why);
		root = yaml_read(o->files.v[i], &why);
		if (root)
			*VEC_ADD(s, v, n, cap) = (struct source){root, i, l->layer};
		else
			tell(l, o->files.v[i], why.s);
	}
	buf_release(&why);
}

/* NAME/VERSION names what the layer below is. */
static void check_extends(struct loader *l, const struct yaml *v)
{
	const char *slash = v->type == YAML_SCALAR ? strchr(v->text, '/') : NULL;
	bool is_wish = false, fits;
	size_t len;

	if (v->type != YAML_SCALAR || v->text[0] == '.' || v->text[0] == '/')
		return;
	len = slash ? (size_t)(slash - v->text) : 0;
	fits = slash && l->base && strncmp(l->base, v->text, len + 1) == 0 &&
	       version_fits(l->base + len + 1, slash + 1, &is_wish);
	if (fits)
		return;
	if (slash)
		version_fits("", slash + 1, &is_wish);
	if (is_wish)
		loader_refuse(l, v, "extends %.60s, but there is %s", v->text,
			l->base ? l->base : "none");
	else
		loader_refuse(l, v,
			"a name and version like base/1.x, or a path that begins "
			"with '.' or '/', is expected here");
}

static void read_layer(struct loader *l, const char *folder, struct sources *s)
{
	struct ontology *o = l->o;
	struct buf below = BUF_INIT;
	size_t from = s->n;

	l->layer++;
	if (o->name && o->version) {
		buf_printf(&below, "%s/%s", o->name, o->version);
		l->base = below.s;
	}
	free(o->name);
	free(o->version);
	o->name = o->version = NULL;
	read_files(l, folder, s);
	for (size_t i = from; i < s->n; i++) {
		const struct yaml *extends = yaml_get(s->v[i].root, "extends");

		l->file = s->v[i].file;
		if (extends && str_ends(str_of(o->files.v[l->file]), STR("/ontology.yaml")))
			check_extends(l, extends);
		else if (extends)
			loader_refuse(l, extends, "extends stands in ontology.yaml");
		loader_read(l, s->v[i].root);
	}
	if (!o->name || !o->version || !o->class_n) {
		struct buf why = BUF_INIT;

		buf_printf(&why, "%s: no %s", folder,
			!o->name      ? "name"
			: !o->version ? "version"
				      : "classes");
		tell(l, folder, why.s);
		buf_release(&why);
	}
	l->base = NULL;
	buf_release(&below);
}

static void read_layers(struct loader *l, const struct patterns *folders, struct sources *s)
{
	struct ontology *o = l->o;
	struct buf label = BUF_INIT;

	for (size_t i = 0; i < folders->n; i++)
		read_layer(l, folders->v[i], s);
	for (size_t i = 0; i < s->n; i++) {
		l->file = s->v[i].file;
		l->layer = s->v[i].layer;
		loader_check(l, s->v[i].root);
	}
	loader_settle(l);
	buf_printf(&label, "%s/%s", o->name ? o->name : "", o->version ? o->version : "");
	o->label = buf_take(&label);
	ontology_digest(o);
}

static struct ontology *read_into(const char *folder, struct findings *findings, struct buf *err)
{
	struct sources s = {NULL, 0, 0};
	struct loader l = {.err = err, .findings = findings, .ids = MAP_INIT};
	struct ontology *o = mem_zero(1, sizeof(*o));

	l.o = o;
	o->request_gap = 7 * WHEN_DAY;
	if (ontology_layers(folder, &o->folders, err) < 0) {
		ontology_free(o);
		return NULL;
	}
	o->folder = mem_string(o->folders.v[o->folders.n - 1]);
	read_layers(&l, &o->folders, &s);
	for (size_t i = 0; i < s.n; i++)
		yaml_free(s.v[i].root);
	free(s.v);
	map_release(&l.ids);
	if (l.failed && !findings) {
		ontology_free(o);
		return NULL;
	}
	return o;
}

struct ontology *ontology_read(const char *folder, struct buf *err)
{
	return read_into(folder, NULL, err);
}

struct ontology *ontology_read_all(const char *folder, struct findings *findings, struct buf *err)
{
	struct buf first = BUF_INIT;
	struct ontology *o = read_into(folder, findings, &first);

	if (!o)
		buf_put(err, buf_str(&first));
	buf_release(&first);
	return o;
}
