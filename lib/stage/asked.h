/* What is asked, for one metric. */
#ifndef STAGE_ASKED_H
#define STAGE_ASKED_H

#include "core/store/measure.h"
#include "stage/measure.h"

/* ms: what is asked for, else the definition's own. */
int64_t asked_window(const struct measure *m, const struct metric *metric);
/* Whether --by names the dimension. */
bool asked_by(const struct measure *m, const char *dimension);
/* The query of its rows, by the dimensions of --by and then those that it is never pooled over.
 * Caller frees *dimensions, which the query borrows. */
struct measure_query asked_query(const struct measure *m, const struct metric *metric,
	const struct shape *shape, const char ***dimensions);

#endif
