/* Statements and the reasons why they fail; values that the file keeps about itself. */
#include "base/mem.h"
#include "core/store/split.h"

#include <errno.h>

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
					  : sqlite3_errmsg(db));
	return code == SQLITE_BUSY || code == SQLITE_LOCKED ? STORE_BUSY : STORE_ERROR;
}

int store_fail(struct store *s, struct buf *err)
{
	return store_fail_of(s->db, s->path, err);
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
