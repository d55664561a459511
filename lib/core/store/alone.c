#include "core/store/alone.h"
#include "base/mem.h"
#include "core/store/alone_table.h"
#include "core/store/blocks.h"
#include "core/store/erase.h"
#include "core/store/facts.h"
#include "core/store/sheaf_part.h"
#include "io/sorter.h"

#include <stdlib.h>

#define HOLD ((size_t)16 << 20) /* bytes of columns that are kept in memory */

/* ---- whether they hold ---- */

int alone_basis(struct store *s, const struct ontology *o, struct buf *out, struct buf *err)
{
	int64_t last = 0, erasures = 0, claimed = 0;
	int status = store_last(s, &last, err);

	if (status == 0)
		status = erase_count(s, &erasures, err);
	/* Who is who, derived anew, claims a generation. */
	if (status == 0)
		status = store_meta_number(s, "building", 0, &claimed, err);
	buf_clear(out);
	buf_printf(
		out, "%lld %lld %lld ", (long long)last, (long long)erasures, (long long)claimed);
	hash_hex(out, o->digest, sizeof(o->digest));
	return status;
}

/* The facts were never made, and would be as this program has them. */
static int are_none(struct store *s, const struct ontology *o, bool *none, struct buf *err)
{
	struct facts_state state;
	int status = facts_place(s, o, &state, err);

	*none = status == 0 && !state.built && state.same_layout;
	return status;
}

/* What those that were made last were made of; *are: they hold. */
static int look(
	struct store *s, const struct ontology *o, struct buf *kept, bool *are, struct buf *err)
{
	struct buf now = BUF_INIT;
	int status = store_meta(s, ALONE_KEY, kept, err);

	if (status == 0)
		status = alone_basis(s, o, &now, err);
	*are = status == 0 && str_eq(buf_str(kept), buf_str(&now));
	buf_release(&now);
	return status;
}

int alone_would_do(struct store *s, const struct ontology *o, bool *would, struct buf *err)
{
	struct buf kept = BUF_INIT;
	bool none = false, hold = false;
	int status = are_none(s, o, &none, err);

	if (status == 0 && none)
		status = blocks_enough(s, &none, err);
	if (status == 0 && none)
		status = look(s, o, &kept, &hold, err);
	*would = none && (hold || !kept.len);
	buf_release(&kept);
	return status;
}

int alone_hold(struct store *s, const struct ontology *o, bool *hold, struct buf *err)
{
	struct buf kept = BUF_INIT;
	int status = are_none(s, o, hold, err);

	if (status == 0 && *hold)
		status = look(s, o, &kept, hold, err);
	buf_release(&kept);
	return status;
}

/* ---- making them ---- */

struct alone {
	struct sorter *columns; /* by their keys, as if the first block were 0 */
	struct range {
		int64_t upto, customers;
	} * blocks;
	size_t n, cap;
	bool plain;
};

struct alone *alone_new(void)
{
	struct alone *a = mem_zero(1, sizeof(*a));

	a->columns = sorter_new(HOLD);
	a->plain = true;
	return a;
}

void alone_free(struct alone *a)
{
	if (!a)
		return;
	sorter_free(a->columns);
	free(a->blocks);
	free(a);
}

int alone_add(struct alone *a, const struct sheaf *packed, struct buf *err)
{
	int64_t block = (int64_t)a->n;
	int status = 0;

	a->plain &= packed->plain;
	*VEC_ADD(a, blocks, n, cap) = (struct range){
		packed->v[packed->n - 1].customer, (int64_t)packed->tables[CUSTOMERS].n};
	for (size_t i = 0; i < packed->packed_n && status == 0; i++) {
		const struct sheaf_bytes *b = &packed->packed[i];
		struct str bytes = {packed->bytes.s + b->at, b->len};

		status = sorter_put(a->columns, block_key(block, b->table, b->column), bytes, err);
	}
	return status;
}

/* Keys are those of the columns, in their order. */
static int put_columns(struct alone *a, struct store *s, int64_t first, struct buf *err)
{
	sqlite3_stmt *put;
	struct str bytes;
	int got = 1, status = store_prepare(
			     s, "INSERT INTO fact_column(key, data) VALUES(?1, ?2)", &put, err);

	while (status == 0 && (got = sorter_next(a->columns, &bytes, err)) == 1) {
		sqlite3_bind_int64(put, 1, block_key(first, 0, 0) + sorter_key(a->columns));
		sqlite3_bind_blob64(put, 2, bytes.s, bytes.len, SQLITE_STATIC);
		status = store_run(s, put, err);
	}
	sqlite3_finalize(put);
	return got < 0 ? STORE_ERROR : status;
}

static int put_all(struct alone *a, struct store *s, struct str basis, struct buf *err)
{
	int64_t first = 0, after = 0;
	int status = alone_drop(s, err);

	if (status == 0)
		status = blocks_next(s, &first, err);
	if (status == 0)
		status = put_columns(a, s, first, err);
	for (size_t i = 0; i < a->n && status == 0; i++) {
		bool last = i + 1 == a->n;

		status = blocks_add(s, first + (int64_t)i, after,
			last ? INT64_MAX : a->blocks[i].upto, a->blocks[i].customers, err);
		after = a->blocks[i].upto;
	}
	return status < 0 ? status : store_meta_set(s, ALONE_KEY, basis, err);
}

/* Whether the basis stands still, and nobody made facts meanwhile. */
static int stands(
	struct store *s, const struct ontology *o, struct str basis, bool *is, struct buf *err)
{
	struct buf now = BUF_INIT;
	int status = are_none(s, o, is, err);

	if (status == 0 && *is)
		status = alone_basis(s, o, &now, err);
	*is = *is && str_eq(buf_str(&now), basis);
	buf_release(&now);
	return status;
}

int alone_put(struct alone *a, struct store *s, const struct ontology *o, struct str basis,
	bool *done, struct buf *err)
{
	bool is = false;
	int status = 0;

	*done = false;
	if (!a->plain || !a->n)
		return 0;
	if (!store_writable(s) && !s->aside)
		status = facts_temporary(s, err);
	if (status == 0)
		status = store_begin(s, err);
	if (status < 0)
		return status;
	status = stands(s, o, basis, &is, err);
	if (status == 0 && is)
		status = alone_hold(s, o, done, err);
	if (status == 0 && is && !*done)
		status = put_all(a, s, basis, err);
	if (status == 0 && is) {
		*done = true;
		return store_commit(s, err);
	}
	store_rollback(s);
	return status;
}

int alone_void(struct store *s, struct buf *err)
{
	return store_exec(s, "UPDATE meta SET value='void' WHERE key='" ALONE_KEY "'", err);
}

int alone_drop(struct store *s, struct buf *err)
{
	bool was, more = true;
	int status = store_meta_drop(s, ALONE_KEY, &was, err);

	while (status == 0 && was && more)
		status = blocks_drop_one(s, &more, err);
	return status;
}

/* ---- reading ---- */

int alone_show(struct store *s, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < FACT_TABLES && status == 0; i++)
		if (alone_table_make(s->db, i) != SQLITE_OK)
			status = store_fail(s, err);
	store_facts_alone_sql(&sql);
	if (status == 0)
		status = store_exec(s, sql.s, err);
	buf_release(&sql);
	return status;
}
