/*
 * jintent check: all that is wrong with an ontology. What makes it unusable is an error; what will
 * not do what its author meant, a warning; what is thin, a note. Warnings and notes are about the
 * ontology's own files, not about those of one that it extends.
 */
#ifndef STAGE_VOCABULARY_H
#define STAGE_VOCABULARY_H

#include "core/findings.h"
#include "io/out.h"

/* Adds what is wrong with the folder (NULL: the one found), sorted by place. -1 and a reason where
 * there is no ontology to look at. */
int vocabulary_check(const char *folder, struct findings *out, struct buf *err);
/* As lines of JSON, or as a table for people. -1 and a reason. */
int vocabulary_tell(const struct findings *f, bool table, struct out *out, struct buf *err);

#endif
