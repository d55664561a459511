/* Linear classification by LIBLINEAR: all classes are weighed at once, so that the right one stands
 * out from each of the others (Crammer and Singer). */
#ifndef IO_LINEAR_H
#define IO_LINEAR_H

#include <stddef.h>
#include <stdint.h>

struct linear_value {
	uint32_t feature;
	float value;
};

/* A row's values begin at values[at], their features ascending. */
struct linear_row {
	size_t at, n;
	uint32_t label; /* its class */
};

struct linear_data {
	struct linear_row *rows;
	size_t row_n, row_cap;
	struct linear_value *values;
	size_t value_n, value_cap;
	size_t feature_n, class_n;
};

/*
 * weights: room for (feature_n + 1) * class_n, a feature's classes side by side, their biases
 * behind the last feature. A class without a row gets the bias -1 and no weights. The same data
 * gives the same weights.
 */
void linear_train(const struct linear_data *d, double cost, float *weights);
void linear_release(struct linear_data *d);

#endif
