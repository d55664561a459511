/*
 * Conditions as rules and policies have them: SQL expressions over an event and its customer's
 * context as of it. None can read the channel or what gives it away: such columns are refused when
 * a condition is compiled.
 */
#ifndef CORE_CONDITIONS_H
#define CORE_CONDITIONS_H

#include "core/event.h"
#include "core/fold/context.h"
#include "core/ontology.h"
#include "core/store/expr.h"
#include "io/yaml.h"

struct conditions;

/* The ontology must outlive them. Free with conditions_free. */
struct conditions *conditions_new(const struct ontology *o);
void conditions_free(struct conditions *c); /* NULL is allowed */
/* Gives regions their zones, for hour and weekday: a mapping of the file at path, NULL is allowed.
 * -1 and "file:line:column: reason". */
int conditions_zones(
	struct conditions *c, const char *path, const struct yaml *of, struct buf *err);
/* Compiles one, a scalar of the file at path; gives its number (0, 1, ...). -1 and
 * "file:line:column: reason". */
int conditions_add(
	struct conditions *c, const char *path, const struct yaml *when, struct buf *err);
/* The number of the first that holds, in their order; -1: none. -2 and a reason where one cannot be
 * evaluated on this event. */
int conditions_first(struct conditions *c, const struct event *ev, const struct context *context,
	struct buf *err);
/* Evaluates all; -1 and a reason where one cannot be. */
int conditions_eval(struct conditions *c, const struct event *ev, const struct context *context,
	struct buf *err);
/* What one gave when all were last evaluated: valid until they are again. */
const struct expr_value *conditions_value(const struct conditions *c, int number);
/* Whether one held when all were last evaluated. */
bool conditions_hold(const struct conditions *c, int number);
/* Appends the columns and functions that conditions may use, a line each. */
void conditions_columns(struct buf *out);

#endif
