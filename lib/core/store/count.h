/* Counts over a journey file, for people who look at it. */
#ifndef CORE_STORE_COUNT_H
#define CORE_STORE_COUNT_H

#include "core/store/store.h"

struct store_counts {
	int64_t records, sessions, customers, identifiers, touched, bytes, erased;
};
int store_counts(struct store *s, struct store_counts *out, struct buf *err);
/* Each source with its records, most first. */
int store_sources(struct store *s,
	int (*visit)(void *ctx, const char *source, int64_t records, struct buf *err), void *ctx,
	struct buf *err);
/* A value that the store keeps about itself ("ontology"); empty where there is none. */
int store_about(struct store *s, const char *key, struct buf *value, struct buf *err);

#endif
