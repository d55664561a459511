#include "core/store/sandbox_part.h"
#include "core/store/frozen.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EXPRESSION_MAX (1 << 16) /* bytes of one expression */
#define LIKE_MAX 1000		 /* bytes of a LIKE or GLOB pattern */
#define NEEDLE_MAX 1000		 /* bytes of what instr, replace and the trims look for */

/* Not json_patch: it compares all members with all, in one step. */
static const char *const allowed[] = {"->", "->>", "abs", "ceil", "ceiling", "char", "coalesce",
	"exp", "floor", "format", "glob", "hex", "ifnull", "iif", "instr", "json", "json_array",
	"json_array_length", "json_extract", "json_insert", "json_object", "json_quote",
	"json_remove", "json_replace", "json_set", "json_type", "json_valid", "length", "like",
	"likelihood", "likely", "ln", "log", "log10", "log2", "lower", "ltrim", "max", "min", "mod",
	"nullif", "pow", "power", "printf", "quote", "replace", "round", "rtrim", "sign", "sqrt",
	"substr", "substring", "trim", "trunc", "typeof", "unicode", "unlikely", "upper", NULL};

const char *const *sandbox_functions(void)
{
	return allowed;
}

bool sandbox_allows(const char *function)
{
	for (size_t i = 0; allowed[i]; i++)
		if (strcasecmp(allowed[i], function) == 0)
			return true;
	return false;
}

/* ---- the text ---- */

/* The end of what is quoted at p, behind its closing mark; NULL: it does not end. A doubled mark
 * stands for itself. */
static const char *quoted_end(const char *p)
{
	char close = *p == '[' ? ']' : *p;

	for (p++; *p; p++) {
		if (*p != close)
			continue;
		if (close == ']' || p[1] != close)
			return p + 1;
		p++;
	}
	return NULL;
}

/* Characters of a name or a number at p. */
static size_t word_length(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == '$' || (p[n] & 0x80))
		n++;
	return n;
}

const char *sandbox_stray(const char *sql)
{
	int depth = 0;

	if (strlen(sql) > EXPRESSION_MAX)
		return "an expression longer than 64 KiB";
	if (sql[strspn(sql, " \t\r\n\f")] == '\0')
		return "no expression";
	for (const char *p = sql; *p; p++) {
		size_t word = word_length(p);

		if (word) {
			/* It could name a query of its own as what may be read. */
			if (word == 4 && strncasecmp(p, "with", 4) == 0)
				return "WITH in an expression";
			p += word - 1;
		} else if (strchr("'\"`[", *p)) {
			p = quoted_end(p);
			if (!p)
				return "a quotation mark that is not closed";
			p--;
		} else if ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*')) {
			return "a comment in an expression";
		} else if (*p == ';') {
			return "a semicolon in an expression";
		} else if (*p == '(') {
			depth++;
		} else if (*p == ')' && --depth < 0) {
			return "a closing parenthesis that nothing opened";
		}
	}
	return depth ? "a parenthesis that is not closed" : NULL;
}

int sandbox_word(const char *sql, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = sql; p && *p;) {
		size_t word = word_length(p);

		if (word == len && strncasecmp(p, name, len) == 0)
			return (int)(p - sql);
		p = word ? p + word : strchr("'\"`[", *p) ? quoted_end(p) : p + 1;
	}
	return -1;
}

/* ---- functions that one call cannot hang in ---- */

/* The bytes of a value as SQLite's own functions take them: all but a blob as text. */
static struct str text_of(sqlite3_value *v)
{
	const char *s = (const char *)sqlite3_value_text(v);

	return (struct str){s ? s : "", (size_t)sqlite3_value_bytes(v)};
}

static bool any_null(int argc, sqlite3_value **argv)
{
	for (int i = 0; i < argc; i++)
		if (sqlite3_value_type(argv[i]) == SQLITE_NULL)
			return true;
	return false;
}

static bool too_long(sqlite3_context *to, struct str needle)
{
	if (needle.len <= NEEDLE_MAX)
		return false;
	sqlite3_result_error(to, "what is looked for is longer than 1000 bytes", -1);
	return true;
}

static bool is_inner(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* memmem takes time in proportion to the text, whatever the needle. */
static void bound_instr(sqlite3_context *to, int argc, sqlite3_value **argv)
{
	bool blobs = sqlite3_value_type(argv[0]) == SQLITE_BLOB &&
		     sqlite3_value_type(argv[1]) == SQLITE_BLOB;
	struct str in, what;
	const char *at;
	int64_t place = 1;

	if (any_null(argc, argv))
		return;
	if (blobs) {
		in = (struct str){
			sqlite3_value_blob(argv[0]), (size_t)sqlite3_value_bytes(argv[0])};
		what = (struct str){
			sqlite3_value_blob(argv[1]), (size_t)sqlite3_value_bytes(argv[1])};
	} else {
		in = text_of(argv[0]);
		what = text_of(argv[1]);
	}
	if (too_long(to, what))
		return;
	at = !what.len ? in.s : in.len ? memmem(in.s, in.len, what.s, what.len) : NULL;
	if (what.len && !at)
		place = 0;
	else if (what.len)
		for (const char *p = in.s; p < at; p++)
			place += blobs || !is_inner(*p);
	sqlite3_result_int64(to, place);
}

static void bound_replace(sqlite3_context *to, int argc, sqlite3_value **argv)
{
	struct str in, what, by;
	struct buf out = BUF_INIT;
	const char *at;

	if (any_null(argc, argv))
		return;
	in = text_of(argv[0]);
	what = text_of(argv[1]);
	by = text_of(argv[2]);
	if (too_long(to, what))
		return;
	while (what.len && in.len && out.len <= SANDBOX_VALUE_MAX &&
		(at = memmem(in.s, in.len, what.s, what.len))) {
		buf_add(&out, in.s, (size_t)(at - in.s));
		buf_put(&out, by);
		in.len -= (size_t)(at - in.s) + what.len;
		in.s = at + what.len;
	}
	if (out.len + in.len > SANDBOX_VALUE_MAX) {
		sqlite3_result_error_toobig(to);
	} else {
		buf_put(&out, in);
		sqlite3_result_text64(
			to, out.s ? out.s : "", out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
	}
	buf_release(&out);
}

/* The characters that a trim takes off: each one's bytes as a number, ascending. */
struct set {
	uint32_t of[NEEDLE_MAX];
	size_t n;
};

static int by_number(const void *pa, const void *pb)
{
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	return (a > b) - (a < b);
}

static uint32_t number_of(const char *s, size_t len)
{
	uint32_t n = 0;

	for (size_t i = 0; i < len; i++)
		n = n << 8 | (unsigned char)s[i];
	return n;
}

static size_t first_length(struct str s)
{
	size_t n = 1;

	while ((unsigned char)s.s[0] >= 0xc0 && n < s.len && n < 4 && is_inner(s.s[n]))
		n++;
	return n;
}

static size_t last_length(struct str s)
{
	size_t n = 1;

	while (n < s.len && n < 4 && is_inner(s.s[s.len - n]))
		n++;
	return (unsigned char)s.s[s.len - n] >= 0xc0 ? n : 1;
}

/* How many bytes a character of the set takes; 0: it is none of it. */
static size_t takes(const struct set *set, const char *s, size_t len)
{
	uint32_t n = number_of(s, len);

	return bsearch(&n, set->of, set->n, sizeof(n), by_number) ? len : 0;
}

static size_t takes_first(const struct set *set, struct str s)
{
	return s.len ? takes(set, s.s, first_length(s)) : 0;
}

static size_t takes_last(const struct set *set, struct str s)
{
	size_t n = s.len ? last_length(s) : 0;

	return n ? takes(set, s.s + s.len - n, n) : 0;
}

static void fill(struct set *set, struct str of)
{
	set->n = 0;
	while (of.len) {
		size_t n = first_length(of);

		set->of[set->n++] = number_of(of.s, n);
		of = (struct str){of.s + n, of.len - n};
	}
	qsort(set->of, set->n, sizeof(set->of[0]), by_number);
}

#define LEFT 1
#define RIGHT 2

static void bound_trim(sqlite3_context *to, int argc, sqlite3_value **argv)
{
	int sides = *(const int *)sqlite3_user_data(to);
	struct str s, of;
	struct set set;
	size_t n;

	if (any_null(argc, argv))
		return;
	s = text_of(argv[0]);
	of = text_of(argv[1]);
	if (too_long(to, of))
		return;
	fill(&set, of);
	while (sides & LEFT && (n = takes_first(&set, s)))
		s = (struct str){s.s + n, s.len - n};
	while (sides & RIGHT && (n = takes_last(&set, s)))
		s.len -= n;
	sqlite3_result_text64(to, s.s, s.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

int sandbox_functions_bound(struct sqlite3 *db)
{
	static int left = LEFT, right = RIGHT, both = LEFT | RIGHT;
	static const struct {
		const char *name;
		int argc;
		int *sides;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {{"instr", 2, NULL, bound_instr}, {"replace", 3, NULL, bound_replace},
		{"trim", 2, &both, bound_trim}, {"ltrim", 2, &left, bound_trim},
		{"rtrim", 2, &right, bound_trim}, {"printf", -1, NULL, sandbox_format},
		{"format", -1, NULL, sandbox_format}};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (sqlite3_create_function(db, functions[i].name, functions[i].argc,
			    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
			    functions[i].sides, functions[i].call, NULL, NULL) != SQLITE_OK)
			return -1;
	return 0;
}

/* ---- limits ---- */

#define LIMITS 4
static const int limit_ids[LIMITS] = {SQLITE_LIMIT_LENGTH, SQLITE_LIMIT_EXPR_DEPTH,
	SQLITE_LIMIT_LIKE_PATTERN_LENGTH, SQLITE_LIMIT_WORKER_THREADS};

void sandbox_enter(struct sandbox *s, struct sqlite3 *db, int depth)
{
	const int values[LIMITS] = {SANDBOX_VALUE_MAX, depth, LIKE_MAX, 0};

	s->db = db;
	for (size_t i = 0; i < LIMITS; i++)
		s->limits[i] = sqlite3_limit(db, limit_ids[i], values[i]);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, -1, &s->quotes);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
}

void sandbox_leave(const struct sandbox *s)
{
	for (size_t i = 0; i < LIMITS; i++)
		sqlite3_limit(s->db, limit_ids[i], s->limits[i]);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, s->quotes, NULL);
}

const char *sandbox_failure(struct sqlite3 *db)
{
	int code = sqlite3_errcode(db) & 0xff;

	if (code == SQLITE_INTERRUPT)
		return "too many steps";
	if (code == SQLITE_TOOBIG)
		return "a value longer than 1 MiB";
	return frozen_written(db) ? "the journey file " FROZEN_TELLS : sqlite3_errmsg(db);
}
