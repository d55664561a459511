/* When a transcript began and which call it is, as its file's name or a note says. */
#ifndef ADAPT_TRANSCRIPT_NAME_H
#define ADAPT_TRANSCRIPT_NAME_H

#include "base/buf.h"
#include "base/when.h"

struct stamp {
	struct civil at;
	bool zoned; /* `utc` holds; else `at` is local time */
	int64_t utc;
	struct str text; /* where it stands */
};

/* The first date with a time in s: 2026-03-05T14-02-10, 20260305T140210Z, 2026-03-05 14.02.10,
 * GMT20260305-140210. */
bool stamp_find(struct str s, struct stamp *out);
/*
 * Appends the rest of a file's base name without the stamp and the separators about it; the whole
 * name where nothing is left.
 */
void stamp_rest(struct buf *out, struct str base, const struct stamp *stamp);

/* What a speaker's name says about the side it is on. */
enum side { SIDE_UNKNOWN, SIDE_AGENT, SIDE_BOT, SIDE_CUSTOMER };
/* *bare: the name is nothing but such words ("Agent 1"). */
enum side side_of(struct str name, bool *bare);

#endif
