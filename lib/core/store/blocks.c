#include "core/store/blocks.h"
#include "base/die.h"
#include "base/mem.h"
#include "core/store/blocks_part.h"
#include "core/store/internal.h"
#include "core/store/sheaf_part.h"

#include <math.h>
#include <stdlib.h>

#define LEAST 2000	    /* customers of a generation for which there are blocks */
#define MOST_CUSTOMERS 1024 /* of a block */
#define MOST_RECORDS 20000  /* about as many of theirs, where one has fewer */
#define STALE_SHARE 8	    /* a block of which one in so many customers is stale is made anew */

_Static_assert(FACT_TABLES <= BLOCK_TABLES, "tables that have no keys");

/* One column of a table's rows. */
struct cells_of {
	union column_value *v;
	struct codes codes;
	enum column_type type;
	int64_t last; /* the text of the row before that has one; 0: none */
};

/* All of them. */
struct rows_of {
	struct cells_of v[BLOCK_COLUMNS];
	int columns;
	size_t n, cap;
	bool plain;
};

/* Customers in (after, upto]. */
struct range {
	int64_t after, upto, customers;
};

enum column_type block_type(const char *declared)
{
	return !declared || sqlite3_stricmp(declared, "INTEGER") == 0 ? COLUMN_INT
	       : sqlite3_stricmp(declared, "REAL") == 0		      ? COLUMN_REAL
								      : COLUMN_TEXT;
}

/* ---- which one ---- */

/* The numbers of the first row of a query by generation and up to two others. *got: there is one.
 */
static int ask(struct store *s, const char *sql, const int64_t given[3], int64_t *out, int n,
	bool *got, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s, sql, &st, err);

	*got = false;
	if (status < 0)
		return status;
	for (int i = 0; i < 3 && i < sqlite3_bind_parameter_count(st); i++)
		sqlite3_bind_int64(st, i + 1, given[i]);
	status = store_step(s, st, err);
	*got = status == 1;
	for (int i = 0; i < n && *got; i++)
		out[i] = sqlite3_column_int64(st, i);
	sqlite3_finalize(st);
	return status < 0 ? status : 0;
}

static int enough(struct store *s, int64_t generation, bool *is, struct buf *err)
{
	int64_t n = 0;
	int status = 0;

	if (!s->passing)
		status = ask(s,
			"SELECT EXISTS (SELECT 1 FROM fact_block WHERE gen=?1) OR"
			" (SELECT count(*) FROM (SELECT 1 FROM customer WHERE gen=?1 LIMIT ?2)) = "
			"?2",
			(int64_t[]){generation, LEAST, 0}, &n, 1, is, err);

	*is = n != 0;
	return status;
}

/* The first customers who are in no block, up to the next block. */
static int find_hole(
	struct store *s, int64_t generation, struct range *r, bool *found, struct buf *err)
{
	int64_t ends[2];
	int status = ask(s,
		"SELECT e.upto, coalesce((SELECT min(after) FROM fact_block"
		" WHERE gen=?1 AND after>e.upto), ?2)"
		" FROM (SELECT 0 AS upto UNION ALL SELECT upto FROM fact_block WHERE gen=?1) AS e"
		" WHERE e.upto<?2 AND NOT EXISTS (SELECT 1 FROM fact_block AS b"
		" WHERE b.gen=?1 AND b.after=e.upto) ORDER BY e.upto LIMIT 1",
		(int64_t[]){generation, INT64_MAX, 0}, ends, 2, found, err);

	if (*found)
		*r = (struct range){ends[0], ends[1], 0};
	return status;
}

static int drop_block(struct store *s, int64_t id, struct buf *err)
{
	int status = store_change(s, "DELETE FROM fact_column WHERE key>=?1 AND key<?2",
		block_key(id, 0, 0), block_key(id + 1, 0, 0), 0, err);

	return status < 0 ? status
			  : store_change(s, "DELETE FROM fact_block WHERE id=?1", id, 0, 0, err);
}

/* A block with many who are stale. */
static int find_stale(
	struct store *s, int64_t generation, int64_t *id, bool *found, struct buf *err)
{
	return ask(s,
		"SELECT id FROM fact_block AS b WHERE gen=?1 AND customers < ?2 *"
		" (SELECT count(*) FROM fact_stale WHERE gen=?1 AND customer>b.after"
		" AND customer<=b.upto) LIMIT 1",
		(int64_t[]){generation, STALE_SHARE, 0}, id, 1, found, err);
}

/* As many of the range as a block takes. */
static int cut_range(struct store *s, int64_t generation, struct range *r, struct buf *err)
{
	int64_t records = 0, last = r->after;
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"SELECT customer, records FROM customer WHERE gen=?1 AND customer>?2 AND"
		" customer<=?3 ORDER BY customer",
		&st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, generation);
	sqlite3_bind_int64(st, 2, r->after);
	sqlite3_bind_int64(st, 3, r->upto);
	while ((status = store_step(s, st, err)) == 1) {
		records += sqlite3_column_int64(st, 1);
		if (r->customers == MOST_CUSTOMERS || (r->customers && records > MOST_RECORDS)) {
			r->upto = last;
			status = 0;
			break;
		}
		last = sqlite3_column_int64(st, 0);
		r->customers++;
	}
	sqlite3_finalize(st);
	return status;
}

/* ---- one table's rows ---- */

/* Most rows have what the row before has. */
static int64_t code_of(struct cells_of *c, struct str text)
{
	if (!c->last || !str_eq(codes_text(&c->codes, c->last), text))
		c->last = codes_of(&c->codes, text);
	return c->last;
}

/* false: columns cannot have it. */
static bool take_cell(struct cells_of *c, union column_value *v, sqlite3_stmt *st, int at)
{
	int type = sqlite3_column_type(st, at);

	v->n = COLUMN_NULL;
	if (c->type == COLUMN_REAL)
		v->real = type == SQLITE_NULL ? (double)NAN : sqlite3_column_double(st, at);
	if (type == SQLITE_NULL || c->type == COLUMN_REAL)
		return type == SQLITE_NULL || type == SQLITE_FLOAT;
	if (c->type == COLUMN_TEXT) {
		v->n = code_of(c, store_column(st, at));
		return type == SQLITE_TEXT;
	}
	v->n = sqlite3_column_int64(st, at);
	return type == SQLITE_INTEGER && v->n >= -COLUMN_MOST && v->n <= COLUMN_MOST;
}

static void make_room(struct rows_of *r)
{
	if (r->n < r->cap)
		return;
	r->cap = r->cap ? 2 * r->cap : 1024;
	for (int i = BLOCK_CUSTOMER; i < r->columns; i++)
		r->v[i].v = mem_resize(r->v[i].v, r->cap * sizeof(*r->v[i].v));
}

static int read_rows(struct store *s, sqlite3_stmt *st, struct rows_of *r, struct buf *err)
{
	int status;

	for (; (status = store_step(s, st, err)) == 1; r->n++) {
		make_room(r);
		for (int i = BLOCK_CUSTOMER; i < r->columns; i++)
			r->plain &= take_cell(&r->v[i], &r->v[i].v[r->n], st, i);
	}
	return status;
}

static int write_column(struct store *s, sqlite3_stmt *put, int64_t key, const struct rows_of *r,
	int column, struct buf *bytes, struct buf *err)
{
	const struct cells_of *c = &r->v[column];

	buf_clear(bytes);
	column_put(bytes, c->type, c->v, r->n, c->codes.v, c->codes.n);
	sqlite3_bind_int64(put, 1, key);
	sqlite3_bind_blob64(put, 2, bytes->s, bytes->len, SQLITE_STATIC);
	return store_run(s, put, err);
}

static int write_table(struct store *s, int64_t block, size_t table, sqlite3_stmt *st,
	sqlite3_stmt *put, bool *plain, struct buf *err)
{
	struct rows_of *r = mem_zero(1, sizeof(*r));
	struct buf bytes = BUF_INIT;
	int status;

	r->plain = *plain;
	r->columns = sqlite3_column_count(st);
	if (r->columns > BLOCK_COLUMNS)
		BUG("a fact of more columns than a block has");
	for (int i = 0; i < r->columns; i++)
		r->v[i].type = block_type(sqlite3_column_decltype(st, i));
	status = read_rows(s, st, r, err);
	for (int i = BLOCK_CUSTOMER; i < r->columns && r->n && r->plain && status == 0; i++)
		status =
			write_column(s, put, block_key(block, table, (size_t)i), r, i, &bytes, err);
	*plain = r->plain;
	for (int i = 0; i < r->columns; i++) {
		codes_release(&r->v[i].codes);
		free(r->v[i].v);
	}
	free(r);
	buf_release(&bytes);
	return status;
}

static int write_tables(struct store *s, int64_t block, int64_t generation, const struct range *r,
	bool *plain, struct buf *err)
{
	sqlite3_stmt *put;
	struct buf sql = BUF_INIT;
	int status =
		store_prepare(s, "INSERT INTO fact_column(key, data) VALUES(?1, ?2)", &put, err);

	for (size_t t = 0; t < FACT_TABLES && status == 0; t++) {
		sqlite3_stmt *st;

		buf_clear(&sql);
		buf_printf(&sql,
			"SELECT * FROM \"%s\" WHERE gen=?1 AND customer>?2 AND customer<=?3",
			facts_table(t));
		status = store_prepare(s, sql.s, &st, err);
		if (status < 0)
			break;
		sqlite3_bind_int64(st, 1, generation);
		sqlite3_bind_int64(st, 2, r->after);
		sqlite3_bind_int64(st, 3, r->upto);
		status = write_table(s, block, t, st, put, plain, err);
		sqlite3_finalize(st);
	}
	sqlite3_finalize(put);
	buf_release(&sql);
	return status;
}

/* ---- one block ---- */

static int add_block(struct store *s, int64_t id, int64_t generation, const struct range *r,
	bool plain, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"INSERT INTO fact_block(id, gen, after, upto, customers, plain)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
		&st, err);
	const int64_t values[] = {id, generation, r->after, r->upto, r->customers, plain};

	if (status < 0)
		return status;
	for (int i = 0; i < 6; i++)
		sqlite3_bind_int64(st, i + 1, values[i]);
	status = store_run(s, st, err);
	sqlite3_finalize(st);
	return status;
}

static int make_block(struct store *s, int64_t generation, struct range *r, struct buf *err)
{
	int64_t id = 0;
	bool plain = true;
	int status =
		store_one_number(s, "SELECT coalesce(max(id), 0) + 1 FROM fact_block", 0, &id, err);

	if (status == 0)
		status = cut_range(s, generation, r, err);
	if (status == 0)
		status = write_tables(s, id, generation, r, &plain, err);
	if (status == 0)
		status = add_block(s, id, generation, r, plain, err);
	return status < 0 ? status
			  : store_change(s,
				    "DELETE FROM fact_stale WHERE gen=?1 AND customer>?2 AND"
				    " customer<=?3",
				    generation, r->after, r->upto, err);
}

/* What is to be made: a block where there is none, or one anew (*stale: its number; 0). */
static int find(struct store *s, int64_t *generation, struct range *hole, int64_t *stale,
	bool *found, struct buf *err)
{
	int status = store_meta_number(s, "generation", 1, generation, err);

	*found = false;
	*stale = 0;
	if (status == 0)
		status = enough(s, *generation, found, err);
	if (status < 0 || !*found)
		return status;
	status = find_hole(s, *generation, hole, found, err);
	return status < 0 || *found ? status : find_stale(s, *generation, stale, found, err);
}

int blocks_wanted(struct store *s, bool *wanted, struct buf *err)
{
	struct range hole;
	int64_t generation, stale;

	return find(s, &generation, &hole, &stale, wanted, err);
}

int blocks_step(struct store *s, bool *more, struct buf *err)
{
	struct range hole = {0, 0, 0};
	int64_t generation, stale;
	int status = find(s, &generation, &hole, &stale, more, err);

	if (status == 0 && stale) {
		status = drop_block(s, stale, err);
		if (status == 0)
			status = find_hole(s, generation, &hole, more, err);
	}
	return status < 0 || !*more ? status : make_block(s, generation, &hole, err);
}

int blocks_none(struct store *s, int64_t generation, bool *none, struct buf *err)
{
	int64_t n = 0;
	int status = 0;

	if (!s->passing)
		status = ask(s,
			"SELECT NOT EXISTS (SELECT 1 FROM fact_block WHERE gen=?1) AND"
			" (SELECT count(*) FROM (SELECT 1 FROM person LIMIT ?2)) = ?2",
			(int64_t[]){generation, LEAST, 0}, &n, 1, none, err);
	*none = n != 0;
	return status;
}

/* Whether a range has no blocks, and of the generation's customers as many as it says. */
static int is_free(
	struct store *s, int64_t generation, const struct range *r, bool *is, struct buf *err)
{
	int64_t n[2] = {0, 0};
	int status =
		ask(s, "SELECT coalesce(max(upto), 0) FROM fact_block WHERE gen=?1 AND after<?2",
			(int64_t[]){generation, r->upto, 0}, n, 1, is, err);

	if (status == 0)
		status = ask(s,
			"SELECT count(*) FROM customer WHERE gen=?1 AND customer>?2 AND "
			"customer<=?3",
			(int64_t[]){generation, r->after, r->upto}, n + 1, 1, is, err);
	*is = n[0] <= r->after && n[1] == r->customers;
	return status;
}

static int put_columns(struct store *s, int64_t id, const struct sheaf *from, struct buf *err)
{
	sqlite3_stmt *put;
	int status =
		store_prepare(s, "INSERT INTO fact_column(key, data) VALUES(?1, ?2)", &put, err);

	for (size_t i = 0; i < from->packed_n && status == 0; i++) {
		const struct sheaf_bytes *b = &from->packed[i];

		sqlite3_bind_int64(put, 1, block_key(id, b->table, b->column));
		sqlite3_bind_blob64(put, 2, from->bytes.s + b->at, b->len, SQLITE_STATIC);
		status = store_run(s, put, err);
	}
	sqlite3_finalize(put);
	return status;
}

int blocks_put(struct store *s, int64_t generation, int64_t after, const struct sheaf *from,
	struct buf *err)
{
	struct range r = {
		after, from->v[from->n - 1].customer, (int64_t)from->tables[FACT_TABLES - 1].n};
	int64_t id = 0;
	bool fits;
	int status = is_free(s, generation, &r, &fits, err);

	if (status < 0 || !fits || !from->plain)
		return status;
	status =
		store_one_number(s, "SELECT coalesce(max(id), 0) + 1 FROM fact_block", 0, &id, err);
	if (status == 0)
		status = put_columns(s, id, from, err);
	return status < 0 ? status : add_block(s, id, generation, &r, true, err);
}

int blocks_void(struct store *s, int64_t generation, int64_t customer, struct buf *err)
{
	int status =
		s->stale ? 0
			 : store_prepare(s,
				   "INSERT OR IGNORE INTO fact_stale(gen, customer) SELECT ?1, ?2"
				   " WHERE ?2<=(SELECT upto FROM fact_block WHERE gen=?1 AND"
				   " after<?2 ORDER BY after DESC LIMIT 1)",
				   &s->stale, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(s->stale, 1, generation);
	sqlite3_bind_int64(s->stale, 2, customer);
	return store_run(s, s->stale, err);
}

int blocks_sweep(struct store *s, int64_t shown, int64_t building, bool *more, struct buf *err)
{
	bool found;
	int64_t id = 0;
	int status = ask(s, "SELECT id FROM fact_block WHERE gen NOT IN (?1, ?2) LIMIT 1",
		(int64_t[]){shown, building, 0}, &id, 1, &found, err);

	*more |= found;
	if (status == 0 && found)
		return drop_block(s, id, err);
	return status < 0 ? status
			  : store_change(s, "DELETE FROM fact_stale WHERE gen NOT IN (?1, ?2)",
				    shown, building, 0, err);
}

int blocks_drop(struct store *s, struct buf *err)
{
	return store_exec(
		s, "DELETE FROM fact_block; DELETE FROM fact_column; DELETE FROM fact_stale", err);
}
