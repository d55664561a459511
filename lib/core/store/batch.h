/*
 * Records on their way into the log. What can be made of a record alone is made when it is taken
 * up, outside of any transaction; the whole batch then goes in with one.
 */
#ifndef CORE_STORE_BATCH_H
#define CORE_STORE_BATCH_H

#include "core/store/cache.h"
#include "core/store/store.h"
#include "io/json.h"

enum outcome {
	ADDED,
	DUPLICATE, /* its source and id are on record, with the same content */
	LABELLED,  /* they are, with other labels: a record of type labelled was added */
	CONFLICT,  /* they are, with other content */
};

struct store_added {
	enum outcome outcome;
	int64_t seq; /* of what was added, or of the record that is there */
	int64_t session, ident;
};

struct batch;

/* Placeholders of the ontology name nobody. */
struct batch *batch_new(struct store *s, const struct ontology *o);
void batch_free(struct batch *b);
void batch_clear(struct batch *b);
size_t batch_bytes(const struct batch *b); /* that its records take */
/* Takes a record up; nothing of the line is kept. */
int batch_take(struct batch *b, const struct event *line, struct buf *err);
/* Makes ready for batch_write what needs no file; nothing is taken up afterwards. */
void batch_seal(struct batch *b);
/*
 * Appends all records that are new, within a write transaction, in their order. The identifiers in
 * them join and name people. recorded: their recordedtime.
 */
int batch_write(struct batch *b, int64_t recorded, struct buf *err);
/* The same in two steps: what becomes of each record, and who is who then; and putting it into the
 * file. Without records there is nothing to put. */
int batch_decide(struct batch *b, int64_t recorded, struct buf *err);
int batch_put(struct batch *b, struct buf *err);
/*
 * While one batch is put and committed by one thread, another finds what is on file of the next,
 * which is sealed, by a connection of its own. batch_decide then need not, unless others wrote
 * meanwhile or it did not go well. The first thread lends what is known of the file before it goes
 * on, and looks nothing up then.
 */
void batch_lend(struct batch *b);
void batch_look_ahead(struct batch *b, const struct batch *before, struct store *reader);
/* Finds the customers of the records for batch_record. Within the transaction that wrote them it is
 * the quicker way for few, and it keeps the file from others the longer. */
int batch_customers(struct batch *b, struct buf *err);

/* After batch_write. */
const struct store_added *batch_outcome(const struct batch *b, size_t i);
/* What differs, in words. */
int batch_conflict(struct batch *b, size_t i, struct buf *why, struct buf *err);
/* The line that was taken up. Borrowed until the batch is cleared. */
struct str batch_line(const struct batch *b, size_t i);
/* The record as it leaves the log, without LF. */
int batch_record(struct batch *b, size_t i, int64_t recorded, struct buf *out, struct buf *err);

/* For checking: the scope of one that a record of `source` gives, its key, and the name of the
 * session that a record without one has: of whom it names (key), or NULL, of itself (id). */
struct str batch_scope(const struct json *identifier, struct str source);
struct cache_key batch_name_key(
	struct store *s, struct str kind, struct str scope, struct str value);
/* Whether the record at seq says the labels of another, and was made by this log. */
bool batch_is_label(struct store *s, const struct event *ev, int64_t seq, int64_t *basis);
void batch_lone_session(struct buf *out, struct str id, const struct cache_key *key);

#endif
