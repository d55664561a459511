/* What is new in a mail's text: quoted replies, the lines that introduce them, and signatures off.
 */
#ifndef ADAPT_QUOTE_H
#define ADAPT_QUOTE_H

#include "base/buf.h"

enum quote_found {
	QUOTE_NONE,    /* nothing of another mail */
	QUOTE_REPLY,   /* another mail was quoted */
	QUOTE_FORWARD, /* another mail was passed on */
};

/*
 * Appends the new words of text (UTF-8, LF). Taken off: lines after ">", "On ... wrote:" in the
 * languages of the common mail programs, everything from "-----Original Message-----" or a
 * From:/Sent:/To:/Subject: block on, what follows "-- ", "Sent from my phone" and the like, PGP
 * armour. Answers between quoted lines stay. Nothing may be left.
 */
enum quote_found quote_strip(struct buf *out, struct str text);

#endif
