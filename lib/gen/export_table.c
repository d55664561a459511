/*
 * A table of everything: CSV, or one JSON document. A row is a record (gen/record.h) in other
 * clothes, and the map that reads it back is written from the same list of columns.
 */
#include "gen/export_part.h"
#include "base/when.h"
#include "io/csv.h"

struct column {
	const char *name, *group; /* group: the object of a JSON record that it stands in */
	const char *of;		  /* the record's: an attribute, or data.MEMBER */
	const char *sql;	  /* what reads it; NULL: the column alone */
};

/* Those of one group stand together. */
static const struct column columns[] = {{"number", NULL, "id", NULL},
	{"system", NULL, "source", NULL}, {"what", NULL, "type", NULL},
	{"at", NULL, "time", "time(at)"}, {"place", NULL, "data.order", NULL},
	{"way", NULL, "direction", NULL}, {"message", NULL, "data.text", NULL},
	{"conversation", "thread", "session", NULL}, {"channel", "thread", "channel", NULL},
	{"case_number", "thread", "data.case", NULL}, {"role", "author", "actor", NULL},
	{"person", "author", "data.name", NULL}, {"colleague", "author", "data.agent", NULL},
	{"country", "customer", "data.region", NULL}, {"reason", "details", "data.reason", NULL},
	{"from_agent", "details", "data.from", NULL}, {"to_agent", "details", "data.to", NULL},
	{"duration", "details", "data.duration", NULL}, {"wait", "details", "data.wait", NULL},
	{"purpose", "details", "data.purpose", NULL},
	{"consent_to", "details", "data.channel", NULL}, {"score", "details", "data.score", NULL},
	{"scale", "details", "data.scale", NULL}, {"deed", "details", "data.action", NULL},
	{"amount", "details", "data.amount", NULL}, {"currency", "details", "data.currency", NULL},
	{"due", "details", "data.due", NULL}, {"stage", "details", "data.stage", NULL},
	{"feeling", "details", "data.sentiment", NULL},
	{"verdict", "details", "data.verdict", NULL}, {"inputs", "details", "data.inputs", NULL},
	{"policy", "details", "data.policies", NULL}, {"context", "details", "data.context", NULL}};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))
#define MAP_NAME "journey"

/* ---- kinds of identifiers: a column each, behind the others ---- */

static size_t kind_count(const struct scenario *s)
{
	for (size_t i = 0; i < s->kind_n; i++)
		if (strcmp(s->kinds[i], "crm") == 0)
			return s->kind_n;
	return s->kind_n + 1;
}

/* Placeholders are of the kind crm. */
static const char *kind_at(const struct scenario *s, size_t i)
{
	return i < s->kind_n ? s->kinds[i] : "crm";
}

static void put_kind_name(struct buf *out, const char *kind)
{
	buf_puts(out, "her_");
	for (; *kind; kind++)
		buf_byte(out, *kind >= 'a' && *kind <= 'z' ? *kind : '_');
}

/* ---- the map ---- */

static void put_sql_text(struct buf *out, const char *s)
{
	buf_byte(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_byte(out, '\'');
		buf_byte(out, *s);
	}
	buf_byte(out, '\'');
}

static void put_member(struct buf *out, const struct export *e, const struct column *c)
{
	bool data = strncmp(c->of, "data.", 5) == 0 && strcmp(c->of, "data.channel") != 0;

	buf_printf(out, "      %s: ", c->of + (data ? 5 : 0));
	if (strcmp(c->of, "source") == 0) {
		buf_puts(out, "\"system || ");
		buf_puts(out, "'/' || ");
		put_sql_text(out, e->s->account);
		buf_puts(out, "\"\n");
		return;
	}
	buf_printf(out, "%s\n", c->sql ? c->sql : c->name);
}

/* Two values of one kind stand in one cell of a CSV file with a semicolon between them. */
static void put_identifier(struct buf *out, const struct export *e, const char *kind)
{
	struct buf name = BUF_INIT;

	put_kind_name(&name, kind);
	buf_printf(out, "      \"identifiers.%s\": ", kind);
	if (e->rows == EXPORT_CSV)
		buf_printf(out,
			"\"iif(instr(%s, ';'), json_array(regex_get('^[^;]*', %s), "
			"regex_get(';(.*)', %s)), %s)\"\n",
			name.s, name.s, name.s, name.s);
	else
		buf_printf(out, "%s\n", name.s);
	buf_release(&name);
}

static void put_paths(struct buf *out, const struct scenario *s)
{
	buf_puts(out, "records: records\ncolumns:\n");
	for (size_t i = 0; i < COLUMNS; i++)
		buf_printf(out, "  %s: %s%s%s\n", columns[i].name,
			columns[i].group ? columns[i].group : "", columns[i].group ? "." : "",
			columns[i].name);
	for (size_t i = 0; i < kind_count(s); i++) {
		buf_puts(out, "  ");
		put_kind_name(out, kind_at(s, i));
		buf_printf(out, ": \"identifiers.%s\"\n", kind_at(s, i));
	}
}

static int write_map(struct export *e, struct buf *err)
{
	bool csv = e->rows == EXPORT_CSV;
	struct buf *b = &e->text;

	buf_clear(b);
	buf_printf(b,
		"jtools: map/1\n# How the rows of %s become events.\nname: %s-%s\nversion: "
		"\"1.0.0\"\n"
		"format: %s\nmatch:\n",
		csv ? "journey.csv" : "journey.json", MAP_NAME, export_words[e->rows],
		export_words[e->rows]);
	buf_puts(b, csv ? "  header: [number, system, what, at, place, way, conversation]\n"
			: "  keys: [company, records]\n");
	if (!csv)
		put_paths(b, e->s);
	buf_puts(b, "placeholders:\n  crm: [unknown]\nevents:\n  - set:\n");
	for (size_t i = 0; i < COLUMNS; i++)
		put_member(b, e, &columns[i]);
	for (size_t i = 0; i < kind_count(e->s); i++)
		put_identifier(b, e, kind_at(e->s, i));
	return export_whole(e, csv ? "journey.map.yaml" : "journey-json.map.yaml", buf_str(b), err);
}

/* ---- values ---- */

static const struct json *find(const struct json *record, const char *of)
{
	if (strncmp(of, "data.", 5) == 0)
		return json_member(json_member(record, "data"), of + 5);
	return json_member(record, of);
}

/* The system that keeps the record: its source without the account. */
static struct str system_of(const struct export *e, struct str source)
{
	size_t n = strlen(e->s->account) + 1;

	return (struct str){source.s, source.len > n ? source.len - n : source.len};
}

/* 2026-01-05T14:05:33-03:00 */
static void put_local_time(struct buf *out, int64_t at)
{
	struct civil c;
	int64_t offset;

	local_civil(at, &c, NULL);
	offset = (civil_utc(&c) - at) / WHEN_MINUTE;
	buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d%c%02lld:%02lld", c.year, c.month, c.day,
		c.hour, c.minute, c.second, offset < 0 ? '-' : '+',
		(long long)(offset < 0 ? -offset : offset) / 60,
		(long long)(offset < 0 ? -offset : offset) % 60);
}

/*
 * Its place among records of the same time. What is said in a chat is counted there, and mails are
 * numbered through: a record beside them stands behind the words that it follows and before the
 * others.
 */
static int64_t place_of(const struct told *w, enum export_kind carrier)
{
	int64_t place = 0, number = w->t - w->p->turns;
	uint32_t i = w->before[number];

	if (carrier == EXPORT_NONE)
		return number;
	for (; i != PLAN_NONE && w->p->turns[i].at == w->t->at; i = w->before[i])
		place++;
	return carrier == EXPORT_MBOX && place ? INT32_MAX + number : place;
}

/* What stands in the column, in e->value as it is written in a CSV cell; false: nothing. quoted:
 * JSON writes it as a text. */
static bool value_of(struct export *e, const struct told *w, const struct column *c,
	const struct json *record, bool *quoted)
{
	const struct json *v = find(record, c->of);
	enum export_kind carrier = told_carrier(e, w->p, w->t);
	struct buf *out = &e->value;

	buf_clear(out);
	*quoted = v && v->type == JSON_STRING;
	if (!v)
		return false;
	if (strcmp(c->of, "time") == 0) {
		*quoted = e->rows == EXPORT_CSV;
		if (*quoted)
			put_local_time(out, w->t->at);
		else
			buf_int(out, w->t->at / WHEN_SECOND);
	} else if (strcmp(c->of, "source") == 0) {
		buf_put(out, carrier == EXPORT_NONE ? system_of(e, v->text)
						    : str_of(export_sources[carrier]));
	} else if (strcmp(c->of, "session") == 0 && carrier == EXPORT_WHATSAPP) {
		chat_session(w->p, w->v, &w->p->contacts[w->t->contact], out);
	} else if (strcmp(c->of, "session") == 0 && carrier == EXPORT_MBOX) {
		mail_session(w->p, &w->p->contacts[w->t->contact], out);
	} else if (strcmp(c->of, "data.order") == 0) {
		buf_int(out, place_of(w, carrier));
	} else {
		buf_put(out, *quoted ? v->text : v->raw);
	}
	if (strcmp(c->of, "data.text") == 0) {
		struct random r = told_random(w->t, 1);

		break_text(out, &r);
	}
	return true;
}

/* The identifiers of a kind, as they were typed, in e->value; how many. */
static size_t identifiers_of(struct export *e, const struct told *w, const char *kind,
	const struct json *record, bool json)
{
	const struct json *list = find(record, "data.identifiers");
	struct random r = told_random(w->t, 2);
	struct buf one = BUF_INIT;
	size_t n = 0;

	buf_clear(&e->value);
	for
		JSON_EACH(v, list)
		{
			struct str value = json_member(v, "value")->text;

			if (!str_is(json_member(v, "kind")->text, kind))
				continue;
			buf_clear(&one);
			buf_put(&one, value);
			if (n++)
				buf_byte(&e->value, json ? ',' : ';');
			if (json)
				buf_byte(&e->value, '"');
			if (strcmp(kind, "phone") == 0)
				put_phone_written(&e->value, one.s, &r);
			else if (strcmp(kind, "email") == 0)
				put_email_written(&e->value, one.s, &r);
			else
				buf_put(&e->value, value);
			if (json)
				buf_byte(&e->value, '"');
		}
	buf_release(&one);
	return n;
}

/* ---- rows ---- */

static void csv_row(struct export *e, const struct told *w, const struct json *record)
{
	bool quoted;

	for (size_t i = 0; i < COLUMNS; i++) {
		if (i)
			buf_byte(&e->line, ',');
		if (value_of(e, w, &columns[i], record, &quoted))
			csv_put(&e->line, buf_str(&e->value));
	}
	for (size_t i = 0; i < kind_count(e->s); i++) {
		buf_byte(&e->line, ',');
		identifiers_of(e, w, kind_at(e->s, i), record, false);
		csv_put(&e->line, buf_str(&e->value));
	}
}

static void json_identifiers(struct export *e, const struct told *w, const struct json *record)
{
	bool any = false;

	for (size_t i = 0; i < kind_count(e->s); i++) {
		size_t n = identifiers_of(e, w, kind_at(e->s, i), record, true);

		if (!n)
			continue;
		if (!any)
			buf_puts(&e->line, ",\"identifiers\":{");
		any = true;
		json_put_key(&e->line, kind_at(e->s, i));
		buf_puts(&e->line, n > 1 ? "[" : "");
		buf_put(&e->line, buf_str(&e->value));
		buf_puts(&e->line, n > 1 ? "]" : "");
	}
	if (any)
		buf_byte(&e->line, '}');
}

static void json_row(struct export *e, const struct told *w, const struct json *record)
{
	const char *group = NULL;
	bool quoted;

	buf_byte(&e->line, '{');
	for (size_t i = 0; i < COLUMNS; i++) {
		const struct column *c = &columns[i];

		if (!value_of(e, w, c, record, &quoted))
			continue;
		if (group && (!c->group || strcmp(group, c->group) != 0))
			buf_byte(&e->line, '}');
		if (c->group && (!group || strcmp(group, c->group) != 0)) {
			json_put_key(&e->line, c->group);
			buf_byte(&e->line, '{');
		}
		group = c->group;
		json_put_key(&e->line, c->name);
		if (quoted)
			json_put_string(&e->line, buf_str(&e->value));
		else
			buf_put(&e->line, buf_str(&e->value));
	}
	if (group)
		buf_byte(&e->line, '}');
	json_identifiers(e, w, record);
	buf_byte(&e->line, '}');
}

int table_turn(struct export *e, const struct told *w, struct buf *err)
{
	struct export_file *f = &e->table;

	buf_clear(&e->record);
	turn_record(w->p, w->v, w->t, false, &e->text, &e->record);
	if (json_parse(&e->doc, buf_str(&e->record), false, err) < 0)
		return -1;
	buf_clear(&e->line);
	if (e->rows == EXPORT_CSV) {
		csv_row(e, w, e->doc.v);
	} else {
		buf_puts(&e->line, f->records ? ",\n" : "\n");
		json_row(e, w, e->doc.v);
	}
	f->records++;
	if (e->rows == EXPORT_CSV)
		buf_byte(&e->line, '\n');
	return out_put(&f->out, buf_str(&e->line), err);
}

int table_open(struct export *e, struct buf *err)
{
	bool csv = e->rows == EXPORT_CSV;

	if (write_map(e, err) < 0 ||
		export_file_open(e, &e->table, csv ? "journey.csv" : "journey.json", err) < 0)
		return -1;
	buf_clear(&e->line);
	for (size_t i = 0; csv && i < COLUMNS; i++)
		buf_printf(&e->line, "%s%s", i ? "," : "", columns[i].name);
	for (size_t i = 0; csv && i < kind_count(e->s); i++) {
		buf_byte(&e->line, ',');
		put_kind_name(&e->line, kind_at(e->s, i));
	}
	buf_puts(&e->line, csv ? "\n" : "{\"company\":");
	if (!csv) {
		json_put_string(&e->line, str_of(e->s->title));
		buf_puts(&e->line, ",\"records\":[");
	}
	return out_put(&e->table.out, buf_str(&e->line), err);
}

int table_close(struct export *e, struct buf *err)
{
	if (e->rows == EXPORT_JSON && out_put(&e->table.out, STR("\n]}\n"), err) < 0)
		return -1;
	return export_file_close(&e->table, err);
}
