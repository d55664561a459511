#include "core/store/erase_hers.h"

#include "base/mem.h"
#include "core/store/batch.h"

#include <stdlib.h>

int erase_edges(struct store *s, const struct names *of, struct names *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"SELECT b FROM edge WHERE a=?1 UNION ALL SELECT a FROM edge WHERE b=?1", &st, err);

	for (size_t i = 0; i < of->n && status == 0; i++) {
		sqlite3_bind_int64(st, 1, of->v[i]);
		while ((status = store_step(s, st, err)) == 1)
			*VEC_ADD(out, v, n, cap) = sqlite3_column_int64(st, 0);
	}
	sqlite3_finalize(st);
	/* One may be beside several of them. */
	if (out->n)
		out->n = store_once(out->v, out->n);
	return status;
}

/* Digests of her identifiers. */
static int see_hers(struct hers *h, struct map *out, struct buf *err)
{
	struct cache_key key;
	int status = 0;

	for (size_t i = 0; i < h->idents.n && status == 0; i++) {
		status = hers_ident_key(h->s, h->idents.v[i], &key, err);
		if (status == 0)
			map_slot(out, naming_key(&key), NULL)->n = 1;
	}
	return status;
}

/* How many of the record's identifiers are hers, and how many are not. */
static void count_names(struct hers *h, const struct map *hers, size_t n[2])
{
	n[0] = n[1] = 0;
	for
		JSON_EACH(v, h->ev.data[DATA_IDENTIFIERS])
		{
			struct cache_key key = batch_name_key(h->s, json_member(v, "kind")->text,
				batch_scope(v, event_attr(&h->ev, ATTR_SOURCE)),
				json_member(v, "value")->text);

			n[map_get(hers, naming_key(&key)) == NULL]++;
		}
}

/* Whether nothing else rests on a record that names her beside another: it says but that the two
 * are one, or are not, and the other was known before. */
static bool says_no_more(
	const struct event *ev, const struct ident *other, size_t others, int64_t seq)
{
	struct str type = event_attr(ev, ATTR_TYPE);

	return others == 1 && other->first < seq &&
	       (str_is(type, "identity.linked") || str_is(type, "identity.unlinked"));
}

static bool is_one_of(const struct names *all, int64_t number)
{
	return store_has(all->v, all->n, number);
}

static int see_hold(void *ctx, int64_t customer, const struct store_row *placed, struct buf *err)
{
	struct names *held = ctx;

	(void)placed;
	(void)err;
	*VEC_ADD(held, v, n, cap) = customer;
	return 0;
}

static int read_held(struct hers *h, struct buf *err)
{
	struct erase_marks *m = &h->e->marks;
	int status = m->read ? 0 : erase_marks_read(h->s, m, err);

	if (status == 0)
		status = erase_held(h->s, m, see_hold, &h->held, err);
	h->held.n = store_once(h->held.v, h->held.n);
	h->held_read = true;
	return status;
}

/* Whether the record is of one who is held: it stays. */
static int is_held(struct hers *h, const struct store_row *row, bool *held, struct buf *err)
{
	int64_t customer = 0;
	int status = h->held_read ? 0 : read_held(h, err);

	if (status == 0)
		status = store_customer(h->s, row->session, row->ident, row->time, row->order,
			row->seq, &customer, err);
	*held = status == 0 && is_one_of(&h->held, customer);
	return status;
}

/* Whether a session has records that name nobody. */
static int has_unnamed(struct hers *h, int64_t session, bool *has, struct buf *err)
{
	struct names of = {NULL, 0, 0};
	struct seqs all = {NULL, 0, 0};
	int status = runs_each(h->s, RUNS_SESSION, session, &all, err);

	*has = false;
	for (size_t i = 0; i < all.n && status == 0 && !*has; i++) {
		status = forest_numbers(h->s, Q_EVENT_IDENT, all.v[i], 0, 0, &of, err);
		*has = status == 0 && of.n && !of.v[0];
	}
	free(of.v);
	free(all.v);
	return status;
}

/* Whether who is meant by others of its session may rest on the record: in one of several people on
 * each, else on the first that names somebody. */
static int names_others(struct hers *h, int64_t session, int64_t seq, bool *names, struct buf *err)
{
	struct session in;
	int status = who_session(h->s, session, &in, err);

	*names = status == 0 && in.mixed;
	if (status == 0 && !in.mixed && in.named >= seq)
		status = has_unnamed(h, session, names, err);
	return status;
}

/* A record of one beside her may name her. */
static int see_record(struct hers *h, const struct map *hers, const struct names *beside,
	int64_t seq, struct buf *err)
{
	enum event_fault fault;
	struct store_row row;
	struct ident other;
	size_t n[2];
	bool more;
	int status = store_row(h->s, seq, INT64_MAX, &row, &h->body, err);

	if (status < 0 || row.erased || !is_one_of(beside, row.ident))
		return status;
	status = who_ident(h->s, row.ident, &other, err);
	if (status < 0)
		return status;
	if (event_read(&h->ev, row.body, false, &fault, err) < 0)
		return STORE_ERROR;
	count_names(h, hers, n);
	if (!n[0])
		return 0;
	more = !says_no_more(&h->ev, &other, n[1], seq);
	if (!more)
		status = names_others(h, row.session, seq, &more, err);
	if (status == 0 && !more)
		status = is_held(h, &row, &more, err);
	if (more)
		h->named++;
	else if (status == 0)
		hers_take(h, row.session, seq)->others = true;
	return status;
}

int hers_beside(struct hers *h, struct names *out, struct buf *err)
{
	size_t kept = 0;
	int status = erase_edges(h->s, &h->idents, out, err);

	for (size_t i = 0; i < out->n; i++)
		if (!is_one_of(&h->idents, out->v[i]) && !is_one_of(&h->kept, out->v[i]))
			out->v[kept++] = out->v[i];
	out->n = kept;
	return status;
}

int hers_named(struct hers *h, struct buf *err)
{
	struct names beside = {NULL, 0, 0};
	struct seqs found = {NULL, 0, 0};
	struct map hers = MAP_INIT;
	int status = hers_beside(h, &beside, err);

	if (status == 0 && beside.n)
		status = see_hers(h, &hers, err);
	if (status == 0 && beside.n)
		status = naming_find(h, &beside, &hers, &found, err);
	for (size_t i = 0; i < found.n && status == 0; i++)
		status = see_record(h, &hers, &beside, found.v[i], err);
	if (h->seqs.n)
		qsort(h->seqs.v, h->seqs.n, sizeof(*h->seqs.v), store_by_number);
	map_release(&hers);
	free(beside.v);
	free(found.v);
	return status;
}
