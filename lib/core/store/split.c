#include "core/store/split.h"
#include "base/map.h"
#include "base/mem.h"
#include "core/store/graph.h"
#include "core/store/persons.h"

#include <stdlib.h>

#define CROWD_STEP 16 /* identifiers of a session that are looked at in one go */
#define PAIRS_OF 8    /* of so many names each pair is kept; of more, those with the first */

/* ---- edges ---- */

static struct edge edge_of(const struct ident *x, const struct ident *y)
{
	bool x_first = x->rank != y->rank ? x->rank > y->rank : x->id > y->id;

	return x_first ? (struct edge){.a = x->id, .b = y->id}
		       : (struct edge){.a = y->id, .b = x->id};
}

struct last_edge {
	int64_t a;
	size_t place;
};

/* Those from an identifier that are yet to be added: the place of the last, and 1. */
static size_t pending_from(const struct store *s, int64_t a)
{
	const struct last_edge *last = ids_get(&s->edges.last, a);

	return last ? last->place : 0;
}

/* newest: of both ends, the record that named the later one first. cut: 0, or the record that cut
 * it. */
static int edge_read(struct store *s, const struct edge *e, int64_t newest, bool *there,
	int64_t *cut, struct buf *err)
{
	sqlite3_stmt *st;
	int status;

	*there = false;
	*cut = 0;
	for (size_t p = pending_from(s, e->a); p; p = s->edges.v[p - 1].before)
		if (s->edges.v[p - 1].b == e->b) {
			*there = true;
			*cut = s->edges.v[p - 1].cut;
			return 0;
		}
	if (newest > s->edges.filed)
		return 0;
	status = store_query(s, Q_EDGE, &st, err);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, e->a);
	sqlite3_bind_int64(st, 2, e->b);
	status = store_step(s, st, err);
	if (status != 1)
		return status;
	*there = true;
	*cut = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return 0;
}

static int edge_cut(struct store *s, const struct edge *e, int64_t cut, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_query(s, Q_EDGE_SET, &st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, e->a);
	sqlite3_bind_int64(st, 2, e->b);
	if (cut)
		sqlite3_bind_int64(st, 3, cut);
	else
		sqlite3_bind_null(st, 3);
	return store_run(s, st, err);
}

static void edge_add(struct store *s, const struct edge *e, int64_t seq, int64_t cut)
{
	struct last_edge *last = ids_get(&s->edges.last, e->a);

	*VEC_ADD(&s->edges, v, n, cap) =
		(struct edge){e->a, e->b, seq, cut, last ? last->place : 0};
	if (last)
		last->place = s->edges.n;
	else
		ids_add(&s->edges.last, &(struct last_edge){e->a, s->edges.n});
}

/* What an identifier is joined to; uncut ones. */
static int edges_from(struct store *s, const struct ident *one, struct names *out, struct buf *err)
{
	int status = 0;

	out->n = 0;
	if (one->first <= s->edges.filed)
		status = forest_numbers(s, Q_EDGES, one->id, 0, 0, out, err);
	for (size_t p = pending_from(s, one->id); p; p = s->edges.v[p - 1].before)
		if (!s->edges.v[p - 1].cut)
			*VEC_ADD(out, v, n, cap) = s->edges.v[p - 1].b;
	return status;
}

static void put_edge(void *ctx, size_t row, int column, sqlite3_context *out)
{
	const struct edge *e = (const struct edge *)ctx + row;

	if (column < 3)
		sqlite3_result_int64(out, column == 0 ? e->a : column == 1 ? e->b : e->first);
	else
		given_or_null(out, e->cut);
}

void split_init(struct store *s)
{
	ids_init(&s->edges.last, sizeof(struct last_edge));
}

void split_release(struct store *s)
{
	free(s->edges.v);
	ids_release(&s->edges.last);
}

void split_drop(struct store *s)
{
	s->edges.n = 0;
	ids_clear(&s->edges.last);
}

int split_flush(struct store *s, struct buf *err)
{
	struct given rows = {s->edges.n, put_edge, s->edges.v};

	split_drop(s);
	s->edges.filed = s->now;
	return rows.n ? store_give(s, Q_EDGES_ADD, &rows, err) : 0;
}

static int64_t newest(const struct ident *x, const struct ident *y)
{
	return x->first > y->first ? x->first : y->first;
}

/* Nothing was named with it before the record at seq. */
static bool brought(const struct ident *one, int64_t seq)
{
	return one->fresh && one->first == seq;
}

/* ---- sessions ---- */

/* People who are named in a session, as far as they are counted. */
struct crowd {
	int64_t after;	/* identifiers up to here are counted */
	int64_t person; /* root of the last that is somebody's */
	size_t people;	/* more than two is not told from two */
	size_t shared;	/* identifiers that are nobody's */
};

/* Counts some more; *more where there may be others. */
static int count_some(
	struct store *s, int64_t session, struct crowd *c, bool *more, struct buf *err)
{
	struct names in = {NULL, 0, 0};
	struct ident root;
	int status = forest_numbers(s, Q_SESSION_IDENTS, session, c->after, CROWD_STEP, &in, err);

	for (size_t i = 0; i < in.n && status == 0; i++) {
		status = forest_root(s, in.v[i], INT64_MAX, &root, err);
		if (status < 0)
			break;
		c->after = in.v[i];
		c->shared += root.shared != 0;
		if (root.shared || root.id == c->person)
			continue;
		c->people++;
		c->person = root.id;
	}
	*more = in.n == CROWD_STEP;
	free(in.v);
	return status;
}

static int count_people(
	struct store *s, int64_t session, size_t enough, struct crowd *c, struct buf *err)
{
	bool more = true;
	int status = 0;

	*c = (struct crowd){0, 0, 0, 0};
	while (status == 0 && more && c->people < enough)
		status = count_some(s, session, c, &more, err);
	return status;
}

int split_session_live(struct store *s, const struct session *in, bool *live, struct buf *err)
{
	struct crowd c;
	struct ident one;
	int status = who_ident(s, in->ident, &one, err);

	*live = status == 0 && !one.shared;
	if (status < 0 || *live)
		return status;
	status = count_people(s, in->id, 1, &c, err);
	*live = c.people > 0;
	return status;
}

/* Records of a mixed session that name what is nobody's from now on. */
static int unname(struct store *s, int64_t session, int64_t ident, int64_t seq, struct buf *err)
{
	int status = forest_run(s, Q_UNNAMED_TAKE, session, ident, seq, err);

	return status < 0 ? status : forest_run(s, Q_MENTION_END, session, ident, seq, err);
}

/* A session of people who were parted at seq; gone: the identifier that is nobody's since, or 0. */
static int recheck(struct store *s, int64_t session, int64_t gone, int64_t seq, struct buf *err)
{
	struct crowd c;
	struct session in;
	int status = who_session(s, session, &in, err);

	if (status == 0)
		status = count_people(s, session, 2, &c, err);
	if (status != 0)
		return status;
	persons_unsettle(s, session);
	if (in.mixed && gone)
		status = unname(s, session, gone, seq, err);
	else if (!in.mixed && c.people && c.people + c.shared > 1)
		status = persons_mix(s, &in, seq, err);
	if (status == 0 && !c.people) {
		who_set_person(s, in.first, 0, session);
		status = persons_touch(s, in.first, err);
	}
	if (in.mixed)
		persons_touch_session(s, session);
	return status;
}

/* ---- parting ---- */

/* A person's identifiers by what connects them still. What hangs together with the root stays where
 * it is; the others leave. */
struct parts {
	struct graph g;
	size_t *of;   /* the first of the part */
	size_t *size; /* by the first */
	size_t root;  /* its place */
	int64_t gone; /* the identifier that is nobody's since, or 0 */
	int64_t seq;  /* the record that parts them */
};

static bool stays(const struct parts *p, size_t i)
{
	return p->of[i] == p->of[p->root];
}

static size_t place_in(const struct parts *p, int64_t ident)
{
	const int64_t *at =
		bsearch(&ident, p->g.node.v, p->g.node.n, sizeof(*p->g.node.v), store_by_number);

	return (size_t)(at - p->g.node.v);
}

/* Puts an identifier where it belongs: below the first of its part, or by itself. One that stays
 * below one that stays is left alone. */
static int put_part(struct store *s, const struct parts *p, size_t i, struct buf *err)
{
	size_t first = stays(p, i) ? p->root : p->of[i];
	struct ident one;
	int status = who_ident(s, p->g.node.v[i], &one, err);

	if (status < 0 || (i != p->root && stays(p, i) && stays(p, place_in(p, one.parent))))
		return status;
	if (i != p->root)
		status = forest_keep(s, &one, p->seq, err);
	if (status < 0)
		return status;
	if (i != p->root)
		one.since = p->seq;
	one.parent = first == i ? 0 : p->g.node.v[first];
	one.joined = first == i ? 0 : p->seq;
	one.key = i == p->root ? one.key : 0;
	one.size = first == i ? (int64_t)p->size[p->of[i]] : 1;
	who_put_ident(s, &one);
	return 0;
}

/* Sessions that are of several people now name somebody who leaves. */
static int recheck_all(struct store *s, const struct parts *p, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct seqs one = {NULL, 0, 0};
	int status = 0;

	for (size_t i = 0; i < p->g.node.n && status == 0; i++) {
		if (stays(p, i) && p->g.node.v[i] != p->gone)
			continue;
		status = forest_sessions(s, p->g.node.v[i], INT64_MAX, &one, NULL, err);
		for (size_t k = 0; k < one.n; k++)
			*VEC_ADD(&all, v, n, cap) = one.v[k];
	}
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), store_by_number);
	for (size_t i = 0; i < all.n && status == 0; i++)
		if (!i || all.v[i] != all.v[i - 1])
			status = recheck(s, all.v[i], p->gone, p->seq, err);
	free(all.v);
	free(one.v);
	return status;
}

/* Whether the record whose sequence is a customer's number is still of those who stay. */
static int keeps_number(
	struct store *s, const struct parts *p, int64_t number, bool *keeps, struct buf *err)
{
	struct names row = {NULL, 0, 0};
	struct session in;
	int64_t ident = 0;
	int status = forest_numbers(s, Q_EVENT_IDENT, number, 0, 0, &row, err);

	*keeps = false;
	if (status == 0 && row.n)
		ident = row.v[0];
	if (status == 0 && !ident)
		status = forest_numbers(s, Q_EVENT_SESSION, number, 0, 0, &row, err);
	if (status == 0 && !ident && row.n) {
		status = who_session(s, row.v[0], &in, err);
		ident = in.mixed ? 0 : in.ident;
	}
	free(row.v);
	if (status == 0 && ident) {
		const int64_t *at = bsearch(
			&ident, p->g.node.v, p->g.node.n, sizeof(*p->g.node.v), store_by_number);

		*keeps = at && stays(p, (size_t)(at - p->g.node.v));
	}
	return status;
}

static int number_parts(struct store *s, const struct parts *p, int64_t number, struct buf *err)
{
	struct ident one;
	bool keeps = false;
	int status = who_ident(s, p->g.node.v[p->root], &one, err);

	if (status == 0 && number && !one.shared)
		status = keeps_number(s, p, number, &keeps, err);
	/* It may be one of the others' next, or that of a session that is its own customer since.
	 */
	if (status == 0 && number && !keeps) {
		one.key = 0;
		who_put_ident(s, &one);
		if (!who_is_session_person(s, number))
			who_drop_person(s, number);
	}
	for (size_t i = 0; i < p->g.node.n && status == 0; i++) {
		if (keeps && i == p->root)
			continue;
		status = who_ident(s, p->g.node.v[i], &one, err);
		if (status == 0 && !one.parent && !one.shared)
			status = persons_number(s, one.id, err);
	}
	return status;
}

static int write_parts(struct store *s, const struct parts *p, struct buf *err)
{
	struct ident root;
	int status = who_ident(s, p->g.node.v[p->root], &root, err);

	if (status == 0)
		status = persons_touch(s, root.key, err);
	for (size_t i = 0; i < p->g.node.n && status == 0; i++)
		status = put_part(s, p, i, err);
	if (status == 0)
		status = who_flush(s, err);
	if (status == 0)
		status = recheck_all(s, p, err);
	return status < 0 ? status : number_parts(s, p, root.key, err);
}

/* Makes a person anew of what connects her identifiers. */
static int repartition(struct store *s, int64_t ident, int64_t gone, int64_t seq, struct buf *err)
{
	struct parts p = {.gone = gone, .seq = seq};
	struct ident root;
	int status = who_flush(s, err);

	if (status == 0)
		status = forest_root(s, ident, INT64_MAX, &root, err);
	if (status == 0)
		status = graph_read(s, root.id, &p.g, err);
	if (status == 0) {
		p.of = graph_parts(&p.g);
		p.size = mem_zero(p.g.node.n, sizeof(*p.size));
		p.root = place_in(&p, root.id);
		for (size_t i = 0; i < p.g.node.n; i++)
			p.size[p.of[i]]++;
		if (p.size[p.of[p.root]] < p.g.node.n || gone)
			status = write_parts(s, &p, err);
	}
	free(p.of);
	free(p.size);
	graph_release(&p.g);
	return status;
}

/* ---- guards ---- */

static void count_value(struct map *people, int rank, struct str scope, int64_t *most)
{
	struct buf key = BUF_INIT;
	union map_value *v;

	buf_int(&key, rank);
	buf_byte(&key, '\n');
	buf_put(&key, scope);
	v = map_slot(people, buf_str(&key), NULL);
	if (++v->n > *most)
		*most = v->n;
	buf_release(&key);
}

/* How many people an identifier was seen with: values of one stronger kind, each within its key
 * space. */
static int people_of(struct store *s, const struct ident *one, const struct names *with,
	int64_t *most, struct buf *err)
{
	struct map people = MAP_INIT;
	struct ident other;
	sqlite3_stmt *st;
	/* Their scopes are asked of the file. */
	int status = who_flush(s, err);

	*most = 0;
	for (size_t i = 0; i < with->n && status == 0; i++) {
		status = who_ident(s, with->v[i], &other, err);
		if (status == 0)
			status = store_query(s, Q_IDENT_TEXT, &st, err);
		if (status != 0 || other.shared || other.rank >= one->rank)
			continue;
		sqlite3_bind_int64(st, 1, other.id);
		status = store_step(s, st, err);
		if (status != 1)
			break;
		count_value(&people, other.rank, store_column(st, 1), most);
		sqlite3_reset(st);
		status = 0;
	}
	map_release(&people);
	return status;
}

int split_share(struct store *s, int64_t ident, int64_t seq, struct buf *err)
{
	struct ident one;
	int status = who_ident(s, ident, &one, err);

	if (status < 0 || one.shared)
		return status;
	one.shared = seq;
	/* Of one that this very record brought nothing is known. */
	if (one.first == seq && one.size == 1)
		one.key = 0;
	who_put_ident(s, &one);
	*VEC_ADD(&s->shared, v, n, cap) = ident;
	return repartition(s, ident, ident, seq, err);
}

/* Whether the weaker end of a new edge is seen with too many people now. named: how many
 * identifiers the record at seq names. */
static int guard(struct store *s, const struct edge *e, size_t named, int64_t seq, struct buf *err)
{
	const struct shared_since *known = s->known_shared ? ids_get(s->known_shared, e->a) : NULL;
	struct names with = {NULL, 0, 0};
	struct ident weak, strong;
	int64_t limit, most = 0;
	int status = who_ident(s, e->a, &weak, err);

	if (status == 0)
		status = who_ident(s, e->b, &strong, err);
	if (status != 0)
		return status;
	if (known)
		return known->since == seq ? split_share(s, e->a, seq, err) : 0;
	limit = kinds_limit(&s->kinds, weak.rank);
	if (!limit || weak.shared || strong.rank >= weak.rank ||
		(brought(&weak, seq) && named <= (size_t)limit))
		return 0;
	status = edges_from(s, &weak, &with, err);
	if (status == 0 && with.n > (size_t)limit)
		status = people_of(s, &weak, &with, &most, err);
	free(with.v);
	return status < 0 || most <= limit ? status : split_share(s, e->a, seq, err);
}

/* ---- what a record says ---- */

static int join_ends(struct store *s, int64_t a, int64_t b, int64_t seq, struct buf *err)
{
	struct ident x, y;
	int status = forest_root(s, a, INT64_MAX, &x, err);

	if (status == 0)
		status = forest_root(s, b, INT64_MAX, &y, err);
	if (status != 0 || x.id == y.id || x.shared || y.shared)
		return status;
	return persons_join(s, &x, &y, seq, err);
}

static int see_pair(struct store *s, int64_t x, int64_t y, enum said said, size_t named,
	int64_t seq, struct buf *err)
{
	struct ident a, b;
	struct edge e;
	int64_t cut = 0;
	bool there = false;
	int status = who_ident(s, x, &a, err);

	if (status == 0)
		status = who_ident(s, y, &b, err);
	if (status != 0 || a.shared || b.shared)
		return status;
	e = edge_of(&a, &b);
	if (!brought(&a, seq) && !brought(&b, seq))
		status = edge_read(s, &e, newest(&a, &b), &there, &cut, err);
	if (status == 0 && there && cut && said == SAID_LINKED)
		status = edge_cut(s, &e, 0, err);
	else if (status == 0 && there)
		return cut ? 0 : join_ends(s, x, y, seq, err);
	else if (status == 0)
		edge_add(s, &e, seq, 0);
	if (status == 0)
		status = guard(s, &e, named, seq, err);
	return status < 0 ? status : join_ends(s, x, y, seq, err);
}

int split_see(struct store *s, struct names *names, enum said said, int64_t seq, struct buf *err)
{
	size_t kept = 0;
	struct ident one;
	int status = 0;

	if (names->n < 2)
		return 0;
	for (size_t i = 0; i < names->n && (i == 0 || i < PAIRS_OF); i++)
		for (size_t k = i + 1; k < names->n && (i == 0 || k < PAIRS_OF) && status == 0; k++)
			status = see_pair(s, names->v[i], names->v[k], said, names->n, seq, err);
	for (size_t i = 0; i < names->n && status == 0; i++) {
		status = who_ident(s, names->v[i], &one, err);
		if (status == 0 && !one.shared)
			names->v[kept++] = names->v[i];
	}
	names->n = kept;
	return status;
}

int split_apart(struct store *s, int64_t x, int64_t y, int64_t seq, struct buf *err)
{
	struct ident a, b;
	struct edge e;
	int64_t cut;
	bool there = false;
	int status = who_ident(s, x, &a, err);

	if (status == 0)
		status = who_ident(s, y, &b, err);
	if (status != 0 || a.shared || b.shared || x == y)
		return status;
	e = edge_of(&a, &b);
	status = edge_read(s, &e, newest(&a, &b), &there, &cut, err);
	if (status == 0 && there && !cut)
		status = edge_cut(s, &e, seq, err);
	else if (status == 0 && !there)
		edge_add(s, &e, seq, seq);
	if (status == 0)
		status = forest_root(s, x, INT64_MAX, &a, err);
	if (status == 0)
		status = forest_root(s, y, INT64_MAX, &b, err);
	return status != 0 || a.id != b.id ? status : repartition(s, x, 0, seq, err);
}
