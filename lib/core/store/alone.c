#include "core/store/alone.h"
#include "base/mem.h"
#include "core/store/alone_table.h"
#include "core/store/blocks.h"
#include "core/store/erase.h"
#include "core/store/facts.h"
#include "core/store/sheaf_part.h"

#include <stdlib.h>

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
	struct store *s;
	const struct ontology *ontology;
	struct str basis;
	struct range {
		int64_t block, upto;
	} * blocks;
	size_t n, cap;
	int64_t generation; /* of theirs until they are shown */
	bool fits;	    /* so far */
};

struct alone *alone_new(struct store *s, const struct ontology *o, struct str basis)
{
	struct alone *a = mem_zero(1, sizeof(*a));

	a->s = s;
	a->ontology = o;
	a->basis = basis;
	a->generation = blocks_hidden();
	a->fits = true;
	return a;
}

void alone_free(struct alone *a)
{
	if (!a)
		return;
	free(a->blocks);
	free(a);
}

/* Whether the basis stands still, and nobody made facts meanwhile. */
static int stands(const struct alone *a, bool *is, struct buf *err)
{
	struct buf now = BUF_INIT;
	int status = are_none(a->s, a->ontology, is, err);

	if (status == 0 && *is)
		status = alone_basis(a->s, a->ontology, &now, err);
	*is = *is && str_eq(buf_str(&now), a->basis);
	buf_release(&now);
	return status;
}

static int add_block(struct alone *a, const struct sheaf *packed, struct buf *err)
{
	int64_t after = a->n ? a->blocks[a->n - 1].upto : 0, block = 0;
	int status = stands(a, &a->fits, err);

	if (status == 0 && a->fits)
		status = blocks_lay(a->s, a->generation, after, packed, &block, err);
	if (status == 0 && a->fits)
		*VEC_ADD(a, blocks, n, cap) =
			(struct range){block, packed->v[packed->n - 1].customer};
	return status;
}

int alone_add(struct alone *a, const struct sheaf *packed, bool *fits, struct buf *err)
{
	int status = 0;

	a->fits &= packed->plain;
	if (a->fits) {
		status = store_begin(a->s, err);
		if (status < 0)
			return status;
		status = add_block(a, packed, err);
		if (status == 0)
			status = store_commit(a->s, err);
		else
			store_rollback(a->s);
	}
	*fits = a->fits;
	return status;
}

/* All of them come to be those of the generation that is shown. *done false: some are gone. */
static int show_blocks(struct alone *a, bool *done, struct buf *err)
{
	int64_t generation;
	int status = store_meta_number(a->s, "generation", 1, &generation, err);

	*done = true;
	for (size_t i = 0; i < a->n && status == 0 && *done; i++) {
		status = blocks_hand_over(
			a->s, a->blocks[i].block, a->generation, generation, done, err);
		if (status == 0 && i + 1 == a->n)
			status = blocks_reach(a->s, a->blocks[i].block, INT64_MAX, err);
	}
	return status < 0 || !*done ? status : store_meta_set(a->s, ALONE_KEY, a->basis, err);
}

int alone_end(struct alone *a, bool *done, struct buf *err)
{
	bool hold = false;
	int status;

	*done = false;
	if (!a->fits || !a->n)
		return 0;
	status = store_begin(a->s, err);
	if (status < 0)
		return status;
	status = stands(a, &a->fits, err);
	if (status == 0 && a->fits)
		status = alone_hold(a->s, a->ontology, &hold, err);
	if (status == 0 && a->fits && !hold)
		status = show_blocks(a, done, err);
	if (status == 0 && *done)
		return store_commit(a->s, err);
	store_rollback(a->s);
	*done = hold;
	return status;
}

int alone_void(struct store *s, struct buf *err)
{
	return store_exec(s, "UPDATE meta SET value='void' WHERE key='" ALONE_KEY "'", err);
}

int alone_drop(struct store *s, struct buf *err)
{
	int64_t generation;
	bool was = false;
	int status = store_meta_number(s, "generation", 1, &generation, err);

	if (status == 0)
		status = store_meta_drop(s, ALONE_KEY, &was, err);
	return status < 0 || !was ? status : blocks_hide(s, generation, err);
}

int alone_sweep(struct store *s, bool *more, struct buf *err)
{
	return blocks_drop_hidden(s, more, err);
}

/* ---- reading ---- */

static int show(struct store *s, struct buf *err)
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

int alone_read(struct store *s, struct store *beside, const struct ontology *o, bool *same,
	bool *shown, struct buf *err)
{
	int status = store_read_both(s, beside, same, err);

	*shown = false;
	if (status < 0)
		return status;
	status = alone_hold(s, o, shown, err);
	if (status == 0 && *shown)
		status = show(s, err);
	if (status == 0 && *shown && *same)
		status = show(beside, err);
	if (status < 0 || !*shown) {
		store_read_end(s);
		if (*same)
			store_read_end(beside);
	}
	return status;
}
