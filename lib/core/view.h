/*
 * Other ways to read a text, each byte of which knows the bytes of the text that it comes from: so
 * that what is found in a reading can be taken out of the text itself.
 */
#ifndef CORE_VIEW_H
#define CORE_VIEW_H

#include "base/buf.h"

struct view_place {
	size_t from, to; /* of the character, in the text */
};

struct view {
	struct buf text;
	struct view_place *at; /* one a byte of text */
	size_t cap;
};

#define VIEW_INIT                                                                                  \
	{                                                                                          \
		BUF_INIT, NULL, 0                                                                  \
	}

enum view_escapes {
	VIEW_MARKS,  /* %41, %u0041, \u0041, \x41, &#65; &amp; &eacute; and invisible characters,
			odd blanks, dashes and digits */
	VIEW_QUOTED, /* quoted-printable: =41 and line ends that it put in */
};

void view_release(struct view *v);
/*
 * Reads `text`, which is UTF-8, with its escapes taken out, once; `of` (NULL: it is the text
 * itself) is the view that it belongs to, so that places are those of the first text. Bytes that an
 * escape gives and that are no UTF-8 are read as Latin-1. False, and no view, where there is
 * nothing to take out.
 */
bool view_decode(struct view *v, struct str text, const struct view *of, enum view_escapes how);
/* The letters and digits of a text, folded (text_words), with nothing between; places are those of
 * the text given. */
void view_squeeze(struct view *v, struct str text);

#endif
