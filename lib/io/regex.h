/*
 * Regular expressions on PCRE2, in UTF-8 mode. A pattern that runs away on a text is stopped by
 * limits on its steps and memory and counts as no match.
 */
#ifndef IO_REGEX_H
#define IO_REGEX_H

#include "base/buf.h"

struct regex; /* immutable but for its scratch: one thread at a time */

/* NULL and a reason ("...: at character N of the pattern"). Free with regex_free. */
struct regex *regex_compile(struct str pattern, bool caseless, struct buf *err);
void regex_free(struct regex *r); /* NULL is allowed */
/*
 * Whether the pattern is found in the subject. whole and group1 (each may be NULL) borrow from the
 * subject; group1 is {NULL, 0} where the pattern has no group or the group took no part. A subject
 * that is no UTF-8 matches nothing.
 */
bool regex_match(struct regex *r, struct str subject, struct str *whole, struct str *group1);
/*
 * The same from a byte of the subject on; what stands before it counts for what looks back. For a
 * subject that is looked through to its end: that it is UTF-8 is for the caller to know.
 */
bool regex_from(
	struct regex *r, struct str subject, size_t from, struct str *whole, struct str *group1);
/* The same for any group, 0 being the whole; {NULL, 0} where there is none. */
bool regex_group(struct regex *r, struct str subject, int group, struct str *out);
/* How many groups the pattern captures. */
int regex_groups(const struct regex *r);

#endif
