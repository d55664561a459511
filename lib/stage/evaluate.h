/* jintent eval: what is said of labelled texts beside what is true of them. */
#ifndef STAGE_EVALUATE_H
#define STAGE_EVALUATE_H

#include "base/buf.h"
#include "stage/classify.h"
#include "stage/labelled.h"

struct evaluate {
	struct classify *classify;	 /* as the filter would; NULL: the model alone */
	const struct ontology *ontology; /* that classify is by: labels are read as it says */
	struct model *model;		 /* where classify is NULL */
	bool records;			 /* NDJSON, not tables */
	/* For telling, afterwards: texts whose label is never said, so that they are always wrong,
	 * and those labels, "a, b, c" (the first few); to be released. */
	size_t unknown;
	struct buf unknown_labels;
};

/* Reads all of it and appends the report. -1 and a reason. */
int evaluate(struct evaluate *e, struct labelled_reader *r, char *const *paths, size_t n,
	struct buf *out, struct buf *err);

#endif
