/* YAML 1.1 (libyaml) as a tree that knows the line of everything. One document a file; aliases,
 * tags and texts with a NUL are refused. */
#ifndef IO_YAML_H
#define IO_YAML_H

#include "base/buf.h"

enum yaml_type { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml {
	enum yaml_type type;
	bool quoted;	  /* a scalar in quotes or a block: text even where it reads as a number */
	int line, column; /* from 1 */
	char *key;	  /* where it is the value of a mapping; else NULL */
	int key_line, key_column;
	char *text;	    /* scalar: NUL-terminated; else NULL */
	struct str source;  /* scalar: as it stands in the file; NULL: not known */
	struct yaml *child; /* first element or member, in file order */
	struct yaml *next;
	char *whole; /* the root's: the file */
};

/* Reads a file (at most 16 MiB, nested at most 64 deep). NULL and "file:line:column: reason" on
 * failure; a name twice in a mapping is a failure. Caller frees with yaml_free. */
struct yaml *yaml_read(const char *path, struct buf *err);
void yaml_free(struct yaml *root);

const struct yaml *yaml_get(const struct yaml *map, const char *key); /* NULL: not there */
/* The text of a scalar member, or fallback where there is none. */
const char *yaml_text(const struct yaml *map, const char *key, const char *fallback);
/* What a jtools file calls itself: "map/1" of `jtools: map/1`; NULL where it is none. */
const char *yaml_kind(const struct yaml *root);
/* Peeks at the first bytes of a text: whether a line among the first few reads `jtools: something`.
 */
bool yaml_is_ours(struct str head, struct str *kind);
/* The first member whose name is not among `known` (NULL-terminated), or NULL. */
const struct yaml *yaml_unknown(const struct yaml *map, const char *const *known);
/* Where a byte of a scalar's text stands in the file, also where it goes over several lines; where
 * that is not known, where the scalar begins. */
void yaml_place(const struct yaml *scalar, size_t byte, int *line, int *column);
/* Appends "file:line:column: reason"; gives -1. */
int yaml_refuse(const char *path, const struct yaml *at, const char *why, struct buf *err);
/* -1 and a reason with its place where it is no mapping, or has a member that is not `known`. */
int yaml_only(const char *path, const struct yaml *map, const char *const *known, struct buf *err);
/* Elements of a sequence or members of a mapping, in file order. */
#define YAML_EACH(v, of) (const struct yaml *v = (of) ? (of)->child : NULL; v; v = v->next)

#endif
