#include "core/store/sorted.h"
#include "base/job.h"
#include "base/mem.h"
#include "core/store/erase.h"
#include "core/store/internal.h"
#include "core/store/owners.h"
#include "io/sorter.h"

#include <stdlib.h>

#define HOLD ((size_t)16 << 20) /* bytes of a part that are sorted in memory */
#define LONG 20000		/* records from which on two threads read */
#define PIECE 50000		/* records that are read from one snapshot */
#define WAIT_MS 5000		/* for a connection to read with */
#define PARTS 2

/* What stands before the body. */
struct head {
	int64_t customer, seq, order;
};

/* The records of (from, upto]. */
struct part {
	struct store *s;
	const struct owners *owners;
	int64_t from, upto;
	struct sorter *sorter;
	struct buf record;
	struct buf err;
	bool there; /* has one at hand */
	struct sorted_record at;
};

struct sorted {
	struct owners owners;
	struct store *beside; /* a connection of the second part; NULL: there is one part */
	struct part parts[PARTS];
	size_t n, at; /* at: whose record is at hand; n: there is none */
	int64_t erasures;
};

/* ---- reading ---- */

static int take_row(struct part *p, sqlite3_stmt *st, struct buf *body)
{
	struct store_row row;
	struct head head;
	int64_t customer;
	int status = store_fill(p->s, st, &row, body, &p->err);

	if (status == 0)
		status = owners_of(p->owners, p->s, &row, &customer, &p->err);
	if (status != 0)
		return status;
	head = (struct head){customer, row.seq, row.order};
	buf_clear(&p->record);
	buf_add(&p->record, &head, sizeof(head));
	buf_put(&p->record, row.body);
	p->from = row.seq;
	return sorter_put(p->sorter, customer, buf_str(&p->record), &p->err) < 0 ? STORE_ERROR : 0;
}

/* *more: there may be others behind it. */
static int read_piece(struct part *p, bool *more, struct buf *body)
{
	sqlite3_stmt *st = NULL;
	int status = store_read_begin(p->s, &p->err);
	int64_t n = 0;

	if (status == 0)
		status = store_prepare(p->s,
			"SELECT " ROW_COLUMNS
			" FROM event e WHERE seq>?1 AND seq<=?2 ORDER BY seq LIMIT ?3",
			&st, &p->err);
	if (status == 0) {
		sqlite3_bind_int64(st, 1, p->from);
		sqlite3_bind_int64(st, 2, p->upto);
		sqlite3_bind_int64(st, 3, PIECE);
	}
	while (status >= 0 && (status = store_step(p->s, st, &p->err)) == 1) {
		status = take_row(p, st, body);
		n++;
	}
	sqlite3_finalize(st);
	store_read_end(p->s);
	*more = n == PIECE;
	return status;
}

static int read_part(void *ctx)
{
	struct part *p = ctx;
	struct buf body = BUF_INIT;
	bool more = true;
	int status = 0;

	p->s->owners = p->owners;
	while (more && status == 0)
		status = read_piece(p, &more, &body);
	buf_release(&body);
	p->s->owners = NULL;
	return status;
}

static void begin_part(struct sorted *x, struct store *s, int64_t from, int64_t upto)
{
	x->parts[x->n++] = (struct part){.s = s,
		.owners = &x->owners,
		.from = from,
		.upto = upto,
		.sorter = sorter_new(HOLD),
		.record = BUF_INIT,
		.err = BUF_INIT};
}

static int read_all(struct sorted *x, struct buf *err)
{
	struct job *job = x->n > 1 ? job_new() : NULL;
	int status;

	if (job)
		job_start(job, read_part, &x->parts[1]);
	status = read_part(&x->parts[0]);
	if (job && job_wait(job) < 0 && status == 0) {
		status = STORE_ERROR;
		buf_put(err, buf_str(&x->parts[1].err));
	}
	buf_put(err, buf_str(&x->parts[0].err));
	job_free(job);
	return status;
}

static int begin(struct sorted *x, struct store *s, int64_t *last, struct buf *err)
{
	int status = store_read_begin(s, err);

	if (status == 0)
		status = erase_count(s, &x->erasures, err);
	if (status == 0)
		status = store_last(s, last, err);
	if (status == 0)
		status = owners_read(&x->owners, s, err);
	store_read_end(s);
	return status;
}

/* ---- giving ---- */

static int advance(struct part *p, struct buf *err)
{
	struct str record;
	struct head head;
	int got = sorter_next(p->sorter, &record, err);

	p->there = got == 1;
	if (got <= 0)
		return got < 0 ? STORE_ERROR : 0;
	memcpy(&head, record.s, sizeof(head));
	p->at = (struct sorted_record){head.customer, head.seq, head.order,
		{record.s + sizeof(head), record.len - sizeof(head)}};
	return 0;
}

/* Of one customer what is of the first part comes first. */
static void choose(struct sorted *x)
{
	x->at = x->n;
	for (size_t i = x->n; i-- > 0;)
		if (x->parts[i].there &&
			(x->at == x->n || x->parts[i].at.customer <= x->parts[x->at].at.customer))
			x->at = i;
}

int sorted_open(struct sorted **out, struct store *s, struct buf *err)
{
	struct sorted *x = *out = mem_zero(1, sizeof(*x));
	struct buf why = BUF_INIT;
	int64_t last = 0, cut;
	int status;

	buf_init(&x->owners.names);
	status = begin(x, s, &last, err);

	if (status < 0)
		return status;
	/* One that reads alone takes longer. */
	if (last >= LONG)
		store_open(&x->beside, store_name(s), STORE_READ, WAIT_MS, &why);
	buf_release(&why);
	cut = x->beside ? last / 2 : last;
	begin_part(x, s, 0, cut);
	if (x->beside)
		begin_part(x, x->beside, cut, last);
	status = read_all(x, err);
	owners_release(&x->owners);
	for (size_t i = 0; i < x->n && status == 0; i++)
		status = advance(&x->parts[i], err);
	choose(x);
	return status;
}

void sorted_free(struct sorted *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->n; i++) {
		sorter_free(x->parts[i].sorter);
		buf_release(&x->parts[i].record);
		buf_release(&x->parts[i].err);
	}
	owners_release(&x->owners);
	store_close(x->beside);
	free(x);
}

int64_t sorted_erasures(const struct sorted *x)
{
	return x->erasures;
}

const struct sorted_record *sorted_at(const struct sorted *x)
{
	return x->at < x->n ? &x->parts[x->at].at : NULL;
}

int sorted_next(struct sorted *x, struct buf *err)
{
	int status = advance(&x->parts[x->at], err);

	choose(x);
	return status;
}
