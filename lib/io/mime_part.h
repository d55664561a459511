/* What the files of mime share. Nobody else includes it. */
#ifndef IO_MIME_PART_H
#define IO_MIME_PART_H

#include "base/map.h"
#include "io/mime.h"

#include <gmime/gmime.h>

#define MIME_DEPTH_MAX 64 /* parts within parts that are looked into */

struct mime_header {
	struct str name, raw; /* raw: with its line ends; both of the mail's bytes or of GMime's */
	GMimeHeader *at;      /* GMime's, or NULL: of a mail that was split without it */
	struct buf value;     /* of one that was split: decoded, where that was needed */
	bool decoded;
};

/* What a Content-Type says of a text. */
struct mime_type {
	bool words; /* plain text or HTML that is no file */
	bool html, flowed, delsp;
	const char *charset; /* NULL: none is named */
};

struct mime {
	struct buf bytes;	    /* of the mail, while they fit */
	int fd;			    /* else the file that has them all; -1: none */
	size_t spilled;		    /* bytes in it */
	size_t head;		    /* bytes of the headers, as far as they were added */
	bool headed, blank;	    /* they are done; nothing but their end is on the line so far */
	size_t parts, part_headers; /* at most: of the headers the lines, */
	size_t part_heads;	    /* and the bytes */
	unsigned dashes;	    /* that the line at hand begins with; above 2: it does not */
	bool within;		    /* it is a header */
	void *mapped;		    /* the file, for mime_raw, */
	size_t mapped_len;	    /* as long as it was then */
	GByteArray view;	    /* GMime's view of bytes; it never owns them */
	GMimeMessage *mail;	    /* NULL: it was split without GMime */
	GMimeParser *parser;
	GMimeParserOptions *options;
	struct mime_header *header; /* of the mail, in their order */
	size_t header_n, header_made, header_cap;
	struct mime_address *address;
	size_t address_n, address_made, address_cap;
	struct mime_part *part;
	size_t part_n, part_cap;
	struct map types;	 /* value of a Content-Type -> struct mime_type */
	struct buf text, own;	 /* whole, and without what HTML marks as quoted */
	struct buf coded, plain; /* of one part: in its charset, in UTF-8 */
	struct buf line;	 /* one value, with a NUL behind it */
	size_t room;		 /* decoded bytes that may still come */
	bool cut;
	enum mime_report report;
	enum mime_calendar calendar;
	struct buf bounced;
};

/* mime_head.c: the headers of m->mail. */
void mime_list_headers(struct mime *m);
/* mime_head.c: one more header; borrows both. */
void mime_put_header(struct mime *m, struct str name, struct str raw);
/* mime_head.c: the addresses of all headers that have some. */
void mime_list_addresses(struct mime *m);

/* mime_plain.c: reads a mail that is nothing but headers and one text, as most are, without making
 * objects of it. false: it is another, and nothing was read. */
bool mime_split(struct mime *m);
/* mime_plain.c: what a Content-Type says; its charset is borrowed from it. */
struct mime_type mime_type_of(GMimeContentType *type);
void mime_free_types(struct mime *m);

/* mime_text.c: decodes a part into m->coded as far as there is room. */
void mime_decode(struct mime *m, GMimePart *part);
/* mime_text.c: puts the text of m->coded behind those that are there. */
void mime_put_text(struct mime *m, const struct mime_type *type);

/* mime_tree.c: the text, the parts and the reports of a tree of parts. */
void mime_take_tree(struct mime *m, GMimeObject *root);

#endif
