/* Fields of writers that set a field in quotation marks where it has the delimiter in it, and leave
 * the marks within any field as they are. */
#ifndef IO_CSV_BARE_H
#define IO_CSV_BARE_H

#include "base/buf.h"

/* The field of the line that begins at `at`; where the next one begins, or a number above line.len:
 * it was the last. */
size_t csv_bare_field(struct str line, size_t at, char delimiter, struct str *field);

#endif
