/* Formulas and columns beside SQLite: what is taken gives the same. */
#include "core/store/blocks_part.h"
#include "core/store/formula.h"
#include "core/store/measure.h"
#include "unit.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>

#define ROWS 530 /* more than a frame has */
#define ROUNDS 500

static uint32_t seed = 7;

static int roll(int n)
{
	seed = seed * 1664525 + 1013904223;
	return (int)(seed >> 8) % n;
}

static const char *one_of(const char *const *words, int n)
{
	return words[roll(n)];
}
#define ONE_OF(...)                                                                                \
	one_of((const char *const[]){__VA_ARGS__},                                                 \
		(int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))

/* ---- expressions ---- */

static void put(struct buf *out, int depth);

static void put_number(struct buf *out, int depth)
{
	if (depth <= 0 || roll(3) == 0)
		buf_puts(out, ONE_OF("a", "b", "f.\"a\"", "F.B", "0", "1", "7", ":window", "r",
				      "2.5", "-3", "86400000"));
	else if (roll(6) == 0)
		buf_printf(out, "instr(%s, %s)", ONE_OF("c", "coalesce(d, '')"),
			ONE_OF("'n'", "''", "'on'"));
	else {
		put_number(out, depth - 1);
		buf_puts(out, ONE_OF(" + ", " - ", " * ", " / ", " % "));
		put_number(out, depth - 1);
	}
}

static void put_text(struct buf *out)
{
	buf_puts(out, ONE_OF("c", "d", "'one'", "'two'", "'it''s'", "''", "coalesce(c, d)",
			      "local_day(a)", "local_time(b)", "CASE WHEN a > b THEN c END"));
}

static void put_list(struct buf *out, bool text)
{
	buf_puts(out, text ? " IN ('one', 'it''s')" : " IN (1, -3, 7)");
}

static void put_relation(struct buf *out, int depth)
{
	bool text = roll(3) == 0;

	for (int side = 0; side < 2; side++) {
		if (text)
			put_text(out);
		else
			put_number(out, depth - 1);
		if (side == 0 && roll(6) == 0) {
			put_list(out, text);
			return;
		}
		if (side == 0)
			buf_puts(out, ONE_OF(" = ", " == ", " <> ", " != ", " < ", " <= ", " > ",
					      " >= ", " IS ", " IS NOT ", "<", ">="));
	}
}

static void put(struct buf *out, int depth)
{
	switch (depth <= 0 ? roll(2) : roll(11)) {
	case 0:
		put_number(out, depth);
		break;
	case 1:
	case 2:
	case 3:
		put_relation(out, depth);
		break;
	case 4:
		buf_puts(out, "NOT ");
		put(out, depth - 1);
		break;
	case 5:
		put_number(out, depth - 1);
		buf_puts(
			out, ONE_OF(" IS NULL", " IS NOT NULL", " ISNULL", " NOTNULL", " NOT NULL",
				     " BETWEEN 0 AND b", " NOT BETWEEN a AND 7", " NOT IN (0, 1)"));
		break;
	case 6:
		buf_puts(out, "CASE WHEN ");
		put(out, depth - 1);
		buf_puts(out, " THEN ");
		put_number(out, depth - 1);
		buf_puts(
			out, ONE_OF(" END", " ELSE NULL END", " ELSE b END", " WHEN a THEN b END"));
		break;
	case 7:
		buf_puts(out, ONE_OF("coalesce(", "ifnull(", "COALESCE(a, "));
		put(out, depth - 1);
		buf_puts(out, ", ");
		put(out, depth - 1);
		buf_byte(out, ')');
		break;
	case 8:
		buf_byte(out, '(');
		put(out, depth - 1);
		buf_byte(out, ')');
		break;
	default:
		put(out, depth - 1);
		buf_puts(out, ONE_OF(" AND ", " OR ", " and ", " = ", " IS "));
		put(out, depth - 1);
		break;
	}
}

/* ---- rows ---- */

static void local(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	char text[64];

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	measure_period(sqlite3_user_data(ctx), sqlite3_value_int64(argv[0]), text, sizeof(text));
	sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
}

/* All customers are stale, and in one block that has no rows: the table is read. */
static sqlite3 *database(void)
{
	static char day[] = "day", minute[] = "time";
	sqlite3 *db;
	struct buf sql = BUF_INIT;

	sqlite3_open(":memory:", &db);
	buf_puts(&sql,
		"CREATE TABLE meta(key, value); INSERT INTO meta VALUES('generation', '1');"
		"CREATE TABLE survey(gen INTEGER, customer INTEGER, a INTEGER, b INTEGER, c TEXT,"
		" d TEXT, r REAL, PRIMARY KEY(gen, customer)) WITHOUT ROWID;"
		"CREATE TABLE fact_block(id, gen, after, upto, customers, plain);"
		"CREATE TABLE fact_column(key INTEGER PRIMARY KEY, data);"
		"CREATE TABLE fact_stale(gen, customer);"
		"INSERT INTO fact_block VALUES(1, 1, 0, 9223372036854775807, 9999, 1);");
	for (int i = 1; i <= ROWS; i++)
		buf_printf(&sql,
			"INSERT INTO survey VALUES(1, %d, %s, %s, %s, %s, %s);"
			"INSERT INTO fact_stale VALUES(1, %d);",
			i, ONE_OF("NULL", "0", "1", "7", "-3", "1760000000000", "1760000000001"),
			ONE_OF("NULL", "0", "1", "-3", "2", "1760086400000"),
			ONE_OF("NULL", "'one'", "'two'", "'it''s'", "''"),
			ONE_OF("NULL", "'one'", "'n'", "'é'"),
			ONE_OF("NULL", "0.0", "2.5", "-3.0", "0.1", "1e300"), i);
	CHECK(sqlite3_exec(db, sql.s, NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_create_function(db, "local_day", 1, SQLITE_UTF8, day, local, NULL, NULL);
	sqlite3_create_function(db, "local_time", 1, SQLITE_UTF8, minute, local, NULL, NULL);
	buf_release(&sql);
	return db;
}

static bool same_value(
	const struct formulas *f, int n, size_t i, const struct codes *texts, sqlite3_stmt *st)
{
	bool null = sqlite3_column_type(st, 0) == SQLITE_NULL;
	int64_t number = 0;
	double real;

	switch (formulas_type(f, n)) {
	case FORMULA_REAL:
		real = formulas_real(f, n)[i];
		return isnan(real) ? null : !null && real == sqlite3_column_double(st, 0);
	case FORMULA_BOOL:
		number = formulas_truth(f, n)[i];
		return number == FORMULA_UNKNOWN ? null
						 : !null && number == sqlite3_column_int64(st, 0);
	default:
		number = formulas_number(f, n)[i];
		break;
	}
	if (number == COLUMN_NULL || null)
		return number == COLUMN_NULL && null;
	if (formulas_type(f, n) == FORMULA_TEXT)
		return str_is(codes_text(texts, number), (const char *)sqlite3_column_text(st, 0));
	return sqlite3_column_type(st, 0) == SQLITE_INTEGER &&
	       number == sqlite3_column_int64(st, 0);
}

/* Whether it was taken, and gave what SQLite gives. */
static bool try(sqlite3 *db, const struct layout *l, const char *sql)
{
	static const struct formula_parameter parameters[] = {{":window", 604800000}};
	struct codes texts = {MAP_INIT, NULL, 0, 0};
	struct formulas *f = formulas_new(l, &texts, parameters, 1);
	struct buf query = BUF_INIT, err = BUF_INIT;
	struct frame *frame = NULL;
	sqlite3_stmt *st = NULL;
	size_t columns, n = 1, seen = 0;
	bool same = true;
	int number = formulas_add(f, sql);

	buf_printf(&query, "SELECT (%s\n) FROM survey AS f ORDER BY customer", sql);
	if (number >= 0 && sqlite3_prepare_v2(db, query.s, -1, &st, NULL) == SQLITE_OK) {
		const size_t *v = formulas_columns(f, &columns);

		sqlite3_bind_int64(st, 1, 604800000);
		CHECK(frame_open(&frame, db, l, v, columns, &texts, &err) == 0 && frame);
		while (frame && frame_next(frame, &n, &err) == 0 && n) {
			formulas_eval(f, frame, n);
			for (size_t i = 0; i < n; i++)
				same &= sqlite3_step(st) == SQLITE_ROW &&
					same_value(f, number, i, &texts, st);
			seen += n;
		}
		CHECK(seen == ROWS);
	}
	if (!same)
		printf("differs from SQLite: %s\n", sql);
	CHECK(same);
	sqlite3_finalize(st);
	frame_free(frame);
	formulas_free(f);
	codes_release(&texts);
	buf_release(&query);
	buf_release(&err);
	return number >= 0;
}

static void test_formulas_give_what_sqlite_gives(void)
{
	sqlite3 *db = database();
	struct layout l = {0, NULL, 0, 0};
	struct buf sql = BUF_INIT, err = BUF_INIT;
	int taken = 0;

	CHECK(layout_read(&l, db, "survey", &err) == 0 && l.n == 7);
	for (int i = 0; i < ROUNDS; i++) {
		buf_clear(&sql);
		put(&sql, 1 + roll(3));
		taken += try(db, &l, sql.s);
	}
	CHECK(taken > ROUNDS / 4);
	layout_release(&l);
	buf_release(&sql);
	buf_release(&err);
	sqlite3_close(db);
}

static void test_what_is_not_known_is_refused(void)
{
	static const char *const refused[] = {"a = '1'", "c = 1", "c", "a LIKE 'x'", "a || b",
		"a & b", "-a IS TRUE", "c < d", "nonesuch", "9007199254740993", "a * a", "0.1 = r",
		"length(c)", "a COLLATE NOCASE = b", "CASE a WHEN 1 THEN 2 END", "a IN (b)",
		"a = 1 garbage", "(a = 1", "x.a", ":nonesuch", "CASE WHEN a THEN 1 ELSE 2.5 END",
		"'open", "NULL"};
	sqlite3 *db = database();
	struct layout l = {0, NULL, 0, 0};
	struct buf err = BUF_INIT;

	CHECK(layout_read(&l, db, "survey", &err) == 0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct codes texts = {MAP_INIT, NULL, 0, 0};
		struct formulas *f = formulas_new(&l, &texts, NULL, 0);
		bool taken = formulas_condition(f, refused[i]) >= 0;

		if (taken)
			printf("taken: %s\n", refused[i]);
		CHECK(!taken);
		formulas_free(f);
		codes_release(&texts);
	}
	layout_release(&l);
	sqlite3_close(db);
}

/* It looks a value up in a list; here each one would be compared with. */
static void test_long_lists_are_left_to_sqlite(void)
{
	sqlite3 *db = database();
	struct layout l = {0, NULL, 0, 0};
	struct buf sql = BUF_INIT, err = BUF_INIT;

	CHECK(layout_read(&l, db, "survey", &err) == 0);
	buf_puts(&sql, "a IN (0");
	for (int i = 1; i < 256; i++)
		buf_printf(&sql, ", %d", i);
	buf_byte(&sql, ')');
	CHECK(try(db, &l, sql.s));
	buf_cut(&sql, sql.len - 1);
	buf_puts(&sql, ", 256)");
	CHECK(!try(db, &l, sql.s));
	layout_release(&l);
	buf_release(&sql);
	sqlite3_close(db);
}

/* ---- columns ---- */

static union column_value number(int64_t n)
{
	return (union column_value){.n = n};
}

static void test_columns_come_back(enum column_type type, int64_t most, bool nulls)
{
	union column_value v[300], back[300];
	struct codes own = {MAP_INIT, NULL, 0, 0}, all = {MAP_INIT, NULL, 0, 0};
	struct column c = {.bytes = BUF_INIT};
	struct buf bytes = BUF_INIT;

	codes_of(&all, STR("before"));
	for (int i = 0; i < 300; i++) {
		v[i] = number(most ? (int64_t)roll(1 << 20) * roll(1 << 20) % most - most / 2 : 5);
		if (type == COLUMN_TEXT)
			v[i] = number(codes_of(&own, i % 7 ? STR("one") : STR("other")));
		if (nulls && roll(3) == 0)
			v[i] = number(COLUMN_NULL);
	}
	column_put(&bytes, type, v, 300, own.v, own.n);
	CHECK(column_open(&c, type, buf_str(&bytes), &all) == 0 && c.n == 300);
	column_get(&c, 10, 290, back);
	for (int i = 0; i < 290; i++)
		CHECK(type == COLUMN_TEXT && v[i + 10].n != COLUMN_NULL
				? str_eq(codes_text(&all, back[i].n), codes_text(&own, v[i + 10].n))
				: back[i].n == v[i + 10].n);
	/* Of damaged bytes none are read past their end. */
	for (size_t n = 0; n < bytes.len; n++)
		CHECK(column_open(&c, type, (struct str){bytes.s, n}, &all) < 0);
	for (int i = 0; i < 2000; i++) {
		bytes.s[roll((int)bytes.len)] = (char)roll(256);
		if (column_open(&c, type, buf_str(&bytes), &all) == 0 && c.n <= 300)
			column_get(&c, 0, c.n, back);
	}
	column_release(&c);
	codes_release(&own);
	codes_release(&all);
	buf_release(&bytes);
}

/* Reals have one width: a head that says another is no head of theirs. */
static void test_damaged_reals_are_refused(void)
{
	union column_value v[100] = {{.n = 0}};
	struct codes none = {MAP_INIT, NULL, 0, 0};
	struct column c = {.bytes = BUF_INIT};
	struct buf bytes = BUF_INIT;

	column_put(&bytes, COLUMN_REAL, v, 100, NULL, 0);
	CHECK(column_open(&c, COLUMN_REAL, buf_str(&bytes), &none) == 0 && c.n == 100);
	bytes.s[1] = 1;
	buf_cut(&bytes, bytes.len - 700);
	CHECK(column_open(&c, COLUMN_REAL, buf_str(&bytes), &none) < 0);
	column_release(&c);
	buf_release(&bytes);
}

/* Rows that take no bytes are not as many as a damaged head says. */
static void test_damaged_counts_are_refused(void)
{
	union column_value v[100] = {{.n = 0}};
	struct codes none = {.v = NULL};
	struct column c = {.bytes = BUF_INIT};
	struct buf bytes = BUF_INIT;

	column_put(&bytes, COLUMN_INT, v, 100, NULL, 0);
	CHECK(column_open(&c, COLUMN_INT, buf_str(&bytes), &none) == 0 && c.n == 100);
	bytes.s[7] = 0x7f;
	CHECK(column_open(&c, COLUMN_INT, buf_str(&bytes), &none) < 0);
	column_release(&c);
	buf_release(&bytes);
}

int main(void)
{
	test_formulas_give_what_sqlite_gives();
	test_what_is_not_known_is_refused();
	for (int nulls = 0; nulls < 2; nulls++) {
		for (int bits = 0; bits < 49; bits += 4)
			test_columns_come_back(COLUMN_INT, bits ? INT64_C(1) << bits : 0, nulls);
		test_columns_come_back(COLUMN_TEXT, 0, nulls);
	}
	test_damaged_reals_are_refused();
	test_damaged_counts_are_refused();
	test_long_lists_are_left_to_sqlite();
	return unit_end();
}
