#include "base/mem.h"
#include "base/when.h"
#include "stage/route_simulate_part.h"

#include <math.h>
#include <stdlib.h>

/* s; who came last is still served, by those who are there on the day behind. */
#define TAIL ((double)WHEN_DAY / 1000)

static int by_size(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

static double quantile(const struct load *l, double q)
{
	int64_t rank;
	double weight;

	stat_quantile_at((int64_t)l->wait_n, q, &rank, &weight);
	if (weight <= 0)
		return l->waits[rank - 1];
	return l->waits[rank - 1] * (1 - weight) + l->waits[rank] * weight;
}

static void count_contact(struct load *l, const struct simulated *c, double answer)
{
	bool left = c->state == SIMULATED_ABANDONED;
	bool answered = c->state == SIMULATED_HANDLED || c->state == SIMULATED_SERVED;

	l->came++;
	l->due += answer > 0;
	if (!left && !answered)
		return;
	*VEC_ADD(l, waits, wait_n, wait_cap) = c->waited;
	l->gone += left;
	l->in_time += answer > 0 && answered && c->waited <= answer;
}

/* The figures of one replication; what a queue has none of in it is not counted as 0. */
static void close_load(struct load *l)
{
	double sum = 0;

	stat_mean_add(&l->arrivals, (double)l->came);
	for (size_t i = 0; i < l->wait_n; i++)
		sum += l->waits[i];
	if (l->wait_n) {
		qsort(l->waits, l->wait_n, sizeof(*l->waits), by_size);
		stat_mean_add(&l->wait, sum / (double)l->wait_n);
		stat_mean_add(&l->median, quantile(l, 0.5));
		stat_mean_add(&l->p90, quantile(l, 0.9));
	}
	if (l->came)
		stat_mean_add(&l->abandoned, (double)l->gone / (double)l->came);
	if (l->due)
		stat_mean_add(&l->level, (double)l->in_time / (double)l->due);
	l->wait_n = 0;
	l->came = l->in_time = l->due = l->gone = 0;
}

static void count_run(struct simulating *s, const struct simulated_run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct simulated_case *c = &s->cases[run->v[i].of];

		if (run->v[i].at < run->measure_from)
			continue;
		count_contact(&s->loads[0], &run->v[i], c->answer);
		count_contact(&s->loads[c->queue], &run->v[i], c->answer);
	}
	for (size_t i = 0; i < s->load_n; i++)
		close_load(&s->loads[i]);
	for (size_t i = 0; i < s->of->staffing->staff_n; i++) {
		if (run->staff[i].there > 0)
			stat_mean_add(&s->occupancy[i], run->staff[i].busy / run->staff[i].there);
		stat_mean_add(&s->hours[i], run->staff[i].there / 3600);
	}
	s->arrived += run->arrived;
	s->served += run->served;
	s->abandoned += run->abandoned;
	s->never += run->never;
	s->in_progress += simulated_in_progress(run);
}

static int run_once(struct simulating *s, struct simulation *sim, struct simulated_staff *staff,
	uint64_t replication, struct buf *err)
{
	struct random r = random_stream(~(uint64_t)s->of->seed, replication);
	double last = (double)(s->last_at - s->begin) / 1000;
	struct simulated_run run = {.v = s->v,
		.n = s->n,
		.end = last + TAIL,
		.measure_from = s->warm_up,
		.measure_to = last,
		.seed = random_next(&r),
		.staff = staff};

	simulation_run(sim, &run);
	if (!simulated_conserved(&run)) {
		buf_printf(err,
			"replication %llu: arrivals are not served + abandoned + in "
			"progress + never routed",
			(unsigned long long)replication + 1);
		return STORE_ERROR;
	}
	count_run(s, &run);
	return 0;
}

/* Of a log the contacts are the same in each replication; their work and patience are not. */
static int replicate(struct simulating *s, struct buf *err)
{
	const struct staffing *of = s->of->staffing;
	struct simulated_staff *staff = mem_zero(of->staff_n, sizeof(*staff));
	double end = (double)(s->last_at - s->begin) / 1000 + TAIL;
	struct simulation *sim = NULL;
	size_t known = 0;
	int status = 0;

	for (uint64_t i = 0; i < (uint64_t)s->of->replications && status == 0; i++) {
		if (s->of->from == ARRIVALS_GENERATED)
			status = simulating_generate(s, i, err);
		if (status == 0 && (!sim || known != s->case_n)) {
			simulation_free(sim);
			sim = simulation_new(of, s->cases, s->case_n, s->begin, end);
			known = s->case_n;
		}
		if (status == 0)
			status = run_once(s, sim, staff, i, err);
	}
	simulation_free(sim);
	free(staff);
	return status;
}

static void begin(struct simulating *s)
{
	size_t staff = s->of->staffing->staff_n;

	situation_init(&s->situation);
	VEC_ADD(s, loads, load_n, load_cap);
	s->occupancy = mem_zero(staff, sizeof(*s->occupancy));
	s->hours = mem_zero(staff, sizeof(*s->hours));
}

static void release(struct simulating *s)
{
	for (size_t i = 0; i < s->load_n; i++) {
		free(s->loads[i].queue);
		free(s->loads[i].waits);
	}
	for (size_t i = 0; i < s->case_n; i++)
		free(s->cases[i].person);
	free(s->loads);
	free(s->cases);
	free(s->occupancy);
	free(s->hours);
	free(s->v);
	map_release(&s->case_of);
	map_release(&s->queue_of);
	map_release(&s->last);
	buf_release(&s->key);
	simulating_generate_release(s);
	situation_release(&s->situation);
}

/* What is told is of the contacts that come after the warm-up, so it has to end before they do. */
static int set_warm_up(struct simulating *s, struct buf *err)
{
	int64_t all = s->last_at - s->begin, warm = s->of->warm_up;

	if (warm < 0)
		warm = s->of->from == ARRIVALS_GENERATED ? all / 10 : 0;
	s->warm_up = (double)warm / 1000;
	if (!warm || warm < all)
		return 0;
	buf_puts(err, "the warm-up is longer than contacts come");
	return STORE_ERROR;
}

/* An agent of a queue that there is not would have no work, and nobody would know why. */
static int check_queues(const struct route_simulate *of, struct buf *err)
{
	for (size_t i = 0; i < of->staffing->staff_n; i++) {
		const struct staff *staff = &of->staffing->staff[i];

		for (size_t k = 0; k < staff->queues.n; k++) {
			if (rules_queue_known(of->rules, staff->queues.v[k]))
				continue;
			buf_printf(
				err, "%s:%d:%d: ", of->staffing->path, staff->line, staff->column);
			rules_queue_unknown(of->rules, staff->queues.v[k], err);
			return STORE_ERROR;
		}
	}
	return 0;
}

int route_simulate(struct route_simulate *of, char *const *paths, size_t n, struct buf *err)
{
	struct simulating s = {.of = of,
		.situation = {.ontology = of->ontology, .db = of->db, .wait_ms = of->wait_ms},
		.key = BUF_INIT};
	int status;

	if (check_queues(of, err) < 0)
		return STORE_ERROR;
	begin(&s);
	status = of->from == ARRIVALS_GENERATED ? simulating_generate_begin(&s, err)
						: simulating_read(&s, paths, n, err);
	if (status == 0)
		status = set_warm_up(&s, err);
	if (status == 0)
		status = replicate(&s, err);
	if (status == 0 && simulating_tell(&s, err) < 0)
		status = STORE_ERROR;
	release(&s);
	return status;
}
