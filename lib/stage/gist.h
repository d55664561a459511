/*
 * jnorm --explain: what an export was taken for, and what became of it. One gist an input: the
 * formats that fit, what the adapter found out, a count of the events and the first few of them.
 */
#ifndef STAGE_GIST_H
#define STAGE_GIST_H

#include "adapt/adapt.h"
#include "base/map.h"
#include "core/ontology.h"

#define GIST_FIRST 3 /* events that are shown */

struct gist {
	struct buf formats; /* "name (84 of 100)", the surest first */
	struct buf because; /* what speaks for the one that was chosen */
	struct buf found;   /* lines of what the adapter says it found */
	struct buf first;   /* the first events, a line each */
	struct map kinds;   /* "type direction actor" -> how many */
	struct map named;   /* "kind value" of identifiers -> how many events, of the first 65536 */
	struct map channels;	      /* how many events have it */
	const struct ontology *words; /* borrowed; NULL: no channel is asked about */
	struct event event;
	uint64_t events, identified, acting, directed, sessions, cases, assumed;
	int64_t from, to; /* ms: the earliest and the latest event */
};

void gist_init(struct gist *g);
void gist_release(struct gist *g);
/* One candidate; file: its map's, NULL where the name says enough. */
void gist_format(struct gist *g, const char *name, const char *file, int score, bool chosen);
/* An emit_tap; ctx is the gist. */
int gist_record(void *ctx, struct str record, struct buf *err);
/* Appends the whole for people. rejected: rows of this input; empty: those without an event. */
void gist_put(struct buf *out, const struct gist *g, const char *path, struct str head,
	const struct adapt_options *opt, uint64_t rejected, uint64_t empty);

#endif
