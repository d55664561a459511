/* How sure a model is: from scores of texts that it had not learnt from to probabilities and a
 * threshold. */
#ifndef STAGE_CALIBRATE_H
#define STAGE_CALIBRATE_H

#include "stage/model.h"

struct held_out {
	float *scores; /* class_n of each text */
	uint32_t *labels;
	size_t n;
};

/* Sets the model's slope, none, held_out, accuracy, calibration_error and, for a precision,
 * threshold. */
void calibrate(struct model *m, const struct held_out *h, double precision);

/* A judgement beside the truth. */
struct outcome {
	double p;
	bool right, answered; /* answered: with a class that is in scope, whatever the threshold */
	bool in_scope;	      /* in truth */
};
/* Sorts by p, the surest first. */
void outcomes_sort(struct outcome *v, size_t n);
/* The least p from which on the sorted ones are right as often as `precision` says; 1 where none
 * is. */
double outcomes_threshold(const struct outcome *v, size_t n, double precision);
/* How far p is from how often it is right, on average over ten bins of equal width. */
double outcomes_error(const struct outcome *v, size_t n);

#endif
