/*
 * Who is who, as records come. A record that names two identifiers joins the people that they are
 * of, and the link keeps the record's sequence; the larger tree takes the smaller, so paths stay
 * logarithmic. Where people are parted again, see split.h.
 *
 * A record is of the person of the strongest identifier that it names. A session's records that
 * name nobody are its person's. Where a session names more than one person ("mixed"), they belong
 * to whoever is named nearest before in event time, else nearest after.
 *
 * A customer's number is the smallest sequence among her records but those of mixed sessions that
 * name nobody.
 */
#include "core/store/persons.h"
#include "core/store/split.h"
#include "base/mem.h"

#include <stdlib.h>

struct ranked {
	int rank;
	size_t at;
	int64_t id;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

int identity_order(struct store *s, struct names *names, struct buf *err)
{
	struct ranked *v;
	struct ident one;
	int status = 0;

	if (names->n < 2)
		return 0;
	v = mem_alloc(names->n * sizeof(*v));
	for (size_t i = 0; i < names->n && status == 0; i++) {
		status = who_ident(s, names->v[i], &one, err);
		v[i] = (struct ranked){one.rank, i, names->v[i]};
	}
	if (status == 0)
		qsort(v, names->n, sizeof(*v), by_rank);
	for (size_t i = 0; i < names->n && status == 0; i++)
		names->v[i] = v[i].id;
	free(v);
	return status;
}

/* The first record that names somebody takes over a session that named nobody. */
static int name_session(struct store *s, struct session *in, bool fresh, struct ident *root,
	int64_t ident, int64_t seq, struct buf *err)
{
	int status = fresh ? 0 : persons_touch(s, in->first, err);

	in->ident = ident;
	in->named = seq;
	who_put_session(s, in);
	runs_pend(s, RUNS_MEMBER, runs_spread((uint64_t)ident), in->id);
	if (!fresh)
		who_drop_person(s, in->first);
	return status < 0
		       ? status
		       : persons_rekey(s, root, in->first < root->key ? in->first : root->key, err);
}

/*
 * The names are joined, but those that were parted, and those of them that turn out to be shared
 * are left out. A new identifier becomes a person; a later name that is new becomes part of the
 * first one's, and is never one of its own.
 */
static int settle(struct store *s, struct names *names, enum said said, int64_t seq,
	struct ident *root, struct buf *err)
{
	int status = split_see(s, names, said, seq, err);

	if (status == 0)
		status = forest_root(s, names->v[0], INT64_MAX, root, err);
	if (status == 0 && !root->key)
		status = persons_rekey(s, root, seq, err);
	else if (status == 0 && root->first == seq && root->key == seq)
		who_set_person(s, seq, root->id, 0);
	return status;
}

/* A record that names nobody (given: but one that is shared). Whose it is follows from its session.
 */
static int place_unnamed(struct store *s, const struct session *in, bool fresh, int64_t given,
	int64_t seq, struct buf *err)
{
	struct ident one;
	int status;

	if (in->mixed) {
		persons_touch_session(s, in->id);
		status = given ? who_ident(s, given, &one, err) : 0;
		if (status < 0)
			return status;
		return given ? persons_mention(s, seq, &one, err)
			     : forest_run(s, Q_UNNAMED_ADD, seq, 0, 0, err);
	}
	if (fresh && !in->ident)
		who_set_person(s, seq, 0, in->id);
	return 0;
}

static int place_other(
	struct store *s, const struct session *in, int64_t ident, int64_t seq, struct buf *err)
{
	int status = forest_run(s, Q_OTHER_ADD, in->id, ident, seq, err);

	if (status == 0 && sqlite3_changes(s->db))
		runs_pend(s, RUNS_MEMBER, runs_spread((uint64_t)ident), in->id);
	return status;
}

/* It was its own customer's, where its names were nobody's. */
static int take_over(struct store *s, const struct session *in, struct buf *err)
{
	who_drop_person(s, in->first);
	return persons_touch(s, in->first, err);
}

/* A session names somebody else than before: its first record is its owner's number no more. */
static int mix(struct store *s, struct session *in, const struct ident *owner, int64_t seq,
	struct buf *err)
{
	int status = persons_mix(s, in, seq, err);

	if (status == 0 && ident_shared(owner, INT64_MAX))
		return take_over(s, in, err);
	return status < 0 || owner->key != in->first ? status : persons_number(s, in->ident, err);
}

/* live: somebody was named in the session who is not shared. */
static int mention(struct store *s, struct session *in, const struct ident *one, bool live,
	int64_t seq, struct buf *err)
{
	/* That which made it mixed is among them. */
	int status = in->mixed == seq ? 0 : persons_mention(s, seq, one, err);

	return status < 0 || live ? status : take_over(s, in, err);
}

static int place_named(struct store *s, struct session *in, bool fresh, struct names *names,
	enum said said, int64_t seq, struct buf *err)
{
	struct ident root, owner, one;
	bool live = true;
	int status = settle(s, names, said, seq, &root, err);

	/* What was parted may have changed it. */
	if (status == 0)
		status = who_session(s, in->id, in, err);
	if (status == 0 && in->ident && in->mixed)
		status = split_session_live(s, in, &live, err);
	if (status != 0)
		return status;
	if (!in->ident)
		return name_session(s, in, fresh, &root, names->v[0], seq, err);
	if (in->ident != names->v[0])
		status = place_other(s, in, names->v[0], seq, err);
	if (status == 0)
		status = forest_root(s, in->ident, INT64_MAX, &owner, err);
	if (status == 0)
		status = who_ident(s, names->v[0], &one, err);
	if (status == 0 && in->mixed)
		status = mention(s, in, &one, live, seq, err);
	else if (status == 0 && owner.id != root.id)
		status = mix(s, in, &owner, seq, err);
	if (in->mixed)
		persons_touch_session(s, in->id);
	return status;
}

/* What a session with some names is remembered by; none of more than two, or of large numbers. */
static bool settled_key(
	const struct store *s, int64_t session, const struct names *names, struct cache_key *key)
{
	const int64_t top = INT64_C(1) << 32;
	int64_t a = names->n > 0 ? names->v[0] : 0, b = names->n > 1 ? names->v[1] : 0;

	if (names->n > 2 || a >= top || b >= top || session >= top)
		return false;
	key->a = (uint64_t)session << 32 | s->epochs[(size_t)session % EPOCHS];
	key->b = (uint64_t)a << 32 | (uint64_t)b;
	return true;
}

void identity_expect(const struct store *s, int64_t session, int64_t ident)
{
	struct cache_key key;

	if (session && settled_key(s, session, &(struct names){&ident, ident != 0, 1}, &key))
		cache_expect(&s->settled, key);
	if (session)
		ids_expect(&s->who.sessions, session);
	if (ident)
		ids_expect(&s->who.idents, ident);
}

bool identity_is_settled(const struct store *s, int64_t session, const struct names *names)
{
	int64_t other[2];
	struct cache_key key;

	if (!settled_key(s, session, names, &key))
		return false;
	if (cache_get(&s->settled, key))
		return true;
	if (names->n < 2)
		return false;
	other[0] = names->v[1];
	other[1] = names->v[0];
	settled_key(s, session, &(struct names){other, 2, 2}, &key);
	return cache_get(&s->settled, key);
}

/* Those that are shared name nobody: a record of labels may still say one. */
static int drop_shared(struct store *s, struct names *names, struct buf *err)
{
	size_t kept = 0;
	struct ident one;
	int status = 0;

	for (size_t i = 0; i < names->n && status == 0; i++) {
		status = who_ident(s, names->v[i], &one, err);
		if (status == 0 && !one.shared)
			names->v[kept++] = names->v[i];
	}
	names->n = kept;
	return status;
}

/* It has the place of the record that it labels. */
static int place_labels(struct store *s, int64_t session, struct buf *err)
{
	struct session in;
	int status = who_session(s, session, &in, err);

	if (status == 0 && in.mixed)
		persons_touch_session(s, session);
	return status;
}

int identity_place(struct store *s, int64_t session, bool fresh, struct names *names,
	enum said said, int64_t seq, struct buf *err)
{
	struct cache_key key;
	struct session in;
	bool brief = said != SAID_LINKED && settled_key(s, session, names, &key);
	int64_t given = names->n ? names->v[0] : 0;
	int status;

	if (said == SAID_LABELS)
		return place_labels(s, session, err);
	if (brief && !fresh && cache_get(&s->settled, key))
		return 0;
	status = drop_shared(s, names, err);
	if (status == 0)
		status = who_session(s, session, &in, err);
	if (status != 0)
		return status;
	if (names->n)
		status = place_named(s, &in, fresh, names, said, seq, err);
	else
		status = place_unnamed(s, &in, fresh, given, seq, err);
	if (status == 0 && brief && !in.mixed)
		cache_put(&s->settled, key, 1);
	return status;
}
