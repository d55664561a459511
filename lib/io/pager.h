/* What is longer than the screen is shown through $PAGER. */
#ifndef IO_PAGER_H
#define IO_PAGER_H

#include "io/out.h"

/*
 * An output that gathers in a file without a name until pager_show: on a terminal alone, so that it
 * can be seen how long it is. -1 and a reason where there can be no such file.
 */
int pager_begin(struct out *o, struct buf *err);
/* Shows what came: as it is where it fits on the screen, else through $PAGER (less), which is
 * waited for. Closes the output. -1 and a reason. */
int pager_show(struct out *o, struct buf *err);

#endif
