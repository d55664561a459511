/*
 * What features say of classes by how often they stand in their texts, one by one: the log of the
 * odds, as naive Bayes has them. A machine that weighs all features at once leaves the weight to
 * those that are just enough; the odds give each its share.
 */
#ifndef STAGE_ODDS_H
#define STAGE_ODDS_H

#include "io/linear.h"

/* Adds `by` times the odds to weights as linear_train gives them; a feature's add up to 0. */
void odds_add(const struct linear_data *d, double by, float *weights);

#endif
