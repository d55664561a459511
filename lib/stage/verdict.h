/* What a text is about, where phrases and a model may both have a say. */
#ifndef STAGE_VERDICT_H
#define STAGE_VERDICT_H

#include "core/ontology.h"
#include "stage/model.h"
#include "stage/phrases.h"

/* What phrases and patterns say. */
struct best {
	const struct intent *intent; /* NULL: none */
	const struct intent *rival;  /* whose score is `second`; NULL: none */
	int score, second;
};

enum verdict_by { BY_NOTHING, BY_PHRASES, BY_MODEL, BY_BOTH };

struct verdict {
	enum verdict_by by;
	const struct intent *intent; /* NULL: none is sure enough */
	double confidence;
	/* The next best; of an abstention, the best. NULL: none. */
	const struct intent *rival;
	double rival_confidence;
};

/* By phrases alone where m is NULL. Its judgement is of the same text. */
struct verdict verdict_of(const struct ontology *o, const struct best *b, const struct model *m,
	const struct judged *j);
/*
 * Appends a line for people: the verdict, the phrases that were found of it and of its rival, and
 * the words that the model went by. Right after the text was looked at: owners in the index are
 * intents.
 */
void verdict_explain(struct buf *out, const struct ontology *o, const struct verdict *v,
	const struct phrase_index *x, struct model *m);

#endif
