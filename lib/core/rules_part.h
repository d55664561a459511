/* What the files of the rules share. Nobody else includes it. */
#ifndef CORE_RULES_PART_H
#define CORE_RULES_PART_H

#include "core/rules.h"
#include "io/yaml.h"

struct rules {
	char *label, *path;
	const struct ontology *ontology;
	struct rule *v; /* the default stands last */
	size_t n, cap;
	struct escalation *escalations;
	size_t escalation_n, escalation_cap;
	struct delivery *deliver; /* where a rule says none; NULL: none */
	bool scored;
	struct patterns queues;	       /* of the file, beside the ontology's */
	struct conditions *conditions; /* of rules; scores and conditions of targets */
	struct conditions *moments;    /* of escalations */
};

/* The member `deliver` of a mapping, where it is there: *out for delivery_free. -1 and a reason. */
int delivery_read(
	const struct rules *r, const struct yaml *of, struct delivery **out, struct buf *err);
void delivery_free(struct delivery *d);

/* Fills the rules from the tree of their file. -1 and a reason. */
int rules_fill(struct rules *r, const struct yaml *y, struct buf *err);

#endif
