/* What a map says of its lookup tables, and looking up. */
#include "adapt/map_table.h"
#include "base/mem.h"
#include "core/store/scratch.h"

#include <stdlib.h>
#include <strings.h>

#define NESTED 8 /* keys that are looked up themselves */

static int read_table(struct map *m, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"files", "records", "key", NULL};
	const struct yaml *key = yaml_get(y, "key"), *records = yaml_get(y, "records");
	struct map_table *t = VEC_ADD(m, table, table_n, table_cap);

	buf_init(&t->from);
	buf_init(&t->beside);
	buf_init(&t->broken);
	t->name = mem_string(y->key);
	if (map_expect(m, y, YAML_MAPPING, err) < 0 || map_only_known(m, y, known, err) < 0)
		return -1;
	if (!*t->name || strpbrk(t->name, "[].^"))
		return map_refuse_name(m, y, err, "a table's name has none of [ ] . ^");
	if (!key)
		return map_refuse_name(m, y, err, "a table needs its `key`");
	if (map_expect(m, key, YAML_SCALAR, err) < 0 ||
		(records && map_expect(m, records, YAML_SCALAR, err) < 0) ||
		map_read_names(m, yaml_get(y, "files"), &t->files, err) < 0)
		return -1;
	for (size_t i = 0; i < t->files.n; i++)
		if (!*t->files.v[i] || strchr(t->files.v[i], '/'))
			return map_refuse(m, yaml_get(y, "files"), err,
				"a table's file is a name without a folder");
	if (!t->files.n && (!records || m->csv))
		return map_refuse_name(m, y, err,
			m->csv ? "a table needs its `files`"
			       : "a table needs `files`, or `records` in the same document");
	t->key = mem_string(key->text);
	t->records = records ? mem_string(records->text) : NULL;
	if ((!map_path_read(&t->key_path, t->key) && !t->files.n) || t->key_path.up ||
		map_path_arrays(&t->key_path))
		return map_refuse(m, key, err, "no path: write a.b[0].c");
	return 0;
}

int map_tables_read(struct map *m, const struct yaml *y, struct buf *err)
{
	if (!y)
		return 0;
	if (map_expect(m, y, YAML_MAPPING, err) < 0)
		return -1;
	for
		YAML_EACH(v, y)
	if (read_table(m, v, err) < 0)
		return -1;
	return 0;
}

void map_tables_free(struct map *m)
{
	for (size_t i = 0; i < m->table_n; i++) {
		struct map_table *t = &m->table[i];

		free(t->name);
		free(t->key);
		free(t->records);
		map_path_release(&t->key_path);
		map_names_release(&t->files);
		scratch_free(t->rows);
		buf_release(&t->from);
		buf_release(&t->beside);
		buf_release(&t->broken);
	}
	free(m->table);
}

bool map_tables_failed(const struct map *m, struct buf *err)
{
	for (size_t i = 0; i < m->table_n; i++)
		if (m->table[i].broken.len) {
			buf_put(err, buf_str(&m->table[i].broken));
			return true;
		}
	return false;
}

bool map_joins(const struct map *m, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	for (size_t i = 0; i < m->table_n; i++)
		for (size_t k = 0; k < m->table[i].files.n; k++)
			if (strcasecmp(base, m->table[i].files.v[k]) == 0)
				return true;
	return false;
}

bool map_applied(const struct map *m)
{
	return m->applied;
}

static struct map_table *table_of(const struct map *m, struct str name)
{
	for (size_t i = 0; i < m->table_n; i++)
		if (str_is(name, m->table[i].name))
			return &m->table[i];
	return NULL;
}

/* The bracket that closes the first of the text; NULL where none does, or too many lie within. */
static const char *closing(const char *open)
{
	int depth = 0;

	for (const char *p = open; *p && depth <= NESTED; p++) {
		depth += (*p == '[') - (*p == ']');
		if (!depth)
			return p;
	}
	return NULL;
}

static int read_key(struct map *m, struct map_lookup *l, const struct map_column *of,
	const struct yaml *at, struct buf *err)
{
	int nested = map_lookup_read(m, &l->key, at, err);

	l->key.of_element = of->of_element;
	l->key.line = of->line;
	if (nested != 0)
		return nested;
	if (!m->csv && !map_path_read(&l->key.path, l->key.text))
		return map_refuse(m, at, err, "no path to the key: write table[a.b].c");
	return 0;
}

int map_lookup_read(struct map *m, struct map_column *c, const struct yaml *at, struct buf *err)
{
	const char *open = strchr(c->text, '['), *end = open ? closing(open) : NULL;
	struct map_table *t =
		end ? table_of(m, (struct str){c->text, (size_t)(open - c->text)}) : NULL;
	struct map_lookup *l;
	int64_t index;

	/* A number is an element's place: an ordinary path. */
	if (!t || str_int((struct str){open + 1, (size_t)(end - open - 1)}, &index))
		return 0;
	l = c->lookup = mem_zero(1, sizeof(*l));
	l->table = t;
	l->row = (struct json_doc)JSON_DOC_INIT;
	buf_init(&l->last);
	buf_init(&l->text);
	l->key.text = mem_copy(open + 1, (size_t)(end - open - 1));
	if (read_key(m, l, c, at, err) < 0)
		return -1;
	if (!end[1])
		return 1;
	l->member = mem_string(end + 1 + (end[1] == '.'));
	if ((end[1] != '.' && end[1] != '[') || !map_path_read(&l->path, l->member) || l->path.up ||
		map_path_arrays(&l->path))
		return map_refuse(m, at, err, "no path behind the table: write table[key].b[0].c");
	return 1;
}

void map_lookup_free(struct map_lookup *l)
{
	if (!l)
		return;
	map_column_release(&l->key);
	free(l->member);
	map_path_release(&l->path);
	buf_release(&l->last);
	buf_release(&l->text);
	json_release(&l->row);
	free(l);
}

static int fetch(struct map_lookup *l, struct str key, struct buf *err)
{
	int found = 0;

	if (l->table->rows && key.len)
		found = scratch_get(l->table->rows, key, &l->text, err);
	if (found > 0 && json_parse(&l->row, buf_str(&l->text), false, err) < 0)
		found = -1;
	l->found = found > 0;
	l->loaded = l->table->loaded;
	buf_clear(&l->last);
	buf_put(&l->last, key);
	return found;
}

const struct json *map_lookup_find(struct map_lookup *l, const struct map_row *row)
{
	struct str key = map_row_text(row, &l->key);
	const struct json *v;

	/* Until the key is another the row stays where it is: expressions hold on to its texts. */
	if ((l->loaded != l->table->loaded || !str_eq(buf_str(&l->last), key)) &&
		fetch(l, key, &l->table->broken) < 0)
		return NULL;
	if (!l->found)
		return NULL;
	/* The name of a column may have dots. */
	v = l->member ? json_member(l->row.v, l->member) : l->row.v;
	return v ? v : map_path_find(&l->path, l->row.v);
}
