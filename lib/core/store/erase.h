/*
 * Erasure. What a customer's record said goes; its place does not. A row that is erased keeps its
 * sequence, time, order, recorded time and leaf, the key that tells it again (a digest of its
 * source and id by the file's secret), and a record that says no more than
 *
 *   source, type, time, channel, direction, actor; id: the key in hexadecimal;
 *   session: KEY.N, where KEY is 32 random hexadecimal digits, one for the person, and N a number
 *   for each session that she had;
 *   data: {"erased":true}, with "identifiers":[{"kind":"erased","value":KEY}] where any identifier
 *   named her, "order" where it had one, and of a call "reason", "duration" and "wait".
 *
 * So her records stay one customer's with the number that she had, cut into contacts as before.
 * Its salt is destroyed: nothing that is guessed can be held against the leaf. A record of the type
 * `erased`, written in the same transaction, names the sequences (data.sequences: numbers and
 * [from, to]) and what is left of them (data.rests, see erase_rest).
 */
#ifndef CORE_STORE_ERASE_H
#define CORE_STORE_ERASE_H

#include "core/store/cache.h"
#include "core/store/runs.h"
#include "core/store/store.h"

#define ERASE_KEY 32 /* digits */

/* Customers who are erased, or looked at, one after the other over one connection: what is the same
 * for all is read once. Of no use once an erasure was taken back. The store stays the caller's;
 * free with erasing_free. */
struct erasing *erasing_new(struct store *s);
void erasing_free(struct erasing *e);

/* What is held about a customer, and what would go. */
struct erase_survey {
	int64_t customer; /* 0: nobody has the number, or no longer; so is all else */
	int64_t records;  /* that are not erased yet */
	int64_t erased;	  /* that are */
	int64_t sessions; /* of hers alone: their names go */
	int64_t shared;	  /* that others take part in: their names stay with the others' records */
	int64_t identifiers;
	int64_t first, last; /* event time of those not erased, ms; notes left out */
	bool held;
	int64_t hold;  /* sequence of the record that placed it */
	int64_t named; /* records of others that name an identifier of hers and stay */
};
int erase_survey(struct erasing *e, int64_t customer, struct erase_survey *out, struct buf *err);

struct erased {
	char key[ERASE_KEY + 1]; /* KEY of above */
	char *source,
		*session; /* of one that she has now, where no identifier named her; else NULL */
	struct seqs seqs; /* the rows that were erased, in order; the caller frees v */
	unsigned char rests[HASH_SIZE];
};
void erased_release(struct erased *e);
/* Before the transaction: the connection overwrites what it deletes, and keeps nothing of it aside.
 */
int erase_prepare(struct store *s, struct buf *err);
/*
 * Erases all records of the customer but the types erase_note says that name no content (erased).
 * Within a write transaction, which is to add the record `erased` too. The bytes are gone when
 * erase_scrub is done; until erase_scrubbed keeps that on file, erase_pending says so.
 */
int erase_customer(struct erasing *e, int64_t customer, struct erased *out, struct buf *err);
/* Writes the whole file anew without what is free or left between rows, and empties the write-ahead
 * log. STORE_BUSY where a reader keeps it. Outside of any transaction. */
int erase_scrub(struct store *s, struct buf *err);
/* The last erasure whose bytes may be there still, as erase_count counts; 0: none. */
int erase_pending(struct store *s, int64_t *which, struct buf *err);
/* That all up to this one are gone, which was the last before the file was written anew. Another
 * that came since then stays pending. */
int erase_scrubbed(struct store *s, int64_t which, struct buf *err);
/* How often anybody was erased: facts folded before are not to be written after. */
int erase_count(struct store *s, int64_t *out, struct buf *err);

/*
 * A hash of what is left of rows, in the order given: SHA-256 over, for each, the byte 2, the 32
 * bytes of its leaf, the length of its record as eight bytes (most significant first), and the
 * record as `jlog cat` writes it, without the customer and LF.
 */
int erase_rest(
	struct store *s, const struct seqs *seqs, unsigned char out[HASH_SIZE], struct buf *err);
/* Whether the rests of each record `erased` are what is left; a line in *why for each that does not
 * say so. */
int erase_verify(struct store *s, struct buf *why, struct buf *err);

/* A record about the log itself (erased, hold.placed, hold.released, and what jlog links and
 * unlinks): it moves no horizon and ends nobody's silence. */
bool erase_note(struct str type, struct str source);
/* Of an erased record that is read again, the key: its id. */
bool erase_key(const struct event *ev, struct cache_key *key);

/* Customers who were last heard of before a time; the caller frees out->v. */
int erase_stale(struct store *s, int64_t before, struct seqs *out, struct buf *err);
/* Each record that places a hold which stands, by its customer. */
typedef int erase_hold_visit(
	void *ctx, int64_t customer, const struct store_row *placed, struct buf *err);
int erase_holds(struct store *s, erase_hold_visit *visit, void *ctx, struct buf *err);

#endif
