/* jlog cat, jlog tail: the log's records on their way out. */
#ifndef STAGE_REPLAY_H
#define STAGE_REPLAY_H

#include "core/ledger.h"
#include "core/store/scan.h"

struct replay {
	struct store_range range;
	const char *place; /* NULL, or the name that the position is kept under: the file is open to
			      write, or that is the error */
	int64_t last; /* only so many, the last ones; -1: all. Not where a position was kept. */
	const char *types; /* that are known, blanks between: one that is neither among them nor in
			      the log is told where nothing was written */
	bool live;	   /* go on with what is committed later, until stopped */
};

/*
 * Writes the records of the range by sequence, each with its customer as known when it is read. The
 * position moves when what was written has been taken: a pipe is empty, a file is on the disk.
 * Store status.
 */
int replay(const struct replay *r, struct store *s, struct out *out, struct ledger *ledger,
	struct buf *err);

#endif
