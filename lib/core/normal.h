/* The normal forms of entities' values, so that the same thing written twice compares equal. */
#ifndef CORE_NORMAL_H
#define CORE_NORMAL_H

#include "core/ontology.h"

/* Appends the digits of s. */
void normal_digits(struct buf *out, struct str s);
/* The month that a folded word begins like in English, Portuguese or Spanish, or 0. */
int normal_month(struct str word);
/* Appends the normal form of what was found; as it was written, trimmed, where it has none for
 * certain. */
void entity_value(struct buf *out, enum entity_normal normal, struct str written);

#endif
