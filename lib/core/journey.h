/* Customers' folds out of the store: as they stand, and as they stood when a record was the log's
 * last. */
#ifndef CORE_JOURNEY_H
#define CORE_JOURNEY_H

#include "core/fold/bundle.h"
#include "core/fold/context.h"
#include "core/store/crowd.h"
#include "core/store/store.h"

/* Adds the person's records with from < sequence <= as_of to the fold. Status as the store's. */
int journey_load(struct store *s, const struct person *p, int64_t from, int64_t as_of,
	struct fold *f, struct event *scratch, struct buf *err);
/* Adds a record; padded: JSON_PADDING bytes behind its body are readable. */
int journey_add(struct fold *f, struct event *scratch, int64_t seq, int64_t order, struct str body,
	bool padded, struct buf *err);
/* The same of one of several people whose records were found together: all of them. */
int journey_load_of(struct store *s, const struct crowd *c, size_t i, int64_t as_of, struct fold *f,
	struct event *scratch, struct buf *err);

/* What travels with a handoff of the customer (bundle.h), as known when the log ended at at.as_of.
 */
int journey_bundle(struct store *s, int64_t customer, const struct person *p,
	struct bundle_place at, struct bundle *b, struct buf *err);

/* The same of a record's customer as of it: the log up to it, and of that nothing that happened
 * after it. 1 and a reason where the log has no such record. */
int journey_bundle_of(struct store *s, int64_t seq, struct bundle *b, struct buf *err);

/* Folds of the customers that come by, kept while there is room. */
struct journey;
struct journey *journey_new(struct store *s, const struct ontology *o, size_t max_bytes);
void journey_free(struct journey *j);
/*
 * The context of the customer as of the record, which has a sequence: the log up to it, and of that
 * nothing that happened after it. Store status; 1 and a reason where the log has no such record.
 */
int journey_context(
	struct journey *j, const struct event *ev, struct context *out, struct buf *err);
/* The fold that the last context was of, standing at its record; valid until another is asked for.
 */
struct fold *journey_fold(const struct journey *j);
/* The same context, with who she was as of it, and whether the log up to it has records of hers
 * that happened after it. */
struct journey_place {
	struct person person;
	struct event_place at;
	bool late;
};
/*
 * Reads the fold of a record's person ahead, while there is room, as the log stood behind the last
 * record that was asked for; what it has beyond is taken up when one is asked for again. In the
 * order of the log, before a lock is taken. Status as the store's.
 */
int journey_warm(struct journey *j, int64_t seq, struct buf *err);
int journey_place(struct journey *j, const struct event *ev, struct context *out,
	struct journey_place *place, struct buf *err);

#endif
