#include "core/mismatch.h"
#include "unit.h"

static bool is_number(const void *ctx, struct str name)
{
	(void)ctx;
	return str_is(name, "hour") || str_is(name, "amount");
}

static bool refused_as(const char *sql, bool affinity)
{
	struct buf why = BUF_INIT;
	bool is = mismatch_check(sql, affinity, is_number, NULL, &why) < 0;

	buf_release(&why);
	return is;
}

static bool refused(const char *sql)
{
	return refused_as(sql, false);
}

static void test_refused(void)
{
	CHECK(refused("amount <= '50'") && refused("'50' >= amount") &&
		refused("a and amount<>'x'"));
	CHECK(refused("hour between '8' and '9'") && refused("hour not between '8' and 9"));
	CHECK(refused("hour in (1, 'x')") && refused("hour not in ('x')"));
	CHECK(refused("hour is 'x'") && refused("hour is not 'x'") && refused("a - hour > 'x'"));
	CHECK(refused("(hour = 'x')") && refused("case when hour = 'x' then 1 end"));
}

static void test_let_be(void)
{
	CHECK(!refused("amount <= 50") && !refused("hour in (1, 2) and a in ('x')"));
	CHECK(!refused("a = '50'") && !refused("'a' = a and hour = 1") &&
		!refused("hour and 'a' = a"));
	CHECK(!refused("hour || ':00' > '08'") && !refused("'0' || hour = '05'"));
	CHECK(!refused("'08' < hour || ':00'") && !refused("amount > '5' - 1"));
	CHECK(!refused("f(hour) = 'x'") && !refused("'hour = ''x'''= a"));
	CHECK(!refused("case hour when 1 then 'a' else 'b' end = 'a'"));
	CHECK(!refused("") && !refused("hour") && !refused("hour in ()"));
}

static void test_affinity(void)
{
	CHECK(!refused_as("amount > '5'", true) && !refused_as("amount > ' -5.5 '", true));
	CHECK(refused_as("amount > '2026-01-01'", true) && refused_as("amount > ''", true));
}

int main(void)
{
	test_refused();
	test_let_be();
	test_affinity();
	return unit_end();
}
