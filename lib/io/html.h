/* The words of an HTML text, laid out as lines, read by libxml2's forgiving parser. */
#ifndef IO_HTML_H
#define IO_HTML_H

#include "base/buf.h"

/*
 * Appends the text of an HTML document or fragment in UTF-8: tags off, entities decoded, white
 * space folded, blocks and <br> as line ends, list items after "- ", quotations (blockquote) with
 * "> " before each line; scripts, styles and what is hidden left out.
 */
void html_text(struct buf *out, struct str html);
/*
 * The same without what mail programs mark as no part of the new words: lines that introduce a
 * quotation, signatures, and all that follows the divider before the answered mail. Quotations
 * stay, marked with "> ": answers stand between them.
 */
void html_own(struct buf *out, struct str html);

#endif
