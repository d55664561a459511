#include "core/store/mover.h"
#include "base/job.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>

#define PARTS 4	  /* of the pages that gather, that are moved one after the other */
#define SMALL 100 /* pages of a commit that is small */
#define FEW 1000  /* pages that gather of such */

struct mover {
	sqlite3 *own; /* opened when there is something to move */
	struct job *job;
	int pages, begun; /* the log's length when the last part was begun */
	int frames;	  /* its length after the last commit */
	bool small, more; /* that one was; and nobody has looked since */
};

/* Others may hold back what can be moved; it is tried again behind the next part. */
static int move(void *ctx)
{
	struct mover *m = ctx;

	sqlite3_wal_checkpoint_v2(m->own, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return 0;
}

/* Something is read, or the connection would not know that there is a log. */
static int open_own(struct mover *m, const char *path)
{
	int code =
		sqlite3_open_v2(path, &m->own, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_exec(m->own, "PRAGMA schema_version", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return 0;
	sqlite3_close(m->own);
	m->own = NULL;
	return -1;
}

/* The writer can do without. */
static void begin(struct mover *m, sqlite3 *db)
{
	m->begun = m->frames;
	if (!m->own && open_own(m, sqlite3_db_filename(db, "main")) < 0)
		return;
	if (!m->job)
		m->job = job_new();
	job_start(m->job, move, m);
}

static int committed(void *ctx, sqlite3 *db, const char *name, int frames)
{
	struct mover *m = ctx;

	(void)db;
	(void)name;
	if (frames < m->frames)
		m->begun = m->frames = 0;
	/* Those write the same pages again and again, of which few are left to move; and what is
	 * written over takes less time to reach the disk than what makes the log longer. */
	m->small = frames - m->frames < SMALL;
	m->frames = frames;
	m->more = true;
	return SQLITE_OK;
}

void mover_step(struct mover *m, sqlite3 *db)
{
	if (!m->more)
		return;
	m->more = false;
	if (m->frames >= (m->small ? FEW : m->pages)) {
		job_wait(m->job);
		sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	} else if (!m->small && m->frames - m->begun >= m->pages / PARTS) {
		job_wait(m->job);
		begin(m, db);
	}
}

struct mover *mover_new(sqlite3 *db, int pages)
{
	struct mover *m = mem_zero(1, sizeof(*m));

	m->pages = pages;
	sqlite3_wal_hook(db, committed, m);
	return m;
}

void mover_free(struct mover *m)
{
	if (!m)
		return;
	job_free(m->job);
	sqlite3_close(m->own);
	free(m);
}
