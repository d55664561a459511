#include "core/store/tree.h"
#include "base/mem.h"
#include "core/store/internal.h"

#include <stdlib.h>

#define TILE_LEVEL 8 /* 2^8 = TILE */

struct tile {
	unsigned char hash[HASH_SIZE];
};

bool frontier_add(struct frontier *f, struct hash *h, const unsigned char leaf[HASH_SIZE],
	unsigned char tile[HASH_SIZE])
{
	merkle_add(&f->leaves, h, leaf);
	if (f->leaves.size < TILE)
		return false;
	memcpy(tile, f->leaves.peak[0], HASH_SIZE);
	merkle_add(&f->tiles, h, tile);
	f->leaves.size = 0;
	return true;
}

void frontier_whole(const struct frontier *f, struct merkle *m)
{
	size_t n = merkle_peaks(f->tiles.size);

	m->size = f->tiles.size * TILE + f->leaves.size;
	memcpy(m->peak, f->tiles.peak, n * HASH_SIZE);
	memcpy(m->peak + n, f->leaves.peak, merkle_peaks(f->leaves.size) * HASH_SIZE);
}

static void frontier_part(struct frontier *f, const struct merkle *m)
{
	size_t n = merkle_peaks(m->size / TILE);

	f->tiles.size = m->size / TILE;
	f->leaves.size = m->size % TILE;
	memcpy(f->tiles.peak, m->peak, n * HASH_SIZE);
	memcpy(f->leaves.peak, m->peak + n, merkle_peaks(f->leaves.size) * HASH_SIZE);
}

void tree_release(struct tree *t)
{
	free(t->v);
	*t = (struct tree){.known = false};
}

void tree_forget(struct tree *t)
{
	t->known = false;
	t->n = 0;
}

int tree_read(struct store *s, struct merkle *m, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_TREE, &st, err);

	m->size = 0;
	if (status == 0)
		status = store_step(s, st, err);
	if (status != 1)
		return status;
	buf_printf(err, "%s: damaged: its tree has ", s->path);
	status = merkle_load(m, (uint64_t)sqlite3_column_int64(st, 0), store_column(st, 1), err);
	if (status == 0)
		buf_clear(err);
	sqlite3_reset(st);
	return status < 0 ? STORE_ERROR : 0;
}

int tree_begin(struct store *s, struct buf *err)
{
	struct merkle m;
	int status;

	if (s->tree.known)
		return 0;
	status = tree_read(s, &m, err);
	if (status < 0)
		return status;
	if (m.size != (uint64_t)s->now) {
		buf_printf(err,
			"%s: damaged: its tree is of %llu records, and the last one is %lld",
			s->path, (unsigned long long)m.size, (long long)s->now);
		return STORE_ERROR;
	}
	frontier_part(&s->tree.frontier, &m);
	s->tree.known = true;
	return 0;
}

void tree_add(struct tree *t, struct hash *h, const unsigned char leaf[HASH_SIZE])
{
	unsigned char tile[HASH_SIZE];

	if (frontier_add(&t->frontier, h, leaf, tile))
		memcpy(VEC_ADD(t, v, n, cap)->hash, tile, HASH_SIZE);
}

void tree_branch(struct tree *to, const struct tree *from)
{
	to->frontier = from->frontier;
	to->n = 0;
}

void tree_join(struct tree *to, const struct tree *branch)
{
	to->frontier = branch->frontier;
	for (size_t i = 0; i < branch->n; i++)
		*VEC_ADD(to, v, n, cap) = branch->v[i];
}

static int put_tile(struct store *s, uint64_t n, const struct tile *t, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_TILE_ADD, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, (int64_t)n);
	sqlite3_bind_blob(st, 2, t->hash, HASH_SIZE, SQLITE_STATIC);
	return store_run(s, st, err);
}

static int put_frontier(struct store *s, struct buf *err)
{
	struct merkle m;
	struct buf peaks = BUF_INIT;
	sqlite3_stmt *st = NULL;
	int status = store_query(s, Q_TREE_SET, &st, err);

	frontier_whole(&s->tree.frontier, &m);
	merkle_save(&m, &peaks);
	if (status == 0) {
		sqlite3_bind_int64(st, 1, (int64_t)m.size);
		sqlite3_bind_blob(st, 2, peaks.s, (int)peaks.len, SQLITE_STATIC);
		status = store_run(s, st, err);
	}
	buf_release(&peaks);
	return status;
}

int tree_flush(struct store *s, struct buf *err)
{
	struct tree *t = &s->tree;
	int status = 0;

	if (!t->known || s->now == s->logged)
		return 0;
	for (size_t i = 0; i < t->n && status == 0; i++)
		status = put_tile(s, t->frontier.tiles.size - t->n + i, &t->v[i], err);
	t->n = 0;
	return status < 0 ? status : put_frontier(s, err);
}

int tree_head(struct store *s, struct proof_head *head, struct buf *err)
{
	struct merkle m;
	int status = tree_read(s, &m, err);

	if (status < 0)
		return status;
	head->size = m.size;
	merkle_root(&m, s->hash, head->root);
	return 0;
}

/* ---- proofs ---- */

/* Leaves and tiles are kept. */
static int get_hash(
	void *of, int level, uint64_t index, unsigned char out[HASH_SIZE], struct buf *err)
{
	struct store *s = of;
	sqlite3_stmt *st;
	int status;

	if (level != 0 && level != TILE_LEVEL)
		return 1;
	status = store_query(s, level ? Q_TILE : Q_LEAF, &st, err);
	if (status < 0)
		return -1;
	sqlite3_bind_int64(st, 1, (int64_t)index + (level == 0));
	status = store_step(s, st, err);
	if (status != 1 || sqlite3_column_bytes(st, 0) != HASH_SIZE) {
		if (status == 1)
			sqlite3_reset(st);
		return status < 0 ? -1 : 1;
	}
	memcpy(out, sqlite3_column_blob(st, 0), HASH_SIZE);
	sqlite3_reset(st);
	return 0;
}

static int no_proof(struct store *s, const char *why, struct buf *err)
{
	buf_clear(err);
	buf_printf(err, "%s: damaged (see jlog verify): %s", s->path, why);
	return STORE_ERROR;
}

/* What proves nothing is not handed out. */
static int proved(struct store *s, int status, const struct proof *p, struct buf *err)
{
	struct buf why = BUF_INIT;

	if (status < 0) {
		buf_put(&why, buf_str(err));
		status = no_proof(s, why.s, err);
	} else if (proof_verify(p, &p->head, &why) != 0) {
		status = no_proof(s, why.s, err);
	}
	buf_release(&why);
	return status;
}

/* The salt and what is hashed with it, or of an erased record its hash alone. */
static int take_record(struct store *s, int64_t seq, struct proof *p, struct buf *err)
{
	struct buf body = BUF_INIT, stamp = BUF_INIT;
	struct store_row row;
	sqlite3_stmt *st;
	int status =
		store_row(s, seq, seq, &row, &body, err); /* with the labels that it came with */

	if (status == 0)
		status = store_query(s, Q_LEAF, &st, err);
	if (status != 0)
		goto out;
	p->erased = row.erased;
	sqlite3_bind_int64(st, 1, seq);
	status = store_step(s, st, err);
	if (status == 1 && sqlite3_column_bytes(st, 0) == HASH_SIZE) {
		memcpy(p->leaf, sqlite3_column_blob(st, 0), HASH_SIZE);
		buf_put(&p->salt, store_column(st, 1));
		sqlite3_reset(st);
	}
	store_stamp(&stamp, row.recorded);
	store_head(&p->record, seq, buf_str(&stamp));
	if (body.len)
		buf_add(&p->record, body.s + 1, body.len - 1);
	status = status < 0 ? status : 0;
out:
	buf_release(&body);
	buf_release(&stamp);
	return status;
}

int tree_prove(struct store *s, int64_t seq, struct proof *p, struct buf *err)
{
	struct merkle_source from = {s, get_hash};
	int status = tree_head(s, &p->head, err);

	p->type = PROOF_INCLUSION;
	p->sequence = (uint64_t)seq;
	buf_clear(&p->salt);
	buf_clear(&p->record);
	if (status == 0 && (seq < 1 || (uint64_t)seq > p->head.size)) {
		buf_printf(err, "%s: no record %lld", s->path, (long long)seq);
		return STORE_ERROR;
	}
	if (status == 0)
		status = take_record(s, seq, p, err);
	if (status < 0)
		return status;
	status = merkle_inclusion(&p->path, s->hash, &from, p->sequence - 1, p->head.size, err);
	return proved(s, status, p, err);
}

int tree_prove_from(struct store *s, int64_t size, struct proof *p, struct buf *err)
{
	struct merkle_source from = {s, get_hash};
	struct merkle m;
	int status = tree_head(s, &p->head, err);

	p->type = PROOF_CONSISTENCY;
	p->first.size = (uint64_t)size;
	if (status == 0 && p->first.size > p->head.size) {
		buf_printf(err, "%s: no %lld records: there are %llu", s->path, (long long)size,
			(unsigned long long)p->head.size);
		return STORE_ERROR;
	}
	if (status < 0)
		return status;
	status = merkle_at(&m, s->hash, &from, p->first.size, err);
	if (status == 0) {
		merkle_root(&m, s->hash, p->first.root);
		status = merkle_consistency(
			&p->path, s->hash, &from, p->first.size, p->head.size, err);
	}
	return proved(s, status, p, err);
}
