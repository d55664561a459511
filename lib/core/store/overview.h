/* One pass over all contacts, for what is drawn of them together. */
#ifndef CORE_STORE_OVERVIEW_H
#define CORE_STORE_OVERVIEW_H

#include "core/store/store.h"

/* A contact; borrowed until the next. .s NULL: none. Times in ms. */
struct overview_row {
	int64_t customer, issue, contact, started, ended;
	struct str source, channel, intent, reason; /* reason: of its escalation */
	bool hers;				    /* she began it */
	bool handled, known, assumed, escalated;
};

/* Contacts that began in [since, until); those of a customer come together. Nonzero from visit ends
 * it and is given back. Status as the store's. */
int overview_read(struct store *s, int64_t since, int64_t until,
	int (*visit)(void *ctx, const struct overview_row *row, struct buf *err), void *ctx,
	struct buf *err);

#endif
