/*
 * `group` of a map: rows that have the same value in one column are one record. Rows are kept in a
 * temporary file until the input is read; then each group is one JSON object: what the first row
 * has, and `rows`, the array of all. For the files map_*.c alone.
 */
#ifndef ADAPT_MAP_GROUP_H
#define ADAPT_MAP_GROUP_H

#include "adapt/map_file.h"

enum map_group_status { GROUP_END = 0, GROUP_ONE = 1, GROUP_LONG = 2 };

struct map_group {
	struct str record;     /* JSON text; of a GROUP_LONG empty */
	struct str raw;	       /* its rows as they came, a LF between two; of a GROUP_LONG its
				  first ones: map_groups_rest gives the others */
	uint64_t line, offset; /* of its first row */
};

struct map_groups;

/* Reads `group`, NULL where there is none; map_free calls the other. */
int map_group_read(struct map *m, const struct yaml *y, struct buf *err);
void map_group_free(struct map *m);

/*
 * For the rows of one input; csv: where they come from, NULL for JSON; borrowed, as m is, which
 * must be compiled for it. max: bytes of a record. NULL and a reason. Free with map_groups_free.
 */
struct map_groups *map_groups_new(
	const struct map *m, struct csv *csv, size_t max, struct buf *err);
void map_groups_free(struct map_groups *g); /* NULL is allowed */
/* Adds a row, whose bytes are raw. -1 and a reason. */
int map_groups_add(struct map_groups *g, const struct map_row *row, struct str raw, uint64_t line,
	uint64_t offset, struct buf *err);
/* After the last row: the next group, borrowed until the next call; -1 and a reason. */
int map_groups_next(struct map_groups *g, struct map_group *out, struct buf *err);
/* After GROUP_LONG: 1 and the next bytes of its rows, borrowed until the next call; 0 when it is
 * done; -1 and a reason. What is not taken is skipped. */
int map_groups_rest(struct map_groups *g, struct str *piece, struct buf *err);

#endif
