/* Who is who from nothing but the log: every record is placed again, in its order. */
#include "base/mem.h"
#include "core/store/batch.h"
#include "core/store/facts.h"
#include "core/store/find.h"
#include "core/store/identities.h"
#include "core/store/persons.h"
#include "core/store/split.h"

#include <stdlib.h>

#define FLUSH_EACH 100000 /* records after which what changed is written */

struct deriving {
	struct store *s;
	struct event ev;
	struct buf body;
	struct names names, apart;
	struct names lost; /* by threes: what, id, since; in the order of the last */
	size_t lost_at;
	struct ids known; /* see known_shared of struct store */
};

/* same: by the rules that it was made by. Who is shared is so since then, whatever is left. */
static int read_lost(struct deriving *d, bool same, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(d->s,
		"SELECT l.what, l.id, CASE WHEN ?1 THEN coalesce(i.shared, l.since) ELSE l.since"
		" END AS at FROM lost l LEFT JOIN ident i ON l.what=1 AND i.id=l.id"
		" ORDER BY at, l.id",
		&st, err);

	if (status == 0)
		sqlite3_bind_int(st, 1, same);
	while (status >= 0 && (status = store_step(d->s, st, err)) == 1) {
		struct shared_since known = {
			sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2)};

		*VEC_ADD(&d->lost, v, n, cap) = sqlite3_column_int64(st, 0);
		*VEC_ADD(&d->lost, v, n, cap) = known.ident;
		*VEC_ADD(&d->lost, v, n, cap) = known.since;
		if (same && sqlite3_column_int(st, 0) == 1)
			ids_add(&d->known, &known);
	}
	sqlite3_finalize(st);
	return status;
}

static int touch_all(struct store *s, struct buf *err)
{
	return store_exec(s,
		"INSERT INTO touched(customer, mark) SELECT key, (SELECT max(seq) FROM event) FROM "
		"person WHERE true ON CONFLICT(customer) DO UPDATE SET mark=excluded.mark",
		err);
}

static int forget_all(struct store *s, struct buf *err)
{
	/* Facts of everybody, as she was known, are to go. */
	int status = touch_all(s, err);

	if (status == 0)
		status = store_exec(s,
			"DELETE FROM was; DELETE FROM edge; DELETE FROM other; DELETE FROM mention;"
			"DELETE FROM unnamed; DELETE FROM person; DELETE FROM touched_session;"
			"UPDATE session SET ident=NULL, named=NULL, mixed=NULL;"
			"UPDATE ident SET parent=NULL, joined=NULL, since=NULL, shared=NULL,"
			" size=1, key=NULL",
			err);
	if (status == 0)
		status = runs_clear(s, RUNS_MEMBER, err);
	store_forget(s);
	s->begun = 0;
	return status;
}

static int rank_all(struct store *s, struct buf *err)
{
	sqlite3_stmt *kinds, *set = NULL;
	int status = store_prepare(s, "SELECT DISTINCT kind FROM ident", &kinds, err);

	if (status == 0)
		status = store_prepare(
			s, "UPDATE ident SET rank=?2 WHERE kind=?1 AND rank<>?2", &set, err);
	while (status == 0 && (status = store_step(s, kinds, err)) == 1) {
		store_bind(set, 1, store_column(kinds, 0));
		sqlite3_bind_int(set, 2, kinds_rank(&s->kinds, store_column(kinds, 0)));
		status = store_run(s, set, err);
	}
	sqlite3_finalize(kinds);
	sqlite3_finalize(set);
	return status;
}

/* same: they are those that it has. */
static int take_rules(struct store *s, const struct ontology *o, enum identity_rules rules,
	bool *same, struct buf *err)
{
	struct buf text = BUF_INIT, before = BUF_INIT;
	int status = store_meta(s, "identity", &before, err);

	kinds_put(&text, o, rules);
	*same = str_eq(buf_str(&text), buf_str(&before));
	if (status == 0)
		status = store_meta_set(s, "identity", buf_str(&text), err);
	kinds_read(&s->kinds, buf_str(&text));
	buf_release(&text);
	buf_release(&before);
	return status;
}

/* ---- a record ---- */

/* The number of a name; 0: it is nobody's, or none. */
static int number_of(struct deriving *d, const struct json *v, int64_t *id, struct buf *err)
{
	struct str kind = json_member(v, "kind")->text, value = json_member(v, "value")->text;
	int64_t found = 0;
	struct ident one = {0};
	int status = 0;

	if (kind.len && value.len)
		status = store_find_ident(d->s, kind,
			batch_scope(v, event_attr(&d->ev, ATTR_SOURCE)), value, &found, err);
	if (status == 0 && found)
		status = who_ident(d->s, found, &one, err);
	*id = one.placeholder || one.shared ? 0 : one.id;
	return status;
}

static int add_name(struct deriving *d, int64_t id, int64_t seq, struct buf *err)
{
	struct ident one;
	int status = who_ident(d->s, id, &one, err);

	for (size_t i = 0; i < d->names.n; i++)
		if (d->names.v[i] == id)
			return status;
	if (status == 0 && one.first == seq && !one.key && !one.parent) {
		one.key = seq;
		who_put_ident(d->s, &one);
	}
	*VEC_ADD(&d->names, v, n, cap) = id;
	return status;
}

static int read_names(struct deriving *d, enum said said, int64_t seq, struct buf *err)
{
	int64_t id;
	int status = 0;
	bool first = true, named;

	for
		JSON_EACH(v, d->ev.data[DATA_IDENTIFIERS])
		{
			if (status < 0)
				break;
			named = json_member(v, "kind")->text.len &&
				json_member(v, "value")->text.len;
			status = number_of(d, v, &id, err);
			if (status == 0 && id && said == SAID_APART && !first)
				*VEC_ADD(&d->apart, v, n, cap) = id;
			else if (status == 0 && id)
				status = add_name(d, id, seq, err);
			first &= !named;
		}
	return status < 0 ? status : identity_order(d->s, &d->names, err);
}

/* Of a record that was erased, and of one that the log made to label another, their row says. */
static int names_of(
	struct deriving *d, const struct store_row *row, enum said *said, struct buf *err)
{
	int64_t basis;
	enum event_fault fault;
	int64_t of = 0;
	int status = 0;

	d->names.n = d->apart.n = 0;
	*said = SAID_SEEN;
	if (event_read(&d->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	if (row->erased)
		return row->ident ? add_name(d, row->ident, row->seq, err) : 0;
	if (!batch_is_label(d->s, &d->ev, row->seq, &of)) {
		*said = batch_said(event_attr(&d->ev, ATTR_TYPE));
		return read_names(d, *said, row->seq, err);
	}
	status = forest_number(d->s, Q_EVENT_IDENT, of, &basis, err);
	if (status == 0 && basis)
		*VEC_ADD(&d->names, v, n, cap) = basis;
	*said = SAID_LABELS;
	return status;
}

static int set_row(struct deriving *d, const struct store_row *row, int64_t ident, struct buf *err)
{
	sqlite3_stmt *st;
	int status = ident == row->ident ? 0 : store_query(d->s, Q_EVENT_SET_IDENT, &st, err);

	if (status < 0 || ident == row->ident)
		return status;
	sqlite3_bind_int64(st, 1, row->seq);
	if (ident)
		sqlite3_bind_int64(st, 2, ident);
	else
		sqlite3_bind_null(st, 2);
	return store_run(d->s, st, err);
}

/* What erased records showed here. */
static int place_lost(struct deriving *d, int64_t seq, struct buf *err)
{
	int status = 0;

	for (; d->lost_at < d->lost.n && d->lost.v[d->lost_at + 2] <= seq && status == 0;
		d->lost_at += 3) {
		const int64_t *l = d->lost.v + d->lost_at;
		struct session in;
		struct ident one = {0};

		if (l[0] == 1) {
			status = split_share(d->s, l[1], seq, err);
			continue;
		}
		status = who_session(d->s, l[1], &in, err);
		if (status == 0 && in.ident && !in.mixed)
			status = persons_mix(d->s, &in, seq, err);
		if (status == 0 && in.ident)
			status = who_ident(d->s, in.ident, &one, err);
		if (status == 0 && one.id && !one.shared)
			status = persons_number(d->s, one.id, err);
	}
	return status;
}

static int place_row(struct deriving *d, int64_t seq, struct buf *err)
{
	struct store_row row;
	struct session in;
	enum said said = SAID_SEEN;
	int64_t about;
	/* Labels are no matter; those of the record itself are not read. */
	int status = store_row(d->s, seq, 0, &row, &d->body, err);

	if (status == 0)
		status = names_of(d, &row, &said, err);
	if (status == 0)
		status = who_session(d->s, row.session, &in, err);
	about = d->names.n ? d->names.v[0] : 0;
	if (status == 0)
		status = set_row(d, &row, about, err);
	if (status == 0)
		status = identity_place(
			d->s, row.session, in.first == seq, &d->names, said, seq, err);
	for (size_t i = 0; i < d->apart.n && about && status == 0; i++)
		status = split_apart(d->s, about, d->apart.v[i], seq, err);
	return status < 0 ? status : place_lost(d, seq, err);
}

/* Writes what changed, and keeps no more of it than is needed. */
static int flush(struct store *s, struct buf *err)
{
	int status = who_flush(s, err);

	if (status == 0)
		status = store_flush_touched(s, err);
	if (status == 0)
		status = runs_flush(s, err);
	if (s->who.sessions.n > FLUSH_EACH)
		ids_clear(&s->who.sessions);
	if (s->who.idents.n > FLUSH_EACH)
		ids_clear(&s->who.idents);
	return status;
}

static int place_all(struct deriving *d, int64_t last, struct buf *err)
{
	int status = 0;

	/* The column that says whom a record names is part of who is who. */
	store_unguard(d->s);
	d->s->known_shared = &d->known;
	for (int64_t seq = 1; seq <= last && status == 0; seq++) {
		d->s->now = seq;
		status = place_row(d, seq, err);
		if (status == 0 && seq % FLUSH_EACH == 0)
			status = flush(d->s, err);
	}
	store_guard(d->s);
	d->s->known_shared = NULL;
	d->s->now = last;
	d->s->shared.n = 0;
	return status;
}

int identity_derive(
	struct store *s, const struct ontology *o, enum identity_rules rules, struct buf *err)
{
	struct deriving d = {.s = s, .body = BUF_INIT};
	int64_t last = s->now, claimed;
	bool same = false;
	int status = take_rules(s, o, rules, &same, err);

	event_init(&d.ev);
	ids_init(&d.known, sizeof(struct shared_since));
	if (status == 0)
		status = read_lost(&d, same, err);
	if (status == 0)
		status = forget_all(s, err);
	if (status == 0)
		status = rank_all(s, err);
	if (status == 0)
		status = place_all(&d, last, err);
	if (status == 0)
		status = flush(s, err);
	if (status == 0)
		status = touch_all(s, err);
	/* A rebuild that began before has folded people who are others now: it is not to switch. */
	if (status == 0)
		status = facts_claim(s, &claimed, err);
	event_release(&d.ev);
	buf_release(&d.body);
	free(d.names.v);
	free(d.apart.v);
	free(d.lost.v);
	ids_release(&d.known);
	/* Numbers that were settled under the rules of before. */
	cache_clear(&s->idents);
	cache_clear(&s->settled);
	return status;
}
