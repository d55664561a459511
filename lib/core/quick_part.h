/* Expressions that are evaluated without SQLite, as they are read, screened and evaluated. Nobody
 * else includes it. */
#ifndef CORE_QUICK_PART_H
#define CORE_QUICK_PART_H

#include "core/quick.h"

#define QUICK_WHOLE_MAX (INT64_C(1) << 53) /* up to it a double holds every whole number */

enum quick_op {
	QUICK_CONSTANT,
	QUICK_COLUMN,
	QUICK_CALL,
	QUICK_JOIN,   /* || */
	QUICK_FIRST,  /* that is not NULL: coalesce */
	QUICK_UNLESS, /* NULL where both are equal: nullif */
	QUICK_CHOOSE, /* by a; what b, which is PAIR, holds */
	QUICK_PAIR,
	QUICK_ADD,
	QUICK_SUBTRACT,
	QUICK_MULTIPLY,
	QUICK_DIVIDE,
	QUICK_OR, /* from here on they give a truth */
	QUICK_AND,
	QUICK_NOT,
	QUICK_TEST, /* a column against a constant */
	QUICK_COMPARE,
	QUICK_SAME, /* IS */
	QUICK_NULL,
	QUICK_TRUE,
	QUICK_FALSE,
	QUICK_IN
};

/* How what is on the left of a comparison may stand to what is on the right. */
#define BELOW 1
#define EQUAL 2
#define ABOVE 4

/* Small: an event comes by each of hundreds. */
struct node {
	enum quick_op op;
	int16_t column;
	uint8_t pass;		  /* of a comparison: BELOW, EQUAL, ABOVE */
	bool truth;		  /* a constant: TRUE or FALSE, which IS takes for a question */
	const struct node *a, *b; /* operands */
	union {
		struct expr_value value; /* of a constant */
		struct {		 /* what IN looks for it in, ascending */
			struct expr_value *list;
			size_t list_n, list_cap;
			bool null; /* of IN: NULL is in it as well */
		};
		struct quick_call *call; /* of CALL and JOIN */
	};
};

struct quick_call {
	struct quick_function function;
	const struct node *argument[QUICK_ARGUMENTS];
	size_t n;
	bool stays;	 /* its text is the row's */
	struct buf kept; /* else the text that it gave last */
};

struct quick {
	char *text; /* the expression; texts of constants are in it */
	const struct node *root;
	struct node *v;
	size_t n, max;
};

/* -1, 0 or 1. Of values that are not NULL: numbers by their size, before texts by their bytes. */
int quick_compare(const struct expr_value *a, const struct expr_value *b);
void quick_sort(struct expr_value *v, size_t n); /* ascending; none is NULL */

#endif
