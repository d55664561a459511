/* A fact's blocks as a table of SQL, for what is asked of facts by columns alone and is no matter
 * of columns. For alone.c. */
#ifndef CORE_STORE_ALONE_TABLE_H
#define CORE_STORE_ALONE_TABLE_H

#include <sqlite3.h>
#include <stddef.h>

/* Makes it known to the connection, under the name of the fact's table with alone_ before it. */
int alone_table_make(sqlite3 *db, size_t table);

#endif
