#include "core/store/verify.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/batch.h"
#include "core/store/note.h"
#include "core/store/pack.h"
#include "core/store/who.h"

#include <stdlib.h>

enum column {
	C_SEQ,
	C_TIME,
	C_ORD,
	C_RECORDED,
	C_ID,
	C_DATA,
	C_SALT,
	C_LEAF,
	C_KEY,
	C_SHAPE,
	C_SOURCE,
	C_TYPE,
	C_CHANNEL,
	C_DIRECTION,
	C_ACTOR,
	C_PLACE,
	C_SESSION,
	C_IDENT,
	C_KIND,
	C_SCOPE,
	C_VALUE,
	C_NOBODY,
};

static const char rows[] =
	"SELECT e.seq, e.time, e.ord, e.recorded, e.id, e.data, e.salt, e.leaf,"
	" e.key, h.text, h.source, h.type, h.channel, h.direction, h.actor,"
	" s.source, s.name, e.ident, i.kind, i.scope, i.value, i.placeholder"
	" FROM event e LEFT JOIN shape h ON h.id=e.shape"
	" LEFT JOIN session s ON s.id=e.session LEFT JOIN ident i ON i.id=e.ident"
	" ORDER BY e.seq";

static const char tiles[] = "SELECT n, hash FROM tile ORDER BY n";

/* Sequences, both ends included. */
struct stretch {
	int64_t from, to;
};
struct stretches {
	struct stretch *v;
	size_t n, cap;
};

struct checking {
	struct store *s;
	struct verify *v;
	struct merkle kept; /* the frontier on file */
	struct frontier read;
	bool whole;   /* all leaves of the tile at hand were read */
	bool unknown; /* some tile before could not be had */
	int64_t next; /* the sequence that is expected */
	sqlite3_stmt *row, *tile, *label;
	int64_t labels;		     /* records that are kept among the labels as they should be */
	bool has_tile, has_frontier; /* has_tile: there is a next one on file, tile_n */
	int64_t tile_n;
	struct stretch at;
	const char *why; /* of the records at `at`: a fault that is not told yet */
	struct stretches erased, named;
	int64_t stamped; /* the recorded time of `stamp` */
	struct buf stamp, head, body, text;
	struct buf key; /* of an erased record, as its body has it */
	struct event ev;
	int status;
};

/* ---- faults ---- */

static void tell(struct checking *c, struct buf *err)
{
	c->v->faults++;
	if (c->status == 0)
		c->status = c->v->fault(c->v->ctx, c->text.s, err);
}

static void name_records(struct buf *out, struct stretch at)
{
	if (at.from == at.to)
		buf_printf(out, "record %lld: ", (long long)at.from);
	else
		buf_printf(out, "records %lld to %lld: ", (long long)at.from, (long long)at.to);
}

static void flush(struct checking *c, struct buf *err)
{
	if (!c->why)
		return;
	buf_clear(&c->text);
	name_records(&c->text, c->at);
	buf_puts(&c->text, c->why);
	c->why = NULL;
	tell(c, err);
}

/* The same fault of records that follow one another is told once. why: kept. */
static void wrong(struct checking *c, int64_t from, int64_t to, const char *why, struct buf *err)
{
	if (c->why == why && c->at.to + 1 == from) {
		c->at.to = to;
		return;
	}
	flush(c, err);
	c->at = (struct stretch){from, to};
	c->why = why;
}

static void wrong_tree(struct checking *c, const char *why, struct buf *err)
{
	flush(c, err);
	buf_clear(&c->text);
	buf_printf(&c->text, "tree: %s", why);
	tell(c, err);
}

/* ---- the tree ---- */

static void next_tile(struct checking *c, struct buf *err)
{
	int status = store_step(c->s, c->tile, err);

	c->has_tile = status == 1;
	c->tile_n = c->has_tile ? sqlite3_column_int64(c->tile, 0) : -1;
	if (status < 0 && c->status == 0)
		c->status = status;
}

static int64_t tile_first(int64_t n)
{
	return n < 0 || n > (INT64_MAX >> 8) - 1 ? INT64_MAX - TILE : n * TILE + 1;
}

static void wrong_tile(struct checking *c, int64_t n, const char *why, struct buf *err)
{
	int64_t first = tile_first(n);

	wrong(c, first, first + TILE - 1, why, err);
}

static bool tile_hash(struct checking *c, unsigned char hash[HASH_SIZE])
{
	struct str kept = store_column(c->tile, 1);

	if (kept.len == HASH_SIZE)
		memcpy(hash, kept.s, HASH_SIZE);
	return kept.len == HASH_SIZE;
}

static const char odd_tile[] = "the tree has a hash of them, and not them";

/* Tiles of records that are not there stand for them in the tree; those of no record are odd. */
static void skip_tiles(struct checking *c, int64_t before, struct buf *err)
{
	unsigned char hash[HASH_SIZE];

	while (c->status == 0 && c->has_tile && c->tile_n < before) {
		if (c->tile_n < 0 || (uint64_t)c->tile_n >= c->kept.size / TILE)
			wrong_tile(c, c->tile_n, odd_tile, err);
		else if ((uint64_t)c->tile_n == c->read.tiles.size && tile_hash(c, hash))
			merkle_add(&c->read.tiles, c->s->hash, hash);
		next_tile(c, err);
	}
	if ((uint64_t)before > c->read.tiles.size) {
		c->unknown = true;
		c->read.tiles.size = (uint64_t)before;
	}
}

/* The tile at hand is over: `hash` is that of its leaves, or NULL where they are not all there. */
static void see_tile(struct checking *c, int64_t n, const unsigned char *hash, struct buf *err)
{
	unsigned char kept[HASH_SIZE];

	if (c->status != 0 || (uint64_t)n >= c->kept.size / TILE)
		return;
	if (!c->has_tile || c->tile_n != n) {
		wrong_tile(c, n, "the tree has no hash of them", err);
		c->unknown |= !hash;
		return;
	}
	if (!tile_hash(c, kept) || (hash && memcmp(kept, hash, HASH_SIZE) != 0))
		wrong_tile(c, n, "they differ from their hash in the tree", err);
	next_tile(c, err);
}

/* Both at the first n records. */
static void compare(struct checking *c, uint64_t n, struct buf *err)
{
	struct merkle m;
	unsigned char root[HASH_SIZE];

	if (c->unknown || !c->whole)
		return;
	frontier_whole(&c->read, &m);
	if (n == c->kept.size && c->has_frontier &&
		memcmp(m.peak, c->kept.peak, merkle_peaks(n) * HASH_SIZE) != 0)
		wrong_tree(c, "its frontier is not that of the records", err);
	if (!c->v->kept || n != c->v->kept->size)
		return;
	merkle_root(&m, c->s->hash, root);
	if (memcmp(root, c->v->kept->root, HASH_SIZE) == 0)
		return;
	flush(c, err);
	buf_clear(&c->text);
	buf_printf(&c->text, "tree: the first %llu records are not those of the head",
		(unsigned long long)n);
	tell(c, err);
}

/* Goes on to another tile, past whatever is missing. */
static void turn_to(struct checking *c, int64_t n, struct buf *err)
{
	int64_t at = (int64_t)c->read.tiles.size;
	unsigned char hash[HASH_SIZE];

	/* What was begun stays incomplete: only the file says what it was. */
	if (at != n && (c->read.leaves.size || !c->whole)) {
		bool there = c->has_tile && c->tile_n == at && tile_hash(c, hash);

		see_tile(c, at, NULL, err);
		if (there)
			merkle_add(&c->read.tiles, c->s->hash, hash);
		c->read.leaves.size = 0;
		c->whole = true;
	}
	skip_tiles(c, n, err);
}

/* leaf: NULL where it cannot be had. */
static void add_leaf(struct checking *c, int64_t seq, const unsigned char *leaf, struct buf *err)
{
	int64_t n = (seq - 1) / TILE;
	unsigned char hash[HASH_SIZE];

	turn_to(c, n, err);
	if (!leaf || (uint64_t)((seq - 1) % TILE) != c->read.leaves.size)
		c->whole = false;
	if (!c->whole)
		return;
	if (frontier_add(&c->read, c->s->hash, leaf, hash))
		see_tile(c, n, hash, err);
	compare(c, (uint64_t)seq, err);
}

/* ---- a record ---- */

static const char *const differs[] = {[C_TIME] = "column time differs from the record",
	[C_ORD] = "column ord differs from the record",
	[C_ID] = "column id differs from the record",
	[C_SOURCE] = "source of the shape differs from the record",
	[C_TYPE] = "type of the shape differs from the record",
	[C_CHANNEL] = "channel of the shape differs from the record",
	[C_DIRECTION] = "direction of the shape differs from the record",
	[C_ACTOR] = "actor of the shape differs from the record",
	[C_PLACE] = "source of the session differs from the record",
	[C_SESSION] = "session differs from the record",
	[C_IDENT] = "column ident is not the first person named"};

static bool is_erased(const struct checking *c)
{
	return sqlite3_column_type(c->row, C_ID) == SQLITE_NULL;
}

/* An erased record goes by what tells it again. */
static struct str id_of(struct checking *c)
{
	if (!is_erased(c))
		return store_column(c->row, C_ID);
	buf_clear(&c->key);
	hash_hex(&c->key, sqlite3_column_blob(c->row, C_KEY),
		(size_t)sqlite3_column_bytes(c->row, C_KEY));
	return buf_str(&c->key);
}

static bool says(struct checking *c, enum column at, enum event_attr a)
{
	return str_eq(at == C_ID ? id_of(c) : store_column(c->row, at), event_attr(&c->ev, a));
}

/* One without a session has one of its own, of itself or of somebody whom it names. */
static bool right_session(struct checking *c)
{
	struct str name = store_column(c->row, C_SESSION);
	bool same;

	if (c->ev.attr[ATTR_SESSION])
		return str_eq(name, event_attr(&c->ev, ATTR_SESSION));
	buf_clear(&c->text);
	batch_lone_session(&c->text, event_attr(&c->ev, ATTR_ID), NULL);
	same = str_eq(name, buf_str(&c->text));
	for
		JSON_EACH(v, c->ev.data[DATA_IDENTIFIERS])
		{
			struct cache_key key = batch_name_key(c->s, json_member(v, "kind")->text,
				batch_scope(v, event_attr(&c->ev, ATTR_SOURCE)),
				json_member(v, "value")->text);

			buf_clear(&c->text);
			batch_lone_session(&c->text, STR(""), &key);
			same |= str_eq(name, buf_str(&c->text));
		}
	return same;
}

/* A name that a record gives. */
struct naming {
	struct checking *c;
	struct str kind, scope, value;
	struct ident ident; /* on file; its id is 0: none */
};

static int see_ident(void *ctx, size_t i, int64_t id, struct buf *err)
{
	struct naming *n = ctx;

	(void)i;
	return who_is_ident(n->c->s, id, n->kind, n->scope, n->value, &n->ident, err);
}

/* Whether it is somebody as of a record, which only those ask that are not the one of the row. */
static bool is_somebody(struct naming *n, int64_t seq)
{
	struct buf err = BUF_INIT;
	uint64_t key = store_digest(n->c->s, &n->value, 1).a;
	const struct ident *one = &n->ident;
	int status = runs_find(n->c->s, RUNS_IDENT, &key, 1, see_ident, n, &err);

	if (status < 0 && n->c->status == 0)
		n->c->status = status;
	buf_release(&err);
	/* It may be shared since. */
	return one->id && !one->placeholder && (!one->shared || one->shared > seq);
}

/* Whether the name is the one of the row. */
static bool is_named(const struct checking *c, const struct naming *n)
{
	return str_eq(store_column(c->row, C_KIND), n->kind) &&
	       str_eq(store_column(c->row, C_SCOPE), n->scope) &&
	       str_eq(store_column(c->row, C_VALUE), n->value);
}

/*
 * The row's ident is the first of the strongest kind among the names of the record that were
 * somebody's: whatever stands before it, or is stronger, was nobody.
 */
static bool right_ident(struct checking *c, int64_t seq)
{
	bool none = sqlite3_column_type(c->row, C_IDENT) == SQLITE_NULL, found = none,
	     apart = batch_said(event_attr(&c->ev, ATTR_TYPE)) == SAID_APART;
	int own = 0, rank;

	if (!none && (sqlite3_column_type(c->row, C_KIND) == SQLITE_NULL ||
			     sqlite3_column_int(c->row, C_NOBODY)))
		return false;
	if (!none)
		own = kinds_rank(&c->s->kinds, store_column(c->row, C_KIND));
	for
		JSON_EACH(v, c->ev.data[DATA_IDENTIFIERS])
		{
			struct naming n = {.c = c,
				.kind = json_member(v, "kind")->text,
				.value = json_member(v, "value")->text};

			if (!n.kind.len || !n.value.len)
				continue;
			n.scope = batch_scope(v, event_attr(&c->ev, ATTR_SOURCE));
			rank = kinds_rank(&c->s->kinds, n.kind);
			if (!none && is_named(c, &n))
				found = true;
			else if ((none || rank < own || (rank == own && !found) || apart) &&
				 is_somebody(&n, seq))
				return false;
			if (apart)
				break;
		}
	return found;
}

static int64_t order_of(const struct event *ev)
{
	int64_t order = 0;

	if (ev->data[DATA_ORDER])
		str_int(ev->data[DATA_ORDER]->raw, &order);
	return order;
}

/*
 * A record that the log made itself, when another came again with other labels: it is kept among
 * the labels, and is of whom that one is.
 */
static const char *odd_label(struct checking *c, int64_t seq, int64_t basis)
{
	static const char sql[] =
		"SELECT EXISTS (SELECT 1 FROM label WHERE seq=?1 AND by=?2),"
		" (SELECT b.id IS NULL OR e.session=b.session AND e.ident IS b.ident"
		" FROM event e, event b WHERE e.seq=?2 AND b.seq=?1)";
	struct buf err = BUF_INIT;
	bool kept = false, same = false;
	int status = c->label ? 0 : store_prepare(c->s, sql, &c->label, &err);

	if (status == 0) {
		sqlite3_bind_int64(c->label, 1, basis);
		sqlite3_bind_int64(c->label, 2, seq);
		status = store_step(c->s, c->label, &err);
	}
	if (status == 1) {
		kept = sqlite3_column_int(c->label, 0);
		same = sqlite3_column_int(c->label, 1);
		sqlite3_reset(c->label);
	}
	if (status < 0 && c->status == 0)
		c->status = status;
	buf_release(&err);
	c->labels += kept;
	return !kept   ? "it is not kept among the labels"
	       : !same ? "session or ident differ from those of the record that it labels"
		       : NULL;
}

/* A value of another type may read the same here, and not in a shell. */
static bool odd_type(const struct checking *c)
{
	static const int types[] = {SQLITE_INTEGER, [C_TIME] = SQLITE_INTEGER,
		[C_ORD] = SQLITE_INTEGER, [C_RECORDED] = SQLITE_INTEGER, [C_ID] = SQLITE_TEXT,
		[C_DATA] = SQLITE_TEXT, [C_SALT] = SQLITE_BLOB, [C_LEAF] = SQLITE_BLOB,
		[C_KEY] = SQLITE_BLOB, [C_SHAPE] = SQLITE_TEXT, [C_SOURCE] = SQLITE_TEXT,
		[C_TYPE] = SQLITE_TEXT, [C_CHANNEL] = SQLITE_TEXT, [C_DIRECTION] = SQLITE_TEXT,
		[C_ACTOR] = SQLITE_TEXT, [C_PLACE] = SQLITE_TEXT, [C_SESSION] = SQLITE_TEXT};

	for (int i = 0; i < (int)(sizeof(types) / sizeof(types[0])); i++) {
		int type = sqlite3_column_type(c->row, i);
		bool lacks = type == SQLITE_NULL &&
			     (i == C_ID || i == C_DATA || i == C_SALT || i == C_KEY);

		if (type != types[i] && !lacks)
			return true;
	}
	return false;
}

/* What stands beside the record says no other than it. */
static const char *odd_column(struct checking *c, int64_t seq)
{
	static const struct {
		enum column at;
		enum event_attr attr;
	} same[] = {{C_ID, ATTR_ID}, {C_SOURCE, ATTR_SOURCE}, {C_TYPE, ATTR_TYPE},
		{C_CHANNEL, ATTR_CHANNEL}, {C_DIRECTION, ATTR_DIRECTION}, {C_ACTOR, ATTR_ACTOR},
		{C_PLACE, ATTR_SOURCE}};
	int64_t basis;

	if (sqlite3_column_int64(c->row, C_TIME) != c->ev.time)
		return differs[C_TIME];
	if (sqlite3_column_int64(c->row, C_ORD) != order_of(&c->ev))
		return differs[C_ORD];
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (!says(c, same[i].at, same[i].attr))
			return differs[same[i].at];
	if (batch_is_label(c->s, &c->ev, seq, &basis))
		return odd_label(c, seq, basis);
	if (!right_session(c))
		return differs[C_SESSION];
	return right_ident(c, seq) ? NULL : differs[C_IDENT];
}

static void put_record(struct checking *c, int64_t seq)
{
	int64_t recorded = sqlite3_column_int64(c->row, C_RECORDED);

	if (!c->stamp.len || recorded != c->stamped) {
		buf_clear(&c->stamp);
		store_stamp(&c->stamp, recorded);
		c->stamped = recorded;
	}
	buf_clear(&c->head);
	store_head(&c->head, seq, buf_str(&c->stamp));
	buf_clear(&c->body);
	unpack(&c->body, store_column(c->row, C_SHAPE), id_of(c),
		sqlite3_column_int64(c->row, C_TIME), store_column(c->row, C_SESSION),
		store_column(c->row, C_DATA));
}

static void add_stretch(struct stretches *s, int64_t from, int64_t to)
{
	if (s->n && s->v[s->n - 1].to + 1 == from)
		s->v[s->n - 1].to = to;
	else
		*VEC_ADD(s, v, n, cap) = (struct stretch){from, to};
}

/* A record of the type erased names sequences in data: numbers, or pairs of the first and last. */
static void see_erasure(struct checking *c, int64_t seq)
{
	const struct json *list = json_member(c->ev.body, "sequences");
	int64_t from, to;

	for
		JSON_EACH(v, list)
		{
			const struct json *first = v->type == JSON_ARRAY ? json_first(v) : v,
					  *last = first && first != v ? json_after(v, first) : v;

			/* Only what was there could be erased. */
			if (first && last && str_int(first->raw, &from) &&
				str_int(last->raw, &to) && from >= 1 && to < seq && from <= to)
				add_stretch(&c->named, from, to);
		}
}

/* The record in body is one, and what stands beside it says no other. */
static const char *check_columns(struct checking *c, int64_t seq)
{
	struct buf why = BUF_INIT;
	enum event_fault fault;
	bool good;

	buf_room(&c->body, JSON_PADDING);
	good = event_read(&c->ev, buf_str(&c->body), true, &fault, &why) == 0;
	buf_release(&why);
	if (!good)
		return "no event record";
	if (str_is(event_attr(&c->ev, ATTR_TYPE), "erased") &&
		note_own(c->s, STR("erased"), event_attr(&c->ev, ATTR_ID), seq))
		see_erasure(c, seq);
	return odd_column(c, seq);
}

/* The leaf says nothing of what is left of it: that does erase_verify. */
static const char *check_rest(struct checking *c, int64_t seq)
{
	if (sqlite3_column_type(c->row, C_SALT) != SQLITE_NULL)
		return "erased in part";
	if (sqlite3_column_bytes(c->row, C_KEY) != sizeof(struct cache_key))
		return "erased, and the key is missing";
	put_record(c, seq);
	return check_columns(c, seq);
}

static const char *check_record(struct checking *c, int64_t seq, struct str leaf)
{
	unsigned char hash[HASH_SIZE];
	struct str salt = store_column(c->row, C_SALT);

	if (sqlite3_column_type(c->row, C_DATA) == SQLITE_NULL)
		return "content is gone";
	put_record(c, seq);
	if (!c->body.len)
		return "content is gone";
	merkle_leaf(c->s->hash, salt.s, salt.len, buf_str(&c->head),
		(struct str){c->body.s + 1, c->body.len - 1}, hash);
	if (salt.len != SALT_SIZE || memcmp(hash, leaf.s, HASH_SIZE) != 0)
		return "content differs from the hash";
	if (sqlite3_column_type(c->row, C_KEY) != SQLITE_NULL)
		return "key as of an erased record";
	return check_columns(c, seq);
}

static void see_row(struct checking *c, struct buf *err)
{
	int64_t seq = sqlite3_column_int64(c->row, C_SEQ);
	struct str leaf = store_column(c->row, C_LEAF);
	bool erased = is_erased(c);
	const char *why = NULL;

	c->v->records++;
	if (seq < 1) {
		wrong(c, seq, seq, "no record's number", err);
		return;
	}
	if ((uint64_t)seq <= c->kept.size) {
		if (seq > c->next)
			wrong(c, c->next, seq - 1, "missing", err);
		c->next = seq < INT64_MAX ? seq + 1 : seq;
	}
	if (leaf.len != HASH_SIZE)
		why = "hash is missing";
	else if (sqlite3_column_type(c->row, C_SHAPE) == SQLITE_NULL)
		why = "shape is missing";
	else if (sqlite3_column_type(c->row, C_SESSION) == SQLITE_NULL)
		why = "session is missing";
	else if (odd_type(c))
		why = "a column is of another type than it should be";
	else
		why = erased ? check_rest(c, seq) : check_record(c, seq, leaf);
	if (erased) {
		c->v->erased++;
		add_stretch(&c->erased, seq, seq);
	}
	if (why)
		wrong(c, seq, seq, why, err);
	if ((uint64_t)seq > c->kept.size) {
		wrong(c, seq, seq, "not in the tree", err);
		return;
	}
	add_leaf(c, seq, leaf.len == HASH_SIZE ? (const unsigned char *)leaf.s : NULL, err);
}

/* ---- what can be said at the end ---- */

static int by_from(const void *a, const void *b)
{
	int64_t x = ((const struct stretch *)a)->from, y = ((const struct stretch *)b)->from;

	return x < y ? -1 : x > y;
}

/* Erased records that no record of their erasure names. */
static void see_erased(struct checking *c, struct buf *err)
{
	static const char why[] = "erased, and no record says so";
	size_t k = 0;

	if (c->named.n)
		qsort(c->named.v, c->named.n, sizeof(*c->named.v), by_from);
	for (size_t i = 0; i < c->erased.n; i++) {
		struct stretch e = c->erased.v[i];

		for (; k < c->named.n && e.from <= e.to && c->named.v[k].from <= e.to; k++) {
			struct stretch n = c->named.v[k];

			if (n.to < e.from)
				continue;
			if (n.from > e.from)
				wrong(c, e.from, n.from - 1, why, err);
			e.from = n.to + 1;
			/* It may name those of the next stretch too. */
			if (n.to > e.to)
				break;
		}
		if (e.from <= e.to)
			wrong(c, e.from, e.to, why, err);
	}
}

/* Labels that no record gave. */
static void see_labels(struct checking *c, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int64_t n = 0;
	int status = store_prepare(c->s, "SELECT count(*) FROM label", &st, err);

	if (status == 0)
		status = store_step(c->s, st, err);
	if (status == 1)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	if (status < 0 && c->status == 0)
		c->status = status;
	if (n == c->labels)
		return;
	flush(c, err);
	buf_clear(&c->text);
	buf_printf(&c->text, "labels: %lld are kept, and %lld were given", (long long)n,
		(long long)c->labels);
	tell(c, err);
}

static void see_end(struct checking *c, struct buf *err)
{
	const struct proof_head *kept = c->v->kept;
	struct merkle m;

	if ((uint64_t)c->next <= c->kept.size)
		wrong(c, c->next, (int64_t)c->kept.size, "missing", err);
	while (c->status == 0 && c->has_tile) {
		if (c->tile_n < 0 || (uint64_t)c->tile_n >= c->kept.size / TILE)
			wrong_tile(c, c->tile_n, odd_tile, err);
		next_tile(c, err);
	}
	see_erased(c, err);
	see_labels(c, err);
	flush(c, err);
	if (kept && kept->size > (uint64_t)c->next - 1) {
		buf_clear(&c->text);
		buf_printf(&c->text, "tree: the head is of %llu records, and the last one is %lld",
			(unsigned long long)kept->size, (long long)c->next - 1);
		tell(c, err);
	}
	frontier_whole(&c->read, &m);
	c->v->head.size = m.size;
	merkle_root(&m, c->s->hash, c->v->head.root);
}

/* A frontier that is none is a fault like others, and what it is of is then asked of the log. */
static int begin(struct checking *c, struct buf *err)
{
	int64_t last = 0;
	int status = tree_read(c->s, &c->kept, err);

	c->has_frontier = status == 0;
	if (status == 0)
		return 0;
	wrong_tree(c, "its frontier is none", err);
	buf_clear(err);
	status = c->status < 0 ? c->status : store_last(c->s, &last, err);
	c->kept.size = last > 0 ? (uint64_t)last : 0;
	return status;
}

/* Readers of the log follow these. */
static int see_links(struct checking *c, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_prepare(c->s,
		"WITH RECURSIVE up(id) AS (SELECT id FROM ident WHERE parent IS NULL"
		" UNION ALL SELECT i.id FROM ident i JOIN up ON i.parent=up.id)"
		" SELECT 'session', id FROM session"
		" WHERE ident IS NOT NULL AND ident NOT IN (SELECT id FROM ident)"
		" UNION ALL SELECT DISTINCT 'session', session FROM mention"
		" WHERE ident IS NOT NULL AND ident NOT IN (SELECT id FROM ident)"
		" UNION ALL SELECT 'identifier', id FROM"
		" (SELECT id FROM ident EXCEPT SELECT id FROM up)",
		&st, err);

	while (status == 0 && c->status == 0 && (status = store_step(c->s, st, err)) == 1) {
		buf_clear(&c->text);
		buf_printf(&c->text, "%s %lld: it leads to nobody",
			(const char *)sqlite3_column_text(st, 0),
			(long long)sqlite3_column_int64(st, 1));
		tell(c, err);
		status = 0;
	}
	sqlite3_finalize(st);
	return status;
}

static int walk(struct checking *c, struct buf *err)
{
	int status = store_fresh(c->s, err);

	if (status == 0)
		status = begin(c, err);
	if (status == 0)
		status = see_links(c, err);
	if (status == 0)
		status = store_prepare(c->s, rows, &c->row, err);
	if (status == 0)
		status = store_prepare(c->s, tiles, &c->tile, err);
	if (status < 0)
		return status;
	next_tile(c, err);
	compare(c, 0, err);
	while (c->status == 0 && (status = store_step(c->s, c->row, err)) == 1)
		see_row(c, err);
	if (c->status == 0 && status == 0)
		see_end(c, err);
	return status < 0 ? status : c->status;
}

int store_verify(struct store *s, struct verify *v, struct buf *err)
{
	struct checking c = {.s = s,
		.v = v,
		.whole = true,
		.next = 1,
		.tile_n = -1,
		.stamp = BUF_INIT,
		.head = BUF_INIT,
		.body = BUF_INIT,
		.text = BUF_INIT,
		.key = BUF_INIT};
	int status;

	v->records = v->erased = v->faults = 0;
	event_init(&c.ev);
	status = walk(&c, err);
	sqlite3_finalize(c.row);
	sqlite3_finalize(c.tile);
	sqlite3_finalize(c.label);
	free(c.erased.v);
	free(c.named.v);
	buf_release(&c.stamp);
	buf_release(&c.head);
	buf_release(&c.body);
	buf_release(&c.text);
	buf_release(&c.key);
	event_release(&c.ev);
	return status;
}
