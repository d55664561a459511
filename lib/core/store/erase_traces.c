#include "core/store/erase_hers.h"

#include "base/mem.h"
#include "core/store/batch.h"
#include "core/store/find.h"
#include "core/store/persons.h"

#include <stdlib.h>

/* The session's place among names: its entry would let a name that is guessed be tried. */
static int drop_place(struct hers *h, int64_t session, struct buf *err)
{
	struct str parts[2];
	sqlite3_stmt *st;
	uint64_t key;
	int status = store_get(h->s, Q_SESSION_TEXT, session, &st, err);

	if (status != 1)
		return status;
	parts[0] = store_column(st, 1);
	parts[1] = store_column(st, 0);
	key = store_digest(h->s, parts, 2).a;
	sqlite3_reset(st);
	return runs_remove(h->s, RUNS_PLACE, key, session, err);
}

/* What is named in a session no more than by records of hers: an identifier that nobody's alone. */
static int leave_members(struct hers *h, int64_t session, struct buf *err)
{
	struct names in = {NULL, 0, 0};
	struct seqs all = {NULL, 0, 0};
	int64_t of;
	int status = forest_numbers(h->s, Q_SESSION_IDENTS, session, 0, INT64_MAX, &in, err);

	if (status == 0)
		status = runs_each(h->s, RUNS_SESSION, session, &all, err);
	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = forest_number(h->s, Q_EVENT_IDENT, all.v[i], &of, err);
		for (size_t k = 0; k < in.n; k++)
			in.v[k] = in.v[k] == of ? 0 : in.v[k];
	}
	for (size_t k = 0; k < in.n && status == 0; k++)
		if (in.v[k])
			status = runs_remove(
				h->s, RUNS_MEMBER, runs_spread((uint64_t)in.v[k]), session, err);
	free(in.v);
	free(all.v);
	return status;
}

static int drop_session(struct hers *h, int64_t session, struct buf *err)
{
	static const char *const sql[] = {"DELETE FROM session WHERE id=?1",
		"DELETE FROM other WHERE session=?1", "DELETE FROM mention WHERE session=?1",
		"DELETE FROM unnamed WHERE session=?1", "DELETE FROM lost WHERE what=2 AND id=?1",
		"DELETE FROM touched_session WHERE session=?1"};
	int status = leave_members(h, session, err);

	if (status == 0)
		status = drop_place(h, session, err);
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]) && status == 0; i++)
		status = store_change(h->s, sql[i], session, 0, 0, err);
	return status;
}

/* What a session that stays says of itself, from the records that are left. */
struct staying {
	int64_t first, ident, named, mixed;
};

static int read_staying(struct hers *h, int64_t session, struct staying *out, struct buf *err)
{
	struct seqs all = {NULL, 0, 0};
	sqlite3_stmt *st;
	int status = store_prepare(h->s, "SELECT ident FROM event WHERE seq=?1", &st, err);

	*out = (struct staying){0, 0, 0, 0};
	if (status == 0)
		status = runs_each(h->s, RUNS_SESSION, session, &all, err);
	for (size_t i = 0; i < all.n && status == 0; i++) {
		int64_t ident;

		sqlite3_bind_int64(st, 1, all.v[i]);
		status = store_step(h->s, st, err);
		ident = status == 1 ? sqlite3_column_int64(st, 0) : 0;
		sqlite3_reset(st);
		status = status < 0 ? status : 0;
		out->first = out->first ? out->first : all.v[i];
		if (ident && !out->ident) {
			out->ident = ident;
			out->named = all.v[i];
		} else if (ident && ident != out->ident) {
			out->mixed = out->mixed ? out->mixed : all.v[i];
			status = forest_run(h->s, Q_OTHER_ADD, session, ident, all.v[i], err);
		}
	}
	/* Of several people, of whom one is left: it stays so since she was named, or the others'
	 * customer numbers would become those of its first record. */
	out->mixed = out->mixed ? out->mixed : out->named;
	sqlite3_finalize(st);
	free(all.v);
	return status;
}

static int write_staying(struct hers *h, int64_t session, struct buf *err)
{
	struct staying in;
	int status = store_change(h->s, "DELETE FROM other WHERE session=?1", session, 0, 0, err);

	if (status == 0)
		status = read_staying(h, session, &in, err);

	if (status == 0)
		status = store_change(
			h->s, "UPDATE session SET first=?2 WHERE id=?1", session, in.first, 0, err);
	/* That it is of several people cannot be told from what is left. */
	if (status == 0)
		status = store_change(h->s,
			"INSERT OR REPLACE INTO lost(what, id, since) SELECT 2, id, ?2 FROM session"
			" WHERE id=?1 AND mixed IS NOT NULL",
			session, in.mixed, 0, err);
	if (status == 0)
		status = store_change(h->s,
			"UPDATE session SET ident=nullif(?2, 0), named=nullif(?3, 0) WHERE id=?1",
			session, in.ident, in.named, err);
	if (status == 0)
		status = store_change(h->s,
			"UPDATE session SET mixed=nullif(?2, 0) WHERE id=?1 AND mixed IS NOT NULL",
			session, in.mixed, 0, err);
	return status;
}

/* Whether what a session says of itself rests on records that go: its first, and the first of each
 * whom it names. */
static int rests_on_her(struct hers *h, int64_t session, bool *rests, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(h->s,
		"SELECT first FROM session WHERE id=?1 UNION ALL"
		" SELECT named FROM session WHERE id=?1 AND named IS NOT NULL UNION ALL"
		" SELECT first FROM other WHERE session=?1",
		&st, err);

	*rests = false;
	if (status == 0)
		sqlite3_bind_int64(st, 1, session);
	while (!*rests && status >= 0 && (status = store_step(h->s, st, err)) == 1)
		*rests = hers_has(h, sqlite3_column_int64(st, 0));
	sqlite3_finalize(st);
	return status < 0 ? status : 0;
}

/* She is taken out of a session that stays; who was named after her is now named first. Of one of
 * many records not all are read where it stays as it is. */
static int leave_session(struct hers *h, const struct hers_session *x, struct buf *err)
{
	static const char *const sql[] = {
		"DELETE FROM mention WHERE session=?1 AND seq IN"
		" (SELECT m.seq FROM mention m JOIN event e ON e.seq=m.seq"
		" WHERE m.session=?1 AND e.session<>?1)",
		"DELETE FROM unnamed WHERE session=?1 AND seq IN"
		" (SELECT u.seq FROM unnamed u JOIN event e ON e.seq=u.seq"
		" WHERE u.session=?1 AND e.session<>?1)"};
	struct session in;
	bool rests = true;
	int status = who_session(h->s, x->id, &in, err);

	if (status == 0)
		status = rests_on_her(h, x->id, &rests, err);
	if (status < 0 || (!rests && !in.mixed))
		return status;
	if (rests)
		status = leave_members(h, x->id, err);
	for (size_t i = 0; i < 2 && status == 0; i++)
		status = store_change(h->s, sql[i], x->id, 0, 0, err);
	return status < 0 ? status : write_staying(h, x->id, err);
}

/* In a session of many people they would be dropped again for each who is erased. */
static int drop_facts(struct hers *h, int64_t customer, struct buf *err)
{
	bool fresh;

	map_slot(&h->e->factless, (struct str){(char *)&customer, sizeof(customer)}, &fresh);
	return fresh ? facts_forget(h->s, customer, err) : 0;
}

static int forget_facts(void *ctx, const struct person *p)
{
	struct hers *h = ctx;
	struct buf err = BUF_INIT;
	int64_t customer;
	int status = store_person_customer(h->s, p, &customer, &err);

	if (status == 0)
		status = drop_facts(h, customer, &err);
	if (status == 0)
		status = store_touch(h->s, customer, h->s->now, &err);
	buf_release(&err);
	return status;
}

int hers_drop_facts(struct hers *h, struct buf *err)
{
	struct ident one;
	struct session in;
	int status = drop_facts(h, h->customer, err);

	for (size_t i = 0; i < h->idents.n && status == 0; i++) {
		status = who_ident(h->s, h->idents.v[i], &one, err);
		if (status == 0)
			status = drop_facts(h, one.first, err);
	}
	for (size_t i = 0; i < h->session_n && status == 0; i++) {
		status = who_session(h->s, h->sessions[i].id, &in, err);
		if (status == 0)
			status = drop_facts(h, in.first, err);
		if (status == 0 && (!h->sessions[i].whole || h->sessions[i].others))
			status = store_session_people(
				h->s, h->sessions[i].id, INT64_MAX, forget_facts, h, err);
	}
	return status < 0 ? status : store_touch(h->s, h->customer, h->s->now, err);
}

static int drop_members(struct hers *h, int64_t ident, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < h->session_n && status == 0; i++)
		status = runs_remove(
			h->s, RUNS_MEMBER, runs_spread((uint64_t)ident), h->sessions[i].id, err);
	return status;
}

static int drop_ident(struct hers *h, int64_t ident, struct buf *err)
{
	/* That others are shared cannot be told without these edges. */
	static const char lost[] =
		"INSERT OR IGNORE INTO lost(what, id, since) SELECT 1, i.id, i.shared FROM edge e"
		" JOIN ident i ON i.id=e.a WHERE e.b=?1 AND i.shared IS NOT NULL";
	/* Nor that sessions of people who hung together by it became of several when they were
	 * parted. */
	static const char parted[] =
		"INSERT OR REPLACE INTO lost(what, id, since) SELECT 2, s.id, s.mixed"
		" FROM (SELECT DISTINCT session FROM mention) m JOIN session s ON s.id=m.session"
		" WHERE s.mixed IN (SELECT until FROM was WHERE ident=?1 OR parent=?1)";
	static const char *const sql[] = {"DELETE FROM ident WHERE id=?1", lost,
		"DELETE FROM edge WHERE a=?1 OR b=?1", parted,
		"DELETE FROM was WHERE ident=?1 OR parent=?1",
		"DELETE FROM lost WHERE what=1 AND id=?1"};
	struct ident_text t;
	uint64_t key;
	int status = hers_ident_text(h->s, ident, &t, err);

	if (status < 0)
		return status;
	key = store_digest(h->s, &t.value, 1).a;
	sqlite3_reset(t.st);
	status = runs_remove(h->s, RUNS_IDENT, key, ident, err);
	if (status == 0)
		status = drop_members(h, ident, err);
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]) && status == 0; i++)
		status = store_change(h->s, sql[i], ident, 0, 0, err);
	return status;
}

/* Identifiers that records of hers named beside hers and that are nobody's: no other record may
 * have named them. */
static int drop_beside(struct hers *h, const struct names *beside, struct buf *err)
{
	struct names found = {NULL, 0, 0};
	sqlite3_stmt *st;
	int status = store_prepare(h->s,
		"SELECT id FROM ident i WHERE id=?1 AND placeholder=0 AND parent IS NULL AND key "
		"IS "
		"NULL"
		" AND NOT EXISTS (SELECT 1 FROM edge WHERE a=i.id OR b=i.id)"
		" AND NOT EXISTS (SELECT 1 FROM other WHERE ident=i.id)"
		" AND NOT EXISTS (SELECT 1 FROM session WHERE ident=i.id)",
		&st, err);

	for (size_t i = 0; i < beside->n && status == 0; i++) {
		sqlite3_bind_int64(st, 1, beside->v[i]);
		status = store_step(h->s, st, err);
		if (status != 1)
			continue;
		*VEC_ADD(&found, v, n, cap) = beside->v[i];
		sqlite3_reset(st);
		status = 0;
	}
	sqlite3_finalize(st);
	for (size_t i = 0; i < found.n && status == 0; i++)
		status = drop_ident(h, found.v[i], err);
	free(found.v);
	return status;
}

/* Those whose number was a record of theirs that went with her: it may have been the only one. */
static int number_beside(struct hers *h, const struct names *beside, struct buf *err)
{
	struct ident root;
	int status;

	store_forget(h->s);
	status = who_begin(h->s, err);
	for (size_t i = 0; i < beside->n && status == 0; i++) {
		status = forest_root(h->s, beside->v[i], INT64_MAX, &root, err);
		if (status == 0 && root.key && hers_has(h, root.key))
			status = persons_number(h->s, root.id, err);
	}
	/* It may be hers now. */
	who_set_person(h->s, h->number, h->anonymous, 0);
	return status < 0 ? status : who_flush(h->s, err);
}

static bool takes_others(const struct hers *h)
{
	for (size_t i = 0; i < h->session_n; i++)
		if (h->sessions[i].others)
			return true;
	return false;
}

static int drop_idents(struct hers *h, struct buf *err)
{
	struct names beside = {NULL, 0, 0};
	int status = hers_beside(h, &beside, err);

	if (status == 0 && takes_others(h))
		status = number_beside(h, &beside, err);
	for (size_t i = 0; i < h->kept.n && status == 0; i++)
		for (size_t k = 0; k < h->session_n && status == 0; k++)
			if (h->sessions[k].whole)
				status = runs_remove(h->s, RUNS_MEMBER,
					runs_spread((uint64_t)h->kept.v[i]), h->sessions[k].id,
					err);
	for (size_t i = 0; i < h->idents.n && status == 0; i++)
		status = drop_ident(h, h->idents.v[i], err);
	if (status == 0)
		status = drop_beside(h, &beside, err);
	free(beside.v);
	return status;
}

/* A shared identifier: who is who derived anew cannot tell it without what the record said. */
static int keep_shared(struct hers *h, const struct json *name, struct buf *err)
{
	struct str kind = json_member(name, "kind")->text, value = json_member(name, "value")->text;
	struct ident one = {0};
	int64_t id = 0;
	int status = store_find_ident(
		h->s, kind, batch_scope(name, event_attr(&h->ev, ATTR_SOURCE)), value, &id, err);

	if (status == 0 && id)
		status = who_ident(h->s, id, &one, err);
	return status < 0 || !one.shared
		       ? status
		       : store_change(h->s,
				 "INSERT OR IGNORE INTO lost(what, id, since) VALUES(1, ?1, ?2)",
				 id, one.shared, 0, err);
}

int hers_keep_shared(struct hers *h, struct buf *err)
{
	const struct json *all = h->ev.data[DATA_IDENTIFIERS];
	int status = 0;

	/* One alone says nothing of others. */
	if (!all || all->count < 2)
		return 0;
	for
		JSON_EACH(v, all)
	status = status < 0 ? status : keep_shared(h, v, err);
	return status;
}

int hers_drop_traces(struct hers *h, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < h->session_n && status == 0; i++)
		status = h->sessions[i].whole ? drop_session(h, h->sessions[i].id, err)
					      : leave_session(h, &h->sessions[i], err);
	return status < 0 ? status : drop_idents(h, err);
}
