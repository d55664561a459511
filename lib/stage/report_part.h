/* What the files of a report share. Only what writes results includes it. */
#ifndef STAGE_REPORT_PART_H
#define STAGE_REPORT_PART_H

#include "stage/measure.h"

/* The value as machines get it: seconds to the ms, ratios to six digits. */
double report_machine(enum measure_scale scale, double v);
/* And as people do: 25.0%, 3m 20s. */
void report_human(struct buf *out, enum measure_scale scale, double v);
const char *report_unit(const struct measure_result *r); /* "s", "ratio", "contacts"; borrowed */

/* ---- Prometheus' text format ---- */

struct prom;

struct prom *prom_new(void);
/*
 * Takes the next result; those of a metric come together. Appends what is complete to out, a family
 * of samples at a time. -1 and a reason where two metrics would have one name.
 */
int prom_take(struct prom *p, const struct measure_result *r, struct buf *out, struct buf *err);
/* Appends the rest, and where the log stood; place NULL: nothing. Frees. */
void prom_end(struct prom *p, const struct report_place *place, struct buf *out);

#endif
