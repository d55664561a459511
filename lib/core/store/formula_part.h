/* What the files of formulas share. Nobody else includes it. */
#ifndef CORE_STORE_FORMULA_PART_H
#define CORE_STORE_FORMULA_PART_H

#include "core/store/formula.h"

#define FORMULA_ARGUMENTS 3
#define FORMULA_MOST (INT64_C(1) << 53) /* of a whole number, so that a double has it */

enum formula_op {
	OP_COLUMN,
	OP_NUMBER, /* constants */
	OP_REAL,
	OP_TEXT,
	OP_NULL, /* of any type */
	/* arithmetic; of reals where one is */
	OP_ADD,
	OP_SUBTRACT,
	OP_MULTIPLY,
	OP_DIVIDE,
	OP_REMAINDER,
	/* comparisons; OP_BEFORE...: of a text with a constant */
	OP_EQUAL,
	OP_DIFFERS,
	OP_LESS,
	OP_LESS_EQUAL,
	OP_IS,
	OP_IS_NULL,
	OP_TEXT_LESS,
	OP_TEXT_LESS_EQUAL,
	OP_TEXT_MORE,
	OP_TEXT_MORE_EQUAL,
	OP_AND,
	OP_OR,
	OP_NOT,
	OP_CHOOSE,   /* the second where the first holds, else the third */
	OP_COALESCE, /* the first, or where that is NULL the second */
	OP_INSTR,    /* of a text, of a constant */
	OP_DAY,
	OP_WEEK,
	OP_MONTH,
	OP_TIME,
	/* of another type */
	OP_TRUTH, /* of a number or a real */
	OP_COUNT, /* of a truth, the number */
	OP_EXACT, /* of a number, the real */
};

struct node {
	enum formula_op op;
	enum formula_type type;
	int of[FORMULA_ARGUMENTS]; /* arguments; -1: none */
	union {
		size_t column;
		int64_t number;
		double real;
	} is;
	int64_t most; /* of FORMULA_INT: its size at most */
	/* Where it depends on a text's code alone: what it gives by that. */
	int64_t *table;
	size_t table_n, table_cap;
	void *out;
};

struct formulas {
	const struct layout *layout;
	struct codes *codes;
	const struct formula_parameter *parameters;
	size_t parameter_n;
	struct node *v;
	size_t n, cap;
	size_t *columns; /* of the layout, that are named */
	size_t column_n, column_cap;
};

/* The node that is the same, or a new one with the same members; -1 where an argument is -1. */
int formula_node(struct formulas *f, const struct node *like);
/* Reads an expression: its node, or -1. */
int formula_read(struct formulas *f, const char *sql);

/* ---- making nodes; -1 where an argument is, or one does not go with another ---- */

#define FORMULA_NULL (-2) /* NULL, of the other's type: of formula_choose */

int formula_constant(struct formulas *f, int64_t number);
int formula_column(struct formulas *f, struct str name);
/* A node as a truth. */
int formula_truth_of(struct formulas *f, int node);
/* The second where the first holds, else the third. */
int formula_choose(struct formulas *f, int when, int then, int otherwise);
int formula_coalesce(struct formulas *f, const int *of, int count); /* two or more */
int formula_local(struct formulas *f, enum formula_op op, int a);
int formula_instr(struct formulas *f, int in, int what);
int formula_arithmetic(struct formulas *f, enum formula_op op, int a, int b);
/* a < b, or with equal a <= b. */
int formula_compare(struct formulas *f, int a, int b, bool equal);
/* OP_EQUAL, OP_DIFFERS or OP_IS. */
int formula_equal(struct formulas *f, enum formula_op op, int a, int b);
int formula_negate(struct formulas *f, int a);
int formula_is_null(struct formulas *f, int a);
/* OP_AND or OP_OR. */
int formula_join(struct formulas *f, enum formula_op op, int a, int b);

#endif
