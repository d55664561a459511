#include "stage/append.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdlib.h>
#include <time.h>

#define BATCH_BYTES ((size_t)8 << 20)
#define BATCH_RECORDS 20000
#define HOLD_MS 50 /* about: as long the file is held from other writers */
#define GAP_MS 3   /* and as long it is left to them before the next part */

/* One new record of a batch, for passing on. */
struct added {
	struct store_added at;
	int64_t time, order;
	size_t body, len; /* within bodies */
};

struct batch {
	struct append *a;
	struct buf lines; /* records, each with its LF */
	size_t records;
	struct buf bodies, record;
	struct added *added;
	size_t added_n, added_cap;
	struct event ev;
	int status;	 /* of the store, when it stopped the run */
	uint64_t synced; /* rejects whose dead letters are on the disk */
};

static int add_line(struct batch *b, struct str line, int64_t now, struct buf *err)
{
	struct added *one;
	enum event_fault fault;
	size_t from = b->bodies.len;
	int status;

	/* It was read once already; nothing is kept between reading and committing but its bytes.
	 */
	if (event_read(&b->ev, line, true, &fault, err) < 0)
		return STORE_ERROR;
	store_body(&b->bodies, &b->ev);
	one = VEC_ADD(b, added, added_n, added_cap);
	*one = (struct added){.time = b->ev.time, .body = from, .len = b->bodies.len - from};
	if (b->ev.data[DATA_ORDER])
		str_int(b->ev.data[DATA_ORDER]->raw, &one->order);
	status = store_add(b->a->store, b->a->ontology, &b->ev,
		(struct str){b->bodies.s + from, one->len}, now, &one->at, err);
	if (status == 0 && one->at.duplicate) {
		b->added_n--;
		buf_cut(&b->bodies, from);
	}
	return status;
}

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* At least one record, then as many as the time allows. *records: how many, duplicates too. */
static int add_some(
	struct batch *b, struct str *rest, int64_t now, size_t *records, struct buf *err)
{
	int64_t end = clock_ms() + HOLD_MS;
	int status = 0;

	*records = 0;
	do {
		size_t len = (size_t)((const char *)memchr(rest->s, '\n', rest->len) - rest->s);

		status = add_line(b, (struct str){rest->s, len}, now, err);
		rest->s += len + 1;
		rest->len -= len + 1;
		++*records;
	} while (rest->len && status == 0 && clock_ms() < end);
	return status;
}

static int pass_on(struct batch *b, int64_t now, struct buf *err)
{
	struct append *a = b->a;
	int64_t customer;
	int status = 0;

	for (size_t i = 0; i < b->added_n && status == 0; i++) {
		const struct added *one = &b->added[i];

		status = store_customer(a->store, one->at.session, one->at.ident, one->time,
			one->order, one->at.seq, &customer, err);
		if (status < 0)
			return status;
		buf_clear(&b->record);
		store_record(&b->record, (struct str){b->bodies.s + one->body, one->len}, customer,
			one->at.seq, now);
		buf_byte(&b->record, '\n');
		status = out_put(a->pipe.out, buf_str(&b->record), err);
	}
	return status;
}

static int commit(struct batch *b, struct str *rest, int64_t now, size_t *records, struct buf *err)
{
	int status = store_begin(b->a->store, err);

	if (status < 0)
		return status;
	b->added_n = 0;
	buf_clear(&b->bodies);
	status = add_some(b, rest, now, records, err);
	if (status == 0)
		return store_commit(b->a->store, err);
	store_rollback(b->a->store);
	return status;
}

/* Commits a part of what was gathered, then passes it on. */
static int settle_part(struct batch *b, struct str *rest, int64_t now, struct buf *err)
{
	struct ledger *ledger = b->a->pipe.ledger;
	size_t records;
	int status = commit(b, rest, now, &records, err);

	if (status < 0)
		return status;
	/* In the log is what counts, even where passing it on fails. */
	ledger->written += b->added_n;
	ledger->duplicates += records - b->added_n;
	b->records -= records;
	return b->a->pass_on ? pass_on(b, now, err) : 0;
}

/* Dead letters of lines before those in the log are on the disk like these. */
static int sync_letters(struct batch *b, struct buf *err)
{
	struct ledger *ledger = b->a->pipe.ledger;

	if (!ledger->letters || b->synced == ledger->rejected)
		return 0;
	b->synced = ledger->rejected;
	return ledger_flush(ledger, err) < 0 ? -1 : out_sync(&ledger->file, err);
}

/* Commits what was gathered and passes it on, in parts that do not keep other writers waiting. */
static int settle(void *ctx, struct buf *err)
{
	const struct timespec gap = {.tv_nsec = GAP_MS * 1000000L};
	struct batch *b = ctx;
	int64_t now = when_now();
	struct str rest;

	if (!b->records)
		return 0;
	if (sync_letters(b, err) < 0)
		return -1;
	buf_room(&b->lines, JSON_PADDING);
	memset(b->lines.s + b->lines.len, 0, JSON_PADDING);
	rest = buf_str(&b->lines);
	for (;;) {
		b->status = settle_part(b, &rest, now, err);
		if (b->status < 0)
			return -1;
		if (!rest.len)
			break;
		nanosleep(&gap, NULL);
	}
	buf_clear(&b->lines);
	return 0;
}

static int take(void *ctx, struct event *ev, struct buf *err)
{
	struct batch *b = ctx;

	buf_put(&b->lines, ev->line);
	buf_byte(&b->lines, '\n');
	b->records++;
	if (b->records < BATCH_RECORDS && b->lines.len < BATCH_BYTES)
		return PIPE_TAKEN;
	if (settle(b, err) == 0)
		return PIPE_TAKEN;
	/* The record at hand is not counted as read where the run stops at it. */
	if (b->records)
		b->records--;
	else
		b->a->pipe.ledger->read++;
	return PIPE_STOP;
}

int append(struct append *a, char *const *paths, size_t n, struct buf *err)
{
	struct batch b = {.a = a, .lines = BUF_INIT, .bodies = BUF_INIT, .record = BUF_INIT};
	int status;

	event_init(&b.ev);
	a->pipe.idle = settle;
	status = pipe_run(&a->pipe, paths, n, take, &b, err);
	/* What was read and is not in the log will be read again. */
	if (status < 0)
		a->pipe.ledger->read -= b.records;
	event_release(&b.ev);
	buf_release(&b.lines);
	buf_release(&b.bodies);
	buf_release(&b.record);
	free(b.added);
	return status < 0 && b.status < 0 ? b.status : status;
}
