/*
 * A message of a text export in the making: its first line, and those that follow until the next
 * one begins. What is too long goes into a dead letter, line by line, or where there are none
 * nowhere.
 */
#ifndef ADAPT_GATHER_H
#define ADAPT_GATHER_H

#include "core/ledger.h"

struct gather {
	struct ledger *to; /* NULL: nothing is refused yet, the export is only looked through */
	size_t max;	   /* bytes that a message may have */
	bool open;
	bool too_long;	 /* its letter is begun, and the rest goes there */
	struct buf body; /* what was said, LF between lines */
	struct buf raw;	 /* the lines as they came */
	uint64_t line, offset;
};

void gather_init(struct gather *g, struct ledger *to, size_t max);
void gather_release(struct gather *g);
/* Begins with the line that lines_next gave, of which `text` was said. Whatever was open is gone.
 * -1 and a reason when a letter cannot be written; so for all of these. */
int gather_begin(struct gather *g, struct lines *l, struct str text, bool is_long, struct buf *err);
/* Adds the next line; there must be an open message. */
int gather_add(struct gather *g, struct lines *l, struct str line, bool is_long, struct buf *err);
/* Refuses what was gathered. */
int gather_reject(struct gather *g, enum event_fault fault, const char *why, const char *file,
	struct buf *err);
/* Closes the message. 1: it is whole, in `body`; 0: none was open, or it is in a letter. */
int gather_end(struct gather *g, struct buf *err);

#endif
