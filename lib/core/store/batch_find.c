/* What is on file of a batch: its records, and the names in them. */
#include "core/store/batch_part.h"
#include "base/mem.h"

#include <stdlib.h>

#define AHEAD 8 /* names whose places in memory are fetched before they are looked up */

/* A record with the same eight bytes of key: the same where source and id are. */
static int see_hit(void *ctx, size_t i, int64_t seq, struct buf *err)
{
	struct batch *b = ctx;
	size_t at = (size_t)b->order[i].seq;
	struct taken *t = &b->v[at];
	bool same;
	int status = store_names(
		b->s, seq, batch_text(b, t->source), batch_text(b, t->id), t->key, &same, err);

	if (status == 0 && same)
		b->hit[at] = seq;
	return status;
}

static bool same_record(const struct batch *b, const struct taken *x, const struct taken *y)
{
	return str_eq(batch_text(b, x->source), batch_text(b, y->source)) &&
	       str_eq(batch_text(b, x->id), batch_text(b, y->id));
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

static int see_hits(struct batch *b, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < b->hit_n && status == 0; i++)
		status = see_hit(b, (size_t)b->hits[i].key, b->hits[i].seq, err);
	return status;
}

int batch_find_duplicates(struct batch *b, struct buf *err)
{
	int status;

	b->hit = mem_resize(b->hit, b->n * sizeof(*b->hit));
	memset(b->hit, 0, b->n * sizeof(*b->hit));
	status = b->looked ? see_hits(b, err)
			   : runs_find(b->s, RUNS_KEY, b->keys, b->n, see_hit, b, err);
	if (status == 0)
		see_repeats(b);
	return status;
}

static int is_ident(void *ctx, struct group *g, int64_t id, struct buf *err)
{
	struct batch *b = ctx;
	const struct name *n = &b->name[g->at];
	struct ident one;
	int status = who_is_ident(b->from, id, batch_text(b, n->kind), batch_text(b, n->scope),
		batch_text(b, n->value), &one, err);

	if (status != 1)
		return status;
	g->id = who_note_ident(b->s, &b->rows, &one);
	return 0;
}

static int is_session(void *ctx, struct group *g, int64_t id, struct buf *err)
{
	struct batch *b = ctx;
	const struct taken *t = &b->v[g->at];
	struct session one;
	int status = who_is_session(
		b->from, id, batch_text(b, t->source), batch_text(b, t->session), &one, err);

	if (status != 1)
		return status;
	g->id = id;
	who_note_session(b->s, &b->rows, &one);
	return 0;
}

/* before: what the batch before it added may not be on file for the reader yet. */
static int find_names(
	struct batch *b, struct store *from, const struct batch *before, struct buf *err)
{
	const struct groups *idents = before ? &before->idents : NULL;
	const struct groups *sessions = before ? &before->sessions : NULL;
	int status;

	b->from = from;
	who_rows_clear(&b->rows);
	status = who_resolve(b->s, from, RUNS_IDENT, &b->idents, idents, is_ident, b, err);
	return status < 0 ? status
			  : who_resolve(b->s, from, RUNS_PLACE, &b->sessions, sessions, is_session,
				    b, err);
}

int batch_find_names(struct batch *b, struct buf *err)
{
	int status = b->looked ? 0 : find_names(b, b->s, NULL, err);

	who_remember(b->s, &b->rows);
	return status;
}

/* ---- ahead ---- */

void batch_lend(struct batch *b)
{
	runs_lend(b->s);
}

static int note_hit(void *ctx, size_t i, int64_t seq, struct buf *err)
{
	struct batch *b = ctx;

	(void)err;
	*VEC_ADD(b, hits, hit_n, hit_cap) = (struct run_entry){i, seq};
	return 0;
}

/* Another file may have the name by now, or an older copy. */
static int is_same(struct batch *b, struct store *reader, bool *same, struct buf *err)
{
	const struct store *s = b->s;
	int64_t last = 0;
	int status = store_last(reader, &last, err);

	*same = memcmp(reader->secret, s->secret, sizeof(s->secret)) == 0 &&
		(last == s->logged || last == s->now);
	return status;
}

/* Which of the names have a row on file that is not in memory. */
static bool *lacking(const struct groups *names, const struct ids *kept, const struct ids *read)
{
	bool *is = mem_zero(names->n, sizeof(*is));

	for (size_t i = 0; i < names->n; i++) {
		int64_t id = llabs(names->v[i].id);

		if (i + AHEAD < names->n)
			ids_expect(kept, llabs(names->v[i + AHEAD].id));
		is[i] = id && !ids_get(kept, id) && !ids_get(read, id);
	}
	return is;
}

/* What placing a record will ask for: nothing, where it was placed so before. */
static void want(struct batch *b, const struct taken *t)
{
	int64_t session = b->sessions.v[t->group].id, one;

	b->names.n = 0;
	for (size_t i = 0; i < t->names_n; i++) {
		one = b->idents.v[b->named[t->names + i]].id;
		if (one > 0)
			*VEC_ADD(&b->names, v, n, cap) = one;
		else
			who_want_ident(b->s, &b->rows, -one);
	}
	if (session && identity_is_settled(b->s, session, &b->names))
		return;
	who_want_session(b->s, &b->rows, session);
	for (size_t i = 0; i < b->names.n; i++)
		who_want_ident(b->s, &b->rows, b->names.v[i]);
}

/* Of the records that are new, as far as can be told. */
static int find_rows(struct batch *b, struct store *reader, struct buf *err)
{
	bool *there = mem_zero(b->n, sizeof(*there));
	bool *idents = lacking(&b->idents, &b->s->who.idents, &b->rows.idents);
	bool *sessions = lacking(&b->sessions, &b->s->who.sessions, &b->rows.sessions);

	for (size_t i = 0; i < b->hit_n; i++)
		there[b->order[b->hits[i].key].seq] = true;
	for (size_t i = 0; i < b->n; i++) {
		const struct taken *t = &b->v[i];
		bool lacks = sessions[t->group];

		for (size_t k = 0; k < t->names_n; k++)
			lacks |= idents[b->named[t->names + k]];
		if (lacks && !there[i])
			want(b, t);
	}
	free(there);
	free(idents);
	free(sessions);
	return who_read_wanted(b->s, reader, &b->rows, err);
}

static int look(struct batch *b, const struct batch *before, struct store *reader, struct buf *err)
{
	bool same = false;
	int status = is_same(b, reader, &same, err);

	if (status < 0 || !same)
		return STORE_ERROR;
	status = runs_find(reader, RUNS_KEY, b->keys, b->n, note_hit, b, err);
	if (status == 0)
		status = runs_find_lent(b->s, b->keys, b->n, note_hit, b, err);
	if (status == 0)
		status = find_names(b, reader, before, err);
	return status < 0 ? status : find_rows(b, reader, err);
}

void batch_look_ahead(struct batch *b, const struct batch *before, struct store *reader)
{
	struct buf why = BUF_INIT;
	int status = store_read_begin(reader, &why);

	b->hit_n = 0;
	if (status == 0) {
		runs_borrow(reader, b->s);
		status = look(b, before, reader, &why);
		runs_give_back(reader);
	}
	store_read_end(reader);
	b->looked = status == 0;
	b->as_of = b->s->version;
	buf_release(&why);
}

int batch_still_looked(struct batch *b, struct buf *err)
{
	static const enum run_kind kinds[] = {RUNS_KEY, RUNS_IDENT, RUNS_PLACE};
	int status = 0;

	runs_take_back(b->s, b->looked ? b->from : NULL);
	b->looked &= b->as_of == b->s->version;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && b->looked && status == 0; i++)
		status = runs_keep_filters(b->s, kinds[i], err);
	return status;
}
