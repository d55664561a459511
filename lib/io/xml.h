/*
 * One element of XML as JSON text, read by libxml2: an object with its name as "#name", attributes
 * as "@NAME", its text as "#text" where it has one, and child elements by name, those of one name
 * as an array. Children are such objects too, without "#name". Names are as written: a prefix is
 * part of it and need not be declared.
 *
 * The element is read alone, so that there is no DTD, no entity but XML's own five, and nothing
 * outside of it is ever looked for.
 */
#ifndef IO_XML_H
#define IO_XML_H

#include "base/buf.h"

/* Nested elements. Each may be an object within an array: what is written is not deeper than
 * JSON_DEPTH_MAX. */
#define XML_DEPTH_MAX 128
/* Of one element: the parser compares each with all before it. */
#define XML_ATTRIBUTES_MAX 1000

struct xml; /* kept from one element to the next */

struct xml *xml_new(void);
void xml_free(struct xml *x); /* NULL is allowed */
/*
 * Appends to out. Text must be UTF-8, one element from its '<' to its end, not deeper than
 * XML_DEPTH_MAX. -1 and a reason where it is not well-formed; out is then as it was.
 *
 * References to what is no character of XML are mended, as programs write them that think in
 * UTF-16: "&#55357;&#56842;" is the one character that the pair stands for, half of a pair is
 * U+FFFD, and controls such as "&#0;" are left out.
 */
int xml_json(struct xml *x, struct str element, struct buf *out, struct buf *why);

#endif
