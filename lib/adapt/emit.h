/* Where adapters' records go: derived ids, the output, the count. */
#ifndef ADAPT_EMIT_H
#define ADAPT_EMIT_H

#include "adapt/adapt.h"
#include "io/out.h"

struct emit;

/* Borrows the output. sorted: records are kept until emit_finish. Free with emit_free, which does
 * not close the output. */
struct emit *emit_new(struct out *out, bool sorted);
void emit_free(struct emit *e);
/*
 * Before each input: the running numbers of identical records begin anew, so that a second export
 * of the same chat in one run gives the same ids as in two.
 */
void emit_begin(struct emit *e);
/* From now on records go there and not to the output: -1 and a reason end the reading. */
typedef int emit_tap(void *ctx, struct str record, struct buf *err);
void emit_to(struct emit *e, emit_tap *tap, void *ctx);
/* Whether writing has failed: nothing further can be done. */
bool emit_failed(const struct emit *e);
/* Passes on a record that is one already, without its LF; time: its own. -1 and a reason when the
 * output fails. */
int emit_pass(struct adapt_run *run, struct str record, int64_t time, struct buf *err);
/* What is pending goes out, dead letters first: before an adapter waits for more input. */
int emit_flush(struct adapt_run *run, struct buf *err);
/* After the last input: what was kept goes out in the order of time, equal times as they came; they
 * count as read and written as they go. -1 and a reason when the output fails. */
int emit_finish(struct adapt_run *run, struct buf *err);

#endif
