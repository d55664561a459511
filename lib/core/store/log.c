#include "core/store/internal.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/content.h"
#include "core/store/owners.h"
#include "core/store/pack.h"

#include <stdlib.h>

static struct buf *texts_slot(struct texts *t, int64_t id, bool *fresh)
{
	size_t i = (size_t)id % TEXTS;

	*fresh = t->v[i].id != id;
	t->v[i].id = id;
	return &t->v[i].text;
}

/* The text of a shape or the name of a session, borrowed until another is asked for. */
static int text_by_id(struct store *s, struct texts *t, enum query q, int64_t id, struct str *out,
	struct buf *err)
{
	sqlite3_stmt *st;
	bool fresh;
	struct buf *kept = texts_slot(t, id, &fresh);
	int status = 0;

	if (fresh) {
		t->v[(size_t)id % TEXTS].id = 0;
		status = store_get(s, q, id, &st, err);
		if (status == 0)
			buf_printf(
				err, "%s: damaged: text %lld is missing", s->path, (long long)id);
		if (status != 1)
			return STORE_ERROR;
		buf_clear(kept);
		buf_put(kept, store_column(st, 0));
		sqlite3_reset(st);
		t->v[(size_t)id % TEXTS].id = id;
	}
	*out = buf_str(kept);
	return status < 0 ? status : 0;
}

int store_shape_id(struct store *s, struct cache_key key, const struct str parts[SHAPE_PARTS],
	int64_t *id, struct buf *err)
{
	static const enum query order[] = {Q_SHAPE_FIND, Q_SHAPE_ADD};
	const int64_t *known = cache_get(&s->shapes, key);
	sqlite3_stmt *st;
	int status = 0;

	*id = known ? *known : 0;
	for (int i = 0; i < 2 && status == 0 && !*id; i++) {
		status = store_query(s, order[i], &st, err);
		if (status < 0)
			break;
		for (int k = 0; k < SHAPE_PARTS; k++)
			store_bind(st, k + 1, parts[k]);
		status = store_step(s, st, err);
		if (status == 1)
			*id = sqlite3_column_int64(st, 0);
		else if (status == 0 && order[i] == Q_SHAPE_ADD)
			*id = sqlite3_last_insert_rowid(s->db);
		if (status == 1)
			sqlite3_reset(st);
		status = status < 0 ? status : 0;
	}
	if (status == 0 && !known)
		cache_put(&s->shapes, key, *id);
	return status;
}

int store_last(struct store *s, int64_t *seq, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_LAST, &st, err);

	if (status < 0)
		return status;
	status = store_step(s, st, err);
	if (status < 0)
		return status;
	*seq = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return 0;
}

/* The horizon: the end of the latest event, leaving out what lies more than a day after it was
 * recorded. */
void store_see(struct store *s, int64_t time, int64_t end, int64_t recorded)
{
	if (time > recorded + WHEN_DAY)
		return;
	if (!s->horizon || time < s->first) {
		s->first = time;
		s->horizon_moved = true;
	}
	if (end > s->horizon) {
		s->horizon = end;
		s->horizon_moved = true;
	}
}

/* The source's own key becomes an identifier, so that the customer can be told on output under the
 * same name. */
static void put_own_key(struct buf *list, const struct event *ev)
{
	const struct json *old = ev->data[DATA_IDENTIFIERS];
	struct str own = event_attr(ev, ATTR_CUSTOMER);

	if (old && old->type == JSON_ARRAY && old->count) {
		buf_add(list, old->raw.s, old->raw.len - 1);
		buf_byte(list, ',');
	} else {
		buf_byte(list, '[');
	}
	buf_puts(list, "{\"kind\":\"crm\",\"value\":");
	json_put_string(list, own);
	buf_puts(list, "}]");
}

void store_body(struct buf *out, const struct event *ev)
{
	static const enum event_attr ours[] = {ATTR_CUSTOMER, ATTR_SEQUENCE, ATTR_RECORDEDTIME};
	static const char *const projected[] = {"contact", "issue"};
	struct event_edit edits[6];
	struct buf list = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		if (ev->attr[ours[i]])
			edits[n++] =
				(struct event_edit){false, event_attr_name(ours[i]), {NULL, 0}};
	for (size_t i = 0; i < 2 && ev->unknown; i++)
		if (event_projected(ev, str_of(projected[i])))
			edits[n++] = (struct event_edit){false, projected[i], {NULL, 0}};
	if (ev->attr[ATTR_CUSTOMER] && !ev->sequence) {
		put_own_key(&list, ev);
		edits[n++] = (struct event_edit){true, "identifiers", buf_str(&list)};
	}
	event_write(out, ev, edits, n);
	buf_release(&list);
}

void store_stamp(struct buf *out, int64_t recorded)
{
	char time[WHEN_TEXT];

	when_format(recorded, time);
	buf_puts(out, "\",\"recordedtime\":\"");
	buf_puts(out, time);
	buf_puts(out, "\",");
}

/* Twelve digits at least, so that records sort by them as text. */
static void put_sequence(struct buf *out, int64_t seq)
{
	char digits[20];
	size_t at = sizeof(digits);

	for (; seq > 0 || at > sizeof(digits) - 12; seq /= 10)
		digits[--at] = (char)('0' + seq % 10);
	buf_puts(out, "\"sequence\":\"");
	buf_add(out, digits + at, sizeof(digits) - at);
}

void store_head(struct buf *out, int64_t seq, struct str stamp)
{
	buf_byte(out, '{');
	put_sequence(out, seq);
	buf_put(out, stamp);
}

void store_record(struct buf *out, struct str body, int64_t customer, int64_t seq, int64_t recorded)
{
	buf_puts(out, "{\"customer\":\"c");
	buf_int(out, customer);
	buf_puts(out, "\",");
	put_sequence(out, seq);
	store_stamp(out, recorded);
	buf_add(out, body.s + 1, body.len - 1);
}

/* A row of ROW_COLUMNS as it was recorded, its body put together in `body`. */
static int fill(
	struct store *s, sqlite3_stmt *st, struct store_row *row, struct buf *body, struct buf *err)
{
	struct str shape, session;
	struct buf id = BUF_INIT;
	int status;

	*row = (struct store_row){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
		sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
		sqlite3_column_int64(st, 4), sqlite3_column_int64(st, 5),
		sqlite3_column_type(st, 7) == SQLITE_NULL, {NULL, 0}};
	buf_clear(body);
	status = text_by_id(
		s, &s->shape_texts, Q_SHAPE_TEXT, sqlite3_column_int64(st, 6), &shape, err);
	if (status == 0 && !(s->owners && owners_name(s->owners, row->session, &session)))
		status = text_by_id(
			s, &s->session_texts, Q_SESSION_TEXT, row->session, &session, err);
	/* An erased record goes by what tells it again. */
	if (status == 0 && row->erased)
		hash_hex(&id, sqlite3_column_blob(st, 9), (size_t)sqlite3_column_bytes(st, 9));
	if (status == 0)
		unpack(body, shape, row->erased ? buf_str(&id) : store_column(st, 7), row->time,
			session, store_column(st, 8));
	buf_release(&id);
	row->body = buf_str(body);
	return status;
}

/* The record that gave the labels of another as of a sequence; 0: none did. */
static int label_of(struct store *s, int64_t seq, int64_t as_of, int64_t *by, struct buf *err)
{
	sqlite3_stmt *st;
	int status;

	*by = 0;
	/* What is known of a transaction is not known without one. */
	if (!s->labels && !sqlite3_get_autocommit(s->db))
		return 0;
	status = store_query(s, Q_LABEL, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, seq);
	sqlite3_bind_int64(st, 2, as_of);
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	*by = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return 0;
}

static int read_row(
	struct store *s, int64_t seq, struct store_row *out, struct buf *body, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_get(s, Q_ROW, seq, &st, err);

	if (status == 0)
		buf_printf(err, "%s: no record %lld", s->path, (long long)seq);
	if (status != 1)
		return status < 0 ? status : STORE_ERROR;
	status = fill(s, st, out, body, err);
	sqlite3_reset(st);
	return status;
}

/* Puts the labels on that a record had as of a sequence. */
static int put_labels(
	struct store *s, struct store_row *row, struct buf *body, int64_t as_of, struct buf *err)
{
	enum event_fault fault;
	struct store_row other;
	int64_t by;
	int status = label_of(s, row->seq, as_of, &by, err);

	if (status < 0 || !by)
		return status;
	status = read_row(s, by, &other, &s->label, err);
	if (status < 0 || row->erased || other.erased)
		return status;
	buf_clear(&s->plain);
	buf_put(&s->plain, buf_str(body));
	if (event_read(&s->labelled, buf_str(&s->plain), false, &fault, err) < 0 ||
		event_read(&s->labelling, other.body, false, &fault, err) < 0)
		return STORE_ERROR;
	buf_clear(body);
	content_relabel(body, &s->labelled, &s->labelling);
	row->body = buf_str(body);
	return 0;
}

int store_fill(
	struct store *s, sqlite3_stmt *st, struct store_row *row, struct buf *body, struct buf *err)
{
	int status = fill(s, st, row, body, err);

	return status < 0 ? status : put_labels(s, row, body, INT64_MAX, err);
}

int store_row(struct store *s, int64_t seq, int64_t as_of, struct store_row *out, struct buf *body,
	struct buf *err)
{
	int status = read_row(s, seq, out, body, err);

	return status < 0 ? status : put_labels(s, out, body, as_of, err);
}

int store_label(struct store *s, int64_t seq, int64_t by, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_LABEL_ADD, &st, err);

	if (status < 0)
		return status;
	s->labels = true;
	sqlite3_bind_int64(st, 1, seq);
	sqlite3_bind_int64(st, 2, by);
	return store_run(s, st, err);
}

int store_names(struct store *s, int64_t seq, struct str source, struct str id,
	struct cache_key key, bool *same, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_get(s, Q_ROW_NAMES, seq, &st, err);

	*same = false;
	if (status != 1)
		return status;
	if (sqlite3_column_type(st, 0) == SQLITE_NULL)
		*same = str_eq(store_column(st, 1), (struct str){(char *)&key, sizeof(key)});
	else
		*same = str_eq(store_column(st, 0), id) && str_eq(store_column(st, 2), source);
	sqlite3_reset(st);
	return 0;
}

int store_horizon(struct store *s, int64_t *ms, struct buf *err)
{
	return store_meta_number(s, "horizon", 0, ms, err);
}

int store_begin_time(struct store *s, int64_t *ms, struct buf *err)
{
	return store_meta_number(s, "begin", 0, ms, err);
}

int store_visit_seqs(struct store *s, const struct seqs *seqs, int64_t as_of, store_visit *visit,
	void *ctx, struct buf *err)
{
	struct buf body = BUF_INIT;
	struct store_row row;
	int status = 0;

	for (size_t i = 0; i < seqs->n && status == 0; i++) {
		status = store_row(s, seqs->v[i], as_of, &row, &body, err);
		if (status == 0)
			status = visit(ctx, &row, err);
	}
	buf_release(&body);
	return status;
}
