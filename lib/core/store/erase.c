#include "core/store/erase_hers.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/persons.h"

#include <stdio.h>
#include <stdlib.h>

bool erase_note(struct str type, struct str source)
{
	return str_is(type, "erased") || str_is(type, "hold.placed") ||
	       str_is(type, "hold.released") ||
	       (str_is(source, "jlog") &&
		       (str_is(type, "identity.linked") || str_is(type, "identity.unlinked")));
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
	one.rank = kinds_rank(&h->s->kinds, parts[0]);
	one.parent = one.joined = 0;
	one.key = number;
	one.size = (int64_t)h->kept.n + !h->anonymous;
	if (status == 0 && h->anonymous)
		who_put_ident(h->s, &one);
	if (status == 0 && !h->anonymous) {
		who_add_ident(h->s, &one, parts[0], parts[1], parts[2]);
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
	h->number = number;
	if (number != h->customer)
		who_drop_person(h->s, h->customer);
	if (status == 0)
		who_set_person(h->s, number, h->anonymous, 0);
	return status < 0 ? status : store_touch(h->s, number, h->s->now, err);
}

static int session_source(struct store *s, int64_t id, char **source, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_get(s, Q_SESSION_TEXT, id, &st, err);

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
		who_add_session(h->s, &in, str_of(x->source), str_of(x->name));
		x->fresh = in.id;
		runs_pend(h->s, RUNS_PLACE,
			store_digest(h->s, (struct str[]){str_of(x->source), str_of(x->name)}, 2).a,
			in.id);
		if (in.ident)
			runs_pend(h->s, RUNS_MEMBER, runs_spread((uint64_t)in.ident), in.id);
		else {
			/* Another than she had, where what was erased of her before stays that. */
			who_set_person(h->s, x->first, 0, in.id);
			status = store_touch(h->s, x->first, h->s->now, err);
		}
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
		status = hers_keep_shared(h, err);
	if (status == 0)
		status = make_shape(h, &row, &shape, err);
	if (status < 0)
		return status;
	make_data(h);
	key = store_digest(h->s,
		(struct str[]){event_attr(&h->ev, ATTR_SOURCE), event_attr(&h->ev, ATTR_ID)}, 2);
	/* One that came as an erased record of another file is known by its id. */
	erase_key(&h->ev, &key);
	in = hers_session_of(h, row.session);
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
	return status < 0 ? status
			  : store_change(h->s, "DELETE FROM label WHERE seq=?1", seq, 0, 0, err);
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

	store_unguard(h->s);
	status = store_prepare(h->s,
		"UPDATE event SET shape=?2, session=?3, ident=?4, id=NULL, data=?5, salt=NULL,"
		" key=?6 WHERE seq=?1",
		&st, err);
	for (size_t i = 0; i < h->seqs.n && status == 0; i++)
		status = erase_row(h, st, h->seqs.v[i], err);
	sqlite3_finalize(st);
	store_guard(h->s);
	return status;
}

/* Its bytes are there until the file is written anew after this one. */
static int count_erasure(struct store *s, struct buf *err)
{
	int64_t n;
	int status = erase_count(s, &n, err);

	if (status == 0)
		status = store_meta_keep(s, "erasures", n + 1, err);
	return status < 0 ? status : store_meta_keep(s, "unscrubbed", n + 1, err);
}

int erase_prepare(struct store *s, struct buf *err)
{
	return store_exec(s, "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY", err);
}

void erased_release(struct erased *e)
{
	free(e->seqs.v);
	free(e->source);
	free(e->session);
}

int erase_customer(struct erasing *e, int64_t customer, struct erased *out, struct buf *err)
{
	struct store *s = e->s;
	struct str parts[3] = {STR("erased"), STR(""), {out->key, ERASE_KEY}};
	struct hers h;
	int status;

	*out = (struct erased){.seqs = {NULL, 0, 0}};
	hers_init(&h, e, customer);
	status = hers_gather(&h, err);
	if (status == 0 && h.seqs.n) {
		status = hers_drop_facts(&h, err);
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
			status = hers_drop_traces(&h, err);
		store_forget(s);
		/* The last numbers may be free again. */
		if (status == 0)
			status = who_begin(s, err);
		if (status == 0)
			status = erase_rest(s, &h.seqs, out->rests, err);
		/* A rebuild that began before may have folded them: the record that tells of it is
		 * the next. */
		persons_touched_by(s, s->now + 1);
		if (status == 0)
			status = count_erasure(s, err);
	}
	memcpy(out->key, h.key, sizeof(h.key));
	if (!h.who.ident && h.session_n && h.sessions[0].source) {
		out->source = mem_string(h.sessions[0].source);
		out->session = mem_string(h.sessions[0].name);
		cache_put(&s->sessions,
			store_digest(
				s, (struct str[]){str_of(out->source), str_of(out->session)}, 2),
			h.sessions[0].fresh);
	}
	if (h.anonymous)
		cache_put(&s->idents, store_digest(s, parts, 3), h.anonymous);
	out->seqs = h.seqs;
	h.seqs.v = NULL;
	hers_release(&h);
	return status;
}

/* ---- the bytes ---- */

int erase_pending(struct store *s, int64_t *which, struct buf *err)
{
	return store_meta_number(s, "unscrubbed", 0, which, err);
}

int erase_count(struct store *s, int64_t *out, struct buf *err)
{
	return store_meta_number(s, "erasures", 0, out, err);
}

int erase_scrub(struct store *s, struct buf *err)
{
	struct buf why = BUF_INIT;
	int status = store_exec(s, "PRAGMA temp_store=FILE", err);

	/*
	 * Overwriting what is deleted is not enough: when rows move from page to page, what stood
	 * there before stays behind in the gaps. Only a file that is written anew has none.
	 */
	if (status == 0)
		status = store_rewrite(s, &why);
	if (why.len)
		buf_printf(err,
			"erased, but the file holds her bytes until another jlog forget or expire "
			"writes it anew: %s",
			why.s);
	buf_release(&why);
	return status < 0 ? status : store_empty_wal(s, "erased", err);
}

int erase_scrubbed(struct store *s, int64_t which, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status;

	buf_printf(&sql, "DELETE FROM meta WHERE key='unscrubbed' AND CAST(value AS INTEGER)=%lld",
		(long long)which);
	status = store_exec(s, sql.s, err);
	buf_release(&sql);
	return status < 0 ? status : store_empty_wal(s, "erased", err);
}
