#include "stage/generate.h"
#include "base/mem.h"
#include "base/when.h"
#include "gen/tally.h"
#include "gen/tell.h"

#include <stdlib.h>

/* Customers by which the number of records of one is estimated, and records that are enough. */
#define SAMPLE 400
#define SAMPLE_RECORDS 40000

struct alive {
	struct plan plan;
	struct voice voice;
	struct exported exported;
	size_t delivered;
};

/* Her next record: by its time, then by her number. */
struct next {
	int64_t at;
	struct alive *who;
};

struct run {
	struct generate *g;
	uint64_t customers; /* how many begin within the span */
	struct next *heap;  /* the next record comes first */
	size_t n, cap;
	int64_t arrives; /* when the next customer begins */
	struct truth truth;
	struct leads leads;
	struct tally *tally;
	struct export *export; /* NULL: records are written */
	struct buf text, line;
	struct line told; /* of the truth */
	uint64_t left;	  /* records that may still be delivered */
	uint64_t number;  /* of the next customer */
};

/* ---- arrivals ---- */

/* Steps in which an hour's weight is told. */
#define STEPS 4096

/* The time of the number-th of all customers: not before that of the one before. */
static int64_t arrival(const struct scenario *s, uint64_t seed, uint64_t number, uint64_t customers)
{
	const struct weights *w = &s->activity;
	uint64_t total = (uint64_t)w->v[w->n - 1] * STEPS, each = total / customers;
	uint64_t i = number < customers ? number : customers - 1, at, width;
	struct random r = random_stream(seed + 6, number);
	size_t low = 0, high = w->n - 1;
	int64_t in;

	at = each * i + total % customers * i / customers;
	at += each ? random_next(&r) % each : 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if ((uint64_t)w->v[mid] * STEPS > at)
			high = mid;
		else
			low = mid + 1;
	}
	width = (uint64_t)scenario_activity(s, low);
	at -= ((uint64_t)w->v[low] - width) * STEPS;
	in = (int64_t)(at / width) * (WHEN_HOUR / 8) / (STEPS / 8);
	return s->start + (int64_t)low * WHEN_HOUR + in - in % s->clock;
}

/* How many customers have about so many records, and a few more. */
static uint64_t estimate(const struct generate *g)
{
	uint64_t records = 0, n = 0, customers;

	while (n < SAMPLE && records < SAMPLE_RECORDS) {
		/* All over the span: who begins late has less time. */
		uint64_t number = n++ * 157 % SAMPLE;
		struct plan p;

		plan_make(&p, g->scenario, g->seed, number,
			arrival(g->scenario, g->seed, number, SAMPLE), UINT64_MAX);
		records += p.delivery_n;
		plan_release(&p);
	}
	customers = records ? g->records * n / records : 0;
	return records ? customers + customers / 50 + 8 : 0;
}

/* ---- the next customer ---- */

static bool more(const struct run *r)
{
	return r->g->records ? r->left > 0 : r->number < r->g->customers;
}

static void await(struct run *r, uint64_t number)
{
	r->number = number;
	r->arrives = arrival(r->g->scenario, r->g->seed, number, r->customers);
}

/* False where she would have no record. */
static bool next_plan(struct run *r, struct plan *p)
{
	plan_make(p, r->g->scenario, r->g->seed, r->number, r->arrives,
		r->g->records ? r->left : UINT64_MAX);
	await(r, r->number + 1);
	r->left -= r->g->records ? p->delivery_n : 0;
	if (p->delivery_n)
		return true;
	plan_release(p);
	return false;
}

/* All plans once, for what has to be known before the first record: when the last event ends. */
static void look_ahead(struct run *r)
{
	struct plan p;

	while (more(r)) {
		if (!next_plan(r, &p))
			continue;
		for (size_t i = 0; i < p.turn_n; i++) {
			int64_t end = p.turns[i].at +
				      (p.turns[i].what == WHAT_CALL ? p.turns[i].duration : 0);

			r->g->horizon = end > r->g->horizon ? end : r->g->horizon;
		}
		plan_release(&p);
	}
	await(r, 0);
	r->left = r->g->records;
}

/* ---- the customers who are alive, by their next record ---- */

static bool before(const struct next *a, const struct next *b)
{
	return a->at != b->at ? a->at < b->at : a->who->plan.number < b->who->plan.number;
}

static void sift_up(struct run *r, size_t i)
{
	struct next n = r->heap[i];

	for (; i && before(&n, &r->heap[(i - 1) / 2]); i = (i - 1) / 2)
		r->heap[i] = r->heap[(i - 1) / 2];
	r->heap[i] = n;
}

static void sift_down(struct run *r)
{
	struct next n = r->heap[0];
	size_t i = 0;

	for (size_t k = 1; k < r->n; i = k, k = 2 * i + 1) {
		if (k + 1 < r->n && before(&r->heap[k + 1], &r->heap[k]))
			k++;
		if (!before(&r->heap[k], &n))
			break;
		r->heap[i] = r->heap[k];
	}
	r->heap[i] = n;
}

static void alive_free(struct alive *a)
{
	exported_release(&a->exported);
	voice_release(&a->voice);
	plan_release(&a->plan);
	free(a);
}

/* ---- running ---- */

static int begin_customer(struct run *r, struct buf *err)
{
	struct alive *a = mem_zero(1, sizeof(*a));
	int status = 0;

	if (!next_plan(r, &a->plan)) {
		free(a);
		return 0;
	}
	voice_make(&a->voice, &a->plan);
	r->g->made++;
	r->g->contacts += a->plan.contact_n;
	r->g->issues += a->plan.issues;
	if (r->g->truth) {
		truth_of(&r->truth, &a->plan);
		leads_of(&r->leads, &r->truth, r->g->horizon);
		tally_add(r->tally, &r->truth, &r->leads);
		status = tell_facts(&r->truth, &r->leads, &a->voice, r->g->horizon, &r->told);
	}
	if (status == 0 && r->export)
		status = export_begin(r->export, &a->plan, &a->voice, &a->exported, err);
	*VEC_ADD(r, heap, n, cap) = (struct next){a->plan.deliveries[0].at, a};
	sift_up(r, r->n - 1);
	return status;
}

static int write_turn(struct run *r, struct alive *a, const struct turn *t, struct buf *err)
{
	if (r->export)
		return export_turn(r->export, &a->plan, &a->voice, &a->exported, t, err);
	buf_clear(&r->line);
	turn_record(&a->plan, &a->voice, t, r->g->labels, &r->text, &r->line);
	r->g->written++;
	return out_record(r->g->out, buf_str(&r->line), err);
}

static int deliver(struct run *r, struct buf *err)
{
	struct alive *a = r->heap[0].who;
	const struct turn *t = &a->plan.turns[a->plan.deliveries[a->delivered].turn];
	int status = write_turn(r, a, t, err);

	if (++a->delivered == a->plan.delivery_n) {
		alive_free(a);
		r->heap[0] = r->heap[--r->n];
	} else {
		r->heap[0].at = a->plan.deliveries[a->delivered].at;
	}
	if (r->n)
		sift_down(r);
	return status;
}

static int run_all(struct run *r, struct buf *err)
{
	int status = 0;

	while (status == 0 && (r->n || more(r))) {
		if (more(r) && (!r->n || r->arrives <= r->heap[0].at))
			status = begin_customer(r, err);
		else
			status = deliver(r, err);
	}
	return status;
}

static int open_exports(struct run *r, struct buf *err)
{
	if (!r->g->as.n)
		return 0;
	r->g->scenario->whole = true;
	r->export = export_open(r->g->scenario, &r->g->as, r->g->folder, err);
	return r->export ? 0 : -1;
}

static int close_exports(struct run *r, struct buf *err)
{
	if (!r->export)
		return 0;
	r->g->written = export_written(r->export);
	r->g->left_out = export_left_out(r->export);
	return export_close(r->export, err);
}

int generate_run(struct generate *g, struct buf *err)
{
	struct run r = {.g = g,
		.left = g->records,
		.truth = TRUTH_INIT,
		.leads = LEADS_INIT,
		.text = BUF_INIT,
		.line = BUF_INIT,
		.told = {.out = g->truth, .text = BUF_INIT, .err = err}};
	int status;

	if (scenario_begin(g->scenario, err) < 0)
		return -1;
	r.customers = g->records ? estimate(g) : g->customers;
	if (r.customers == 0) {
		buf_puts(err, "nobody in the scenario ever says anything");
		return -1;
	}
	if (open_exports(&r, err) < 0)
		return -1;
	await(&r, 0);
	if (g->truth)
		look_ahead(&r);
	r.tally = tally_new(g->scenario, g->horizon);
	status = run_all(&r, err);
	if (status == 0)
		status = close_exports(&r, err);
	if (status == 0 && g->truth)
		status = tally_tell(r.tally, &r.told);
	while (r.n)
		alive_free(r.heap[--r.n].who);
	export_free(r.export);
	free(r.heap);
	truth_release(&r.truth);
	leads_release(&r.leads);
	tally_free(r.tally);
	buf_release(&r.text);
	buf_release(&r.line);
	buf_release(&r.told.text);
	return status;
}
