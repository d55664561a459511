/*
 * What would have come of other decisions, by those that were logged with their propensities. The
 * new policy is deterministic: it would have taken one action for each row. With w = 1 where that
 * is the one that was taken, else 0, divided by the propensity p of it:
 *   IPS   mean of w r (Horvitz and Thompson, 1952)
 *   SNIPS sum w r / sum w, self-normalised (Hajek, 1971; Swaminathan and Joachims, 2015)
 *   DR    mean of m(new, group) + w (r - m(taken, group)), doubly robust (Dudik, Langford and Li,
 *         2011), m being the mean outcome of an action in a group, where there is none the
 *         action's, else that of all
 * ESS = (sum w)^2 / sum w^2 (Kong, 1992). Intervals are normal at 95 %: the standard error of the
 * mean for IPS and DR, for SNIPS sqrt(sum w^2 (r - v)^2) / sum w.
 */
#ifndef CORE_OFFPOLICY_H
#define CORE_OFFPOLICY_H

#include "base/stat.h"

#include <stddef.h>

struct offpolicy_row {
	double outcome, propensity; /* propensity: of what was taken, above 0 */
	size_t took, would, group;  /* numbers of actions and of a group */
};

struct offpolicy_value {
	double value;
	struct stat_interval interval;
};

struct offpolicy {
	size_t matched; /* rows in which the new policy takes what was taken */
	double ess;
	struct offpolicy_value ips, snips, dr; /* where matched > 0; intervals: none for n < 2 */
};

/* took and would are below `actions`, group below `groups`. */
void offpolicy_estimate(const struct offpolicy_row *v, size_t n, size_t actions, size_t groups,
	struct offpolicy *out);

#endif
