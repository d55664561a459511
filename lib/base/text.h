/* Unicode text: folding for comparison (utf8proc) and words. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"

/*
 * Appends s folded: compatibility decomposition, marks stripped, case folded (Unicode NFKD, default
 * case folding). Bytes that are no UTF-8 are dropped.
 */
void text_fold(struct buf *out, struct str s);
/*
 * Appends the words of s, folded, one blank between them: runs of letters and digits; apostrophes
 * within a word are removed (don't -> dont); everything else separates.
 */
void text_words(struct buf *out, struct str s);
/* Whether all bytes are ASCII that prints, blanks included: most names and words are, and need no
 * further look. */
bool text_printable(struct str s);
/* Lower case by Unicode's simple mapping; marks stay. */
void text_lower(struct buf *out, struct str s);
/* Appends s, each byte that is no UTF-8 as U+FFFD: nothing else of it is lost. */
void text_mend(struct buf *out, struct str s);
/*
 * Appends s as a terminal may see it: white space as a blank, other control characters (C0, DEL,
 * C1) and bytes that are no UTF-8 as '?'. For all that comes from records: an escape in it would
 * move the cursor, or more.
 */
void text_plain(struct buf *out, struct str s);
/* Whether nothing of s is seen: blanks of any script, controls, and what has no width. */
bool text_blank(struct str s);
/* Whether s ends in a question mark of any script, blanks and what has no width behind it left out.
 */
bool text_asks(struct str s);
/* Columns that s takes on a terminal. */
size_t text_width(struct str s);
/* The longest part of s, from its start, of at most `bytes` bytes that ends between two characters.
 */
struct str text_cut(struct str s, size_t bytes);
/*
 * Whether s may be cut before the byte at `at`, which begins a character and is not the first:
 * beside a blank, or in scripts that put none between words (Thai, Lao, Burmese, Khmer, and U+3000
 * on) anywhere but before a mark.
 */
bool text_breaks(struct str s, size_t at);
/* Where the character behind the one at i begins, or the end. */
size_t text_next(struct str s, size_t i);

#endif
