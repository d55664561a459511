/* What the files of the conditions share. Nobody else includes it. */
#ifndef CORE_CONDITIONS_PART_H
#define CORE_CONDITIONS_PART_H

#include "base/zone.h"
#include "core/conditions.h"
#include "core/quick.h"

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

struct screen;

struct condition {
	struct quick *quick;	 /* NULL: SQLite evaluates it */
	struct expr_value value; /* what it gave when all were last evaluated */
};

#define BLOCK 64 /* conditions that are screened together */

struct block {
	struct screen *screen;
	uint64_t whether; /* those of which only that is asked */
	uint64_t quick;	  /* those that SQLite does not evaluate */
	uint64_t held;	  /* those that held when all were last evaluated */
};

struct conditions {
	const struct ontology *ontology;
	struct expr_set *set;
	struct condition *v; /* by number */
	size_t n, cap;
	/* Of those that SQLite evaluates, in their order, a set of their own. */
	struct expr_set *rest;
	int *rest_number; /* what each is in all */
	size_t rest_n, rest_cap;
	struct block *block; /* by number / BLOCK */
	size_t block_n, block_cap;
	size_t looked;		  /* those before it were tried without SQLite */
	bool sorted;		  /* it is known which these are */
	struct expr_set *numbers; /* constants, for their values; NULL: none was asked for */
	/* what is being decided */
	const struct event *ev;
	const struct context *context;
	struct zones *zones;
	struct quick_row row;
	struct expr_value known[CONDITION_COLUMNS]; /* columns that were asked for */
	bool is_known[CONDITION_COLUMNS];
	bool clock; /* whether the two below are known */
	int hour, weekday;
	const struct supposed *supposed; /* instead of an event; NULL: none */
	struct buf *told;		 /* what functions gave, where somebody wants to know */
	struct buf words, phrase; /* of the text, folded, a blank on both sides; of a phrase */
	bool folded;
};

/* One of the functions by its name; NULL: it is none. */
const struct condition_function *condition_function_of(struct str name);
/* A condition without SQLite; NULL: it is not understood. Free with quick_free. */
struct quick *condition_read(struct conditions *c, const char *sql);

/*
 * Of up to BLOCK conditions (NULL: one that SQLite evaluates) those that an event's columns rule
 * out. The conditions must outlive it. Free with screen_free.
 */
struct screen *screen_new(struct quick *const *of, size_t n);
void screen_free(struct screen *s); /* NULL is allowed */
/* Those that are left, by bit; those of them that are sure hold, and need not be evaluated. */
uint64_t screen_left(const struct screen *s, struct conditions *c);
uint64_t screen_sure(const struct screen *s);

/* What a column gives when it is asked for. */
void condition_column(struct conditions *r, int column, struct expr_value *out);
/* Appends a member that tells what was read, with a comma before it where it is not the first; once
 * where it is told again. */
void condition_tell(struct buf *out, struct str name, const struct expr_value *v);
/* -1 and "file:line:column: reason" where one holds a number against a text: where every amount is
 * less than '50', a policy would allow all of them. */
int condition_check_texts(const char *path, const struct yaml *when, struct buf *err);

#endif
