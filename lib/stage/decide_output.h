/* How what is found is shown: a table for people, or an object a line. Nobody but the files of this
 * stage and its command includes it. */
#ifndef STAGE_DECIDE_OUTPUT_H
#define STAGE_DECIDE_OUTPUT_H

#include "base/table.h"
#include "io/out.h"

/* "table", "ndjson"; NULL: a table on a terminal, records in a pipe. -1 and a reason for another.
 */
int decide_format(const char *name, bool *table, struct buf *err);
/* A share: "5%" or "0.05". False where it is none. */
bool decide_share(const char *text, double *out);
/* Where rows go: a column is a member. */
struct rows {
	struct out *out;
	bool as_table;
	struct table table;
	struct buf line;
	const char *const *names; /* NULL-terminated; a leading '#': numbers */
	size_t at;
};
void rows_begin(struct rows *r, struct out *out, bool as_table, const char *const *names);
/* The next cell; the row ends with its last column. An empty one is no member. */
int rows_text(struct rows *r, struct str s, struct buf *err);
int rows_int(struct rows *r, int64_t n, struct buf *err);
int rows_number(struct rows *r, double n, struct buf *err);
int rows_end(struct rows *r, struct buf *err); /* frees as well */

#endif
