#include "core/store/blocks.h"
#include "base/die.h"
#include "base/hash.h"
#include "base/mem.h"
#include "core/store/alone.h"
#include "core/store/frame.h"
#include "core/store/internal.h"
#include "core/store/sheaf_part.h"

#include <math.h>
#include <stdlib.h>

#define LEAST 2000	      /* customers of a generation for which there are blocks */
#define MOST_CUSTOMERS 1024   /* of a block */
#define MOST_RECORDS 20000    /* about as many of theirs, where one has fewer */
#define MERGED_CUSTOMERS 4096 /* of one that is made of itself, which is quicker */
#define MERGED_CONTACTS 40000
#define STALE_SHARE 8 /* a block of which one in so many customers is stale is made anew */

_Static_assert(FACT_TABLES <= BLOCK_TABLES, "tables that have no keys");

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

/* ---- rows ---- */

/* Rows of one table that are read, and the text that each column had in the one before; 0: none. */
struct filling {
	struct sheaf *to;
	struct sheaf_table *table;
	int64_t last[BLOCK_COLUMNS];
	bool plain;
};

static void fill_table(struct filling *f, struct sheaf *to, size_t table)
{
	*f = (struct filling){.to = to, .table = &to->tables[table], .plain = true};
}

/* Most rows have what the row before has. */
static int64_t code_of(struct filling *f, int column, struct str text)
{
	int64_t *last = &f->last[column];

	if (!*last || !str_eq(codes_text(&f->to->texts, *last), text))
		*last = codes_of(&f->to->texts, text);
	return *last;
}

/* Clears plain where columns cannot have it. */
static void take_cell(struct filling *f, sqlite3_stmt *st, int at)
{
	struct sheaf_column *c = &f->table->v[at];
	union column_value *v = &c->v[f->table->n];
	int type = sqlite3_column_type(st, at);

	v->n = COLUMN_NULL;
	if (c->type == COLUMN_REAL)
		v->real = type == SQLITE_FLOAT ? sqlite3_column_double(st, at) : (double)NAN;
	else if (type == SQLITE_TEXT && c->type == COLUMN_TEXT)
		v->n = code_of(f, at, store_column(st, at));
	else if (type == SQLITE_INTEGER && c->type == COLUMN_INT)
		v->n = sqlite3_column_int64(st, at);
	f->plain &=
		type == SQLITE_NULL || type == (c->type == COLUMN_REAL		? SQLITE_FLOAT
						       : c->type == COLUMN_TEXT ? SQLITE_TEXT
										: SQLITE_INTEGER);
}

static int read_rows(struct store *s, sqlite3_stmt *st, struct filling *f, struct buf *err)
{
	int status;

	f->table->columns = sqlite3_column_count(st);
	if (f->table->columns > BLOCK_COLUMNS)
		BUG("a fact of more columns than a block has");
	for (int i = 0; i < f->table->columns; i++)
		f->table->v[i].type = block_type(sqlite3_column_decltype(st, i));
	for (; (status = store_step(s, st, err)) == 1; f->table->n++) {
		sheaf_room(f->table, 1);
		for (int i = BLOCK_CUSTOMER; i < f->table->columns; i++)
			take_cell(f, st, i);
	}
	return status;
}

/* What the tables have of a range. */
static int read_tables(struct store *s, int64_t generation, const struct range *r, struct sheaf *to,
	bool *plain, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status = 0;

	for (size_t t = 0; t < FACT_TABLES && status == 0; t++) {
		struct filling f;
		sqlite3_stmt *st;

		if (t == ENTITIES)
			continue;
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
		fill_table(&f, to, t);
		status = read_rows(s, st, &f, err);
		*plain &= f.plain;
		sqlite3_finalize(st);
	}
	buf_release(&sql);
	return status;
}

static void copy_rows(
	const struct frame *from, const struct layout *l, struct sheaf_table *to, size_t rows)
{
	sheaf_room(to, rows);
	for (size_t c = BLOCK_CUSTOMER; c < l->n && rows; c++)
		memcpy(&to->v[c].v[to->n], frame_column(from, c - BLOCK_CUSTOMER),
			rows * sizeof(*to->v[c].v));
	to->n += rows;
}

/* One table of a block, and for who is stale what the table has. */
static int merge_table(struct store *s, int64_t block, size_t table, struct sheaf *to, bool *plain,
	struct buf *err)
{
	struct layout l = {0, NULL, 0, 0};
	size_t columns[BLOCK_COLUMNS], rows = 1;
	struct frame *from = NULL;
	int status = layout_read(&l, s->db, facts_table(table), err);

	to->tables[table].columns = (int)l.n;
	for (size_t c = BLOCK_CUSTOMER; c < l.n; c++) {
		columns[c - BLOCK_CUSTOMER] = c;
		to->tables[table].v[c].type = l.v[c].type;
	}
	if (status == 0)
		status = frame_open_block(
			&from, s->db, &l, columns, l.n - BLOCK_CUSTOMER, &to->texts, block, err);
	*plain &= from != NULL;
	while (status == 0 && from && rows) {
		status = frame_next(from, &rows, err);
		if (status == 0)
			copy_rows(from, &l, &to->tables[table], rows);
	}
	frame_free(from);
	layout_release(&l);
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

static int forget_stale(struct store *s, int64_t generation, const struct range *r, struct buf *err)
{
	return store_change(s,
		"DELETE FROM fact_stale WHERE gen=?1 AND customer>?2 AND customer<=?3", generation,
		r->after, r->upto, err);
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

/* A block of what is in a sheaf. */
static int put_block(struct store *s, int64_t generation, const struct range *r,
	const struct sheaf *from, bool plain, int64_t *id, struct buf *err)
{
	int status =
		store_one_number(s, "SELECT coalesce(max(id), 0) + 1 FROM fact_block", 0, id, err);

	if (status == 0 && plain)
		status = put_columns(s, *id, from, err);
	return status < 0 ? status : add_block(s, *id, generation, r, plain, err);
}

static int make_block(struct store *s, int64_t generation, struct range *r, struct buf *err)
{
	struct sheaf *all = sheaf_new();
	int64_t id = 0;
	bool plain = true;
	int status = cut_range(s, generation, r, err);

	if (status == 0)
		status = read_tables(s, generation, r, all, &plain, err);
	if (status == 0)
		sheaf_pack(all);
	if (status == 0)
		status = put_block(s, generation, r, all, plain && all->plain, &id, err);
	sheaf_free(all);
	return status < 0 ? status : forget_stale(s, generation, r, err);
}

/* Its range, and whether what is to be read of it and of who is stale is little enough. */
static int see_block(struct store *s, int64_t id, struct range *r, bool *little, struct buf *err)
{
	int64_t n[4] = {0, 0, 0, 0};
	bool found;
	int status = ask(s,
		"SELECT after, upto, customers, (SELECT count(*) FROM fact_stale AS s WHERE"
		" s.gen=b.gen AND s.customer>b.after AND s.customer<=b.upto)"
		" FROM fact_block AS b WHERE id=?1",
		(int64_t[]){id, 0, 0}, n, 4, &found, err);

	*r = (struct range){n[0], n[1], n[2]};
	*little = n[3] <= MOST_CUSTOMERS && n[2] + n[3] <= MERGED_CUSTOMERS;
	return status;
}

/*
 * A block anew from what it has and what the tables have of those who are stale. *done false: it
 * has to be made of the tables alone, perhaps as several.
 */
static int renew_block(struct store *s, int64_t generation, int64_t id, bool *done, struct buf *err)
{
	struct sheaf *all = sheaf_new();
	size_t place = err->len;
	bool plain = true;
	struct range r;
	int status = see_block(s, id, &r, &plain, err);

	for (size_t t = 0; t < FACT_TABLES && status == 0 && plain; t++)
		status = t == ENTITIES ? 0 : merge_table(s, id, t, all, &plain, err);
	r.customers = (int64_t)all->tables[CUSTOMERS].n;
	*done = status == 0 && plain && all->tables[0].n <= MERGED_CONTACTS;
	/* What is wrong with it is no matter where the tables are right. */
	if (status < 0)
		buf_cut(err, place);
	status = 0;
	if (*done) {
		sheaf_pack(all);
		*done = all->plain;
	}
	if (*done)
		status = drop_block(s, id, err);
	if (*done && status == 0)
		status = put_block(s, generation, &r, all, true, &id, err);
	if (*done && status == 0)
		status = forget_stale(s, generation, &r, err);
	sheaf_free(all);
	return status;
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
	bool done = false;
	int status = find(s, &generation, &hole, &stale, more, err);

	if (status == 0 && stale) {
		status = renew_block(s, generation, stale, &done, err);
		if (done || status < 0)
			return status;
		status = drop_block(s, stale, err);
		if (status == 0)
			status = find_hole(s, generation, &hole, more, err);
	}
	return status < 0 || !*more ? status : make_block(s, generation, &hole, err);
}

int blocks_enough(struct store *s, bool *are, struct buf *err)
{
	int64_t n = 0;
	int status = store_one_number(
		s, "SELECT count(*) FROM (SELECT 1 FROM person LIMIT ?1)", LEAST, &n, err);

	*are = n == LEAST;
	return status;
}

int blocks_none(struct store *s, int64_t generation, bool *none, struct buf *err)
{
	int64_t n = 1;
	int status = 0;

	if (!s->passing)
		status =
			store_one_number(s, "SELECT EXISTS (SELECT 1 FROM fact_block WHERE gen=?1)",
				generation, &n, err);
	*none = n == 0;
	return status < 0 || !*none ? status : blocks_enough(s, none, err);
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

static struct range range_of(const struct sheaf *from, int64_t after)
{
	return (struct range){
		after, from->v[from->n - 1].customer, (int64_t)from->tables[CUSTOMERS].n};
}

int blocks_put(struct store *s, int64_t generation, int64_t after, const struct sheaf *from,
	struct buf *err)
{
	const struct range r = range_of(from, after);
	int64_t id = 0;
	bool fits;
	int status = is_free(s, generation, &r, &fits, err);

	return status < 0 || !fits || !from->plain
		       ? status
		       : put_block(s, generation, &r, from, true, &id, err);
}

int64_t blocks_hidden(void)
{
	uint32_t some;

	random_bytes(&some, sizeof(some));
	return -1 - (int64_t)some;
}

int blocks_lay(struct store *s, int64_t generation, int64_t after, const struct sheaf *from,
	int64_t *id, struct buf *err)
{
	const struct range r = range_of(from, after);

	return put_block(s, generation, &r, from, true, id, err);
}

int blocks_hand_over(
	struct store *s, int64_t id, int64_t from, int64_t to, bool *was, struct buf *err)
{
	int status = store_change(
		s, "UPDATE fact_block SET gen=?3 WHERE id=?1 AND gen=?2", id, from, to, err);

	*was = status == 0 && sqlite3_changes(s->db) == 1;
	return status;
}

int blocks_hide(struct store *s, int64_t generation, struct buf *err)
{
	return store_change(s, "UPDATE fact_block SET gen=?2 WHERE gen=?1", generation,
		blocks_hidden(), 0, err);
}

int blocks_reach(struct store *s, int64_t id, int64_t upto, struct buf *err)
{
	return store_change(s, "UPDATE fact_block SET upto=?2 WHERE id=?1", id, upto, 0, err);
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

int blocks_drop_hidden(struct store *s, bool *more, struct buf *err)
{
	int64_t id = 0;
	int status = ask(s, "SELECT id FROM fact_block WHERE gen<0 LIMIT 1", (int64_t[]){0, 0, 0},
		&id, 1, more, err);

	return status < 0 || !*more ? status : drop_block(s, id, err);
}

int blocks_forget(struct store *s, int64_t customer, struct buf *err)
{
	static const char which[] =
		"SELECT id FROM fact_block AS b WHERE gen<>?2 OR after<?1 AND upto>=?1 OR"
		" EXISTS (SELECT 1 FROM fact_stale WHERE gen=b.gen AND customer>b.after AND"
		" customer<=b.upto) OR"
		" ?3 OR EXISTS (SELECT 1 FROM touched) OR EXISTS (SELECT 1 FROM touched_session) OR"
		" EXISTS (SELECT 1 FROM meta WHERE key='" ALONE_KEY "') LIMIT 1";
	int64_t shown, gathered, id = 0;
	bool found = true;
	int status = store_meta_number(s, "generation", 1, &shown, err);

	if (status == 0)
		status = facts_gathered(s, &gathered, err);
	while (status == 0 && found) {
		status = ask(s, which, (int64_t[]){customer, shown, gathered < s->begun}, &id, 1,
			&found, err);
		if (status == 0 && found)
			status = drop_block(s, id, err);
	}
	return status < 0 ? status
			  : store_exec(s,
				    "DELETE FROM fact_stale WHERE NOT EXISTS (SELECT 1 FROM"
				    " fact_block AS b WHERE b.gen=fact_stale.gen AND"
				    " b.after<fact_stale.customer AND b.upto>=fact_stale.customer)",
				    err);
}
