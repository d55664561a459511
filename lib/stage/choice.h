/* Which metrics are asked for, by the words of a command line. */
#ifndef STAGE_CHOICE_H
#define STAGE_CHOICE_H

#include "core/metric.h"

/* Measured metrics, each once; borrowed. free(v) ends it. */
struct choice {
	const struct metric **v;
	size_t n, cap;
};

/* All of the id's family where it names one. -1 and why where there is none, with those near it. */
int choice_add(struct choice *c, const struct metrics *m, struct str id, struct buf *err);
void choice_one(struct choice *c, const struct metric *m);
/* The measured metric with just this id; NULL: there is none. */
const struct metric *choice_find(const struct metrics *m, struct str id);
void choice_all(struct choice *c, const struct metrics *m);

/* Dimensions; owned. */
struct dimensions {
	const char **v;
	size_t n, cap;
};

/* "a,b" (NULL: none). -1 and why where one is empty or comes twice. */
int dimensions_read(struct dimensions *d, const char *text, struct buf *err);
void dimensions_release(struct dimensions *d);

/*
 * Metrics that were wished for must have the dimensions; without a wish those that lack one are
 * left out, and named in `lacking`. -1 and why where one lacks one, or none are left.
 */
int choice_fit(struct choice *c, const struct dimensions *by, bool wished, struct buf *lacking,
	struct buf *err);

#endif
