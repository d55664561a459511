#include "core/store/facts.h"
#include "core/store/internal.h"

#include <stdlib.h>

#define GATHER 4000 /* records whose customers are touched in one transaction */

/* Values of one row, bound from the left. */
struct cells {
	const struct fold *f;
	sqlite3_stmt *st;
	int at;
};

static void num(struct cells *c, int64_t n)
{
	sqlite3_bind_int64(c->st, ++c->at, n);
}

/* A time, or any number of which 0 means none. */
static void opt(struct cells *c, int64_t n)
{
	if (n)
		num(c, n);
	else
		sqlite3_bind_null(c->st, ++c->at);
}

static void word(struct cells *c, const char *s)
{
	if (s)
		sqlite3_bind_text(c->st, ++c->at, s, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(c->st, ++c->at);
}

static void text(struct cells *c, int32_t id)
{
	struct str s = fold_text(c->f, id);

	c->at++;
	if (s.len)
		store_bind(c->st, c->at, s);
	else
		sqlite3_bind_null(c->st, c->at);
}

static const char *speaker(enum word w)
{
	return w == WORD_HERS ? "customer" : w == WORD_OURS ? "company" : NULL;
}

static const char *class_of(const struct fold *f, const struct contact *c)
{
	return f->ontology->classes[c->class].id;
}

static void put_contact(struct cells *k, const struct contact *c)
{
	const struct fold *f = k->f;

	num(k, c->id);
	text(k, c->source), text(k, c->session), text(k, c->channel);
	word(k, class_of(f, c));
	word(k, c->hers ? "customer" : "company");
	num(k, c->started), num(k, c->ended);
	num(k, c->hers), num(k, c->handled);
	text(k, c->case_id);
	word(k, c->intent ? c->intent->id : NULL);
	text(k, c->family);
	num(k, c->inherited);
	text(k, c->lang), text(k, c->region), text(k, c->stage), text(k, c->agent);
	opt(k, c->first_in), opt(k, c->answered_any), opt(k, c->answered_human),
		opt(k, c->answered_useful);
	opt(k, c->closed), opt(k, c->closed_last), opt(k, c->reopened);
	word(k, speaker(c->last_word));
	num(k, c->last_asks);
	opt(k, c->next_in), opt(k, c->next_started);
	num(k, c->next_matter);
	text(k, c->next_channel);
	opt(k, c->next_matter_started);
	num(k, f->contacts[f->issues[c->issue].first].id);
	num(k, f->known), num(k, c->assumed);
	num(k, c->escalations), num(k, c->transfers), num(k, c->handoffs);
	text(k, c->escalation_reason);
	num(k, c->events), num(k, c->her_words), num(k, c->our_words);
	text(k, c->abandoned);
	num(k, c->human), num(k, c->bot), num(k, !c->wait_unknown);
}

static void put_issue(struct cells *k, const struct issue *is)
{
	const struct contact *c = &k->f->contacts[is->first];

	num(k, c->id);
	word(k, c->hers ? "customer" : "company");
	text(k, is->case_id), text(k, is->family);
	word(k, c->intent ? c->intent->id : NULL);
	text(k, c->region), text(k, c->lang), text(k, c->source), text(k, c->channel);
	word(k, class_of(k->f, c));
	text(k, c->stage), text(k, c->agent);
	num(k, is->started), num(k, is->ended);
	num(k, is->contacts), num(k, is->her_contacts), num(k, is->channels);
	num(k, is->single), num(k, is->open);
	num(k, c->ended), num(k, c->handled);
	opt(k, c->closed);
	word(k, speaker(c->last_word));
	num(k, c->last_asks);
	opt(k, c->next_in), opt(k, is->later_started), opt(k, is->closed),
		opt(k, is->reopen_started);
	num(k, is->reopen_other_channel);
	opt(k, is->case_reopened);
	num(k, is->transfers), num(k, is->escalations), num(k, is->switches);
	num(k, k->f->known), num(k, is->assumed);
}

static void put_switch(struct cells *k, const struct switched *w)
{
	const struct contact *a = &k->f->contacts[w->from], *b = &k->f->contacts[w->to];

	num(k, b->id), num(k, a->id), num(k, b->id);
	num(k, k->f->contacts[k->f->issues[b->issue].first].id);
	text(k, a->channel), text(k, b->channel), text(k, b->channel);
	word(k, class_of(k->f, b));
	text(k, b->source);
	word(k, b->intent ? b->intent->id : NULL);
	text(k, b->family), text(k, b->region), text(k, b->lang), text(k, b->stage),
		text(k, b->agent);
	num(k, w->gap), num(k, b->started), num(k, b->ended);
	opt(k, b->spoke);
	num(k, w->joined), num(k, w->asked_who), num(k, w->asked_known);
	opt(k, b->closed);
	word(k, speaker(b->last_word));
	num(k, b->last_asks);
	opt(k, b->next_in), opt(k, w->next_switch_started), opt(k, b->next_matter_started);
	num(k, k->f->known), num(k, a->assumed + b->assumed);
}

static void put_move(struct cells *k, const struct move *m)
{
	static const char *const kinds[] = {[MOVE_TRANSFER] = "transfer",
		[MOVE_HANDOFF] = "handoff",
		[MOVE_ESCALATION] = "escalation"};
	const struct contact *c = &k->f->contacts[m->contact];

	num(k, c->id), num(k, m->at);
	word(k, kinds[m->kind]);
	num(k, k->f->contacts[k->f->issues[c->issue].first].id);
	text(k, m->reason), text(k, m->from), text(k, m->to), text(k, c->channel);
	word(k, class_of(k->f, c));
	text(k, c->source);
	word(k, c->intent ? c->intent->id : NULL);
	text(k, c->family), text(k, c->region), text(k, c->lang), text(k, c->stage),
		text(k, c->agent);
	num(k, c->started), num(k, k->f->known);
}

static void begin_row(struct cells *k, int64_t generation, int64_t customer)
{
	k->at = 0;
	num(k, generation);
	num(k, customer);
}

static const struct {
	const char *table;
	int columns;
} tables[] = {{"contact", 48}, {"issue", 37}, {"switch", 32}, {"move", 20}};

static int insert_statement(struct store *s, size_t table, sqlite3_stmt **out, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status;

	*out = s->insert[table];
	if (*out)
		return 0;
	buf_printf(&sql, "INSERT INTO \"%s\" VALUES(?1", tables[table].table);
	for (int i = 2; i <= tables[table].columns; i++)
		buf_printf(&sql, ",?%d", i);
	buf_byte(&sql, ')');
	status = store_prepare(s, sql.s, &s->insert[table], err);
	*out = s->insert[table];
	buf_release(&sql);
	return status;
}

static int insert_table(struct store *s, size_t table, int64_t generation, int64_t customer,
	const struct fold *f, struct buf *err)
{
	const size_t counts[] = {f->contact_n, f->issue_n, f->switch_n, f->move_n};
	struct cells k = {f, NULL, 0};
	int status = insert_statement(s, table, &k.st, err);

	for (size_t i = 0; i < counts[table] && status == 0; i++) {
		begin_row(&k, generation, customer);
		if (table == 0)
			put_contact(&k, &f->contacts[i]);
		else if (table == 1)
			put_issue(&k, &f->issues[i]);
		else if (table == 2)
			put_switch(&k, &f->switches[i]);
		else
			put_move(&k, &f->moves[i]);
		status = store_run(s, k.st, err);
	}
	return status;
}

static int remove_customer(
	struct store *s, size_t table, int64_t generation, int64_t customer, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status = 0;

	if (!s->remove[table]) {
		buf_printf(&sql, "DELETE FROM \"%s\" WHERE gen=?1 AND customer=?2",
			tables[table].table);
		status = store_prepare(s, sql.s, &s->remove[table], err);
		buf_release(&sql);
	}
	if (status < 0)
		return status;
	sqlite3_bind_int64(s->remove[table], 1, generation);
	sqlite3_bind_int64(s->remove[table], 2, customer);
	return store_run(s, s->remove[table], err);
}

int facts_replace(struct store *s, int64_t generation, int64_t customer, const struct fold *f,
	struct buf *err)
{
	int status = 0;

	for (size_t t = 0; t < FACT_TABLES && status == 0; t++) {
		status = remove_customer(s, t, generation, customer, err);
		if (status == 0 && f)
			status = insert_table(s, t, generation, customer, f, err);
	}
	return status;
}

static int one_number(struct store *s, const char *sql, int64_t *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s, sql, &st, err);

	*out = 0;
	if (status == 0)
		status = store_step(s, st, err);
	if (status == 1)
		*out = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return status < 0 ? status : 0;
}

static void digest_text(struct buf *out, const struct ontology *o)
{
	hash_hex(out, o->digest, sizeof(o->digest));
}

int facts_place(struct store *s, const struct ontology *o, struct facts_state *out, struct buf *err)
{
	struct buf kept = BUF_INIT, now = BUF_INIT;
	int status = store_meta_number(s, "generation", 1, &out->generation, err);

	if (status == 0)
		status = store_meta_number(s, "building", 0, &out->building, err);
	if (status == 0)
		status = store_meta(s, "ontology_digest", &kept, err);
	digest_text(&now, o);
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
		status = one_number(s,
			"SELECT (SELECT count(*) FROM touched) + (SELECT count(*) FROM "
			"touched_session)",
			&out->waiting, err);
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

int facts_touched(struct store *s, struct touched *out, size_t n, size_t *got, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_TOUCHED, &st, err);

	*got = 0;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, (int64_t)n);
	while ((status = store_step(s, st, err)) == 1)
		out[(*got)++] =
			(struct touched){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1)};
	return status;
}

int facts_customers(
	struct store *s, int64_t after, int64_t *out, size_t n, size_t *got, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_CUSTOMERS, &st, err);

	*got = 0;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, after);
	sqlite3_bind_int64(st, 2, (int64_t)n);
	while ((status = store_step(s, st, err)) == 1)
		out[(*got)++] = sqlite3_column_int64(st, 0);
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
			tables[t].table, tables[t].table, tables[t].table, (long long)customer);
		status = store_exec(s, sql.s, err);
	}
	buf_release(&sql);
	return status;
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
			tables[table].table, (long long)after);
		status = one_number(s, sql.s, out, err);
		after = *out;
	} while (status == 0 && *out && (*out == shown || *out == building));
	buf_release(&sql);
	return status;
}

int facts_sweep(struct store *s, bool *more, struct buf *err)
{
	int64_t shown, building, dead;
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
			tables[t].table, (long long)dead, tables[t].table, (long long)dead);
		status = store_exec(s, sql.s, err);
		*more = true;
	}
	buf_release(&sql);
	return status;
}

int facts_temporary(struct store *s, struct buf *err)
{
	for (int i = 0; i < Q_COUNT; i++) {
		sqlite3_finalize(s->q[i]);
		s->q[i] = NULL;
	}
	return store_exec(s, store_facts_temporary, err);
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
	struct fact_cell cells[64];
	struct buf sql = BUF_INIT;
	sqlite3_stmt *st;
	int status, n;

	buf_printf(&sql, "SELECT * FROM \"%s\" WHERE started>=?2 AND started<?3%s", view,
		customer ? " AND customer=?1" : "");
	status = store_prepare(s, sql.s, &st, err);
	buf_release(&sql);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, customer);
	sqlite3_bind_int64(st, 2, since);
	sqlite3_bind_int64(st, 3, until);
	n = sqlite3_column_count(st);
	while ((status = store_step(s, st, err)) == 1) {
		read_cells(st, cells, n);
		status = visit(ctx, cells, (size_t)n, err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	return status;
}
