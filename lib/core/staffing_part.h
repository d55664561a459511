/* What the files of the staffing share. Nobody else includes it. */
#ifndef CORE_STAFFING_PART_H
#define CORE_STAFFING_PART_H

#include "core/staffing.h"
#include "io/yaml.h"

/* Fills it from the tree of its file. -1 and a reason. */
int staffing_fill(struct staffing *s, const struct yaml *y, struct buf *err);

#endif
