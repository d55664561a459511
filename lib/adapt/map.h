/*
 * Maps: a user's own format, CSV, JSON or XML, described by a YAML file of SQL expressions
 * (jmap(5)). One map turns the rows of one export into events as an adapter does.
 */
#ifndef ADAPT_MAP_H
#define ADAPT_MAP_H

#include "adapt/adapt.h"

struct map; /* opaque; no kin of the struct map of base/map.h */

/*
 * Reads a map file. NULL and "file:line:column: reason", or "file:line: reason" for an expression,
 * on failure. What names columns of a CSV file is compiled when its header is known. Free with
 * map_free.
 */
struct map *map_read(const char *path, struct buf *err);
/* The same, its expressions being compiled when it is first applied: for maps that are shipped, of
 * which a run needs few. */
struct map *map_parse(const char *path, struct buf *err);
void map_free(struct map *m); /* NULL is allowed */
/* The format's name, for -f and messages, and the map's file; live as long as the map. */
const char *map_name(const struct map *m);
const char *map_file(const struct map *m);
/* Words that an ontology lists: event types and channels. */
struct map_words {
	bool (*type)(const void *ctx, struct str word);
	bool (*channel)(const void *ctx, struct str word);
	const void *ctx;
};

/*
 * Looks through a map file: appends to out a line for each thing that is wrong,
 * "file:line:column: reason", and for what may be: a type or a channel that is not listed
 * ("...: note: ..."). Gives how many are wrong. Of CSV, columns that `match` does not list may be
 * in the header all the same: they are named in a note.
 */
size_t map_check(const char *path, const struct map_words *words, struct buf *out);
/* How sure that the map is for this input: 0 no, up to 94 where all that its `match` asks for is
 * there; the more it asks for the surer. */
int map_sniff(const struct map *m, const struct adapt_peek *p);
/* Appends what `match` asks for and the input has, in words. */
void map_put_match(const struct map *m, const struct input *in, struct buf *out);
/* Of a table: a line, "FILE asks for x, y, which the file has not"; nothing where all of the header
 * that the map asks for, in its first shape, is there. */
void map_put_lacking(const struct map *m, struct str head, struct buf *out);
/* Whether the map looks things up in tables of this name: such a file is no export. */
bool map_joins(const struct map *m, const char *path);
/* Whether it has been applied to an input. */
bool map_applied(const struct map *m);
/*
 * Reads the whole input. A row that cannot be read, or on which an expression fails, is
 * ledger_reject-ed as a whole: none of its events is written. -1 and a reason only where nothing
 * further can be read: the output fails, the map does not fit the header, a JSON or XML document is
 * broken (what is left of it is rejected too).
 */
int map_apply(struct map *m, struct adapt_run *run, struct input *in, struct buf *err);

#endif
