/* A record that is new, and who is who after it. */
#include "core/store/batch_part.h"
#include "base/mem.h"
#include "core/store/split.h"

#define FETCHED 8 /* names whose places are fetched ahead */

int batch_shape_id(struct batch *b, struct shape *sh, int64_t *id, struct buf *err)
{
	struct str parts[SHAPE_PARTS];
	int status = 0;

	if (!sh->id) {
		for (int i = 0; i < SHAPE_PARTS; i++)
			parts[i] = batch_text(b, sh->parts[i]);
		status = store_shape_id(b->s, sh->key, parts, &sh->id, err);
	}
	*id = sh->id;
	return status;
}

static int rank_of(struct batch *b, uint32_t place)
{
	struct name *n = &b->name[place];

	if (!n->rank)
		n->rank = kinds_rank(&b->s->kinds, batch_text(b, n->kind));
	return n->rank;
}

/* The number of a name, which gets one where it is new; theirs: the record may be of it. */
static int64_t ident_of(struct batch *b, uint32_t place, int64_t seq, bool theirs)
{
	struct group *g = &b->idents.v[place];
	struct name *n = &b->name[place];
	struct ident one = {.first = seq, .size = 1};

	if (g->id)
		return g->id;
	one.placeholder = batch_nobody(b, n);
	one.rank = rank_of(b, place);
	one.key = one.placeholder || !theirs ? 0 : seq;
	who_add_ident(b->s, &one, batch_text(b, n->kind), batch_text(b, n->scope),
		batch_text(b, n->value));
	runs_pend(b->s, RUNS_IDENT, g->find, one.id);
	g->id = one.placeholder ? -one.id : one.id;
	g->fresh = true;
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
int batch_place(struct batch *b, const struct taken *t, bool fresh, struct buf *err)
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
	who_add_session(b->s, &in, batch_text(b, t->source), batch_text(b, t->session));
	runs_pend(b->s, RUNS_PLACE, g->find, in.id);
	g->id = in.id;
	g->fresh = true;
	return g->id;
}

static void remember(struct cache *known, const struct groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		if (i + FETCHED < g->n && g->v[i + FETCHED].fresh)
			cache_expect(known, g->v[i + FETCHED].key);
		if (g->v[i].fresh)
			cache_put(known, g->v[i].key, g->v[i].id);
	}
}

/* Together, so that each place is fetched before it is written. */
void batch_remember_names(struct batch *b)
{
	remember(&b->s->idents, &b->idents);
	remember(&b->s->sessions, &b->sessions);
}

int batch_add(struct batch *b, struct taken *t, int64_t recorded, struct buf *err)
{
	bool fresh = false;
	int status = batch_shape_id(b, &b->shape[t->shape], &t->shape_id, err);

	t->out = (struct store_added){.outcome = ADDED, .seq = ++b->s->now};
	if (status == 0)
		status = names_of(b, t, err);
	t->out.ident = b->names.n ? b->names.v[0] : 0;
	t->out.session = session_of(b, t, &fresh);
	if (status == 0)
		batch_owe(b, t);
	runs_pend(b->s, RUNS_KEY, batch_index_key(t), t->out.seq);
	runs_pend(b->s, RUNS_SESSION, runs_spread((uint64_t)t->out.session), t->out.seq);
	if (status == 0)
		status = batch_place(b, t, fresh, err);
	if (status == 0 && !t->note)
		store_see(b->s, t->time, t->end, recorded);
	return status;
}
