/*
 * Byte strings that are looked for all at once in a text, in time that depends on neither how many
 * they are nor how alike (Aho and Corasick, "Efficient String Matching", 1975). They are put in
 * and the text is read from the end to the start, so that what is found begins at the byte that was
 * read last.
 */
#ifndef BASE_NEEDLES_H
#define BASE_NEEDLES_H

#include <stdint.h>

struct needles; /* nodes are numbers; 0 is the empty string */

struct needles *needles_new(void);
void needles_free(struct needles *n); /* NULL is allowed */
void needles_clear(struct needles *n);
/* The node of the string that has one byte more before it, made where there is none. */
uint32_t needles_put(struct needles *n, uint32_t node, unsigned char byte);
/* The caller's number for the string of a node; not 0: it is looked for. Valid until the next
 * needles_put. */
uint32_t *needles_mark(struct needles *n, uint32_t node);
/* Behind the last change and before the first step. */
void needles_settle(struct needles *n);
/* Where reading is at, 0 at the text's end, with one byte more before it. */
uint32_t needles_step(const struct needles *n, uint32_t at, unsigned char byte);
/* The longest string that is looked for and begins here, or 0. */
uint32_t needles_found(const struct needles *n, uint32_t at);
/* The next shorter one that begins at the same place, or 0. */
uint32_t needles_shorter(const struct needles *n, uint32_t found);

#endif
