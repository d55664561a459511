#include "core/store/expr.h"
#include "unit.h"

static int asked[4]; /* how often each column was read */

static void get(void *row, int column, struct expr_value *out)
{
	const char *text = row;

	asked[column]++;
	if (column == 0)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = str_of(text)};
	else if (column == 1)
		*out = (struct expr_value){.type = EXPR_INT, .n = 7};
	else if (column == 2)
		*out = (struct expr_value){.type = EXPR_REAL, .real = 2.5};
}

static int twice(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	(void)ctx;
	(void)row;
	(void)argc;
	if (argv[0].type != EXPR_INT) {
		*out = (struct expr_value){.type = EXPR_TEXT, .text = STR("no number")};
		return -1;
	}
	*out = (struct expr_value){.type = EXPR_INT, .n = argv[0].n * 2};
	return 0;
}

/* Says of what it was called, in the order of its calls. */
static struct buf calls_made = BUF_INIT;

static int say(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	static struct buf text = BUF_INIT;

	(void)ctx;
	(void)row;
	(void)argc;
	buf_clear(&text);
	buf_put(&text, argv[0].type == EXPR_TEXT ? argv[0].text : STR("?"));
	buf_put(&calls_made, buf_str(&text));
	*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(&text)};
	return 0;
}

static struct expr_set *fresh(void)
{
	static const struct expr_column columns[] = {{"text", NULL}, {"count", NULL},
		{"Unit Price", NULL}, {"channel", "rules may not read the channel"}};
	struct expr_set *set = expr_new(columns, 4, get);

	expr_function(set, "twice", 1, twice, NULL);
	expr_function(set, "say", 1, say, NULL);
	expr_function_once(set, "say_once", 1, say, NULL);
	return set;
}

/* Whether an expression is refused with a reason that holds `why`. */
static bool refused(const char *sql, const char *why)
{
	struct expr_set *set = fresh();
	struct buf err = BUF_INIT;
	bool no = expr_add(set, sql, (struct expr_place){.file = "f.yaml", .line = 3}, &err) < 0,
	     said = str_find(buf_str(&err), str_of(why)) >= 0,
	     placed = str_starts(buf_str(&err), STR("f.yaml:3: "));

	if (!no || !said || !placed)
		printf("%s: %s\n", sql, err.s);
	expr_free(set);
	buf_release(&err);
	return no && said && placed;
}

/* Whether an expression fails on a row, at its place. */
static bool fails(const char *sql, const char *why)
{
	struct expr_set *set = fresh();
	struct buf err = BUF_INIT;
	bool ok = expr_add(set, "1", (struct expr_place){.file = "f.yaml", .line = 1}, &err) == 0 &&
		  expr_add(set, sql, (struct expr_place){.file = "f.yaml", .line = 2}, &err) == 1 &&
		  expr_eval(set, (char *)"x", &err) < 0 &&
		  str_starts(buf_str(&err), STR("f.yaml:2: ")) &&
		  str_find(buf_str(&err), str_of(why)) >= 0;

	if (!ok)
		printf("%s: %s\n", sql, err.s);
	buf_clear(&err);
	ok = ok && expr_eval(set, (char *)"x", &err) < 0;
	expr_free(set);
	buf_release(&err);
	return ok;
}

static void test_values(void)
{
	struct expr_set *set = fresh();
	struct buf err = BUF_INIT;
	int a = expr_add(
		    set, "upper(text) || '!'", (struct expr_place){.file = "f", .line = 1}, &err),
	    b = expr_add(set, "count + 1", (struct expr_place){.file = "f", .line = 2}, &err),
	    c = expr_add(
		    set, "\"Unit Price\" * 2", (struct expr_place){.file = "f", .line = 3}, &err),
	    d = expr_add(
		    set, "nullif(text, 'x')", (struct expr_place){.file = "f", .line = 4}, &err),
	    e = expr_add(set, "twice(count)", (struct expr_place){.file = "f", .line = 5}, &err);

	CHECK(a == 0 && e == 4 && !err.len);
	CHECK(expr_eval(set, (char *)"x", &err) == 0);
	CHECK(str_is(expr_result(set, a)->text, "X!"));
	CHECK(expr_result(set, b)->type == EXPR_INT && expr_result(set, b)->n == 8);
	CHECK(expr_result(set, c)->type == EXPR_REAL && expr_result(set, c)->real == 5.0);
	CHECK(expr_result(set, d)->type == EXPR_NULL);
	CHECK(expr_result(set, e)->n == 14);
	CHECK(expr_eval(set, (char *)"", &err) == 0 && str_is(expr_result(set, a)->text, "!"));
	CHECK(expr_result(set, d)->type == EXPR_TEXT && expr_result(set, d)->text.len == 0);
	expr_free(set);
	buf_release(&err);
}

/* The expressions of a set, by themselves and all together: the same values, by the same calls. */
static void test_together(const char *const *sql, size_t n)
{
	struct expr_set *set = fresh();
	struct buf err = BUF_INIT, one = BUF_INIT, all = BUF_INIT, calls = BUF_INIT;

	buf_clear(&calls_made);
	for (size_t i = 0; i < n; i++) {
		const struct expr_value *v;

		CHECK(expr_add(set, sql[i], (struct expr_place){.file = "f", .line = 1}, &err) ==
			(int)i);
		v = expr_one(set, (int)i, (char *)"x", &err);
		CHECK(v != NULL);
		if (v)
			buf_printf(&one, "%d %lld %g %.*s\n", v->type, (long long)v->n, v->real,
				v->type == EXPR_TEXT ? (int)v->text.len : 0,
				v->type == EXPR_TEXT ? v->text.s : "");
	}
	buf_put(&calls, buf_str(&calls_made));
	buf_clear(&calls_made);
	CHECK(expr_eval(set, (char *)"x", &err) == 0);
	for (size_t i = 0; i < n; i++) {
		const struct expr_value *v = expr_result(set, (int)i);

		buf_printf(&all, "%d %lld %g %.*s\n", v->type, (long long)v->n, v->real,
			v->type == EXPR_TEXT ? (int)v->text.len : 0,
			v->type == EXPR_TEXT ? v->text.s : "");
	}
	CHECK(strcmp(one.s, all.s) == 0);
	CHECK(strcmp(calls.s, calls_made.s) == 0);
	if (strcmp(one.s, all.s) != 0 || strcmp(calls.s, calls_made.s) != 0)
		printf("%s\n%s%s\n%s%s\n", sql[0], one.s, calls.s, all.s, calls_made.s);
	expr_free(set);
	buf_release(&err);
	buf_release(&one);
	buf_release(&all);
	buf_release(&calls);
}

static void test_calls(void)
{
	static const char *const few[] = {"say('a') || say('b')", "say(text)", "say('c')",
		"say(say('d') || 'e')", "twice(count) + twice(3)"};
	static const char *const lazy[] = {"iif(count = 7, say('a'), say('b'))",
		"coalesce(say('c'), say('d'))", "coalesce(NULL, say('e'))",
		"CASE count WHEN 7 THEN say('f') ELSE say('g') END",
		"CASE WHEN count = 8 THEN say('h') WHEN text = 'x' THEN say('i') END",
		"nullif(say('j'), say('k'))", "nullif(say('l'), say('l'))"};
	/* SQLite calls both here, and there only what it must. */
	static const char *const joined[] = {"count = 8 AND say('a') = 'a'",
		"count = 7 OR say('b') = 'b'", "iif(count = 8 AND say('c') = 'c', 1, 2)",
		"text BETWEEN say('d') AND say('e')"};
	static const char *const once[] = {"say_once('a')", "say('b')", "say('c') || count"};
	static const char *const rest[] = {"-count", "- \"Unit Price\"", "- - 3", "2 - -count",
		"text || count || 'y'", "text || NULL", "'a' || 1 = 'a1'", "iif(NULL, 1, 2)",
		"CASE NULL WHEN NULL THEN 1 ELSE 2 END", "nullif(NULL, NULL)",
		"nullif(count, 7.0)"};

	test_together(few, sizeof(few) / sizeof(few[0]));
	test_together(lazy, sizeof(lazy) / sizeof(lazy[0]));
	for (size_t i = 0; i < sizeof(joined) / sizeof(joined[0]); i++)
		test_together(&joined[i], 1);
	test_together(once, sizeof(once) / sizeof(once[0]));
	test_together(rest, sizeof(rest) / sizeof(rest[0]));
	buf_release(&calls_made);
}

/* Text that is too long to be kept, and too long for a value of SQLite. */
static void test_long(void)
{
	static const size_t lengths[] = {100, 65536, 65537, 200000, 1048576, 1048577};
	struct expr_set *set = fresh();
	struct buf err = BUF_INIT, row = BUF_INIT;

	CHECK(expr_add(set, "say(text)", (struct expr_place){.file = "f", .line = 1}, &err) == 0);
	CHECK(expr_add(set, "text || '!'", (struct expr_place){.file = "f", .line = 2}, &err) == 1);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		bool fits = lengths[i] < 1048576;

		while (row.len < lengths[i])
			buf_byte(&row, 'x');
		CHECK(expr_eval(set, row.s, &err) == (fits ? 0 : -1));
		CHECK(!fits || str_eq(expr_result(set, 0)->text, buf_str(&row)));
		CHECK(!fits || expr_result(set, 1)->text.len == row.len + 1);
	}
	expr_free(set);
	buf_release(&err);
	buf_release(&row);
	buf_release(&calls_made);
}

static void get_names(void *row, int column, struct expr_value *out)
{
	(void)row;
	*out = (struct expr_value){.type = EXPR_INT, .n = column};
}

/* Names that are words of SQL elsewhere. */
static void test_names(void)
{
	static const struct expr_column columns[] = {
		{"null", NULL}, {"true", NULL}, {"case", NULL}, {"coalesce", NULL}};
	static const char *const sql[] = {
		"\"null\"", "true", "\"case\"", "coalesce", "coalesce(NULL, \"NULL\", 9)", "false"};
	static const int want[] = {0, 1, 2, 3, 0, 0};
	struct expr_set *set = expr_new(columns, 4, get_names);
	struct buf err = BUF_INIT;

	for (int i = 0; i < 6; i++)
		CHECK(expr_add(set, sql[i], (struct expr_place){.file = "f", .line = 1}, &err) ==
			i);
	CHECK(expr_eval(set, NULL, &err) == 0);
	for (int i = 0; i < 6; i++)
		CHECK(expr_result(set, i)->type == EXPR_INT && expr_result(set, i)->n == want[i]);
	expr_free(set);
	buf_release(&err);
}

static void test_lazy(void)
{
	struct expr_set *set = fresh();
	struct buf err = BUF_INIT;

	memset(asked, 0, sizeof(asked));
	expr_add(set, "count = 7 or text = 'never'", (struct expr_place){.file = "f", .line = 1},
		&err);
	CHECK(expr_eval(set, (char *)"x", &err) == 0 && expr_true(expr_result(set, 0)));
	CHECK(asked[1] == 1 && asked[2] == 0 && asked[3] == 0);
	expr_free(set);
	buf_release(&err);
}

static void test_refusals(void)
{
	CHECK(refused("foo + 1", "no such column: foo"));
	CHECK(refused("\"Column\" = 1", "no such column: Column"));
	CHECK(refused("channel = 'x'", "channel: rules may not read the channel"));
	CHECK(refused("event.channel = 'x'", "rules may not read the channel"));
	CHECK(refused("rowid", "no such column"));
	CHECK(refused("(select 1)", "subquery"));
	CHECK(refused("exists(select 1)", "subquery"));
	CHECK(refused("count in event", ""));
	CHECK(refused("count in (select text from event)", "subquery"));
	CHECK(refused("count in json_each('[7]')", ""));
	CHECK(refused("1), (2", "parenthesis"));
	CHECK(refused("1, 2", "row value"));
	CHECK(refused("1 -- x", "comment"));
	CHECK(refused("1 /* x */", "comment"));
	CHECK(refused("1; drop table event", "semicolon"));
	CHECK(refused("'abc", "not closed"));
	CHECK(refused("(1", "not closed"));
	CHECK(refused("", "no expression"));
	CHECK(refused("count +", ": the expression breaks off"));
	CHECK(refused("?1", ""));
	CHECK(refused(":a", ""));
	CHECK(refused("1 as x", "syntax error"));
	CHECK(refused("*", "syntax error"));
	CHECK(refused("sum(count)", ""));
	CHECK(refused("min(count)", "aggregate"));
	CHECK(refused("max(count)", "aggregate"));
	CHECK(refused("row_number() over ()", ""));
	CHECK(refused("nosuch(1)", "no such function"));
}

static void test_functions(void)
{
	static const char *const no[] = {"random()", "randomblob(9)", "zeroblob(9)",
		"load_extension('x')", "current_timestamp", "datetime('now')",
		"strftime('%s','now')", "julianday('now')", "last_insert_rowid()",
		"sqlite_version()", "changes()", "unixepoch()"};

	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		CHECK(refused(no[i], "is no function that an expression may use"));
	for (size_t i = 0; expr_functions()[i]; i++)
		CHECK(strcmp(expr_functions()[i], "random") != 0);
}

static void test_failures(void)
{
	CHECK(fails("twice(text)", "no number"));
	CHECK(fails("json_extract(text, '$.a')", "malformed JSON"));
	CHECK(fails("replace(printf('%900000d', 1), ' ', 'ab')", "1 MiB"));
	CHECK(fails("printf('%100000000d', 1)", "1 MiB"));
	CHECK(fails("printf('%.9000000d', 3)", "1 MiB"));
	CHECK(fails("format('%9000000s', 'x')", "1 MiB"));
	CHECK(fails("format('%*s', 9000000, 'x')", "1 MiB"));
	CHECK(fails("printf('%.9000000c', 'x')", "1 MiB"));
	CHECK(fails("coalesce(printf('%.9000000f', 1.5), 'none')", "1 MiB"));
	CHECK(fails("abs(-9223372036854775807 - 1)", "overflow"));
	CHECK(fails("text like printf('%2000d', 1)", "too complex"));
}

/* One call that once took seconds: an error, or an answer at once. */
static void test_single_calls(void)
{
	CHECK(fails("instr(printf('%1000000s',''), printf('%500000s','')||'b')", "1000 bytes"));
	CHECK(fails(
		"replace(printf('%1000000s',''), printf('%500000s','')||'b', '')", "1000 bytes"));
	CHECK(fails("trim(printf('%1000000s',''), printf('%1000s','')||'b')", "1000 bytes"));
	CHECK(fails("ltrim('a', printf('%1001s',''))", "1000 bytes"));
	CHECK(fails("rtrim('a', printf('%1001s',''))", "1000 bytes"));
	CHECK(fails("replace(printf('%1000s',''), ' ', printf('%2000s',''))", "1 MiB"));
	CHECK(fails("printf('%1048000s', '') || printf('%1000s', '')", "1 MiB"));
}

/* Whether an expression gives a text as SQLite writes it by quote(). */
static bool gives(const char *sql, const char *want)
{
	struct expr_set *set = fresh();
	struct buf err = BUF_INIT, quoted = BUF_INIT;
	bool ok;

	buf_printf(&quoted, "quote(%s)", sql);
	ok = expr_add(set, quoted.s, (struct expr_place){.file = "f", .line = 1}, &err) == 0 &&
	     expr_eval(set, (char *)"x", &err) == 0 && str_is(expr_result(set, 0)->text, want);
	if (!ok)
		printf("%s: %s %.*s\n", sql, err.len ? err.s : "",
			err.len ? 0 : (int)expr_result(set, 0)->text.len,
			err.len ? "" : expr_result(set, 0)->text.s);
	expr_free(set);
	buf_release(&err);
	buf_release(&quoted);
	return ok;
}

/* Those in the place of SQLite's answer as SQLite does. */
static void test_bounded(void)
{
	CHECK(gives("instr('olá você', 'você')", "5") && gives("instr('abc', 'd')", "0"));
	CHECK(gives("instr('abc', '')", "1") && gives("instr('', '')", "1"));
	CHECK(gives("instr('', 'a')", "0") && gives("instr(NULL, 'a')", "NULL"));
	CHECK(gives("instr(1234, 34)", "3") && gives("instr(x'c3a1', x'a1')", "2"));
	CHECK(gives("instr(printf('%1000000s','') || 'b', 'b')", "1000001"));
	CHECK(gives("replace('aXbX', 'X', '--')", "'a--b--'"));
	CHECK(gives("replace('aaa', 'aa', 'b')", "'ba'") &&
		gives("replace('abc', '', 'x')", "'abc'"));
	CHECK(gives("replace('', 'a', 'x')", "''") && gives("replace('a', 'a', '')", "''"));
	CHECK(gives("replace('a', 'a', NULL)", "NULL") && gives("replace(101, 0, 2)", "'121'"));
	CHECK(gives("length(replace(printf('%1000000s',''), ' ', 'b'))", "1000000"));
	CHECK(gives("trim('--a-b-+', '+-')", "'a-b'") && gives("trim('aaa', 'a')", "''"));
	CHECK(gives("ltrim('ééxé', 'éy')", "'xé'") && gives("rtrim('ééxé', 'yé')", "'ééx'"));
	CHECK(gives("trim('è', 'é')", "'è'") && gives("trim('a', '')", "'a'"));
	CHECK(gives("trim(NULL, 'a')", "NULL") && gives("trim('a', NULL)", "NULL"));
	CHECK(gives("trim(' a ')", "'a'") && gives("rtrim(100, 0)", "'1'"));
	CHECK(gives("trim(printf('%1000000s',''), ' ')", "''"));
	/* Where the text would be longer than a value may be, SQLite's own give NULL. */
	CHECK(fails("printf('%900000000s', '')", "1 MiB"));
	CHECK(fails("format('%.900000000f', 1.0)", "1 MiB"));
}

static void test_first(void)
{
	struct expr_set *set = fresh();
	struct buf err = BUF_INIT;

	CHECK(expr_first(set, (char *)"x", &err) == -1);
	expr_add(set, "text = 'a'", (struct expr_place){.file = "f", .line = 1}, &err);
	expr_add(
		set, "text = 'b' or text = 'c'", (struct expr_place){.file = "f", .line = 2}, &err);
	expr_add(set, "text = 'c'", (struct expr_place){.file = "f", .line = 3}, &err);
	expr_add(set, "text = 'd' and twice(text)", (struct expr_place){.file = "f", .line = 4},
		&err);
	CHECK(expr_first(set, (char *)"a", &err) == 0);
	CHECK(expr_first(set, (char *)"c", &err) == 1);
	CHECK(expr_first(set, (char *)"z", &err) == -1);
	CHECK(expr_first(set, (char *)"d", &err) == -2 && str_is(buf_str(&err), "f:4: no number"));
	CHECK(expr_first(set, (char *)"b", &err) == 1);
	expr_free(set);
	buf_release(&err);
}

static void test_truth(void)
{
	struct expr_value text = {.type = EXPR_TEXT}, null = {.type = EXPR_NULL},
			  real = {.type = EXPR_REAL, .real = 0.5};

	CHECK(!expr_true(&null) && expr_true(&real));
	text.text = STR("abc");
	CHECK(!expr_true(&text));
	text.text = STR("0.01x");
	CHECK(expr_true(&text));
	text.text = STR("0x10");
	CHECK(!expr_true(&text));
}

static void test_columns(void)
{
	static const struct expr_column twins[] = {{"a", NULL}, {"A", NULL}};
	struct expr_set *set = expr_new(twins, 2, get);
	struct buf err = BUF_INIT;

	CHECK(expr_add(set, "1", (struct expr_place){.file = "f", .line = 1}, &err) < 0 &&
		str_find(buf_str(&err), STR("duplicate column name")) >= 0);
	expr_free(set);
	set = expr_new(NULL, 0, get);
	CHECK(expr_add(set, "1 + 1", (struct expr_place){.file = "f", .line = 1}, &err) == 0);
	CHECK(expr_eval(set, NULL, &err) == 0 && expr_result(set, 0)->n == 2);
	CHECK(expr_add(set, "\" \"", (struct expr_place){.file = "f", .line = 1}, &err) < 0);
	expr_free(set);
	buf_release(&err);
}

int main(void)
{
	test_values();
	test_lazy();
	test_calls();
	test_long();
	test_names();
	test_refusals();
	test_functions();
	test_failures();
	test_single_calls();
	test_bounded();
	test_first();
	test_truth();
	test_columns();
	return unit_end();
}
