/*
 * The facts of a whole log made by columns alone (core/store/alone.h): read once, folded by threads
 * beside, and kept without rows.
 */
#ifndef STAGE_COLUMNS_H
#define STAGE_COLUMNS_H

#include "core/ontology.h"
#include "core/store/store.h"

/* *made false: the log did not stand still meanwhile, or columns cannot have its facts, and nothing
 * was kept. Status as the store's. */
int columns_make(struct store *s, const struct ontology *o, bool *made, struct buf *err);

#endif
