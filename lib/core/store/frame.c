#include "core/store/frame.h"
#include "base/die.h"
#include "base/mem.h"
#include "core/store/asking.h"
#include "core/store/blocks_part.h"
#include "core/store/internal.h"

#include <math.h>
#include <stdlib.h>

#define STALE_MOST 4   /* one customer in so many may be stale */
#define CACHE_KIB 1024 /* of pages, while blocks are read: each once */

struct block {
	int64_t id, upto;
};

struct frame {
	struct sqlite3 *db;
	const struct layout *layout;
	const size_t *columns;
	size_t n;
	struct codes *codes;
	sqlite3_stmt *bytes, *rows; /* of a column of a block; of all who are stale */
	struct block *blocks;
	size_t block_n, block_cap;
	int64_t customers_n; /* of all blocks, when they were made */
	int cache;	     /* the connection's cache_size before; 0: as it is */
	size_t next;	     /* the block behind the one at hand */
	/* Who is stale, and what the table has of them: row by row, and where each one's end. */
	struct stale {
		int64_t customer;
		size_t end;
	} * stale;
	size_t stale_n, stale_cap, stale_at;
	union column_value *theirs;
	size_t their_n, their_cap, their_at,
		their_end; /* values; rows that were read, and may be */
	/* of the block at hand */
	struct column who, *open;
	union column_value *customers;
	size_t customer_cap;
	size_t at, end; /* rows of it that were read, and that there are */
	union column_value *v;
};

/* ---- layouts ---- */

static int table_of(const char *fact)
{
	for (int i = 0; i < FACT_TABLES; i++)
		if (strcmp(facts_table((size_t)i), fact) == 0)
			return i;
	return -1;
}

int layout_read(struct layout *l, struct sqlite3 *db, const char *fact, struct buf *err)
{
	int table = table_of(fact), code = SQLITE_DONE;
	sqlite3_stmt *st = NULL;

	if (table < 0)
		return 0;
	l->table = (size_t)table;
	if (sqlite3_prepare_v2(db, "SELECT name, type FROM pragma_table_info(?1)", -1, &st, NULL) !=
		SQLITE_OK)
		return asking_failed(db, err);
	sqlite3_bind_text(st, 1, fact, -1, SQLITE_STATIC);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		/* The generation is in no block: nobody can name it. */
		bool kept = l->n >= BLOCK_CUSTOMER;
		char *name = mem_string(kept ? (const char *)sqlite3_column_text(st, 0) : "");

		*VEC_ADD(l, v, n, cap) = (struct layout_column){
			name, block_type((const char *)sqlite3_column_text(st, 1))};
	}
	code = code == SQLITE_DONE ? 0 : asking_failed(db, err);
	sqlite3_finalize(st);
	return code;
}

void layout_release(struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].name);
	free(l->v);
	*l = (struct layout){0, NULL, 0, 0};
}

/* ---- opening ---- */

static const char generation[] = "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = "
				 "'generation')";

/* Runs a query of the generation, and gives its rows to a function until it returns false. */
static int each(struct frame *f, const char *what, bool (*take)(struct frame *, sqlite3_stmt *),
	struct buf *err)
{
	sqlite3_stmt *st = NULL;
	struct buf sql = BUF_INIT;
	int code;

	buf_printf(&sql, what, generation);
	code = sqlite3_prepare_v2(f->db, sql.s, -1, &st, NULL) == SQLITE_OK ? SQLITE_ROW
									    : SQLITE_ERROR;
	while (code == SQLITE_ROW && (code = sqlite3_step(st)) == SQLITE_ROW)
		if (!take(f, st))
			code = SQLITE_DONE;
	code = code == SQLITE_DONE ? 0 : asking_failed(f->db, err);
	sqlite3_finalize(st);
	buf_release(&sql);
	return code;
}

/* Blocks of which one begins where the one before it ends. */
static bool take_block(struct frame *f, sqlite3_stmt *st)
{
	int64_t end = f->block_n ? f->blocks[f->block_n - 1].upto : 0;

	if (sqlite3_column_int64(st, 1) != end || !sqlite3_column_int(st, 3)) {
		f->block_n = 0;
		return false;
	}
	f->customers_n += sqlite3_column_int64(st, 4);
	*VEC_ADD(f, blocks, block_n, block_cap) =
		(struct block){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 2)};
	return true;
}

static bool take_stale(struct frame *f, sqlite3_stmt *st)
{
	*VEC_ADD(f, stale, stale_n, stale_cap) = (struct stale){sqlite3_column_int64(st, 0), 0};
	return true;
}

static int prepare(struct frame *f, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int code = sqlite3_prepare_v2(
		f->db, "SELECT data FROM fact_column WHERE key=?1", -1, &f->bytes, NULL);

	/* With +, so that SQLite looks for each of them, and not for the bounds of all. */
	buf_puts(&sql, "SELECT t.customer");
	for (size_t i = 0; i < f->n; i++)
		buf_printf(&sql, ", t.\"%s\"", f->layout->v[f->columns[i]].name);
	buf_printf(&sql,
		" FROM fact_stale AS s CROSS JOIN \"%s\" AS t ON t.gen=+s.gen AND"
		" t.customer=+s.customer WHERE s.gen=%s AND s.customer>=?1 AND s.customer<=?2"
		" ORDER BY s.customer",
		facts_table(f->layout->table), generation);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(f->db, sql.s, -1, &f->rows, NULL);
	buf_release(&sql);
	return code == SQLITE_OK ? 0 : asking_failed(f->db, err);
}

/* false: columns cannot have it. */
static bool take_cell(struct frame *f, size_t column)
{
	union column_value *v = VEC_ADD(f, theirs, their_n, their_cap);
	enum column_type type = f->layout->v[f->columns[column]].type;
	int at = (int)column + 1;
	bool null = sqlite3_column_type(f->rows, at) == SQLITE_NULL;

	v->n = COLUMN_NULL;
	if (type == COLUMN_REAL)
		v->real = null ? (double)NAN : sqlite3_column_double(f->rows, at);
	else if (!null && type == COLUMN_TEXT)
		v->n = codes_of(f->codes, store_column(f->rows, at));
	else if (!null)
		v->n = sqlite3_column_int64(f->rows, at);
	return type != COLUMN_INT || null || (v->n >= -COLUMN_MOST && v->n <= COLUMN_MOST);
}

/* What the table has of all who are stale. */
static int read_stale(struct frame *f, bool *plain, struct buf *err)
{
	size_t rows = 0, i = 0;
	int code = SQLITE_DONE;

	*plain = true;
	if (f->stale_n) {
		sqlite3_bind_int64(f->rows, 1, f->stale[0].customer);
		sqlite3_bind_int64(f->rows, 2, f->stale[f->stale_n - 1].customer);
		code = SQLITE_ROW;
	}
	while (code == SQLITE_ROW && (code = sqlite3_step(f->rows)) == SQLITE_ROW) {
		for (; f->stale[i].customer < sqlite3_column_int64(f->rows, 0); i++)
			f->stale[i].end = rows;
		for (size_t c = 0; c < f->n; c++)
			*plain &= take_cell(f, c);
		rows++;
	}
	for (; i < f->stale_n; i++)
		f->stale[i].end = rows;
	return code == SQLITE_DONE ? 0 : asking_failed(f->db, err);
}

static void set_cache(const struct frame *f, int size)
{
	struct buf sql = BUF_INIT;

	buf_printf(&sql, "PRAGMA cache_size=%d", size);
	sqlite3_exec(f->db, sql.s, NULL, NULL, NULL);
	buf_release(&sql);
}

static bool take_cache(struct frame *f, sqlite3_stmt *st)
{
	f->cache = sqlite3_column_int(st, 0);
	return false;
}

/* A page of a block that was read is of use as room for the next one alone: where few are kept, it
 * is still near the processor. */
static int keep_few_pages(struct frame *f, struct buf *err)
{
	int status = each(f, "PRAGMA cache_size", take_cache, err);

	if (status == 0)
		set_cache(f, -CACHE_KIB);
	return status;
}

static int open_all(struct frame *f, bool *plain, struct buf *err)
{
	int status = each(f,
		"SELECT id, after, upto, plain, customers FROM fact_block WHERE gen=%s"
		" ORDER BY after",
		take_block, err);

	*plain = f->block_n && f->blocks[f->block_n - 1].upto == INT64_MAX;
	if (status < 0 || !*plain)
		return status;
	status = each(f, "SELECT customer FROM fact_stale WHERE gen=%s ORDER BY customer",
		take_stale, err);
	/* One customer after the other takes longer than all do. */
	*plain = (int64_t)f->stale_n <= f->customers_n / STALE_MOST;
	if (status < 0 || !*plain)
		return status;
	status = prepare(f, err);
	if (status == 0)
		status = read_stale(f, plain, err);
	return status < 0 || !*plain ? status : keep_few_pages(f, err);
}

/* One block and who of it is stale. */
static int open_one(struct frame *f, int64_t block, bool *plain, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status;

	/* As if it began where all do. */
	buf_printf(&sql, "SELECT id, 0, upto, plain, customers FROM fact_block WHERE id=%lld",
		(long long)block);
	buf_puts(&sql, " AND gen=%s");
	status = each(f, sql.s, take_block, err);
	*plain = f->block_n == 1;
	buf_clear(&sql);
	buf_printf(&sql,
		"SELECT s.customer FROM fact_stale AS s JOIN fact_block AS b ON s.gen=b.gen AND"
		" s.customer>b.after AND s.customer<=b.upto WHERE b.id=%lld",
		(long long)block);
	buf_puts(&sql, " AND b.gen=%s ORDER BY s.customer");
	if (status == 0 && *plain)
		status = each(f, sql.s, take_stale, err);
	buf_release(&sql);
	if (status < 0 || !*plain)
		return status;
	status = prepare(f, err);
	return status < 0 ? status : read_stale(f, plain, err);
}

static struct frame *make(
	const struct layout *l, const size_t *columns, size_t n, struct codes *codes)
{
	struct frame *f = mem_zero(1, sizeof(*f));

	*f = (struct frame){.layout = l, .columns = columns, .n = n, .codes = codes};
	f->open = mem_zero(n, sizeof(*f->open));
	f->v = mem_zero(n * FRAME_ROWS, sizeof(*f->v));
	buf_init(&f->who.bytes);
	for (size_t i = 0; i < n; i++)
		buf_init(&f->open[i].bytes);
	return f;
}

int frame_open(struct frame **out, struct sqlite3 *db, const struct layout *l,
	const size_t *columns, size_t n, struct codes *codes, struct buf *err)
{
	struct frame *f = make(l, columns, n, codes);
	bool plain = false;
	int status;

	f->db = db;
	status = open_all(f, &plain, err);
	*out = status == 0 && plain ? f : NULL;
	if (!*out)
		frame_free(f);
	return status;
}

int frame_open_block(struct frame **out, struct sqlite3 *db, const struct layout *l,
	const size_t *columns, size_t n, struct codes *codes, int64_t block, struct buf *err)
{
	struct frame *f = make(l, columns, n, codes);
	bool plain = false;
	int status;

	f->db = db;
	status = open_one(f, block, &plain, err);
	*out = status == 0 && plain ? f : NULL;
	if (!*out)
		frame_free(f);
	return status;
}

struct frame *frame_of(union column_value *rows, size_t row_n, const struct layout *l,
	const size_t *columns, size_t n, struct codes *codes)
{
	struct frame *f = make(l, columns, n, codes);

	f->theirs = rows;
	f->their_end = row_n;
	return f;
}

void frame_free(struct frame *f)
{
	if (!f)
		return;
	if (f->cache)
		set_cache(f, f->cache);
	sqlite3_finalize(f->bytes);
	sqlite3_finalize(f->rows);
	column_release(&f->who);
	for (size_t i = 0; i < f->n; i++)
		column_release(&f->open[i]);
	free(f->open);
	free(f->blocks);
	free(f->stale);
	free(f->theirs);
	free(f->customers);
	free(f->v);
	free(f);
}

/* ---- blocks ---- */

/* A column of the block at hand; *there false: the table has no rows in it. */
static int open_column(
	struct frame *f, struct column *c, size_t number, bool *there, struct buf *err)
{
	int64_t block = f->blocks[f->next - 1].id;
	int code, status = 0;

	sqlite3_bind_int64(f->bytes, 1, block_key(block, f->layout->table, number));
	code = sqlite3_step(f->bytes);
	*there = code == SQLITE_ROW;
	if (*there) {
		struct str bytes = {sqlite3_column_blob(f->bytes, 0),
			(size_t)sqlite3_column_bytes(f->bytes, 0)};

		status = column_open(c, f->layout->v[number].type, bytes, f->codes);
		if (status < 0)
			buf_puts(err, "the facts by columns are damaged: rebuild the facts");
	} else if (code != SQLITE_DONE) {
		status = asking_failed(f->db, err);
	}
	sqlite3_reset(f->bytes);
	return status;
}

static int open_block(struct frame *f, struct buf *err)
{
	bool there;
	int status;

	f->next++;
	f->at = f->end = 0;
	status = open_column(f, &f->who, BLOCK_CUSTOMER, &there, err);
	if (status < 0 || !there)
		return status;
	f->end = f->who.n;
	f->customers = mem_grow(f->customers, &f->customer_cap, f->end + 1, sizeof(*f->customers));
	column_get(&f->who, 0, f->end, f->customers);
	for (size_t i = 0; i < f->n && status == 0; i++) {
		status = open_column(f, &f->open[i], f->columns[i], &there, err);
		if (status == 0 && (!there || f->open[i].n != f->end)) {
			buf_puts(err, "the facts by columns are damaged: rebuild the facts");
			status = -1;
		}
	}
	return status;
}

/* The first row from one on whose customer is not before this one. */
static size_t row_of(const struct frame *f, size_t from, int64_t customer)
{
	size_t low = from, high = f->end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (f->customers[mid].n < customer)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* ---- rows ---- */

static void copy_stale(struct frame *f, size_t *rows)
{
	for (; f->their_at < f->their_end && *rows < FRAME_ROWS; f->their_at++, ++*rows)
		for (size_t i = 0; i < f->n; i++)
			f->v[i * FRAME_ROWS + *rows] = f->theirs[f->their_at * f->n + i];
}

static void copy_rows(struct frame *f, size_t end, size_t *rows)
{
	size_t n = end - f->at < FRAME_ROWS - *rows ? end - f->at : FRAME_ROWS - *rows;

	for (size_t i = 0; i < f->n; i++)
		column_get(&f->open[i], f->at, n, &f->v[i * FRAME_ROWS + *rows]);
	f->at += n;
	*rows += n;
}

/* The next customer who is stale, of the block at hand; NULL: there is none. */
static const struct stale *next_stale(const struct frame *f)
{
	const struct stale *one = f->stale_at < f->stale_n ? &f->stale[f->stale_at] : NULL;

	return one && f->next && one->customer <= f->blocks[f->next - 1].upto ? one : NULL;
}

/* From who is stale or the block at hand, or turns to the next one. */
static int advance(struct frame *f, size_t *rows, struct buf *err)
{
	const struct stale *stale = next_stale(f);
	size_t end = stale ? row_of(f, f->at, stale->customer) : f->end;

	if (f->their_at < f->their_end) {
		copy_stale(f, rows);
	} else if (f->at < end) {
		copy_rows(f, end, rows);
	} else if (stale) {
		f->at = row_of(f, f->at, stale->customer + 1);
		f->their_end = stale->end;
		f->stale_at++;
	} else {
		return open_block(f, err);
	}
	return 0;
}

static bool any_left(const struct frame *f)
{
	return f->next < f->block_n || f->at < f->end || f->their_at < f->their_end ||
	       next_stale(f);
}

int frame_next(struct frame *f, size_t *rows, struct buf *err)
{
	int status = 0;

	*rows = 0;
	while (status == 0 && *rows < FRAME_ROWS && any_left(f))
		status = advance(f, rows, err);
	return status;
}

const union column_value *frame_column(const struct frame *f, size_t place)
{
	return &f->v[place * FRAME_ROWS];
}

static int visit_all(struct frame *f, frame_visit *visit, void *ctx, struct buf *err)
{
	const union column_value *columns[FRAME_NAMES];
	size_t rows = 1;
	int status = 0;

	for (size_t i = 0; i < f->n; i++)
		columns[i] = frame_column(f, i);
	while (status == 0 && rows) {
		status = frame_next(f, &rows, err);
		if (status == 0 && rows)
			status = visit(ctx, f->codes, columns, rows, err);
	}
	return status;
}

int frame_each(struct sqlite3 *db, const char *fact, const char *const *names, size_t n,
	frame_visit *visit, void *ctx, bool *done, struct buf *err)
{
	struct layout l = {0, NULL, 0, 0};
	size_t columns[FRAME_NAMES];
	struct codes codes = {MAP_INIT, NULL, 0, 0};
	struct frame *f = NULL;
	int status = layout_read(&l, db, fact, err);

	for (size_t i = 0; i < n && status == 0; i++) {
		columns[i] = l.n;
		for (size_t c = 0; c < l.n; c++)
			if (strcmp(l.v[c].name, names[i]) == 0)
				columns[i] = c;
		if (columns[i] == l.n)
			BUG("a fact without a column of its own");
	}
	if (status == 0)
		status = frame_open(&f, db, &l, columns, n, &codes, err);
	*done = f != NULL;
	if (f)
		status = visit_all(f, visit, ctx, err);
	frame_free(f);
	codes_release(&codes);
	layout_release(&l);
	return status;
}
