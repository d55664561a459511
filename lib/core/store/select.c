#include "core/store/select.h"
#include "base/mem.h"
#include "core/metric.h"
#include "core/store/asking.h"
#include "core/store/internal.h"
#include "core/store/persons.h"
#include "core/store/sandbox.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#define TICK 10000 /* instructions between two looks at whether to stop */
#define MOST_COLUMNS 2000

/* Beside the sandbox's own. */
static const char *const functions[] = {"avg", "count", "cume_dist", "date", "datetime",
	"dense_rank", "first_value", "group_concat", "json_each", "json_group_array",
	"json_group_object", "julianday", "lag", "last_value", "lead", "local_day", "local_month",
	"local_time", "local_week", "nth_value", "ntile", "percent_rank", "rank", "row_number",
	"strftime", "string_agg", "sum", "time", "total", "unixepoch", NULL};

/* Views that are of no fact, and whether they can be read as of an earlier place. */
static const struct {
	const char *name;
	bool past;
} others[] = {{"v_event", true}, {"v_identity", false}, {"v_published", false}, {"json_each", true},
	{"json_tree", true}};
#define OTHERS (sizeof(others) / sizeof(others[0]))
#define OTHER_VIEWS 3 /* the first ones */

static bool among(const char *const *words, const char *word)
{
	for (; *words; words++)
		if (sqlite3_stricmp(*words, word) == 0)
			return true;
	return false;
}

static bool is_fact(const char *name)
{
	return sqlite3_strnicmp(name, "v_", 2) == 0 && among(metric_facts(), name + 2);
}

static int other_of(const char *name)
{
	for (size_t i = 0; i < OTHERS; i++)
		if (sqlite3_stricmp(others[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* ---- the text ---- */

/* Behind blanks and comments. */
static const char *past_blanks(const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n\f");
		if (p[0] == '-' && p[1] == '-') {
			p += strcspn(p, "\n");
		} else if (p[0] == '/' && p[1] == '*') {
			const char *end = strstr(p + 2, "*/");

			p = end ? end + 2 : p + strlen(p);
		} else {
			return p;
		}
	}
}

/* A name or a quoted text at p into word, without its quotes; what is behind it. NULL: neither. */
static const char *take_word(const char *p, struct buf *word)
{
	char close = *p == '[' ? ']' : *p;

	buf_clear(word);
	if (*p && strchr("'\"`[", *p)) {
		for (p++; *p && (*p != close || (close != ']' && p[1] == close)); p++)
			buf_byte(word, *p == close ? *p++ : *p);
		return *p ? p + 1 : p;
	}
	while (isalnum((unsigned char)*p) || *p == '_' || *p == '$' || (*p & 0x80))
		buf_byte(word, *p++);
	return word->len ? p : NULL;
}

/* "(", "AS (" or "AS NOT MATERIALIZED (" at p. */
static bool begins_query(const char *p, struct buf *word)
{
	const char *behind;

	p = past_blanks(p);
	while ((behind = take_word(p, word))) {
		if (sqlite3_stricmp(word->s, "as") && sqlite3_stricmp(word->s, "not") &&
			sqlite3_stricmp(word->s, "materialized"))
			return false;
		p = past_blanks(behind);
	}
	return *p == '(';
}

/* What a query of the text's own has a view's name would be taken for the view, and might read
 * anything. */
static bool takes_name(const char *sql)
{
	struct buf word = BUF_INIT, next = BUF_INIT;
	bool takes = false;

	for (const char *p = past_blanks(sql); *p && !takes; p = past_blanks(p)) {
		const char *behind = take_word(p, &word);

		if (!behind) {
			p++;
			continue;
		}
		p = behind;
		takes = (is_fact(word.s) ||
				(other_of(word.s) >= 0 && other_of(word.s) < OTHER_VIEWS)) &&
			begins_query(p, &next);
		if (!takes && other_of(word.s) >= OTHER_VIEWS && begins_query(p, &next))
			takes = *past_blanks(p) != '('; /* json_each(x) is a call */
	}
	buf_release(&word);
	buf_release(&next);
	return takes;
}

/* Whether it says the table's name where that may be the table, and not a column behind its view's
 * name. */
static bool names_table(const char *sql, const char *table)
{
	struct buf word = BUF_INIT, before = BUF_INIT;
	bool names = false, dot = false;

	for (const char *p = past_blanks(sql); *p && !names; p = past_blanks(p)) {
		const char *behind = take_word(p, &word);
		bool column = dot && sqlite3_stricmp(before.s, "main") &&
			      sqlite3_stricmp(before.s, "temp");

		dot = !behind && *p == '.';
		p = behind ? behind : p + 1;
		if (!behind)
			continue;
		names = !column && sqlite3_stricmp(word.s, table) == 0;
		buf_clear(&before);
		buf_put(&before, buf_str(&word));
	}
	buf_release(&word);
	buf_release(&before);
	return names;
}

struct asked {
	bool past;
	const char *sql;
	struct buf *why; /* the first thing that was refused */
};

static int refuse(struct asked *a, const char *why, const char *what)
{
	if (!a->why->len)
		buf_printf(a->why, why, what);
	return SQLITE_DENY;
}

/*
 * What v_event and v_identity do, though SQLite does not say so: one reads the log in steps "a" to
 * "h", the other identifiers in a step "up", which are taken for queries of the text's own; and
 * they join tables of which nothing is read.
 */
static bool is_step(
	const struct asked *asked, const char *table, const char *column, const char *view)
{
	bool log = sqlite3_stricmp(table, "event") == 0 && view && view[0] >= 'a' &&
		   view[0] <= 'h' && !view[1];
	bool people = sqlite3_stricmp(table, "ident") == 0 && view && strcmp(view, "up") == 0;

	return (log || people || !*column) && !names_table(asked->sql, table);
}

/* Views themselves may do what they need. */
static int authorize(
	void *ctx, int action, const char *a, const char *b, const char *schema, const char *view)
{
	struct asked *asked = ctx;
	int other;

	(void)schema;
	if (action == SQLITE_SELECT || action == SQLITE_RECURSIVE ||
		(view && (is_fact(view) || other_of(view) >= 0)))
		return SQLITE_OK;
	if (action == SQLITE_READ) {
		other = other_of(a);
		if (other >= 0 && asked->past && !others[other].past)
			return refuse(asked, "%s is of the log as it stands, not as of a place", a);
		return is_fact(a) || other >= 0 || is_step(asked, a, b, view)
			       ? SQLITE_OK
			       : refuse(asked, "only the views can be read, and %s is none", a);
	}
	if (action == SQLITE_FUNCTION)
		return sandbox_allows(b) || among(functions, b)
			       ? SQLITE_OK
			       : refuse(asked, "no such function here: %s", b);
	return refuse(asked, "%s", "only a SELECT is answered");
}

/* ---- rows ---- */

struct titles {
	const char *name[MOST_COLUMNS];
	struct buf made[MOST_COLUMNS];
	struct fact_cell cells[MOST_COLUMNS];
	struct buf hex[MOST_COLUMNS];
	size_t n;
};

static size_t count_before(sqlite3_stmt *st, size_t i)
{
	size_t n = 0;

	for (size_t j = 0; j < i; j++)
		n += strcmp(sqlite3_column_name(st, (int)j), sqlite3_column_name(st, (int)i)) == 0;
	return n;
}

static struct titles *titles_new(sqlite3_stmt *st)
{
	struct titles *v = mem_zero(1, sizeof(*v));

	v->n = (size_t)sqlite3_column_count(st);
	for (size_t i = 0; i < v->n; i++) {
		size_t before = count_before(st, i);

		buf_init(&v->made[i]);
		buf_init(&v->hex[i]);
		buf_puts(&v->made[i], sqlite3_column_name(st, (int)i));
		if (before)
			buf_printf(&v->made[i], ":%zu", before);
		v->name[i] = v->made[i].s;
	}
	return v;
}

static void titles_free(struct titles *v)
{
	for (size_t i = 0; v && i < v->n; i++) {
		buf_release(&v->made[i]);
		buf_release(&v->hex[i]);
	}
	free(v);
}

static struct fact_cell cell_of(sqlite3_stmt *st, int i, const char *name, struct buf *hex)
{
	struct fact_cell c = {.name = name};
	const unsigned char *blob;

	switch (sqlite3_column_type(st, i)) {
	case SQLITE_NULL:
		c.null = true;
		return c;
	case SQLITE_FLOAT:
		c.number = isfinite(sqlite3_column_double(st, i));
		break;
	case SQLITE_INTEGER:
		c.number = true;
		break;
	case SQLITE_BLOB:
		blob = sqlite3_column_blob(st, i);
		buf_clear(hex);
		for (int k = 0; k < sqlite3_column_bytes(st, i); k++)
			buf_printf(hex, "%02x", blob[k]);
		c.text = buf_str(hex);
		return c;
	default:
		break;
	}
	c.text = store_column(st, i);
	return c;
}

static int run(struct store *s, sqlite3_stmt *st, const struct select_taker *t, struct buf *err)
{
	struct titles *v = titles_new(st);
	int status = t->head(t->ctx, v->name, v->n, err);

	while (status == 0 && (status = store_step(s, st, err)) == 1) {
		for (size_t i = 0; i < v->n; i++)
			v->cells[i] = cell_of(st, (int)i, v->name[i], &v->hex[i]);
		status = t->row(t->ctx, v->cells, v->n, err);
	}
	titles_free(v);
	return status;
}

/* v_event as of then stands before the file's own. */
static int limit_events(struct store *s, int64_t as_of, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status;

	/* SQLite makes these two when they are first used, which the authorizer would refuse. */
	buf_puts(&sql, "SELECT 1 FROM json_each('[]'), json_tree('[]');"
		       "DROP VIEW IF EXISTS temp.v_event;");
	if (as_of != INT64_MAX)
		buf_printf(&sql,
			"CREATE TEMP VIEW v_event AS SELECT * FROM main.v_event WHERE seq <= %lld;",
			(long long)as_of);
	status = store_exec(s, sql.s, err);
	buf_release(&sql);
	return status;
}

static int prepare(
	struct store *s, const char *sql, int64_t as_of, sqlite3_stmt **st, struct buf *err)
{
	struct buf why = BUF_INIT;
	struct asked asked = {as_of != INT64_MAX, sql, &why};
	const char *rest = "";
	int status = 0, code;

	sqlite3_set_authorizer(s->db, authorize, &asked);
	code = sqlite3_prepare_v2(s->db, sql, -1, st, &rest);
	sqlite3_set_authorizer(s->db, NULL, NULL);
	rest = code == SQLITE_OK ? past_blanks(rest) : "";
	if (why.len)
		buf_put(err, buf_str(&why));
	else if (code != SQLITE_OK)
		buf_puts(err, sandbox_failure(s->db));
	else if (!*st)
		buf_puts(err, "no query");
	else if (*rest && *rest != ';')
		buf_puts(err, "one query at a time");
	else if (sqlite3_bind_parameter_count(*st))
		buf_puts(err, "a query has no parameters here");
	status = err->len ? STORE_ERROR : 0;
	buf_release(&why);
	return status;
}

int select_rows(struct store *s, const char *sql, int64_t as_of, const struct select_taker *taker,
	struct buf *err)
{
	struct buf why = BUF_INIT;
	sqlite3_stmt *st = NULL;
	struct sandbox before;
	int status = asking_functions(s->db, err);

	if (status == 0)
		status = limit_events(s, as_of, err);
	if (status < 0)
		return status;
	if (takes_name(sql)) {
		buf_puts(err, "a query of its own has the name of a view: it needs another");
		return STORE_ERROR;
	}
	sandbox_enter(&before, s->db, SANDBOX_DEPTH);
	status = prepare(s, sql, as_of, &st, &why);
	if (status == 0)
		status = run(s, st, taker, &why);
	sqlite3_finalize(st);
	sandbox_leave(&before);
	buf_put(err, buf_str(&why));
	buf_release(&why);
	return status;
}

/* ---- stopping ---- */

static int is_set(void *ctx)
{
	return *(const volatile sig_atomic_t *)ctx != 0;
}

void select_stop_at(struct store *s, const volatile sig_atomic_t *stop)
{
	sqlite3_progress_handler(s->db, TICK, is_set, (void *)(uintptr_t)stop);
}

void select_stop(struct store *s)
{
	sqlite3_interrupt(s->db);
}

/* ---- names ---- */

void select_views(select_name *see, void *ctx)
{
	struct buf name = BUF_INIT;

	for (size_t i = 0; metric_facts()[i]; i++) {
		buf_clear(&name);
		buf_printf(&name, "v_%s", metric_facts()[i]);
		see(ctx, name.s);
	}
	for (size_t i = 0; i < OTHER_VIEWS; i++)
		see(ctx, others[i].name);
	buf_release(&name);
}

/* Each row's first column of a query with the texts a and b; what fails gives no names. */
static void see_each(struct store *s, const char *sql, const char *a, int64_t b, int64_t n,
	select_name *see, void *ctx)
{
	struct buf err = BUF_INIT;
	sqlite3_stmt *st = NULL;

	if (store_prepare(s, sql, &st, &err) == 0) {
		sqlite3_bind_text(st, 1, a, -1, SQLITE_STATIC);
		sqlite3_bind_int64(st, 2, b);
		sqlite3_bind_int64(st, 3, n);
		while (store_step(s, st, &err) == 1)
			see(ctx, (const char *)sqlite3_column_text(st, 0));
	}
	sqlite3_finalize(st);
	buf_release(&err);
}

void select_columns(struct store *s, const char *view, select_name *see, void *ctx)
{
	if (is_fact(view) || other_of(view) >= 0)
		see_each(s, "SELECT name FROM pragma_table_info(?1) WHERE name<>'gen' AND ?2<?3",
			view, 0, 1, see, ctx);
}

/* Numbers that begin with the digits lie in ranges: 17, 170-179, 1700-1799, ... */
void select_customers(struct store *s, const char *prefix, size_t n, select_name *see, void *ctx)
{
	int64_t number = 0, width = 1;
	bool any = prefix[0] == 'c' && prefix[1];

	if (prefix[0] != 'c' || (any && (!str_int(str_of(prefix + 1), &number) || number < 1)))
		return;
	if (!any)
		see_each(s, "SELECT 'c'||key FROM person WHERE ?1 AND key>?2 LIMIT ?3", "1", 0,
			(int64_t)n, see, ctx);
	for (; any && number < INT64_MAX / 20; number *= 10, width *= 10) {
		struct buf sql = BUF_INIT;
		int64_t end = number + width;

		buf_printf(&sql,
			"SELECT 'c'||key FROM person WHERE ?1 AND key>=?2 AND key<%lld LIMIT ?3",
			(long long)end);
		see_each(s, sql.s, "1", number, (int64_t)n, see, ctx);
		buf_release(&sql);
	}
}

void select_identifiers(struct store *s, const char *prefix, size_t n, select_name *see, void *ctx)
{
	/* Compared as a range, which takes half of the time that cutting each value takes. */
	see_each(s,
		"SELECT value FROM ident WHERE value>=?1 AND value<?1||char(1114111) AND ?2=0"
		" AND placeholder=0 LIMIT ?3",
		prefix, 0, (int64_t)n, see, ctx);
}

static int see_match(struct store *s, sqlite3_stmt *st, int64_t as_of, select_match *visit,
	void *ctx, struct buf *err)
{
	struct identity_match m = {.first = sqlite3_column_int64(st, 3)};
	int status = persons_customer(s, sqlite3_column_int64(st, 0), as_of, &m.customer, err);

	m.kind = store_column(st, 1);
	m.value = store_column(st, 2);
	return status < 0 ? status : visit(ctx, &m, err);
}

int select_matches(struct store *s, const char *text, int64_t as_of, size_t n, select_match *visit,
	void *ctx, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_read_begin(s, err);

	if (status == 0)
		status = store_prepare(s,
			"SELECT id, kind, value, first FROM ident WHERE"
			" instr(lower(value), lower(?1)) AND first<=?2 AND placeholder=0"
			" ORDER BY first, id LIMIT ?3",
			&st, err);
	if (status == 0) {
		store_bind(st, 1, str_of(text));
		sqlite3_bind_int64(st, 2, as_of);
		sqlite3_bind_int64(st, 3, (int64_t)n);
	}
	while (status == 0 && (status = store_step(s, st, err)) == 1)
		status = see_match(s, st, as_of, visit, ctx, err);
	sqlite3_finalize(st);
	store_read_end(s);
	return status;
}

int select_horizon(struct store *s, int64_t as_of, int64_t *ms, struct buf *err)
{
	if (as_of == INT64_MAX)
		return store_horizon(s, ms, err);
	return store_one_number(s,
		"SELECT coalesce(max(time),0) FROM event WHERE seq<=?1 AND time<=recorded+86400000",
		as_of, ms, err);
}
