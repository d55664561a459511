/* jlog cat: the log's records on their way out. */
#ifndef STAGE_REPLAY_H
#define STAGE_REPLAY_H

#include "core/ledger.h"
#include "core/store/store.h"

struct replay {
	struct store_range range;
	const char *type; /* NULL: all */
};

/* Writes the records of the range by sequence, each with its customer as known now, from one
 * snapshot. Store status. */
int replay(
	struct replay *r, struct store *s, struct out *out, struct ledger *ledger, struct buf *err);

#endif
