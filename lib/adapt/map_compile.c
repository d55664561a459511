#include "adapt/map_file.h"
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

	if (row->csv)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = row->csv->field[c->field]};
	else
		map_value(map_row_find(row, c), out);
}

static const struct map_column *column_of(const struct map_columns *columns, struct str name)
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
		if (!column_of(to, str_of(from->v[i].name)))
			*VEC_ADD(to, v, n, cap) = from->v[i];
}

/* The header's names, then the map's own names for some of them. */
static int see_header(struct map *m, const struct csv *csv, struct buf *err)
{
	for (size_t i = 0; i < csv->name_n; i++)
		*VEC_ADD(&m->seen, v, n, cap) =
			(struct map_column){.name = csv->name[i], .field = i};
	for (size_t i = 0; i < m->columns.n; i++) {
		struct map_column *c = &m->columns.v[i];
		const struct map_column *of = column_of(&m->seen, str_of(c->text));

		if (!of) {
			buf_printf(err, "%s:%d: the header has no column %s", m->path, c->line,
				c->text);
			return -1;
		}
		if (column_of(&m->seen, str_of(c->name)) && strcasecmp(c->name, c->text) != 0) {
			buf_printf(err, "%s:%d: the header has a column %s already", m->path,
				c->line, c->name);
			return -1;
		}
		c->field = of->field;
	}
	map_see(&m->seen, &m->columns);
	return 0;
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
	struct str s = str_trim(str_of(sql));

	if (s.len > 2 && s.s[0] == '"' && s.s[s.len - 1] == '"')
		s = (struct str){s.s + 1, s.len - 2};
	return column_of(seen, s);
}

struct expr_place map_place(const struct map *m, const struct map_member *t)
{
	return (struct expr_place){m->path, t->line, t->column, t->exact};
}

struct expr_place map_place_when(const struct map *m, const struct map_event *e)
{
	return (struct expr_place){m->path, e->when_line, e->when_column, e->when_exact};
}

static int compile_event(struct map *m, struct map_event *e, struct buf *err)
{
	struct expr_set *conditions = m->conditions;

	map_see(&e->seen, &e->columns);
	map_see(&e->seen, &m->seen);
	e->values = map_set(m, &e->seen);
	e->condition = -1;
	if (e->when && e->each)
		conditions = e->conditions = map_set(m, &e->seen);
	if (e->when) {
		e->condition = expr_add(conditions, e->when, map_place_when(m, e), err);
		if (e->condition < 0)
			return -1;
	}
	for (size_t i = 0; i < e->set.n; i++) {
		struct map_member *t = &e->set.v[i];

		t->expr = expr_add(e->values, t->sql, map_place(m, t), err);
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
		map_see(&m->seen, &m->columns);
	else if (see_header(m, csv, err) < 0)
		return -1;
	m->conditions = map_set(m, &m->seen);
	for (size_t i = 0; i < m->event_n; i++)
		if (compile_event(m, &m->event[i], err) < 0)
			return -1;
	if (csv)
		find_used(m, csv->name_n);
	return 0;
}

void map_uncompile(struct map *m)
{
	expr_free(m->conditions);
	m->conditions = NULL;
	free(m->used);
	m->used = NULL;
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
