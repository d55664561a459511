/* jintent train: a model from an ontology's examples and phrases and from labelled texts. */
#ifndef STAGE_TRAIN_H
#define STAGE_TRAIN_H

#include "core/ontology.h"
#include "stage/model.h"

/*
 * What is learnt from has to fit into memory: so many texts, and bytes of their words and labels;
 * so many numbers of a text each class, or of a feature each class; so many features of all texts
 * together. At these limits it takes about four GiB.
 */
#define TRAIN_TEXTS_MAX ((size_t)1 << 20)
#define TRAIN_BYTES_MAX ((size_t)256 << 20)
#define TRAIN_CELLS_MAX ((size_t)1 << 26)
#define TRAIN_VALUES_MAX ((size_t)1 << 26)

struct train {
	const struct ontology *ontology; /* NULL: the labels are what the texts have */
	const char *out_of_scope;
	size_t max_line;
	double precision; /* that the threshold is chosen for */
	/* For telling, afterwards. */
	size_t texts;
	uint64_t skipped;
	uint64_t left_out; /* features beyond what a model can know: seen that often, and not learnt
			    */
};

/* The same ontology and the same texts, in whatever order, give the same model. NULL and a reason,
 * also beyond the limits. Free with model_free. */
struct model *train_model(struct train *how, char *const *paths, size_t n, struct buf *err);

#endif
