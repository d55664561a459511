/* A number held against a text, as in amount <= '50': SQL takes every text for greater than any
 * number, so that such a comparison says the same of all rows. */
#ifndef CORE_MISMATCH_H
#define CORE_MISMATCH_H

#include "base/buf.h"

/* Whether the column of this name holds numbers. */
typedef bool mismatch_number(const void *ctx, struct str name);
/* -1 and a reason where a column of numbers is compared with a text. affinity: one that is a number
 * in quotes is taken for it. */
int mismatch_check(const char *sql, bool affinity, mismatch_number *is_number, const void *ctx,
	struct buf *err);

#endif
