/*
 * A scenario (jscenario(5)): how the customers of a company that does not exist behave, and how it
 * answers them. Whoever has read it may change start, days and whole before scenario_begin; then it
 * is immutable. Strings live as long as the scenario.
 */
#ifndef GEN_SCENARIO_H
#define GEN_SCENARIO_H

#include "core/ontology.h"
#include "gen/texts.h"
#include "io/yaml.h"

/* A distribution by four of its quantiles, 0, 50, 90 and 100 %, linear between them; ms or a count.
 */
struct spread {
	int64_t at[4];
};

struct weights {
	int64_t *v; /* each with those before it */
	size_t n, cap;
};

enum session_kind {
	SESSION_CONTACT, /* every contact has its own: a call, a chat of a site */
	SESSION_MATTER,	 /* a thread or ticket a matter */
	SESSION_PEER	 /* one with each customer */
};

enum export_kind { EXPORT_NONE, EXPORT_WHATSAPP, EXPORT_MBOX, EXPORT_CSV, EXPORT_JSON };
extern const char *const export_words[]; /* by kind; NULL ends them */

#define SCENARIO_DAYS_MAX 3660
#define SCENARIO_LAST INT64_C(250248700800000) /* the start, ms: in 9900 */
/* How a call ends. */
#define OUTCOMES(X)                                                                                \
	X(ANSWERED, "answered")                                                                    \
	X(ABANDONED_QUEUE, "abandoned_queue")                                                      \
	X(ABANDONED_IVR, "abandoned_ivr")                                                          \
	X(BUSY, "busy")                                                                            \
	X(FAILED, "failed")                                                                        \
	X(VOICEMAIL, "voicemail")

#define OUTCOME_ENUM(upper, name) OUTCOME_##upper,
enum outcome { OUTCOMES(OUTCOME_ENUM) OUTCOME_COUNT };
const char *outcome_name(enum outcome o);

#define KINDS_MAX 8 /* kinds of identifiers */

struct gen_channel {
	const char *name, *source;
	enum session_kind session;
	bool spoken;		 /* calls, else messages */
	bool cases;		 /* its records carry the number of the matter's case */
	size_t kinds[2], kind_n; /* identifiers that its records name: numbers in the scenario's
				    kinds */
	int64_t bot;		 /* share of contacts in which a bot speaks first */
	enum export_kind export; /* the format that exports of this channel have */
	size_t class;
	int64_t gap; /* ms, of its class */
};

struct gen_language {
	const char *name;
	const char *regions[8];
	struct weights region;
	struct texts *texts;
};

struct gen_intent {
	const struct intent *intent;
	uint64_t needs; /* entities that it requires and that we can ask for: bits by ontology
			   number */
	bool more;	/* it requires others as well */
};

struct gen_stage {
	const char *id;
	int64_t goes_on; /* share of those who were in the stage before */
};

struct scenario {
	const struct ontology *ontology;
	struct yaml *root;
	const char *path;
	const char *name, *title, *account, *zone, *bot;
	int64_t start, days, clock; /* ms; clock: all times are multiples of it */
	bool instant;		    /* all events happen at the start */
	struct weights hours, weekdays;
	struct weights activity; /* of the span's hours: scenario_begin */
	int64_t busiest;	 /* the greatest of these weights */
	struct gen_language *languages;
	size_t language_n, language_cap;
	struct weights language;
	struct gen_channel *channels;
	size_t channel_n, channel_cap;
	struct weights channel;
	const char *kinds[KINDS_MAX];
	size_t kind_n;
	struct gen_intent *intents;
	size_t intent_n, intent_cap;
	struct weights intent;
	const char **agents;
	size_t agent_n, agent_cap, supervisor; /* from the number `supervisor` on they are of the
						  second tier */
	size_t *family_of; /* by the ontology's number of an intent: its family's number + 1; 0:
			      none */
	const char **families;
	size_t family_n, family_cap;
	const struct intent *courtesy, *settled; /* what thanks, and what "resolved" is labelled */
	uint64_t identity, order,
		askable; /* entities, bits by ontology number: those that say who she
			    is, the order's number, those that we can ask for */
	bool whole;	 /* set by the caller: all times are whole seconds, for exports */
	struct gen_stage *stages;
	size_t stage_n, stage_cap;
	enum outcome outcomes[6]; /* of calls */
	struct weights outcome;
	size_t outcome_n;

	struct spread matters, between;
	int64_t concurrent, cases, chatter;
	int64_t linked_late, aliases, shared, anonymous, placeholder;
	struct spread *response, *reply; /* by class */
	int64_t answered, acknowledged, bot_solves, bot_abandoned, gives_order, asks_missing,
		asks_known, asks_who, asks_question, gives;
	int64_t transferred, transfer_recorded, escalated, handoff_recorded, other_agent, parts;
	int64_t closed, answered_last, said_resolved, thanks;
	int64_t unresolved_back, resolved_back, switched, overlapping, called_back, reopen_recorded,
		chased;
	struct spread back;
	struct spread wait, talk;
	int64_t transcript;
	int64_t again, angry, leaving;
	int64_t offered, ordered;
	int64_t revived, followed_up, elsewhere;
	struct spread revived_after, followed_after;
	int64_t felt;
	struct spread feels_first, feels_settled, feels_unsettled, feels_angry; /* hundredths */
	int64_t surveyed;
	int64_t promised, kept, kept_in_time;
	int64_t campaigns, consented, revoked, unasked;
	int64_t decided, contradicted;
	int64_t late, duplicated;
	struct spread late_by;
};

/*
 * Reads a scenario and its texts, which lie beside it or in the ontology's folder scenarios. name:
 * a file, or the name of one in that folder. Sets the zone of the process to the scenario's. NULL
 * and "file:line:column: reason" on failure. The ontology is borrowed. Free with scenario_free.
 */
char *scenario_path(
	const char *name, const struct ontology *o); /* of it; caller frees with free() */
struct scenario *scenario_read(const char *name, const struct ontology *o, struct buf *err);
void scenario_free(struct scenario *s);
/* After start and days are as they shall be: how much goes on in each hour of the span. -1 and a
 * reason where nothing ever does. */
int scenario_begin(struct scenario *s, struct buf *err);
/* The weight of an hour of the span, by its number from the start. */
static inline int64_t scenario_activity(const struct scenario *s, size_t hour)
{
	return s->activity.v[hour] - (hour ? s->activity.v[hour - 1] : 0);
}

#endif
