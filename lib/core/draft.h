/*
 * A record in the making: what an adapter or a stage fills in and jnorm or jroute writes. Members
 * are written in the order of core/event.h, so that equal content gives equal bytes.
 */
#ifndef CORE_DRAFT_H
#define CORE_DRAFT_H

#include "base/hash.h"
#include "core/event.h"

struct draft {
	/* An attribute's text, and what is written of it. Both outlive draft_clear: of one record
	 * and the next most are the same. */
	struct {
		struct buf text, member; /* member: empty: not made yet */
	} attr[ATTR_COUNT];
	struct buf data[DATA_COUNT]; /* raw JSON; empty: not there; put in by what is below alone */
	uint64_t attrs, members;     /* a bit for each that is there, or may be */
	int64_t time;		     /* ms; written as the time attribute */
};

void draft_init(struct draft *d);
void draft_release(struct draft *d);
void draft_clear(struct draft *d);

/* What an attribute was set to; empty: it is not there. Borrowed until it is set again. */
static inline struct str draft_has(const struct draft *d, enum event_attr a)
{
	return d->attrs >> a & 1 ? buf_str(&d->attr[a].text) : (struct str){NULL, 0};
}

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
void draft_write(struct buf *out, struct draft *d);

#endif
