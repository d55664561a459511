/* A journey file without a name: what is open stays when its names are taken away. */
#include "core/store/internal.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void unname(const char *folder, const char *path)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		buf_clear(&name);
		buf_printf(&name, "%s%s", path, suffixes[i]);
		unlink(name.s);
	}
	rmdir(folder);
	buf_release(&name);
}

/* A folder of its own, and the name of a file in it. */
static int make_folder(struct buf *folder, struct buf *path, struct buf *err)
{
	const char *given = getenv("TMPDIR"), *parent = given && *given ? given : "/tmp";

	buf_printf(folder, "%s/jtools.XXXXXX", parent);
	if (!mkdtemp(folder->s)) {
		buf_printf(err, "%s: %s", parent, strerror(errno));
		return STORE_ERROR;
	}
	buf_printf(path, "%s/journey.db", folder->s);
	return 0;
}

int store_temporary(struct store **out, struct buf *err)
{
	struct buf folder = BUF_INIT, path = BUF_INIT;
	int status = make_folder(&folder, &path, err);

	*out = NULL;
	if (status == 0) {
		status = store_open(out, path.s, STORE_CREATE, STORE_WAIT_DEFAULT, err);
		if (status == 0)
			(*out)->nameless = true;
		unname(folder.s, path.s);
	}
	buf_release(&folder);
	buf_release(&path);
	return status;
}

/* SQLite takes the name of a file of its own away before it writes to it: however the process ends,
 * nothing of what is copied stays. */
static int copy_to(struct store *to, struct store *from, struct buf *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	sqlite3_backup *b = NULL;

	if (sqlite3_open_v2("", &to->db, flags, NULL) == SQLITE_OK)
		b = sqlite3_backup_init(to->db, "main", from->db, "main");
	if (!b)
		return store_fail(to, err);
	sqlite3_backup_step(b, -1);
	return sqlite3_backup_finish(b) == SQLITE_OK ? 0 : store_fail(to, err);
}

int store_temporary_copy(struct store *from, struct store **out, struct buf *err)
{
	struct buf name = BUF_INIT;
	struct store *s;
	int status;

	*out = NULL;
	buf_printf(&name, "temporary copy of %s", from->path);
	s = store_new(name.s, STORE_WRITE, STORE_WAIT_DEFAULT);
	s->writable = s->passing = s->nameless = true;
	buf_release(&name);
	status = copy_to(s, from, err);
	if (status == 0)
		status = store_ready(s, err);
	if (status == 0)
		*out = s;
	else
		store_close(s);
	return status;
}
