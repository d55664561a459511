/* Statements and the reasons why they fail; values that the file keeps about itself. */
#include "base/mem.h"
#include "core/store/frozen.h"
#include "core/store/split.h"

#include <errno.h>
#include <stdlib.h>

static const char *const query_text[Q_COUNT] = {
	[Q_BEGIN] = "BEGIN IMMEDIATE",
	[Q_COMMIT] = "COMMIT",
	[Q_VERSION] = "PRAGMA data_version",
	/* OR FAIL: else what a statement of many rows changed would be kept beside, to be undone.
	 */
	[Q_ADD_EVENTS] =
		"INSERT OR FAIL INTO event(seq,time,ord,recorded,shape,session,ident,id,data,"
		"salt,leaf) SELECT c0,c1,c2,c3,c4,c5,c6,c7,c8,c9,c10 FROM given",
	[Q_LAST] = "SELECT coalesce(max(seq),0) FROM event",
	[Q_ROW] = "SELECT " ROW_COLUMNS " FROM event e WHERE seq=?1",
	[Q_LABEL] = "SELECT max(by) FROM label WHERE seq=?1 AND by<=?2",
	[Q_LABEL_ADD] = "INSERT INTO label(seq,by) VALUES(?1,?2)",
	[Q_LABELS] = "SELECT EXISTS (SELECT 1 FROM label)",
	[Q_LABELS_OF] = "SELECT by FROM label WHERE seq=?1 AND by>?2 AND by<=?3",
	/* They have one place in event time. */
	[Q_LABELLED] = "SELECT u.seq FROM unnamed u JOIN label l ON l.seq=u.seq AND l.by=?4"
		       " WHERE u.session=?1 AND u.time=?2 AND u.ord=?3",
	[Q_ROW_NAMES] = "SELECT e.id, e.key, h.source FROM event e JOIN shape h ON h.id=e.shape"
			" WHERE e.seq=?1",
	[Q_SHAPE_FIND] = "SELECT id FROM shape WHERE text=?1 AND source=?2 AND type=?3 AND "
			 "channel=?4 AND direction=?5 AND actor=?6",
	[Q_SHAPE_ADD] = "INSERT INTO shape(text,source,type,channel,direction,actor)"
			" VALUES(?1,?2,?3,?4,?5,?6)",
	[Q_SHAPE_TEXT] = "SELECT text, source FROM shape WHERE id=?1",
	[Q_RUNS] = "SELECT id,kind,entries,pages FROM run",
	[Q_RUN_ADD] = "INSERT INTO run(kind,entries,pages) VALUES(?1,?2,?3)",
	[Q_RUN_DROP] = "DELETE FROM run WHERE id=?1",
	[Q_RUN_PAGE] = "SELECT entries FROM run_page WHERE id=?1",
	[Q_RUN_PAGE_ADD] = "INSERT INTO run_page(id,entries) VALUES(?1,?2)",
	[Q_RUN_PAGE_PUT] = "INSERT OR REPLACE INTO run_page(id,entries) VALUES(?1,?2)",
	[Q_RUN_PAGE_SET] = "UPDATE run_page SET entries=?2 WHERE id=?1",
	[Q_RUN_PAGE_DROP] = "DELETE FROM run_page WHERE id=?1",
	[Q_RUN_PAGES_DROP] = "DELETE FROM run_page WHERE id>=?1 AND id<?2",
	[Q_SESSIONS_ADD] = "INSERT OR FAIL INTO session(id,source,name,first,ident,named,mixed)"
			   " SELECT c0,c1,c2,c3,c4,c5,c6 FROM given",
	[Q_SESSION_TEXT] = "SELECT name, source FROM session WHERE id=?1",
	[Q_SESSION_GET] =
		"SELECT first, ident, named, mixed, name, source FROM session WHERE id=?1",
	[Q_SESSION_SET] = "UPDATE session SET ident=?2, named=?3, mixed=?4 WHERE id=?1",
	[Q_IDENT_TEXT] = "SELECT kind, scope, value, placeholder, shared FROM ident WHERE id=?1",
	[Q_IDENTS_ADD] = "INSERT OR FAIL INTO ident(id,kind,scope,value,first,placeholder,records,"
			 "parent,joined,size,key,since,shared,rank)"
			 " SELECT c0,c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11,c12,c13 FROM given",
	[Q_IDENT_GET] = "SELECT parent, joined, size, key, first, placeholder, kind, scope, value,"
			" since, shared, rank FROM ident WHERE id=?1",
	[Q_IDENT_SET] = "UPDATE ident SET parent=?2, joined=?3, size=?4, key=?5,"
			" records=records+?6, since=?7, shared=?8 WHERE id=?1",
	[Q_LAST_SESSION] = "SELECT coalesce(max(id),0) FROM session",
	[Q_LAST_IDENT] = "SELECT coalesce(max(id),0) FROM ident",
	[Q_IDENT_CHILDREN] =
		"SELECT id FROM ident WHERE parent=?1 AND joined<=?2 AND coalesce(since,0)<=?2"
		" UNION ALL SELECT ident FROM was WHERE parent=?1 AND joined<=?2 AND since<=?2"
		" AND until>?2",
	[Q_WAS] =
		"SELECT parent, joined FROM was WHERE ident=?1 AND until>?2 ORDER BY until LIMIT 1",
	[Q_WAS_ADD] = "INSERT INTO was(ident,until,since,parent,joined) VALUES(?1,?2,?3,?4,?5)",
	[Q_PARTED] = "SELECT 1 FROM was WHERE until=?1 LIMIT 1",
	[Q_EDGE] = "SELECT cut FROM edge WHERE a=?1 AND b=?2",
	[Q_EDGES_ADD] = "INSERT OR FAIL INTO edge(a,b,first,cut) SELECT c0,c1,c2,c3 FROM given",
	[Q_EDGE_SET] = "UPDATE edge SET cut=?3 WHERE a=?1 AND b=?2",
	[Q_EDGES] = "SELECT b, first FROM edge WHERE a=?1 AND cut IS NULL",
	[Q_EVENT_SET_IDENT] = "UPDATE event SET ident=?2 WHERE seq=?1",
	[Q_EVENT_SESSION] = "SELECT session FROM event WHERE seq=?1",
	[Q_EVENT_IDENT] = "SELECT ident FROM event WHERE seq=?1",
	[Q_IDENT_GREW] = "SELECT 1 FROM ident WHERE parent=?1 AND joined=?2 LIMIT 1",
	[Q_OTHER_ADD] = "INSERT OR IGNORE INTO other(session,ident,first) VALUES(?1,?2,?3)",
	[Q_OTHER] = "SELECT first FROM other WHERE session=?1 AND ident=?2",
	[Q_SESSION_IDENTS] =
		"SELECT ident FROM session WHERE id=?1 AND ident>?2 UNION"
		" SELECT ident FROM other WHERE session=?1 AND ident>?2 ORDER BY 1 LIMIT ?3",
	[Q_PERSONS_ADD] =
		"INSERT OR REPLACE INTO person(key,ident,session) SELECT c0,c1,c2 FROM given",
	[Q_PERSON_DROP] = "DELETE FROM person WHERE key=?1",
	[Q_PERSON_GET] = "SELECT ident, session FROM person WHERE key=?1",
	[Q_TOUCH] = "INSERT INTO touched(customer, mark) VALUES(?1,?2)"
		    " ON CONFLICT(customer) DO UPDATE SET mark=max(mark, excluded.mark)",
	[Q_TOUCH_SESSION] =
		"INSERT INTO touched_session(session, mark) VALUES(?1,?2)"
		" ON CONFLICT(session) DO UPDATE SET mark=max(mark, excluded.mark), after=0",
	[Q_SESSION_TOUCHED] = "SELECT session, mark, after FROM touched_session LIMIT 1",
	[Q_SESSION_AFTER] = "UPDATE touched_session SET after=?2 WHERE session=?1",
	[Q_SESSION_DONE] = "DELETE FROM touched_session WHERE session=?1",
	[Q_TAIL] = "SELECT seq,session,ident,time,ord FROM event WHERE seq>?1 ORDER BY seq LIMIT "
		   "?2",
	[Q_TOUCHED] = "SELECT customer, mark FROM touched WHERE customer>?1 ORDER BY customer"
		      " LIMIT ?2",
	[Q_TOUCHED_STILL] = "SELECT 1 FROM touched WHERE customer=?1",
	[Q_TOUCHED_DONE] = "DELETE FROM touched WHERE customer=?1 AND mark=?2",
	/* Live mentions end at no sequence; those of what is shared at the one since which it is.
	 */
	[Q_MENTION_ADD] = "INSERT INTO mention(session,ident,time,ord,seq,until)"
			  " SELECT session,?2,time,ord,seq,?3 FROM event WHERE seq=?1",
	[Q_MENTION_END] = "UPDATE mention SET until=?3 WHERE session=?1 AND ident=?2",
	[Q_MENTION_UNTIL] = "SELECT min(until) FROM mention WHERE session=?1 AND until>?2",
	[Q_UNNAMED_ADD] = "INSERT INTO unnamed(session,time,ord,seq,since)"
			  " SELECT session,time,ord,seq,?2 FROM event WHERE seq=?1",
	[Q_UNNAMED_TAKE] = "INSERT INTO unnamed(session,time,ord,seq,since)"
			   " SELECT session,time,ord,seq,?3 FROM mention WHERE session=?1 AND "
			   "ident=?2",
	[Q_UNNAMED] = "SELECT seq FROM unnamed WHERE session=?1 AND (time,ord,seq)>(?2,?3,?4)"
		      " AND (time,ord,seq)<(?5,?6,?7) AND seq<=?8 AND since<=?8",
	[Q_MENTIONS] = "SELECT time,ord,seq FROM mention WHERE session=?1 AND ident=?2 AND seq<=?3"
		       " AND (until>?3 OR until=9223372036854775807)",
	[Q_NEAREST_BEFORE] =
		"SELECT time,ord,seq,ident FROM mention WHERE session=?1 AND until=?6 AND seq<=?5"
		" AND (time,ord,seq)<(?2,?3,?4) ORDER BY time DESC, ord DESC, seq DESC LIMIT 1",
	[Q_NEAREST_AFTER] = "SELECT time,ord,seq,ident FROM mention WHERE session=?1 AND until=?6 "
			    "AND seq<=?5"
			    " AND (time,ord,seq)>(?2,?3,?4) ORDER BY time, ord, seq LIMIT 1",
	[Q_TREE] = "SELECT size, peaks FROM tree WHERE id=1",
	[Q_TREE_SET] = "INSERT OR REPLACE INTO tree(id,size,peaks) VALUES(1,?1,?2)",
	[Q_TILE] = "SELECT hash FROM tile WHERE n=?1",
	[Q_TILE_ADD] = "INSERT INTO tile(n,hash) VALUES(?1,?2)",
	[Q_LEAF] = "SELECT leaf, salt FROM event WHERE seq=?1",
	[Q_META_GET] = "SELECT value FROM meta WHERE key=?1",
	[Q_META_SET] = "INSERT OR REPLACE INTO meta(key,value) VALUES(?1,?2)",
	[Q_META_DROP] = "DELETE FROM meta WHERE key=?1",
	[Q_PLACE_PUT] = "INSERT INTO meta(key,value) VALUES(?1,?2) ON CONFLICT(key) DO UPDATE"
			" SET value=excluded.value"
			" WHERE CAST(value AS INTEGER)<CAST(excluded.value AS INTEGER)",
};

int store_fail_of(sqlite3 *db, const char *path, struct buf *err)
{
	int code = sqlite3_errcode(db) & 0xff;

	/* Such as the index of the write-ahead log, which is memory to SQLite. */
	if (code == SQLITE_IOERR && sqlite3_system_errno(db) == ENOSPC)
		code = SQLITE_FULL;
	buf_printf(err, "%s: %s", path,
		code == SQLITE_BUSY || code == SQLITE_LOCKED ? "another writer holds it"
		: code == SQLITE_NOTADB	  ? "not a journey file (no SQLite database)"
		: code == SQLITE_READONLY ? "read-only"
		: code == SQLITE_FULL	  ? "disk full"
		: code == SQLITE_CANTOPEN ? "cannot be opened (its folder must be writable)"
		: frozen_written(db)	  ? FROZEN_TELLS
					  : sqlite3_errmsg(db));
	return code == SQLITE_BUSY || code == SQLITE_LOCKED ? STORE_BUSY : STORE_ERROR;
}

int store_fail(struct store *s, struct buf *err)
{
	return store_fail_of(s->db, s->path, err);
}

int store_overtaken(int status, struct buf *err)
{
	if (!frozen_refused() || (status < 0 && strstr(err->s, FROZEN_TELLS)))
		return status;
	buf_clear(err);
	buf_puts(err, "the journey file " FROZEN_TELLS);
	return STORE_ERROR;
}

/* Statements that have nothing to do with what is owed, which they run before: other tables are
 * theirs, or who runs them looks at what is owed, too, or asks for what was on file before. */
static bool runs_before(enum query q)
{
	static const bool before[Q_COUNT] = {[Q_EDGE] = true,
		[Q_EDGES] = true,
		[Q_IDENT_GET] = true,
		[Q_IDENT_TEXT] = true,
		[Q_IDENT_SET] = true,
		[Q_SESSION_GET] = true,
		[Q_SESSION_SET] = true,
		[Q_OTHER_ADD] = true,
		[Q_OTHER] = true,
		[Q_PERSON_DROP] = true,
		[Q_ROW] = true,
		[Q_SHAPE_TEXT] = true,
		[Q_SESSION_TEXT] = true,
		[Q_RUN_PAGE] = true};

	return before[q];
}

int store_query(struct store *s, enum query q, sqlite3_stmt **out, struct buf *err)
{
	int status = runs_before(q) ? 0 : store_paid(s, err);

	*out = NULL;
	if (status < 0)
		return status;
	if (!s->q[q] && sqlite3_prepare_v3(s->db, query_text[q], -1, SQLITE_PREPARE_PERSISTENT,
				&s->q[q], NULL) != SQLITE_OK)
		return store_fail(s, err);
	*out = s->q[q];
	return 0;
}

int store_number(struct store *s, enum query q, int64_t *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, q, &st, err);

	if (status == 0)
		status = store_step(s, st, err);
	if (status < 0)
		return status;
	*out = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return 0;
}

void store_unguard(struct store *s)
{
	if (s->unguarded++ == 0)
		sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
}

void store_guard(struct store *s)
{
	if (--s->unguarded == 0)
		sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
}

void store_owe(struct store *s, store_pay *pay, void *ctx)
{
	s->owed = pay;
	s->owed_to = ctx;
}

int store_paid(struct store *s, struct buf *err)
{
	store_pay *pay = s->owed;
	int status = 0;

	if (!pay && !s->edges.n)
		return 0;
	s->owed = NULL;
	if (pay)
		status = pay(s->owed_to, err);
	if (status == 0)
		status = split_flush(s, err);
	s->owed = pay;
	return status;
}

int store_exec(struct store *s, const char *sql, struct buf *err)
{
	int status = store_paid(s, err);

	if (status < 0)
		return status;
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(s, err);
}

int store_prepare(struct store *s, const char *sql, sqlite3_stmt **out, struct buf *err)
{
	int status = store_paid(s, err);

	*out = NULL;
	if (status < 0)
		return status;
	return sqlite3_prepare_v2(s->db, sql, -1, out, NULL) == SQLITE_OK ? 0 : store_fail(s, err);
}

int store_step(struct store *s, sqlite3_stmt *st, struct buf *err)
{
	int code = sqlite3_step(st), status;

	if (code == SQLITE_ROW)
		return 1;
	status = code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_reset(st);
	return status;
}

int store_run(struct store *s, sqlite3_stmt *st, struct buf *err)
{
	int status = store_step(s, st, err);

	if (status == 1)
		sqlite3_reset(st);
	return status < 0 ? status : 0;
}

int store_give_to(struct store *s, sqlite3_stmt *st, const struct given *rows, struct buf *err)
{
	int status;

	s->given = *rows;
	status = store_run(s, st, err);
	s->given = (struct given){0, NULL, NULL};
	return status;
}

int store_give(struct store *s, enum query q, const struct given *rows, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, q, &st, err);

	return status < 0 ? status : store_give_to(s, st, rows, err);
}

int store_get(struct store *s, enum query q, int64_t n, sqlite3_stmt **out, struct buf *err)
{
	int status = store_query(s, q, out, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(*out, 1, n);
	return store_step(s, *out, err);
}

int store_change(struct store *s, const char *sql, int64_t a, int64_t b, int64_t c, struct buf *err)
{
	const int64_t v[] = {a, b, c};
	sqlite3_stmt *st;
	int status = store_prepare(s, sql, &st, err);

	for (int i = 0; i < 3 && status == 0 && i < sqlite3_bind_parameter_count(st); i++)
		sqlite3_bind_int64(st, i + 1, v[i]);
	if (status == 0)
		status = store_run(s, st, err);
	sqlite3_finalize(st);
	return status;
}

int store_numbers(struct store *s, const char *sql, struct seqs *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s, sql, &st, err);

	while (status >= 0 && (status = store_step(s, st, err)) == 1)
		*VEC_ADD(out, v, n, cap) = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return status;
}

int store_by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

bool store_has(const int64_t *sorted, size_t n, int64_t number)
{
	return n && bsearch(&number, sorted, n, sizeof(*sorted), store_by_number) != NULL;
}

size_t store_once(int64_t *v, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(v, n, sizeof(*v), store_by_number);
	for (size_t i = 0; i < n; i++)
		if (!kept || v[kept - 1] != v[i])
			v[kept++] = v[i];
	return kept;
}

struct str store_column(sqlite3_stmt *st, int column)
{
	const void *p = sqlite3_column_blob(st, column);

	return (struct str){p, (size_t)sqlite3_column_bytes(st, column)};
}

void store_bind(sqlite3_stmt *st, int at, struct str s)
{
	sqlite3_bind_text(st, at, s.s ? s.s : "", (int)s.len, SQLITE_STATIC);
}

int store_meta(struct store *s, const char *key, struct buf *value, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_query(s, Q_META_GET, &st, err);

	buf_clear(value);
	if (status < 0)
		return status;
	store_bind(st, 1, str_of(key));
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	buf_put(value, store_column(st, 0));
	sqlite3_reset(st);
	return 0;
}

int store_meta_set(struct store *s, const char *key, struct str value, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_query(s, Q_META_SET, &st, err);

	if (status < 0)
		return status;
	store_bind(st, 1, str_of(key));
	store_bind(st, 2, value);
	return store_run(s, st, err);
}

int store_meta_number(
	struct store *s, const char *key, int64_t otherwise, int64_t *out, struct buf *err)
{
	struct buf kept = BUF_INIT;
	int status = store_meta(s, key, &kept, err);

	if (!str_int(buf_str(&kept), out))
		*out = otherwise;
	buf_release(&kept);
	return status;
}

int store_meta_keep(struct store *s, const char *key, int64_t n, struct buf *err)
{
	struct buf value = BUF_INIT;
	int status;

	buf_int(&value, n);
	status = store_meta_set(s, key, buf_str(&value), err);
	buf_release(&value);
	return status;
}

int store_meta_drop(struct store *s, const char *key, bool *was, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_query(s, Q_META_DROP, &st, err);

	if (status < 0)
		return status;
	store_bind(st, 1, str_of(key));
	status = store_run(s, st, err);
	if (was)
		*was = status == 0 && sqlite3_changes(s->db) > 0;
	return status;
}

int64_t store_pragma(struct store *s, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK &&
		sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

int store_one_number(struct store *s, const char *sql, int64_t a, int64_t *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s, sql, &st, err);

	*out = 0;
	if (status == 0 && sqlite3_bind_parameter_count(st))
		sqlite3_bind_int64(st, 1, a);
	if (status == 0)
		status = store_step(s, st, err);
	if (status == 1)
		*out = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return status < 0 ? status : 0;
}
