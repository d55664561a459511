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
size_t conditions_count(const struct conditions *c);
/* Of one that was added only that will be asked whether it holds: it need not be evaluated. */
void conditions_whether(struct conditions *c, int number);
/* The number of the first that holds, in their order; -1: none. -2 and a reason where one cannot be
 * evaluated on this event. */
int conditions_first(struct conditions *c, const struct event *ev, const struct context *context,
	struct buf *err);
/* Evaluates all; -1 and a reason where one cannot be. */
int conditions_eval(struct conditions *c, const struct event *ev, const struct context *context,
	struct buf *err);
/* When the clock of an event's region strikes the next full hour: ms. */
int64_t conditions_next_hour(
	struct conditions *c, const struct event *ev, const struct context *context);
/* Says of the context's columns, beside what is said already, which of them are read. */
void conditions_want(const struct conditions *c, bool wanted[CONTEXT_COUNT]);
/* What one gave when all were last evaluated: valid until they are again. Not of one of which only
 * that was to be asked whether it holds. */
const struct expr_value *conditions_value(const struct conditions *c, int number);
/* Whether one held when all were last evaluated. */
bool conditions_hold(const struct conditions *c, int number);
/* The next behind a number (-1: from the first on) that held when all were last evaluated; -1:
 * none.
 */
int conditions_held_next(const struct conditions *c, int number);
/* Evaluates one by itself. NULL and a reason where it cannot be. */
const struct expr_value *conditions_one(struct conditions *c, int number, const struct event *ev,
	const struct context *context, struct buf *err);
/*
 * The same, and appends what it read, as members of a JSON object: the columns that it names with
 * their values, and each function of the event or the customer that was called.
 */
const struct expr_value *conditions_tell(struct conditions *c, int number, const struct event *ev,
	const struct context *context, struct buf *read, struct buf *err);
/* ---- for who looks at conditions themselves ---- */

/* The columns by number; -1 and NULL where there is none. */
int conditions_column(struct str name);
const char *conditions_column_name(int column);
bool conditions_function(struct str name);
/* The name of a call with constants, as conditions_tell has it: begin, add each, then ')'. */
void conditions_call_begin(struct buf *out, struct str function);
void conditions_call_add(struct buf *out, const struct expr_value *argument);
/* Appends a value as SQL has it. */
void conditions_put(struct buf *out, const struct expr_value *v);
/* As JSON has it; an infinite number is the greatest that it can write. */
void conditions_put_json(struct buf *out, const struct expr_value *v);
const char *conditions_text(const struct conditions *c, int number);
/* Visits the columns that one names. */
void conditions_reads(const struct conditions *c, int number,
	void (*visit)(void *ctx, struct str column), void *ctx);

/* What a column or a call can be. */
enum conditions_kind {
	KIND_YES_NO,	/* 0, 1 or NULL */
	KIND_FLAG,	/* 0 or 1 */
	KIND_TIMES,	/* a whole number from 0, or NULL */
	KIND_AMOUNT,	/* a number, or NULL */
	KIND_SPAN,	/* the same, not below 0 */
	KIND_SHARE,	/* 0 to 1, or NULL */
	KIND_SENTIMENT, /* -1 to 1, or NULL */
	KIND_HOUR,	/* 0 to 23 */
	KIND_DAY,	/* 0 to 6 */
	KIND_WORD,	/* a text, or NULL */
	KIND_WHAT,	/* a text */
	KIND_INWARD,	/* 'in' */
	KIND_ANYTHING	/* a text, a number, or NULL */
};
/* Of a column; of a call where column is -1. */
enum conditions_kind conditions_kind_of(int column, const char *name);

/* Values that stand in for an event and its context. column -1: of the call. */
struct supposed {
	void *ctx;
	void (*get)(void *ctx, int column, struct str call, struct expr_value *out);
};
/* Evaluates one over them. NULL where it cannot be. */
const struct expr_value *conditions_suppose(
	struct conditions *c, int number, const struct supposed *s);

/* Appends the columns and functions that conditions may use, a line each. */
void conditions_columns(struct buf *out);

#endif
