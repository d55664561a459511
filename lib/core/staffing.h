/* Staffing files (jstaffing(5)): who works when, how long work takes, how long customers wait, and
 * how contacts come in where no log says it. */
#ifndef CORE_STAFFING_H
#define CORE_STAFFING_H

#include "base/when.h"
#include "core/rules.h"

#define STAFFING_WEEK_HOURS 168

enum duration_kind { DURATION_NONE, DURATION_EXPONENTIAL, DURATION_LOGNORMAL };

struct duration {
	enum duration_kind kind;
	double mean, sd; /* seconds, as they are and not of the logarithm; sd: lognormal */
};

struct named_duration {
	char *name; /* an intent, a family, a class, or "default" */
	struct duration d;
};

struct durations {
	struct named_duration *v;
	size_t n, cap;
};

struct shift {
	bool days[7];	/* on which it begins; 0 is Sunday */
	int begin, end; /* minutes since midnight; an end that is not behind its beginning is on the
			   next day */
	char *zone;
};

/* Agents that are alike. */
struct staff {
	char *id;
	enum agent_kind kind;
	struct patterns skills, queues; /* no queues: all */
	int line, column;		/* of queues */
	int64_t count;
	int64_t *concurrency; /* by class of the ontology: contacts of it at once */
	struct shift *shifts; /* none: always there */
	size_t shift_n, shift_cap;
};

/* Contacts that are alike and come as a Poisson process. */
struct arrivals {
	double rate[STAFFING_WEEK_HOURS]; /* an hour, by local hour of the week from Sunday */
	double most;			  /* of them */
	const struct channel_class *class;
	char *intent; /* NULL: none */
	char *record; /* the event that rules see of each */
};

struct staffing {
	char *path, *label, *zone; /* label: name/version */
	const struct ontology *ontology;
	struct staff *staff;
	size_t staff_n, staff_cap;
	struct durations handling, patience;
	struct arrivals *arrivals;
	size_t arrival_n, arrival_cap;
	int64_t from, length; /* ms, of arrivals */
};

/* NULL and "file:line:column: reason". The ontology must outlive it. */
struct staffing *staffing_read(const char *path, const struct ontology *o, struct buf *err);
void staffing_free(struct staffing *s);
/* What holds of an intent, which may be empty, in a class: the intent's, its family's, the class's,
 * the default's; NULL where it says none. */
const struct duration *staffing_duration(const struct staffing *s, const struct durations *of,
	struct str intent, const struct channel_class *class);

struct span {
	int64_t from, to; /* ms; from < to */
};
struct spans {
	struct span *v;
	size_t n, cap;
};
/* When the staff is there between two times: apart, in order. Caller frees v. */
void staffing_spans(const struct staff *of, int64_t from, int64_t to, struct spans *out);
/*
 * The local hours of the week, 0 is Sunday's first, in the file's zone: of each quarter of an hour
 * (UTC) from the one in which arrivals begin to the one in which they end. Caller frees.
 */
unsigned char *staffing_hours(const struct staffing *s);
#define STAFFING_QUARTER (15 * WHEN_MINUTE)

#endif
