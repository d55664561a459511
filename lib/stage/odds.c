#include "stage/odds.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define UNSEEN 0.05 /* how often what was never seen in a class counts as seen */

/* In how many rows of a class a feature stands. */
struct counts {
	float *v;	      /* a feature's classes side by side */
	double *here, *there; /* by class: ln of all that stands in it, and in the others */
	double *ln;	      /* of each number of rows */
};

static void count(struct counts *n, const struct linear_data *d)
{
	double all = 0, unseen = UNSEEN * (double)d->feature_n;

	n->v = mem_zero(d->feature_n * d->class_n, sizeof(*n->v));
	n->here = mem_zero(d->class_n, sizeof(*n->here));
	n->there = mem_zero(d->class_n, sizeof(*n->there));
	n->ln = mem_zero(d->row_n + 1, sizeof(*n->ln));
	for (size_t i = 0; i < d->row_n; i++) {
		const struct linear_row *row = &d->rows[i];

		for (size_t k = row->at; k < row->at + row->n; k++)
			n->v[d->values[k].feature * d->class_n + row->label]++;
		n->here[row->label] += (double)row->n;
		all += (double)row->n;
	}
	for (size_t k = 0; k < d->class_n; k++) {
		n->there[k] = log(all - n->here[k] + unseen);
		n->here[k] = log(n->here[k] + unseen);
	}
	for (size_t i = 0; i <= d->row_n; i++)
		n->ln[i] = log((double)i + UNSEEN);
}

/* How much likelier a feature is in texts of each class than in those of the others. */
static void odds(const struct counts *n, const float *rows, size_t class_n, double *out)
{
	size_t all = 0;

	for (size_t k = 0; k < class_n; k++)
		all += (size_t)rows[k];
	for (size_t k = 0; k < class_n; k++)
		out[k] = n->ln[(size_t)rows[k]] - n->here[k] - n->ln[all - (size_t)rows[k]] +
			 n->there[k];
}

void odds_add(const struct linear_data *d, double by, float *weights)
{
	struct counts n;
	double *row = mem_zero(d->class_n, sizeof(*row));

	count(&n, d);
	for (size_t i = 0; i < d->feature_n; i++) {
		float *to = weights + i * d->class_n;
		double mean = 0;

		odds(&n, n.v + i * d->class_n, d->class_n, row);
		for (size_t k = 0; k < d->class_n; k++)
			mean += row[k] / (double)d->class_n;
		for (size_t k = 0; k < d->class_n; k++)
			to[k] += (float)(by * (row[k] - mean));
	}
	free(row);
	free(n.v);
	free(n.here);
	free(n.there);
	free(n.ln);
}
