#include "core/store/who.h"
#include "base/mem.h"

#include <stdlib.h>

#define AHEAD 8 /* names whose places in the cache are fetched before they are looked up */
/* Those that came last stay in memory. A session is over soon, and people come again. */
#define KEPT_SESSIONS 100000
#define KEPT_IDENTS 320000
#define KEPT_MORE 40000 /* before the others go */

struct person_row {
	int64_t key, ident, session;
	bool gone;
};

static int missing(struct store *s, const char *what, int64_t id, struct buf *err)
{
	buf_printf(err, "%s: damaged: %s %lld is missing", s->path, what, (long long)id);
	return STORE_ERROR;
}

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

static void add_ident(struct store *s, const struct ident *i)
{
	struct ident *kept = ids_add(&s->who.idents, i);

	kept->dirty = true;
	*VEC_ADD(&s->who.changed_idents, v, n, cap) = (int64_t)s->who.idents.n - 1;
}

static void add_session(struct store *s, const struct session *in)
{
	struct session *kept = ids_add(&s->who.sessions, in);

	kept->dirty = true;
	*VEC_ADD(&s->who.changed_sessions, v, n, cap) = (int64_t)s->who.sessions.n - 1;
}

/* A copy that was taken before it was written does not make it new again. */
void who_put_ident(struct store *s, const struct ident *i)
{
	struct ident *kept = ids_get(&s->who.idents, i->id);
	bool fresh;

	if (!kept) {
		add_ident(s, i);
		return;
	}
	fresh = kept->fresh;
	if (!kept->dirty)
		*VEC_ADD(&s->who.changed_idents, v, n, cap) = ids_place(&s->who.idents, kept);
	*kept = *i;
	kept->fresh = fresh;
	kept->dirty = true;
}

void who_put_session(struct store *s, const struct session *in)
{
	struct session *kept = ids_get(&s->who.sessions, in->id);
	bool fresh;

	if (!kept) {
		add_session(s, in);
		return;
	}
	fresh = kept->fresh;
	if (!kept->dirty)
		*VEC_ADD(&s->who.changed_sessions, v, n, cap) = ids_place(&s->who.sessions, kept);
	*kept = *in;
	kept->fresh = fresh;
	kept->dirty = true;
}

static uint32_t add_texts(struct who *w, const struct str *parts, size_t n)
{
	uint32_t place = (uint32_t)w->text_n;

	for (size_t i = 0; i < n; i++)
		*VEC_ADD(w, text, text_n, text_cap) = parts[i];
	return place;
}

void who_add_ident(
	struct store *s, struct ident *i, struct str kind, struct str scope, struct str value)
{
	i->id = ++s->who.last_ident;
	i->fresh = true;
	i->text = add_texts(&s->who, (struct str[]){kind, scope, value}, 3);
	add_ident(s, i);
}

void who_add_session(struct store *s, struct session *in, struct str source, struct str name)
{
	in->id = ++s->who.last_session;
	in->fresh = true;
	in->text = add_texts(&s->who, (struct str[]){source, name}, 2);
	add_session(s, in);
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

static int update_ident(struct store *s, const struct ident *i, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_IDENT_SET, &st, err);

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
	return store_run(s, st, err);
}

static int update_session(struct store *s, const struct session *in, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_SESSION_SET, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, in->id);
	bind_or_null(st, 2, in->ident);
	bind_or_null(st, 3, in->named);
	bind_or_null(st, 4, in->mixed);
	return store_run(s, st, err);
}

static int drop_person(struct store *s, const struct person_row *row, struct buf *err)
{
	sqlite3_stmt *st;
	int status;

	/* Of a number that came since the last flush nothing is on file. */
	if (row->key > s->begun)
		return 0;
	status = store_query(s, Q_PERSON_DROP, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, row->key);
	return store_run(s, st, err);
}

/* The columns of Q_SESSIONS_ADD. */
static void put_session(void *ctx, size_t row, int column, sqlite3_context *out)
{
	const struct who *w = ctx;
	const struct session *in = w->fresh[row];

	switch (column) {
	case 0:
	case 3:
		sqlite3_result_int64(out, column ? in->first : in->id);
		break;
	case 1:
	case 2:
		given_text(out, w->text[in->text + (size_t)column - 1]);
		break;
	default:
		given_or_null(out, column == 4 ? in->ident : column == 5 ? in->named : in->mixed);
	}
}

/* The columns of Q_IDENTS_ADD. */
static void put_ident(void *ctx, size_t row, int column, sqlite3_context *out)
{
	const struct who *w = ctx;
	const struct ident *i = w->fresh[row];
	const int64_t number[] = {i->first, i->placeholder, i->seen, i->parent, i->joined, i->size,
		i->key, i->since, i->shared, i->rank};

	if (column == 0)
		sqlite3_result_int64(out, i->id);
	else if (column < 4)
		given_text(out, w->text[i->text + (size_t)column - 1]);
	else if (column < 7 || column == 9 || column == 13)
		sqlite3_result_int64(out, number[column - 4]);
	else
		given_or_null(out, number[column - 4]);
}

static void put_person_row(void *ctx, size_t row, int column, sqlite3_context *out)
{
	const struct who *w = ctx;
	const struct person_row *p = w->fresh[row];

	sqlite3_result_int64(out, column == 0 ? p->key : column == 1 ? p->ident : p->session);
}

static int add_fresh(struct store *s, enum query q, given_put *put, struct buf *err)
{
	struct given rows = {s->who.fresh_n, put, &s->who};

	s->who.fresh_n = 0;
	return rows.n ? store_give(s, q, &rows, err) : 0;
}

static int flush_sessions(struct store *s, struct buf *err)
{
	struct who *w = &s->who;
	int status = 0;

	for (size_t i = 0; i < w->changed_sessions.n && status == 0; i++) {
		struct session *in = ids_at(&w->sessions, (size_t)w->changed_sessions.v[i]);

		if (in->fresh)
			*VEC_ADD(w, fresh, fresh_n, fresh_cap) = in;
		else
			status = update_session(s, in, err);
		in->fresh = in->dirty = false;
	}
	w->changed_sessions.n = 0;
	return status < 0 ? status : add_fresh(s, Q_SESSIONS_ADD, put_session, err);
}

static int flush_idents(struct store *s, struct buf *err)
{
	struct who *w = &s->who;
	int status = 0;

	for (size_t k = 0; k < w->changed_idents.n && status == 0; k++) {
		struct ident *i = ids_at(&w->idents, (size_t)w->changed_idents.v[k]);

		if (i->fresh)
			*VEC_ADD(w, fresh, fresh_n, fresh_cap) = i;
		else
			status = update_ident(s, i, err);
		i->fresh = i->dirty = false;
	}
	if (status == 0)
		status = add_fresh(s, Q_IDENTS_ADD, put_ident, err);
	for (size_t k = 0; k < w->changed_idents.n; k++)
		((struct ident *)ids_at(&w->idents, (size_t)w->changed_idents.v[k]))->seen = 0;
	w->changed_idents.n = 0;
	return status;
}

static int flush_persons(struct store *s, struct buf *err)
{
	struct who *w = &s->who;
	int status = 0;

	for (size_t i = 0; i < w->persons.n && status == 0; i++) {
		const struct person_row *row = ids_at(&w->persons, i);

		if (row->gone)
			status = drop_person(s, row, err);
		else
			*VEC_ADD(w, fresh, fresh_n, fresh_cap) = row;
	}
	if (status == 0)
		status = add_fresh(s, Q_PERSONS_ADD, put_person_row, err);
	ids_clear(&w->persons);
	return status;
}

int who_flush(struct store *s, struct buf *err)
{
	int status = flush_sessions(s, err);

	if (status == 0)
		status = flush_idents(s, err);
	if (status == 0)
		status = flush_persons(s, err);
	s->who.text_n = 0;
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
	s->who.changed_sessions.n = s->who.changed_idents.n = s->who.fresh_n = s->who.text_n = 0;
}

void who_release(struct store *s)
{
	ids_release(&s->who.sessions);
	ids_release(&s->who.idents);
	ids_release(&s->who.persons);
	free(s->who.changed_sessions.v);
	free(s->who.changed_idents.v);
	free(s->who.fresh);
	free(s->who.text);
}

int who_begin(struct store *s, struct buf *err)
{
	int status = store_number(s, Q_LAST_SESSION, &s->who.last_session, err);

	return status < 0 ? status : store_number(s, Q_LAST_IDENT, &s->who.last_ident, err);
}

void who_trim(struct store *s)
{
	if (s->who.sessions.n > KEPT_SESSIONS + KEPT_MORE)
		ids_keep_last(&s->who.sessions, KEPT_SESSIONS);
	if (s->who.idents.n > KEPT_IDENTS + KEPT_MORE)
		ids_keep_last(&s->who.idents, KEPT_IDENTS);
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

static void recall(const struct cache *known, struct groups *groups, const struct groups *before)
{
	for (size_t i = 0; i < groups->n; i++) {
		const struct group *was = before ? groups_find(before, groups->v[i].key) : NULL;
		const int64_t *id = was ? &was->id : cache_get(known, groups->v[i].key);

		groups->v[i].id = id ? *id : 0;
		if (i + AHEAD >= groups->n)
			continue;
		if (before)
			groups_expect(before, groups->v[i + AHEAD].key);
		cache_expect(known, groups->v[i + AHEAD].key);
	}
}

int who_resolve(struct store *s, struct store *from, enum run_kind kind, struct groups *groups,
	const struct groups *before, who_is *is, void *ctx, struct buf *err)
{
	struct cache *known = kind == RUNS_IDENT ? &s->idents : &s->sessions;
	struct run_entry *asked = mem_alloc(groups->n * sizeof(*asked));
	struct candidates c = {.asked = asked};
	uint64_t *keys = mem_alloc(groups->n * sizeof(*keys));
	size_t unknown = 0;
	int status;

	recall(known, groups, before);
	for (size_t i = 0; i < groups->n; i++)
		if (!groups->v[groups->order[i].seq].id) {
			keys[unknown] = groups->order[i].key;
			asked[unknown++] = groups->order[i];
		}
	status = runs_find(from, kind, keys, unknown, see, &c, err);
	if (status == 0)
		status = try_candidates(&c, groups, known, is, ctx, err);
	free(asked);
	free(keys);
	free(c.v);
	return status;
}

int who_is_ident(struct store *s, int64_t id, struct str kind, struct str scope, struct str value,
	struct ident *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_get(s, Q_IDENT_GET, id, &st, err);

	if (status != 1)
		return status;
	status = str_eq(store_column(st, 6), kind) && str_eq(store_column(st, 7), scope) &&
		 str_eq(store_column(st, 8), value);
	if (status)
		*out = get_ident(st, id);
	sqlite3_reset(st);
	return status;
}

int who_is_session(struct store *s, int64_t id, struct str source, struct str name,
	struct session *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_get(s, Q_SESSION_GET, id, &st, err);

	if (status != 1)
		return status;
	status = str_eq(store_column(st, 4), name) && str_eq(store_column(st, 5), source);
	if (status)
		*out = get_session(st, id);
	sqlite3_reset(st);
	return status;
}
