/*
 * What is committed lies in the write-ahead log until it is moved into the file. A writer that
 * commits much has most of it moved by another thread, which has a connection of its own; only the
 * end of it, behind which the log can begin anew, is left to the writer.
 */
#ifndef CORE_STORE_MOVER_H
#define CORE_STORE_MOVER_H

#include <sqlite3.h>

struct mover;

/* Takes over what the connection's automatic checkpoints did; `pages` gather at most. */
struct mover *mover_new(sqlite3 *db, int pages);
/* Before a transaction: moves what is due. Not from within the commit, beside which others read,
 * and hold back what they see. */
void mover_step(struct mover *m, sqlite3 *db);
void mover_free(struct mover *m); /* before the connection is closed */

#endif
