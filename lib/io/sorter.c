#include "io/sorter.h"
#include "base/mem.h"
#include "io/input.h"
#include "io/out.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCK ((size_t)64 << 10)
#define FAN 32 /* runs of one level that become one of the next */

struct item {
	int64_t key;
	size_t at, len;
};

/* What stands before each record of a run. */
struct head {
	int64_t key;
	uint64_t len;
};

/* A sorted part, in a file of its own; the one that came first has the smaller place. */
struct run {
	int fd, level;
	struct buf block;
	size_t at, next; /* the record at hand begins at `at`, what follows it at `next` */
	struct head head;
};

struct sorter {
	size_t hold;
	struct buf held;
	struct item *items;
	size_t n, cap, given; /* given: of those held, when nothing went to a file */
	struct run *runs;
	size_t run_n, run_cap;
	bool giving;
	size_t last; /* the run whose record was given; run_n: none */
};

static int failed(struct buf *err)
{
	buf_printf(err, "temporary file: %s", strerror(errno));
	return -1;
}

struct sorter *sorter_new(size_t hold)
{
	struct sorter *s = mem_zero(1, sizeof(*s));

	s->hold = hold;
	buf_init(&s->held);
	return s;
}

static void close_run(struct run *r)
{
	close(r->fd);
	buf_release(&r->block);
}

void sorter_free(struct sorter *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->run_n; i++)
		close_run(&s->runs[i]);
	free(s->runs);
	free(s->items);
	buf_release(&s->held);
	free(s);
}

/* ---- reading a run ---- */

/* Whether `want` bytes are there from `at` on: 1, 0 where the run ends before, -1. */
static int fill(struct run *r, size_t want, struct buf *err)
{
	while (r->block.len - r->at < want) {
		ssize_t n;

		buf_drop(&r->block, r->at);
		r->at = 0;
		buf_room(&r->block, BLOCK > want ? BLOCK : want);
		n = read(r->fd, r->block.s + r->block.len, r->block.cap - r->block.len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? failed(err) : 0;
		r->block.len += (size_t)n;
	}
	return 1;
}

static int advance(struct run *r, struct buf *err)
{
	int got;

	r->at = r->next;
	got = fill(r, sizeof(r->head), err);
	if (got <= 0)
		return got;
	memcpy(&r->head, r->block.s + r->at, sizeof(r->head));
	got = fill(r, sizeof(r->head) + r->head.len, err);
	r->next = r->at + sizeof(r->head) + r->head.len;
	r->at += sizeof(r->head);
	return got;
}

static int begin_run(struct run *r, struct buf *err)
{
	r->at = r->next = 0;
	buf_clear(&r->block);
	return lseek(r->fd, 0, SEEK_SET) < 0 ? failed(err) : advance(r, err);
}

/* ---- writing one ---- */

static int put(struct out *o, int64_t key, struct str record, struct buf *err)
{
	struct head head = {key, record.len};

	if (out_put(o, (struct str){(const char *)&head, sizeof(head)}, err) < 0)
		return -1;
	return out_put(o, record, err);
}

/* Flushes, and makes it the last run, or gives it up where it failed. */
static int add_run(struct sorter *s, struct out *o, int level, int status, struct buf *err)
{
	if (status == 0)
		status = out_flush(o, err);
	buf_release(&o->pending);
	if (status < 0)
		close(o->fd);
	else
		*VEC_ADD(s, runs, run_n, run_cap) =
			(struct run){.fd = o->fd, .level = level, .block = BUF_INIT};
	return status;
}

static int open_run(struct out *o, struct buf *err)
{
	*o = (struct out){
		.fd = input_temporary(err), .name = "temporary file", .pending = BUF_INIT};
	return o->fd < 0 ? -1 : 0;
}

static int by_key(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static void sort_held(struct sorter *s)
{
	if (s->n)
		qsort(s->items, s->n, sizeof(*s->items), by_key);
}

static int write_held(struct sorter *s, struct buf *err)
{
	struct out o;
	int status = open_run(&o, err);

	if (status < 0)
		return -1;
	sort_held(s);
	for (size_t i = 0; i < s->n && status == 0; i++)
		status = put(&o, s->items[i].key,
			(struct str){s->held.s + s->items[i].at, s->items[i].len}, err);
	s->n = 0;
	buf_clear(&s->held);
	return add_run(s, &o, 0, status, err);
}

/* ---- merging ---- */

static int begin_runs(struct sorter *s, size_t from, struct buf *err)
{
	for (size_t i = from; i < s->run_n; i++)
		if (begin_run(&s->runs[i], err) < 0)
			return -1;
	return 0;
}

static size_t least(const struct sorter *s, size_t from)
{
	size_t best = from;

	for (size_t i = from + 1; i < s->run_n; i++)
		if (s->runs[i].head.key < s->runs[best].head.key)
			best = i;
	return best;
}

/* The next record of the run; one that has ended is taken away. */
static int step(struct sorter *s, size_t i, struct buf *err)
{
	int got = advance(&s->runs[i], err);

	if (got != 0)
		return got < 0 ? -1 : 0;
	close_run(&s->runs[i]);
	s->run_n--;
	memmove(&s->runs[i], &s->runs[i + 1], (s->run_n - i) * sizeof(*s->runs));
	return 0;
}

static struct str record_of(const struct run *r)
{
	return (struct str){r->block.s + r->at, r->head.len};
}

/* The runs from `from` on become one. */
static int join(struct sorter *s, size_t from, struct buf *err)
{
	int level = s->runs[from].level + 1, status;
	struct out o;

	if (open_run(&o, err) < 0)
		return -1;
	status = begin_runs(s, from, err);
	while (status == 0 && s->run_n > from) {
		size_t i = least(s, from);

		status = put(&o, s->runs[i].head.key, record_of(&s->runs[i]), err);
		if (status == 0)
			status = step(s, i, err);
	}
	return add_run(s, &o, level, status, err);
}

/* Levels fall from the first run to the last, and of each there are fewer than FAN. */
static int settle(struct sorter *s, struct buf *err)
{
	while (s->run_n >= FAN && s->runs[s->run_n - FAN].level == s->runs[s->run_n - 1].level)
		if (join(s, s->run_n - FAN, err) < 0)
			return -1;
	return 0;
}

int sorter_put(struct sorter *s, int64_t key, struct str record, struct buf *err)
{
	size_t more = record.len + sizeof(struct item);

	if (s->n && s->held.len + s->n * sizeof(struct item) + more > s->hold &&
		(write_held(s, err) < 0 || settle(s, err) < 0))
		return -1;
	*VEC_ADD(s, items, n, cap) = (struct item){key, s->held.len, record.len};
	buf_put(&s->held, record);
	return 0;
}

/* ---- giving ---- */

static int begin_giving(struct sorter *s, struct buf *err)
{
	s->giving = true;
	if (!s->run_n) {
		sort_held(s);
		return 0;
	}
	if (s->n && write_held(s, err) < 0)
		return -1;
	buf_release(&s->held);
	if (begin_runs(s, 0, err) < 0)
		return -1;
	s->last = s->run_n;
	return 0;
}

int sorter_next(struct sorter *s, struct str *record, struct buf *err)
{
	if (!s->giving && begin_giving(s, err) < 0)
		return -1;
	if (s->given < s->n) {
		const struct item *i = &s->items[s->given++];

		*record = (struct str){s->held.s + i->at, i->len};
		return 1;
	}
	if (s->last < s->run_n && step(s, s->last, err) < 0)
		return -1;
	if (!s->run_n)
		return 0;
	s->last = least(s, 0);
	*record = record_of(&s->runs[s->last]);
	return 1;
}
