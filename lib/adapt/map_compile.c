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

static void get(void *ctx, int number, struct expr_value *out)
{
	const struct map_row *row = ctx;
	const struct map_column *c = &row->columns->v[number];

	if (!row->csv || c->lookup)
		map_value(map_row_find(row, c), out);
	else if (row->csv->field[c->field].s)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = row->csv->field[c->field]};
	else
		*out = (struct expr_value){.type = EXPR_NULL};
}

const struct map_column *map_column_of(const struct map_columns *columns, struct str name)
{
	for (size_t i = 0; i < columns->n; i++)
		if (strlen(columns->v[i].name) == name.len && name.len &&
			strncasecmp(columns->v[i].name, name.s, name.len) == 0)
			return &columns->v[i];
	return NULL;
}

/* The columns of `from` that have a name of their own; names, paths and texts stay with `from`. */
static void see(struct map_columns *to, const struct map_columns *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (!map_column_of(to, str_of(from->v[i].name)))
			*VEC_ADD(to, v, n, cap) = from->v[i];
}

/* Finds the column of the header that a column of the map names. */
static int resolve(struct map *m, struct map_column *c, struct buf *err)
{
	const struct map_column *of;

	if (c->lookup && resolve(m, &c->lookup->key, err) < 0)
		return -1;
	of = c->lookup ? &c->lookup->key : map_column_of(&m->head, str_of(c->text));
	if (!of) {
		buf_printf(err, "%s:%d: the header has no column %s", m->path, c->line, c->text);
		return -1;
	}
	c->field = of->field;
	if (m->group && !c->lookup)
		map_path_member(&c->path, of->name);
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

		if (resolve(m, c, err) < 0)
			return -1;
		if (map_column_of(&m->seen, str_of(c->name)) && strcasecmp(c->name, c->text) != 0) {
			buf_printf(err, "%s:%d: the header has a column %s already", m->path,
				c->line, c->name);
			return -1;
		}
	}
	see(&m->seen, &m->columns);
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

static struct expr_set *set_over(struct map *m, const struct map_columns *seen)
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
	struct str s = str_trim(str_of(sql));

	if (s.len > 2 && s.s[0] == '"' && s.s[s.len - 1] == '"')
		s = (struct str){s.s + 1, s.len - 2};
	return map_column_of(seen, s);
}

static int compile_event(struct map *m, struct map_event *e, struct buf *err)
{
	struct expr_set *conditions = m->conditions;

	for (size_t i = 0; m->csv && i < e->columns.n; i++)
		if (resolve(m, &e->columns.v[i], err) < 0)
			return -1;
	see(&e->seen, &e->columns);
	see(&e->seen, &m->seen);
	e->values = set_over(m, &e->seen);
	e->condition = -1;
	if (e->when && e->each)
		conditions = e->conditions = set_over(m, &e->seen);
	if (e->when) {
		e->condition = expr_add(conditions, e->when, m->path, e->when_line, err);
		if (e->condition < 0)
			return -1;
	}
	for (size_t i = 0; i < e->set.n; i++) {
		struct map_member *t = &e->set.v[i];

		t->expr = expr_add(e->values, t->sql, m->path, t->line, err);
		if (t->expr < 0)
			return -1;
		t->bare = bare(&e->seen, t->sql);
	}
	return 0;
}

static void note_used(struct map *m, const struct expr_set *set, const struct map_columns *seen)
{
	for (size_t i = 0; i < seen->n; i++)
		if (expr_names(set, (int)i))
			m->used[seen->v[i].field] = true;
}

/* Which fields of the header the map makes use of. */
static void find_used(struct map *m, size_t fields)
{
	m->used = mem_zero(fields, sizeof(*m->used));
	note_used(m, m->conditions, &m->seen);
	for (size_t i = 0; i < m->event_n; i++)
		note_used(m, m->event[i].values, &m->event[i].seen);
}

int map_compile(struct map *m, const struct csv *csv, struct buf *err)
{
	map_uncompile(m);
	if (!csv)
		see(&m->seen, &m->columns);
	else if (see_header(m, csv, err) < 0)
		return -1;
	see_rows(m);
	m->conditions = set_over(m, &m->seen);
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
	for (size_t i = 0; i < m->event_n; i++) {
		struct map_event *e = &m->event[i];

		expr_free(e->conditions);
		expr_free(e->values);
		free(e->seen.v);
		e->conditions = e->values = NULL;
		e->seen = (struct map_columns){NULL, 0, 0};
	}
}
