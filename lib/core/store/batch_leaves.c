/* Leaves are made beside the thread that has the file, and records put into it together. */
#include "core/store/batch_part.h"
#include "base/job.h"
#include "base/mem.h"

#define BESIDE 1000	/* records that are worth another thread's work */
#define LEAVES_STEP 256 /* that are handed over together */

/* The record's place in the tree: its hash as it leaves the log but for its customer. */
static void make_leaf(struct batch *b, size_t i, int64_t seq, struct hash *h, struct buf *head,
	unsigned char leaf[HASH_SIZE])
{
	struct str body = batch_text(b, b->v[i].body);

	buf_clear(head);
	store_head(head, seq, buf_str(&b->stamp));
	merkle_leaf(h, batch_salt(b, i), SALT_SIZE, buf_str(head),
		(struct str){body.s + 1, body.len - 1}, leaf);
}

static int make_leaves(void *ctx)
{
	struct batch *b = ctx;
	struct buf head = BUF_INIT;
	int64_t seq = b->leaf_from;

	for (size_t i = 0; i < b->leaf_n; i++) {
		if (i % LEAVES_STEP == 0)
			job_reach(b->leaf_job, i);
		if (b->hit[i])
			continue;
		b->v[i].foreseen = seq++;
		make_leaf(b, i, b->v[i].foreseen, b->hash, &head, b->leaves + i * HASH_SIZE);
		tree_add(&b->branch, b->hash, b->leaves + i * HASH_SIZE);
	}
	buf_release(&head);
	return 0;
}

/* Sequences are foreseen as if what is there already never became a labelled record. */
void batch_begin_leaves(struct batch *b)
{
	b->leaf_n = b->n < BESIDE ? 0 : b->n;
	b->leaves_used = 0;
	b->ahead = b->leaf_n;
	if (!b->ahead)
		return;
	tree_branch(&b->branch, &b->s->tree);
	if (!b->leaf_job) {
		b->leaf_job = job_new();
		b->hash = hash_new();
	}
	b->leaf_from = b->s->now + 1;
	job_start(b->leaf_job, make_leaves, b);
}

/* It came otherwise: the tree grows by what is there up to now. */
static void fall_back(struct batch *b)
{
	job_wait(b->leaf_job);
	for (size_t i = 0; b->leaves_used; i++) {
		if (b->hit[i])
			continue;
		tree_add(&b->s->tree, b->s->hash, b->leaves + i * HASH_SIZE);
		b->leaves_used--;
	}
	b->ahead = false;
}

static void add_leaf(struct batch *b, size_t i)
{
	unsigned char *leaf = b->leaves + i * HASH_SIZE;

	if (b->ahead && i < b->leaf_n)
		job_await(b->leaf_job, i + 1);
	if (b->ahead && b->v[i].foreseen == b->v[i].out.seq) {
		b->leaves_used++;
		return;
	}
	if (b->ahead)
		fall_back(b);
	make_leaf(b, i, b->v[i].out.seq, b->s->hash, &b->head, leaf);
	tree_add(&b->s->tree, b->s->hash, leaf);
}

/* The columns of Q_ADD_EVENTS. */
static void put_event(void *ctx, size_t row, int column, sqlite3_context *out)
{
	const struct batch *b = ctx;
	size_t at = b->owed[row];
	const struct taken *t = &b->v[at];

	switch (column) {
	case 0:
		sqlite3_result_int64(out, t->out.seq);
		break;
	case 1:
		sqlite3_result_int64(out, t->time);
		break;
	case 2:
		sqlite3_result_int64(out, t->order);
		break;
	case 3:
		sqlite3_result_int64(out, b->recorded);
		break;
	case 4:
		sqlite3_result_int64(out, t->shape_id);
		break;
	case 5:
		sqlite3_result_int64(out, t->out.session);
		break;
	case 6:
		given_or_null(out, t->out.ident);
		break;
	case 7:
		given_text(out, batch_text(b, t->id));
		break;
	case 8:
		given_text(out, batch_text(b, t->data));
		break;
	case 9:
		sqlite3_result_blob(out, batch_salt(b, at), SALT_SIZE, SQLITE_STATIC);
		break;
	default:
		sqlite3_result_blob(out, b->leaves + at * HASH_SIZE, HASH_SIZE, SQLITE_STATIC);
	}
}

int batch_pay(void *ctx, struct buf *err)
{
	struct batch *b = ctx;
	size_t n = b->owed_n;

	for (size_t i = 0; i < n; i++)
		add_leaf(b, b->owed[i]);
	b->owed_n = 0;
	return n ? store_give(b->s, Q_ADD_EVENTS, &(struct given){n, put_event, b}, err) : 0;
}

void batch_owe(struct batch *b, const struct taken *t)
{
	b->owed[b->owed_n++] = (uint32_t)(t - b->v);
}
