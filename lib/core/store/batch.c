#include "core/store/batch_part.h"
#include "base/job.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/content.h"
#include "core/store/forest.h"
#include "core/store/split.h"

#include <stdlib.h>

#define AHEAD ((size_t)6) /* records whose people are fetched into the nearest memory */

struct batch *batch_new(struct store *s, const struct ontology *o)
{
	struct batch *b = mem_zero(1, sizeof(*b));

	b->s = s;
	b->number = 1;
	b->ontology = o;
	digester_init(&b->digester, s->secret);
	buf_init(&b->text);
	buf_init(&b->part);
	buf_init(&b->body);
	buf_init(&b->stamp);
	buf_init(&b->head);
	who_rows_init(&b->rows);
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
	free(b->asked);
	groups_release(&b->idents);
	groups_release(&b->sessions);
	free(b->shape);
	free(b->names.v);
	free(b->apart.v);
	free(b->rank);
	free(b->order);
	free(b->keys);
	free(b->hit);
	free(b->hits);
	who_rows_release(&b->rows);
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
	b->looked = false;
	b->number++;
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

static const struct group *first_name(const struct batch *b, const struct taken *t)
{
	return t->names_n ? &b->idents.v[b->named[t->names]] : NULL;
}

/* Has what will be looked at of the i-th record fetched into the nearest memory, from those behind
 * it: the one thing tells where the next lies. */
static void expect(const struct batch *b, size_t n, size_t i)
{
	const struct taken *t;

	if (i + 2 * AHEAD < n) {
		t = &b->v[i + 2 * AHEAD];
		__builtin_prefetch(&b->sessions.v[t->group]);
		if (t->names_n)
			__builtin_prefetch(first_name(b, t));
	}
	if (i + AHEAD < n) {
		const struct group *g;

		t = &b->v[i + AHEAD];
		g = first_name(b, t);
		identity_expect(b->s, b->sessions.v[t->group].id,
			g && g->id > 0 && t->names_n == 1 ? g->id : 0);
	}
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

/* Nothing is owed to the file any more. */
static int stop(struct batch *b, int status)
{
	store_owe(b->s, NULL, NULL);
	b->owed_n = 0;
	job_wait(b->leaf_job);
	return status;
}

int batch_decide(struct batch *b, int64_t recorded, struct buf *err)
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
	b->version = b->s->version;
	status = begin_rules(b, err);
	if (status == 0)
		status = tree_begin(b->s, err);
	if (status == 0)
		status = batch_still_looked(b, err);
	if (status == 0)
		status = batch_find_duplicates(b, err);
	if (status == 0) {
		batch_begin_leaves(b);
		status = batch_find_names(b, err);
	}
	store_owe(b->s, batch_pay, b);
	for (size_t i = 0; i < n && status == 0; i++) {
		expect(b, n, i);
		status =
			b->hit[i] ? batch_repeat(b, i, err) : batch_add(b, &b->v[i], recorded, err);
	}
	if (status < 0)
		return stop(b, status);
	batch_remember_names(b);
	return 0;
}

int batch_put(struct batch *b, struct buf *err)
{
	int status = batch_pay(b, err);

	stop(b, status);
	if (status == 0 && b->ahead)
		tree_join(&b->s->tree, &b->branch);
	/* New names are parts of the batch. */
	return status < 0 ? status : who_flush(b->s, err);
}

int batch_write(struct batch *b, int64_t recorded, struct buf *err)
{
	int status = batch_decide(b, recorded, err);

	return status < 0 || !b->n ? status : batch_put(b, err);
}

const struct store_added *batch_outcome(const struct batch *b, size_t i)
{
	return &b->v[i].out;
}

struct str batch_line(const struct batch *b, size_t i)
{
	return batch_text(b, b->v[i].line);
}

int batch_conflict(struct batch *b, size_t i, struct buf *why, struct buf *err)
{
	struct str member = {NULL, 0};
	struct store_row row;
	int status = batch_read_both(b, i, &row, err);

	if (status == 0 && !row.erased)
		content_same(&b->here, &b->there, &member);
	buf_printf(why, "its source and id are those of record %lld, which has another %.*s",
		(long long)b->v[i].out.seq, (int)(member.len > 60 ? 60 : member.len), member.s);
	return status;
}

/* Others wrote since: her whom it was of they may have erased. */
static int see_again(struct batch *b, struct taken *t, struct buf *err)
{
	int status = forest_number(b->s, Q_EVENT_SESSION, t->out.seq, &t->out.session, err);

	return status < 0 ? status
			  : forest_number(b->s, Q_EVENT_IDENT, t->out.seq, &t->out.ident, err);
}

static int customer_of(struct batch *b, struct taken *t, struct buf *err)
{
	int status = b->version == b->s->version ? 0 : see_again(b, t, err);

	if (status < 0)
		return status;
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
		store_record(out, batch_text(b, t->body), t->customer, t->out.seq, recorded);
	return status;
}
