/* What somebody may have meant who wrote a name that there is not. */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include "base/buf.h"

#define NEAR_MOST 3
#define NEAR_LONGEST 100 /* bytes; nothing is near what is longer */

struct near {
	struct str wanted;	     /* borrowed */
	const char *best[NEAR_MOST]; /* the nearest first; borrowed */
	size_t far[NEAR_MOST], n;
};

void near_begin(struct near *near, struct str wanted);
/* A name that there is; it must outlive near. Those that hold what was wanted are nearest, then
 * those that begin most like it by Levenshtein's distance. */
void near_see(struct near *near, const char *name);
/* Appends "a, b or c", each with `before` before it; nothing where none is near. */
void near_put(const struct near *near, const char *before, struct buf *out);
/* Appends " (did you mean a, b or c?)"; nothing where none is near. */
void near_ask(const struct near *near, struct buf *out);

#endif
