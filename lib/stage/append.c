#include "stage/append.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdlib.h>

#define BATCH_BYTES ((size_t)8 << 20)
#define BATCH_RECORDS 20000

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
	int status; /* of the store, when it stopped the run */
};

static int add_line(struct batch *b, struct str line, int64_t now, struct buf *err)
{
	struct added *one;
	enum event_fault fault;
	size_t from = b->bodies.len;
	int status;

	/* It was read once already; nothing is kept between reading and committing but its bytes. */
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

static int add_all(struct batch *b, int64_t now, struct buf *err)
{
	struct str rest = buf_str(&b->lines);
	int status = 0;

	while (rest.len && status == 0) {
		size_t len = (size_t)((const char *)memchr(rest.s, '\n', rest.len) - rest.s);

		status = add_line(b, (struct str){rest.s, len}, now, err);
		rest.s += len + 1;
		rest.len -= len + 1;
	}
	return status;
}

static int pass_on(struct batch *b, int64_t now, struct buf *err)
{
	struct append *a = b->a;
	int64_t customer;
	int status = 0;

	for (size_t i = 0; i < b->added_n && status == 0; i++) {
		const struct added *one = &b->added[i];

		status = store_customer(a->store, one->at.session, one->at.ident, one->time, one->order,
			one->at.seq, &customer, err);
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

static int commit(struct batch *b, int64_t now, struct buf *err)
{
	int status = store_begin(b->a->store, err);

	if (status < 0)
		return status;
	status = add_all(b, now, err);
	if (status == 0)
		return store_commit(b->a->store, err);
	store_rollback(b->a->store);
	return status;
}

/* Commits what was gathered, then passes it on. */
static int settle(void *ctx, struct buf *err)
{
	struct batch *b = ctx;
	struct ledger *ledger = b->a->pipe.ledger;
	int64_t now = when_now();

	if (!b->records)
		return 0;
	/* Dead letters of lines before these must be down first. */
	if (ledger_flush(ledger, err) < 0)
		return -1;
	buf_room(&b->lines, JSON_PADDING);
	memset(b->lines.s + b->lines.len, 0, JSON_PADDING);
	b->added_n = 0;
	buf_clear(&b->bodies);
	b->status = commit(b, now, err);
	if (b->status < 0)
		return -1;
	/* In the log is what counts, even where passing it on fails. */
	ledger->written += b->added_n;
	ledger->duplicates += b->records - b->added_n;
	b->records = 0;
	buf_clear(&b->lines);
	b->status = b->a->pass_on ? pass_on(b, now, err) : 0;
	return b->status < 0 ? -1 : 0;
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
