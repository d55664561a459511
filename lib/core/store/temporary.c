/* A journey file without a name: what is open stays when its names are taken away. */
#include "core/store/internal.h"
#include "base/mem.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_PAGES 1024 /* between two looks at whether the program is to end */

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

/* The signals that end a program, which wait until the file has no name any more. */
static sigset_t ending(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGTERM);
	return set;
}

static void hold_signals(sigset_t *before)
{
	const sigset_t set = ending();

	pthread_sigmask(SIG_BLOCK, &set, before);
}

static bool interrupted(void)
{
	sigset_t waiting;

	sigpending(&waiting);
	return sigismember(&waiting, SIGHUP) || sigismember(&waiting, SIGINT) ||
	       sigismember(&waiting, SIGTERM);
}

static int copy_to(sqlite3 *from, const char *path, struct buf *err)
{
	sqlite3 *to = NULL;
	sqlite3_backup *b = NULL;
	int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	if (code == SQLITE_OK)
		b = sqlite3_backup_init(to, "main", from, "main");
	if (b) {
		while (code == SQLITE_OK && !interrupted())
			code = sqlite3_backup_step(b, COPY_PAGES);
		code = sqlite3_backup_finish(b);
	}
	if (code == SQLITE_OK)
		code = sqlite3_errcode(to);
	code = code == SQLITE_OK ? 0 : store_fail_of(to, path, err);
	sqlite3_close(to);
	return code;
}

int store_temporary_copy(struct store *from, struct store **out, struct buf *err)
{
	struct buf folder = BUF_INIT, path = BUF_INIT;
	mode_t mask = umask(077);
	sigset_t held;
	int status;

	hold_signals(&held);
	status = make_folder(&folder, &path, err);

	*out = NULL;
	if (status == 0) {
		status = copy_to(from->db, path.s, err);
		if (status == 0)
			status = store_open(out, path.s, STORE_WRITE, STORE_WAIT_DEFAULT, err);
		if (status == 0)
			(*out)->passing = (*out)->nameless = true;
		unname(folder.s, path.s);
	}
	pthread_sigmask(SIG_SETMASK, &held, NULL);
	umask(mask);
	buf_release(&folder);
	buf_release(&path);
	return status;
}
