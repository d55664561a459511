/* What the files of shell share. Nobody else includes it. */
#ifndef STAGE_SHELL_PART_H
#define STAGE_SHELL_PART_H

#include "base/table.h"
#include "stage/shell.h"

/*
 * Rows in the shell's format, as they come; of a table a page of 1000 is held, so that each page
 * has widths of its own.
 */
struct rows {
	struct shell *shell;
	const char *const *names; /* borrowed */
	size_t name_n;
	const char *none; /* what a table without rows says */
	uint64_t n;	  /* rows */
	struct table table;
	size_t held;
	bool sized;
	struct buf line;
};
void rows_begin(struct rows *r, struct shell *s, const char *const *names, size_t n);
/* A time as the format has it: of a table the minute of the zone, else UTC. */
void rows_time(const struct rows *r, struct buf *out, int64_t ms);
int rows_head(struct rows *r, struct buf *err);
int rows_row(struct rows *r, const struct fact_cell *cells, struct buf *err);
/* Writes what is held where `whole`, and releases. */
int rows_end(struct rows *r, bool whole, struct buf *err);

#endif
