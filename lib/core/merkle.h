/*
 * The Merkle tree over a log's leaves, as RFC 9162, section 2.1, defines it, with SHA-256. A leaf's
 * hash is SHA-256(0x00, salt, recorded bytes): the salt keeps an erased record from being guessed
 * by its hash. A node's is SHA-256(0x01, left, right); the empty tree's root is the hash of
 * nothing. Leaves are counted from 0; a tree has less than 2^63.
 */
#ifndef CORE_MERKLE_H
#define CORE_MERKLE_H

#include "base/hash.h"

#define MERKLE_MAX 63 /* peaks of a tree */

/*
 * A growing tree's frontier: all that further leaves and the root need. Its peaks are the roots of
 * the largest complete subtrees that it is made of, largest first, one for each bit that is set in
 * the size. Zeroed it is the empty tree; it holds no memory.
 */
struct merkle {
	uint64_t size;
	unsigned char peak[MERKLE_MAX + 1][HASH_SIZE]; /* the last one is room for a new leaf */
};

void merkle_leaf(struct hash *h, const void *salt, size_t salt_len, struct str prefix,
	struct str bytes, unsigned char out[HASH_SIZE]); /* recorded: prefix, then bytes */
void merkle_node(struct hash *h, const unsigned char left[HASH_SIZE],
	const unsigned char right[HASH_SIZE], unsigned char out[HASH_SIZE]);

size_t merkle_peaks(uint64_t size); /* how many */
/* One node hash a leaf, on average. */
void merkle_add(struct merkle *m, struct hash *h, const unsigned char leaf[HASH_SIZE]);
void merkle_root(const struct merkle *m, struct hash *h, unsigned char out[HASH_SIZE]);

/* The frontier as bytes: its peaks, one behind the other. The size is kept elsewhere. */
void merkle_save(const struct merkle *m, struct buf *out);
/* -1 and a reason where the bytes cannot be the peaks of that size. */
int merkle_load(struct merkle *m, uint64_t size, struct str bytes, struct buf *err);

/*
 * Where hashes are kept. get gives that of the complete subtree over the 2^level leaves from
 * index * 2^level on. It returns 0; or 1 where it is not kept, and is then asked for both halves,
 * the left one and what is in it first, so that only some levels need to be kept, 0 among them;
 * or -1 and a reason.
 */
struct merkle_source {
	void *of;
	int (*get)(
		void *of, int level, uint64_t index, unsigned char out[HASH_SIZE], struct buf *err);
};

/* The frontier of the first `size` leaves; -1 and a reason where a hash was not to be had. */
int merkle_at(struct merkle *m, struct hash *h, const struct merkle_source *from, uint64_t size,
	struct buf *err);

/* A proof's hashes, in the order of RFC 9162: those next to the leaves first. */
struct merkle_path {
	size_t n;
	unsigned char hash[MERKLE_MAX + 1][HASH_SIZE];
};

/*
 * That the leaf `index` is in the tree of the first `size` leaves; and that this tree begins with
 * the tree of the first `size1` leaves. The path is empty where both trees are the same or the
 * first one is empty, which RFC 9162 leaves open. -1 and a reason where the numbers cannot be or a
 * hash was not to be had.
 */
int merkle_inclusion(struct merkle_path *path, struct hash *h, const struct merkle_source *from,
	uint64_t index, uint64_t size, struct buf *err);
int merkle_consistency(struct merkle_path *path, struct hash *h, const struct merkle_source *from,
	uint64_t size1, uint64_t size2, struct buf *err);

/*
 * Whether such a path proves it (RFC 9162, 2.1.3.2 and 2.1.4.2): 0, or 1 and the reason why not in
 * `why`. The roots must be trusted to be of trees of these sizes: a path alone may fit another
 * size with the same root.
 */
int merkle_check_inclusion(struct hash *h, uint64_t index, uint64_t size,
	const unsigned char leaf[HASH_SIZE], const struct merkle_path *path,
	const unsigned char root[HASH_SIZE], struct buf *why);
int merkle_check_consistency(struct hash *h, uint64_t size1, uint64_t size2,
	const struct merkle_path *path, const unsigned char root1[HASH_SIZE],
	const unsigned char root2[HASH_SIZE], struct buf *why);

#endif
