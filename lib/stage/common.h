/*
 * The language of a text by its commonest words: English, Portuguese or Spanish where they leave no
 * doubt. It takes a hundredth of the time of a look at all of the text (io/language.h).
 */
#ifndef STAGE_COMMON_H
#define STAGE_COMMON_H

#include "base/buf.h"

struct common; /* immutable */

struct common *common_new(void);    /* free with common_free */
void common_free(struct common *c); /* NULL is allowed */
/*
 * words: as text_words gives them. NULL where it is none of the three, or not certain: fewer than
 * three words of the language or one in three of all, fewer than two that only it has, or one that
 * only another has. The tag lives as long as the program.
 */
const char *common_language(const struct common *c, struct str words);

#endif
