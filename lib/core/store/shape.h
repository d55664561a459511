/*
 * What a fact's rows look like: the columns of its view as the file has them, so that a new fact
 * needs no table of names here. A fact NAME is the view v_NAME with the columns who and customer;
 * when a row began is its column `at`, where it has none `started`; known and assumed may be
 * missing. The ontology's entities are dimensions of facts whose rows are of a contact or an issue.
 */
#ifndef CORE_STORE_SHAPE_H
#define CORE_STORE_SHAPE_H

#include "base/buf.h"

struct ontology;
struct sqlite3;

struct shape_column {
	char *name;
	bool text;   /* declared TEXT: a dimension */
	bool number; /* declared INTEGER or REAL */
	bool id;     /* the number of a fact's row, or of a record */
};

struct shape {
	const char *fact; /* as metric_facts() has it */
	char *view;
	struct shape_column *v; /* in the view's order, without who, customer and gen */
	size_t n, cap;
	const char *began;   /* the column that says when a row began */
	const char *assumed; /* an expression: true where it rests on assumed times */
	bool has_known;
	const struct ontology *ontology; /* borrowed; NULL: no entities */
	bool listed;			 /* no values but those that it lists */
};

struct shapes {
	struct shape **v;
	size_t n, cap;
	const struct ontology *ontology; /* of theirs, and whether no values but the listed */
	bool listed;
};

/* The fact's shape, read once; borrowed from s. NULL and a reason where the file has no such view.
 * Release with shapes_release. */
const struct shape *shapes_get(
	struct shapes *s, struct sqlite3 *db, const char *fact, struct buf *err);
void shapes_release(struct shapes *s);

bool shape_has(const struct shape *s, const char *column);
/* Appends the expression of a dimension over the fact's rows; false where it has none of that name.
 */
bool shape_dimension(const struct shape *s, struct str name, struct buf *sql);
/* Appends "a, b, c": all dimensions, the entities behind the others. */
void shape_dimensions(const struct shape *s, struct buf *out);

#endif
