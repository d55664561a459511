#include "core/store/scan.h"
#include "base/mem.h"
#include "core/store/identities.h"
#include "core/store/who.h"

#include <stdlib.h>

#define SPAN 8192 /* sequences of a piece */

struct scan {
	struct store *s;
	const struct store_range *r;
	sqlite3_stmt *st; /* rows from ?1 to ?2 that the filter lets through */
	int64_t at, to;	  /* read up to here; and up to there at last */
	int64_t customer; /* its number, as known at the beginning of the piece; 0: all */
	int64_t version;  /* of the file, as it was when its end was taken */
	struct seqs seqs; /* where an index knows them: those up to `to` */
	size_t next;	  /* of seqs */
	bool listed;
	struct buf body;
};

static void range_sql(struct buf *sql, const struct store_range *r)
{
	buf_puts(sql, "SELECT " ROW_COLUMNS " FROM event e");
	if (r->types_n)
		buf_puts(sql, " CROSS JOIN shape h ON h.id=e.shape");
	if (r->session)
		buf_puts(sql, " CROSS JOIN session s ON s.id=e.session AND s.name=?7");
	buf_puts(sql, " WHERE e.seq>=?1 AND e.seq<=?2");
	if (r->has_since)
		buf_puts(sql, " AND e.time>=?3");
	if (r->has_until)
		buf_puts(sql, " AND e.time<?4");
	if (r->has_recorded_since)
		buf_puts(sql, " AND e.recorded>=?5");
	if (r->has_recorded_until)
		buf_puts(sql, " AND e.recorded<?6");
	for (size_t i = 0; i < r->types_n; i++)
		buf_printf(sql, "%s?%zu", i ? "," : " AND h.type IN (", i + 8);
	buf_puts(sql, r->types_n ? ") ORDER BY e.seq" : " ORDER BY e.seq");
}

static int prepare(struct scan *c, struct buf *err)
{
	const struct store_range *r = c->r;
	struct buf sql = BUF_INIT;
	int status;

	range_sql(&sql, r);
	status = store_prepare(c->s, sql.s, &c->st, err);
	buf_release(&sql);
	if (status < 0)
		return status;
	sqlite3_bind_int64(c->st, 3, r->since);
	sqlite3_bind_int64(c->st, 4, r->until);
	sqlite3_bind_int64(c->st, 5, r->recorded_since);
	sqlite3_bind_int64(c->st, 6, r->recorded_until);
	if (r->session)
		store_bind(c->st, 7, str_of(r->session));
	for (size_t i = 0; i < r->types_n; i++)
		store_bind(c->st, (int)i + 8, str_of(r->types[i]));
	return 0;
}

/* ---- what the indexes know ---- */

struct named {
	struct scan *c;
	struct seqs sessions;
};

static int see_session(void *ctx, size_t i, int64_t id, struct buf *err)
{
	struct named *n = ctx;

	(void)i;
	(void)err;
	*VEC_ADD(&n->sessions, v, n, cap) = id;
	return 0;
}

/* A session is known by its source and name. Others of the same key are let through by no row. */
static int find_sessions(struct scan *c, struct seqs *out, struct buf *err)
{
	struct named n = {c, {NULL, 0, 0}};
	sqlite3_stmt *sources = NULL;
	int status = store_prepare(c->s, "SELECT DISTINCT source FROM shape", &sources, err);

	while (status >= 0 && (status = store_step(c->s, sources, err)) == 1) {
		struct str parts[] = {store_column(sources, 0), str_of(c->r->session)};
		uint64_t key = store_digest(c->s, parts, 2).a;

		status = runs_find(c->s, RUNS_PLACE, &key, 1, see_session, &n, err);
	}
	sqlite3_finalize(sources);
	*out = n.sessions;
	return status;
}

static int session_seqs(struct scan *c, struct buf *err)
{
	struct seqs sessions = {NULL, 0, 0}, one = {NULL, 0, 0};
	int status = find_sessions(c, &sessions, err);

	for (size_t i = 0; i < sessions.n && status == 0; i++) {
		status = runs_each(c->s, RUNS_SESSION, sessions.v[i], &one, err);
		for (size_t k = 0; k < one.n; k++)
			*VEC_ADD(&c->seqs, v, n, cap) = one.v[k];
	}
	free(sessions.v);
	free(one.v);
	return status;
}

int scan_has_session(struct scan *c, bool *has, struct buf *err)
{
	struct seqs sessions = {NULL, 0, 0};
	int status = store_read_begin(c->s, err);

	if (status == 0)
		status = store_fresh(c->s, err);
	if (status == 0)
		status = find_sessions(c, &sessions, err);
	store_read_end(c->s);
	*has = sessions.n > 0;
	free(sessions.v);
	return status;
}

int scan_has_type(struct scan *c, const char *type, bool *has, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(c->s, "SELECT 1 FROM shape WHERE type=?1 LIMIT 1", &st, err);

	*has = false;
	if (status < 0)
		return status;
	store_bind(st, 1, str_of(type));
	status = store_step(c->s, st, err);
	*has = status == 1;
	sqlite3_finalize(st);
	return status < 0 ? status : 0;
}

static int customer_seqs(struct scan *c, struct buf *err)
{
	struct person p;
	int status = store_person_by_customer(c->s, c->customer, &p, err);

	if (status < 0 || (!p.ident && !p.session))
		return status;
	return identity_seqs(c->s, &p, c->at, INT64_MAX, &c->seqs, err);
}

static int list(struct scan *c, struct buf *err)
{
	size_t n = 0;
	int status = 0;

	c->seqs.n = c->next = 0;
	c->listed = c->r->customer || c->r->session;
	if (c->r->customer)
		status = customer_seqs(c, err);
	else if (c->r->session)
		status = session_seqs(c, err);
	if (c->seqs.n > 1)
		qsort(c->seqs.v, c->seqs.n, sizeof(*c->seqs.v), store_by_number);
	for (size_t i = 0; i < c->seqs.n; i++)
		if (c->seqs.v[i] > c->at && c->seqs.v[i] <= c->to &&
			(!n || c->seqs.v[n - 1] != c->seqs.v[i]))
			c->seqs.v[n++] = c->seqs.v[i];
	c->seqs.n = n;
	return status;
}

/* ---- pieces ---- */

static int begin(struct scan *c, struct buf *err)
{
	int status = store_read_begin(c->s, err);

	if (status == 0)
		status = store_fresh(c->s, err);
	/* Customers join: the number may be another by now. */
	if (status == 0 && c->r->customer)
		status = store_find_customer(c->s, c->r->customer, &c->customer, err);
	return status;
}

static int take_end(struct scan *c, struct buf *err)
{
	int64_t last;
	int status = store_last(c->s, &last, err);

	c->to = c->r->has_to && c->r->to_seq < last ? c->r->to_seq : last;
	c->version = c->s->version;
	return status;
}

int scan_open(struct scan **out, struct store *s, const struct store_range *range, struct buf *err)
{
	struct scan *c = mem_zero(1, sizeof(*c));
	int status;

	*out = c;
	c->s = s;
	c->r = range;
	c->at = range->from_seq > 0 ? range->from_seq - 1 : 0;
	buf_init(&c->body);
	status = prepare(c, err);
	if (status < 0)
		return status;
	status = begin(c, err);
	if (status == 0 && range->customer && !c->customer)
		status = identity_none(s, range->customer, err);
	if (status == 0)
		status = take_end(c, err);
	if (status == 0)
		status = list(c, err);
	store_read_end(s);
	return status;
}

void scan_free(struct scan *c)
{
	if (!c)
		return;
	sqlite3_finalize(c->st);
	buf_release(&c->body);
	free(c->seqs.v);
	free(c);
}

/* Visits what is let through from one sequence to another. */
static int rows(
	struct scan *c, int64_t from, int64_t to, scan_visit *visit, void *ctx, struct buf *err)
{
	struct store_row row;
	int64_t customer;
	int status;

	sqlite3_bind_int64(c->st, 1, from);
	sqlite3_bind_int64(c->st, 2, to);
	while ((status = store_step(c->s, c->st, err)) == 1) {
		status = store_fill(c->s, c->st, &row, &c->body, err);
		if (status == 0)
			status = store_customer(c->s, row.session, row.ident, row.time, row.order,
				row.seq, &customer, err);
		/* Of those that an index gave, joins and splits since then change nothing. */
		if (status == 0 && (c->listed || !c->r->customer || customer == c->customer))
			status = visit(ctx, &row, customer, err);
		if (status != 0) {
			if (status == SCAN_ENOUGH)
				c->at = row.seq;
			sqlite3_reset(c->st);
			break;
		}
	}
	return status;
}

static int listed_piece(struct scan *c, scan_visit *visit, void *ctx, struct buf *err)
{
	int status = 0;

	for (int n = 0; n < SPAN && c->next < c->seqs.n && status == 0; n++) {
		int64_t seq = c->seqs.v[c->next++];

		status = rows(c, seq, seq, visit, ctx, err);
		c->at = seq;
	}
	if (c->next == c->seqs.n)
		c->at = c->to;
	return status;
}

int scan_piece(struct scan *c, scan_visit *visit, void *ctx, bool *more, struct buf *err)
{
	int64_t to = c->to - c->at > SPAN ? c->at + SPAN : c->to;
	int status = 0;

	if (c->at < c->to) {
		status = begin(c, err);
		if (status == 0 && c->listed)
			status = listed_piece(c, visit, ctx, err);
		else if (status == 0 && (status = rows(c, c->at + 1, to, visit, ctx, err)) == 0)
			c->at = to;
		store_read_end(c->s);
	}
	*more = c->at < c->to;
	return status < 0 ? status : 0;
}

/* ---- the last ones ---- */

static int see_seq_of(void *ctx, const struct store_row *row, int64_t customer, struct buf *err)
{
	struct seqs *out = ctx;

	(void)customer;
	(void)err;
	*VEC_ADD(out, v, n, cap) = row->seq;
	return 0;
}

/* What is let through of the piece before `end`, which becomes the place before that piece. */
static int piece_before(
	struct scan *c, int64_t *end, size_t *next, struct seqs *out, struct buf *err)
{
	int64_t from = *end - c->at > SPAN ? *end - SPAN : c->at;
	size_t first = *next > SPAN ? *next - SPAN : 0;
	int status = begin(c, err);

	out->n = 0;
	if (status == 0 && !c->listed)
		status = rows(c, from + 1, *end, see_seq_of, out, err);
	for (size_t i = first; c->listed && i < *next && status == 0; i++)
		status = rows(c, c->seqs.v[i], c->seqs.v[i], see_seq_of, out, err);
	store_read_end(c->s);
	*end = c->listed && !first ? c->at : from;
	*next = first;
	return status;
}

int scan_last(struct scan *c, int64_t n, struct buf *err)
{
	struct seqs found = {NULL, 0, 0};
	int64_t end = c->to, start;
	size_t next = c->seqs.n;
	int status = 0;

	start = end;
	while (status == 0 && n > 0 && end > c->at && (!c->listed || next)) {
		status = piece_before(c, &end, &next, &found, err);
		if ((int64_t)found.n >= n)
			start = found.v[found.n - (size_t)n] - 1;
		else
			start = c->listed ? (next ? c->seqs.v[next] - 1 : c->at) : end;
		n -= (int64_t)found.n;
	}
	free(found.v);
	scan_skip(c, start);
	return status;
}

void scan_skip(struct scan *c, int64_t seq)
{
	if (seq > c->at)
		c->at = seq;
	while (c->next < c->seqs.n && c->seqs.v[c->next] <= c->at)
		c->next++;
}

int64_t scan_at(const struct scan *c)
{
	return c->at;
}

bool scan_over(const struct scan *c)
{
	return c->r->has_to && c->at >= c->r->to_seq;
}

int scan_renew(struct scan *c, bool *moved, struct buf *err)
{
	int64_t version;
	int status = store_version(c->s, &version, err);

	*moved = status == 0 && version != c->version;
	if (!*moved)
		return status;
	/* What came since is little: it is looked through. */
	c->listed = false;
	c->seqs.n = c->next = 0;
	status = begin(c, err);
	if (status == 0)
		status = take_end(c, err);
	store_read_end(c->s);
	return status;
}

int scan_watch(struct scan *c, struct watch *w, struct buf *err)
{
	struct buf wal = BUF_INIT;

	if (!store_live(c->s)) {
		buf_printf(err, "%s: its folder cannot be written: what others commit is not seen",
			c->s->path);
		return STORE_ERROR;
	}
	buf_printf(&wal, "%s-wal", c->s->path);
	watch_add(w, c->s->path);
	watch_add(w, wal.s);
	buf_release(&wal);
	return 0;
}

/* ---- positions of readers ---- */

#define PLACE "reader:"

int place_get(struct store *s, const char *name, int64_t *seq, struct buf *err)
{
	struct buf key = BUF_INIT, value = BUF_INIT;
	int status;

	*seq = 0;
	buf_printf(&key, PLACE "%s", name);
	status = store_meta(s, key.s, &value, err);
	if (status == 0 && value.len && !str_int(buf_str(&value), seq)) {
		buf_printf(err, "%s: damaged: the position of %s is no number", s->path, name);
		status = STORE_ERROR;
	}
	buf_release(&key);
	buf_release(&value);
	return status;
}

int place_put(struct store *s, const char *name, int64_t seq, struct buf *err)
{
	struct buf key = BUF_INIT, value = BUF_INIT;
	sqlite3_stmt *st;
	int status = store_query(s, Q_PLACE_PUT, &st, err);

	if (status < 0)
		return status;
	buf_printf(&key, PLACE "%s", name);
	buf_int(&value, seq);
	store_bind(st, 1, buf_str(&key));
	store_bind(st, 2, buf_str(&value));
	status = store_run(s, st, err);
	buf_release(&key);
	buf_release(&value);
	return status;
}

int place_drop(struct store *s, const char *name, bool *was, struct buf *err)
{
	struct buf key = BUF_INIT;
	int status;

	buf_printf(&key, PLACE "%s", name);
	status = store_meta_drop(s, key.s, was, err);
	buf_release(&key);
	return status;
}

int place_each(struct store *s,
	int (*visit)(void *ctx, const char *name, int64_t seq, struct buf *err), void *ctx,
	struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_prepare(s,
		"SELECT substr(key, 8), CAST(value AS INTEGER) FROM meta"
		" WHERE key >= 'reader:' AND key < 'reader;' ORDER BY 1",
		&st, err);

	while (status >= 0 && (status = store_step(s, st, err)) == 1) {
		status = visit(ctx, (const char *)sqlite3_column_text(st, 0),
			sqlite3_column_int64(st, 1), err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	return status;
}
