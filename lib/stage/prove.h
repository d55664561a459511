/* jlog head, prove and check-proof: what a log was, proofs of it, and whether they hold. */
#ifndef STAGE_PROVE_H
#define STAGE_PROVE_H

#include "core/store/tree.h"
#include "core/store/store.h"
#include "io/out.h"

int prove_head(struct store *s, struct out *out, struct buf *err);
/* That each of the records, given by their sequences in digits, is in the log, a line each. */
int prove_records(struct store *s, char *const *seqs, size_t n, struct out *out, struct buf *err);
/* That the log begins with its first `size` records. */
int prove_from(struct store *s, int64_t size, struct out *out, struct buf *err);

/* Reads a head that was kept; path "-" is stdin. -1 and a reason. */
int prove_read_head(const char *path, struct proof_head *head, struct buf *err);
/*
 * Checks the proofs in files (n 0: stdin), one a line. Tells of each, in a line that begins with
 * its place, what it proves or why it does not. 0, 1 where one does not hold; -1 and a reason where
 * one cannot be read.
 */
int prove_check(char *const *paths, size_t n, const struct proof_head *head, struct out *out,
	struct buf *err);

#endif
