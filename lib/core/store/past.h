/*
 * The log as it stood: who was there when it ended at a record, as_of (INT64_MAX: as it stands
 * now), and whom later records touched. What was erased since is gone from then, too.
 */
#ifndef CORE_STORE_PAST_H
#define CORE_STORE_PAST_H

#include "core/store/runs.h"
#include "core/store/store.h"

/* The last record that the log took at or before a time (ms); 0: none. */
int past_place(struct store *s, int64_t recorded, int64_t *seq, struct buf *err);
/* The time of the earliest of the events up to as_of that are told with the facts; 0: none. */
int past_begin(struct store *s, int64_t as_of, int64_t *ms, struct buf *err);
/* Keeps it for facts that stand beside the file (facts_temporary). */
int past_keep_begin(struct store *s, int64_t ms, struct buf *err);

/* Within a transaction, all of these. Numbers ascend; free(v). */
int past_customers(struct store *s, int64_t as_of, struct seqs *out, struct buf *err);
/* Who had the number then; p->ident and p->session are 0 where nobody had. */
int past_person(
	struct store *s, int64_t customer, int64_t as_of, struct person *p, struct buf *err);
/* Whose a record was then, and the number that the person had. */
int past_of(struct store *s, int64_t seq, int64_t as_of, struct person *p, int64_t *customer,
	struct buf *err);
/*
 * The customers of as_of whom records after `since` touched: with records, labels, identifiers,
 * joins or partings; and the numbers of `since` that are nobody's any more.
 */
int past_changed(struct store *s, int64_t since, int64_t as_of, struct seqs *changed,
	struct seqs *gone, struct buf *err);

#endif
