#include "base/die.h"
#include "base/mem.h"
#include "base/near.h"
#include "core/store/expr_part.h"
#include "core/store/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define PROGRAM_MAX 250000 /* instructions of one statement */
#define TICK 10000	   /* instructions between two looks at the budget */
#define TICKS_MAX 1000	   /* for one row: ten million instructions */

const char *const *expr_functions(void)
{
	return sandbox_functions();
}

/* The table "event": one row, whose columns are asked for when an instruction reads them. */
struct table {
	sqlite3_vtab base;
	struct expr_set *set;
};

struct cursor {
	sqlite3_vtab_cursor base;
	bool done;
};

static void put_name(struct buf *sql, const char *name)
{
	buf_byte(sql, '"');
	for (const char *p = name; *p; p++) {
		if (*p == '"')
			buf_byte(sql, '"');
		buf_byte(sql, *p);
	}
	buf_byte(sql, '"');
}

static void declare(struct buf *sql, const struct expr_set *set)
{
	buf_puts(sql, "CREATE TABLE event(");
	for (size_t i = 0; i < set->column_n; i++) {
		buf_puts(sql, i ? "," : "");
		put_name(sql, set->column[i].name);
	}
	/* A table needs a column; nobody can name this one: the authorizer knows those of the set
	 * alone. */
	buf_puts(sql, set->column_n ? ")" : "\" \")");
}

static int table_connect(
	sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **why)
{
	struct buf sql = BUF_INIT;
	struct table *t;
	int rc;

	(void)argc;
	(void)argv;
	declare(&sql, aux);
	rc = sqlite3_declare_vtab(db, sql.s);
	buf_release(&sql);
	if (rc != SQLITE_OK) {
		*why = sqlite3_mprintf("%s", sqlite3_errmsg(db));
		return rc;
	}
	t = mem_zero(1, sizeof(*t));
	t->set = aux;
	*out = &t->base;
	return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *t)
{
	free(t);
	return SQLITE_OK;
}

static int table_plan(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	info->estimatedCost = 1;
	info->estimatedRows = 1;
	return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	struct cursor *c = mem_zero(1, sizeof(*c));

	(void)t;
	*out = &c->base;
	return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *c)
{
	free(c);
	return SQLITE_OK;
}

static int cursor_filter(
	sqlite3_vtab_cursor *c, int n, const char *s, int argc, sqlite3_value **argv)
{
	(void)n;
	(void)s;
	(void)argc;
	(void)argv;
	((struct cursor *)c)->done = false;
	return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *c)
{
	((struct cursor *)c)->done = true;
	return SQLITE_OK;
}

static int cursor_eof(sqlite3_vtab_cursor *c)
{
	return ((struct cursor *)c)->done;
}

static int cursor_rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *out)
{
	(void)c;
	*out = 1;
	return SQLITE_OK;
}

static void give(sqlite3_context *to, const struct expr_value *v, sqlite3_destructor_type keep)
{
	switch (v->type) {
	case EXPR_INT:
		sqlite3_result_int64(to, v->n);
		break;
	case EXPR_REAL:
		sqlite3_result_double(to, v->real);
		break;
	case EXPR_TEXT:
		sqlite3_result_text64(
			to, v->text.s ? v->text.s : "", v->text.len, keep, SQLITE_UTF8);
		break;
	default:
		sqlite3_result_null(to);
	}
}

static int cursor_column(sqlite3_vtab_cursor *c, sqlite3_context *to, int column)
{
	struct expr_set *set = ((struct table *)c->pVtab)->set;
	struct expr_value v = {.type = EXPR_NULL};

	if ((size_t)column < set->column_n)
		set->get(set->row, column, &v);
	give(to, &v, SQLITE_STATIC);
	return SQLITE_OK;
}

static const sqlite3_module module = {
	.xCreate = table_connect,
	.xConnect = table_connect,
	.xBestIndex = table_plan,
	.xDisconnect = table_disconnect,
	.xDestroy = table_disconnect,
	.xOpen = cursor_open,
	.xClose = cursor_close,
	.xFilter = cursor_filter,
	.xNext = cursor_next,
	.xEof = cursor_eof,
	.xColumn = cursor_column,
	.xRowid = cursor_rowid,
};

static bool function_allowed(const struct expr_set *set, const char *name)
{
	for (size_t i = 0; i < set->function_n; i++)
		if (strcasecmp(set->function[i]->name, name) == 0)
			return true;
	return sandbox_allows(name);
}

/* An empty name stands for the table without any of its columns. */
static bool column_allowed(struct expr_set *set, const char *table, const char *name)
{
	if (!table || strcmp(table, "event") != 0) {
		buf_puts(&set->why, "only columns can be read");
		return false;
	}
	if (!name[0])
		return true;
	for (size_t i = 0; i < set->column_n; i++) {
		if (strcasecmp(set->column[i].name, name) != 0)
			continue;
		if (set->column[i].refused) {
			buf_printf(
				&set->why, "%s: %s", set->column[i].name, set->column[i].refused);
			set->odd = set->column[i].name;
		}
		set->column[i].named = true;
		if (set->reads)
			set->reads[i] = true;
		return !set->column[i].refused;
	}
	buf_printf(&set->why, "no such column: %s", name);
	return false;
}

static int authorize(
	void *ctx, int action, const char *a, const char *b, const char *db, const char *from)
{
	struct expr_set *set = ctx;
	bool ok = false;

	(void)db;
	(void)from;
	if (set->own)
		return SQLITE_OK;
	buf_clear(&set->why);
	if (action == SQLITE_READ) {
		ok = column_allowed(set, a, b);
	} else if (action == SQLITE_FUNCTION) {
		ok = function_allowed(set, b);
		if (!ok)
			buf_printf(&set->why, "%s() is no function that an expression may use", b);
	} else if (action == SQLITE_SELECT) {
		ok = set->selects++ == 0;
		if (!ok)
			buf_puts(&set->why, "a subquery is no expression");
	} else {
		buf_puts(&set->why, "not an expression");
	}
	return ok ? SQLITE_OK : SQLITE_DENY;
}

static int over_budget(void *ctx)
{
	struct expr_set *set = ctx;

	return ++set->ticks > TICKS_MAX;
}

static void set_limits(sqlite3 *db)
{
	static const int limits[][2] = {{SQLITE_LIMIT_VDBE_OP, PROGRAM_MAX},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 0}, {SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_COMPOUND_SELECT, 1}, {SQLITE_LIMIT_TRIGGER_DEPTH, 0}};
	static const int off[] = {SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
		SQLITE_DBCONFIG_TRUSTED_SCHEMA};
	struct sandbox before; /* the connection is the set's own: nothing is given back */

	sandbox_enter(&before, db, SANDBOX_DEPTH);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(db, limits[i][0], limits[i][1]);
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		sqlite3_db_config(db, off[i], 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
}

struct expr_set *expr_new(const struct expr_column *columns, size_t n, expr_get *get)
{
	struct expr_set *set = mem_zero(1, sizeof(*set));

	buf_init(&set->why);
	buf_init(&set->broken);
	set->get = get;
	for (size_t i = 0; i < n; i++) {
		struct column *c = VEC_ADD(set, column, column_n, column_cap);

		c->name = mem_string(columns[i].name);
		c->refused = columns[i].refused ? mem_string(columns[i].refused) : NULL;
	}
	if (sqlite3_open_v2(":memory:", &set->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_MEMORY,
		    NULL) != SQLITE_OK)
		mem_failed();
	if (sqlite3_create_module(set->db, "event", &module, set) != SQLITE_OK ||
		sqlite3_exec(set->db, "CREATE VIRTUAL TABLE event USING event", NULL, NULL, NULL) !=
			SQLITE_OK ||
		sandbox_functions_bound(set->db) < 0 ||
		/* One transaction for all rows: beginning and ending one takes as long as most
		 * expressions. */
		sqlite3_exec(set->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		buf_puts(&set->broken, sqlite3_errmsg(set->db));
	set_limits(set->db);
	sqlite3_set_authorizer(set->db, authorize, set);
	sqlite3_progress_handler(set->db, TICK, over_budget, set);
	return set;
}

static void forget_statements(struct expr_set *set)
{
	sqlite3_finalize(set->all);
	sqlite3_finalize(set->first);
	set->all = set->first = NULL;
	expr_quick_forget(set);
}

void expr_free(struct expr_set *set)
{
	if (!set)
		return;
	forget_statements(set);
	for (size_t i = 0; i < set->expression_n; i++)
		sqlite3_finalize(set->expression[i].by_itself);
	sqlite3_close(set->db);
	for (size_t i = 0; i < set->column_n; i++) {
		free(set->column[i].name);
		free(set->column[i].refused);
	}
	for (size_t i = 0; i < set->function_n; i++) {
		free(set->function[i]->name);
		free(set->function[i]);
	}
	for (size_t i = 0; i < set->expression_n; i++) {
		free(set->expression[i].sql);
		free(set->expression[i].file);
		free(set->expression[i].reads);
	}
	free(set->column);
	free(set->function);
	free(set->expression);
	free(set->result);
	buf_release(&set->why);
	free(set->missing);
	buf_release(&set->broken);
	free(set);
}

static struct str value_text(sqlite3_value *v)
{
	/* The blob of a text is its bytes as they lie; asking for text would copy it to add a NUL.
	 */
	const char *s = sqlite3_value_blob(v);

	return (struct str){s ? s : "", (size_t)sqlite3_value_bytes(v)};
}

static struct expr_value value_of(sqlite3_value *v)
{
	switch (sqlite3_value_type(v)) {
	case SQLITE_INTEGER:
		return (struct expr_value){.type = EXPR_INT, .n = sqlite3_value_int64(v)};
	case SQLITE_FLOAT:
		return (struct expr_value){.type = EXPR_REAL, .real = sqlite3_value_double(v)};
	case SQLITE_NULL:
		return (struct expr_value){.type = EXPR_NULL};
	default:
		return (struct expr_value){.type = EXPR_TEXT, .text = value_text(v)};
	}
}

static void call_function(sqlite3_context *to, int argc, sqlite3_value **argv)
{
	const struct function *f = sqlite3_user_data(to);
	struct expr_value args[8], out = {.type = EXPR_NULL};

	if (argc > 8) {
		sqlite3_result_error(to, "more than eight arguments", -1);
		return;
	}
	for (int i = 0; i < argc; i++)
		args[i] = value_of(argv[i]);
	if (f->call(f->ctx, f->set->row, argc, args, &out) == 0)
		give(to, &out, SQLITE_TRANSIENT);
	else if (out.type == EXPR_TEXT)
		sqlite3_result_error(to, out.text.s, (int)out.text.len);
	else
		sqlite3_result_error(to, "a function failed", -1);
}

static struct function *add_function(
	struct expr_set *set, const char *name, int argc, expr_call *call, void *ctx)
{
	struct function *f = mem_zero(1, sizeof(*f));

	*f = (struct function){
		.name = mem_string(name), .argc = argc, .call = call, .ctx = ctx, .set = set};
	*VEC_ADD(set, function, function_n, function_cap) = f;
	/* Not SQLITE_DETERMINISTIC: functions may read the row, so a call with constants is no
	 * constant. */
	if (sqlite3_create_function_v2(set->db, name, argc, SQLITE_UTF8, f, call_function, NULL,
		    NULL, NULL) != SQLITE_OK)
		BUG("a function that SQLite does not take");
	return f;
}

void expr_function(struct expr_set *set, const char *name, int argc, expr_call *call, void *ctx)
{
	add_function(set, name, argc, call, ctx);
}

void expr_function_once(
	struct expr_set *set, const char *name, int argc, expr_call *call, void *ctx)
{
	add_function(set, name, argc, call, ctx)->once = true;
}

bool expr_names(const struct expr_set *set, int column)
{
	return set->column[column].named;
}

static sqlite3_stmt *compile(struct expr_set *set, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	set->selects = 0;
	set->odd = NULL;
	buf_clear(&set->why);
	if (sqlite3_prepare_v3(set->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
		SQLITE_OK)
		return NULL;
	return stmt;
}

/* One of ours around expressions that have been let through, each by itself. */
static sqlite3_stmt *compile_own(struct expr_set *set, const char *sql)
{
	sqlite3_stmt *stmt;

	set->own = true;
	stmt = compile(set, sql);
	set->own = false;
	return stmt;
}

static const char *failure(const struct expr_set *set)
{
	if (set->broken.len)
		return set->broken.s;
	if (set->why.len)
		return set->why.s;
	return sandbox_failure(set->db);
}

/* From the row with the columns that are named, each of which is asked for once and not by every
 * expression again: where both have a limit, SQLite does not make the inner query part of the
 * outer. */
static void put_row(const struct expr_set *set, struct buf *sql)
{
	bool any = false;

	buf_puts(sql, " FROM (SELECT ");
	for (size_t i = 0; i < set->column_n; i++)
		if (set->column[i].named) {
			buf_puts(sql, any ? "," : "");
			put_name(sql, set->column[i].name);
			any = true;
		}
	buf_puts(sql, any ? "" : "1");
	buf_puts(sql, " FROM event LIMIT 1) AS event LIMIT 1");
}

/* A condition, because there SQLite refuses aggregates, which would turn one row into another. *at:
 * the character of the expression at which it fails, from 0; -1: not known. */
static bool compiles(struct expr_set *set, const char *sql, int *at)
{
	static const char before[] = "SELECT 1 FROM event WHERE (";
	struct buf text = BUF_INIT;
	sqlite3_stmt *stmt;

	buf_printf(&text, "%s%s)", before, sql);
	stmt = compile(set, text.s);
	*at = stmt ? -1 : sqlite3_error_offset(set->db);
	*at -= *at < 0 ? 0 : (int)sizeof(before) - 1;
	if (*at > (int)strlen(sql))
		*at = -1;
	if (!stmt && *at < 0 && set->odd)
		*at = sandbox_word(sql, set->odd);
	sqlite3_finalize(stmt);
	if (stmt) {
		/* And as it will stand among others. */
		buf_clear(&text);
		buf_printf(&text, "SELECT (%s)", sql);
		put_row(set, &text);
		stmt = compile_own(set, text.s);
		sqlite3_finalize(stmt);
	}
	buf_release(&text);
	return stmt != NULL;
}

static void put_place(struct buf *err, const char *file, int line, int column)
{
	buf_printf(err, "%s:%d: ", file, line);
	if (column > 0) {
		buf_cut(err, err->len - 1);
		buf_printf(err, "%d: ", column);
	}
}

/* What may have been meant, where the reason is that there is no such column. */
static void ask_column(struct expr_set *set, const char *why, struct buf *err)
{
	static const char unknown[] = "no such column: ";
	struct near near;

	if (strncmp(why, unknown, strlen(unknown)) != 0)
		return;
	set->missing = mem_string(why + strlen(unknown));
	near_begin(&near, str_of(set->missing));
	for (size_t i = 0; i < set->column_n; i++)
		if (!set->column[i].refused)
			near_see(&near, set->column[i].name);
	near_ask(&near, err);
}

/* Of the character `within` the expression; -1: of all of it. */
static void find_place(struct expr_place *at, int within)
{
	if (within >= 0 && at->scalar)
		yaml_place(at->scalar, (size_t)within, &at->line, &at->column);
	else if (within >= 0 && at->exact && at->column)
		at->column += within;
}

int expr_add(struct expr_set *set, const char *sql, struct expr_place at, struct buf *err)
{
	const char *why = sandbox_stray(sql);
	bool *reads = mem_zero(set->column_n + 1, sizeof(bool));
	struct expression *e;
	int within = -1;

	free(set->missing);
	set->missing = NULL;
	set->reads = reads;
	if (!why && (set->broken.len || !compiles(set, sql, &within)))
		why = within == (int)strlen(sql) ? SANDBOX_BREAKS_OFF : failure(set);
	set->reads = NULL;
	if (why) {
		free(reads);
		find_place(&at, within);
		put_place(err, at.file, at.line, at.column);
		buf_puts(err, why);
		ask_column(set, why, err);
		return -1;
	}
	forget_statements(set);
	e = VEC_ADD(set, expression, expression_n, expression_cap);
	*e = (struct expression){.sql = mem_string(sql),
		.file = mem_string(at.file),
		.line = at.line,
		.column = at.column,
		.reads = reads};
	set->result = mem_resize(set->result, set->expression_n * sizeof(*set->result));
	set->result[set->expression_n - 1] = (struct expr_value){.type = EXPR_NULL};
	return (int)set->expression_n - 1;
}

const char *expr_missing(const struct expr_set *set)
{
	return set->missing;
}

static int refuse(const struct expr_set *set, const struct expression *e, struct buf *err)
{
	if (e)
		put_place(err, e->file, e->line, e->column);
	buf_puts(err, failure(set));
	return -1;
}

static sqlite3_stmt *compile_all(struct expr_set *set)
{
	struct buf sql = BUF_INIT;

	buf_puts(&sql, "SELECT ");
	for (size_t i = 0; i < set->expression_n; i++)
		buf_printf(&sql, "%s(%s)", i ? "," : "", set->expression[i].sql);
	put_row(set, &sql);
	set->all = compile_own(set, sql.s);
	buf_release(&sql);
	return set->all;
}

static sqlite3_stmt *compile_first(struct expr_set *set)
{
	struct buf sql = BUF_INIT;

	buf_puts(&sql, "SELECT CASE");
	for (size_t i = 0; i < set->expression_n; i++)
		buf_printf(&sql, " WHEN (%s) THEN %zu", set->expression[i].sql, i);
	buf_puts(&sql, " ELSE -1 END");
	put_row(set, &sql);
	set->first = compile_own(set, sql.s);
	buf_release(&sql);
	return set->first;
}

static bool step(struct expr_set *set, sqlite3_stmt *stmt, void *row)
{
	sqlite3_reset(stmt);
	set->row = row;
	set->ticks = 0;
	return sqlite3_step(stmt) == SQLITE_ROW;
}

/* After a failure: names the expression that fails by itself. until_true: those behind a true one
 * were not evaluated. */
static int blame(struct expr_set *set, void *row, bool until_true, struct buf *err)
{
	struct buf sql = BUF_INIT, whole = BUF_INIT;
	bool found = false, stop = false;

	buf_puts(&whole, failure(set));
	for (size_t i = 0; i < set->expression_n && !found && !stop; i++) {
		sqlite3_stmt *stmt;

		buf_clear(&sql);
		buf_printf(&sql, "SELECT (%s) FROM event", set->expression[i].sql);
		stmt = compile(set, sql.s);
		found = !stmt || !step(set, stmt, row);
		if (found)
			refuse(set, &set->expression[i], err);
		else if (until_true)
			stop = sqlite3_column_double(stmt, 0) != 0;
		sqlite3_finalize(stmt);
	}
	if (!found)
		buf_put(err, buf_str(&whole));
	buf_release(&sql);
	buf_release(&whole);
	return -1;
}

int expr_eval(struct expr_set *set, void *row, struct buf *err)
{
	if (!set->expression_n || expr_quick(set, row))
		return 0;
	if (!set->all && !compile_all(set))
		return refuse(set, NULL, err);
	if (!step(set, set->all, row)) {
		int status = blame(set, row, false, err);

		sqlite3_reset(set->all);
		return status;
	}
	for (size_t i = 0; i < set->expression_n; i++)
		set->result[i] = value_of(sqlite3_column_value(set->all, (int)i));
	return 0;
}

const struct expr_value *expr_one(struct expr_set *set, int number, void *row, struct buf *err)
{
	struct expression *e = &set->expression[number];

	if (!e->by_itself) {
		struct buf sql = BUF_INIT;

		buf_printf(&sql, "SELECT (%s) FROM event", e->sql);
		e->by_itself = compile(set, sql.s);
		buf_release(&sql);
	}
	if (!e->by_itself || !step(set, e->by_itself, row)) {
		refuse(set, e, err);
		sqlite3_reset(e->by_itself);
		return NULL;
	}
	e->value = value_of(sqlite3_column_value(e->by_itself, 0));
	return &e->value;
}

const char *expr_text(const struct expr_set *set, int number)
{
	return set->expression[number].sql;
}

bool expr_reads(const struct expr_set *set, int number, int column)
{
	return set->expression[number].reads[column];
}

const struct expr_value *expr_result(const struct expr_set *set, int number)
{
	if (number < 0 || (size_t)number >= set->expression_n)
		BUG("the result of an expression that is not there");
	return &set->result[number];
}

/* SQL reads a number off the front of a text; it is not 0 where a digit before the exponent is not.
 */
static bool text_true(struct str s)
{
	s = str_trim(s);
	for (size_t i = s.len && (s.s[0] == '-' || s.s[0] == '+'); i < s.len; i++) {
		if (s.s[i] >= '1' && s.s[i] <= '9')
			return true;
		if (s.s[i] != '0' && s.s[i] != '.')
			return false;
	}
	return false;
}

bool expr_true(const struct expr_value *v)
{
	switch (v->type) {
	case EXPR_INT:
		return v->n != 0;
	case EXPR_REAL:
		return v->real != 0;
	case EXPR_TEXT:
		return text_true(v->text);
	default:
		return false;
	}
}

int expr_first(struct expr_set *set, void *row, struct buf *err)
{
	int number;

	if (!set->expression_n)
		return -1;
	if (!set->first && !compile_first(set)) {
		refuse(set, NULL, err);
		return -2;
	}
	if (!step(set, set->first, row)) {
		blame(set, row, true, err);
		sqlite3_reset(set->first);
		return -2;
	}
	number = sqlite3_column_int(set->first, 0);
	sqlite3_reset(set->first);
	return number;
}
