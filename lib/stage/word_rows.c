#include "stage/word_rows.h"
#include "base/mem.h"

#include <stdlib.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define WORD_KEPT 23 /* bytes; a longer word is counted each time */
#define BYTES_KEPT ((size_t)4 << 20)
#define WORDS_KEPT ((size_t)8192) /* a power of two */
/* Of 2^x - 1, for x from 0 to 1. */
#define C1 0.69314718F
#define C2 0.24022651F
#define C3 0.05550411F
#define C4 0.00961813F
#define C5 0.00133336F

/* The word itself is kept, and not its hash alone: nobody can make one word pass for another. */
struct kept {
	char word[WORD_KEPT];
	uint8_t len; /* 0: free */
	float square;
};

struct word_rows {
	struct kept *v;
	size_t n; /* a power of two */
	size_t stride;
	int32_t *sums; /* a row each, and one more for words that are not kept */
};

struct word_rows *word_rows_new(size_t stride)
{
	struct word_rows *w = mem_zero(1, sizeof(*w));

	w->stride = stride;
	w->n = WORDS_KEPT;
	while (w->n > 1 && w->n * stride * sizeof(*w->sums) > BYTES_KEPT)
		w->n /= 2;
	w->v = mem_zero(w->n, sizeof(*w->v));
	w->sums = mem_zero((w->n + 1) * stride, sizeof(*w->sums));
	return w;
}

void word_rows_free(struct word_rows *w)
{
	if (!w)
		return;
	free(w->v);
	free(w->sums);
	free(w);
}

static void add(int32_t *restrict sums, const int8_t *restrict row, int16_t by, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sums[i] += by * (int16_t)row[i];
}

static void sum(int64_t *restrict sums, const int32_t *restrict row, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sums[i] += row[i];
}

static void scores(struct model *m, double by, double run_by)
{
	for (size_t k = 0; k < m->stride; k++)
		m->scores[k] =
			(float)((double)m->sums[k] * by + (double)m->runs[k] * run_by) + m->bias[k];
}

/* The whole part by the exponent, the rest by a polynomial. */
float row_power2(float x)
{
	int32_t whole;
	uint32_t bits;
	float rest, y;

	if (x < -126)
		return 0;
	whole = (int32_t)x - 1;
	rest = x - (float)whole;
	y = 1 + rest * (C1 + rest * (C2 + rest * (C3 + rest * (C4 + rest * C5))));
	bits = (uint32_t)(whole + 127) << 23;
	memcpy(&rest, &bits, sizeof(rest));
	return y * rest;
}

static void powers(float *scores, float top, float scale, size_t n)
{
	for (size_t k = 0; k < n; k++)
		scores[k] = row_power2((scores[k] - top) * scale);
}

#if defined(__x86_64__)
/* The same by wider registers, which most processors have: the same steps, so that not a bit of
 * what they give differs. */
__attribute__((target("avx2"))) static void add_wide(
	int32_t *restrict sums, const int8_t *restrict row, int16_t by, size_t n)
{
	__m256i factor = _mm256_set1_epi32(by);

	for (size_t i = 0; i < n; i += 8) {
		__m256i weights = _mm256_cvtepi8_epi32(_mm_loadu_si64(row + i));
		__m256i *to = (void *)(sums + i);

		_mm256_storeu_si256(to, _mm256_add_epi32(_mm256_loadu_si256(to),
						_mm256_mullo_epi32(weights, factor)));
	}
}

__attribute__((target("avx2"))) static void sum_wide(
	int64_t *restrict sums, const int32_t *restrict row, size_t n)
{
	for (size_t i = 0; i < n; i += 4) {
		const __m128i *from = (const void *)(row + i);
		__m256i more = _mm256_cvtepi32_epi64(_mm_loadu_si128(from));
		__m256i *to = (void *)(sums + i);

		_mm256_storeu_si256(to, _mm256_add_epi64(_mm256_loadu_si256(to), more));
	}
}
/* A number of less than 51 bits, by the bits of a double. */
__attribute__((target("avx2"))) static __m256d doubles(const int64_t *from)
{
	const __m256d far = _mm256_set1_pd(0x1.8p52);
	__m256i whole = _mm256_loadu_si256((const void *)from);

	whole = _mm256_add_epi64(whole, _mm256_castpd_si256(far));
	return _mm256_sub_pd(_mm256_castsi256_pd(whole), far);
}

__attribute__((target("avx2"))) static void scores_wide(struct model *m, double by, double run_by)
{
	const __m256d one = _mm256_set1_pd(by), other = _mm256_set1_pd(run_by);

	for (size_t k = 0; k < m->stride; k += 4) {
		__m128i words = _mm_loadu_si128((const void *)(m->sums + k));
		__m256d sum = _mm256_mul_pd(_mm256_cvtepi32_pd(words), one);

		sum = _mm256_add_pd(sum, _mm256_mul_pd(doubles(m->runs + k), other));
		_mm_storeu_ps(
			m->scores + k, _mm_add_ps(_mm256_cvtpd_ps(sum), _mm_loadu_ps(m->bias + k)));
	}
}

__attribute__((target("avx2"))) static __m256 step_wide(__m256 rest, __m256 y, float next)
{
	return _mm256_add_ps(_mm256_set1_ps(next), _mm256_mul_ps(rest, y));
}

__attribute__((target("avx2"))) static void powers_wide(
	float *scores, float top, float scale, size_t n)
{
	for (size_t k = 0; k < n; k += 8) {
		__m256 x = _mm256_mul_ps(
			_mm256_sub_ps(_mm256_loadu_ps(scores + k), _mm256_set1_ps(top)),
			_mm256_set1_ps(scale));
		__m256i whole = _mm256_sub_epi32(_mm256_cvttps_epi32(x), _mm256_set1_epi32(1));
		__m256 rest = _mm256_sub_ps(x, _mm256_cvtepi32_ps(whole));
		__m256 y = step_wide(rest, _mm256_set1_ps(C5), C4);
		__m256i bits =
			_mm256_slli_epi32(_mm256_add_epi32(whole, _mm256_set1_epi32(127)), 23);
		__m256 there = _mm256_cmp_ps(x, _mm256_set1_ps(-126), _CMP_GE_OQ);

		y = step_wide(rest, step_wide(rest, step_wide(rest, y, C3), C2), C1);
		y = _mm256_mul_ps(step_wide(rest, y, 1), _mm256_castsi256_ps(bits));
		_mm256_storeu_ps(scores + k, _mm256_and_ps(y, there));
	}
}
#else
#define add_wide add
#define sum_wide sum
#define scores_wide scores
#define powers_wide powers
#endif

static bool is_wide(void)
{
#if defined(__x86_64__)
	return __builtin_cpu_supports("avx2");
#else
	return false;
#endif
}

void row_add(int32_t *restrict sums, const int8_t *restrict row, int16_t by, size_t n)
{
	(is_wide() ? add_wide : add)(sums, row, by, n);
}

void row_sum(int64_t *restrict sums, const int32_t *restrict row, size_t n)
{
	(is_wide() ? sum_wide : sum)(sums, row, n);
}

void row_scores(struct model *m, double by, double run_by)
{
	(is_wide() ? scores_wide : scores)(m, by, run_by);
}

void row_powers(float *scores, float top, float scale, size_t n)
{
	(is_wide() ? powers_wide : powers)(scores, top, scale, n);
}

static float count(struct model *m, size_t word, int32_t *sums)
{
	float square = lexicon_word(&m->lexicon, &m->features, word);
	const uint32_t *found = m->lexicon.found;
	size_t n = m->lexicon.found_n;

	memset(sums, 0, m->stride * sizeof(*sums));
	for (size_t i = 0; i < n; i++) {
		const struct lexicon_entry *e = &m->lexicon.v[found[i]];

		if (i + ROW_AHEAD < n)
			row_fetch(m, found[i + ROW_AHEAD]);
		row_add(sums, m->weights + found[i] * m->stride,
			(int16_t)(e->idf * e->scale * m->run_unit), m->stride);
	}
	return square;
}

struct word_row word_rows_of(struct model *m, size_t word)
{
	struct word_rows *w = m->word_rows;
	struct str s = m->features.word[word];
	size_t at = m->features.v[word].key & (w->n - 1);
	struct kept *k = &w->v[at];

	if (s.len > WORD_KEPT) {
		int32_t *spare = w->sums + w->n * w->stride;
		float square = count(m, word, spare);

		return (struct word_row){spare, square};
	}
	if (k->len != s.len || memcmp(k->word, s.s, s.len) != 0) {
		k->square = count(m, word, w->sums + at * w->stride);
		k->len = (uint8_t)s.len;
		memcpy(k->word, s.s, s.len);
	}
	return (struct word_row){w->sums + at * w->stride, k->square};
}
