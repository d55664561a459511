/*
 * Reading some columns of a fact, a few hundred rows at a time, in the order of its table: by
 * customer, then by its key. From the blocks (blocks.h), and for who is stale from the table.
 */
#ifndef CORE_STORE_FRAME_H
#define CORE_STORE_FRAME_H

#include "core/store/column.h"

#define FRAME_ROWS 512 /* at most, at a time */

struct sqlite3;

/* A fact's table; a column that no block has is called "". Zeroed: empty; layout_release. */
struct layout {
	size_t table;
	struct layout_column {
		char *name;
		enum column_type type;
	} * v;
	size_t n, cap;
};

/* n stays 0 where the fact is no table of its own. 0, -1 or -2 (busy) and a reason. */
int layout_read(struct layout *l, struct sqlite3 *db, const char *fact, struct buf *err);
void layout_release(struct layout *l);

struct frame;

/* Columns by their numbers in the layout, each once; all is borrowed. *out NULL: the file has not
 * the blocks for it. Status as above. Within one snapshot; frame_free. */
int frame_open(struct frame **out, struct sqlite3 *db, const struct layout *l,
	const size_t *columns, size_t n, struct codes *codes, struct buf *err);
/* The same of one block. */
int frame_open_block(struct frame **out, struct sqlite3 *db, const struct layout *l,
	const size_t *columns, size_t n, struct codes *codes, int64_t block, struct buf *err);
/* One of rows that are there: row by row, the values of these columns. Takes ownership of them. */
struct frame *frame_of(union column_value *rows, size_t row_n, const struct layout *l,
	const size_t *columns, size_t n, struct codes *codes);
/* The next rows; *rows 0: there are no more. */
int frame_next(struct frame *f, size_t *rows, struct buf *err);
/* The values of a column, by its place among those that were asked for; until the next rows. */
const union column_value *frame_column(const struct frame *f, size_t place);
void frame_free(struct frame *f);

/* Rows of columns in the order in which they were named; nonzero ends the reading. */
typedef int frame_visit(void *ctx, const struct codes *texts,
	const union column_value *const *columns, size_t rows, struct buf *err);
#define FRAME_NAMES 16
/* Reads columns of a fact by name, at most FRAME_NAMES. *done false: the file has not the blocks
 * for it, and nothing was visited. */
int frame_each(struct sqlite3 *db, const char *fact, const char *const *names, size_t n,
	frame_visit *visit, void *ctx, bool *done, struct buf *err);

#endif
