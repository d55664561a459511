/* Whose records are whose, as of any position: what identity.c keeps, read. */
#include "core/store/forest.h"
#include "base/mem.h"

#include <stdlib.h>

static const struct event_place place_end = {INT64_MAX, INT64_MAX, INT64_MAX};

static void bind_place(sqlite3_stmt *st, int at, const struct event_place *p)
{
	sqlite3_bind_int64(st, at, p->time);
	sqlite3_bind_int64(st, at + 1, p->order);
	sqlite3_bind_int64(st, at + 2, p->seq);
}

static bool before(const struct event_place *a, const struct event_place *b)
{
	return event_compare(*a, *b) < 0;
}

/* A mention among those that end at one sequence: the first that the query gives. *ident: 0, none.
 */
static int mention_of(struct store *s, enum query q, int64_t session, const struct event_place *at,
	int64_t as_of, int64_t until, struct event_place *out, int64_t *ident, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, q, &st, err);

	*ident = 0;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, session);
	bind_place(st, 2, at);
	sqlite3_bind_int64(st, 5, as_of);
	sqlite3_bind_int64(st, 6, until);
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	*out = (struct event_place){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
		sqlite3_column_int64(st, 2)};
	*ident = sqlite3_column_int64(st, 3);
	sqlite3_reset(st);
	return 0;
}

/*
 * The nearest mention of a session before a place, or after it, of those that name somebody as of a
 * sequence: the nearest of each end that mentions have, which are as many as were shared since. Now
 * that is one.
 */
static int nearest_mention(struct store *s, bool earlier, int64_t session,
	const struct event_place *at, int64_t as_of, struct event_place *out, int64_t *ident,
	struct buf *err)
{
	enum query q = earlier ? Q_NEAREST_BEFORE : Q_NEAREST_AFTER;
	struct names until = {NULL, 0, 0};
	struct event_place one;
	int64_t of, last = as_of;
	int status = 0;

	*ident = 0;
	if (as_of == INT64_MAX)
		return mention_of(s, q, session, at, as_of, INT64_MAX, out, ident, err);
	while (status == 0) {
		status = forest_numbers(s, Q_MENTION_UNTIL, session, last, 0, &until, err);
		if (status < 0 || !until.n || !until.v[0])
			break;
		last = until.v[0];
		status = mention_of(s, q, session, at, as_of, last, &one, &of, err);
		if (status == 0 && of &&
			(!*ident || (earlier ? before(out, &one) : before(&one, out)))) {
			*out = one;
			*ident = of;
		}
	}
	free(until.v);
	return status;
}

/* Whether any record has other labels than it came with; without a transaction it may. */
static bool has_labels(const struct store *s)
{
	return s->labels || sqlite3_get_autocommit(s->db);
}

/* A record that labels another stands where that one does. */
static int place_of(
	struct store *s, const struct store_row *row, struct event_place *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status;

	*out = (struct event_place){row->time, row->order, row->seq};
	if (!has_labels(s))
		return 0;
	status = store_query(s, Q_LABELLED, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, row->session);
	bind_place(st, 2, out);
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	out->seq = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return 0;
}

/* Who a record that names nobody belongs to in a mixed session; 0: nobody is named (yet). */
static int nearest(struct store *s, const struct store_row *row, int64_t as_of, int64_t *ident,
	struct buf *err)
{
	struct event_place at, found;
	int status = place_of(s, row, &at, err);

	if (status == 0)
		status = nearest_mention(s, true, row->session, &at, as_of, &found, ident, err);
	return status < 0 || *ident
		       ? status
		       : nearest_mention(s, false, row->session, &at, as_of, &found, ident, err);
}

/* Who is named by a record alone; 0: nobody is, as of a sequence. */
static int named(struct store *s, int64_t ident, int64_t as_of, int64_t *out, struct buf *err)
{
	struct ident one = {0};
	int status = ident ? who_ident(s, ident, &one, err) : 0;

	*out = status == 0 && !ident_shared(&one, as_of) ? ident : 0;
	return status;
}

int store_person(struct store *s, const struct store_row *row, int64_t as_of, struct person *p,
	struct buf *err)
{
	struct session in;
	struct ident root;
	int64_t ident;
	int status = named(s, row->ident, as_of, &ident, err);

	*p = (struct person){0, 0};
	if (status == 0 && !ident) {
		status = who_session(s, row->session, &in, err);
		if (status == 0 && in.mixed && in.mixed <= as_of)
			status = nearest(s, row, as_of, &ident, err);
		else if (status == 0 && in.ident && in.named <= as_of)
			status = named(s, in.ident, as_of, &ident, err);
	}
	if (status < 0)
		return status;
	if (!ident) {
		p->session = row->session;
		return 0;
	}
	status = forest_root(s, ident, as_of, &root, err);
	p->ident = root.id;
	return status;
}

int store_person_customer(
	struct store *s, const struct person *p, int64_t *customer, struct buf *err)
{
	struct session in = {0};
	struct ident root = {0};
	int status = p->ident ? forest_root(s, p->ident, INT64_MAX, &root, err)
			      : who_session(s, p->session, &in, err);

	*customer = p->ident ? root.key : in.first;
	return status;
}

int store_customer(struct store *s, int64_t session, int64_t ident, int64_t time, int64_t order,
	int64_t seq, int64_t *customer, struct buf *err)
{
	struct store_row row = {
		.seq = seq, .time = time, .order = order, .session = session, .ident = ident};
	struct person p;
	int status = store_person(s, &row, INT64_MAX, &p, err);

	return status < 0 ? status : store_person_customer(s, &p, customer, err);
}

int store_person_by_customer(struct store *s, int64_t customer, struct person *p, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_get(s, Q_PERSON_GET, customer, &st, err);

	*p = (struct person){0, 0};
	if (status != 1)
		return status;
	*p = (struct person){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1)};
	sqlite3_reset(st);
	return 0;
}

int store_people(struct store *s,
	int (*visit)(void *ctx, int64_t customer, const struct person *p, struct buf *err),
	void *ctx, struct buf *err)
{
	sqlite3_stmt *st;
	int status =
		store_prepare(s, "SELECT key, ident, session FROM person ORDER BY key", &st, err);

	while (status >= 0 && (status = store_step(s, st, err)) == 1) {
		const struct person p = {sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2)};

		status = visit(ctx, sqlite3_column_int64(st, 0), &p, err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	return status;
}

/* The sessions that a person took part in, each once. */
static int person_sessions(
	struct store *s, const struct person *p, int64_t as_of, struct names *out, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct seqs one = {NULL, 0, 0};
	struct map seen = MAP_INIT;
	bool fresh;
	int status = forest_members(s, p->ident, as_of, &all, err);

	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = forest_sessions(s, all.v[i], as_of, &one, NULL, err);
		for (size_t k = 0; k < one.n && status == 0; k++) {
			fresh = true;
			/* One identifier is in a session once. */
			if (all.n > 1)
				map_slot(&seen, (struct str){(char *)&one.v[k], sizeof(one.v[k])},
					&fresh);
			if (fresh)
				*VEC_ADD(out, v, n, cap) = one.v[k];
		}
	}
	map_release(&seen);
	free(all.v);
	free(one.v);
	return status;
}

static int parted(struct store *s, int64_t seq, bool *out, struct buf *err)
{
	struct names of = {NULL, 0, 0};
	int status = forest_numbers(s, Q_PARTED, seq, 0, 0, &of, err);

	*out = of.n > 0;
	free(of.v);
	return status;
}

int store_effect(struct store *s, const struct store_row *row, const struct person *p,
	struct effect *out, struct buf *err)
{
	struct session in;
	sqlite3_stmt *st;
	int status = who_session(s, row->session, &in, err);

	*out = (struct effect){false, false, false, false};
	if (status == 0)
		status = parted(s, row->seq, &out->parted, err);
	if (status < 0)
		return status;
	out->took_over = in.named == row->seq && in.first < row->seq;
	out->mixed = in.mixed && in.mixed <= row->seq;
	if (!p->ident)
		return 0;
	/* A record's last join puts a tree below the root in which it stands afterwards. */
	status = store_query(s, Q_IDENT_GREW, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, p->ident);
	sqlite3_bind_int64(st, 2, row->seq);
	status = store_step(s, st, err);
	if (status == 1) {
		out->joined = true;
		sqlite3_reset(st);
	}
	return status < 0 ? status : 0;
}

int store_session_people(struct store *s, int64_t session, int64_t as_of,
	int (*visit)(void *ctx, const struct person *p), void *ctx, struct buf *err)
{
	struct names in = {NULL, 0, 0};
	struct ident root;
	int status = forest_numbers(s, Q_SESSION_IDENTS, session, 0, INT64_MAX, &in, err);

	for (size_t i = 0; i < in.n && status == 0; i++) {
		status = forest_root(s, in.v[i], as_of, &root, err);
		if (status == 0)
			status = visit(ctx, &(struct person){root.id, 0});
	}
	free(in.v);
	return status;
}

struct mentions {
	struct event_place *v;
	size_t n, cap;
};

static int mentions(struct store *s, int64_t session, int64_t ident, int64_t as_of,
	struct mentions *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_MENTIONS, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, session);
	sqlite3_bind_int64(st, 2, ident);
	sqlite3_bind_int64(st, 3, as_of);
	while ((status = store_step(s, st, err)) == 1)
		*VEC_ADD(out, v, n, cap) = (struct event_place){sqlite3_column_int64(st, 0),
			sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2)};
	return status;
}

/* A record, and those that label it. */
static int add_record(struct store *s, int64_t seq, int64_t from, int64_t as_of, struct seqs *out,
	struct buf *err)
{
	struct names by = {NULL, 0, 0};
	int status = has_labels(s) ? forest_numbers(s, Q_LABELS_OF, seq, from, as_of, &by, err) : 0;

	if (seq > from)
		*VEC_ADD(out, v, n, cap) = seq;
	for (size_t i = 0; i < by.n; i++)
		*VEC_ADD(out, v, n, cap) = by.v[i];
	free(by.v);
	return status;
}

/* The record at a place (its sequence 0: none) and those behind it up to the next that names
 * somebody. */
static int session_run(struct store *s, int64_t session, const struct event_place *at, int64_t from,
	int64_t as_of, struct seqs *out, struct buf *err)
{
	struct event_place end;
	sqlite3_stmt *st = NULL;
	int64_t next;
	int status = nearest_mention(s, false, session, at, as_of, &end, &next, err);

	if (!next)
		end = place_end;

	if (status == 0 && at->seq)
		status = add_record(s, at->seq, from, as_of, out, err);
	if (status == 0)
		status = store_query(s, Q_UNNAMED, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, session);
	bind_place(st, 2, at);
	bind_place(st, 5, &end);
	sqlite3_bind_int64(st, 8, as_of);
	while (status >= 0 && (status = store_step(s, st, err)) == 1)
		status = add_record(s, sqlite3_column_int64(st, 0), from, as_of, out, err);
	return status;
}

/* Whether the person is the one whom a session names first; hers are the records before that. */
static int begins(struct store *s, int64_t session, const struct person *p, int64_t as_of,
	bool *hers, struct buf *err)
{
	const struct event_place begin = {INT64_MIN, INT64_MIN, 0};
	struct event_place at;
	struct ident root;
	int64_t first;
	int status = nearest_mention(s, false, session, &begin, as_of, &at, &first, err);

	*hers = false;
	if (status == 0 && first) {
		status = forest_root(s, first, as_of, &root, err);
		*hers = status == 0 && root.id == p->ident;
	}
	return status;
}

/* A person's records of a mixed session. Others' are not looked at: there may be as many of them as
 * people. */
static int mixed_seqs(struct store *s, int64_t session, const struct person *p, int64_t from,
	int64_t as_of, struct seqs *out, struct buf *err)
{
	const struct event_place begin = {INT64_MIN, INT64_MIN, 0};
	struct names all = {NULL, 0, 0};
	struct mentions m = {NULL, 0, 0};
	bool hers;
	int status = forest_members(s, p->ident, as_of, &all, err);

	for (size_t i = 0; i < all.n && status == 0; i++)
		status = mentions(s, session, all.v[i], as_of, &m, err);
	if (status == 0)
		status = begins(s, session, p, as_of, &hers, err);
	if (status == 0 && hers)
		status = session_run(s, session, &begin, from, as_of, out, err);
	for (size_t i = 0; i < m.n && status == 0; i++)
		status = session_run(s, session, &m.v[i], from, as_of, out, err);
	free(all.v);
	free(m.v);
	return status;
}

static int session_seqs(struct store *s, int64_t session, const struct person *p, int64_t from,
	int64_t as_of, struct seqs *out, struct buf *err)
{
	struct session in;
	size_t n, kept = 0;
	int status = who_session(s, session, &in, err);

	if (status < 0)
		return status;
	/* All of it, where nobody is named but who is shared. */
	if (p->ident && in.mixed && in.mixed <= as_of)
		return mixed_seqs(s, session, p, from, as_of, out, err);
	status = runs_each(s, RUNS_SESSION, session, out, err);
	for (n = 0; n < out->n; n++)
		if (out->v[n] > from && out->v[n] <= as_of)
			out->v[kept++] = out->v[n];
	out->n = kept;
	return status;
}

int identity_session_seqs(
	struct store *s, int64_t session, const struct person *p, struct seqs *out, struct buf *err)
{
	return session_seqs(s, session, p, 0, INT64_MAX, out, err);
}

int identity_seqs(struct store *s, const struct person *p, int64_t from, int64_t as_of,
	struct seqs *out, struct buf *err)
{
	struct names sessions = {NULL, 0, 0};
	struct seqs one = {NULL, 0, 0};
	int status = 0;

	if (p->ident)
		status = person_sessions(s, p, as_of, &sessions, err);
	else
		*VEC_ADD(&sessions, v, n, cap) = p->session;
	for (size_t i = 0; i < sessions.n && status == 0; i++) {
		one.n = 0;
		status = session_seqs(s, sessions.v[i], p, from, as_of, &one, err);
		for (size_t k = 0; k < one.n; k++)
			*VEC_ADD(out, v, n, cap) = one.v[k];
	}
	free(sessions.v);
	free(one.v);
	return status;
}

int store_person_events(struct store *s, const struct person *p, int64_t from, int64_t as_of,
	store_visit *visit, void *ctx, struct buf *err)
{
	struct seqs seqs = {NULL, 0, 0};
	bool alone = sqlite3_get_autocommit(s->db) != 0;
	int status = alone ? store_read_begin(s, err) : 0;

	if (status == 0)
		status = identity_seqs(s, p, from, as_of, &seqs, err);
	/* As they lie on file, and nearly as they happened. */
	if (seqs.n > 1)
		qsort(seqs.v, seqs.n, sizeof(*seqs.v), store_by_number);
	if (status == 0)
		status = store_visit_seqs(s, &seqs, as_of, visit, ctx, err);
	if (alone)
		store_read_end(s);
	free(seqs.v);
	return status;
}

int store_person_identifiers(struct store *s, const struct person *p, int64_t as_of,
	int (*visit)(void *ctx, const struct identifier *i, struct buf *err), void *ctx,
	struct buf *err)
{
	struct names all = {NULL, 0, 0};
	sqlite3_stmt *st = NULL;
	int status;

	if (!p->ident)
		return 0;
	status = forest_members(s, p->ident, as_of, &all, err);
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), store_by_number);
	if (status == 0)
		status = store_prepare(s,
			"SELECT kind, scope, value, placeholder, shared FROM ident WHERE id=?1",
			&st, err);
	for (size_t i = 0; i < all.n && status == 0; i++) {
		sqlite3_bind_int64(st, 1, all.v[i]);
		status = store_step(s, st, err);
		if (status == 1) {
			struct identifier id = {store_column(st, 0), store_column(st, 1),
				store_column(st, 2), sqlite3_column_int(st, 3) != 0,
				ident_shared(&(struct ident){.shared = sqlite3_column_int64(st, 4)},
					as_of)};

			status = visit(ctx, &id, err);
			sqlite3_reset(st);
		}
	}
	sqlite3_finalize(st);
	free(all.v);
	return status;
}

int store_nobodies(struct store *s,
	int (*visit)(void *ctx, const char *name, bool shared, int64_t count, struct buf *err),
	void *ctx, struct buf *err)
{
	struct buf name = BUF_INIT;
	sqlite3_stmt *st = NULL;
	int status = store_prepare(s,
		"SELECT kind, value, records, placeholder, scope FROM ident"
		" WHERE placeholder=1 OR shared IS NOT NULL ORDER BY placeholder DESC, records "
		"DESC, id",
		&st, err);

	if (status < 0)
		return status;
	while ((status = store_step(s, st, err)) == 1) {
		buf_clear(&name);
		if (!str_is(store_column(st, 0), "placeholder")) {
			buf_put(&name, store_column(st, 0));
			buf_byte(&name, ':');
		}
		buf_put(&name, store_column(st, 1));
		if (store_column(st, 4).len) {
			buf_byte(&name, '@');
			buf_put(&name, store_column(st, 4));
		}
		status = visit(
			ctx, name.s, !sqlite3_column_int(st, 3), sqlite3_column_int64(st, 2), err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	buf_release(&name);
	return status;
}
