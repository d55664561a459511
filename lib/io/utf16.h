/* Text in UTF-16 as UTF-8, piece by piece. */
#ifndef IO_UTF16_H
#define IO_UTF16_H

#include "io/lines.h"

struct utf16;

/* Whether the bytes begin with a byte order mark of UTF-16. */
bool utf16_is(struct str head);
/*
 * Decodes what `head` (which begins with the mark) and behind it `from` or, where that has no read,
 * the descriptor gives; borrows both, and `name` for messages. Half a surrogate pair, or half a
 * unit at the end, is U+FFFD. NULL and a reason on failure. Close with utf16_close.
 */
struct utf16 *utf16_open(
	struct str head, int fd, struct source from, const char *name, struct buf *err);
/* As source.read; room must be at least four bytes. The mark is not given. */
int64_t utf16_read(void *ctx, char *into, size_t room, struct buf *err);
void utf16_close(struct utf16 *u); /* NULL is allowed */

#endif
