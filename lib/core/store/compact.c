#include "core/store/compact.h"
#include "base/when.h"
#include "core/store/facts.h"
#include "core/store/internal.h"

#include <sys/stat.h>

#define TICK_STEPS 200000 /* of SQLite's machine between two ticks */
#define PAUSE 2		  /* ms between two tries to empty the write-ahead log */

struct packing {
	struct compact *c;
	const char *what;
};

static int64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static int64_t size_on_disk(const struct store *s)
{
	struct buf wal = BUF_INIT;
	int64_t size;

	buf_printf(&wal, "%s-wal", s->path);
	size = size_of(s->path) + size_of(wal.s);
	buf_release(&wal);
	return size;
}

static int tell(void *ctx)
{
	const struct packing *p = ctx;

	p->c->tick(p->c->ctx, p->what);
	return 0;
}

static int join_runs(struct store *s, struct buf *err)
{
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	for (int k = 0; k < RUN_KINDS && status == 0; k++)
		status = runs_join(s, (enum run_kind)k, err);
	if (status == 0)
		return store_commit(s, err);
	store_rollback(s);
	return status;
}

static int sweep_facts(struct store *s, struct buf *err)
{
	bool more = true;
	int status = 0;

	while (status == 0 && more) {
		status = store_begin(s, err);
		if (status < 0)
			return status;
		status = facts_sweep(s, &more, err);
		if (status == 0)
			status = store_commit(s, err);
		else
			store_rollback(s);
	}
	return status;
}

int store_rewrite(struct store *s, struct buf *err)
{
	int status = store_exec(s, "VACUUM", err);

	/* What it could not finish fills the write-ahead log, and maybe the disk. */
	if (status < 0)
		sqlite3_wal_checkpoint_v2(s->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return status;
}

int store_empty_wal(struct store *s, const char *done, struct buf *err)
{
	int64_t since = when_steady();
	int code;

	/* SQLite waits for writers and readers, but gives up at once where another is at it too. */
	for (;;) {
		code = sqlite3_wal_checkpoint_v2(
			s->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
		if (code == SQLITE_OK)
			return 0;
		if ((code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED)
			return store_fail(s, err);
		if (when_steady() - since >= s->wait_ms)
			break;
		sqlite3_sleep(PAUSE);
	}
	buf_printf(
		err, "%s: %s, but a reader keeps the bytes in the write-ahead log", s->path, done);
	return STORE_BUSY;
}

int store_compact(struct store *s, struct compact *c, struct buf *err)
{
	struct packing p = {c, "joining indexes"};
	int status;

	c->before = size_on_disk(s);
	if (c->tick)
		sqlite3_progress_handler(s->db, TICK_STEPS, tell, &p);
	status = join_runs(s, err);
	p.what = "dropping old facts";
	if (status == 0)
		status = sweep_facts(s, err);
	p.what = "writing the file anew";
	if (status == 0)
		status = store_rewrite(s, err);
	if (status == 0)
		status = store_empty_wal(s, "packed", err);
	sqlite3_progress_handler(s->db, 0, NULL, NULL);
	c->after = size_on_disk(s);
	return status;
}
