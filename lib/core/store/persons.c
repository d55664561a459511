#include "core/store/persons.h"
#include "base/mem.h"

#include <stdlib.h>

#define EXPAND_PEOPLE 2000 /* touched in one transaction */

struct mark {
	int64_t id, seq;
};

static void mark(struct ids *touched, int64_t id, int64_t seq)
{
	struct mark *m = ids_get(touched, id);

	if (!m)
		ids_add(touched, &(struct mark){id, seq});
	else if (m->seq < seq)
		m->seq = seq;
}

void identity_init(struct store *s)
{
	ids_init(&s->touched, sizeof(struct mark));
	ids_init(&s->touched_sessions, sizeof(struct mark));
}

/* Written once at the end of the transaction: a batch touches the same customers again and again.
 */
int store_touch(struct store *s, int64_t customer, int64_t seq, struct buf *err)
{
	(void)err;
	mark(&s->touched, customer, seq);
	return 0;
}

static int flush(struct store *s, struct ids *touched, enum query q, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < touched->n && status == 0; i++) {
		const struct mark *m = ids_at(touched, i);

		status = forest_run(s, q, m->id, m->seq, 0, err);
	}
	ids_clear(touched);
	return status;
}

/* Whether there are facts, or will be of a log that ended before this transaction. The first that
 * are made without are of everybody there is. */
static int has_followers(struct store *s, bool *has, struct buf *err)
{
	int64_t gathered, building = 0;
	int status = store_meta_number(s, "gathered", 0, &gathered, err);

	if (status == 0)
		status = store_meta_number(s, "building", 0, &building, err);
	*has = gathered || building;
	return status;
}

int store_flush_touched(struct store *s, struct buf *err)
{
	bool has = false;
	int status = s->touched.n || s->touched_sessions.n ? has_followers(s, &has, err) : 0;

	if (status == 0 && !has) {
		ids_clear(&s->touched);
		ids_clear(&s->touched_sessions);
	}
	if (status == 0)
		status = flush(s, &s->touched, Q_TOUCH, err);
	return status < 0 ? status : flush(s, &s->touched_sessions, Q_TOUCH_SESSION, err);
}

static void at_least(struct ids *touched, int64_t seq)
{
	for (size_t i = 0; i < touched->n; i++) {
		struct mark *m = ids_at(touched, i);

		m->seq = m->seq < seq ? seq : m->seq;
	}
}

void persons_touched_by(struct store *s, int64_t seq)
{
	at_least(&s->touched, seq);
	at_least(&s->touched_sessions, seq);
}

int persons_touch(struct store *s, int64_t customer, struct buf *err)
{
	return customer ? store_touch(s, customer, s->now, err) : 0;
}

int persons_rekey(struct store *s, struct ident *root, int64_t key, struct buf *err)
{
	int status;

	if (root->key == key)
		return 0;
	status = persons_touch(s, root->key, err);
	if (root->key)
		who_drop_person(s, root->key);
	root->key = key;
	who_put_ident(s, root);
	if (key)
		who_set_person(s, key, root->id, 0);
	return status < 0 ? status : persons_touch(s, key, err);
}

/* 0: nobody has records of hers yet. */
static int64_t earlier_key(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

int persons_join(
	struct store *s, const struct ident *a, const struct ident *b, int64_t seq, struct buf *err)
{
	struct ident big = a->size >= b->size ? *a : *b, small = a->size >= b->size ? *b : *a;
	int64_t key = earlier_key(a->key, b->key), gone = a->key == key ? b->key : a->key;
	/* One that this very record brought is on record as nobody's yet. */
	bool hers = big.key == key && big.first != seq;
	int status;

	if (a->id == b->id)
		return 0;
	status = persons_touch(s, a->key, err);
	if (status == 0)
		status = persons_touch(s, b->key, err);
	if (gone && gone != key)
		who_drop_person(s, gone);
	small.parent = big.id;
	small.joined = seq;
	small.key = 0;
	big.size += small.size;
	big.key = key;
	who_put_ident(s, &small);
	who_put_ident(s, &big);
	if (key && !hers)
		who_set_person(s, key, big.id, 0);
	return status;
}

/* Whether a record is of one of the identifiers, which are sorted. */
static int record_is_theirs(
	struct store *s, int64_t seq, const struct names *sorted, bool *is, struct buf *err)
{
	int64_t ident;
	int status = forest_number(s, Q_EVENT_IDENT, seq, &ident, err);

	*is = status == 0 && ident && store_has(sorted->v, sorted->n, ident);
	return status;
}

/* The earliest record of one of a person's identifiers: one of a session that is hers alone, or one
 * that names her. */
static int earliest(struct store *s, int64_t ident, int64_t as_of, const struct names *sorted,
	int64_t *key, struct buf *err)
{
	struct seqs sessions = {NULL, 0, 0}, since = {NULL, 0, 0};
	struct ident one;
	struct session in;
	bool own = false;
	int status = who_ident(s, ident, &one, err);

	/* A record may have named it beside somebody from whom it was parted. */
	if (status == 0)
		status = record_is_theirs(s, one.first, sorted, &own, err);
	if (own)
		*key = earlier_key(*key, one.first);
	if (status == 0)
		status = forest_sessions(s, ident, as_of, &sessions, &since, err);
	for (size_t k = 0; k < sessions.n && status == 0; k++) {
		status = who_session(s, sessions.v[k], &in, err);
		if (status == 0)
			*key = earlier_key(
				*key, in.mixed && in.mixed <= as_of ? since.v[k] : in.first);
	}
	free(sessions.v);
	free(since.v);
	return status;
}

int persons_earliest(struct store *s, int64_t root, int64_t as_of, int64_t *number, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	int status = forest_members(s, root, as_of, &all, err);

	*number = 0;
	qsort(all.v, all.n, sizeof(*all.v), store_by_number);
	for (size_t i = 0; i < all.n && status == 0; i++)
		status = earliest(s, all.v[i], as_of, &all, number, err);
	free(all.v);
	return status;
}

int persons_customer(
	struct store *s, int64_t ident, int64_t as_of, int64_t *customer, struct buf *err)
{
	struct ident one, root = {0};
	int status = who_ident(s, ident, &one, err);

	*customer = 0;
	if (status == 0)
		status = forest_root(s, ident, as_of, &root, err);
	if (status < 0 || one.first > as_of || root.placeholder || ident_shared(&root, as_of))
		return status;
	*customer = root.key;
	return as_of == INT64_MAX ? 0 : persons_earliest(s, root.id, as_of, customer, err);
}

int persons_number(struct store *s, int64_t ident, struct buf *err)
{
	struct ident root = {0};
	int64_t number = 0;
	int status = who_flush(s, err);

	if (status == 0)
		status = forest_root(s, ident, INT64_MAX, &root, err);
	if (status == 0)
		status = persons_earliest(s, root.id, INT64_MAX, &number, err);
	return status < 0 ? status : persons_rekey(s, &root, number, err);
}

/*
 * In a mixed session any new record may move those that name nobody: all its people are folded
 * anew. They may be many, so the session is marked here and its people when they are folded.
 */
void persons_touch_session(struct store *s, int64_t session)
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
		status = forest_numbers(
			s, Q_SESSION_IDENTS, e->session, e->after, (int64_t)e->left, &in, err);
	if (status == 0 && (!of.ident || of.mixed))
		status = store_touch(s, of.first, e->mark, err);
	for (size_t i = 0; i < in.n && status == 0; i++) {
		status = forest_root(s, in.v[i], INT64_MAX, &root, err);
		if (status == 0 && root.key)
			status = store_touch(s, root.key, e->mark, err);
	}
	if (status == 0 && in.n == e->left)
		status = forest_run(s, Q_SESSION_AFTER, e->session, in.v[in.n - 1], 0, err);
	else if (status == 0)
		status = forest_run(s, Q_SESSION_DONE, e->session, 0, 0, err);
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

/* One record of a session that becomes mixed: it names somebody, perhaps who is nobody since, or it
 * does not. */
static int part(struct store *s, int64_t seq, struct buf *err)
{
	struct ident one = {0};
	int64_t ident;
	int status = forest_number(s, Q_EVENT_IDENT, seq, &ident, err);

	if (status == 0 && ident)
		status = who_ident(s, ident, &one, err);
	if (status < 0)
		return status;
	return one.id ? persons_mention(s, seq, &one, err)
		      : forest_run(s, Q_UNNAMED_ADD, seq, 0, 0, err);
}

int persons_mention(struct store *s, int64_t seq, const struct ident *one, struct buf *err)
{
	int status = forest_run(
		s, Q_MENTION_ADD, seq, one->id, one->shared ? one->shared : INT64_MAX, err);

	return status < 0 || !one->shared ? status
					  : forest_run(s, Q_UNNAMED_ADD, seq, one->shared, 0, err);
}

/* Those of the records that label others have the places of these. */
static int leave_labels(struct store *s, struct seqs *all, struct buf *err)
{
	struct names labels = {NULL, 0, 0}, by = {NULL, 0, 0};
	size_t kept = 0;
	int status = 0;

	for (size_t i = 0; i < all->n && s->labels && status == 0; i++) {
		status = forest_numbers(s, Q_LABELS_OF, all->v[i], 0, INT64_MAX, &by, err);
		for (size_t k = 0; k < by.n; k++)
			*VEC_ADD(&labels, v, n, cap) = by.v[k];
	}
	labels.n = store_once(labels.v, labels.n);
	for (size_t i = 0; i < all->n; i++)
		if (!store_has(labels.v, labels.n, all->v[i]))
			all->v[kept++] = all->v[i];
	all->n = kept;
	free(labels.v);
	free(by.v);
	return status;
}

int persons_mix(struct store *s, struct session *in, int64_t seq, struct buf *err)
{
	struct seqs all = {NULL, 0, 0};
	int status;

	in->mixed = seq;
	who_put_session(s, in);
	persons_unsettle(s, in->id);
	status = runs_each(s, RUNS_SESSION, in->id, &all, err);
	if (status == 0)
		status = leave_labels(s, &all, err);
	/* Where all is derived anew, there are later ones. */
	for (size_t i = 0; i < all.n && all.v[i] <= s->now && status == 0; i++)
		status = part(s, all.v[i], err);
	free(all.v);
	return status;
}

void persons_unsettle(struct store *s, int64_t session)
{
	s->epochs[(size_t)session % EPOCHS]++;
}
