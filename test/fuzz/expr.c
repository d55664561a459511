/* Expressions: whatever compiles is evaluated over one row, and to what SQLite gives. */
#include "fuzz.h"
#include "core/store/expr.h"

static void get(void *row, int column, struct expr_value *out)
{
	(void)row;
	if (column == 0)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = STR("caf\xc3\xa9 42")};
	else if (column == 1)
		*out = (struct expr_value){.type = EXPR_INT, .n = 7};
	else
		*out = (struct expr_value){.type = EXPR_NULL};
}

static void compare(const struct expr_value *is, const struct expr_value *should)
{
	FUZZ_CHECK(should && is->type == should->type && expr_true(is) == expr_true(should));
	FUZZ_CHECK(is->type != EXPR_INT || is->n == should->n);
	FUZZ_CHECK(is->type != EXPR_REAL || memcmp(&is->real, &should->real, sizeof(double)) == 0);
	FUZZ_CHECK(is->type != EXPR_TEXT || str_eq(is->text, should->text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct expr_column columns[] = {{"text", NULL}, {"n", NULL}, {"none", NULL},
		{"channel", "no condition reads the channel"}};
	struct expr_set *set = expr_new(columns, 4, get);
	struct buf err = BUF_INIT, sql = BUF_INIT;
	int number;

	buf_add(&sql, data, size);
	number = expr_add(set, sql.s, (struct expr_place){.file = "f.yaml", .line = 3}, &err);
	if (number >= 0 && expr_eval(set, NULL, &err) == 0)
		compare(expr_result(set, number), expr_one(set, number, NULL, &err));
	else
		FUZZ_CHECK(err.len > 0);
	expr_free(set);
	buf_release(&sql);
	buf_release(&err);
	return 0;
}
