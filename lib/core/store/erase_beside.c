#include "core/store/erase_hers.h"

#include "base/mem.h"
#include "core/store/batch.h"

#include <stdlib.h>

int hers_beside(struct hers *h, struct names *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(h->s,
		"SELECT b FROM edge WHERE a=?1 UNION ALL SELECT a FROM edge WHERE b=?1", &st, err);

	for (size_t i = 0; i < h->idents.n && status == 0; i++) {
		sqlite3_bind_int64(st, 1, h->idents.v[i]);
		while ((status = store_step(h->s, st, err)) == 1)
			*VEC_ADD(out, v, n, cap) = sqlite3_column_int64(st, 0);
	}
	sqlite3_finalize(st);
	/* One may be beside several of hers. */
	if (out->n)
		out->n = store_once(out->v, out->n);
	return status;
}

static struct str bytes_of(const struct cache_key *key)
{
	return (struct str){(const char *)key, sizeof(*key)};
}

/* Digests of her identifiers. */
static int see_hers(struct hers *h, struct map *out, struct buf *err)
{
	struct ident_text t;
	struct cache_key key;
	int status = 0;

	for (size_t i = 0; i < h->idents.n && status == 0; i++) {
		status = hers_ident_text(h->s, h->idents.v[i], &t, err);
		if (status < 0)
			break;
		key = batch_name_key(h->s, t.kind, t.scope, t.value);
		sqlite3_reset(t.st);
		map_slot(out, bytes_of(&key), NULL)->n = 1;
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

			n[map_get(hers, bytes_of(&key)) == NULL]++;
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
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i] == number)
			return true;
	return false;
}

static int see_hold(void *ctx, int64_t customer, const struct store_row *placed, struct buf *err)
{
	struct names *held = ctx;

	(void)placed;
	(void)err;
	*VEC_ADD(held, v, n, cap) = customer;
	return 0;
}

/* Whether the record is of one who is held: it stays. */
static int is_held(struct hers *h, const struct store_row *row, bool *held, struct buf *err)
{
	int64_t customer = 0;
	int status = 0;

	if (!h->held_read)
		status = erase_holds(h->s, see_hold, &h->held, err);
	h->held_read = true;
	if (status == 0)
		status = store_customer(h->s, row->session, row->ident, row->time, row->order,
			row->seq, &customer, err);
	*held = status == 0 && is_one_of(&h->held, customer);
	return status;
}

/* A session of one beside her. */
struct theirs {
	int64_t session;
	struct seqs all;
	bool read,
		names; /* who is meant by records in it that name nobody rests on those that do */
};

static int read_theirs(struct hers *h, struct theirs *x, struct buf *err)
{
	struct names of = {NULL, 0, 0};
	int status = 0;

	x->names = false;
	for (size_t i = 0; i < x->all.n && status == 0 && !x->names; i++) {
		status = forest_numbers(h->s, Q_EVENT_IDENT, x->all.v[i], 0, 0, &of, err);
		x->names = status == 0 && of.n && !of.v[0];
	}
	x->read = true;
	free(of.v);
	return status;
}

/* Whether who is meant by others of its session may rest on the record: in one of several people on
 * each, else on the first that names somebody. */
static int names_others(struct hers *h, struct theirs *x, int64_t seq, bool *names, struct buf *err)
{
	struct session in;
	int status = who_session(h->s, x->session, &in, err);

	if (status == 0 && !x->read)
		status = read_theirs(h, x, err);
	*names = status == 0 && (in.mixed || (x->names && in.named >= seq));
	return status;
}

static int see_record(struct hers *h, const struct map *hers, const struct ident *other,
	struct theirs *x, int64_t seq, struct buf *err)
{
	enum event_fault fault;
	struct store_row row;
	size_t n[2];
	bool more;
	int status = store_row(h->s, seq, INT64_MAX, &row, &h->body, err);

	if (status < 0 || row.erased || row.ident != other->id)
		return status;
	if (event_read(&h->ev, row.body, false, &fault, err) < 0)
		return STORE_ERROR;
	count_names(h, hers, n);
	if (!n[0])
		return 0;
	more = !says_no_more(&h->ev, other, n[1], seq);
	if (!more)
		status = names_others(h, x, seq, &more, err);
	if (status == 0 && !more)
		status = is_held(h, &row, &more, err);
	if (more)
		h->named++;
	else if (status == 0)
		hers_take(h, row.session, seq)->others = true;
	return status;
}

/* The records of one whom a record names beside her. */
static int see_beside(struct hers *h, const struct map *hers, int64_t beside, struct buf *err)
{
	struct seqs sessions = {NULL, 0, 0};
	struct theirs x = {.all = {NULL, 0, 0}};
	struct ident other;
	int status = who_ident(h->s, beside, &other, err);

	if (status == 0 && !other.placeholder && !other.shared)
		status = runs_each(h->s, RUNS_MEMBER, beside, &sessions, err);
	for (size_t i = 0; i < sessions.n && status == 0; i++) {
		x.session = sessions.v[i];
		x.read = false;
		status = runs_each(h->s, RUNS_SESSION, x.session, &x.all, err);
		for (size_t k = 0; k < x.all.n && status == 0; k++)
			status = see_record(h, hers, &other, &x, x.all.v[k], err);
	}
	free(sessions.v);
	free(x.all.v);
	return status;
}

int hers_named(struct hers *h, struct buf *err)
{
	struct names beside = {NULL, 0, 0};
	struct map hers = MAP_INIT;
	int status = hers_beside(h, &beside, err);

	if (status == 0 && beside.n)
		status = see_hers(h, &hers, err);
	for (size_t i = 0; i < beside.n && status == 0; i++)
		if (!is_one_of(&h->idents, beside.v[i]) && !is_one_of(&h->kept, beside.v[i]))
			status = see_beside(h, &hers, beside.v[i], err);
	if (h->seqs.n)
		qsort(h->seqs.v, h->seqs.n, sizeof(*h->seqs.v), store_by_number);
	map_release(&hers);
	free(beside.v);
	return status;
}
