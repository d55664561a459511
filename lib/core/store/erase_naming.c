#include "core/store/erase_hers.h"

#include "base/mem.h"
#include "core/store/batch.h"

#include <stdlib.h>

struct erasing *erasing_new(struct store *s)
{
	struct erasing *e = mem_zero(1, sizeof(*e));

	*e = (struct erasing){
		.s = s, .read = MAP_TOGETHER, .named = MAP_TOGETHER, .factless = MAP_TOGETHER};
	return e;
}

static void drop(struct erasing *e)
{
	map_release(&e->read);
	map_release(&e->named);
	map_release(&e->factless);
	erase_marks_release(&e->marks);
	e->n = 0;
}

void erasing_free(struct erasing *e)
{
	drop(e);
	free(e->v);
	free(e);
}

/*
 * What others wrote meanwhile may have joined people, or given numbers that are free anew. What is
 * erased here adds no name, and a number that it frees is named beside nobody when it is another's;
 * nor does it fold anybody.
 */
int erasing_fresh(struct erasing *e, struct buf *err)
{
	int64_t version;
	int status = store_version(e->s, &version, err);

	if (status == 0 && version != e->version)
		drop(e);
	e->version = version;
	return status;
}

static void add(struct erasing *e, const struct cache_key *name, int64_t seq)
{
	union map_value *last = map_slot(&e->named, naming_key(name), NULL);

	*VEC_ADD(e, v, n, cap) = (struct naming){seq, (size_t)last->n};
	last->n = (int64_t)e->n;
}

/* Digests of those whom records name beside one, and who are not one with it. */
static int see_others(struct erasing *e, int64_t ident, struct map *out, struct buf *err)
{
	struct names others = {NULL, 0, 0};
	struct ident own, root;
	struct cache_key key;
	int status = erase_edges(e->s, &(struct names){&ident, 1, 1}, &others, err);

	if (status == 0)
		status = forest_root(e->s, ident, INT64_MAX, &own, err);
	for (size_t i = 0; i < others.n && status == 0; i++) {
		status = forest_root(e->s, others.v[i], INT64_MAX, &root, err);
		if (status < 0 || root.id == own.id)
			continue;
		status = hers_ident_key(e->s, others.v[i], &key, err);
		if (status == 0)
			map_slot(out, naming_key(&key), NULL);
	}
	free(others.v);
	return status;
}

static int read_record(
	struct hers *h, int64_t ident, const struct map *others, int64_t seq, struct buf *err)
{
	enum event_fault fault;
	struct store_row row;
	struct str source;
	/* Labels are no matter. */
	int status = store_row(h->s, seq, 0, &row, &h->body, err);

	if (status < 0 || row.erased || row.ident != ident)
		return status;
	if (event_read(&h->ev, row.body, false, &fault, err) < 0)
		return STORE_ERROR;
	source = event_attr(&h->ev, ATTR_SOURCE);
	for
		JSON_EACH(v, h->ev.data[DATA_IDENTIFIERS])
		{
			struct cache_key key = batch_name_key(h->s, json_member(v, "kind")->text,
				batch_scope(v, source), json_member(v, "value")->text);

			if (map_get(others, naming_key(&key)))
				add(h->e, &key, seq);
		}
	return 0;
}

static int mentions(
	struct store *s, int64_t session, int64_t ident, struct seqs *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_MENTIONS, &st, err);

	out->n = 0;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, session);
	sqlite3_bind_int64(st, 2, ident);
	sqlite3_bind_int64(st, 3, INT64_MAX);
	while ((status = store_step(s, st, err)) == 1)
		*VEC_ADD(out, v, n, cap) = sqlite3_column_int64(st, 2);
	return status;
}

/* Records of a session that may be of an identifier. Of several people there may be many others.
 */
static int session_seqs(
	struct hers *h, int64_t session, int64_t ident, struct seqs *out, struct buf *err)
{
	struct session in;
	int status = who_session(h->s, session, &in, err);

	if (status < 0 || !in.mixed)
		return status < 0 ? status : runs_each(h->s, RUNS_SESSION, session, out, err);
	return mentions(h->s, session, ident, out, err);
}

static int read_beside(struct hers *h, int64_t ident, struct buf *err)
{
	struct seqs sessions = {NULL, 0, 0}, all = {NULL, 0, 0};
	struct map others = MAP_TOGETHER;
	struct ident one;
	int status = who_ident(h->s, ident, &one, err);

	if (status < 0 || one.placeholder || one.shared)
		return status;
	status = see_others(h->e, ident, &others, err);
	if (status == 0)
		status = runs_each(h->s, RUNS_MEMBER, ident, &sessions, err);
	for (size_t i = 0; i < sessions.n && status == 0; i++) {
		status = session_seqs(h, sessions.v[i], ident, &all, err);
		for (size_t k = 0; k < all.n && status == 0; k++)
			status = read_record(h, ident, &others, all.v[k], err);
	}
	map_release(&others);
	free(sessions.v);
	free(all.v);
	return status;
}

struct finding {
	const struct erasing *e;
	struct seqs *out;
};

static void find(void *ctx, struct str key, union map_value *value)
{
	struct finding *f = ctx;
	const union map_value *last = map_get(&f->e->named, key);

	(void)value;
	for (size_t at = last ? (size_t)last->n : 0; at; at = f->e->v[at - 1].before)
		*VEC_ADD(f->out, v, n, cap) = f->e->v[at - 1].seq;
}

int naming_find(struct hers *h, const struct names *beside, const struct map *digests,
	struct seqs *out, struct buf *err)
{
	struct finding f = {h->e, out};
	bool fresh;
	int status = 0;

	for (size_t i = 0; i < beside->n && status == 0; i++) {
		int64_t ident = beside->v[i];

		map_slot(&h->e->read, (struct str){(char *)&ident, sizeof(ident)}, &fresh);
		if (fresh)
			status = read_beside(h, ident, err);
	}
	map_each(digests, find, &f);
	if (out->n)
		out->n = store_once(out->v, out->n);
	return status;
}
