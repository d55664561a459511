/* The inputs that a path on the command line stands for. */
#ifndef STAGE_WALK_H
#define STAGE_WALK_H

#include "base/buf.h"

/* WALK_HIDDEN: a Maildir within another whose name begins with a dot. */
enum walk_kind { WALK_FILE, WALK_MAILDIR, WALK_HIDDEN };

typedef int walk_visit(void *ctx, const char *path, enum walk_kind kind, struct buf *err);

/*
 * Visits path itself, or, where it is a folder, what is in it in the order of names, folders within
 * as they come; of a Maildir, itself and the Maildirs within. Other names that begin with a dot and
 * what is neither file nor folder are passed over;
 * links to folders are not followed within. A path that is not there is visited as a file: opening
 * it says why. A negative status of a visit ends the walk.
 */
int walk_inputs(const char *path, walk_visit *visit, void *ctx, struct buf *err);

#endif
