/*
 * Maps: a user's own format, CSV or JSON, described by a YAML file of SQL expressions (jmap(5)).
 * One map turns the rows of one export into events as an adapter does.
 */
#ifndef ADAPT_MAP_H
#define ADAPT_MAP_H

#include "adapt/adapt.h"

struct map; /* opaque; no kin of the struct map of base/map.h */

/*
 * Reads a map file. NULL and "file:line:column: reason" on failure. Its expressions are compiled
 * when an input is read. Free with map_free.
 */
struct map *map_read(const char *path, struct buf *err);
/* Whether its expressions compile, as far as that can be told without a CSV file's header: 0, or -1
 * and "file:line: reason". */
int map_check(struct map *m, struct buf *err);
void map_free(struct map *m); /* NULL is allowed */
/* The format's name, for -f and messages; lives as long as the map. */
const char *map_name(const struct map *m);
/* How sure that the map is for this input: 0 no, 90 when all that its `match` asks for is there. */
int map_sniff(const struct map *m, const struct adapt_peek *p);
/* Whether the map looks things up in tables of this name: such a file is no export. */
bool map_joins(const struct map *m, const char *path);
/*
 * Reads the whole input. A row that cannot be read, or on which an expression fails, is
 * ledger_reject-ed as a whole: none of its events is written. -1 and a reason only where nothing
 * further can be read: the output fails, the map does not fit the header, a JSON document is broken
 * (what is left of it is rejected too).
 */
int map_apply(struct map *m, struct adapt_run *run, struct input *in, struct buf *err);

#endif
