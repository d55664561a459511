/*
 * The Merkle tree beside one that is written down from the definitions of RFC 9162, 2.1.1, 2.1.3.1
 * and 2.1.4.1 as they stand there, by recursion over all leaves, and beside the published values of
 * the reference implementation of certificate transparency.
 */
#include "core/merkle.h"
#include "unit.h"

#define LEAVES 600
#define SMALL 130 /* every pair up to here */
#define TRIED 140 /* sizes that a proof is tried with */
#define SHAPE 80

typedef unsigned char digest[HASH_SIZE];

static struct hash *h;
static digest leaves[LEAVES];

/* Hexadecimal as bytes; how many. */
static size_t bytes_of(const char *hex, unsigned char *out)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned int byte = 0;

		sscanf(hex + 2 * i, "%2x", &byte);
		out[i] = (unsigned char)byte;
	}
	return n;
}

static bool equal(const unsigned char *a, const unsigned char *b)
{
	return memcmp(a, b, HASH_SIZE) == 0;
}

/* The definitions. */

static size_t split(size_t n)
{
	size_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

static void mth(size_t first, size_t n, unsigned char *out)
{
	unsigned char both[1 + 2 * HASH_SIZE] = {1};
	size_t k;

	if (n == 1) {
		memcpy(out, leaves[first], HASH_SIZE);
		return;
	}
	if (n > 1) {
		k = split(n);
		mth(first, k, both + 1);
		mth(first + k, n - k, both + 1 + HASH_SIZE);
	}
	hash_begin(h);
	hash_add(h, both, n ? sizeof(both) : 0);
	hash_end(h, out);
}

/* A path, and beside it on which side each hash joins: L, R; s or S: where to begin, known or told.
 */
struct wanted {
	struct merkle_path path;
	char shape[SHAPE];
};

static void join(struct wanted *w, char side, size_t first, size_t n)
{
	size_t at = strlen(w->shape);

	w->shape[at] = side;
	w->shape[at + 1] = '\0';
	mth(first, n, w->path.hash[w->path.n++]);
}

static void path_of(struct wanted *w, size_t m, size_t first, size_t n)
{
	size_t k = split(n);

	if (n == 1)
		return;
	if (m < k) {
		path_of(w, m, first, k);
		join(w, 'R', first + k, n - k);
	} else {
		path_of(w, m - k, first + k, n - k);
		join(w, 'L', first, k);
	}
}

static void subproof(struct wanted *w, size_t m, size_t first, size_t n, bool whole)
{
	size_t k = split(n);

	if (m == n && whole) {
		strcpy(w->shape, "s");
	} else if (m == n) {
		join(w, 'S', first, n);
	} else if (m <= k) {
		subproof(w, m, first, k, whole);
		join(w, 'R', first + k, n - k);
	} else {
		subproof(w, m - k, first + k, n - k, false);
		join(w, 'L', first, k);
	}
}

static struct wanted wanted_inclusion(size_t index, size_t size)
{
	struct wanted w = {{0}, ""};

	path_of(&w, index, 0, size);
	return w;
}

static struct wanted wanted_consistency(size_t m, size_t n)
{
	struct wanted w = {{0}, ""};

	subproof(&w, m, 0, n, true);
	return w;
}

/* Every size's root and every pair's shape, made once. */
static digest roots[LEAVES + 1];
static char inclusion_shape[TRIED][TRIED + 1][SHAPE],
	consistency_shape[TRIED + 1][TRIED + 1][SHAPE];

static void make_leaves(void)
{
	for (size_t i = 0; i < LEAVES; i++) {
		unsigned char salt[2] = {(unsigned char)i, (unsigned char)(i >> 8)};

		merkle_leaf(h, salt, sizeof(salt), STR("prefix"), STR("bytes"), leaves[i]);
	}
	for (size_t n = 0; n <= LEAVES; n++)
		mth(0, n, roots[n]);
	for (size_t n = 1; n <= TRIED; n++)
		for (size_t m = 0; m < n; m++) {
			struct wanted inclusion = wanted_inclusion(m, n);
			struct wanted consistency = wanted_consistency(m + 1, n);

			memcpy(inclusion_shape[m][n], inclusion.shape, SHAPE);
			memcpy(consistency_shape[m + 1][n], consistency.shape, SHAPE);
		}
}

/* What a store would keep: leaves and one level of tiles. */
struct kept {
	int level; /* of the tiles */
	int asked, fails_at;
	uint64_t reached; /* the first leaf of what was asked for last */
	bool turned;	  /* asked for something before it */
};

static int get_kept(void *of, int level, uint64_t index, unsigned char *out, struct buf *err)
{
	struct kept *k = of;

	if (index << level < k->reached)
		k->turned = true;
	k->reached = index << level;
	if (++k->asked == k->fails_at) {
		buf_puts(err, "gone");
		return -1;
	}
	if (level != 0 && level != k->level)
		return 1;
	mth((size_t)index << level, (size_t)1 << level, out);
	return 0;
}

static bool path_is(const struct merkle_path *path, const struct merkle_path *other)
{
	return path->n == other->n && memcmp(path->hash, other->hash, path->n * HASH_SIZE) == 0;
}

static void test_published(void)
{
	static const char *const inputs[] = {"", "00", "10", "2021", "3031", "40414243",
		"5051525354555657", "606162636465666768696a6b6c6d6e6f"};
	static const char *const published[] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
	struct merkle m = {0};
	digest want, root;

	for (size_t n = 0; n <= 8; n++) {
		unsigned char bytes[16];

		bytes_of(published[n], want);
		mth(0, n, root);
		CHECK(equal(root, want));
		merkle_root(&m, h, root);
		CHECK(equal(root, want));
		if (n == 8)
			break;
		merkle_leaf(h, NULL, 0, STR(""),
			(struct str){(char *)bytes, bytes_of(inputs[n], bytes)}, leaves[n]);
		merkle_add(&m, h, leaves[n]);
	}
}

/* Paths over those eight leaves, from published hashes of leaves and nodes. */
static void test_published_paths(void)
{
	static const char *const hash[] = {
		"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",  /* leaf 1 */
		"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",  /* leaf 4 */
		"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",  /* 2 and 3 */
		"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",  /* 4 and 5 */
		"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",  /* 6 and 7 */
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",  /* 0 to 3 */
		"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}; /* 4 to 7 */
	static const struct {
		bool consistency;
		uint64_t a, b;
		const char *path; /* as places in hash */
	} cases[] = {{false, 0, 8, "026"}, {false, 5, 8, "145"}, {false, 0, 1, ""},
		{true, 1, 8, "026"}, {true, 6, 8, "345"}, {true, 2, 5, "21"}, {true, 1, 1, ""}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kept kept = {.level = 8};
		struct merkle_source from = {&kept, get_kept};
		struct merkle_path path, want = {0};
		struct buf err = BUF_INIT;

		for (const char *p = cases[i].path; *p; p++)
			bytes_of(hash[*p - '0'], want.hash[want.n++]);
		if (cases[i].consistency)
			CHECK(merkle_consistency(&path, h, &from, cases[i].a, cases[i].b, &err) ==
				0);
		else
			CHECK(merkle_inclusion(&path, h, &from, cases[i].a, cases[i].b, &err) == 0);
		CHECK(path_is(&path, &want));
		buf_release(&err);
	}
}

static void test_leaf(void)
{
	digest a, b, c;

	merkle_leaf(h, "sa", 2, STR("l"), STR("t"), a);
	hash_begin(h);
	hash_add(h, "\0salt", 5);
	hash_end(h, b);
	merkle_leaf(h, "salt", 4, STR(""), STR(""), c);
	CHECK(equal(a, b) && equal(a, c));
	merkle_node(h, a, b, c);
	CHECK(!equal(a, c));
}

/* Grown, saved and loaded, read from what is kept: the same frontier, the root as defined. */
static void test_frontier(void)
{
	struct merkle m = {0}, again, read;
	struct buf saved = BUF_INIT, err = BUF_INIT;
	int wrong = 0;
	digest root;

	for (size_t n = 0; n <= LEAVES; n++) {
		struct kept kept = {.level = 8};
		struct merkle_source from = {&kept, get_kept};

		buf_clear(&saved);
		merkle_save(&m, &saved);
		wrong += merkle_load(&again, n, buf_str(&saved), &err) < 0;
		wrong += saved.len != merkle_peaks(n) * HASH_SIZE;
		merkle_root(&again, h, root);
		wrong += !equal(root, roots[n]);
		wrong += merkle_at(&read, h, &from, n, &err) < 0 || read.size != n;
		merkle_root(&read, h, root);
		wrong += !equal(root, roots[n]) || kept.turned;
		wrong += memcmp(read.peak, m.peak, saved.len) != 0;
		if (n < LEAVES)
			merkle_add(&m, h, leaves[n]);
	}
	CHECK(wrong == 0 && err.len == 0);
	CHECK(merkle_load(&again, 3, STR("short"), &err) < 0 && err.len);
	CHECK(merkle_load(&again, 1, buf_str(&saved), &err) < 0);
	CHECK(merkle_load(&again, UINT64_MAX, STR(""), &err) < 0);
	buf_release(&saved);
	buf_release(&err);
}

/* What is kept cannot be had, or not all of it is kept. */
static void test_failures(void)
{
	struct buf err = BUF_INIT;
	struct merkle_path path;
	struct merkle m;
	int wrong = 0;

	for (int at = 1; at <= 6; at++) {
		struct kept kept = {.level = 2, .fails_at = at};
		struct merkle_source from = {&kept, get_kept};

		buf_clear(&err);
		wrong += merkle_inclusion(&path, h, &from, 6, 11, &err) == 0;
		wrong += !str_is(buf_str(&err), "gone");
		kept.asked = 0;
		wrong += merkle_consistency(&path, h, &from, 6, 11, &err) == 0;
		kept.asked = 0;
		wrong += merkle_at(&m, h, &from, 30, &err) == 0;
	}
	CHECK(wrong == 0);
	buf_release(&err);
}

static int get_nothing(void *of, int level, uint64_t index, unsigned char *out, struct buf *err)
{
	(void)of, (void)level, (void)index, (void)out, (void)err;
	return 1;
}

static void test_impossible(void)
{
	struct merkle_source none = {NULL, get_nothing};
	struct kept kept = {.level = 8};
	struct merkle_source from = {&kept, get_kept};
	struct buf err = BUF_INIT;
	struct merkle_path path;
	struct merkle m;

	CHECK(merkle_at(&m, h, &none, 4, &err) < 0);
	CHECK(str_is(buf_str(&err), "the hash of leaf 0 is not kept"));
	CHECK(merkle_inclusion(&path, h, &from, 0, 0, &err) < 0);
	CHECK(merkle_inclusion(&path, h, &from, 5, 5, &err) < 0);
	CHECK(merkle_inclusion(&path, h, &from, 5, UINT64_MAX, &err) < 0);
	CHECK(merkle_consistency(&path, h, &from, 6, 5, &err) < 0);
	CHECK(merkle_consistency(&path, h, &from, 6, UINT64_MAX, &err) < 0);
	CHECK(merkle_at(&m, h, &from, UINT64_MAX, &err) < 0);
	CHECK(merkle_consistency(&path, h, &from, 0, 5, &err) == 0 && path.n == 0);
	CHECK(merkle_consistency(&path, h, &from, 0, 0, &err) == 0 && path.n == 0);
	buf_release(&err);
}

/* A claim: what a proof says. m: the index, or the smaller tree's size. */
struct claim {
	bool consistency;
	uint64_t m, n;
	digest leaf_or_root1, root;
	struct merkle_path path;
};

static bool holds(const struct claim *c)
{
	struct buf why = BUF_INIT;
	int no = c->consistency ? merkle_check_consistency(
					  h, c->m, c->n, &c->path, c->leaf_or_root1, c->root, &why)
				: merkle_check_inclusion(
					  h, c->m, c->n, c->leaf_or_root1, &c->path, c->root, &why);

	if (no ? !why.len : why.len)
		printf("a reason is missing, or one too many\n");
	buf_release(&why);
	return no == 0;
}

/* Whether the shape of the path is what other numbers would ask for: then it fits them as well. */
static bool fits(const struct claim *c, size_t m, size_t n)
{
	if (m > n || n > TRIED || (c->consistency ? m == 0 : m == n))
		return false;
	return c->consistency ? !strcmp(consistency_shape[m][n], consistency_shape[c->m][c->n])
			      : !strcmp(inclusion_shape[m][n], inclusion_shape[c->m][c->n]);
}

/* How often the claim holds with other numbers and should not, or the other way round. All numbers
 * are tried with few leaves, every thirteenth with many. */
static int with_other_numbers(const struct claim *c)
{
	size_t step = c->n <= 24 ? 1 : 13;
	static const uint64_t far[] = {1 << 20, INT64_MAX, (uint64_t)1 << 63, UINT64_MAX};
	struct claim other = *c;
	int wrong = 0;

	for (size_t n = c->m % step; n <= TRIED; n += step) {
		other.n = n;
		wrong += n != c->n && holds(&other) != fits(c, c->m, n);
	}
	for (size_t i = 0; i < 4; i++) {
		other.n = far[i];
		wrong += holds(&other);
	}
	other.n = c->n;
	for (size_t m = c->n % step; m <= TRIED; m += step) {
		other.m = m;
		wrong += m != c->m && holds(&other);
	}
	for (size_t i = 0; i < 4; i++) {
		other.m = far[i];
		wrong += holds(&other);
	}
	return wrong;
}

static int with_another_length(const struct claim *c)
{
	struct claim other = *c;
	int wrong = 0;

	if (c->path.n) {
		other.path.n--;
		wrong += holds(&other);
		memmove(other.path.hash[0], other.path.hash[1], other.path.n * HASH_SIZE);
		wrong += holds(&other);
	}
	other = *c;
	memcpy(other.path.hash[other.path.n++], c->root, HASH_SIZE);
	wrong += holds(&other);
	memmove(other.path.hash[1], other.path.hash[0], c->path.n * HASH_SIZE);
	memcpy(other.path.hash[0], c->leaf_or_root1, HASH_SIZE);
	return wrong + holds(&other);
}

/* With a bit of each hash changed: bits first, first + step and so on. */
static int with_changed_bits(const struct claim *c, size_t first, size_t step)
{
	struct claim other = *c;
	int wrong = 0;

	for (size_t bit = first; bit < (size_t)HASH_SIZE * 8; bit += step) {
		unsigned char mask = (unsigned char)(1 << bit % 8);

		for (size_t i = 0; i < c->path.n + 2; i++) {
			unsigned char *hash = i < c->path.n    ? other.path.hash[i]
					      : i == c->path.n ? other.root
							       : other.leaf_or_root1;

			hash[bit / 8] ^= mask;
			wrong += holds(&other);
			hash[bit / 8] ^= mask;
		}
	}
	return wrong;
}

/* Every way to break a claim that holds. */
static int broken(const struct claim *c)
{
	bool all_bits = c->n <= 9 || c->n == 33;
	size_t one = (size_t)(c->m * 131 + c->n) % 256;

	return !holds(c) + with_other_numbers(c) + with_another_length(c) +
	       with_changed_bits(c, all_bits ? 0 : one, all_bits ? 1 : 256);
}

static void test_inclusion(void)
{
	struct buf err = BUF_INIT;
	int wrong = 0, other = 0;

	for (size_t n = 1; n <= SMALL; n++)
		for (size_t i = 0; i < n; i++) {
			struct kept kept = {.level = n % 2 ? 8 : 2};
			struct merkle_source from = {&kept, get_kept};
			struct wanted want = wanted_inclusion(i, n);
			struct claim c = {.m = i, .n = n};

			other += merkle_inclusion(&c.path, h, &from, i, n, &err) < 0 ||
				 !path_is(&c.path, &want.path);
			memcpy(c.leaf_or_root1, leaves[i], HASH_SIZE);
			memcpy(c.root, roots[n], HASH_SIZE);
			wrong += broken(&c);
		}
	CHECK(other == 0 && err.len == 0);
	CHECK(wrong == 0);
	buf_release(&err);
}

static void test_consistency(void)
{
	struct buf err = BUF_INIT;
	int wrong = 0, other = 0;

	for (size_t n = 1; n <= SMALL; n++)
		for (size_t m = 1; m <= n; m++) {
			struct kept kept = {.level = n % 2 ? 8 : 2};
			struct merkle_source from = {&kept, get_kept};
			struct wanted want = wanted_consistency(m, n);
			struct claim c = {.consistency = true, .m = m, .n = n};

			other += merkle_consistency(&c.path, h, &from, m, n, &err) < 0 ||
				 !path_is(&c.path, &want.path);
			memcpy(c.leaf_or_root1, roots[m], HASH_SIZE);
			memcpy(c.root, roots[n], HASH_SIZE);
			wrong += broken(&c);
		}
	CHECK(other == 0 && err.len == 0);
	CHECK(wrong == 0);
	buf_release(&err);
}

/* The empty tree, which every tree begins with. */
static void test_empty(void)
{
	struct claim c = {.consistency = true};

	memcpy(c.leaf_or_root1, roots[0], HASH_SIZE);
	memcpy(c.root, roots[0], HASH_SIZE);
	CHECK(holds(&c));
	CHECK(with_changed_bits(&c, 0, 1) == 0);
	c.n = 5;
	memcpy(c.root, roots[5], HASH_SIZE);
	CHECK(holds(&c));
	CHECK(with_another_length(&c) == 0);
	memcpy(c.leaf_or_root1, roots[1], HASH_SIZE);
	CHECK(!holds(&c));
	c = (struct claim){.n = 0};
	CHECK(!holds(&c));
}

/* Over tiles, as a store answers. */
static void test_tiles(void)
{
	struct kept kept = {.level = 8};
	struct merkle_source from = {&kept, get_kept};
	struct buf err = BUF_INIT;
	struct claim c = {.n = LEAVES};
	int wrong = 0;

	memcpy(c.root, roots[LEAVES], HASH_SIZE);
	for (size_t i = 0; i < LEAVES; i++) {
		c.m = i;
		kept.asked = 0;
		wrong += merkle_inclusion(&c.path, h, &from, i, LEAVES, &err) < 0;
		memcpy(c.leaf_or_root1, leaves[i], HASH_SIZE);
		wrong += !holds(&c);
		/* All of its own tile and of the rest, at the most, and of others one. */
		wrong += kept.asked > 3 * 256;
	}
	c.consistency = true;
	for (size_t m = 1; m <= LEAVES; m++) {
		c.m = m;
		wrong += merkle_consistency(&c.path, h, &from, m, LEAVES, &err) < 0;
		memcpy(c.leaf_or_root1, roots[m], HASH_SIZE);
		wrong += !holds(&c);
	}
	CHECK(wrong == 0);
	buf_release(&err);
}

/* A tree whose leaves are all the same: one hash a level. */
static digest level_hash[MERKLE_MAX + 1];

static int get_level(void *of, int level, uint64_t index, unsigned char *out, struct buf *err)
{
	(void)of, (void)index, (void)err;
	memcpy(out, level_hash[level], HASH_SIZE);
	return 0;
}

static void test_huge(void)
{
	static const uint64_t sizes[] = {INT64_MAX, INT64_MAX - 1, (uint64_t)1 << 62,
		((uint64_t)1 << 62) + 1, ((uint64_t)1 << 62) - 1, 0x5555555555555555};
	struct merkle_source from = {NULL, get_level};
	struct buf err = BUF_INIT;
	struct merkle m;
	int wrong = 0;

	for (int i = 0; i < MERKLE_MAX; i++)
		merkle_node(h, level_hash[i], level_hash[i], level_hash[i + 1]);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (int shift = 0; shift < 63; shift++) {
			struct claim c = {.m = sizes[s] >> shift, .n = sizes[s]};

			merkle_at(&m, h, &from, c.n, &err);
			merkle_root(&m, h, c.root);
			c.m -= shift == 0;
			memcpy(c.leaf_or_root1, level_hash[0], HASH_SIZE);
			wrong += merkle_inclusion(&c.path, h, &from, c.m, c.n, &err) < 0;
			wrong += !holds(&c) || with_changed_bits(&c, 77, 256) > 0;
			c.consistency = true;
			c.m += c.m == 0;
			merkle_at(&m, h, &from, c.m, &err);
			merkle_root(&m, h, c.leaf_or_root1);
			wrong += merkle_consistency(&c.path, h, &from, c.m, c.n, &err) < 0;
			wrong += !holds(&c) || with_changed_bits(&c, 77, 256) > 0;
		}
	CHECK(wrong == 0 && err.len == 0);
	buf_release(&err);
}

int main(void)
{
	h = hash_new();
	test_published();
	test_published_paths();
	make_leaves();
	test_leaf();
	test_frontier();
	test_failures();
	test_impossible();
	test_inclusion();
	test_consistency();
	test_empty();
	test_tiles();
	test_huge();
	hash_free(h);
	return unit_end();
}
