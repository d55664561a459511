/* Facts out of a sheaf into their tables. */
#include "core/store/blocks.h"
#include "core/store/facts.h"
#include "core/store/sheaf_part.h"

#include <math.h>

/* An INSERT of rows that are given, but for the generation. */
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
	/* FAIL: with ABORT the pages would be kept aside, to undo a part of the rows. */
	buf_printf(&sql, "INSERT OR FAIL INTO \"%s\" SELECT ?1", facts_table(table));
	for (int i = BLOCK_CUSTOMER; i < n; i++)
		buf_printf(&sql, ",c%d", i);
	buf_puts(&sql, " FROM given");
	if (status == 0)
		status = store_prepare(s, sql.s, &s->insert[table], err);
	*out = s->insert[table];
	buf_release(&sql);
	return status;
}

/* Rows of a table of a sheaf, from one on. */
struct rows {
	const struct sheaf *from;
	const struct sheaf_table *table;
	size_t first;
};

static void put_cell(void *ctx, size_t row, int column, sqlite3_context *out)
{
	const struct rows *r = ctx;
	const struct sheaf_column *c = &r->table->v[column];
	union column_value v = c->v[r->first + row];

	if (c->type == COLUMN_REAL ? isnan(v.real) : v.n == COLUMN_NULL)
		return;
	if (c->type == COLUMN_REAL)
		sqlite3_result_double(out, v.real);
	else if (c->type == COLUMN_TEXT)
		given_text(out, codes_text(&r->from->texts, v.n));
	else
		sqlite3_result_int64(out, v.n);
}

/* Of the customers in [i, end). */
static int insert_rows(struct store *s, size_t table, int64_t generation, const struct sheaf *from,
	size_t i, size_t end, struct buf *err)
{
	struct rows r = {.from = from, .table = &from->tables[table]};
	struct given rows = {0, put_cell, &r};
	sqlite3_stmt *st;
	size_t last;
	int status;

	sheaf_part(from, i, table, &r.first);
	rows.n = sheaf_part(from, end - 1, table, &last) + last - r.first;
	status = rows.n ? insert_statement(s, table, &st, err) : 0;
	if (status < 0 || !rows.n)
		return status;
	sqlite3_bind_int64(st, 1, generation);
	return store_give_to(s, st, &rows, err);
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
	return status < 0 ? status : insert_rows(s, table, generation, from, i, i + 1, err);
}

int facts_remove(struct store *s, int64_t generation, int64_t customer, struct buf *err)
{
	int status = remove_rows(s, CUSTOMERS, generation, customer, err);
	bool had = status == 0 && sqlite3_changes(s->db) > 0;

	for (size_t t = 0; t < CUSTOMERS && had && status == 0; t++)
		status = remove_rows(s, t, generation, customer, err);
	return status < 0 || !had ? status : blocks_void(s, generation, customer, err);
}

int facts_none(struct store *s, int64_t generation, int64_t customer, bool *none, struct buf *err)
{
	sqlite3_stmt **st = &s->have[CUSTOMERS];
	int status = hers(s, st, "SELECT *", CUSTOMERS, generation, customer, err);

	if (status == 0)
		status = store_step(s, *st, err);
	sqlite3_reset(*st);
	*none = status == 0;
	return status < 0 ? status : 0;
}

int facts_replace(
	struct store *s, int64_t generation, const struct sheaf *from, size_t i, struct buf *err)
{
	bool changed = false;
	int status = 0;

	for (size_t t = 0; t < FACT_TABLES && status == 0; t++)
		status = put_rows(s, t, generation, from, i, &changed, err);
	return status < 0 || !changed ? status
				      : blocks_void(s, generation, from->v[i].customer, err);
}

int facts_add(struct store *s, int64_t generation, const struct sheaf *from, size_t i, size_t end,
	struct buf *err)
{
	int status = 0;

	for (size_t t = 0; t < FACT_TABLES && i < end && status == 0; t++)
		status = insert_rows(s, t, generation, from, i, end, err);
	return status;
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
