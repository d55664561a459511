/*
 * How well kinds of identifiers tell people apart, and how many people may share one: the rules by
 * which a log joins people, as it keeps them. The text is a line, "normal", and a line for each
 * kind, the strongest first: "phone 3", or "crm 0" where there is no limit.
 */
#ifndef CORE_KINDS_H
#define CORE_KINDS_H

#include "core/ontology.h"

#define KINDS_MAX 30
#define KIND_NAME 32

struct kinds {
	struct {
		char name[KIND_NAME];
		int64_t limit; /* 0: none */
	} v[KINDS_MAX];
	size_t n;
};

/* Appends the text of the ontology's rules. */
void kinds_put(struct buf *out, const struct ontology *o, enum identity_rules rules);
/* By name; false: there is none of it. */
bool kinds_rules(const char *name, enum identity_rules *out);
/* False where it is no such text. */
bool kinds_read(struct kinds *k, struct str text);
/* The place of a kind ("handle:network" is of the kind handle), from 1, the strongest; those that
 * are not listed come last. */
int kinds_rank(const struct kinds *k, struct str kind);
/* How many values of a stronger kind may be seen with one of this rank; 0: any number. */
int64_t kinds_limit(const struct kinds *k, int rank);

#endif
