#include "adapt/map_group.h"
#include "adapt/map_table.h"
#include "base/mem.h"

#include <stdlib.h>
#include <strings.h>

int map_refuse(const struct map *m, const struct yaml *at, struct buf *err, const char *why)
{
	buf_printf(err, "%s:%d:%d: %s", m->path, at->line, at->column, why);
	return -1;
}

int map_refuse_name(const struct map *m, const struct yaml *at, struct buf *err, const char *why)
{
	buf_printf(err, "%s:%d: %s: %s", m->path, at->key_line, at->key, why);
	return -1;
}

int map_only_known(
	const struct map *m, const struct yaml *y, const char *const *known, struct buf *err)
{
	const struct yaml *v = yaml_unknown(y, known);

	return v ? map_refuse_name(m, v, err, "no member of a map file here") : 0;
}

int map_expect(const struct map *m, const struct yaml *y, enum yaml_type type, struct buf *err)
{
	static const char *const why[] = {"a plain text was expected", "a list was expected",
		"names and values were expected"};

	return y->type == type ? 0 : map_refuse(m, y, err, why[type]);
}

int map_read_names(
	const struct map *m, const struct yaml *y, struct map_names *names, struct buf *err)
{
	if (!y)
		return 0;
	if (map_expect(m, y, YAML_SEQUENCE, err) < 0)
		return -1;
	for
		YAML_EACH(v, y)
		{
			if (map_expect(m, v, YAML_SCALAR, err) < 0)
				return -1;
			*VEC_ADD(names, v, n, cap) = mem_string(v->text);
		}
	return 0;
}

/* How far out from a record "^" may lead, from the place where that is farthest. */
static size_t around_most(const struct map *m)
{
	size_t most = 0;

	/* A group is of records that may be anywhere; what encloses records of XML is not kept. */
	if (m->group || m->xml)
		return 0;
	for (size_t i = 0; i < m->place_n; i++) {
		const struct map_path *p = &m->place[i].path;
		size_t one = map_path_arrays(p) + (p->n && p->v[0].name);

		most = one > most ? one : most;
	}
	return most;
}

/* A list of names is of a CSV column that the header may have under one of them. */
static int read_any(struct map *m, const struct yaml *y, struct map_column *c, struct buf *err)
{
	if (map_read_names(m, y, &c->any, err) < 0)
		return -1;
	if (!c->any.n)
		return map_refuse(m, y, err, "no name of a column");
	c->text = mem_string(c->any.v[0]);
	return 0;
}

/* each: of an event, or NULL where the columns are the record's. */
static int read_columns(struct map *m, const struct yaml *y, const struct map_path *each,
	struct map_columns *out, struct buf *err)
{
	size_t most = around_most(m) + (each ? map_path_arrays(each) + 1 : 0);

	if (!y)
		return 0;
	if (map_expect(m, y, YAML_MAPPING, err) < 0)
		return -1;
	for
		YAML_EACH(v, y)
		{
			const struct map_path *path;
			struct map_column *c;
			int lookup;

			if (!(m->csv && v->type == YAML_SEQUENCE) &&
				map_expect(m, v, YAML_SCALAR, err) < 0)
				return -1;
			c = VEC_ADD(out, v, n, cap);
			*c = (struct map_column){.name = mem_string(v->key),
				.of_element = each != NULL,
				.line = v->key_line};
			if (v->type == YAML_SEQUENCE) {
				if (read_any(m, v, c, err) < 0)
					return -1;
				continue;
			}
			c->text = mem_string(v->text);
			lookup = map_lookup_read(m, c, v, err);
			if (lookup < 0)
				return -1;
			if (!lookup && !m->csv && !map_path_read(&c->path, v->text))
				return map_refuse(m, v, err, "no path: write a.b[0].c");
			path = &map_column_root(c)->path;
			if (path->up > most || map_path_arrays(path))
				return map_refuse(m, v, err,
					path->up > most ? "nothing encloses it that far out"
							: "a column is one value, not []");
		}
	return 0;
}

static enum map_target kind_of_data(int number)
{
	switch (number) {
	case DATA_CONFIDENCE:
	case DATA_SENTIMENT:
	case DATA_DURATION:
	case DATA_WAIT:
	case DATA_PRIORITY:
	case DATA_SCORE:
	case DATA_AMOUNT:
	case DATA_ORDER:
		return TO_NUMBER;
	case DATA_SIGNALS:
	case DATA_ASKS:
	case DATA_POLICIES:
	case DATA_RULES:
		return TO_LIST;
	case DATA_INPUTS:
	case DATA_CONTEXT:
		return TO_OBJECT;
	default:
		return TO_TEXT;
	}
}

static bool of_object(struct map_member *t, const char *object, enum map_target target, int number)
{
	size_t n = strlen(object);

	if (strncmp(t->key, object, n) != 0 || t->key[n] != '.' || !t->key[n + 1])
		return false;
	t->target = target;
	t->number = number;
	t->name = t->key + n + 1;
	return true;
}

/* Finds what the member's key names; NULL, or why it names nothing. */
static const char *resolve(struct map_member *t)
{
	struct str key = str_of(t->key);

	if (of_object(t, "identifiers", TO_IDENTIFIER, DATA_IDENTIFIERS) ||
		of_object(t, "entities", TO_ENTITY, DATA_ENTITIES) ||
		of_object(t, "ext", TO_EXT, DATA_EXT))
		return NULL;
	t->number = event_attr_of(key);
	if (t->number == ATTR_SPECVERSION || t->number == ATTR_SEQUENCE ||
		t->number == ATTR_RECORDEDTIME)
		return "not for a map to set";
	if (t->number >= 0) {
		t->target = t->number == ATTR_TIME ? TO_TIME : TO_ATTR;
		return NULL;
	}
	/* `channel` is the attribute; data.channel, that of a consent, needs its whole name. */
	if (str_starts(key, STR("data.")))
		key = (struct str){key.s + 5, key.len - 5};
	t->number = event_data_of(key);
	if (t->number == DATA_IDENTIFIERS || t->number == DATA_ENTITIES || t->number == DATA_EXT)
		return "an object: name its member, as in identifiers.phone";
	if (t->number == DATA_ORIGIN || t->number == DATA_TIME_ASSUMED)
		return "not for a map to set";
	if (t->number < 0)
		return "no member of an event; ext.NAME keeps what the record has no place for";
	t->target = kind_of_data(t->number);
	return NULL;
}

static int read_set(
	const struct map *m, const struct yaml *y, struct map_members *out, struct buf *err)
{
	if (!y)
		return 0;
	if (map_expect(m, y, YAML_MAPPING, err) < 0)
		return -1;
	for
		YAML_EACH(v, y)
		{
			struct map_member *t;
			const char *why;

			if (map_expect(m, v, YAML_SCALAR, err) < 0)
				return -1;
			t = VEC_ADD(out, v, n, cap);
			*t = (struct map_member){.key = mem_string(v->key),
				.sql = map_let_expand(m, v->text),
				.line = v->line,
				.column = v->column};
			t->exact = !v->quoted && strcmp(t->sql, v->text) == 0;
			why = resolve(t);
			if (why)
				return map_refuse_name(m, v, err, why);
		}
	return 0;
}

static bool has_key(const struct map_members *set, const char *key)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->v[i].key, key) == 0)
			return true;
	return false;
}

static void add_defaults(struct map_members *set, const struct map_members *defaults)
{
	for (size_t i = 0; i < defaults->n; i++) {
		const struct map_member *d = &defaults->v[i];
		struct map_member *t;

		if (has_key(set, d->key))
			continue;
		t = VEC_ADD(set, v, n, cap);
		*t = (struct map_member){.key = mem_string(d->key),
			.sql = mem_string(d->sql),
			.line = d->line,
			.column = d->column,
			.exact = d->exact};
		resolve(t);
	}
}

static int read_event(struct map *m, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"when", "each", "columns", "set", "rest", NULL};
	const struct yaml *when = yaml_get(y, "when"), *each = yaml_get(y, "each"),
			  *columns = yaml_get(y, "columns"), *rest = yaml_get(y, "rest");
	struct map_event *e = VEC_ADD(m, event, event_n, event_cap);

	if (map_expect(m, y, YAML_MAPPING, err) < 0 || map_only_known(m, y, known, err) < 0 ||
		(when && map_expect(m, when, YAML_SCALAR, err) < 0) ||
		(each && map_expect(m, each, YAML_SCALAR, err) < 0))
		return -1;
	if (when) {
		e->when = map_let_expand(m, when->text);
		e->when_line = when->line;
		e->when_column = when->column;
		e->when_exact = !when->quoted && strcmp(e->when, when->text) == 0;
	}
	if (each && m->csv && !m->group)
		return map_refuse_name(m, each, err, "a CSV row has no nested array");
	if (each) {
		e->each = mem_string(each->text);
		if (!map_path_read(&e->each_path, each->text) || e->each_path.up ||
			map_path_arrays(&e->each_path) > EACH_ARRAYS)
			return map_refuse(m, each, err, "no path: write a.b[].c");
	}
	if (rest && strcmp(yaml_text(y, "rest", ""), "ext") != 0)
		return map_refuse(m, rest, err, "what is left goes to ext: write `rest: ext`");
	e->rest = rest != NULL;
	if (columns && !each)
		return map_refuse_name(m, columns, err,
			"columns of an event go with `each`; others belong above `events`");
	if (read_columns(m, columns, each ? &e->each_path : NULL, &e->columns, err) < 0 ||
		read_set(m, yaml_get(y, "set"), &e->set, err) < 0)
		return -1;
	add_defaults(&e->set, &m->defaults);
	if (!has_key(&e->set, "type") || !has_key(&e->set, "time"))
		return map_refuse(m, y, err, "an event needs `type` and `time` in its set");
	return 0;
}

static int read_placeholders(struct map *m, const struct yaml *y, struct buf *err)
{
	if (!y)
		return 0;
	if (map_expect(m, y, YAML_MAPPING, err) < 0)
		return -1;
	for
		YAML_EACH(kind, y)
		{
			if (map_expect(m, kind, YAML_SEQUENCE, err) < 0)
				return -1;
		for
			YAML_EACH(v, kind)
			{
				if (map_expect(m, v, YAML_SCALAR, err) < 0)
					return -1;
				*VEC_ADD(m, placeholder, placeholder_n, placeholder_cap) =
					(struct map_placeholder){
						mem_string(kind->key), mem_string(v->text)};
			}
		}
	return 0;
}

static int read_place(struct map *m, const struct yaml *y, struct buf *err)
{
	struct map_place *p = VEC_ADD(m, place, place_n, place_cap);

	*p = (struct map_place){.text = NULL};
	if (map_expect(m, y, YAML_SCALAR, err) < 0)
		return -1;
	p->text = mem_string(y->text);
	if (!map_path_read(&p->path, y->text) || p->path.up)
		return map_refuse(m, y, err, "no path: write a.b[].c");
	return 0;
}

static int read_format(struct map *m, const struct yaml *root, struct buf *err)
{
	const struct yaml *format = yaml_get(root, "format"),
			  *delimiter = yaml_get(root, "delimiter"),
			  *records = yaml_get(root, "records");
	const char *text = yaml_text(root, "format", "");

	m->csv = strcmp(text, "csv") == 0;
	m->xml = strcmp(text, "xml") == 0;
	if (!m->csv && !m->xml && strcmp(text, "json") != 0)
		return map_refuse(
			m, format ? format : root, err, "`format` must be csv, json or xml");
	if (delimiter && !m->csv)
		return map_refuse_name(m, delimiter, err, "only CSV has a delimiter");
	if (m->xml && (!records || !*yaml_text(root, "records", "")))
		return map_refuse(m, root, err,
			"XML needs `records`: the path of the element that holds them, or \".\"");
	if (delimiter) {
		text = yaml_text(root, "delimiter", "");
		if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0)
			text = "\t";
		if (strlen(text) != 1 || strchr("\"\r\n", *text))
			return map_refuse(
				m, delimiter, err, "a delimiter is one character of ASCII");
		m->delimiter = *text;
	}
	if (records && records->type == YAML_SCALAR)
		return read_place(m, records, err);
	if (records && map_expect(m, records, YAML_SEQUENCE, err) < 0)
		return -1;
	for
		YAML_EACH(one, records)
	if (read_place(m, one, err) < 0)
		return -1;
	return 0;
}

/* Rows whose quotation marks are not doubled. */
static int read_quotes(struct map *m, const struct yaml *root, struct buf *err)
{
	const struct yaml *quotes = yaml_get(root, "quotes");

	if (!quotes)
		return 0;
	if (!m->csv || yaml_get(root, "names"))
		return map_refuse_name(m, quotes, err, "only CSV with a header has quotes");
	if (strcmp(yaml_text(root, "quotes", ""), "bare") != 0)
		return map_refuse(m, quotes, err, "`quotes` must be bare");
	m->bare = true;
	return 0;
}

/* Which rows of a CSV file are columns, and which no data. */
static int read_rows(struct map *m, const struct yaml *root, struct buf *err)
{
	const struct yaml *names = yaml_get(root, "names"), *skip = yaml_get(root, "skip");

	if ((names || skip) && !m->csv)
		return map_refuse_name(m, names ? names : skip, err, "CSV alone has such rows");
	if (skip && (skip->type != YAML_SCALAR || !str_int(str_of(skip->text), &m->skip) ||
			    m->skip < 0))
		return map_refuse(m, skip, err, "a number of rows was expected");
	if (map_read_names(m, names, &m->names, err) < 0)
		return -1;
	return names && !m->names.n ? map_refuse(m, names, err, "no name") : 0;
}

static int read_events(
	struct map *m, const struct yaml *y, const struct yaml *root, struct buf *err)
{
	if (!y)
		return map_refuse(m, root, err, "no `events`");
	if (map_expect(m, y, YAML_SEQUENCE, err) < 0)
		return -1;
	for
		YAML_EACH(v, y)
	if (read_event(m, v, err) < 0)
		return -1;
	return 0;
}

static int read_root(struct map *m, const struct yaml *root, struct buf *err)
{
	static const char *const known[] = {"jtools", "name", "version", "format", "source",
		"match", "records", "delimiter", "quotes", "columns", "let", "time", "defaults",
		"events", "placeholders", "names", "skip", "join", "group", NULL};
	const char *kind = yaml_kind(root), *name = yaml_text(root, "name", ""),
		   *time = yaml_text(root, "time", NULL);

	if (!kind || strcmp(kind, "map/1") != 0)
		return map_refuse(m, root, err, "no map: `jtools: map/1` is missing");
	if (map_only_known(m, root, known, err) < 0)
		return -1;
	if (!*name || strpbrk(name, " \t/"))
		return map_refuse(m, root, err, "`name` must be one word without a slash");
	m->name = mem_string(name);
	m->source = mem_string(yaml_text(root, "source", name));
	m->time_format = time ? mem_string(time) : NULL;
	if (read_format(m, root, err) < 0 || map_match_read(m, yaml_get(root, "match"), err) < 0 ||
		read_rows(m, root, err) < 0 || read_quotes(m, root, err) < 0 ||
		map_tables_read(m, yaml_get(root, "join"), err) < 0 ||
		map_group_read(m, yaml_get(root, "group"), err) < 0 ||
		read_columns(m, yaml_get(root, "columns"), NULL, &m->columns, err) < 0 ||
		map_let_read(m, yaml_get(root, "let"), err) < 0 ||
		read_set(m, yaml_get(root, "defaults"), &m->defaults, err) < 0 ||
		read_placeholders(m, yaml_get(root, "placeholders"), err) < 0)
		return -1;
	return read_events(m, yaml_get(root, "events"), root, err);
}

struct map *map_parse(const char *path, struct buf *err)
{
	struct yaml *root = yaml_read(path, err);
	struct map *m = NULL;

	if (!root)
		return NULL;
	m = mem_zero(1, sizeof(*m));
	m->path = mem_string(path);
	m->functions = map_functions_new();
	m->doc = (struct json_doc)JSON_DOC_INIT;
	buf_init(&m->text);
	if (read_root(m, root, err) < 0) {
		map_free(m);
		m = NULL;
	}
	yaml_free(root);
	return m;
}

void map_names_release(struct map_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
}

struct map *map_read(const char *path, struct buf *err)
{
	struct map *m = map_parse(path, err);

	if (m && !m->csv && map_compile(m, NULL, err) < 0) {
		map_free(m);
		m = NULL;
	}
	return m;
}

void map_column_release(struct map_column *c)
{
	free(c->name);
	free(c->text);
	map_names_release(&c->any);
	map_path_release(&c->path);
	map_lookup_free(c->lookup);
}

void map_columns_release(struct map_columns *columns)
{
	for (size_t i = 0; i < columns->n; i++)
		map_column_release(&columns->v[i]);
	free(columns->v);
	*columns = (struct map_columns){NULL, 0, 0};
}

static void free_members(struct map_members *set)
{
	for (size_t i = 0; i < set->n; i++) {
		free(set->v[i].key);
		free(set->v[i].literal);
		free(set->v[i].sql);
	}
	free(set->v);
}

void map_free(struct map *m)
{
	if (!m)
		return;
	map_uncompile(m);
	for (size_t i = 0; i < m->event_n; i++) {
		free(m->event[i].when);
		free(m->event[i].each);
		map_path_release(&m->event[i].each_path);
		map_columns_release(&m->event[i].columns);
		free_members(&m->event[i].set);
	}
	free(m->event);
	for (size_t i = 0; i < m->placeholder_n; i++) {
		free(m->placeholder[i].kind);
		free(m->placeholder[i].value);
	}
	free(m->placeholder);
	map_match_free(m);
	for (size_t i = 0; i < m->place_n; i++) {
		free(m->place[i].text);
		map_path_release(&m->place[i].path);
	}
	free(m->place);
	map_columns_release(&m->columns);
	map_let_release(m);
	map_names_release(&m->names);
	map_group_free(m);
	map_tables_free(m);
	free_members(&m->defaults);
	map_functions_free(m->functions);
	json_release(&m->doc);
	buf_release(&m->text);
	free(m->path);
	free(m->name);
	free(m->source);
	free(m->time_format);
	free(m);
}

const char *map_name(const struct map *m)
{
	return m->name;
}

const char *map_file(const struct map *m)
{
	return m->path;
}
