/*
 * Policy files (jpolicy(5)): what may be done for a customer. Each policy is about actions, in
 * regions and for a time, and its condition is an SQL expression over the event and its customer's
 * context. No condition can read the channel or what gives it away.
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/event.h"
#include "core/findings.h"
#include "core/fold/context.h"
#include "core/ontology.h"
#include "io/yaml.h"

/* The later overrides. */
enum verdict { VERDICT_ALLOW, VERDICT_LIMIT, VERDICT_REVIEW, VERDICT_DEFER, VERDICT_DENY };
#define VERDICTS 5
const char *verdict_name(enum verdict v);

struct policy {
	char *label;			      /* name/version#id */
	struct buf told;		      /* the same as JSON */
	const char *id, *title, *reason;      /* title, reason: NULL where there is none */
	const char *path;		      /* of its file */
	const struct yaml *at, *when, *limit; /* limit: of VERDICT_LIMIT, else NULL */
	const struct yaml *actions, *regions; /* lists; NULL: all */
	const struct yaml *obligations;	      /* a list, or NULL */
	int64_t from, until;		      /* event times, ms; until exclusive */
	enum verdict then;
};

struct policies;

/* Reads all files; a name without a dot or slash is a file of the ontology's folder policies. NULL
 * and "file:line:column: reason" on failure. The ontology must outlive them. Free with
 * policies_free. */
struct policies *policies_read(
	const char *const *paths, size_t n, const struct ontology *o, struct buf *err);
void policies_free(struct policies *p); /* NULL is allowed */
size_t policies_count(const struct policies *p);
const struct policy *policies_at(const struct policies *p, size_t i);
/* Whether a policy is about the action, which the event need not be. */
bool policy_about(const struct policy *p, struct str action);
/* Whether it covers a region ("BR" covers "BR-SP"); one without regions covers all. */
bool policy_covers(const struct policy *p, struct str region);

/* Says which of the context's columns some policy reads. */
void policies_want(const struct policies *p, bool wanted[CONTEXT_COUNT]);

/* What the policies say of an action. Borrowed until the next ruling. */
struct ruling {
	enum verdict verdict;
	bool limited;		  /* a limit determined it */
	double limit;		  /* the least one, where limited */
	int64_t until;		  /* of a deferral: ms */
	const struct policy **by; /* those that determined it, in the order of their files */
	size_t by_n, by_cap;
	struct buf inputs; /* what the conditions read: a JSON object, canonical */
	struct buf failed; /* why a condition could not be evaluated; the verdict is review */
};
void ruling_init(struct ruling *r);
void ruling_release(struct ruling *r);

/*
 * Rules on the event's action by the policies in force at its time and in its region (else her
 * region as the context says). Deny overrides a deferral, that a review, review a limit, a limit an
 * allowance; none that holds is review, as is a failure. A limit that leaves nothing is a denial,
 * and one that the amount does not exceed an allowance. A deferral is until the first full hour of
 * her clock at which, all else left as it is, no policy defers; where there is none within a week
 * it is a denial.
 */
void policies_rule(struct policies *p, const struct event *ev, const struct context *context,
	struct ruling *out);
/*
 * What can be said of the policies without events, from cases made of the constants in their
 * conditions: conditions that never hold, or always; an allowance and a denial of the same case;
 * consequential actions that no policy is about.
 */
void policies_check(struct policies *p, struct findings *out);
/* After policies_rule: whether each that was asked held, in their order. For looking into it. */
typedef void policies_visit(void *ctx, const struct policy *p, bool held);
void policies_asked(const struct policies *p, policies_visit *visit, void *ctx);

#endif
