#include "stage/refold.h"
#include "base/job.h"
#include "base/mem.h"
#include "base/progress.h"
#include "core/journey.h"
#include "core/store/blocks.h"
#include "core/store/crowd.h"
#include "core/store/erase.h"
#include "core/store/past.h"
#include "stage/held.h"

#include <stdlib.h>

#define STEP_TOUCHED 512 /* where they are few, so that there are several steps */
#define STEP_BESIDE 128	 /* that are folded beside, at least */
#define WRITE_ROWS 8000	 /* about: what is written in one transaction */
#define STEPS 3		 /* one is written while the others are folded */
#define WAIT_MS 5000	 /* for a connection to read with */
#define AGAIN 2		 /* somebody was erased since the snapshot, whose facts it may hold */

/* Customers who are folded together. Where they have many records, some at a time: those in
 * [from, upto), from one snapshot. */
struct step {
	struct run *run;
	struct touched v[STEP_CUSTOMERS];
	size_t n, from, upto;
	int64_t after;	  /* whoever comes before them was in the step or the part before */
	int64_t erasures; /* until the snapshot */
	/* The sheaf is written whole while nobody else writes: since this version (-1: not begun).
	 */
	bool whole;
	int64_t version;
	struct person who[STEP_CUSTOMERS];
	struct crowd crowd; /* their records, found one by one */
	bool holding;	    /* their records are held */
	struct held held;
	struct fold *fold; /* of one after the other */
	struct sheaf *sheaf;
	struct event scratch;
	struct store *reader; /* a connection to fold from beside the writer; NULL: the writer's */
	struct job *job;
	bool beside; /* it is being folded there */
	int status;
	struct buf err;
};

struct run {
	struct refold *r;
	bool touched;	      /* only those */
	size_t touched_n;     /* how many they are */
	const int64_t *these; /* only they; NULL: all */
	size_t these_n;
	int64_t as_of;
	int64_t after;		 /* the last customer that was listed */
	size_t most;		 /* customers of a step */
	bool blocks;		 /* they are made of what is folded */
	bool alone;		 /* no connection beside can be had */
	struct harvest *harvest; /* of all records; NULL: those of a step are looked up */
	struct progress progress;
	struct step step[STEPS];
};

/* ---- listing ---- */

static void list_these(const struct run *x, struct step *p)
{
	size_t low = 0, high = x->these_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (x->these[mid] <= x->after)
			low = mid + 1;
		else
			high = mid;
	}
	for (p->n = 0; low < x->these_n && p->n < x->most; low++)
		p->v[p->n++] = (struct touched){x->these[low], 0};
}

static int list_harvest(struct run *x, struct step *p, struct buf *err)
{
	p->n = x->most;
	p->holding = true;
	p->erasures = harvest_erasures(x->harvest);
	return harvest_next(x->harvest, &p->held, p->v, &p->n, STEP_RECORDS, err);
}

/* Before the snapshot: whoever is touched again between both is touched still. */
static int look_up(struct run *x, struct step *p, struct buf *err)
{
	int status = store_read_begin(x->r->store, err);

	if (status < 0)
		return status;
	if (x->these)
		list_these(x, p);
	else
		status = facts_touched(x->r->store, x->after, p->v, x->most, &p->n, err);
	store_read_end(x->r->store);
	return status;
}

static int list(struct run *x, struct step *p, struct buf *err)
{
	int status;

	p->n = p->from = p->upto = 0;
	p->after = x->after;
	status = x->harvest ? list_harvest(x, p, err) : look_up(x, p, err);
	if (p->n)
		x->after = p->v[p->n - 1].customer;
	return status;
}

/* ---- folding ---- */

static bool is_there(const struct person *who)
{
	return who->ident || who->session;
}

static int fold_one(struct step *p, struct store *from, size_t i, struct buf *err)
{
	const struct person *who = &p->who[p->from + i];
	int status;

	if (!p->fold)
		p->fold = fold_new(p->run->r->ontology);
	fold_clear(p->fold, who->ident != 0);
	status = p->holding ? held_load(&p->held, i, p->fold, &p->scratch, err)
			    : journey_load_of(
				      from, &p->crowd, i, p->run->as_of, p->fold, &p->scratch, err);
	fold_link(p->fold);
	fold_entities(p->fold);
	sheaf_add(p->sheaf, p->v[p->from + i].customer, is_there(who) ? p->fold : NULL);
	fold_spare(&p->fold);
	return status;
}

static int find_people(struct step *p, struct store *from, struct buf *err)
{
	int status = 0;

	for (size_t i = p->from; i < p->n && status == 0; i++)
		status = past_person(from, p->v[i].customer, p->run->as_of, &p->who[i], err);
	/* Who came to be since the records were read is touched. */
	for (size_t i = 0; i < p->n && p->holding; i++)
		if (!held_count(&p->held, i))
			p->who[i] = (struct person){0, 0};
	return status;
}

/* From p->from on, as many as have not too many records. */
static int fold_some(struct step *p, struct store *from, struct buf *err)
{
	size_t n = p->n - p->from, records = 0, i;
	int status = find_people(p, from, err);

	sheaf_clear(p->sheaf);
	if (status == 0 && !p->holding)
		status = crowd_find(from, &p->who[p->from], &n, p->run->as_of, &p->crowd, err);
	for (i = 0; i < n && status == 0; i++) {
		records += p->holding ? 0 : crowd_count(&p->crowd, i);
		if (i && records > STEP_RECORDS)
			break;
		status = fold_one(p, from, i, err);
	}
	p->upto = p->from + i;
	if (status == 0 && p->run->blocks)
		sheaf_pack(p->sheaf);
	return status;
}

static int fold_from(struct step *p, struct store *from)
{
	struct buf *err = &p->err;

	buf_clear(err);
	p->status = store_read_begin(from, err);
	if (p->status < 0)
		return p->status;
	if (!p->holding)
		p->status = erase_count(from, &p->erasures, err);
	if (p->status == 0)
		p->status = fold_some(p, from, err);
	store_read_end(from);
	return p->status;
}

static int fold_beside(void *ctx)
{
	struct step *p = ctx;

	return fold_from(p, p->reader);
}

static bool open_beside(struct run *x, struct step *p)
{
	struct buf err = BUF_INIT;

	if (!p->reader && !x->alone)
		x->alone = store_open(&p->reader, store_name(x->r->store), STORE_READ, WAIT_MS,
				   &err) < 0;
	if (p->reader && !p->job)
		p->job = job_new();
	buf_release(&err);
	return p->reader != NULL;
}

/* Has the next of a step folded: beside where they are not few. */
static void fold_next(struct run *x, struct step *p)
{
	if (p->upto)
		p->after = p->v[p->upto - 1].customer;
	p->from = p->upto;
	p->beside = p->n - p->from >= STEP_BESIDE && open_beside(x, p);
	if (p->beside)
		job_start(p->job, fold_beside, p);
}

static int start(struct run *x, struct step *p, struct buf *err)
{
	int status = list(x, p, err);

	/* Once it is begun, another thread may say how it went. */
	p->status = status;
	if (status == 0 && p->n)
		fold_next(x, p);
	return status;
}

/* Until it is folded. */
static int finish(struct step *p, struct buf *err)
{
	if (p->beside)
		job_wait(p->job);
	else if (p->status == 0)
		fold_from(p, p->run->r->store);
	p->beside = false;
	if (p->status < 0)
		buf_put(err, buf_str(&p->err));
	return p->status;
}

/* ---- writing ---- */

/* Facts of customers who have none, all at once. */
static int write_fresh(struct step *p, size_t from, size_t upto, struct buf *err)
{
	const struct refold *r = p->run->r;
	int status =
		facts_add(r->store, r->generation, p->sheaf, from - p->from, upto - p->from, err);

	for (size_t i = from; i < upto && p->run->touched && status == 0; i++)
		status = blocks_void(r->store, r->generation, p->v[i].customer, err);
	return status;
}

/*
 * A customer who is gone since the snapshot is not written into a generation that is built: an
 * update may have seen to her already, there too. The others have nothing in it yet. first: from
 * whom on they are to be written.
 */
static int write_built(struct step *p, size_t *first, size_t i, struct buf *err)
{
	const struct refold *r = p->run->r;
	struct person who;
	int status = past_person(r->store, p->v[i].customer, p->run->as_of, &who, err);
	bool there = is_there(&p->who[i]);

	if (status < 0)
		return status;
	p->whole &= there == is_there(&who);
	if (there && is_there(&who))
		return 0;
	status = write_fresh(p, *first, i, err);
	*first = i + 1;
	return status < 0 ? status : facts_remove(r->store, r->generation, p->v[i].customer, err);
}

static int replace(struct step *p, const struct facts_state *now, size_t i, struct buf *err)
{
	const struct refold *r = p->run->r;
	int status = facts_replace(r->store, r->generation, p->sheaf, i - p->from, err);

	if (status == 0 && !is_there(&p->who[i]) && now->building > now->generation)
		status = facts_remove(r->store, now->building, p->v[i].customer, err);
	return status;
}

/* Who is touched no more was folded by another update meanwhile, perhaps from a later snapshot.
 * first: from whom on they have nothing yet and are to be written. */
static int write_updated(
	struct step *p, const struct facts_state *now, size_t *first, size_t i, struct buf *err)
{
	const struct refold *r = p->run->r;
	int status = facts_still_touched(r->store, p->v[i].customer, err);
	bool touched = status == 1, none = false;

	p->whole &= touched;
	status = status < 0 ? status : 0;
	if (touched && is_there(&p->who[i]))
		status = facts_none(r->store, r->generation, p->v[i].customer, &none, err);
	if (status == 0 && !none) {
		status = write_fresh(p, *first, i, err);
		*first = i + 1;
	}
	if (status == 0 && touched && !none)
		status = replace(p, now, i, err);
	return status < 0 || !touched ? status : facts_done(r->store, &p->v[i], err);
}

/* Whether facts of this generation are still wanted from us: REFOLD_MOVED where not. */
static int stands(const struct refold *r, struct facts_state *now, struct buf *err)
{
	int status = facts_place(r->store, r->ontology, now, err);
	bool same = r->building ? now->building == r->generation
				: now->generation == r->generation && now->same_ontology;

	return status < 0 || (same && now->same_layout) ? status : REFOLD_MOVED;
}

static int see_version(struct step *p, struct buf *err)
{
	int64_t version = 0;
	int status = store_version(p->run->r->store, &version, err);

	p->whole &= p->version < 0 || p->version == version;
	p->version = version;
	return status;
}

/* A block of them all, once they are written. */
static int make_block(struct step *p, struct buf *err)
{
	const struct refold *r = p->run->r;

	return p->run->blocks && p->whole
		       ? blocks_put(r->store, r->generation, p->after, p->sheaf, err)
		       : 0;
}

/* From *at on, as many as one transaction takes. */
static int write_in(struct step *p, size_t *at, struct buf *err)
{
	const struct refold *r = p->run->r;
	struct facts_state now;
	int64_t erasures = 0;
	size_t rows = 0, first = *at;
	int status = stands(r, &now, err);

	if (status == 0)
		status = see_version(p, err);
	if (status == 0)
		status = erase_count(r->store, &erasures, err);
	if (status == 0 && erasures != p->erasures)
		status = AGAIN;
	for (; *at < p->upto && rows < WRITE_ROWS && status == 0; ++*at) {
		rows += sheaf_rows(p->sheaf, *at - p->from);
		status = p->run->touched ? write_updated(p, &now, &first, *at, err)
					 : write_built(p, &first, *at, err);
	}
	if (status == 0)
		status = write_fresh(p, first, *at, err);
	return status == 0 && *at >= p->upto ? make_block(p, err) : status;
}

static int write_some(struct step *p, size_t *at, struct buf *err)
{
	struct store *s = p->run->r->store;
	size_t next = *at;
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = write_in(p, &next, err);
	if (status != 0) {
		store_rollback(s);
		return status;
	}
	status = store_commit(s, err);
	*at = status == 0 ? next : *at;
	return status;
}

/* Those that were folded. */
static int write_folded(struct step *p, struct buf *err)
{
	size_t at = p->from;
	int status = 0;

	p->whole = true;
	p->version = -1;
	while (at < p->upto && status == 0) {
		status = write_some(p, &at, err);
		if (status == AGAIN) {
			p->holding = false;
			status = finish(p, err);
		}
	}
	p->run->r->folded += status == 0 ? p->upto - p->from : 0;
	progress_step(&p->run->progress, p->run->r->folded);
	return status;
}

/* Waits for a step, and writes it. */
static int write_step(struct run *x, struct step *p, struct buf *err)
{
	int status = finish(p, err);

	if (status == 0)
		status = write_folded(p, err);
	while (status == 0 && p->upto < p->n) {
		fold_next(x, p);
		status = finish(p, err);
		if (status == 0)
			status = write_folded(p, err);
	}
	return status;
}

/* ---- both ---- */

/* While a step is written, those behind it are folded. */
static int run_steps(struct run *x, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < STEPS && status == 0; i++)
		status = start(x, &x->step[i], err);
	for (size_t i = 0; status == 0 && x->step[i].n; i = (i + 1) % STEPS) {
		struct step *p = &x->step[i];

		status = write_step(x, p, err);
		if (status == 0)
			status = start(x, p, err);
	}
	for (size_t i = 0; i < STEPS; i++)
		job_wait(x->step[i].job);
	return status;
}

/* Where the first facts of a generation are made of all customers. */
static int see_blocks(struct run *x, struct buf *err)
{
	size_t share = x->touched_n / 2 / STEPS;
	int status = 0;

	if (x->as_of == INT64_MAX && !x->these && store_writable(x->r->store))
		status = blocks_none(x->r->store, x->r->generation, &x->blocks, err);
	x->most = STEP_CUSTOMERS;
	if (x->touched && !x->blocks && share < STEP_CUSTOMERS)
		x->most = share > STEP_TOUCHED ? share + 1 : STEP_TOUCHED;
	return status;
}

static int run(struct refold *r, const struct run *how, struct buf *err)
{
	struct run *x = mem_zero(1, sizeof(*x));
	int status;

	*x = *how;
	x->r = r;
	for (size_t i = 0; i < STEPS; i++) {
		x->step[i].run = x;
		x->step[i].sheaf = sheaf_new();
		event_init(&x->step[i].scratch);
		buf_init(&x->step[i].err);
	}
	progress_begin(&x->progress, "customers", false);
	status = see_blocks(x, err);
	if (status == 0)
		status = run_steps(x, err);
	progress_end(&x->progress);
	for (size_t i = 0; i < STEPS; i++) {
		job_free(x->step[i].job);
		store_close(x->step[i].reader);
		fold_free(x->step[i].fold);
		sheaf_free(x->step[i].sheaf);
		crowd_release(&x->step[i].crowd);
		held_release(&x->step[i].held);
		event_release(&x->step[i].scratch);
		buf_release(&x->step[i].err);
	}
	free(x);
	return status;
}

/* All records are read, since all of them, or most, are asked for. */
static int run_harvest(struct refold *r, bool touched, struct buf *err)
{
	struct run how = {.as_of = INT64_MAX, .touched = touched};
	int status = harvest_open(&how.harvest, r->store, touched, err);

	if (status == 0)
		status = run(r, &how, err);
	harvest_free(how.harvest);
	return status;
}

int refold_all(struct refold *r, struct buf *err)
{
	return run_harvest(r, false, err);
}

int refold_these(
	struct refold *r, const int64_t *customers, size_t n, int64_t as_of, struct buf *err)
{
	const struct run how = {.as_of = as_of, .these = customers, .these_n = n};

	/* Of nobody there is nothing, which is not all. */
	return n ? run(r, &how, err) : 0;
}

int refold_touched(struct refold *r, struct buf *err)
{
	bool most = false;
	int64_t n = 0;
	int status = store_read_begin(r->store, err);

	if (status == 0)
		status = facts_touched_count(r->store, &n, &most, err);
	store_read_end(r->store);
	if (status < 0)
		return status;
	return most ? run_harvest(r, true, err)
		    : run(r,
			      &(struct run){
				      .as_of = INT64_MAX, .touched = true, .touched_n = (size_t)n},
			      err);
}
