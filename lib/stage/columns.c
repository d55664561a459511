#include "stage/columns.h"
#include "base/job.h"
#include "base/mem.h"
#include "base/progress.h"
#include "core/store/alone.h"
#include "core/store/facts.h"
#include "stage/held.h"

#include <stdlib.h>

#define STEPS 3 /* that are folded at a time, each by a thread */

/* Who there is, and of them who has an identifier: bits by customer. */
struct people {
	uint64_t *there, *known;
	size_t n, cap, known_cap;
};

/* Customers who are folded together, into a block. */
struct step {
	struct making *of;
	struct touched v[STEP_CUSTOMERS];
	size_t n;
	struct held held;
	struct fold *fold; /* of one after the other */
	struct event scratch;
	struct sheaf *sheaf;
	struct job *job;
	struct buf err;
};

struct making {
	const struct ontology *ontology;
	struct people people;
	struct harvest *harvest;
	struct alone *alone;
	struct progress progress;
	uint64_t folded;
	struct step step[STEPS];
};

/* ---- people ---- */

static void set(uint64_t *bits, int64_t customer)
{
	bits[customer / 64] |= UINT64_C(1) << customer % 64;
}

static bool is_set(const struct people *p, const uint64_t *bits, int64_t customer)
{
	return (size_t)customer / 64 < p->n && bits[customer / 64] >> customer % 64 & 1;
}

static int take_person(void *ctx, int64_t customer, const struct person *who, struct buf *err)
{
	struct people *p = ctx;
	size_t n = (size_t)customer / 64 + 1;

	(void)err;
	if (n > p->n) {
		p->there = mem_grow(p->there, &p->cap, n, sizeof(*p->there));
		p->known = mem_grow(p->known, &p->known_cap, n, sizeof(*p->known));
		memset(p->there + p->n, 0, (n - p->n) * sizeof(*p->there));
		memset(p->known + p->n, 0, (n - p->n) * sizeof(*p->known));
		p->n = n;
	}
	set(p->there, customer);
	if (who->ident)
		set(p->known, customer);
	return 0;
}

/* ---- folding ---- */

static int fold_one(struct step *p, size_t i)
{
	const struct people *people = &p->of->people;
	int64_t customer = p->v[i].customer;
	int status;

	if (!p->fold)
		p->fold = fold_new(p->of->ontology);
	fold_clear(p->fold, is_set(people, people->known, customer));
	status = held_load(&p->held, i, p->fold, &p->scratch, &p->err);
	fold_link(p->fold);
	sheaf_add(p->sheaf, customer, is_set(people, people->there, customer) ? p->fold : NULL);
	fold_spare(&p->fold);
	return status;
}

static int fold_step(void *ctx)
{
	struct step *p = ctx;
	int status = 0;

	sheaf_clear(p->sheaf);
	for (size_t i = 0; i < p->n && status == 0; i++)
		status = fold_one(p, i);
	sheaf_pack(p->sheaf);
	return status;
}

static int start(struct step *p, struct buf *err)
{
	int status;

	p->n = STEP_CUSTOMERS;
	status = harvest_next(p->of->harvest, &p->held, p->v, &p->n, STEP_RECORDS, err);
	if (status == 0 && p->n && !p->job)
		p->job = job_new();
	if (status == 0 && p->n)
		job_start(p->job, fold_step, p);
	return status;
}

static int finish(struct step *p, bool *fits, struct buf *err)
{
	int status = job_wait(p->job);

	buf_put(err, buf_str(&p->err));
	if (status == 0)
		status = alone_add(p->of->alone, p->sheaf, fits, err);
	p->of->folded += p->n;
	progress_step(&p->of->progress, p->of->folded);
	return status;
}

static int run_steps(struct making *m, struct buf *err)
{
	bool fits = true;
	int status = 0;

	for (size_t i = 0; i < STEPS && status == 0; i++)
		status = start(&m->step[i], err);
	for (size_t i = 0; status == 0 && fits && m->step[i].n; i = (i + 1) % STEPS) {
		status = finish(&m->step[i], &fits, err);
		if (status == 0 && fits)
			status = start(&m->step[i], err);
	}
	return status;
}

/* ---- all ---- */

static struct making *begin(const struct ontology *o)
{
	struct making *m = mem_zero(1, sizeof(*m));

	m->ontology = o;
	for (size_t i = 0; i < STEPS; i++) {
		m->step[i].of = m;
		m->step[i].sheaf = sheaf_new();
		event_init(&m->step[i].scratch);
		buf_init(&m->step[i].err);
	}
	return m;
}

static void end_step(struct step *p)
{
	job_free(p->job);
	held_release(&p->held);
	fold_free(p->fold);
	event_release(&p->scratch);
	sheaf_free(p->sheaf);
	buf_release(&p->err);
}

static void end(struct making *m)
{
	for (size_t i = 0; i < STEPS; i++)
		end_step(&m->step[i]);
	harvest_free(m->harvest);
	alone_free(m->alone);
	free(m->people.there);
	free(m->people.known);
	free(m);
}

/* Before the records are read: what comes between is seen with each block. */
static int look(struct making *m, struct store *s, struct buf *basis, struct buf *err)
{
	int status = store_writable(s) || store_aside(s) ? 0 : facts_temporary(s, err);

	if (status == 0)
		status = store_read_begin(s, err);
	if (status == 0)
		status = alone_basis(s, m->ontology, basis, err);
	if (status == 0)
		status = store_people(s, take_person, &m->people, err);
	store_read_end(s);
	return status;
}

int columns_make(struct store *s, const struct ontology *o, bool *made, struct buf *err)
{
	struct making *m = begin(o);
	struct buf basis = BUF_INIT;
	int status = look(m, s, &basis, err);

	*made = false;
	m->alone = alone_new(s, o, buf_str(&basis));
	if (status == 0)
		status = harvest_open(&m->harvest, s, false, err);
	progress_begin(&m->progress, "customers", false);
	if (status == 0)
		status = run_steps(m, err);
	progress_end(&m->progress);
	if (status == 0)
		status = alone_end(m->alone, made, err);
	end(m);
	buf_release(&basis);
	return status;
}
