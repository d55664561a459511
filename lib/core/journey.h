/* Customers' folds out of the store: as they stand, and as they stood when a record was the log's
 * last. */
#ifndef CORE_JOURNEY_H
#define CORE_JOURNEY_H

#include "core/fold/context.h"
#include "core/store/store.h"

/* Adds the person's records with from < sequence <= as_of to the fold. Status as the store's. */
int journey_load(struct store *s, const struct person *p, int64_t from, int64_t as_of,
	struct fold *f, struct event *scratch, struct buf *err);

/* Folds of the customers that come by, kept while there is room. */
struct journey;
struct journey *journey_new(struct store *s, const struct ontology *o, size_t max_bytes);
void journey_free(struct journey *j);
/*
 * The context of the customer as of the record, which has a sequence: the log up to it, and of that
 * nothing that happened after it. Store status; an error where the log has no such record.
 */
int journey_context(
	struct journey *j, const struct event *ev, struct context *out, struct buf *err);

#endif
