#include "stage/append.h"
#include "base/job.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdlib.h>
#include <time.h>

#define BATCH_BYTES ((size_t)16 << 20)
#define BATCH_FIRST 4000  /* records of the first batch with a backlog */
#define BATCH_LAST 200000 /* and at most */
#define HOLD_MS 400	  /* about: as long the file is held from other writers, at most */
#define FEW 100		  /* records whose customers are looked up before they are committed */
#define GAP_MS 3	  /* and as long it is left to them, after half of it */
#define WAIT_MS 5000	  /* for a connection to look ahead with */
#define PAUSE_MS 2	  /* without input, after which there is no backlog */
#define LENT 1		  /* how far the job got */
#define LOADS 3
#define LOOK_EVERY 64 /* records, while one batch waits for another */

/* Where a record was read. */
struct origin {
	const char *file;
	uint64_t line, offset;
};

/* A batch and what became of it. */
struct load {
	struct appending *x;
	struct batch *batch;
	struct origin *v; /* of its records */
	size_t n, cap;
	int64_t now, took; /* ms */
	int status;
	bool moved; /* the log stood elsewhere */
	bool lent;  /* the next may be looked for */
	bool gap;   /* others are given a turn before it */
	struct buf err;
};

/*
 * While one batch is committed by a thread of its own, the next is looked for, and the one behind
 * it is taken up: neither thread waits for the other where one batch takes longer than another. The
 * file is that thread's as long as it works; nothing else here touches it then.
 */
struct appending {
	struct append *a;
	struct load load[LOADS], *fill, *ready, *flight; /* ready: sealed; flight: handed over; or
							    NULL */
	bool looked;					 /* for what is ready */
	struct job *job;
	struct store *reader; /* for looking ahead while the job commits; NULL: not yet, or not to
				 be had */
	bool alone;	      /* it is not to be had */
	size_t room;	      /* records of a batch, by how long the last one took */
	int64_t held;	      /* ms since others had a gap */
	struct buf record, why;
	int status;	 /* of the store, when it stopped the run */
	bool wrote;	 /* or tried to */
	uint64_t synced; /* rejects whose dead letters are on the disk */
};

/* Whether the log stands where it has to. */
static int check_place(struct load *l)
{
	const struct append *a = l->x->a;
	int64_t last;
	int status = a->expect < 0 ? 0 : store_last(a->store, &last, &l->err);

	if (a->expect < 0 || status < 0 || last == a->expect)
		return status;
	l->moved = true;
	buf_printf(&l->err, "the log stands at %lld, not at %lld: %s", (long long)last,
		(long long)a->expect,
		a->pipe.ledger->written ? "another wrote after what this run has written"
					: "nothing is written");
	return STORE_ERROR;
}

/* What is known of the file stands from here on: the next batch can be looked for in it. */
static void open_window(struct load *l)
{
	if (l->x->flight != l)
		return;
	batch_lend(l->batch);
	l->lent = true;
	job_reach(l->x->job, LENT);
}

/* Where it fails, the transaction is yet to be rolled back. */
static int write_load(struct load *l)
{
	struct append *a = l->x->a;
	int64_t last = 0;
	int status = store_begin(a->store, &l->err);

	if (status < 0)
		return status;
	status = check_place(l);
	if (status == 0)
		status = batch_decide(l->batch, l->now, &l->err);
	if (status == 0 && l->n > FEW)
		open_window(l);
	if (status == 0)
		status = batch_put(l->batch, &l->err);
	if (status == 0 && a->pass_on && l->n <= FEW)
		status = batch_customers(l->batch, &l->err);
	if (status == 0 && a->expect >= 0)
		status = store_last(a->store, &last, &l->err);
	if (status == 0)
		status = store_commit_or_stay(a->store, &l->err);
	if (status == 0 && a->expect >= 0)
		a->expect = last;
	return status;
}

static int commit(void *ctx)
{
	const struct timespec gap = {.tv_nsec = GAP_MS * 1000000L};
	struct load *l = ctx;
	int64_t begun;

	if (l->gap)
		nanosleep(&gap, NULL);
	begun = when_steady();
	l->now = when_now();
	l->lent = false;
	l->x->wrote = true;
	l->status = write_load(l);
	l->took = when_steady() - begun;
	return l->status;
}

static int reject(struct appending *x, struct load *l, size_t i, struct buf *err)
{
	const struct origin *o = &l->v[i];
	int status;

	buf_clear(&x->why);
	status = batch_conflict(l->batch, i, &x->why, err);
	return status < 0 ? status
			  : ledger_reject(x->a->pipe.ledger, FAULT_CONFLICT, x->why.s, o->file,
				    o->line, o->offset, batch_line(l->batch, i), err);
}

static int pass_on(struct appending *x, struct load *l, size_t i, struct buf *err)
{
	int status;

	buf_clear(&x->record);
	status = batch_record(l->batch, i, l->now, &x->record, err);
	buf_byte(&x->record, '\n');
	return status < 0 ? status : out_put(x->a->pipe.out, buf_str(&x->record), err);
}

/* In the log is what counts, even where telling or passing it on fails. */
static void count(struct ledger *ledger, struct load *l)
{
	for (size_t i = 0; i < l->n; i++) {
		enum outcome o = batch_outcome(l->batch, i)->outcome;

		ledger->written += o == ADDED || o == LABELLED;
		ledger->duplicates += o == DUPLICATE;
		ledger->read -= o == CONFLICT; /* refusing it counts it */
	}
	l->n = 0;
}

/* Whose the records are, of one snapshot: a read for each would take and give up the file's locks.
 */
static int customers(struct appending *x, struct load *l, struct buf *err)
{
	int status = store_read_begin(x->a->store, err);

	if (status < 0)
		return status;
	status = batch_customers(l->batch, err);
	store_read_end(x->a->store);
	return status;
}

/* What became of the records of a batch that is in the log, in their order. */
static int account(struct appending *x, struct load *l, struct buf *err)
{
	struct ledger *ledger = x->a->pipe.ledger;
	size_t n = l->n;
	int status = 0;

	count(ledger, l);
	if (x->a->pass_on && n > FEW)
		status = customers(x, l, err);
	for (size_t i = 0; i < n && status == 0; i++) {
		enum outcome o = batch_outcome(l->batch, i)->outcome;

		if (o == CONFLICT)
			status = reject(x, l, i, err);
		else if (o != DUPLICATE && x->a->pass_on)
			status = pass_on(x, l, i, err);
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
static void adapt(struct appending *x, const struct load *l)
{
	if (l->took > HOLD_MS && x->room > BATCH_FIRST)
		x->room -= x->room / 4;
	else if (l->took < HOLD_MS / 2 && l->n == x->room && x->room < BATCH_LAST)
		x->room *= 2;
}

/* What follows the commit of a batch: counting it and passing it on. */
static int finish(struct appending *x, struct load *l, struct buf *err)
{
	x->status = l->status;
	if (l->status < 0) {
		store_rollback(x->a->store);
		buf_put(err, buf_str(&l->err));
		x->a->moved = l->moved;
		return -1;
	}
	adapt(x, l);
	x->held += l->took;
	x->status = account(x, l, err);
	return x->status < 0 ? -1 : 0;
}

static bool open_reader(struct appending *x)
{
	struct buf why = BUF_INIT;

	/* What is read as it stands never shows what the job commits. */
	if (!x->reader && !x->alone)
		x->alone = store_open(&x->reader, store_name(x->a->store), STORE_READ, WAIT_MS,
				   &why) < 0 ||
			   !store_live(x->reader);
	buf_release(&why);
	return !x->alone;
}

/* While one batch is put into the file, what is on file of the next is looked for; not before what
 * is known is lent. */
static void look_ahead(struct appending *x)
{
	if (x->looked || !x->flight || !open_reader(x))
		return;
	x->looked = true;
	if (x->flight->lent && job_running(x->job))
		batch_look_ahead(x->ready->batch, x->flight->batch, x->reader);
}

static int land(struct appending *x, struct buf *err)
{
	struct load *l = x->flight;

	if (!l)
		return 0;
	job_wait(x->job);
	x->flight = NULL;
	return finish(x, l, err);
}

/* Hands over what is ready, once what was handed over before is in the log. */
static int launch(struct appending *x, struct buf *err)
{
	if (x->flight)
		job_await(x->job, LENT);
	look_ahead(x);
	if (land(x, err) < 0)
		return -1;
	x->ready->gap = x->held >= HOLD_MS / 2;
	x->held = x->ready->gap ? 0 : x->held;
	if (sync_letters(x, err) < 0)
		return -1;
	if (!x->job) {
		x->job = job_new();
		/* It has more to do than this one, which has to wait for it in the end. */
		job_give_way();
	}
	x->flight = x->ready;
	x->ready = NULL;
	job_start(x->job, commit, x->flight);
	return 0;
}

/* What can be done for what is ready without waiting. */
static int see_to(struct appending *x, struct buf *err)
{
	if (!x->flight || !job_running(x->job))
		return launch(x, err);
	if (job_reached(x->job, LENT))
		look_ahead(x);
	return 0;
}

static struct load *spare(struct appending *x)
{
	struct load *l = x->load;

	while (l == x->fill || l == x->ready || l == x->flight)
		l++;
	return l;
}

/* The batch at hand is full: another is begun. */
static int depart(struct appending *x, struct buf *err)
{
	if (x->ready && launch(x, err) < 0)
		return -1;
	batch_seal(x->fill->batch);
	x->ready = x->fill;
	x->looked = false;
	x->fill = spare(x);
	batch_clear(x->fill->batch);
	return see_to(x, err);
}

/* There is no hurry while another batch is on its way; and whoever sent much is sending more. */
static bool pauses(void *ctx)
{
	struct appending *x = ctx;
	struct lines *in = &x->a->pipe.in;

	while (x->flight && job_running(x->job))
		if (lines_wait(in, PAUSE_MS))
			return false;
	return x->fill->n <= FEW || !lines_wait(in, PAUSE_MS);
}

/* This thread has nothing else to do; but no transaction is written by one that gives way. */
static void commit_now(struct appending *x, struct load *l)
{
	if (!x->job) {
		commit(l);
		return;
	}
	job_start(x->job, commit, l);
	job_wait(x->job);
}

static int commit_here(struct appending *x, struct load *l, struct buf *err)
{
	if (sync_letters(x, err) < 0)
		return -1;
	l->gap = false;
	commit_now(x, l);
	if (finish(x, l, err) < 0)
		return -1;
	batch_clear(l->batch);
	return 0;
}

/* Commits all that was gathered, and passes it on. */
static int settle(void *ctx, struct buf *err)
{
	struct appending *x = ctx;
	struct load *landed = x->flight, *ready = x->ready;

	if (land(x, err) < 0)
		return -1;
	if (landed)
		batch_clear(landed->batch);
	x->ready = NULL;
	if (ready && commit_here(x, ready, err) < 0)
		return -1;
	if (!x->fill->n)
		return 0;
	batch_seal(x->fill->batch);
	return commit_here(x, x->fill, err);
}

static int take(void *ctx, struct event *ev, struct buf *err)
{
	struct appending *x = ctx;
	const struct lines *in = &x->a->pipe.in;

	if ((x->fill->n >= x->room || batch_bytes(x->fill->batch) >= BATCH_BYTES) &&
		depart(x, err) < 0)
		return PIPE_STOP;
	if (x->ready && x->fill->n % LOOK_EVERY == 0 && see_to(x, err) < 0)
		return PIPE_STOP;
	if (batch_take(x->fill->batch, ev, err) < 0)
		return PIPE_STOP;
	*VEC_ADD(x->fill, v, n, cap) = (struct origin){in->name, in->number, in->offset};
	return PIPE_TAKEN;
}

int append(struct append *a, char *const *paths, size_t n, struct buf *err)
{
	struct appending x = {.a = a, .room = BATCH_FIRST, .record = BUF_INIT, .why = BUF_INIT};
	int status;

	for (int i = 0; i < LOADS; i++)
		x.load[i] = (struct load){
			.x = &x, .batch = batch_new(a->store, a->ontology), .err = BUF_INIT};
	x.fill = x.load;
	x.alone = !store_named(a->store);
	a->pipe.idle = settle;
	a->pipe.pauses = pauses;
	a->pipe.silent = !a->pass_on;
	store_load(a->store);
	status = a->fast ? store_fast(a->store, err) : 0;
	if (status == 0)
		status = pipe_run(&a->pipe, paths, n, take, &x, err);
	/* Where there was nothing to write, it is asked for all the same. */
	if (status == 0 && !x.wrote && check_place(x.load) < 0) {
		a->moved = x.load->moved;
		buf_put(err, buf_str(&x.load->err));
		status = x.status = STORE_ERROR;
	}
	/* A run that stops for another reason leaves a batch behind that goes in all the same. */
	if (x.flight && job_wait(x.job) == 0)
		count(a->pipe.ledger, x.flight);
	else if (x.flight)
		store_rollback(a->store);
	job_free(x.job);
	store_close(x.reader);
	buf_clear(&x.why);
	if (a->fast && store_settle(a->store, &x.why) < 0 && status == 0) {
		buf_put(err, buf_str(&x.why));
		status = STORE_ERROR;
	}
	for (int i = 0; i < LOADS; i++) {
		/* What was read and is not in the log will be read again. */
		a->pipe.ledger->read -= x.load[i].n;
		batch_free(x.load[i].batch);
		buf_release(&x.load[i].err);
		free(x.load[i].v);
	}
	buf_release(&x.record);
	buf_release(&x.why);
	return status < 0 && x.status < 0 ? x.status : status;
}
