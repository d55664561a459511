/*
 * A discrete-event simulation of contacts that wait in queues for agents: priority queues, skills,
 * shifts, targets that relax with the wait, customers who leave. Times are seconds since the run's
 * beginning. It draws from numbers that belong to the contact (its place in the run), so that other
 * rules or other staff see the same customers with the same work and the same patience.
 *
 * Who comes next: of the contacts that an agent may take the one with the lowest priority number,
 * among these the one that came first. Who takes a contact: the agent who bears the person's name
 * that it should go to, where she is free; else of those who are free and may take it the one with
 * the least work, among these the one who has been so the longest. A contact takes 1 / concurrency
 * of an agent, by its class, and its own handling time however many stand beside it.
 * An agent whose shift ends finishes what she has.
 *
 * With one queue, alike agents, Poisson arrivals and exponential work it is M/M/n (Erlang C); with
 * exponential patience M/M/n+M (Erlang A: Palm 1957; Garnett, Mandelbaum and Reiman, "Designing a
 * call center with impatient customers", 2002). test/erlang.py computes these exactly.
 */
#ifndef CORE_SIMULATE_H
#define CORE_SIMULATE_H

#include "core/staffing.h"

/* Contacts for which the same holds. */
struct simulated_case {
	const struct rule *rule; /* for its steps; borrowed */
	struct target target;	 /* as decided; its texts are the rules' */
	char *person;		 /* whom it should go to; NULL: nobody */
	struct duration handling, patience;
	double answer; /* seconds in which it should be answered; 0: not said */
	size_t class;  /* number in the ontology */
	size_t queue;  /* for who asks; not looked at here */
};

enum simulated_state {
	SIMULATED_COMING,
	SIMULATED_NEVER, /* no agent of the file may take it, at any step: it is not queued */
	SIMULATED_WAITING,
	SIMULATED_HANDLED, /* somebody works at it */
	SIMULATED_SERVED,
	SIMULATED_ABANDONED
};

struct simulated {
	double at;     /* when it comes */
	double waited; /* until it was answered or left; where it waits still, until the end */
	uint32_t of;   /* number of its case */
	uint32_t next, prev, line, step; /* the engine's */
	enum simulated_state state;
};

struct simulated_staff {
	double busy, there; /* agent-seconds between `measure_from` and `measure_to`: of work, a
			       contact being its share of an agent; of presence, with what is
			       finished after a shift */
};

struct simulation; /* made for staff and cases, run any number of times */

struct simulated_span {
	double from, to;
};

struct simulated_run {
	struct simulated *v; /* by `at`; state and waited are filled in */
	size_t n;
	double end; /* nothing happens after it */
	double measure_from, measure_to;
	uint64_t seed;
	struct simulated_staff *staff; /* one for each of the staffing's; filled in */
	/* What was counted as it happened. */
	uint64_t arrived, served, abandoned, never;
};

/* Both are borrowed. `begin`: ms of the runs' second 0; `end` in seconds, for the shifts. Free with
 * simulation_free. */
struct simulation *simulation_new(const struct staffing *of, const struct simulated_case *cases,
	size_t n, int64_t begin, double end);
void simulation_free(struct simulation *s);
void simulation_run(struct simulation *s, struct simulated_run *run);
/* Whether arrivals = served + abandoned + in progress + never routed: what was counted, against the
 * states in which the contacts are. */
bool simulated_conserved(const struct simulated_run *run);
uint64_t simulated_in_progress(const struct simulated_run *run);

#endif
