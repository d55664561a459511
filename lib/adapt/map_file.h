/* What a map file says, and what becomes of it: shared by the files map_*.c alone. */
#ifndef ADAPT_MAP_FILE_H
#define ADAPT_MAP_FILE_H

#include "adapt/map.h"
#include "core/store/expr.h"
#include "io/csv.h"
#include "io/yaml.h"

struct map_lookup; /* adapt/map_table.h */
struct map_table;

/* One step of a path into a JSON value. */
struct map_step {
	char *name; /* of a member; NULL: an element */
	size_t index;
	bool all;   /* "[]": each element, one after the other */
	size_t len; /* of the name */
};

struct map_path {
	struct map_step *v;
	size_t n, cap;
	size_t up; /* "^": objects outwards from where the path begins */
};

struct map_names {
	char **v;
	size_t n, cap;
};

struct map_column {
	char *name, *text; /* text: the path, or the header's name of a CSV column */
	struct map_path path;
	bool of_element;      /* the path begins at the element of `each`, not at the record */
	struct map_names any; /* CSV: names of which the header may have one; else none */
	bool absent;	      /* it has none of them */
	size_t field;	      /* CSV */
	int line;
	struct map_lookup *lookup; /* the value is looked up in a table; else NULL */
	/* JSON: where an index has it, and how many steps of the path lead there; 0: in none. */
	size_t place, steps;
};

struct map_columns {
	struct map_column *v;
	size_t n, cap;
};

/* Where columns lie in a value: by their paths as far as these are names. */
struct map_index {
	struct place *place;
	size_t n, cap;
	const struct json **found; /* in the value that was walked last, by place */
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
	int line, column;
	bool exact;		       /* the sql stands there as it is */
	int expr;		       /* number in its event's set */
	const struct map_column *bare; /* the expression is nothing but this column */
	char *literal;		       /* or nothing but this text; else SQLite evaluates it */
};

struct map_members {
	struct map_member *v;
	size_t n, cap;
};

struct map_event {
	char *when; /* NULL: always */
	int when_line, when_column;
	bool when_exact;
	char *each; /* NULL: none */
	struct map_path each_path;
	struct map_columns columns; /* of the element */
	struct map_index index;	    /* of these */
	bool rest;		    /* what no column names goes to ext */
	struct map_members set;	    /* with the defaults that it does not name itself */
	/* Compiled. */
	struct map_columns seen; /* all that its expressions may name; paths and texts borrowed, see
				    map_compile */
	struct expr_set *conditions, *values; /* conditions: its own `when` where it has `each` */
	int condition;			      /* number in map.conditions, -1: none */
};

/* A name of `let` and what it stands for, the names in it resolved. */
struct map_let {
	char *name, *sql;
};

struct map_placeholder {
	char *kind, *value;
};

/* State of the functions time(), phone(), ... between two rows. */
struct map_functions;

/* Where the records of a document may be; "." is the document itself. */
struct map_place {
	char *text;
	struct map_path path;
};

struct map {
	char *path, *name, *source, *time_format;
	struct map_place *place;
	size_t place_n, place_cap;
	/* Of the place in the input that is read; NULL: the document is its records. */
	const char *records;
	struct map_path records_path;
	bool applied;	/* to an input, by now */
	bool csv, xml;	/* neither: JSON */
	bool bare;	/* CSV: `quotes: bare` */
	char delimiter; /* 0: found */
	/* The shapes that the export comes in, one for each `match`. */
	struct map_match {
		struct map_names header, keys, files;
		char *root;	       /* XML: the root element's name, or NULL */
		struct regex *pattern; /* NULL: none */
	} * shape;
	size_t shape_n, shape_cap;
	struct map_names names; /* CSV without a header row: its columns; else none */
	int64_t skip;		/* CSV: rows behind the header that are no data */
	struct map_table *table;
	size_t table_n, table_cap;
	/* Rows of equal value in the first of these that has one are one record; NULL: each is one.
	 */
	struct map_column *group;
	size_t group_n, group_cap;
	struct map_columns columns;
	struct map_let *let;
	size_t let_n, let_cap;
	struct map_members defaults;
	struct map_event *event;
	size_t event_n, event_cap;
	struct map_placeholder *placeholder;
	size_t placeholder_n, placeholder_cap;
	/* Compiled. */
	struct map_columns head; /* columns that the map need not name: of the header, `rows` */
	struct map_columns seen; /* columns of the record */
	struct map_index index;	 /* of these */
	bool *used;		 /* CSV: the fields that an expression names */
	struct expr_set *conditions;
	struct map_functions *functions;
	/* Scratch of map_fill. */
	struct buf text;
	struct json_doc doc;
};

#define EACH_ARRAYS 15 /* "[]" in the path of `each` */

/* The row that expressions read. */
struct map_row {
	const struct map_columns *columns; /* of the set being evaluated */
	const struct csv *csv;		   /* NULL: JSON, or XML as JSON */
	const struct json *record, *element;
	const struct map_index *of_record, *of_element; /* filled; NULL: not */
	/* The elements of the arrays that `each` goes through, from the outermost in. */
	const struct json *within[EACH_ARRAYS + 1];
	size_t within_n;
	const struct json *const *around; /* what encloses the record, from the innermost out */
	size_t around_n;
};

/*
 * "a.b[0].c" into steps; "." is the value itself, "a[].b" goes through all elements, "^.a" begins
 * one object further out. False where it is no path.
 */
bool map_path_read(struct map_path *p, const char *text);
size_t map_path_arrays(const struct map_path *p); /* how many "[]" it has */
/* One step, or all, from a value; "[]" takes the first element. NULL where there is nothing. */
const struct json *map_path_step(const struct map_step *step, const struct json *from);
const struct json *map_path_find(const struct map_path *p, const struct json *from);
void map_path_release(struct map_path *p);
/* Makes it the path to one member, whatever its name. */
void map_path_member(struct map_path *p, const char *name);
/* The value of a JSON column, or of one that is looked up; or NULL. */
const struct json *map_row_find(const struct map_row *row, const struct map_column *c);
/* The value of a column as text, numbers as they are written; empty where it has none. */
struct str map_row_text(const struct map_row *row, const struct map_column *c);
/* The column of that name, in any case, or NULL. */
const struct map_column *map_column_of(const struct map_columns *columns, struct str name);
/* What is read of the row itself: the column, or the innermost key that it is looked up by. */
const struct map_column *map_column_root(const struct map_column *c);
void map_column_release(struct map_column *c);
void map_columns_release(struct map_columns *columns);

/* Takes a column up; its path must stay. */
void map_index_add(struct map_index *x, struct map_column *c);
/* Finds the places of all columns in a value, which must stay while they are asked for. */
void map_index_fill(struct map_index *x, const struct json *v);
void map_index_release(struct map_index *x);

/* What encloses the records of a document. */
struct map_around;
/* Whether any column of the map looks there. */
bool map_around_needed(const struct map *m);
/* Reads the input once from its first byte; what cannot seek is spooled. NULL and a reason: more
 * than max bytes, or reading fails. Free with map_around_free. */
struct map_around *map_around_read(
	const struct map *m, struct input *in, size_t max, struct buf *err);
/* The *n objects around the records of the array with this number, from the innermost out. */
const struct json *const *map_around_of(const struct map_around *a, uint64_t array, size_t *n);
void map_around_free(struct map_around *a);

/* Adds to ext what no column of the map names: of a row, of a record or of an element of `each`. */
void map_rest_csv(
	const struct map *m, const struct map_event *e, const struct csv *csv, struct draft *d);
void map_rest_json(
	const struct map *m, const struct map_event *e, const struct json *v, struct draft *d);

/* Reads `let` into the map, behind its columns. */
int map_let_read(struct map *m, const struct yaml *y, struct buf *err);
/* A copy of the expression with each name of `let` replaced. Caller frees. */
char *map_let_expand(const struct map *m, const char *sql);
void map_let_release(struct map *m);

/* How well the head of an input fits the shape that it fits best: 0 no, up to 95; the more it asks
 * for the surer. */
int map_match(const struct map *m, const struct adapt_peek *p);
/* The shape that an input fits best, or where it fits none the first; NULL: there is no `match`. */
const struct map_match *map_match_best(const struct map *m, const struct input *in);
/* Chooses among the places of records: the first whose names are in the head, else the last. */
void map_place_choose(struct map *m, struct str head);
/* Reads `match` into the map. */
int map_match_read(struct map *m, const struct yaml *y, struct buf *err);
void map_match_free(struct map *m);
/* Reading of a map file: checks and messages with the place in the file. */
int map_refuse(const struct map *m, const struct yaml *at, struct buf *err, const char *why);
int map_refuse_name(const struct map *m, const struct yaml *at, struct buf *err, const char *why);
int map_only_known(
	const struct map *m, const struct yaml *y, const char *const *known, struct buf *err);
int map_expect(const struct map *m, const struct yaml *y, enum yaml_type type, struct buf *err);
int map_read_names(
	const struct map *m, const struct yaml *y, struct map_names *names, struct buf *err);
void map_names_release(struct map_names *names);

/*
 * Compiles all expressions; csv: the header, NULL for JSON. May be called again with another
 * header. -1 and a reason.
 */
int map_compile(struct map *m, const struct csv *csv, struct buf *err);
/* What an event's member is in this row, once its values are evaluated; until the next row. */
struct expr_value map_member_value(
	const struct map_event *e, const struct map_member *t, const struct map_row *row);
/* The text of an expression that is nothing but a text in quotes, for free(); else NULL. */
char *map_literal(const char *sql);
/* Where an expression stands in the map's file. */
struct expr_place map_where(const struct map *m, const struct map_member *t);
struct expr_place map_where_when(const struct map *m, const struct map_event *e);
/* An empty set over columns, with the functions of maps. */
struct expr_set *map_set(struct map *m, const struct map_columns *seen);
/* Adds to `to` the columns of `from` whose names it has not; names, paths and texts stay with
 * `from`. */
void map_see(struct map_columns *to, const struct map_columns *from);
void map_uncompile(struct map *m);

struct map_functions *map_functions_new(void);
void map_functions_free(struct map_functions *f);
/* What is read from now on, and by whom: who we are, the region of telephone numbers, the format of
 * time(x). Borrowed. */
void map_functions_begin(struct map_functions *f, struct adapt_run *run, const struct input *in,
	const char *time_format);
/* At the end of an input: tells the run where who() was asked and knew none of us. */
void map_functions_end(struct map_functions *f);
/* An event is our word, whoever said so: then who() is not without us. */
void map_functions_ours(struct map_functions *f);
/* Before the events of a row, the first being 0. */
void map_functions_row(struct map_functions *f, uint64_t number);
/* A row of names that `skip` passes over, for heading(). */
void map_functions_heading(struct map_functions *f, const struct csv *csv);
/* Whether the row has read more of lists than it may. */
bool map_functions_spent(const struct map_functions *f);
void map_functions_add(struct map_functions *f, struct expr_set *set);
/* Before the expressions of one event: forgets what the last ones met. */
void map_functions_clear(struct map_functions *f);
bool map_functions_assumed(const struct map_functions *f);  /* time() read a time without a zone */
bool map_functions_by_file(const struct map_functions *f);  /* began() took the file's own time */
bool map_functions_bad_time(const struct map_functions *f); /* time() failed */
/* The number in E.164, empty where it is none; until the next call. s may not be empty. */
struct str map_functions_phone(struct map_functions *f, struct str s);
struct str map_functions_no_phone(
	const struct map_functions *f); /* what phone() refused, or empty */

/* The pattern, compiled, borrowed until the next call; NULL and a reason. */
struct regex *map_functions_pattern(struct map_functions *f, struct str pattern, struct buf *why);

/* Functions on lists: list_get, list_find, ..., plain. */
struct map_lists;
#define MAP_LISTS_MAX ((size_t)64 << 20) /* bytes of lists that the functions of one row read */
/* Elements that they go through, one list time and again; so many bytes of a list are one more. */
#define MAP_LISTS_STEPS ((uint64_t)64 << 20)
#define MAP_LISTS_STEP ((size_t)256)
struct map_lists *map_lists_new(void);
void map_lists_free(struct map_lists *l);
/* Before a row, and whether it has read more than it may: what it gave since is nothing. */
void map_lists_row(struct map_lists *l);
bool map_lists_spent(const struct map_lists *l);
void map_lists_add(struct map_lists *l, struct expr_set *set);
/* Functions that make a list of another: list_keep, list_all. */
struct map_picks;
struct map_picks *map_picks_new(struct map_functions *functions); /* borrowed */
void map_picks_free(struct map_picks *p);
void map_picks_row(struct map_picks *p);
bool map_picks_spent(const struct map_picks *p);
void map_picks_add(struct map_picks *p, struct expr_set *set);
/* Functions on texts and on where a row stands: who, row, path_part, mend, address, amount. */
struct map_texts;
struct map_texts *map_texts_new(void);
void map_texts_free(struct map_texts *t);
void map_texts_begin(struct map_texts *t, struct adapt_run *run, const struct input *in);
void map_texts_end(struct map_texts *t);
void map_texts_ours(struct map_texts *t);
void map_texts_row(struct map_texts *t, uint64_t number);
void map_texts_heading(struct map_texts *t, const struct csv *csv);
void map_texts_add(struct map_texts *t, struct expr_set *set);

/* Functions on what a transcript's file says of its call: began, call_name, side. */
struct map_calls;
struct map_calls *map_calls_new(void);
void map_calls_free(struct map_calls *c);
void map_calls_begin(struct map_calls *c, struct adapt_run *run, const struct input *in);
void map_calls_end(struct map_calls *c);
void map_calls_add(struct map_calls *c, struct expr_set *set);
/* Whether began() has read a local time, or taken the file's own time, since the last clearing. */
bool map_calls_local(const struct map_calls *c);
bool map_calls_by_file(const struct map_calls *c);
void map_calls_clear(struct map_calls *c);

/* A JSON value as expressions see it; v may be NULL. */
void map_value(const struct json *v, struct expr_value *out);

/*
 * Reads a time: by a format (strptime's %Y %y %m %d %e %b %B %H %I %M %S %f %p %z %Z %s %T %%), or
 * without one RFC 3339, ISO 8601 or seconds, milliseconds, microseconds of the epoch. zone: that of
 * a time which names none, a zone that there is, or NULL. *local: no zone was named, and it was
 * taken for a local time.
 */
bool map_time(struct str s, const char *format, const char *zone, int64_t *when, bool *local);

/* Fills run->draft from the results of an event's expressions. 0, or -1 with the fault and a
 * reason. */
int map_fill(struct map *m, const struct map_event *e, const struct map_row *row,
	struct adapt_run *run, enum event_fault *fault, struct buf *why);

#endif
