/* Shares, and what is told of them. */
#ifndef GEN_RATE_H
#define GEN_RATE_H

#include "gen/line.h"

struct rate {
	uint64_t hits, n, immature, left_out;
};

static inline void rate_count(struct rate *r, bool hit)
{
	r->n++;
	r->hits += hit;
}

/* Rows of unknown customers are left out, and those whose window is not over. */
static inline void rate_mature(struct rate *r, bool known, bool mature, bool hit)
{
	if (!known)
		r->left_out++;
	else if (!mature)
		r->immature++;
	else
		rate_count(r, hit);
}

/* The members of a line that are a share's, and the line's end. */
static inline void rate_tell(const struct rate *r, struct line *l)
{
	if (r->n) {
		line_decimal(l, "value", (double)r->hits / (double)r->n, 6);
		line_number(l, "numerator", (int64_t)r->hits);
	}
	line_number(l, "n", (int64_t)r->n);
	line_number(l, "immature", (int64_t)r->immature);
	line_number(l, "left_out", (int64_t)r->left_out);
	line_end(l);
}

#endif
