#include "core/store/frozen.h"
#include "core/store/walfile.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ASK_WRITTEN 0x6a74 /* of xFileControl */
#define TICK 20		   /* ms; files' times are as fine as that, or of whole seconds */
#define LOOKS 200	   /* for a file that is not being written to */

struct frozen {
	sqlite3_file base;
	int fd;
	const char *path;
	off_t size;
	struct timespec time; /* of its last change */
};

static sqlite3_vfs vfs, *under;
static atomic_bool refused;

static struct frozen *of(sqlite3_file *f)
{
	return (struct frozen *)f;
}

static bool written(const struct frozen *z)
{
	struct stat st;

	return fstat(z->fd, &st) < 0 || st.st_size != z->size ||
	       st.st_mtim.tv_sec != z->time.tv_sec || st.st_mtim.tv_nsec != z->time.tv_nsec;
}

/* Nothing but 0 where the file ends before. */
static int fill(int fd, char *bytes, int n, off_t at)
{
	while (n) {
		ssize_t got = pread(fd, bytes, (size_t)n, at);

		if (got < 0)
			return SQLITE_IOERR_READ;
		if (got == 0) {
			memset(bytes, 0, (size_t)n);
			return SQLITE_IOERR_SHORT_READ;
		}
		bytes += got;
		at += got;
		n -= (int)got;
	}
	return SQLITE_OK;
}

static int frozen_read(sqlite3_file *f, void *bytes, int n, sqlite3_int64 at)
{
	int code = fill(of(f)->fd, bytes, n, at);

	if (!written(of(f)))
		return code;
	atomic_store(&refused, true);
	return FROZEN_WRITTEN;
}

static int frozen_size(sqlite3_file *f, sqlite3_int64 *size)
{
	*size = of(f)->size;
	return SQLITE_OK;
}

static int frozen_close(sqlite3_file *f)
{
	close(of(f)->fd);
	return SQLITE_OK;
}

static int refuse_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	(void)f;
	(void)bytes;
	(void)n;
	(void)at;
	return SQLITE_READONLY;
}

static int refuse_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	(void)f;
	(void)size;
	return SQLITE_READONLY;
}

/* Nothing is to be synced, locked or unlocked. */
static int pass(sqlite3_file *f, int what)
{
	(void)f;
	(void)what;
	return SQLITE_OK;
}

static int frozen_reserved(sqlite3_file *f, int *is)
{
	(void)f;
	*is = 0;
	return SQLITE_OK;
}

/* Its name is another file's, or it is not what it was. */
static bool has_moved(const struct frozen *z)
{
	struct stat st, own;

	return fstat(z->fd, &own) < 0 || stat(z->path, &st) < 0 || st.st_ino != own.st_ino ||
	       st.st_dev != own.st_dev || written(z);
}

static int frozen_control(sqlite3_file *f, int op, void *arg)
{
	if (op == ASK_WRITTEN)
		*(int *)arg = written(of(f));
	else if (op == SQLITE_FCNTL_HAS_MOVED)
		*(int *)arg = has_moved(of(f));
	else
		return SQLITE_NOTFOUND;
	return SQLITE_OK;
}

static int frozen_sector(sqlite3_file *f)
{
	(void)f;
	return 4096;
}

static int frozen_kind(sqlite3_file *f)
{
	(void)f;
	return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods methods = {.iVersion = 1,
	.xClose = frozen_close,
	.xRead = frozen_read,
	.xWrite = refuse_write,
	.xTruncate = refuse_truncate,
	.xSync = pass,
	.xFileSize = frozen_size,
	.xLock = pass,
	.xUnlock = pass,
	.xCheckReservedLock = frozen_reserved,
	.xFileControl = frozen_control,
	.xSectorSize = frozen_sector,
	.xDeviceCharacteristics = frozen_kind};

/* Whether one more write could leave the same time. */
static bool is_young(const struct timespec *time)
{
	struct timespec now;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = (int64_t)(now.tv_sec - time->tv_sec) * 1000 + (now.tv_nsec - time->tv_nsec) / 1000000;
	return age >= 0 && age < (time->tv_nsec ? TICK : 1000 + TICK);
}

static int note(struct frozen *z)
{
	struct stat st;

	for (int i = 0; i < LOOKS; i++) {
		if (fstat(z->fd, &st) < 0)
			return SQLITE_IOERR_FSTAT;
		z->size = st.st_size;
		z->time = st.st_mtim;
		if (!is_young(&z->time))
			return SQLITE_OK;
		sqlite3_sleep(TICK);
	}
	return SQLITE_BUSY;
}

/* All but the file itself, such as what is sorted, is the VFS's below. */
static int open_file(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct frozen *z = of(f);
	int code;

	(void)v;
	if (!(flags & SQLITE_OPEN_MAIN_DB) || !name)
		return under->xOpen(under, name, f, flags, out);
	*z = (struct frozen){.fd = open(name, O_RDONLY | O_CLOEXEC), .path = name};
	if (z->fd < 0)
		return SQLITE_CANTOPEN;
	code = note(z);
	if (code != SQLITE_OK) {
		close(z->fd);
		return code;
	}
	z->base.pMethods = &methods;
	if (out)
		*out = SQLITE_OPEN_READONLY;
	return SQLITE_OK;
}

const char *frozen_vfs(void)
{
	return vfs_over(&vfs, &under, "jtools-frozen", sizeof(struct frozen), open_file);
}

bool frozen_refused(void)
{
	return atomic_load(&refused);
}

bool frozen_written(sqlite3 *db)
{
	int is = 0;

	return sqlite3_file_control(db, "main", ASK_WRITTEN, &is) == SQLITE_OK && is;
}
