#include "core/store/erase_hers.h"
#include "core/store/note.h"
#include "base/mem.h"
#include "core/store/batch.h"

#include <stdlib.h>

void hers_init(struct hers *h, struct erasing *e, int64_t customer)
{
	*h = (struct hers){.s = e->s, .e = e, .customer = customer};
	event_init(&h->ev);
}

void hers_release(struct hers *h)
{
	for (size_t i = 0; i < h->session_n; i++) {
		free(h->sessions[i].source);
		free(h->sessions[i].name);
	}
	free(h->sessions);
	free(h->seqs.v);
	free(h->idents.v);
	free(h->kept.v);
	free(h->held.v);
	erase_marks_release(&h->own);
	map_release(&h->session_of);
	event_release(&h->ev);
	buf_release(&h->body);
	buf_release(&h->data);
	buf_release(&h->shape);
}

struct hers_session *hers_take(struct hers *h, int64_t session, int64_t seq)
{
	union map_value *v =
		map_slot(&h->session_of, (struct str){(char *)&session, sizeof(session)}, NULL);

	struct hers_session *in;

	*VEC_ADD(&h->seqs, v, n, cap) = seq;
	if (!v->n) {
		*VEC_ADD(h, sessions, session_n, session_cap) =
			(struct hers_session){.id = session, .first = seq, .last = seq};
		v->n = (int64_t)h->session_n;
	}
	in = &h->sessions[v->n - 1];
	in->first = seq < in->first ? seq : in->first;
	in->last = seq > in->last ? seq : in->last;
	return in;
}

struct hers_session *hers_session_of(const struct hers *h, int64_t session)
{
	return &h->sessions[map_get(&h->session_of, (struct str){(char *)&session, sizeof(session)})
				    ->n -
			    1];
}

/* One of her rows: ROW of gather. */
static void see_row(struct hers *h, sqlite3_stmt *st, int64_t seq)
{
	int64_t time = sqlite3_column_int64(st, 0), session = sqlite3_column_int64(st, 1);
	struct str type = store_column(st, 3);

	if (sqlite3_column_int(st, 2)) {
		h->erased++;
		return;
	}
	/* One that this log wrote names nobody. */
	if (str_is(type, "erased") && note_own(h->s, type, store_column(st, 5), seq))
		return;
	hers_take(h, session, seq);
	if (str_is(type, "hold.placed") || str_is(type, "hold.released"))
		*VEC_ADD(&h->own.all, v, n, cap) = seq;
	if (str_is(type, "hold.placed"))
		*VEC_ADD(&h->own.placed, v, n, cap) = seq;
	if (erase_note(type, store_column(st, 4)))
		return;
	if (!h->first || time < h->first)
		h->first = time;
	if (!h->last || time > h->last)
		h->last = time;
}

static int gather_rows(struct hers *h, const struct seqs *all, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(h->s,
		"SELECT e.time, e.session, e.id IS NULL, h.type, h.source, e.id FROM event e"
		" JOIN shape h ON h.id=e.shape WHERE e.seq=?1",
		&st, err);

	for (size_t i = 0; i < all->n && status == 0; i++) {
		sqlite3_bind_int64(st, 1, all->v[i]);
		status = store_step(h->s, st, err);
		if (status == 1) {
			see_row(h, st, all->v[i]);
			sqlite3_reset(st);
			status = 0;
		}
	}
	sqlite3_finalize(st);
	return status;
}

bool hers_has(const struct hers *h, int64_t seq)
{
	return store_has(h->seqs.v, h->seqs.n, seq);
}

static int see_other(void *ctx, size_t i, int64_t seq, struct buf *err)
{
	(void)i;
	(void)err;
	return !hers_has(ctx, seq);
}

/* Whether nothing stays in each of the sessions: the first record that does is enough. */
static int see_sessions(struct hers *h, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < h->session_n && status >= 0; i++) {
		uint64_t key = runs_spread((uint64_t)h->sessions[i].id);

		status = runs_find(h->s, RUNS_SESSION, &key, 1, see_other, h, err);
		h->sessions[i].whole = status == 0;
	}
	return status < 0 ? status : 0;
}

int hers_ident_text(struct store *s, int64_t id, struct ident_text *out, struct buf *err)
{
	int status = store_get(s, Q_IDENT_TEXT, id, &out->st, err);

	if (status != 1)
		return status < 0 ? status : who_missing(s, id, err);
	out->kind = store_column(out->st, 0);
	out->scope = store_column(out->st, 1);
	out->value = store_column(out->st, 2);
	return 0;
}

int hers_ident_key(struct store *s, int64_t id, struct cache_key *out, struct buf *err)
{
	struct ident_text t;
	int status = hers_ident_text(s, id, &t, err);

	if (status < 0)
		return status;
	*out = batch_name_key(s, t.kind, t.scope, t.value);
	sqlite3_reset(t.st);
	return 0;
}

static int see_idents(struct hers *h, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct ident_text t;
	int status = h->who.ident ? forest_members(h->s, h->who.ident, INT64_MAX, &all, err) : 0;

	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = hers_ident_text(h->s, all.v[i], &t, err);
		if (status < 0)
			break;
		if (str_is(t.kind, "erased") && t.value.len == ERASE_KEY) {
			*VEC_ADD(&h->kept, v, n, cap) = all.v[i];
			if (!h->anonymous) {
				h->anonymous = all.v[i];
				memcpy(h->key, t.value.s, ERASE_KEY);
			}
		} else {
			*VEC_ADD(&h->idents, v, n, cap) = all.v[i];
		}
		sqlite3_reset(t.st);
	}
	h->idents.n = store_once(h->idents.v, h->idents.n);
	h->kept.n = store_once(h->kept.v, h->kept.n);
	free(all.v);
	return status;
}

/* Where any identifier is shared, the marks of all are read. */
static int gather_passed(struct hers *h, struct buf *err)
{
	struct erase_marks *m = &h->e->marks;
	int64_t shared = 0;
	int status = store_one_number(
		h->s, "SELECT EXISTS (SELECT 1 FROM ident WHERE shared>?1)", 0, &shared, err);

	if (status == 0 && shared && !m->read)
		status = erase_marks_read(h->s, m, err);
	return status < 0 || !shared ? status : erase_passed(h->s, m, h->customer, &h->own, err);
}

int hers_gather(struct hers *h, struct buf *err)
{
	struct seqs all = {NULL, 0, 0};
	int status = erasing_fresh(h->e, err);

	if (status == 0)
		status = store_person_by_customer(h->s, h->customer, &h->who, err);
	/* She was joined to another since the number was read. */
	if (status == 0 && !h->who.ident && !h->who.session)
		h->customer = 0;
	if (status < 0 || !h->customer)
		return status;
	status = identity_seqs(h->s, &h->who, 0, INT64_MAX, &all, err);
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), store_by_number);
	if (status == 0)
		status = gather_rows(h, &all, err);
	if (status == 0)
		status = gather_passed(h, err);
	if (status == 0)
		status = erase_standing(h->s, &h->own.all, &h->own.placed, &h->hold, err);
	if (status == 0)
		status = see_idents(h, err);
	if (status == 0)
		status = hers_named(h, err);
	if (status == 0)
		status = see_sessions(h, err);
	free(all.v);
	return status;
}

int erase_survey(struct erasing *e, int64_t customer, struct erase_survey *out, struct buf *err)
{
	struct hers h;
	int status;

	hers_init(&h, e, customer);
	status = hers_gather(&h, err);
	*out = (struct erase_survey){.customer = h.customer,
		.records = (int64_t)h.seqs.n,
		.erased = h.erased,
		.identifiers = (int64_t)h.idents.n,
		.first = h.first,
		.last = h.last,
		.held = h.hold != 0,
		.hold = h.hold,
		.named = h.named};
	for (size_t i = 0; i < h.session_n; i++)
		*(h.sessions[i].whole ? &out->sessions : &out->shared) += 1;
	hers_release(&h);
	return status;
}
