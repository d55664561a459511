#include "stage/project.h"
#include "stage/columns.h"
#include "stage/refold.h"
#include "base/mem.h"
#include "core/store/alone.h"
#include "core/store/blocks.h"
#include "core/store/erase.h"
#include "core/store/past.h"

#include <stdlib.h>

#define CONTEXT_BYTES ((size_t)12 << 20)
#define TRIES 10 /* times that another rebuild may come between */

static int end(struct store *s, int status, struct buf *err)
{
	if (status == 0)
		return store_commit(s, err);
	store_rollback(s);
	return status;
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
	if (status == 0 && !now.built)
		status = alone_drop(s, err);
	status = end(s, status, err);
	return status < 0 ? status : repeat(s, alone_sweep, err);
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
	struct refold r = {.store = s, .ontology = o, .generation = generation};
	uint64_t before;
	int status;

	do {
		before = r.folded;
		status = repeat(s, facts_gather, err);
		if (status == 0)
			status = repeat(s, facts_expand, err);
		if (status == 0)
			status = refold_touched(&r, err);
	} while (status == 0 && r.folded > before);
	*folded += r.folded;
	return status;
}

/* All customers into a generation. */
static int build(struct store *s, const struct ontology *o, int64_t generation, bool building,
	uint64_t *folded, struct buf *err)
{
	struct refold r = {
		.store = s, .ontology = o, .generation = generation, .building = building};
	int status = refold_all(&r, err);

	*folded += r.folded;
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
		status = REFOLD_MOVED;
	if (status == 0)
		status = facts_switch(s, generation, seq, err);
	if (status == 0)
		status = facts_keep_ontology(s, o, err);
	return end(s, status, err);
}

static int overtaken(struct buf *err)
{
	buf_puts(err, "another rebuild, or a change of who is who, overtook this one");
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
	if (status == REFOLD_MOVED)
		return overtaken(err);
	return status < 0 ? status : repeat(s, facts_sweep, err);
}

/* What is lost with the power is built anew from the log, which is not: nothing waits for the disk.
 */
static int hurry(struct store *s, struct buf *err)
{
	return store_writable(s) ? store_fast(s, err) : 0;
}

static int calm(struct store *s, int status, struct buf *err)
{
	struct buf why = BUF_INIT;
	int calmed = store_writable(s) ? store_durable(s, status < 0 ? &why : err) : 0;

	buf_release(&why);
	return status < 0 ? status : calmed;
}

static int keep_blocks(struct store *s, struct buf *err)
{
	bool wanted = false;
	int status = store_writable(s) ? blocks_wanted(s, &wanted, err) : 0;

	return status < 0 || !wanted ? status : repeat(s, blocks_step, err);
}

int project_rebuild(struct store *s, const struct ontology *o, uint64_t *folded, struct buf *err)
{
	uint64_t n = 0;
	int status = hurry(s, err);

	if (status == 0) {
		status = renew(s, o, err);
		if (status == 0)
			status = rebuild(s, o, &n, err);
		if (status == 0)
			status = keep_blocks(s, err);
		status = calm(s, status, err);
	}
	if (folded)
		*folded = n;
	return status;
}

/* Where the file cannot be written: all facts beside it, for this process alone. */
static int build_aside(struct store *s, const struct ontology *o, int64_t generation,
	uint64_t *folded, struct buf *err)
{
	int status = store_aside(s) ? 0 : facts_temporary(s, err);

	if (status == 0)
		status = keep_ontology(s, o, true, err);
	if (status == 0)
		status = facts_keep_gathered(s, err);
	return status < 0 ? status : build(s, o, generation, false, folded, err);
}

/* The facts that stand beside the file are of the log as it stood. */
static int begin_past(struct store *s, const struct ontology *o, int64_t as_of,
	struct facts_state *state, struct buf *err)
{
	int64_t begin;
	int status = facts_temporary(s, err);

	if (status == 0)
		status = keep_ontology(s, o, true, err);
	if (status == 0)
		status = past_begin(s, as_of, &begin, err);
	if (status == 0)
		status = past_keep_begin(s, begin, err);
	return status < 0 ? status : facts_place(s, o, state, err);
}

static int find_past(
	struct store *s, int64_t customer, int64_t as_of, struct seqs *out, struct buf *err)
{
	int status = store_read_begin(s, err);

	if (status == 0 && customer)
		*VEC_ADD(out, v, n, cap) = customer;
	else if (status == 0)
		status = past_customers(s, as_of, out, err);
	store_read_end(s);
	return status;
}

int project_past(
	struct store *s, const struct ontology *o, int64_t customer, int64_t as_of, struct buf *err)
{
	struct seqs all = {NULL, 0, 0};
	struct facts_state state = {0};
	struct refold r = {.store = s, .ontology = o};
	int status = begin_past(s, o, as_of, &state, err);

	r.generation = state.generation;
	if (status == 0)
		status = find_past(s, customer, as_of, &all, err);
	if (status == 0)
		status = refold_these(&r, all.v, all.n, as_of, err);
	free(all.v);
	return status;
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
	int status = hurry(s, err) < 0 ? STORE_ERROR : REFOLD_MOVED;

	/* Another rebuild came between: what is left to do is another matter now. */
	for (int i = 0; i < TRIES && status == REFOLD_MOVED; i++)
		status = update(s, o, &n, err);
	if (status == 0)
		status = keep_blocks(s, err);
	if (folded)
		*folded = n;
	if (status == REFOLD_MOVED)
		status = overtaken(err);
	return calm(s, status, err);
}

/* Of those that are not shown some may be left, of this run or of one that was killed. */
static int sweep_columns(struct store *s, int status, struct buf *err)
{
	struct buf why = BUF_INIT;
	int swept = repeat(s, alone_sweep, status < 0 ? &why : err);

	buf_release(&why);
	return status < 0 ? status : swept;
}

int project_columns(struct store *s, const struct ontology *o, bool *there, struct buf *err)
{
	int status = store_read_begin(s, err);

	if (status == 0)
		status = alone_hold(s, o, there, err);
	store_read_end(s);
	if (status < 0 || *there)
		return status;
	status = hurry(s, err);
	if (status == 0) {
		status = columns_make(s, o, there, err);
		status = sweep_columns(s, status, err);
	}
	return calm(s, status, err);
}

struct enrich {
	struct store *store;
	struct journey *journey;
	const struct ontology *o;
	struct pipe *pipe;
	struct context context;
	struct bundle *bundle; /* NULL: context alone */
	struct buf object, record;
	int status;
};

static bool is_handoff(const struct event *ev)
{
	struct str type = event_attr(ev, ATTR_TYPE);

	return str_is(type, "handoff") || str_is(type, "escalated") || str_is(type, "transferred");
}

static int write_context(struct enrich *e, const struct event *ev, struct buf *err)
{
	bool whole = e->bundle && is_handoff(ev);
	/* One snapshot, and one lock, for all that is asked about it. */
	int status = store_read_begin(e->store, err);

	buf_clear(&e->object);
	if (status == 0)
		status = whole ? journey_bundle_of(e->store, ev->sequence, e->bundle, err)
			       : journey_context(e->journey, ev, &e->context, err);
	store_read_end(e->store);
	if (status == 0 && whole)
		bundle_write(&e->object, e->bundle, true);
	else if (status == 0)
		context_write(&e->object, &e->context, e->o);
	return status;
}

static int enrich_one(void *ctx, struct event *ev, struct buf *err)
{
	struct enrich *e = ctx;
	struct event_edit edit = {true, "context", {NULL, 0}};

	if (!ev->sequence) {
		buf_puts(err, "no sequence: the record does not come from the log");
		e->pipe->fault = FAULT_RECORD;
		return PIPE_REFUSE;
	}
	e->status = write_context(e, ev, err);
	if (e->status != 0) {
		e->status = e->status < 0 ? e->status : STORE_ERROR;
		return PIPE_STOP;
	}
	edit.value = buf_str(&e->object);
	buf_clear(&e->record);
	event_write(&e->record, ev, &edit, 1);
	return pipe_put(e->pipe, buf_str(&e->record), err);
}

int project_enrich(struct store *s, const struct ontology *o, struct pipe *pipe, char *const *paths,
	size_t n, bool bundle, struct buf *err)
{
	struct enrich e = {
		.store = s, .o = o, .pipe = pipe, .object = BUF_INIT, .record = BUF_INIT};
	int status;

	e.journey = journey_new(s, o, CONTEXT_BYTES);
	e.bundle = bundle ? bundle_new(o) : NULL;
	context_init(&e.context);
	status = pipe_run(pipe, paths, n, enrich_one, &e, err);
	journey_free(e.journey);
	bundle_free(e.bundle);
	context_release(&e.context);
	buf_release(&e.object);
	buf_release(&e.record);
	return e.status < 0 ? e.status : status;
}
