/* What a map file says, and what becomes of it: shared by the files map_*.c alone. */
#ifndef ADAPT_MAP_FILE_H
#define ADAPT_MAP_FILE_H

#include "adapt/map.h"
#include "core/store/expr.h"
#include "io/csv.h"
#include "io/yaml.h"

/* One step of a path into a JSON value. */
struct map_step {
	char *name; /* of a member; NULL: an element */
	size_t index;
};

struct map_path {
	struct map_step *v;
	size_t n, cap;
};

struct map_column {
	char *name, *text; /* text: the path, or the header's name of a CSV column */
	struct map_path path;
	bool of_element; /* the path begins at the element of `each`, not at the record */
	size_t field;	 /* CSV */
	int line;
};

struct map_columns {
	struct map_column *v;
	size_t n, cap;
};

/* What an expression of `set` fills. */
enum map_target {
	TO_ATTR,
	TO_TIME,
	TO_TEXT,
	TO_NUMBER,
	TO_LIST,
	TO_OBJECT,
	TO_IDENTIFIER,
	TO_ENTITY,
	TO_EXT
};

struct map_member {
	char *key; /* as written: "identifiers.phone" */
	enum map_target target;
	int number;	  /* of the attribute or the member of data */
	const char *name; /* what follows the dot; within key */
	char *sql;
	int line;
	int expr;		       /* number in its event's set */
	const struct map_column *bare; /* the expression is nothing but this column */
};

struct map_members {
	struct map_member *v;
	size_t n, cap;
};

struct map_event {
	char *when; /* NULL: always */
	int when_line;
	char *each; /* NULL: none */
	struct map_path each_path;
	struct map_columns columns; /* of the element */
	struct map_members set;	    /* with the defaults that it does not name itself */
	/* Compiled. */
	struct map_columns seen; /* all that its expressions may name; paths and texts borrowed, see
				    map_compile */
	struct expr_set *conditions, *values; /* conditions: its own `when` where it has `each` */
	int condition;			      /* number in map.conditions, -1: none */
};

struct map_placeholder {
	char *kind, *value;
};

/* State of the functions time(), phone(), ... between two rows. */
struct map_functions;

struct map {
	char *path, *name, *source, *records, *time_format;
	bool csv, xml;	/* neither: JSON */
	char *root;	/* XML: the root element's name to match, or NULL */
	char delimiter; /* 0: found */
	struct map_names {
		char **v;
		size_t n, cap;
	} header, keys;
	struct map_columns columns;
	struct map_members defaults;
	struct map_event *event;
	size_t event_n, event_cap;
	struct map_placeholder *placeholder;
	size_t placeholder_n, placeholder_cap;
	/* Compiled. */
	struct map_columns seen; /* columns of the record */
	struct expr_set *conditions;
	struct map_functions *functions;
	/* Scratch of map_fill. */
	struct buf text;
	struct json_doc doc;
};

/* The row that expressions read. */
struct map_row {
	const struct map_columns *columns; /* of the set being evaluated */
	const struct csv *csv;		   /* NULL: JSON, or XML as JSON */
	const struct json *record, *element;
};

/* "a.b[0].c" into steps; "." is the value itself. False where it is no path. */
bool map_path_read(struct map_path *p, const char *text);
const struct json *map_path_find(const struct map_path *p, const struct json *from);
void map_path_release(struct map_path *p);

/*
 * Compiles all expressions; csv: the header, NULL for JSON. May be called again with another
 * header. -1 and a reason.
 */
int map_compile(struct map *m, const struct csv *csv, struct buf *err);
void map_uncompile(struct map *m);

struct map_functions *map_functions_new(void);
void map_functions_free(struct map_functions *f);
/* Who asks from now on: the region of telephone numbers; the format of time(x). Borrowed. */
void map_functions_begin(
	struct map_functions *f, const struct adapt_options *opt, const char *time_format);
void map_functions_add(struct map_functions *f, struct expr_set *set);
/* Before the expressions of one event: forgets what the last ones met. */
void map_functions_clear(struct map_functions *f);
bool map_functions_assumed(const struct map_functions *f);  /* time() read a time without a zone */
bool map_functions_bad_time(const struct map_functions *f); /* time() failed */
/* The number in E.164, empty where it is none; until the next call. s may not be empty. */
struct str map_functions_phone(struct map_functions *f, struct str s);
struct str map_functions_no_phone(
	const struct map_functions *f); /* what phone() refused, or empty */

/*
 * Reads a time: by a format (strptime's %Y %y %m %d %e %b %B %H %I %M %S %f %p %z %Z %s %T %%), or
 * without one RFC 3339, ISO 8601 or seconds, milliseconds, microseconds of the epoch. *local: it
 * named no zone and was taken for a local time.
 */
bool map_time(struct str s, const char *format, int64_t *when, bool *local);

/* Fills run->draft from the results of an event's expressions. 0, or -1 with the fault and a
 * reason. */
int map_fill(struct map *m, const struct map_event *e, const struct map_row *row,
	struct adapt_run *run, enum event_fault *fault, struct buf *why);

#endif
