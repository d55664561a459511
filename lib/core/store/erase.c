#include "core/store/erase.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/who.h"

#include <stdio.h>
#include <stdlib.h>

/* A session that records of hers are in. */
struct hers_session {
	int64_t id, first, last, fresh;
	bool whole;	     /* all that is in it goes */
	char *source, *name; /* of the fresh one */
};

struct hers {
	struct store *s;
	int64_t customer;
	struct person who;
	struct seqs seqs; /* to be erased, in order */
	int64_t erased;
	struct hers_session *sessions; /* in the order of their first record to be erased */
	size_t session_n, session_cap;
	struct map session_of;	   /* id -> place and 1 */
	struct names idents, kept; /* hers, and those of an earlier erasure */
	int64_t anonymous;
	char key[ERASE_KEY + 1];
	int64_t first, last;
	int64_t hold;
	struct event ev;
	struct buf body, data, shape;
};

static void hers_init(struct hers *h, struct store *s, int64_t customer)
{
	*h = (struct hers){.s = s, .customer = customer};
	event_init(&h->ev);
}

static void hers_release(struct hers *h)
{
	for (size_t i = 0; i < h->session_n; i++) {
		free(h->sessions[i].source);
		free(h->sessions[i].name);
	}
	free(h->sessions);
	free(h->seqs.v);
	free(h->idents.v);
	free(h->kept.v);
	map_release(&h->session_of);
	event_release(&h->ev);
	buf_release(&h->body);
	buf_release(&h->data);
	buf_release(&h->shape);
}

bool erase_note(struct str type)
{
	return str_is(type, "erased") || str_is(type, "hold.placed") ||
	       str_is(type, "hold.released");
}

bool erase_key(const struct event *ev, struct cache_key *key)
{
	const struct json *mark = json_member(ev->body, "erased");
	unsigned char bytes[sizeof(*key)];

	if (!mark || mark->type != JSON_TRUE ||
		!hash_unhex(event_attr(ev, ATTR_ID), bytes, sizeof(bytes)))
		return false;
	memcpy(key, bytes, sizeof(bytes));
	return true;
}

/* ---- what is hers ---- */

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void note_session(struct hers *h, int64_t session, int64_t seq)
{
	union map_value *v =
		map_slot(&h->session_of, (struct str){(char *)&session, sizeof(session)}, NULL);

	if (!v->n) {
		*VEC_ADD(h, sessions, session_n, session_cap) =
			(struct hers_session){.id = session, .first = seq};
		v->n = (int64_t)h->session_n;
	}
	h->sessions[v->n - 1].last = seq;
}

static struct hers_session *session_of(const struct hers *h, int64_t session)
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
	if (str_is(type, "erased"))
		return;
	*VEC_ADD(&h->seqs, v, n, cap) = seq;
	note_session(h, session, seq);
	if (erase_note(type)) {
		h->hold = str_is(type, "hold.placed") ? seq : 0;
		return;
	}
	if (!h->first || time < h->first)
		h->first = time;
	if (!h->last || time > h->last)
		h->last = time;
}

static int gather_rows(struct hers *h, const struct seqs *all, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(h->s,
		"SELECT e.time, e.session, e.id IS NULL, h.type FROM event e"
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

static bool is_hers(const struct hers *h, int64_t seq)
{
	return bsearch(&seq, h->seqs.v, h->seqs.n, sizeof(seq), by_number) != NULL;
}

/* Whether nothing stays in each of the sessions. */
static int see_sessions(struct hers *h, struct buf *err)
{
	struct seqs all = {NULL, 0, 0};
	int status = 0;

	for (size_t i = 0; i < h->session_n && status == 0; i++) {
		status = runs_each(h->s, RUNS_SESSION, h->sessions[i].id, &all, err);
		h->sessions[i].whole = true;
		for (size_t k = 0; k < all.n && h->sessions[i].whole; k++)
			h->sessions[i].whole = is_hers(h, all.v[k]);
	}
	free(all.v);
	return status;
}

struct ident_text {
	struct str kind, scope, value;
	sqlite3_stmt *st;
};

/* Reset st when it has been looked at. */
static int ident_text(struct store *s, int64_t id, struct ident_text *out, struct buf *err)
{
	int status = store_query(s, Q_IDENT_TEXT, &out->st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(out->st, 1, id);
	status = store_step(s, out->st, err);
	if (status != 1)
		return status < 0 ? status : STORE_ERROR;
	out->kind = store_column(out->st, 0);
	out->scope = store_column(out->st, 1);
	out->value = store_column(out->st, 2);
	return 0;
}

static int see_idents(struct hers *h, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct ident_text t;
	int status = h->who.ident ? identity_members(h->s, h->who.ident, INT64_MAX, &all, err) : 0;

	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = ident_text(h->s, all.v[i], &t, err);
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
	free(all.v);
	return status;
}

static int gather(struct hers *h, struct buf *err)
{
	struct seqs all = {NULL, 0, 0};
	int status = store_person_by_customer(h->s, h->customer, &h->who, err);

	if (status == 0)
		status = identity_seqs(h->s, &h->who, 0, INT64_MAX, &all, err);
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_number);
	if (status == 0)
		status = gather_rows(h, &all, err);
	if (status == 0)
		status = see_sessions(h, err);
	if (status == 0)
		status = see_idents(h, err);
	free(all.v);
	return status;
}

int erase_survey(struct store *s, int64_t customer, struct erase_survey *out, struct buf *err)
{
	struct hers h;
	int status;

	hers_init(&h, s, customer);
	status = gather(&h, err);
	*out = (struct erase_survey){.customer = customer,
		.records = (int64_t)h.seqs.n,
		.erased = h.erased,
		.identifiers = (int64_t)h.idents.n,
		.first = h.first,
		.last = h.last,
		.held = h.hold != 0,
		.hold = h.hold};
	for (size_t i = 0; i < h.session_n; i++)
		*(h.sessions[i].whole ? &out->sessions : &out->shared) += 1;
	hers_release(&h);
	return status;
}

/* ---- writing ---- */

/* Runs a statement with up to three numbers. */
static int change(
	struct store *s, const char *sql, int64_t a, int64_t b, int64_t c, struct buf *err)
{
	const int64_t v[] = {a, b, c};
	sqlite3_stmt *st;
	int status = store_prepare(s, sql, &st, err);

	for (int i = 0; i < 3 && status == 0 && i < sqlite3_bind_parameter_count(st); i++)
		sqlite3_bind_int64(st, i + 1, v[i]);
	if (status == 0)
		status = store_run(s, st, err);
	sqlite3_finalize(st);
	return status;
}

/* Who she is from now on: an identifier that is a random number, under her customer number. */
static int add_anonymous(struct hers *h, struct buf *err)
{
	struct ident one = {.first = h->customer};
	int64_t number =
		h->customer; /* as identity.c has it: the sessions of hers are not mixed now */
	unsigned char bytes[ERASE_KEY / 2];
	struct buf hex = BUF_INIT;
	struct str parts[3] = {STR("erased"), STR(""), {h->key, ERASE_KEY}};
	int status = 0;

	if (!h->anonymous) {
		random_bytes(bytes, sizeof(bytes));
		hash_hex(&hex, bytes, sizeof(bytes));
		memcpy(h->key, hex.s, ERASE_KEY);
		buf_release(&hex);
	}
	if (!h->who.ident)
		return 0;
	if (h->anonymous)
		status = who_ident(h->s, h->anonymous, &one, err);
	for (size_t i = 0; i < h->session_n; i++)
		if (h->sessions[i].first < number)
			number = h->sessions[i].first;
	one.kind = parts[0];
	one.scope = parts[1];
	one.value = parts[2];
	one.parent = one.joined = 0;
	one.key = number;
	one.size = (int64_t)h->kept.n + !h->anonymous;
	if (status == 0 && h->anonymous)
		who_put_ident(h->s, &one);
	if (status == 0 && !h->anonymous) {
		who_add_ident(h->s, &one);
		h->anonymous = one.id;
		runs_pend(h->s, RUNS_IDENT, store_digest(h->s, &parts[2], 1).a, one.id);
	}
	/* Those of earlier erasures, which were joined since, are right below it. */
	for (size_t i = 0; i < h->kept.n && status == 0; i++) {
		if (h->kept.v[i] == h->anonymous)
			continue;
		status = who_ident(h->s, h->kept.v[i], &one, err);
		one.parent = h->anonymous;
		one.joined = one.joined ? one.joined : one.first;
		one.key = 0;
		if (status == 0)
			who_put_ident(h->s, &one);
	}
	if (number != h->customer)
		who_drop_person(h->s, h->customer);
	if (status == 0)
		who_set_person(h->s, number, h->anonymous, 0);
	return status < 0 ? status : store_touch(h->s, number, h->s->now, err);
}

static int session_source(struct store *s, int64_t id, char **source, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_SESSION_TEXT, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, id);
	status = store_step(s, st, err);
	if (status != 1)
		return status < 0 ? status : STORE_ERROR;
	*source = mem_copy(store_column(st, 1).s, store_column(st, 1).len);
	sqlite3_reset(st);
	return 0;
}

/* For each session of hers another, which is named by the key and a number. */
static int add_sessions(struct hers *h, struct buf *err)
{
	struct seqs before = {NULL, 0, 0};
	char name[ERASE_KEY + 24];
	int status = 0;

	if (h->anonymous)
		status = runs_each(h->s, RUNS_MEMBER, h->anonymous, &before, err);
	for (size_t i = 0; i < h->session_n && status == 0; i++) {
		struct hers_session *x = &h->sessions[i];
		struct session in = {.first = x->first, .ident = h->anonymous};

		status = session_source(h->s, x->id, &x->source, err);
		if (status < 0)
			break;
		snprintf(name, sizeof(name), "%s.%zu", h->key, before.n + i + 1);
		x->name = mem_string(name);
		in.named = in.ident ? x->first : 0;
		in.source = str_of(x->source);
		in.name = str_of(x->name);
		who_add_session(h->s, &in);
		x->fresh = in.id;
		runs_pend(h->s, RUNS_PLACE,
			store_digest(h->s, (struct str[]){in.source, in.name}, 2).a, in.id);
		if (in.ident)
			runs_pend(h->s, RUNS_MEMBER, runs_spread((uint64_t)in.ident), in.id);
		else
			who_set_person(h->s, h->customer, 0, in.id);
	}
	free(before.v);
	return status;
}

/* A number as it was written, where it is one. */
static void put_number(struct buf *out, const char *name, const struct json *v)
{
	if (!v || v->type != JSON_NUMBER)
		return;
	json_put_key(out, name);
	buf_put(out, v->raw);
}

static bool is_call_end(struct str reason)
{
	static const char *const known[] = {
		"answered", "abandoned_ivr", "abandoned_queue", "busy", "failed", "voicemail"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_is(reason, known[i]))
			return true;
	return false;
}

static void make_data(struct hers *h)
{
	struct buf *out = &h->data;
	struct str reason = event_text(&h->ev, DATA_REASON);

	buf_clear(out);
	buf_puts(out, "{\"erased\":true");
	if (h->anonymous)
		buf_printf(
			out, ",\"identifiers\":[{\"kind\":\"erased\",\"value\":\"%s\"}]", h->key);
	if (str_is(event_attr(&h->ev, ATTR_TYPE), "call")) {
		if (is_call_end(reason)) {
			json_put_key(out, "reason");
			json_put_string(out, reason);
		}
		put_number(out, "duration", h->ev.data[DATA_DURATION]);
		put_number(out, "wait", h->ev.data[DATA_WAIT]);
	}
	put_number(out, "order", h->ev.data[DATA_ORDER]);
	buf_byte(out, '}');
}

static void put_attr(struct hers *h, enum event_attr a)
{
	if (!h->ev.attr[a])
		return;
	json_put_key(&h->shape, event_attr_name(a));
	json_put_string(&h->shape, event_attr(&h->ev, a));
}

/* The holes that pack.h knows stand where the row fills in what is its own. */
static int make_shape(struct hers *h, const struct store_row *row, int64_t *id, struct buf *err)
{
	struct str parts[SHAPE_PARTS] = {{NULL, 0}, event_attr(&h->ev, ATTR_SOURCE),
		event_attr(&h->ev, ATTR_TYPE), event_attr(&h->ev, ATTR_CHANNEL),
		event_attr(&h->ev, ATTR_DIRECTION), event_attr(&h->ev, ATTR_ACTOR)};
	struct buf *out = &h->shape;

	buf_clear(out);
	buf_puts(out, "{\"specversion\":\"1.0\",\"id\":\"\x01\"");
	put_attr(h, ATTR_SOURCE);
	put_attr(h, ATTR_TYPE);
	/* The hole is for times that any shell can write, too. */
	if (row->time < 0) {
		char time[WHEN_TEXT];

		when_format(row->time, time);
		buf_printf(out, ",\"time\":\"%s\"", time);
	} else {
		buf_puts(out, ",\"time\":\"\x02\"");
	}
	buf_puts(out, ",\"session\":\"\x03\"");
	put_attr(h, ATTR_CHANNEL);
	put_attr(h, ATTR_DIRECTION);
	put_attr(h, ATTR_ACTOR);
	buf_puts(out, ",\"data\":\x04}");
	parts[0] = buf_str(out);
	return store_shape_id(h->s, store_digest(h->s, parts, SHAPE_PARTS), parts, id, err);
}

static int erase_row(struct hers *h, sqlite3_stmt *st, int64_t seq, struct buf *err)
{
	enum event_fault fault;
	struct store_row row;
	struct cache_key key;
	int64_t shape = 0;
	struct hers_session *in;
	int status = store_row(h->s, seq, INT64_MAX, &row, &h->body, err);

	if (status == 0 && event_read(&h->ev, row.body, false, &fault, err) < 0)
		status = STORE_ERROR;
	if (status == 0)
		status = make_shape(h, &row, &shape, err);
	if (status < 0)
		return status;
	make_data(h);
	key = store_digest(h->s,
		(struct str[]){event_attr(&h->ev, ATTR_SOURCE), event_attr(&h->ev, ATTR_ID)}, 2);
	/* One that came as an erased record of another file is known by its id. */
	erase_key(&h->ev, &key);
	in = session_of(h, row.session);
	sqlite3_bind_int64(st, 1, seq);
	sqlite3_bind_int64(st, 2, shape);
	sqlite3_bind_int64(st, 3, in->fresh);
	if (h->anonymous)
		sqlite3_bind_int64(st, 4, h->anonymous);
	else
		sqlite3_bind_null(st, 4);
	store_bind(st, 5, buf_str(&h->data));
	sqlite3_bind_blob(st, 6, &key, sizeof(key), SQLITE_STATIC);
	status = store_run(h->s, st, err);
	if (status == 0)
		status = runs_remove(
			h->s, RUNS_SESSION, runs_spread((uint64_t)row.session), seq, err);
	runs_pend(h->s, RUNS_SESSION, runs_spread((uint64_t)in->fresh), seq);
	return status < 0 ? status : change(h->s, "DELETE FROM label WHERE seq=?1", seq, 0, 0, err);
}

/*
 * The triggers that keep the log as it is stand in the file and stay there; this connection passes
 * them over, within this transaction and for this one statement. Dropping them would leave the
 * file without them to everybody, were it to end here, and would be a change of the schema.
 */
static int erase_rows(struct hers *h, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status;

	sqlite3_db_config(h->s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	status = store_prepare(h->s,
		"UPDATE event SET shape=?2, session=?3, ident=?4, id=NULL, data=?5, salt=NULL,"
		" key=?6 WHERE seq=?1",
		&st, err);
	for (size_t i = 0; i < h->seqs.n && status == 0; i++)
		status = erase_row(h, st, h->seqs.v[i], err);
	sqlite3_finalize(st);
	sqlite3_db_config(h->s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
	return status;
}

/* ---- what led to her ---- */

/* The session's place among names: its entry would let a name that is guessed be tried. */
static int drop_place(struct hers *h, int64_t session, struct buf *err)
{
	struct str parts[2];
	sqlite3_stmt *st;
	uint64_t key;
	int status = store_query(h->s, Q_SESSION_TEXT, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, session);
	status = store_step(h->s, st, err);
	if (status != 1)
		return status;
	parts[0] = store_column(st, 1);
	parts[1] = store_column(st, 0);
	key = store_digest(h->s, parts, 2).a;
	sqlite3_reset(st);
	return runs_remove(h->s, RUNS_PLACE, key, session, err);
}

static int drop_session(struct hers *h, int64_t session, struct buf *err)
{
	static const char *const sql[] = {"DELETE FROM session WHERE id=?1",
		"DELETE FROM other WHERE session=?1", "DELETE FROM mention WHERE session=?1",
		"DELETE FROM unnamed WHERE session=?1",
		"DELETE FROM touched_session WHERE session=?1"};
	int status = drop_place(h, session, err);

	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]) && status == 0; i++)
		status = change(h->s, sql[i], session, 0, 0, err);
	return status;
}

/* What a session that stays says of itself, from the records that are left. */
struct staying {
	int64_t first, ident, named, mixed;
};

static int read_staying(struct hers *h, int64_t session, struct staying *out, struct buf *err)
{
	struct seqs all = {NULL, 0, 0};
	sqlite3_stmt *st;
	int status = store_prepare(h->s, "SELECT ident FROM event WHERE seq=?1", &st, err);

	*out = (struct staying){0, 0, 0, 0};
	if (status == 0)
		status = runs_each(h->s, RUNS_SESSION, session, &all, err);
	for (size_t i = 0; i < all.n && status == 0; i++) {
		int64_t ident;

		sqlite3_bind_int64(st, 1, all.v[i]);
		status = store_step(h->s, st, err);
		ident = status == 1 ? sqlite3_column_int64(st, 0) : 0;
		sqlite3_reset(st);
		status = status < 0 ? status : 0;
		out->first = out->first ? out->first : all.v[i];
		if (ident && !out->ident) {
			out->ident = ident;
			out->named = all.v[i];
		} else if (ident && ident != out->ident && !out->mixed) {
			out->mixed = all.v[i];
		}
	}
	/* Of several people, of whom one is left: it stays so since she was named, or the others'
	 * customer numbers would become those of its first record. */
	out->mixed = out->mixed ? out->mixed : out->named;
	sqlite3_finalize(st);
	free(all.v);
	return status;
}

static int write_staying(struct hers *h, int64_t session, struct buf *err)
{
	struct staying in;
	int status = read_staying(h, session, &in, err);

	if (status == 0)
		status = change(
			h->s, "UPDATE session SET first=?2 WHERE id=?1", session, in.first, 0, err);
	if (status == 0)
		status = change(h->s,
			"UPDATE session SET ident=nullif(?2, 0), named=nullif(?3, 0) WHERE id=?1",
			session, in.ident, in.named, err);
	if (status == 0)
		status = change(h->s,
			"UPDATE session SET mixed=nullif(?2, 0) WHERE id=?1 AND mixed IS NOT NULL",
			session, in.mixed, 0, err);
	return status < 0 ? status
			  : change(h->s, "DELETE FROM other WHERE session=?1 AND ident=?2", session,
				    in.ident, 0, err);
}

/* She is taken out of a session that stays; who was named after her is now named first. */
static int leave_session(struct hers *h, const struct hers_session *x, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < h->idents.n && status == 0; i++) {
		status = change(h->s, "DELETE FROM other WHERE session=?1 AND ident=?2", x->id,
			h->idents.v[i], 0, err);
		if (status == 0)
			status = change(h->s, "DELETE FROM mention WHERE session=?1 AND ident=?2",
				x->id, h->idents.v[i], 0, err);
	}
	/* Records that name nobody are found by theirs. */
	if (status == 0)
		status = change(h->s,
			"DELETE FROM unnamed WHERE session=?1 AND seq IN"
			" (SELECT u.seq FROM unnamed u JOIN event e ON e.seq=u.seq"
			" WHERE u.session=?1 AND e.session<>?1)",
			x->id, 0, 0, err);
	return status < 0 ? status : write_staying(h, x->id, err);
}

static int forget_facts(void *ctx, const struct person *p)
{
	struct hers *h = ctx;
	struct buf err = BUF_INIT;
	int64_t customer;
	int status = store_person_customer(h->s, p, &customer, &err);

	if (status == 0)
		status = facts_forget(h->s, customer, &err);
	if (status == 0)
		status = store_touch(h->s, customer, h->s->now, &err);
	buf_release(&err);
	return status;
}

/* Facts of her, under any number that she had, and of those who share sessions with her: they may
 * have been folded when records of hers were theirs. */
static int drop_facts(struct hers *h, struct buf *err)
{
	struct ident one;
	struct session in;
	int status = facts_forget(h->s, h->customer, err);

	for (size_t i = 0; i < h->idents.n && status == 0; i++) {
		status = who_ident(h->s, h->idents.v[i], &one, err);
		if (status == 0)
			status = facts_forget(h->s, one.first, err);
	}
	for (size_t i = 0; i < h->session_n && status == 0; i++) {
		status = who_session(h->s, h->sessions[i].id, &in, err);
		if (status == 0)
			status = facts_forget(h->s, in.first, err);
		if (status == 0 && !h->sessions[i].whole)
			status = store_session_people(
				h->s, h->sessions[i].id, INT64_MAX, forget_facts, h, err);
	}
	return status < 0 ? status : store_touch(h->s, h->customer, h->s->now, err);
}

static int drop_members(struct hers *h, int64_t ident, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < h->session_n && status == 0; i++)
		status = runs_remove(
			h->s, RUNS_MEMBER, runs_spread((uint64_t)ident), h->sessions[i].id, err);
	return status;
}

static int drop_idents(struct hers *h, struct buf *err)
{
	struct ident_text t;
	uint64_t key;
	int status = 0;

	for (size_t i = 0; i < h->kept.n && status == 0; i++)
		for (size_t k = 0; k < h->session_n && status == 0; k++)
			if (h->sessions[k].whole)
				status = runs_remove(h->s, RUNS_MEMBER,
					runs_spread((uint64_t)h->kept.v[i]), h->sessions[k].id,
					err);
	for (size_t i = 0; i < h->idents.n && status == 0; i++) {
		status = ident_text(h->s, h->idents.v[i], &t, err);
		if (status < 0)
			break;
		key = store_digest(h->s, &t.value, 1).a;
		sqlite3_reset(t.st);
		status = runs_remove(h->s, RUNS_IDENT, key, h->idents.v[i], err);
		if (status == 0)
			status = drop_members(h, h->idents.v[i], err);
		if (status == 0)
			status = change(
				h->s, "DELETE FROM ident WHERE id=?1", h->idents.v[i], 0, 0, err);
	}
	return status;
}

static int drop_traces(struct hers *h, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < h->session_n && status == 0; i++)
		status = h->sessions[i].whole ? drop_session(h, h->sessions[i].id, err)
					      : leave_session(h, &h->sessions[i], err);
	return status < 0 ? status : drop_idents(h, err);
}

static int add_to(struct store *s, const char *key, int64_t n, struct buf *err)
{
	struct buf value = BUF_INIT;
	int64_t now = 0;
	int status = store_meta(s, key, &value, err);

	str_int(buf_str(&value), &now);
	buf_clear(&value);
	buf_int(&value, now + n);
	if (status == 0)
		status = store_meta_set(s, key, buf_str(&value), err);
	buf_release(&value);
	return status;
}

int erase_prepare(struct store *s, struct buf *err)
{
	return store_exec(s, "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY", err);
}

int erase_customer(struct store *s, int64_t customer, struct erased *out, struct buf *err)
{
	struct str parts[3] = {STR("erased"), STR(""), {out->key, ERASE_KEY}};
	struct hers h;
	int status;

	*out = (struct erased){.seqs = {NULL, 0, 0}};
	hers_init(&h, s, customer);
	status = gather(&h, err);
	if (status == 0 && h.seqs.n) {
		status = drop_facts(&h, err);
		if (status == 0)
			status = add_anonymous(&h, err);
		if (status == 0)
			status = add_sessions(&h, err);
		if (status == 0)
			status = erase_rows(&h, err);
		/* From here on by the file alone. */
		if (status == 0)
			status = who_flush(s, err);
		if (status == 0)
			status = drop_traces(&h, err);
		store_forget(s);
		if (status == 0)
			status = erase_rest(s, &h.seqs, out->rests, err);
		if (status == 0)
			status = add_to(s, "erasures", 1, err);
		if (status == 0)
			status = add_to(s, "unscrubbed", 1, err);
	}
	memcpy(out->key, h.key, sizeof(h.key));
	if (h.anonymous)
		cache_put(&s->idents, store_digest(s, parts, 3), h.anonymous);
	out->seqs = h.seqs;
	h.seqs.v = NULL;
	hers_release(&h);
	return status;
}

/* ---- the bytes ---- */

static int number_of(struct store *s, const char *key, int64_t *out, struct buf *err)
{
	struct buf value = BUF_INIT;
	int status = store_meta(s, key, &value, err);

	*out = 0;
	str_int(buf_str(&value), out);
	buf_release(&value);
	return status;
}

int erase_pending(struct store *s, bool *out, struct buf *err)
{
	int64_t n;
	int status = number_of(s, "unscrubbed", &n, err);

	*out = n != 0;
	return status;
}

int erase_count(struct store *s, int64_t *out, struct buf *err)
{
	return number_of(s, "erasures", out, err);
}

int erase_scrub(struct store *s, struct buf *err)
{
	int status = store_exec(s, "PRAGMA temp_store=FILE", err);

	/*
	 * Overwriting what is deleted is not enough: when rows move from page to page, what stood
	 * there before stays behind in the gaps. Only a file that is written anew has none.
	 */
	if (status == 0)
		status = store_rewrite(s, err);
	if (status == 0)
		status = store_empty_wal(s, "erased", err);
	if (status == 0)
		status = store_exec(s, "DELETE FROM meta WHERE key='unscrubbed'", err);
	return status < 0 ? status : store_empty_wal(s, "erased", err);
}

/* ---- what is left ---- */

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

static int numbers_of(struct store *s, const char *sql, struct seqs *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s, sql, &st, err);

	while (status >= 0 && (status = store_step(s, st, err)) == 1)
		*VEC_ADD(out, v, n, cap) = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return status;
}

#define OF_TYPES(types)                                                                            \
	"SELECT seq FROM event WHERE shape IN (SELECT id FROM shape WHERE type IN (" types "))"

int erase_verify(struct store *s, struct buf *why, struct buf *err)
{
	struct verifying v = {.s = s, .why = why};
	struct seqs records = {NULL, 0, 0};
	int status = numbers_of(s, OF_TYPES("'erased'") " ORDER BY seq", &records, err);

	event_init(&v.ev);
	if (status == 0)
		status = store_visit_seqs(s, &records, INT64_MAX, verify_one, &v, err);
	event_release(&v.ev);
	free(records.v);
	return status;
}

/* ---- holds and retention ---- */

struct latest {
	int64_t *v; /* customer, time: pairs */
	size_t n, cap;
	struct map at; /* customer -> place and 1 */
};

static void see_time(struct latest *l, int64_t customer, int64_t time)
{
	union map_value *v =
		map_slot(&l->at, (struct str){(char *)&customer, sizeof(customer)}, NULL);

	if (!v->n) {
		*VEC_ADD(l, v, n, cap) = customer;
		*VEC_ADD(l, v, n, cap) = time;
		v->n = (int64_t)l->n - 1;
	}
	if (time > l->v[v->n])
		l->v[v->n] = time;
}

int erase_stale(struct store *s, int64_t before, struct seqs *out, struct buf *err)
{
	struct latest l = {.at = MAP_INIT};
	int64_t session = 0, ident = 0, customer = 0;
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"SELECT seq, session, ident, time, ord FROM event WHERE id IS NOT NULL AND shape "
		"NOT"
		" IN (SELECT id FROM shape WHERE type IN ('erased', 'hold.placed', "
		"'hold.released'))"
		" ORDER BY seq",
		&st, err);

	while (status >= 0 && (status = store_step(s, st, err)) == 1) {
		int64_t of[2] = {sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2)};

		/* As the one before, where both name the same in one session. */
		if (of[0] != session || of[1] != ident || !ident)
			status = store_customer(s, of[0], of[1], sqlite3_column_int64(st, 3),
				sqlite3_column_int64(st, 4), sqlite3_column_int64(st, 0), &customer,
				err);
		session = of[0];
		ident = of[1];
		if (status >= 0)
			see_time(&l, customer, sqlite3_column_int64(st, 3));
	}
	sqlite3_finalize(st);
	for (size_t i = 0; i + 1 < l.n && status == 0; i += 2)
		if (l.v[i + 1] < before)
			*VEC_ADD(out, v, n, cap) = l.v[i];
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_number);
	map_release(&l.at);
	free(l.v);
	return status;
}

struct holding {
	struct store *s;
	struct latest l; /* the sequence of the last record, instead of a time */
};

static int see_hold(void *ctx, const struct store_row *row, struct buf *err)
{
	struct holding *h = ctx;
	int64_t customer;
	int status = store_customer(
		h->s, row->session, row->ident, row->time, row->order, row->seq, &customer, err);

	if (status == 0 && !row->erased)
		see_time(&h->l, customer, row->seq);
	return status;
}

int erase_holds(struct store *s,
	int (*visit)(void *ctx, int64_t customer, const struct store_row *placed, struct buf *err),
	void *ctx, struct buf *err)
{
	struct holding h = {.s = s, .l = {.at = MAP_INIT}};
	struct seqs records = {NULL, 0, 0}, placed = {NULL, 0, 0};
	struct buf body = BUF_INIT;
	struct store_row row;
	int status = numbers_of(
		s, OF_TYPES("'hold.placed', 'hold.released'") " ORDER BY seq", &records, err);

	if (status == 0)
		status = numbers_of(s, OF_TYPES("'hold.placed'") " ORDER BY seq", &placed, err);
	if (status == 0)
		status = store_visit_seqs(s, &records, INT64_MAX, see_hold, &h, err);
	for (size_t i = 0; i + 1 < h.l.n && status == 0; i += 2) {
		int64_t last = h.l.v[i + 1];

		if (!placed.n || !bsearch(&last, placed.v, placed.n, sizeof(last), by_number))
			continue;
		status = store_row(s, last, INT64_MAX, &row, &body, err);
		if (status == 0)
			status = visit(ctx, h.l.v[i], &row, err);
	}
	map_release(&h.l.at);
	free(h.l.v);
	free(records.v);
	free(placed.v);
	buf_release(&body);
	return status;
}
