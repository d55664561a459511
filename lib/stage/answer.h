/* What a program says of a record: labels, held against the ontology. */
#ifndef STAGE_ANSWER_H
#define STAGE_ANSWER_H

#include "core/ontology.h"
#include "io/json.h"

enum answer_verdict {
	ANSWER_GOOD,
	ANSWER_WRONG,	/* a label that is none */
	ANSWER_UNKNOWN, /* an intent that the ontology has not */
};

/* data: of the answer, or NULL. */
enum answer_verdict answer_judge(const struct ontology *o, const struct json *data);
/* A member of it; NULL where it is null or not there. */
const struct json *answer_says(const struct json *data, const char *name);

#endif
