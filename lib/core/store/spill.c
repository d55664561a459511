#include "core/store/spill.h"
#include "base/mem.h"

#include <sqlite3.h>
#include <stdlib.h>

struct spill {
	sqlite3 *db;
	sqlite3_stmt *name, *find, *add, *next;
	int64_t groups;	   /* how many there are */
	int64_t last;	   /* group of the row added last */
	struct buf key;	   /* of the row added last */
	bool out_of_order; /* rows of one group are not all together */
	bool over;	   /* SQLite would begin anew */
};

/* Nothing of the file has to survive: one transaction that never ends. */
static const char schema[] =
	"PRAGMA journal_mode = OFF;"
	"PRAGMA synchronous = OFF;"
	"PRAGMA cache_size = -8192;"
	"CREATE TABLE key (k BLOB PRIMARY KEY, grp INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE row (n INTEGER PRIMARY KEY, grp INTEGER, line INTEGER, at INTEGER, text "
	"BLOB);"
	"BEGIN;";

static int failed(const struct spill *s, struct buf *err)
{
	buf_printf(err, "temporary database: %s", s->db ? sqlite3_errmsg(s->db) : "out of memory");
	return -1;
}

static bool prepare(struct spill *s, const char *sql, sqlite3_stmt **out)
{
	return sqlite3_prepare_v2(s->db, sql, -1, out, NULL) == SQLITE_OK;
}

struct spill *spill_new(struct buf *err)
{
	struct spill *s = mem_zero(1, sizeof(*s));

	buf_init(&s->key);
	if (sqlite3_open("", &s->db) != SQLITE_OK ||
		sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK ||
		!prepare(s, "INSERT OR IGNORE INTO key VALUES (?1, ?2)", &s->name) ||
		!prepare(s, "SELECT grp FROM key WHERE k = ?1", &s->find) ||
		!prepare(s, "INSERT INTO row VALUES (NULL, ?1, ?2, ?3, ?4)", &s->add)) {
		failed(s, err);
		spill_free(s);
		return NULL;
	}
	return s;
}

void spill_free(struct spill *s)
{
	if (!s)
		return;
	sqlite3_finalize(s->name);
	sqlite3_finalize(s->find);
	sqlite3_finalize(s->add);
	sqlite3_finalize(s->next);
	sqlite3_close(s->db);
	buf_release(&s->key);
	free(s);
}

static int bind(sqlite3_stmt *q, int at, struct str s)
{
	return sqlite3_bind_blob64(q, at, s.len ? s.s : "", s.len, SQLITE_STATIC);
}

/* The number of the key's group, which begins here where there is none; -1. */
static int64_t group_of(struct spill *s, struct str key)
{
	int64_t group = -1;

	if (bind(s->name, 1, key) == SQLITE_OK &&
		sqlite3_bind_int64(s->name, 2, s->groups) == SQLITE_OK &&
		sqlite3_step(s->name) == SQLITE_DONE) {
		group = s->groups;
		if (sqlite3_changes(s->db))
			s->groups++;
		else if (bind(s->find, 1, key) == SQLITE_OK && sqlite3_step(s->find) == SQLITE_ROW)
			group = sqlite3_column_int64(s->find, 0);
		else
			group = -1;
	}
	sqlite3_reset(s->name);
	sqlite3_reset(s->find);
	return group;
}

int spill_add(struct spill *s, struct str key, const struct spill_row *row, struct buf *err)
{
	int64_t group = s->last;
	int status = 0;

	if (!key.len)
		group = s->groups++;
	else if (!s->key.len || !str_eq(buf_str(&s->key), key))
		group = group_of(s, key);
	if (group < 0)
		return failed(s, err);
	s->out_of_order = s->out_of_order || group < s->last;
	s->last = group;
	buf_clear(&s->key);
	buf_put(&s->key, key);
	sqlite3_bind_int64(s->add, 1, group);
	sqlite3_bind_int64(s->add, 2, (int64_t)row->line);
	sqlite3_bind_int64(s->add, 3, (int64_t)row->offset);
	if (bind(s->add, 4, row->text) != SQLITE_OK || sqlite3_step(s->add) != SQLITE_DONE)
		status = failed(s, err);
	sqlite3_reset(s->add);
	return status;
}

int spill_next(struct spill *s, struct spill_row *row, struct buf *err)
{
	/* SQLite sorts outside of memory; rows that lie as they are wanted need none of it. */
	static const char plain[] = "SELECT grp, line, at, text FROM row ORDER BY n",
			  sorted[] = "SELECT grp, line, at, text FROM row ORDER BY grp, n";
	int step;

	if (!s->next && !prepare(s, s->out_of_order ? sorted : plain, &s->next))
		return failed(s, err);
	step = s->over ? SQLITE_DONE : sqlite3_step(s->next);
	s->over = step == SQLITE_DONE;
	if (s->over)
		return 0;
	if (step != SQLITE_ROW)
		return failed(s, err);
	row->group = sqlite3_column_int64(s->next, 0);
	row->line = (uint64_t)sqlite3_column_int64(s->next, 1);
	row->offset = (uint64_t)sqlite3_column_int64(s->next, 2);
	row->text.s = sqlite3_column_blob(s->next, 3);
	row->text.len = (size_t)sqlite3_column_bytes(s->next, 3);
	return 1;
}
