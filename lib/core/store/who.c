#include "core/store/who.h"
#include "base/mem.h"

#include <stdlib.h>

#define AHEAD 8		/* names whose places in the cache are fetched before they are looked up */
#define KEPT_MAX 200000 /* sessions or identifiers that stay in memory after a transaction */

struct person_row {
	int64_t key, ident, session;
	bool gone;
};

static int missing(struct store *s, const char *what, int64_t id, struct buf *err)
{
	buf_printf(err, "%s: damaged: %s %lld is missing", s->path, what, (long long)id);
	return STORE_ERROR;
}

/* Steps to the row of a number; 0 where there is none. */

int who_missing(struct store *s, int64_t ident, struct buf *err)
{
	return missing(s, "identifier", ident, err);
}

static struct ident get_ident(sqlite3_stmt *st, int64_t id)
{
	return (struct ident){.id = id,
		.parent = sqlite3_column_int64(st, 0),
		.joined = sqlite3_column_int64(st, 1),
		.size = sqlite3_column_int64(st, 2),
		.key = sqlite3_column_int64(st, 3),
		.first = sqlite3_column_int64(st, 4),
		.placeholder = sqlite3_column_int(st, 5) != 0,
		.since = sqlite3_column_int64(st, 9),
		.shared = sqlite3_column_int64(st, 10),
		.rank = sqlite3_column_int(st, 11)};
}

static struct session get_session(sqlite3_stmt *st, int64_t id)
{
	return (struct session){.id = id,
		.first = sqlite3_column_int64(st, 0),
		.ident = sqlite3_column_int64(st, 1),
		.named = sqlite3_column_int64(st, 2),
		.mixed = sqlite3_column_int64(st, 3)};
}

static int read_ident(struct store *s, int64_t id, struct ident *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_get(s, Q_IDENT_GET, id, &st, err);

	if (status != 1)
		return status < 0 ? status : who_missing(s, id, err);
	*out = get_ident(st, id);
	sqlite3_reset(st);
	return 0;
}

static int read_session(struct store *s, int64_t id, struct session *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_get(s, Q_SESSION_GET, id, &st, err);

	if (status != 1)
		return status < 0 ? status : missing(s, "session", id, err);
	*out = get_session(st, id);
	sqlite3_reset(st);
	return 0;
}

int who_ident(struct store *s, int64_t id, struct ident *out, struct buf *err)
{
	const struct ident *kept = s->writing ? ids_get(&s->who.idents, id) : NULL;
	int status = 0;

	if (kept) {
		*out = *kept;
		return 0;
	}
	status = read_ident(s, id, out, err);
	if (status == 0 && s->writing)
		ids_add(&s->who.idents, out);
	return status;
}

int who_session(struct store *s, int64_t id, struct session *out, struct buf *err)
{
	const struct session *kept = s->writing ? ids_get(&s->who.sessions, id) : NULL;
	int status = 0;

	if (kept) {
		*out = *kept;
		return 0;
	}
	status = read_session(s, id, out, err);
	if (status == 0 && s->writing)
		ids_add(&s->who.sessions, out);
	return status;
}

/* A copy that was taken before it was written does not make it new again. */
void who_put_ident(struct store *s, const struct ident *i)
{
	struct ident *kept = ids_get(&s->who.idents, i->id);
	bool fresh = kept ? kept->fresh : i->fresh;

	if (!kept || !kept->dirty)
		*VEC_ADD(&s->who.changed_idents, v, n, cap) = i->id;
	if (!kept)
		kept = ids_add(&s->who.idents, i);
	*kept = *i;
	kept->fresh = fresh;
	kept->dirty = true;
}

void who_put_session(struct store *s, const struct session *in)
{
	struct session *kept = ids_get(&s->who.sessions, in->id);
	bool fresh = kept ? kept->fresh : in->fresh;

	if (!kept || !kept->dirty)
		*VEC_ADD(&s->who.changed_sessions, v, n, cap) = in->id;
	if (!kept)
		kept = ids_add(&s->who.sessions, in);
	*kept = *in;
	kept->fresh = fresh;
	kept->dirty = true;
}

void who_add_ident(struct store *s, struct ident *i)
{
	i->id = ++s->who.last_ident;
	i->fresh = true;
	who_put_ident(s, i);
}

void who_add_session(struct store *s, struct session *in)
{
	in->id = ++s->who.last_session;
	in->fresh = true;
	who_put_session(s, in);
}

static void put_person(struct store *s, const struct person_row *row)
{
	struct person_row *kept = ids_get(&s->who.persons, row->key);

	if (kept)
		*kept = *row;
	else
		ids_add(&s->who.persons, row);
}

void who_set_person(struct store *s, int64_t key, int64_t ident, int64_t session)
{
	put_person(s, &(struct person_row){key, ident, session, false});
}

void who_drop_person(struct store *s, int64_t key)
{
	put_person(s, &(struct person_row){key, 0, 0, true});
}

bool who_is_session_person(const struct store *s, int64_t key)
{
	const struct person_row *row = ids_get(&s->who.persons, key);

	return row && !row->gone && row->session;
}

static void bind_or_null(sqlite3_stmt *st, int at, int64_t n)
{
	if (n)
		sqlite3_bind_int64(st, at, n);
	else
		sqlite3_bind_null(st, at);
}

static int write_ident(struct store *s, struct ident *i, struct buf *err)
{
	sqlite3_stmt *st;
	bool fresh;
	int status = store_query(s, i->fresh ? Q_IDENT_ADD : Q_IDENT_SET, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, i->id);
	bind_or_null(st, 2, i->parent);
	bind_or_null(st, 3, i->joined);
	sqlite3_bind_int64(st, 4, i->size);
	bind_or_null(st, 5, i->key);
	sqlite3_bind_int64(st, 6, i->seen);
	bind_or_null(st, 7, i->since);
	bind_or_null(st, 8, i->shared);
	if (i->fresh) {
		sqlite3_bind_int64(st, 9, i->first);
		sqlite3_bind_int(st, 10, i->placeholder);
		sqlite3_bind_int(st, 11, i->rank);
		store_bind(st, 12, i->kind);
		store_bind(st, 13, i->scope);
		store_bind(st, 14, i->value);
	}
	fresh = i->fresh;
	i->fresh = i->dirty = false;
	i->seen = 0;
	return fresh ? store_add(s, st, i->id, err) : store_run(s, st, err);
}

static int write_session(struct store *s, struct session *in, struct buf *err)
{
	sqlite3_stmt *st;
	bool fresh;
	int status = store_query(s, in->fresh ? Q_SESSION_ADD : Q_SESSION_SET, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, in->id);
	bind_or_null(st, 2, in->ident);
	bind_or_null(st, 3, in->named);
	bind_or_null(st, 4, in->mixed);
	if (in->fresh) {
		sqlite3_bind_int64(st, 5, in->first);
		store_bind(st, 6, in->source);
		store_bind(st, 7, in->name);
	}
	fresh = in->fresh;
	in->fresh = in->dirty = false;
	return fresh ? store_add(s, st, in->id, err) : store_run(s, st, err);
}

static int write_person(struct store *s, const struct person_row *row, struct buf *err)
{
	sqlite3_stmt *st;
	int status;

	/* Of a number that came since the last flush nothing is on file. */
	if (row->gone && row->key > s->begun)
		return 0;
	status = store_query(s, row->gone ? Q_PERSON_DROP : Q_PERSON_ADD, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, row->key);
	if (!row->gone) {
		sqlite3_bind_int64(st, 2, row->ident);
		sqlite3_bind_int64(st, 3, row->session);
	}
	return store_run(s, st, err);
}

int who_flush(struct store *s, struct buf *err)
{
	struct who *w = &s->who;
	int status = 0;

	for (size_t i = 0; i < w->changed_sessions.n && status == 0; i++)
		status = write_session(s, ids_get(&w->sessions, w->changed_sessions.v[i]), err);
	for (size_t i = 0; i < w->changed_idents.n && status == 0; i++)
		status = write_ident(s, ids_get(&w->idents, w->changed_idents.v[i]), err);
	w->changed_sessions.n = w->changed_idents.n = 0;
	for (size_t i = 0; i < w->persons.n && status == 0; i++)
		status = write_person(s, ids_at(&w->persons, i), err);
	ids_clear(&w->persons);
	s->begun = s->now;
	return status;
}

void who_init(struct store *s)
{
	ids_init(&s->who.sessions, sizeof(struct session));
	ids_init(&s->who.idents, sizeof(struct ident));
	ids_init(&s->who.persons, sizeof(struct person_row));
}

void who_forget(struct store *s)
{
	ids_clear(&s->who.sessions);
	ids_clear(&s->who.idents);
	ids_clear(&s->who.persons);
	s->who.changed_sessions.n = s->who.changed_idents.n = 0;
}

void who_release(struct store *s)
{
	ids_release(&s->who.sessions);
	ids_release(&s->who.idents);
	ids_release(&s->who.persons);
	free(s->who.changed_sessions.v);
	free(s->who.changed_idents.v);
}

int who_begin(struct store *s, struct buf *err)
{
	int status = store_number(s, Q_LAST_SESSION, &s->who.last_session, err);

	return status < 0 ? status : store_number(s, Q_LAST_IDENT, &s->who.last_ident, err);
}

void who_trim(struct store *s)
{
	if (s->who.sessions.n > KEPT_MAX)
		ids_keep_last(&s->who.sessions, KEPT_MAX / 2);
	if (s->who.idents.n > KEPT_MAX)
		ids_keep_last(&s->who.idents, KEPT_MAX / 2);
}

/* ---- finding names ---- */

/* A name and a number that may be its. */
struct candidates {
	struct run_entry *v; /* the number, and the place of the group */
	size_t n, cap;
	const struct run_entry *asked; /* the names that are looked up, by the runs' key */
};

static int see(void *ctx, size_t i, int64_t id, struct buf *err)
{
	struct candidates *c = ctx;

	(void)err;
	*VEC_ADD(c, v, n, cap) = (struct run_entry){(uint64_t)id, c->asked[i].seq};
	return 0;
}

/* Their rows are read in the order in which they are on file. */
static int try_candidates(struct candidates *c, struct groups *groups, struct cache *known,
	who_is *is, void *ctx, struct buf *err)
{
	int status = 0;

	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), order_compare);
	for (size_t i = 0; i < c->n && status == 0; i++) {
		struct group *g = &groups->v[c->v[i].seq];

		if (g->id)
			continue;
		status = is(ctx, g, (int64_t)c->v[i].key, err);
		if (status == 0 && g->id)
			cache_put(known, g->key, g->id);
	}
	return status;
}

static void recall(const struct cache *known, struct groups *groups)
{
	for (size_t i = 0; i < groups->n; i++) {
		const int64_t *id = cache_get(known, groups->v[i].key);

		groups->v[i].id = id ? *id : 0;
		if (i + AHEAD < groups->n)
			cache_expect(known, groups->v[i + AHEAD].key);
	}
}

int who_resolve(struct store *s, enum run_kind kind, struct groups *groups, who_is *is, void *ctx,
	struct buf *err)
{
	struct cache *known = kind == RUNS_IDENT ? &s->idents : &s->sessions;
	struct run_entry *asked = mem_alloc(groups->n * sizeof(*asked));
	struct candidates c = {.asked = asked};
	uint64_t *keys = mem_alloc(groups->n * sizeof(*keys));
	size_t unknown = 0;
	int status;

	recall(known, groups);
	for (size_t i = 0; i < groups->n; i++)
		if (!groups->v[groups->order[i].seq].id) {
			keys[unknown] = groups->order[i].key;
			asked[unknown++] = groups->order[i];
		}
	status = runs_find(s, kind, keys, unknown, see, &c, err);
	if (status == 0)
		status = try_candidates(&c, groups, known, is, ctx, err);
	free(asked);
	free(keys);
	free(c.v);
	return status;
}

/* A row that was read for its name will be asked for the rest. */
static void remember(struct store *s, struct ids *kept, int64_t id, const void *one)
{
	if (s->writing && !ids_get(kept, id))
		ids_add(kept, one);
}

int who_is_ident(struct store *s, int64_t id, struct str kind, struct str scope, struct str value,
	int64_t *out, struct buf *err)
{
	sqlite3_stmt *st;
	struct ident one;
	int status = store_get(s, Q_IDENT_GET, id, &st, err);

	*out = 0;
	if (status != 1)
		return status;
	if (str_eq(store_column(st, 6), kind) && str_eq(store_column(st, 7), scope) &&
		str_eq(store_column(st, 8), value)) {
		one = get_ident(st, id);
		/* Shared ones name nobody either. */
		*out = one.placeholder || one.shared ? -id : id;
		remember(s, &s->who.idents, id, &one);
	}
	sqlite3_reset(st);
	return 0;
}

int who_is_session(struct store *s, int64_t id, struct str source, struct str name, bool *same,
	struct buf *err)
{
	sqlite3_stmt *st;
	struct session one;
	int status = store_get(s, Q_SESSION_GET, id, &st, err);

	*same = false;
	if (status != 1)
		return status;
	*same = str_eq(store_column(st, 4), name) && str_eq(store_column(st, 5), source);
	if (*same) {
		one = get_session(st, id);
		remember(s, &s->who.sessions, id, &one);
	}
	sqlite3_reset(st);
	return 0;
}
