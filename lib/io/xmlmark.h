/*
 * The markup of an XML document of any size, tag by tag: what io/xmlscan.h cuts records with. Bytes
 * are looked at, not decoded; ASCII must be ASCII in them.
 */
#ifndef IO_XMLMARK_H
#define IO_XMLMARK_H

#include "io/input.h"

#define XMLMARK_AT_END (-1)
#define XMLMARK_FAILED (-2) /* reading, or spill: failed is set */

/* What stands at a '<'. */
enum xmlmark_kind {
	XMLMARK_OPEN,  /* a start tag */
	XMLMARK_EMPTY, /* a start tag that is an element */
	XMLMARK_CLOSE, /* an end tag */
	XMLMARK_OTHER, /* a comment, an instruction, CDATA, a document type */
	XMLMARK_NONE,  /* no markup: a '<' that should not be there */
	XMLMARK_WRONG, /* begins like markup and is none */
	XMLMARK_CUT,   /* the bytes end, or reading failed */
};

struct xmlmark {
	struct input *in; /* borrowed; NULL: block is all there is */
	struct buf *err;  /* of the call under way: why reading failed */
	struct buf block;
	size_t at;	/* the next byte */
	size_t from;	/* what lies from here to at is kept where keep is set */
	size_t counted; /* the lines before this are counted */
	uint64_t taken; /* bytes that stood before the block */
	uint64_t line;	/* at counted */
	bool ended, failed;
	bool keep;     /* what is read is wanted, to max bytes; what is beyond goes to spill */
	bool too_long; /* it is beyond max; to be cleared before keep is set */
	bool too_deep; /* xmlmark_inside went beyond XML_DEPTH_MAX; likewise */
	bool too_many; /* a tag has more attributes than XML_ATTRIBUTES_MAX; likewise */
	size_t max;
	int (*spill)(void *ctx, struct str piece, struct buf *err);
	void *ctx;
	bool in_root;	 /* within the root element, where there is no document type */
	struct buf name; /* in the tag last read */
	uint64_t hash;	 /* of that name */
};

/* Borrows in; in NULL: head is all, and is copied. err is to be set before the first reading. */
void xmlmark_init(struct xmlmark *m, struct input *in, struct str head, size_t max);
/* Before all else: past the mark of UTF-8. */
void xmlmark_pass_bom(struct xmlmark *m);
void xmlmark_release(struct xmlmark *m);
/* Reads once more; what lies before from goes. false at the end and where reading failed. */
bool xmlmark_fill(struct xmlmark *m);
/* Counts the lines to this place in the block. */
void xmlmark_count(struct xmlmark *m, size_t to);
/* Takes note that what is kept may be beyond max. */
void xmlmark_shorten(struct xmlmark *m);
/* The next byte, or the next that is no white space, which stays where it is; AT_END or FAILED. */
int xmlmark_look(struct xmlmark *m);
int xmlmark_past_space(struct xmlmark *m);
/* Goes to the next '<' or NUL, and gives it; AT_END or FAILED. */
int xmlmark_past_text(struct xmlmark *m);
/* Reads the markup at the next byte, a '<'. */
enum xmlmark_kind xmlmark_next(struct xmlmark *m);
/*
 * Behind a start tag: goes past the end of its element. CLOSE, WRONG or CUT. Names are matched down
 * to XML_DEPTH_MAX; below that tags are counted. An end tag ends what is open within its element
 * too: then the element is not well-formed, which its reader will say, and only it is lost.
 */
enum xmlmark_kind xmlmark_inside(struct xmlmark *m);
/* Whether a name may begin with this byte. */
bool xmlmark_begins_name(int c);

#endif
