/* What encloses the records of a document: the objects that `^` in a path leads to. */
#include "adapt/map_file.h"
#include "base/mem.h"
#include "io/jsonscan.h"

#include <stdlib.h>

struct map_around {
	struct json_doc doc;
	struct buf text;
	/* For each array of records, in the order of the document, `width` objects: the innermost
	 * first. */
	const struct json **node;
	size_t n, cap, width;
};

/* Which columns look beyond the record, and by how many objects. */
static size_t beyond(const struct map_column *c, size_t within)
{
	size_t inner = c->of_element ? within + 1 : 0;

	return c->path.up > inner ? c->path.up - inner : 0;
}

static bool wants(const struct map_columns *columns, size_t within, size_t up, struct str name)
{
	for (size_t i = 0; i < columns->n; i++) {
		const struct map_column *c = map_column_root(&columns->v[i]);
		size_t by = beyond(c, within);

		if (by && (!up || (by == up && c->path.n && c->path.v[0].name &&
					  str_is(name, c->path.v[0].name))))
			return true;
	}
	return false;
}

/* up 0: whether any column looks beyond the record at all. */
static bool map_wants(const struct map *m, size_t up, struct str name)
{
	if (wants(&m->columns, 0, up, name))
		return true;
	for (size_t i = 0; i < m->event_n; i++)
		if (wants(&m->event[i].columns, map_path_arrays(&m->event[i].each_path), up, name))
			return true;
	return false;
}

bool map_around_needed(const struct map *m)
{
	return m->records && map_wants(m, 0, STR(""));
}

static bool wanted(void *ctx, size_t level, struct str name)
{
	const struct map *m = ctx;

	return map_wants(m, map_path_arrays(&m->records_path) - level + 1, name);
}

/* The arrays of records below v, to which the path leads from its step `at` on. open: the objects
 * that lie around v. */
static void gather(struct map_around *a, const struct map_path *path, size_t at,
	const struct json *v, const struct json **open, size_t depth)
{
	if (!v)
		return;
	if (at == path->n) {
		for (size_t i = 0; i < a->width; i++)
			*VEC_ADD(a, node, n, cap) = i < depth ? open[depth - 1 - i] : NULL;
		return;
	}
	if (!path->v[at].all) {
		gather(a, path, at + 1, map_path_step(&path->v[at], v), open, depth);
		return;
	}
	if (v->type != JSON_ARRAY)
		return;
	for
		JSON_EACH(one, v)
		{
			open[depth] = one;
			gather(a, path, at + 1, one, open, depth + 1);
		}
}

struct map_around *map_around_read(
	const struct map *m, struct input *in, size_t max, struct buf *err)
{
	struct map_around *a = mem_zero(1, sizeof(*a));
	const struct json *open[JSONSCAN_PATH];

	a->doc = (struct json_doc)JSON_DOC_INIT;
	buf_init(&a->text);
	a->width = map_path_arrays(&m->records_path) + 1;
	if (input_spool(in, err) < 0 ||
		jsonscan_around(in, m->records, max, wanted, (void *)m, &a->text, err) < 0 ||
		json_parse(&a->doc, buf_str(&a->text), false, err) < 0) {
		map_around_free(a);
		return NULL;
	}
	for
		JSON_EACH(document, a->doc.v)
		{
			open[0] = document;
			gather(a, &m->records_path, 0, document, open, 1);
		}
	return a;
}

const struct json *const *map_around_of(const struct map_around *a, uint64_t array, size_t *n)
{
	bool there = array < a->n / a->width;

	*n = there ? a->width : 0;
	return there ? a->node + array * a->width : NULL;
}

void map_around_free(struct map_around *a)
{
	if (!a)
		return;
	json_release(&a->doc);
	buf_release(&a->text);
	free((void *)a->node);
	free(a);
}
