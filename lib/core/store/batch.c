#include "core/store/batch.h"
#include "base/fnv.h"
#include "base/job.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/content.h"
#include "core/draft.h"
#include "core/store/erase.h"
#include "core/store/pack.h"
#include "core/store/split.h"

#include <stdlib.h>

#define BESIDE 1000	/* records that are worth another thread's work */
#define LEAVES_STEP 256 /* that are handed over together */
#define AHEAD 6		/* records whose people are fetched into the nearest memory */
#define RECENT 32768	/* names whose places are found without a digest; a power of two */

struct shape {
	int64_t id; /* 0: not known yet */
	struct cache_key key;
	struct span parts[SHAPE_PARTS];
};

/* An identifier that records name; in the order of its group. */
struct name {
	struct span kind, scope, value;
	int rank; /* of its kind, see kinds.h; 0: not known yet */
	bool nobody;
};

struct taken {
	struct cache_key key;
	struct span line, body, id, source, session, data;
	uint32_t group;		  /* of the session */
	int64_t time, order, end; /* end: of a call, else its time */
	uint32_t shape, names, names_n;
	uint32_t label;	     /* place of the labelled record that came of it, and 1 */
	uint32_t relabelled; /* place of the labelled record about it, and 1 */
	enum said said;	     /* of its identifiers */
	bool note;	     /* see erase_note */
	int64_t foreseen;    /* sequence that its leaf was made for, or 0 */
	int64_t shape_id;    /* once it is added */
	int64_t customer;    /* see batch_customers; or 0 */
	struct store_added out;
};

struct batch {
	struct store *s;
	const struct ontology *ontology;
	struct buf text;
	struct taken *v;
	size_t n, cap;
	struct name *name;
	size_t name_n, name_cap;
	uint32_t *named; /* places in name, of one record after the other */
	size_t named_n, named_cap;
	struct groups idents, sessions;
	/* Places of those that came last, by a hash of what they are called: most come again. */
	uint32_t recent_idents[RECENT], recent_sessions[RECENT];
	struct shape *shape;
	size_t shape_n, shape_cap;
	struct map shapes;	  /* key -> place in shape, and 1 */
	struct digester digester; /* records are taken up beside the thread that has the file */
	struct buf part, body;
	struct buf
		head; /* of a leaf: what is owed is paid while a record that was read is in part */
	struct buf stamp; /* see store_stamp */
	struct event own, there, here;
	/* Once it is sealed: places in v by key, with the keys beside them. */
	struct run_entry *order;
	uint64_t *keys;
	unsigned char *salts; /* one after the other */
	/* While it is written. */
	struct names names, apart;
	int *rank; /* of names */
	size_t rank_n, rank_cap;
	int64_t *hit; /* by place in v: a sequence, minus the place of an earlier one and 1, or 0 */
	/* Leaves by place in v, and the tree that grows by them, made beside: for the sequences
	 * that are to be foreseen. */
	unsigned char *leaves;
	/* Places in v that are yet to be put into the file, all with one statement. It is done
	 * before anything else is asked of it. */
	uint32_t *owed;
	size_t owed_n;
	int64_t recorded;
	struct tree branch;
	bool ahead; /* the tree is that of the records so far, and those to come */
	size_t leaf_n, leaves_used;
	int64_t leaf_from; /* the first sequence */
	struct job *leaf_job;
	struct hash *hash; /* of that job */
};

struct batch *batch_new(struct store *s, const struct ontology *o)
{
	struct batch *b = mem_zero(1, sizeof(*b));

	b->s = s;
	b->ontology = o;
	digester_init(&b->digester, s->secret);
	buf_init(&b->text);
	buf_init(&b->part);
	buf_init(&b->body);
	buf_init(&b->stamp);
	buf_init(&b->head);
	event_init(&b->own);
	event_init(&b->there);
	event_init(&b->here);
	/* The triggers guard against others; what comes from here is new. Each time that they are
	 * turned off or on, every statement is prepared anew. */
	store_unguard(s);
	return b;
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	store_guard(b->s);
	buf_release(&b->text);
	buf_release(&b->part);
	buf_release(&b->body);
	buf_release(&b->stamp);
	buf_release(&b->head);
	event_release(&b->own);
	event_release(&b->there);
	event_release(&b->here);
	digester_release(&b->digester);
	map_release(&b->shapes);
	free(b->v);
	free(b->name);
	free(b->named);
	groups_release(&b->idents);
	groups_release(&b->sessions);
	free(b->shape);
	free(b->names.v);
	free(b->apart.v);
	free(b->rank);
	free(b->order);
	free(b->keys);
	free(b->hit);
	free(b->salts);
	free(b->leaves);
	free(b->owed);
	tree_release(&b->branch);
	job_free(b->leaf_job);
	hash_free(b->hash);
	free(b);
}

void batch_clear(struct batch *b)
{
	buf_clear(&b->text);
	b->n = b->name_n = b->named_n = b->shape_n = 0;
	groups_clear(&b->idents);
	groups_clear(&b->sessions);
	map_release(&b->shapes);
}

size_t batch_bytes(const struct batch *b)
{
	return b->text.len + b->n * sizeof(*b->v) +
	       b->name_n * (sizeof(*b->name) + sizeof(struct group)) +
	       b->sessions.n * sizeof(struct group);
}

static struct str text_of(const struct batch *b, struct span s)
{
	return span_of(b->text.s, s);
}

static struct span keep(struct batch *b, struct str s)
{
	struct span kept = {(uint32_t)b->text.len, (uint32_t)s.len};

	buf_put(&b->text, s);
	return kept;
}

/* ---- taking up ---- */

/* b->part holds the shape's text, which is spoilt. */
static uint32_t take_shape(struct batch *b, const struct event *ev, bool fitted)
{
	const struct str parts[SHAPE_PARTS] = {{NULL, 0}, event_attr(ev, ATTR_SOURCE),
		event_attr(ev, ATTR_TYPE), event_attr(ev, ATTR_CHANNEL),
		event_attr(ev, ATTR_DIRECTION), event_attr(ev, ATTR_ACTOR)};
	union map_value *v;
	bool fresh;

	/* A shape with holes says the others; where all is one hole they are told apart here. */
	for (int i = 1; !fitted && i < SHAPE_PARTS; i++) {
		buf_byte(&b->part, '\0');
		buf_put(&b->part, parts[i]);
	}
	v = map_slot(&b->shapes, buf_str(&b->part), &fresh);
	if (fresh) {
		struct shape *sh = VEC_ADD(b, shape, shape_n, shape_cap);

		sh->key = digest(&b->digester, &(struct str){b->part.s, b->part.len}, 1);
		sh->parts[0] = keep(b, (struct str){b->part.s, fitted ? b->part.len : 1});
		for (int i = 1; i < SHAPE_PARTS; i++)
			sh->parts[i] = keep(b, parts[i]);
		v->n = (int64_t)b->shape_n - 1;
	}
	return (uint32_t)v->n;
}

/* The same customer number in two systems is two people, unless its kind names a shared key space
 * (crm:NAME); a record about another system's says whose. */
struct str batch_scope(const struct json *identifier, struct str source)
{
	const struct json *scope = json_member(identifier, "scope");

	if (!str_is(json_member(identifier, "kind")->text, "crm"))
		return STR("");
	return scope && scope->text.len ? scope->text : source;
}

struct cache_key batch_name_key(
	struct store *s, struct str kind, struct str scope, struct str value)
{
	return store_digest(s, (struct str[]){kind, scope, value}, 3);
}

/* Where the place of what is called so may stand. */
static uint32_t *recent(uint32_t places[RECENT], struct str a, struct str b)
{
	uint64_t h = fnv_add(fnv_add(FNV_START, a), b);

	return &places[(h ^ h >> 32) & (RECENT - 1)];
}

static bool is_name(const struct batch *b, uint32_t place, const struct str parts[3])
{
	const struct name *n = place < b->name_n ? &b->name[place] : NULL;

	return n && str_eq(text_of(b, n->value), parts[2]) &&
	       str_eq(text_of(b, n->kind), parts[0]) && str_eq(text_of(b, n->scope), parts[1]);
}

static void take_name(struct batch *b, struct str kind, struct str value, struct str scope)
{
	struct str parts[] = {kind, scope, value};
	uint32_t *place = recent(b->recent_idents, kind, value);
	struct name *n;
	bool fresh = false;

	if (!kind.len || !value.len)
		return;
	if (!is_name(b, *place, parts))
		*place = groups_place(&b->idents, digest(&b->digester, parts, 3), &fresh);
	*VEC_ADD(b, named, named_n, named_cap) = *place;
	if (!fresh)
		return;
	b->idents.v[*place].find = digest(&b->digester, &value, 1).a;
	b->idents.v[*place].at = *place;
	n = VEC_ADD(b, name, name_n, name_cap);
	n->rank = 0;
	n->kind = keep(b, parts[0]);
	n->scope = keep(b, parts[1]);
	n->value = keep(b, parts[2]);
	n->nobody = str_is(kind, "placeholder") || ontology_placeholder(b->ontology, kind, value);
}

enum said batch_said(struct str type)
{
	return str_is(type, "identity.linked")	   ? SAID_LINKED
	       : str_is(type, "identity.unlinked") ? SAID_APART
						   : SAID_SEEN;
}

static void take_names(struct batch *b, const struct event *ev, struct taken *t)
{
	t->said = batch_said(event_attr(ev, ATTR_TYPE));
	t->names = (uint32_t)b->named_n;
	for
		JSON_EACH(v, ev->data[DATA_IDENTIFIERS])
		{
			take_name(b, json_member(v, "kind")->text, json_member(v, "value")->text,
				batch_scope(v, event_attr(ev, ATTR_SOURCE)));
		}
	t->names_n = (uint32_t)b->named_n - t->names;
}

/* A control character comes in no name that a record gives. */
void batch_lone_session(struct buf *out, struct str id, const struct cache_key *key)
{
	buf_puts(out, key ? "\x1f" : "\x1f#");
	if (key)
		hash_hex(out, (const unsigned char *)key, sizeof(*key));
	else
		buf_put(out, id);
}

static bool is_session_of(const struct batch *b, uint32_t place, const struct str parts[2])
{
	const struct taken *first = place < b->sessions.n ? &b->v[b->sessions.v[place].at] : NULL;

	return first && str_eq(text_of(b, first->session), parts[1]) &&
	       str_eq(text_of(b, first->source), parts[0]);
}

/* Records without a session: of whom they name, a session of their own; else each is one. */
static void take_session(struct batch *b, const struct event *ev, struct taken *t)
{
	struct str parts[2] = {event_attr(ev, ATTR_SOURCE), event_attr(ev, ATTR_SESSION)};
	const struct cache_key *who = NULL;
	uint32_t *place;
	struct group *g;
	bool fresh = false;

	if (!ev->attr[ATTR_SESSION]) {
		for (size_t i = t->names; i < b->named_n && !who; i++)
			who = b->name[b->named[i]].nobody ? NULL : &b->idents.v[b->named[i]].key;
		buf_clear(&b->part);
		batch_lone_session(&b->part, event_attr(ev, ATTR_ID), who);
		parts[1] = buf_str(&b->part);
	}
	place = recent(b->recent_sessions, parts[0], parts[1]);
	if (!is_session_of(b, *place, parts))
		*place = groups_place(&b->sessions, digest(&b->digester, parts, 2), &fresh);
	t->group = *place;
	g = &b->sessions.v[t->group];
	if (!fresh) {
		t->session = b->v[g->at].session;
		return;
	}
	t->session = keep(b, parts[1]);
	g->find = g->key.a;
	g->at = (uint32_t)(t - b->v);
}

static void take_times(const struct event *ev, struct taken *t)
{
	double seconds = 0;

	t->time = t->end = ev->time;
	if (ev->data[DATA_ORDER])
		str_int(ev->data[DATA_ORDER]->raw, &t->order);
	if (json_number(ev->data[DATA_DURATION], &seconds) && seconds > 0 && seconds < 1e7)
		t->end += (int64_t)(seconds * 1000);
}

/* The record with what the log adds itself taken off; ev where there is nothing of it. */
static const struct event *own_record(struct batch *b, const struct event *ev, struct buf *err)
{
	enum event_fault fault;

	if (!ev->attr[ATTR_CUSTOMER] && !ev->attr[ATTR_SEQUENCE] && !ev->attr[ATTR_RECORDEDTIME])
		return ev;
	buf_clear(&b->body);
	store_body(&b->body, ev);
	return event_read(&b->own, buf_str(&b->body), false, &fault, err) < 0 ? NULL : &b->own;
}

int batch_take(struct batch *b, const struct event *line, struct buf *err)
{
	const struct event *ev = own_record(b, line, err);
	struct taken *t;
	struct str parts[2];
	bool fitted;

	if (!ev)
		return -1;
	t = VEC_ADD(b, v, n, cap);
	parts[0] = event_attr(ev, ATTR_SOURCE);
	parts[1] = event_attr(ev, ATTR_ID);
	t->body = keep(b, str_trim(ev->line));
	t->line = ev == line ? t->body : keep(b, line->line);
	t->source = keep(b, parts[0]);
	t->id = keep(b, parts[1]);
	t->note = erase_note(event_attr(ev, ATTR_TYPE), event_attr(ev, ATTR_SOURCE));
	/* An erased record on its way back is told by what is left of it. */
	if (!erase_key(ev, &t->key))
		t->key = digest(&b->digester, parts, 2);
	take_times(ev, t);
	take_names(b, ev, t);
	take_session(b, ev, t);
	buf_clear(&b->part);
	t->data.at = (uint32_t)b->text.len;
	fitted = pack(ev, &b->part, &b->text);
	t->data.len = (uint32_t)b->text.len - t->data.at;
	t->shape = take_shape(b, ev, fitted);
	return 0;
}

/* ---- duplicates ---- */

static uint64_t index_key(const struct taken *t)
{
	return t->key.a;
}

/* A record with the same eight bytes of key: the same where source and id are. */
static int see_hit(void *ctx, size_t i, int64_t seq, struct buf *err)
{
	struct batch *b = ctx;
	size_t at = (size_t)b->order[i].seq;
	struct taken *t = &b->v[at];
	bool same;
	int status = store_names(
		b->s, seq, text_of(b, t->source), text_of(b, t->id), t->key, &same, err);

	if (status == 0 && same)
		b->hit[at] = seq;
	return status;
}

static bool same_record(const struct batch *b, const struct taken *x, const struct taken *y)
{
	return str_eq(text_of(b, x->source), text_of(b, y->source)) &&
	       str_eq(text_of(b, x->id), text_of(b, y->id));
}

/* Of records of one key within the batch, the first is taken. */
static void see_repeats(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		int64_t at = b->order[i].seq, *hit = &b->hit[at];

		for (size_t k = i; !*hit && k-- > 0 && b->keys[k] == b->keys[i];) {
			int64_t was = b->order[k].seq;

			if (same_record(b, &b->v[at], &b->v[was]))
				*hit = b->hit[was] ? b->hit[was] : -was - 1;
		}
	}
}

static int find_duplicates(struct batch *b, struct buf *err)
{
	int status;

	b->hit = mem_resize(b->hit, b->n * sizeof(*b->hit));
	memset(b->hit, 0, b->n * sizeof(*b->hit));
	status = runs_find(b->s, RUNS_KEY, b->keys, b->n, see_hit, b, err);
	if (status == 0)
		see_repeats(b);
	return status;
}

/* ---- writing ---- */

static int shape_id(struct batch *b, struct shape *sh, int64_t *id, struct buf *err)
{
	struct str parts[SHAPE_PARTS];
	int status = 0;

	if (!sh->id) {
		for (int i = 0; i < SHAPE_PARTS; i++)
			parts[i] = text_of(b, sh->parts[i]);
		status = store_shape_id(b->s, sh->key, parts, &sh->id, err);
	}
	*id = sh->id;
	return status;
}

static const unsigned char *salt_of(const struct batch *b, size_t i)
{
	return b->salts + i * SALT_SIZE;
}

/* The record's place in the tree: its hash as it leaves the log but for its customer. */
static void make_leaf(struct batch *b, size_t i, int64_t seq, struct hash *h, struct buf *head,
	unsigned char leaf[HASH_SIZE])
{
	struct str body = text_of(b, b->v[i].body);

	buf_clear(head);
	store_head(head, seq, buf_str(&b->stamp));
	merkle_leaf(h, salt_of(b, i), SALT_SIZE, buf_str(head),
		(struct str){body.s + 1, body.len - 1}, leaf);
}

static int make_leaves(void *ctx)
{
	struct batch *b = ctx;
	struct buf head = BUF_INIT;
	int64_t seq = b->leaf_from;

	for (size_t i = 0; i < b->leaf_n; i++) {
		if (i % LEAVES_STEP == 0)
			job_reach(b->leaf_job, i);
		if (b->hit[i])
			continue;
		b->v[i].foreseen = seq++;
		make_leaf(b, i, b->v[i].foreseen, b->hash, &head, b->leaves + i * HASH_SIZE);
		tree_add(&b->branch, b->hash, b->leaves + i * HASH_SIZE);
	}
	buf_release(&head);
	return 0;
}

/* Sequences are foreseen as if what is there already never became a labelled record. */
static void begin_leaves(struct batch *b)
{
	b->leaf_n = b->n < BESIDE ? 0 : b->n;
	b->leaves_used = 0;
	b->ahead = b->leaf_n;
	if (!b->ahead)
		return;
	tree_branch(&b->branch, &b->s->tree);
	if (!b->leaf_job) {
		b->leaf_job = job_new();
		b->hash = hash_new();
	}
	b->leaf_from = b->s->now + 1;
	job_start(b->leaf_job, make_leaves, b);
}

/* It came otherwise: the tree grows by what is there up to now. */
static void fall_back(struct batch *b)
{
	job_wait(b->leaf_job);
	for (size_t i = 0; b->leaves_used; i++) {
		if (b->hit[i])
			continue;
		tree_add(&b->s->tree, b->s->hash, b->leaves + i * HASH_SIZE);
		b->leaves_used--;
	}
	b->ahead = false;
}

static void add_leaf(struct batch *b, size_t i)
{
	unsigned char *leaf = b->leaves + i * HASH_SIZE;

	if (b->ahead && i < b->leaf_n)
		job_await(b->leaf_job, i + 1);
	if (b->ahead && b->v[i].foreseen == b->v[i].out.seq) {
		b->leaves_used++;
		return;
	}
	if (b->ahead)
		fall_back(b);
	make_leaf(b, i, b->v[i].out.seq, b->s->hash, &b->head, leaf);
	tree_add(&b->s->tree, b->s->hash, leaf);
}

/* The columns of Q_ADD_EVENTS. */
static void put_event(void *ctx, size_t row, int column, sqlite3_context *out)
{
	const struct batch *b = ctx;
	size_t at = b->owed[row];
	const struct taken *t = &b->v[at];

	switch (column) {
	case 0:
		sqlite3_result_int64(out, t->out.seq);
		break;
	case 1:
		sqlite3_result_int64(out, t->time);
		break;
	case 2:
		sqlite3_result_int64(out, t->order);
		break;
	case 3:
		sqlite3_result_int64(out, b->recorded);
		break;
	case 4:
		sqlite3_result_int64(out, t->shape_id);
		break;
	case 5:
		sqlite3_result_int64(out, t->out.session);
		break;
	case 6:
		given_or_null(out, t->out.ident);
		break;
	case 7:
		given_text(out, text_of(b, t->id));
		break;
	case 8:
		given_text(out, text_of(b, t->data));
		break;
	case 9:
		sqlite3_result_blob(out, salt_of(b, at), SALT_SIZE, SQLITE_STATIC);
		break;
	default:
		sqlite3_result_blob(out, b->leaves + at * HASH_SIZE, HASH_SIZE, SQLITE_STATIC);
	}
}

static int pay(void *ctx, struct buf *err)
{
	struct batch *b = ctx;
	size_t n = b->owed_n;

	for (size_t i = 0; i < n; i++)
		add_leaf(b, b->owed[i]);
	b->owed_n = 0;
	return n ? store_give(b->s, Q_ADD_EVENTS, &(struct given){n, put_event, b}, err) : 0;
}

static void owe(struct batch *b, const struct taken *t)
{
	b->owed[b->owed_n++] = (uint32_t)(t - b->v);
}

static int rank_of(struct batch *b, uint32_t place)
{
	struct name *n = &b->name[place];

	if (!n->rank)
		n->rank = kinds_rank(&b->s->kinds, text_of(b, n->kind));
	return n->rank;
}

/* The number of a name, which gets one where it is new; theirs: the record may be of it. */
static int64_t ident_of(struct batch *b, uint32_t place, int64_t seq, bool theirs)
{
	struct group *g = &b->idents.v[place];
	const struct name *n = &b->name[place];
	struct ident one = {.first = seq, .size = 1};

	if (g->id)
		return g->id;
	one.placeholder = n->nobody;
	one.rank = rank_of(b, place);
	one.key = one.placeholder || !theirs ? 0 : seq;
	who_add_ident(b->s, &one, text_of(b, n->kind), text_of(b, n->scope), text_of(b, n->value));
	runs_pend(b->s, RUNS_IDENT, g->find, one.id);
	g->id = one.placeholder ? -one.id : one.id;
	cache_put(&b->s->idents, g->key, g->id);
	return g->id;
}

static int see_placeholder(struct batch *b, int64_t id, struct buf *err)
{
	struct ident one;
	int status = who_ident(b->s, id, &one, err);

	one.seen++;
	if (status == 0)
		who_put_ident(b->s, &one);
	return status;
}

/* Puts it behind those that are as strong. */
static void add_name(struct batch *b, int64_t id, int rank)
{
	size_t at = b->names.n;

	*VEC_ADD(&b->names, v, n, cap) = id;
	*VEC_ADD(b, rank, rank_n, rank_cap) = rank;
	for (; at && b->rank[at - 1] > rank; at--) {
		b->names.v[at] = b->names.v[at - 1];
		b->rank[at] = b->rank[at - 1];
	}
	b->names.v[at] = id;
	b->rank[at] = rank;
}

/* Whom a record names, the strongest first; what says that people are apart is about the first that
 * it names, and b->apart are the others. */
static int names_of(struct batch *b, const struct taken *t, struct buf *err)
{
	const struct names *out = &b->names;
	int status = 0;

	b->names.n = b->apart.n = b->rank_n = 0;
	for (size_t i = 0; i < t->names_n && status == 0; i++) {
		uint32_t place = b->named[t->names + i];
		bool other = t->said == SAID_APART && i, twice = false;
		int64_t id = ident_of(b, place, t->out.seq, !other);

		for (size_t k = 0; k < out->n; k++)
			twice |= out->v[k] == id;
		if (id < 0)
			status = see_placeholder(b, -id, err);
		else if (!twice && other)
			*VEC_ADD(&b->apart, v, n, cap) = id;
		else if (!twice)
			add_name(b, id, t->names_n > 1 ? rank_of(b, place) : 0);
	}
	return status;
}

/* Identifiers that turned out to be shared are nobody's for the records to come. */
static void see_shared(struct batch *b)
{
	for (size_t i = 0; i < b->s->shared.n; i++)
		for (size_t k = 0; k < b->idents.n; k++)
			if (b->idents.v[k].id == b->s->shared.v[i]) {
				b->idents.v[k].id = -b->s->shared.v[i];
				cache_put(&b->s->idents, b->idents.v[k].key, b->idents.v[k].id);
			}
	b->s->shared.n = 0;
}

/* Who is who after it. */
static int place(struct batch *b, const struct taken *t, bool fresh, struct buf *err)
{
	int64_t about = b->names.n ? b->names.v[0] : 0;
	int status =
		identity_place(b->s, t->out.session, fresh, &b->names, t->said, t->out.seq, err);

	for (size_t i = 0; i < b->apart.n && about && status == 0; i++)
		status = split_apart(b->s, about, b->apart.v[i], t->out.seq, err);
	if (b->s->shared.n)
		see_shared(b);
	return status;
}

static int64_t session_of(struct batch *b, const struct taken *t, bool *fresh)
{
	struct group *g = &b->sessions.v[t->group];
	struct session in = {.first = t->out.seq};

	*fresh = !g->id;
	if (g->id)
		return g->id;
	who_add_session(b->s, &in, text_of(b, t->source), text_of(b, t->session));
	runs_pend(b->s, RUNS_PLACE, g->find, in.id);
	g->id = in.id;
	cache_put(&b->s->sessions, g->key, g->id);
	return g->id;
}

static int add(struct batch *b, struct taken *t, int64_t recorded, struct buf *err)
{
	bool fresh = false;
	int status = shape_id(b, &b->shape[t->shape], &t->shape_id, err);

	t->out = (struct store_added){.outcome = ADDED, .seq = ++b->s->now};
	if (status == 0)
		status = names_of(b, t, err);
	t->out.ident = b->names.n ? b->names.v[0] : 0;
	t->out.session = session_of(b, t, &fresh);
	if (status == 0)
		owe(b, t);
	runs_pend(b->s, RUNS_KEY, index_key(t), t->out.seq);
	runs_pend(b->s, RUNS_SESSION, runs_spread((uint64_t)t->out.session), t->out.seq);
	if (status == 0)
		status = place(b, t, fresh, err);
	if (status == 0 && !t->note)
		store_see(b->s, t->time, t->end, recorded);
	return status;
}

/* Fetches what will be looked at of a record, where it has been looked up. */
static void expect(const struct batch *b, size_t i)
{
	const struct taken *t = &b->v[i];
	int64_t ident = t->names_n ? b->idents.v[b->named[t->names]].id : 0;

	identity_expect(b->s, b->sessions.v[t->group].id, ident > 0 && t->names_n == 1 ? ident : 0);
}

/* ---- repeats ---- */

/* A record of the batch itself: its session may not be on file yet. */
static int earlier_here(
	struct batch *b, const struct taken *t, struct store_row *row, struct buf *err)
{
	enum event_fault fault;
	int status = 0;

	*row = (struct store_row){.seq = t->out.seq,
		.time = t->time,
		.order = t->order,
		.session = t->out.session,
		.ident = t->out.ident};
	buf_clear(&b->part);
	if (!t->relabelled) {
		buf_put(&b->part, text_of(b, t->body));
	} else if (event_read(&b->there, text_of(b, t->body), false, &fault, err) == 0 &&
		   event_read(&b->here, text_of(b, b->v[t->relabelled - 1].body), false, &fault,
			   err) == 0) {
		content_relabel(&b->part, &b->there, &b->here);
	} else {
		status = STORE_ERROR;
	}
	row->body = buf_str(&b->part);
	return status;
}

/* The record that is on record under the key of the i-th, with its labels of now. */
static int earlier(struct batch *b, size_t i, struct store_row *row, struct buf *err)
{
	int64_t hit = b->hit[i];
	enum event_fault fault;
	int status = hit < 0 ? earlier_here(b, &b->v[-hit - 1], row, err)
			     : store_row(b->s, hit, INT64_MAX, row, &b->part, err);

	if (status < 0 || row->erased)
		return status;
	return event_read(&b->there, row->body, false, &fault, err);
}

static int read_both(struct batch *b, size_t i, struct store_row *row, struct buf *err)
{
	enum event_fault fault;
	int status = earlier(b, i, row, err);

	return status < 0 || row->erased
		       ? status
		       : event_read(&b->here, text_of(b, b->v[i].body), false, &fault, err);
}

/* What tells the records that the log made itself from those that came of another log. */
static void put_label_id(struct store *s, int64_t of, int64_t last, struct buf *id)
{
	struct str parts[2] = {
		{(const char *)&of, sizeof(of)}, {(const char *)&last, sizeof(last)}};
	struct cache_key key = store_digest(s, parts, 2);

	buf_puts(id, "labelled-");
	hash_hex(id, (const unsigned char *)&key, 12);
}

bool batch_is_label(struct store *s, const struct event *ev, int64_t seq, int64_t *basis)
{
	struct buf id = BUF_INIT;
	bool is = false;

	if (str_is(event_attr(ev, ATTR_TYPE), "labelled") && ev->data[DATA_BASIS] &&
		str_int(ev->data[DATA_BASIS]->raw, basis)) {
		put_label_id(s, *basis, seq - 1, &id);
		is = str_eq(event_attr(ev, ATTR_ID), buf_str(&id));
	}
	buf_release(&id);
	return is;
}

/* The record that says which labels another has now. It belongs where that one does. */
static void draft_labels(struct batch *b, const struct store_row *row, struct draft *d)
{
	static const enum event_attr same[] = {ATTR_SOURCE, ATTR_SESSION, ATTR_CHANNEL};
	struct buf id = BUF_INIT;

	put_label_id(b->s, row->seq, b->s->now, &id);
	draft_attr(d, ATTR_ID, buf_str(&id));
	buf_release(&id);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		draft_attr(d, same[i], event_attr(&b->there, same[i]));
	draft_attr(d, ATTR_TYPE, STR("labelled"));
	draft_attr(d, ATTR_DIRECTION, STR("internal"));
	draft_attr(d, ATTR_ACTOR, STR("system"));
	d->time = b->there.time;
	if (!b->there.attr[ATTR_SESSION] && b->there.data[DATA_IDENTIFIERS])
		draft_raw(d, DATA_IDENTIFIERS, b->there.data[DATA_IDENTIFIERS]->raw);
	for (int i = 0; i < DATA_COUNT; i++)
		if (content_label((enum event_data)i) && b->here.data[i])
			draft_raw(d, (enum event_data)i, b->here.data[i]->raw);
	draft_text(d, DATA_EVENT, event_attr(&b->there, ATTR_ID));
	draft_int(d, DATA_BASIS, row->seq);
	if (b->there.data[DATA_ORDER])
		draft_raw(d, DATA_ORDER, b->there.data[DATA_ORDER]->raw);
}

static int take_labels(struct batch *b, const struct store_row *row, struct buf *err)
{
	enum event_fault fault;
	struct draft d;
	int status;

	draft_init(&d);
	draft_clear(&d);
	draft_labels(b, row, &d);
	buf_clear(&b->body);
	draft_write(&b->body, &d);
	draft_release(&d);
	status = event_read(&b->here, buf_str(&b->body), false, &fault, err);
	return status < 0 ? status : batch_take(b, &b->here, err);
}

/* The same record with other labels: they are logged, and nothing is rewritten. */
static int label(struct batch *b, size_t i, const struct store_row *row, struct buf *err)
{
	size_t at = b->n;
	struct taken *t;
	/* New names are parts of the text, which may move now, as may the records. */
	int status = who_flush(b->s, err);

	job_wait(b->leaf_job);
	if (status == 0)
		status = store_paid(b->s, err);
	if (status == 0)
		status = take_labels(b, row, err);
	if (status < 0)
		return status;
	random_bytes(b->salts + at * SALT_SIZE, SALT_SIZE);
	t = &b->v[at];
	t->out = (struct store_added){LABELLED, ++b->s->now, row->session, row->ident};
	t->said = SAID_SEEN;
	b->v[i].out = t->out;
	b->v[i].label = (uint32_t)at + 1;
	if (b->hit[i] < 0)
		b->v[-b->hit[i] - 1].relabelled = (uint32_t)at + 1;
	status = shape_id(b, &b->shape[t->shape], &t->shape_id, err);
	if (status == 0)
		owe(b, t);
	runs_pend(b->s, RUNS_KEY, index_key(t), t->out.seq);
	runs_pend(b->s, RUNS_SESSION, runs_spread((uint64_t)row->session), t->out.seq);
	b->names.n = b->apart.n = 0;
	if (row->ident)
		*VEC_ADD(&b->names, v, n, cap) = row->ident;
	if (status == 0)
		status = place(b, t, false, err);
	if (status == 0)
		status = store_label(b->s, row->seq, t->out.seq, err);
	/* Another repeat may ask for it. */
	return status < 0 ? status : store_paid(b->s, err);
}

static int repeat(struct batch *b, size_t i, struct buf *err)
{
	struct taken *t = &b->v[i];
	struct store_row row;
	int status = read_both(b, i, &row, err);

	if (status < 0)
		return status;
	t->out = (struct store_added){.outcome = DUPLICATE, .seq = row.seq};
	if (row.erased)
		return 0;
	if (!content_same(&b->here, &b->there, NULL))
		t->out.outcome = CONFLICT;
	else if (!content_same_labels(&b->here, &b->there))
		return label(b, i, &row, err);
	return 0;
}

/* ---- the whole ---- */

static int is_ident(void *ctx, struct group *g, int64_t id, struct buf *err)
{
	const struct batch *b = ctx;
	const struct name *n = &b->name[g->at];

	return who_is_ident(b->s, id, text_of(b, n->kind), text_of(b, n->scope),
		text_of(b, n->value), &g->id, err);
}

static int is_session(void *ctx, struct group *g, int64_t id, struct buf *err)
{
	const struct batch *b = ctx;
	const struct taken *t = &b->v[g->at];
	bool same;
	int status =
		who_is_session(b->s, id, text_of(b, t->source), text_of(b, t->session), &same, err);

	if (same)
		g->id = id;
	return status;
}

static int find_names(struct batch *b, struct buf *err)
{
	int status = who_resolve(b->s, RUNS_IDENT, &b->idents, is_ident, b, err);

	return status < 0 ? status
			  : who_resolve(b->s, RUNS_PLACE, &b->sessions, is_session, b, err);
}

void batch_seal(struct batch *b)
{
	b->order = mem_resize(b->order, b->n * sizeof(*b->order));
	b->keys = mem_resize(b->keys, b->n * sizeof(*b->keys));
	for (size_t i = 0; i < b->n; i++)
		b->order[i] = (struct run_entry){index_key(&b->v[i]), (int64_t)i};
	order_sort(b->order, b->n);
	for (size_t i = 0; i < b->n; i++)
		b->keys[i] = b->order[i].key;
	groups_sort(&b->idents);
	groups_sort(&b->sessions);
	/* Each may become a labelled record. */
	b->salts = mem_resize(b->salts, 2 * b->n * SALT_SIZE);
	random_bytes(b->salts, b->n * SALT_SIZE);
}

/* The rules by which people are joined are those of the ontology when the log began. */
static int begin_rules(struct batch *b, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	if (b->s->ruled)
		return 0;
	kinds_put(&text, b->ontology, IDENTITY_NORMAL);
	status = store_meta_set(b->s, "identity", buf_str(&text), err);
	kinds_read(&b->s->kinds, buf_str(&text));
	b->s->ruled = true;
	buf_release(&text);
	return status;
}

int batch_write(struct batch *b, int64_t recorded, struct buf *err)
{
	size_t n = b->n; /* labelled records come behind */
	int status;

	if (!n)
		return 0;
	/* Numbers of a transaction that was rolled back mean nothing. */
	for (size_t i = 0; i < b->shape_n; i++)
		b->shape[i].id = 0;
	buf_clear(&b->stamp);
	store_stamp(&b->stamp, recorded);
	b->recorded = recorded;
	/* Each may become a labelled record. */
	b->leaves = mem_resize(b->leaves, 2 * n * HASH_SIZE);
	b->owed = mem_resize(b->owed, 2 * n * sizeof(*b->owed));
	status = begin_rules(b, err);
	if (status == 0)
		status = tree_begin(b->s, err);
	if (status == 0)
		status = find_duplicates(b, err);
	if (status == 0) {
		begin_leaves(b);
		status = find_names(b, err);
	}
	store_owe(b->s, pay, b);
	for (size_t i = 0; i < n && status == 0; i++) {
		if (i + AHEAD < n)
			expect(b, i + AHEAD);
		status = b->hit[i] ? repeat(b, i, err) : add(b, &b->v[i], recorded, err);
	}
	if (status == 0)
		status = pay(b, err);
	store_owe(b->s, NULL, NULL);
	b->owed_n = 0;
	job_wait(b->leaf_job);
	if (status == 0 && b->ahead)
		tree_join(&b->s->tree, &b->branch);
	/* New names are parts of the batch. */
	return status < 0 ? status : who_flush(b->s, err);
}

/* ---- after it ---- */

const struct store_added *batch_outcome(const struct batch *b, size_t i)
{
	return &b->v[i].out;
}

struct str batch_line(const struct batch *b, size_t i)
{
	return text_of(b, b->v[i].line);
}

int batch_conflict(struct batch *b, size_t i, struct buf *why, struct buf *err)
{
	struct str member = {NULL, 0};
	struct store_row row;
	int status = read_both(b, i, &row, err);

	if (status == 0 && !row.erased)
		content_same(&b->here, &b->there, &member);
	buf_printf(why, "its source and id are those of record %lld, which has another %.*s",
		(long long)b->v[i].out.seq, (int)(member.len > 60 ? 60 : member.len), member.s);
	return status;
}

static int customer_of(struct batch *b, struct taken *t, struct buf *err)
{
	return store_customer(b->s, t->out.session, t->out.ident, t->time, t->order, t->out.seq,
		&t->customer, err);
}

int batch_customers(struct batch *b, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < b->n && status == 0; i++)
		if (b->v[i].out.outcome == ADDED || b->v[i].out.outcome == LABELLED)
			status = customer_of(b, &b->v[i], err);
	return status;
}

int batch_record(struct batch *b, size_t i, int64_t recorded, struct buf *out, struct buf *err)
{
	struct taken *t = &b->v[b->v[i].label ? b->v[i].label - 1 : i];
	int status = t->customer ? 0 : customer_of(b, t, err);

	if (status == 0)
		store_record(out, text_of(b, t->body), t->customer, t->out.seq, recorded);
	return status;
}
