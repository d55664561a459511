/*
 * What is held of the rows that are read: sums a metric and group, never the rows; and the values
 * of durations and quantities, as long as they are few enough. From them come the metric's figures.
 */
#ifndef STAGE_TALLY_H
#define STAGE_TALLY_H

#include "core/store/measure.h"
#include "stage/measure.h"

#define TALLY_QUANTILES 2

/* The values that a quantile and its bounds rest on. */
enum tally_pick { PICK_AT, PICK_NEXT, PICK_LOW, PICK_HIGH, PICKS };

/* The quantiles in one group: the ranks that are wanted, 0 for a bound that does not exist, and
 * their values. */
struct tally_picks {
	int64_t seen; /* values so far */
	int64_t rank[TALLY_QUANTILES][PICKS];
	double weight[TALLY_QUANTILES]; /* of PICK_NEXT */
	double value[TALLY_QUANTILES][PICKS];
};

struct tally_km {
	struct stat_km sums;
	int64_t assumed;
};

/* How many more values may be held; below 0: none are, and they are read again in order. */
struct tally_room {
	int64_t left;
};

/* One metric over the rows of one group. Zeroed: empty; tally_release. */
struct tally {
	int64_t immature, left_out, assumed;
	struct stat_clusters clusters; /* of the customers before the current one */
	struct stat_ratio ratio;       /* of mean and net alone: the same */
	int64_t cluster, x, n;	       /* the current customer: its number, hits and rows */
	double y, w;		       /* its sum of values and of weights */
	int64_t net;		       /* net: rows for less rows against */
	struct stat_mean mean;	       /* durations and quantities */
	bool negative, beyond;	       /* a value is below 0; a mean's is more than its weight */
	double *values;		       /* the same, while there is room */
	size_t value_n, value_cap;
	struct tally_picks *picks; /* the same, once the values are known */
	struct tally_km *km;	   /* rates, where what is not mature is asked for as well */
};

/* Two sides, whose customers may be the same. Zeroed: empty. */
struct tally_pair {
	int64_t cluster;
	struct stat_pair share; /* hits of rows */
	struct stat_pair mean;	/* values of weights */
};

/* Rows [from, to) of a batch, and where each customer's of them end. */
struct tally_stretch {
	size_t from, to;
	const uint16_t *ends;
	size_t end_n;
};

/* Those of a stretch that are of the side; column: the metric's place among those of the batch.
 * Rows come by customer. */
void tally_rows(struct tally *t, const struct metric *m, const struct measure_batch *rows,
	size_t column, int side, const struct tally_stretch *s, struct tally_room *room);
/* After the last row. */
void tally_close(struct tally *t, const struct metric *m);
/* Before each row, and after the last one, of two sides' tallies; the row's cluster, 0: none. */
void tally_pair_turn(
	struct tally_pair *p, struct tally sides[2], const struct metric *m, int64_t cluster);
/* Whether the metric needs its values in order, and the next one of them; tally_pick first. */
bool tally_sorts(const struct metric *m);
void tally_pick(struct tally *t);
void tally_value(struct tally *t, double value);
/* The same of all values at once, where they were held; they are held no longer. */
void tally_sort(struct tally *t);

/* Rows by time, the longest first; the first call makes km. */
void tally_time(struct tally *t, int64_t window, double time, bool event, bool assumed);
void tally_release(struct tally *t);

/* Rows that the figure rests on: for a mean the sum of its weights. */
int64_t tally_n(const struct tally *t, const struct metric *m);

/* Hands on each of the metric's figures, in order. r has what all of them share; total: rows of the
 * metric in all groups. */
int tally_figures(const struct tally *t, const struct measure_result *r, int64_t total,
	measure_take *take, void *ctx, struct buf *err);
/* The same of two sides: the second one's figures, each with the first one's and the difference. */
int tally_compare(const struct tally sides[2], const struct tally_pair *pair,
	const struct measure_result *r, const int64_t totals[2], measure_take *take, void *ctx,
	struct buf *err);
/* What a figure of the metric is measured in. */
enum measure_scale tally_scale(const struct metric *m);

#endif
