/*
 * JSON (RFC 8259) on simdjson, read as a flat tree whose every value knows its source span, so that
 * what is not understood can be copied to the last byte. One walk validates the whole text:
 * structure, UTF-8, escapes, numbers.
 */
#ifndef IO_JSON_H
#define IO_JSON_H

#include "base/buf.h"

#define JSON_PADDING 64	   /* bytes that must be readable behind a text read in place */
#define JSON_DEPTH_MAX 256 /* nested arrays and objects */

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json {
	enum json_type type;
	uint32_t count; /* elements or members */
	uint32_t skip;	/* nodes of this value, itself included: the next sibling is this + skip */
	struct str raw; /* the value in the source, as written */
	struct str key; /* decoded name, where it is a member */
	struct str
		text; /* decoded string; the raw text of a number, true, false, null; empty else */
};

struct json_parser; /* simdjson's, opaque */

struct json_doc {
	struct json *v; /* preorder; v[0] is the root; valid until the next parse */
	size_t n, cap;
	struct buf strings;
	struct json_parser *parser;
};

#define JSON_DOC_INIT                                                                              \
	{                                                                                          \
		NULL, 0, 0, BUF_INIT, NULL                                                         \
	}

/*
 * Reads one text. `padded` says that JSON_PADDING bytes behind it are readable, else it is copied;
 * either way text and doc must outlive the nodes. Returns 0, or -1 with a reason that ends in "at
 * byte N". Names that stand twice in an object are both kept: json_repeated finds them.
 */
int json_parse(struct json_doc *doc, struct str text, bool padded, struct buf *err);
void json_release(struct json_doc *doc);

static inline const struct json *json_first(const struct json *of)
{
	return of && of->type >= JSON_ARRAY && of->count ? of + 1 : NULL;
}
/* The sibling after v, which is the i-th (from 0) child of `of`; NULL after the last. */
static inline const struct json *json_after(const struct json *of, const struct json *v)
{
	const struct json *n = v + v->skip;

	return n < of + of->skip ? n : NULL;
}
#define JSON_EACH(v, of) (const struct json *v = json_first(of); v; v = json_after(of, v))

/* The member of an object, NULL where there is none or `of` is no object. */
const struct json *json_named(const struct json *of, struct str name);
static inline const struct json *json_member(const struct json *of, const char *name)
{
	return json_named(of, str_of(name));
}
/* The first member whose name stands before it in the same object, or NULL. In n log n of the
 * members. */
const struct json *json_repeated(const struct json *of);
bool json_is_string(const struct json *v);
bool json_number(const struct json *v, double *out); /* false: no number; *out stays */

/* Whether the bytes are UTF-8. */
bool json_utf8(struct str s);

/* Writing. */
void json_put_string(struct buf *out, struct str s); /* quoted and escaped; s must be UTF-8 */
/* The same, but only where nothing is to be escaped and all is printable ASCII; false: nothing was
 * put. */
bool json_put_plain(struct buf *out, struct str s);
void json_put_number(struct buf *out, double n); /* shortest form that reads back; finite */
/* Appends a value so that equal ones are the same bytes: members by name, no white space, strings
 * as json_put_string writes them, numbers in their shortest form where that reads back. */
void json_put_canonical(struct buf *out, const struct json *v);
/* Appends JSON as it stands, but on one line: a line's end and the white space behind it go. */
void json_put_line(struct buf *out, struct str json);
/* The same without any white space between its parts. */
void json_put_compact(struct buf *out, struct str json);
/* Appends `"name":` with a comma before it unless it follows '{'. */
void json_put_key(struct buf *out, const char *name);
/* A whole member. */
void json_put_member(struct buf *out, const struct json *member); /* its value as it came */
void json_put_text(struct buf *out, const char *name, struct str s);
void json_put_int(struct buf *out, const char *name, int64_t n);

#endif
