#include "core/store/facts.h"
#include "core/store/alone.h"
#include "core/store/blocks.h"
#include "core/store/internal.h"
#include "base/die.h"

#include <stdlib.h>

#define FACT_CELLS 65 /* columns of a view, at most: those of its table, and who */
#define GATHER 4000   /* records whose customers are touched in one transaction */

static void digest_text(struct buf *out, const struct ontology *o)
{
	hash_hex(out, o->digest, sizeof(o->digest));
}

int facts_place(struct store *s, const struct ontology *o, struct facts_state *out, struct buf *err)
{
	struct buf kept = BUF_INIT, now = BUF_INIT;
	int64_t layout = 0;
	int status = store_meta_number(s, "generation", 1, &out->generation, err);

	if (status == 0)
		status = store_meta_number(s, "building", 0, &out->building, err);
	if (status == 0)
		status = store_meta(s, "ontology_digest", &kept, err);
	digest_text(&now, o);
	if (status == 0)
		status = store_meta_number(s, "facts", 1, &layout, err);
	out->same_layout = layout == FACTS_VERSION;
	out->built = kept.len != 0;
	out->same_ontology = str_eq(buf_str(&kept), buf_str(&now));
	buf_release(&kept);
	buf_release(&now);
	return status;
}

int facts_state(struct store *s, const struct ontology *o, struct facts_state *out, struct buf *err)
{
	int64_t last = 0, gathered = 0;
	int status = facts_place(s, o, out, err);

	if (status == 0)
		status = store_one_number(s,
			"SELECT (SELECT count(*) FROM touched) + (SELECT count(*) FROM "
			"touched_session)",
			0, &out->waiting, err);
	if (status == 0)
		status = store_last(s, &last, err);
	if (status == 0)
		status = store_meta_number(s, "gathered", 0, &gathered, err);
	out->waiting += last - gathered;
	return status;
}

int facts_gathered(struct store *s, int64_t *seq, struct buf *err)
{
	return store_meta_number(s, "gathered", 0, seq, err);
}

int facts_keep_gathered(struct store *s, struct buf *err)
{
	int64_t last;
	int status = store_last(s, &last, err);

	return status < 0 ? status : store_meta_keep(s, "gathered", last, err);
}

/* Touches whom records after a sequence are of; *upto: the last of them. */
static int gather(struct store *s, int64_t *upto, struct buf *err)
{
	struct gathered {
		int64_t seq, session, ident, time, order, customer;
	} one, before = {0};
	sqlite3_stmt *st;
	int status = store_query(s, Q_TAIL, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, *upto);
	sqlite3_bind_int64(st, 2, GATHER);
	while ((status = store_step(s, st, err)) == 1) {
		one = (struct gathered){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
			sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
			sqlite3_column_int64(st, 4), before.customer};
		if (one.session != before.session || one.ident != before.ident || !one.ident)
			status = store_customer(s, one.session, one.ident, one.time, one.order,
				one.seq, &one.customer, err);
		if (status >= 0)
			status = store_touch(s, one.customer, one.seq, err);
		if (status < 0)
			break;
		*upto = one.seq;
		before = one;
	}
	sqlite3_reset(st);
	return status;
}

/* For the first time: whoever there is. */
static int gather_all(struct store *s, struct buf *err)
{
	int status = store_exec(s,
		"INSERT OR REPLACE INTO touched(customer, mark)"
		" SELECT key, (SELECT max(seq) FROM event) FROM person",
		err);

	return status < 0 ? status : facts_keep_gathered(s, err);
}

int facts_gather(struct store *s, bool *more, struct buf *err)
{
	int64_t from, upto;
	int status = facts_gathered(s, &from, err);

	*more = false;
	if (status == 0 && !from)
		return gather_all(s, err);
	upto = from;
	if (status == 0)
		status = gather(s, &upto, err);
	*more = upto > from;
	return status < 0 || !*more ? status : store_meta_keep(s, "gathered", upto, err);
}

int facts_claim(struct store *s, int64_t *generation, struct buf *err)
{
	int64_t shown = 1, building = 0;
	int status = store_meta_number(s, "generation", 1, &shown, err);

	if (status == 0)
		status = store_meta_number(s, "building", 0, &building, err);
	if (status < 0)
		return status;
	*generation = (shown > building ? shown : building) + 1;
	return store_meta_keep(s, "building", *generation, err);
}

int facts_expand(struct store *s, bool *more, struct buf *err)
{
	return identity_expand(s, more, err);
}

int facts_keep_ontology(struct store *s, const struct ontology *o, struct buf *err)
{
	struct buf now = BUF_INIT;
	int status;

	digest_text(&now, o);
	status = store_meta_set(s, "ontology_digest", buf_str(&now), err);
	if (status == 0)
		status = store_meta_set(s, "ontology", str_of(o->label), err);
	buf_release(&now);
	return status;
}

int facts_touched(
	struct store *s, int64_t after, struct touched *out, size_t n, size_t *got, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_TOUCHED, &st, err);

	*got = 0;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, after);
	sqlite3_bind_int64(st, 2, (int64_t)n);
	while ((status = store_step(s, st, err)) == 1)
		out[(*got)++] =
			(struct touched){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1)};
	return status;
}

int facts_touched_count(struct store *s, int64_t *n, bool *most, struct buf *err)
{
	int64_t others = 0;
	int status = store_one_number(s, "SELECT count(*) FROM touched", 0, n, err);

	/* Not how many people there are, who may be very many: whether there are twice as many. */
	if (status == 0 && *n)
		status = store_one_number(s,
			"SELECT count(*) FROM (SELECT 1 FROM person LIMIT 2 * ?1)", *n, &others,
			err);
	*most = 2 * *n > others;
	return status;
}

int facts_still_touched(struct store *s, int64_t customer, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_TOUCHED_STILL, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, customer);
	status = store_step(s, st, err);
	sqlite3_reset(st);
	return status;
}

int facts_done(struct store *s, const struct touched *t, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_TOUCHED_DONE, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, t->customer);
	sqlite3_bind_int64(st, 2, t->mark);
	return store_run(s, st, err);
}

int facts_switch(struct store *s, int64_t generation, int64_t seq, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status;

	/*
	 * What was touched up to seq was folded after it. A later record may have moved others of
	 * its session, and an update may have folded them into the generation that was shown: all
	 * people of its session are folded anew.
	 */
	buf_printf(&sql,
		"DELETE FROM touched WHERE mark<=%lld; DELETE FROM touched_session WHERE "
		"mark<=%lld;"
		"INSERT OR REPLACE INTO touched_session(session, mark)"
		" SELECT session, max(seq) FROM event WHERE seq>%lld GROUP BY session",
		(long long)seq, (long long)seq, (long long)seq);
	status = store_exec(s, sql.s, err);
	buf_release(&sql);
	if (status == 0)
		status = facts_keep_gathered(s, err);
	/* Blocks of the generation that goes are swept. */
	if (status == 0)
		status = store_meta_drop(s, ALONE_KEY, NULL, err);
	return status < 0 ? status : store_meta_keep(s, "generation", generation, err);
}

int facts_forget(struct store *s, int64_t customer, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status = 0;

	for (size_t t = 0; t < FACT_TABLES && status == 0; t++) {
		/* From one generation to the next: there are few, and of many rows each. */
		buf_clear(&sql);
		buf_printf(&sql,
			"WITH RECURSIVE g(gen) AS (SELECT min(gen) FROM \"%s\" UNION ALL"
			" SELECT (SELECT min(gen) FROM \"%s\" WHERE gen>g.gen) FROM g WHERE gen IS "
			"NOT NULL)"
			" DELETE FROM \"%s\" WHERE gen IN (SELECT gen FROM g) AND customer=%lld",
			facts_table(t), facts_table(t), facts_table(t), (long long)customer);
		status = store_exec(s, sql.s, err);
	}
	buf_release(&sql);
	if (status == 0)
		status = alone_void(s, err);
	return status < 0 ? status : blocks_forget(s, customer, err);
}

/* The next generation of a table that is neither of two; 0: there is none. */
static int dead_generation(struct store *s, size_t table, int64_t shown, int64_t building,
	int64_t *out, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int64_t after = INT64_MIN;
	int status;

	do {
		buf_clear(&sql);
		buf_printf(&sql, "SELECT coalesce(min(gen), 0) FROM \"%s\" WHERE gen>%lld",
			facts_table(table), (long long)after);
		status = store_one_number(s, sql.s, 0, out, err);
		after = *out;
	} while (status == 0 && *out && (*out == shown || *out == building));
	buf_release(&sql);
	return status;
}

int facts_sweep(struct store *s, bool *more, struct buf *err)
{
	int64_t shown, building = 0, dead;
	struct buf sql = BUF_INIT;
	int status = store_meta_number(s, "generation", 1, &shown, err);

	if (status == 0)
		status = store_meta_number(s, "building", 0, &building, err);
	*more = false;
	for (size_t t = 0; t < FACT_TABLES && status == 0; t++) {
		status = dead_generation(s, t, shown, building, &dead, err);
		if (status < 0 || !dead)
			continue;
		buf_clear(&sql);
		buf_printf(&sql,
			"DELETE FROM \"%s\" WHERE gen=%lld AND customer IN"
			" (SELECT customer FROM \"%s\" WHERE gen=%lld LIMIT 2000)",
			facts_table(t), (long long)dead, facts_table(t), (long long)dead);
		status = store_exec(s, sql.s, err);
		*more = true;
	}
	buf_release(&sql);
	return status < 0 ? status : blocks_sweep(s, shown, building, more, err);
}

int facts_renew(struct store *s, struct buf *err)
{
	static const char *const kept[] = {"ontology_digest", "gathered", "building", ALONE_KEY};
	struct buf sql = BUF_INIT;
	int status;

	facts_finish(s);
	store_facts_drop_sql(&sql);
	store_facts_sql(&sql);
	status = store_exec(s, sql.s, err);
	buf_release(&sql);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]) && status == 0; i++)
		status = store_meta_drop(s, kept[i], NULL, err);
	return status;
}

int facts_temporary(struct store *s, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status;

	for (int i = 0; i < Q_COUNT; i++) {
		sqlite3_finalize(s->q[i]);
		s->q[i] = NULL;
	}
	facts_finish(s);
	s->aside = true;
	store_facts_temporary_sql(&sql);
	status = store_exec(s, sql.s, err);
	buf_release(&sql);
	return status;
}

static void read_cells(sqlite3_stmt *st, struct fact_cell *cells, int n)
{
	for (int i = 0; i < n; i++) {
		int type = sqlite3_column_type(st, i);

		cells[i] = (struct fact_cell){.name = sqlite3_column_name(st, i),
			.null = type == SQLITE_NULL,
			.number = type == SQLITE_INTEGER || type == SQLITE_FLOAT};
		cells[i].text.s = (const char *)sqlite3_column_text(st, i);
		cells[i].text.len = (size_t)sqlite3_column_bytes(st, i);
	}
}

int facts_read(struct store *s, const char *view, int64_t customer, int64_t since, int64_t until,
	int (*visit)(void *ctx, const struct fact_cell *cells, size_t n, struct buf *err),
	void *ctx, struct buf *err)
{
	struct fact_cell cells[FACT_CELLS];
	struct buf sql = BUF_INIT;
	sqlite3_stmt *st;
	int status, n;

	buf_printf(&sql,
		"SELECT * FROM \"%s\" WHERE started>=?2 AND started<?3%s ORDER BY customer, "
		"started",
		view, customer ? " AND customer=?1" : "");
	status = store_prepare(s, sql.s, &st, err);
	buf_release(&sql);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, customer);
	sqlite3_bind_int64(st, 2, since);
	sqlite3_bind_int64(st, 3, until);
	n = sqlite3_column_count(st);
	if (n > FACT_CELLS)
		BUG("a fact of more columns than are read");
	while ((status = store_step(s, st, err)) == 1) {
		read_cells(st, cells, n);
		status = visit(ctx, cells, (size_t)n, err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	return status;
}
