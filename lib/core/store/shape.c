#include "core/store/shape.h"
#include "base/mem.h"
#include "core/metric.h"
#include "core/ontology.h"
#include "core/store/ruling.h"

#include <sqlite3.h>
#include <stdlib.h>

/* What is no column: how it is made, and the columns that it takes. NULL: of the time. */
static const struct {
	const char *name, *sql;
	const char *needs[2];
} made[] = {{"agent_kind",
		    "CASE WHEN human = 1 AND bot = 1 THEN 'both' WHEN human = 1 THEN 'human'"
		    " WHEN bot = 1 THEN 'bot' END",
		    {"human", "bot"}},
	{"day", "local_day", {NULL, NULL}}, {"week", "local_week", {NULL, NULL}},
	{"month", "local_month", {NULL, NULL}}};
#define MADE (sizeof(made) / sizeof(made[0]))

static const struct shape_column *find(const struct shape *s, const char *column)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, column) == 0)
			return &s->v[i];
	return NULL;
}

bool shape_has(const struct shape *s, const char *column)
{
	return find(s, column) != NULL;
}

static bool can_make(const struct shape *s, size_t i)
{
	if (shape_has(s, made[i].name))
		return false;
	return !made[i].needs[0] ||
	       (shape_has(s, made[i].needs[0]) && shape_has(s, made[i].needs[1]));
}

/* The column with the contact of a row; NULL: it is of none. */
static const char *contact_of(const struct shape *s)
{
	return shape_has(s, "contact")	    ? "contact"
	       : shape_has(s, "to_contact") ? "to_contact"
					    : NULL;
}

static bool has_entities(const struct shape *s)
{
	return s->ontology && shape_has(s, "issue");
}

static void put_text(struct buf *sql, const char *text)
{
	char *quoted = sqlite3_mprintf("%Q", text);

	if (!quoted)
		mem_failed();
	buf_puts(sql, quoted);
	sqlite3_free(quoted);
}

/* Records may hold any other. */
static void put_listed(const struct entity_values *values, struct buf *sql)
{
	buf_puts(sql, " AND e.value IN (");
	for (size_t i = 0; i < values->n; i++) {
		buf_puts(sql, i ? ", " : "");
		put_text(sql, values->v[i].value);
	}
	buf_byte(sql, ')');
}

/* The first value that is named in the row's contact, or in its issue. */
static void put_entity(const struct shape *s, const struct entity *entity, struct buf *sql)
{
	const char *contact = contact_of(s);

	buf_puts(sql, "(SELECT e.value FROM v_entity AS e WHERE e.customer = f.customer"
		      " AND e.issue = f.issue AND e.type = ");
	put_text(sql, entity->id);
	if (s->listed)
		put_listed(&entity->values, sql);
	if (contact)
		buf_printf(sql, " AND e.first IN (0, 1) AND e.contact = f.%s)", contact);
	else
		buf_puts(sql, " AND e.first = 1)");
}

bool shape_dimension(const struct shape *s, struct str name, struct buf *sql)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].text && str_is(name, s->v[i].name)) {
			buf_printf(sql, "f.\"%s\"", s->v[i].name);
			return true;
		}
	for (size_t i = 0; i < MADE; i++) {
		if (!str_is(name, made[i].name) || !can_make(s, i))
			continue;
		if (made[i].needs[0])
			buf_puts(sql, made[i].sql);
		else
			buf_printf(sql, "%s(f.\"%s\")", made[i].sql, s->began);
		return true;
	}
	if (has_entities(s) && ontology_entity(s->ontology, name)) {
		put_entity(s, ontology_entity(s->ontology, name), sql);
		return true;
	}
	return false;
}

void shape_dimensions(const struct shape *s, struct buf *out)
{
	const char *between = "";

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].text) {
			buf_printf(out, "%s%s", between, s->v[i].name);
			between = ", ";
		}
	for (size_t i = 0; i < MADE; i++)
		if (can_make(s, i)) {
			buf_printf(out, "%s%s", between, made[i].name);
			between = ", ";
		}
	for (size_t i = 0; has_entities(s) && i < s->ontology->entity_n; i++)
		buf_printf(
			out, "%s%s", i ? ", " : "; and the entities ", s->ontology->entities[i].id);
}

/* Numbers of rows and records are called what they are the number of: contact, from_contact. */
static bool names_row(const char *column)
{
	static const char *const more[] = {"event", "sequence", NULL};
	const char *const *lists[] = {metric_facts(), more};

	for (size_t i = 0; i < 2; i++)
		for (const char *const *w = lists[i]; *w; w++) {
			size_t n = strlen(column), m = strlen(*w);

			if (n >= m && strcmp(column + n - m, *w) == 0 &&
				(n == m || column[n - m - 1] == '_'))
				return true;
		}
	return false;
}

static void add_column(struct shape *s, const char *name, const char *type)
{
	static const char *const aside[] = {"who", "customer", "gen"};
	struct shape_column *c;

	for (size_t i = 0; i < sizeof(aside) / sizeof(aside[0]); i++)
		if (strcmp(name, aside[i]) == 0)
			return;
	c = VEC_ADD(s, v, n, cap);
	c->name = mem_string(name);
	c->text = sqlite3_stricmp(type, "TEXT") == 0;
	c->number = sqlite3_stricmp(type, "INTEGER") == 0 || sqlite3_stricmp(type, "REAL") == 0;
	c->id = sqlite3_stricmp(type, "INTEGER") == 0 && names_row(name);
}

static int read_columns(struct shape *s, struct sqlite3 *db, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = 0, code;

	if (sqlite3_prepare_v2(db, "SELECT name, type FROM pragma_table_info(?1)", -1, &st, NULL) !=
		SQLITE_OK)
		status = -1;
	else
		sqlite3_bind_text(st, 1, s->view, -1, SQLITE_STATIC);
	while (status == 0 && (code = sqlite3_step(st)) != SQLITE_DONE) {
		if (code == SQLITE_ROW)
			add_column(s, (const char *)sqlite3_column_text(st, 0),
				(const char *)sqlite3_column_text(st, 1));
		else
			status = -1;
	}
	if (status < 0)
		buf_puts(err, sqlite3_errmsg(db));
	sqlite3_finalize(st);
	return status;
}

/* SQLite knows no types of columns that the view adds up. */
static void type_ruling(struct shape *s)
{
	struct layout l = {0, NULL, 0, 0};

	ruling_layout(&l);
	for (size_t c = 0; c < l.n; c++)
		for (size_t i = 0; i < s->n; i++)
			if (strcmp(l.v[c].name, s->v[i].name) == 0)
				s->v[i].text = l.v[c].type == COLUMN_TEXT;
	layout_release(&l);
}

static void free_shape(struct shape *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].name);
	free(s->v);
	free(s->view);
	free(s);
}

static struct shape *read_shape(struct sqlite3 *db, const char *fact, struct buf *err)
{
	struct shape *s = mem_zero(1, sizeof(*s));
	struct buf view = BUF_INIT;
	int status;

	buf_printf(&view, "v_%s", fact);
	s->fact = fact;
	s->view = buf_take(&view);
	status = read_columns(s, db, err);
	if (strcmp(fact, "ruling") == 0)
		type_ruling(s);
	s->began = shape_has(s, "at") ? "at" : "started";
	s->assumed = shape_has(s, "assumed") ? "f.assumed" : "0";
	s->has_known = shape_has(s, "known");
	if (status == 0 && !s->n)
		buf_printf(err, "the journey file has no facts of the kind %s", fact);
	else if (status == 0 && !shape_has(s, s->began))
		buf_printf(err, "%s says not when its rows began", s->view);
	else if (status == 0)
		return s;
	free_shape(s);
	return NULL;
}

const struct shape *shapes_get(
	struct shapes *s, struct sqlite3 *db, const char *fact, struct buf *err)
{
	struct shape *fresh;

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i]->fact, fact) == 0)
			return s->v[i];
	fresh = read_shape(db, fact, err);
	if (fresh)
		*VEC_ADD(s, v, n, cap) = fresh;
	if (fresh)
		fresh->ontology = s->ontology, fresh->listed = s->listed;
	return fresh;
}

void shapes_release(struct shapes *s)
{
	for (size_t i = 0; i < s->n; i++)
		free_shape(s->v[i]);
	free(s->v);
	*s = (struct shapes){.ontology = s->ontology, .listed = s->listed};
}
