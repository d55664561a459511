/*
 * Who is who. Identifiers are the nodes of a union-find forest; a record that names two of them
 * joins them, and the link keeps the record's sequence. Links are never shortened, so the forest as
 * it stood at any sequence can be walked. The larger tree takes the smaller, so paths stay
 * logarithmic.
 *
 * A session's records that name nobody are its person's. Where a session names more than one person
 * ("mixed"), they belong to whoever is named nearest before in event time, else nearest after.
 *
 * A customer's number is the smallest sequence among the first records of its identifiers and of
 * its sessions that are not mixed.
 */
#include "core/store/internal.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>

#define EXPAND_PEOPLE 2000 /* touched in one transaction */

struct ident {
	int64_t id, parent, joined, size, key, first;
};

static int get_ident(struct store *s, int64_t id, struct ident *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_IDENT_GET, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, id);
	status = store_step(s, st, err);
	if (status == 0)
		buf_printf(err, "%s: identifier %lld is missing", s->path, (long long)id);
	if (status != 1)
		return STORE_ERROR;
	*out = (struct ident){id, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
		sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
		sqlite3_column_int64(st, 4)};
	sqlite3_reset(st);
	return 0;
}

static int find_root(struct store *s, int64_t id, int64_t as_of, struct ident *out, struct buf *err)
{
	int status;

	for (;;) {
		status = get_ident(s, id, out, err);
		if (status < 0 || !out->parent || out->joined > as_of)
			return status;
		id = out->parent;
	}
}

struct session {
	int64_t id, first, ident, named, mixed;
};

static int get_session(struct store *s, int64_t id, struct session *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_SESSION_GET, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, id);
	status = store_step(s, st, err);
	if (status == 0)
		buf_printf(err, "%s: session %lld is missing", s->path, (long long)id);
	if (status != 1)
		return STORE_ERROR;
	*out = (struct session){id, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
		sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3)};
	sqlite3_reset(st);
	return 0;
}

/* Runs a statement of one to three numbers that gives no row. */
static int run3(struct store *s, enum query q, int64_t a, int64_t b, int64_t c, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, q, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, a);
	if (sqlite3_bind_parameter_count(st) > 1)
		sqlite3_bind_int64(st, 2, b);
	if (sqlite3_bind_parameter_count(st) > 2)
		sqlite3_bind_int64(st, 3, c);
	return store_run(s, st, err);
}

static void mark(struct map *touched, int64_t id, int64_t seq)
{
	union map_value *v = map_slot(touched, (struct str){(char *)&id, sizeof(id)}, NULL);

	if (v->n < seq)
		v->n = seq;
}

/* Written once at the end of the transaction: a batch touches the same customers again and again.
 */
int store_touch(struct store *s, int64_t customer, int64_t seq, struct buf *err)
{
	(void)err;
	mark(&s->touched, customer, seq);
	return 0;
}

struct flushing {
	struct store *s;
	enum query q;
	struct buf *err;
	int status;
};

static void flush_one(void *ctx, struct str key, union map_value *v)
{
	struct flushing *f = ctx;
	int64_t id;

	memcpy(&id, key.s, sizeof(id));
	if (f->status == 0)
		f->status = run3(f->s, f->q, id, v->n, 0, f->err);
}

int store_flush_touched(struct store *s, struct buf *err)
{
	struct flushing f = {s, Q_TOUCH, err, 0};

	map_each(&s->touched, flush_one, &f);
	map_release(&s->touched);
	f.q = Q_TOUCH_SESSION;
	map_each(&s->touched_sessions, flush_one, &f);
	map_release(&s->touched_sessions);
	return f.status;
}

static int touch(struct store *s, int64_t customer, struct buf *err)
{
	return store_touch(s, customer, s->now, err);
}

/* The numbers that a statement of one to three parameters gives in its first column, gathered
 * before anything else runs. */
static int numbers(struct store *s, enum query q, int64_t a, int64_t b, int64_t c,
	struct names *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, q, &st, err);

	out->n = 0;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, a);
	if (sqlite3_bind_parameter_count(st) > 1)
		sqlite3_bind_int64(st, 2, b);
	if (sqlite3_bind_parameter_count(st) > 2)
		sqlite3_bind_int64(st, 3, c);
	while ((status = store_step(s, st, err)) == 1)
		*VEC_ADD(out, v, n, cap) = sqlite3_column_int64(st, 0);
	return status;
}

/* All identifiers of the person whose root it is, as of a sequence. */
static int component(
	struct store *s, int64_t root, int64_t as_of, struct names *out, struct buf *err)
{
	struct names children = {NULL, 0, 0};
	int status = 0;

	out->n = 0;
	*VEC_ADD(out, v, n, cap) = root;
	for (size_t i = 0; i < out->n && status == 0; i++) {
		status = numbers(s, Q_IDENT_CHILDREN, out->v[i], as_of, 0, &children, err);
		for (size_t c = 0; c < children.n; c++)
			*VEC_ADD(out, v, n, cap) = children.v[c];
	}
	free(children.v);
	return status;
}

struct scope_name {
	struct str kind, scope, value;
};

/* With its length, so that no two lists of parts are one. */
static void put_part(struct buf *key, struct str part)
{
	buf_add(key, (const char *)&part.len, sizeof(part.len));
	buf_put(key, part);
}

static int intern_ident(struct store *s, const struct ontology *o, const struct scope_name *n,
	int64_t seq, int64_t *id, struct buf *err)
{
	bool nobody = str_is(n->kind, "placeholder") || ontology_placeholder(o, n->kind, n->value);
	union map_value *slot;
	sqlite3_stmt *st;
	bool fresh;
	int status;

	buf_clear(&s->key);
	put_part(&s->key, n->kind);
	put_part(&s->key, n->scope);
	put_part(&s->key, n->value);
	if (map_count(&s->idents) > CACHE_MAX)
		map_release(&s->idents);
	slot = map_slot(&s->idents, buf_str(&s->key), &fresh);
	*id = slot->n;
	if (!fresh)
		return 0;
	status = store_query(s, Q_IDENT_FIND, &st, err);
	if (status < 0)
		return status;
	store_bind(st, 1, n->kind);
	store_bind(st, 2, n->value);
	store_bind(st, 3, n->scope);
	status = store_step(s, st, err);
	if (status < 0)
		return status;
	if (status == 1) {
		*id = sqlite3_column_int(st, 1) ? -sqlite3_column_int64(st, 0)
						: sqlite3_column_int64(st, 0);
		slot->n = *id;
		sqlite3_reset(st);
		return 0;
	}
	status = store_query(s, Q_IDENT_ADD, &st, err);
	if (status < 0)
		return status;
	store_bind(st, 1, n->kind);
	store_bind(st, 2, n->value);
	store_bind(st, 3, n->scope);
	sqlite3_bind_int64(st, 4, seq);
	sqlite3_bind_int(st, 5, nobody);
	if (nobody)
		sqlite3_bind_null(st, 6);
	else
		sqlite3_bind_int64(st, 6, seq);
	status = store_run(s, st, err);
	if (status < 0)
		return status;
	*id = sqlite3_last_insert_rowid(s->db);
	/* A placeholder is remembered as a negative number: it is named, and joins nothing. */
	*id = nobody ? -*id : *id;
	slot->n = *id;
	return 0;
}

static int add_name(struct store *s, const struct ontology *o, struct scope_name *n,
	struct str source, int64_t seq, struct names *out, struct buf *err)
{
	int64_t id;
	int status;

	if (!n->kind.len || !n->value.len)
		return 0;
	/* The same customer number in two systems is two people, unless its kind names a shared key
	 * space (crm:NAME). */
	n->scope = str_is(n->kind, "crm") ? source : STR("");
	status = intern_ident(s, o, n, seq, &id, err);
	if (status < 0)
		return status;
	if (id < 0)
		return run3(s, Q_IDENT_SEEN, -id, 0, 0, err);
	for (size_t i = 0; i < out->n; i++)
		if (out->v[i] == id)
			return 0;
	*VEC_ADD(out, v, n, cap) = id;
	return 0;
}

int identity_names(struct store *s, const struct ontology *o, const struct event *ev, int64_t seq,
	struct names *out, struct buf *err)
{
	struct str source = event_attr(ev, ATTR_SOURCE), own = event_attr(ev, ATTR_CUSTOMER);
	const struct json *list = ev->data[DATA_IDENTIFIERS];
	bool apart = str_is(event_attr(ev, ATTR_TYPE), "identity.unlinked");
	int status = 0;

	if (list && list->type == JSON_ARRAY)
		for
			JSON_EACH(v, list)
			{
				const struct json *kind = json_member(v, "kind"),
						  *value = json_member(v, "value");
				struct scope_name n = {{NULL, 0}, {NULL, 0}, {NULL, 0}};

				if (!json_is_string(kind) || !json_is_string(value))
					continue;
				n.kind = kind->text;
				n.value = value->text;
				status = add_name(s, o, &n, source, seq, out, err);
				if (status < 0)
					return status;
				/* Such a record is about the first that it names; the others are
				 * somebody else. */
				if (apart && out->n)
					return 0;
			}
	if (own.len && !ev->sequence) {
		struct scope_name n = {STR("crm"), {NULL, 0}, own};

		status = add_name(s, o, &n, source, seq, out, err);
	}
	return status;
}

/* Records without a session: of whom they name, a session of their own; else each is one. */
static struct str session_name(struct store *s, const struct event *ev, int64_t first_ident)
{
	struct str name = event_attr(ev, ATTR_SESSION);

	if (name.len)
		return name;
	buf_clear(&s->key);
	/* A control character comes in no name that a record gives. */
	if (first_ident) {
		buf_printf(&s->key, "\x1f%lld", (long long)first_ident);
	} else {
		buf_puts(&s->key, "\x1f#");
		buf_put(&s->key, event_attr(ev, ATTR_ID));
	}
	return buf_str(&s->key);
}

static int add_session(struct store *s, struct str source, struct str name, int64_t seq,
	int64_t *id, bool *fresh, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_SESSION_FIND, &st, err);

	if (status < 0)
		return status;
	store_bind(st, 1, source);
	store_bind(st, 2, name);
	status = store_step(s, st, err);
	if (status == 1) {
		*id = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
	}
	if (status != 0)
		return status < 0 ? status : 0;
	status = store_query(s, Q_SESSION_ADD, &st, err);
	if (status < 0)
		return status;
	store_bind(st, 1, source);
	store_bind(st, 2, name);
	sqlite3_bind_int64(st, 3, seq);
	status = store_run(s, st, err);
	*id = sqlite3_last_insert_rowid(s->db);
	*fresh = true;
	return status;
}

int identity_session(struct store *s, const struct event *ev, int64_t seq, int64_t first_ident,
	int64_t *id, bool *fresh, struct buf *err)
{
	struct str source = event_attr(ev, ATTR_SOURCE), name = session_name(s, ev, first_ident);
	struct buf key = BUF_INIT;
	union map_value *slot;
	bool unknown;
	int status = 0;

	*fresh = false;
	put_part(&key, source);
	put_part(&key, name);
	if (map_count(&s->sessions) > CACHE_MAX)
		map_release(&s->sessions);
	slot = map_slot(&s->sessions, buf_str(&key), &unknown);
	if (unknown)
		status = add_session(s, source, name, seq, &slot->n, fresh, err);
	*id = slot->n;
	buf_release(&key);
	return status;
}

/* Gives a root another customer number. */
static int rekey(struct store *s, struct ident *root, int64_t key, struct buf *err)
{
	int status;

	if (root->key == key)
		return touch(s, key, err);
	status = touch(s, root->key, err);
	if (status == 0)
		status = run3(s, Q_PERSON_DROP, root->key, 0, 0, err);
	if (status == 0)
		status = run3(s, Q_PERSON_DROP, key, 0, 0, err);
	if (status == 0)
		status = run3(s, Q_PERSON_ADD, key, root->id, 0, err);
	if (status == 0)
		status = run3(s, Q_IDENT_ROOT, root->id, root->size, key, err);
	root->key = key;
	return status < 0 ? status : touch(s, key, err);
}

static int join(struct store *s, struct ident *a, struct ident *b, int64_t seq, struct buf *err)
{
	struct ident *big = a->size >= b->size ? a : b, *small = big == a ? b : a;
	int64_t key = a->key < b->key ? a->key : b->key;
	int status;

	if (a->id == b->id)
		return 0;
	status = touch(s, a->key, err);
	if (status == 0)
		status = touch(s, b->key, err);
	if (status == 0)
		status = run3(s, Q_PERSON_DROP, a->key, 0, 0, err);
	if (status == 0)
		status = run3(s, Q_PERSON_DROP, b->key, 0, 0, err);
	if (status == 0)
		status = run3(s, Q_IDENT_JOIN, small->id, big->id, seq, err);
	if (status == 0)
		status = run3(s, Q_IDENT_ROOT, big->id, big->size + small->size, key, err);
	return status < 0 ? status : run3(s, Q_PERSON_ADD, key, big->id, 0, err);
}

/* The customer number of a root from nothing but its identifiers and sessions. */
static int derive_key(struct store *s, struct ident *root, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	int64_t key = INT64_MAX;
	struct ident one;
	sqlite3_stmt *st;
	int status = component(s, root->id, INT64_MAX, &all, err);

	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = get_ident(s, all.v[i], &one, err);
		if (status == 0 && one.first < key)
			key = one.first;
		if (status == 0)
			status = store_query(s, Q_MEMBER_SESSIONS, &st, err);
		if (status < 0)
			break;
		sqlite3_bind_int64(st, 1, all.v[i]);
		sqlite3_bind_int64(st, 2, INT64_MAX);
		while ((status = store_step(s, st, err)) == 1)
			if (!sqlite3_column_int64(st, 2) && sqlite3_column_int64(st, 1) < key)
				key = sqlite3_column_int64(st, 1);
	}
	free(all.v);
	return status < 0 ? status : rekey(s, root, key, err);
}

/*
 * In a mixed session any new record may move those that name nobody: all its people are folded
 * anew. They may be many, so the session is marked here and its people when they are folded.
 */
static void touch_session(struct store *s, int64_t session)
{
	mark(&s->touched_sessions, session, s->now);
}

struct expanding {
	int64_t session, mark, after;
	size_t left; /* people that may still be touched */
};

/* Touches people of one session. Where it names nobody, the session is the person. */
static int expand(struct store *s, struct expanding *e, struct buf *err)
{
	struct names in = {NULL, 0, 0};
	struct session of;
	struct ident root;
	int status = get_session(s, e->session, &of, err);

	if (status == 0)
		status = numbers(
			s, Q_SESSION_IDENTS, e->session, e->after, (int64_t)e->left, &in, err);
	if (status == 0 && !of.ident)
		status = store_touch(s, of.first, e->mark, err);
	for (size_t i = 0; i < in.n && status == 0; i++) {
		status = find_root(s, in.v[i], INT64_MAX, &root, err);
		if (status == 0)
			status = store_touch(s, root.key, e->mark, err);
	}
	if (status == 0 && in.n == e->left)
		status = run3(s, Q_SESSION_AFTER, e->session, in.v[in.n - 1], 0, err);
	else if (status == 0)
		status = run3(s, Q_SESSION_DONE, e->session, 0, 0, err);
	e->left -= in.n + (in.n < e->left);
	free(in.v);
	return status;
}

int identity_expand(struct store *s, bool *more, struct buf *err)
{
	struct expanding e = {.left = EXPAND_PEOPLE};
	sqlite3_stmt *st;
	int status = 0;

	*more = true;
	while (status == 0 && *more && e.left) {
		status = store_query(s, Q_SESSION_TOUCHED, &st, err);
		if (status == 0)
			status = store_step(s, st, err);
		*more = status == 1;
		if (status != 1)
			break;
		e.session = sqlite3_column_int64(st, 0);
		e.mark = sqlite3_column_int64(st, 1);
		e.after = sqlite3_column_int64(st, 2);
		sqlite3_reset(st);
		status = expand(s, &e, err);
	}
	return status;
}

static int mix(
	struct store *s, struct session *in, struct ident *newcomer, int64_t seq, struct buf *err)
{
	struct ident first;
	int status = run3(s, Q_SESSION_MIX, in->id, seq, 0, err);

	in->mixed = seq;
	if (status == 0)
		status = run3(s, Q_MENTION_ALL, in->id, 0, 0, err);
	if (status == 0)
		status = find_root(s, in->ident, INT64_MAX, &first, err);
	if (status == 0)
		status = derive_key(s, &first, err);
	return status < 0 ? status : derive_key(s, newcomer, err);
}

/* The first record that names somebody takes over a session that named nobody. */
static int name_session(struct store *s, struct session *in, bool fresh, struct ident *root,
	int64_t ident, int64_t seq, struct buf *err)
{
	int status = run3(s, Q_SESSION_NAME, in->id, ident, seq, err);

	if (status == 0 && !fresh) {
		status = touch(s, in->first, err);
		if (status == 0)
			status = run3(s, Q_PERSON_DROP, in->first, 0, 0, err);
	}
	return status < 0 ? status
			  : rekey(s, root, in->first < root->key ? in->first : root->key, err);
}

/* The root of the names, which are joined. A new identifier becomes a person. */
static int settle(struct store *s, const struct names *names, int64_t seq, struct ident *root,
	struct buf *err)
{
	struct ident other;
	int status = 0;

	for (size_t i = 0; i < names->n && status == 0; i++) {
		status = find_root(s, names->v[i], INT64_MAX, &other, err);
		/* A later name that is new becomes part of the first one's person, and is never one
		 * of its own. */
		if (status == 0 && i == 0 && other.first == seq && other.key == seq &&
			other.size == 1)
			status = run3(s, Q_PERSON_ADD, seq, other.id, 0, err);
		if (status != 0)
			break;
		if (i > 0) {
			status = find_root(s, names->v[0], INT64_MAX, root, err);
			if (status == 0)
				status = join(s, root, &other, seq, err);
		} else {
			status = touch(s, other.key, err);
		}
	}
	return status < 0 ? status : find_root(s, names->v[0], INT64_MAX, root, err);
}

int identity_place(struct store *s, int64_t session, bool fresh, const struct names *names,
	int64_t seq, struct buf *err)
{
	struct session in;
	struct ident root, owner;
	int status = get_session(s, session, &in, err);

	if (status < 0)
		return status;
	if (!names->n) {
		if (in.mixed) {
			touch_session(s, session);
			return 0;
		}
		if (in.ident) {
			status = find_root(s, in.ident, INT64_MAX, &owner, err);
			return status < 0 ? status : touch(s, owner.key, err);
		}
		status = fresh ? run3(s, Q_PERSON_ADD, seq, 0, session, err) : 0;
		return status < 0 ? status : touch(s, in.first, err);
	}
	status = settle(s, names, seq, &root, err);
	for (size_t i = 0; i < names->n && status == 0; i++)
		status = run3(s, Q_MEMBER_ADD, names->v[i], session, seq, err);
	if (status < 0)
		return status;
	if (!in.ident)
		return name_session(s, &in, fresh, &root, names->v[0], seq, err);
	status = find_root(s, in.ident, INT64_MAX, &owner, err);
	if (status == 0 && in.mixed)
		status = run3(s, Q_MENTION_ADD, seq, 0, 0, err);
	else if (status == 0 && owner.id != root.id)
		status = mix(s, &in, &root, seq, err);
	if (in.mixed)
		touch_session(s, session);
	return status;
}

/* Who a record that names nobody belongs to in a mixed session; 0: nobody is named (yet). */
static int nearest(struct store *s, const struct store_row *row, int64_t as_of, int64_t *ident,
	struct buf *err)
{
	static const enum query order[] = {Q_NEAREST_BEFORE, Q_NEAREST_AFTER};
	sqlite3_stmt *st;

	*ident = 0;
	for (int i = 0; i < 2; i++) {
		int status = store_query(s, order[i], &st, err);

		if (status < 0)
			return status;
		sqlite3_bind_int64(st, 1, row->session);
		sqlite3_bind_int64(st, 2, row->time);
		sqlite3_bind_int64(st, 3, row->order);
		sqlite3_bind_int64(st, 4, row->seq);
		sqlite3_bind_int64(st, 5, as_of);
		status = store_step(s, st, err);
		if (status == 1) {
			*ident = sqlite3_column_int64(st, 0);
			sqlite3_reset(st);
			return 0;
		}
		if (status < 0)
			return status;
	}
	return 0;
}

int store_person(struct store *s, const struct store_row *row, int64_t as_of, struct person *p,
	struct buf *err)
{
	int64_t ident = row->ident;
	struct session in;
	struct ident root;
	int status = 0;

	*p = (struct person){0, 0};
	if (!ident) {
		status = get_session(s, row->session, &in, err);
		if (status < 0)
			return status;
		if (in.ident && in.named <= as_of)
			ident = in.ident;
		if (ident && in.mixed && in.mixed <= as_of)
			status = nearest(s, row, as_of, &ident, err);
	}
	if (status < 0)
		return status;
	if (!ident) {
		p->session = row->session;
		return 0;
	}
	status = find_root(s, ident, as_of, &root, err);
	p->ident = root.id;
	return status;
}

int store_person_customer(
	struct store *s, const struct person *p, int64_t *customer, struct buf *err)
{
	struct session in = {0};
	struct ident root = {0};
	int status = p->ident ? find_root(s, p->ident, INT64_MAX, &root, err)
			      : get_session(s, p->session, &in, err);

	*customer = p->ident ? root.key : in.first;
	return status;
}

int store_customer(struct store *s, int64_t session, int64_t ident, int64_t time, int64_t order,
	int64_t seq, int64_t *customer, struct buf *err)
{
	struct store_row row = {
		.seq = seq, .time = time, .order = order, .session = session, .ident = ident};
	struct person p;
	int status = store_person(s, &row, INT64_MAX, &p, err);

	return status < 0 ? status : store_person_customer(s, &p, customer, err);
}

int store_person_by_customer(struct store *s, int64_t customer, struct person *p, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_PERSON_GET, &st, err);

	*p = (struct person){0, 0};
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, customer);
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	*p = (struct person){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1)};
	sqlite3_reset(st);
	return 0;
}

/* The sessions that a person took part in, each once. */
static int person_sessions(
	struct store *s, const struct person *p, int64_t as_of, struct names *out, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct map seen = MAP_INIT;
	sqlite3_stmt *st;
	bool fresh;
	int status = component(s, p->ident, as_of, &all, err);

	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = store_query(s, Q_MEMBER_SESSIONS, &st, err);
		if (status < 0)
			break;
		sqlite3_bind_int64(st, 1, all.v[i]);
		sqlite3_bind_int64(st, 2, as_of);
		while ((status = store_step(s, st, err)) == 1) {
			int64_t id = sqlite3_column_int64(st, 0);

			map_slot(&seen, (struct str){(char *)&id, sizeof(id)}, &fresh);
			if (fresh)
				*VEC_ADD(out, v, n, cap) = id;
		}
	}
	map_release(&seen);
	free(all.v);
	return status;
}

int store_effect(struct store *s, const struct store_row *row, const struct person *p,
	struct effect *out, struct buf *err)
{
	struct session in;
	sqlite3_stmt *st;
	int status = get_session(s, row->session, &in, err);

	*out = (struct effect){false, false, false};
	if (status < 0)
		return status;
	out->took_over = in.named == row->seq && in.first < row->seq;
	out->mixed = in.mixed && in.mixed <= row->seq;
	if (!p->ident)
		return 0;
	/* A record's last join puts a tree below the root in which it stands afterwards. */
	status = store_query(s, Q_IDENT_GREW, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, p->ident);
	sqlite3_bind_int64(st, 2, row->seq);
	status = store_step(s, st, err);
	if (status == 1) {
		out->joined = true;
		sqlite3_reset(st);
	}
	return status < 0 ? status : 0;
}

int store_session_people(struct store *s, int64_t session, int64_t as_of,
	int (*visit)(void *ctx, const struct person *p), void *ctx, struct buf *err)
{
	struct names in = {NULL, 0, 0};
	struct ident root;
	int status = numbers(s, Q_SESSION_IDENTS, session, 0, INT64_MAX, &in, err);

	for (size_t i = 0; i < in.n && status == 0; i++) {
		status = find_root(s, in.v[i], as_of, &root, err);
		if (status == 0)
			status = visit(ctx, &(struct person){root.id, 0});
	}
	free(in.v);
	return status;
}

struct mentions {
	struct place *v;
	size_t n, cap;
};

static int mentions(struct store *s, int64_t session, int64_t ident, int64_t as_of,
	struct mentions *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_MENTIONS, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, session);
	sqlite3_bind_int64(st, 2, ident);
	sqlite3_bind_int64(st, 3, as_of);
	while ((status = store_step(s, st, err)) == 1)
		*VEC_ADD(out, v, n, cap) = (struct place){sqlite3_column_int64(st, 0),
			sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2)};
	return status;
}

/* Whether the person is the one whom a session names first; hers are the records before that. */
static int begins(struct store *s, int64_t session, const struct person *p, int64_t as_of,
	bool *hers, struct buf *err)
{
	struct names first = {NULL, 0, 0};
	struct ident root;
	int status = numbers(s, Q_MENTION_FIRST, session, as_of, 0, &first, err);

	*hers = false;
	if (status == 0 && first.n) {
		status = find_root(s, first.v[0], as_of, &root, err);
		*hers = status == 0 && root.id == p->ident;
	}
	free(first.v);
	return status;
}

/* A person's records of a mixed session. Others' are not looked at: there may be as many of them as
 * people. */
static int mixed_events(struct store *s, int64_t session, const struct person *p, int64_t from,
	int64_t as_of, store_visit *visit, void *ctx, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct mentions m = {NULL, 0, 0};
	bool hers;
	int status = component(s, p->ident, as_of, &all, err);

	for (size_t i = 0; i < all.n && status == 0; i++)
		status = mentions(s, session, all.v[i], as_of, &m, err);
	if (status == 0)
		status = begins(s, session, p, as_of, &hers, err);
	if (status == 0 && hers)
		status = store_session_run(s, session, NULL, from, as_of, visit, ctx, err);
	for (size_t i = 0; i < m.n && status == 0; i++)
		status = store_session_run(s, session, &m.v[i], from, as_of, visit, ctx, err);
	free(all.v);
	free(m.v);
	return status;
}

int store_person_events(struct store *s, const struct person *p, int64_t from, int64_t as_of,
	store_visit *visit, void *ctx, struct buf *err)
{
	struct names sessions = {NULL, 0, 0};
	struct session in;
	int status = 0;

	if (p->ident)
		status = person_sessions(s, p, as_of, &sessions, err);
	else
		*VEC_ADD(&sessions, v, n, cap) = p->session;
	for (size_t i = 0; i < sessions.n && status == 0; i++) {
		status = get_session(s, sessions.v[i], &in, err);
		if (status == 0 && in.mixed && in.mixed <= as_of)
			status = mixed_events(s, in.id, p, from, as_of, visit, ctx, err);
		else if (status == 0)
			status = store_session_events(s, in.id, from, as_of, visit, ctx, err);
	}
	free(sessions.v);
	return status;
}

int store_person_identifiers(struct store *s, const struct person *p,
	int (*visit)(void *ctx, const struct identifier *i, struct buf *err), void *ctx,
	struct buf *err)
{
	struct names all = {NULL, 0, 0};
	sqlite3_stmt *st = NULL;
	int status;

	if (!p->ident)
		return 0;
	status = component(s, p->ident, INT64_MAX, &all, err);
	if (status == 0)
		status = store_prepare(s,
			"SELECT kind, scope, value, placeholder FROM ident WHERE id=?1", &st, err);
	for (size_t i = 0; i < all.n && status == 0; i++) {
		sqlite3_bind_int64(st, 1, all.v[i]);
		status = store_step(s, st, err);
		if (status == 1) {
			struct identifier id = {store_column(st, 0), store_column(st, 1),
				store_column(st, 2), sqlite3_column_int(st, 3) != 0};

			status = visit(ctx, &id, err);
			sqlite3_reset(st);
		}
	}
	sqlite3_finalize(st);
	free(all.v);
	return status;
}

/* Whose a number is that was a customer's before a join; 0: nobody's. */
static int find_former(struct store *s, int64_t number, int64_t *customer, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	struct buf body = BUF_INIT;
	struct store_row row;
	int status = store_prepare(s,
		"SELECT 1 FROM ident WHERE first=?1 AND placeholder=0 UNION ALL"
		" SELECT 1 FROM session WHERE first=?1 LIMIT 1",
		&st, err);

	*customer = 0;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, number);
	status = store_step(s, st, err);
	sqlite3_finalize(st);
	if (status != 1)
		return status;
	status = store_row(s, number, &row, &body, err);
	if (status == 0)
		status = store_customer(
			s, row.session, row.ident, row.time, row.order, number, customer, err);
	buf_release(&body);
	return status;
}

int store_find_customer(struct store *s, const char *text, int64_t *customer, struct buf *err)
{
	struct ident root;
	struct person p;
	sqlite3_stmt *st = NULL;
	int64_t ident = 0;
	int status;

	*customer = 0;
	if (text[0] == 'c' && str_int(str_of(text + 1), customer)) {
		status = store_person_by_customer(s, *customer, &p, err);
		if (status < 0 || p.ident || p.session)
			return status;
		status = find_former(s, *customer, customer, err);
		if (status < 0 || *customer)
			return status;
	}
	status = store_prepare(s,
		"SELECT id FROM ident WHERE value=?1 AND placeholder=0 ORDER BY id LIMIT 1", &st,
		err);
	if (status < 0)
		return status;
	store_bind(st, 1, str_of(text));
	status = store_step(s, st, err);
	if (status == 1)
		ident = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	if (status < 0 || !ident)
		return status;
	status = find_root(s, ident, INT64_MAX, &root, err);
	if (status >= 0)
		*customer = root.key;
	return status;
}

int store_placeholders(struct store *s,
	int (*visit)(void *ctx, const char *name, int64_t count, struct buf *err), void *ctx,
	struct buf *err)
{
	struct buf name = BUF_INIT;
	sqlite3_stmt *st = NULL;
	int status = store_prepare(s,
		"SELECT kind, value, records FROM ident WHERE placeholder=1 ORDER BY records DESC, "
		"id",
		&st, err);

	if (status < 0)
		return status;
	while ((status = store_step(s, st, err)) == 1) {
		buf_clear(&name);
		if (!str_is(store_column(st, 0), "placeholder")) {
			buf_put(&name, store_column(st, 0));
			buf_byte(&name, ':');
		}
		buf_put(&name, store_column(st, 1));
		status = visit(ctx, name.s, sqlite3_column_int64(st, 2), err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	buf_release(&name);
	return status;
}
