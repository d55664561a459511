/* The records that place holds and release them (see erase.h for whose they are). */
#ifndef CORE_STORE_HOLD_H
#define CORE_STORE_HOLD_H

#include "core/ontology.h"
#include "core/store/store.h"

/*
 * Places a hold on a customer, or releases hers, within a write transaction: by her strongest
 * identifier, or by her session where none names her. why: NULL where none was given. out gets the
 * record, which is to be written once that is committed.
 */
int hold_add(struct store *s, const struct ontology *o, int64_t customer, bool release,
	const char *why, struct buf *out, struct buf *err);

#endif
