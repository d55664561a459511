/*
 * Customers as append keeps them: their numbers, their joining, whose facts are to be folded anew.
 * All within a write transaction.
 */
#ifndef CORE_STORE_PERSONS_H
#define CORE_STORE_PERSONS_H

#include "core/store/forest.h"

/* The customer (0: nobody) is to be folded anew, because of the record at hand. */
int persons_touch(struct store *s, int64_t customer, struct buf *err);
/*
 * In a mixed session any new record may move those that name nobody: all its people are folded
 * anew. They may be many, so the session is marked here and its people when they are folded.
 */
void persons_touch_session(struct store *s, int64_t session);
/* Whoever this transaction has touched so far is so by no earlier record than this one. */
void persons_touched_by(struct store *s, int64_t seq);

/* Gives a root another customer number. */
int persons_rekey(struct store *s, struct ident *root, int64_t key, struct buf *err);
/* Two roots become one person. */
int persons_join(struct store *s, const struct ident *a, const struct ident *b, int64_t seq,
	struct buf *err);
/* The number of the person that an identifier is of, from nothing but her identifiers and sessions:
 * the sequence of the earliest record that is hers. None where no record is. */
int persons_number(struct store *s, int64_t ident, struct buf *err);
/* That number as it was as of a sequence; 0: none. For readers too. */
int persons_earliest(
	struct store *s, int64_t root, int64_t as_of, int64_t *number, struct buf *err);
/* Whose an identifier was as of a sequence, by the number that she had then; 0: nobody's. */
int persons_customer(
	struct store *s, int64_t ident, int64_t as_of, int64_t *customer, struct buf *err);

/* A session turns out to be of several people, or of somebody and an identifier that names nobody.
 */
int persons_mix(struct store *s, struct session *in, int64_t seq, struct buf *err);
/* A record of a mixed session names this identifier first. */
int persons_mention(struct store *s, int64_t seq, const struct ident *one, struct buf *err);
/* What was settled of a session is to be looked at again. */
void persons_unsettle(struct store *s, int64_t session);

#endif
