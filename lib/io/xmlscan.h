/*
 * Cuts the records out of an XML document of any size, in the memory of one record: the child
 * elements of the element at a path, or the root element. Each is given as it stands and as JSON
 * (io/xml.h). What lies around the records is checked as far as tags go; a record's inside is for
 * libxml2 to check, which reads each alone. So a record that is broken within its tags costs itself
 * alone, and a document type declaration is passed over: no DTD is read, no entity is defined.
 *
 * Documents may stand one behind the other. The encoding is that of the last declaration, else
 * UTF-8; it must be one in which ASCII is ASCII, which UTF-16 is not.
 */
#ifndef IO_XMLSCAN_H
#define IO_XMLSCAN_H

#include "io/input.h"

enum xmlscan_status {
	XMLSCAN_END = 0,
	XMLSCAN_ONE = 1,
	XMLSCAN_BAD = 2,    /* this record cannot be read; the next call goes on behind it */
	XMLSCAN_LONG = 3,   /* likewise: it exceeds max; spill got its bytes, raw is empty */
	XMLSCAN_BROKEN = 4, /* the document is broken here and nothing behind it can be read; raw:
			       what is at hand of it, behind what spill got */
};

#define XMLSCAN_PATH 16 /* names in a path */

struct xmlscan {
	struct str raw;	 /* the record as it stands; borrowed until the next call */
	struct str json; /* ONE: the record as an object; likewise; JSON_PADDING bytes behind it are
			    readable */
	uint64_t line;	 /* where it begins, from 1 */
	uint64_t offset; /* of its first byte */
	const char *why; /* BAD, LONG, BROKEN: the reason; until the next call */
	/*
	 * Set after opening, or NULL: gets the bytes of a record that exceeds max, one piece after
	 * the other from its first byte on, with line and offset set. -1 and a reason stop the
	 * reading.
	 */
	int (*spill)(void *ctx, const struct xmlscan *s, struct str piece, struct buf *err);
	void *ctx;
	struct xmlscan_state *state;
};

/*
 * Begins at the first byte; borrows in. path: names of elements from the root on with '.' between
 * them; "." makes the root element the record. -1 and a reason: too many names in the path, or
 * reading fails. Close with xmlscan_close, also then.
 */
int xmlscan_open(
	struct xmlscan *s, struct input *in, const char *path, size_t max, struct buf *err);
/* The next record, as xmlscan_status says; -1 and a reason when reading fails. */
int xmlscan_next(struct xmlscan *s, struct buf *err);
void xmlscan_close(struct xmlscan *s);

/*
 * By the first bytes of a document, for recognising: whether its root element has this name (NULL:
 * any), and each of these names is that of a child element of it, as far as the bytes go.
 */
bool xmlscan_has(struct str head, const char *root, char *const *names, size_t n);

#endif
