#include "io/linear.h"
#include "base/mem.h"

#include <linear.h>
#include <stdlib.h>
#include <string.h>

#define EPSILON 0.5 /* where the solver stops: a fifth of it changes nothing that is seen */

static void silent(const char *text)
{
	(void)text;
}

/* The rows as the library wants them: each ends with the bias and a -1. */
static void fill(struct problem *p, struct feature_node *to, const struct linear_data *d)
{
	for (size_t i = 0; i < d->row_n; i++) {
		const struct linear_row *row = &d->rows[i];

		p->x[i] = to;
		p->y[i] = row->label;
		for (size_t k = 0; k < row->n; k++) {
			const struct linear_value *v = &d->values[row->at + k];

			*to++ = (struct feature_node){(int)v->feature + 1, (double)v->value};
		}
		*to++ = (struct feature_node){(int)d->feature_n + 1, 1};
		*to++ = (struct feature_node){-1, 0};
	}
}

/* The library numbers the classes in the order in which it meets them. */
static void take_weights(const struct model *m, const struct linear_data *d, float *weights)
{
	size_t n = (size_t)m->nr_class;

	memset(weights, 0, (d->feature_n + 1) * d->class_n * sizeof(*weights));
	for (size_t k = 0; k < d->class_n; k++)
		weights[d->feature_n * d->class_n + k] = -1;
	for (size_t i = 0; i <= d->feature_n; i++)
		for (size_t k = 0; k < n; k++)
			weights[i * d->class_n + (size_t)m->label[k]] = (float)m->w[i * n + k];
}

void linear_train(const struct linear_data *d, double cost, float *weights)
{
	struct parameter how = {.solver_type = MCSVM_CS, .eps = EPSILON, .C = cost, .p = 0.1};
	struct problem problem = {.l = (int)d->row_n, .n = (int)d->feature_n + 1, .bias = 1};
	struct feature_node *nodes = mem_zero(d->value_n + 2 * d->row_n, sizeof(*nodes));
	struct model *m;

	problem.x = mem_zero(d->row_n, sizeof(struct feature_node *));
	problem.y = mem_zero(d->row_n, sizeof(*problem.y));
	fill(&problem, nodes, d);
	set_print_string_function(silent);
	/* The solver goes through the rows in the order of rand. */
	srand(1);
	m = train(&problem, &how);
	take_weights(m, d, weights);
	free_and_destroy_model(&m);
	free(nodes);
	free(problem.x);
	free(problem.y);
}

void linear_release(struct linear_data *d)
{
	free(d->rows);
	free(d->values);
	*d = (struct linear_data){.rows = NULL};
}
