#include "stage/calibrate.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define SLOPE_MAX 30
#define NONE_MIN (-3)
#define NONE_MAX 3
#define ROUNDS 3
#define STEPS 12
#define GOLDEN 0.6180339887498949
#define BINS 10
#define NOTHING 25 /* exp(-25): what is so far below the highest adds nothing */

static double highest(const float *scores, size_t class_n, double none)
{
	double top = none;

	for (size_t k = 0; k < class_n; k++)
		if ((double)scores[k] > top)
			top = (double)scores[k];
	return top;
}

/* The sum of exp(slope * (score - top)) over all scores and `none`; none is beyond `top`. */
static double softmax(const float *scores, size_t class_n, double slope, double none, double top)
{
	double sum = exp(slope * (none - top));

	for (size_t k = 0; k < class_n; k++) {
		double x = slope * ((double)scores[k] - top);

		if (x > -NOTHING)
			sum += exp(x);
	}
	return sum;
}

/* ln(exp(a) + exp(b)) */
static double log_sum(double a, double b)
{
	return a > b ? a + log1p(exp(b - a)) : b + log1p(exp(a - b));
}

static bool has_none(const struct model *m)
{
	return !m->labels[m->class_n - 1];
}

/* The mean surprise at the truth. */
static double loss(const struct model *m, const struct held_out *h, double slope, double none)
{
	double sum = 0;

	for (size_t i = 0; i < h->n; i++) {
		const float *scores = h->scores + i * m->class_n;
		double top = highest(scores, m->class_n, none);
		double own = slope * ((double)scores[h->labels[i]] - top);

		if (!m->labels[h->labels[i]])
			own = log_sum(own, slope * (none - top));
		sum += log(softmax(scores, m->class_n, slope, none, top)) - own;
	}
	return sum / (double)(h->n ? h->n : 1);
}

struct search {
	const struct model *m;
	const struct held_out *h;
	bool slope;   /* of slope or of none */
	double other; /* which stays */
};

static double loss_at(const struct search *s, double x)
{
	return s->slope ? loss(s->m, s->h, x, s->other) : loss(s->m, s->h, s->other, x);
}

/* The place of the least loss between two, by golden section. */
static double search(const struct search *s, double low, double high)
{
	double a = high - GOLDEN * (high - low), b = low + GOLDEN * (high - low);
	double at_a = loss_at(s, a), at_b = loss_at(s, b);

	for (int i = 0; i < STEPS; i++) {
		if (at_a < at_b) {
			high = b;
			b = a;
			at_b = at_a;
			a = high - GOLDEN * (high - low);
			at_a = loss_at(s, a);
		} else {
			low = a;
			a = b;
			at_a = at_b;
			b = low + GOLDEN * (high - low);
			at_b = loss_at(s, b);
		}
	}
	return (low + high) / 2;
}

static void fit(struct model *m, const struct held_out *h)
{
	/* Where nothing is known to be out of scope, nothing is taken to be. */
	m->none = has_none(m) ? 0 : -SLOPE_MAX;
	for (int i = 0; i < ROUNDS; i++) {
		m->slope = search(&(struct search){m, h, true, m->none}, 0, SLOPE_MAX);
		if (!has_none(m))
			return;
		m->none = search(&(struct search){m, h, false, m->slope}, NONE_MIN, NONE_MAX);
	}
}

static struct outcome outcome_of(const struct model *m, const float *scores, uint32_t label)
{
	struct outcome o = {.in_scope = m->labels[label] != NULL};
	size_t best = 0;
	double top = highest(scores, m->class_n, m->none);

	for (size_t k = 1; k < m->class_n; k++)
		if (scores[k] > scores[best])
			best = k;
	o.p = exp(m->slope * ((double)scores[best] - top)) /
	      softmax(scores, m->class_n, m->slope, m->none, top);
	o.right = best == label;
	o.answered = m->labels[best] != NULL;
	return o;
}

void calibrate(struct model *m, const struct held_out *h, double precision)
{
	struct outcome *v = mem_zero(h->n, sizeof(*v));
	size_t right = 0;

	fit(m, h);
	for (size_t i = 0; i < h->n; i++) {
		v[i] = outcome_of(m, h->scores + i * m->class_n, h->labels[i]);
		right += v[i].right;
	}
	outcomes_sort(v, h->n);
	m->held_out = h->n;
	m->precision = precision;
	m->accuracy = h->n ? (double)right / (double)h->n : 0;
	m->calibration_error = outcomes_error(v, h->n);
	m->threshold = outcomes_threshold(v, h->n, precision);
	free(v);
}

static int surest_first(const void *a, const void *b)
{
	const struct outcome *x = a, *y = b;

	if (x->p != y->p)
		return x->p > y->p ? -1 : 1;
	return x->right - y->right;
}

void outcomes_sort(struct outcome *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), surest_first);
}

double outcomes_threshold(const struct outcome *v, size_t n, double precision)
{
	size_t answered = 0, right = 0;
	double threshold = 1;

	for (size_t i = 0; i < n; i++) {
		answered += v[i].answered;
		right += v[i].answered && v[i].right;
		/* Those of one p stand or fall together. */
		if (i + 1 < n && v[i + 1].p >= v[i].p)
			continue;
		if (answered && (double)right >= precision * (double)answered)
			threshold = v[i].p;
	}
	/* A little below, so that rounding does not keep out the text that it is of. */
	return threshold < 1 ? floor(threshold * 10000) / 10000 : 1;
}

double outcomes_error(const struct outcome *v, size_t n)
{
	double sure[BINS] = {0}, right[BINS] = {0}, sum = 0;

	for (size_t i = 0; i < n; i++) {
		size_t bin = v[i].p < 1 ? (size_t)(v[i].p * BINS) : BINS - 1;

		sure[bin] += v[i].p;
		right[bin] += v[i].right;
	}
	for (size_t i = 0; i < BINS; i++)
		sum += fabs(sure[i] - right[i]);
	return n ? sum / (double)n : 0;
}
