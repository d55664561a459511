#include "adapt/map_file.h"
#include "base/mem.h"

#include <math.h>

struct filling {
	struct map *map;
	const struct map_row *row;
	struct adapt_run *run;
	enum event_fault *fault;
	struct buf *why;
	bool raw_phone; /* ext.phone_raw is there */
};

static int refuse(struct filling *f, const struct map_member *t, enum event_fault fault,
	const char *reason, struct str value)
{
	*f->fault = fault;
	buf_printf(f->why, "%s:%d: %s: %s: %.*s", f->map->path, t->line, t->key, reason,
		(int)(value.len < 80 ? value.len : 80), value.s);
	return -1;
}

/* The result as text, in map->text where it is a number. */
static struct str text_of(struct filling *f, const struct expr_value *v)
{
	buf_clear(&f->map->text);
	if (v->type == EXPR_TEXT)
		return v->text;
	if (v->type == EXPR_INT)
		buf_int(&f->map->text, v->n);
	else if (v->type == EXPR_REAL && isfinite(v->real))
		json_put_number(&f->map->text, v->real);
	return buf_str(&f->map->text);
}

/* The source of a member that is a JSON column and nothing else; NULL where there is none. */
static const struct json *source_of(const struct filling *f, const struct map_member *t)
{
	return t->bare ? map_row_find(f->row, t->bare) : NULL;
}

static int fill_number(struct filling *f, const struct map_member *t, const struct expr_value *v)
{
	const struct json *source = source_of(f, t);
	struct draft *d = &f->run->draft;
	struct buf none = BUF_INIT;
	struct str s = str_trim(text_of(f, v));
	bool ok;

	if (source && source->type == JSON_NUMBER) {
		draft_raw(d, (enum event_data)t->number, source->raw);
		return 0;
	}
	if (v->type == EXPR_INT) {
		draft_int(d, (enum event_data)t->number, v->n);
		return 0;
	}
	/* A CSV field is text: it is a number where JSON would read it as one, and keeps its
	 * digits. */
	ok = json_parse(&f->map->doc, s, false, &none) == 0 && f->map->doc.v[0].type == JSON_NUMBER;
	buf_release(&none);
	if (!ok)
		return refuse(f, t, FAULT_MAP, "not a number", s);
	draft_raw(d, (enum event_data)t->number, s);
	return 0;
}

static bool all_strings(const struct json *list)
{
	for
		JSON_EACH(v, list)
	if (v->type != JSON_STRING)
		return false;
	return true;
}

/* A list of strings: JSON text of one, or a single string. */
static int fill_list(struct filling *f, const struct map_member *t, const struct expr_value *v)
{
	struct draft *d = &f->run->draft;
	struct buf none = BUF_INIT;
	struct str s = str_trim(text_of(f, v));
	bool ok = true;

	if (!str_starts(s, STR("["))) {
		draft_item(d, (enum event_data)t->number, s);
		return 0;
	}
	ok = json_parse(&f->map->doc, s, false, &none) == 0 && all_strings(f->map->doc.v);
	buf_release(&none);
	if (!ok)
		return refuse(f, t, FAULT_MAP, "no list of texts", s);
	for
		JSON_EACH(one, f->map->doc.v)
	draft_item(d, (enum event_data)t->number, one->text);
	return 0;
}

static int fill_object(struct filling *f, const struct map_member *t, const struct expr_value *v)
{
	struct buf none = BUF_INIT, line = BUF_INIT;
	struct str s = str_trim(text_of(f, v));
	bool ok = json_parse(&f->map->doc, s, false, &none) == 0 &&
		  f->map->doc.v[0].type == JSON_OBJECT;

	buf_release(&none);
	if (!ok)
		return refuse(f, t, FAULT_MAP, "no JSON object", s);
	json_put_line(&line, s);
	draft_raw(&f->run->draft, (enum event_data)t->number, buf_str(&line));
	buf_release(&line);
	return 0;
}

/* A member of entities or ext: JSON columns as they stand in the source, numbers as numbers, all
 * else as text. */
static void fill_kept(struct filling *f, const struct map_member *t, const struct expr_value *v)
{
	const struct json *source = source_of(f, t);
	enum event_data in = (enum event_data)t->number;
	struct draft *d = &f->run->draft;
	struct buf line = BUF_INIT;

	if (source && source->type != JSON_STRING) {
		json_put_line(&line, source->raw);
		draft_member_raw(d, in, str_of(t->name), buf_str(&line));
		buf_release(&line);
	} else if (v->type == EXPR_TEXT) {
		draft_member(d, in, str_of(t->name), v->text);
	} else {
		draft_member_raw(d, in, str_of(t->name), text_of(f, v));
	}
}

static bool is_placeholder(const struct map *m, const char *kind, struct str value)
{
	for (size_t i = 0; i < m->placeholder_n; i++)
		if (strcmp(m->placeholder[i].kind, kind) == 0 &&
			str_is(value, m->placeholder[i].value))
			return true;
	return false;
}

static void keep_raw(struct filling *f, const char *kind, struct str value)
{
	struct buf name = BUF_INIT;

	buf_printf(&name, "%s_raw", kind);
	draft_member(&f->run->draft, DATA_EXT, buf_str(&name), value);
	buf_release(&name);
}

/* A telephone number or an address that is none says nothing about who she is: it goes to ext. */
static void add_identifier(struct filling *f, const struct map_member *t, struct str s)
{
	struct draft *d = &f->run->draft;
	struct str e164;

	s = str_trim(s);
	if (!s.len)
		return;
	if (is_placeholder(f->map, t->name, s)) {
		draft_identifier(d, "placeholder", s);
	} else if (strcmp(t->name, "phone") == 0) {
		e164 = map_functions_phone(f->map->functions, s);
		draft_identifier(d, "phone", e164);
		if (!e164.len)
			keep_raw(f, "phone", s);
		f->raw_phone = f->raw_phone || !e164.len;
	} else if (strcmp(t->name, "email") == 0) {
		if (!adapt_email(f->run, s))
			keep_raw(f, "email", s);
	} else {
		draft_identifier(d, t->name, s);
	}
}

/* One, or JSON text of a list of them. */
static void fill_identifier(
	struct filling *f, const struct map_member *t, const struct expr_value *v)
{
	struct buf none = BUF_INIT;
	struct str s = str_trim(text_of(f, v));
	bool list = str_starts(s, STR("[")) && json_parse(&f->map->doc, s, false, &none) == 0 &&
		    all_strings(f->map->doc.v);

	buf_release(&none);
	if (!list) {
		add_identifier(f, t, s);
		return;
	}
	for
		JSON_EACH(one, f->map->doc.v)
	add_identifier(f, t, one->text);
}

static int fill_time(struct filling *f, const struct map_member *t, const struct expr_value *v)
{
	struct str s = text_of(f, v);
	struct civil local;
	int64_t when;

	if (!when_parse(s, &when))
		return refuse(f, t, FAULT_TIME,
			s.len ? "not RFC 3339, which time() gives" : "no time", s);
	f->run->draft.time = when;
	if (map_functions_assumed(f->map->functions) && !f->run->opt->tz_given) {
		local_civil(when, &local, NULL);
		adapt_local_time(f->run, &local, NULL);
	}
	if (map_functions_by_file(f->map->functions))
		draft_text(&f->run->draft, DATA_TIME_ASSUMED, STR("mtime"));
	return 0;
}

static bool is_one_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_is(s, *words))
			return true;
	return false;
}

static int fill_attr(struct filling *f, const struct map_member *t, const struct expr_value *v)
{
	static const char *const directions[] = {"in", "out", "internal", NULL};
	static const char *const actors[] = {"customer", "agent", "bot", "system", NULL};
	struct str s = str_trim(text_of(f, v));

	if (t->number == ATTR_DIRECTION && !is_one_of(s, directions))
		return refuse(f, t, FAULT_MAP, "not in, out or internal", s);
	if (t->number == ATTR_ACTOR && !is_one_of(s, actors))
		return refuse(f, t, FAULT_MAP, "not customer, agent, bot or system", s);
	if (t->number == ATTR_ACTOR && (str_is(s, "agent") || str_is(s, "bot")))
		map_functions_ours(f->map->functions);
	draft_attr(&f->run->draft, (enum event_attr)t->number, s);
	return 0;
}

static int fill_member(struct filling *f, const struct map_member *t, const struct expr_value *v)
{
	if (t->target != TO_TIME &&
		(v->type == EXPR_NULL || (v->type == EXPR_TEXT && !v->text.len)))
		return 0;
	if (v->type == EXPR_REAL && !isfinite(v->real))
		return refuse(f, t, FAULT_MAP, "not a finite number", STR(""));
	switch (t->target) {
	case TO_ATTR:
		return fill_attr(f, t, v);
	case TO_TIME:
		return fill_time(f, t, v);
	case TO_NUMBER:
		return fill_number(f, t, v);
	case TO_LIST:
		return fill_list(f, t, v);
	case TO_OBJECT:
		return fill_object(f, t, v);
	case TO_IDENTIFIER:
		fill_identifier(f, t, v);
		return 0;
	case TO_ENTITY:
	case TO_EXT:
		fill_kept(f, t, v);
		return 0;
	default:
		draft_text(&f->run->draft, (enum event_data)t->number, text_of(f, v));
		return 0;
	}
}

static int fill_all(struct filling *f, const struct map_event *e)
{
	struct str no_phone = map_functions_no_phone(f->map->functions);

	draft_clear(&f->run->draft);
	adapt_source(f->run, f->map->source, "");
	for (size_t i = 0; i < e->set.n; i++) {
		struct expr_value v = map_member_value(e, &e->set.v[i], f->row);

		if (fill_member(f, &e->set.v[i], &v) < 0)
			return -1;
	}
	/* What phone() refused may be the identifier too. */
	if (no_phone.len && !f->raw_phone)
		keep_raw(f, "phone", no_phone);
	if (e->rest && f->row->csv)
		map_rest_csv(f->map, e, f->row->csv, &f->run->draft);
	else if (e->rest)
		map_rest_json(
			f->map, e, e->each ? f->row->element : f->row->record, &f->run->draft);
	if (draft_has(&f->run->draft, ATTR_TYPE).len)
		return 0;
	*f->fault = FAULT_MAP;
	buf_printf(f->why, "%s: the row gives an event without a type", f->map->path);
	return -1;
}

int map_fill(struct map *m, const struct map_event *e, const struct map_row *row,
	struct adapt_run *run, enum event_fault *fault, struct buf *why)
{
	struct filling f = {m, row, run, fault, why, false};

	return fill_all(&f, e);
}
