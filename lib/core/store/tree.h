/*
 * The Merkle tree over the log's records, leaf n being the hash of record n + 1. On file are the
 * leaves (with their records), the hash of every complete subtree of TILE leaves, and the frontier.
 * Appending keeps the frontier in memory and writes it and the new tiles once a transaction.
 */
#ifndef CORE_STORE_TREE_H
#define CORE_STORE_TREE_H

#include "core/proof.h"

#define TILE 256

struct store;
struct tile;

/* A frontier in two parts: over the hashes of the tiles, and over the leaves behind the last one.
 */
struct frontier {
	struct merkle tiles, leaves; /* of leaves less than TILE */
};

/* Adds a leaf; true where it completed a tile, whose hash is then in `tile`. */
bool frontier_add(struct frontier *f, struct hash *h, const unsigned char leaf[HASH_SIZE],
	unsigned char tile[HASH_SIZE]);
/* Of the tree as a whole. */
void frontier_whole(const struct frontier *f, struct merkle *m);

struct tree {
	bool known; /* the frontier is that of the file, with the records of this transaction */
	struct frontier frontier;
	struct tile *v; /* complete, and not on file yet */
	size_t n, cap;
};

void tree_release(struct tree *t);
void tree_forget(struct tree *t);
/* Within a write transaction, before the first leaf: a tree of other records than the log's is an
 * error. */
int tree_begin(struct store *s, struct buf *err);
void tree_add(struct tree *t, struct hash *h, const unsigned char leaf[HASH_SIZE]);
/* Makes a tree that can grow by itself, as another thread's, and be joined to the one that it came
 * of, where nothing was added meanwhile. */
void tree_branch(struct tree *to, const struct tree *from);
void tree_join(struct tree *to, const struct tree *branch);
int tree_flush(struct store *s, struct buf *err);

/* The frontier on file. Within a transaction, as all that follows. */
int tree_read(struct store *s, struct merkle *m, struct buf *err);
int tree_head(struct store *s, struct proof_head *head, struct buf *err);
/* That a record is in the log, and that the log begins with its first `size` records. p must have
 * been initialised. An error where there are no such records or the tree on file proves nothing. */
int tree_prove(struct store *s, int64_t seq, struct proof *p, struct buf *err);
int tree_prove_from(struct store *s, int64_t size, struct proof *p, struct buf *err);

#endif
