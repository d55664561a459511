/*
 * Lookup tables of a map: `join`, and the columns that look something up, `users[author_id].name`.
 * For the files map_*.c alone.
 */
#ifndef ADAPT_MAP_TABLE_H
#define ADAPT_MAP_TABLE_H

#include "adapt/map_file.h"

struct scratch;

struct map_table {
	char *name, *key, *records; /* records: NULL, or the path in a JSON document */
	struct map_path key_path;
	struct map_names files; /* none: the table is in the document that is read */
	/* What is loaded: rows as JSON text by their key, the first of each; NULL: not there. */
	struct scratch *rows;
	struct buf from;   /* the file's name as input_beside gives it */
	struct buf beside; /* the folder of the input for which it was found */
	uint64_t loaded;   /* how many times: what was found before is stale */
	bool told_missing, told_repeated, told_bad; /* each once a run */
	struct buf broken;			    /* why the temporary file failed; or empty */
};

/* One row of a table, or a value in it. */
struct map_lookup {
	struct map_table *table;
	struct map_column key; /* of the record, or of the element of `each` */
	char *member;	       /* what is taken of the row; NULL: all of it */
	struct map_path path;  /* the same as a path */
	/* The row found last. */
	uint64_t loaded; /* the table's, 0: nothing was looked up yet */
	struct buf last, text;
	struct json_doc row;
	bool found;
};

/* Reads `join`. */
int map_tables_read(struct map *m, const struct yaml *y, struct buf *err);
void map_tables_free(struct map *m);
/*
 * Makes the tables ready for the records of one input, which may be spooled for it: before its
 * first byte is read. A table that is not there finds nothing, which is noted. -1 and a reason: one
 * that is there cannot be read, or has no such key.
 */
int map_tables_open(
	struct map *m, struct input *in, const struct adapt_options *opt, struct buf *err);

/* Whether looking up has failed since, with the reason. */
bool map_tables_failed(const struct map *m, struct buf *err);

/* Reads a column's text as table[key].member: 1 and c->lookup is set; 0: it is none; -1 and a
 * reason. */
int map_lookup_read(struct map *m, struct map_column *c, const struct yaml *at, struct buf *err);
void map_lookup_free(struct map_lookup *l); /* NULL is allowed */
/* The value found for the row, or NULL. It stays until the key is another. Where the temporary file
 * fails, map_tables_failed is true. */
const struct json *map_lookup_find(struct map_lookup *l, const struct map_row *row);

#endif
