/* In which charset a text file is that says nothing of it: UTF-8 where it is that, else one of few,
 * by what its bytes are like. */
#ifndef ADAPT_CHARSET_H
#define ADAPT_CHARSET_H

#include "base/buf.h"

/* What the bytes of a file are like; begins as zeros. */
struct charset_signs {
	bool other;			      /* some line is no UTF-8 */
	uint64_t odd;			      /* bytes above ASCII that have no partner */
	uint64_t pairs, common, kana, hangul; /* pairs of such; which of them are what */
};
void charset_add(struct charset_signs *s, struct str line);
/* The charset's name as iconv knows it; NULL: UTF-8. */
const char *charset_name(const struct charset_signs *s);
/*
 * Appends a line of such a file as UTF-8, U+FFFD for a byte that means nothing. false, and nothing
 * appended, where it is UTF-8 as it stands: with letters of one byte a file may have lines of both.
 */
bool charset_line(struct buf *out, struct str line, const char *charset);

#endif
