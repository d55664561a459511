/*
 * What the metrics of jtools-metrics(7) are over the customers of a scenario, from their truths:
 * all of them, and those that a journey's plan decides although no tool measures them yet.
 */
#ifndef GEN_TALLY_H
#define GEN_TALLY_H

#include "gen/lead.h"
#include "gen/line.h"

struct tally;

/* horizon: when the last event ends, ms. Free with tally_free. */
struct tally *tally_new(const struct scenario *s, int64_t horizon);
void tally_free(struct tally *t);
/* leads: of the same customer. */
void tally_add(struct tally *t, const struct truth *of, const struct leads *leads);
/* One JSON object a line for each figure. -1 and a reason where they cannot be written. */
int tally_tell(struct tally *t, struct line *l);

#endif
