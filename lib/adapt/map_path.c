#include "adapt/map_table.h"
#include "base/mem.h"

#include <stdlib.h>

/* "[0]" and "[]" behind a name; *s is moved behind them. */
static bool read_brackets(struct map_path *p, const char **s)
{
	while (**s == '[') {
		size_t n = strcspn(*s + 1, "]");
		int64_t index = 0;

		if (!(*s)[n + 1] || (n && (!str_int((struct str){*s + 1, n}, &index) || index < 0)))
			return false;
		*VEC_ADD(p, v, n, cap) = (struct map_step){NULL, (size_t)index, n == 0, 0};
		*s += n + 2;
	}
	return true;
}

bool map_path_read(struct map_path *p, const char *text)
{
	const char *s = text;

	if (strcmp(text, ".") == 0)
		return true;
	for (; *s == '^'; s++)
		p->up++;
	if (p->up && *s++ != '.')
		return false;
	while (*s) {
		size_t n = strcspn(s, ".[");

		if (n)
			*VEC_ADD(p, v, n, cap) = (struct map_step){mem_copy(s, n), 0, false, n};
		else if (*s != '[')
			return false;
		s += n;
		if (!read_brackets(p, &s))
			return false;
		if (!*s)
			return true;
		if (*s++ != '.' || !*s)
			return false;
	}
	return false;
}

size_t map_path_arrays(const struct map_path *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->v[i].all;
	return n;
}

/* Of names of one length most are told apart by their first byte. */
static bool is_name(struct str key, const char *name)
{
	return !key.len || (key.s[0] == name[0] && memcmp(key.s, name, key.len) == 0);
}

/* json_member, for a name whose length is known. */
static const struct json *member(const struct map_step *step, const struct json *of)
{
	if (of->type != JSON_OBJECT)
		return NULL;
	for
		JSON_EACH(v, of)
	if (v->key.len == step->len && is_name(v->key, step->name))
		return v;
	return NULL;
}

const struct json *map_path_step(const struct map_step *step, const struct json *from)
{
	const struct json *v;

	if (step->name)
		return member(step, from);
	/* What is no array is its own first element, as `each` has it: an element of XML that may
	 * repeat need not. */
	if (from->type != JSON_ARRAY && !step->index)
		return from;
	v = from->type == JSON_ARRAY ? json_first(from) : NULL;
	for (size_t i = 0; i < step->index && v; i++)
		v = json_after(from, v);
	return v;
}

/* From the step `at` on. */
static const struct json *find_from(const struct map_path *p, size_t at, const struct json *from)
{
	for (size_t i = at; i < p->n && from; i++)
		from = map_path_step(&p->v[i], from);
	return from;
}

const struct json *map_path_find(const struct map_path *p, const struct json *from)
{
	return find_from(p, 0, from);
}

void map_path_release(struct map_path *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].name);
	free(p->v);
}

void map_path_member(struct map_path *p, const char *name)
{
	map_path_release(p);
	*p = (struct map_path){NULL, 0, 0, 0};
	*VEC_ADD(p, v, n, cap) = (struct map_step){mem_string(name), 0, false, strlen(name)};
}

const struct map_column *map_column_root(const struct map_column *c)
{
	while (c->lookup)
		c = &c->lookup->key;
	return c;
}

struct str map_row_text(const struct map_row *row, const struct map_column *c)
{
	const struct json *v;

	if (c->absent)
		return (struct str){NULL, 0};
	if (row->csv && !c->lookup)
		return row->csv->field[c->field];
	v = map_row_find(row, c);
	return v && v->type != JSON_NULL ? v->text : (struct str){NULL, 0};
}

const struct json *map_row_find(const struct map_row *row, const struct map_column *c)
{
	size_t up = c->path.up;
	const struct json *from = c->of_element ? row->element : row->record;
	const struct map_index *index = c->of_element ? row->of_element : row->of_record;

	if (c->lookup)
		return map_lookup_find(c->lookup, row);
	if (row->csv)
		return NULL;
	if (c->place && index)
		return find_from(&c->path, c->steps, index->found[c->place]);
	if (up && c->of_element && up <= row->within_n) {
		from = row->within[row->within_n - up];
	} else if (up && c->of_element && up == row->within_n + 1) {
		from = row->record;
	} else if (up) {
		up -= c->of_element ? row->within_n + 2 : 1;
		from = row->around && up < row->around_n ? row->around[up] : NULL;
	}
	return map_path_find(&c->path, from);
}
