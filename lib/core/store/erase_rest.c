#include "core/store/erase.h"
#include "base/mem.h"
#include "core/store/internal.h"
#include "core/store/note.h"

#include <stdlib.h>

int erase_rest(
	struct store *s, const struct seqs *seqs, unsigned char out[HASH_SIZE], struct buf *err)
{
	struct hash *h = hash_new();
	struct buf body = BUF_INIT, record = BUF_INIT, stamp = BUF_INIT;
	struct store_row row;
	sqlite3_stmt *st;
	int status = store_prepare(s, "SELECT leaf FROM event WHERE seq=?1", &st, err);

	hash_begin(h);
	for (size_t i = 0; i < seqs->n && status == 0; i++) {
		sqlite3_bind_int64(st, 1, seqs->v[i]);
		status = store_step(s, st, err);
		if (status != 1) {
			if (status == 0)
				buf_printf(
					err, "%s: no record %lld", s->path, (long long)seqs->v[i]);
			status = STORE_ERROR;
			break;
		}
		hash_add(h, "\x02", 1);
		hash_add(h, store_column(st, 0).s, store_column(st, 0).len);
		sqlite3_reset(st);
		status = store_row(s, seqs->v[i], INT64_MAX, &row, &body, err);
		if (status < 0)
			break;
		buf_clear(&record);
		buf_clear(&stamp);
		store_stamp(&stamp, row.recorded);
		store_head(&record, row.seq, buf_str(&stamp));
		buf_add(&record, row.body.s + 1, row.body.len - 1);
		hash_add_part(h, buf_str(&record));
	}
	hash_end(h, out);
	sqlite3_finalize(st);
	hash_free(h);
	buf_release(&body);
	buf_release(&record);
	buf_release(&stamp);
	return status;
}

struct verifying {
	struct store *s;
	struct event ev;
	struct buf *why;
};

static void add_named(struct seqs *out, const struct json *v, int64_t last)
{
	const struct json *a = json_first(v), *b = a ? json_after(v, a) : NULL;
	int64_t from = 0, to = 0;

	if (v->type == JSON_ARRAY) {
		if (a)
			str_int(a->raw, &from);
		if (b)
			str_int(b->raw, &to);
	} else {
		str_int(v->raw, &from);
		to = from;
	}
	for (int64_t i = from; i > 0 && i <= to && i <= last; i++)
		*VEC_ADD(out, v, n, cap) = i;
}

static int verify_one(void *ctx, const struct store_row *row, struct buf *err)
{
	struct verifying *v = ctx;
	struct seqs seqs = {NULL, 0, 0};
	unsigned char rests[HASH_SIZE];
	struct buf hex = BUF_INIT;
	enum event_fault fault;
	int status;

	if (row->erased)
		return 0;
	if (event_read(&v->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	/* What another log erased is not here. */
	if (!note_own(v->s, event_attr(&v->ev, ATTR_TYPE), event_attr(&v->ev, ATTR_ID), row->seq))
		return 0;
	for
		JSON_EACH(e, json_member(v->ev.body, "sequences"))
	add_named(&seqs, e, row->seq - 1);
	status = erase_rest(v->s, &seqs, rests, err);
	hash_hex(&hex, rests, sizeof(rests));
	if (status == 0 && (!json_member(v->ev.body, "rests") ||
				   !str_eq(json_member(v->ev.body, "rests")->text, buf_str(&hex))))
		buf_printf(v->why,
			"%srecord %lld: what is left of those that it says were erased is not what "
			"it says",
			v->why->len ? "\n" : "", (long long)row->seq);
	free(seqs.v);
	buf_release(&hex);
	return status;
}

int erase_verify(struct store *s, struct buf *why, struct buf *err)
{
	struct verifying v = {.s = s, .why = why};
	struct seqs records = {NULL, 0, 0};
	int status = store_numbers(s,
		"SELECT seq FROM event WHERE shape IN (SELECT id FROM shape WHERE type='erased') "
		"ORDER BY seq",
		&records, err);

	event_init(&v.ev);
	if (status == 0)
		status = store_visit_seqs(s, &records, INT64_MAX, verify_one, &v, err);
	event_release(&v.ev);
	free(records.v);
	return status;
}
