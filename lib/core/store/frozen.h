/*
 * A VFS for who may not write beside a file, and so has no locks that writers see: the file is read
 * as it stood when it was opened. Each read is held against the file's size and time of change
 * once the bytes are there, so that none comes from a file that was written to since.
 */
#ifndef CORE_STORE_FROZEN_H
#define CORE_STORE_FROZEN_H

#include <sqlite3.h>
#include <stdbool.h>

/* The extended code of a read that came too late. */
#define FROZEN_WRITTEN SQLITE_IOERR_DATA
#define FROZEN_TELLS                                                                               \
	"was written while it was read, by somebody whose locks cannot be seen here; read again"

/* Its name, for sqlite3_open_v2; NULL where it cannot be. */
const char *frozen_vfs(void);
/* A read came too late, of whatever file and whoever was told of it. */
bool frozen_refused(void);
/* The same of the connection's file at this moment; false where it is none of this VFS. */
bool frozen_written(sqlite3 *db);

#endif
