#include "adapt/map_group.h"
#include "adapt/map_table.h"
#include "base/mem.h"
#include "core/store/spill.h"

#include <stdlib.h>

struct map_groups {
	struct csv *csv; /* NULL: JSON */
	const struct map_column **by;
	size_t by_n, by_cap;
	size_t max;
	struct spill *rows;
	struct spill_row row; /* the next one, where `ahead` */
	bool ahead;
	int64_t group; /* the one under way */
	bool rest;     /* within one that is too long */
	struct buf record, first, raw;
};

static int read_one(struct map *m, const struct yaml *y, struct buf *err)
{
	struct map_column *c = VEC_ADD(m, group, group_n, group_cap);
	const struct map_path *of;
	int lookup;

	*c = (struct map_column){0};
	if (map_expect(m, y, YAML_SCALAR, err) < 0)
		return -1;
	c->text = mem_string(y->text);
	c->line = y->line;
	if (m->csv)
		return 0;
	lookup = map_lookup_read(m, c, y, err);
	if (lookup < 0)
		return -1;
	if (lookup == 0 && !map_path_read(&c->path, c->text))
		return map_refuse(m, y, err, "no path: write a.b[0].c");
	of = &map_column_root(c)->path;
	return of->up || map_path_arrays(of)
		       ? map_refuse(m, y, err, "records are grouped by values of their own")
		       : 0;
}

int map_group_read(struct map *m, const struct yaml *y, struct buf *err)
{
	if (!y)
		return 0;
	if (y->type != YAML_SEQUENCE)
		return read_one(m, y, err);
	for
		YAML_EACH(v, y)
	if (read_one(m, v, err) < 0)
		return -1;
	return m->group_n ? 0 : map_refuse(m, y, err, "no column");
}

void map_group_free(struct map *m)
{
	for (size_t i = 0; i < m->group_n; i++)
		map_column_release(&m->group[i]);
	free(m->group);
}

/* Finds the columns that the map groups by; false where the header has not all. */
static bool find_columns(struct map_groups *g, const struct map *m, struct buf *err)
{
	for (size_t i = 0; i < m->group_n; i++) {
		const struct map_column *c = &m->group[i];

		if (g->csv && !(c = map_column_of(&m->seen, str_of(c->text)))) {
			buf_printf(err, "%s:%d: the header has no column %s", m->path,
				m->group[i].line, m->group[i].text);
			return false;
		}
		*VEC_ADD(g, by, by_n, by_cap) = c;
	}
	return true;
}

struct map_groups *map_groups_new(const struct map *m, struct csv *csv, size_t max, struct buf *err)
{
	struct map_groups *g = mem_zero(1, sizeof(*g));

	g->csv = csv;
	g->max = max;
	buf_init(&g->record);
	buf_init(&g->first);
	buf_init(&g->raw);
	if (!find_columns(g, m, err) || !(g->rows = spill_new(err))) {
		map_groups_free(g);
		return NULL;
	}
	return g;
}

void map_groups_free(struct map_groups *g)
{
	if (!g)
		return;
	spill_free(g->rows);
	free(g->by);
	buf_release(&g->record);
	buf_release(&g->first);
	buf_release(&g->raw);
	free(g);
}

int map_groups_add(struct map_groups *g, const struct map_row *row, struct str raw, uint64_t line,
	uint64_t offset, struct buf *err)
{
	const struct spill_row r = {.text = raw, .line = line, .offset = offset};
	struct str key = {NULL, 0};

	for (size_t i = 0; i < g->by_n && !key.len; i++)
		key = map_row_text(row, g->by[i]);
	return spill_add(g->rows, key, &r, err);
}

/* Makes g->row the next row; 0: there is none. */
static int look(struct map_groups *g, struct buf *err)
{
	int got = g->ahead ? 1 : spill_next(g->rows, &g->row, err);

	g->ahead = got > 0;
	return got;
}

/* The same, if it is one of the group under way. */
static int look_within(struct map_groups *g, struct buf *err)
{
	int got = look(g, err);

	return got > 0 ? g->row.group == g->group : got;
}

int map_groups_rest(struct map_groups *g, struct str *piece, struct buf *err)
{
	int got = g->rest ? look_within(g, err) : 0;

	g->rest = got > 0;
	if (got <= 0)
		return got;
	buf_clear(&g->raw);
	buf_byte(&g->raw, '\n');
	buf_put(&g->raw, g->row.text);
	g->ahead = false;
	*piece = buf_str(&g->raw);
	return 1;
}

static void put_row(struct map_groups *g, struct buf *out)
{
	if (!g->csv) {
		buf_put(out, g->row.text);
		return;
	}
	csv_again(g->csv, g->row.text);
	csv_put_object(out, g->csv);
}

/* The members of the first row, behind `rows`: of two of a name the first counts. */
static void put_first(struct map_groups *g)
{
	struct str s = str_trim(buf_str(&g->first));

	if (s.len < 2 || s.s[0] != '{')
		return;
	s = str_trim((struct str){s.s + 1, s.len - 2});
	if (s.len)
		buf_byte(&g->record, ',');
	buf_put(&g->record, s);
}

static void take_row(struct map_groups *g)
{
	bool is_first = !g->first.len;

	if (is_first) {
		put_row(g, &g->first);
		buf_put(&g->record, buf_str(&g->first));
	} else {
		buf_byte(&g->record, ',');
		put_row(g, &g->record);
		buf_byte(&g->raw, '\n');
	}
	buf_put(&g->raw, g->row.text);
	g->ahead = false;
}

int map_groups_next(struct map_groups *g, struct map_group *out, struct buf *err)
{
	struct str skipped;
	int got;

	while ((got = map_groups_rest(g, &skipped, err)) > 0)
		continue;
	if (got == 0)
		got = look(g, err);
	if (got <= 0)
		return got;
	g->group = g->row.group;
	*out = (struct map_group){.line = g->row.line, .offset = g->row.offset};
	buf_clear(&g->first);
	buf_clear(&g->raw);
	buf_clear(&g->record);
	buf_puts(&g->record, "{\"rows\":[");
	while ((got = look_within(g, err)) > 0 && !g->rest) {
		take_row(g);
		g->rest = g->record.len > g->max || g->raw.len > g->max;
	}
	if (got < 0)
		return -1;
	out->raw = buf_str(&g->raw);
	if (g->rest)
		return GROUP_LONG;
	buf_byte(&g->record, ']');
	put_first(g);
	buf_byte(&g->record, '}');
	out->record = buf_str(&g->record);
	return GROUP_ONE;
}
