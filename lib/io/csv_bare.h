/* Fields of writers that set a field in quotation marks where it has the delimiter in it, and leave
 * the marks within any field as they are. */
#ifndef IO_CSV_BARE_H
#define IO_CSV_BARE_H

#include "base/buf.h"

/* A line that is read field by field: the first two are the caller's, the others zero. */
struct csv_bare {
	struct str line;
	char delimiter;
	size_t at;     /* where the next field begins; above line.len: there is none */
	bool unclosed; /* no mark ends a field from there on */
};

/* The next field, which lies in the line; an empty line is one empty field. false: there is none.
 */
bool csv_bare_next(struct csv_bare *b, struct str *field);

#endif
