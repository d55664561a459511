#include "core/store/runs.h"
#include "base/mem.h"
#include "core/store/internal.h"

#include <endian.h>
#include <stdlib.h>

#define ENTRY 11
#define KEY_BITS 48
#define SEQ_MASK ((UINT64_C(1) << (8 * ENTRY - KEY_BITS)) - 1)
#define PAGE_ENTRIES 325 /* about; so that a page fits one of SQLite's */
#define FAN 8		 /* runs of a class that become one */
#define TOP 7		 /* the class (8^7 entries) whose runs stay as they are */
#define STRETCH 24	 /* pages that are merged together */
#define TAIL 64		 /* entries of a run that small transactions fill one after the other */

#define BLOCK 8 /* words of a filter that one key sets bits in */
#define BITS 16 /* of a filter for a key */
/* Pages of a kind that are read before it has filters: so many, and its own so many times, since
 * each is read to make them. */
#define PROBES_FREE 3000
#define PAGES_FREE 4

/*
 * A blocked Bloom filter (Putze, Sanders, Singler: Cache-, hash- and space-efficient Bloom filters,
 * 2007) of the keys of a run: most runs do not have most keys, and of those that they do not have
 * one in a thousand costs a page. Kept in memory alone, and only by who looks up many.
 */
struct run {
	int64_t id, entries, pages;
	enum run_kind kind;
	uint64_t *filter; /* NULL: none was made */
};

static uint64_t blocks_of(const struct run *r)
{
	return (uint64_t)r->entries * BITS / ((uint64_t)BLOCK * 64) + 1;
}

static uint64_t *block_of(const struct run *r, uint64_t key)
{
	return r->filter + ((key >> 32) * blocks_of(r) >> 32) * BLOCK;
}

/* Six of a block's bits. */
static void filter_add(struct run *r, uint64_t key)
{
	uint64_t *block = block_of(r, key), bits = key * UINT64_C(0x9e3779b97f4a7c15);

	for (int i = 0; i < 6; i++, bits >>= 9)
		block[bits >> 6 & (BLOCK - 1)] |= UINT64_C(1) << (bits & 63);
}

static bool filter_has(const struct run *r, uint64_t key)
{
	const uint64_t *block = block_of(r, key);
	uint64_t bits = key * UINT64_C(0x9e3779b97f4a7c15);

	for (int i = 0; i < 6; i++, bits >>= 9)
		if (!(block[bits >> 6 & (BLOCK - 1)] >> (bits & 63) & 1))
			return false;
	return true;
}

static bool filtered(const struct store *s, enum run_kind kind)
{
	size_t pages = 0;

	if (s->runs.probes[kind] <= PROBES_FREE)
		return false;
	for (size_t i = 0; i < s->runs.n; i++)
		pages += s->runs.v[i].kind == kind ? (size_t)s->runs.v[i].pages : 0;
	return s->runs.probes[kind] > PAGES_FREE * pages;
}

static void filter_make(struct run *r)
{
	r->filter = mem_zero(blocks_of(r) * BLOCK, sizeof(*r->filter));
}

/* Within 48 bits; each step can be undone. */
uint64_t runs_spread(uint64_t n)
{
	const uint64_t all = (UINT64_C(1) << KEY_BITS) - 1;

	n ^= n >> 24;
	n = n * UINT64_C(0xbf58476d1ce4e5b9) & all;
	n ^= n >> 23;
	n = n * UINT64_C(0x94d049bb133111eb) & all;
	n ^= n >> 25;
	return n << (64 - KEY_BITS);
}

uint64_t runs_kept(uint64_t key)
{
	return key >> (64 - KEY_BITS) << (64 - KEY_BITS);
}

static void drop_filters(struct run *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].filter);
}

static void drop_dead(struct runs *r)
{
	for (size_t i = 0; i < r->dead_n; i++)
		free(r->dead[i]);
	r->dead_n = 0;
}

void runs_release(struct runs *r)
{
	drop_filters(r->v, r->n);
	drop_dead(r);
	free(r->v);
	free(r->lent);
	free(r->lent_keys.v);
	free(r->dead);
	buf_release(&r->page);
	*r = (struct runs){.page = BUF_INIT};
}

static void put_entry(struct buf *out, struct run_entry e)
{
	uint64_t seq = (uint64_t)e.seq, first = htobe64(e.key | seq >> 24),
		 rest = htobe64(seq << 40);
	unsigned char b[ENTRY];

	memcpy(b, &first, 8);
	memcpy(b + 8, &rest, ENTRY - 8);
	buf_add(out, b, ENTRY);
}

static uint64_t get_key(const struct buf *page, size_t i)
{
	uint64_t key;

	memcpy(&key, page->s + i * ENTRY, sizeof(key));
	return runs_kept(be64toh(key));
}

static struct run_entry get_entry(const struct buf *page, size_t i)
{
	const char *entry = page->s + i * ENTRY;
	uint64_t first, last;

	memcpy(&first, entry, sizeof(first));
	memcpy(&last, entry + ENTRY - sizeof(last), sizeof(last));
	return (struct run_entry){runs_kept(be64toh(first)), (int64_t)(be64toh(last) & SEQ_MASK)};
}

static int64_t page_of(uint64_t key, int64_t pages)
{
	return (int64_t)(((key >> 32) * (uint64_t)pages) >> 32);
}

static int64_t page_id(const struct run *run, int64_t page)
{
	return run->id << 24 | page;
}

static int class_of(int64_t entries)
{
	int c = 0;

	while (entries >= FAN && c < TOP) {
		entries /= FAN;
		c++;
	}
	return c;
}

/* A run that is full does not change: what was made of it stays good. */
static uint64_t *take_filter(struct run *v, size_t n, int64_t id)
{
	uint64_t *filter;

	for (size_t i = 0; i < n; i++)
		if (v[i].id == id && v[i].entries > TAIL) {
			filter = v[i].filter;
			v[i].filter = NULL;
			return filter;
		}
	return NULL;
}

int runs_load(struct store *s, struct buf *err)
{
	struct run *old = s->runs.v;
	size_t n = s->runs.n;
	sqlite3_stmt *st;
	int status = store_query(s, Q_RUNS, &st, err);

	s->runs.v = NULL;
	s->runs.n = s->runs.cap = 0;
	s->runs.page_id = -1;
	while (status >= 0 && (status = store_step(s, st, err)) == 1)
		*VEC_ADD(&s->runs, v, n, cap) = (struct run){sqlite3_column_int64(st, 0),
			sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
			(enum run_kind)sqlite3_column_int(st, 1),
			take_filter(old, n, sqlite3_column_int64(st, 0))};
	drop_filters(old, n);
	free(old);
	return status;
}

/* A page without entries is not kept. */
static int read_page(struct store *s, int64_t id, struct buf *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_RUN_PAGE, &st, err);

	buf_clear(out);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, id);
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	buf_put(out, store_column(st, 0));
	sqlite3_reset(st);
	return 0;
}

static int put_page(
	struct store *s, enum query q, int64_t id, const struct buf *page, struct buf *err)
{
	sqlite3_stmt *st;
	int status = page->len ? store_query(s, q, &st, err) : 0;

	if (status < 0 || !page->len)
		return status;
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_blob(st, 2, page->s, (int)page->len, SQLITE_STATIC);
	return store_run(s, st, err);
}

static int write_page(struct store *s, int64_t id, const struct buf *page, struct buf *err)
{
	return put_page(s, Q_RUN_PAGE_ADD, id, page, err);
}

/* A run that is being written, entry by entry in order. */
struct writing {
	struct store *s;
	struct run run;
	int64_t at; /* page at hand */
	struct buf page;
};

static int begin_run(
	struct writing *w, struct store *s, enum run_kind kind, int64_t entries, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_RUN_ADD, &st, err);

	*w = (struct writing){.s = s, .page = BUF_INIT};
	w->run = (struct run){0, entries, (entries + PAGE_ENTRIES - 1) / PAGE_ENTRIES, kind, NULL};
	if (status < 0)
		return status;
	sqlite3_bind_int(st, 1, (int)kind);
	sqlite3_bind_int64(st, 2, entries);
	sqlite3_bind_int64(st, 3, w->run.pages);
	status = store_run(s, st, err);
	w->run.id = sqlite3_last_insert_rowid(s->db);
	if (filtered(s, kind))
		filter_make(&w->run);
	return status;
}

static int put_next(struct writing *w, struct run_entry e, struct buf *err)
{
	int64_t page = page_of(e.key, w->run.pages);
	int status = 0;

	if (page != w->at) {
		status = write_page(w->s, page_id(&w->run, w->at), &w->page, err);
		buf_clear(&w->page);
		w->at = page;
	}
	put_entry(&w->page, e);
	if (w->run.filter)
		filter_add(&w->run, e.key);
	return status;
}

static int end_run(struct writing *w, int status, struct buf *err)
{
	if (status == 0)
		status = write_page(w->s, page_id(&w->run, w->at), &w->page, err);
	if (status == 0)
		*VEC_ADD(&w->s->runs, v, n, cap) = w->run;
	else
		free(w->run.filter);
	buf_release(&w->page);
	return status;
}

/* A run that is being read from its first entry to its last. */
struct reading {
	struct run run;
	int64_t next; /* page */
	size_t i, n;  /* within the page at hand */
	struct run_entry at;
	struct buf page;
};

static int advance(struct store *s, struct reading *r, struct buf *err)
{
	int status = 0;

	r->i++;
	while (status == 0 && r->i >= r->n && r->next < r->run.pages) {
		status = read_page(s, page_id(&r->run, r->next++), &r->page, err);
		r->n = r->page.len / ENTRY;
		r->i = 0;
	}
	if (r->i < r->n)
		r->at = get_entry(&r->page, r->i);
	return status;
}

static bool done(const struct reading *r)
{
	return r->i >= r->n;
}

/* A stretch of the keys at a time: to sort it takes less than to find the least of all runs for
 * each entry. */
static int merge_into(struct writing *w, struct reading *in, size_t n, struct buf *err)
{
	struct entries some = {0};
	int status = 0;

	for (int64_t to = STRETCH; to < w->run.pages + STRETCH && status == 0; to += STRETCH) {
		some.n = 0;
		for (size_t i = 0; i < n; i++)
			while (status == 0 && !done(&in[i]) &&
				page_of(in[i].at.key, w->run.pages) < to) {
				*VEC_ADD(&some, v, n, cap) = in[i].at;
				status = advance(w->s, &in[i], err);
			}
		order_sort(some.v, some.n);
		for (size_t i = 0; i < some.n && status == 0; i++)
			status = put_next(w, some.v[i], err);
	}
	free(some.v);
	return status;
}

static void drop_filter(struct runs *r, uint64_t *filter)
{
	if (r->lends)
		*VEC_ADD(r, dead, dead_n, dead_cap) = filter;
	else
		free(filter);
}

static int remove_run(struct store *s, int64_t id, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_query(s, Q_RUN_PAGES_DROP, &st, err);

	if (status == 0) {
		sqlite3_bind_int64(st, 1, id << 24);
		sqlite3_bind_int64(st, 2, (id + 1) << 24);
		status = store_run(s, st, err);
	}
	if (status == 0)
		status = store_query(s, Q_RUN_DROP, &st, err);
	if (status == 0) {
		sqlite3_bind_int64(st, 1, id);
		status = store_run(s, st, err);
	}
	for (size_t i = 0; i < s->runs.n && status == 0; i++)
		if (s->runs.v[i].id == id) {
			drop_filter(&s->runs, s->runs.v[i].filter);
			s->runs.v[i] = s->runs.v[--s->runs.n];
		}
	s->runs.page_id = -1; /* the number may come again */
	return status;
}

static int merge(struct store *s, struct reading *in, size_t n, struct buf *err)
{
	struct writing w;
	int64_t entries = 0;
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++) {
		status = advance(s, &in[i], err);
		/* One that was cut for TAIL entries may have fewer. */
		entries += in[i].run.pages == 1 ? (int64_t)in[i].n : in[i].run.entries;
	}
	if (status < 0)
		return status;
	status = begin_run(&w, s, in[0].run.kind, entries, err);
	if (status == 0)
		status = merge_into(&w, in, n, err);
	status = end_run(&w, status, err);
	for (size_t i = 0; i < n && status == 0; i++)
		status = remove_run(s, in[i].run.id, err);
	return status;
}

/* Merges one class that has too many; *merged: it did. */
static int merge_class(
	struct store *s, enum run_kind kind, int class, bool *merged, struct buf *err)
{
	struct reading in[FAN];
	size_t n = 0;
	int status = 0;

	for (size_t i = 0; i < s->runs.n && n < FAN; i++)
		if (s->runs.v[i].kind == kind && class_of(s->runs.v[i].entries) == class)
			in[n++] = (struct reading){.run = s->runs.v[i], .page = BUF_INIT};
	*merged = n == FAN;
	if (*merged)
		status = merge(s, in, n, err);
	for (size_t i = 0; i < n; i++)
		buf_release(&in[i].page);
	return status;
}

/* Those of what was erased are no more, and the run still says how many it was cut for. */
static int count_entries(struct store *s, struct run *run, bool *fewer, struct buf *err)
{
	sqlite3_stmt *st;
	int64_t bytes = 0;
	int status = store_prepare(s,
		"SELECT coalesce(sum(length(entries)),0) FROM run_page WHERE id>=?1 AND id<?2", &st,
		err);

	if (status == 0) {
		sqlite3_bind_int64(st, 1, page_id(run, 0));
		sqlite3_bind_int64(st, 2, page_id(run, run->pages));
		status = store_step(s, st, err);
	}
	if (status == 1)
		bytes = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	*fewer |= bytes / ENTRY < run->entries;
	run->entries = bytes / ENTRY;
	return status < 0 ? status : 0;
}

int runs_join(struct store *s, enum run_kind kind, struct buf *err)
{
	struct reading *in = mem_zero(s->runs.n + 1, sizeof(*in));
	bool fewer = false;
	size_t n = 0;
	int status = 0;

	for (size_t i = 0; i < s->runs.n && status == 0; i++)
		if (s->runs.v[i].kind == kind) {
			in[n++] = (struct reading){.run = s->runs.v[i], .page = BUF_INIT};
			status = count_entries(s, &in[n - 1].run, &fewer, err);
		}
	if (status == 0 && (n > 1 || fewer))
		status = merge(s, in, n, err);
	for (size_t i = 0; i < n; i++)
		buf_release(&in[i].page);
	free(in);
	return status;
}

/* Merges runs where there are too many. */
static int make_room(struct store *s, enum run_kind kind, struct buf *err)
{
	bool merged;
	int status = 0;

	/* What becomes a run of the next class may be its eighth. */
	for (int c = 0; c < TOP && status == 0; c++)
		do
			status = merge_class(s, kind, c, &merged, err);
		while (status == 0 && merged);
	return status;
}

/* Writes entries as a run that is cut for so many. */
static int write_run(struct store *s, enum run_kind kind, const struct run_entry *entries, size_t n,
	size_t cut_for, struct buf *err)
{
	struct writing w;
	int status = make_room(s, kind, err);

	if (status < 0)
		return status;
	status = begin_run(&w, s, kind, (int64_t)cut_for, err);
	for (size_t i = 0; i < n && status == 0; i++)
		status = put_next(&w, entries[i], err);
	return end_run(&w, status, err);
}

/* The run that small transactions fill: the last that was cut for them. */
static struct run *tail_of(struct store *s, enum run_kind kind)
{
	struct run *tail = NULL;

	for (size_t i = 0; i < s->runs.n; i++) {
		struct run *run = &s->runs.v[i];

		if (run->kind == kind && run->entries == TAIL && (!tail || tail->id < run->id))
			tail = run;
	}
	return tail;
}

/* Puts the entries among those of a page. */
static void insert_entries(struct buf *page, struct run *run, const struct run_entry *v, size_t n)
{
	size_t left = page->len / ENTRY, next = 0;
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		for (; next < left; next++) {
			struct run_entry there = get_entry(page, next);

			if (order_compare(&there, &v[i]) > 0)
				break;
			buf_add(&out, page->s + next * ENTRY, ENTRY);
		}
		put_entry(&out, v[i]);
		if (run->filter)
			filter_add(run, v[i].key);
	}
	buf_add(&out, page->s + next * ENTRY, (left - next) * ENTRY);
	buf_release(page);
	*page = out;
}

/* *fit: the entries have been put into the run that small transactions fill. */
static int fill_tail(struct store *s, enum run_kind kind, const struct run_entry *entries, size_t n,
	bool *fit, struct buf *err)
{
	struct run *tail = tail_of(s, kind);
	struct buf page = BUF_INIT;
	int status = 0;

	*fit = false;
	if (tail)
		status = read_page(s, page_id(tail, 0), &page, err);
	if (tail && status == 0 && page.len / ENTRY + n <= TAIL) {
		*fit = true;
		insert_entries(&page, tail, entries, n);
		s->runs.page_id = -1;
		status = put_page(s, Q_RUN_PAGE_PUT, page_id(tail, 0), &page, err);
	}
	buf_release(&page);
	return status;
}

/* Adds entries, which it sorts. */
static int add_entries(
	struct store *s, enum run_kind kind, struct run_entry *entries, size_t n, struct buf *err)
{
	bool few = n <= TAIL / 2, fit = false;
	int status = 0;

	if (!n)
		return 0;
	order_sort(entries, n);
	if (few)
		status = fill_tail(s, kind, entries, n, &fit, err);
	return status < 0 || fit ? status : write_run(s, kind, entries, n, few ? TAIL : n, err);
}

/* The first entry of a page with at least the key. */
static size_t lower_bound(const struct buf *page, uint64_t key)
{
	size_t low = 0, high = page->len / ENTRY;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (get_key(page, mid) < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int find_in(struct store *s, const struct run *run, const uint64_t *keys, size_t n,
	runs_visit *visit, void *ctx, struct buf *err)
{
	struct buf *page = &s->runs.page;
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++) {
		uint64_t key = runs_kept(keys[i]);
		int64_t id = page_id(run, page_of(key, run->pages));

		if (run->filter && !filter_has(run, key))
			continue;
		if (s->runs.page_id != id) {
			status = read_page(s, id, page, err);
			s->runs.probes[run->kind]++;
		}
		s->runs.page_id = status == 0 ? id : -1;
		if (status < 0)
			break;
		for (size_t k = lower_bound(page, key);
			status == 0 && k < page->len / ENTRY && get_key(page, k) == key; k++)
			status = visit(ctx, i, get_entry(page, k).seq, err);
	}
	return status;
}

static int make_filter(struct store *s, struct run *run, struct buf *err)
{
	struct buf page = BUF_INIT;
	int status = 0;

	filter_make(run);
	for (int64_t p = 0; p < run->pages && status == 0; p++) {
		status = read_page(s, page_id(run, p), &page, err);
		for (size_t i = 0; i < page.len / ENTRY; i++)
			filter_add(run, get_key(&page, i));
	}
	buf_release(&page);
	return status;
}

/* Once many pages of the kind have been read. */
int runs_keep_filters(struct store *s, enum run_kind kind, struct buf *err)
{
	int status = 0;

	if (s->runs.borrows || !filtered(s, kind))
		return 0;
	for (size_t i = 0; i < s->runs.n && status == 0; i++)
		if (s->runs.v[i].kind == kind && !s->runs.v[i].filter)
			status = make_filter(s, &s->runs.v[i], err);
	return status;
}

int runs_find(struct store *s, enum run_kind kind, const uint64_t *keys, size_t n,
	runs_visit *visit, void *ctx, struct buf *err)
{
	int status = runs_keep_filters(s, kind, err);

	for (size_t r = 0; r < s->runs.n && status == 0; r++)
		if (s->runs.v[r].kind == kind)
			status = find_in(s, &s->runs.v[r], keys, n, visit, ctx, err);
	return status;
}

/* ---- for another connection ---- */

void runs_take_back(struct store *s, struct store *from)
{
	struct runs *r = &s->runs;

	for (int k = 0; k < RUN_KINDS && from; k++) {
		r->probes[k] += from->runs.probes[k];
		from->runs.probes[k] = 0;
	}
	drop_dead(r);
	r->lends = false;
}

/* Of the entries only those of records are asked for: of names their digests are. */
void runs_lend(struct store *s)
{
	struct runs *r = &s->runs;
	const struct pending *p = &s->pending[RUNS_KEY];

	runs_take_back(s, NULL);
	r->lent_n = r->lent_keys.n = 0;
	for (size_t i = 0; i < r->n; i++)
		*VEC_ADD(r, lent, lent_n, lent_cap) = r->v[i];
	for (size_t i = 0; i < p->n; i++)
		*VEC_ADD(&r->lent_keys, v, n, cap) = p->v[i];
	r->lends = true;
}

static uint64_t *filter_of(const struct runs *r, int64_t id)
{
	for (size_t i = 0; i < r->lent_n; i++)
		if (r->lent[i].id == id && r->lent[i].entries > TAIL)
			return r->lent[i].filter;
	return NULL;
}

void runs_borrow(struct store *to, const struct store *from)
{
	drop_filters(to->runs.v, to->runs.n);
	for (size_t i = 0; i < to->runs.n; i++)
		to->runs.v[i].filter = filter_of(&from->runs, to->runs.v[i].id);
	to->runs.borrows = true;
}

void runs_give_back(struct store *to)
{
	for (size_t i = 0; i < to->runs.n; i++)
		to->runs.v[i].filter = NULL;
	to->runs.borrows = false;
}

int runs_find_lent(struct store *from, const uint64_t *keys, size_t n, runs_visit *visit, void *ctx,
	struct buf *err)
{
	struct entries *all = &from->runs.lent_keys;
	size_t at = 0;
	int status = 0;

	order_sort(all->v, all->n);
	for (size_t i = 0; i < n && status == 0; i++) {
		uint64_t key = runs_kept(keys[i]);

		while (at < all->n && all->v[at].key < key)
			at++;
		for (size_t k = at; k < all->n && all->v[k].key == key && status == 0; k++)
			status = visit(ctx, i, all->v[k].seq, err);
	}
	return status;
}

/* Writes a page back that some entries were taken out of; how many a run was made of stays as it
 * was, since it only says how the run is cut into pages. */
static int rewrite_page(struct store *s, int64_t id, const struct buf *page, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, page->len ? Q_RUN_PAGE_SET : Q_RUN_PAGE_DROP, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, id);
	if (page->len)
		sqlite3_bind_blob(st, 2, page->s, (int)page->len, SQLITE_STATIC);
	return store_run(s, st, err);
}

int runs_remove(struct store *s, enum run_kind kind, uint64_t of, int64_t seq, struct buf *err)
{
	uint64_t key = runs_kept(of);
	struct buf page = BUF_INIT;
	int status = 0;

	for (size_t r = 0; r < s->runs.n && status == 0; r++) {
		const struct run *run = &s->runs.v[r];
		int64_t id = page_id(run, page_of(key, run->pages));
		bool found = false;

		if (run->kind != kind)
			continue;
		status = read_page(s, id, &page, err);
		for (size_t i = lower_bound(&page, key);
			i < page.len / ENTRY && get_entry(&page, i).key == key;) {
			if (get_entry(&page, i).seq != seq) {
				i++;
				continue;
			}
			memmove(page.s + i * ENTRY, page.s + (i + 1) * ENTRY,
				page.len - (i + 1) * ENTRY);
			buf_cut(&page, page.len - ENTRY);
			found = true;
		}
		if (status == 0 && found)
			status = rewrite_page(s, id, &page, err);
	}
	s->runs.page_id = -1;
	buf_release(&page);
	return status;
}

int runs_clear(struct store *s, enum run_kind kind, struct buf *err)
{
	int status = 0;

	for (size_t r = 0; r < s->runs.n && status == 0;)
		if (s->runs.v[r].kind == kind)
			status = remove_run(s, s->runs.v[r].id, err);
		else
			r++;
	return status;
}

/* ---- what is not added yet ---- */

#define HEADS 65536 /* by the first 16 bits of the key */

void runs_pend(struct store *s, enum run_kind kind, uint64_t key, int64_t seq)
{
	struct pending *p = &s->pending[kind];

	*VEC_ADD(p, v, n, cap) = (struct run_entry){runs_kept(key), seq};
}

void runs_pend_none(struct store *s)
{
	for (int k = 0; k < RUN_KINDS; k++) {
		struct pending *p = &s->pending[k];

		for (size_t i = 0; p->chained && i < p->n; i++)
			p->head[p->v[i].key >> 48] = 0;
		p->n = p->chained = 0;
	}
}

/* Few transactions ask for what they will add. */
static void chain(struct pending *p)
{
	if (!p->head)
		p->head = mem_zero(HEADS, sizeof(*p->head));
	while (p->chained < p->n) {
		uint32_t *head = &p->head[p->v[p->chained].key >> 48];

		p->next = mem_grow(p->next, &p->next_cap, ++p->chained, sizeof(*p->next));
		p->next[p->chained - 1] = *head;
		*head = (uint32_t)p->chained;
	}
}

int runs_flush(struct store *s, struct buf *err)
{
	int status = 0;

	for (int k = 0; k < RUN_KINDS && status == 0; k++)
		status = add_entries(s, (enum run_kind)k, s->pending[k].v, s->pending[k].n, err);
	runs_pend_none(s);
	return status;
}

static int see_seq(void *ctx, size_t i, int64_t seq, struct buf *err)
{
	struct seqs *out = ctx;

	(void)i;
	(void)err;
	*VEC_ADD(out, v, n, cap) = seq;
	return 0;
}

int runs_each(struct store *s, enum run_kind kind, int64_t of, struct seqs *out, struct buf *err)
{
	struct pending *p = &s->pending[kind];
	uint64_t key = runs_spread((uint64_t)of);
	int status = store_fresh(s, err);

	out->n = 0;
	if (status == 0)
		status = runs_find(s, kind, &key, 1, see_seq, out, err);
	if (status == 0 && p->n) {
		chain(p);
		for (uint32_t i = p->head[key >> 48]; i; i = p->next[i - 1])
			if (p->v[i - 1].key == key)
				*VEC_ADD(out, v, n, cap) = p->v[i - 1].seq;
	}
	out->n = store_once(out->v, out->n);
	return status;
}

/* ---- checking ---- */

static int check_run(struct store *s, const struct run *run,
	void (*visit)(void *ctx, struct run_entry e), void *ctx, const char **odd, struct buf *err)
{
	struct reading in = {.run = *run, .page = BUF_INIT};
	struct run_entry before = {0, 0};
	int64_t n = 0;
	int status = 0;

	if (run->pages != (run->entries + PAGE_ENTRIES - 1) / PAGE_ENTRIES) {
		*odd = "a run has more or less pages than it should";
		return 0;
	}
	for (status = advance(s, &in, err); status == 0 && !done(&in); n++) {
		struct run_entry e = in.at;

		if (page_of(e.key, run->pages) != in.next - 1)
			*odd = "an entry is in another page than it should be";
		if (n && order_compare(&before, &e) > 0)
			*odd = "entries are out of order";
		before = e;
		visit(ctx, e);
		status = advance(s, &in, err);
	}
	/* Those of what was erased are taken out. */
	if (n > run->entries)
		*odd = "a run has more entries than it says";
	buf_release(&in.page);
	return status;
}

int runs_all(struct store *s, enum run_kind kind, void (*visit)(void *ctx, struct run_entry e),
	void *ctx, const char **odd, struct buf *err)
{
	int status = store_fresh(s, err);

	*odd = NULL;
	for (size_t r = 0; r < s->runs.n && status == 0; r++)
		if (s->runs.v[r].kind == kind)
			status = check_run(s, &s->runs.v[r], visit, ctx, odd, err);
	return status;
}
