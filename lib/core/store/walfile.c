#include "core/store/walfile.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE (64 << 10)  /* bytes that are written at once; SQLite takes less than 128 KiB */
#define STRETCH (4 << 20) /* bytes after which those written are sent to the disk */
#define FRAME_HEADER 24	  /* https://www.sqlite.org/fileformat2.html#walformat */

/* One that is no log is opened by the VFS below in place of this. */
struct walfile {
	sqlite3_file base;
	int fd; /* of the same file, which nobody locks; -1: none */
	char *piece;
	int n;		    /* bytes of the piece */
	sqlite3_int64 next; /* where the last write ended */
	sqlite3_int64 sent; /* bytes before this were sent or synced */
	bool ends;	    /* the frame whose header came last ends a transaction */
	sqlite3_file *real; /* behind this */
};

static sqlite3_vfs vfs, *under;

static struct walfile *of(sqlite3_file *f)
{
	return (struct walfile *)f;
}

/* The disk works while what comes next is written, and less is left to wait for. */
static void send_on(struct walfile *w, sqlite3_int64 end)
{
	if (end < w->sent)
		w->sent = 0;
	if (w->fd < 0 || end - w->sent < STRETCH)
		return;
#ifdef SYNC_FILE_RANGE_WRITE
	sync_file_range(w->fd, w->sent, end - w->sent, SYNC_FILE_RANGE_WRITE);
#endif
	w->sent = end;
}

static int write_piece(struct walfile *w)
{
	sqlite3_int64 at = w->next - w->n;
	int n = w->n, code;

	w->n = 0;
	if (!n)
		return SQLITE_OK;
	code = w->real->pMethods->xWrite(w->real, w->piece, n, at);
	if (code == SQLITE_OK)
		send_on(w, at + n);
	return code;
}

/* Adds to the piece, and writes it each time that it is full. */
static int gather(struct walfile *w, const char *bytes, int n)
{
	int code = SQLITE_OK;

	while (n && code == SQLITE_OK) {
		int part = n < PIECE - w->n ? n : PIECE - w->n;

		memcpy(w->piece + w->n, bytes, (size_t)part);
		w->n += part;
		w->next += part;
		bytes += part;
		n -= part;
		if (w->n == PIECE)
			code = write_piece(w);
	}
	return code;
}

static bool ends_transaction(const char *header)
{
	static const char none[4];

	return memcmp(header + 4, none, sizeof(none)) != 0;
}

static int wal_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	struct walfile *w = of(f);
	bool ended = w->ends && n != FRAME_HEADER;
	int code;

	w->ends = n == FRAME_HEADER && ends_transaction(bytes);
	if (at == w->next) {
		code = gather(w, bytes, n);
		return code == SQLITE_OK && ended ? write_piece(w) : code;
	}
	code = write_piece(w);
	if (code == SQLITE_OK)
		code = w->real->pMethods->xWrite(w->real, bytes, n, at);
	w->next = at + n;
	return code;
}

static int wal_read(sqlite3_file *f, void *bytes, int n, sqlite3_int64 at)
{
	int code = write_piece(of(f));

	return code == SQLITE_OK ? of(f)->real->pMethods->xRead(of(f)->real, bytes, n, at) : code;
}

static int wal_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int code = write_piece(of(f));

	return code == SQLITE_OK ? of(f)->real->pMethods->xTruncate(of(f)->real, size) : code;
}

static int wal_sync(sqlite3_file *f, int flags)
{
	struct walfile *w = of(f);
	int code = write_piece(w);

	w->sent = w->next;
	return code == SQLITE_OK ? w->real->pMethods->xSync(w->real, flags) : code;
}

static int wal_size(sqlite3_file *f, sqlite3_int64 *size)
{
	int code = write_piece(of(f));

	return code == SQLITE_OK ? of(f)->real->pMethods->xFileSize(of(f)->real, size) : code;
}

/* What is gathered is of a transaction that did not end. */
static void drop_piece(struct walfile *w)
{
	w->next -= w->n;
	w->n = 0;
	w->ends = false;
}

static int wal_close(sqlite3_file *f)
{
	struct walfile *w = of(f);
	int code;

	drop_piece(w);
	code = w->real->pMethods->xClose(w->real);
	if (w->fd >= 0)
		close(w->fd);
	free(w->piece);
	return code;
}

static int wal_lock(sqlite3_file *f, int level)
{
	return of(f)->real->pMethods->xLock(of(f)->real, level);
}

static int wal_unlock(sqlite3_file *f, int level)
{
	return of(f)->real->pMethods->xUnlock(of(f)->real, level);
}

static int wal_reserved(sqlite3_file *f, int *is)
{
	return of(f)->real->pMethods->xCheckReservedLock(of(f)->real, is);
}

static int wal_control(sqlite3_file *f, int op, void *arg)
{
	return of(f)->real->pMethods->xFileControl(of(f)->real, op, arg);
}

static int wal_sector(sqlite3_file *f)
{
	return of(f)->real->pMethods->xSectorSize(of(f)->real);
}

static int wal_kind(sqlite3_file *f)
{
	return of(f)->real->pMethods->xDeviceCharacteristics(of(f)->real);
}

/* Of version 1: a log is not shared in memory. */
static const sqlite3_io_methods methods = {.iVersion = 1,
	.xClose = wal_close,
	.xRead = wal_read,
	.xWrite = wal_write,
	.xTruncate = wal_truncate,
	.xSync = wal_sync,
	.xFileSize = wal_size,
	.xLock = wal_lock,
	.xUnlock = wal_unlock,
	.xCheckReservedLock = wal_reserved,
	.xFileControl = wal_control,
	.xSectorSize = wal_sector,
	.xDeviceCharacteristics = wal_kind};

static int open_file(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct walfile *w = of(f);
	int code;

	(void)v;
	if (!(flags & SQLITE_OPEN_WAL))
		return under->xOpen(under, name, f, flags, out);
	*w = (struct walfile){.fd = -1, .real = (sqlite3_file *)(w + 1)};
	code = under->xOpen(under, name, w->real, flags, out);
	if (code != SQLITE_OK)
		return code;
	w->fd = open(name, O_WRONLY | O_CLOEXEC);
	w->piece = mem_alloc(PIECE);
	w->base.pMethods = &methods;
	return SQLITE_OK;
}

/* Nobody may write any more by then: others may have, where the piece would go. */
static void rolled_back(void *db)
{
	sqlite3_file *f = NULL;

	if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &f) == SQLITE_OK && f &&
		f->pMethods == &methods)
		drop_piece(of(f));
}

void walfile_watch(sqlite3 *db)
{
	sqlite3_rollback_hook(db, rolled_back, db);
}

const char *vfs_over(sqlite3_vfs *v, sqlite3_vfs **below, const char *name, size_t more,
	int (*open_one)(sqlite3_vfs *, const char *, sqlite3_file *, int, int *))
{
	if (*below)
		return v->zName;
	*below = sqlite3_vfs_find(NULL);
	if (!*below)
		return NULL;
	/* The other functions are those of the VFS below, which find their data where it is theirs.
	 */
	*v = **below;
	v->szOsFile += (int)more;
	v->zName = name;
	v->pNext = NULL;
	v->xOpen = open_one;
	return sqlite3_vfs_register(v, 0) == SQLITE_OK ? v->zName : NULL;
}

const char *walfile_vfs(void)
{
	return vfs_over(&vfs, &under, "jtools", sizeof(struct walfile), open_file);
}
