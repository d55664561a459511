#include "core/examples.h"
#include "base/mem.h"
#include "core/ontology_part.h"

#include <stdlib.h>
#include <unistd.h>

/* Goes on after what is wrong, as an ontology's loader does. */
struct reader {
	const struct ontology *o;
	struct examples *e;
	const char *path;
	size_t file; /* its number */
	struct buf *err;
	struct findings *findings;
	bool failed;
};

static void tell(struct reader *r, const char *message)
{
	if (!r->failed)
		buf_puts(r->err, message);
	if (r->findings)
		findings_message(r->findings, r->path, message);
	r->failed = true;
}

static void refuse(struct reader *r, int line, int column, const char *why, const char *what)
{
	struct buf message = BUF_INIT;

	buf_printf(&message, "%s:%d:%d: %s%.60s", r->path, line, column, why, what);
	tell(r, message.s);
	buf_release(&message);
}

static void take_list(struct reader *r, size_t intent, const struct yaml *list)
{
	struct examples *e = r->e;

	if (list->type != YAML_SEQUENCE) {
		refuse(r, list->line, list->column, "a list of texts is expected here", "");
		return;
	}
	for
		YAML_EACH(v, list)
		{
			struct example *one;

			if (v->type != YAML_SCALAR || !*v->text) {
				refuse(r, v->line, v->column, "a text is expected here", "");
				continue;
			}
			one = VEC_ADD(e, v, n, cap);
			one->intent = intent;
			one->lang = mem_string(list->key);
			one->text = mem_string(v->text);
			one->file = r->file;
			one->line = v->line;
			one->column = v->column;
		}
}

static void take_intent(struct reader *r, const struct yaml *by_lang)
{
	const struct intent *intent = ontology_declared(r->o, str_of(by_lang->key));

	if (!intent) {
		refuse(r, by_lang->key_line, by_lang->key_column, "unknown intent ", by_lang->key);
		return;
	}
	if (by_lang->type != YAML_MAPPING) {
		refuse(r, by_lang->line, by_lang->column, "examples stand under their language",
			"");
		return;
	}
	for
		YAML_EACH(list, by_lang)
	take_list(r, (size_t)(intent - r->o->intents), list);
}

static void take_file(struct reader *r, const struct yaml *root)
{
	static const char *const known[] = {"jtools", "examples", NULL};
	const char *kind = yaml_kind(root);
	const struct yaml *odd, *all = yaml_get(root, "examples");

	if (!kind || strcmp(kind, "examples/1") != 0) {
		refuse(r, root->line, root->column,
			"a file of examples begins with 'jtools: examples/1'", "");
		return;
	}
	odd = yaml_unknown(root, known);
	if (odd)
		refuse(r, odd->line, odd->column, "unknown member ", odd->key);
	if (!all || all->type != YAML_MAPPING) {
		refuse(r, root->line, root->column, "examples is no mapping of intents", "");
		return;
	}
	for
		YAML_EACH(v, all)
	take_intent(r, v);
}

static void take_path(struct reader *r)
{
	struct buf why = BUF_INIT;
	struct yaml *root = yaml_read(r->path, &why);

	if (root)
		take_file(r, root);
	else
		tell(r, why.s);
	yaml_free(root);
	buf_release(&why);
}

/* A layer need not have examples. */
static int list_files(const char *layer, struct patterns *out, struct buf *err)
{
	struct buf folder = BUF_INIT;
	int status = 0;

	buf_printf(&folder, "%s/examples", layer);
	if (access(folder.s, F_OK) == 0)
		status = ontology_files(folder.s, out, err);
	buf_release(&folder);
	return status;
}

int examples_read_all(
	const struct ontology *o, struct examples *out, struct findings *findings, struct buf *err)
{
	struct reader r = {o, out, NULL, 0, err, findings, false};

	*out = (struct examples){NULL, 0, 0, {NULL, 0, 0}};
	for (size_t i = 0; i < o->folders.n; i++) {
		size_t from = out->files.n;

		if (list_files(o->folders.v[i], &out->files, err) < 0)
			return -1;
		for (size_t k = from; k < out->files.n; k++) {
			r.path = out->files.v[k];
			r.file = k;
			take_path(&r);
		}
	}
	return r.failed ? -1 : 0;
}

int examples_read(const struct ontology *o, struct examples *out, struct buf *err)
{
	return examples_read_all(o, out, NULL, err);
}

void examples_release(struct examples *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->v[i].lang);
		free(e->v[i].text);
	}
	free(e->v);
	patterns_release(&e->files);
	*e = (struct examples){NULL, 0, 0, {NULL, 0, 0}};
}
