/*
 * Cases over which conditions are tried: values for what they read, made of the constants that they
 * compare it with, the neighbours of these, and NULL. Where conditions do nothing but compare
 * columns with constants, such cases stand for all there are, and what holds in each of them always
 * holds.
 */
#ifndef CORE_CASES_H
#define CORE_CASES_H

#include "core/conditions.h"

/* One thing that a condition reads: a column, or a call like signal('churn'). */
struct reading {
	int column; /* -1: a call */
	char *name;
	struct expr_value *constants; /* that it is compared with; texts are the readings' */
	size_t n, cap;
};

/* What one condition reads. */
struct readings {
	struct reading *v;
	size_t n, cap;
	bool plain; /* it only compares readings with constants */
	char *text; /* the condition with its texts cut out of it */
};

void readings_read(struct readings *t, const struct conditions *c, int number);
void readings_release(struct readings *t);
/* Tells each name that the condition reads and the ontology does not have, and what that is: "no
 * intent". */
void readings_unknown(const struct readings *t, const struct ontology *o,
	void (*tell)(void *ctx, const char *what, struct str name), void *ctx);

/* Some conditions' readings, each with the values that are tried. */
struct cases;
struct cases *cases_new(const struct ontology *o);
void cases_free(struct cases *s);
void cases_clear(struct cases *s);
/* Adds what a condition reads; in front of the first case. */
void cases_add(struct cases *s, const struct readings *t);
/* How many cases there are; at most SIZE_MAX. */
double cases_count(struct cases *s);
/* Whether the conditions that were added are plain. */
bool cases_plain(const struct cases *s);
/* Makes the case at a number below cases_count the one at hand; false: there can be none such. */
bool cases_take(struct cases *s, double number);
/* The last one, which may have no number: a double holds none above 2^53 exactly. */
bool cases_last(struct cases *s);
/* Numbers of cases, one after the other: all of them, or as many of them, the same in every run. */
struct cases_walk {
	double all;
	size_t n, i;
	bool whole; /* all of them */
	uint64_t state;
};
struct cases_walk cases_walk(struct cases *s, size_t most);
bool cases_next(struct cases_walk *w, double *number);
/* The case at hand, for conditions_suppose. */
const struct supposed *cases_supposed(const struct cases *s);
/* What the case at hand supposes of a column or call; NULL: no condition reads it. */
const struct expr_value *cases_value(const struct cases *s, const char *name);
/* Whether it leaves nothing of what is read unknown, and no sum or time is below 0. */
bool cases_usual(const struct cases *s);
/* Appends what the case at hand supposes, what is NULL or 0 left out. */
void cases_tell(const struct cases *s, struct buf *out);

#endif
