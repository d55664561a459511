#include "core/store/crowd.h"
#include "base/mem.h"
#include "core/store/forest.h"

#include <stdlib.h>

#define MOST ((size_t)1 << 18) /* records, or sessions, that are held */
#define TOO_MANY 1

/* Numbers and whose they are: by place among the people. */
struct owned {
	struct run_entry *v; /* key: the number, seq: whose */
	size_t n, cap;
};

struct finding {
	struct store *s;
	const struct person *people;
	size_t n;
	struct owned idents, sessions, plain, records; /* plain: sessions that are one person's */
	const struct run_entry *asked;		       /* keys, and places in `of` */
	const struct owned *of;
	struct owned *found;
};

static void own(struct owned *to, int64_t number, size_t who)
{
	*VEC_ADD(to, v, n, cap) = (struct run_entry){(uint64_t)number, (int64_t)who};
}

static int see(void *ctx, size_t i, int64_t number, struct buf *err)
{
	struct finding *f = ctx;

	(void)err;
	own(f->found, number, (size_t)f->of->v[f->asked[i].seq].seq);
	return f->found->n > MOST && f->n > 1 ? TOO_MANY : 0;
}

/* What the numbers lead to, owned by whom they are. */
static int look_up(struct finding *f, enum run_kind kind, const struct owned *of,
	struct owned *found, struct buf *err)
{
	struct run_entry *asked = mem_alloc((of->n + 1) * sizeof(*asked));
	uint64_t *keys = mem_alloc((of->n + 1) * sizeof(*keys));
	int status;

	for (size_t i = 0; i < of->n; i++)
		asked[i] = (struct run_entry){runs_spread(of->v[i].key), (int64_t)i};
	order_sort(asked, of->n);
	for (size_t i = 0; i < of->n; i++)
		keys[i] = asked[i].key;
	f->asked = asked;
	f->of = of;
	f->found = found;
	status = runs_find(f->s, kind, keys, of->n, see, f, err);
	free(asked);
	free(keys);
	return status;
}

/* Few have more than one identifier, and the root knows. */
static int add_members(struct finding *f, size_t who, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	int64_t root = f->people[who].ident;
	struct ident one = {.size = 0};
	int status = who_ident(f->s, root, &one, err);

	if (one.size == 1)
		own(&f->idents, root, who);
	else if (status == 0)
		status = forest_members(f->s, root, INT64_MAX, &all, err);
	for (size_t i = 0; i < all.n; i++)
		own(&f->idents, all.v[i], who);
	free(all.v);
	return status;
}

static int find_sessions(struct finding *f, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < f->n && status == 0; i++) {
		if (f->people[i].ident)
			status = add_members(f, i, err);
		else if (f->people[i].session)
			own(&f->sessions, f->people[i].session, i);
	}
	return status < 0 ? status : look_up(f, RUNS_MEMBER, &f->idents, &f->sessions, err);
}

static int sort_session(struct finding *f, const struct session *in, size_t who, struct buf *err)
{
	struct seqs hers = {NULL, 0, 0};
	int status;

	/* All of it, where nobody is named but who is shared. */
	if (!in->mixed || !f->people[who].ident) {
		own(&f->plain, in->id, who);
		return 0;
	}
	status = identity_session_seqs(f->s, in->id, &f->people[who], &hers, err);
	for (size_t i = 0; i < hers.n; i++)
		own(&f->records, hers.v[i], who);
	free(hers.v);
	return status;
}

/* Each once: several identifiers of a person may be named in one. */
static int sort_sessions(struct finding *f, struct buf *err)
{
	const struct run_entry *v = f->sessions.v, *before = NULL;
	struct session in = {.id = 0};
	int status = 0;

	if (f->sessions.n)
		qsort(f->sessions.v, f->sessions.n, sizeof(*v), order_compare);
	for (size_t i = 0; i < f->sessions.n && status == 0; before = &v[i++]) {
		if (before && order_compare(before, &v[i]) == 0)
			continue;
		if ((uint64_t)in.id != v[i].key)
			status = who_session(f->s, (int64_t)v[i].key, &in, err);
		if (status == 0)
			status = sort_session(f, &in, (size_t)v[i].seq, err);
	}
	return status;
}

#define SEQ_BITS 40 /* of a sequence, as the runs have it */

static void put_records(struct finding *f, struct crowd *out)
{
	struct owned *all = &f->records;
	size_t at = 0;

	for (size_t i = 0; i < all->n; i++)
		all->v[i] =
			(struct run_entry){(uint64_t)all->v[i].seq << SEQ_BITS | all->v[i].key, 0};
	order_sort(all->v, all->n);
	out->seq_n = out->end_n = 0;
	for (size_t who = 0; who < f->n; who++) {
		for (; at < all->n && all->v[at].key >> SEQ_BITS == who; at++) {
			int64_t seq = (int64_t)(all->v[at].key & ((UINT64_C(1) << SEQ_BITS) - 1));
			bool twice = at && all->v[at].key == all->v[at - 1].key;

			if (!twice)
				*VEC_ADD(out, seqs, seq_n, seq_cap) = seq;
		}
		*VEC_ADD(out, ends, end_n, end_cap) = out->seq_n;
	}
}

static int find(struct finding *f, struct crowd *out, struct buf *err)
{
	int status = find_sessions(f, err);

	if (status == 0)
		status = sort_sessions(f, err);
	if (status == 0)
		status = look_up(f, RUNS_SESSION, &f->plain, &f->records, err);
	if (status == 0)
		put_records(f, out);
	free(f->idents.v);
	free(f->sessions.v);
	free(f->plain.v);
	free(f->records.v);
	return status;
}

/* What was known earlier is asked of one after the other. */
static int find_past(struct store *s, const struct person *people, size_t *n, int64_t as_of,
	struct crowd *out, struct buf *err)
{
	struct seqs all = {NULL, 0, 0};
	int status = 0;

	out->seq_n = out->end_n = 0;
	for (size_t i = 0; i < *n && out->seq_n <= MOST && status == 0; i++) {
		all.n = 0;
		if (people[i].ident || people[i].session)
			status = identity_seqs(s, &people[i], 0, as_of, &all, err);
		if (all.n > 1)
			qsort(all.v, all.n, sizeof(*all.v), store_by_number);
		for (size_t k = 0; k < all.n; k++)
			*VEC_ADD(out, seqs, seq_n, seq_cap) = all.v[k];
		*VEC_ADD(out, ends, end_n, end_cap) = out->seq_n;
	}
	*n = out->end_n;
	free(all.v);
	return status;
}

int crowd_find(struct store *s, const struct person *people, size_t *n, int64_t as_of,
	struct crowd *out, struct buf *err)
{
	int status = 0;

	if (as_of != INT64_MAX)
		return find_past(s, people, n, as_of, out, err);
	do {
		struct finding f = {.s = s, .people = people, .n = *n};

		status = find(&f, out, err);
		if (status == TOO_MANY)
			*n /= 2;
	} while (status == TOO_MANY);
	return status;
}

int crowd_visit(struct store *s, const struct crowd *c, size_t i, int64_t as_of, store_visit *visit,
	void *ctx, struct buf *err)
{
	size_t from = i ? c->ends[i - 1] : 0;
	struct seqs hers = {c->seqs + from, c->ends[i] - from, 0};

	return store_visit_seqs(s, &hers, as_of, visit, ctx, err);
}

void crowd_release(struct crowd *c)
{
	free(c->seqs);
	free(c->ends);
	*c = (struct crowd){.seqs = NULL};
}
