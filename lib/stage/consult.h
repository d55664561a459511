/*
 * jintent with a program of the user's: each record goes to it as a line, and the labels of the
 * line that comes back are taken, where they are of the ontology. Where it says nothing in time, or
 * something else, the built-in classifier answers. Records keep their order.
 */
#ifndef STAGE_CONSULT_H
#define STAGE_CONSULT_H

#include "stage/classify.h"

struct consult_options {
	const struct ontology *ontology;
	struct classify *classify; /* the fallback */
	bool relabel;		   /* as classify_new has it */
	const char *command;	   /* run by sh */
	int64_t timeout_ms;	   /* how long it may take for the next answer */
};

/* What became of the records that it was asked about. */
struct consult_counts {
	uint64_t answered;
	uint64_t late;	  /* no answer in time */
	uint64_t wrong;	  /* no JSON, another id, labels that are none */
	uint64_t unknown; /* an intent that the ontology has not */
	uint64_t died;	  /* it had ended */
	uint64_t restarts;
};

/*
 * Reads, labels and writes all records of the paths: see pipe_run. counts is there also where it
 * fails. Nothing of the command runs on when it returns. It is started again when it dies or says
 * nothing, a bounded number of times; then the built-in classifier goes on alone, and `gone` gets
 * the reason.
 */
int consult_run(const struct consult_options *o, struct pipe *p, char *const *paths, size_t n,
	struct consult_counts *counts, struct buf *gone, struct buf *err);
/* Appends the counts as a summary tells them. */
void consult_tell(const struct consult_counts *c, struct buf *out);

#endif
