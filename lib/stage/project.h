/* jproject: facts brought up to date, rebuilt, and shown. */
#ifndef STAGE_PROJECT_H
#define STAGE_PROJECT_H

#include "core/journey.h"
#include "core/pipe.h"
#include "core/store/facts.h"

/*
 * Folds anew the customers that changed since the last time and replaces their facts, a few
 * customers a transaction together with the mark that says so: the write lock is held for the
 * writing of rows alone. A changed ontology rebuilds. Where the file cannot be written the facts
 * are built in a temporary database. *folded (may be NULL): customers folded. Status as the
 * store's.
 */
int project_update(struct store *s, const struct ontology *o, uint64_t *folded, struct buf *err);
/*
 * For figures of a file whose facts were never made (alone_would_do): has them made by columns
 * alone, where they are not there for the log as it stands. *there false: they could not be, and
 * project_update is to make them in full.
 */
int project_columns(struct store *s, const struct ontology *o, bool *there, struct buf *err);
/* Builds all facts in a new generation, switches to it, and removes the old one. */
int project_rebuild(struct store *s, const struct ontology *o, uint64_t *folded, struct buf *err);

/* Builds the facts of one customer (0: all) as of a record of the log in a temporary database,
 * which readers of the store see from then on. */
int project_past(struct store *s, const struct ontology *o, int64_t customer, int64_t as_of,
	struct buf *err);

/*
 * Passes each record on with data.context: its customer as of it; with `bundle`, where it hands her
 * over, what travels with her (fold/bundle.h, brief). Records without a sequence are refused.
 */
int project_enrich(struct store *s, const struct ontology *o, struct pipe *pipe, char *const *paths,
	size_t n, bool bundle, struct buf *err);

#endif
