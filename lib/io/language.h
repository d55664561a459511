/* The language of a text, by CLD2. */
#ifndef IO_LANGUAGE_H
#define IO_LANGUAGE_H

#include "base/buf.h"

/*
 * The text's language (BCP 47; lives as long as the program), or NULL where that is not certain:
 * short texts, names and numbers, several languages. UTF-8.
 */
const char *language_of(struct str text);
/* Whether it is long enough to tell. */
bool language_tells(struct str text);

#endif
