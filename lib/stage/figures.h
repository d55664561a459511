/* What jmetrics writes of metrics: a report, the rows behind one figure, or checks that do not
 * hold. */
#ifndef STAGE_FIGURES_H
#define STAGE_FIGURES_H

#include "core/store/store.h"
#include "stage/check.h"
#include "stage/explain.h"
#include "stage/measure.h"

struct figures {
	struct store *store; /* one snapshot of it */
	struct measure *measure;
	const struct report_place *place;
	enum report_format format;
	bool explained; /* the rows behind measure->metrics[0]: */
	enum explain_which which;
	struct checks *checks; /* where there are any, they alone are told */
	bool quiet;
};

/* -1 and the reason where what is asked does not go together; `store` and `place` are not looked
 * at. */
int figures_check(const struct figures *f, struct buf *err);
/* Above 0 where a check does not hold. Status as measure_all's. */
int figures_write(const struct figures *f, struct out *out, struct buf *err);

#endif
