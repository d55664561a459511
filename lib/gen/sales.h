/* What the figures of opportunities are over the customers of a scenario. */
#ifndef GEN_SALES_H
#define GEN_SALES_H

#include "gen/lead.h"
#include "gen/line.h"

struct sales;

/* horizon: when the last event ends, ms. Free with sales_free. */
struct sales *sales_new(const struct scenario *s, int64_t horizon);
void sales_free(struct sales *s);
void sales_add(struct sales *s, const struct truth *t, const struct leads *of);
/* One JSON object a line for each figure. */
void sales_tell(const struct sales *s, struct line *l);

#endif
