/*
 * One column of some rows as bytes: whole numbers in as few bytes each as their range needs, texts
 * as numbers of a list that comes first, reals as they are.
 */
#ifndef CORE_STORE_COLUMN_H
#define CORE_STORE_COLUMN_H

#include "core/store/codes.h"

#define COLUMN_NULL INT64_MIN	       /* in place of a number or a text */
#define COLUMN_MOST (INT64_C(1) << 48) /* of a whole number, either way */

#define COLUMN_ROWS (1 << 24) /* that a column has at most */

enum column_type { COLUMN_INT, COLUMN_TEXT, COLUMN_REAL };

/* A value: a whole number, or a text's code; of COLUMN_REAL a double, NaN: NULL. */
union column_value {
	int64_t n;
	double real;
};

/* Appends n values, numbers between -COLUMN_MOST and COLUMN_MOST or NULL; of COLUMN_TEXT the places
 * of texts, from 1, all of which are written. */
void column_put(struct buf *out, enum column_type type, const union column_value *v, size_t n,
	const struct str *texts, size_t text_n);

/* One that is read. Zeroed: empty; column_release. */
struct column {
	enum column_type type;
	size_t n; /* rows */
	/* within: the bytes, which are its own */
	struct buf bytes;
	size_t at;
	unsigned width;
	int64_t base;
	uint64_t mask, fixed;
	int64_t *texts; /* code by number */
	size_t text_n, text_cap;
};

/* Takes in what column_put wrote; texts become codes. -1: it is damaged. */
int column_open(struct column *c, enum column_type type, struct str bytes, struct codes *codes);
/* Values of rows from one on. */
void column_get(const struct column *c, size_t from, size_t n, union column_value *out);
void column_release(struct column *c);

#endif
