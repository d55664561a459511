#include "core/simulate.h"
#include "base/heap.h"
#include "base/mem.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>

#define NONE UINT32_MAX
#define ROUNDING 1e-9 /* of sums of shares */

enum happening { COMES, LEAVES, RELAXES, IS_DONE, SHIFT_BEGINS, SHIFT_ENDS };

/* Contacts that the same agents may take with the same priority, the first that came first. */
struct line {
	const char *queue;
	const struct patterns *skills;
	enum agent_kind kind;
	int64_t priority;
	size_t class;
	bool *open; /* by staff: whether they may take from it */
	bool reachable;
	uint32_t head, tail; /* the run's */
};

struct agent {
	uint32_t staff;
	uint32_t n;  /* contacts at hand */
	double load; /* their shares of her: 1 is all of her */
	bool there;
	double since;	/* when the load last changed */
	double counted; /* up to when her time is counted */
};

struct simulation {
	const struct staffing *staffing;
	const struct simulated_case *cases;
	struct spans *shifts; /* by staff, ms since the beginning */
	struct line *lines;
	size_t line_n, line_cap;
	uint32_t *line_of;  /* by case and step */
	size_t *first_step; /* by case: where its lines begin in line_of */
	struct agent *agents;
	size_t agent_n;
	size_t *first_agent; /* by staff */
	uint32_t *worker;    /* by contact: who has it */
	size_t worker_cap;
	struct heap heap;
	struct simulated_run *run;
	double now;
};

/* ---- who may take what ---- */

static bool among(const struct patterns *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], name) == 0)
			return true;
	return false;
}

static bool may_take(const struct staff *s, const struct line *l)
{
	if ((l->kind != AGENT_ANY && l->kind != s->kind) ||
		(s->queues.n && !among(&s->queues, l->queue)))
		return false;
	for (size_t i = 0; i < l->skills->n; i++)
		if (!among(&s->skills, l->skills->v[i]))
			return false;
	return true;
}

static bool same_skills(const struct patterns *a, const struct patterns *b)
{
	for (size_t i = 0; a->n == b->n && i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return a->n == b->n;
}

static uint32_t line_for(struct simulation *s, const struct line *want)
{
	struct line *l;

	for (size_t i = 0; i < s->line_n; i++) {
		l = &s->lines[i];
		if (l->kind == want->kind && l->priority == want->priority &&
			l->class == want->class && strcmp(l->queue, want->queue) == 0 &&
			same_skills(l->skills, want->skills))
			return (uint32_t)i;
	}
	l = VEC_ADD(s, lines, line_n, line_cap);
	*l = *want;
	l->open = mem_zero(s->staffing->staff_n, sizeof(*l->open));
	for (size_t i = 0; i < s->staffing->staff_n; i++) {
		l->open[i] = may_take(&s->staffing->staff[i], l);
		l->reachable |= l->open[i];
	}
	return (uint32_t)(s->line_n - 1);
}

/* The lines in which a case stands, by step; what a step does not say it keeps. */
static void lay_lines(struct simulation *s, size_t i)
{
	const struct simulated_case *c = &s->cases[i];
	struct line at = {.queue = c->target.queue,
		.skills = &c->target.skills,
		.kind = c->target.agent,
		.priority = c->target.priority,
		.class = c->class};
	uint32_t *out = s->line_of + s->first_step[i];

	*out++ = line_for(s, &at);
	for (size_t k = 0; k < c->rule->relax_n; k++) {
		const struct target *to = &c->rule->relax[k].to;

		at.queue = to->queue ? to->queue : at.queue;
		at.skills = to->has_skills ? &to->skills : at.skills;
		at.kind = to->agent ? to->agent : at.kind;
		at.priority = to->priority ? to->priority : at.priority;
		*out++ = line_for(s, &at);
	}
}

static bool reachable(const struct simulation *s, const struct simulated *c)
{
	size_t first = s->first_step[c->of], n = s->cases[c->of].rule->relax_n + 1;

	for (size_t i = 0; i < n; i++)
		if (s->lines[s->line_of[first + i]].reachable)
			return true;
	return false;
}

static void lay_agents(struct simulation *s)
{
	const struct staffing *of = s->staffing;

	s->first_agent = mem_zero(of->staff_n + 1, sizeof(*s->first_agent));
	for (size_t i = 0; i < of->staff_n; i++)
		s->first_agent[i + 1] = s->first_agent[i] + (size_t)of->staff[i].count;
	s->agent_n = s->first_agent[of->staff_n];
	s->agents = mem_zero(s->agent_n, sizeof(*s->agents));
	for (size_t i = 0; i < of->staff_n; i++)
		for (size_t k = s->first_agent[i]; k < s->first_agent[i + 1]; k++)
			s->agents[k].staff = (uint32_t)i;
}

struct simulation *simulation_new(const struct staffing *of, const struct simulated_case *cases,
	size_t n, int64_t begin, double end)
{
	struct simulation *s = mem_zero(1, sizeof(*s));
	size_t steps = 0;

	s->staffing = of;
	s->cases = cases;
	s->shifts = mem_zero(of->staff_n, sizeof(*s->shifts));
	for (size_t i = 0; i < of->staff_n; i++)
		staffing_spans(
			&of->staff[i], begin, begin + (int64_t)ceil(end * 1000), &s->shifts[i]);
	for (size_t i = 0; i < of->staff_n; i++)
		for (size_t k = 0; k < s->shifts[i].n; k++) {
			s->shifts[i].v[k].from -= begin;
			s->shifts[i].v[k].to -= begin;
		}
	s->first_step = mem_zero(n + 1, sizeof(*s->first_step));
	for (size_t i = 0; i < n; i++) {
		s->first_step[i] = steps;
		steps += cases[i].rule->relax_n + 1;
	}
	s->line_of = mem_zero(steps + 1, sizeof(*s->line_of));
	for (size_t i = 0; i < n; i++)
		lay_lines(s, i);
	lay_agents(s);
	return s;
}

void simulation_free(struct simulation *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->staffing->staff_n; i++)
		free(s->shifts[i].v);
	for (size_t i = 0; i < s->line_n; i++)
		free(s->lines[i].open);
	free(s->shifts);
	free(s->lines);
	free(s->line_of);
	free(s->first_step);
	free(s->agents);
	free(s->first_agent);
	free(s->worker);
	heap_release(&s->heap);
	free(s);
}

/* ---- chance ---- */

/* The lognormal has the mean and the standard deviation that the file says: s^2 = ln(1 + (sd /
 * mean)^2), m = ln mean - s^2 / 2. The normal is Box and Muller's (1958). */
static double draw(const struct duration *d, struct random *r)
{
	double u = random_unit(r), v = random_unit(r), ratio = d->sd / d->mean, s2;

	if (d->kind == DURATION_NONE)
		return INFINITY;
	if (d->kind == DURATION_EXPONENTIAL)
		return -d->mean * log(u);
	s2 = log1p(ratio * ratio);
	return exp(log(d->mean) - s2 / 2 + sqrt(s2) * sqrt(-2 * log(u)) * cos(2 * M_PI * v));
}

/* What belongs to a contact: first its patience, then its work. */
static double draw_for(const struct simulation *s, uint32_t c, bool work)
{
	struct random r = random_stream(s->run->seed, 2 * (uint64_t)c + work);
	const struct simulated_case *of = &s->cases[s->run->v[c].of];

	return draw(work ? &of->handling : &of->patience, &r);
}

/* ---- presence and work ---- */

/* Counts what the agent did since she was last counted, within the span that is measured. */
static void count_time(struct simulation *s, struct agent *a)
{
	double from = fmax(a->counted, s->run->measure_from);
	double to = fmin(s->now, s->run->measure_to);

	a->counted = s->now;
	if (to <= from)
		return;
	s->run->staff[a->staff].busy += (to - from) * a->load;
	s->run->staff[a->staff].there += a->there || a->n ? to - from : 0;
}

/* What a contact of the class takes of her. */
static double share_of(const struct simulation *s, const struct agent *a, size_t class)
{
	return 1 / (double)s->staffing->staff[a->staff].concurrency[class];
}

static bool is_free(const struct simulation *s, const struct agent *a, size_t class)
{
	return a->there && a->load + share_of(s, a, class) <= 1 + ROUNDING;
}

/* ---- lines ---- */

/* In the order in which they came: one that changes its line goes before those that came later. */
static void join(struct simulation *s, uint32_t c, uint32_t line)
{
	struct simulated *v = s->run->v;
	struct line *l = &s->lines[line];
	uint32_t after = l->tail;

	while (after != NONE && after > c)
		after = v[after].prev;
	v[c].line = line;
	v[c].prev = after;
	v[c].next = after == NONE ? l->head : v[after].next;
	*(v[c].prev == NONE ? &l->head : &v[v[c].prev].next) = c;
	*(v[c].next == NONE ? &l->tail : &v[v[c].next].prev) = c;
}

static void leave_line(struct simulation *s, uint32_t c)
{
	struct simulated *v = s->run->v;
	struct line *l = &s->lines[v[c].line];

	*(v[c].prev == NONE ? &l->head : &v[v[c].prev].next) = v[c].next;
	*(v[c].next == NONE ? &l->tail : &v[v[c].next].prev) = v[c].prev;
}

/* ---- who takes what ---- */

static void begin_work(struct simulation *s, struct agent *a, uint32_t c)
{
	struct simulated *one = &s->run->v[c];

	leave_line(s, c);
	one->state = SIMULATED_HANDLED;
	one->waited = s->now - one->at;
	count_time(s, a);
	a->n++;
	a->load += share_of(s, a, s->lines[one->line].class);
	a->since = s->now;
	s->worker[c] = (uint32_t)(a - s->agents);
	heap_put(&s->heap, s->now + draw_for(s, c, true), IS_DONE, c);
}

static bool better(const struct simulation *s, const struct agent *a, const struct agent *than,
	const char *person)
{
	if (!than)
		return true;
	if (person) {
		bool is = strcmp(s->staffing->staff[a->staff].id, person) == 0;
		bool was = strcmp(s->staffing->staff[than->staff].id, person) == 0;

		if (is != was)
			return is;
	}
	if (fabs(a->load - than->load) > ROUNDING)
		return a->load < than->load;
	return a->since < than->since;
}

static struct agent *find_agent(struct simulation *s, uint32_t c)
{
	const struct line *l = &s->lines[s->run->v[c].line];
	const char *person = s->cases[s->run->v[c].of].person;
	struct agent *found = NULL;

	for (size_t i = 0; i < s->staffing->staff_n; i++)
		for (size_t k = s->first_agent[i]; l->open[i] && k < s->first_agent[i + 1]; k++)
			if (is_free(s, &s->agents[k], l->class) &&
				better(s, &s->agents[k], found, person))
				found = &s->agents[k];
	return found;
}

/* The contact that the agent takes next; NONE: none that waits. */
static uint32_t find_contact(const struct simulation *s, const struct agent *a)
{
	const struct line *best = NULL;

	for (size_t i = 0; i < s->line_n; i++) {
		const struct line *l = &s->lines[i];

		if (l->head == NONE || !l->open[a->staff] || !is_free(s, a, l->class))
			continue;
		if (!best || l->priority < best->priority ||
			(l->priority == best->priority && l->head < best->head))
			best = l;
	}
	return best ? best->head : NONE;
}

static void take_all(struct simulation *s, struct agent *a)
{
	for (uint32_t c = find_contact(s, a); c != NONE; c = find_contact(s, a))
		begin_work(s, a, c);
}

/* ---- what happens ---- */

static void stand(struct simulation *s, uint32_t c)
{
	struct simulated *one = &s->run->v[c];
	const struct rule *rule = s->cases[one->of].rule;
	struct agent *a;

	join(s, c, s->line_of[s->first_step[one->of] + one->step]);
	a = find_agent(s, c);
	if (a)
		begin_work(s, a, c);
	else if (one->step < rule->relax_n)
		heap_put(&s->heap, one->at + (double)rule->relax[one->step].after / 1000, RELAXES,
			c);
}

static void come(struct simulation *s, uint32_t c)
{
	struct simulated *one = &s->run->v[c];
	double patience;

	s->run->arrived++;
	one->step = 0;
	one->state = reachable(s, one) ? SIMULATED_WAITING : SIMULATED_NEVER;
	if (one->state == SIMULATED_NEVER) {
		s->run->never++;
		return;
	}
	stand(s, c);
	if (one->state != SIMULATED_WAITING)
		return;
	patience = draw_for(s, c, false);
	if (isfinite(patience))
		heap_put(&s->heap, s->now + patience, LEAVES, c);
}

static void relax(struct simulation *s, uint32_t c)
{
	leave_line(s, c);
	s->run->v[c].step++;
	stand(s, c);
}

static void leave(struct simulation *s, uint32_t c)
{
	leave_line(s, c);
	s->run->v[c].state = SIMULATED_ABANDONED;
	s->run->v[c].waited = s->now - s->run->v[c].at;
	s->run->abandoned++;
}

static void finish(struct simulation *s, uint32_t c)
{
	struct agent *a = &s->agents[s->worker[c]];

	s->run->v[c].state = SIMULATED_SERVED;
	s->run->served++;
	count_time(s, a);
	a->load -= share_of(s, a, s->lines[s->run->v[c].line].class);
	if (!--a->n)
		a->load = 0;
	a->since = s->now;
	take_all(s, a);
}

static void change_shift(struct simulation *s, uint32_t staff, bool there)
{
	for (size_t i = s->first_agent[staff]; i < s->first_agent[staff + 1]; i++) {
		struct agent *a = &s->agents[i];

		count_time(s, a);
		a->there = there;
		if (there)
			take_all(s, a);
	}
}

static void happen(struct simulation *s, const struct heap_item *what)
{
	bool waits = what->what <= RELAXES && s->run->v[what->of].state == SIMULATED_WAITING;

	switch ((enum happening)what->what) {
	case COMES:
		come(s, what->of);
		/* In their order: one of them is on the heap at a time. */
		if (what->of + 1 < s->run->n)
			heap_put(&s->heap, s->run->v[what->of + 1].at, COMES, what->of + 1);
		return;
	case LEAVES:
		if (waits)
			leave(s, what->of);
		return;
	case RELAXES:
		if (waits)
			relax(s, what->of);
		return;
	case IS_DONE:
		finish(s, what->of);
		return;
	case SHIFT_BEGINS:
	case SHIFT_ENDS:
		change_shift(s, what->of, what->what == SHIFT_BEGINS);
		return;
	}
}

static void prepare(struct simulation *s, struct simulated_run *run)
{
	s->run = run;
	s->now = 0;
	run->arrived = run->served = run->abandoned = run->never = 0;
	for (size_t i = 0; i < run->n; i++)
		run->v[i].state = SIMULATED_COMING;
	for (size_t i = 0; i < s->line_n; i++)
		s->lines[i].head = s->lines[i].tail = NONE;
	for (size_t i = 0; i < s->agent_n; i++)
		s->agents[i] = (struct agent){.staff = s->agents[i].staff};
	memset(run->staff, 0, s->staffing->staff_n * sizeof(*run->staff));
	if (s->worker_cap < run->n)
		s->worker = mem_grow(s->worker, &s->worker_cap, run->n, sizeof(*s->worker));
	heap_clear(&s->heap);
	/* Before the contacts: who comes as a shift begins finds it there. */
	for (size_t i = 0; i < s->staffing->staff_n; i++)
		for (size_t k = 0; k < s->shifts[i].n; k++) {
			const struct span *at = &s->shifts[i].v[k];

			heap_put(&s->heap, (double)at->from / 1000, SHIFT_BEGINS, (uint32_t)i);
			heap_put(&s->heap, (double)at->to / 1000, SHIFT_ENDS, (uint32_t)i);
		}
	if (run->n)
		heap_put(&s->heap, run->v[0].at, COMES, 0);
}

void simulation_run(struct simulation *s, struct simulated_run *run)
{
	struct heap_item what;

	prepare(s, run);
	while (heap_take(&s->heap, &what) && what.at <= run->end) {
		s->now = what.at;
		happen(s, &what);
	}
	s->now = run->end;
	for (size_t i = 0; i < s->agent_n; i++)
		count_time(s, &s->agents[i]);
	for (size_t i = 0; i < run->n; i++)
		if (run->v[i].state == SIMULATED_WAITING)
			run->v[i].waited = run->end - run->v[i].at;
}

uint64_t simulated_in_progress(const struct simulated_run *run)
{
	return run->arrived - run->served - run->abandoned - run->never;
}

bool simulated_conserved(const struct simulated_run *run)
{
	uint64_t in[SIMULATED_ABANDONED + 1] = {0};

	for (size_t i = 0; i < run->n; i++)
		in[run->v[i].state]++;
	return run->arrived == run->n && !in[SIMULATED_COMING] &&
	       in[SIMULATED_SERVED] == run->served && in[SIMULATED_ABANDONED] == run->abandoned &&
	       in[SIMULATED_NEVER] == run->never &&
	       in[SIMULATED_WAITING] + in[SIMULATED_HANDLED] == simulated_in_progress(run);
}
