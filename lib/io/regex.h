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
 * The next match that begins at `from` or behind it; what stands before is seen by what looks
 * behind. The subject must be UTF-8, and `from` the beginning of a character of it: neither is
 * checked.
 */
bool regex_next(
	struct regex *r, struct str subject, size_t from, struct str *whole, struct str *group1);
/* The same for any group, 0 being the whole; {NULL, 0} where there is none. */
bool regex_group(struct regex *r, struct str subject, int group, struct str *out);
/* How many groups the pattern captures. */
int regex_groups(const struct regex *r);

/*
 * Which two characters a text that a pattern matches may begin with: a row for each first one, a
 * bit for each second one, both of a to z and a blank. All bits are set where the pattern may match
 * anywhere in a text.
 */
#define REGEX_HEADS 27
struct regex_heads {
	uint32_t second[REGEX_HEADS];
};

void regex_heads(struct regex *r, struct regex_heads *out);
/* false: no text that begins so is matched by a pattern without regard to case. */
static inline bool regex_may_begin(const struct regex_heads *h, struct str text)
{
	unsigned one, two;

	if (text.len < 2)
		return true;
	one = text.s[0] == ' ' ? REGEX_HEADS - 1 : (unsigned char)text.s[0] - (unsigned)'a';
	two = text.s[1] == ' ' ? REGEX_HEADS - 1 : (unsigned char)text.s[1] - (unsigned)'a';
	return one >= REGEX_HEADS || two >= REGEX_HEADS || h->second[one] >> two & 1;
}

#endif
