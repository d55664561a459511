/* A command of the user's that text goes through. */
#ifndef IO_FILTER_H
#define IO_FILTER_H

#include "base/buf.h"

/*
 * Runs `sh -c command` in a process group of its own, gives it the input on its stdin and appends
 * what it writes to stdout, of which no more than `most` bytes are kept; its stderr is ours. It may
 * leave the input unread. 0 where it ends with 0 and closes its output within the time (ms); else
 * -1 and a reason, and nothing of the group is left running.
 */
int filter_run(const char *command, struct str input, int64_t timeout_ms, size_t most,
	struct buf *out, struct buf *err);

#endif
