#include "core/store/scratch.h"
#include "base/map.h"
#include "base/mem.h"

#include <sqlite3.h>
#include <stdlib.h>

#define HELD_COST 160 /* bytes that one takes in memory besides key and value, about */

struct held {
	size_t len;
	char value[];
};

struct scratch {
	unsigned kib;
	struct map held; /* key -> struct held; empty once there is a database */
	size_t bytes;	 /* what they take */
	sqlite3 *db;
	sqlite3_stmt *put, *add, *get;
};

/* One transaction that never ends: nothing of the file has to survive, so nothing is ever synced.
 */
static const char schema[] =
	"PRAGMA journal_mode = OFF;"
	"PRAGMA synchronous = OFF;"
	"CREATE TABLE scratch (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID;"
	"BEGIN;";

static int failed(const struct scratch *s, struct buf *err)
{
	buf_printf(err, "temporary database: %s", s->db ? sqlite3_errmsg(s->db) : "out of memory");
	return -1;
}

static int set_cache(struct scratch *s)
{
	struct buf sql = BUF_INIT;
	int rc;

	buf_printf(&sql, "PRAGMA cache_size = -%u", s->kib);
	rc = sqlite3_exec(s->db, sql.s, NULL, NULL, NULL);
	buf_release(&sql);
	return rc;
}

static int open_database(struct scratch *s, struct buf *err)
{
	if (sqlite3_open("", &s->db) == SQLITE_OK && set_cache(s) == SQLITE_OK &&
		sqlite3_exec(s->db, schema, NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(s->db, "REPLACE INTO scratch VALUES (?1, ?2)", -1, &s->put,
			NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(s->db, "INSERT OR IGNORE INTO scratch VALUES (?1, ?2)", -1,
			&s->add, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(s->db, "SELECT v FROM scratch WHERE k = ?1", -1, &s->get,
			NULL) == SQLITE_OK)
		return 0;
	return failed(s, err);
}

struct scratch *scratch_new(unsigned kib)
{
	struct scratch *s = mem_zero(1, sizeof(*s));

	s->kib = kib;
	return s;
}

static void free_held(void *ctx, struct str key, union map_value *v)
{
	(void)ctx;
	(void)key;
	free(v->p);
}

static void forget_held(struct scratch *s)
{
	map_each(&s->held, free_held, NULL);
	map_release(&s->held);
	s->bytes = 0;
}

void scratch_free(struct scratch *s)
{
	if (!s)
		return;
	forget_held(s);
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

struct moving {
	struct scratch *s;
	struct buf *err;
	int status;
};

static void move_one(void *ctx, struct str key, union map_value *v)
{
	struct moving *m = ctx;
	const struct held *h = v->p;

	if (m->status >= 0)
		m->status = store(m->s, m->s->put, key, (struct str){h->value, h->len}, m->err);
}

/* Moves what is held to the database when there is no room for so many bytes more. */
static int make_room(struct scratch *s, size_t more, struct buf *err)
{
	struct moving m = {s, err, 0};

	if (s->db || s->bytes + more <= (size_t)s->kib << 10)
		return 0;
	m.status = open_database(s, err);
	map_each(&s->held, move_one, &m);
	forget_held(s);
	return m.status < 0 ? -1 : 0;
}

static void hold(struct scratch *s, union map_value *v, struct str value)
{
	struct held *h = mem_alloc(sizeof(*h) + value.len);

	h->len = value.len;
	if (value.len)
		memcpy(h->value, value.s, value.len);
	s->bytes += value.len;
	if (v->p)
		s->bytes -= ((struct held *)v->p)->len;
	free(v->p);
	v->p = h;
}

/* As scratch_add; replace: a value that is there gives way. */
static int set(struct scratch *s, struct str key, struct str value, bool replace, struct buf *err)
{
	union map_value *v;
	bool fresh;

	if (make_room(s, key.len + value.len + HELD_COST, err) < 0)
		return -1;
	if (s->db)
		return store(s, replace ? s->put : s->add, key, value, err);
	v = map_slot(&s->held, key, &fresh);
	if (fresh)
		s->bytes += key.len + HELD_COST;
	if (fresh || replace)
		hold(s, v, value);
	return fresh || replace;
}

int scratch_put(struct scratch *s, struct str key, struct str value, struct buf *err)
{
	return set(s, key, value, true, err) < 0 ? -1 : 0;
}

int scratch_add(struct scratch *s, struct str key, struct str value, struct buf *err)
{
	return set(s, key, value, false, err);
}

static int look_up(struct scratch *s, struct str key, struct buf *value, struct buf *err)
{
	int step = bind(s->get, 1, key) == SQLITE_OK ? sqlite3_step(s->get) : SQLITE_ERROR;
	int status = step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : failed(s, err);

	if (status == 1)
		buf_add(value, sqlite3_column_blob(s->get, 0),
			(size_t)sqlite3_column_bytes(s->get, 0));
	sqlite3_reset(s->get);
	sqlite3_clear_bindings(s->get);
	return status;
}

int scratch_get(struct scratch *s, struct str key, struct buf *value, struct buf *err)
{
	const union map_value *v;
	const struct held *h;

	buf_clear(value);
	if (s->db)
		return look_up(s, key, value, err);
	v = map_get(&s->held, key);
	if (!v)
		return 0;
	h = v->p;
	buf_add(value, h->value, h->len);
	return 1;
}
