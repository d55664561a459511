#include "core/store/backup.h"
#include "base/mem.h"
#include "core/store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define KEY "backup:"

int backup_unlink(const char *path, struct buf *err)
{
	static const char *const ends[] = {"-journal", "-wal", "-shm", ""};
	struct buf one = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && status == 0; i++) {
		buf_clear(&one);
		buf_printf(&one, "%s%s", path, ends[i]);
		if (unlink(one.s) == 0 || errno == ENOENT)
			continue;
		buf_printf(err, "%s: %s", one.s, strerror(errno));
		status = STORE_ERROR;
	}
	buf_release(&one);
	return status;
}

static int sync_folder(const char *path, struct buf *err)
{
	const char *slash = strrchr(path, '/');
	struct buf folder = BUF_INIT;
	int status;

	buf_add(&folder, path, slash ? (size_t)(slash - path + 1) : 0);
	status = store_sync(folder.len ? folder.s : ".", err);
	buf_release(&folder);
	return status;
}

/* Whether the last record of the database is one of the file's. */
static int is_earlier(struct store *s, sqlite3 *db, bool *same, struct buf *err)
{
	sqlite3_stmt *there = NULL, *here = NULL;
	int status =
		store_prepare(s, "SELECT recorded, body FROM v_event WHERE seq=?1", &here, err);

	*same = false;
	if (status == 0 &&
		sqlite3_prepare_v2(db,
			"SELECT seq, recorded, body FROM v_event ORDER BY seq DESC LIMIT 1", -1,
			&there, NULL) == SQLITE_OK &&
		sqlite3_step(there) == SQLITE_ROW) {
		sqlite3_bind_int64(here, 1, sqlite3_column_int64(there, 0));
		status = store_step(s, here, err);
		*same = status == 1 &&
			sqlite3_column_int64(here, 0) == sqlite3_column_int64(there, 1) &&
			str_eq(store_column(here, 1), store_column(there, 2));
	}
	sqlite3_finalize(there);
	sqlite3_finalize(here);
	return status < 0 ? status : 0;
}

/* A copy that a run which was broken off has left may be replaced. */
static int make_way(struct store *s, const char *path, struct buf *err)
{
	sqlite3 *db = NULL;
	bool same = false;
	int status = 0;

	if (access(path, F_OK) != 0)
		return 0;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
		SQLITE_OK)
		status = is_earlier(s, db, &same, err);
	sqlite3_close(db);
	if (status == 0 && !same) {
		buf_printf(err, "%s: stands where a backup is to be kept: move it elsewhere", path);
		status = STORE_ERROR;
	}
	return status;
}

static int open_plain(const char *path, int flags, sqlite3 **db, struct buf *err)
{
	return sqlite3_open_v2(path, db, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK
		       ? 0
		       : store_fail_of(*db, path, err);
}

/* By a connection of its own: that of a write transaction cannot be copied from. */
static int copy_into(struct store *s, const char *path, struct buf *err)
{
	sqlite3 *from = NULL, *to = NULL;
	sqlite3_backup *b = NULL;
	int status = open_plain(s->path, SQLITE_OPEN_READONLY, &from, err);

	if (status == 0)
		status = open_plain(path, SQLITE_OPEN_READWRITE, &to, err);
	if (status == 0)
		b = sqlite3_backup_init(to, "main", from, "main");
	if (b)
		sqlite3_backup_step(b, -1);
	sqlite3_backup_finish(b);
	if (status == 0 && sqlite3_errcode(to) != SQLITE_OK)
		status = store_fail_of(to, path, err);
	sqlite3_close(from);
	sqlite3_close(to);
	return status;
}

static int copy(struct store *s, const char *path, struct buf *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), status;

	if (fd < 0) {
		buf_printf(err, "%s: %s", path, strerror(errno));
		return STORE_ERROR;
	}
	close(fd);
	status = copy_into(s, path, err);
	return status < 0 ? status : store_sync(path, err);
}

int backup_make(struct store *s, const char *path, struct buf *err)
{
	struct buf fresh = BUF_INIT, later = BUF_INIT;
	int status = make_way(s, path, err);

	buf_printf(&fresh, "%s.new", path);
	if (status == 0)
		status = backup_unlink(fresh.s, err);
	if (status == 0)
		status = copy(s, fresh.s, err);
	if (status == 0 && rename(fresh.s, path) < 0) {
		buf_printf(err, "%s: %s", path, strerror(errno));
		status = STORE_ERROR;
	}
	if (status == 0)
		status = sync_folder(path, err);
	else
		backup_unlink(fresh.s, &later);
	buf_release(&fresh);
	buf_release(&later);
	return status;
}

int backup_note(struct store *s, const char *path, struct buf *err)
{
	struct buf key = BUF_INIT;
	int status;

	buf_printf(&key, KEY "%s", path);
	status = store_meta_set(s, key.s, STR("kept"), err);
	buf_release(&key);
	return status;
}

int backup_drop(struct store *s, const char *path, struct buf *err)
{
	struct buf key = BUF_INIT;
	int status;

	buf_printf(&key, KEY "%s", path);
	status = store_meta_drop(s, key.s, NULL, err);
	buf_release(&key);
	return status;
}

int backup_each(struct store *s, int (*visit)(void *ctx, const char *path, struct buf *err),
	void *ctx, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_prepare(s,
		"SELECT substr(key, 8) FROM meta WHERE key >= 'backup:' AND key < 'backup;'"
		" ORDER BY 1",
		&st, err);

	while (status >= 0 && (status = store_step(s, st, err)) == 1) {
		status = visit(ctx, (const char *)sqlite3_column_text(st, 0), err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	return status;
}

struct paths {
	char **v;
	size_t n, cap;
};

static int keep_path(void *ctx, const char *path, struct buf *err)
{
	struct paths *p = ctx;

	(void)err;
	*VEC_ADD(p, v, n, cap) = mem_string(path);
	return 0;
}

/* The file may have been moved, and its copy with it. */
static void find(const struct store *s, const char *path, struct buf *out)
{
	const char *name = strrchr(path, '/'), *slash = strrchr(s->path, '/');
	struct buf beside = BUF_INIT;

	buf_add(&beside, s->path, slash ? (size_t)(slash - s->path + 1) : 0);
	buf_puts(&beside, name ? name + 1 : path);
	buf_clear(out);
	buf_puts(out, access(path, F_OK) != 0 && access(beside.s, F_OK) == 0 ? beside.s : path);
	buf_release(&beside);
}

/* Something else may have taken its place. One that cannot be looked into may be ours. */
static bool is_foreign(const char *path)
{
	/* https://www.sqlite.org/fileformat2.html#the_database_header */
	static const char magic[] = "SQLite format 3";
	static const unsigned char id[4] = {APPLICATION_ID >> 24 & 0xff,
		APPLICATION_ID >> 16 & 0xff, APPLICATION_ID >> 8 & 0xff, APPLICATION_ID & 0xff};
	char header[72] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, header, sizeof(header));

	if (fd >= 0)
		close(fd);
	return n >= 0 && (memcmp(header, magic, sizeof(magic)) != 0 ||
				 memcmp(header + 68, id, sizeof(id)) != 0);
}

static enum backup_fate fate_of(const char *path)
{
	if (access(path, F_OK) != 0)
		return BACKUP_GONE;
	return is_foreign(path) ? BACKUP_FOREIGN : BACKUP_REMOVED;
}

static int remove_one(struct store *s, const char *path, backup_told *told, struct buf *err)
{
	struct buf at = BUF_INIT;
	enum backup_fate fate;
	int status = 0;

	find(s, path, &at);
	fate = fate_of(at.s);
	if (fate != BACKUP_FOREIGN)
		status = backup_unlink(at.s, err);
	if (status == 0 && fate == BACKUP_REMOVED)
		status = sync_folder(at.s, err);
	if (status == 0)
		status = backup_drop(s, path, err);
	if (status == 0 && told)
		told(at.s, fate);
	buf_release(&at);
	return status;
}

int backup_remove(struct store *s, backup_told *told, struct buf *err)
{
	struct paths p = {NULL, 0, 0};
	int status = backup_each(s, keep_path, &p, err);

	for (size_t i = 0; i < p.n; i++) {
		if (status == 0)
			status = remove_one(s, p.v[i], told, err);
		free(p.v[i]);
	}
	free(p.v);
	return status;
}
