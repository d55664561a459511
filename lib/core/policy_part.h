/* What reading and ruling share. Nobody else includes it. */
#ifndef CORE_POLICY_PART_H
#define CORE_POLICY_PART_H

#include "base/map.h"
#include "core/conditions.h"
#include "core/policy.h"

#define POLICIES_MAX 1000 /* of one run */

/* What the conditions of a group read, by name. */
struct input {
	char *name;	/* a column, or a call as it is written */
	struct buf key; /* the same as JSON has it: a comma before it, a colon behind */
	int number;	/* of its value among the group's conditions */
};

struct asked {
	const struct policy *policy;
	int when, limit; /* numbers of its conditions; limit -1: none */
	double most;	 /* what its limit gave when it held last */
};

/* The policies that are asked about an action in a region at a time: compiled together, since most
 * events need few of them. */
struct group {
	struct asked *v;
	size_t n, cap;
	struct asked **by_number; /* of a condition; NULL: it is no policy's when */
	struct asked **held;	  /* those that held when they were asked last, in their order */
	size_t held_n;
	struct input *input; /* by name */
	size_t input_n, input_cap;
	struct conditions *conditions;
};

struct policies {
	const struct ontology *ontology;
	struct policy *v;
	size_t n, cap;
	struct yaml **root; /* of the files */
	size_t root_n, root_cap;
	char **path;
	size_t path_n, path_cap;
	struct map actions, regions; /* that some policy names: to a number from 1 */
	int64_t *edge;		     /* times at which one begins or ends to hold, ascending */
	size_t edge_n, edge_cap;
	bool by_region;		/* some policy has regions */
	struct conditions *all; /* every condition: for its errors at load, and for checks */
	int *number;		/* by policy: of its condition in all; -1: it has none */
	size_t number_n, number_cap;
	struct map groups;  /* struct group_key -> struct group */
	struct group *last; /* the one that ruled last */
};

/* Visits the calls of functions of the event and the customer, as they are written; the same may
 * come twice. Of an expression that compiles. */
void policy_calls(const char *sql, void (*visit)(void *ctx, struct str call), void *ctx);
void policy_group_free(struct group *g);

#endif
