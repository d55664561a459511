/*
 * jmetrics' work: definitions in, results out. Facts are read in one pass for all metrics that
 * share a fact, a window and dimensions; what is held is a tally a metric and group, never the
 * rows.
 */
#ifndef STAGE_MEASURE_H
#define STAGE_MEASURE_H

#include "base/stat.h"
#include "core/metric.h"
#include "io/out.h"

struct measure_side;
struct ontology;
struct sqlite3;

/* What is asked; borrows all. */
struct measure {
	/* Another connection that stands on the same snapshot, which does half of the reading
	 * beside the first; NULL: none. The results are the same. */
	struct sqlite3 *beside;
	const struct metric *const *metrics; /* measured ones, in the order of the results */
	size_t metric_n;
	const char *const *by; /* dimensions */
	size_t by_n;
	const struct ontology *ontology; /* whose entities are dimensions too; NULL: none are */
	bool listed;			 /* of these no values but those that it lists */
	const char *where;		 /* a condition beside the definitions' own; NULL: none */
	int64_t top; /* this many groups a metric, in place of the definitions' own; 0: theirs */
	const struct measure_side *sides; /* two that are compared; NULL: none */
	const char *side_names[2];
	bool censored;	/* the estimate of Kaplan and Meier as well, where there is an event */
	int64_t window; /* ms in place of the definitions' own; 0: theirs */
	int64_t horizon;
	bool has_since, has_until;
	int64_t since, until; /* on the beginning of a row, [since, until) */
};

enum measure_status {
	MEASURE_OK,
	MEASURE_NO_ROWS,
	MEASURE_NOT_OBSERVABLE,
	MEASURE_OTHERS, /* no figure: the groups that are not among the largest */
};

enum measure_scale { SCALE_COUNT, SCALE_RATIO, SCALE_SPAN /* ms */, SCALE_NUMBER };

/* One figure; borrowed until the visitor returns. */
struct measure_result {
	const struct metric *metric;
	const char
		*statistic; /* count, customers, share, rate, kaplan_meier, median, p90, mean,
			       net, what `absent` names; NULL: one that has several, without rows */
	const char *const *
		dimensions; /* names and values; .s NULL: none. No values where there are no rows */
	const struct str *values;
	size_t dimension_n;
	enum measure_status status;
	const char *missing; /* why it is not observable */
	int64_t others;	     /* groups, of MEASURE_OTHERS */
	bool has_value, has_numerator;
	enum measure_scale scale; /* of value and interval */
	double value;
	int64_t numerator, n;
	struct stat_interval interval;
	const char *interval_kind; /* wilson_clustered, wilson, order_statistic, t, t_clustered,
				      greenwood; NULL: none */
	int64_t immature, left_out, assumed;
	int64_t window; /* ms; 0: it has none */

	/* Of two sides this is the second one's. */
	const struct measure_result *before; /* the first one's; NULL: no sides, or no figures */
	bool has_difference;
	double difference; /* second less first */
	struct stat_interval difference_interval;
	const char *difference_kind; /* t_clustered, newcombe; NULL: none */
};

typedef int measure_take(void *ctx, const struct measure_result *r, struct buf *err);

/* 0, -1 and a reason ("file:line: reason" where a definition is wrong), or -2 where the database is
 * busy. */
int measure_all(struct sqlite3 *db, const struct measure *m, measure_take *take, void *ctx,
	struct buf *err);
/* *are: all that is asked for is a matter of columns (measure_can). false as well where a
 * definition is wrong, which measure_all tells. */
int measure_are_columns(struct sqlite3 *db, const struct measure *m, bool *are, struct buf *err);
/*
 * Appends the sources whose last contact ended before the horizon less the (longest) window, "name
 * (last time), ...": what came after is not seen, so that their customers seem silent.
 */
int measure_stale(struct sqlite3 *db, const struct measure *m, struct buf *out, struct buf *err);

/* ---- definitions as text ---- */

/* Appends a table of all measured metrics; one definition with all that it says, a blank line
 * before it where out holds text. */
void measure_list(struct buf *out, const struct metrics *m);
void measure_definition(struct buf *out, const struct metric *m);

/* ---- results as text ---- */

enum report_format { REPORT_TABLE, REPORT_NDJSON, REPORT_CSV, REPORT_MD, REPORT_PROM };

/* Where the log stood. */
struct report_place {
	int64_t sequence;     /* of its last record; 0: empty */
	int64_t as_of;	      /* when that one was taken, ms */
	int64_t horizon;      /* ms */
	const char *ontology; /* "base/1.0.0" */
	const char
		*identity; /* the rules by which people were joined for it; NULL: the log's own */
};

/* Appends a window as it is written: 7d, 36h, 90m, in the largest unit that divides it. */
void report_window(struct buf *out, int64_t ms);

struct report;

/* out, asked and place are borrowed. Free with report_end. */
struct report *report_begin(struct out *out, enum report_format format, const struct measure *asked,
	const struct report_place *place);
/* A measure_take; ctx is the report. */
int report_take(void *ctx, const struct measure_result *r, struct buf *err);
/* Writes what is still held, where `whole`; frees. -1 and a reason where the output failed. */
int report_end(struct report *r, bool whole, struct buf *err);

#endif
