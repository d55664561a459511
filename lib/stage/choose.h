/* Which metrics are asked for, and whether what is asked of them fits their facts. */
#ifndef STAGE_CHOOSE_H
#define STAGE_CHOOSE_H

#include "base/opt.h"
#include "core/ontology.h"
#include "stage/measure.h"

/* Metrics, measured ones alone; borrowed from the definitions. Zeroed: none; free(v). */
struct metric_choice {
	const struct metric **v;
	size_t n, cap;
};

/* Reads the definitions of the ontology's folders, then those of the extra ones. -1 and a
 * reason; release with metrics_release, also then. */
int choose_definitions(
	struct metrics *m, const struct ontology *o, const struct opt_list *extra, struct buf *err);

/* Adds all of the id's family where it names one, each metric once. -1 and "no such metric: ..."
 * with those that are near, where it names none. */
int choose(const struct metrics *m, const char *id, struct metric_choice *c, struct buf *err);
/* Adds one that may be there already. */
void choose_metric(struct metric_choice *c, const struct metric *m);
/* The measured metric with just this id, the first of several; NULL: there is none. */
const struct metric *choose_find(const struct metrics *m, struct str id);
/* Adds the one that has the id, or the name family.variant. -1 and a reason where there are
 * several, or none. */
int choose_one(const struct metrics *m, const char *id, struct metric_choice *c, struct buf *err);
void choose_all(const struct metrics *m, struct metric_choice *c);

/* The ids, behind one to define or one to explain (NULL: none), which has none behind it. -1 and
 * the reason. */
int choose_ids(const struct metrics *m, const char *define, const char *explain, char *const *ids,
	size_t n, struct metric_choice *c, struct buf *err);

/* The names in lists such as "a, b". -1 and a reason where one is empty or comes twice.
 * choose_dimensions_release frees them, in either case. */
int choose_dimensions(const struct opt_list *given, struct opt_list *by, struct buf *err);
void choose_dimensions_release(struct opt_list *by);
/* A condition of which each is a part, in `all`; NULL where there is none. */
const char *choose_condition(const struct opt_list *given, struct buf *all);

/*
 * Takes out the metrics whose facts lack what is asked: the facts themselves, a dimension, or a
 * column of m->where; which, and why, is a warning. Where they were `wished`, or none is left, -1
 * and the reason. m->metrics are not looked at.
 */
int choose_what_fits(struct metric_choice *c, struct sqlite3 *db, const struct measure *m,
	bool wished, bool quiet, struct buf *err);

#endif
