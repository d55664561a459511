/* Signatures that no mark tells from what is said. */
#ifndef ADAPT_SIGNATURE_H
#define ADAPT_SIGNATURE_H

#include "base/buf.h"

/*
 * The text without the signature at its end: from a line that is the sender's name on, or what
 * follows a word of farewell on two lines or more, where nothing behind it reads like a sentence.
 * Borrowed; the whole text where there is none or nothing would stay.
 */
struct str signature_off(struct str text, struct str name, struct str address);

#endif
