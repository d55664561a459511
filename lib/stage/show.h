/* jproject's listings: facts, one customer's story, and the last known state of customers. */
#ifndef STAGE_SHOW_H
#define STAGE_SHOW_H

#include "core/journey.h"
#include "core/store/facts.h"
#include "io/out.h"

enum show_format { SHOW_TABLE, SHOW_NDJSON, SHOW_CSV };

struct show {
	struct store *store;
	const struct ontology *ontology;
	struct out *out;
	enum show_format format;
	bool colour;
	int64_t customer; /* 0: all */
	bool has_since, has_until;
	int64_t since, until;
	int64_t as_of; /* the log as it stood when this was its last record; INT64_MAX: as it is */
	bool laid_out; /* snapshot: members under one another, for people */
	int64_t changed; /* snapshot: customers whom records after this one touched; -1: all */
};

/* "table", "ndjson" or "csv"; NULL: a table on a terminal, records in a pipe. -1 and a reason for
 * another. */
int show_format(const char *name, enum show_format *out, struct buf *err);

/* One of v_contact, v_issue, v_switch, v_move: rows by customer and time. Status as the store's. */
int show_facts(struct show *s, const char *view, struct buf *err);
/* A customer's events across channels in the order of event time: for people with contacts set
 * apart, or as records. */
int show_timeline(struct show *s, struct buf *err);
/* The last known state of one customer, of all, or of those who changed: one object a line, with
 * the sequence that it rests on as its version; of customers that are no more: that they are gone.
 */
int show_snapshot(struct show *s, struct buf *err);

#endif
