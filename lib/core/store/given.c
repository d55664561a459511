#include "core/store/given.h"
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>

struct table {
	sqlite3_vtab base;
	const struct given *rows;
};

struct cursor {
	sqlite3_vtab_cursor base;
	const struct given *rows;
	size_t row;
};

static int table_connect(
	sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **why)
{
	struct buf sql = BUF_INIT;
	struct table *t;
	int code;

	buf_puts(&sql, "CREATE TABLE given(c0");
	for (int i = 1; i < GIVEN_COLUMNS; i++)
		buf_printf(&sql, ",c%d", i);
	buf_byte(&sql, ')');
	code = sqlite3_declare_vtab(db, sql.s);
	buf_release(&sql);

	(void)argc;
	(void)argv;
	(void)why;
	if (code != SQLITE_OK)
		return code;
	/* No view or trigger of a file reads it. */
	sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
	t = mem_zero(1, sizeof(*t));
	t->rows = aux;
	*out = &t->base;
	return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *t)
{
	free(t);
	return SQLITE_OK;
}

static int table_plan(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	info->estimatedCost = 1000;
	info->estimatedRows = 1000;
	return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	struct cursor *c = mem_zero(1, sizeof(*c));

	c->rows = ((struct table *)t)->rows;
	*out = &c->base;
	return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *c)
{
	free(c);
	return SQLITE_OK;
}

static int cursor_begin(
	sqlite3_vtab_cursor *c, int plan, const char *text, int argc, sqlite3_value **argv)
{
	(void)plan;
	(void)text;
	(void)argc;
	(void)argv;
	((struct cursor *)c)->row = 0;
	return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *c)
{
	((struct cursor *)c)->row++;
	return SQLITE_OK;
}

static int cursor_at_end(sqlite3_vtab_cursor *base)
{
	const struct cursor *c = (const struct cursor *)base;

	return c->row >= c->rows->n;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *out, int i)
{
	const struct cursor *c = (const struct cursor *)base;

	c->rows->put(c->rows->ctx, c->row, i, out);
	return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)((struct cursor *)c)->row;
	return SQLITE_OK;
}

/* Without xCreate: it is there in every connection that has the module, and in no file. */
static const sqlite3_module module = {.xConnect = table_connect,
	.xBestIndex = table_plan,
	.xDisconnect = table_disconnect,
	.xOpen = cursor_open,
	.xClose = cursor_close,
	.xFilter = cursor_begin,
	.xNext = cursor_next,
	.xEof = cursor_at_end,
	.xColumn = cursor_column,
	.xRowid = cursor_rowid};

void given_text(sqlite3_context *out, struct str s)
{
	sqlite3_result_text(out, s.s ? s.s : "", (int)s.len, SQLITE_STATIC);
}

void given_or_null(sqlite3_context *out, int64_t n)
{
	if (n)
		sqlite3_result_int64(out, n);
}

int given_make(sqlite3 *db, const struct given *rows)
{
	/* SQLite hands the rows on and changes nothing of them. */
	return sqlite3_create_module(db, "given", &module, (void *)(uintptr_t)rows);
}
