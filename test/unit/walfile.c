#include "core/store/walfile.h"
#include "base/buf.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH "walfile.db"
#define ROWS                                                                                       \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d) INSERT INTO t "  \
	"SELECT i, '%s'||hex(zeroblob(%d)) FROM n;"

static sqlite3 *opened(const char *vfs)
{
	sqlite3 *db = NULL;

	CHECK(sqlite3_open_v2(PATH, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs) ==
		SQLITE_OK);
	/* Few pages are kept, so that a transaction writes before it ends. */
	CHECK(sqlite3_exec(db,
		      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=50",
		      NULL, NULL, NULL) == SQLITE_OK);
	return db;
}

static void add(sqlite3 *db, int rows, const char *whose, int size, const char *end)
{
	char *sql = sqlite3_mprintf("BEGIN IMMEDIATE; " ROWS " %s", rows, whose, size, end);

	CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_free(sql);
}

static int see(void *ctx, int n, char **values, char **names)
{
	(void)n;
	(void)names;
	buf_puts(ctx, values[0]);
	buf_byte(ctx, ' ');
	return 0;
}

static bool holds(sqlite3 *db, const char *want)
{
	struct buf got = BUF_INIT;
	bool same;

	sqlite3_exec(db, "SELECT count(*) FROM t WHERE b LIKE 'b%'; PRAGMA integrity_check(1)", see,
		&got, NULL);
	same = strcmp(got.s ? got.s : "", want) == 0;
	buf_release(&got);
	return same;
}

static void start(sqlite3 **one, sqlite3 **other)
{
	*one = opened(walfile_vfs());
	walfile_watch(*one);
	CHECK(sqlite3_exec(*one, "CREATE TABLE t(a, b); PRAGMA wal_checkpoint(TRUNCATE)", NULL,
		      NULL, NULL) == SQLITE_OK);
	*other = opened(NULL);
}

/* One goes back behind what it wrote, and the other writes there. */
static void what_is_rolled_back_is_not_written(void)
{
	sqlite3 *one, *other, *third;

	start(&one, &other);
	add(one, 90, "a", 2000, "ROLLBACK");
	add(other, 200, "b", 1000, "COMMIT");
	CHECK(holds(one, "200 ok "));
	third = opened(NULL);
	CHECK(holds(third, "200 ok "));
	add(one, 90, "b", 2000, "COMMIT");
	CHECK(holds(third, "290 ok "));
	sqlite3_close(third);
	sqlite3_close(one);
	sqlite3_close(other);
	unlink(PATH);
}

int main(void)
{
	char folder[] = "/tmp/walfile.XXXXXX";

	if (!mkdtemp(folder) || chdir(folder) < 0)
		return 1;
	what_is_rolled_back_is_not_written();
	rmdir(folder);
	return unit_end();
}
