/* The truth as records, one JSON object a line (jgen(1)). */
#ifndef GEN_TELL_H
#define GEN_TELL_H

#include "gen/lead.h"
#include "gen/line.h"
#include "gen/record.h"

/* All facts of one customer, as of the horizon (ms). -1 and a reason where they cannot be written.
 */
int tell_facts(const struct truth *t, const struct leads *leads, const struct voice *v,
	int64_t horizon, struct line *l);

#endif
