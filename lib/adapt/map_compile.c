#include "adapt/map_group.h"
#include "adapt/map_table.h"
#include "base/mem.h"

#include <stdlib.h>
#include <strings.h>

static bool is_real(struct str number)
{
	for (size_t i = 0; i < number.len; i++)
		if (strchr(".eE", number.s[i]))
			return true;
	return false;
}

void map_value(const struct json *v, struct expr_value *out)
{
	double real;

	*out = (struct expr_value){.type = EXPR_NULL};
	if (!v || v->type == JSON_NULL)
		return;
	if (v->type == JSON_TRUE || v->type == JSON_FALSE) {
		*out = (struct expr_value){.type = EXPR_INT, .n = v->type == JSON_TRUE};
	} else if (v->type == JSON_STRING) {
		*out = (struct expr_value){.type = EXPR_TEXT, .text = v->text};
	} else if (v->type == JSON_NUMBER && str_int(v->raw, &out->n)) {
		out->type = EXPR_INT;
	} else if (v->type == JSON_NUMBER && is_real(v->raw) && json_number(v, &real)) {
		*out = (struct expr_value){.type = EXPR_REAL, .real = real};
	} else {
		/* Arrays and objects; whole numbers beyond 64 bits, whose digits are worth more
		 * than their size. */
		*out = (struct expr_value){.type = EXPR_TEXT, .text = v->raw};
	}
}

static void column_value(
	const struct map_row *row, const struct map_column *c, struct expr_value *out)
{
	if (c->absent)
		*out = (struct expr_value){.type = EXPR_NULL};
	else if (!row->csv || c->lookup)
		map_value(map_row_find(row, c), out);
	else if (row->csv->field[c->field].s)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = row->csv->field[c->field]};
	else
		*out = (struct expr_value){.type = EXPR_NULL};
}

static void get(void *ctx, int number, struct expr_value *out)
{
	const struct map_row *row = ctx;

	column_value(row, &row->columns->v[number], out);
}

struct expr_value map_member_value(
	const struct map_event *e, const struct map_member *t, const struct map_row *row)
{
	struct expr_value v = {.type = EXPR_NULL};

	if (t->literal)
		v = (struct expr_value){.type = EXPR_TEXT, .text = str_of(t->literal)};
	else if (t->bare)
		column_value(row, t->bare, &v);
	else
		v = *expr_result(e->values, t->expr);
	return v;
}

const struct map_column *map_column_of(const struct map_columns *columns, struct str name)
{
	for (size_t i = 0; i < columns->n; i++)
		if (strlen(columns->v[i].name) == name.len && name.len &&
			strncasecmp(columns->v[i].name, name.s, name.len) == 0)
			return &columns->v[i];
	return NULL;
}

void map_see(struct map_columns *to, const struct map_columns *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (!map_column_of(to, str_of(from->v[i].name)))
			*VEC_ADD(to, v, n, cap) = from->v[i];
}

/* The column of the header that a column names by one of its names, or where it is a key by that of
 * a column of the map. */
static const struct map_column *named(struct map *m, const struct map_column *c, bool key)
{
	const struct map_column *of = map_column_of(&m->head, str_of(c->text));

	for (size_t i = 1; i < c->any.n && !of; i++)
		of = map_column_of(&m->head, str_of(c->any.v[i]));
	if (!of && key)
		of = map_column_of(&m->columns, str_of(c->text));
	return of && of->lookup ? NULL : of;
}

/* Finds the column of the header that a column of the map names. */
static int resolve(struct map *m, struct map_column *c, bool key, struct buf *err)
{
	const struct map_column *of;

	if (c->lookup && resolve(m, &c->lookup->key, true, err) < 0)
		return -1;
	of = c->lookup ? &c->lookup->key : named(m, c, key);
	c->absent = of ? of->absent : c->any.n > 0;
	if (!of && !c->absent) {
		buf_printf(err, "%s:%d: the header has no column %s", m->path, c->line, c->text);
		return -1;
	}
	c->field = of ? of->field : 0;
	if (m->group && !c->lookup)
		map_path_member(&c->path, c->absent ? c->text : m->head.v[c->field].name);
	return 0;
}

/* The header's names, then the map's own names for some of them. */
static int see_header(struct map *m, const struct csv *csv, struct buf *err)
{
	for (size_t i = 0; i < csv->name_n; i++) {
		struct map_column *c = VEC_ADD(&m->head, v, n, cap);

		*c = (struct map_column){.name = mem_string(csv->name[i]), .field = i};
		if (m->group)
			map_path_member(&c->path, c->name);
		*VEC_ADD(&m->seen, v, n, cap) = *c;
	}
	for (size_t i = 0; i < m->columns.n; i++) {
		struct map_column *c = &m->columns.v[i];
		const struct map_column *of;

		if (resolve(m, c, false, err) < 0)
			return -1;
		of = map_column_of(&m->seen, str_of(c->name));
		if (of && (c->lookup || c->absent || of->field != c->field)) {
			buf_printf(err, "%s:%d: the header has a column %s already", m->path,
				c->line, c->name);
			return -1;
		}
	}
	map_see(&m->seen, &m->columns);
	return 0;
}

/* A group's `rows`, unless the columns of one row have the name. */
static void see_rows(struct map *m)
{
	struct map_column *c;

	if (!m->group || map_column_of(&m->seen, STR("rows")))
		return;
	c = VEC_ADD(&m->head, v, n, cap);
	*c = (struct map_column){.name = mem_string("rows"), .field = m->head.n - 1};
	map_path_member(&c->path, c->name);
	*VEC_ADD(&m->seen, v, n, cap) = *c;
}

struct expr_set *map_set(struct map *m, const struct map_columns *seen)
{
	struct expr_column *columns = mem_zero(seen->n, sizeof(*columns));
	struct expr_set *set;

	for (size_t i = 0; i < seen->n; i++)
		columns[i] = (struct expr_column){seen->v[i].name, NULL};
	set = expr_new(columns, seen->n, get);
	free(columns);
	map_functions_add(m->functions, set);
	return set;
}

/* The column that an expression is nothing but the name of. */
static const struct map_column *bare(const struct map_columns *seen, const char *sql)
{
	static const char *const words[] = {"null", "true", "false"};
	struct str s = str_trim(str_of(sql));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == s.len && strncasecmp(s.s, words[i], s.len) == 0)
			return NULL;
	if (s.len > 2 && s.s[0] == '"' && s.s[s.len - 1] == '"')
		s = (struct str){s.s + 1, s.len - 2};
	return map_column_of(seen, s);
}

char *map_literal(const char *sql)
{
	struct str s = str_trim(str_of(sql));

	if (s.len < 3 || s.s[0] != '\'' || s.s[s.len - 1] != '\'' ||
		memchr(s.s + 1, '\'', s.len - 2))
		return NULL;
	return mem_copy(s.s + 1, s.len - 2);
}

struct expr_place map_where(const struct map *m, const struct map_member *t)
{
	return (struct expr_place){m->path, t->line, t->column, t->exact, NULL};
}

struct expr_place map_where_when(const struct map *m, const struct map_event *e)
{
	return (struct expr_place){m->path, e->when_line, e->when_column, e->when_exact, NULL};
}

static int compile_event(struct map *m, struct map_event *e, struct buf *err)
{
	struct expr_set *conditions = m->conditions;

	for (size_t i = 0; m->csv && i < e->columns.n; i++)
		if (resolve(m, &e->columns.v[i], false, err) < 0)
			return -1;
	for (size_t i = 0; i < e->columns.n; i++)
		map_index_add(&e->index, &e->columns.v[i]);
	map_see(&e->seen, &e->columns);
	map_see(&e->seen, &m->seen);
	e->values = map_set(m, &e->seen);
	e->condition = -1;
	if (e->when && e->each)
		conditions = e->conditions = map_set(m, &e->seen);
	if (e->when) {
		e->condition = expr_add(conditions, e->when, map_where_when(m, e), err);
		if (e->condition < 0)
			return -1;
	}
	for (size_t i = 0; i < e->set.n; i++) {
		struct map_member *t = &e->set.v[i];

		t->bare = bare(&e->seen, t->sql);
		if (!t->bare && !t->literal)
			t->literal = map_literal(t->sql);
		if (t->bare || t->literal)
			continue;
		t->expr = expr_add(e->values, t->sql, map_where(m, t), err);
		if (t->expr < 0)
			return -1;
	}
	return 0;
}

static void note_used(struct map *m, const struct expr_set *set, const struct map_columns *seen)
{
	for (size_t i = 0; i < seen->n; i++)
		if (expr_names(set, (int)i) && !seen->v[i].absent)
			m->used[seen->v[i].field] = true;
}

static void note_bare(struct map *m, const struct map_event *e)
{
	for (size_t i = 0; i < e->set.n; i++) {
		const struct map_column *c = e->set.v[i].bare;

		if (c && !c->absent)
			m->used[c->field] = true;
	}
}

/* Which fields of the header the map makes use of. */
static void find_used(struct map *m, size_t fields)
{
	m->used = mem_zero(fields, sizeof(*m->used));
	for (size_t i = 0; i < m->columns.n; i++)
		if (!m->columns.v[i].absent)
			m->used[m->columns.v[i].field] = true;
	note_used(m, m->conditions, &m->seen);
	for (size_t i = 0; i < m->event_n; i++) {
		note_used(m, m->event[i].values, &m->event[i].seen);
		if (m->event[i].conditions)
			note_used(m, m->event[i].conditions, &m->event[i].seen);
		note_bare(m, &m->event[i]);
	}
}

int map_compile(struct map *m, const struct csv *csv, struct buf *err)
{
	map_uncompile(m);
	if (!csv)
		map_see(&m->seen, &m->columns);
	else if (see_header(m, csv, err) < 0)
		return -1;
	see_rows(m);
	for (size_t i = 0; i < m->seen.n; i++)
		map_index_add(&m->index, &m->seen.v[i]);
	m->conditions = map_set(m, &m->seen);
	for (size_t i = 0; i < m->event_n; i++)
		if (compile_event(m, &m->event[i], err) < 0)
			return -1;
	if (csv)
		find_used(m, m->head.n);
	return 0;
}

void map_uncompile(struct map *m)
{
	expr_free(m->conditions);
	m->conditions = NULL;
	free(m->used);
	m->used = NULL;
	map_columns_release(&m->head);
	free(m->seen.v);
	m->seen = (struct map_columns){NULL, 0, 0};
	map_index_release(&m->index);
	for (size_t i = 0; i < m->event_n; i++) {
		struct map_event *e = &m->event[i];

		expr_free(e->conditions);
		expr_free(e->values);
		free(e->seen.v);
		map_index_release(&e->index);
		e->conditions = e->values = NULL;
		e->seen = (struct map_columns){NULL, 0, 0};
	}
}
