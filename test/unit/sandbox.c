/* Functions that stand in the place of SQLite's own give its answers. */
#include "core/store/sandbox.h"
#include "base/mem.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *answer(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	char *text;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return mem_string("refused");
	text = sqlite3_step(stmt) != SQLITE_ROW ? mem_string("failed")
	       : sqlite3_column_type(stmt, 0) == SQLITE_NULL
		       ? mem_string("null")
		       : mem_string((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return text;
}

static bool same(sqlite3 *own, sqlite3 *bound, const char *sql)
{
	char *a = answer(own, sql), *b = answer(bound, sql);
	bool is = strcmp(a, b) == 0;

	if (!is)
		printf("%s: %.200s, not %.200s\n", sql, b, a);
	free(a);
	free(b);
	return is;
}

static unsigned next(unsigned *state, unsigned below)
{
	*state = *state * 1103515245 + 12345;
	return (*state >> 16) % below;
}

/* A format of what there is, and of what there is not. */
static void make_format(char *sql, size_t room, unsigned *state)
{
	static const char *const flags[] = {
		"", "", "-", "+", " ", "#", "!", "0", ",", "-0", "+,", "!#"};
	static const char *const widths[] = {"", "", "1", "7", "12", "*", "0012"};
	static const char *const precisions[] = {"", "", ".", ".0", ".3", ".12", ".*"};
	static const char *const values[] = {"0", "-17", "255", "9223372036854775807", "3.14159",
		"-1e300", "NULL", "''", "'a''b'", "'dó€x'", "'12ab'"};
	static const char types[] = "diuxXorfeEgGsqQwzcpnkT%";
	size_t n = (size_t)snprintf(sql, room, "SELECT printf('");
	unsigned many = 1 + next(state, 3);

	for (unsigned i = 0; i < many; i++)
		n += (size_t)snprintf(sql + n, room - n, "a%%%s%s%s%s%cé", flags[next(state, 12)],
			widths[next(state, 7)], precisions[next(state, 7)],
			next(state, 5) ? "" : "ll", types[next(state, sizeof(types) - 1)]);
	n += (size_t)snprintf(sql + n, room - n, "'");
	for (unsigned i = next(state, 8); i; i--)
		n += (size_t)snprintf(sql + n, room - n, ", %s", values[next(state, 11)]);
	snprintf(sql + n, room - n, ")");
}

int main(void)
{
	static const char *const cases[] = {"SELECT printf('%c', NULL)", "SELECT typeof(printf())",
		"SELECT typeof(printf(NULL))", "SELECT format('%.3c|%6.3c|%-6.3c|', 'é', 'é', 'é')",
		"SELECT length(printf('%.900000c', 'x'))", "SELECT length(printf('%900000d', 1))",
		"SELECT printf('%')", "SELECT printf('100%% of %d', 3)",
		"SELECT printf('%*.*f', -9, -2, 2.5)"};
	sqlite3 *own = NULL, *bound = NULL;
	struct sandbox before;
	char sql[1024];
	unsigned state = 1;
	clock_t begun;

	CHECK(sqlite3_open(":memory:", &own) == SQLITE_OK &&
		sqlite3_open(":memory:", &bound) == SQLITE_OK);
	CHECK(sandbox_functions_bound(bound) == 0);
	sandbox_enter(&before, own, SANDBOX_DEPTH);
	sandbox_enter(&before, bound, SANDBOX_DEPTH);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(same(own, bound, cases[i]));
	for (int i = 0; i < 20000; i++) {
		make_format(sql, sizeof(sql), &state);
		CHECK(same(own, bound, sql));
	}
	/* Asked for two thousand million characters, SQLite's own counts to it. */
	begun = clock();
	for (int i = 0; i < 20; i++)
		free(answer(bound, "SELECT printf('%.*c', 2000000000, 'x') || "
				   "printf('%2000000000c%.2000000000s', 'x', 'x')"));
	CHECK((double)(clock() - begun) / CLOCKS_PER_SEC < 1);
	sqlite3_close(own);
	sqlite3_close(bound);
	return unit_end();
}
