/*
 * A SQLite VFS that fails on purpose, preloaded before a command that knows nothing of it. It goes
 * before the one that SQLite would use. JTOOLS_FAULT is KIND:N, and what happens at the N-th write
 * or sync of this process is: eio   it fails with an input/output error, as do the four after it
 *   full  it fails for lack of room, as do all after it
 *   torn  half of it is written, and the process ends
 *   lost  the process ends as by a power cut: of what was written since each file's last sync, some
 *         is on the disk and some is not (JTOOLS_FAULT_SEED says what)
 * At its end the process appends the number of operations it saw to $JTOOLS_FAULT_COUNT, if set.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { NONE, EIO_FIVE, FULL, TORN, LOST };

/* What a write since the last sync replaced. */
struct undo {
	struct undo *before;
	sqlite3_int64 at, size; /* size: of the file before it */
	int len, old;		/* old: bytes that were there */
	char bytes[];
};

struct file {
	sqlite3_file base;
	struct undo *undo;
	struct file *next; /* of all that are open */
	sqlite3_file *real;
};

static enum kind kind;
static long at, ops, writes_left = 5;
static unsigned seed;
static struct file *files;
static sqlite3_vfs *under, vfs;

static unsigned draw(void)
{
	seed = seed * 1103515245u + 12345u;
	return seed >> 16;
}

/* Takes back, last first, what a disk might not have kept. */
static void lose(struct file *f)
{
	for (struct undo *u = f->undo; u; u = u->before) {
		if (draw() % 2)
			continue;
		if (u->old)
			f->real->pMethods->xWrite(f->real, u->bytes, u->old, u->at);
		if (u->old < u->len && u->size < u->at + u->len && u == f->undo)
			f->real->pMethods->xTruncate(f->real, u->size);
	}
}

static void forget(struct file *f)
{
	while (f->undo) {
		struct undo *u = f->undo;

		f->undo = u->before;
		free(u);
	}
}

static void power_cut(void)
{
	for (struct file *f = files; f; f = f->next)
		lose(f);
	_exit(9);
}

static void remember(struct file *f, int len, sqlite3_int64 offset)
{
	struct undo *u = malloc(sizeof(*u) + (size_t)len);

	if (!u)
		abort();
	*u = (struct undo){f->undo, offset, 0, len, 0};
	f->real->pMethods->xFileSize(f->real, &u->size);
	u->old = u->size <= offset ? 0 : u->size - offset < len ? (int)(u->size - offset) : len;
	if (u->old)
		f->real->pMethods->xRead(f->real, u->bytes, u->old, offset);
	f->undo = u;
}

/* Whether the operation that begins is the one, or one after it that fails too. */
static bool strikes(void)
{
	ops++;
	if (kind == EIO_FIVE)
		return ops >= at && writes_left-- > 0;
	return kind == FULL ? ops >= at : kind != NONE && ops == at;
}

static struct file *of(sqlite3_file *base)
{
	return (struct file *)(void *)base;
}

static int fault_write(sqlite3_file *base, const void *p, int len, sqlite3_int64 offset)
{
	struct file *f = of(base);

	if (strikes()) {
		if (kind == EIO_FIVE || kind == FULL)
			return kind == FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
		if (kind == LOST)
			power_cut();
		f->real->pMethods->xWrite(f->real, p, len / 2, offset);
		_exit(9);
	}
	if (kind == LOST)
		remember(f, len, offset);
	return f->real->pMethods->xWrite(f->real, p, len, offset);
}

static int fault_sync(sqlite3_file *base, int flags)
{
	struct file *f = of(base);

	if (strikes()) {
		if (kind == EIO_FIVE || kind == FULL)
			return SQLITE_IOERR_FSYNC;
		if (kind == LOST)
			power_cut();
		_exit(9);
	}
	forget(f);
	return f->real->pMethods->xSync(f->real, flags);
}

static int fault_close(sqlite3_file *base)
{
	struct file *f = of(base), **p = &files;

	while (*p && *p != f)
		p = &(*p)->next;
	if (*p)
		*p = f->next;
	forget(f);
	return f->real->pMethods->xClose(f->real);
}

#define REAL of(base)->real
#define PASS(name, params, ...)                                                                    \
	static int fault_##name params                                                             \
	{                                                                                          \
		return REAL->pMethods->name(REAL, __VA_ARGS__);                                    \
	}
PASS(xRead, (sqlite3_file * base, void *p, int n, sqlite3_int64 o), p, n, o)
PASS(xTruncate, (sqlite3_file * base, sqlite3_int64 n), n)
PASS(xFileSize, (sqlite3_file * base, sqlite3_int64 *n), n)
PASS(xLock, (sqlite3_file * base, int l), l)
PASS(xUnlock, (sqlite3_file * base, int l), l)
PASS(xCheckReservedLock, (sqlite3_file * base, int *r), r)
PASS(xFileControl, (sqlite3_file * base, int op, void *p), op, p)
PASS(xShmMap, (sqlite3_file * base, int n, int size, int extend, void volatile **p), n, size,
	extend, p)
PASS(xShmLock, (sqlite3_file * base, int o, int n, int flags), o, n, flags)
PASS(xShmUnmap, (sqlite3_file * base, int drop), drop)

static int fault_sector(sqlite3_file *base)
{
	return REAL->pMethods->xSectorSize(REAL);
}

/* Nothing is promised of a write that is not synced. */
static int fault_device(sqlite3_file *base)
{
	(void)base;
	return 0;
}

static void fault_barrier(sqlite3_file *base)
{
	REAL->pMethods->xShmBarrier(REAL);
}

static const sqlite3_io_methods methods = {2, fault_close, fault_xRead, fault_write,
	fault_xTruncate, fault_sync, fault_xFileSize, fault_xLock, fault_xUnlock,
	fault_xCheckReservedLock, fault_xFileControl, fault_sector, fault_device, fault_xShmMap,
	fault_xShmLock, fault_barrier, fault_xShmUnmap, NULL, NULL};

static int fault_open(sqlite3_vfs *v, const char *name, sqlite3_file *base, int flags, int *out)
{
	struct file *f = of(base);
	int code;

	(void)v;
	memset(f, 0, sizeof(*f));
	f->real = (sqlite3_file *)(void *)(f + 1);
	code = under->xOpen(under, name, f->real, flags, out);
	if (code == SQLITE_OK) {
		f->base.pMethods = &methods;
		f->next = files;
		files = f;
	}
	return code;
}

static void tell(void)
{
	const char *path = getenv("JTOOLS_FAULT_COUNT");
	char line[32];
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;

	if (fd < 0)
		return;
	if (write(fd, line, (size_t)snprintf(line, sizeof(line), "%ld\n", ops)) < 0)
		abort();
	close(fd);
}

__attribute__((constructor)) static void begin(void)
{
	static const char *const kinds[] = {"", "eio:", "full:", "torn:", "lost:"};
	const char *fault = getenv("JTOOLS_FAULT"), *from = getenv("JTOOLS_FAULT_SEED");

	for (int k = EIO_FIVE; fault && k <= LOST; k++)
		if (strncmp(fault, kinds[k], strlen(kinds[k])) == 0) {
			kind = (enum kind)k;
			at = atol(fault + strlen(kinds[k]));
		}
	seed = from ? (unsigned)atol(from) : 1;
	if (sqlite3_initialize() != SQLITE_OK)
		return;
	under = sqlite3_vfs_find(NULL);
	vfs = *under;
	vfs.szOsFile = (int)sizeof(struct file) + under->szOsFile;
	vfs.zName = "fault";
	vfs.xOpen = fault_open;
	vfs.pNext = NULL;
	sqlite3_vfs_register(&vfs, 1);
	atexit(tell);
}
