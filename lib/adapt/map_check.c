/* Looking through a map file: all that is wrong with its expressions, not the first thing alone. */
#include "adapt/map_file.h"
#include "base/mem.h"

#include <stdlib.h>

struct checking {
	struct map *map;
	const struct map_words *words;
	struct buf *out;
	struct map_columns record; /* names borrowed from the map and `guessed` */
	struct map_names guessed;  /* CSV: columns that the header will have to have */
	size_t wrong;
};

static void add_guess(struct checking *c, const char *name)
{
	char *own = mem_string(name);

	*VEC_ADD(&c->guessed, v, n, cap) = own;
	*VEC_ADD(&c->record, v, n, cap) = (struct map_column){.name = own};
}

static bool known(const struct checking *c, const char *name)
{
	for (size_t i = 0; i < c->record.n; i++)
		if (strcmp(c->record.v[i].name, name) == 0)
			return true;
	return false;
}

static void see_names(struct checking *c, const struct map_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (!known(c, names->v[i]))
			*VEC_ADD(&c->record, v, n, cap) = (struct map_column){.name = names->v[i]};
}

/* The columns that a row has for sure. */
static void see_record(struct checking *c)
{
	static char name[] = "rows", *rows[] = {name};
	const struct map *m = c->map;

	map_see(&c->record, &m->columns);
	see_names(c, &m->names);
	for (size_t i = 0; m->csv && i < m->shape_n; i++)
		see_names(c, &m->shape[i].header);
	if (m->group && !known(c, rows[0]))
		see_names(c, &(struct map_names){rows, 1, 1});
}

static void check_expression(struct checking *c, const struct map_columns *element, const char *sql,
	struct expr_place at)
{
	struct buf why = BUF_INIT;
	bool again = true;

	while (again) {
		struct map_columns seen = {NULL, 0, 0};
		struct expr_set *set;
		const char *name;

		buf_clear(&why);
		map_see(&seen, element);
		map_see(&seen, &c->record);
		set = map_set(c->map, &seen);
		again = expr_add(set, sql, at, &why) < 0 && c->map->csv &&
			(name = expr_missing(set)) != NULL;
		if (again)
			add_guess(c, name);
		expr_free(set);
		free(seen.v);
	}
	if (why.len) {
		buf_printf(c->out, "%s\n", why.s);
		c->wrong++;
	}
	buf_release(&why);
}

static void check_words(struct checking *c, const struct map_member *t)
{
	bool type = t->target == TO_ATTR && t->number == ATTR_TYPE,
	     channel = t->target == TO_ATTR && t->number == ATTR_CHANNEL;
	char *word = type || channel ? map_literal(t->sql) : NULL;
	bool is = !word || (type ? c->words->type(c->words->ctx, str_of(word))
				 : c->words->channel(c->words->ctx, str_of(word)));

	if (!is)
		buf_printf(c->out, "%s:%d:%d: note: the ontology has no %s %s\n", c->map->path,
			t->line, t->column, type ? "type" : "channel", word);
	free(word);
}

static void check_event(struct checking *c, const struct map_event *e)
{
	if (e->when)
		check_expression(c, &e->columns, e->when, map_where_when(c->map, e));
	for (size_t i = 0; i < e->set.n; i++) {
		check_expression(c, &e->columns, e->set.v[i].sql, map_where(c->map, &e->set.v[i]));
		check_words(c, &e->set.v[i]);
	}
}

static void tell_guessed(struct checking *c)
{
	if (!c->guessed.n)
		return;
	buf_printf(c->out,
		"%s: note: the header must have, beside what `match` asks for:", c->map->path);
	for (size_t i = 0; i < c->guessed.n; i++)
		buf_printf(c->out, "%s %s", i ? "," : "", c->guessed.v[i]);
	buf_byte(c->out, '\n');
}

size_t map_check(const char *path, const struct map_words *words, struct buf *out)
{
	struct checking c = {.words = words, .out = out};
	struct buf why = BUF_INIT;

	c.map = map_parse(path, &why);
	if (!c.map) {
		buf_printf(out, "%s\n", why.s);
		buf_release(&why);
		return 1;
	}
	see_record(&c);
	for (size_t i = 0; i < c.map->event_n; i++)
		check_event(&c, &c.map->event[i]);
	tell_guessed(&c);
	free(c.record.v);
	map_names_release(&c.guessed);
	map_free(c.map);
	buf_release(&why);
	return c.wrong;
}
