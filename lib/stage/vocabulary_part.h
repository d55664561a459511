/* What the files of jintent check share. */
#ifndef STAGE_VOCABULARY_PART_H
#define STAGE_VOCABULARY_PART_H

#include "core/findings.h"
#include "core/ontology.h"

struct vocabulary {
	const struct ontology *o;
	struct findings *findings;
};

/* Adds a finding where it is about a file of the ontology's own; errors are told wherever. */
void vocabulary_at(struct vocabulary *v, enum finding_level level, struct spot at, const char *fmt,
	...) __attribute__((format(printf, 4, 5)));
/* Whether the file is the ontology's own, and none of one that it extends. */
bool vocabulary_own(const struct vocabulary *v, const char *path);
/* Whether a tag is one of a language, pt-BR of pt. */
bool vocabulary_speaks(const char *tag, const char *language);
/* What is wrong with phrases and examples, among each other and by language. */
void vocabulary_texts(struct vocabulary *v);

#endif
