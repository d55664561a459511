#include "stage/model.h"
#include "base/mem.h"
#include "stage/word_rows.h"

#include <math.h>
#include <stdlib.h>

#define MULTIPLIER_MAX 32767
#define SCALE_MIN 1e-20F /* a model whose weights are all smaller has none */

void model_free(struct model *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->class_n; i++)
		free(m->labels[i]);
	free(m->labels);
	free(m->ontology);
	free(m->version);
	lexicon_release(&m->lexicon);
	features_release(&m->features);
	free(m->bias);
	free(m->weights);
	free(m->sums);
	free(m->runs);
	free(m->scores);
	word_rows_free(m->word_rows);
	free(m);
}

void model_room(struct model *m)
{
	m->stride = (m->class_n + ROW_LANES - 1) / ROW_LANES * ROW_LANES;
	m->bias = mem_zero(m->stride, sizeof(*m->bias));
	/* Rows begin where lines of the processor's cache do. */
	m->weights = aligned_alloc(
		MODEL_LINE, (m->lexicon.n * m->stride + MODEL_LINE) / MODEL_LINE * MODEL_LINE);
	if (!m->weights)
		mem_failed();
	memset(m->weights, 0, m->lexicon.n * m->stride);
	m->sums = mem_zero(m->stride, sizeof(*m->sums));
	m->runs = mem_zero(m->stride, sizeof(*m->runs));
	m->scores = mem_zero(m->stride, sizeof(*m->scores));
	m->word_rows = word_rows_new(m->stride);
}

static float largest(const float *v, size_t n)
{
	float max = 0;

	for (size_t i = 0; i < n; i++)
		if (fabsf(v[i]) > max)
			max = fabsf(v[i]);
	return max;
}

void model_settle(struct model *m)
{
	float max = 0, run_max = 0;

	for (size_t i = 0; i < m->lexicon.n; i++) {
		float scale = m->lexicon.v[i].scale, run = scale * m->lexicon.v[i].idf;

		max = scale > max ? scale : max;
		run_max = run > run_max ? run : run_max;
	}
	m->unit = max > SCALE_MIN ? MULTIPLIER_MAX / max : 1;
	m->run_unit = run_max > SCALE_MIN ? MULTIPLIER_MAX / run_max : 1;
}

void model_set_weights(struct model *m, const float *weights)
{
	size_t n = m->lexicon.n, c = m->class_n;

	memcpy(m->bias, weights + n * c, c * sizeof(*m->bias));
	for (size_t i = 0; i < n; i++) {
		float scale = largest(weights + i * c, c) / INT8_MAX;

		m->lexicon.v[i].scale = scale;
		for (size_t k = 0; k < c && scale > 0; k++)
			m->weights[i * m->stride + k] = (int8_t)lrintf(weights[i * c + k] / scale);
	}
	model_settle(m);
}

static void add_up(struct model *m)
{
	const struct weighed *text = m->lexicon.text;

	memset(m->sums, 0, m->stride * sizeof(*m->sums));
	for (size_t i = 0; i < ROW_AHEAD && i < m->lexicon.text_n; i++)
		row_fetch(m, text[i].feature);
	for (size_t i = 0; i < m->lexicon.text_n; i++) {
		float by;

		if (i + ROW_AHEAD < m->lexicon.text_n)
			row_fetch(m, text[i + ROW_AHEAD].feature);
		by = text[i].value * m->lexicon.v[text[i].feature].scale * m->unit;
		row_add(m->sums, m->weights + text[i].feature * m->stride, (int16_t)by, m->stride);
	}
}

/* What the sums of the runs have to be multiplied by. */
static double add_up_runs(struct model *m)
{
	double square = 0;

	memset(m->runs, 0, m->stride * sizeof(*m->runs));
	for (size_t i = 0; i < m->features.word_n; i++) {
		struct word_row row = word_rows_of(m, i);

		row_sum(m->runs, row.sums, m->stride);
		square += (double)row.square;
	}
	return square > 0 ? 1 / (sqrt(square) * (double)m->run_unit) : 0;
}

static void rank(const struct model *m, struct judged *j)
{
	j->best = j->second = MODEL_NONE;
	for (size_t k = 0; k < m->class_n; k++) {
		if (j->best == MODEL_NONE || m->scores[k] > m->scores[j->best]) {
			j->second = j->best;
			j->best = k;
		} else if (j->second == MODEL_NONE || m->scores[k] > m->scores[j->second]) {
			j->second = k;
		}
	}
}

struct judged model_judge(struct model *m, struct str words)
{
	struct judged j;
	float top, scale = (float)(m->slope * 1.4426950408889634), sum;
	double run_by;

	m->features.known = lexicon_known(&m->lexicon);
	features_of(&m->features, words);
	lexicon_weigh(&m->lexicon, &m->features);
	add_up(m);
	run_by = add_up_runs(m);
	row_scores(m, 1 / (double)m->unit, run_by);
	rank(m, &j);
	top = m->scores[j.best] > (float)m->none ? m->scores[j.best] : (float)m->none;
	sum = row_power2(((float)m->none - top) * scale);
	row_powers(m->scores, top, scale, m->stride);
	for (size_t k = 0; k < m->class_n; k++)
		sum += m->scores[k];
	j.p = (double)(m->scores[j.best] / sum);
	j.p_second = j.second == MODEL_NONE ? 0 : (double)(m->scores[j.second] / sum);
	j.sure = (m->lexicon.text_n || run_by > 0) && m->labels[j.best] && j.p >= m->threshold;
	return j;
}

bool model_knows(const void *m, struct str word)
{
	const struct model *of = m;

	return lexicon_find(&of->lexicon, features_word(word)) != UINT32_MAX;
}

/* What a word's runs say for one class against the other. */
static double runs_for(struct model *m, size_t word, size_t one, size_t other)
{
	const int32_t *sums = word_rows_of(m, word).sums;

	return ((double)sums[one] - (other == MODEL_NONE ? 0 : (double)sums[other])) /
	       (double)m->run_unit;
}

double model_word(struct model *m, size_t word, size_t one, size_t other)
{
	double sum = word < m->features.word_n ? runs_for(m, word, one, other) : 0;

	for (size_t i = 0; i < m->features.n; i++) {
		const struct feature *f = &m->features.v[i];
		uint32_t number;

		if (f->first != word && f->second != word)
			continue;
		number = lexicon_find(&m->lexicon, f->key);
		if (number == UINT32_MAX)
			continue;
		/* A feature that stands several times in the text is told once each time: near
		 * enough to say which words decided. */
		sum += (double)m->lexicon.v[number].scale * (double)m->lexicon.v[number].idf *
		       (m->weights[number * m->stride + one] -
			       (other == MODEL_NONE ? 0 : m->weights[number * m->stride + other])) /
		       (f->first == f->second ? 1 : 2);
	}
	return sum;
}
