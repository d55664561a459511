#include "stage/refold.h"
#include "base/job.h"
#include "base/mem.h"
#include "core/journey.h"
#include "core/store/erase.h"
#include "core/store/past.h"

#include <stdlib.h>

#define STEP_CUSTOMERS 128 /* at most, and */
#define STEP_CONTACTS 2000 /* about: what is written in one transaction */
#define WAIT_MS 5000	   /* for a connection to read with */
#define AGAIN 2		   /* somebody was erased since the snapshot, whose facts it may hold */

/* Customers folded from one snapshot, to be written together. */
struct step {
	struct run *run;
	struct touched v[STEP_CUSTOMERS];
	size_t listed, done; /* done: how many of them are folded */
	int64_t before;	     /* the customer after whom they were listed */
	int64_t erasures;    /* until the snapshot */
	struct fold *folds[STEP_CUSTOMERS];
	bool there[STEP_CUSTOMERS];
	struct event scratch;
	int status;
	struct buf err;
};

struct run {
	struct refold *r;
	bool touched;	      /* only those */
	const int64_t *these; /* only they; NULL: all */
	size_t n;
	int64_t as_of;
	struct store *from; /* a connection of the thread beside; NULL: there is none */
	bool alone;	    /* none can be had */
	struct job *job;
	int64_t after; /* the last customer that was folded */
	struct step step[2];
};

/* ---- folding ---- */

static void list_these(struct step *p)
{
	const struct run *x = p->run;
	size_t low = 0, high = x->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (x->these[mid] <= p->before)
			low = mid + 1;
		else
			high = mid;
	}
	for (p->listed = 0; low < x->n && p->listed < STEP_CUSTOMERS; low++)
		p->v[p->listed++] = (struct touched){x->these[low], 0};
}

static int list(struct step *p, struct store *from, struct buf *err)
{
	int64_t customers[STEP_CUSTOMERS];
	int status;

	p->before = p->run->after;
	if (p->run->these) {
		list_these(p);
		return 0;
	}
	if (p->run->touched)
		return facts_touched(from, p->before, p->v, STEP_CUSTOMERS, &p->listed, err);
	status = facts_customers(from, p->before, customers, STEP_CUSTOMERS, &p->listed, err);
	for (size_t i = 0; i < p->listed; i++)
		p->v[i] = (struct touched){customers[i], 0};
	return status;
}

static int fold_one(struct step *p, struct store *from, size_t i, struct buf *err)
{
	struct person who;
	int status = past_person(from, p->v[i].customer, p->run->as_of, &who, err);

	p->there[i] = who.ident || who.session;
	if (status < 0 || !p->there[i])
		return status;
	if (!p->folds[i])
		p->folds[i] = fold_new(p->run->r->ontology);
	fold_clear(p->folds[i], who.ident != 0);
	status = journey_load(from, &who, 0, p->run->as_of, p->folds[i], &p->scratch, err);
	fold_link(p->folds[i]);
	return status;
}

static int fold_listed(struct step *p, struct store *from, struct buf *err)
{
	size_t contacts = 0;
	int status = erase_count(from, &p->erasures, err);

	if (status == 0)
		status = list(p, from, err);
	for (p->done = 0; p->done < p->listed && contacts < STEP_CONTACTS && status == 0;
		p->done++) {
		status = fold_one(p, from, p->done, err);
		if (status == 0 && p->there[p->done])
			contacts += p->folds[p->done]->contact_n;
	}
	if (p->done)
		p->run->after = p->v[p->done - 1].customer;
	return status;
}

static int fold_from(struct step *p, struct store *from)
{
	p->done = p->listed = 0;
	buf_clear(&p->err);
	p->status = store_read_begin(from, &p->err);
	if (p->status < 0)
		return p->status;
	p->status = fold_listed(p, from, &p->err);
	store_read_end(from);
	return p->status;
}

static int fold_beside(void *ctx)
{
	struct step *p = ctx;

	return fold_from(p, p->run->from);
}

/* Whether the next step can be folded beside: where there may be one, and a connection for it. */
static bool open_beside(struct run *x, const struct step *now)
{
	struct buf err = BUF_INIT;

	if (now->done == now->listed && now->listed < STEP_CUSTOMERS)
		return false;
	if (x->alone || x->from)
		return x->from != NULL;
	x->alone = store_open(&x->from, store_name(x->r->store), STORE_READ, WAIT_MS, &err) < 0;
	if (!x->alone && !x->job)
		x->job = job_new();
	buf_release(&err);
	return x->from != NULL;
}

/* ---- writing ---- */

/*
 * A customer who is gone since the snapshot is not written into a generation that is built: an
 * update may have seen to her already, there too.
 */
static int write_built(struct step *p, size_t i, struct buf *err)
{
	const struct refold *r = p->run->r;
	struct person who;
	int status = past_person(r->store, p->v[i].customer, p->run->as_of, &who, err);
	bool there = p->there[i] && (who.ident || who.session);

	return status < 0 ? status
			  : facts_replace(r->store, r->generation, p->v[i].customer,
				    there ? p->folds[i] : NULL, err);
}

static int write_updated(struct step *p, const struct facts_state *now, size_t i, struct buf *err)
{
	const struct refold *r = p->run->r;
	int status = facts_replace(
		r->store, r->generation, p->v[i].customer, p->there[i] ? p->folds[i] : NULL, err);

	if (status == 0 && !p->there[i] && now->building > now->generation)
		status = facts_replace(r->store, now->building, p->v[i].customer, NULL, err);
	return status < 0 ? status : facts_done(r->store, &p->v[i], err);
}

/* Whether facts of this generation are still wanted from us: REFOLD_MOVED where not. */
static int stands(const struct refold *r, struct facts_state *now, struct buf *err)
{
	int status = facts_place(r->store, r->ontology, now, err);
	bool same = r->building ? now->building == r->generation
				: now->generation == r->generation && now->same_ontology;

	return status < 0 || same ? status : REFOLD_MOVED;
}

static int write_in(struct step *p, struct buf *err)
{
	const struct refold *r = p->run->r;
	struct facts_state now;
	int64_t erasures = 0;
	int status = stands(r, &now, err);

	if (status == 0)
		status = erase_count(r->store, &erasures, err);
	if (status == 0 && erasures != p->erasures)
		status = AGAIN;
	for (size_t i = 0; i < p->done && status == 0; i++)
		status = p->run->touched ? write_updated(p, &now, i, err) : write_built(p, i, err);
	return status;
}

static int write_step(struct step *p, struct buf *err)
{
	struct store *s = p->run->r->store;
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = write_in(p, err);
	if (status == 0)
		return store_commit(s, err);
	store_rollback(s);
	return status;
}

/* ---- both ---- */

/* Writes a step while the next is folded. */
static int write_and_fold(struct run *x, struct step *now, struct step *next, struct buf *err)
{
	bool beside = open_beside(x, now);
	int status;

	if (beside)
		job_start(x->job, fold_beside, next);
	status = write_step(now, err);
	if (beside)
		job_wait(x->job);
	if (status == AGAIN) {
		x->after = now->before;
		beside = false;
	} else if (status == 0) {
		x->r->folded += now->done;
	}
	if (status < 0 || status == REFOLD_MOVED)
		return status;
	if (!beside)
		fold_from(next, x->r->store);
	if (next->status < 0)
		buf_put(err, buf_str(&next->err));
	return next->status;
}

static int run(struct refold *r, const struct run *how, struct buf *err)
{
	struct run *x = mem_zero(1, sizeof(*x));
	struct step *now = &x->step[0], *next = &x->step[1], *was;
	int status;

	*x = *how;
	x->r = r;
	for (int i = 0; i < 2; i++) {
		x->step[i].run = x;
		event_init(&x->step[i].scratch);
		buf_init(&x->step[i].err);
	}
	status = fold_from(now, r->store);
	if (status < 0)
		buf_put(err, buf_str(&now->err));
	for (; status == 0 && now->done; was = now, now = next, next = was)
		status = write_and_fold(x, now, next, err);
	job_free(x->job);
	store_close(x->from);
	for (int i = 0; i < 2; i++) {
		for (size_t k = 0; k < STEP_CUSTOMERS; k++)
			fold_free(x->step[i].folds[k]);
		event_release(&x->step[i].scratch);
		buf_release(&x->step[i].err);
	}
	free(x);
	return status;
}

int refold_all(struct refold *r, struct buf *err)
{
	return run(r, &(struct run){.as_of = INT64_MAX}, err);
}

int refold_these(
	struct refold *r, const int64_t *customers, size_t n, int64_t as_of, struct buf *err)
{
	const struct run how = {.as_of = as_of, .these = customers, .n = n};

	/* Of nobody there is nothing, which is not all. */
	return n ? run(r, &how, err) : 0;
}

int refold_touched(struct refold *r, struct buf *err)
{
	return run(r, &(struct run){.as_of = INT64_MAX, .touched = true}, err);
}
