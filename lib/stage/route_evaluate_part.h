/* What the files of jroute evaluate share. Nobody else includes it. */
#ifndef STAGE_ROUTE_EVALUATE_PART_H
#define STAGE_ROUTE_EVALUATE_PART_H

#include "base/map.h"
#include "core/offpolicy.h"
#include "stage/route_evaluate.h"
#include "stage/situation.h"

/* Columns of a contact that outcomes are made of; ms, and has: it is there. */
enum contact_time { STARTED, ENDED, FIRST_IN, USEFUL, CLOSED, NEXT_MATTER, WITHIN, CONTACT_TIMES };

struct contact_fact {
	int64_t at[CONTACT_TIMES];
	bool has[CONTACT_TIMES];
	int64_t conversation;
	bool taken; /* a decision of it was taken already: one outcome counts once */
};

struct routed_queue {
	char *queue;
	uint64_t taken, would;
};

struct evaluating {
	struct route_evaluate *of;
	struct situation situation;
	struct map conversations;      /* source and session -> number + 1 */
	struct contact_fact *contacts; /* by conversation and beginning */
	size_t contact_n, contact_cap;
	int64_t horizon; /* of the latest contact's end: what came after is not known */
	struct map action_of, group_of; /* -> number + 1 */
	struct routed_queue *actions;
	size_t action_n, action_cap;
	size_t group_n;
	struct would {
		uint32_t action, group; /* numbers + 1; 0: not decided */
	} * would;			/* by sequence */
	size_t would_n, would_cap;
	struct offpolicy_row *rows;
	size_t row_n, row_cap;
	/* Decisions: all; without propensity; of no contact or event; of one that counts already;
	 * whose outcome is not known yet or never; that the new rules send where they could not
	 * have gone. */
	uint64_t decisions, plain, lost, again, unknown, uncovered, failed;
	struct buf key;
	int status;
};

/* Reads the contacts. Status as the store's. */
int evaluating_contacts(struct evaluating *e, struct buf *err);
struct contact_fact *evaluating_contact(struct evaluating *e, const struct event *ev);
/* Whether the outcome is known, and which it was. */
bool evaluating_outcome(const struct evaluating *e, const struct contact_fact *c, double *outcome);
int evaluating_tell(
	struct evaluating *e, const struct offpolicy *o, struct str refused, struct buf *err);
const char *route_outcome_name(enum route_outcome o);

#endif
