/*
 * Rule files (jrules(5)): where inbound events go, by ordered rules or by targets that are scored.
 * Conditions and scores are SQL expressions over the event and its customer's context. None can
 * read the channel or what gives it away: such columns are refused when the file is read. Channels
 * are named for how to answer alone, and what is chosen of them changes nothing else.
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "core/conditions.h"
#include "core/event.h"
#include "core/fold/context.h"
#include "core/fold/reach.h"
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

#define RULES_CHANNELS 16 /* of a preference, at most */

/* Which channels an answer goes to, in order, in which regions; none: in all that are left. */
struct preference {
	struct patterns regions, channels;
};

struct delivery {
	char *purpose;
	struct preference *v; /* the first that takes the region is heeded */
	size_t n, cap;
};

struct rule {
	char *id, *reason;    /* reason: NULL where there is none */
	struct target target; /* its texts are the rule's */
	struct relaxed *relax;
	size_t relax_n, relax_cap;
	struct delivery *deliver; /* NULL: that of the file */
	int64_t sticky;		  /* ms; 0: it is not */
	int when, score;	  /* numbers in rules_conditions; -1: none */
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
/* Whether the file or the ontology lists a queue; where neither does, each is one. */
bool rules_queue_known(const struct rules *r, const char *queue);
/* Appends "unknown queue: x" and what may have been meant. */
void rules_queue_unknown(const struct rules *r, const char *queue, struct buf *out);
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
	struct str person;		/* whom it should go to; empty: nobody. The context's */
	const struct delivery *deliver; /* how to answer; NULL: the rules do not say */
};

/* Decides. -1 and a reason where a condition cannot be evaluated on this event. */
int rules_choose(struct rules *r, const struct event *ev, const struct context *context,
	struct choice *out, struct buf *err);

/* Whether any rule says how to answer. */
bool rules_deliver(const struct rules *r);

/* Where an answer goes. Channels are borrowed: the rules', or the fold's. */
struct delivered {
	struct str channel; /* empty: nowhere */
	bool preferred;	    /* else it is where she wrote last */
	enum reach_bar bar; /* of nowhere: why not there either */
	struct {
		struct str channel;
		enum reach_bar bar;
	} skipped[RULES_CHANNELS]; /* of those preferred, in order */
	size_t skipped_n;
};

/* The first channel of the region's preference that nothing stands against, else the one where she
 * wrote last. The fold stands at the event. */
void delivery_choose(const struct delivery *d, const struct event *ev,
	const struct context *context, struct fold *f, struct delivered *out);

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
