/*
 * Who is who. Identifiers are the nodes of a union-find forest; a record that names two of them
 * joins them, and the link keeps the record's sequence. Links are never shortened, so the forest as
 * it stood at any sequence can be walked. The larger tree takes the smaller, so paths stay
 * logarithmic.
 *
 * A session's records that name nobody are its person's. Where a session names more than one person
 * ("mixed"), they belong to whoever is named nearest before in event time, else nearest after.
 *
 * A customer's number is the smallest sequence among the first records of its identifiers and of
 * its sessions that are not mixed.
 */
#include "core/store/who.h"
#include "base/mem.h"

#include <stdlib.h>

#define EXPAND_PEOPLE 2000 /* touched in one transaction */

static int find_root(struct store *s, int64_t id, int64_t as_of, struct ident *out, struct buf *err)
{
	int status;

	for (;;) {
		status = who_ident(s, id, out, err);
		if (status < 0 || !out->parent || out->joined > as_of)
			return status;
		id = out->parent;
	}
}

/* Runs a statement of one to three numbers that gives no row. */
static int run3(struct store *s, enum query q, int64_t a, int64_t b, int64_t c, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, q, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, a);
	if (sqlite3_bind_parameter_count(st) > 1)
		sqlite3_bind_int64(st, 2, b);
	if (sqlite3_bind_parameter_count(st) > 2)
		sqlite3_bind_int64(st, 3, c);
	return store_run(s, st, err);
}

static void mark(struct map *touched, int64_t id, int64_t seq)
{
	union map_value *v = map_slot(touched, (struct str){(char *)&id, sizeof(id)}, NULL);

	if (v->n < seq)
		v->n = seq;
}

/* Written once at the end of the transaction: a batch touches the same customers again and again.
 */
int store_touch(struct store *s, int64_t customer, int64_t seq, struct buf *err)
{
	(void)err;
	mark(&s->touched, customer, seq);
	return 0;
}

struct flushing {
	struct store *s;
	enum query q;
	struct buf *err;
	int status;
};

static void flush_one(void *ctx, struct str key, union map_value *v)
{
	struct flushing *f = ctx;
	int64_t id;

	memcpy(&id, key.s, sizeof(id));
	if (f->status == 0)
		f->status = run3(f->s, f->q, id, v->n, 0, f->err);
}

int store_flush_touched(struct store *s, struct buf *err)
{
	struct flushing f = {s, Q_TOUCH, err, 0};

	map_each(&s->touched, flush_one, &f);
	map_release(&s->touched);
	f.q = Q_TOUCH_SESSION;
	map_each(&s->touched_sessions, flush_one, &f);
	map_release(&s->touched_sessions);
	return f.status;
}

static int touch(struct store *s, int64_t customer, struct buf *err)
{
	return store_touch(s, customer, s->now, err);
}

/* The numbers that a statement of one to three parameters gives in its first column, gathered
 * before anything else runs. */
static int numbers(struct store *s, enum query q, int64_t a, int64_t b, int64_t c,
	struct names *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, q, &st, err);

	out->n = 0;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, a);
	if (sqlite3_bind_parameter_count(st) > 1)
		sqlite3_bind_int64(st, 2, b);
	if (sqlite3_bind_parameter_count(st) > 2)
		sqlite3_bind_int64(st, 3, c);
	while ((status = store_step(s, st, err)) == 1)
		*VEC_ADD(out, v, n, cap) = sqlite3_column_int64(st, 0);
	return status;
}

/* All identifiers of the person whose root it is, as of a sequence. */
int identity_members(
	struct store *s, int64_t root, int64_t as_of, struct names *out, struct buf *err)
{
	struct names children = {NULL, 0, 0};
	int status = 0;

	out->n = 0;
	*VEC_ADD(out, v, n, cap) = root;
	for (size_t i = 0; i < out->n && status == 0; i++) {
		status = numbers(s, Q_IDENT_CHILDREN, out->v[i], as_of, 0, &children, err);
		for (size_t c = 0; c < children.n; c++)
			*VEC_ADD(out, v, n, cap) = children.v[c];
	}
	free(children.v);
	return status;
}

/* Gives a root another customer number. */
static int rekey(struct store *s, struct ident *root, int64_t key, struct buf *err)
{
	int status;

	if (root->key == key)
		return 0;
	status = touch(s, root->key, err);
	who_drop_person(s, root->key);
	root->key = key;
	who_put_ident(s, root);
	who_set_person(s, key, root->id, 0);
	return status < 0 ? status : touch(s, key, err);
}

static int join(struct store *s, struct ident *a, struct ident *b, int64_t seq, struct buf *err)
{
	struct ident *big = a->size >= b->size ? a : b, *small = big == a ? b : a;
	int64_t key = a->key < b->key ? a->key : b->key, gone = a->key + b->key - key;
	int status;

	if (a->id == b->id)
		return 0;
	status = touch(s, a->key, err);
	if (status == 0)
		status = touch(s, b->key, err);
	if (gone != key)
		who_drop_person(s, gone);
	small->parent = big->id;
	small->joined = seq;
	small->key = 0;
	big->size += small->size;
	big->key = key;
	who_put_ident(s, small);
	who_put_ident(s, big);
	who_set_person(s, key, big->id, 0);
	return status;
}

/* The sessions in which an identifier is named, as of a sequence, each with who it names. */
static int member_sessions(
	struct store *s, int64_t ident, int64_t as_of, struct seqs *out, struct buf *err)
{
	size_t kept = 0;
	sqlite3_stmt *st;
	struct session in;
	int status = runs_each(s, RUNS_MEMBER, ident, out, err);

	for (size_t i = 0; i < out->n && status == 0; i++) {
		int64_t since = INT64_MAX;

		status = who_session(s, out->v[i], &in, err);
		if (status == 0 && in.ident == ident)
			since = in.named;
		else if (status == 0)
			status = store_query(s, Q_OTHER, &st, err);
		if (status == 0 && in.ident != ident) {
			sqlite3_bind_int64(st, 1, in.id);
			sqlite3_bind_int64(st, 2, ident);
			status = store_step(s, st, err);
			if (status == 1) {
				since = sqlite3_column_int64(st, 0);
				sqlite3_reset(st);
				status = 0;
			}
		}
		if (since <= as_of)
			out->v[kept++] = out->v[i];
	}
	out->n = kept;
	return status;
}

/* The customer number of a root from nothing but its identifiers and sessions. */
static int derive_key(struct store *s, int64_t ident, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct seqs sessions = {NULL, 0, 0};
	int64_t key = INT64_MAX;
	struct ident one, root = {0};
	struct session in;
	/* Its identifiers are asked of the file. */
	int status = who_flush(s, err);

	if (status == 0)
		status = find_root(s, ident, INT64_MAX, &root, err);
	if (status == 0)
		status = identity_members(s, root.id, INT64_MAX, &all, err);
	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = who_ident(s, all.v[i], &one, err);
		if (status == 0 && one.first < key)
			key = one.first;
		if (status == 0)
			status = member_sessions(s, all.v[i], INT64_MAX, &sessions, err);
		for (size_t k = 0; k < sessions.n && status == 0; k++) {
			status = who_session(s, sessions.v[k], &in, err);
			if (status == 0 && !in.mixed && in.first < key)
				key = in.first;
		}
	}
	free(all.v);
	free(sessions.v);
	return status < 0 ? status : rekey(s, &root, key, err);
}

/*
 * In a mixed session any new record may move those that name nobody: all its people are folded
 * anew. They may be many, so the session is marked here and its people when they are folded.
 */
static void touch_session(struct store *s, int64_t session)
{
	mark(&s->touched_sessions, session, s->now);
}

struct expanding {
	int64_t session, mark, after;
	size_t left; /* people that may still be touched */
};

/* Touches people of one session. Where it names nobody, the session is the person. */
static int expand(struct store *s, struct expanding *e, struct buf *err)
{
	struct names in = {NULL, 0, 0};
	struct session of;
	struct ident root;
	int status = who_session(s, e->session, &of, err);

	if (status == 0)
		status = numbers(
			s, Q_SESSION_IDENTS, e->session, e->after, (int64_t)e->left, &in, err);
	if (status == 0 && !of.ident)
		status = store_touch(s, of.first, e->mark, err);
	for (size_t i = 0; i < in.n && status == 0; i++) {
		status = find_root(s, in.v[i], INT64_MAX, &root, err);
		if (status == 0)
			status = store_touch(s, root.key, e->mark, err);
	}
	if (status == 0 && in.n == e->left)
		status = run3(s, Q_SESSION_AFTER, e->session, in.v[in.n - 1], 0, err);
	else if (status == 0)
		status = run3(s, Q_SESSION_DONE, e->session, 0, 0, err);
	e->left -= in.n + (in.n < e->left);
	free(in.v);
	return status;
}

int identity_expand(struct store *s, bool *more, struct buf *err)
{
	struct expanding e = {.left = EXPAND_PEOPLE};
	sqlite3_stmt *st;
	int status = 0;

	*more = true;
	while (status == 0 && *more && e.left) {
		status = store_query(s, Q_SESSION_TOUCHED, &st, err);
		if (status == 0)
			status = store_step(s, st, err);
		*more = status == 1;
		if (status != 1)
			break;
		e.session = sqlite3_column_int64(st, 0);
		e.mark = sqlite3_column_int64(st, 1);
		e.after = sqlite3_column_int64(st, 2);
		sqlite3_reset(st);
		status = expand(s, &e, err);
	}
	return status;
}

/* The records of a session that becomes mixed, by whether they name somebody. */
static int part(struct store *s, int64_t session, struct buf *err)
{
	struct seqs all = {NULL, 0, 0};
	int status = runs_each(s, RUNS_SESSION, session, &all, err);

	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = run3(s, Q_MENTION_ADD, all.v[i], 0, 0, err);
		if (status == 0)
			status = run3(s, Q_UNNAMED_ADD, all.v[i], 0, 0, err);
	}
	free(all.v);
	return status;
}

static int mix(struct store *s, struct session *in, int64_t newcomer, int64_t seq, struct buf *err)
{
	int status;

	in->mixed = seq;
	who_put_session(s, in);
	s->epochs[(size_t)in->id % EPOCHS]++;
	status = part(s, in->id, err);
	if (status == 0)
		status = derive_key(s, in->ident, err);
	return status < 0 ? status : derive_key(s, newcomer, err);
}

/* The first record that names somebody takes over a session that named nobody. */
static int name_session(struct store *s, struct session *in, bool fresh, struct ident *root,
	int64_t ident, int64_t seq, struct buf *err)
{
	int status = fresh ? 0 : touch(s, in->first, err);

	in->ident = ident;
	in->named = seq;
	who_put_session(s, in);
	runs_pend(s, RUNS_MEMBER, runs_spread((uint64_t)ident), in->id);
	if (!fresh)
		who_drop_person(s, in->first);
	return status < 0 ? status
			  : rekey(s, root, in->first < root->key ? in->first : root->key, err);
}

/* The root of the names, which are joined. A new identifier becomes a person; a later name that is
 * new becomes part of the first one's, and is never one of its own. */
static int settle(struct store *s, const struct names *names, int64_t seq, struct ident *root,
	struct buf *err)
{
	struct ident other;
	int status = find_root(s, names->v[0], INT64_MAX, root, err);

	if (status == 0 && root->first == seq && root->key == seq && root->size == 1)
		who_set_person(s, seq, root->id, 0);
	for (size_t i = 1; i < names->n && status == 0; i++) {
		status = find_root(s, names->v[i], INT64_MAX, &other, err);
		if (status == 0 && other.id != root->id) {
			status = join(s, root, &other, seq, err);
			*root = root->parent ? other : *root;
		}
	}
	return status;
}

/* A record that names nobody. Whose it is follows from its session. */
static int place_unnamed(
	struct store *s, const struct session *in, bool fresh, int64_t seq, struct buf *err)
{
	if (in->mixed) {
		touch_session(s, in->id);
		return run3(s, Q_UNNAMED_ADD, seq, 0, 0, err);
	}
	if (fresh && !in->ident)
		who_set_person(s, seq, 0, in->id);
	return 0;
}

static int place_other(
	struct store *s, const struct session *in, int64_t ident, int64_t seq, struct buf *err)
{
	int status = run3(s, Q_OTHER_ADD, in->id, ident, seq, err);

	if (status == 0 && sqlite3_changes(s->db))
		runs_pend(s, RUNS_MEMBER, runs_spread((uint64_t)ident), in->id);
	return status;
}

static int place_named(struct store *s, struct session *in, bool fresh, const struct names *names,
	int64_t seq, struct buf *err)
{
	struct ident root, owner;
	int status = settle(s, names, seq, &root, err);

	if (status < 0)
		return status;
	if (!in->ident)
		return name_session(s, in, fresh, &root, names->v[0], seq, err);
	if (in->ident != names->v[0])
		status = place_other(s, in, names->v[0], seq, err);
	if (status == 0)
		status = find_root(s, in->ident, INT64_MAX, &owner, err);
	if (status == 0 && in->mixed)
		status = run3(s, Q_MENTION_ADD, seq, 0, 0, err);
	else if (status == 0 && owner.id != root.id)
		status = mix(s, in, names->v[0], seq, err);
	if (in->mixed)
		touch_session(s, in->id);
	return status;
}

/* What a session with some names is remembered by; none of more than two, or of large numbers. */
static bool settled_key(
	struct store *s, int64_t session, const struct names *names, struct cache_key *key)
{
	const int64_t top = INT64_C(1) << 32;
	int64_t a = names->n > 0 ? names->v[0] : 0, b = names->n > 1 ? names->v[1] : 0;

	if (names->n > 2 || a >= top || b >= top || session >= top)
		return false;
	key->a = (uint64_t)session << 32 | s->epochs[(size_t)session % EPOCHS];
	key->b = (uint64_t)a << 32 | (uint64_t)b;
	return true;
}

int identity_place(struct store *s, int64_t session, bool fresh, const struct names *names,
	int64_t seq, struct buf *err)
{
	struct cache_key key;
	struct session in;
	bool brief = settled_key(s, session, names, &key);
	int status;

	if (brief && cache_get(&s->settled, key))
		return 0;
	status = who_session(s, session, &in, err);
	if (status < 0)
		return status;
	status = names->n ? place_named(s, &in, fresh, names, seq, err)
			  : place_unnamed(s, &in, fresh, seq, err);
	if (status == 0 && brief && !in.mixed)
		cache_put(&s->settled, key, 1);
	return status;
}

/* Who a record that names nobody belongs to in a mixed session; 0: nobody is named (yet). */
static int nearest(struct store *s, const struct store_row *row, int64_t as_of, int64_t *ident,
	struct buf *err)
{
	static const enum query order[] = {Q_NEAREST_BEFORE, Q_NEAREST_AFTER};
	sqlite3_stmt *st;

	*ident = 0;
	for (int i = 0; i < 2; i++) {
		int status = store_query(s, order[i], &st, err);

		if (status < 0)
			return status;
		sqlite3_bind_int64(st, 1, row->session);
		sqlite3_bind_int64(st, 2, row->time);
		sqlite3_bind_int64(st, 3, row->order);
		sqlite3_bind_int64(st, 4, row->seq);
		sqlite3_bind_int64(st, 5, as_of);
		status = store_step(s, st, err);
		if (status == 1) {
			*ident = sqlite3_column_int64(st, 0);
			sqlite3_reset(st);
			return 0;
		}
		if (status < 0)
			return status;
	}
	return 0;
}

int store_person(struct store *s, const struct store_row *row, int64_t as_of, struct person *p,
	struct buf *err)
{
	int64_t ident = row->ident;
	struct session in;
	struct ident root;
	int status = 0;

	*p = (struct person){0, 0};
	if (!ident) {
		status = who_session(s, row->session, &in, err);
		if (status < 0)
			return status;
		if (in.ident && in.named <= as_of)
			ident = in.ident;
		if (ident && in.mixed && in.mixed <= as_of)
			status = nearest(s, row, as_of, &ident, err);
	}
	if (status < 0)
		return status;
	if (!ident) {
		p->session = row->session;
		return 0;
	}
	status = find_root(s, ident, as_of, &root, err);
	p->ident = root.id;
	return status;
}

int store_person_customer(
	struct store *s, const struct person *p, int64_t *customer, struct buf *err)
{
	struct session in = {0};
	struct ident root = {0};
	int status = p->ident ? find_root(s, p->ident, INT64_MAX, &root, err)
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
	int status = store_query(s, Q_PERSON_GET, &st, err);

	*p = (struct person){0, 0};
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, customer);
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	*p = (struct person){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1)};
	sqlite3_reset(st);
	return 0;
}

/* The sessions that a person took part in, each once. */
static int person_sessions(
	struct store *s, const struct person *p, int64_t as_of, struct names *out, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct seqs one = {NULL, 0, 0};
	struct map seen = MAP_INIT;
	bool fresh;
	int status = identity_members(s, p->ident, as_of, &all, err);

	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = member_sessions(s, all.v[i], as_of, &one, err);
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

int store_effect(struct store *s, const struct store_row *row, const struct person *p,
	struct effect *out, struct buf *err)
{
	struct session in;
	sqlite3_stmt *st;
	int status = who_session(s, row->session, &in, err);

	*out = (struct effect){false, false, false};
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
	int status = numbers(s, Q_SESSION_IDENTS, session, 0, INT64_MAX, &in, err);

	for (size_t i = 0; i < in.n && status == 0; i++) {
		status = find_root(s, in.v[i], as_of, &root, err);
		if (status == 0)
			status = visit(ctx, &(struct person){root.id, 0});
	}
	free(in.v);
	return status;
}

/* Where a record stands in its session. */
struct place {
	int64_t time, order, seq;
};

struct mentions {
	struct place *v;
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
		*VEC_ADD(out, v, n, cap) = (struct place){sqlite3_column_int64(st, 0),
			sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2)};
	return status;
}

static void bind_place(sqlite3_stmt *st, int at, const struct place *p)
{
	sqlite3_bind_int64(st, at, p->time);
	sqlite3_bind_int64(st, at + 1, p->order);
	sqlite3_bind_int64(st, at + 2, p->seq);
}

/* The next record of a session that names somebody; the end of all times where there is none. */
static int next_mention(struct store *s, int64_t session, const struct place *at, int64_t as_of,
	struct place *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_MENTION_NEXT, &st, err);

	*out = (struct place){INT64_MAX, INT64_MAX, INT64_MAX};
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, session);
	bind_place(st, 2, at);
	sqlite3_bind_int64(st, 5, as_of);
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	*out = (struct place){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
		sqlite3_column_int64(st, 2)};
	sqlite3_reset(st);
	return 0;
}

/* The record at a place (its sequence 0: none) and those behind it up to the next that names
 * somebody. */
static int session_run(struct store *s, int64_t session, const struct place *at, int64_t from,
	int64_t as_of, struct seqs *out, struct buf *err)
{
	struct place end;
	sqlite3_stmt *st = NULL;
	int status = next_mention(s, session, at, as_of, &end, err);

	if (at->seq > from)
		*VEC_ADD(out, v, n, cap) = at->seq;
	if (status == 0)
		status = store_query(s, Q_UNNAMED, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, session);
	bind_place(st, 2, at);
	bind_place(st, 5, &end);
	sqlite3_bind_int64(st, 8, as_of);
	while ((status = store_step(s, st, err)) == 1)
		if (sqlite3_column_int64(st, 0) > from)
			*VEC_ADD(out, v, n, cap) = sqlite3_column_int64(st, 0);
	return status;
}

/* Whether the person is the one whom a session names first; hers are the records before that. */
static int begins(struct store *s, int64_t session, const struct person *p, int64_t as_of,
	bool *hers, struct buf *err)
{
	struct names first = {NULL, 0, 0};
	struct ident root;
	int status = numbers(s, Q_MENTION_FIRST, session, as_of, 0, &first, err);

	*hers = false;
	if (status == 0 && first.n) {
		status = find_root(s, first.v[0], as_of, &root, err);
		*hers = status == 0 && root.id == p->ident;
	}
	free(first.v);
	return status;
}

/* A person's records of a mixed session. Others' are not looked at: there may be as many of them as
 * people. */
static int mixed_seqs(struct store *s, int64_t session, const struct person *p, int64_t from,
	int64_t as_of, struct seqs *out, struct buf *err)
{
	const struct place begin = {INT64_MIN, INT64_MIN, 0};
	struct names all = {NULL, 0, 0};
	struct mentions m = {NULL, 0, 0};
	bool hers;
	int status = identity_members(s, p->ident, as_of, &all, err);

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
	if (in.mixed && in.mixed <= as_of)
		return mixed_seqs(s, session, p, from, as_of, out, err);
	status = runs_each(s, RUNS_SESSION, session, out, err);
	for (n = 0; n < out->n; n++)
		if (out->v[n] > from && out->v[n] <= as_of)
			out->v[kept++] = out->v[n];
	out->n = kept;
	return status;
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
	if (status == 0)
		status = store_visit_seqs(s, &seqs, as_of, visit, ctx, err);
	if (alone)
		store_read_end(s);
	free(seqs.v);
	return status;
}

int store_person_identifiers(struct store *s, const struct person *p,
	int (*visit)(void *ctx, const struct identifier *i, struct buf *err), void *ctx,
	struct buf *err)
{
	struct names all = {NULL, 0, 0};
	sqlite3_stmt *st = NULL;
	int status;

	if (!p->ident)
		return 0;
	status = identity_members(s, p->ident, INT64_MAX, &all, err);
	if (status == 0)
		status = store_prepare(s,
			"SELECT kind, scope, value, placeholder FROM ident WHERE id=?1", &st, err);
	for (size_t i = 0; i < all.n && status == 0; i++) {
		sqlite3_bind_int64(st, 1, all.v[i]);
		status = store_step(s, st, err);
		if (status == 1) {
			struct identifier id = {store_column(st, 0), store_column(st, 1),
				store_column(st, 2), sqlite3_column_int(st, 3) != 0};

			status = visit(ctx, &id, err);
			sqlite3_reset(st);
		}
	}
	sqlite3_finalize(st);
	free(all.v);
	return status;
}

/* Whose a number is that was a customer's before a join; 0: nobody's. */
static int find_former(struct store *s, int64_t number, int64_t *customer, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	struct buf body = BUF_INIT;
	struct store_row row;
	int status = store_prepare(s,
		"SELECT 1 FROM ident WHERE first=?1 AND placeholder=0 UNION ALL"
		" SELECT 1 FROM session WHERE first=?1 LIMIT 1",
		&st, err);

	*customer = 0;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, number);
	status = store_step(s, st, err);
	sqlite3_finalize(st);
	if (status != 1)
		return status;
	status = store_row(s, number, INT64_MAX, &row, &body, err);
	if (status == 0)
		status = store_customer(
			s, row.session, row.ident, row.time, row.order, number, customer, err);
	buf_release(&body);
	return status;
}

struct valued {
	struct store *s;
	struct str value;
	int64_t ident; /* the first that is nobody's placeholder */
};

static int see_valued(void *ctx, size_t i, int64_t id, struct buf *err)
{
	struct valued *v = ctx;
	sqlite3_stmt *st;
	int status = store_query(v->s, Q_IDENT_TEXT, &st, err);

	(void)i;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, id);
	status = store_step(v->s, st, err);
	if (status != 1)
		return status;
	if (!sqlite3_column_int(st, 3) && str_eq(store_column(st, 2), v->value) &&
		(!v->ident || id < v->ident))
		v->ident = id;
	sqlite3_reset(st);
	return 0;
}

static int ident_by_value(struct store *s, struct str value, int64_t *ident, struct buf *err)
{
	struct valued v = {s, value, 0};
	uint64_t key = store_digest(s, &value, 1).a;
	bool alone = sqlite3_get_autocommit(s->db) != 0;
	int status = alone ? store_read_begin(s, err) : 0;

	if (status == 0)
		status = store_fresh(s, err);
	if (status == 0)
		status = runs_find(s, RUNS_IDENT, &key, 1, see_valued, &v, err);
	if (alone)
		store_read_end(s);
	*ident = v.ident;
	return status;
}

int store_find_customer(struct store *s, const char *text, int64_t *customer, struct buf *err)
{
	struct ident root;
	struct person p;
	int64_t ident = 0;
	int status;

	*customer = 0;
	if (text[0] == 'c' && str_int(str_of(text + 1), customer)) {
		status = store_person_by_customer(s, *customer, &p, err);
		if (status < 0 || p.ident || p.session)
			return status;
		status = find_former(s, *customer, customer, err);
		if (status < 0 || *customer)
			return status;
	}
	status = ident_by_value(s, str_of(text), &ident, err);
	if (status < 0 || !ident)
		return status;
	status = find_root(s, ident, INT64_MAX, &root, err);
	if (status >= 0)
		*customer = root.key;
	return status;
}

int store_placeholders(struct store *s,
	int (*visit)(void *ctx, const char *name, int64_t count, struct buf *err), void *ctx,
	struct buf *err)
{
	struct buf name = BUF_INIT;
	sqlite3_stmt *st = NULL;
	int status = store_prepare(s,
		"SELECT kind, value, records FROM ident WHERE placeholder=1 ORDER BY records DESC, "
		"id",
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
		status = visit(ctx, name.s, sqlite3_column_int64(st, 2), err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	buf_release(&name);
	return status;
}
