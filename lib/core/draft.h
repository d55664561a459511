/*
 * A record in the making: what an adapter or a stage fills in and jnorm or jroute writes. Members
 * are written in the order of core/event.h, so that equal content gives equal bytes.
 */
#ifndef CORE_DRAFT_H
#define CORE_DRAFT_H

#include "base/hash.h"
#include "core/event.h"

struct draft {
	struct buf attr[ATTR_COUNT]; /* decoded text; empty: not there */
	struct buf data[DATA_COUNT]; /* raw JSON; empty: not there; put in by what is below alone */
	uint64_t attrs, members;     /* a bit for each that may be there: most are not */
	int64_t time;		     /* ms; written as the time attribute */
};

void draft_init(struct draft *d);
void draft_release(struct draft *d);
void draft_clear(struct draft *d);

/* All of these replace what was there; an empty s takes it away. Text that is no UTF-8 is mended
 * byte by byte (U+FFFD); so is a control character of an attribute. */
void draft_attr(struct draft *d, enum event_attr a, struct str s);
void draft_text(struct draft *d, enum event_data m, struct str s);
void draft_int(struct draft *d, enum event_data m, int64_t n);
void draft_number(struct draft *d, enum event_data m, double n);     /* finite */
void draft_raw(struct draft *d, enum event_data m, struct str json); /* valid JSON, not checked */
/* Where the caller puts a member's JSON behind what is there; borrowed until the draft is written.
 */
struct buf *draft_place(struct draft *d, enum event_data m);

/* Adds one {"kind","value"} to identifiers; nothing where value is empty. Values are normalised by
 * the caller. */
void draft_identifier(struct draft *d, const char *kind, struct str value);
/* Adds a member to an object member (entities, ext, context, inputs): a string, or raw JSON. */
void draft_member(struct draft *d, enum event_data m, struct str name, struct str text);
void draft_member_raw(struct draft *d, enum event_data m, struct str name, struct str json);
/* Adds a string to an array member (signals, asks, policies). */
void draft_item(struct draft *d, enum event_data m, struct str text);
/* Adds a string to a JSON array in the making, which begins empty: a value for draft_member_raw. */
void draft_list(struct buf *array, struct str text);
/* origin: where it came from; offset_is: the number is a byte offset, else a line. */
void draft_origin(struct draft *d, const char *file, uint64_t number, bool offset_is);

/* Appends the record without LF. id, source, type must be set. */
void draft_write(struct buf *out, const struct draft *d);

#endif
