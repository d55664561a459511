/*
 * A statement with users' expressions: it reads the facts' views alone, calls what is allowed, and
 * ends after as many steps as the log's size gives it.
 */
#ifndef CORE_STORE_ASKING_H
#define CORE_STORE_ASKING_H

#include "core/store/sandbox.h"

#include <sqlite3.h>

/* One at a time: what holds while it stands. */
struct asking {
	struct sqlite3 *db;
	sqlite3_stmt *st;
	struct sandbox before;
	int64_t ticks;
	bool composed; /* of expressions that were checked: reads what dimensions are read from */
};

/* Makes local_day, local_week, local_month and local_time (of the process's zone) known to the
 * connection. Once, before all else. */
int asking_functions(struct sqlite3 *db, struct buf *err);
/* asking_end() ends what this begins, whatever it returns. depth: of nested operators. */
int asking_begin(
	struct asking *a, struct sqlite3 *db, const struct buf *sql, int depth, struct buf *err);
void asking_end(struct asking *a);
/* Compiles one expression alone, over a view (NULL: over none), in a place where SQL takes no
 * aggregate. -1 and the reason. */
int asking_check(struct sqlite3 *db, const char *view, const char *text, struct buf *err);
/* Appends why the connection's latest call failed; -1, or -2 where another writer holds the file.
 */
int asking_failed(struct sqlite3 *db, struct buf *err);
bool asking_busy(struct sqlite3 *db);

#endif
