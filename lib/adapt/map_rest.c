/* `rest: ext`: what a row has and no column of the map names. */
#include "adapt/map_file.h"

#define DEPTH 8 /* objects within objects that are looked into */

struct rest {
	const struct map *map;
	const struct map_event *event;
	struct draft *draft;
};

static bool set_already(const struct map_event *e, struct str name)
{
	for (size_t i = 0; i < e->set.n; i++)
		if (e->set.v[i].target == TO_EXT && str_is(name, e->set.v[i].name))
			return true;
	return false;
}

void map_rest_csv(
	const struct map *m, const struct map_event *e, const struct csv *csv, struct draft *d)
{
	for (size_t i = 0; i < csv->name_n; i++)
		if (!m->used[i] && csv->field[i].len && !set_already(e, str_of(csv->name[i])))
			draft_member(d, DATA_EXT, str_of(csv->name[i]), csv->field[i]);
}

enum reach { REACH_NONE, REACH_IN, REACH_ALL };

static bool same_start(const struct map_path *p, const struct str *names, size_t depth)
{
	for (size_t i = 0; i < depth; i++)
		if (!p->v[i].name || !str_is(names[i], p->v[i].name))
			return false;
	return true;
}

/* How far a path goes along the names: past the member, to it, or elsewhere. */
static enum reach reach_of(const struct map_path *p, const struct str *names, size_t depth)
{
	if (p->up || p->n < depth || !same_start(p, names, depth))
		return REACH_NONE;
	return p->n == depth || !p->v[depth].name ? REACH_ALL : REACH_IN;
}

static enum reach reach(const struct rest *r, const struct str *names, size_t depth)
{
	const struct map_columns *columns = r->event->each ? &r->event->columns : &r->map->columns;
	enum reach most = REACH_NONE, one;

	for (size_t i = 0; i < columns->n; i++) {
		const struct map_path *path = &map_column_root(&columns->v[i])->path;

		one = path->n ? reach_of(path, names, depth) : REACH_NONE;
		most = one > most ? one : most;
	}
	for (size_t i = 0; i < r->map->event_n && !r->event->each; i++) {
		const struct map_path *each = &r->map->event[i].each_path;

		one = each->n ? reach_of(each, names, depth) : REACH_NONE;
		most = one > most ? one : most;
	}
	return most;
}

static bool is_nothing(const struct json *v)
{
	return v->type == JSON_NULL || (v->type >= JSON_STRING && !v->count && !v->text.len);
}

/* Appends v without what is named of it; false where nothing is left. */
static bool put_left(const struct rest *r, const struct json *v, struct str *names, size_t depth,
	struct buf *out)
{
	enum reach got = reach(r, names, depth);
	size_t before = out->len;
	bool any = false;

	if (got == REACH_ALL || is_nothing(v))
		return false;
	if (got == REACH_NONE || v->type != JSON_OBJECT || depth == DEPTH) {
		json_put_line(out, v->raw);
		return true;
	}
	buf_byte(out, '{');
	for
		JSON_EACH(m, v)
		{
			size_t mark = out->len;

			names[depth] = m->key;
			if (any)
				buf_byte(out, ',');
			json_put_string(out, m->key);
			buf_byte(out, ':');
			if (put_left(r, m, names, depth + 1, out))
				any = true;
			else
				buf_cut(out, mark);
		}
	buf_byte(out, '}');
	if (!any)
		buf_cut(out, before);
	return any;
}

/* Of a group: its rows, and the columns of a header that an expression names. */
static bool is_used(const struct rest *r, struct str name)
{
	const struct map *m = r->map;
	const struct map_column *c =
		m->group && !r->event->each ? map_column_of(&m->head, name) : NULL;

	return c && (!m->used || m->used[c->field] || str_is(name, "rows"));
}

void map_rest_json(
	const struct map *m, const struct map_event *e, const struct json *v, struct draft *d)
{
	struct rest r = {m, e, d};
	struct str names[DEPTH + 1];
	struct buf left = BUF_INIT;

	if (v->type != JSON_OBJECT)
		return;
	for
		JSON_EACH(one, v)
		{
			names[0] = one->key;
			buf_clear(&left);
			if (!set_already(e, one->key) && !is_used(&r, one->key) &&
				put_left(&r, one, names, 1, &left))
				draft_member_raw(d, DATA_EXT, one->key, buf_str(&left));
		}
	buf_release(&left);
}
