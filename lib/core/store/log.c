#include "core/store/internal.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdlib.h>

#define KEY_SIZE 16

static int record_order(const struct event *ev, int64_t *order)
{
	const struct json *v = ev->data[DATA_ORDER];

	*order = 0;
	return v && str_int(v->raw, order) ? 0 : -1;
}

static int have_key(struct store *s, const unsigned char *key, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_HAVE_KEY, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_blob(st, 1, key, KEY_SIZE, SQLITE_STATIC);
	status = store_step(s, st, err);
	if (status == 1)
		sqlite3_reset(st);
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
static void see_end(struct store *s, const struct event *ev, int64_t recorded)
{
	double seconds = 0;
	int64_t end = ev->time;

	if (ev->time > recorded + WHEN_DAY)
		return;
	if (json_number(ev->data[DATA_DURATION], &seconds) && seconds > 0 && seconds < 1e7)
		end += (int64_t)(seconds * 1000);
	if (!s->horizon || ev->time < s->first) {
		s->first = ev->time;
		s->horizon_moved = true;
	}
	if (end > s->horizon) {
		s->horizon = end;
		s->horizon_moved = true;
	}
}

static int insert(struct store *s, const struct event *ev, struct str body, int64_t recorded,
	const unsigned char *key, const struct store_added *a, struct buf *err)
{
	sqlite3_stmt *st;
	int64_t order;
	int status = store_query(s, Q_ADD_EVENT, &st, err);

	if (status < 0)
		return status;
	record_order(ev, &order);
	sqlite3_bind_int64(st, 1, a->seq);
	sqlite3_bind_int64(st, 2, ev->time);
	sqlite3_bind_int64(st, 3, order);
	sqlite3_bind_int64(st, 4, recorded);
	sqlite3_bind_int64(st, 5, a->session);
	if (a->ident)
		sqlite3_bind_int64(st, 6, a->ident);
	else
		sqlite3_bind_null(st, 6);
	sqlite3_bind_blob(st, 7, key, KEY_SIZE, SQLITE_STATIC);
	store_bind(st, 8, body);
	return store_run(s, st, err);
}

int store_add(struct store *s, const struct ontology *o, const struct event *ev, struct str body,
	int64_t recorded, struct store_added *out, struct buf *err)
{
	unsigned char key[HASH_SIZE];
	struct names names = {NULL, 0, 0};
	bool fresh;
	int status;

	*out = (struct store_added){0};
	hash_begin(s->hash);
	hash_add_part(s->hash, event_attr(ev, ATTR_SOURCE));
	hash_add_part(s->hash, event_attr(ev, ATTR_ID));
	hash_end(s->hash, key);
	status = have_key(s, key, err);
	if (status != 0) {
		out->duplicate = status == 1;
		return status < 0 ? status : 0;
	}
	out->seq = ++s->now;
	status = identity_names(s, o, ev, out->seq, &names, err);
	if (status == 0) {
		out->ident = names.n ? names.v[0] : 0;
		status = identity_session(s, ev, out->seq, out->ident, &out->session, &fresh, err);
	}
	if (status == 0)
		status = insert(s, ev, body, recorded, key, out, err);
	if (status == 0)
		status = identity_place(s, out->session, fresh, &names, out->seq, err);
	if (status == 0)
		see_end(s, ev, recorded);
	free(names.v);
	return status;
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
	struct event_edit edits[4];
	struct buf list = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		if (ev->attr[ours[i]])
			edits[n++] =
				(struct event_edit){false, event_attr_name(ours[i]), {NULL, 0}};
	if (ev->attr[ATTR_CUSTOMER] && !ev->sequence) {
		put_own_key(&list, ev);
		edits[n++] = (struct event_edit){true, "identifiers", buf_str(&list)};
	}
	event_write(out, ev, edits, n);
	buf_release(&list);
}

void store_record(struct buf *out, struct str body, int64_t customer, int64_t seq, int64_t recorded)
{
	char time[WHEN_TEXT];

	when_format(recorded, time);
	buf_printf(out, "{\"customer\":\"c%lld\",\"sequence\":\"%012lld\",\"recordedtime\":\"%s\",",
		(long long)customer, (long long)seq, time);
	buf_add(out, body.s + 1, body.len - 1);
}

static void range_sql(struct buf *sql, const struct store_range *r)
{
	buf_puts(sql, "SELECT e.seq,e.time,e.ord,e.recorded,e.session,e.ident,e.body FROM event e");
	if (r->session)
		buf_puts(sql, " JOIN session s ON s.id=e.session AND s.name=?4");
	buf_puts(sql, " WHERE e.seq>=?1 AND e.seq<=?2");
	if (r->has_since)
		buf_puts(sql, " AND e.time>=?3");
	if (r->has_until)
		buf_puts(sql, " AND e.time<?5");
	buf_puts(sql, " ORDER BY e.seq");
}

static void fill_row(sqlite3_stmt *st, struct store_row *row)
{
	*row = (struct store_row){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
		sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
		sqlite3_column_int64(st, 4), sqlite3_column_int64(st, 5), store_column(st, 6)};
}

int store_row(
	struct store *s, int64_t seq, struct store_row *out, struct buf *body, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_ROW, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, seq);
	status = store_step(s, st, err);
	if (status == 0)
		buf_printf(err, "%s: no record %lld", s->path, (long long)seq);
	if (status != 1)
		return STORE_ERROR;
	fill_row(st, out);
	buf_clear(body);
	buf_put(body, out->body);
	out->body = buf_str(body);
	sqlite3_reset(st);
	return 0;
}

int store_each(struct store *s, const struct store_range *range, store_visit *visit, void *ctx,
	struct buf *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *st = NULL;
	struct store_row row;
	int status;

	range_sql(&sql, range);
	status = store_prepare(s, sql.s, &st, err);
	buf_release(&sql);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, range->from_seq);
	sqlite3_bind_int64(st, 2, range->to_seq ? range->to_seq : INT64_MAX);
	sqlite3_bind_int64(st, 3, range->since);
	if (range->session)
		store_bind(st, 4, str_of(range->session));
	sqlite3_bind_int64(st, 5, range->until);
	while ((status = store_step(s, st, err)) == 1) {
		fill_row(st, &row);
		status = visit(ctx, &row, err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	return status;
}

static int meta_number(struct store *s, const char *key, int64_t *out, struct buf *err)
{
	struct buf value = BUF_INIT;
	int status = store_meta(s, key, &value, err);

	*out = 0;
	if (status == 0 && value.len)
		str_int(buf_str(&value), out);
	buf_release(&value);
	return status;
}

int store_horizon(struct store *s, int64_t *ms, struct buf *err)
{
	return meta_number(s, "horizon", ms, err);
}

int store_begin_time(struct store *s, int64_t *ms, struct buf *err)
{
	return meta_number(s, "begin", ms, err);
}

int store_session_events(struct store *s, int64_t session, int64_t from, int64_t as_of,
	store_visit *visit, void *ctx, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	struct store_row row;
	int status = store_query(s, Q_SESSION_EVENTS, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, session);
	sqlite3_bind_int64(st, 2, from);
	sqlite3_bind_int64(st, 3, as_of);
	while ((status = store_step(s, st, err)) == 1) {
		fill_row(st, &row);
		status = visit(ctx, &row, err);
		if (status != 0)
			break;
	}
	sqlite3_reset(st);
	return status;
}

int store_session_run(struct store *s, int64_t session, const struct place *at, int64_t from,
	int64_t as_of, store_visit *visit, void *ctx, struct buf *err)
{
	struct place begin = {INT64_MIN, INT64_MIN, INT64_MIN};
	sqlite3_stmt *st = NULL;
	struct store_row row;
	int status = store_query(s, Q_SESSION_RUN, &st, err);

	if (status < 0)
		return status;
	if (at)
		begin = *at;
	sqlite3_bind_int64(st, 1, session);
	sqlite3_bind_int64(st, 2, begin.time);
	sqlite3_bind_int64(st, 3, begin.order);
	sqlite3_bind_int64(st, 4, begin.seq);
	sqlite3_bind_int64(st, 5, as_of);
	while ((status = store_step(s, st, err)) == 1) {
		status = 0;
		/* Before the body is read: there may be nothing to do with it. */
		if (sqlite3_column_int64(st, 5) && sqlite3_column_int64(st, 0) != begin.seq)
			break;
		if (sqlite3_column_int64(st, 0) <= from)
			continue;
		fill_row(st, &row);
		status = visit(ctx, &row, err);
		if (status != 0)
			break;
	}
	sqlite3_reset(st);
	return status;
}
