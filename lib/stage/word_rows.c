#include "stage/word_rows.h"
#include "base/mem.h"

#include <stdlib.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define WORD_KEPT 23 /* bytes; a longer word is counted each time */
#define BYTES_KEPT ((size_t)4 << 20)
#define WORDS_KEPT ((size_t)8192) /* a power of two */

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

#if defined(__x86_64__)
/* The same by wider registers, which most processors have. */
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
#else
#define add_wide add
#define sum_wide sum
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
