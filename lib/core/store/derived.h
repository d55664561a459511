/* Ids that are derived: the same whenever they are asked for, others in another file. */
#ifndef CORE_STORE_DERIVED_H
#define CORE_STORE_DERIVED_H

#include "core/store/store.h"

#define DERIVED_SIZE 16

/* The first bytes of SHA-256 over the file's secret, what the id is of, and a number of it. */
void store_derived(
	struct store *s, const char *what, int64_t number, unsigned char out[DERIVED_SIZE]);

#endif
