/*
 * Whether a journey file shows its records as they are: that its tables, indexes, views and
 * triggers are those that this version makes, and that no trigger stands beside them. What else
 * somebody put into the file is no matter.
 */
#ifndef CORE_STORE_SCHEMA_VERIFY_H
#define CORE_STORE_SCHEMA_VERIFY_H

#include "core/store/verify.h"

/* Within a transaction, behind store_verify: tells and counts faults as that does. 0 also where
 * there are faults. */
int schema_verify(struct store *s, struct verify *v, struct buf *err);

#endif
