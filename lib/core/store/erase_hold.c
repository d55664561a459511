#include "core/store/erase_hers.h"
#include "base/mem.h"
#include "core/store/internal.h"
#include "core/store/past.h"

#include <stdlib.h>

struct latest {
	int64_t *v; /* customer, time: pairs */
	size_t n, cap;
	struct map at; /* customer -> place and 1 */
};

static void see_time(struct latest *l, int64_t customer, int64_t time)
{
	union map_value *v =
		map_slot(&l->at, (struct str){(char *)&customer, sizeof(customer)}, NULL);

	if (!v->n) {
		*VEC_ADD(l, v, n, cap) = customer;
		*VEC_ADD(l, v, n, cap) = time;
		v->n = (int64_t)l->n - 1;
	}
	if (time > l->v[v->n])
		l->v[v->n] = time;
}

int erase_stale(struct store *s, int64_t before, struct seqs *out, struct buf *err)
{
	struct latest l = {.at = MAP_INIT};
	int64_t session = 0, ident = 0, customer = 0;
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"SELECT seq, session, ident, time, ord FROM event WHERE id IS NOT NULL AND shape "
		"NOT"
		" IN (SELECT id FROM shape WHERE type IN ('erased', 'hold.placed', "
		"'hold.released')"
		" OR source='jlog' AND type IN ('identity.linked', 'identity.unlinked'))"
		" ORDER BY seq",
		&st, err);

	while (status >= 0 && (status = store_step(s, st, err)) == 1) {
		int64_t of[2] = {sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2)};

		/* As the one before, where both name the same in one session. */
		if (of[0] != session || of[1] != ident || !ident)
			status = store_customer(s, of[0], of[1], sqlite3_column_int64(st, 3),
				sqlite3_column_int64(st, 4), sqlite3_column_int64(st, 0), &customer,
				err);
		session = of[0];
		ident = of[1];
		if (status >= 0)
			see_time(&l, customer, sqlite3_column_int64(st, 3));
	}
	sqlite3_finalize(st);
	for (size_t i = 0; i + 1 < l.n && status == 0; i += 2)
		if (l.v[i + 1] < before)
			*VEC_ADD(out, v, n, cap) = l.v[i];
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), store_by_number);
	map_release(&l.at);
	free(l.v);
	return status;
}

/* A record that places a hold or releases one, and whose it is. */
struct mark {
	int64_t customer, seq;
};

struct holding {
	struct store *s;
	struct mark *v;
	size_t n, cap;
};

static void add_mark(struct holding *h, int64_t customer, int64_t seq)
{
	*VEC_ADD(h, v, n, cap) = (struct mark){customer, seq};
}

/* Sessions of an identifier, now shared, that are customers of their own since. */
static int pass_to_sessions(
	struct holding *h, int64_t seq, const struct ident *shared, struct buf *err)
{
	struct seqs sessions = {NULL, 0, 0};
	struct session in;
	struct person p;
	int status = forest_sessions(h->s, shared->id, shared->shared - 1, &sessions, NULL, err);

	for (size_t i = 0; i < sessions.n && status == 0; i++) {
		status = who_session(h->s, sessions.v[i], &in, err);
		if (status == 0)
			status = store_person_by_customer(h->s, in.first, &p, err);
		if (status == 0 && p.session == sessions.v[i])
			add_mark(h, in.first, seq);
	}
	free(sessions.v);
	return status;
}

/* Whom an identifier had joined before it was shared. As of then others may not be known any more,
 * where somebody was erased. */
static int joined_by(
	struct store *s, const struct ident *shared, struct names *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"SELECT b FROM edge WHERE a=?1 AND first<?2 AND cut IS NULL UNION ALL"
		" SELECT a FROM edge WHERE b=?1 AND first<?2 AND cut IS NULL",
		&st, err);

	if (status == 0) {
		sqlite3_bind_int64(st, 1, shared->id);
		sqlite3_bind_int64(st, 2, shared->shared);
	}
	while (status >= 0 && (status = store_step(s, st, err)) == 1)
		*VEC_ADD(out, v, n, cap) = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return status;
}

/* The identifier that the record names came to be shared: it is of all whom that had joined. */
static int pass_on(struct holding *h, int64_t seq, const struct ident *shared, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct ident root;
	int status = joined_by(h->s, shared, &all, err);

	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = forest_root(h->s, all.v[i], INT64_MAX, &root, err);
		if (status == 0 && root.key)
			add_mark(h, root.key, seq);
	}
	free(all.v);
	return status < 0 ? status : pass_to_sessions(h, seq, shared, err);
}

static int see_mark(void *ctx, const struct store_row *row, struct buf *err)
{
	struct holding *h = ctx;
	struct ident one = {0};
	int64_t customer;
	int status = store_customer(
		h->s, row->session, row->ident, row->time, row->order, row->seq, &customer, err);

	if (status < 0 || row->erased)
		return status;
	add_mark(h, customer, row->seq);
	if (row->ident)
		status = who_ident(h->s, row->ident, &one, err);
	return status < 0 || one.shared <= row->seq ? status : pass_on(h, row->seq, &one, err);
}

static int by_customer(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->customer != y->customer)
		return x->customer < y->customer ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* Whether a later record is of one whom an identifier had joined before it was shared. */
static int was_joined(
	struct store *s, const struct ident *shared, int64_t later, bool *was, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct seqs sessions = {NULL, 0, 0};
	struct ident root;
	struct person p;
	int64_t customer;
	int status = past_of(s, later, later, &p, &customer, err);

	*was = false;
	if (status == 0)
		status = joined_by(s, shared, &all, err);
	for (size_t i = 0; i < all.n && status == 0 && p.ident; i++) {
		status = forest_root(s, all.v[i], later, &root, err);
		*was |= status == 0 && root.id == p.ident;
	}
	if (status == 0 && p.session)
		status = runs_each(s, RUNS_MEMBER, shared->id, &sessions, err);
	for (size_t i = 0; i < sessions.n; i++)
		*was |= sessions.v[i] == p.session;
	free(all.v);
	free(sessions.v);
	return status;
}

/* Whether a record and a later one were of one person when that came. */
static int were_one(struct store *s, int64_t seq, int64_t later, bool *were, struct buf *err)
{
	struct ident one = {0};
	struct person a = {0, 0}, b = {0, 0};
	int64_t customer, ident;
	int status = forest_number(s, Q_EVENT_IDENT, seq, &ident, err);

	if (status == 0 && ident)
		status = who_ident(s, ident, &one, err);
	if (status == 0 && one.shared > seq && one.shared <= later)
		return was_joined(s, &one, later, were, err);
	if (status == 0)
		status = past_of(s, seq, later, &a, &customer, err);
	if (status == 0)
		status = past_of(s, later, later, &b, &customer, err);
	*were = status == 0 && a.ident == b.ident && a.session == b.session;
	return status;
}

int erase_standing(struct store *s, const struct seqs *marks, const struct seqs *placed,
	int64_t *hold, struct buf *err)
{
	int status = 0;

	*hold = 0;
	for (size_t i = marks->n; i > 0 && !*hold && status == 0; i--) {
		bool released = !store_has(placed->v, placed->n, marks->v[i - 1]);

		for (size_t k = i; k < marks->n && !released && status == 0; k++)
			if (!store_has(placed->v, placed->n, marks->v[k]))
				status = were_one(s, marks->v[i - 1], marks->v[k], &released, err);
		*hold = released || status < 0 ? 0 : marks->v[i - 1];
	}
	return status;
}

void erase_marks_release(struct erase_marks *m)
{
	free(m->all.v);
	free(m->placed.v);
	free(m->passed.v);
	*m = (struct erase_marks){.read = false};
}

int erase_marks_read(struct store *s, struct erase_marks *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"SELECT e.seq, h.type='hold.placed', i.shared>e.seq FROM event e"
		" JOIN shape h ON h.id=e.shape LEFT JOIN ident i ON i.id=e.ident"
		" WHERE e.shape IN (SELECT id FROM shape WHERE type IN ('hold.placed',"
		" 'hold.released')) ORDER BY e.seq",
		&st, err);

	while (status >= 0 && (status = store_step(s, st, err)) == 1) {
		*VEC_ADD(&out->all, v, n, cap) = sqlite3_column_int64(st, 0);
		if (sqlite3_column_int(st, 1))
			*VEC_ADD(&out->placed, v, n, cap) = sqlite3_column_int64(st, 0);
		if (sqlite3_column_int(st, 2))
			*VEC_ADD(&out->passed, v, n, cap) = sqlite3_column_int64(st, 0);
	}
	sqlite3_finalize(st);
	out->read = status == 0;
	return status;
}

static int visit_held(struct store *s, int64_t customer, int64_t hold, erase_hold_visit *visit,
	void *ctx, struct buf *err)
{
	struct buf body = BUF_INIT;
	struct store_row row;
	int status = store_row(s, hold, INT64_MAX, &row, &body, err);

	if (status == 0)
		status = visit(ctx, customer, &row, err);
	buf_release(&body);
	return status;
}

int erase_passed(struct store *s, const struct erase_marks *m, int64_t customer,
	struct erase_marks *out, struct buf *err)
{
	struct holding h = {.s = s};
	int status = store_visit_seqs(s, &m->passed, INT64_MAX, see_mark, &h, err);

	for (size_t i = 0; i < h.n; i++) {
		if (h.v[i].customer != customer)
			continue;
		*VEC_ADD(&out->all, v, n, cap) = h.v[i].seq;
		if (store_has(m->placed.v, m->placed.n, h.v[i].seq))
			*VEC_ADD(&out->placed, v, n, cap) = h.v[i].seq;
	}
	out->all.n = store_once(out->all.v, out->all.n);
	out->placed.n = store_once(out->placed.v, out->placed.n);
	free(h.v);
	return status;
}

int erase_held(struct store *s, const struct erase_marks *m, erase_hold_visit *visit, void *ctx,
	struct buf *err)
{
	struct holding h = {.s = s};
	struct seqs hers = {NULL, 0, 0};
	int status = store_visit_seqs(s, &m->all, INT64_MAX, see_mark, &h, err);

	if (h.n)
		qsort(h.v, h.n, sizeof(*h.v), by_customer);
	for (size_t i = 0, k = 0; i < h.n && status == 0; i = k) {
		int64_t hold = 0;

		for (hers.n = 0; k < h.n && h.v[k].customer == h.v[i].customer; k++)
			*VEC_ADD(&hers, v, n, cap) = h.v[k].seq;
		status = erase_standing(s, &hers, &m->placed, &hold, err);
		if (status == 0 && hold)
			status = visit_held(s, h.v[i].customer, hold, visit, ctx, err);
	}
	free(hers.v);
	free(h.v);
	return status;
}

int erase_holds(struct store *s, erase_hold_visit *visit, void *ctx, struct buf *err)
{
	struct erase_marks m = {.read = false};
	int status = erase_marks_read(s, &m, err);

	if (status == 0)
		status = erase_held(s, &m, visit, ctx, err);
	erase_marks_release(&m);
	return status;
}
