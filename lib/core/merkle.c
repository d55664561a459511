#include "core/merkle.h"
#include "base/die.h"

#define LEAF 0
#define NODE 1

static const char no_fit[] = "the path leads to another root", too_long[] = "the path is too long",
		  too_short[] = "the path is too short";

void merkle_leaf(struct hash *h, const void *salt, size_t salt_len, struct str prefix,
	struct str bytes, unsigned char out[HASH_SIZE])
{
	static const unsigned char kind = LEAF;

	hash_begin(h);
	hash_add(h, &kind, 1);
	hash_add(h, salt, salt_len);
	hash_add(h, prefix.s, prefix.len);
	hash_add(h, bytes.s, bytes.len);
	hash_end(h, out);
}

/* In one piece: each piece costs libcrypto a call. */
void merkle_node(struct hash *h, const unsigned char left[HASH_SIZE],
	const unsigned char right[HASH_SIZE], unsigned char out[HASH_SIZE])
{
	unsigned char both[1 + 2 * HASH_SIZE] = {NODE};

	memcpy(both + 1, left, HASH_SIZE);
	memcpy(both + 1 + HASH_SIZE, right, HASH_SIZE);
	hash_begin(h);
	hash_add(h, both, sizeof(both));
	hash_end(h, out);
}

size_t merkle_peaks(uint64_t size)
{
	return (size_t)__builtin_popcountll(size);
}

void merkle_add(struct merkle *m, struct hash *h, const unsigned char leaf[HASH_SIZE])
{
	size_t n = merkle_peaks(m->size);

	if (m->size >= INT64_MAX)
		BUG("a tree of too many leaves");
	memcpy(m->peak[n], leaf, HASH_SIZE);
	for (uint64_t left = m->size++; left & 1; left >>= 1, n--)
		merkle_node(h, m->peak[n - 1], m->peak[n], m->peak[n - 1]);
}

void merkle_root(const struct merkle *m, struct hash *h, unsigned char out[HASH_SIZE])
{
	size_t n = merkle_peaks(m->size);

	if (n == 0) {
		hash_begin(h);
		hash_end(h, out);
		return;
	}
	memcpy(out, m->peak[--n], HASH_SIZE);
	while (n--)
		merkle_node(h, m->peak[n], out, out);
}

void merkle_save(const struct merkle *m, struct buf *out)
{
	buf_add(out, m->peak, merkle_peaks(m->size) * HASH_SIZE);
}

int merkle_load(struct merkle *m, uint64_t size, struct str bytes, struct buf *err)
{
	size_t n = merkle_peaks(size);

	if (size > INT64_MAX) {
		buf_puts(err, "a tree of too many leaves");
		return -1;
	}
	if (bytes.len != n * HASH_SIZE) {
		buf_printf(err, "%zu bytes of peaks where %llu leaves have %zu", bytes.len,
			(unsigned long long)size, n * HASH_SIZE);
		return -1;
	}
	m->size = size;
	if (n)
		memcpy(m->peak, bytes.s, bytes.len);
	return 0;
}

/* A complete subtree, kept or combined. */
static int complete(struct hash *h, const struct merkle_source *from, int level, uint64_t index,
	unsigned char out[HASH_SIZE], struct buf *err)
{
	unsigned char right[HASH_SIZE];
	int status = from->get(from->of, level, index, out, err);

	if (status <= 0)
		return status;
	if (level == 0) {
		buf_printf(err, "the hash of leaf %llu is not kept", (unsigned long long)index);
		return -1;
	}
	if (complete(h, from, level - 1, 2 * index, out, err) < 0 ||
		complete(h, from, level - 1, 2 * index + 1, right, err) < 0)
		return -1;
	merkle_node(h, out, right, out);
	return 0;
}

/* The peaks of the subtree over `size` leaves from `first` on, as it is cut out of a tree: `first`
 * is a multiple of the largest of its complete subtrees. */
static int peaks(struct merkle *m, struct hash *h, const struct merkle_source *from, uint64_t first,
	uint64_t size, struct buf *err)
{
	size_t n = 0;

	m->size = size;
	for (int level = MERKLE_MAX - 1; level >= 0; level--) {
		if (!(size >> level & 1))
			continue;
		if (complete(h, from, level, first >> level, m->peak[n++], err) < 0)
			return -1;
		first += (uint64_t)1 << level;
	}
	return 0;
}

int merkle_at(struct merkle *m, struct hash *h, const struct merkle_source *from, uint64_t size,
	struct buf *err)
{
	if (size > INT64_MAX) {
		buf_puts(err, "a tree of too many leaves");
		return -1;
	}
	return peaks(m, h, from, 0, size, err);
}

/* The next hash of a path: that of the subtree over `size` leaves from `first` on. */
static int put(struct merkle_path *path, struct hash *h, const struct merkle_source *from,
	uint64_t first, uint64_t size, struct buf *err)
{
	struct merkle m;

	if (peaks(&m, h, from, first, size, err) < 0)
		return -1;
	merkle_root(&m, h, path->hash[path->n++]);
	return 0;
}

/* Paths are found from the root down and told from the leaves up. */
static void turn(struct merkle_path *path)
{
	unsigned char kept[HASH_SIZE];

	for (size_t i = 0, j = path->n; i + 1 < j; i++) {
		j--;
		memcpy(kept, path->hash[i], HASH_SIZE);
		memcpy(path->hash[i], path->hash[j], HASH_SIZE);
		memcpy(path->hash[j], kept, HASH_SIZE);
	}
}

/* A part of the tree: `size` leaves from `first` on. */
struct part {
	uint64_t first, size;
};

/* Goes down to the half that leaf `index` of the tree is in; the other one's hash joins the path.
 */
static int descend(struct merkle_path *path, struct hash *h, const struct merkle_source *from,
	struct part *at, uint64_t index, struct buf *err)
{
	/* The largest power of two below the size. */
	uint64_t k = (uint64_t)1 << (63 - __builtin_clzll(at->size - 1));
	struct part left = {at->first, k}, right = {at->first + k, at->size - k};
	bool in_left = index - at->first < k;
	struct part other = in_left ? right : left;

	*at = in_left ? left : right;
	return put(path, h, from, other.first, other.size, err);
}

int merkle_inclusion(struct merkle_path *path, struct hash *h, const struct merkle_source *from,
	uint64_t index, uint64_t size, struct buf *err)
{
	struct part at = {0, size};

	path->n = 0;
	if (index >= size || size > INT64_MAX) {
		buf_printf(err, "no leaf %llu in a tree of %llu", (unsigned long long)index,
			(unsigned long long)size);
		return -1;
	}
	while (at.size > 1)
		if (descend(path, h, from, &at, index, err) < 0)
			return -1;
	turn(path);
	return 0;
}

int merkle_consistency(struct merkle_path *path, struct hash *h, const struct merkle_source *from,
	uint64_t size1, uint64_t size2, struct buf *err)
{
	struct part at = {0, size2};

	path->n = 0;
	if (size1 > size2 || size2 > INT64_MAX) {
		buf_printf(err, "no tree of %llu leaves in one of %llu", (unsigned long long)size1,
			(unsigned long long)size2);
		return -1;
	}
	if (size1 == 0)
		return 0;
	/* Down along the last leaf of the smaller tree, to where both trees end. */
	while (at.first + at.size != size1)
		if (descend(path, h, from, &at, size1 - 1, err) < 0)
			return -1;
	/* From the left edge it is the smaller tree's root, which is known. */
	if (at.first > 0 && put(path, h, from, at.first, at.size, err) < 0)
		return -1;
	turn(path);
	return 0;
}

static int refuse(struct buf *why, const char *reason)
{
	buf_puts(why, reason);
	return 1;
}

static bool same(const unsigned char a[HASH_SIZE], const unsigned char b[HASH_SIZE])
{
	return memcmp(a, b, HASH_SIZE) == 0;
}

/* Where a path has led: a node, and the last node of its level. */
struct place {
	uint64_t node, last;
};

static void up(struct place *at)
{
	at->node >>= 1;
	at->last >>= 1;
}

/*
 * Whether the next hash of the path stands left of the node, which is then moved up to where both
 * meet. The last node of a level has no right sibling: it goes up by itself until it has a left
 * one.
 */
static bool joins_left(struct place *at)
{
	bool left = at->node & 1 || at->node == at->last;

	if (left)
		while (!(at->node & 1) && at->node)
			up(at);
	up(at);
	return left;
}

int merkle_check_inclusion(struct hash *h, uint64_t index, uint64_t size,
	const unsigned char leaf[HASH_SIZE], const struct merkle_path *path,
	const unsigned char root[HASH_SIZE], struct buf *why)
{
	struct place at = {index, size - 1};
	unsigned char r[HASH_SIZE];

	if (index >= size)
		return refuse(why, "the tree has no such leaf");
	memcpy(r, leaf, HASH_SIZE);
	for (size_t i = 0; i < path->n; i++) {
		if (at.last == 0)
			return refuse(why, too_long);
		if (joins_left(&at))
			merkle_node(h, path->hash[i], r, r);
		else
			merkle_node(h, r, path->hash[i], r);
	}
	if (at.last != 0)
		return refuse(why, too_short);
	return same(r, root) ? 0 : refuse(why, no_fit);
}

/* From the largest subtree that ends with the smaller tree up to both roots. */
static int rise(struct hash *h, uint64_t size1, uint64_t size2, const struct merkle_path *path,
	const unsigned char root1[HASH_SIZE], const unsigned char root2[HASH_SIZE], struct buf *why)
{
	struct place at = {size1 - 1, size2 - 1};
	bool whole = (size1 & (size1 - 1)) == 0;
	unsigned char r1[HASH_SIZE], r2[HASH_SIZE];

	if (path->n == 0)
		return refuse(why, too_short);
	while (at.node & 1)
		up(&at);
	/* Where that subtree is the whole smaller tree, its hash is left out of the path. */
	memcpy(r1, whole ? root1 : path->hash[0], HASH_SIZE);
	memcpy(r2, r1, HASH_SIZE);
	for (size_t i = !whole; i < path->n; i++) {
		if (at.last == 0)
			return refuse(why, too_long);
		if (joins_left(&at)) {
			merkle_node(h, path->hash[i], r1, r1);
			merkle_node(h, path->hash[i], r2, r2);
		} else {
			merkle_node(h, r2, path->hash[i], r2);
		}
	}
	if (at.last != 0)
		return refuse(why, too_short);
	if (!same(r1, root1))
		return refuse(why, "the path leads to another root of the smaller tree");
	return same(r2, root2) ? 0 : refuse(why, no_fit);
}

int merkle_check_consistency(struct hash *h, uint64_t size1, uint64_t size2,
	const struct merkle_path *path, const unsigned char root1[HASH_SIZE],
	const unsigned char root2[HASH_SIZE], struct buf *why)
{
	static const struct merkle empty;
	unsigned char none[HASH_SIZE];

	if (size1 > size2)
		return refuse(why, "the first tree is the larger one");
	if (size1 > 0 && size1 < size2)
		return rise(h, size1, size2, path, root1, root2, why);
	if (path->n)
		return refuse(why, too_long);
	if (size1 == size2 && !same(root1, root2))
		return refuse(why, "two roots for one size");
	merkle_root(&empty, h, none);
	if (size1 == 0 && !same(root1, none))
		return refuse(why, "the root of an empty tree is another one");
	return 0;
}
