/*
 * A VFS for who writes: what SQLite writes to the write-ahead log, two small pieces for each page,
 * goes to the system in few large ones, which it begins to bring to the disk while the next are
 * made. All else is the default VFS's.
 *
 * Nothing is kept back that anybody may count on: what is gathered is written before the file is
 * synced or read, and with the frame that ends a transaction, which no other connection looks at
 * before it is there. A write that fails then fails the transaction as it would have done before.
 * What is gathered of a transaction that is rolled back is never written: the place may be another
 * writer's by then.
 */
#ifndef CORE_STORE_WALFILE_H
#define CORE_STORE_WALFILE_H

#include <sqlite3.h>
#include <stddef.h>

/* Its name, for sqlite3_open_v2; NULL, which is the default VFS, where it cannot be. */
const char *walfile_vfs(void);
/* Makes v, once, a VFS of this name over the default one (*below), whose files open_one opens in so
 * many bytes more than that one's take. The name; NULL where there is no default VFS. */
const char *vfs_over(sqlite3_vfs *v, sqlite3_vfs **below, const char *name, size_t more,
	int (*open_one)(sqlite3_vfs *, const char *, sqlite3_file *, int, int *));
/* Each connection that was opened with it, before it begins a transaction. */
void walfile_watch(sqlite3 *db);

#endif
