#include "core/store/scratch.h"
#include "base/mem.h"

#include <sqlite3.h>
#include <stdlib.h>

struct scratch {
	sqlite3 *db;
	sqlite3_stmt *put, *add, *get;
};

/* One transaction that never ends: nothing of the file has to survive, so nothing is ever synced.
 */
static const char schema[] =
	"PRAGMA journal_mode = OFF;"
	"PRAGMA synchronous = OFF;"
	"PRAGMA cache_size = -2048;"
	"CREATE TABLE scratch (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID;"
	"BEGIN;";

static int failed(const struct scratch *s, struct buf *err)
{
	buf_printf(err, "temporary database: %s", s->db ? sqlite3_errmsg(s->db) : "out of memory");
	return -1;
}

struct scratch *scratch_new(struct buf *err)
{
	struct scratch *s = mem_zero(1, sizeof(*s));

	if (sqlite3_open("", &s->db) != SQLITE_OK ||
		sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(s->db, "REPLACE INTO scratch VALUES (?1, ?2)", -1, &s->put,
			NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(s->db, "INSERT OR IGNORE INTO scratch VALUES (?1, ?2)", -1,
			&s->add, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(s->db, "SELECT v FROM scratch WHERE k = ?1", -1, &s->get,
			NULL) != SQLITE_OK) {
		failed(s, err);
		scratch_free(s);
		return NULL;
	}
	return s;
}

void scratch_free(struct scratch *s)
{
	if (!s)
		return;
	sqlite3_finalize(s->put);
	sqlite3_finalize(s->add);
	sqlite3_finalize(s->get);
	sqlite3_close(s->db);
	free(s);
}

/* An empty string is bound as an empty blob: a NULL pointer would be bound as NULL. */
static int bind(sqlite3_stmt *q, int at, struct str s)
{
	return sqlite3_bind_blob64(q, at, s.len ? s.s : "", s.len, SQLITE_STATIC);
}

static int store(
	struct scratch *s, sqlite3_stmt *q, struct str key, struct str value, struct buf *err)
{
	int status = bind(q, 1, key) == SQLITE_OK && bind(q, 2, value) == SQLITE_OK &&
				     sqlite3_step(q) == SQLITE_DONE
			     ? sqlite3_changes(s->db)
			     : failed(s, err);

	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	return status;
}

int scratch_put(struct scratch *s, struct str key, struct str value, struct buf *err)
{
	return store(s, s->put, key, value, err) < 0 ? -1 : 0;
}

int scratch_add(struct scratch *s, struct str key, struct str value, struct buf *err)
{
	return store(s, s->add, key, value, err);
}

int scratch_get(struct scratch *s, struct str key, struct buf *value, struct buf *err)
{
	int step = bind(s->get, 1, key) == SQLITE_OK ? sqlite3_step(s->get) : SQLITE_ERROR;
	int status = step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : failed(s, err);

	buf_clear(value);
	if (status == 1)
		buf_add(value, sqlite3_column_blob(s->get, 0),
			(size_t)sqlite3_column_bytes(s->get, 0));
	sqlite3_reset(s->get);
	sqlite3_clear_bindings(s->get);
	return status;
}
