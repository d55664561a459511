/*
 * CSV (RFC 4180) by libcsv, in constant memory, with the place and the raw bytes of every row. The
 * first row names the columns, or the caller does.
 *
 * Blanks around a field belong to it. A quotation mark within an unquoted field is text where it
 * directly follows another character (5'10") and makes the row a bad one behind a blank, where it
 * would open a quotation. Lines end in LF or CR LF; in CR where the head of the file has no LF.
 * Blank lines are skipped unless there is a single column. Bytes that are no UTF-8 are taken for
 * Windows-1252 where the head of the file has more of them than of UTF-8 characters; else their row
 * is a bad one.
 */
#ifndef IO_CSV_H
#define IO_CSV_H

#include "io/input.h"

#define CSV_MORE 100 /* fields that a row may have beyond the names of csv_open_named */

enum csv_status { CSV_END = 0, CSV_ROW = 1, CSV_BAD = 2, CSV_LONG = 3 };

struct csv {
	struct str *field; /* of the row last given, decoded, in UTF-8; borrowed until the next
			      call; s is NULL where the row has no such field */
	size_t field_n, field_cap;
	char **name; /* of the columns, each once: a second `x` is `x_2`, one without a name
			`column_N` */
	size_t name_n, name_cap;
	size_t renamed;	 /* how many names were changed to make them distinct */
	uint64_t line;	 /* where the row last given begins, from 1 */
	uint64_t offset; /* of its first byte */
	struct str raw;	 /* its bytes as they came, without the LF (or CR) that ends it; of a
			    CSV_LONG its first bytes: csv_rest gives the others */
	const char *why; /* CSV_BAD, CSV_LONG: the reason; static or until the next call */
	char delimiter;
	bool latin; /* Windows-1252 */
	bool bare;  /* the caller's to set, from the next row on: a row that is broken by quotation
		       marks is read as one whose writer never doubles them (csv_bare.h) */
	struct csv_state *state; /* the reading itself */
};

/*
 * Begins at the first byte; borrows in, which must outlive c. delimiter 0: found among , ; tab | in
 * the first line. max: bytes a row may have. -1 and "file:line: reason": no readable header row, or
 * reading fails. Close with csv_close, also then.
 */
int csv_open(struct csv *c, struct input *in, char delimiter, size_t max, struct buf *err);
/*
 * The same for a file without a header row: the columns have these names, in order, and CSV_MORE
 * more are `column_N`. A row may have fewer fields than there are names, or more. A first row that
 * is nothing but the names is a header and passed over. An empty file has no rows.
 */
int csv_open_named(struct csv *c, struct input *in, char delimiter, char *const *names, size_t n,
	size_t max, struct buf *err);
/*
 * The next row, which has name_n fields. CSV_BAD: a row that is none (quotation marks, number of
 * fields, no UTF-8); after a broken quotation reading goes on at the line behind its first.
 * CSV_LONG: exceeds max. -1 and a reason when reading fails.
 */
int csv_next(struct csv *c, struct buf *err);
/*
 * After CSV_LONG: 1 and the next bytes of that row, borrowed until the next call; 0 when it is
 * done; -1 and a reason. What is not taken is skipped.
 */
int csv_rest(struct csv *c, struct str *piece, struct buf *err);
/* Takes a row apart once more: raw is what a CSV_ROW of this file had. Sets field alone. */
void csv_again(struct csv *c, struct str raw);
void csv_close(struct csv *c);

/* The names in the header row of a file by its first bytes, into names (each to be freed); for
 * recognising. */
struct csv_names {
	char **v;
	size_t n, cap;
};
void csv_peek(struct csv_names *names, struct str head, char delimiter);
void csv_names_release(struct csv_names *names);

/* Appends a field as it is written: quoted where it holds a comma, a quotation mark or a line's
 * end. */
void csv_put(struct buf *out, struct str field);
/* Appends the row last given as a JSON object of texts; fields that it has not are left out. */
void csv_put_object(struct buf *out, const struct csv *c);

#endif
