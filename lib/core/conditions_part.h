/* What the files of the conditions share. Nobody else includes it. */
#ifndef CORE_CONDITIONS_PART_H
#define CORE_CONDITIONS_PART_H

#include "base/zone.h"
#include "core/conditions.h"

enum event_column {
	COLUMN_TYPE,
	COLUMN_TIME,
	COLUMN_HOUR,
	COLUMN_WEEKDAY,
	COLUMN_DIRECTION,
	COLUMN_ACTOR,
	COLUMN_TEXT,
	COLUMN_LANG,
	COLUMN_REGION,
	COLUMN_INTENT,
	COLUMN_FAMILY,
	COLUMN_CONFIDENCE,
	COLUMN_SENTIMENT,
	COLUMN_STAGE,
	COLUMN_CASE,
	COLUMN_AGENT,
	COLUMN_REASON,
	COLUMN_ACTION,
	COLUMN_AMOUNT,
	COLUMN_CURRENCY,
	COLUMN_PURPOSE,
	COLUMN_DUE,
	COLUMN_WAIT,
	COLUMN_EVENT_COUNT
};

/* By number: an event's columns, then the context's. */
#define CONDITION_COLUMNS ((int)COLUMN_EVENT_COUNT + CONTEXT_COLUMNS_OWN)
#define CONDITION_FUNCTIONS 6

struct event_column_name {
	const char *name, *about;
};
extern const struct event_column_name event_columns[COLUMN_EVENT_COUNT];

struct condition_function {
	const char *name;
	int argc; /* -1: any number */
	int (*call)(void *row, int argc, const struct expr_value *argv, struct expr_value *out);
	const char *shown, *about;
};
extern const struct condition_function condition_functions[CONDITION_FUNCTIONS];

struct conditions {
	const struct ontology *ontology;
	struct expr_set *set;
	size_t n;
	/* what is being decided */
	const struct event *ev;
	const struct context *context;
	struct zones *zones;
	struct expr_value known[CONDITION_COLUMNS]; /* columns that were asked for */
	bool is_known[CONDITION_COLUMNS];
	bool clock; /* whether the two below are known */
	int hour, weekday;
	const struct supposed *supposed; /* instead of an event; NULL: none */
	struct buf *told;		 /* what functions gave, where somebody wants to know */
	struct buf words, phrase; /* of the text, folded, a blank on both sides; of a phrase */
	bool folded;
};

/* A column of what is decided. */
void condition_column(struct conditions *c, int column, struct expr_value *out);
/* Appends a member that tells what was read, with a comma before it where it is not the first. */
void condition_tell(struct buf *out, struct str name, const struct expr_value *v);

#endif
