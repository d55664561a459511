/* Numbers in order, without a call for each comparison. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* The least first. v may be NULL where n is 0. */
void sort_numbers(uint64_t *v, size_t n);

#endif
