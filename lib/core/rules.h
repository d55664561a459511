/*
 * Rule files (jrules(5)): where inbound events go, by ordered rules or by targets that are scored.
 * Conditions and scores are SQL expressions over the event and its customer's context. None can
 * read the channel or what gives it away: such columns are refused when the file is read.
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "core/conditions.h"
#include "core/event.h"
#include "core/fold/context.h"
#include "core/ontology.h"

enum agent_kind { AGENT_ANY, AGENT_BOT, AGENT_AI, AGENT_HUMAN };
const char *agent_kind_name(enum agent_kind kind); /* NULL for AGENT_ANY */

struct target {
	const char *queue; /* NULL in a step that keeps it */
	struct patterns skills;
	bool has_skills; /* a step: they replace those before, also where there are none */
	enum agent_kind agent;
	int64_t priority; /* 1 (first) to 9; 0 in a step that keeps it */
};

/* What holds of a target once it has waited. */
struct relaxed {
	int64_t after; /* ms */
	struct target to;
};

struct rule {
	char *id, *reason;    /* reason: NULL where there is none */
	struct target target; /* its texts are the rule's */
	struct relaxed *relax;
	size_t relax_n, relax_cap;
	int64_t sticky;	 /* ms; 0: it is not */
	int when, score; /* numbers in rules_conditions; -1: none */
	int line, column;
};

/* What takes a matter from a bot to a person. */
struct escalation {
	char *reason;
	struct target to; /* queue NULL, priority 0, no skills: those of the target stay */
	int when;	  /* number in rules_moments */
	int line, column;
};

struct rules;

/* NULL and "file:line:column: reason" on failure. The ontology must outlive them. Free with
 * rules_free. */
struct rules *rules_read(const char *path, const struct ontology *o, struct buf *err);
void rules_free(struct rules *r);
const char *rules_label(const struct rules *r); /* name/version */
const char *rules_path(const struct rules *r);
bool rules_scored(const struct rules *r);
/* The rules or targets in their order, and the default last. */
size_t rules_count(const struct rules *r);
const struct rule *rules_at(const struct rules *r, size_t i);
size_t rules_escalations(const struct rules *r);
const struct escalation *rules_escalation(const struct rules *r, size_t i);
/* What the numbers above are of: those of rules, and those of escalations. */
struct conditions *rules_conditions(const struct rules *r);
struct conditions *rules_moments(const struct rules *r);

/* Which of the context's columns choosing reads. */
void rules_want(const struct rules *r, bool wanted[CONTEXT_COUNT]);

#define RULES_REASONS 32 /* escalations of a file, at most */

struct choice {
	const struct rule *rule;
	struct target target; /* what an escalation changed is changed; texts are the rules' */
	double score;	      /* of a scored target */
	bool escalated;
	const char *reasons[RULES_REASONS]; /* why it was escalated */
	size_t reason_n;
	struct str person; /* whom it should go to; empty: nobody. The context's */
};

/* Decides. -1 and a reason where a condition cannot be evaluated on this event. */
int rules_choose(struct rules *r, const struct event *ev, const struct context *context,
	struct choice *out, struct buf *err);

/* A rule that an event may go by, and with which probability it does. */
struct candidate {
	const struct rule *rule;
	const char *queue; /* where it goes then; the rules' */
	double propensity;
};

struct candidates {
	struct candidate *v;
	size_t n, cap;
	double propensity; /* of the one that was taken */
};

/*
 * Decides as rules_choose does; but with the probability `share` by one of those that are eligible,
 * each as likely: the rules whose condition holds (targets that have a score), and the default. By
 * `draw`, two numbers from 0 to below 1: whether, and which. `all` is filled anew; caller frees v.
 */
int rules_explore(struct rules *r, const struct event *ev, const struct context *context,
	double share, const double draw[2], struct choice *out, struct candidates *all,
	struct buf *err);

#endif
