/* Where adapters' records go: derived ids, the output, the count. */
#ifndef ADAPT_EMIT_H
#define ADAPT_EMIT_H

#include "adapt/adapt.h"
#include "io/out.h"

struct emit;

/* Borrows the output. Free with emit_free, which does not close it. */
struct emit *emit_new(struct out *out);
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
/* Passes on a record that is one already, without its LF. -1 and a reason when the output fails. */
int emit_pass(struct adapt_run *run, struct str record, struct buf *err);
/* What is pending goes out, dead letters first: before an adapter waits for more input. */
int emit_flush(struct adapt_run *run, struct buf *err);

#endif
