/*
 * Copies of a journey file that the tools make before they change its layout. They hold people: the
 * file keeps their paths, so that an erasure reaches them too.
 */
#ifndef CORE_STORE_BACKUP_H
#define CORE_STORE_BACKUP_H

#include "core/store/store.h"

/*
 * Writes the file, as it was last committed, to `path`: mode 0600, on the disk when it returns 0.
 * An earlier copy of the same log is replaced; anything else that is there is an error.
 */
int backup_make(struct store *s, const char *path, struct buf *err);
/* Keeps a path, or lets it go. Within a write transaction. */
int backup_note(struct store *s, const char *path, struct buf *err);
int backup_drop(struct store *s, const char *path, struct buf *err);
int backup_each(struct store *s, int (*visit)(void *ctx, const char *path, struct buf *err),
	void *ctx, struct buf *err);
enum backup_fate {
	BACKUP_REMOVED,
	BACKUP_GONE,	/* already */
	BACKUP_FOREIGN, /* no journey file stands there: it was left alone */
};
typedef void backup_told(const char *path, enum backup_fate fate);
/*
 * Removes every copy whose path is kept, or that now stands beside the file under its name, and
 * lets the paths go; outside of any transaction. told may be NULL.
 */
int backup_remove(struct store *s, backup_told *told, struct buf *err);
/* Removes a database and what SQLite keeps beside it; one that is not there is none the worse. */
int backup_unlink(const char *path, struct buf *err);

#endif
