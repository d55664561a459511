/*
 * Metric definitions: one YAML file a metric or family (`jtools: metric/1`), SQL expressions over
 * the columns of one fact. A variant is a metric of its own, `family.variant`, that takes what it
 * does not say itself from the family, but what does not go with its kind. A family that has
 * variants but no numerator (rate, net) or value (duration, quantity, mean) of its own is no
 * metric.
 */
#ifndef CORE_METRIC_H
#define CORE_METRIC_H

#include "base/buf.h"

enum metric_kind {
	METRIC_COUNT, /* rows of the population, or with `distinct: customer` those who have one */
	METRIC_RATE,  /* rows with the numerator ÷ rows with the denominator, of the mature
			 population */
	METRIC_DURATION, /* ms from `value`: median, p90, mean, and the share of rows that have none
			  */
	METRIC_QUANTITY, /* the same of plain numbers */
	METRIC_MEAN,	 /* sum of `value` ÷ rows that have one, or ÷ sum of `weight` */
	METRIC_NET, /* (rows with the numerator - those with `against`) ÷ rows with the denominator
		     */
};

#define METRIC_STATISTICS 4 /* at most, of one metric */

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

/* A name for why a row is a hit (a miss, where `good` is up). */
struct metric_reason {
	char *name;
	struct metric_sql when;
};

struct metric_reasons {
	struct metric_reason *v;
	size_t n, cap;
};

struct metric_words {
	char **v;
	size_t n, cap;
	int line;
};

struct metric {
	char *id, *family; /* the same where it is no variant */
	char *name;	   /* family.variant, also where `as` gives another id */
	char *version, *title, *description, *source, *unit;
	char *file;
	int line;
	int64_t order;	  /* place in listings; ties by id */
	const char *fact; /* one of metric_facts() */
	enum metric_kind kind;
	struct metric_sql where, mature, numerator, denominator, against, value, weight, unknown;
	/* Rate: ms from the row's end to its event (NULL: none) and to where it is seen no more. */
	struct metric_sql event, censor;
	struct metric_needs needs;
	struct metric_reasons reasons;
	struct metric_words by;		/* dimensions that it is never pooled over */
	struct metric_words statistics; /* those that are shown; none: the kind's own */
	char *absent;	  /* the name of the share of rows without a value; NULL: not shown */
	char *good;	  /* "up", "down" or NULL */
	int64_t top;	  /* this many groups alone; 0: all */
	bool known_only;  /* rows of unknown customers are left out, and counted */
	bool independent; /* rate: rows of one customer are as good as those of several */
	bool distinct;	  /* count: customers, not rows */
	bool measured;	  /* false: only its variants are */
	int64_t window;	  /* ms */
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
void metric_release(struct metric *m);

bool metric_words_have(const struct metric_words *w, const char *word);

/* Whether the id is the metric's own, its name or its family's. */
bool metric_named(const struct metric *m, struct str id);
/* Appends up to three families (variants, where the id has a dot) that are spelled most like it,
 * "a, b or c"; or nothing. */
void metrics_near(const struct metrics *m, struct str id, struct buf *out);
/* Whether :window matters to it. */
bool metric_windowed(const struct metric *m);

/* Whether it is never pooled over the dimension. */
bool metric_apart(const struct metric *m, const char *dimension);
/* The names of what it is given in, at most METRIC_STATISTICS, in the order in which they are
 * shown; borrowed. How many. */
size_t metric_statistics(const struct metric *m, const char *out[METRIC_STATISTICS]);
/* All that its kind can be given in. */
size_t metric_kind_statistics(const struct metric *m, const char *out[METRIC_STATISTICS]);
bool metric_shows(const struct metric *m, const char *statistic);
/* Whether its values are numbers of a row: duration, quantity and mean. */
bool metric_valued(const struct metric *m);

/* All facts that definitions may be over, NULL-terminated; the view of one is v_NAME. */
const char *const *metric_facts(void);
const char *const *metric_kinds(void); /* in the order of enum metric_kind */
const char *metric_kind_name(enum metric_kind k);

#endif
