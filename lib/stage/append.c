#include "stage/append.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdlib.h>
#include <time.h>

#define BATCH_BYTES ((size_t)64 << 20)
#define BATCH_FIRST 4000  /* records of the first batch with a backlog */
#define BATCH_LAST 200000 /* and at most */
#define HOLD_MS 250	  /* about: as long the file is held from other writers */
#define GAP_MS 3	  /* and as long it is left to them before the next batch */

/* Where a record was read. */
struct origin {
	const char *file;
	uint64_t line, offset;
};

struct appending {
	struct append *a;
	struct batch *batch;
	struct origin *v; /* of the batch's records */
	size_t n, cap;
	size_t room;	 /* records of a batch, by how long the last one took */
	struct buf record, why;
	int status;	 /* of the store, when it stopped the run */
	uint64_t synced; /* rejects whose dead letters are on the disk */
};

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int commit(struct appending *x, int64_t now, struct buf *err)
{
	struct store *s = x->a->store;
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = batch_write(x->batch, now, err);
	if (status == 0)
		return store_commit(s, err);
	store_rollback(s);
	return status;
}

static int reject(struct appending *x, size_t i, struct buf *err)
{
	const struct origin *o = &x->v[i];
	int status;

	buf_clear(&x->why);
	x->a->pipe.ledger->read--; /* refusing it counts it */
	status = batch_conflict(x->batch, i, &x->why, err);
	return status < 0 ? status
			  : ledger_reject(x->a->pipe.ledger, FAULT_CONFLICT, x->why.s, o->file,
				    o->line, o->offset, batch_line(x->batch, i), err);
}

static int pass_on(struct appending *x, size_t i, int64_t now, struct buf *err)
{
	int status;

	buf_clear(&x->record);
	status = batch_record(x->batch, i, now, &x->record, err);
	buf_byte(&x->record, '\n');
	return status < 0 ? status : out_put(x->a->pipe.out, buf_str(&x->record), err);
}

/* What became of the records of a batch that is in the log, in their order. */
static int account(struct appending *x, int64_t now, struct buf *err)
{
	struct ledger *ledger = x->a->pipe.ledger;
	size_t n = x->n;
	int status = 0;

	/* In the log is what counts, even where telling or passing it on fails. */
	for (size_t i = 0; i < n; i++) {
		enum outcome o = batch_outcome(x->batch, i)->outcome;

		ledger->written += o == ADDED;
		ledger->duplicates += o == DUPLICATE;
	}
	x->n = 0;
	for (size_t i = 0; i < n && status == 0; i++) {
		enum outcome o = batch_outcome(x->batch, i)->outcome;

		if (o == CONFLICT)
			status = reject(x, i, err);
		else if (o == ADDED && x->a->pass_on)
			status = pass_on(x, i, now, err);
	}
	return status;
}

/* Dead letters of lines before those in the log are on the disk like these. */
static int sync_letters(struct appending *x, struct buf *err)
{
	struct ledger *ledger = x->a->pipe.ledger;

	if (!ledger->letters || x->synced == ledger->rejected)
		return 0;
	x->synced = ledger->rejected;
	return ledger_flush(ledger, err) < 0 ? -1 : out_sync(&ledger->file, err);
}

/* The next batch takes about as long as others may be kept waiting. */
static void adapt(struct appending *x, size_t records, int64_t took)
{
	if (took > HOLD_MS && x->room > BATCH_FIRST)
		x->room -= x->room / 4;
	else if (took < HOLD_MS / 2 && records == x->room && x->room < BATCH_LAST)
		x->room *= 2;
}

/* Commits what was gathered, then passes it on. */
static int settle(void *ctx, struct buf *err)
{
	struct appending *x = ctx;
	int64_t now = when_now(), begun = clock_ms();
	size_t records = x->n;

	if (!records)
		return 0;
	if (sync_letters(x, err) < 0)
		return -1;
	x->status = commit(x, now, err);
	if (x->status == 0) {
		adapt(x, records, clock_ms() - begun);
		x->status = account(x, now, err);
		batch_clear(x->batch);
	}
	return x->status < 0 ? -1 : 0;
}

static int take(void *ctx, struct event *ev, struct buf *err)
{
	const struct timespec gap = {.tv_nsec = GAP_MS * 1000000L};
	struct appending *x = ctx;
	const struct lines *in = &x->a->pipe.in;

	if (x->n >= x->room || batch_bytes(x->batch) >= BATCH_BYTES) {
		if (settle(x, err) < 0)
			return PIPE_STOP;
		nanosleep(&gap, NULL);
	}
	if (batch_take(x->batch, ev, err) < 0)
		return PIPE_STOP;
	*VEC_ADD(x, v, n, cap) = (struct origin){in->name, in->number, in->offset};
	return PIPE_TAKEN;
}

int append(struct append *a, char *const *paths, size_t n, struct buf *err)
{
	struct appending x = {
		.a = a, .room = BATCH_FIRST, .record = BUF_INIT, .why = BUF_INIT};
	int status;

	x.batch = batch_new(a->store, a->ontology);
	a->pipe.idle = settle;
	status = pipe_run(&a->pipe, paths, n, take, &x, err);
	/* What was read and is not in the log will be read again. */
	if (status < 0)
		a->pipe.ledger->read -= x.n;
	batch_free(x.batch);
	buf_release(&x.record);
	buf_release(&x.why);
	free(x.v);
	return status < 0 && x.status < 0 ? x.status : status;
}
