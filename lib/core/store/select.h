/* Queries that somebody writes by hand: they read the documented views, and nothing else. */
#ifndef CORE_STORE_SELECT_H
#define CORE_STORE_SELECT_H

#include "core/store/facts.h"

#include <signal.h>

/* Who takes the rows. Names and cells are borrowed during the call; nonzero ends it and is given
 * back. */
struct select_taker {
	int (*head)(void *ctx, const char *const *names, size_t n, struct buf *err);
	int (*row)(void *ctx, const struct fact_cell *cells, size_t n, struct buf *err);
	void *ctx;
};

/*
 * One SELECT (or WITH, VALUES) over views, its rows as they come. A blob is given as hexadecimal
 * digits, columns of one name as name, name:1, ... as_of: v_event ends there, and what is not known
 * of then is refused; INT64_MAX: all is as it stands. Status as the store's.
 */
int select_rows(struct store *s, const char *sql, int64_t as_of, const struct select_taker *taker,
	struct buf *err);

/* From here on a statement of the store that runs while *stop is set fails; until something else
 * counts steps of it. */
void select_stop_at(struct store *s, const volatile sig_atomic_t *stop);
/* Ends what the store is doing; from a signal's handler too. */
void select_stop(struct store *s);

typedef void select_name(void *ctx, const char *name);
/* The views that can be read; the columns of one (nothing where there is none of the name). */
void select_views(select_name *see, void *ctx);
void select_columns(struct store *s, const char *view, select_name *see, void *ctx);
/* Names that begin with prefix, at most n: customers ("c1" gives c1, c10, ...), identifiers'
 * values as they are written. */
void select_customers(struct store *s, const char *prefix, size_t n, select_name *see, void *ctx);
void select_identifiers(struct store *s, const char *prefix, size_t n, select_name *see, void *ctx);

/* An identifier that holds a text. */
struct identity_match {
	struct str kind, value;
	int64_t first, customer; /* 0: nobody's */
};
typedef int select_match(void *ctx, const struct identity_match *m, struct buf *err);
/* At most n, in the order in which they were named first, as known when the log ended at as_of. */
int select_matches(struct store *s, const char *text, int64_t as_of, size_t n, select_match *visit,
	void *ctx, struct buf *err);

/* The end of the latest of the events up to as_of that the horizon counts: where it stood. */
int select_horizon(struct store *s, int64_t as_of, int64_t *ms, struct buf *err);

#endif
