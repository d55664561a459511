/* jintent train: a model from an ontology's examples and phrases and from labelled texts. */
#ifndef STAGE_TRAIN_H
#define STAGE_TRAIN_H

#include "core/ontology.h"
#include "stage/model.h"

struct train {
	const struct ontology *ontology; /* NULL: the labels are what the texts have */
	const char *out_of_scope;
	size_t max_line;
	double precision; /* that the threshold is chosen for */
	/* For telling, afterwards. */
	size_t texts;
	uint64_t skipped;
};

/* The same ontology and the same texts, in whatever order, give the same model. NULL and a reason.
 * Free with model_free. */
struct model *train_model(struct train *t, char *const *paths, size_t n, struct buf *err);

#endif
