/* Expressions: whatever compiles is evaluated over one row, and to what SQLite gives. */
#include "fuzz.h"
#include "core/store/expr.h"

static const struct expr_column columns[] = {{"text", NULL}, {"n", NULL}, {"none", NULL},
	{"real", NULL}, {"digits", NULL}, {"empty", NULL}, {"large", NULL},
	{"channel", "no condition reads the channel"}};

/* One of each kind that compares and adds up in its own way. */
static void get(void *row, int column, struct expr_value *out)
{
	static const struct expr_value values[] = {
		{.type = EXPR_TEXT, .text = STR("caf\xc3\xa9 42")}, {.type = EXPR_INT, .n = 7},
		{.type = EXPR_NULL}, {.type = EXPR_REAL, .real = 2.5},
		{.type = EXPR_TEXT, .text = STR(" 12e1 ")}, {.type = EXPR_TEXT, .text = STR("")},
		{.type = EXPR_INT, .n = INT64_MAX}, {.type = EXPR_NULL}};

	(void)row;
	*out = values[column];
}

static uint64_t bits(double v)
{
	uint64_t n;

	memcpy(&n, &v, sizeof(n));
	return n;
}

static void compare(const struct expr_value *is, const struct expr_value *should)
{
	FUZZ_CHECK(should && is->type == should->type && expr_true(is) == expr_true(should));
	FUZZ_CHECK(is->type != EXPR_INT || is->n == should->n);
	FUZZ_CHECK(is->type != EXPR_REAL || bits(is->real) == bits(should->real));
	FUZZ_CHECK(is->type != EXPR_TEXT || str_eq(is->text, should->text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct expr_set *set = expr_new(columns, sizeof(columns) / sizeof(columns[0]), get);
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
