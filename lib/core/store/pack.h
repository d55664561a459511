/*
 * How a record's bytes are kept. What many records have in common is kept once, as a shape: the
 * record with a hole for each of its id, time, session and data. In the data, pieces that come in
 * almost every record are written as one control character, which JSON text never holds. Both are
 * undone by replace() in SQL, so that any SQLite shell reads the record to the byte.
 */
#ifndef CORE_STORE_PACK_H
#define CORE_STORE_PACK_H

#include "core/event.h"

#define HOLE_ID '\x01'
#define HOLE_TIME '\x02'
#define HOLE_SESSION '\x03'
#define HOLE_DATA '\x04'

/*
 * Takes a record apart: appends its shape and its packed data. The id and the session (where it has
 * one) are kept as they are read. A record that no shape fits (attributes of others, escapes in its
 * names, a time written otherwise) is data from end to end, in a shape that is one hole. Returns
 * whether a shape fitted.
 */
bool pack(const struct event *ev, struct buf *shape, struct buf *data);
/* Appends the record. */
void unpack(struct buf *out, struct str shape, struct str id, int64_t time, struct str session,
	struct str data);
/* Appends a SELECT of all records: their columns, and each put together as body. */
void pack_sql(struct buf *sql);

#endif
