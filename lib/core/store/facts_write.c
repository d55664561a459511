/* Facts out of a sheaf into their tables. */
#include "core/store/blocks.h"
#include "core/store/facts.h"
#include "core/store/sheaf_part.h"

#include <math.h>

/* An INSERT with a parameter for every column. */
static int insert_statement(struct store *s, size_t table, sqlite3_stmt **out, struct buf *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *all = NULL;
	int status = 0, n;

	*out = s->insert[table];
	if (*out)
		return 0;
	buf_printf(&sql, "SELECT * FROM \"%s\"", facts_table(table));
	status = store_prepare(s, sql.s, &all, err);
	n = sqlite3_column_count(all);
	sqlite3_finalize(all);
	buf_clear(&sql);
	buf_printf(&sql, "INSERT INTO \"%s\" VALUES(?1", facts_table(table));
	for (int i = 2; i <= n; i++)
		buf_printf(&sql, ",?%d", i);
	buf_byte(&sql, ')');
	if (status == 0)
		status = store_prepare(s, sql.s, &s->insert[table], err);
	*out = s->insert[table];
	buf_release(&sql);
	return status;
}

static void bind_cell(sqlite3_stmt *st, int at, const struct sheaf *from, enum column_type type,
	union column_value v)
{
	bool null = type == COLUMN_REAL ? isnan(v.real) : v.n == COLUMN_NULL;

	if (null)
		sqlite3_bind_null(st, at);
	else if (type == COLUMN_REAL)
		sqlite3_bind_double(st, at, v.real);
	else if (type == COLUMN_TEXT)
		store_bind(st, at, codes_text(&from->texts, v.n));
	else
		sqlite3_bind_int64(st, at, v.n);
}

static int insert_rows(struct store *s, size_t table, int64_t generation, const struct sheaf *from,
	size_t i, struct buf *err)
{
	const struct sheaf_table *t = &from->tables[table];
	size_t row, n = sheaf_part(from, i, table, &row);
	sqlite3_stmt *st;
	int status = n ? insert_statement(s, table, &st, err) : 0;

	for (size_t end = row + n; row < end && status == 0; row++) {
		sqlite3_bind_int64(st, 1, generation);
		for (int c = BLOCK_CUSTOMER; c < t->columns; c++)
			bind_cell(st, c + 1, from, t->v[c].type, t->v[c].v[row]);
		status = store_run(s, st, err);
	}
	return status;
}

/* A statement about the rows of one customer, kept with others of its kind. */
static int hers(struct store *s, sqlite3_stmt **kept, const char *what, size_t table,
	int64_t generation, int64_t customer, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status = 0;

	if (!*kept) {
		buf_printf(&sql, "%s FROM \"%s\" WHERE gen=?1 AND customer=?2", what,
			facts_table(table));
		status = store_prepare(s, sql.s, kept, err);
		buf_release(&sql);
	}
	if (status < 0)
		return status;
	sqlite3_bind_int64(*kept, 1, generation);
	sqlite3_bind_int64(*kept, 2, customer);
	return 0;
}

static int remove_rows(
	struct store *s, size_t table, int64_t generation, int64_t customer, struct buf *err)
{
	int status = hers(s, &s->remove[table], "DELETE", table, generation, customer, err);

	return status < 0 ? status : store_run(s, s->remove[table], err);
}

static bool same_cell(sqlite3_stmt *st, int at, const struct sheaf *from, enum column_type type,
	union column_value v)
{
	switch (sqlite3_column_type(st, at)) {
	case SQLITE_INTEGER:
		return type == COLUMN_INT && sqlite3_column_int64(st, at) == v.n;
	case SQLITE_FLOAT:
		return type == COLUMN_REAL && sqlite3_column_double(st, at) == v.real;
	case SQLITE_TEXT:
		return type == COLUMN_TEXT && v.n != COLUMN_NULL &&
		       str_eq(store_column(st, at), codes_text(&from->texts, v.n));
	default:
		return type == COLUMN_REAL ? isnan(v.real) : v.n == COLUMN_NULL;
	}
}

static bool same_row(sqlite3_stmt *st, const struct sheaf *from, size_t table, size_t row)
{
	const struct sheaf_table *t = &from->tables[table];

	for (int c = BLOCK_CUSTOMER; c < t->columns; c++)
		if (!same_cell(st, c, from, t->v[c].type, t->v[c].v[row]))
			return false;
	return true;
}

/* Whether a table has the rows that it is to have, and any at all. */
static int compare_rows(struct store *s, size_t table, int64_t generation, const struct sheaf *from,
	size_t i, bool *same, bool *any, struct buf *err)
{
	sqlite3_stmt **st = &s->have[table];
	size_t row, left = sheaf_part(from, i, table, &row);
	int status = hers(s, st, "SELECT *", table, generation, from->v[i].customer, err);

	*same = true;
	*any = false;
	while (status >= 0 && *same && (status = store_step(s, *st, err)) == 1) {
		*any = true;
		*same = left && same_row(*st, from, table, row);
		left -= *same;
		row++;
	}
	sqlite3_reset(*st);
	*same &= left == 0;
	return status < 0 ? status : 0;
}

/* What stands already is left alone: most of what is known of a customer is not changed by another
 * record of hers. */
static int put_rows(struct store *s, size_t table, int64_t generation, const struct sheaf *from,
	size_t i, bool *changed, struct buf *err)
{
	bool same, any;
	int status = compare_rows(s, table, generation, from, i, &same, &any, err);

	if (status < 0 || same)
		return status;
	*changed = true;
	if (any)
		status = remove_rows(s, table, generation, from->v[i].customer, err);
	return status < 0 ? status : insert_rows(s, table, generation, from, i, err);
}

int facts_remove(struct store *s, int64_t generation, int64_t customer, struct buf *err)
{
	int status = remove_rows(s, CUSTOMERS, generation, customer, err);
	bool had = status == 0 && sqlite3_changes(s->db) > 0;

	for (size_t t = 0; t < CUSTOMERS && had && status == 0; t++)
		status = remove_rows(s, t, generation, customer, err);
	return status < 0 || !had ? status : blocks_void(s, generation, customer, err);
}

int facts_replace(
	struct store *s, int64_t generation, const struct sheaf *from, size_t i, struct buf *err)
{
	bool same, had, changed = false;
	int status = compare_rows(s, CUSTOMERS, generation, from, i, &same, &had, err);

	for (size_t t = 0; t < FACT_TABLES && status == 0; t++)
		status = had ? put_rows(s, t, generation, from, i, &changed, err)
			     : insert_rows(s, t, generation, from, i, err);
	return status < 0 || (had && !changed)
		       ? status
		       : blocks_void(s, generation, from->v[i].customer, err);
}

void facts_finish(struct store *s)
{
	sqlite3_finalize(s->stale);
	s->stale = NULL;
	for (int i = 0; i < FACT_TABLES; i++) {
		sqlite3_finalize(s->insert[i]);
		sqlite3_finalize(s->remove[i]);
		sqlite3_finalize(s->have[i]);
		s->insert[i] = s->remove[i] = s->have[i] = NULL;
	}
}
