/* What the files of jroute check share. Nobody else includes it. */
#ifndef STAGE_ROUTE_CHECK_PART_H
#define STAGE_ROUTE_CHECK_PART_H

#include "core/cases.h"
#include "core/findings.h"
#include "core/rules.h"
#include "stage/route_check.h"

/* What a log says of one rule. */
struct seen {
	uint64_t fired, held;
	char *event; /* the first that it held on and an earlier rule took; NULL: none */
	int64_t sequence;
	size_t taker;
};

struct checking {
	struct route_check *of;
	struct rules *rules;
	struct findings findings;
	struct cases *cases;
	struct readings *read; /* by rule */
	bool *covered;	       /* by rule: it is told already that it is not reached */
	bool always, barred;   /* a rule always holds; one before this one did */
	struct seen *seen;     /* by rule; NULL: no log was asked */
	uint64_t decided, failed;
};

#define CASES_MAX 20000 /* that are tried of a question */

void check_say(struct checking *c, enum finding_level level, const struct rule *rule,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Whether a condition holds in the case at hand. */
bool check_holds(struct checking *c, struct conditions *of, int number);
/* Findings of scored targets: those that never win since others always score as much. */
void check_shadows(struct checking *c);

/* Asks the log. Status as the store's. */
int check_log(struct checking *c, struct buf *err);
void check_log_release(struct checking *c);
/* Appends an event of the log that an earlier rule took; nothing where there is none. */
void check_log_example(struct checking *c, size_t rule, struct buf *out);
/* Findings of the log: rules that never took an event. */
void check_fired(struct checking *c);

#endif
