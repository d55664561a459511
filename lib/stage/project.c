#include "stage/project.h"
#include "base/mem.h"

#include <stdlib.h>

#define STEP_CUSTOMERS 64   /* at most, and */
#define STEP_CONTACTS 2000  /* about: what is written in one transaction */
#define CONTEXT_BYTES ((size_t)32 << 20)

/* The customers of one step: folded from one snapshot, then written together. */
struct step {
	struct store *s;
	const struct ontology *o;
	struct fold *folds[STEP_CUSTOMERS];
	bool there[STEP_CUSTOMERS];
	struct event scratch;
};

static void step_init(struct step *p, struct store *s, const struct ontology *o)
{
	*p = (struct step){.s = s, .o = o};
	event_init(&p->scratch);
}

static void step_release(struct step *p)
{
	for (size_t i = 0; i < STEP_CUSTOMERS; i++)
		fold_free(p->folds[i]);
	event_release(&p->scratch);
}

/* Folds customers until the step is full; *done: how many. */
static int fold_some(struct step *p, const int64_t *customers, size_t n, size_t *done, struct buf *err)
{
	size_t contacts = 0;
	struct person who;
	int status = 0;

	for (*done = 0; *done < n && contacts < STEP_CONTACTS && status == 0; ++*done) {
		size_t i = *done;

		if (!p->folds[i])
			p->folds[i] = fold_new(p->o);
		status = store_person_by_customer(p->s, customers[i], &who, err);
		p->there[i] = who.ident || who.session;
		if (status < 0 || !p->there[i])
			continue;
		fold_clear(p->folds[i], who.ident != 0);
		status = journey_load(p->s, &who, 0, INT64_MAX, p->folds[i], &p->scratch, err);
		fold_link(p->folds[i]);
		contacts += p->folds[i]->contact_n;
	}
	return status;
}

static int write_some(struct step *p, int64_t generation, const int64_t *customers,
	const struct touched *marks, size_t n, struct buf *err)
{
	int status = store_begin(p->s, err);

	if (status < 0)
		return status;
	for (size_t i = 0; i < n && status == 0; i++) {
		status = facts_replace(p->s, generation, customers[i], p->there[i] ? p->folds[i] : NULL, err);
		if (status == 0 && marks)
			status = facts_done(p->s, &marks[i], err);
	}
	if (status == 0)
		return store_commit(p->s, err);
	store_rollback(p->s);
	return status;
}

static int update_step(struct step *p, const struct facts_state *state, size_t *done, struct buf *err)
{
	struct touched marks[STEP_CUSTOMERS];
	int64_t customers[STEP_CUSTOMERS];
	size_t got;
	int status = store_read_begin(p->s, err);

	*done = 0;
	if (status < 0)
		return status;
	status = facts_touched(p->s, marks, STEP_CUSTOMERS, &got, err);
	for (size_t i = 0; i < got; i++)
		customers[i] = marks[i].customer;
	if (status == 0)
		status = fold_some(p, customers, got, done, err);
	store_read_end(p->s);
	if (status < 0 || !*done)
		return status;
	return write_some(p, state->generation, customers, marks, *done, err);
}

static int keep_ontology(struct store *s, const struct ontology *o, struct buf *err)
{
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = facts_keep_ontology(s, o, err);
	if (status == 0)
		return store_commit(s, err);
	store_rollback(s);
	return status;
}

static int bring_up(struct store *s, const struct ontology *o, const struct facts_state *state,
	uint64_t *folded, struct buf *err)
{
	struct step p;
	size_t done;
	int status;

	step_init(&p, s, o);
	do {
		status = update_step(&p, state, &done, err);
		*folded += done;
	} while (status == 0 && done);
	step_release(&p);
	return status;
}

/* All customers into another generation. */
static int build(struct store *s, const struct ontology *o, int64_t generation, uint64_t *folded, struct buf *err)
{
	int64_t customers[STEP_CUSTOMERS], after = 0;
	struct step p;
	size_t got, done = 0;
	int status;

	step_init(&p, s, o);
	do {
		status = store_read_begin(s, err);
		if (status < 0)
			break;
		status = facts_customers(s, after, customers, STEP_CUSTOMERS, &got, err);
		if (status == 0)
			status = fold_some(&p, customers, got, &done, err);
		store_read_end(s);
		if (status == 0 && done)
			status = write_some(&p, generation, customers, NULL, done, err);
		if (done)
			after = customers[done - 1];
		*folded += done;
	} while (status == 0 && done);
	step_release(&p);
	return status;
}

static int sweep(struct store *s, int64_t generation, struct buf *err)
{
	bool more = true;
	int status = 0;

	while (more && status == 0) {
		status = store_begin(s, err);
		if (status < 0)
			return status;
		status = facts_sweep(s, generation, &more, err);
		if (status == 0)
			status = store_commit(s, err);
		else
			store_rollback(s);
	}
	return status;
}

static int switch_over(struct store *s, const struct ontology *o, int64_t generation, int64_t seq, struct buf *err)
{
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = facts_switch(s, generation, seq, err);
	if (status == 0)
		status = facts_keep_ontology(s, o, err);
	if (status == 0)
		return store_commit(s, err);
	store_rollback(s);
	return status;
}

static int rebuild(struct store *s, const struct ontology *o, int64_t old, uint64_t *folded, struct buf *err)
{
	int64_t seq;
	int status = sweep(s, old, err);

	if (status == 0)
		status = store_last(s, &seq, err);
	if (status == 0)
		status = build(s, o, old + 1, folded, err);
	if (status == 0)
		status = switch_over(s, o, old + 1, seq, err);
	return status < 0 ? status : sweep(s, old + 1, err);
}

int project_rebuild(struct store *s, const struct ontology *o, uint64_t *folded, struct buf *err)
{
	struct facts_state state;
	uint64_t n = 0;
	int status = facts_state(s, o, &state, err);

	if (status == 0)
		status = rebuild(s, o, state.generation, &n, err);
	if (folded)
		*folded = n;
	return status;
}

int project_update(struct store *s, const struct ontology *o, uint64_t *folded, struct buf *err)
{
	struct facts_state state;
	uint64_t n = 0;
	int status = facts_state(s, o, &state, err);

	if (status < 0)
		return status;
	if (state.same_ontology && !state.waiting)
		goto out;
	if (!store_writable(s)) {
		status = facts_temporary(s, err);
		if (status == 0)
			status = build(s, o, state.generation, &n, err);
		goto out;
	}
	if (!state.built)
		status = keep_ontology(s, o, err);
	else if (!state.same_ontology)
		status = rebuild(s, o, state.generation, &n, err);
	if (status == 0)
		status = facts_state(s, o, &state, err);
	if (status == 0)
		status = bring_up(s, o, &state, &n, err);
out:
	if (folded)
		*folded = n;
	return status;
}

struct enrich {
	struct store *store;
	struct journey *journey;
	const struct ontology *o;
	struct pipe *pipe;
	struct context context;
	struct buf object, record;
	int status;
};

static int enrich_one(void *ctx, struct event *ev, struct buf *err)
{
	struct enrich *e = ctx;
	struct event_edit edit = {true, "context", {NULL, 0}};

	if (!ev->sequence) {
		buf_puts(err, "no sequence: the record does not come from the log");
		e->pipe->fault = FAULT_RECORD;
		return PIPE_REFUSE;
	}
	/* One snapshot, and one lock, for all that is asked about it. */
	e->status = store_read_begin(e->store, err);
	if (e->status == 0)
		e->status = journey_context(e->journey, ev, &e->context, err);
	store_read_end(e->store);
	if (e->status < 0)
		return PIPE_STOP;
	buf_clear(&e->object);
	context_write(&e->object, &e->context, e->o);
	edit.value = buf_str(&e->object);
	buf_clear(&e->record);
	event_write(&e->record, ev, &edit, 1);
	return pipe_put(e->pipe, buf_str(&e->record), err);
}

int project_enrich(struct store *s, const struct ontology *o, struct pipe *pipe, char *const *paths, size_t n,
	struct buf *err)
{
	struct enrich e = {.store = s, .o = o, .pipe = pipe, .object = BUF_INIT, .record = BUF_INIT};
	int status;

	e.journey = journey_new(s, o, CONTEXT_BYTES);
	context_init(&e.context);
	status = pipe_run(pipe, paths, n, enrich_one, &e, err);
	journey_free(e.journey);
	context_release(&e.context);
	buf_release(&e.object);
	buf_release(&e.record);
	return e.status < 0 ? e.status : status;
}
