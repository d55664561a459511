/* The normal forms of entities' values, so that the same thing written twice compares equal. */
#ifndef CORE_NORMAL_H
#define CORE_NORMAL_H

#include "core/ontology.h"

/* Appends the normal form of what was found; as it was written, trimmed, where it has none for
 * certain. */
void entity_value(struct buf *out, enum entity_normal normal, struct str written);

#endif
