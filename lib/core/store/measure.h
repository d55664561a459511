/*
 * Reading facts for metrics: all SQL that metrics run is made here. Users' expressions run behind
 * an allow-list of functions, can read the facts alone, and write nothing.
 *
 * Everything returns 0, -1 with a reason, or -2 (STORE_BUSY) when another writer held the file past
 * the wait.
 */
#ifndef CORE_STORE_MEASURE_H
#define CORE_STORE_MEASURE_H

#include "base/map.h"
#include "base/buf.h"
#include "core/metric.h"
#include "core/store/codes.h"
#include "core/store/shape.h"

struct sqlite3;

/* Makes day, week and month (of the process's zone) known to the connection. Once, before all else.
 */
int measure_open(struct sqlite3 *db, struct buf *err);

/* Writes the name of the day, week or month (`kind`) that a time is in, as the dimension has it;
 * of the kind "time" the minute of its day, as local_time has it. */
void measure_period(const char *kind, int64_t when, char *out, size_t size);
/* Refuses a metric whose expressions SQLite does not take, or that is never pooled over what its
 * fact (of that shape) lacks, as "file:line: reason". */
int measure_check(
	struct sqlite3 *db, const struct shape *shape, const struct metric *m, struct buf *err);
/* Refuses a condition over the fact's rows that SQLite does not take; the reason alone. */
int measure_check_where(
	struct sqlite3 *db, const struct shape *shape, const char *where, struct buf *err);
/* Appends what the log would have to hold for the metric and does not, ", " between; nothing where
 * it is observable. known: what was found of other metrics in the same snapshot, and is of this
 * one; empty at first. */
int measure_missing(struct sqlite3 *db, const struct metric *m, const struct shape *shape,
	struct map *known, struct buf *missing, struct buf *err);
/* Whether there is any contact at all. */
int measure_any(struct sqlite3 *db, bool *any, struct buf *err);

/* One of two sides that are compared: rows that began within [since, until), or those with a value
 * of a dimension that the fact has. */
struct measure_side {
	const char *dimension; /* NULL: the period */
	const char *value;     /* "": none */
	int64_t since, until;
};

/* What is read: the rows of one fact that began within [since, until). Borrows all. */
struct measure_query {
	const struct shape *shape;
	const char *const *dimensions; /* names; each one the fact has */
	size_t dimension_n;
	const char *where; /* a condition that was checked, beside the metrics' own; NULL: none */
	const struct measure_side *sides; /* two, whose rows alone are read; NULL: no sides */
	int64_t window, horizon;
	bool has_since, has_until;
	int64_t since, until;
};

/* What a row is to a metric, in the order in which it is asked. */
enum measure_state {
	ROW_OUTSIDE,  /* not of the population */
	ROW_LEFT_OUT, /* of an unknown customer, where only known ones count */
	ROW_IMMATURE, /* the window has not been seen whole */
	ROW_IDLE,     /* not of the denominator; mean: has no value or weight */
	ROW_MISS,     /* counts; what is valued: has a value */
	ROW_HIT,      /* counts, and is of the numerator; duration, quantity: has no value */
	ROW_AGAINST,  /* net: counts against */
};

#define MEASURE_ROWS 512       /* of a batch, at most */
#define MEASURE_NONE INT64_MIN /* of a dimension: NULL */

/* Rows, column by column; borrowed until the visit returns. */
struct measure_batch {
	size_t n;
	/* Number of a row's customer in this reading, from 1; rows come by customer. */
	const int64_t *cluster;
	const uint16_t *ends; /* of each customer's rows, one after the other */
	size_t end_n;
	const uint8_t *assumed;		  /* it rests on assumed times */
	const uint8_t *in[2];		  /* it is of the sides; NULL where there are none */
	const int64_t *const *dimensions; /* of each, the text's number among these, or none */
	const struct codes *texts;
	const uint8_t *const *states; /* of each metric, as enum measure_state */
	/* Of each metric: what is valued and ROW_MISS, durations in ms; and what has weights. */
	const double *const *values, *const *weights;
};

/* visit's nonzero ends the reading and is returned. */
typedef int measure_visit(void *ctx, const struct measure_batch *rows, struct buf *err);
/* *can: its rows can be read by columns; SQLite is needed for none of its expressions. */
int measure_can(struct sqlite3 *db, const struct measure_query *q, const struct metric *metric,
	bool *can, struct buf *err);
/* One pass over the fact for all metrics; the rows of a customer come together. */
int measure_rows(struct sqlite3 *db, const struct measure_query *q,
	const struct metric *const *metrics, size_t n, measure_visit *visit, void *ctx,
	struct buf *err);

typedef void measure_value(void *ctx, const struct str *dimensions, double value);
/* The values of one duration's or quantity's ROW_MISS rows, ascending within equal dimensions,
 * which come together; of one side, where there are sides. */
int measure_values(struct sqlite3 *db, const struct measure_query *q, const struct metric *metric,
	int side, measure_value *visit, void *ctx, struct buf *err);

typedef void measure_time(
	void *ctx, const struct str *dimensions, double time, bool event, bool assumed);
/*
 * Of a rate with an event: each row of its denominator, mature or not, that was seen at all, with
 * the ms from its end to the event or to where it is seen no more. The longest first within equal
 * dimensions, which come together.
 */
int measure_times(struct sqlite3 *db, const struct measure_query *q, const struct metric *metric,
	measure_time *visit, void *ctx, struct buf *err);

/* Contacts that begin behind a time. */
int measure_beyond(struct sqlite3 *db, int64_t time, int64_t *n, struct buf *err);

typedef void measure_source(void *ctx, struct str source, int64_t ended);
/* The sources whose last contact ended before `before`. */
int measure_sources(
	struct sqlite3 *db, int64_t before, measure_source *visit, void *ctx, struct buf *err);

#endif
