/*
 * Heads and proofs of a log as text, one JSON object a line (jproof(5)): what can be kept or handed
 * over, and checked without the log.
 */
#ifndef CORE_PROOF_H
#define CORE_PROOF_H

#include "core/merkle.h"

#define PROOF_SALT_MIN 16
#define PROOF_SALT_MAX 64

/* What a log was: its first `size` records and their tree's root. */
struct proof_head {
	uint64_t size;
	unsigned char root[HASH_SIZE];
};

enum proof_type { PROOF_INCLUSION, PROOF_CONSISTENCY };

/* That a record is in the log, or that a log begins with an earlier one. */
struct proof {
	enum proof_type type;
	struct proof_head head;	 /* the log's; of two the later */
	struct proof_head first; /* consistency: the earlier */
	uint64_t sequence;	 /* inclusion: the record's, from 1 */
	bool erased;		 /* inclusion: by its leaf's hash, instead of salt and record */
	unsigned char leaf[HASH_SIZE];
	struct buf salt;   /* PROOF_SALT_MIN to PROOF_SALT_MAX bytes */
	struct buf record; /* the recorded bytes, UTF-8 */
	struct merkle_path path;
};

void proof_init(struct proof *p);
void proof_release(struct proof *p);

/* Append the line, with its LF. */
void proof_head_write(struct buf *out, const struct proof_head *head);
void proof_write(struct buf *out, const struct proof *p);

/* Read one text, with or without white space around it. -1 and a reason where it is not such a
 * text to the letter. p must have been initialised and may be read into again. */
int proof_head_read(struct proof_head *head, struct str text, struct buf *err);
int proof_read(struct proof *p, struct str text, struct buf *err);

/*
 * Whether the proof holds: 0, or 1; `verdict` gets in words what it proves or why it does not.
 * With a head that was kept elsewhere it must be of that head's log; of two logs either may be it.
 * Without one it only agrees with itself: whoever writes a proof can make up a log for it.
 */
int proof_verify(const struct proof *p, const struct proof_head *head, struct buf *verdict);
/* Both: 0, 1 as above; -1 and a reason in `err` where the text cannot be read. head may be NULL. */
int proof_check(
	struct str text, const struct proof_head *head, struct buf *verdict, struct buf *err);

#endif
