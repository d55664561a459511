/*
 * Metric definitions: one YAML file a metric or family (`jtools: metric/1`), SQL expressions over
 * the columns of one fact. A variant is a metric of its own, `family.variant`, that takes what it
 * does not say itself from the family. A family that has variants but no numerator (rate) or value
 * (duration) of its own is no metric.
 */
#ifndef CORE_METRIC_H
#define CORE_METRIC_H

#include "base/buf.h"

enum metric_fact { FACT_CONTACT, FACT_ISSUE, FACT_SWITCH, FACT_MOVE, FACT_COUNT };
enum metric_kind {
	METRIC_COUNT, /* rows of the population, or with `distinct: customer` those who have one */
	METRIC_RATE,  /* rows with the numerator ÷ rows with the denominator, of the mature
			 population */
	METRIC_DURATION, /* ms from `value`: median, p90, mean, and the share of rows that have none
			  */
};

struct metric_sql {
	char *sql; /* NULL: not given */
	int line;
};

/* What the log must hold, else the metric is not observable. */
struct metric_need {
	struct metric_sql some; /* over the fact's rows: true of at least one; or NULL */
	struct metric_sql that; /* over the whole log: a condition with subqueries; or NULL */
	char *missing;		/* what is missing, as it is printed */
};

struct metric_needs {
	struct metric_need *v;
	size_t n, cap;
};

struct metric {
	char *id, *family; /* the same where it is no variant */
	char *version, *title, *description, *source, *unit;
	char *file;
	int line;
	int64_t order; /* place in listings; ties by id */
	enum metric_fact fact;
	enum metric_kind kind;
	struct metric_sql where, mature, numerator, denominator, value;
	struct metric_needs needs;
	char *absent; /* duration: the name of the share of rows without a value; NULL: not shown */
	char *good;   /* "up", "down" or NULL */
	bool by_class;	 /* never pooled over channel classes */
	bool known_only; /* rows of unknown customers are left out, and counted */
	bool distinct;	 /* count: customers, not rows */
	bool measured;	 /* false: only its variants are */
	int64_t window;	 /* ms */
};

struct metrics {
	struct metric *v;
	size_t n, cap;
};

/*
 * Adds the definitions of a folder (its *.yaml) in the order of (order, id). A family that is there
 * already is replaced; one that the folder defines twice is an error. -1 and "file:line: reason".
 * Release with metrics_release, also after a failure.
 */
int metrics_read(struct metrics *m, const char *folder, struct buf *err);
void metrics_release(struct metrics *m);

/* Whether the id is the metric's own or its family's. */
bool metric_named(const struct metric *m, struct str id);
/* Appends up to three families (variants, where the id has a dot) that are spelled most like it,
 * "a, b or c"; or nothing. */
void metrics_near(const struct metrics *m, struct str id, struct buf *out);
/* Whether :window matters to it. */
bool metric_windowed(const struct metric *m);

const char *metric_fact_name(enum metric_fact f);
const char *metric_kind_name(enum metric_kind k);

#endif
