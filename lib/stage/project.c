#include "stage/project.h"
#include "base/mem.h"
#include "core/store/erase.h"

#include <stdlib.h>

#define STEP_CUSTOMERS 64  /* at most, and */
#define STEP_CONTACTS 2000 /* about: what is written in one transaction */
#define CONTEXT_BYTES ((size_t)12 << 20)
#define TRIES 10 /* times that another rebuild may come between */
#define MOVED 1	 /* the generation is no more the one to write to */
#define AGAIN 2	 /* somebody was erased since the snapshot, whose facts it may hold */

/* The customers of one step: folded from one snapshot, then written together. */
struct step {
	struct store *s;
	const struct ontology *o;
	int64_t generation;
	int64_t erasures; /* until the snapshot */
	bool building;	  /* generation is one that we claimed, not the one shown */
	struct fold *folds[STEP_CUSTOMERS];
	bool there[STEP_CUSTOMERS];
	struct event scratch;
};

static void step_init(struct step *p, struct store *s, const struct ontology *o, int64_t generation,
	bool building)
{
	*p = (struct step){.s = s, .o = o, .generation = generation, .building = building};
	event_init(&p->scratch);
}

static void step_release(struct step *p)
{
	for (size_t i = 0; i < STEP_CUSTOMERS; i++)
		fold_free(p->folds[i]);
	event_release(&p->scratch);
}

/* Folds customers until the step is full; *done: how many. */
static int fold_some(
	struct step *p, const int64_t *customers, size_t n, size_t *done, struct buf *err)
{
	size_t contacts = 0;
	struct person who;
	int status = erase_count(p->s, &p->erasures, err);

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

static int end(struct store *s, int status, struct buf *err)
{
	if (status == 0)
		return store_commit(s, err);
	store_rollback(s);
	return status;
}

/*
 * A customer who is gone since the snapshot is not written into a generation that is built: an
 * update may have seen to her already, there too.
 */
static int write_built(struct step *p, int64_t customer, size_t i, struct buf *err)
{
	struct person who;
	int status = store_person_by_customer(p->s, customer, &who, err);
	bool there = p->there[i] && (who.ident || who.session);

	return status < 0 ? status
			  : facts_replace(
				    p->s, p->generation, customer, there ? p->folds[i] : NULL, err);
}

static int write_updated(struct step *p, const struct facts_state *now, const struct touched *mark,
	size_t i, struct buf *err)
{
	int status = facts_replace(
		p->s, p->generation, mark->customer, p->there[i] ? p->folds[i] : NULL, err);

	if (status == 0 && !p->there[i] && now->building > now->generation)
		status = facts_replace(p->s, now->building, mark->customer, NULL, err);
	return status < 0 ? status : facts_done(p->s, mark, err);
}

/* Whether facts of this generation are still wanted from us: MOVED where not. */
static int stands(const struct step *p, struct facts_state *now, struct buf *err)
{
	int status = facts_place(p->s, p->o, now, err);
	bool same = p->building ? now->building == p->generation
				: now->generation == p->generation && now->same_ontology;

	return status < 0 || same ? status : MOVED;
}

/* marks: NULL where customers are built. */
static int write_some(struct step *p, const int64_t *customers, const struct touched *marks,
	size_t n, struct buf *err)
{
	struct facts_state now;
	int64_t erasures = 0;
	int status = store_begin(p->s, err);

	if (status < 0)
		return status;
	status = stands(p, &now, err);
	if (status == 0)
		status = erase_count(p->s, &erasures, err);
	if (status == 0 && erasures != p->erasures)
		status = AGAIN;
	for (size_t i = 0; i < n && status == 0; i++)
		status = marks ? write_updated(p, &now, &marks[i], i, err)
			       : write_built(p, customers[i], i, err);
	return end(p->s, status, err);
}

static int update_step(struct step *p, size_t *done, struct buf *err)
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
	return write_some(p, customers, marks, *done, err);
}

/* Small writes, each in a transaction of its own, until there are no more. */
static int repeat(
	struct store *s, int (*work)(struct store *, bool *more, struct buf *), struct buf *err)
{
	bool more = true;
	int status = 0;

	while (more && status == 0) {
		status = store_begin(s, err);
		if (status < 0)
			return status;
		status = work(s, &more, err);
		status = end(s, status, err);
	}
	return status;
}

/* Facts are built for the first time. Not where somebody else began with it. */
static int keep_ontology(struct store *s, const struct ontology *o, bool always, struct buf *err)
{
	struct facts_state now;
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = facts_place(s, o, &now, err);
	if (status == 0 && (always || !now.built))
		status = facts_keep_ontology(s, o, err);
	return end(s, status, err);
}

/* Tables of another version of this program hold nothing that could not be built anew. */
static int renew(struct store *s, const struct ontology *o, struct buf *err)
{
	struct facts_state now;
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = facts_place(s, o, &now, err);
	if (status == 0 && !now.same_layout)
		status = facts_renew(s, err);
	return end(s, status, err);
}

static int bring_up(struct store *s, const struct ontology *o, int64_t generation, uint64_t *folded,
	struct buf *err)
{
	struct step p;
	size_t done = 0;
	int status;

	step_init(&p, s, o, generation, false);
	do {
		status = repeat(s, facts_gather, err);
		if (status == 0)
			status = repeat(s, facts_expand, err);
		if (status == 0)
			status = update_step(&p, &done, err);
		if (status == 0)
			*folded += done;
	} while ((status == 0 || status == AGAIN) && done);
	step_release(&p);
	return status;
}

/* All customers into a generation. */
static int build(struct store *s, const struct ontology *o, int64_t generation, bool building,
	uint64_t *folded, struct buf *err)
{
	int64_t customers[STEP_CUSTOMERS], after = 0;
	struct step p;
	size_t got, done = 0;
	int status;

	step_init(&p, s, o, generation, building);
	do {
		status = store_read_begin(s, err);
		if (status < 0)
			break;
		status = facts_customers(s, after, customers, STEP_CUSTOMERS, &got, err);
		if (status == 0)
			status = fold_some(&p, customers, got, &done, err);
		store_read_end(s);
		if (status == 0 && done)
			status = write_some(&p, customers, NULL, done, err);
		if (status == AGAIN)
			continue;
		if (done)
			after = customers[done - 1];
		*folded += done;
	} while ((status == 0 || status == AGAIN) && done);
	step_release(&p);
	return status;
}

static int claim(struct store *s, int64_t *generation, struct buf *err)
{
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = facts_claim(s, generation, err);
	return end(s, status, err);
}

static int switch_over(
	struct store *s, const struct ontology *o, int64_t generation, int64_t seq, struct buf *err)
{
	struct facts_state now;
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = facts_place(s, o, &now, err);
	if (status == 0 && now.building != generation)
		status = MOVED;
	if (status == 0)
		status = facts_switch(s, generation, seq, err);
	if (status == 0)
		status = facts_keep_ontology(s, o, err);
	return end(s, status, err);
}

static int overtaken(struct buf *err)
{
	buf_puts(err, "another rebuild overtook this one");
	return STORE_BUSY;
}

/* A rebuild that was killed leaves its claim, which the next one overtakes, and its rows, which
 * that sweeps. */
static int rebuild(struct store *s, const struct ontology *o, uint64_t *folded, struct buf *err)
{
	int64_t generation, seq;
	int status = claim(s, &generation, err);

	if (status == 0)
		status = repeat(s, facts_sweep, err);
	if (status == 0)
		status = store_last(s, &seq, err);
	if (status == 0)
		status = build(s, o, generation, true, folded, err);
	if (status == 0)
		status = switch_over(s, o, generation, seq, err);
	if (status == MOVED)
		return overtaken(err);
	return status < 0 ? status : repeat(s, facts_sweep, err);
}

int project_rebuild(struct store *s, const struct ontology *o, uint64_t *folded, struct buf *err)
{
	uint64_t n = 0;
	int status = rebuild(s, o, &n, err);

	if (folded)
		*folded = n;
	return status;
}

/* Where the file cannot be written: all facts beside it, for this process alone. */
static int build_aside(struct store *s, const struct ontology *o, int64_t generation,
	uint64_t *folded, struct buf *err)
{
	int status = facts_temporary(s, err);

	if (status == 0)
		status = keep_ontology(s, o, true, err);
	if (status == 0)
		status = facts_keep_gathered(s, err);
	return status < 0 ? status : build(s, o, generation, false, folded, err);
}

static int update(struct store *s, const struct ontology *o, uint64_t *folded, struct buf *err)
{
	struct facts_state state;
	int status = facts_state(s, o, &state, err);

	if (status < 0 || (state.same_ontology && state.same_layout && !state.waiting))
		return status;
	if (!store_writable(s))
		return build_aside(s, o, state.generation, folded, err);
	if (!state.same_layout) {
		status = renew(s, o, err);
		state.built = false;
	}
	if (status < 0)
		return status;
	if (!state.built)
		status = keep_ontology(s, o, false, err);
	else if (!state.same_ontology)
		status = rebuild(s, o, folded, err);
	if (status == 0)
		status = facts_place(s, o, &state, err);
	return status < 0 ? status : bring_up(s, o, state.generation, folded, err);
}

int project_update(struct store *s, const struct ontology *o, uint64_t *folded, struct buf *err)
{
	uint64_t n = 0;
	int status = MOVED;

	/* Another rebuild came between: what is left to do is another matter now. */
	for (int i = 0; i < TRIES && status == MOVED; i++)
		status = update(s, o, &n, err);
	if (folded)
		*folded = n;
	return status == MOVED ? overtaken(err) : status;
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

int project_enrich(struct store *s, const struct ontology *o, struct pipe *pipe, char *const *paths,
	size_t n, struct buf *err)
{
	struct enrich e = {
		.store = s, .o = o, .pipe = pipe, .object = BUF_INIT, .record = BUF_INIT};
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
