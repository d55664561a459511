/*
 * What users' SQL may do and cost, for all that compiles any: one allow-list of pure functions, one
 * check of the text that is put between parentheses, one set of limits.
 */
#ifndef CORE_STORE_SANDBOX_H
#define CORE_STORE_SANDBOX_H

#include "base/buf.h"

#define SANDBOX_DEPTH 200	    /* nested operators of one expression */
#define SANDBOX_VALUE_MAX (1 << 20) /* bytes of one value */

struct sqlite3;

/* Functions of SQLite that are pure, NULL-terminated: nothing random, nothing that reads a clock, a
 * file or the connection. */
const char *const *sandbox_functions(void);
bool sandbox_allows(const char *function);
/* Why a text is no single expression that stays within the parentheses put around it; NULL:
 * SQLite's own parser may judge it. */
const char *sandbox_stray(const char *sql);
/* Why it is none where SQLite stops at the bracket that was put behind it. */
#define SANDBOX_BREAKS_OFF "the expression breaks off"
/* The byte at which a name stands by itself in an expression, outside of quotes; -1: nowhere. */
int sandbox_word(const char *sql, const char *name);
/*
 * Puts functions in the place of SQLite's instr, replace and trims of a set, which alone take the
 * square of their text, and of its printf and format, which repeat a character without end; no
 * count of steps sees that. The same answers, but for an error where what is looked for is longer
 * than 1000 bytes. 0, or -1.
 */
int sandbox_functions_bound(struct sqlite3 *db);

/* What a connection allowed before. */
struct sandbox {
	struct sqlite3 *db;
	int limits[4];
	int quotes; /* whether "x" might be a text */
};

/* Sets the limits of values and expressions, and gives back those before. Depth of an expression:
 * SANDBOX_DEPTH and what stands around it. */
void sandbox_enter(struct sandbox *s, struct sqlite3 *db, int depth);
void sandbox_leave(const struct sandbox *s);
/* The reason of the connection's latest error. */
const char *sandbox_failure(struct sqlite3 *db);

#endif
