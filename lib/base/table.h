/* A table for people: columns aligned by their width on a terminal. Cells are copied; what is no
 * printable text is shown as '?'. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/buf.h"

struct table_column {
	char *title;
	bool right; /* aligned to the right */
	size_t width;
};

struct table {
	struct table_column *columns;
	size_t column_n, column_cap;
	char **cells; /* row by row */
	size_t cell_n, cell_cap;
};

#define TABLE_INIT                                                                                 \
	{                                                                                          \
		NULL, 0, 0, NULL, 0, 0                                                             \
	}

/* All columns before the first cell. */
void table_column(struct table *t, const char *title, bool right);
/* The next cell; the row ends with its last column. */
void table_cell(struct table *t, struct str text);
/* Appends the table with its head; nothing behind the last cell of a line. A row that is not full
 * is a bug. */
void table_print(const struct table *t, struct buf *out);
/* The same as a table of GitHub's Markdown. */
void table_markdown(const struct table *t, struct buf *out);
void table_release(struct table *t);

#endif
