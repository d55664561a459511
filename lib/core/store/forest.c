#include "core/store/forest.h"
#include "base/mem.h"

#include <stdlib.h>

static void bind3(sqlite3_stmt *st, int64_t a, int64_t b, int64_t c)
{
	sqlite3_bind_int64(st, 1, a);
	if (sqlite3_bind_parameter_count(st) > 1)
		sqlite3_bind_int64(st, 2, b);
	if (sqlite3_bind_parameter_count(st) > 2)
		sqlite3_bind_int64(st, 3, c);
}

int forest_run(struct store *s, enum query q, int64_t a, int64_t b, int64_t c, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, q, &st, err);

	if (status < 0)
		return status;
	bind3(st, a, b, c);
	return store_run(s, st, err);
}

int forest_numbers(struct store *s, enum query q, int64_t a, int64_t b, int64_t c,
	struct names *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, q, &st, err);

	out->n = 0;
	if (status < 0)
		return status;
	bind3(st, a, b, c);
	while ((status = store_step(s, st, err)) == 1)
		*VEC_ADD(out, v, n, cap) = sqlite3_column_int64(st, 0);
	return status;
}

int forest_number(struct store *s, enum query q, int64_t seq, int64_t *out, struct buf *err)
{
	struct names of = {NULL, 0, 0};
	int status = forest_numbers(s, q, seq, 0, 0, &of, err);

	*out = of.n ? of.v[0] : 0;
	free(of.v);
	return status;
}

/* Puts it back where it stood as of a sequence. */
static int stand(struct store *s, struct ident *one, int64_t as_of, struct buf *err)
{
	sqlite3_stmt *st;
	int status;

	if (one->since <= as_of)
		return 0;
	one->parent = one->joined = 0;
	status = store_query(s, Q_WAS, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, one->id);
	sqlite3_bind_int64(st, 2, as_of);
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	one->parent = sqlite3_column_int64(st, 0);
	one->joined = sqlite3_column_int64(st, 1);
	sqlite3_reset(st);
	return 0;
}

int forest_root(struct store *s, int64_t id, int64_t as_of, struct ident *out, struct buf *err)
{
	int status;

	for (;;) {
		status = who_ident(s, id, out, err);
		if (status == 0)
			status = stand(s, out, as_of, err);
		if (status < 0 || !out->parent || out->joined > as_of)
			return status;
		id = out->parent;
	}
}

int forest_members(struct store *s, int64_t root, int64_t as_of, struct names *out, struct buf *err)
{
	struct names children = {NULL, 0, 0};
	int status = 0;

	out->n = 0;
	*VEC_ADD(out, v, n, cap) = root;
	for (size_t i = 0; i < out->n && status == 0; i++) {
		status = forest_numbers(s, Q_IDENT_CHILDREN, out->v[i], as_of, 0, &children, err);
		for (size_t c = 0; c < children.n; c++)
			*VEC_ADD(out, v, n, cap) = children.v[c];
	}
	free(children.v);
	return status;
}

int forest_keep(struct store *s, const struct ident *one, int64_t seq, struct buf *err)
{
	/* What the same record joined before was never so. */
	bool stood = one->joined && one->joined < seq;
	sqlite3_stmt *st;
	int status;

	/* Nothing was ever read between two changes by one record. */
	if (one->since == seq || one->first == seq)
		return 0;
	status = store_query(s, Q_WAS_ADD, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, one->id);
	sqlite3_bind_int64(st, 2, seq);
	sqlite3_bind_int64(st, 3, one->since);
	sqlite3_bind_int64(st, 4, stood ? one->parent : 0);
	sqlite3_bind_int64(st, 5, stood ? one->joined : 0);
	return store_run(s, st, err);
}

/* The first record of a session that names the identifier; INT64_MAX: none does. */
static int named_since(
	struct store *s, const struct session *in, int64_t ident, int64_t *since, struct buf *err)
{
	sqlite3_stmt *st;
	int status;

	*since = in->ident == ident ? in->named : INT64_MAX;
	if (in->ident == ident)
		return 0;
	status = store_query(s, Q_OTHER, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, in->id);
	sqlite3_bind_int64(st, 2, ident);
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	*since = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return 0;
}

int forest_sessions(struct store *s, int64_t ident, int64_t as_of, struct seqs *out,
	struct seqs *since, struct buf *err)
{
	size_t kept = 0;
	struct session in;
	int64_t first = 0;
	int status = runs_each(s, RUNS_MEMBER, ident, out, err);

	if (since)
		since->n = 0;
	for (size_t i = 0; i < out->n && status == 0; i++) {
		status = who_session(s, out->v[i], &in, err);
		if (status == 0)
			status = named_since(s, &in, ident, &first, err);
		if (status < 0 || first > as_of)
			continue;
		out->v[kept++] = out->v[i];
		if (since)
			*VEC_ADD(since, v, n, cap) = first;
	}
	out->n = kept;
	return status;
}
