/*
 * Do figures hold? Checks are written METRIC[/STATISTIC] OP NUMBER: `<`, `<=`, `>` or `>=`, and a
 * number that may have % (of rates) or a span's unit (of durations; seconds without). A family
 * that is no metric itself stands for all of its variants; without a statistic the first is meant
 * that a metric tells.
 */
#ifndef STAGE_CHECK_H
#define STAGE_CHECK_H

#include "stage/choose.h"
#include "stage/measure.h"

enum check_op { CHECK_LESS, CHECK_LESS_EQUAL, CHECK_MORE, CHECK_MORE_EQUAL };

struct check {
	struct str metric, statistic; /* .len 0: the first that is told */
	enum check_op op;
	double number;
	struct str bound, unit; /* as written: "20%" and "%" */
	double scale;		/* ms of a span's unit; 0: it is no span */
	bool exact;		/* `metric` is an id; else a family of variants alone */
	const struct metric *at;
	const char *first; /* statistic of the metric */
	bool judged;	   /* a figure of it */
};

struct checks {
	struct check *v;
	size_t n, cap;
	int64_t failed;
	struct buf told; /* a line for each figure that does not hold */
};

/* text is borrowed. -1 and why where it is no check. */
int checks_add(struct checks *c, const char *text, struct buf *err);
/* Adds the metrics that are checked to the choice. -1 and why where there is none of a name. */
int checks_choose(
	struct checks *c, struct metric_choice *choice, const struct metrics *m, struct buf *err);
/* A measure_take; ctx is the checks. A figure that has no value does not hold. -1 and why where a
 * number's unit is not the figure's. */
int checks_take(void *ctx, const struct measure_result *r, struct buf *err);
/* After the last figure: -1 and why where a metric has no such statistic. */
int checks_end(struct checks *c, struct buf *err);
void checks_release(struct checks *c);

#endif
