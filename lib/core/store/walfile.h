/*
 * A VFS for who writes: what SQLite writes to the write-ahead log, two small pieces for each page,
 * goes to the system in few large ones, which it begins to bring to the disk while the next are
 * made. All else is the default VFS's.
 *
 * Nothing is kept back that anybody may count on: what is gathered is written before the file is
 * synced or read, and with the frame that ends a transaction, which no other connection looks at
 * before it is there. A write that fails then fails the transaction as it would have done before.
 */
#ifndef CORE_STORE_WALFILE_H
#define CORE_STORE_WALFILE_H

/* Its name, for sqlite3_open_v2; NULL, which is the default VFS, where it cannot be. */
const char *walfile_vfs(void);

#endif
