/*
 * An ontology's examples: what customers say, by intent and language, from the files of its folder
 * `examples`. They are many, so only who trains or checks reads them.
 */
#ifndef CORE_EXAMPLES_H
#define CORE_EXAMPLES_H

#include "core/ontology.h"

struct example {
	size_t intent; /* its number in the ontology */
	char *lang;    /* BCP 47 */
	char *text;
	size_t file; /* in `files` */
	int line, column;
};

/* In the order of the files' names and of their lines. */
struct examples {
	struct example *v;
	size_t n, cap;
	struct patterns files; /* paths */
};

/*
 * All *.yaml of FOLDER/examples, of the lowest layer first, each a mapping `examples` of intents to
 * languages to lists of texts; none where there is no such folder. -1 and "file:line:column:
 * reason" on failure. Release in either case; zeroed is empty.
 */
int examples_read(const struct ontology *o, struct examples *out, struct buf *err);
/* The same, with all that is wrong as findings, and what could be read in *out all the same. */
int examples_read_all(
	const struct ontology *o, struct examples *out, struct findings *findings, struct buf *err);
void examples_release(struct examples *e);

#endif
