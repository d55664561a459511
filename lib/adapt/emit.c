#include "adapt/emit.h"
#include "base/mem.h"
#include "io/sorter.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ID_BYTES 16
#define SEEN_MAX ((size_t)256 << 10) /* contents one generation remembers */
#define SLOTS (2 * SEEN_MAX)	     /* half full at most; a power of two */

/*
 * How often a content has been seen, in two generations: the older goes when the younger is full,
 * so that the last SEEN_MAX contents at least are known in constant memory. The memory is touched
 * only as far as it is used.
 */
struct slot {
	uint64_t key;
	uint32_t count, epoch; /* epoch: of another generation than this one: free */
};

struct generation {
	struct slot *slots;
	size_t n;
	uint32_t epoch;
};

struct emit {
	struct out *out;
	emit_tap *tap; /* NULL: to the output */
	void *tap_ctx;
	struct sorter *sorter; /* NULL: records go out as they come */
	struct hash *hash;
	struct generation young, old;
	uint32_t epoch;
	struct buf line, id;
	bool failed;
};

/* Every record looks at a place of its own: in large pages that takes no walk through the page
 * tables. Where there are none it is memory as any other. */
static struct slot *new_slots(void)
{
	struct slot *slots = mem_zero(SLOTS, sizeof(struct slot));
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), skip = page - (uintptr_t)slots % page;

	madvise((char *)slots + skip, SLOTS * sizeof(struct slot) - skip, MADV_HUGEPAGE);
	return slots;
}

struct emit *emit_new(struct out *out, bool sorted)
{
	struct emit *e = mem_zero(1, sizeof(*e));

	e->out = out;
	e->sorter = sorted ? sorter_new(SORTER_HOLD) : NULL;
	e->hash = hash_new();
	e->young.slots = new_slots();
	e->old.slots = new_slots();
	buf_init(&e->line);
	buf_init(&e->id);
	emit_begin(e);
	return e;
}

void emit_free(struct emit *e)
{
	if (!e)
		return;
	sorter_free(e->sorter);
	hash_free(e->hash);
	free(e->young.slots);
	free(e->old.slots);
	buf_release(&e->line);
	buf_release(&e->id);
	free(e);
}

static void empty(struct emit *e, struct generation *g)
{
	g->n = 0;
	g->epoch = ++e->epoch;
	if (g->epoch)
		return;
	/* The numbers of generations are used up: begin again with clean tables. */
	memset(e->young.slots, 0, SLOTS * sizeof(struct slot));
	memset(e->old.slots, 0, SLOTS * sizeof(struct slot));
	e->young.n = e->old.n = 0;
	e->young.epoch = 1;
	e->old.epoch = 2;
	e->epoch = 2;
}

void emit_begin(struct emit *e)
{
	empty(e, &e->young);
	empty(e, &e->old);
}

void emit_to(struct emit *e, emit_tap *tap, void *ctx)
{
	e->tap = tap;
	e->tap_ctx = ctx;
}

bool emit_failed(const struct emit *e)
{
	return e->failed;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct slot *slot_of(const struct generation *g, uint64_t key)
{
	size_t i = (size_t)key & (SLOTS - 1);

	while (g->slots[i].epoch == g->epoch && g->slots[i].key != key)
		i = (i + 1) & (SLOTS - 1);
	return &g->slots[i];
}

/* How many of this content came before it. */
static uint32_t seen_before(struct emit *e, uint64_t key)
{
	struct slot *s = slot_of(&e->young, key);
	uint32_t before = 0;

	if (s->epoch == e->young.epoch)
		return s->count++;
	if (e->young.n == SEEN_MAX) {
		struct generation full = e->young;

		e->young = e->old;
		e->old = full;
		empty(e, &e->young);
		s = slot_of(&e->young, key);
	}
	if (e->old.n && slot_of(&e->old, key)->epoch == e->old.epoch)
		before = slot_of(&e->old, key)->count;
	*s = (struct slot){key, before + 1, e->young.epoch};
	e->young.n++;
	return before;
}

/* Sets the id and gives what tells contents apart. Its places in memory are asked for at once: the
 * record is written until they are there. */
static uint64_t derive_id(struct emit *e, struct draft *d)
{
	static const enum event_attr attrs[] = {
		ATTR_SOURCE, ATTR_SESSION, ATTR_TIME, ATTR_TYPE, ATTR_DIRECTION, ATTR_ACTOR};
	static const enum event_data parts[] = {
		DATA_NAME, DATA_AGENT, DATA_TEXT, DATA_CASE, DATA_FROM, DATA_TO};
	unsigned char digest[HASH_SIZE];
	char time[WHEN_TEXT];
	uint64_t key;

	when_format(d->time, time);
	hash_begin(e->hash);
	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++)
		hash_add_part(
			e->hash, attrs[i] == ATTR_TIME ? str_of(time) : draft_has(d, attrs[i]));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		hash_add_part(e->hash, buf_str(&d->data[parts[i]]));
	hash_end(e->hash, digest);
	memcpy(&key, digest, sizeof(key));
	buf_clear(&e->id);
	hash_hex(&e->id, digest, ID_BYTES);
	draft_attr(d, ATTR_ID, buf_str(&e->id));
	__builtin_prefetch(&e->young.slots[(size_t)key & (SLOTS - 1)], 1);
	if (e->old.n)
		__builtin_prefetch(&e->old.slots[(size_t)key & (SLOTS - 1)]);
	return key;
}

static void write_draft(struct emit *e, struct draft *d)
{
	buf_clear(&e->line);
	draft_write(&e->line, d);
}

/* Writes the record, under an id of its own. */
static void write_derived(struct emit *e, struct draft *d)
{
	uint64_t key = derive_id(e, d);
	uint32_t before;

	write_draft(e, d);
	before = seen_before(e, key);
	if (!before)
		return;
	buf_printf(&e->id, "-%u", before);
	draft_attr(d, ATTR_ID, buf_str(&e->id));
	write_draft(e, d);
}

static int put_out(struct adapt_run *run, struct str record, struct buf *err)
{
	ledger_read(run->ledger);
	run->ledger->written++;
	return run->sink->tap ? run->sink->tap(run->sink->tap_ctx, record, err)
			      : out_record(run->sink->out, record, err);
}

static int put(struct adapt_run *run, int64_t time, struct buf *err)
{
	struct emit *e = run->sink;
	int status = e->sorter && !e->tap ? sorter_put(e->sorter, time, buf_str(&e->line), err)
					  : put_out(run, buf_str(&e->line), err);

	e->failed = status < 0;
	return status;
}

int adapt_emit(struct adapt_run *run, struct buf *err)
{
	struct emit *e = run->sink;
	struct draft *d = &run->draft;
	int64_t time;

	if (!d->data[DATA_ORDER].len)
		draft_int(d, DATA_ORDER, (int64_t)run->order);
	run->order++;
	if (draft_has(d, ATTR_ID).len)
		write_draft(e, d);
	else
		write_derived(e, d);
	time = d->time;
	draft_clear(d);
	return put(run, time, err);
}

int emit_pass(struct adapt_run *run, struct str record, int64_t time, struct buf *err)
{
	struct emit *e = run->sink;

	buf_clear(&e->line);
	buf_put(&e->line, record);
	return put(run, time, err);
}

int emit_flush(struct adapt_run *run, struct buf *err)
{
	struct emit *e = run->sink;

	if (ledger_flush(run->ledger, err) < 0 || out_flush(e->out, err) < 0) {
		e->failed = true;
		return -1;
	}
	return 0;
}

int emit_finish(struct adapt_run *run, struct buf *err)
{
	struct emit *e = run->sink;
	struct str record;
	int got, status = 0;

	if (!e->sorter)
		return 0;
	status = ledger_flush(run->ledger, err);
	while (status == 0 && (got = sorter_next(e->sorter, &record, err)) != 0)
		status = got < 0 ? -1 : put_out(run, record, err);
	e->failed = status < 0;
	return status;
}
