/*
 * What the runs of a word say for each class. That depends on the word alone, and people use few
 * words, so the sums of the words met last are kept: in constant memory, and the same whether kept
 * or counted anew.
 */
#ifndef STAGE_WORD_ROWS_H
#define STAGE_WORD_ROWS_H

#include "stage/model.h"

/* A row of a word: whole numbers, m->stride of them. */
struct word_row {
	const int32_t *sums; /* in units of m->run_unit */
	float square;	     /* the sum of the squares of its runs' weights */
};

struct word_rows *word_rows_new(size_t stride);
void word_rows_free(struct word_rows *w); /* NULL is allowed */
/* Of a word of m->features; borrowed until the next call. */
struct word_row word_rows_of(struct model *m, size_t word);

/* The table of weights is large: a feature's row is asked for as many features before it is needed.
 */
#define ROW_AHEAD 16
static inline void row_fetch(const struct model *m, uint32_t feature)
{
	const int8_t *row = m->weights + feature * m->stride;

	for (size_t k = 0; k < m->stride; k += MODEL_LINE)
		__builtin_prefetch(row + k);
}

/* sums[k] += by * row[k] for n numbers, n a multiple of ROW_LANES. Whole numbers, so that the order
 * of adding and the machine make no difference. */
#define ROW_LANES 16
void row_add(int32_t *restrict sums, const int8_t *restrict row, int16_t by, size_t n);
/* sums[k] += row[k] */
void row_sum(int64_t *restrict sums, const int32_t *restrict row, size_t n);
/* The scores of all classes, from the sums of words and pairs, and of runs, times a factor each. */
void row_scores(struct model *m, double by, double run_by);
/* 2^x for x up to 0, and 0 below -126: the same on every machine. */
float row_power2(float x);
/* scores[k] = 2^((scores[k] - top) * scale) */
void row_powers(float *scores, float top, float scale, size_t n);

#endif
