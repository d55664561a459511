#include "core/store/alone_table.h"
#include "base/mem.h"
#include "core/store/blocks_part.h"
#include "core/store/frame.h"
#include "core/store/internal.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#define GENERATION 0 /* the column before the customer's, which no block has */

struct table {
	sqlite3_vtab base;
	sqlite3 *db;
	size_t number;
};

/* The columns that are read, and where each is among them. */
struct cursor {
	sqlite3_vtab_cursor base;
	struct layout layout;
	size_t columns[BLOCK_COLUMNS], places[BLOCK_COLUMNS], n;
	struct codes texts;
	struct frame *frame;
	int64_t generation, number;
	size_t row, rows;
};

static int table_connect(
	sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **why)
{
	struct buf sql = BUF_INIT;
	struct table *t;
	size_t number = 0;
	int code;

	(void)argc;
	(void)argv;
	(void)why;
	while (facts_table(number) != aux)
		number++;
	buf_printf(
		&sql, "CREATE TABLE t(gen INTEGER, customer INTEGER, %s)", facts_columns(number));
	code = sqlite3_declare_vtab(db, sql.s);
	buf_release(&sql);
	if (code != SQLITE_OK)
		return code;
	t = mem_zero(1, sizeof(*t));
	t->db = db;
	t->number = number;
	*out = &t->base;
	return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *t)
{
	free(t);
	return SQLITE_OK;
}

/* All rows, by customer; which columns of them goes along as a mask. */
static int table_plan(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	info->estimatedCost = 1000000;
	info->estimatedRows = 1000000;
	info->idxStr = sqlite3_mprintf("%llx", info->colUsed);
	info->needToFreeIdxStr = 1;
	info->orderByConsumed = info->nOrderBy == 1 && !info->aOrderBy[0].desc &&
				info->aOrderBy[0].iColumn == BLOCK_CUSTOMER;
	return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

static int cursor_open(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	struct cursor *c = mem_zero(1, sizeof(*c));

	(void)t;
	c->texts = (struct codes){MAP_INIT, NULL, 0, 0};
	*out = &c->base;
	return SQLITE_OK;
}

static void clear(struct cursor *c)
{
	frame_free(c->frame);
	c->frame = NULL;
	codes_release(&c->texts);
	layout_release(&c->layout);
	c->row = c->rows = c->n = 0;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;

	clear(c);
	free(c);
	return SQLITE_OK;
}

static int failed(const struct cursor *c, int status, struct buf *err)
{
	if (status < 0) {
		sqlite3_free(c->base.pVtab->zErrMsg);
		c->base.pVtab->zErrMsg = sqlite3_mprintf("%s", err->len ? err->s : "");
	}
	buf_release(err);
	return status == 0 ? SQLITE_OK : status == STORE_BUSY ? SQLITE_BUSY : SQLITE_ERROR;
}

/* A column is longer than a value that an expression may make. */
static int unbound(const struct cursor *c)
{
	return sqlite3_limit(((struct table *)c->base.pVtab)->db, SQLITE_LIMIT_LENGTH, INT_MAX);
}

static void bind_again(const struct cursor *c, int limit)
{
	sqlite3_limit(((struct table *)c->base.pVtab)->db, SQLITE_LIMIT_LENGTH, limit);
}

static int read_rows(struct cursor *c, struct buf *err)
{
	int limit = unbound(c), status = frame_next(c->frame, &c->rows, err);

	bind_again(c, limit);
	c->row = 0;
	return status;
}

static int read_generation(struct cursor *c, sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v2(db,
		"SELECT CAST(value AS INTEGER) FROM meta WHERE key='generation'", -1, &st, NULL);

	if (code == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		c->generation = sqlite3_column_int64(st, 0);
	return sqlite3_finalize(st);
}

static void choose_columns(struct cursor *c, uint64_t mask)
{
	for (size_t i = BLOCK_CUSTOMER; i < c->layout.n; i++)
		if (mask >> (i < 63 ? i : 63) & 1) {
			c->places[i] = c->n;
			c->columns[c->n++] = i;
		}
}

static int cursor_begin(
	sqlite3_vtab_cursor *base, int plan, const char *mask, int argc, sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)base;
	const struct table *t = (const struct table *)base->pVtab;
	struct buf err = BUF_INIT;
	int status;

	(void)plan;
	(void)argc;
	(void)argv;
	clear(c);
	if (read_generation(c, t->db) != SQLITE_OK)
		return SQLITE_ERROR;
	status = layout_read(&c->layout, t->db, facts_table(t->number), &err);
	choose_columns(c, strtoull(mask, NULL, 16));
	if (status == 0)
		status =
			frame_open(&c->frame, t->db, &c->layout, c->columns, c->n, &c->texts, &err);
	if (status == 0 && !c->frame) {
		buf_puts(&err, "the facts by columns are gone");
		status = STORE_ERROR;
	}
	if (status == 0)
		status = read_rows(c, &err);
	return failed(c, status, &err);
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;
	struct buf err = BUF_INIT;

	c->number++;
	if (++c->row < c->rows)
		return SQLITE_OK;
	return failed(c, read_rows(c, &err), &err);
}

static int cursor_at_end(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->rows == 0;
}

/* A text may outlive the cursor. */
static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *out, int i)
{
	const struct cursor *c = (const struct cursor *)base;
	enum column_type type;
	union column_value v;

	if (i == GENERATION) {
		sqlite3_result_int64(out, c->generation);
		return SQLITE_OK;
	}
	type = c->layout.v[i].type;
	v = frame_column(c->frame, c->places[i])[c->row];
	if (type == COLUMN_REAL) {
		if (!isnan(v.real))
			sqlite3_result_double(out, v.real);
	} else if (v.n != COLUMN_NULL && type == COLUMN_TEXT) {
		struct str text = codes_text(&c->texts, v.n);

		sqlite3_result_text(out, text.s, (int)text.len, SQLITE_TRANSIENT);
	} else if (v.n != COLUMN_NULL) {
		sqlite3_result_int64(out, v.n);
	}
	return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	*out = ((struct cursor *)base)->number;
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

int alone_table_make(sqlite3 *db, size_t table)
{
	struct buf name = BUF_INIT;
	int code;

	buf_printf(&name, "alone_%s", facts_table(table));
	/* SQLite hands the name on and changes nothing of it. */
	code = sqlite3_create_module(db, name.s, &module, (void *)(uintptr_t)facts_table(table));
	buf_release(&name);
	return code;
}
